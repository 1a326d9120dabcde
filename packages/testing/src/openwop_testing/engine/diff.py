"""Comparing two logs (v1.md section 15): a pure function of both."""

from __future__ import annotations

from typing import Any, Final

from openwop_testing._json import JsonObject, canonical
from openwop_testing.engine.log import LogEvent
from openwop_testing.engine.run import Run
from openwop_testing.render import Wire

__all__ = ["difference"]

# Ids of the log, clocks and transport data: what two equal runs differ in.
_IGNORED: Final = frozenset(
    {"runId", "writtenAt", "resolvedAt", "decidedAt", "durationMs", "traceId", "causationHostId"}
)


def _essence(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _essence(item)
            for name, item in value.items()  # pyright: ignore[reportUnknownVariableType]
            if name not in _IGNORED
        }
    if isinstance(value, list):
        return [_essence(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    return value


def _key(event: LogEvent) -> str:
    return canonical([event.type, _essence(event.payload)])


def difference(wire: Wire, a: Run, b: Run) -> JsonObject:
    """Return how the logs and the states of two runs differ."""
    diffs: list[JsonObject] = []
    for sequence in range(max(len(a.log), len(b.log))):
        left = a.log[sequence] if sequence < len(a.log) else None
        right = b.log[sequence] if sequence < len(b.log) else None
        if left is not None and right is not None:
            if _key(left) == _key(right):
                continue
            operation = "changed"
        else:
            operation = "removed" if right is None else "added"
        entry: JsonObject = {"seq": sequence, "op": operation}
        if left is not None:
            entry["aEvent"] = wire.event(a, left)
        if right is not None:
            entry["bEvent"] = wire.event(b, right)
        diffs.append(entry)
    document: JsonObject = {
        "a": wire.run_id(a),
        "b": wire.run_id(b),
        "divergedAtSeq": diffs[0]["seq"] if diffs else None,
        "eventDiffs": diffs,
        "stateDiff": _states(a, b),
    }
    if not (a.terminal and b.terminal):
        document["truncated"] = True
    return document


def _states(a: Run, b: Run) -> JsonObject:
    left, right = a.projection, b.projection
    changed: JsonObject = {}
    if left.status != right.status:
        changed["status"] = {"a": left.status, "b": right.status}
    for name, one, two in (
        ("variables", left.variables, right.variables),
        ("channels", left.channels, right.channels),
    ):
        members: JsonObject = {}
        for key in sorted(one.keys() | two.keys()):
            if canonical(one.get(key)) != canonical(two.get(key)) or (key in one) != (key in two):
                members[key] = {
                    side: bag[key] for side, bag in (("a", one), ("b", two)) if key in bag
                }
        if members:
            changed[name] = members
    return changed
