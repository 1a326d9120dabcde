"""What events carry.  Interrupts: what waits for somebody, and what was decided."""

# ruff: noqa: PYI051  # the listed values are there for editors; any other is read too
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, Self

import attrs

from openwop._generated.payloads.shared import Subject
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
    "ApprovalGrantedPayload",
    "ApprovalOverriddenPayload",
    "ApprovalReceivedPayload",
    "ApprovalRejectedPayload",
    "ApprovalRequestedPayload",
    "ClarificationQuestion",
    "ClarificationRequestedPayload",
    "ClarificationResolvedPayload",
    "InterruptRequestedPayload",
    "InterruptResolvedPayload",
    "QuorumProgress",
    "RefineFeedback",
]


_CLARIFICATION_QUESTION: Final[frozenset[str]] = frozenset(["id", "question", "schema"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ClarificationQuestion(Payload):
    """One question of a clarification.

    Attributes:
        id: The id that the answer is given under. Required.
        question: What is asked. Required.
        schema: The JSON Schema of an acceptable answer.

    Section: v1-events.md §3.3; v2-events.md, "Interrupts".
    """

    id: str | None = None
    question: str | None = None
    schema: dict[str, JSON] | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ClarificationQuestion", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ClarificationQuestion")
        get = data.get
        id_ = get("id")
        if id_ is not None and type(id_) is not str:
            raise mismatch("ClarificationQuestion.id", "str", id_)
        question = get("question")
        if question is not None and type(question) is not str:
            raise mismatch("ClarificationQuestion.question", "str", question)
        schema = get("schema")
        if schema is not None and type(schema) is not dict:
            raise mismatch("ClarificationQuestion.schema", "object", schema)
        self = blank(cls)
        fields = self.__dict__
        fields["id"] = id_
        fields["question"] = question
        fields["schema"] = schema
        known = _CLARIFICATION_QUESTION
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_QUORUM_PROGRESS: Final[frozenset[str]] = frozenset(["granted", "required"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class QuorumProgress(Payload):
    """How far a gate is from its quorum.

    Attributes:
        granted: How many approvals there are.
        required: How many approvals are needed.

    Section: v1-events.md §3.3; v2-events.md, "Interrupts".
    """

    granted: int | None = None
    required: int | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "QuorumProgress", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "QuorumProgress")
        get = data.get
        granted = get("granted")
        if granted is not None and type(granted) is not int:
            granted = as_integer(granted, "QuorumProgress.granted")
        required = get("required")
        if required is not None and type(required) is not int:
            required = as_integer(required, "QuorumProgress.required")
        self = blank(cls)
        fields = self.__dict__
        fields["granted"] = granted
        fields["required"] = required
        known = _QUORUM_PROGRESS
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_REFINE_FEEDBACK: Final[frozenset[str]] = frozenset(
    ["itemIds", "scope", "sectionPath", "tags", "text"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class RefineFeedback(Payload):
    """What a reviewer wants changed.

    Attributes:
        scope: What it covers. Required.
        section_path: The section, for the scope `section`.
        item_ids: The items, for the scope `items`.
        tags: Tags.
        text: The remarks.

    Section: v1-events.md §3.3; v2-events.md, "Interrupts".
    """

    scope: Literal["whole", "section", "items"] | str | None = None
    section_path: str | None = attrs.field(default=None, metadata=on_wire("sectionPath"))
    item_ids: list[str] | None = attrs.field(default=None, metadata=on_wire("itemIds"))
    tags: list[str] | None = None
    text: str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "RefineFeedback", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "RefineFeedback")
        get = data.get
        scope = get("scope")
        if scope is not None and type(scope) is not str:
            raise mismatch("RefineFeedback.scope", "str", scope)
        section_path = get("sectionPath")
        if section_path is not None and type(section_path) is not str:
            raise mismatch("RefineFeedback.sectionPath", "str", section_path)
        item_ids = get("itemIds")
        if item_ids is not None:
            item_ids = as_strings(item_ids, "RefineFeedback.itemIds")
        tags = get("tags")
        if tags is not None:
            tags = as_strings(tags, "RefineFeedback.tags")
        text = get("text")
        if text is not None and type(text) is not str:
            raise mismatch("RefineFeedback.text", "str", text)
        self = blank(cls)
        fields = self.__dict__
        fields["scope"] = scope
        fields["section_path"] = section_path
        fields["item_ids"] = item_ids
        fields["tags"] = tags
        fields["text"] = text
        known = _REFINE_FEEDBACK
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_INTERRUPT_REQUESTED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["data", "key", "kind", "resumeSchema", "timeoutMs"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class InterruptRequestedPayload(Payload):
    """What `interrupt.requested` carries.

    Attributes:
        kind: Of which kind. Required.
        key: The interrupt's key, which tells the visits of one node apart. Required.
        data: What is asked; its members depend on `kind`. Required.
        resume_schema: The JSON Schema of an acceptable resume value.
        timeout_ms: How long the interrupt stays open, in milliseconds; 0 means for ever.

    Section: v1-events.md §3.3; v2-events.md, "Interrupts".
    """

    kind: (
        Literal[
            "approval",
            "clarification",
            "external-event",
            "custom",
            "conversation.start",
            "conversation.exchange",
            "conversation.close",
            "low-confidence",
            "credential",
        ]
        | str
        | None
    ) = None
    key: str | None = None
    data: dict[str, JSON] | None = None
    resume_schema: dict[str, JSON] | None = attrs.field(
        default=None, metadata=on_wire("resumeSchema")
    )
    timeout_ms: int | None = attrs.field(default=None, metadata=on_wire("timeoutMs"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "InterruptRequestedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "InterruptRequestedPayload")
        get = data.get
        kind = get("kind")
        if kind is not None and type(kind) is not str:
            raise mismatch("InterruptRequestedPayload.kind", "str", kind)
        key = get("key")
        if key is not None and type(key) is not str:
            raise mismatch("InterruptRequestedPayload.key", "str", key)
        data_ = get("data")
        if data_ is not None and type(data_) is not dict:
            raise mismatch("InterruptRequestedPayload.data", "object", data_)
        resume_schema = get("resumeSchema")
        if resume_schema is not None and type(resume_schema) is not dict:
            raise mismatch("InterruptRequestedPayload.resumeSchema", "object", resume_schema)
        timeout_ms = get("timeoutMs")
        if timeout_ms is not None and type(timeout_ms) is not int:
            timeout_ms = as_integer(timeout_ms, "InterruptRequestedPayload.timeoutMs")
        self = blank(cls)
        fields = self.__dict__
        fields["kind"] = kind
        fields["key"] = key
        fields["data"] = data_
        fields["resume_schema"] = resume_schema
        fields["timeout_ms"] = timeout_ms
        known = _INTERRUPT_REQUESTED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_INTERRUPT_RESOLVED_PAYLOAD: Final[frozenset[str]] = frozenset(
    [
        "action",
        "decision",
        "editedArtifactData",
        "interruptId",
        "kind",
        "nodeId",
        "reason",
        "refineFeedback",
        "resolvedBy",
        "resumeValue",
    ]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class InterruptResolvedPayload(Payload):
    """What `interrupt.resolved` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        interrupt_id: The interrupt. Required.
        kind: Of which kind.
        resume_value: The value that resolved it.
        reason: Why, for instance `timeout`. Major 2 only.
        resolved_by: Who resolved it. Major 2 only.
        decision: What was decided about an approval. Major 2 only.
        action: The reviewer's action. Major 2 only.
        refine_feedback: What to change, when the action is `refine`. Major 2 only.
        edited_artifact_data: The reviewer's version, when the action is `edit-accept`. Major 2
            only.

    Section: v1-events.md §3.3; v2-events.md, "Interrupts".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    interrupt_id: str | None = attrs.field(default=None, metadata=on_wire("interruptId"))
    kind: (
        Literal[
            "approval",
            "clarification",
            "external-event",
            "custom",
            "conversation.start",
            "conversation.exchange",
            "conversation.close",
            "low-confidence",
            "credential",
        ]
        | str
        | None
    ) = None
    resume_value: JSON | Unset = attrs.field(default=UNSET, metadata=on_wire("resumeValue"))
    reason: str | None = None
    resolved_by: Subject | None = attrs.field(default=None, metadata=on_wire("resolvedBy"))
    decision: Literal["granted", "rejected", "overridden"] | str | None = None
    action: Literal["accept", "reject", "refine", "edit-accept", "timeout"] | str | None = None
    refine_feedback: RefineFeedback | None = attrs.field(
        default=None, metadata=on_wire("refineFeedback")
    )
    edited_artifact_data: JSON | Unset = attrs.field(
        default=UNSET, metadata=on_wire("editedArtifactData")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "InterruptResolvedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "InterruptResolvedPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("InterruptResolvedPayload.nodeId", "str", node_id)
        interrupt_id = get("interruptId")
        if interrupt_id is not None and type(interrupt_id) is not str:
            raise mismatch("InterruptResolvedPayload.interruptId", "str", interrupt_id)
        kind = get("kind")
        if kind is not None and type(kind) is not str:
            raise mismatch("InterruptResolvedPayload.kind", "str", kind)
        resume_value = get("resumeValue", UNSET)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("InterruptResolvedPayload.reason", "str", reason)
        resolved_by = get("resolvedBy")
        if resolved_by is not None:
            resolved_by = nested(Subject, resolved_by, "InterruptResolvedPayload.resolvedBy")
        decision = get("decision")
        if decision is not None and type(decision) is not str:
            raise mismatch("InterruptResolvedPayload.decision", "str", decision)
        action = get("action")
        if action is not None and type(action) is not str:
            raise mismatch("InterruptResolvedPayload.action", "str", action)
        refine_feedback = get("refineFeedback")
        if refine_feedback is not None:
            refine_feedback = nested(
                RefineFeedback, refine_feedback, "InterruptResolvedPayload.refineFeedback"
            )
        edited_artifact_data = get("editedArtifactData", UNSET)
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["interrupt_id"] = interrupt_id
        fields["kind"] = kind
        fields["resume_value"] = resume_value
        fields["reason"] = reason
        fields["resolved_by"] = resolved_by
        fields["decision"] = decision
        fields["action"] = action
        fields["refine_feedback"] = refine_feedback
        fields["edited_artifact_data"] = edited_artifact_data
        known = _INTERRUPT_RESOLVED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_APPROVAL_REQUESTED_PAYLOAD: Final[frozenset[str]] = frozenset(
    [
        "actions",
        "approversList",
        "artifactId",
        "artifactType",
        "data",
        "interruptId",
        "key",
        "kind",
        "nodeId",
        "requiredApprovals",
        "resumeSchema",
        "timeoutMs",
        "title",
    ]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ApprovalRequestedPayload(Payload):
    """What `approval.requested` carries.

    Attributes:
        node_id: The node, as the workflow names it. Major 1 only. Required.
        interrupt_id: The interrupt. Major 1 only.
        artifact_id: The artifact. Major 1 only. Required.
        artifact_type: The artifact's type. Major 1 only. Required.
        title: A headline for the reviewer. Major 1 only.
        actions: The actions that the reviewer may choose from. Major 1 only. Required.
        approvers_list: Who may decide. Major 1 only.
        required_approvals: How many approvals make the gate pass. Major 1 only.
        kind: Of which kind. Major 2 only. Required.
        key: The interrupt's key, which tells the visits of one node apart. Major 2 only.
            Required.
        data: What is asked; its members depend on `kind`. Major 2 only. Required.
        resume_schema: The JSON Schema of an acceptable resume value. Major 2 only.
        timeout_ms: How long the interrupt stays open, in milliseconds; 0 means for ever. Major 2
            only.

    Section: v1-events.md §3.3; v2-events.md, "Interrupts".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    interrupt_id: str | None = attrs.field(default=None, metadata=on_wire("interruptId"))
    artifact_id: str | None = attrs.field(default=None, metadata=on_wire("artifactId"))
    artifact_type: str | None = attrs.field(default=None, metadata=on_wire("artifactType"))
    title: str | None = None
    actions: list[Literal["accept", "reject", "refine", "edit", "ask"] | str] | None = None
    approvers_list: list[str] | None = attrs.field(default=None, metadata=on_wire("approversList"))
    required_approvals: int | None = attrs.field(
        default=None, metadata=on_wire("requiredApprovals")
    )
    kind: (
        Literal[
            "approval",
            "clarification",
            "external-event",
            "custom",
            "conversation.start",
            "conversation.exchange",
            "conversation.close",
            "low-confidence",
            "credential",
        ]
        | str
        | None
    ) = None
    key: str | None = None
    data: dict[str, JSON] | None = None
    resume_schema: dict[str, JSON] | None = attrs.field(
        default=None, metadata=on_wire("resumeSchema")
    )
    timeout_ms: int | None = attrs.field(default=None, metadata=on_wire("timeoutMs"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ApprovalRequestedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ApprovalRequestedPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("ApprovalRequestedPayload.nodeId", "str", node_id)
        interrupt_id = get("interruptId")
        if interrupt_id is not None and type(interrupt_id) is not str:
            raise mismatch("ApprovalRequestedPayload.interruptId", "str", interrupt_id)
        artifact_id = get("artifactId")
        if artifact_id is not None and type(artifact_id) is not str:
            raise mismatch("ApprovalRequestedPayload.artifactId", "str", artifact_id)
        artifact_type = get("artifactType")
        if artifact_type is not None and type(artifact_type) is not str:
            raise mismatch("ApprovalRequestedPayload.artifactType", "str", artifact_type)
        title = get("title")
        if title is not None and type(title) is not str:
            raise mismatch("ApprovalRequestedPayload.title", "str", title)
        actions = get("actions")
        if actions is not None:
            actions = as_strings(actions, "ApprovalRequestedPayload.actions")
        approvers_list = get("approversList")
        if approvers_list is not None:
            approvers_list = as_strings(approvers_list, "ApprovalRequestedPayload.approversList")
        required_approvals = get("requiredApprovals")
        if required_approvals is not None and type(required_approvals) is not int:
            required_approvals = as_integer(
                required_approvals, "ApprovalRequestedPayload.requiredApprovals"
            )
        kind = get("kind")
        if kind is not None and type(kind) is not str:
            raise mismatch("ApprovalRequestedPayload.kind", "str", kind)
        key = get("key")
        if key is not None and type(key) is not str:
            raise mismatch("ApprovalRequestedPayload.key", "str", key)
        data_ = get("data")
        if data_ is not None and type(data_) is not dict:
            raise mismatch("ApprovalRequestedPayload.data", "object", data_)
        resume_schema = get("resumeSchema")
        if resume_schema is not None and type(resume_schema) is not dict:
            raise mismatch("ApprovalRequestedPayload.resumeSchema", "object", resume_schema)
        timeout_ms = get("timeoutMs")
        if timeout_ms is not None and type(timeout_ms) is not int:
            timeout_ms = as_integer(timeout_ms, "ApprovalRequestedPayload.timeoutMs")
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["interrupt_id"] = interrupt_id
        fields["artifact_id"] = artifact_id
        fields["artifact_type"] = artifact_type
        fields["title"] = title
        fields["actions"] = actions
        fields["approvers_list"] = approvers_list
        fields["required_approvals"] = required_approvals
        fields["kind"] = kind
        fields["key"] = key
        fields["data"] = data_
        fields["resume_schema"] = resume_schema
        fields["timeout_ms"] = timeout_ms
        known = _APPROVAL_REQUESTED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_APPROVAL_RECEIVED_PAYLOAD: Final[frozenset[str]] = frozenset(
    [
        "action",
        "comment",
        "decidedAt",
        "decidedBy",
        "decision",
        "editedArtifactData",
        "feedback",
        "interruptId",
        "kind",
        "nodeId",
        "reason",
        "refineFeedback",
        "resolvedBy",
        "resumeValue",
    ]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ApprovalReceivedPayload(Payload):
    """What `approval.received` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        action: The reviewer's action. Required in major 1.
        decided_by: Who decided. Major 1 only.
        decided_at: When it was decided. Major 1 only.
        comment: What the reviewer wrote beside the decision. Major 1 only.
        feedback: The older form of the reviewer's remarks. Major 1 only.
        refine_feedback: What to change, when the action is `refine`.
        edited_artifact_data: The reviewer's version, when the action is `edit-accept`.
        interrupt_id: The interrupt. Major 2 only. Required.
        kind: Of which kind. Major 2 only.
        resume_value: The value that resolved it. Major 2 only.
        reason: Why, for instance `timeout`. Major 2 only.
        resolved_by: Who resolved it. Major 2 only.
        decision: What was decided about an approval. Major 2 only.

    Section: v1-events.md §3.3; v2-events.md, "Interrupts".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    action: Literal["accept", "reject", "refine", "edit-accept", "timeout"] | str | None = None
    decided_by: str | None = attrs.field(default=None, metadata=on_wire("decidedBy"))
    decided_at: str | None = attrs.field(default=None, metadata=on_wire("decidedAt"))
    comment: str | None = None
    feedback: str | None = None
    refine_feedback: RefineFeedback | None = attrs.field(
        default=None, metadata=on_wire("refineFeedback")
    )
    edited_artifact_data: JSON | Unset = attrs.field(
        default=UNSET, metadata=on_wire("editedArtifactData")
    )
    interrupt_id: str | None = attrs.field(default=None, metadata=on_wire("interruptId"))
    kind: (
        Literal[
            "approval",
            "clarification",
            "external-event",
            "custom",
            "conversation.start",
            "conversation.exchange",
            "conversation.close",
            "low-confidence",
            "credential",
        ]
        | str
        | None
    ) = None
    resume_value: JSON | Unset = attrs.field(default=UNSET, metadata=on_wire("resumeValue"))
    reason: str | None = None
    resolved_by: Subject | None = attrs.field(default=None, metadata=on_wire("resolvedBy"))
    decision: Literal["granted", "rejected", "overridden"] | str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ApprovalReceivedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ApprovalReceivedPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("ApprovalReceivedPayload.nodeId", "str", node_id)
        action = get("action")
        if action is not None and type(action) is not str:
            raise mismatch("ApprovalReceivedPayload.action", "str", action)
        decided_by = get("decidedBy")
        if decided_by is not None and type(decided_by) is not str:
            raise mismatch("ApprovalReceivedPayload.decidedBy", "str", decided_by)
        decided_at = get("decidedAt")
        if decided_at is not None and type(decided_at) is not str:
            raise mismatch("ApprovalReceivedPayload.decidedAt", "str", decided_at)
        comment = get("comment")
        if comment is not None and type(comment) is not str:
            raise mismatch("ApprovalReceivedPayload.comment", "str", comment)
        feedback = get("feedback")
        if feedback is not None and type(feedback) is not str:
            raise mismatch("ApprovalReceivedPayload.feedback", "str", feedback)
        refine_feedback = get("refineFeedback")
        if refine_feedback is not None:
            refine_feedback = nested(
                RefineFeedback, refine_feedback, "ApprovalReceivedPayload.refineFeedback"
            )
        edited_artifact_data = get("editedArtifactData", UNSET)
        interrupt_id = get("interruptId")
        if interrupt_id is not None and type(interrupt_id) is not str:
            raise mismatch("ApprovalReceivedPayload.interruptId", "str", interrupt_id)
        kind = get("kind")
        if kind is not None and type(kind) is not str:
            raise mismatch("ApprovalReceivedPayload.kind", "str", kind)
        resume_value = get("resumeValue", UNSET)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("ApprovalReceivedPayload.reason", "str", reason)
        resolved_by = get("resolvedBy")
        if resolved_by is not None:
            resolved_by = nested(Subject, resolved_by, "ApprovalReceivedPayload.resolvedBy")
        decision = get("decision")
        if decision is not None and type(decision) is not str:
            raise mismatch("ApprovalReceivedPayload.decision", "str", decision)
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["action"] = action
        fields["decided_by"] = decided_by
        fields["decided_at"] = decided_at
        fields["comment"] = comment
        fields["feedback"] = feedback
        fields["refine_feedback"] = refine_feedback
        fields["edited_artifact_data"] = edited_artifact_data
        fields["interrupt_id"] = interrupt_id
        fields["kind"] = kind
        fields["resume_value"] = resume_value
        fields["reason"] = reason
        fields["resolved_by"] = resolved_by
        fields["decision"] = decision
        known = _APPROVAL_RECEIVED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_APPROVAL_GRANTED_PAYLOAD: Final[frozenset[str]] = frozenset(
    [
        "action",
        "decision",
        "editedArtifactData",
        "gateId",
        "interruptId",
        "kind",
        "nodeId",
        "principal",
        "quorumProgress",
        "reason",
        "refineFeedback",
        "resolvedBy",
        "resumeValue",
    ]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ApprovalGrantedPayload(Payload):
    """What `approval.granted` carries.

    Attributes:
        gate_id: The gate that was voted on. Major 1 only. Required.
        principal: Who voted. Major 1 only. Required.
        quorum_progress: How far the gate is from its quorum. Major 1 only.
        node_id: The node, as the workflow names it. Major 2 only. Required.
        interrupt_id: The interrupt. Major 2 only. Required.
        kind: Of which kind. Major 2 only.
        resume_value: The value that resolved it. Major 2 only.
        reason: Why, for instance `timeout`. Major 2 only.
        resolved_by: Who resolved it. Major 2 only.
        decision: What was decided about an approval. Major 2 only.
        action: The reviewer's action. Major 2 only.
        refine_feedback: What to change, when the action is `refine`. Major 2 only.
        edited_artifact_data: The reviewer's version, when the action is `edit-accept`. Major 2
            only.

    Section: v1-events.md §3.3; v2-events.md, "Interrupts".
    """

    gate_id: str | None = attrs.field(default=None, metadata=on_wire("gateId"))
    principal: str | None = None
    quorum_progress: QuorumProgress | None = attrs.field(
        default=None, metadata=on_wire("quorumProgress")
    )
    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    interrupt_id: str | None = attrs.field(default=None, metadata=on_wire("interruptId"))
    kind: (
        Literal[
            "approval",
            "clarification",
            "external-event",
            "custom",
            "conversation.start",
            "conversation.exchange",
            "conversation.close",
            "low-confidence",
            "credential",
        ]
        | str
        | None
    ) = None
    resume_value: JSON | Unset = attrs.field(default=UNSET, metadata=on_wire("resumeValue"))
    reason: str | None = None
    resolved_by: Subject | None = attrs.field(default=None, metadata=on_wire("resolvedBy"))
    decision: Literal["granted", "rejected", "overridden"] | str | None = None
    action: Literal["accept", "reject", "refine", "edit-accept", "timeout"] | str | None = None
    refine_feedback: RefineFeedback | None = attrs.field(
        default=None, metadata=on_wire("refineFeedback")
    )
    edited_artifact_data: JSON | Unset = attrs.field(
        default=UNSET, metadata=on_wire("editedArtifactData")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ApprovalGrantedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ApprovalGrantedPayload")
        get = data.get
        gate_id = get("gateId")
        if gate_id is not None and type(gate_id) is not str:
            raise mismatch("ApprovalGrantedPayload.gateId", "str", gate_id)
        principal = get("principal")
        if principal is not None and type(principal) is not str:
            raise mismatch("ApprovalGrantedPayload.principal", "str", principal)
        quorum_progress = get("quorumProgress")
        if quorum_progress is not None:
            quorum_progress = nested(
                QuorumProgress, quorum_progress, "ApprovalGrantedPayload.quorumProgress"
            )
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("ApprovalGrantedPayload.nodeId", "str", node_id)
        interrupt_id = get("interruptId")
        if interrupt_id is not None and type(interrupt_id) is not str:
            raise mismatch("ApprovalGrantedPayload.interruptId", "str", interrupt_id)
        kind = get("kind")
        if kind is not None and type(kind) is not str:
            raise mismatch("ApprovalGrantedPayload.kind", "str", kind)
        resume_value = get("resumeValue", UNSET)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("ApprovalGrantedPayload.reason", "str", reason)
        resolved_by = get("resolvedBy")
        if resolved_by is not None:
            resolved_by = nested(Subject, resolved_by, "ApprovalGrantedPayload.resolvedBy")
        decision = get("decision")
        if decision is not None and type(decision) is not str:
            raise mismatch("ApprovalGrantedPayload.decision", "str", decision)
        action = get("action")
        if action is not None and type(action) is not str:
            raise mismatch("ApprovalGrantedPayload.action", "str", action)
        refine_feedback = get("refineFeedback")
        if refine_feedback is not None:
            refine_feedback = nested(
                RefineFeedback, refine_feedback, "ApprovalGrantedPayload.refineFeedback"
            )
        edited_artifact_data = get("editedArtifactData", UNSET)
        self = blank(cls)
        fields = self.__dict__
        fields["gate_id"] = gate_id
        fields["principal"] = principal
        fields["quorum_progress"] = quorum_progress
        fields["node_id"] = node_id
        fields["interrupt_id"] = interrupt_id
        fields["kind"] = kind
        fields["resume_value"] = resume_value
        fields["reason"] = reason
        fields["resolved_by"] = resolved_by
        fields["decision"] = decision
        fields["action"] = action
        fields["refine_feedback"] = refine_feedback
        fields["edited_artifact_data"] = edited_artifact_data
        known = _APPROVAL_GRANTED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_APPROVAL_REJECTED_PAYLOAD: Final[frozenset[str]] = frozenset(
    [
        "action",
        "decision",
        "editedArtifactData",
        "gateId",
        "interruptId",
        "kind",
        "nodeId",
        "principal",
        "reason",
        "refineFeedback",
        "resolvedBy",
        "resumeValue",
    ]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ApprovalRejectedPayload(Payload):
    """What `approval.rejected` carries.

    Attributes:
        gate_id: The gate that was voted on. Major 1 only. Required.
        principal: Who voted. Major 1 only. Required.
        reason: Why.
        node_id: The node, as the workflow names it. Major 2 only. Required.
        interrupt_id: The interrupt. Major 2 only. Required.
        kind: Of which kind. Major 2 only.
        resume_value: The value that resolved it. Major 2 only.
        resolved_by: Who resolved it. Major 2 only.
        decision: What was decided about an approval. Major 2 only.
        action: The reviewer's action. Major 2 only.
        refine_feedback: What to change, when the action is `refine`. Major 2 only.
        edited_artifact_data: The reviewer's version, when the action is `edit-accept`. Major 2
            only.

    Section: v1-events.md §3.3; v2-events.md, "Interrupts".
    """

    gate_id: str | None = attrs.field(default=None, metadata=on_wire("gateId"))
    principal: str | None = None
    reason: str | None = None
    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    interrupt_id: str | None = attrs.field(default=None, metadata=on_wire("interruptId"))
    kind: (
        Literal[
            "approval",
            "clarification",
            "external-event",
            "custom",
            "conversation.start",
            "conversation.exchange",
            "conversation.close",
            "low-confidence",
            "credential",
        ]
        | str
        | None
    ) = None
    resume_value: JSON | Unset = attrs.field(default=UNSET, metadata=on_wire("resumeValue"))
    resolved_by: Subject | None = attrs.field(default=None, metadata=on_wire("resolvedBy"))
    decision: Literal["granted", "rejected", "overridden"] | str | None = None
    action: Literal["accept", "reject", "refine", "edit-accept", "timeout"] | str | None = None
    refine_feedback: RefineFeedback | None = attrs.field(
        default=None, metadata=on_wire("refineFeedback")
    )
    edited_artifact_data: JSON | Unset = attrs.field(
        default=UNSET, metadata=on_wire("editedArtifactData")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ApprovalRejectedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ApprovalRejectedPayload")
        get = data.get
        gate_id = get("gateId")
        if gate_id is not None and type(gate_id) is not str:
            raise mismatch("ApprovalRejectedPayload.gateId", "str", gate_id)
        principal = get("principal")
        if principal is not None and type(principal) is not str:
            raise mismatch("ApprovalRejectedPayload.principal", "str", principal)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("ApprovalRejectedPayload.reason", "str", reason)
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("ApprovalRejectedPayload.nodeId", "str", node_id)
        interrupt_id = get("interruptId")
        if interrupt_id is not None and type(interrupt_id) is not str:
            raise mismatch("ApprovalRejectedPayload.interruptId", "str", interrupt_id)
        kind = get("kind")
        if kind is not None and type(kind) is not str:
            raise mismatch("ApprovalRejectedPayload.kind", "str", kind)
        resume_value = get("resumeValue", UNSET)
        resolved_by = get("resolvedBy")
        if resolved_by is not None:
            resolved_by = nested(Subject, resolved_by, "ApprovalRejectedPayload.resolvedBy")
        decision = get("decision")
        if decision is not None and type(decision) is not str:
            raise mismatch("ApprovalRejectedPayload.decision", "str", decision)
        action = get("action")
        if action is not None and type(action) is not str:
            raise mismatch("ApprovalRejectedPayload.action", "str", action)
        refine_feedback = get("refineFeedback")
        if refine_feedback is not None:
            refine_feedback = nested(
                RefineFeedback, refine_feedback, "ApprovalRejectedPayload.refineFeedback"
            )
        edited_artifact_data = get("editedArtifactData", UNSET)
        self = blank(cls)
        fields = self.__dict__
        fields["gate_id"] = gate_id
        fields["principal"] = principal
        fields["reason"] = reason
        fields["node_id"] = node_id
        fields["interrupt_id"] = interrupt_id
        fields["kind"] = kind
        fields["resume_value"] = resume_value
        fields["resolved_by"] = resolved_by
        fields["decision"] = decision
        fields["action"] = action
        fields["refine_feedback"] = refine_feedback
        fields["edited_artifact_data"] = edited_artifact_data
        known = _APPROVAL_REJECTED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_APPROVAL_OVERRIDDEN_PAYLOAD: Final[frozenset[str]] = frozenset(
    [
        "action",
        "decision",
        "editedArtifactData",
        "gateId",
        "interruptId",
        "kind",
        "nodeId",
        "principal",
        "reason",
        "refineFeedback",
        "resolvedBy",
        "resumeValue",
    ]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ApprovalOverriddenPayload(Payload):
    """What `approval.overridden` carries.

    Attributes:
        gate_id: The gate that was overridden. Major 1 only. Required.
        principal: Who overrode it. Major 1 only. Required.
        reason: Why. Required in major 1.
        node_id: The node, as the workflow names it. Major 2 only. Required.
        interrupt_id: The interrupt. Major 2 only. Required.
        kind: Of which kind. Major 2 only.
        resume_value: The value that resolved it. Major 2 only.
        resolved_by: Who resolved it. Major 2 only.
        decision: What was decided about an approval. Major 2 only.
        action: The reviewer's action. Major 2 only.
        refine_feedback: What to change, when the action is `refine`. Major 2 only.
        edited_artifact_data: The reviewer's version, when the action is `edit-accept`. Major 2
            only.

    Section: v1-events.md §3.3; v2-events.md, "Interrupts".
    """

    gate_id: str | None = attrs.field(default=None, metadata=on_wire("gateId"))
    principal: str | None = None
    reason: str | None = None
    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    interrupt_id: str | None = attrs.field(default=None, metadata=on_wire("interruptId"))
    kind: (
        Literal[
            "approval",
            "clarification",
            "external-event",
            "custom",
            "conversation.start",
            "conversation.exchange",
            "conversation.close",
            "low-confidence",
            "credential",
        ]
        | str
        | None
    ) = None
    resume_value: JSON | Unset = attrs.field(default=UNSET, metadata=on_wire("resumeValue"))
    resolved_by: Subject | None = attrs.field(default=None, metadata=on_wire("resolvedBy"))
    decision: Literal["granted", "rejected", "overridden"] | str | None = None
    action: Literal["accept", "reject", "refine", "edit-accept", "timeout"] | str | None = None
    refine_feedback: RefineFeedback | None = attrs.field(
        default=None, metadata=on_wire("refineFeedback")
    )
    edited_artifact_data: JSON | Unset = attrs.field(
        default=UNSET, metadata=on_wire("editedArtifactData")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ApprovalOverriddenPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ApprovalOverriddenPayload")
        get = data.get
        gate_id = get("gateId")
        if gate_id is not None and type(gate_id) is not str:
            raise mismatch("ApprovalOverriddenPayload.gateId", "str", gate_id)
        principal = get("principal")
        if principal is not None and type(principal) is not str:
            raise mismatch("ApprovalOverriddenPayload.principal", "str", principal)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("ApprovalOverriddenPayload.reason", "str", reason)
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("ApprovalOverriddenPayload.nodeId", "str", node_id)
        interrupt_id = get("interruptId")
        if interrupt_id is not None and type(interrupt_id) is not str:
            raise mismatch("ApprovalOverriddenPayload.interruptId", "str", interrupt_id)
        kind = get("kind")
        if kind is not None and type(kind) is not str:
            raise mismatch("ApprovalOverriddenPayload.kind", "str", kind)
        resume_value = get("resumeValue", UNSET)
        resolved_by = get("resolvedBy")
        if resolved_by is not None:
            resolved_by = nested(Subject, resolved_by, "ApprovalOverriddenPayload.resolvedBy")
        decision = get("decision")
        if decision is not None and type(decision) is not str:
            raise mismatch("ApprovalOverriddenPayload.decision", "str", decision)
        action = get("action")
        if action is not None and type(action) is not str:
            raise mismatch("ApprovalOverriddenPayload.action", "str", action)
        refine_feedback = get("refineFeedback")
        if refine_feedback is not None:
            refine_feedback = nested(
                RefineFeedback, refine_feedback, "ApprovalOverriddenPayload.refineFeedback"
            )
        edited_artifact_data = get("editedArtifactData", UNSET)
        self = blank(cls)
        fields = self.__dict__
        fields["gate_id"] = gate_id
        fields["principal"] = principal
        fields["reason"] = reason
        fields["node_id"] = node_id
        fields["interrupt_id"] = interrupt_id
        fields["kind"] = kind
        fields["resume_value"] = resume_value
        fields["resolved_by"] = resolved_by
        fields["decision"] = decision
        fields["action"] = action
        fields["refine_feedback"] = refine_feedback
        fields["edited_artifact_data"] = edited_artifact_data
        known = _APPROVAL_OVERRIDDEN_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_CLARIFICATION_REQUESTED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["data", "interruptId", "key", "kind", "nodeId", "questions", "resumeSchema", "timeoutMs"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ClarificationRequestedPayload(Payload):
    """What `clarification.requested` carries.

    Attributes:
        node_id: The node, as the workflow names it. Major 1 only. Required.
        interrupt_id: The interrupt. Major 1 only.
        questions: What is asked. Major 1 only. Required.
        kind: Of which kind. Major 2 only. Required.
        key: The interrupt's key, which tells the visits of one node apart. Major 2 only.
            Required.
        data: What is asked; its members depend on `kind`. Major 2 only. Required.
        resume_schema: The JSON Schema of an acceptable resume value. Major 2 only.
        timeout_ms: How long the interrupt stays open, in milliseconds; 0 means for ever. Major 2
            only.

    Section: v1-events.md §3.3; v2-events.md, "Interrupts".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    interrupt_id: str | None = attrs.field(default=None, metadata=on_wire("interruptId"))
    questions: list[ClarificationQuestion] | None = None
    kind: (
        Literal[
            "approval",
            "clarification",
            "external-event",
            "custom",
            "conversation.start",
            "conversation.exchange",
            "conversation.close",
            "low-confidence",
            "credential",
        ]
        | str
        | None
    ) = None
    key: str | None = None
    data: dict[str, JSON] | None = None
    resume_schema: dict[str, JSON] | None = attrs.field(
        default=None, metadata=on_wire("resumeSchema")
    )
    timeout_ms: int | None = attrs.field(default=None, metadata=on_wire("timeoutMs"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "ClarificationRequestedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "ClarificationRequestedPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("ClarificationRequestedPayload.nodeId", "str", node_id)
        interrupt_id = get("interruptId")
        if interrupt_id is not None and type(interrupt_id) is not str:
            raise mismatch("ClarificationRequestedPayload.interruptId", "str", interrupt_id)
        questions = get("questions")
        if questions is not None:
            questions = nested_list(
                ClarificationQuestion, questions, "ClarificationRequestedPayload.questions"
            )
        kind = get("kind")
        if kind is not None and type(kind) is not str:
            raise mismatch("ClarificationRequestedPayload.kind", "str", kind)
        key = get("key")
        if key is not None and type(key) is not str:
            raise mismatch("ClarificationRequestedPayload.key", "str", key)
        data_ = get("data")
        if data_ is not None and type(data_) is not dict:
            raise mismatch("ClarificationRequestedPayload.data", "object", data_)
        resume_schema = get("resumeSchema")
        if resume_schema is not None and type(resume_schema) is not dict:
            raise mismatch("ClarificationRequestedPayload.resumeSchema", "object", resume_schema)
        timeout_ms = get("timeoutMs")
        if timeout_ms is not None and type(timeout_ms) is not int:
            timeout_ms = as_integer(timeout_ms, "ClarificationRequestedPayload.timeoutMs")
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["interrupt_id"] = interrupt_id
        fields["questions"] = questions
        fields["kind"] = kind
        fields["key"] = key
        fields["data"] = data_
        fields["resume_schema"] = resume_schema
        fields["timeout_ms"] = timeout_ms
        known = _CLARIFICATION_REQUESTED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_CLARIFICATION_RESOLVED_PAYLOAD: Final[frozenset[str]] = frozenset(
    [
        "action",
        "answeredBy",
        "answers",
        "decision",
        "editedArtifactData",
        "interruptId",
        "kind",
        "nodeId",
        "reason",
        "refineFeedback",
        "resolvedBy",
        "resumeValue",
    ]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ClarificationResolvedPayload(Payload):
    """What `clarification.resolved` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        answers: The answers by question id; a list of `{id, answer}` is read too. Major 1 only.
            Required.
        answered_by: Who answered. Major 1 only.
        interrupt_id: The interrupt. Major 2 only. Required.
        kind: Of which kind. Major 2 only.
        resume_value: The value that resolved it. Major 2 only.
        reason: Why, for instance `timeout`. Major 2 only.
        resolved_by: Who resolved it. Major 2 only.
        decision: What was decided about an approval. Major 2 only.
        action: The reviewer's action. Major 2 only.
        refine_feedback: What to change, when the action is `refine`. Major 2 only.
        edited_artifact_data: The reviewer's version, when the action is `edit-accept`. Major 2
            only.

    Section: v1-events.md §3.3; v2-events.md, "Interrupts".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    answers: dict[str, JSON] | list[JSON] | None = None
    answered_by: str | None = attrs.field(default=None, metadata=on_wire("answeredBy"))
    interrupt_id: str | None = attrs.field(default=None, metadata=on_wire("interruptId"))
    kind: (
        Literal[
            "approval",
            "clarification",
            "external-event",
            "custom",
            "conversation.start",
            "conversation.exchange",
            "conversation.close",
            "low-confidence",
            "credential",
        ]
        | str
        | None
    ) = None
    resume_value: JSON | Unset = attrs.field(default=UNSET, metadata=on_wire("resumeValue"))
    reason: str | None = None
    resolved_by: Subject | None = attrs.field(default=None, metadata=on_wire("resolvedBy"))
    decision: Literal["granted", "rejected", "overridden"] | str | None = None
    action: Literal["accept", "reject", "refine", "edit-accept", "timeout"] | str | None = None
    refine_feedback: RefineFeedback | None = attrs.field(
        default=None, metadata=on_wire("refineFeedback")
    )
    edited_artifact_data: JSON | Unset = attrs.field(
        default=UNSET, metadata=on_wire("editedArtifactData")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "ClarificationResolvedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "ClarificationResolvedPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("ClarificationResolvedPayload.nodeId", "str", node_id)
        answers = get("answers")
        if answers is not None and type(answers) is not dict and type(answers) is not list:
            raise mismatch("ClarificationResolvedPayload.answers", "object or array", answers)
        answered_by = get("answeredBy")
        if answered_by is not None and type(answered_by) is not str:
            raise mismatch("ClarificationResolvedPayload.answeredBy", "str", answered_by)
        interrupt_id = get("interruptId")
        if interrupt_id is not None and type(interrupt_id) is not str:
            raise mismatch("ClarificationResolvedPayload.interruptId", "str", interrupt_id)
        kind = get("kind")
        if kind is not None and type(kind) is not str:
            raise mismatch("ClarificationResolvedPayload.kind", "str", kind)
        resume_value = get("resumeValue", UNSET)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("ClarificationResolvedPayload.reason", "str", reason)
        resolved_by = get("resolvedBy")
        if resolved_by is not None:
            resolved_by = nested(Subject, resolved_by, "ClarificationResolvedPayload.resolvedBy")
        decision = get("decision")
        if decision is not None and type(decision) is not str:
            raise mismatch("ClarificationResolvedPayload.decision", "str", decision)
        action = get("action")
        if action is not None and type(action) is not str:
            raise mismatch("ClarificationResolvedPayload.action", "str", action)
        refine_feedback = get("refineFeedback")
        if refine_feedback is not None:
            refine_feedback = nested(
                RefineFeedback, refine_feedback, "ClarificationResolvedPayload.refineFeedback"
            )
        edited_artifact_data = get("editedArtifactData", UNSET)
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["answers"] = answers
        fields["answered_by"] = answered_by
        fields["interrupt_id"] = interrupt_id
        fields["kind"] = kind
        fields["resume_value"] = resume_value
        fields["reason"] = reason
        fields["resolved_by"] = resolved_by
        fields["decision"] = decision
        fields["action"] = action
        fields["refine_feedback"] = refine_feedback
        fields["edited_artifact_data"] = edited_artifact_data
        known = _CLARIFICATION_RESOLVED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self
