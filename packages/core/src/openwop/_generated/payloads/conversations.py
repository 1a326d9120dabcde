"""What events carry.  Conversations and memory."""

# ruff: noqa: PYI051  # the listed values are there for editors; any other is read too
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, Self

import attrs

from openwop.runtime._model import JSON, on_wire
from openwop.runtime._operation import UNSET, Unset
from openwop.runtime._payload import (
    Payload,
    as_members,
    as_strings,
    blank,
    check_payload,
    nested,
    set_extra,
    undeclared,
)
from openwop.runtime._structure import as_integer, mismatch

__all__ = [
    "ConversationClosedPayload",
    "ConversationExchangedPayload",
    "ConversationOpenedPayload",
    "ConversationTurn",
    "MemoryCompactedPayload",
    "MemoryDistillation",
    "MemoryWrittenPayload",
    "TurnAgent",
    "TurnModel",
]


_TURN_MODEL: Final[frozenset[str]] = frozenset(["model", "provider"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class TurnModel(Payload):
    """The model that spoke.

    Attributes:
        provider: The provider. Required.
        model: The model. Required.

    Section: v1-events.md §3.7; v2-events.md, "Conversation and memory".
    """

    provider: str | None = None
    model: str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "TurnModel", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "TurnModel")
        get = data.get
        provider = get("provider")
        if provider is not None and type(provider) is not str:
            raise mismatch("TurnModel.provider", "str", provider)
        model = get("model")
        if model is not None and type(model) is not str:
            raise mismatch("TurnModel.model", "str", model)
        self = blank(cls)
        fields = self.__dict__
        fields["provider"] = provider
        fields["model"] = model
        known = _TURN_MODEL
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_TURN_AGENT: Final[frozenset[str]] = frozenset(["agentId", "agentSharing", "memoryRef", "model"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class TurnAgent(Payload):
    """The agent that spoke.

    Attributes:
        agent_id: The agent.
        agent_sharing: Whose context the agent speaks from.
        memory_ref: The memory.
        model: The model that spoke, where the host says so. Major 2 only.

    Section: v1-events.md §3.7; v2-events.md, "Conversation and memory".
    """

    agent_id: str | None = attrs.field(default=None, metadata=on_wire("agentId"))
    agent_sharing: Literal["isolated", "shared", "shared:%shared%"] | str | None = attrs.field(
        default=None, metadata=on_wire("agentSharing")
    )
    memory_ref: str | None = attrs.field(default=None, metadata=on_wire("memoryRef"))
    model: TurnModel | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "TurnAgent", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "TurnAgent")
        get = data.get
        agent_id = get("agentId")
        if agent_id is not None and type(agent_id) is not str:
            raise mismatch("TurnAgent.agentId", "str", agent_id)
        agent_sharing = get("agentSharing")
        if agent_sharing is not None and type(agent_sharing) is not str:
            raise mismatch("TurnAgent.agentSharing", "str", agent_sharing)
        memory_ref = get("memoryRef")
        if memory_ref is not None and type(memory_ref) is not str:
            raise mismatch("TurnAgent.memoryRef", "str", memory_ref)
        model = get("model")
        if model is not None:
            model = nested(TurnModel, model, "TurnAgent.model")
        self = blank(cls)
        fields = self.__dict__
        fields["agent_id"] = agent_id
        fields["agent_sharing"] = agent_sharing
        fields["memory_ref"] = memory_ref
        fields["model"] = model
        known = _TURN_AGENT
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_CONVERSATION_TURN: Final[frozenset[str]] = frozenset(
    [
        "agent",
        "content",
        "from",
        "groupId",
        "messageId",
        "role",
        "speakerId",
        "to",
        "ts",
        "turnIndex",
    ]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ConversationTurn(Payload):
    """One turn of a conversation.

    Attributes:
        message_id: The same for every copy of the turn. Required.
        from_: Who spoke: an agent, or `user`. Required.
        to: Who was spoken to; absent means everybody.
        group_id: The group whose shared context the turn belongs to.
        content: What was said, in whatever shape the host uses. Required.
        ts: When, in milliseconds since 1970. Required.
        role: What kind of participant spoke. Required.
        agent: The agent that spoke.
        turn_index: The number of the turn, from 0. Required.
        speaker_id: Which member of the conversation spoke.

    Section: v1-events.md §3.7; v2-events.md, "Conversation and memory".
    """

    message_id: str | None = attrs.field(default=None, metadata=on_wire("messageId"))
    from_: str | None = attrs.field(default=None, metadata=on_wire("from"))
    to: str | None = None
    group_id: str | None = attrs.field(default=None, metadata=on_wire("groupId"))
    content: JSON | Unset = UNSET
    ts: int | None = None
    role: Literal["user", "agent", "system"] | str | None = None
    agent: TurnAgent | None = None
    turn_index: int | None = attrs.field(default=None, metadata=on_wire("turnIndex"))
    speaker_id: str | None = attrs.field(default=None, metadata=on_wire("speakerId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ConversationTurn", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ConversationTurn")
        get = data.get
        message_id = get("messageId")
        if message_id is not None and type(message_id) is not str:
            raise mismatch("ConversationTurn.messageId", "str", message_id)
        from_ = get("from")
        if from_ is not None and type(from_) is not str:
            raise mismatch("ConversationTurn.from", "str", from_)
        to = get("to")
        if to is not None and type(to) is not str:
            raise mismatch("ConversationTurn.to", "str", to)
        group_id = get("groupId")
        if group_id is not None and type(group_id) is not str:
            raise mismatch("ConversationTurn.groupId", "str", group_id)
        content = get("content", UNSET)
        ts = get("ts")
        if ts is not None and type(ts) is not int:
            ts = as_integer(ts, "ConversationTurn.ts")
        role = get("role")
        if role is not None and type(role) is not str:
            raise mismatch("ConversationTurn.role", "str", role)
        agent = get("agent")
        if agent is not None:
            agent = nested(TurnAgent, agent, "ConversationTurn.agent")
        turn_index = get("turnIndex")
        if turn_index is not None and type(turn_index) is not int:
            turn_index = as_integer(turn_index, "ConversationTurn.turnIndex")
        speaker_id = get("speakerId")
        if speaker_id is not None and type(speaker_id) is not str:
            raise mismatch("ConversationTurn.speakerId", "str", speaker_id)
        self = blank(cls)
        fields = self.__dict__
        fields["message_id"] = message_id
        fields["from_"] = from_
        fields["to"] = to
        fields["group_id"] = group_id
        fields["content"] = content
        fields["ts"] = ts
        fields["role"] = role
        fields["agent"] = agent
        fields["turn_index"] = turn_index
        fields["speaker_id"] = speaker_id
        known = _CONVERSATION_TURN
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_MEMORY_DISTILLATION: Final[frozenset[str]] = frozenset(
    ["indexUpdated", "tokenBudget", "tokensUsed"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class MemoryDistillation(Payload):
    """What a distillation spent.

    Attributes:
        token_budget: The most tokens that the result may have. Required.
        tokens_used: The tokens that the result has. Required.
        index_updated: Whether the memory's index was brought up to date.

    Section: v1-events.md §3.6; v2-events.md, "Conversation and memory".
    """

    token_budget: int | None = attrs.field(default=None, metadata=on_wire("tokenBudget"))
    tokens_used: int | None = attrs.field(default=None, metadata=on_wire("tokensUsed"))
    index_updated: bool | None = attrs.field(default=None, metadata=on_wire("indexUpdated"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "MemoryDistillation", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "MemoryDistillation")
        get = data.get
        token_budget = get("tokenBudget")
        if token_budget is not None and type(token_budget) is not int:
            token_budget = as_integer(token_budget, "MemoryDistillation.tokenBudget")
        tokens_used = get("tokensUsed")
        if tokens_used is not None and type(tokens_used) is not int:
            tokens_used = as_integer(tokens_used, "MemoryDistillation.tokensUsed")
        index_updated = get("indexUpdated")
        if index_updated is not None and type(index_updated) is not bool:
            raise mismatch("MemoryDistillation.indexUpdated", "bool", index_updated)
        self = blank(cls)
        fields = self.__dict__
        fields["token_budget"] = token_budget
        fields["tokens_used"] = tokens_used
        fields["index_updated"] = index_updated
        known = _MEMORY_DISTILLATION
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_CONVERSATION_OPENED_PAYLOAD: Final[frozenset[str]] = frozenset(["conversationId", "openedBy"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ConversationOpenedPayload(Payload):
    """What `conversation.opened` carries.

    Attributes:
        conversation_id: The conversation. Required.
        opened_by: Who began it.

    Section: v1-events.md §3.7; v2-events.md, "Conversation and memory".
    """

    conversation_id: str | None = attrs.field(default=None, metadata=on_wire("conversationId"))
    opened_by: str | None = attrs.field(default=None, metadata=on_wire("openedBy"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ConversationOpenedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ConversationOpenedPayload")
        get = data.get
        conversation_id = get("conversationId")
        if conversation_id is not None and type(conversation_id) is not str:
            raise mismatch("ConversationOpenedPayload.conversationId", "str", conversation_id)
        opened_by = get("openedBy")
        if opened_by is not None and type(opened_by) is not str:
            raise mismatch("ConversationOpenedPayload.openedBy", "str", opened_by)
        self = blank(cls)
        fields = self.__dict__
        fields["conversation_id"] = conversation_id
        fields["opened_by"] = opened_by
        known = _CONVERSATION_OPENED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_CONVERSATION_EXCHANGED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["conversationId", "outcome", "turn", "turnIndex"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ConversationExchangedPayload(Payload):
    """What `conversation.exchanged` carries.

    Attributes:
        conversation_id: The conversation. Required.
        turn_index: The number of the turn, from 0. Required.
        turn: The turn itself. Major 2 only.
        outcome: How it ended.

    Section: v1-events.md §3.7; v2-events.md, "Conversation and memory".
    """

    conversation_id: str | None = attrs.field(default=None, metadata=on_wire("conversationId"))
    turn_index: int | None = attrs.field(default=None, metadata=on_wire("turnIndex"))
    turn: ConversationTurn | None = None
    outcome: JSON | Unset = UNSET

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "ConversationExchangedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "ConversationExchangedPayload")
        get = data.get
        conversation_id = get("conversationId")
        if conversation_id is not None and type(conversation_id) is not str:
            raise mismatch("ConversationExchangedPayload.conversationId", "str", conversation_id)
        turn_index = get("turnIndex")
        if turn_index is not None and type(turn_index) is not int:
            turn_index = as_integer(turn_index, "ConversationExchangedPayload.turnIndex")
        turn = get("turn")
        if turn is not None:
            turn = nested(ConversationTurn, turn, "ConversationExchangedPayload.turn")
        outcome = get("outcome", UNSET)
        self = blank(cls)
        fields = self.__dict__
        fields["conversation_id"] = conversation_id
        fields["turn_index"] = turn_index
        fields["turn"] = turn
        fields["outcome"] = outcome
        known = _CONVERSATION_EXCHANGED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_CONVERSATION_CLOSED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["conversationId", "reason", "turnCount"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ConversationClosedPayload(Payload):
    """What `conversation.closed` carries.

    Attributes:
        conversation_id: The conversation. Required.
        reason: Why.
        turn_count: How many turns it had.

    Section: v1-events.md §3.7; v2-events.md, "Conversation and memory".
    """

    conversation_id: str | None = attrs.field(default=None, metadata=on_wire("conversationId"))
    reason: str | None = None
    turn_count: int | None = attrs.field(default=None, metadata=on_wire("turnCount"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ConversationClosedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ConversationClosedPayload")
        get = data.get
        conversation_id = get("conversationId")
        if conversation_id is not None and type(conversation_id) is not str:
            raise mismatch("ConversationClosedPayload.conversationId", "str", conversation_id)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("ConversationClosedPayload.reason", "str", reason)
        turn_count = get("turnCount")
        if turn_count is not None and type(turn_count) is not int:
            turn_count = as_integer(turn_count, "ConversationClosedPayload.turnCount")
        self = blank(cls)
        fields = self.__dict__
        fields["conversation_id"] = conversation_id
        fields["reason"] = reason
        fields["turn_count"] = turn_count
        known = _CONVERSATION_CLOSED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_MEMORY_WRITTEN_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["agentId", "memoryId", "memoryRef", "nodeId", "tags"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class MemoryWrittenPayload(Payload):
    """What `memory.written` carries.

    Attributes:
        memory_ref: The memory. Required.
        memory_id: The entry of the memory. Required.
        node_id: The node, as the workflow names it.
        agent_id: The agent.
        tags: Tags.

    Section: v1-events.md §3.6; v2-events.md, "Conversation and memory".
    """

    memory_ref: str | None = attrs.field(default=None, metadata=on_wire("memoryRef"))
    memory_id: str | None = attrs.field(default=None, metadata=on_wire("memoryId"))
    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    agent_id: str | None = attrs.field(default=None, metadata=on_wire("agentId"))
    tags: list[str] | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "MemoryWrittenPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "MemoryWrittenPayload")
        get = data.get
        memory_ref = get("memoryRef")
        if memory_ref is not None and type(memory_ref) is not str:
            raise mismatch("MemoryWrittenPayload.memoryRef", "str", memory_ref)
        memory_id = get("memoryId")
        if memory_id is not None and type(memory_id) is not str:
            raise mismatch("MemoryWrittenPayload.memoryId", "str", memory_id)
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("MemoryWrittenPayload.nodeId", "str", node_id)
        agent_id = get("agentId")
        if agent_id is not None and type(agent_id) is not str:
            raise mismatch("MemoryWrittenPayload.agentId", "str", agent_id)
        tags = get("tags")
        if tags is not None:
            tags = as_strings(tags, "MemoryWrittenPayload.tags")
        self = blank(cls)
        fields = self.__dict__
        fields["memory_ref"] = memory_ref
        fields["memory_id"] = memory_id
        fields["node_id"] = node_id
        fields["agent_id"] = agent_id
        fields["tags"] = tags
        known = _MEMORY_WRITTEN_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_MEMORY_COMPACTED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["byteSize", "distillation", "memoryRef", "outputId", "sourceCount", "sourceIds", "trigger"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class MemoryCompactedPayload(Payload):
    """What `memory.compacted` carries.

    Attributes:
        memory_ref: The memory. Required.
        output_id: The entry that came of it. Required.
        source_ids: The entries that were folded.
        source_count: How many entries were folded. Required.
        trigger: What set it off. Required.
        byte_size: The size of the new entry, in bytes. Required.
        distillation: What the distillation spent.

    Section: v1-events.md §3.6; v2-events.md, "Conversation and memory".
    """

    memory_ref: str | None = attrs.field(default=None, metadata=on_wire("memoryRef"))
    output_id: str | None = attrs.field(default=None, metadata=on_wire("outputId"))
    source_ids: list[str] | None = attrs.field(default=None, metadata=on_wire("sourceIds"))
    source_count: int | None = attrs.field(default=None, metadata=on_wire("sourceCount"))
    trigger: Literal["host-managed", "client-requested", "both"] | str | None = None
    byte_size: int | None = attrs.field(default=None, metadata=on_wire("byteSize"))
    distillation: MemoryDistillation | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "MemoryCompactedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "MemoryCompactedPayload")
        get = data.get
        memory_ref = get("memoryRef")
        if memory_ref is not None and type(memory_ref) is not str:
            raise mismatch("MemoryCompactedPayload.memoryRef", "str", memory_ref)
        output_id = get("outputId")
        if output_id is not None and type(output_id) is not str:
            raise mismatch("MemoryCompactedPayload.outputId", "str", output_id)
        source_ids = get("sourceIds")
        if source_ids is not None:
            source_ids = as_strings(source_ids, "MemoryCompactedPayload.sourceIds")
        source_count = get("sourceCount")
        if source_count is not None and type(source_count) is not int:
            source_count = as_integer(source_count, "MemoryCompactedPayload.sourceCount")
        trigger = get("trigger")
        if trigger is not None and type(trigger) is not str:
            raise mismatch("MemoryCompactedPayload.trigger", "str", trigger)
        byte_size = get("byteSize")
        if byte_size is not None and type(byte_size) is not int:
            byte_size = as_integer(byte_size, "MemoryCompactedPayload.byteSize")
        distillation = get("distillation")
        if distillation is not None:
            distillation = nested(
                MemoryDistillation, distillation, "MemoryCompactedPayload.distillation"
            )
        self = blank(cls)
        fields = self.__dict__
        fields["memory_ref"] = memory_ref
        fields["output_id"] = output_id
        fields["source_ids"] = source_ids
        fields["source_count"] = source_count
        fields["trigger"] = trigger
        fields["byte_size"] = byte_size
        fields["distillation"] = distillation
        known = _MEMORY_COMPACTED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self
