"""Agents and conversations: scripted reasoning, tool calls, decisions, memory, turns.

See v1-workflows.md sections 3 and 7, v1-events.md 2.12 and 2.14.
"""

from __future__ import annotations

import math
from typing import Any

from openwop_testing._json import JsonObject, as_list, as_object, clone, digest, is_number
from openwop_testing.engine.context import NodeContext
from openwop_testing.engine.effects import Decision, NodeFunction, Outputs, Program, Suspend
from openwop_testing.engine.nodes.channels import write_channel
from openwop_testing.engine.nodes.children import ratify, threshold_of

__all__ = ["TYPES", "memory_action"]


def _agent_id(context: NodeContext) -> str:
    agent = as_object(context.node.definition.get("agent"))
    return str(agent.get("agentId") or context.config.get("agentId") or f"host:{context.node_id}")


def _verbosity(context: NodeContext) -> str:
    configurable = context.configurable
    return str(
        configurable.get("reasoningVerbosity")
        or as_object(configurable.get("ai")).get("reasoningVerbosity")
        or "summary"
    )


def _mock_agent(context: NodeContext) -> Program:
    """Think, call tools, hand off and decide, as scripted."""
    config, agent = context.config, _agent_id(context)
    _reason(context, agent, as_object(config.get("mockReasoning")))
    for call in as_list(config.get("mockToolCalls")):
        _call_tool(context, agent, as_object(call))
    handoff = as_object(config.get("mockHandoff"))
    if handoff:
        payload: JsonObject = {"fromAgentId": agent, "toAgentId": handoff["toAgentId"]}
        if "reason" in handoff:
            payload["reason"] = handoff["reason"]
        context.emit("agent.handoff", payload)
    scripted = as_object(config.get("mockDecision"))
    if not scripted:
        return {}
    decision = scripted.get("decision")
    confidence = scripted.get("confidence", config.get("mockConfidence"))
    payload = {"agentId": agent, "decision": clone(decision)}
    if not is_number(confidence) or not math.isfinite(confidence):
        context.emit("agent.decided", payload)
        return {"decision": clone(decision)}
    payload["confidence"] = confidence
    context.emit("agent.decided", payload)
    threshold = threshold_of(context)
    if confidence < threshold:
        ratified = yield from ratify(agent, threshold, confidence, decision)
        decision = ratified or decision
    return {"decision": clone(decision)}


def _reason(context: NodeContext, agent: str, reasoning: JsonObject) -> None:
    verbosity = _verbosity(context)
    if not reasoning or verbosity in {"off", "none"}:
        return
    capabilities = context.services.capabilities
    pieces = [str(piece) for piece in as_list(reasoning.get("streamChunks"))]
    text = str(reasoning.get("summary", ""))
    if pieces and capabilities.has("agents.reasoning.streaming"):
        for index, piece in enumerate(pieces):
            context.emit(
                "agent.reasoning.delta",
                {"agentId": agent, "delta": piece, "sequence": index, "verbosity": verbosity},
            )
        text = "".join(pieces)
    context.emit("agent.reasoned", {"agentId": agent, "reasoning": text, "verbosity": verbosity})


def _call_tool(context: NodeContext, agent: str, call: JsonObject) -> None:
    identity = context.run.mint.new("call")
    name = str(call["toolId"])
    context.emit(
        "agent.toolCalled",
        {
            "agentId": agent,
            "toolName": name,
            "callId": identity,
            "inputs": clone(call.get("arguments", {})),
        },
    )
    returned: JsonObject = {"agentId": agent, "toolName": name, "callId": identity}
    if "error" in call:
        returned["error"] = clone(call["error"])
    else:
        returned["outcome"] = clone(call.get("result"))
    if is_number(call.get("durationMs")):
        returned["durationMs"] = call["durationMs"]
    context.emit("agent.toolReturned", returned)


def memory_action(context: NodeContext, action: str) -> Outputs:
    """Do what a memory fixture asks of its identity node."""
    agent = as_object(context.node.definition.get("agent"))
    ref = str(agent.get("memoryRef", f"memory/{context.node_id}"))
    memory, tenant = context.services.memory, context.run.owner.tenant
    now = context.run.clock.now()
    if action == "write-then-read":
        _remember(context, ref, {"content": "remembered"})
        context.set_variable("memoryReadback", memory.read(tenant, ref, now)[-1])
    elif action == "ttl-probe":
        _remember(context, ref, {"content": "expired", "expiresAt": now - 1})
        _remember(context, ref, {"content": "fresh", "expiresAt": now + 3600})
        context.set_variable("memoryList", memory.read(tenant, ref, now))
    elif action == "redaction-probe":
        secret = str(context.config.get("byokSecretId", "secret"))
        _remember(context, ref, {"content": f"key=[REDACTED:{secret}]"})
        context.set_variable("memoryReadback", memory.read(tenant, ref, now)[-1])
    elif action == "cross-tenant-probe":
        probe = str(context.config.get("probeMemoryRef", ""))
        context.set_variable("crossTenantProbe", memory.read(tenant, probe, now))
    return {}


def _remember(context: NodeContext, ref: str, entry: JsonObject) -> None:
    identity = context.run.mint.new("mem")
    context.services.memory.write(context.run.owner.tenant, ref, {"id": identity, **entry})
    if context.services.capabilities.has("memory.attribution.emitsWriteEvents"):
        context.emit(
            "memory.written",
            {"memoryRef": ref, "memoryId": identity, "nodeId": context.node_id},
        )


def _conversation(context: NodeContext) -> Program:
    """Open a conversation, exchange its turns, and close it."""
    config = context.config
    identity = f"conv-{digest([context.node_id])[:16]}"
    opened = {"conversationId": identity, "openedBy": context.run.owner.principal}
    context.emit("conversation.opened", opened)
    turns = int(config.get("turnCount", 1))
    outcome: Any = None
    for index in range(turns):
        prompt = str(config.get("prompt", "What next?"))
        if config.get("mockAutoResume"):
            outcome = {"text": f"turn {index}"}
        else:
            data: JsonObject = {
                "conversationId": identity,
                "prompt": prompt,
                "turnIndex": index,
            }
            if "outcomeSchema" in config:
                data["outcomeSchema"] = clone(config["outcomeSchema"])
            answer: Decision = yield Suspend(
                "conversation.exchange",
                data,
                resume_schema=config.get("outcomeSchema"),
                reason="conversation-input",
            )
            outcome = clone(answer.value)
        context.emit(
            "conversation.exchanged",
            {"conversationId": identity, "turnIndex": index, "outcome": outcome},
        )
        if "conversation" in as_object(context.run.workflow.get("channels")):
            message = {"messageId": f"{identity}:{index}", "content": clone(outcome)}
            write_channel(context, "conversation", message)
    context.emit(
        "conversation.closed",
        {"conversationId": identity, "reason": "completed", "turnCount": turns},
    )
    return {"outcome": outcome}


TYPES: dict[str, NodeFunction] = {
    "core.conformance.mock-agent": _mock_agent,
    "core.conversationGate": _conversation,
}
