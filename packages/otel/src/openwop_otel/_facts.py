"""What bodies and answers tell that belongs on a span: ids, modes, never content."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

from opentelemetry.trace import SpanContext, TraceFlags

from openwop.wire import ConnectError, Response, TransportError, TransportTimeout

from . import _names as names

__all__ = [
    "action_of",
    "created_run",
    "fork_attributes",
    "host_context",
    "reason_of",
    "run_seconds",
    "seconds_between",
    "workflow_of",
]

_LARGEST: Final = 16 * 1024
_WORKFLOW: Final = re.compile(rb'\s*\{\s*"workflowId"\s*:\s*"([^"\\\x00-\x1f]{1,256})"')
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")
_ACTIONS: Final = frozenset(
    {
        *("accept", "reject", "refine", "edit-accept", "ask", "escalate"),
        *("request-changes", "override", "timeout"),
    }
)


def _members(body: bytes | None) -> Mapping[str, Any]:
    """Return the members of a small JSON object; nothing of anything else."""
    if not body or len(body) > _LARGEST:
        return {}
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else {}


def workflow_of(body: bytes | None) -> str | None:
    """Return the workflow that a request to create a run names."""
    if not body:
        return None
    # The client writes it first, so inputs of any size need not be parsed.
    match = _WORKFLOW.match(body)
    if match is not None:
        return match[1].decode("utf-8", "replace")
    return names.bounded(_members(body).get("workflowId"))


def created_run(body: bytes | None) -> str | None:
    """Return the run that an answer says it created."""
    return names.bounded(_members(body).get("runId"))


def fork_attributes(body: bytes | None) -> dict[str, str | int]:
    """Return how a run is forked, from the body of the request."""
    members = _members(body)
    found: dict[str, str | int] = {}
    mode, start = names.bounded(members.get("mode")), members.get("fromSeq")
    if mode is not None:
        found[names.REPLAY_MODE] = mode
    if isinstance(start, int) and not isinstance(start, bool):
        found[names.REPLAY_FROM_SEQ] = start
    return found


def action_of(body: bytes | None) -> str | None:
    """Return the action of a decision, where it is one that the protocol names."""
    value = _members(body).get("resumeValue")
    if not isinstance(value, Mapping):
        return None
    action = cast("Mapping[str, Any]", value).get("action")
    return action if isinstance(action, str) and action in _ACTIONS else None


def host_context(response: Response) -> SpanContext | None:
    """Return the span that the host names in the `traceparent` of its answer, if it names one."""
    header = response.headers.get("traceparent")
    match = _TRACEPARENT.fullmatch(header.strip()) if header else None
    if match is None:
        return None
    found = SpanContext(
        int(match[1], 16),
        int(match[2], 16),
        is_remote=True,
        trace_flags=TraceFlags(int(match[3], 16)),
    )
    return found if found.is_valid else None


def reason_of(outcome: Response | TransportError) -> str:
    """Return why another request follows: a status, or how the exchange broke."""
    if isinstance(outcome, Response):
        return str(outcome.status_code)
    if isinstance(outcome, TransportTimeout):
        return "timeout"
    return "connect" if isinstance(outcome, ConnectError) else "broken"


def seconds_between(start: object, end: object) -> float | None:
    """Return the seconds between two timestamps of the wire; None where they tell nothing."""
    first, last = moment(start), moment(end)
    if first is None or last is None:
        return None
    try:
        seconds = (last - first).total_seconds()
    except TypeError:  # one has an offset, and the other has none
        return None
    return seconds if seconds >= 0 else None


def moment(timestamp: object) -> datetime | None:
    """Return the instant that a timestamp of the wire stands for."""
    if not isinstance(timestamp, str):
        return None
    try:
        return datetime.fromisoformat(timestamp)
    except ValueError:
        return None


def run_seconds(first: object, last: object) -> tuple[float, str] | None:
    """Return how long a run took and how it ended, from the first and last event of its stream.

    Args:
        first: The first event that was handed out.
        last: The last one.

    Returns:
        Seconds by the host's clock and the type of the last event; None where the stream was not
        the whole run.
    """
    if getattr(first, "type", None) != "run.started" or not getattr(last, "TERMINAL", False):
        return None
    seconds = seconds_between(getattr(first, "timestamp", None), getattr(last, "timestamp", None))
    return None if seconds is None else (seconds, str(getattr(last, "type", "")))
