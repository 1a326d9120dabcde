"""The workflows of a host: definitions, and the node types that only this host has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Protocol, cast

from openwop_testing import evals
from openwop_testing._json import JsonObject, as_list, as_object, clone
from openwop_testing.discovery import Capabilities
from openwop_testing.engine.effects import NodeFunction
from openwop_testing.engine.nodes import CORE
from openwop_testing.engine.run import Node, Run
from openwop_testing.problems import Problem

__all__ = ["Buildable", "Workflows"]

_ID = re.compile(r"[a-z][a-z0-9_-]*")
_REQUIRED = ("id", "name", "version", "nodes")
_GATES = {
    "core.conversationGate": "conversationPrimitive",
    "core.orchestrator.supervisor": "agents.orchestrator",
    "core.dispatch": "agents.dispatch",
}
# The published WebAssembly packs: known by name, so that their refusal says what is missing.
_FOREIGN = frozenset({"vendor.openwop.rust-hello.greet", "vendor.openwop.misbehaving.memory-bomb"})


class Buildable(Protocol):
    """A workflow that was written in Python."""

    def build(self) -> JsonObject:
        """Return the definition."""
        ...

    @property
    def functions(self) -> dict[str, NodeFunction]:
        """The Python functions of its nodes, by node id."""
        ...


class Workflows:
    """What one host can run."""

    def __init__(self) -> None:
        self._definitions: dict[str, JsonObject] = {}
        self._functions: dict[tuple[str, str], NodeFunction] = {}
        self._types: dict[str, NodeFunction] = {**CORE, **evals.TYPES}

    def add(self, workflow: JsonObject | Buildable) -> str:
        """Let the host run a workflow, in place of an earlier one of the same id.

        Args:
            workflow: A definition in the protocol's JSON, or a built one.

        Returns:
            The id of the workflow.

        Raises:
            ValueError: The definition is not one; the message names the place.
        """
        if isinstance(workflow, dict):
            definition: JsonObject = clone(workflow)
            functions: dict[str, NodeFunction] = {}
        else:
            definition = workflow.build()
            functions = workflow.functions
        _check(definition)
        name = str(definition["id"])
        self._definitions[name] = definition
        for node_id, function in functions.items():
            self._functions[(name, node_id)] = function
        return name

    def add_type(self, type_id: str, function: NodeFunction) -> None:
        """Let the host run a node type of the caller's own."""
        self._types[type_id] = function

    def get(self, workflow_id: str) -> JsonObject | None:
        """Return a definition, verbatim, or None."""
        return self._definitions.get(workflow_id)

    def ids(self) -> list[str]:
        """Return the ids of every workflow."""
        return list(self._definitions)

    def __iter__(self) -> Iterator[str]:
        return iter(self._definitions)

    def __contains__(self, workflow_id: object) -> bool:
        return workflow_id in self._definitions

    def node_type(self, run: Run, node: Node) -> NodeFunction | None:
        """Return what a node of a run does, or None where nobody knows."""
        scripted = self._functions.get((run.workflow_id, node.id))
        return scripted if scripted is not None else self._types.get(node.type_id)

    def refuse_gated(self, workflow: JsonObject, capabilities: Capabilities) -> None:
        """Refuse a workflow that needs what the host does not offer (v1.md section 6).

        Raises:
            Problem: 422 `capability_required`; 400 `validation_error` for an unknown node type.
        """
        workflow_id = str(workflow["id"])
        for node in as_list(workflow["nodes"]):
            type_id = node["typeId"]
            gate = _GATES.get(type_id)
            if gate is not None and not capabilities.has(gate):
                raise Problem(
                    422,
                    "capability_required",
                    f"The workflow needs {gate}, which the host does not offer.",
                    details={
                        "requiredCapability": gate,
                        "offendingTypeId": type_id,
                        "nodeId": node["id"],
                    },
                )
            if type_id in _FOREIGN:
                raise Problem(
                    422,
                    "capability_required",
                    "The workflow needs a WebAssembly runtime, which the host does not have.",
                    details={
                        "requiredCapability": "nodePackRuntimes.wasm",
                        "offendingTypeId": type_id,
                        "nodeId": node["id"],
                    },
                )
            if type_id not in self._types and (workflow_id, node["id"]) not in self._functions:
                raise Problem(
                    400,
                    "validation_error",
                    f"No node type {type_id!r} is known here.",
                    details={"offendingTypeId": type_id, "nodeId": node["id"]},
                )


def _check(definition: JsonObject) -> None:
    name = definition.get("id", "?")
    for member in _REQUIRED:
        if member not in definition:
            raise ValueError(f"workflow {name!r}: {member} is required")
    if not isinstance(name, str) or not _ID.fullmatch(name) or len(name) > 128:
        raise ValueError(f"workflow id {name!r}: expected lowercase letters, digits, _ and -")
    nodes = [as_object(node) for node in as_list(definition["nodes"])]
    if not nodes:
        raise ValueError(f"workflow {name!r}: nodes is empty")
    ids: set[Any] = set()
    for node in nodes:
        if "id" not in node or "typeId" not in node:
            raise ValueError(f"workflow {name!r}: every node has an id and a typeId")
        if node["id"] in ids:
            raise ValueError(f"workflow {name!r}: two nodes are called {node['id']!r}")
        ids.add(node["id"])
    for edge in as_list(definition.get("edges")):
        for end in ("sourceNodeId", "targetNodeId"):
            if as_object(edge).get(end) not in ids:
                target = cast("object", as_object(edge).get(end))
                raise ValueError(f"workflow {name!r}: an edge names {target!r}, which is no node")
