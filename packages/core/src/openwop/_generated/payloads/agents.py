"""What events carry.  Agents: what they think, call, decide and remember."""

# ruff: noqa: PYI051  # the listed values are there for editors; any other is read too
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, Self

import attrs

from openwop._generated.payloads.shared import EventError
from openwop.runtime._model import JSON, on_wire
from openwop.runtime._operation import UNSET, Unset
from openwop.runtime._payload import (
    Payload,
    as_members,
    as_strings,
    blank,
    check_payload,
    nested,
    nested_list,
    set_extra,
    undeclared,
)
from openwop.runtime._structure import as_integer, mismatch

__all__ = [
    "AgentDecidedPayload",
    "AgentHandoffPayload",
    "AgentInvocationCompletedPayload",
    "AgentInvocationStartedPayload",
    "AgentMemoryConsolidatedPayload",
    "AgentPromptResolvedPayload",
    "AgentReasonedPayload",
    "AgentReasoningDeltaPayload",
    "AgentToolCalledPayload",
    "AgentToolReturnedPayload",
    "AgentVerifiedPayload",
    "ChildAttestation",
    "CommitmentFiredPayload",
    "GoalClosedPayload",
    "GoalEvaluatedPayload",
    "OrchestratorDecidedPayload",
    "OrchestratorDecision",
    "PromptCandidate",
    "RosterRunInitiatedPayload",
    "SuccessCriterion",
    "WorkflowChainConfidenceEscalatedPayload",
    "WorkflowChainEventPayload",
]


