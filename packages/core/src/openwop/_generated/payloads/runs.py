"""What events carry.  Runs: their beginning, their pauses and their end."""

# ruff: noqa: PYI051  # the listed values are there for editors; any other is read too
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, Self

import attrs

from openwop._generated.payloads.shared import EventError, Subject
from openwop.runtime._model import JSON, on_wire
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
    "CapBreachedPayload",
    "RunCancelledPayload",
    "RunCompletedPayload",
    "RunDeadLetteredPayload",
    "RunFailedPayload",
    "RunOwner",
    "RunPausedPayload",
    "RunRestoredFromSnapshotPayload",
    "RunResumeStartedPayload",
    "RunResumedPayload",
    "RunStartedPayload",
    "WorkflowLoopbackLimitPayload",
    "WorkflowRestoredPayload",
    "WorkflowStalledPayload",
]


_RUN_OWNER: Final[frozenset[str]] = frozenset(
    ["principal", "principalKind", "subject", "tenant", "workspace"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class RunOwner(Payload):
    """Who a run belongs to.

    Attributes:
        tenant: The tenant. Required.
        workspace: The workspace, when the tenant has several.
        principal: Who it was. Major 1 only.
        principal_kind: What kind of principal it is. Major 1 only.
        subject: Who owns the run. Required in major 2.

    Section: v1-events.md §3.1; v2-events.md, "Run lifecycle".
    """

    tenant: str | None = None
    workspace: str | None = None
    principal: str | None = None
    principal_kind: str | None = attrs.field(default=None, metadata=on_wire("principalKind"))
    subject: Subject | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "RunOwner", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "RunOwner")
        get = data.get
        tenant = get("tenant")
        if tenant is not None and type(tenant) is not str:
            raise mismatch("RunOwner.tenant", "str", tenant)
        workspace = get("workspace")
        if workspace is not None and type(workspace) is not str:
            raise mismatch("RunOwner.workspace", "str", workspace)
        principal = get("principal")
        if principal is not None and type(principal) is not str:
            raise mismatch("RunOwner.principal", "str", principal)
        principal_kind = get("principalKind")
        if principal_kind is not None and type(principal_kind) is not str:
            raise mismatch("RunOwner.principalKind", "str", principal_kind)
        subject = get("subject")
        if subject is not None:
            subject = nested(Subject, subject, "RunOwner.subject")
        self = blank(cls)
        fields = self.__dict__
        fields["tenant"] = tenant
        fields["workspace"] = workspace
        fields["principal"] = principal
        fields["principal_kind"] = principal_kind
        fields["subject"] = subject
        known = _RUN_OWNER
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_RUN_STARTED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["engineVersion", "inputs", "metadata", "owner", "tags", "transport", "workflowId"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class RunStartedPayload(Payload):
    """What `run.started` carries.

    Attributes:
        workflow_id: The workflow. Required.
        inputs: What the run was started with.
        transport: How the run was asked for.
        engine_version: The version of the engine; major 1 writes it as text, major 2 as an
            integer.
        owner: Who the run belongs to.
        tags: Tags.
        metadata: What the caller attached to the run.

    Section: v1-events.md §3.1; v2-events.md, "Run lifecycle".
    """

    workflow_id: str | None = attrs.field(default=None, metadata=on_wire("workflowId"))
    inputs: dict[str, JSON] | None = None
    transport: Literal["rest", "mcp", "a2a", "ui"] | str | None = None
    engine_version: str | int | None = attrs.field(default=None, metadata=on_wire("engineVersion"))
    owner: RunOwner | None = None
    tags: list[str] | None = None
    metadata: dict[str, JSON] | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "RunStartedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "RunStartedPayload")
        get = data.get
        workflow_id = get("workflowId")
        if workflow_id is not None and type(workflow_id) is not str:
            raise mismatch("RunStartedPayload.workflowId", "str", workflow_id)
        inputs = get("inputs")
        if inputs is not None and type(inputs) is not dict:
            raise mismatch("RunStartedPayload.inputs", "object", inputs)
        transport = get("transport")
        if transport is not None and type(transport) is not str:
            raise mismatch("RunStartedPayload.transport", "str", transport)
        engine_version = get("engineVersion")
        if (
            engine_version is not None
            and type(engine_version) is not str
            and type(engine_version) is not int
        ):
            raise mismatch("RunStartedPayload.engineVersion", "str or int", engine_version)
        owner = get("owner")
        if owner is not None:
            owner = nested(RunOwner, owner, "RunStartedPayload.owner")
        tags = get("tags")
        if tags is not None:
            tags = as_strings(tags, "RunStartedPayload.tags")
        metadata = get("metadata")
        if metadata is not None and type(metadata) is not dict:
            raise mismatch("RunStartedPayload.metadata", "object", metadata)
        self = blank(cls)
        fields = self.__dict__
        fields["workflow_id"] = workflow_id
        fields["inputs"] = inputs
        fields["transport"] = transport
        fields["engine_version"] = engine_version
        fields["owner"] = owner
        fields["tags"] = tags
        fields["metadata"] = metadata
        known = _RUN_STARTED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_RUN_COMPLETED_PAYLOAD: Final[frozenset[str]] = frozenset(["durationMs", "outputs"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class RunCompletedPayload(Payload):
    """What `run.completed` carries.

    Attributes:
        outputs: What the run produced; a major 1 host may leave it out. Required in major 2.
        duration_ms: How long it took, in milliseconds.

    Section: v1-events.md §3.1; v2-events.md, "Run lifecycle".
    """

    outputs: dict[str, JSON] | None = None
    duration_ms: int | None = attrs.field(default=None, metadata=on_wire("durationMs"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "RunCompletedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "RunCompletedPayload")
        get = data.get
        outputs = get("outputs")
        if outputs is not None and type(outputs) is not dict:
            raise mismatch("RunCompletedPayload.outputs", "object", outputs)
        duration_ms = get("durationMs")
        if duration_ms is not None and type(duration_ms) is not int:
            duration_ms = as_integer(duration_ms, "RunCompletedPayload.durationMs")
        self = blank(cls)
        fields = self.__dict__
        fields["outputs"] = outputs
        fields["duration_ms"] = duration_ms
        known = _RUN_COMPLETED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_RUN_FAILED_PAYLOAD: Final[frozenset[str]] = frozenset(["durationMs", "error", "failedNodeId"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class RunFailedPayload(Payload):
    """What `run.failed` carries.

    Attributes:
        error: What failed. Required.
        failed_node_id: The node whose failure ended the run.
        duration_ms: How long it took, in milliseconds.

    Section: v1-events.md §3.1; v2-events.md, "Run lifecycle".
    """

    error: EventError | None = None
    failed_node_id: str | None = attrs.field(default=None, metadata=on_wire("failedNodeId"))
    duration_ms: int | None = attrs.field(default=None, metadata=on_wire("durationMs"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "RunFailedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "RunFailedPayload")
        get = data.get
        error = get("error")
        if error is not None:
            error = nested(EventError, error, "RunFailedPayload.error")
        failed_node_id = get("failedNodeId")
        if failed_node_id is not None and type(failed_node_id) is not str:
            raise mismatch("RunFailedPayload.failedNodeId", "str", failed_node_id)
        duration_ms = get("durationMs")
        if duration_ms is not None and type(duration_ms) is not int:
            duration_ms = as_integer(duration_ms, "RunFailedPayload.durationMs")
        self = blank(cls)
        fields = self.__dict__
        fields["error"] = error
        fields["failed_node_id"] = failed_node_id
        fields["duration_ms"] = duration_ms
        known = _RUN_FAILED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_RUN_CANCELLED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["cancelledBy", "durationMs", "parentRunId", "reason"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class RunCancelledPayload(Payload):
    """What `run.cancelled` carries.

    Attributes:
        reason: Why; `parent-cancelled` marks a cascade.
        cancelled_by: Who or what cancelled it.
        duration_ms: How long it took, in milliseconds.
        parent_run_id: The cancelled parent, when the cancellation came down from it.

    Section: v1-events.md §3.1; v2-events.md, "Run lifecycle".
    """

    reason: str | None = None
    cancelled_by: str | None = attrs.field(default=None, metadata=on_wire("cancelledBy"))
    duration_ms: int | None = attrs.field(default=None, metadata=on_wire("durationMs"))
    parent_run_id: str | None = attrs.field(default=None, metadata=on_wire("parentRunId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "RunCancelledPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "RunCancelledPayload")
        get = data.get
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("RunCancelledPayload.reason", "str", reason)
        cancelled_by = get("cancelledBy")
        if cancelled_by is not None and type(cancelled_by) is not str:
            raise mismatch("RunCancelledPayload.cancelledBy", "str", cancelled_by)
        duration_ms = get("durationMs")
        if duration_ms is not None and type(duration_ms) is not int:
            duration_ms = as_integer(duration_ms, "RunCancelledPayload.durationMs")
        parent_run_id = get("parentRunId")
        if parent_run_id is not None and type(parent_run_id) is not str:
            raise mismatch("RunCancelledPayload.parentRunId", "str", parent_run_id)
        self = blank(cls)
        fields = self.__dict__
        fields["reason"] = reason
        fields["cancelled_by"] = cancelled_by
        fields["duration_ms"] = duration_ms
        fields["parent_run_id"] = parent_run_id
        known = _RUN_CANCELLED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_RUN_RESUME_STARTED_PAYLOAD: Final[frozenset[str]] = frozenset(["fromStatus"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class RunResumeStartedPayload(Payload):
    """What `run.resume-started` carries.

    Attributes:
        from_status: The status that the run is leaving.

    Section: v1-events.md §3.1; v2-events.md, "Run lifecycle".
    """

    from_status: str | None = attrs.field(default=None, metadata=on_wire("fromStatus"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "RunResumeStartedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "RunResumeStartedPayload")
        get = data.get
        from_status = get("fromStatus")
        if from_status is not None and type(from_status) is not str:
            raise mismatch("RunResumeStartedPayload.fromStatus", "str", from_status)
        self = blank(cls)
        fields = self.__dict__
        fields["from_status"] = from_status
        known = _RUN_RESUME_STARTED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_RUN_PAUSED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["drainPolicy", "interruptedAttempt", "interruptedNodeId", "reason"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class RunPausedPayload(Payload):
    """What `run.paused` carries.

    Attributes:
        reason: Why.
        drain_policy: Whether the running node was interrupted or allowed to finish.
        interrupted_node_id: The node that an immediate pause cut off. Major 2 only.
        interrupted_attempt: Which attempt of that node was cut off, from 1. Major 2 only.

    Section: v1-events.md §3.1; v2-events.md, "Run lifecycle".
    """

    reason: str | None = None
    drain_policy: Literal["immediate", "drain-current-node"] | str | None = attrs.field(
        default=None, metadata=on_wire("drainPolicy")
    )
    interrupted_node_id: str | None = attrs.field(
        default=None, metadata=on_wire("interruptedNodeId")
    )
    interrupted_attempt: int | None = attrs.field(
        default=None, metadata=on_wire("interruptedAttempt")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "RunPausedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "RunPausedPayload")
        get = data.get
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("RunPausedPayload.reason", "str", reason)
        drain_policy = get("drainPolicy")
        if drain_policy is not None and type(drain_policy) is not str:
            raise mismatch("RunPausedPayload.drainPolicy", "str", drain_policy)
        interrupted_node_id = get("interruptedNodeId")
        if interrupted_node_id is not None and type(interrupted_node_id) is not str:
            raise mismatch("RunPausedPayload.interruptedNodeId", "str", interrupted_node_id)
        interrupted_attempt = get("interruptedAttempt")
        if interrupted_attempt is not None and type(interrupted_attempt) is not int:
            interrupted_attempt = as_integer(
                interrupted_attempt, "RunPausedPayload.interruptedAttempt"
            )
        self = blank(cls)
        fields = self.__dict__
        fields["reason"] = reason
        fields["drain_policy"] = drain_policy
        fields["interrupted_node_id"] = interrupted_node_id
        fields["interrupted_attempt"] = interrupted_attempt
        known = _RUN_PAUSED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_RUN_RESUMED_PAYLOAD: Final[frozenset[str]] = frozenset([])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class RunResumedPayload(Payload):
    """What `run.resumed` carries.

    Section: v1-events.md §3.1; v2-events.md, "Run lifecycle".
    """

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "RunResumedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "RunResumedPayload")
        self = blank(cls)
        known = _RUN_RESUMED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_RUN_RESTORED_FROM_SNAPSHOT_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["engineVersion", "snapshotSeq"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class RunRestoredFromSnapshotPayload(Payload):
    """What `run.restored-from-snapshot` carries.

    Attributes:
        snapshot_seq: The sequence that the snapshot reflects.
        engine_version: The version of the engine; major 1 writes it as text, major 2 as an
            integer.

    Section: v1-events.md §3.1; v2-events.md, "Run lifecycle".
    """

    snapshot_seq: int | None = attrs.field(default=None, metadata=on_wire("snapshotSeq"))
    engine_version: str | int | None = attrs.field(default=None, metadata=on_wire("engineVersion"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "RunRestoredFromSnapshotPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "RunRestoredFromSnapshotPayload")
        get = data.get
        snapshot_seq = get("snapshotSeq")
        if snapshot_seq is not None and type(snapshot_seq) is not int:
            snapshot_seq = as_integer(snapshot_seq, "RunRestoredFromSnapshotPayload.snapshotSeq")
        engine_version = get("engineVersion")
        if (
            engine_version is not None
            and type(engine_version) is not str
            and type(engine_version) is not int
        ):
            raise mismatch(
                "RunRestoredFromSnapshotPayload.engineVersion", "str or int", engine_version
            )
        self = blank(cls)
        fields = self.__dict__
        fields["snapshot_seq"] = snapshot_seq
        fields["engine_version"] = engine_version
        known = _RUN_RESTORED_FROM_SNAPSHOT_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_RUN_DEAD_LETTERED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["attempts", "nodeId", "reason", "runId"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class RunDeadLetteredPayload(Payload):
    """What `run.dead-lettered` carries.

    Attributes:
        run_id: The run. Required.
        node_id: The node that could not be finished.
        reason: Why. Required.
        attempts: How many attempts were made. Required.

    Section: v1-events.md §3.1; v2-events.md, "Run lifecycle".
    """

    run_id: str | None = attrs.field(default=None, metadata=on_wire("runId"))
    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    reason: str | None = None
    attempts: int | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "RunDeadLetteredPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "RunDeadLetteredPayload")
        get = data.get
        run_id = get("runId")
        if run_id is not None and type(run_id) is not str:
            raise mismatch("RunDeadLetteredPayload.runId", "str", run_id)
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("RunDeadLetteredPayload.nodeId", "str", node_id)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("RunDeadLetteredPayload.reason", "str", reason)
        attempts = get("attempts")
        if attempts is not None and type(attempts) is not int:
            attempts = as_integer(attempts, "RunDeadLetteredPayload.attempts")
        self = blank(cls)
        fields = self.__dict__
        fields["run_id"] = run_id
        fields["node_id"] = node_id
        fields["reason"] = reason
        fields["attempts"] = attempts
        known = _RUN_DEAD_LETTERED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_WORKFLOW_RESTORED_PAYLOAD: Final[frozenset[str]] = frozenset(["engineVersion", "fromSnapshotSeq"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class WorkflowRestoredPayload(Payload):
    """What `workflow.restored` carries.

    Attributes:
        from_snapshot_seq: The sequence of the snapshot that was read.
        engine_version: The version of the engine; major 1 writes it as text, major 2 as an
            integer.

    Section: v1-events.md §3.5; v2-events.md, "Run lifecycle".
    """

    from_snapshot_seq: int | None = attrs.field(default=None, metadata=on_wire("fromSnapshotSeq"))
    engine_version: str | int | None = attrs.field(default=None, metadata=on_wire("engineVersion"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "WorkflowRestoredPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "WorkflowRestoredPayload")
        get = data.get
        from_snapshot_seq = get("fromSnapshotSeq")
        if from_snapshot_seq is not None and type(from_snapshot_seq) is not int:
            from_snapshot_seq = as_integer(
                from_snapshot_seq, "WorkflowRestoredPayload.fromSnapshotSeq"
            )
        engine_version = get("engineVersion")
        if (
            engine_version is not None
            and type(engine_version) is not str
            and type(engine_version) is not int
        ):
            raise mismatch("WorkflowRestoredPayload.engineVersion", "str or int", engine_version)
        self = blank(cls)
        fields = self.__dict__
        fields["from_snapshot_seq"] = from_snapshot_seq
        fields["engine_version"] = engine_version
        known = _WORKFLOW_RESTORED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_WORKFLOW_LOOPBACK_LIMIT_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["iterations", "limit", "nodeId"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class WorkflowLoopbackLimitPayload(Payload):
    """What `workflow.loopback-limit` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        iterations: How often the loop has run. Required.
        limit: The most iterations that are allowed.

    Section: v1-events.md §3.5; v2-events.md, "Run lifecycle".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    iterations: int | None = None
    limit: int | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "WorkflowLoopbackLimitPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "WorkflowLoopbackLimitPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("WorkflowLoopbackLimitPayload.nodeId", "str", node_id)
        iterations = get("iterations")
        if iterations is not None and type(iterations) is not int:
            iterations = as_integer(iterations, "WorkflowLoopbackLimitPayload.iterations")
        limit = get("limit")
        if limit is not None and type(limit) is not int:
            limit = as_integer(limit, "WorkflowLoopbackLimitPayload.limit")
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["iterations"] = iterations
        fields["limit"] = limit
        known = _WORKFLOW_LOOPBACK_LIMIT_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_WORKFLOW_STALLED_PAYLOAD: Final[frozenset[str]] = frozenset(["lastNodeId", "stalledForMs"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class WorkflowStalledPayload(Payload):
    """What `workflow.stalled` carries.

    Attributes:
        stalled_for_ms: How long nothing has moved, in milliseconds.
        last_node_id: The node that moved last.

    Section: v1-events.md §3.5; v2-events.md, "Run lifecycle".
    """

    stalled_for_ms: int | None = attrs.field(default=None, metadata=on_wire("stalledForMs"))
    last_node_id: str | None = attrs.field(default=None, metadata=on_wire("lastNodeId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "WorkflowStalledPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "WorkflowStalledPayload")
        get = data.get
        stalled_for_ms = get("stalledForMs")
        if stalled_for_ms is not None and type(stalled_for_ms) is not int:
            stalled_for_ms = as_integer(stalled_for_ms, "WorkflowStalledPayload.stalledForMs")
        last_node_id = get("lastNodeId")
        if last_node_id is not None and type(last_node_id) is not str:
            raise mismatch("WorkflowStalledPayload.lastNodeId", "str", last_node_id)
        self = blank(cls)
        fields = self.__dict__
        fields["stalled_for_ms"] = stalled_for_ms
        fields["last_node_id"] = last_node_id
        known = _WORKFLOW_STALLED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_CAP_BREACHED_PAYLOAD: Final[frozenset[str]] = frozenset(["kind", "limit", "nodeId", "observed"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class CapBreachedPayload(Payload):
    """What `cap.breached` carries.

    Attributes:
        kind: Which limit. Required.
        limit: The limit, in the unit of its kind. Required.
        observed: What was measured when the limit was hit. Required.
        node_id: The node, as the workflow names it.

    Section: v1-events.md §3.5; v2-events.md, "Run lifecycle".
    """

    kind: (
        Literal[
            "clarification",
            "schema",
            "envelopes",
            "node-executions",
            "wasm-memory",
            "wasm-fuel",
            "wasm-execution-time",
            "run-duration",
            "loop-iterations",
            "budget-tokens",
            "budget-cost",
            "budget-tool-calls",
            "budget-retries",
        ]
        | str
        | None
    ) = None
    limit: float | None = None
    observed: float | None = None
    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "CapBreachedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "CapBreachedPayload")
        get = data.get
        kind = get("kind")
        if kind is not None and type(kind) is not str:
            raise mismatch("CapBreachedPayload.kind", "str", kind)
        limit = get("limit")
        if limit is not None and type(limit) is not float and type(limit) is not int:
            raise mismatch("CapBreachedPayload.limit", "number", limit)
        observed = get("observed")
        if observed is not None and type(observed) is not float and type(observed) is not int:
            raise mismatch("CapBreachedPayload.observed", "number", observed)
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("CapBreachedPayload.nodeId", "str", node_id)
        self = blank(cls)
        fields = self.__dict__
        fields["kind"] = kind
        fields["limit"] = limit
        fields["observed"] = observed
        fields["node_id"] = node_id
        known = _CAP_BREACHED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self
