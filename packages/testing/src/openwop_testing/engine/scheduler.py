"""The engine: starts nodes, drives their programs, ends runs.

It is single-threaded and deterministic: whoever calls it holds the host's lock, and nothing in it
waits.  See v1-workflows.md section 2 for the rules, v1-events.md sections 2 and 5 for the order of
what it logs.
"""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from openwop_testing._json import JsonObject, as_list, as_object, clone
from openwop_testing.clock import RunClock, VirtualClock
from openwop_testing.engine import graph, lifecycle, suspension
from openwop_testing.engine.context import NodeContext
from openwop_testing.engine.effects import (
    CapError,
    Effect,
    Join,
    NodeError,
    NodeFunction,
    Program,
    Spawn,
    Suspend,
    Wait,
)
from openwop_testing.engine.expressions import holds
from openwop_testing.engine.fork import compare
from openwop_testing.engine.projection import Projection
from openwop_testing.engine.run import Edge, Node, Options, Owner, Parent, Run, edges_of
from openwop_testing.engine.services import Services
from openwop_testing.ids import Mint
from openwop_testing.tracing import TraceContext

__all__ = ["Engine", "Limits"]

Limits = Mapping[str, Any]
ENGINE_VERSION: Final = 2


class Engine:
    """Executes the runs of one host.

    Args:
        clock: The host's clock.
        mint: Makes the ids.
        limits: The host's limits, as discovery shows them.
        workflows: Finds the definition of a workflow.
        types: Finds what a node type does.
        list_workflows: Lists the ids of the workflows.
        services: What the host offers to nodes.

    Attributes:
        trace: The trace of the request that is being answered, which runs made now belong to.
    """

    def __init__(
        self,
        clock: VirtualClock,
        mint: Mint,
        limits: Callable[[], Limits],
        workflows: Callable[[str], JsonObject | None],
        types: Callable[[Run, Node], NodeFunction | None],
        list_workflows: Callable[[], list[str]],
        services: Services,
    ) -> None:
        self.clock = clock
        self.mint = mint
        self.limits = limits
        self.find_workflow = workflows
        self.find_type = types
        self.list_workflows = list_workflows
        self.services = services
        self.runs: dict[str, Run] = {}
        self.created: list[Callable[[Run], None]] = []
        self.families: dict[RunClock, int] = {}
        self.trace: TraceContext | None = None
        self._ready: deque[Run] = deque()
        self._settling = False

    def create(
        self,
        workflow: JsonObject,
        owner: Owner,
        options: Options,
        *,
        major: int,
        parent: Parent | None = None,
        omit: frozenset[str] = frozenset(),
        cause: str | None = None,
        run_id: str = "",
        forked_from: Parent | None = None,
        replaying: bool = False,
    ) -> Run:
        """Make a run, still pending: nothing is in its log until the engine settles."""
        family = self.runs[parent.run_id] if parent is not None else None
        variables: JsonObject = {}
        sensitive: set[str] = set()
        for declared in as_list(workflow.get("variables")):
            if "defaultValue" in declared and declared["name"] not in omit:
                variables[declared["name"]] = clone(declared["defaultValue"])
            if declared.get("sensitive"):
                sensitive.add(declared["name"])
        variables.update(clone(options.inputs))
        shown = {
            name: "[REDACTED]" if name in sensitive else clone(value)
            for name, value in variables.items()
        }
        run = Run(
            run_id=run_id or self.mint.new("run"),
            workflow=workflow,
            owner=owner,
            options=options,
            clock=family.clock if family is not None else self.clock.new_run_clock(),
            mint=self.mint,
            major=major,
            engine_version=(
                options.engine_version if options.engine_version is not None else ENGINE_VERSION
            ),
            parent=parent,
            forked_from=forked_from,
            replaying=replaying,
            cause=cause,
            created_at=self.clock.now(),
            projection=Projection(variables=shown, workflow=workflow),
            variables=variables,
            sensitive=frozenset(sensitive),
            trace=family.trace if family is not None else self.trace,
        )
        run.initial = run.projection.copy()
        run.nodes = {str(node["id"]): Node(node) for node in as_list(workflow["nodes"])}
        run.edges = edges_of(workflow)
        run.memo["back"] = graph.back_edges(run)
        self.runs[run.run_id] = run
        self.families[run.clock] = self.families.get(run.clock, 0) + 1
        for listener in self.created:
            listener(run)
        self.wake(run)
        return run

    def wake(self, run: Run) -> None:
        """Note that *run* may have something to do."""
        self._ready.append(run)

    def settle(self) -> None:
        """Do everything that can be done without time passing or anybody answering."""
        if self._settling:
            return
        self._settling = True
        try:
            while self._ready:
                self._settle(self._ready.popleft())
        finally:
            self._settling = False

    def _settle(self, run: Run) -> None:
        if run.terminal:
            return
        if not run.log:
            lifecycle.begin(self, run)
        while run.active:
            if run.pause_wanted is not None:
                lifecycle.try_pause(run)
                return
            if not self._start_next(run):
                break
        if run.active and not run.running():
            lifecycle.complete(self, run)

    def _start_next(self, run: Run) -> bool:
        progressed = False
        back: set[int] = run.memo["back"]
        for node in list(run.nodes.values()):
            if node.status != "pending" or not run.active:
                continue
            if run.pause_wanted is not None:
                return True
            incoming = [
                edge
                for index, edge in enumerate(run.edges)
                if edge.target == node.id and index not in back
            ]
            try:
                what, why = graph.verdict(run, node.id, incoming)
            except NodeError as error:
                self.start(run, node, broken=error)
                progressed = True
                continue
            if what == "start":
                self.start(run, node)
                progressed = True
            elif what == "skip":
                node.status = "skipped"
                run.emit("node.skipped", {"nodeId": node.id, "reason": why}, node=node.id)
                progressed = True
        return progressed

    def start(
        self, run: Run, node: Node, *, attempt: int = 0, broken: NodeError | None = None
    ) -> None:
        """Start a node, or end the run because it may not start any more nodes."""
        limit = lifecycle.node_limit(self, run)
        if run.executions >= limit:
            lifecycle.breach(self, run, "node-executions", limit, limit + 1, node.id)
            return
        run.executions += 1
        node.status = "running"
        node.started_at = run.clock.now()
        node.attempt = attempt
        node.tries = 0
        started: JsonObject = {
            "nodeId": node.id,
            "typeId": node.type_id,
            "attempt": node.attempt,
        }
        if node.type_id == "core.subWorkflow":
            node.child_id = started["childRunId"] = run.mint.new("run")
        run.emit("node.started", started, node=node.id)
        if broken is not None:
            self._failed(run, node, broken)
        else:
            self._execute(run, node)

    def _execute(self, run: Run, node: Node) -> None:
        function = self.find_type(run, node)
        if function is None:
            self._failed(
                run,
                node,
                NodeError("validation_error", f"No node type {node.type_id!r} is known here."),
            )
            return
        try:
            result = function(NodeContext(run, node, self))
        except NodeError as error:
            self._failed(run, node, error)
            return
        if inspect.isgenerator(result):
            node.program = cast("Program", result)
            self.advance(run, node, next)
        else:
            self._completed(run, node, cast("JsonObject | None", result) or {})

    def advance(self, run: Run, node: Node, step: Callable[[Program], Effect]) -> None:
        """Drive a node's program to its next wait, or to its end."""
        program = node.program
        if program is None or run.terminal or node.ended:
            return
        while True:
            try:
                effect = step(program)
            except StopIteration as done:
                self._completed(run, node, done.value or {})
                return
            except NodeError as error:
                self._failed(run, node, error)
                return
            match effect:
                case Wait(seconds=seconds):
                    node.timer = run.clock.after(seconds, lambda: self.resume(run, node, None))
                    return
                case Suspend():
                    known = run.recorded.get(suspension.key_of(node))
                    if known is None:
                        suspension.suspend(self, run, node, effect)
                        return
                    suspension.skip_known(run, node)
                    step = _sender(known)
                case Spawn():
                    try:
                        step = _sender(self._spawn(run, node, effect))
                    except NodeError as error:
                        step = _thrower(error)
                case Join(run_id=child_id):
                    child = self.runs[child_id]
                    if not child.terminal:
                        node.joined = child_id
                        return
                    step = _sender(child)

    def resume(self, run: Run, node: Node, value: Any) -> None:
        """Send *value* to a node's program: now, or when the paused run goes on."""
        if run.paused:
            node.held = lambda: self.resume(run, node, value)
            return
        node.timer = None
        self.advance(run, node, _sender(value))
        self.wake(run)
        self.settle()

    def throw(self, run: Run, node: Node, error: NodeError) -> None:
        """Raise *error* in a node's program."""
        if run.paused:
            node.held = lambda: self.throw(run, node, error)
            return
        self.advance(run, node, _thrower(error))
        self.wake(run)
        self.settle()

    def _spawn(self, run: Run, node: Node, effect: Spawn) -> str:
        workflow = self.find_workflow(effect.workflow_id)
        if workflow is None:
            raise NodeError(
                "validation_error", f"No workflow {effect.workflow_id!r} is known here."
            )
        child = self.create(
            workflow,
            run.owner,
            Options(inputs=effect.variables, configurable=_inherited(run)),
            major=run.major,
            parent=Parent(run.run_id, effect.cause, node.id, effect.propagate_cancel),
            omit=effect.omit,
            cause=run.log[-1].event_id,
            run_id=effect.run_id,
            replaying=run.replaying,
        )
        run.children.append(child.run_id)
        return child.run_id

    def _completed(self, run: Run, node: Node, outputs: JsonObject) -> None:
        node.status = "completed"
        node.program = None
        node.outputs = outputs
        masked = as_object(node.definition.get("outputSensitivity"))
        shown = {
            port: "[REDACTED]" if masked.get(port) else value for port, value in outputs.items()
        }
        payload: JsonObject = {
            "nodeId": node.id,
            "outputs": shown,
            "durationMs": round((run.clock.now() - node.started_at) * 1000),
        }
        event = run.emit("node.completed", payload, node=node.id)
        if run.replaying:
            compare(run, node, event)
        run.memo["last"] = node.id
        self.loop_back(run, node)
        self.wake(run)

    def loop_back(self, run: Run, node: Node) -> None:
        """Go back to where the edges of a completed node lead that close a loop."""
        back: set[int] = run.memo["back"]
        for index, edge in enumerate(run.edges):
            if index in back and edge.source == node.id and self._loops(run, edge):
                count = run.loops[edge.target] = run.loops.get(edge.target, 0) + 1
                supervised = run.nodes[edge.target].type_id == graph.SUPERVISOR
                limit = int(run.setting("maxLoopbackIterations") or 5)
                if not supervised and count > limit:
                    run.emit(
                        "workflow.loopback-limit",
                        {"nodeId": edge.target, "iterations": count, "limit": limit},
                        node=edge.target,
                    )
                    lifecycle.fail(
                        self,
                        run,
                        NodeError(
                            "loop_limit_exceeded",
                            f"Node {edge.target!r} was looped back to {count} times, more than "
                            f"the {limit} allowed.",
                            details={"iteration": count},
                        ).document(),
                        edge.target,
                    )
                    return
                for name in graph.downstream(run, edge.target, back):
                    run.nodes[name].status = "pending"

    def _loops(self, run: Run, edge: Edge) -> bool:
        if run.nodes[edge.target].type_id == graph.SUPERVISOR and run.memo.get("terminated"):
            return False
        return holds(edge.condition, run)

    def _failed(self, run: Run, node: Node, error: NodeError) -> None:
        allowed = node.settings.get("maxRetries", run.setting("maxRetries") or 0)
        node.tries += 1
        if isinstance(error, CapError):
            node.status, node.program = "failed", None
            lifecycle.breach(self, run, error.kind, error.limit, error.observed, node.id)
            return
        if error.retryable and node.tries <= allowed and not run.terminal:
            self._retry(run, node, error)
            return
        node.status = "failed"
        node.program = None
        node.error = error.document()
        run.emit(
            "node.failed",
            {"nodeId": node.id, "error": node.error, "attempts": node.tries},
            node=node.id,
        )
        if not graph.handles_failure(run, node.id):
            lifecycle.fail(self, run, node.error, node.id)
        self.wake(run)

    def _retry(self, run: Run, node: Node, error: NodeError) -> None:
        node.attempt += 1
        delay_ms = int(node.settings.get("retryDelayMs", run.setting("retryDelayMs") or 0))
        run.emit(
            "node.retried",
            {
                "nodeId": node.id,
                "attempt": node.attempt,
                "delayMs": delay_ms,
                "lastError": error.document(),
            },
            node=node.id,
        )
        node.program = None
        node.status = "running"
        if delay_ms:
            node.timer = run.clock.after(delay_ms / 1000, lambda: self._retry_now(run, node))
        else:
            self._execute(run, node)

    def _retry_now(self, run: Run, node: Node) -> None:
        if run.paused:
            node.held = lambda: self._retry_now(run, node)
            return
        node.timer = None
        if node.status == "running" and not run.terminal:
            self._execute(run, node)
            self.wake(run)
            self.settle()


def _inherited(run: Run) -> JsonObject | None:
    """Return what a child takes over of its parent's options: which model answers."""
    given = run.options.configurable or {}
    kept = {name: given[name] for name in ("mockProvider", "ai") if name in given}
    return clone(kept) or None


def _sender(value: Any) -> Callable[[Program], Effect]:
    return lambda program: program.send(value)


def _thrower(error: NodeError) -> Callable[[Program], Effect]:
    return lambda program: program.throw(error)
