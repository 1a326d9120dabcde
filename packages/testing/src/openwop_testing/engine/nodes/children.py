"""Nodes that start other runs: sub-workflows, supervisors and dispatch.

See v1-workflows.md sections 5 and 6.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeAlias

from openwop_testing._json import JsonObject, as_list, as_object, clone, is_number, is_object
from openwop_testing.engine.context import NodeContext
from openwop_testing.engine.effects import (
    CapError,
    Decision,
    Effect,
    Join,
    NodeError,
    NodeFunction,
    Program,
    Spawn,
    Suspend,
)
from openwop_testing.engine.run import Run

__all__ = ["TYPES", "ratify", "threshold_of"]

Child: TypeAlias = "Generator[Effect, Any, Run]"


def _mapped(context: NodeContext, mapping: JsonObject) -> tuple[JsonObject, frozenset[str]]:
    """Return what a child's variables begin with, and those that begin unset."""
    variables = context.variables
    given = {
        child: clone(variables[parent]) for child, parent in mapping.items() if parent in variables
    }
    return given, frozenset(child for child in mapping if child not in given)


def _harvest(context: NodeContext, child: Run, mapping: JsonObject) -> list[str]:
    """Take a completed child's variables over; return the names that were set."""
    if child.status != "completed":
        return []
    taken: list[str] = []
    for parent, name in mapping.items():
        if name in child.variables:
            context.set_variable(parent, clone(child.variables[name]))
            taken.append(parent)
    return taken


def _sub_workflow(context: NodeContext) -> Program:
    """Run another workflow as a child."""
    config = context.config
    given, omit = _mapped(context, as_object(config.get("inputMapping")))
    child_id: str = yield Spawn(
        str(config["workflowId"]),
        given,
        omit=omit,
        propagate_cancel=bool(config.get("propagateCancellation", True)),
        run_id=context.node.child_id or "",
    )
    outputs: JsonObject = {"childRunId": child_id}
    if not config.get("waitForCompletion", True):
        return outputs
    child: Run = yield Join(child_id)
    _harvest(context, child, as_object(config.get("outputMapping")))
    if child.status != "completed" and config.get("onChildFailure", "fail-parent") == "fail-parent":
        raise _child_error(child)
    return {**outputs, "childStatus": child.status}


def _child_error(child: Run) -> NodeError:
    error = child.projection.error or {}
    return NodeError(
        str(error.get("code", "fake-host.child_cancelled")),
        str(error.get("message", "The child run was cancelled.")),
        details={"childRunId": child.run_id, "childStatus": child.status},
    )


def _agent_id(context: NodeContext) -> str:
    agent = as_object(context.node.definition.get("agent"))
    return str(agent.get("agentId") or f"host:{context.node_id}")


def _turn(context: NodeContext) -> int:
    turns: dict[str, int] = context.run.memo.setdefault("turns", {})
    turns[context.node_id] = turns.get(context.node_id, 0) + 1
    return turns[context.node_id]


def _loop_limit(context: NodeContext) -> int:
    configurable = context.configurable
    asked = configurable.get(
        "maxLoopIterations", as_object(configurable.get("run")).get("maxLoopIterations")
    )
    host = context.engine.limits().get("maxLoopIterations")
    known = [int(limit) for limit in (asked, host) if is_number(limit)]
    return min(known) if known else 1_000


def _own_decision(context: NodeContext, turn: int) -> JsonObject:
    """Decide without a script: hand one turn to a workflow of no-ops, then end."""
    for name in context.engine.list_workflows():
        workflow = context.engine.find_workflow(name) or {}
        nodes = as_list(workflow.get("nodes"))
        if turn == 1 and all(node["typeId"] == "core.noop" for node in nodes):
            return {"kind": "next-worker", "nextWorkerIds": [name]}
    return {"kind": "terminate", "reason": "goal-reached"}


def _supervisor(context: NodeContext) -> Program:
    """Decide what happens next."""
    config = context.config
    turn = _turn(context)
    limit = _loop_limit(context)
    if turn > limit:
        raise CapError("loop-iterations", limit, turn)
    plan = as_list(config.get("mockDispatchPlan") or config.get("mockDecisions"))
    pending = as_object(config.get("mockPendingDecision"))
    if plan:
        ended = {"kind": "terminate", "reason": "plan exhausted"}
        decision = as_object(clone(plan[turn - 1] if turn <= len(plan) else ended))
    elif pending and turn == 1:
        decision = as_object(clone(pending))
    elif pending:
        decision = {"kind": "terminate", "reason": "goal-reached"}
    else:
        decision = _own_decision(context, turn)
    observed = config.get("mockConfidence")
    threshold = threshold_of(context)
    if is_number(observed) and observed < threshold and turn == 1:
        ratified = yield from ratify(_agent_id(context), threshold, observed, decision)
        decision = ratified if ratified.get("kind") else decision
    event = context.emit(
        "runOrchestrator.decided",
        {"agentId": _agent_id(context), "decision": decision, "iteration": turn},
    )
    context.run.memo["decision"] = (decision, event.event_id)
    return {"decision": decision}


def threshold_of(context: NodeContext) -> float:
    """Return the confidence below which a decision waits for an operator."""
    configurable = context.configurable
    value = configurable.get(
        "escalationThreshold", as_object(configurable.get("run")).get("escalationThreshold")
    )
    return float(value) if is_number(value) else 0.7


