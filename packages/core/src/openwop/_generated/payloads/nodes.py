"""What events carry.  Nodes: each step of a run."""

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
    set_extra,
    undeclared,
)
from openwop.runtime._structure import as_integer, mismatch

__all__ = [
    "DispatchFannedOutPayload",
    "DispatchJoinedPayload",
    "NodeCancelledPayload",
    "NodeCompletedPayload",
    "NodeDispatchedPayload",
    "NodeFailedPayload",
    "NodeResumedPayload",
    "NodeRetriedPayload",
    "NodeSkippedPayload",
    "NodeStartedPayload",
    "NodeSuspendFailedPayload",
    "NodeSuspendedPayload",
]


_NODE_STARTED_PAYLOAD: Final[frozenset[str]] = frozenset(["attempt", "nodeId", "typeId"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class NodeStartedPayload(Payload):
    """What `node.started` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        type_id: The node's type. Required.
        attempt: Which attempt this is, counted from 0.

    Section: v1-events.md §3.2; v2-events.md, "Nodes".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    type_id: str | None = attrs.field(default=None, metadata=on_wire("typeId"))
    attempt: int | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "NodeStartedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "NodeStartedPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("NodeStartedPayload.nodeId", "str", node_id)
        type_id = get("typeId")
        if type_id is not None and type(type_id) is not str:
            raise mismatch("NodeStartedPayload.typeId", "str", type_id)
        attempt = get("attempt")
        if attempt is not None and type(attempt) is not int:
            attempt = as_integer(attempt, "NodeStartedPayload.attempt")
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["type_id"] = type_id
        fields["attempt"] = attempt
        known = _NODE_STARTED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_NODE_COMPLETED_PAYLOAD: Final[frozenset[str]] = frozenset(["durationMs", "nodeId", "outputs"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class NodeCompletedPayload(Payload):
    """What `node.completed` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        outputs: What the node produced, by output port.
        duration_ms: How long it took, in milliseconds.

    Section: v1-events.md §3.2; v2-events.md, "Nodes".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    outputs: dict[str, JSON] | None = None
    duration_ms: int | None = attrs.field(default=None, metadata=on_wire("durationMs"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "NodeCompletedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "NodeCompletedPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("NodeCompletedPayload.nodeId", "str", node_id)
        outputs = get("outputs")
        if outputs is not None and type(outputs) is not dict:
            raise mismatch("NodeCompletedPayload.outputs", "object", outputs)
        duration_ms = get("durationMs")
        if duration_ms is not None and type(duration_ms) is not int:
            duration_ms = as_integer(duration_ms, "NodeCompletedPayload.durationMs")
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["outputs"] = outputs
        fields["duration_ms"] = duration_ms
        known = _NODE_COMPLETED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_NODE_FAILED_PAYLOAD: Final[frozenset[str]] = frozenset(["attempts", "error", "nodeId"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class NodeFailedPayload(Payload):
    """What `node.failed` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        error: What failed. Required.
        attempts: How many attempts were made.

    Section: v1-events.md §3.2; v2-events.md, "Nodes".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    error: EventError | None = None
    attempts: int | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "NodeFailedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "NodeFailedPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("NodeFailedPayload.nodeId", "str", node_id)
        error = get("error")
        if error is not None:
            error = nested(EventError, error, "NodeFailedPayload.error")
        attempts = get("attempts")
        if attempts is not None and type(attempts) is not int:
            attempts = as_integer(attempts, "NodeFailedPayload.attempts")
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["error"] = error
        fields["attempts"] = attempts
        known = _NODE_FAILED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_NODE_SUSPENDED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["interruptId", "key", "kind", "nodeId", "reason"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class NodeSuspendedPayload(Payload):
    """What `node.suspended` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        interrupt_id: The interrupt. Required.
        kind: Of which kind.
        reason: Why the node waits, for instance `low-confidence` or `quorum-reject`. Major 2
            only.
        key: The interrupt's key, which tells the visits of one node apart.

    Section: v1-events.md §3.2; v2-events.md, "Nodes".
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
    reason: str | None = None
    key: str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "NodeSuspendedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "NodeSuspendedPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("NodeSuspendedPayload.nodeId", "str", node_id)
        interrupt_id = get("interruptId")
        if interrupt_id is not None and type(interrupt_id) is not str:
            raise mismatch("NodeSuspendedPayload.interruptId", "str", interrupt_id)
        kind = get("kind")
        if kind is not None and type(kind) is not str:
            raise mismatch("NodeSuspendedPayload.kind", "str", kind)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("NodeSuspendedPayload.reason", "str", reason)
        key = get("key")
        if key is not None and type(key) is not str:
            raise mismatch("NodeSuspendedPayload.key", "str", key)
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["interrupt_id"] = interrupt_id
        fields["kind"] = kind
        fields["reason"] = reason
        fields["key"] = key
        known = _NODE_SUSPENDED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_NODE_SUSPEND_FAILED_PAYLOAD: Final[frozenset[str]] = frozenset(["error", "nodeId"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class NodeSuspendFailedPayload(Payload):
    """What `node.suspend-failed` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        error: What failed. Required.

    Section: v1-events.md §3.2; v2-events.md, "Nodes".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    error: EventError | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "NodeSuspendFailedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "NodeSuspendFailedPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("NodeSuspendFailedPayload.nodeId", "str", node_id)
        error = get("error")
        if error is not None:
            error = nested(EventError, error, "NodeSuspendFailedPayload.error")
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["error"] = error
        known = _NODE_SUSPEND_FAILED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_NODE_RESUMED_PAYLOAD: Final[frozenset[str]] = frozenset(["interruptId", "nodeId", "resumeValue"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class NodeResumedPayload(Payload):
    """What `node.resumed` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        interrupt_id: The interrupt.
        resume_value: The value that the node goes on with.

    Section: v1-events.md §3.2; v2-events.md, "Nodes".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    interrupt_id: str | None = attrs.field(default=None, metadata=on_wire("interruptId"))
    resume_value: JSON | Unset = attrs.field(default=UNSET, metadata=on_wire("resumeValue"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "NodeResumedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "NodeResumedPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("NodeResumedPayload.nodeId", "str", node_id)
        interrupt_id = get("interruptId")
        if interrupt_id is not None and type(interrupt_id) is not str:
            raise mismatch("NodeResumedPayload.interruptId", "str", interrupt_id)
        resume_value = get("resumeValue", UNSET)
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["interrupt_id"] = interrupt_id
        fields["resume_value"] = resume_value
        known = _NODE_RESUMED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_NODE_RETRIED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["attempt", "delayMs", "lastError", "nodeId"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class NodeRetriedPayload(Payload):
    """What `node.retried` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        attempt: Which retry this is, counted from 1. Required.
        delay_ms: How long the host waits before the attempt, in milliseconds.
        last_error: What the attempt before failed with.

    Section: v1-events.md §3.2; v2-events.md, "Nodes".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    attempt: int | None = None
    delay_ms: int | None = attrs.field(default=None, metadata=on_wire("delayMs"))
    last_error: EventError | None = attrs.field(default=None, metadata=on_wire("lastError"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "NodeRetriedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "NodeRetriedPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("NodeRetriedPayload.nodeId", "str", node_id)
        attempt = get("attempt")
        if attempt is not None and type(attempt) is not int:
            attempt = as_integer(attempt, "NodeRetriedPayload.attempt")
        delay_ms = get("delayMs")
        if delay_ms is not None and type(delay_ms) is not int:
            delay_ms = as_integer(delay_ms, "NodeRetriedPayload.delayMs")
        last_error = get("lastError")
        if last_error is not None:
            last_error = nested(EventError, last_error, "NodeRetriedPayload.lastError")
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["attempt"] = attempt
        fields["delay_ms"] = delay_ms
        fields["last_error"] = last_error
        known = _NODE_RETRIED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_NODE_SKIPPED_PAYLOAD: Final[frozenset[str]] = frozenset(["nodeId", "reason"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class NodeSkippedPayload(Payload):
    """What `node.skipped` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        reason: Why.

    Section: v1-events.md §3.2; v2-events.md, "Nodes".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    reason: str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "NodeSkippedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "NodeSkippedPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("NodeSkippedPayload.nodeId", "str", node_id)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("NodeSkippedPayload.reason", "str", reason)
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["reason"] = reason
        known = _NODE_SKIPPED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_NODE_CANCELLED_PAYLOAD: Final[frozenset[str]] = frozenset(["nodeId", "reason"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class NodeCancelledPayload(Payload):
    """What `node.cancelled` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        reason: Why.

    Section: v1-events.md §3.2; v2-events.md, "Nodes".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    reason: str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "NodeCancelledPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "NodeCancelledPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("NodeCancelledPayload.nodeId", "str", node_id)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("NodeCancelledPayload.reason", "str", reason)
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["reason"] = reason
        known = _NODE_CANCELLED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_NODE_DISPATCHED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["childRunId", "childStatus", "childWorkflowId"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class NodeDispatchedPayload(Payload):
    """What `node.dispatched` carries.

    Attributes:
        child_run_id: The child run. Required.
        child_workflow_id: The workflow that the child executes. Required.
        child_status: How the child stood when the dispatch returned.

    Section: v1-events.md §3.2; v2-events.md, "Nodes".
    """

    child_run_id: str | None = attrs.field(default=None, metadata=on_wire("childRunId"))
    child_workflow_id: str | None = attrs.field(default=None, metadata=on_wire("childWorkflowId"))
    child_status: str | None = attrs.field(default=None, metadata=on_wire("childStatus"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "NodeDispatchedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "NodeDispatchedPayload")
        get = data.get
        child_run_id = get("childRunId")
        if child_run_id is not None and type(child_run_id) is not str:
            raise mismatch("NodeDispatchedPayload.childRunId", "str", child_run_id)
        child_workflow_id = get("childWorkflowId")
        if child_workflow_id is not None and type(child_workflow_id) is not str:
            raise mismatch("NodeDispatchedPayload.childWorkflowId", "str", child_workflow_id)
        child_status = get("childStatus")
        if child_status is not None and type(child_status) is not str:
            raise mismatch("NodeDispatchedPayload.childStatus", "str", child_status)
        self = blank(cls)
        fields = self.__dict__
        fields["child_run_id"] = child_run_id
        fields["child_workflow_id"] = child_workflow_id
        fields["child_status"] = child_status
        known = _NODE_DISPATCHED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_DISPATCH_FANNED_OUT_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["childCount", "fanOutPolicy", "joinMode", "maxConcurrency"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class DispatchFannedOutPayload(Payload):
    """What `dispatch.fanned-out` carries.

    Attributes:
        fan_out_policy: How the children are run. Required.
        child_count: How many children there are. Required.
        max_concurrency: How many of them may run at once.
        join_mode: What ends the wait for them.

    Section: v1-events.md §3.7; v2-events.md, "Nodes".
    """

    fan_out_policy: Literal["parallel"] | str | None = attrs.field(
        default=None, metadata=on_wire("fanOutPolicy")
    )
    child_count: int | None = attrs.field(default=None, metadata=on_wire("childCount"))
    max_concurrency: int | None = attrs.field(default=None, metadata=on_wire("maxConcurrency"))
    join_mode: Literal["wait-all", "quorum", "first", "race"] | str | None = attrs.field(
        default=None, metadata=on_wire("joinMode")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "DispatchFannedOutPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "DispatchFannedOutPayload")
        get = data.get
        fan_out_policy = get("fanOutPolicy")
        if fan_out_policy is not None and type(fan_out_policy) is not str:
            raise mismatch("DispatchFannedOutPayload.fanOutPolicy", "str", fan_out_policy)
        child_count = get("childCount")
        if child_count is not None and type(child_count) is not int:
            child_count = as_integer(child_count, "DispatchFannedOutPayload.childCount")
        max_concurrency = get("maxConcurrency")
        if max_concurrency is not None and type(max_concurrency) is not int:
            max_concurrency = as_integer(max_concurrency, "DispatchFannedOutPayload.maxConcurrency")
        join_mode = get("joinMode")
        if join_mode is not None and type(join_mode) is not str:
            raise mismatch("DispatchFannedOutPayload.joinMode", "str", join_mode)
        self = blank(cls)
        fields = self.__dict__
        fields["fan_out_policy"] = fan_out_policy
        fields["child_count"] = child_count
        fields["max_concurrency"] = max_concurrency
        fields["join_mode"] = join_mode
        known = _DISPATCH_FANNED_OUT_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_DISPATCH_JOINED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["cancelledCount", "completedCount", "failedCount", "joinOutcome", "mergeOrder"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class DispatchJoinedPayload(Payload):
    """What `dispatch.joined` carries.

    Attributes:
        join_outcome: How the wait ended. Required.
        completed_count: How many children completed. Required.
        failed_count: How many children failed. Required.
        cancelled_count: How many children were cancelled.
        merge_order: The child runs in the order in which their outputs were merged. Required.

    Section: v1-events.md §3.7; v2-events.md, "Nodes".
    """

    join_outcome: Literal["satisfied", "failed", "partial"] | str | None = attrs.field(
        default=None, metadata=on_wire("joinOutcome")
    )
    completed_count: int | None = attrs.field(default=None, metadata=on_wire("completedCount"))
    failed_count: int | None = attrs.field(default=None, metadata=on_wire("failedCount"))
    cancelled_count: int | None = attrs.field(default=None, metadata=on_wire("cancelledCount"))
    merge_order: list[str] | None = attrs.field(default=None, metadata=on_wire("mergeOrder"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "DispatchJoinedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "DispatchJoinedPayload")
        get = data.get
        join_outcome = get("joinOutcome")
        if join_outcome is not None and type(join_outcome) is not str:
            raise mismatch("DispatchJoinedPayload.joinOutcome", "str", join_outcome)
        completed_count = get("completedCount")
        if completed_count is not None and type(completed_count) is not int:
            completed_count = as_integer(completed_count, "DispatchJoinedPayload.completedCount")
        failed_count = get("failedCount")
        if failed_count is not None and type(failed_count) is not int:
            failed_count = as_integer(failed_count, "DispatchJoinedPayload.failedCount")
        cancelled_count = get("cancelledCount")
        if cancelled_count is not None and type(cancelled_count) is not int:
            cancelled_count = as_integer(cancelled_count, "DispatchJoinedPayload.cancelledCount")
        merge_order = get("mergeOrder")
        if merge_order is not None:
            merge_order = as_strings(merge_order, "DispatchJoinedPayload.mergeOrder")
        self = blank(cls)
        fields = self.__dict__
        fields["join_outcome"] = join_outcome
        fields["completed_count"] = completed_count
        fields["failed_count"] = failed_count
        fields["cancelled_count"] = cancelled_count
        fields["merge_order"] = merge_order
        known = _DISPATCH_JOINED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self
