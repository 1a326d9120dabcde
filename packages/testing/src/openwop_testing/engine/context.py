"""What a node sees of its run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from openwop_testing._json import JsonObject, as_object, clone
from openwop_testing.engine.effects import NodeError
from openwop_testing.engine.run import Node, Run

if TYPE_CHECKING:
    from openwop_testing.engine.scheduler import Engine

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

    def emit(self, event_type: str, payload: JsonObject) -> None:
        """Append an event about this node to the run's log."""
        self.run.emit(event_type, payload, node=self.node_id)

    def log(self, message: str, *, level: str = "info", fields: JsonObject | None = None) -> None:
        """Append a line to the run's log, as `log.appended`."""
        payload: JsonObject = {"level": level, "message": message, "nodeId": self.node_id}
        if fields:
            payload["fields"] = fields
        self.emit("log.appended", payload)
