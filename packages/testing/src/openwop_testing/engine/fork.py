"""Forks: a new run that begins with the history of another (v1.md section 14, v2.md section 15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from openwop_testing._json import JsonObject, as_object, canonical, clone
from openwop_testing.engine import graph
from openwop_testing.engine.log import LogEvent
from openwop_testing.engine.run import Node, Options, Parent, Run

if TYPE_CHECKING:
    from openwop_testing.engine.scheduler import Engine

__all__ = ["compare", "fork"]

_ENDS = {
    "node.completed": "completed",
    "node.failed": "failed",
    "node.skipped": "skipped",
    "node.cancelled": "cancelled",
}


def fork(
    engine: Engine, source: Run, mode: str, from_seq: int, overlay: JsonObject, *, major: int
) -> Run:
    """Make a run that shares the history of *source* before *from_seq* and runs on from there.

    Args:
        engine: The engine.
        source: The run to fork.
        mode: `replay` takes recorded outcomes; `branch` does everything anew.
        from_seq: The first sequence that is not copied.
        overlay: The run options that a branch changes.
        major: The major of the caller.
    """
    run = engine.create(
        source.workflow,
        source.owner,
        _options(source.options, overlay),
        major=major,
        forked_from=Parent(source.run_id, mode),
        replaying=mode == "replay",
    )
    run.memo["copied"] = from_seq
    if mode == "replay":
        _record(source, run)
    if from_seq:
        _copy(source, run, from_seq)
        _restore(engine, source, run)
    return run


def _options(options: Options, overlay: JsonObject) -> Options:
    changes: JsonObject = {}
    if "configurable" in overlay:
        changes["configurable"] = {
            **(options.configurable or {}),
            **as_object(overlay["configurable"]),
        }
    for name in ("tags", "metadata"):
        if name in overlay:
            changes[name] = overlay[name]
    return attrs.evolve(options, **changes, scope_id=None)


def _record(source: Run, run: Run) -> None:
    """Note what a replay takes over: decisions, effects, and which calls were answered."""
    run.recorded = dict(source.memo.get("decisions", {}))
    run.recorded.update(source.recorded)
    effects: dict[tuple[str, int], JsonObject] = {}
    answered: dict[str, int] = {}
    outcomes: dict[str, list[LogEvent]] = {}
    attempts: dict[str, int] = {}
    for event in source.log:
        if event.node_id is None:
            continue
        if event.type in {"node.started", "node.retried"}:
            attempts[event.node_id] = int(event.payload.get("attempt", 0))
        if event.type in _ENDS:
            outcomes.setdefault(event.node_id, []).append(event)
        if event.type == "node.completed":
            node = source.nodes[event.node_id]
            if _is_effect(node):
                effects[(node.id, attempts.get(node.id, 0))] = clone(node.outputs)
            if node.type_id == "core.ai.structuredOutput":
                answered.setdefault(node.id, event.sequence)
    run.memo.update(
        recorded_effects=effects,
        answered=answered,
        answered_in=source.run_id,
        outcomes=outcomes,
        source=source.run_id,
    )


def _is_effect(node: Node) -> bool:
    return node.type_id == "core.conformance.side-effect" or bool(node.config.get("effect"))


def _copy(source: Run, run: Run, from_seq: int) -> None:
    """Copy the history: with ids of its own, and its payloads as they are."""
    renamed: dict[str, str] = {}
    for event in source.log[:from_seq]:
        fresh = run.mint.new("evt")
        renamed[event.event_id] = fresh
        cause = event.causation_id
        copied = attrs.evolve(
            event,
            event_id=fresh,
            run_id=run.run_id,
            causation_id=renamed.get(cause, cause) if cause is not None else None,
        )
        run.append(copied)


def _restore(engine: Engine, source: Run, run: Run) -> None:
    """Bring the engine's memory of a run to where its copied log ends."""
    back: set[int] = run.memo["back"]
    asked: dict[str, int] = {}
    unfinished: dict[str, int] = {}
    last_end: Node | None = None
    for event in run.log:
        node = run.nodes.get(event.node_id or "")
        if node is None:
            continue
        if event.type == "node.started":
            if node.ended:
                for name in graph.downstream(run, node.id, back):
                    run.nodes[name].status = "pending"
                run.loops[node.id] = run.loops.get(node.id, 0) + 1
            run.executions += 1
            unfinished[node.id] = asked.get(node.id, 0)
            last_end = None
        elif event.type == "interrupt.resolved":
            key = f"{node.id}:{asked.get(node.id, 1) - 1}"
            decisions: JsonObject = source.memo.get("decisions", {})
            known = decisions.get(key, source.recorded.get(key))
            if known is not None:
                run.recorded[key] = known
        elif event.type == "node.suspended":
            asked[node.id] = asked.get(node.id, 0) + 1
        elif event.type in _ENDS:
            _end(source, run, node, event)
            unfinished.pop(node.id, None)
            last_end = node
        elif event.type == "runOrchestrator.decided":
            run.memo["decision"] = (clone(event.payload["decision"]), event.event_id)
    for name, node in run.nodes.items():
        # A node that was cut off begins again, and asks its first question again.
        node.questions = unfinished.get(name, asked.get(name, 0))
        if name in unfinished:
            run.executions -= 1
            run.catching_up[name] = _since_start(run, name)
    _restore_variables(source, run)
    if last_end is not None and last_end.status == "completed":
        engine.loop_back(run, last_end)


