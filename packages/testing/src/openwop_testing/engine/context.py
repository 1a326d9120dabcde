"""What a node sees of its run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from openwop_testing._json import JsonObject, as_object, clone
from openwop_testing.clock import timestamp
from openwop_testing.engine.effects import NodeError
from openwop_testing.engine.log import LogEvent
from openwop_testing.engine.run import Node, Run
from openwop_testing.problems import Problem

if TYPE_CHECKING:
    from openwop_testing.engine.scheduler import Engine
    from openwop_testing.engine.services import Services

__all__ = ["NodeContext"]


@attrs.frozen
class NodeContext:
    """The run, as one execution of one node sees it.

    Attributes:
        run: The run.
        node: The node.
        engine: The engine that executes it.
    """

    run: Run
    node: Node
    engine: Engine

    @property
    def node_id(self) -> str:
        """The node's id."""
        return self.node.id

    @property
    def config(self) -> JsonObject:
        """The node's configuration."""
        return self.node.config

    @property
    def attempt(self) -> int:
        """The attempt, from 0."""
        return self.node.attempt

    @property
    def variables(self) -> JsonObject:
        """A copy of the run's variables."""
        copied: JsonObject = clone(self.run.variables)
        return copied

    @property
    def configurable(self) -> JsonObject:
        """What the caller configured for this run."""
        return self.run.options.configurable or {}

    @property
    def inputs(self) -> JsonObject:
        """The node's input ports, resolved now.

        Raises:
            NodeError: A port that is not optional has no value.
        """
        ports: JsonObject = {}
        for name, port in as_object(self.node.definition.get("inputs")).items():
            found, value = self._port(name, as_object(port))
            if found:
                ports[name] = value
        return ports

    def _port(self, name: str, port: JsonObject) -> tuple[bool, Any]:
        kind = port.get("type")
        if kind == "static":
            return True, clone(port.get("value"))
        if kind == "variable":
            variable = port["variableName"]
            if variable in self.run.variables:
                return True, clone(self.run.variables[variable])
            return self._missing(name, port, f"variable {variable!r} is not set")
        if kind == "connection":
            source = self.run.nodes.get(port["nodeId"])
            if source is not None and port["outputKey"] in source.outputs:
                return True, clone(source.outputs[port["outputKey"]])
            return self._missing(
                name, port, f"node {port['nodeId']!r} has no output {port['outputKey']!r}"
            )
        from openwop_testing.engine.expressions import evaluate

        return True, evaluate(str(port.get("expression", "")), self.run)

    def _missing(self, name: str, port: JsonObject, why: str) -> tuple[bool, Any]:
        if port.get("optional"):
            return False, None
        raise NodeError("validation_error", f"Input {name!r} of node {self.node_id!r}: {why}.")

    def set_variable(self, name: str, value: Any) -> None:
        """Change a workflow variable."""
        self.run.set_variable(name, value, node=self.node_id)

    def emit(self, event_type: str, payload: JsonObject, *, cause: str | None = None) -> LogEvent:
        """Append an event about this node to the run's log."""
        return self.run.emit(event_type, payload, node=self.node_id, cause=cause)

    @property
    def services(self) -> Services:
        """What the host offers to nodes."""
        return self.engine.services

    def store_artifact(self, artifact_type: str, data: Any, *, summary: str = "") -> str:
        """Store an artifact of the run and return its id."""
        identity = self.run.mint.new("art")
        self.run.artifacts[identity] = {
            "artifactId": identity,
            "artifactType": artifact_type,
            "nodeId": self.node_id,
            "data": data,
        }
        payload: JsonObject = {
            "artifactId": identity,
            "artifactType": artifact_type,
            "nodeId": self.node_id,
        }
        if summary:
            payload["summary"] = summary
        self.emit("artifact.created", payload)
        return identity

    def recorded_effect(self) -> JsonObject | None:
        """Return the outcome that a replayed run's source recorded for this node's effect."""
        if not self.run.replaying:
            return None
        recorded: dict[tuple[str, int], JsonObject] = self.run.memo.get("recorded_effects", {})
        return recorded.get((self.node_id, self.attempt))

    def claim_effect(self) -> str:
        """Note in the run's ledger that something was done to the world; return the effect's id."""
        identity = self.run.mint.new("eff")
        ledger: list[JsonObject] = self.run.memo.setdefault("effect_ledger", [])
        ledger.append(
            {
                "effectId": identity,
                "nodeId": self.node_id,
                "attempt": self.attempt,
                "keying": "activity-recipe",
                "state": "completed",
                "at": timestamp(self.run.clock.now()),
            }
        )
        return identity

    def refused(self) -> None:
        """Note that a model refused to answer; a replay of a run in which it did not ends here.

        Raises:
            NodeError: The source of this replay had an answer at this point.
        """
        source: str | None = self.run.memo.get("answered_in")
        answered: dict[str, int] = self.run.memo.get("answered", {})
        if source is None or self.node_id not in answered:
            return
        at = answered[self.node_id]
        self.emit(
            "replay.divergedAtRefusal",
            {
                "sourceRunId": source,
                "atSequence": at,
                "nodeId": self.node_id,
                "originalEnvelopeKind": "valid",
                "replayEnvelopeKind": "refusal",
            },
        )
        raise NodeError(
            "replay_diverged_at_refusal",
            "The model refused in the replay what it answered in the source.",
            details={
                "atSequence": at,
                "nodeId": self.node_id,
                "originalEnvelopeKind": "valid",
                "replayEnvelopeKind": "refusal",
            },
        )

    def compose_prompt(self, kind: str, ref: str) -> str:
        """Resolve and compose one prompt, log both, and return the digest of the text."""
        tenant = self.run.owner.tenant
        try:
            entry = self.services.prompts.resolve(tenant, ref)
            rendered = self.services.prompts.render(tenant, ref, self.variables)
        except Problem as problem:
            raise NodeError(problem.code, problem.message) from problem
        self.emit(
            "agent.promptResolved",
            {
                "nodeId": self.node_id,
                "kind": kind,
                "chain": [{"layer": "node", "applied": True, "source": ref}],
                "resolved": entry.ref,
            },
        )
        composed: JsonObject = {
            "nodeId": self.node_id,
            "refs": list(rendered.refs),
            "kind": "user-only" if kind == "user" else "system-only",
            "hash": rendered.hash,
            "variableHashes": rendered.variables,
        }
        if self.services.capabilities.get("prompts.observability") == "full":
            composed["composed"] = rendered.text
        if self.services.capabilities.get("prompts.observability") != "off":
            self.emit("prompt.composed", composed)
        return rendered.hash

    def log(self, message: str, *, level: str = "info", fields: JsonObject | None = None) -> None:
        """Append a line to the run's log, as `log.appended`."""
        payload: JsonObject = {"level": level, "message": message, "nodeId": self.node_id}
        if fields:
            payload["fields"] = fields
        self.emit("log.appended", payload)
