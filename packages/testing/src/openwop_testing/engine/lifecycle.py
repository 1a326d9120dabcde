"""Beginning, ending, pausing, resuming and cancelling a run.

See v1.md sections 8, 16 and 17, and v2.md sections 8 and 11.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from openwop_testing._json import JsonObject, as_object, clone, is_number
from openwop_testing.clock import timestamp
from openwop_testing.engine.effects import NodeError
from openwop_testing.engine.run import Node, Run

if TYPE_CHECKING:
    from openwop_testing.engine.scheduler import Engine

__all__ = [
    "begin",
    "breach",
    "cancel",
    "complete",
    "fail",
    "node_limit",
    "pause",
    "resume",
    "try_pause",
]


def begin(engine: Engine, run: Run) -> None:
    """Log that the run has started, and set its clock."""
    options = run.options
    payload: JsonObject = {
        "workflowId": run.workflow_id,
        "inputs": run.masked(options.inputs),
        "transport": "rest",
        "engineVersion": str(run.engine_version),
        "owner": {
            "tenant": run.owner.tenant,
            "workspace": run.owner.workspace,
            "principal": run.owner.principal,
        },
    }
    if options.tags is not None:
        payload["tags"] = list(options.tags)
    if options.metadata is not None:
        payload["metadata"] = clone(options.metadata)
    run.emit("run.started", payload, cause=run.cause)
    delivered = run.memo.pop("trigger", None)
    if delivered is not None:
        run.emit("trigger.delivery.attempted", delivered)
    limit_ms = _duration_limit(engine, run)
    if limit_ms is not None:
        # A breach is seen just after the limit, never at it.
        run.deadline = run.clock.after(
            (limit_ms + 1) / 1000, lambda: _out_of_time(engine, run, limit_ms), gives_up=True
        )


def _configured(run: Run, name: str) -> float | None:
    configurable = run.options.configurable or {}
    value = configurable.get(name, as_object(configurable.get("run")).get(name))
    return value if is_number(value) else None


def _duration_limit(engine: Engine, run: Run) -> int | None:
    limits = [
        _configured(run, "runTimeoutMs"),
        engine.limits().get("maxRunDurationMs"),
        run.setting("timeout") or None,
    ]
    known = [int(limit) for limit in limits if limit is not None]
    return min(known) if known else None


def node_limit(engine: Engine, run: Run) -> int:
    """Return how many nodes the run may start."""
    host = int(engine.limits().get("maxNodeExecutions", 100))
    asked = _configured(run, "recursionLimit")
    return host if asked is None else min(host, int(asked))


def _out_of_time(engine: Engine, run: Run, limit_ms: int) -> None:
    if not run.terminal:
        breach(engine, run, "run-duration", limit_ms, run.elapsed_ms(), None)


_BREACHES = {
    "node-executions": ("recursion_limit_exceeded", "The run started more nodes than it may."),
    "run-duration": ("run_timeout", "The run took longer than it may."),
    "loop-iterations": ("loop_limit_exceeded", "The run looped more often than it may."),
}


def breach(
    engine: Engine, run: Run, kind: str, limit: int, observed: int, node_id: str | None
) -> None:
    """End the run because a cap was exceeded; nothing is scheduled afterwards."""
    payload: JsonObject = {"kind": kind, "limit": limit, "observed": observed}
    if node_id is not None:
        payload["nodeId"] = node_id
    run.emit("cap.breached", payload, node=node_id)
    code, message = _BREACHES[kind]
    details: JsonObject = {"limit": limit}
    if kind == "run-duration":
        details = {"elapsedMs": observed}
    elif kind == "loop-iterations":
        details = {"iteration": observed}
    fail(engine, run, NodeError(code, message, details=details).document(), node_id)


def complete(engine: Engine, run: Run) -> None:
    """End the run well."""
    run.emit("run.completed", {"outputs": clone(_outputs(run)), "durationMs": run.elapsed_ms()})
    _ended(engine, run, "resolved")


def _outputs(run: Run) -> JsonObject:
    states = run.projection.node_states
    primary = [
        node
        for node in run.nodes.values()
        if node.definition.get("outputRole") == "primary" and node.status == "completed"
    ]
    chosen = primary[0].id if primary else run.memo.get("last")
    return as_object(states.get(str(chosen), {}).get("outputs"))


def fail(engine: Engine, run: Run, error: JsonObject, node_id: str | None) -> None:
    """End the run with *error*; what was still going on is cancelled."""
    if run.terminal:
        return
    _stop_nodes(run, "run failed")
    payload: JsonObject = {"error": error, "durationMs": run.elapsed_ms()}
    if node_id is not None:
        payload["failedNodeId"] = node_id
    run.emit("run.failed", payload, node=None)
    _ended(engine, run, "resolved")


def cancel(
    engine: Engine, run: Run, *, reason: str | None, by: str | None, parent: str | None = None
) -> None:
    """Cancel a run that has not ended, and the children that go with it."""
    if run.terminal:
        return
    if not run.log:
        begin(engine, run)
    _stop_nodes(run, "run cancelled")
    payload: JsonObject = {"durationMs": run.elapsed_ms()}
    if reason is not None:
        payload["reason"] = reason
    if by is not None:
        payload["cancelledBy"] = by
    if parent is not None:
        payload["parentRunId"] = parent
    run.emit("run.cancelled", payload)
    _ended(engine, run, "cancelled" if parent is None else "gone")


def _stop_nodes(run: Run, reason: str) -> None:
    for node in run.running():
        if node.timer is not None:
            node.timer.cancel()
        if node.program is not None:
            node.program.close()
            node.program = None
        node.status = "cancelled"
        run.emit("node.cancelled", {"nodeId": node.id, "reason": reason}, node=node.id)


def _ended(engine: Engine, run: Run, interrupts: str) -> None:
    if run.deadline is not None:
        run.deadline.cancel()
    for interrupt in run.interrupts.values():
        if interrupt.timer is not None:
            interrupt.timer.cancel()
        if interrupt.state == "pending":
            interrupt.state = interrupts
    # A child that nobody waits for outlives a parent that ended well.
    for child_id in run.children if run.status != "completed" else ():
        child = engine.runs[child_id]
        if not child.terminal and child.parent is not None and child.parent.propagate_cancel:
            cancel(engine, child, reason="parent-cancelled", by=None, parent=run.run_id)
    if run.parent is not None:
        parent = engine.runs[run.parent.run_id]
        for node in parent.nodes.values():
            if node.joined == run.run_id and not parent.terminal:
                node.joined = None
                engine.resume(parent, node, run)
    engine.families[run.clock] -= 1
    if not engine.families[run.clock]:
        del engine.families[run.clock]
        engine.clock.retire(run.clock)


def pause(engine: Engine, run: Run, *, reason: str | None, policy: str) -> None:
    """Ask a run to pause; it pauses at once, or when the nodes that are running have ended."""
    payload: JsonObject = {"drainPolicy": policy}
    if reason is not None:
        payload["reason"] = reason
    if not run.log:
        begin(engine, run)
    if policy == "immediate":
        for node in run.running():
            if node.status == "running" and node.timer is not None:
                node.timer.cancel()
                node.timer = None
                if node.program is not None:
                    node.program.close()
                    node.program = None
                node.held = _restarter(engine, run, node)
                payload.setdefault("interruptedNodeId", node.id)
                payload.setdefault("interruptedAttempt", node.attempt + 1)
    run.pause_wanted = payload
    try_pause(run)


def _restarter(engine: Engine, run: Run, node: Node) -> Callable[[], None]:
    return lambda: engine.start(run, node, attempt=node.attempt + 1)


def try_pause(run: Run) -> None:
    """Let a wanted pause take effect once nothing is running that has to be waited for."""
    if run.pause_wanted is None or run.terminal:
        return
    busy = [
        node
        for node in run.running()
        if node.status == "running" and node.joined is None and node.held is None
    ]
    if busy:
        return
    payload, run.pause_wanted = run.pause_wanted, None
    run.paused_at = run.clock.now()
    run.emit("run.paused", payload)


def resume(engine: Engine, run: Run) -> str:
    """Let a paused run go on; return the moment at which it did."""
    run.paused_at = None
    at = timestamp(run.clock.now())
    run.emit("run.resumed", {})
    for node in run.nodes.values():
        held, node.held = node.held, None
        if held is not None and not run.terminal:
            held()
    engine.wake(run)
    return at