_CHILD_ATTESTATION: Final[frozenset[str]] = frozenset(["algorithm", "checksum"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ChildAttestation(Payload):
    """A digest of what a supervisor took over from a child.

    Attributes:
        checksum: The digest. Required.
        algorithm: How the digest was made. Required.

    Section: v1-events.md §3.7; v2-events.md, "Agents".
    """

    checksum: str | None = None
    algorithm: Literal["sha256"] | str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ChildAttestation", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ChildAttestation")
        get = data.get
        checksum = get("checksum")
        if checksum is not None and type(checksum) is not str:
            raise mismatch("ChildAttestation.checksum", "str", checksum)
        algorithm = get("algorithm")
        if algorithm is not None and type(algorithm) is not str:
            raise mismatch("ChildAttestation.algorithm", "str", algorithm)
        self = blank(cls)
        fields = self.__dict__
        fields["checksum"] = checksum
        fields["algorithm"] = algorithm
        known = _CHILD_ATTESTATION
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_SUCCESS_CRITERION: Final[frozenset[str]] = frozenset(["key", "met"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class SuccessCriterion(Payload):
    """A criterion that a supervisor checked before it ended the work.

    Attributes:
        key: Its key. Required.
        met: Whether it was met. Required.

    Section: v1-events.md §3.7; v2-events.md, "Agents".
    """

    key: str | None = None
    met: bool | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "SuccessCriterion", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "SuccessCriterion")
        get = data.get
        key = get("key")
        if key is not None and type(key) is not str:
            raise mismatch("SuccessCriterion.key", "str", key)
        met = get("met")
        if met is not None and type(met) is not bool:
            raise mismatch("SuccessCriterion.met", "bool", met)
        self = blank(cls)
        fields = self.__dict__
        fields["key"] = key
        fields["met"] = met
        known = _SUCCESS_CRITERION
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_ORCHESTRATOR_DECISION: Final[frozenset[str]] = frozenset(
    ["confidence", "kind", "nextWorkerIds", "prompt", "reason", "successCriteria"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class OrchestratorDecision(Payload):
    """What a supervisor decided: `next-worker`, `ask-user` or `terminate`.

    Attributes:
        kind: Of which kind. Required.
        next_worker_ids: The workers to send out, for `next-worker`.
        confidence: How sure it is, from 0 to 1.
        prompt: The question, for `ask-user`.
        reason: Why.
        success_criteria: What was checked, for `terminate`.

    Section: v1-events.md §3.7; v2-events.md, "Agents".
    """

    kind: Literal["next-worker", "ask-user", "terminate"] | str | None = None
    next_worker_ids: list[str] | None = attrs.field(default=None, metadata=on_wire("nextWorkerIds"))
    confidence: float | None = None
    prompt: str | None = None
    reason: str | None = None
    success_criteria: list[SuccessCriterion] | None = attrs.field(
        default=None, metadata=on_wire("successCriteria")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "OrchestratorDecision", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "OrchestratorDecision")
        get = data.get
        kind = get("kind")
        if kind is not None and type(kind) is not str:
            raise mismatch("OrchestratorDecision.kind", "str", kind)
        next_worker_ids = get("nextWorkerIds")
        if next_worker_ids is not None:
            next_worker_ids = as_strings(next_worker_ids, "OrchestratorDecision.nextWorkerIds")
        confidence = get("confidence")
        if confidence is not None and type(confidence) is not float and type(confidence) is not int:
            raise mismatch("OrchestratorDecision.confidence", "number", confidence)
        prompt = get("prompt")
        if prompt is not None and type(prompt) is not str:
            raise mismatch("OrchestratorDecision.prompt", "str", prompt)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("OrchestratorDecision.reason", "str", reason)
        success_criteria = get("successCriteria")
        if success_criteria is not None:
            success_criteria = nested_list(
                SuccessCriterion, success_criteria, "OrchestratorDecision.successCriteria"
            )
        self = blank(cls)
        fields = self.__dict__
        fields["kind"] = kind
        fields["next_worker_ids"] = next_worker_ids
        fields["confidence"] = confidence
        fields["prompt"] = prompt
        fields["reason"] = reason
        fields["success_criteria"] = success_criteria
        known = _ORCHESTRATOR_DECISION
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_PROMPT_CANDIDATE: Final[frozenset[str]] = frozenset(["applied", "layer", "reason", "source"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class PromptCandidate(Payload):
    """One place where a prompt was looked for.

    Attributes:
        layer: Where it was looked for. Required.
        source: The prompt that was found there.
        applied: Whether it was the one chosen. Required.
        reason: Why.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    layer: (
        Literal[
            "run-configurable",
            "node",
            "agent-intrinsic",
            "agent-overrides",
            "agent-library-default",
            "workflow-defaults",
            "host-defaults",
        ]
        | str
        | None
    ) = None
    source: str | None = None
    applied: bool | None = None
    reason: str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "PromptCandidate", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "PromptCandidate")
        get = data.get
        layer = get("layer")
        if layer is not None and type(layer) is not str:
            raise mismatch("PromptCandidate.layer", "str", layer)
        source = get("source")
        if source is not None and type(source) is not str:
            raise mismatch("PromptCandidate.source", "str", source)
        applied = get("applied")
        if applied is not None and type(applied) is not bool:
            raise mismatch("PromptCandidate.applied", "bool", applied)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("PromptCandidate.reason", "str", reason)
        self = blank(cls)
        fields = self.__dict__
        fields["layer"] = layer
        fields["source"] = source
        fields["applied"] = applied
        fields["reason"] = reason
        known = _PROMPT_CANDIDATE
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_AGENT_INVOCATION_STARTED_PAYLOAD: Final[frozenset[str]] = frozenset(
    [
        "agentId",
        "invocationId",
        "memoryBound",
        "modelClass",
        "resolvedAgentVersion",
        "resolvedChannel",
        "resolvedModel",
        "resolvedProvider",
        "source",
        "toolSurfaceCount",
    ]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class AgentInvocationStartedPayload(Payload):
    """What `agent.invocation-started` carries.

    Attributes:
        invocation_id: The invocation. Required.
        agent_id: The agent. Required.
        source: What set it to work. Required.
        model_class: The class of model that the agent asks for.
        resolved_model: The model that was used.
        resolved_provider: The provider that was used.
        resolved_agent_version: The agent's version that was used.
        resolved_channel: The release channel that named the version.
        tool_surface_count: How many tools the agent may call.
        memory_bound: Whether the agent has a memory.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    invocation_id: str | None = attrs.field(default=None, metadata=on_wire("invocationId"))
    agent_id: str | None = attrs.field(default=None, metadata=on_wire("agentId"))
    source: Literal["workflow-node", "run-api", "chat-mention"] | str | None = None
    model_class: str | None = attrs.field(default=None, metadata=on_wire("modelClass"))
    resolved_model: str | None = attrs.field(default=None, metadata=on_wire("resolvedModel"))
    resolved_provider: str | None = attrs.field(default=None, metadata=on_wire("resolvedProvider"))
    resolved_agent_version: str | None = attrs.field(
        default=None, metadata=on_wire("resolvedAgentVersion")
    )
    resolved_channel: str | None = attrs.field(default=None, metadata=on_wire("resolvedChannel"))
    tool_surface_count: int | None = attrs.field(default=None, metadata=on_wire("toolSurfaceCount"))
    memory_bound: bool | None = attrs.field(default=None, metadata=on_wire("memoryBound"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "AgentInvocationStartedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "AgentInvocationStartedPayload")
        get = data.get
        invocation_id = get("invocationId")
        if invocation_id is not None and type(invocation_id) is not str:
            raise mismatch("AgentInvocationStartedPayload.invocationId", "str", invocation_id)
        agent_id = get("agentId")
        if agent_id is not None and type(agent_id) is not str:
            raise mismatch("AgentInvocationStartedPayload.agentId", "str", agent_id)
        source = get("source")
        if source is not None and type(source) is not str:
            raise mismatch("AgentInvocationStartedPayload.source", "str", source)
        model_class = get("modelClass")
        if model_class is not None and type(model_class) is not str:
            raise mismatch("AgentInvocationStartedPayload.modelClass", "str", model_class)
        resolved_model = get("resolvedModel")
        if resolved_model is not None and type(resolved_model) is not str:
            raise mismatch("AgentInvocationStartedPayload.resolvedModel", "str", resolved_model)
        resolved_provider = get("resolvedProvider")
        if resolved_provider is not None and type(resolved_provider) is not str:
            raise mismatch(
                "AgentInvocationStartedPayload.resolvedProvider", "str", resolved_provider
            )
        resolved_agent_version = get("resolvedAgentVersion")
        if resolved_agent_version is not None and type(resolved_agent_version) is not str:
            raise mismatch(
                "AgentInvocationStartedPayload.resolvedAgentVersion", "str", resolved_agent_version
            )
        resolved_channel = get("resolvedChannel")
        if resolved_channel is not None and type(resolved_channel) is not str:
            raise mismatch("AgentInvocationStartedPayload.resolvedChannel", "str", resolved_channel)
        tool_surface_count = get("toolSurfaceCount")
        if tool_surface_count is not None and type(tool_surface_count) is not int:
            tool_surface_count = as_integer(
                tool_surface_count, "AgentInvocationStartedPayload.toolSurfaceCount"
            )
        memory_bound = get("memoryBound")
        if memory_bound is not None and type(memory_bound) is not bool:
            raise mismatch("AgentInvocationStartedPayload.memoryBound", "bool", memory_bound)
        self = blank(cls)
        fields = self.__dict__
        fields["invocation_id"] = invocation_id
        fields["agent_id"] = agent_id
        fields["source"] = source
        fields["model_class"] = model_class
        fields["resolved_model"] = resolved_model
        fields["resolved_provider"] = resolved_provider
        fields["resolved_agent_version"] = resolved_agent_version
        fields["resolved_channel"] = resolved_channel
        fields["tool_surface_count"] = tool_surface_count
        fields["memory_bound"] = memory_bound
        known = _AGENT_INVOCATION_STARTED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_AGENT_INVOCATION_COMPLETED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["agentId", "confidence", "enqueuedRunId", "invocationId", "outcome", "schemaValidated"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class AgentInvocationCompletedPayload(Payload):
    """What `agent.invocation-completed` carries.

    Attributes:
        invocation_id: The invocation. Required.
        agent_id: The agent. Required.
        outcome: How it ended. Required.
        schema_validated: Whether the output was checked against its schema.
        confidence: How sure it is, from 0 to 1.
        enqueued_run_id: The run that was started as a result.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    invocation_id: str | None = attrs.field(default=None, metadata=on_wire("invocationId"))
    agent_id: str | None = attrs.field(default=None, metadata=on_wire("agentId"))
    outcome: Literal["completed", "handed-off", "escalated", "refused", "failed"] | str | None = (
        None
    )
    schema_validated: bool | None = attrs.field(default=None, metadata=on_wire("schemaValidated"))
    confidence: float | None = None
    enqueued_run_id: str | None = attrs.field(default=None, metadata=on_wire("enqueuedRunId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "AgentInvocationCompletedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "AgentInvocationCompletedPayload")
        get = data.get
        invocation_id = get("invocationId")
        if invocation_id is not None and type(invocation_id) is not str:
            raise mismatch("AgentInvocationCompletedPayload.invocationId", "str", invocation_id)
        agent_id = get("agentId")
        if agent_id is not None and type(agent_id) is not str:
            raise mismatch("AgentInvocationCompletedPayload.agentId", "str", agent_id)
        outcome = get("outcome")
        if outcome is not None and type(outcome) is not str:
            raise mismatch("AgentInvocationCompletedPayload.outcome", "str", outcome)
        schema_validated = get("schemaValidated")
        if schema_validated is not None and type(schema_validated) is not bool:
            raise mismatch(
                "AgentInvocationCompletedPayload.schemaValidated", "bool", schema_validated
            )
        confidence = get("confidence")
        if confidence is not None and type(confidence) is not float and type(confidence) is not int:
            raise mismatch("AgentInvocationCompletedPayload.confidence", "number", confidence)
        enqueued_run_id = get("enqueuedRunId")
        if enqueued_run_id is not None and type(enqueued_run_id) is not str:
            raise mismatch("AgentInvocationCompletedPayload.enqueuedRunId", "str", enqueued_run_id)
        self = blank(cls)
        fields = self.__dict__
        fields["invocation_id"] = invocation_id
        fields["agent_id"] = agent_id
        fields["outcome"] = outcome
        fields["schema_validated"] = schema_validated
        fields["confidence"] = confidence
        fields["enqueued_run_id"] = enqueued_run_id
        known = _AGENT_INVOCATION_COMPLETED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_AGENT_REASONED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["agentId", "causationHostId", "reasoning", "verbosity"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class AgentReasonedPayload(Payload):
    """What `agent.reasoned` carries.

    Attributes:
        agent_id: The agent. Required.
        reasoning: The reasoning, as full as `verbosity` says. Required.
        verbosity: How full the reasoning is.
        causation_host_id: The host of the event that caused this one, when it is another host.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    agent_id: str | None = attrs.field(default=None, metadata=on_wire("agentId"))
    reasoning: str | None = None
    verbosity: Literal["summary", "full", "off"] | str | None = None
    causation_host_id: str | None = attrs.field(default=None, metadata=on_wire("causationHostId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "AgentReasonedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "AgentReasonedPayload")
        get = data.get
        agent_id = get("agentId")
        if agent_id is not None and type(agent_id) is not str:
            raise mismatch("AgentReasonedPayload.agentId", "str", agent_id)
        reasoning = get("reasoning")
        if reasoning is not None and type(reasoning) is not str:
            raise mismatch("AgentReasonedPayload.reasoning", "str", reasoning)
        verbosity = get("verbosity")
        if verbosity is not None and type(verbosity) is not str:
            raise mismatch("AgentReasonedPayload.verbosity", "str", verbosity)
        causation_host_id = get("causationHostId")
        if causation_host_id is not None and type(causation_host_id) is not str:
            raise mismatch("AgentReasonedPayload.causationHostId", "str", causation_host_id)
        self = blank(cls)
        fields = self.__dict__
        fields["agent_id"] = agent_id
        fields["reasoning"] = reasoning
        fields["verbosity"] = verbosity
        fields["causation_host_id"] = causation_host_id
        known = _AGENT_REASONED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_AGENT_REASONING_DELTA_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["agentId", "delta", "sequence", "verbosity"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class AgentReasoningDeltaPayload(Payload):
    """What `agent.reasoning-delta` carries.

    Attributes:
        agent_id: The agent. Required.
        delta: The piece. Required.
        sequence: The number of the piece within its block, from 0. Required.
        verbosity: How full the reasoning is.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    agent_id: str | None = attrs.field(default=None, metadata=on_wire("agentId"))
    delta: str | None = None
    sequence: int | None = None
    verbosity: Literal["summary", "full", "off"] | str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "AgentReasoningDeltaPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "AgentReasoningDeltaPayload")
        get = data.get
        agent_id = get("agentId")
        if agent_id is not None and type(agent_id) is not str:
            raise mismatch("AgentReasoningDeltaPayload.agentId", "str", agent_id)
        delta = get("delta")
        if delta is not None and type(delta) is not str:
            raise mismatch("AgentReasoningDeltaPayload.delta", "str", delta)
        sequence = get("sequence")
        if sequence is not None and type(sequence) is not int:
            sequence = as_integer(sequence, "AgentReasoningDeltaPayload.sequence")
        verbosity = get("verbosity")
        if verbosity is not None and type(verbosity) is not str:
            raise mismatch("AgentReasoningDeltaPayload.verbosity", "str", verbosity)
        self = blank(cls)
        fields = self.__dict__
        fields["agent_id"] = agent_id
        fields["delta"] = delta
        fields["sequence"] = sequence
        fields["verbosity"] = verbosity
        known = _AGENT_REASONING_DELTA_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_AGENT_TOOL_CALLED_PAYLOAD: Final[frozenset[str]] = frozenset(
    [
        "agentId",
        "argsHash",
        "callId",
        "causationHostId",
        "inputs",
        "principal",
        "toolName",
        "transport",
    ]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class AgentToolCalledPayload(Payload):
    """What `agent.tool-called` carries.

    Attributes:
        agent_id: The agent. Required.
        tool_name: The tool. Required.
        call_id: The call, which ties its answer to it. Required.
        inputs: The arguments of the call.
        args_hash: A digest of the arguments.
        principal: On whose behalf the call was made.
        transport: How the tool is reached.
        causation_host_id: The host of the event that caused this one, when it is another host.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    agent_id: str | None = attrs.field(default=None, metadata=on_wire("agentId"))
    tool_name: str | None = attrs.field(default=None, metadata=on_wire("toolName"))
    call_id: str | None = attrs.field(default=None, metadata=on_wire("callId"))
    inputs: JSON | Unset = UNSET
    args_hash: str | None = attrs.field(default=None, metadata=on_wire("argsHash"))
    principal: str | None = None
    transport: Literal["mcp", "http", "native"] | str | None = None
    causation_host_id: str | None = attrs.field(default=None, metadata=on_wire("causationHostId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "AgentToolCalledPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "AgentToolCalledPayload")
        get = data.get
        agent_id = get("agentId")
        if agent_id is not None and type(agent_id) is not str:
            raise mismatch("AgentToolCalledPayload.agentId", "str", agent_id)
        tool_name = get("toolName")
        if tool_name is not None and type(tool_name) is not str:
            raise mismatch("AgentToolCalledPayload.toolName", "str", tool_name)
        call_id = get("callId")
        if call_id is not None and type(call_id) is not str:
            raise mismatch("AgentToolCalledPayload.callId", "str", call_id)
        inputs = get("inputs", UNSET)
        args_hash = get("argsHash")
        if args_hash is not None and type(args_hash) is not str:
            raise mismatch("AgentToolCalledPayload.argsHash", "str", args_hash)
        principal = get("principal")
        if principal is not None and type(principal) is not str:
            raise mismatch("AgentToolCalledPayload.principal", "str", principal)
        transport = get("transport")
        if transport is not None and type(transport) is not str:
            raise mismatch("AgentToolCalledPayload.transport", "str", transport)
        causation_host_id = get("causationHostId")
        if causation_host_id is not None and type(causation_host_id) is not str:
            raise mismatch("AgentToolCalledPayload.causationHostId", "str", causation_host_id)
        self = blank(cls)
        fields = self.__dict__
        fields["agent_id"] = agent_id
        fields["tool_name"] = tool_name
        fields["call_id"] = call_id
        fields["inputs"] = inputs
        fields["args_hash"] = args_hash
        fields["principal"] = principal
        fields["transport"] = transport
        fields["causation_host_id"] = causation_host_id
        known = _AGENT_TOOL_CALLED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_AGENT_TOOL_RETURNED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["agentId", "callId", "causationHostId", "durationMs", "error", "outcome", "status", "toolName"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class AgentToolReturnedPayload(Payload):
    """What `agent.tool-returned` carries.

    Attributes:
        agent_id: The agent. Required.
        tool_name: The tool. Required.
        call_id: The call, which ties its answer to it. Required.
        outcome: What the tool returned.
        error: What the tool failed with, in place of an outcome.
        status: How it went.
        duration_ms: How long it took, in milliseconds.
        causation_host_id: The host of the event that caused this one, when it is another host.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    agent_id: str | None = attrs.field(default=None, metadata=on_wire("agentId"))
    tool_name: str | None = attrs.field(default=None, metadata=on_wire("toolName"))
    call_id: str | None = attrs.field(default=None, metadata=on_wire("callId"))
    outcome: JSON | Unset = UNSET
    error: EventError | None = None
    status: Literal["ok", "error", "forbidden", "rate_limited"] | str | None = None
    duration_ms: int | None = attrs.field(default=None, metadata=on_wire("durationMs"))
    causation_host_id: str | None = attrs.field(default=None, metadata=on_wire("causationHostId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "AgentToolReturnedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "AgentToolReturnedPayload")
        get = data.get
        agent_id = get("agentId")
        if agent_id is not None and type(agent_id) is not str:
            raise mismatch("AgentToolReturnedPayload.agentId", "str", agent_id)
        tool_name = get("toolName")
        if tool_name is not None and type(tool_name) is not str:
            raise mismatch("AgentToolReturnedPayload.toolName", "str", tool_name)
        call_id = get("callId")
        if call_id is not None and type(call_id) is not str:
            raise mismatch("AgentToolReturnedPayload.callId", "str", call_id)
        outcome = get("outcome", UNSET)
        error = get("error")
        if error is not None:
            error = nested(EventError, error, "AgentToolReturnedPayload.error")
        status = get("status")
        if status is not None and type(status) is not str:
            raise mismatch("AgentToolReturnedPayload.status", "str", status)
        duration_ms = get("durationMs")
        if duration_ms is not None and type(duration_ms) is not int:
            duration_ms = as_integer(duration_ms, "AgentToolReturnedPayload.durationMs")
        causation_host_id = get("causationHostId")
        if causation_host_id is not None and type(causation_host_id) is not str:
            raise mismatch("AgentToolReturnedPayload.causationHostId", "str", causation_host_id)
        self = blank(cls)
        fields = self.__dict__
        fields["agent_id"] = agent_id
        fields["tool_name"] = tool_name
        fields["call_id"] = call_id
        fields["outcome"] = outcome
        fields["error"] = error
        fields["status"] = status
        fields["duration_ms"] = duration_ms
        fields["causation_host_id"] = causation_host_id
        known = _AGENT_TOOL_RETURNED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_AGENT_HANDOFF_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["causationHostId", "fromAgentId", "reason", "toAgentId"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class AgentHandoffPayload(Payload):
    """What `agent.handoff` carries.

    Attributes:
        from_agent_id: The agent that gave control. Required.
        to_agent_id: The agent that received control. Required.
        reason: Why.
        causation_host_id: The host of the event that caused this one, when it is another host.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    from_agent_id: str | None = attrs.field(default=None, metadata=on_wire("fromAgentId"))
    to_agent_id: str | None = attrs.field(default=None, metadata=on_wire("toAgentId"))
    reason: str | None = None
    causation_host_id: str | None = attrs.field(default=None, metadata=on_wire("causationHostId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "AgentHandoffPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "AgentHandoffPayload")
        get = data.get
        from_agent_id = get("fromAgentId")
        if from_agent_id is not None and type(from_agent_id) is not str:
            raise mismatch("AgentHandoffPayload.fromAgentId", "str", from_agent_id)
        to_agent_id = get("toAgentId")
        if to_agent_id is not None and type(to_agent_id) is not str:
            raise mismatch("AgentHandoffPayload.toAgentId", "str", to_agent_id)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("AgentHandoffPayload.reason", "str", reason)
        causation_host_id = get("causationHostId")
        if causation_host_id is not None and type(causation_host_id) is not str:
            raise mismatch("AgentHandoffPayload.causationHostId", "str", causation_host_id)
        self = blank(cls)
        fields = self.__dict__
        fields["from_agent_id"] = from_agent_id
        fields["to_agent_id"] = to_agent_id
        fields["reason"] = reason
        fields["causation_host_id"] = causation_host_id
        known = _AGENT_HANDOFF_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_AGENT_DECIDED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["agentId", "causationHostId", "confidence", "decision"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class AgentDecidedPayload(Payload):
    """What `agent.decided` carries.

    Attributes:
        agent_id: The agent. Required.
        decision: The decision, in the shape that the agent declares. Required.
        confidence: How sure it is, from 0 to 1.
        causation_host_id: The host of the event that caused this one, when it is another host.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    agent_id: str | None = attrs.field(default=None, metadata=on_wire("agentId"))
    decision: JSON | Unset = UNSET
    confidence: float | None = None
    causation_host_id: str | None = attrs.field(default=None, metadata=on_wire("causationHostId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "AgentDecidedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "AgentDecidedPayload")
        get = data.get
        agent_id = get("agentId")
        if agent_id is not None and type(agent_id) is not str:
            raise mismatch("AgentDecidedPayload.agentId", "str", agent_id)
        decision = get("decision", UNSET)
        confidence = get("confidence")
        if confidence is not None and type(confidence) is not float and type(confidence) is not int:
            raise mismatch("AgentDecidedPayload.confidence", "number", confidence)
        causation_host_id = get("causationHostId")
        if causation_host_id is not None and type(causation_host_id) is not str:
            raise mismatch("AgentDecidedPayload.causationHostId", "str", causation_host_id)
        self = blank(cls)
        fields = self.__dict__
        fields["agent_id"] = agent_id
        fields["decision"] = decision
        fields["confidence"] = confidence
        fields["causation_host_id"] = causation_host_id
        known = _AGENT_DECIDED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_AGENT_VERIFIED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["agentId", "causationHostId", "confidence", "criteria", "target", "verdict"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class AgentVerifiedPayload(Payload):
    """What `agent.verified` carries.

    Attributes:
        agent_id: The agent. Required.
        target: What was judged. Required.
        verdict: The judgement. Required.
        criteria: What it was judged by.
        confidence: How sure it is, from 0 to 1.
        causation_host_id: The host of the event that caused this one, when it is another host.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    agent_id: str | None = attrs.field(default=None, metadata=on_wire("agentId"))
    target: str | None = None
    verdict: Literal["pass", "fail", "revise"] | str | None = None
    criteria: list[str] | None = None
    confidence: float | None = None
    causation_host_id: str | None = attrs.field(default=None, metadata=on_wire("causationHostId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "AgentVerifiedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "AgentVerifiedPayload")
        get = data.get
        agent_id = get("agentId")
        if agent_id is not None and type(agent_id) is not str:
            raise mismatch("AgentVerifiedPayload.agentId", "str", agent_id)
        target = get("target")
        if target is not None and type(target) is not str:
            raise mismatch("AgentVerifiedPayload.target", "str", target)
        verdict = get("verdict")
        if verdict is not None and type(verdict) is not str:
            raise mismatch("AgentVerifiedPayload.verdict", "str", verdict)
        criteria = get("criteria")
        if criteria is not None:
            criteria = as_strings(criteria, "AgentVerifiedPayload.criteria")
        confidence = get("confidence")
        if confidence is not None and type(confidence) is not float and type(confidence) is not int:
            raise mismatch("AgentVerifiedPayload.confidence", "number", confidence)
        causation_host_id = get("causationHostId")
        if causation_host_id is not None and type(causation_host_id) is not str:
            raise mismatch("AgentVerifiedPayload.causationHostId", "str", causation_host_id)
        self = blank(cls)
        fields = self.__dict__
        fields["agent_id"] = agent_id
        fields["target"] = target
        fields["verdict"] = verdict
        fields["criteria"] = criteria
        fields["confidence"] = confidence
        fields["causation_host_id"] = causation_host_id
        known = _AGENT_VERIFIED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_AGENT_PROMPT_RESOLVED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["agentId", "causationHostId", "chain", "kind", "nodeId", "resolved"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class AgentPromptResolvedPayload(Payload):
    """What `agent.prompt-resolved` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        kind: Which slot. Required.
        agent_id: The agent.
        chain: Where the host looked, in order. Required.
        resolved: The prompt that was chosen, or null for none. Required.
        causation_host_id: The host of the event that caused this one, when it is another host.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    kind: Literal["system", "user", "few-shot", "schema-hint"] | str | None = None
    agent_id: str | None = attrs.field(default=None, metadata=on_wire("agentId"))
    chain: list[PromptCandidate] | None = None
    resolved: str | Unset | None = UNSET
    causation_host_id: str | None = attrs.field(default=None, metadata=on_wire("causationHostId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "AgentPromptResolvedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "AgentPromptResolvedPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("AgentPromptResolvedPayload.nodeId", "str", node_id)
        kind = get("kind")
        if kind is not None and type(kind) is not str:
            raise mismatch("AgentPromptResolvedPayload.kind", "str", kind)
        agent_id = get("agentId")
        if agent_id is not None and type(agent_id) is not str:
            raise mismatch("AgentPromptResolvedPayload.agentId", "str", agent_id)
        chain = get("chain")
        if chain is not None:
            chain = nested_list(PromptCandidate, chain, "AgentPromptResolvedPayload.chain")
        resolved = get("resolved", UNSET)
        if resolved is not None and resolved is not UNSET and type(resolved) is not str:
            raise mismatch("AgentPromptResolvedPayload.resolved", "str", resolved)
        causation_host_id = get("causationHostId")
        if causation_host_id is not None and type(causation_host_id) is not str:
            raise mismatch("AgentPromptResolvedPayload.causationHostId", "str", causation_host_id)
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["kind"] = kind
        fields["agent_id"] = agent_id
        fields["chain"] = chain
        fields["resolved"] = resolved
        fields["causation_host_id"] = causation_host_id
        known = _AGENT_PROMPT_RESOLVED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_AGENT_MEMORY_CONSOLIDATED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["inputCount", "memoryRef", "mergedIds", "outputCount", "trigger"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class AgentMemoryConsolidatedPayload(Payload):
    """What `agent.memory-consolidated` carries.

    Attributes:
        memory_ref: The memory. Required.
        input_count: How many entries went in. Required.
        output_count: How many entries came out. Required.
        merged_ids: The entries that were merged away.
        trigger: What set it off.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    memory_ref: str | None = attrs.field(default=None, metadata=on_wire("memoryRef"))
    input_count: int | None = attrs.field(default=None, metadata=on_wire("inputCount"))
    output_count: int | None = attrs.field(default=None, metadata=on_wire("outputCount"))
    merged_ids: list[str] | None = attrs.field(default=None, metadata=on_wire("mergedIds"))
    trigger: Literal["host-managed", "scheduled", "on-demand"] | str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "AgentMemoryConsolidatedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "AgentMemoryConsolidatedPayload")
        get = data.get
        memory_ref = get("memoryRef")
        if memory_ref is not None and type(memory_ref) is not str:
            raise mismatch("AgentMemoryConsolidatedPayload.memoryRef", "str", memory_ref)
        input_count = get("inputCount")
        if input_count is not None and type(input_count) is not int:
            input_count = as_integer(input_count, "AgentMemoryConsolidatedPayload.inputCount")
        output_count = get("outputCount")
        if output_count is not None and type(output_count) is not int:
            output_count = as_integer(output_count, "AgentMemoryConsolidatedPayload.outputCount")
        merged_ids = get("mergedIds")
        if merged_ids is not None:
            merged_ids = as_strings(merged_ids, "AgentMemoryConsolidatedPayload.mergedIds")
        trigger = get("trigger")
        if trigger is not None and type(trigger) is not str:
            raise mismatch("AgentMemoryConsolidatedPayload.trigger", "str", trigger)
        self = blank(cls)
        fields = self.__dict__
        fields["memory_ref"] = memory_ref
        fields["input_count"] = input_count
        fields["output_count"] = output_count
        fields["merged_ids"] = merged_ids
        fields["trigger"] = trigger
        known = _AGENT_MEMORY_CONSOLIDATED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_ORCHESTRATOR_DECIDED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["agentId", "causationHostId", "decision", "iteration"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class OrchestratorDecidedPayload(Payload):
    """What `orchestrator.decided` carries.

    Attributes:
        agent_id: The agent. Required.
        decision: The decision. Required.
        iteration: Which turn of the loop this is.
        causation_host_id: The host of the event that caused this one, when it is another host.

    Section: v1-events.md §3.7; v2-events.md, "Agents".
    """

    agent_id: str | None = attrs.field(default=None, metadata=on_wire("agentId"))
    decision: OrchestratorDecision | None = None
    iteration: int | None = None
    causation_host_id: str | None = attrs.field(default=None, metadata=on_wire("causationHostId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "OrchestratorDecidedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "OrchestratorDecidedPayload")
        get = data.get
        agent_id = get("agentId")
        if agent_id is not None and type(agent_id) is not str:
            raise mismatch("OrchestratorDecidedPayload.agentId", "str", agent_id)
        decision = get("decision")
        if decision is not None:
            decision = nested(OrchestratorDecision, decision, "OrchestratorDecidedPayload.decision")
        iteration = get("iteration")
        if iteration is not None and type(iteration) is not int:
            iteration = as_integer(iteration, "OrchestratorDecidedPayload.iteration")
        causation_host_id = get("causationHostId")
        if causation_host_id is not None and type(causation_host_id) is not str:
            raise mismatch("OrchestratorDecidedPayload.causationHostId", "str", causation_host_id)
        self = blank(cls)
        fields = self.__dict__
        fields["agent_id"] = agent_id
        fields["decision"] = decision
        fields["iteration"] = iteration
        fields["causation_host_id"] = causation_host_id
        known = _ORCHESTRATOR_DECIDED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_WORKFLOW_CHAIN_EVENT_PAYLOAD: Final[frozenset[str]] = frozenset(
    [
        "attestation",
        "causationHostId",
        "childRunId",
        "error",
        "harvestedKeys",
        "parentRunId",
        "phase",
        "workerId",
    ]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class WorkflowChainEventPayload(Payload):
    """What `workflow-chain.event` carries.

    Attributes:
        phase: Which step. Required.
        worker_id: The worker. Required.
        parent_run_id: The parent run. Required.
        child_run_id: The child run.
        harvested_keys: The outputs that were taken over from the child.
        attestation: A digest of what was taken over.
        error: What failed.
        causation_host_id: The host of the event that caused this one, when it is another host.

    Section: v1-events.md §3.7; v2-events.md, "Agents".
    """

    phase: (
        Literal[
            "dispatch.began",
            "dispatch.succeeded",
            "dispatch.failed",
            "child.completed",
            "child.failed",
            "child.cancelled",
            "output.harvested",
        ]
        | str
        | None
    ) = None
    worker_id: str | None = attrs.field(default=None, metadata=on_wire("workerId"))
    parent_run_id: str | None = attrs.field(default=None, metadata=on_wire("parentRunId"))
    child_run_id: str | None = attrs.field(default=None, metadata=on_wire("childRunId"))
    harvested_keys: list[str] | None = attrs.field(default=None, metadata=on_wire("harvestedKeys"))
    attestation: ChildAttestation | None = None
    error: EventError | None = None
    causation_host_id: str | None = attrs.field(default=None, metadata=on_wire("causationHostId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "WorkflowChainEventPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "WorkflowChainEventPayload")
        get = data.get
        phase = get("phase")
        if phase is not None and type(phase) is not str:
            raise mismatch("WorkflowChainEventPayload.phase", "str", phase)
        worker_id = get("workerId")
        if worker_id is not None and type(worker_id) is not str:
            raise mismatch("WorkflowChainEventPayload.workerId", "str", worker_id)
        parent_run_id = get("parentRunId")
        if parent_run_id is not None and type(parent_run_id) is not str:
            raise mismatch("WorkflowChainEventPayload.parentRunId", "str", parent_run_id)
        child_run_id = get("childRunId")
        if child_run_id is not None and type(child_run_id) is not str:
            raise mismatch("WorkflowChainEventPayload.childRunId", "str", child_run_id)
        harvested_keys = get("harvestedKeys")
        if harvested_keys is not None:
            harvested_keys = as_strings(harvested_keys, "WorkflowChainEventPayload.harvestedKeys")
        attestation = get("attestation")
        if attestation is not None:
            attestation = nested(
                ChildAttestation, attestation, "WorkflowChainEventPayload.attestation"
            )
        error = get("error")
        if error is not None:
            error = nested(EventError, error, "WorkflowChainEventPayload.error")
        causation_host_id = get("causationHostId")
        if causation_host_id is not None and type(causation_host_id) is not str:
            raise mismatch("WorkflowChainEventPayload.causationHostId", "str", causation_host_id)
        self = blank(cls)
        fields = self.__dict__
        fields["phase"] = phase
        fields["worker_id"] = worker_id
        fields["parent_run_id"] = parent_run_id
        fields["child_run_id"] = child_run_id
        fields["harvested_keys"] = harvested_keys
        fields["attestation"] = attestation
        fields["error"] = error
        fields["causation_host_id"] = causation_host_id
        known = _WORKFLOW_CHAIN_EVENT_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_WORKFLOW_CHAIN_CONFIDENCE_ESCALATED_PAYLOAD: Final[frozenset[str]] = frozenset(
    [
        "causationHostId",
        "confidence",
        "escalationKind",
        "floor",
        "originalDecision",
        "parentRunId",
        "workerId",
    ]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class WorkflowChainConfidenceEscalatedPayload(Payload):
    """What `workflow-chain.confidence-escalated` carries.

    Attributes:
        confidence: How sure it is, from 0 to 1. Required.
        floor: The confidence that would have been enough. Required.
        escalation_kind: How the human is asked. Required.
        worker_id: The worker.
        parent_run_id: The parent run. Required.
        original_decision: What the supervisor would have done.
        causation_host_id: The host of the event that caused this one, when it is another host.

    Section: v1-events.md §3.7; v2-events.md, "Agents".
    """

    confidence: float | None = None
    floor: float | None = None
    escalation_kind: Literal["clarify", "escalate"] | str | None = attrs.field(
        default=None, metadata=on_wire("escalationKind")
    )
    worker_id: str | None = attrs.field(default=None, metadata=on_wire("workerId"))
    parent_run_id: str | None = attrs.field(default=None, metadata=on_wire("parentRunId"))
    original_decision: OrchestratorDecision | None = attrs.field(
        default=None, metadata=on_wire("originalDecision")
    )
    causation_host_id: str | None = attrs.field(default=None, metadata=on_wire("causationHostId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads",
                "WorkflowChainConfidenceEscalatedPayload",
                data,
                variant,
            )
        if not isinstance(data, dict):
            data = as_members(data, "WorkflowChainConfidenceEscalatedPayload")
        get = data.get
        confidence = get("confidence")
        if confidence is not None and type(confidence) is not float and type(confidence) is not int:
            raise mismatch(
                "WorkflowChainConfidenceEscalatedPayload.confidence", "number", confidence
            )
        floor = get("floor")
        if floor is not None and type(floor) is not float and type(floor) is not int:
            raise mismatch("WorkflowChainConfidenceEscalatedPayload.floor", "number", floor)
        escalation_kind = get("escalationKind")
        if escalation_kind is not None and type(escalation_kind) is not str:
            raise mismatch(
                "WorkflowChainConfidenceEscalatedPayload.escalationKind", "str", escalation_kind
            )
        worker_id = get("workerId")
        if worker_id is not None and type(worker_id) is not str:
            raise mismatch("WorkflowChainConfidenceEscalatedPayload.workerId", "str", worker_id)
        parent_run_id = get("parentRunId")
        if parent_run_id is not None and type(parent_run_id) is not str:
            raise mismatch(
                "WorkflowChainConfidenceEscalatedPayload.parentRunId", "str", parent_run_id
            )
        original_decision = get("originalDecision")
        if original_decision is not None:
            original_decision = nested(
                OrchestratorDecision,
                original_decision,
                "WorkflowChainConfidenceEscalatedPayload.originalDecision",
            )
        causation_host_id = get("causationHostId")
        if causation_host_id is not None and type(causation_host_id) is not str:
            raise mismatch(
                "WorkflowChainConfidenceEscalatedPayload.causationHostId", "str", causation_host_id
            )
        self = blank(cls)
        fields = self.__dict__
        fields["confidence"] = confidence
        fields["floor"] = floor
        fields["escalation_kind"] = escalation_kind
        fields["worker_id"] = worker_id
        fields["parent_run_id"] = parent_run_id
        fields["original_decision"] = original_decision
        fields["causation_host_id"] = causation_host_id
        known = _WORKFLOW_CHAIN_CONFIDENCE_ESCALATED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_ROSTER_RUN_INITIATED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["agentId", "persona", "rosterId", "triggerSource", "triggerSubscriptionId", "workflowId"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class RosterRunInitiatedPayload(Payload):
    """What `roster.run-initiated` carries.

    Attributes:
        roster_id: The entry of the roster. Required.
        persona: The persona under which the agent works. Required.
        agent_id: The agent. Required.
        workflow_id: The workflow. Required.
        trigger_source: What made it start. Required.
        trigger_subscription_id: The trigger subscription behind it.

    Section: v1-events.md §3.9; v2-events.md, "Agents".
    """

    roster_id: str | None = attrs.field(default=None, metadata=on_wire("rosterId"))
    persona: str | None = None
    agent_id: str | None = attrs.field(default=None, metadata=on_wire("agentId"))
    workflow_id: str | None = attrs.field(default=None, metadata=on_wire("workflowId"))
    trigger_source: str | None = attrs.field(default=None, metadata=on_wire("triggerSource"))
    trigger_subscription_id: str | None = attrs.field(
        default=None, metadata=on_wire("triggerSubscriptionId")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "RosterRunInitiatedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "RosterRunInitiatedPayload")
        get = data.get
        roster_id = get("rosterId")
        if roster_id is not None and type(roster_id) is not str:
            raise mismatch("RosterRunInitiatedPayload.rosterId", "str", roster_id)
        persona = get("persona")
        if persona is not None and type(persona) is not str:
            raise mismatch("RosterRunInitiatedPayload.persona", "str", persona)
        agent_id = get("agentId")
        if agent_id is not None and type(agent_id) is not str:
            raise mismatch("RosterRunInitiatedPayload.agentId", "str", agent_id)
        workflow_id = get("workflowId")
        if workflow_id is not None and type(workflow_id) is not str:
            raise mismatch("RosterRunInitiatedPayload.workflowId", "str", workflow_id)
        trigger_source = get("triggerSource")
        if trigger_source is not None and type(trigger_source) is not str:
            raise mismatch("RosterRunInitiatedPayload.triggerSource", "str", trigger_source)
        trigger_subscription_id = get("triggerSubscriptionId")
        if trigger_subscription_id is not None and type(trigger_subscription_id) is not str:
            raise mismatch(
                "RosterRunInitiatedPayload.triggerSubscriptionId", "str", trigger_subscription_id
            )
        self = blank(cls)
        fields = self.__dict__
        fields["roster_id"] = roster_id
        fields["persona"] = persona
        fields["agent_id"] = agent_id
        fields["workflow_id"] = workflow_id
        fields["trigger_source"] = trigger_source
        fields["trigger_subscription_id"] = trigger_subscription_id
        known = _ROSTER_RUN_INITIATED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_GOAL_EVALUATED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["confidence", "goalId", "iterations", "runId", "satisfied"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class GoalEvaluatedPayload(Payload):
    """What `goal.evaluated` carries.

    Attributes:
        goal_id: The goal. Required.
        satisfied: Whether the goal is reached. Required.
        confidence: How sure it is, from 0 to 1.
        run_id: The run. Required.
        iterations: How often it was evaluated. Required.

    Section: v1-events.md §3.9; v2-events.md, "Agents".
    """

    goal_id: str | None = attrs.field(default=None, metadata=on_wire("goalId"))
    satisfied: bool | None = None
    confidence: float | None = None
    run_id: str | None = attrs.field(default=None, metadata=on_wire("runId"))
    iterations: int | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "GoalEvaluatedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "GoalEvaluatedPayload")
        get = data.get
        goal_id = get("goalId")
        if goal_id is not None and type(goal_id) is not str:
            raise mismatch("GoalEvaluatedPayload.goalId", "str", goal_id)
        satisfied = get("satisfied")
        if satisfied is not None and type(satisfied) is not bool:
            raise mismatch("GoalEvaluatedPayload.satisfied", "bool", satisfied)
        confidence = get("confidence")
        if confidence is not None and type(confidence) is not float and type(confidence) is not int:
            raise mismatch("GoalEvaluatedPayload.confidence", "number", confidence)
        run_id = get("runId")
        if run_id is not None and type(run_id) is not str:
            raise mismatch("GoalEvaluatedPayload.runId", "str", run_id)
        iterations = get("iterations")
        if iterations is not None and type(iterations) is not int:
            iterations = as_integer(iterations, "GoalEvaluatedPayload.iterations")
        self = blank(cls)
        fields = self.__dict__
        fields["goal_id"] = goal_id
        fields["satisfied"] = satisfied
        fields["confidence"] = confidence
        fields["run_id"] = run_id
        fields["iterations"] = iterations
        known = _GOAL_EVALUATED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_GOAL_CLOSED_PAYLOAD: Final[frozenset[str]] = frozenset(["finalState", "goalId"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class GoalClosedPayload(Payload):
    """What `goal.closed` carries.

    Attributes:
        goal_id: The goal. Required.
        final_state: How the goal ended. Required.

    Section: v1-events.md §3.9; v2-events.md, "Agents".
    """

    goal_id: str | None = attrs.field(default=None, metadata=on_wire("goalId"))
    final_state: Literal["satisfied", "escalated", "abandoned", "bound-exceeded"] | str | None = (
        attrs.field(default=None, metadata=on_wire("finalState"))
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "GoalClosedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "GoalClosedPayload")
        get = data.get
        goal_id = get("goalId")
        if goal_id is not None and type(goal_id) is not str:
            raise mismatch("GoalClosedPayload.goalId", "str", goal_id)
        final_state = get("finalState")
        if final_state is not None and type(final_state) is not str:
            raise mismatch("GoalClosedPayload.finalState", "str", final_state)
        self = blank(cls)
        fields = self.__dict__
        fields["goal_id"] = goal_id
        fields["final_state"] = final_state
        known = _GOAL_CLOSED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_COMMITMENT_FIRED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["commitmentId", "condition", "enqueuedRunId", "memoryId", "memoryRef"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class CommitmentFiredPayload(Payload):
    """What `commitment.fired` carries.

    Attributes:
        commitment_id: The commitment. Required.
        memory_ref: The memory. Required.
        memory_id: The entry of the memory.
        condition: What it was waiting for. Required.
        enqueued_run_id: The run that was started as a result.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    commitment_id: str | None = attrs.field(default=None, metadata=on_wire("commitmentId"))
    memory_ref: str | None = attrs.field(default=None, metadata=on_wire("memoryRef"))
    memory_id: str | None = attrs.field(default=None, metadata=on_wire("memoryId"))
    condition: Literal["time", "predicate"] | str | None = None
    enqueued_run_id: str | None = attrs.field(default=None, metadata=on_wire("enqueuedRunId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "CommitmentFiredPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "CommitmentFiredPayload")
        get = data.get
        commitment_id = get("commitmentId")
        if commitment_id is not None and type(commitment_id) is not str:
            raise mismatch("CommitmentFiredPayload.commitmentId", "str", commitment_id)
        memory_ref = get("memoryRef")
        if memory_ref is not None and type(memory_ref) is not str:
            raise mismatch("CommitmentFiredPayload.memoryRef", "str", memory_ref)
        memory_id = get("memoryId")
        if memory_id is not None and type(memory_id) is not str:
            raise mismatch("CommitmentFiredPayload.memoryId", "str", memory_id)
        condition = get("condition")
        if condition is not None and type(condition) is not str:
            raise mismatch("CommitmentFiredPayload.condition", "str", condition)
        enqueued_run_id = get("enqueuedRunId")
        if enqueued_run_id is not None and type(enqueued_run_id) is not str:
            raise mismatch("CommitmentFiredPayload.enqueuedRunId", "str", enqueued_run_id)
        self = blank(cls)
        fields = self.__dict__
        fields["commitment_id"] = commitment_id
        fields["memory_ref"] = memory_ref
        fields["memory_id"] = memory_id
        fields["condition"] = condition
        fields["enqueued_run_id"] = enqueued_run_id
        known = _COMMITMENT_FIRED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self
