"""Answers of major 1 in the shape of major 2, so that a program reads one shape (v1-to-v2.md).

Only what differs is touched; the answer as it came is at hand through `with_raw_response`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

__all__ = ["reshape"]

_TERMINAL: Final = frozenset({"completed", "failed", "cancelled"})
# Members of the root that are no families, so that `supported` in them would mean something else.
_METADATA: Final = frozenset(
    {
        "implementation",
        "limits",
        "configurable",
        "testing",
        "extensions",
        "capabilities",
        "conformance",
    }
)


def reshape(operation_id: str, data: Any) -> Any:
    """Return the answer of an operation of major 1 as major 2 would have given it.

    Args:
        operation_id: The operation.
        data: Its answer as decoded from JSON.
    """
    change = _CHANGES.get(operation_id)
    return (
        data if change is None or type(data) is not dict else change(cast("dict[str, Any]", data))
    )


def _run(data: dict[str, Any]) -> dict[str, Any]:
    version = data.get("engineVersion")
    if isinstance(version, str) and version.isascii() and version.isdigit() and len(version) < 19:
        return {**data, "engineVersion": int(version)}
    return data


def _poll(data: dict[str, Any]) -> dict[str, Any]:
    status = data.get("status", data.get("runStatus"))
    ended = data.get("isComplete") is True or data.get("isTerminal") is True or status in _TERMINAL
    shaped = {**data, "isTerminal": ended}
    if isinstance(status, str):
        shaped["status"] = status
    last = data.get("lastSequence", data.get("lastEventSeq"))
    if last is None:
        last = _last_of(data.get("events"))
    if last is not None:
        shaped["lastSequence"] = last
    return shaped


def _last_of(events: Any) -> int | None:
    """Return the highest sequence among *events*, where they have any."""
    found: list[int] = []
    for event in cast("list[Any]", events) if isinstance(events, list) else []:
        if isinstance(event, Mapping):
            members = cast("Mapping[str, Any]", event)
            sequence = members.get("sequence", members.get("seq"))
            if type(sequence) is int:
                found.append(sequence)
    return max(found, default=None)


def _capabilities(data: dict[str, Any]) -> dict[str, Any]:
    wrapper = data.get("capabilities")
    lifted = dict(cast("Mapping[str, Any]", wrapper)) if isinstance(wrapper, Mapping) else {}
    shaped = {**lifted, **data}
    for name in list(shaped):
        value = shaped[name]
        if name in _METADATA or not isinstance(value, Mapping):
            continue
        if cast("Mapping[str, Any]", value).get("supported") is False:
            del shaped[name]  # in major 2, what is not there is not offered
    if isinstance(shaped.get("supportedEnvelopes"), list):
        shaped["supportedEnvelopes"] = {"kinds": shaped["supportedEnvelopes"]}
    versions = shaped.get("schemaVersions")
    if isinstance(versions, Mapping) and "kinds" not in versions:
        shaped["schemaVersions"] = {"kinds": versions}
    if isinstance(shaped.get("envelopeStrictness"), str):
        shaped["envelopeStrictness"] = {"mode": shaped["envelopeStrictness"]}
    if isinstance(shaped.get("conversationPrimitive"), bool):
        if shaped["conversationPrimitive"]:
            shaped["conversationPrimitive"] = {}
        else:
            del shaped["conversationPrimitive"]
    single = shaped.get("protocolVersion")
    if "protocolVersions" not in shaped and isinstance(single, str):
        shaped["protocolVersions"] = [single]
    return shaped


_CHANGES: Final[Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "getCapabilities": _capabilities,
    "getRun": _run,
    "pollRunEvents": _poll,
}
