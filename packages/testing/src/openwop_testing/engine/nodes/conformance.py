"""Node types that exist so that hosts can be examined (v1-workflows.md section 3, marked)."""

from __future__ import annotations

import hashlib
from typing import Final

from openwop_testing._json import JsonObject, as_list, as_object, clone, compact
from openwop_testing.engine.context import NodeContext
from openwop_testing.engine.effects import (
    Decision,
    NodeError,
    NodeFunction,
    Outputs,
    Program,
    Suspend,
)
from openwop_testing.engine.nodes.ai import call_tool

__all__ = ["TYPES"]

_COST_ATTRIBUTES: Final = frozenset(
    f"openwop.cost.{name}"
    for name in (
        "tokens.input",
        "tokens.output",
        "tokens.total",
        "usd",
        "currency",
        "estimated",
        "provider",
    )
)


def _requires_missing(context: NodeContext) -> Outputs:
    """Need a capability that no host has."""
    del context
    missing = "conformance.never-provided"
    raise NodeError(
        "capability_not_provided",
        f"The host does not provide {missing}.",
        details={"capability": missing},
    )


def _model_insufficient(context: NodeContext) -> Outputs:
    """Need a capability that no model has."""
    missing = "nonexistent-capability-9b3f"
    if context.services.capabilities.has("modelCapabilities"):
        context.emit(
            "model.capability.insufficient",
            {
                "nodeId": context.node_id,
                "provider": "mock",
                "model": "mock-mini",
                "missingCapabilities": [missing],
                "fallbackAttempted": False,
            },
        )
    raise NodeError(
        "capability_not_provided",
        f"No model provides {missing}.",
        details={"capability": missing},
    )


def _secret_echo(context: NodeContext) -> Outputs:
    """Resolve a secret, and show only its digest."""
    name = str(context.config.get("secretId", ""))
    secret = context.services.secrets.get(name)
    if secret is None:
        raise NodeError("credential_not_found", "No secret of that name.", details={"ref": name})
    shown = {
        "secretSha256": hashlib.sha256(secret.encode()).hexdigest(),
        "secretLength": len(secret),
    }
    context.set_variable(context.node_id, shown)
    return {}


def _cost_emit(context: NodeContext) -> Outputs:
    """Record the cost attributes that the protocol allows, and no others."""
    attributes = as_object(context.config.get("attrs"))
    kept = {name: value for name, value in attributes.items() if name in _COST_ATTRIBUTES}
    context.run.memo.setdefault("span_attributes", {})[context.node_id] = kept
    return {}


def _artifact_emit(context: NodeContext) -> Outputs:
    """Store an artifact."""
    config = context.config
    identity = context.store_artifact(
        str(config.get("artifactType", "conformance.artifact")), clone(config.get("data", {}))
    )
    return {"artifactId": identity}


def _side_effect(context: NodeContext) -> Outputs:
    """Do something to the world; a replay takes the recorded outcome or fails."""
    recorded = context.recorded_effect()
    if recorded is not None:
        return recorded
    if context.run.replaying:
        raise NodeError(
            "replay_source_missing",
            "The source run has no recorded outcome of this side effect.",
            details={"nodeId": context.node_id, "attempt": context.attempt},
        )
    return {"effect": context.claim_effect()}


def _mcp_invoke(context: NodeContext) -> Outputs:
    """Call a tool of the bound MCP server."""
    return {"result": call_tool(as_object(context.config.get("mcp")))}


def _mcp_client(context: NodeContext) -> Outputs:
    """Make one call as an MCP client."""
    inputs = context.inputs
    server = inputs.get("serverId", "echo")
    if server != "echo":
        raise NodeError("not_found", f"No MCP server {server!r} is bound.")
    tools: JsonObject = {"tools": [{"name": "echo", "inputSchema": {"type": "object"}}]}
    method = inputs.get("method", "tools/list")
    if method == "tools/call":
        arguments = as_object(inputs.get("arguments"))
        return {"result": call_tool({"tool": inputs.get("name"), "arguments": arguments})}
    return {"result": tools if method == "tools/list" else {}}


def _a2a_invoke(context: NodeContext) -> Program:
    """Hand a task to the bound A2A peer, which answers as the scenario says."""
    scenario = context.variables.get("driftScenario", "happy-path")
    if scenario == "rejected":
        raise NodeError("capability_not_provided", "The A2A peer rejected the task.")
    if scenario in {"auth-required", "input-required"}:
        question = "The A2A peer asks for something before it goes on."
        answer: Decision = yield Suspend(
            "clarification", {"questions": [{"id": "answer", "question": question}]}
        )
        return {"answers": clone(as_object(answer.value).get("answers"))}
    return {"result": {"skill": context.config.get("skill"), "state": "completed"}}


def _mock_prompts(context: NodeContext) -> Outputs:
    """Resolve and compose the prompts that the configuration names."""
    config = context.config
    slots = [("system", config.get("systemPromptRef")), ("user", config.get("userPromptRef"))]
    slots += [("schema-hint", config.get("schemaHintPromptRef"))]
    slots += [("few-shot", ref) for ref in as_list(config.get("fewShotPromptRefs"))]
    hashes: list[str] = []
    for kind, ref in slots:
        if ref is not None:
            hashes.append(context.compose_prompt(kind, str(ref)))
    return {"hashes": hashes, "text": compact(len(hashes))}


TYPES: dict[str, NodeFunction] = {
    "conformance.requiresMissing": _requires_missing,
    "conformance.modelCapability.insufficient": _model_insufficient,
    "conformance.secret.echo": _secret_echo,
    "conformance.cost.emit": _cost_emit,
    "conformance.artifact.emit": _artifact_emit,
    "core.conformance.side-effect": _side_effect,
    "core.conformance.mcp-invoke": _mcp_invoke,
    "core.conformance.mcp-client": _mcp_client,
    "core.conformance.a2a-invoke": _a2a_invoke,
    "core.a2a.invoke": _a2a_invoke,
    "local.sample.demo.mock-ai": _mock_prompts,
}
