"""A run's events drawn as spans, for hosts that export none of their own.

The names are the protocol's (v1.md §20): `openwop.run`, `openwop.node.<typeId>` with one
`.attempt` below it for each attempt of a node that was retried, and `openwop.interrupt`.  Times are
the host's, as the events carry them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any, Final, cast

import attrs
from opentelemetry.context import Context
from opentelemetry.trace import Span, Status, StatusCode, Tracer, set_span_in_context

from . import _facts, _names as names
from ._content import Capture
from ._genai import Value, usage_attributes

__all__ = ["RunRenderer"]

_MOST_OPEN: Final = 1000
_LONGEST: Final = 366 * 86_400_000  # a year in milliseconds
_SUMMED: Final = ("gen_ai.usage.", "openwop.cost.tokens.", "openwop.cost.usd")
_NODE_ENDS: Final = frozenset({"node.completed", "node.failed", "node.skipped", "node.cancelled"})


@attrs.define
class _Node:
    """A node that is being executed."""

    span: Span
    name: str
    started: int
    usage: dict[str, Value] = attrs.field(factory=dict[str, Value])
    attempt: Span | None = None
    attempt_started: int = 0
    interrupt: Span | None = None


class RunRenderer:
    """Makes spans of the events of one run.

    Works on any events in their order: those of a stream, of a poll, of webhook deliveries.

        renderer = RunRenderer(tracer)
        for event in events:
            renderer.feed(event)
        renderer.close()

    Args:
        tracer: Makes the spans.
        context: The context whose span the run's span is a child of; the current one by default.
        capture: Puts payloads into a form that spans take; None leaves them out.
    """

    def __init__(
        self, tracer: Tracer, *, context: Context | None = None, capture: Capture | None = None
    ) -> None:
        self._tracer = tracer
        self._context = context
        self._capture = capture
        self._run: Span | None = None
        self._within: Context | None = None
        self._nodes: dict[str, _Node] = {}
        self._clock = 0
        self._began = 0

    def feed(self, event: Any) -> None:
        """Draw one event.

        Args:
            event: An event of the run, as a stream or a poll gives it.
        """
        kind = getattr(event, "type", "")
        if kind == "state.snapshot" or not isinstance(kind, str):
            return
        at = self._time(event)
        raw = getattr(event, "raw_payload", None)
        payload: Mapping[str, Any] = (
            cast("Mapping[str, Any]", raw) if isinstance(raw, Mapping) else dict[str, Any]()
        )
        run = self._open_run(event, payload, at)
        node_id = names.bounded(payload.get("nodeId")) or names.bounded(
            getattr(event, "node_id", None)
        )
        if node_id is not None and kind.startswith(("node.", "interrupt.")):
            self._on_node(kind, node_id, payload, at)
        elif kind == "provider.usage":
            self._on_usage(node_id, payload)
        elif kind == "cap.breached":
            run.add_event(kind, _cap(payload), timestamp=at)
        if getattr(event, "TERMINAL", False):
            self._end_run(kind, payload)

    def close(self) -> None:
        """End what is still open, at the time of the last event."""
        for node_id in list(self._nodes):
            self._end_node(node_id, self._clock)
        if self._run is not None:
            self._run.end(self._clock or None)
            self._run = None

    # -- the run --------------------------------------------------------------------------------

    def _time(self, event: Any) -> int:
        """Return when an event happened, in nanoseconds; never before the one in front of it."""
        found = _facts.moment(getattr(event, "timestamp", None))
        if found is not None:
            aware = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
            self._clock = max(self._clock, int(aware.timestamp() * 1_000_000) * 1000)
        if not self._clock:
            import time

            self._clock = time.time_ns()
        return self._clock

    def _open_run(self, event: Any, payload: Mapping[str, Any], at: int) -> Span:
        if self._run is None:
            self._began = at
            attributes: dict[str, Value] = {}
            run_id = names.bounded(getattr(event, "run_id", None))
            if run_id is not None:
                attributes[names.RUN_ID] = run_id
            workflow = names.bounded(payload.get("workflowId"))
            if workflow is not None and event.type == "run.started":
                attributes[names.WORKFLOW_ID] = workflow
            self._run = self._tracer.start_span(
                "openwop.run", self._context, attributes=attributes, start_time=at
            )
            self._within = set_span_in_context(self._run, self._context)
            self._show(self._run, payload)
        return self._run

    def _end_run(self, kind: str, payload: Mapping[str, Any]) -> None:
        run = self._run
        assert run is not None
        run.set_attribute(names.RUN_OUTCOME, kind)
        if kind == "run.failed":
            _fail(run, payload)
        self.close()

    # -- nodes ----------------------------------------------------------------------------------

    def _on_node(self, kind: str, node_id: str, payload: Mapping[str, Any], at: int) -> None:
        if kind == "node.started":
            self._open_node(node_id, names.bounded(payload.get("typeId")), payload, at)
            return
        node = self._nodes.get(node_id)
        if node is None:
            if kind == "interrupt.resolved" or kind in {"node.skipped", "node.resumed"}:
                return
            # A mode without `node.started`: the end tells how long it took.
            start = max(self._began, at - _nanoseconds(payload.get("durationMs")))
            node = self._open_node(node_id, None, payload, start)
        if kind == "node.retried":
            self._retry(node, payload, at)
        elif kind in {"node.suspended", "interrupt.requested"}:
            self._suspend(node, node_id, payload, at)
        elif kind in {"node.resumed", "interrupt.resolved"}:
            self._resume(node, at)
        elif kind in _NODE_ENDS:
            if kind == "node.failed":
                _fail(node.span, payload)
                if node.attempt is not None:
                    _fail(node.attempt, payload)
            self._show(node.span, payload)
            self._end_node(node_id, at)

    def _open_node(
        self, node_id: str, type_id: str | None, payload: Mapping[str, Any], at: int
    ) -> _Node:
        if node_id in self._nodes:
            self._end_node(node_id, at)
        if len(self._nodes) >= _MOST_OPEN:
            self._end_node(next(iter(self._nodes)), at)
        name = f"openwop.node.{type_id}" if type_id else "openwop.node"
        attributes: dict[str, Value] = {names.NODE_ID: node_id}
        if type_id:
            attributes[names.NODE_TYPE] = type_id
        attempt = payload.get("attempt")
        if isinstance(attempt, int) and not isinstance(attempt, bool):
            attributes[names.NODE_ATTEMPT] = attempt
        span = self._tracer.start_span(name, self._within, attributes=attributes, start_time=at)
        node = self._nodes[node_id] = _Node(span, name, at)
        return node

    def _retry(self, node: _Node, payload: Mapping[str, Any], at: int) -> None:
        """End the attempt that failed and begin the next one after its delay."""
        within = set_span_in_context(node.span, self._within)
        number = payload.get("attempt")
        count = number if isinstance(number, int) and not isinstance(number, bool) else 1
        failed = node.attempt
        if failed is None:
            failed = self._tracer.start_span(
                f"{node.name}.attempt",
                within,
                attributes={names.NODE_ATTEMPT: max(0, count - 1)},
                start_time=node.started,
            )
        last = payload.get("lastError")
        _fail(failed, {"error": last})
        failed.end(max(at, node.attempt_started))
        node.attempt_started = at + _nanoseconds(payload.get("delayMs"))
        node.attempt = self._tracer.start_span(
            f"{node.name}.attempt",
            within,
            attributes={names.NODE_ATTEMPT: count},
            start_time=node.attempt_started,
        )

    def _suspend(self, node: _Node, node_id: str, payload: Mapping[str, Any], at: int) -> None:
        attributes: dict[str, Value] = {names.NODE_ID: node_id}
        for member, attribute in (
            ("kind", names.INTERRUPT_KIND),
            ("interruptId", names.INTERRUPT_ID),
        ):
            text = names.bounded(payload.get(member))
            if text is not None:
                attributes[attribute] = text
        if node.interrupt is not None:  # `node.suspended` and `interrupt.requested` are one thing
            node.interrupt.set_attributes(attributes)
            return
        node.interrupt = self._tracer.start_span(
            "openwop.interrupt",
            set_span_in_context(node.span, self._within),
            attributes=attributes,
            start_time=at,
        )

    @staticmethod
    def _resume(node: _Node, at: int) -> None:
        if node.interrupt is not None:
            node.interrupt.end(at)
            node.interrupt = None

    def _end_node(self, node_id: str, at: int) -> None:
        node = self._nodes.pop(node_id)
        self._resume(node, at)
        if node.attempt is not None:
            node.attempt.end(max(at, node.attempt_started))
        node.span.end(at)

    # -- what they say --------------------------------------------------------------------------

    def _on_usage(self, node_id: str | None, payload: Mapping[str, Any]) -> None:
        """Put what a model call used on its node, or on the run; several calls add up."""
        found = usage_attributes(payload)
        node = self._nodes.get(node_id) if node_id is not None else None
        if node is None:
            if self._run is not None:
                self._run.set_attributes(found)
            return
        for name, value in found.items():
            before = node.usage.get(name)
            if (
                name.startswith(_SUMMED)
                and isinstance(value, (int, float))
                and isinstance(before, (int, float))
            ):
                node.usage[name] = before + value
            else:
                node.usage[name] = value
        node.span.set_attributes(node.usage)

    def _show(self, span: Span, payload: Mapping[str, Any]) -> None:
        if self._capture is not None:
            shown = self._capture.value(payload)
            if shown is not None:
                span.set_attribute(names.PAYLOAD, shown)


def _nanoseconds(milliseconds: object) -> int:
    """Return a duration of the wire in nanoseconds; 0 where it is none that a run could have."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, (int, float)):
        return 0
    return int(milliseconds * 1_000_000) if 0 < milliseconds <= _LONGEST else 0


def _cap(payload: Mapping[str, Any]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    kind = names.bounded(payload.get("kind"))
    if kind is not None:
        found["openwop.cap_kind"] = kind
    for member in ("limit", "observed"):
        value = payload.get(member)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            found[f"openwop.cap_{member}"] = value
    return found


def _fail(span: Span, payload: Mapping[str, Any]) -> None:
    """Mark a span as failed, by the code of the error; its message may quote inputs."""
    error = payload.get("error")
    code: str | None = None
    if isinstance(error, Mapping):
        code = names.bounded(cast("Mapping[str, Any]", error).get("code"))
    span.set_status(Status(StatusCode.ERROR, code))
    span.set_attribute(names.ERROR_TYPE, code or "_OTHER")