def ratify(
    agent_id: str, threshold: float, observed: float, decision: Any
) -> Generator[Effect, Any, JsonObject]:
    """Hold a decision of low confidence until an operator ratifies it; return what they say."""
    answer: Decision = yield Suspend(
        "low-confidence",
        {
            "agentId": agent_id,
            "threshold": threshold,
            "observed": observed,
            "decision": clone(decision),
        },
        reason="low-confidence",
    )
    value = answer.value
    if is_object(value):
        return as_object(value.get("decision")) or value
    return {}


def _dispatch(context: NodeContext) -> Program:
    """Carry out the supervisor's decision."""
    config = context.config
    held: tuple[JsonObject, str] | None = context.run.memo.get("decision")
    if held is None:
        raise NodeError("node_config_invalid", "Dispatch follows a supervisor's decision.")
    decision, cause = held
    cap, turns = config.get("iterationCap"), _turn(context)
    if is_number(cap) and turns > cap:
        raise CapError("loop-iterations", int(cap), turns)
    kind = decision.get("kind")
    if kind == "terminate":
        context.run.memo["terminated"] = True
        return {}
    if (yield from _escalated(context, decision)):
        return {}
    if kind == "ask-user":
        return (yield from _ask_user(context, str(decision.get("prompt", ""))))
    if kind != "next-worker":
        raise NodeError("validation_error", f"{kind!r} is not a kind of decision.")
    workers = [str(worker) for worker in as_list(decision.get("nextWorkerIds"))]
    policy = config.get("fanOutPolicy", "sequential")
    if policy == "parallel" or (policy == "reject" and len(workers) > 1):
        raise NodeError("validation_error", f"The fan-out policy {policy!r} does not allow this.")
    children: list[Run] = []
    for worker in workers:
        child = yield from _one_worker(context, worker, cause)
        children.append(child)
    for child in children:
        context.emit(
            "node.dispatched",
            {
                "childRunId": child.run_id,
                "childWorkflowId": child.workflow_id,
                "childStatus": child.status,
            },
        )
    return {"children": [{"runId": child.run_id, "status": child.status} for child in children]}


def _escalated(context: NodeContext, decision: JsonObject) -> Generator[Effect, Any, bool]:
    """Ask a human instead of dispatching, where the decision's confidence is below the floor."""
    capabilities = context.services.capabilities
    model = as_object(capabilities.get("multiAgent.executionModel"))
    confidence = decision.get("confidence")
    floor = float(model.get("confidenceEscalationFloor", 0.5))
    if int(model.get("version", 0)) < 2 or not is_number(confidence) or confidence >= floor:
        return False
    context.emit(
        "core.workflowChain.confidence-escalated",
        {
            "confidence": confidence,
            "floor": floor,
            "escalationKind": "clarify",
            "parentRunId": context.run.run_id,
            "originalDecision": clone(decision),
        },
    )
    question = "The supervisor is not sure. What should happen next?"
    yield Suspend("clarification", {"questions": [{"id": "guidance", "question": question}]})
    return True


def _ask_user(context: NodeContext, prompt: str) -> Program:
    routing = context.config.get("askUserRouting", "auto")
    if routing == "conversation":
        answer: Decision = yield Suspend(
            "conversation.exchange",
            {"conversationId": f"ask-{context.node_id}", "prompt": prompt},
            reason="conversation-input",
        )
        return {"answer": clone(answer.value)}
    answer = yield Suspend("clarification", {"questions": [{"id": "answer", "question": prompt}]})
    return {"answers": clone(as_object(answer.value).get("answers"))}


class _Chain:
    """The causally linked events of one worker, where the host has an execution model."""

    def __init__(self, context: NodeContext, worker: str, cause: str) -> None:
        self._context = context
        self._worker = worker
        self._cause = cause
        self._on = context.services.capabilities.has("multiAgent.executionModel")

    def add(self, phase: str, child: str | None = None, **members: Any) -> None:
        """Log one phase, caused by the one before it."""
        if not self._on:
            return
        payload: JsonObject = {
            "phase": phase,
            "workerId": self._worker,
            "parentRunId": self._context.run.run_id,
            **({"childRunId": child} if child else {}),
            **members,
        }
        event = self._context.emit("core.workflowChain.event", payload, cause=self._cause)
        self._cause = event.event_id


def _one_worker(context: NodeContext, worker: str, cause: str) -> Child:
    config = context.config
    inputs = as_object(config.get("perWorkerInputMappings")).get(worker, config.get("inputMapping"))
    outputs = as_object(
        as_object(config.get("perWorkerOutputMappings")).get(worker, config.get("outputMapping"))
    )
    given, omit = _mapped(context, as_object(inputs))
    chain = _Chain(context, worker, cause)
    chain.add("dispatch.began")
    try:
        child_id: str = yield Spawn(worker, given, omit=omit, cause="core.dispatch")
    except NodeError as error:
        chain.add("dispatch.failed", error={"code": error.code, "message": error.message})
        raise
    chain.add("dispatch.succeeded", child_id)
    child: Run = yield Join(child_id)
    members = {"error": clone(child.projection.error)} if child.status == "failed" else {}
    chain.add(f"child.{child.status}", child_id, **members)
    harvested = _harvest(context, child, outputs)
    if outputs and child.status == "completed":
        chain.add("output.harvested", child_id, harvestedKeys=harvested)
    return child


TYPES: dict[str, NodeFunction] = {
    "core.subWorkflow": _sub_workflow,
    "core.orchestrator.supervisor": _supervisor,
    "core.dispatch": _dispatch,
}