def _since_start(run: Run, node_id: str) -> list[LogEvent]:
    """Return what the copied history tells of the last, unfinished execution of a node."""
    told = [event for event in run.log if event.node_id == node_id]
    starts = [index for index, event in enumerate(told) if event.type == "node.started"]
    return told[starts[-1] :]


def _end(source: Run, run: Run, node: Node, event: LogEvent) -> None:
    node.status = _ENDS[event.type]
    if event.type == "node.completed":
        run.memo["last"] = node.id
        shown = as_object(event.payload.get("outputs"))
        kept = source.nodes[node.id].outputs
        node.outputs = {
            port: kept.get(port) if value == "[REDACTED]" else clone(value)
            for port, value in shown.items()
        }
        if node.type_id in {"core.dispatch", graph.SUPERVISOR}:
            turns: dict[str, int] = run.memo.setdefault("turns", {})
            turns[node.id] = turns.get(node.id, 0) + 1
        if node.type_id == "core.dispatch":
            decision = run.memo.get("decision")
            if decision is not None and decision[0].get("kind") == "terminate":
                run.memo["terminated"] = True
    elif event.type == "node.failed":
        node.error = clone(event.payload["error"])


def _restore_variables(source: Run, run: Run) -> None:
    for name, value in run.projection.variables.items():
        # What is masked in the log is taken from the source's memory.
        hidden = name in run.sensitive and name in source.variables
        run.variables[name] = clone(source.variables[name] if hidden else value)


def compare(run: Run, node: Node, event: LogEvent) -> None:
    """Log that a replayed node ended otherwise than in the source; the run goes on."""
    outcomes: dict[str, list[LogEvent]] = run.memo.get("outcomes", {})
    remaining = outcomes.get(node.id, [])
    copied: int = run.memo.get("copied", 0)
    while remaining and remaining[0].sequence < copied:
        remaining.pop(0)
    if not remaining:
        return
    original = remaining.pop(0)
    if original.type == event.type and _outcome(original) == _outcome(event):
        return
    run.emit(
        "replay.diverged",
        {
            "sourceRunId": run.memo["source"],
            "atSequence": original.sequence,
            "originalEventId": original.event_id,
            "divergenceKind": "output" if original.type == event.type else "type-mismatch",
            "divergencePoint": event.type,
        },
        node=node.id,
    )


def _outcome(event: LogEvent) -> str:
    """Return what counts of an outcome: not the ids of child runs, which are always new."""
    outputs = as_object(event.payload.get("outputs"))
    kept = {
        name: value for name, value in outputs.items() if name not in {"childRunId", "children"}
    }
    return canonical([kept, as_object(event.payload.get("error")).get("code")])
