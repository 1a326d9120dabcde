"""The fold of a log: what a snapshot shows is this and nothing else (v1.md sections 7.2 and 8).

A subscriber of mode `values` folds the log a second time, from its start, and so sees the snapshot
of each moment, however late it comes.
"""

from __future__ import annotations

from typing import Any, Final

import attrs

from openwop_testing._json import JsonObject, as_list, as_object, clone, is_number
from openwop_testing.clock import timestamp
from openwop_testing.engine.channels import declaration, fold
from openwop_testing.engine.log import TERMINAL, LogEvent

__all__ = ["WAITING_STATUS", "Projection"]

WAITING_STATUS: Final[dict[str, str]] = {
    "approval": "waiting-approval",
    "low-confidence": "waiting-approval",
    "conversation.exchange": "waiting-approval",
    "clarification": "waiting-input",
    "credential": "waiting-input",
    "custom": "waiting-input",
    "external-event": "waiting-external",
}

_NODE_STATUS: Final[dict[str, str]] = {
    "node.started": "running",
    "node.retried": "running",
    "node.resumed": "running",
    "node.completed": "completed",
    "node.failed": "failed",
    "node.skipped": "skipped",
    "node.cancelled": "cancelled",
    "node.suspended": "suspended",
}


@attrs.define
class Projection:
    """The state that a log folds to.

    Attributes:
        status: The run's status.
        variables: The workflow variables, sensitive ones masked.
        channels: The folded channels.
        node_states: One entry per node that has been heard of.
        waiting: The kind of each open interrupt by node, oldest first.
        error: Why the run failed.
        started_at: When the run started, in Unix seconds.
        completed_at: When it ended.
        agent: The active agent.
        orchestrator: The supervisor's identity, constant once set.
        cost: The rolled-up cost, empty where nothing was spent.
        paused: Whether the run is paused.
        workflow: The definition, for what it declares of channels and agents.
    """

    status: str = "pending"
    variables: JsonObject = attrs.field(factory=dict[str, Any])
    channels: JsonObject = attrs.field(factory=dict[str, Any])
    node_states: dict[str, JsonObject] = attrs.field(factory=dict[str, JsonObject])
    waiting: dict[str, str] = attrs.field(factory=dict[str, str])
    error: JsonObject | None = None
    started_at: float | None = None
    completed_at: float | None = None
    agent: JsonObject | None = None
    orchestrator: JsonObject | None = None
    cost: JsonObject = attrs.field(factory=dict[str, Any])
    paused: bool = False
    workflow: JsonObject = attrs.field(factory=dict[str, Any], repr=False)

    def apply(self, event: LogEvent) -> None:
        """Fold one more event in."""
        kind, payload = event.type, event.payload
        if kind in _NODE_STATUS:
            self._node(event)
        elif kind == "run.started":
            self.started_at = event.at
            self._refresh()
        elif kind == "run.paused":
            self.paused = True
            self._refresh()
        elif kind == "run.resumed":
            self.paused = False
            self._refresh()
        elif kind in TERMINAL:
            self.status = kind.removeprefix("run.")
            self.completed_at = event.at
            self.waiting.clear()
            if kind == "run.failed":
                failure = as_object(payload.get("error"))
                self.error = {
                    name: failure[name]
                    for name in ("code", "message", "details")
                    if name in failure
                }
        elif kind == "variable.changed":
            if "next" in payload:
                self.variables[payload["name"]] = payload["next"]
            else:
                self.variables.pop(payload["name"], None)
        elif kind == "channel.written":
            self._write(event)
        elif kind == "provider.usage":
            self._spend(payload)
        elif kind == "interrupt.resolved":
            self.waiting.pop(payload["nodeId"], None)
            self._refresh()

    def _node(self, event: LogEvent) -> None:
        node = event.payload["nodeId"]
        state = self.node_states.setdefault(node, {"status": "pending"})
        state["status"] = _NODE_STATUS[event.type]
        if event.type == "node.started":
            state.setdefault("startedAt", timestamp(event.at))
            state["attempt"] = event.payload.get("attempt", 0)
            self._identify(node)
            state.pop("outputs", None)
            state.pop("error", None)
        elif event.type == "node.retried":
            state["attempt"] = event.payload["attempt"]
        elif event.type == "node.suspended":
            self.waiting[node] = event.payload.get("kind", "custom")
        elif event.type == "node.completed":
            state["outputs"] = event.payload.get("outputs", {})
        elif event.type == "node.failed":
            state["error"] = event.payload["error"]
        for name in ("childRunId", "interruptId"):
            if name in event.payload:
                state[name] = event.payload[name]
        if event.type != "node.suspended":
            self.waiting.pop(node, None)
        self._refresh()

    def _write(self, event: LogEvent) -> None:
        payload = event.modern or event.payload
        channel = payload["channel"]
        declared = declaration(self.workflow, channel)
        config = as_object(self._definition(payload.get("nodeId")).get("config"))
        folded = fold(
            payload["reducer"],
            self.channels.get(channel),
            payload["value"],
            at_ms=round(event.at * 1000),
            ttl_ms=declared.get("ttlMs", config.get("ttlMs")),
            most=declared.get("maxSize"),
        )
        self.channels[channel] = folded
        self.variables[channel] = clone(folded)

    def _definition(self, node_id: Any) -> JsonObject:
        for node in as_list(self.workflow.get("nodes")):
            if node["id"] == node_id:
                return as_object(node)
        return {}

    def _identify(self, node_id: str) -> None:
        definition = self._definition(node_id)
        agent = as_object(definition.get("agent"))
        if agent:
            self.agent = clone(agent)
            if definition.get("typeId") == "core.orchestrator.supervisor":
                self.orchestrator = self.orchestrator or clone(agent)

    def _spend(self, payload: JsonObject) -> None:
        tokens = self.cost.setdefault("tokens", {"input": 0, "output": 0})
        tokens["input"] += payload["inputTokens"]
        tokens["output"] += payload["outputTokens"]
        self.cost["provider"], self.cost["model"] = payload["provider"], payload["model"]
        if is_number(payload.get("costEstimateUsd")):
            self.cost["usd"] = self.cost.get("usd", 0) + payload["costEstimateUsd"]

    def _refresh(self) -> None:
        if self.completed_at is not None:
            return
        if self.paused:
            self.status = "paused"
        elif self.waiting:
            kind = next(iter(self.waiting.values()))
            self.status = WAITING_STATUS.get(kind, "waiting-input")
        else:
            self.status = "running"

    @property
    def terminal(self) -> bool:
        """Whether the run has ended."""
        return self.completed_at is not None

    def copy(self) -> Projection:
        """Return a copy that can be folded further on its own."""
        return Projection(
            status=self.status,
            variables=clone(self.variables),
            channels=clone(self.channels),
            node_states=clone(self.node_states),
            waiting=dict(self.waiting),
            error=clone(self.error),
            started_at=self.started_at,
            completed_at=self.completed_at,
            agent=clone(self.agent),
            orchestrator=clone(self.orchestrator),
            cost=clone(self.cost),
            paused=self.paused,
            workflow=self.workflow,
        )
