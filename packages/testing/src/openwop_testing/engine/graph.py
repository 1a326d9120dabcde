"""The graph of a run: which node may start, which is skipped, which edge loops back.

See v1-workflows.md sections 2.3 and 6.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from openwop_testing.engine.effects import NodeError
from openwop_testing.engine.expressions import holds
from openwop_testing.engine.run import Edge, Run

__all__ = ["SUPERVISOR", "Verdict", "back_edges", "downstream", "handles_failure", "verdict"]

SUPERVISOR = "core.orchestrator.supervisor"
Verdict: TypeAlias = Literal["wait", "start", "skip"]
_State: TypeAlias = Literal["open", "taken", "untaken", "failed", "skipped"]


def back_edges(run: Run) -> set[int]:
    """Return the indices of the edges that lead back to a node they come from."""
    targets: dict[str, list[tuple[int, str]]] = {}
    for index, edge in enumerate(run.edges):
        targets.setdefault(edge.source, []).append((index, edge.target))
    incoming = {edge.target for edge in run.edges}
    # A loop that nothing leads into begins at its supervisor, else at its first node.
    order = sorted(
        run.nodes, key=lambda name: (name in incoming, run.nodes[name].type_id != SUPERVISOR)
    )
    back: set[int] = set()
    done: set[str] = set()
    for start in order:
        if start in done:
            continue
        path: list[str] = [start]
        active = {start}
        walks = [iter(targets.get(start, []))]
        while walks:
            step = next(walks[-1], None)
            if step is None:
                walks.pop()
                finished = path.pop()
                active.discard(finished)
                done.add(finished)
                continue
            index, target = step
            if target in active:
                back.add(index)
            elif target not in done:
                path.append(target)
                active.add(target)
                walks.append(iter(targets.get(target, [])))
    return back


def downstream(run: Run, start: str, back: set[int]) -> set[str]:
    """Return *start* and every node that it leads to without looping back."""
    reached = {start}
    frontier = [start]
    while frontier:
        here = frontier.pop()
        for index, edge in enumerate(run.edges):
            if edge.source == here and index not in back and edge.target not in reached:
                reached.add(edge.target)
                frontier.append(edge.target)
    return reached


def handles_failure(run: Run, node_id: str) -> bool:
    """Tell whether an edge takes over when the node fails."""
    return any(
        edge.source == node_id and edge.rule in {"any_failed", "all_complete"} for edge in run.edges
    )


def _state(run: Run, edge: Edge) -> _State:
    source = run.nodes.get(edge.source)
    if source is None or not source.ended:
        return "open"
    if source.status in {"failed", "cancelled"}:
        return "failed"
    if source.status == "skipped" and not source.definition.get("disabled"):
        return "skipped"
    return "taken" if holds(edge.condition, run) else "untaken"


def verdict(run: Run, node_id: str, incoming: list[Edge]) -> tuple[Verdict, str]:
    """Say what becomes of a node that has not started, and why where it is skipped.

    Raises:
        NodeError: The condition of an edge cannot be evaluated.
    """
    if run.nodes[node_id].definition.get("disabled"):
        waits = any(_state(run, edge) == "open" for edge in incoming)
        return ("wait", "") if waits else ("skip", "disabled")
    if not incoming:
        return "start", ""
    rule = next((edge.rule for edge in incoming if edge.rule != "all_success"), "all_success")
    states: list[_State] = [_state(run, edge) for edge in incoming]
    still_open = "open" in states
    if rule == "any_success":
        if "taken" in states:
            return "start", ""
    elif rule == "any_failed":
        if "failed" in states:
            return "start", ""
    elif rule == "all_complete":
        if not still_open:
            return _unless_untaken(states)
    elif rule == "none_failed":
        if "failed" in states:
            return "skip", "a preceding node failed"
        if not still_open:
            return _unless_untaken(states)
    elif rule == "all_success":
        if all(state == "taken" for state in states):
            return "start", ""
        if not still_open:
            return "skip", "branch not taken" if "untaken" in states else "trigger rule not met"
    else:
        raise NodeError("node_config_invalid", f"{rule!r} is not a trigger rule.")
    return ("wait", "") if still_open else ("skip", "trigger rule not met")


def _unless_untaken(states: list[_State]) -> tuple[Verdict, str]:
    if all(state == "untaken" for state in states):
        return "skip", "branch not taken"
    return "start", ""
