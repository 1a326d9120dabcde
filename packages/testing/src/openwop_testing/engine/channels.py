"""Typed channels and their reducers (v1-workflows.md section 4)."""

from __future__ import annotations

from typing import Any, Final

from openwop_testing._json import (
    JsonObject,
    as_list,
    as_object,
    clone,
    is_list,
    is_number,
    is_object,
)

__all__ = ["REDUCERS", "declaration", "fold"]

REDUCERS: Final = frozenset(
    {"replace", "append", "merge", "counter", "votes", "feedback", "message"}
)


def declaration(workflow: JsonObject, channel: str) -> JsonObject:
    """Return what a workflow declares about a channel."""
    return as_object(as_object(workflow.get("channels")).get(channel))


def fold(
    reducer: str, state: Any, value: Any, *, at_ms: float, ttl_ms: Any = None, most: Any = None
) -> Any:
    """Return the state of a channel after a write.

    Args:
        reducer: The reducer's name; an unknown one replaces.
        state: The state before; None at the first write.
        value: What is written.
        at_ms: The moment of the write, in epoch milliseconds.
        ttl_ms: How long entries live, in milliseconds; expired ones go when something is written.
        most: How many entries a list keeps, the newest.
    """
    value = clone(value)
    if reducer in {"append", "feedback"}:
        items = _alive(as_list(state), at_ms, ttl_ms)
        items.append({"value": value, "_ts": at_ms} if is_number(ttl_ms) else value)
        return items[-int(most) :] if is_number(most) else items
    if reducer == "message":
        return _message(as_list(state), value, most)
    if reducer == "merge":
        return {**as_object(state), **as_object(value)}
    if reducer == "counter":
        return (state if is_number(state) else 0) + (value if is_number(value) else 0)
    if reducer == "votes":
        return _votes(as_list(state), as_object(value))
    return {"value": value, "_ts": at_ms} if is_number(ttl_ms) else value


def _alive(items: list[Any], at_ms: float, ttl_ms: Any) -> list[Any]:
    if not is_number(ttl_ms):
        return list(items)
    return [item for item in items if at_ms - as_object(item).get("_ts", at_ms) < ttl_ms]


def _message(items: list[Any], value: Any, most: Any) -> list[Any]:
    known = {as_object(item).get("messageId") for item in items}
    written = as_list(value) if is_list(value) else [value]
    kept = list(items)
    for message in as_list(written):
        identity = as_object(message).get("messageId")
        if identity is None or identity not in known:
            kept.append(message)
            known.add(identity)
    return kept[-int(most) :] if is_number(most) else kept


def _votes(items: list[Any], vote: JsonObject) -> list[Any]:
    voter = vote.get("voter", vote.get("voterId"))
    others = [item for item in items if not is_object(item) or _voter(item) != voter]
    return [*others, vote]


def _voter(vote: JsonObject) -> Any:
    return vote.get("voter", vote.get("voterId"))
