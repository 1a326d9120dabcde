"""What events carry.  Live notices and host events: what no log holds."""

# ruff: noqa: PYI051  # the listed values are there for editors; any other is read too
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, Self

import attrs

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
    "AnnotationActor",
    "AnnotationSignal",
    "AnnotationTarget",
    "ChannelPresencePayload",
    "HeartbeatEvaluatedPayload",
    "HeartbeatStateChangedPayload",
    "HostTestDurableTriggeredPayload",
    "HostTestEphemeralTriggeredPayload",
    "RunAnnotatedPayload",
]


_ANNOTATION_ACTOR: Final[frozenset[str]] = frozenset(["principalRef"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class AnnotationActor(Payload):
    """Who made an annotation.

    Attributes:
        principal_ref: A reference to the principal. Required.

    Section: v1-events.md §4; v2-events.md, "Host events".
    """

    principal_ref: str | None = attrs.field(default=None, metadata=on_wire("principalRef"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "AnnotationActor", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "AnnotationActor")
        get = data.get
        principal_ref = get("principalRef")
        if principal_ref is not None and type(principal_ref) is not str:
            raise mismatch("AnnotationActor.principalRef", "str", principal_ref)
        self = blank(cls)
        fields = self.__dict__
        fields["principal_ref"] = principal_ref
        known = _ANNOTATION_ACTOR
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_ANNOTATION_SIGNAL: Final[frozenset[str]] = frozenset(["correction", "kind", "label", "rating"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class AnnotationSignal(Payload):
    """What an annotation says.

    Attributes:
        kind: Of which kind. Required.
        rating: The rating, from 1 to 5, for a rating.
        label: The label, for a label.
        correction: The corrected text, for a correction.

    Section: v1-events.md §4; v2-events.md, "Host events".
    """

    kind: Literal["rating", "correction", "label", "flag"] | str | None = None
    rating: int | None = None
    label: str | None = None
    correction: str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "AnnotationSignal", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "AnnotationSignal")
        get = data.get
        kind = get("kind")
        if kind is not None and type(kind) is not str:
            raise mismatch("AnnotationSignal.kind", "str", kind)
        rating = get("rating")
        if rating is not None and type(rating) is not int:
            rating = as_integer(rating, "AnnotationSignal.rating")
        label = get("label")
        if label is not None and type(label) is not str:
            raise mismatch("AnnotationSignal.label", "str", label)
        correction = get("correction")
        if correction is not None and type(correction) is not str:
            raise mismatch("AnnotationSignal.correction", "str", correction)
        self = blank(cls)
        fields = self.__dict__
        fields["kind"] = kind
        fields["rating"] = rating
        fields["label"] = label
        fields["correction"] = correction
        known = _ANNOTATION_SIGNAL
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_ANNOTATION_TARGET: Final[frozenset[str]] = frozenset(["eventId", "nodeId", "runId"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class AnnotationTarget(Payload):
    """What an annotation is about.

    Attributes:
        run_id: The run. Required.
        event_id: The event, when it is about one.
        node_id: The node, as the workflow names it.

    Section: v1-events.md §4; v2-events.md, "Host events".
    """

    run_id: str | None = attrs.field(default=None, metadata=on_wire("runId"))
    event_id: str | None = attrs.field(default=None, metadata=on_wire("eventId"))
    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "AnnotationTarget", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "AnnotationTarget")
        get = data.get
        run_id = get("runId")
        if run_id is not None and type(run_id) is not str:
            raise mismatch("AnnotationTarget.runId", "str", run_id)
        event_id = get("eventId")
        if event_id is not None and type(event_id) is not str:
            raise mismatch("AnnotationTarget.eventId", "str", event_id)
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("AnnotationTarget.nodeId", "str", node_id)
        self = blank(cls)
        fields = self.__dict__
        fields["run_id"] = run_id
        fields["event_id"] = event_id
        fields["node_id"] = node_id
        known = _ANNOTATION_TARGET
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_RUN_ANNOTATED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["actor", "annotationId", "createdAt", "note", "signal", "target"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class RunAnnotatedPayload(Payload):
    """What `run.annotated` carries.

    Attributes:
        annotation_id: The annotation. Required.
        target: What the annotation is about. Required.
        signal: What it says. Required.
        actor: Who made it. Required.
        note: A remark.
        created_at: When it was made. Required.

    Section: v1-events.md §4; v2-events.md, "Host events".
    """

    annotation_id: str | None = attrs.field(default=None, metadata=on_wire("annotationId"))
    target: AnnotationTarget | None = None
    signal: AnnotationSignal | None = None
    actor: AnnotationActor | None = None
    note: str | None = None
    created_at: str | None = attrs.field(default=None, metadata=on_wire("createdAt"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "RunAnnotatedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "RunAnnotatedPayload")
        get = data.get
        annotation_id = get("annotationId")
        if annotation_id is not None and type(annotation_id) is not str:
            raise mismatch("RunAnnotatedPayload.annotationId", "str", annotation_id)
        target = get("target")
        if target is not None:
            target = nested(AnnotationTarget, target, "RunAnnotatedPayload.target")
        signal = get("signal")
        if signal is not None:
            signal = nested(AnnotationSignal, signal, "RunAnnotatedPayload.signal")
        actor = get("actor")
        if actor is not None:
            actor = nested(AnnotationActor, actor, "RunAnnotatedPayload.actor")
        note = get("note")
        if note is not None and type(note) is not str:
            raise mismatch("RunAnnotatedPayload.note", "str", note)
        created_at = get("createdAt")
        if created_at is not None and type(created_at) is not str:
            raise mismatch("RunAnnotatedPayload.createdAt", "str", created_at)
        self = blank(cls)
        fields = self.__dict__
        fields["annotation_id"] = annotation_id
        fields["target"] = target
        fields["signal"] = signal
        fields["actor"] = actor
        fields["note"] = note
        fields["created_at"] = created_at
        known = _RUN_ANNOTATED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_CHANNEL_PRESENCE_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["conversationId", "present", "typing"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ChannelPresencePayload(Payload):
    """What `channel.presence` carries.

    Attributes:
        conversation_id: The conversation. Required.
        present: The members that are present. Required.
        typing: Those of them that are typing.

    Section: v1-events.md §4; v2-events.md, "Host events".
    """

    conversation_id: str | None = attrs.field(default=None, metadata=on_wire("conversationId"))
    present: list[str] | None = None
    typing: list[str] | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ChannelPresencePayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ChannelPresencePayload")
        get = data.get
        conversation_id = get("conversationId")
        if conversation_id is not None and type(conversation_id) is not str:
            raise mismatch("ChannelPresencePayload.conversationId", "str", conversation_id)
        present = get("present")
        if present is not None:
            present = as_strings(present, "ChannelPresencePayload.present")
        typing = get("typing")
        if typing is not None:
            typing = as_strings(typing, "ChannelPresencePayload.typing")
        self = blank(cls)
        fields = self.__dict__
        fields["conversation_id"] = conversation_id
        fields["present"] = present
        fields["typing"] = typing
        known = _CHANNEL_PRESENCE_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_HOST_TEST_DURABLE_TRIGGERED_PAYLOAD: Final[frozenset[str]] = frozenset([])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class HostTestDurableTriggeredPayload(Payload):
    """What `host-test.durable-triggered` carries.

    Section: v2-events.md, "Host events".
    """

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "HostTestDurableTriggeredPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "HostTestDurableTriggeredPayload")
        self = blank(cls)
        known = _HOST_TEST_DURABLE_TRIGGERED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_HOST_TEST_EPHEMERAL_TRIGGERED_PAYLOAD: Final[frozenset[str]] = frozenset([])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class HostTestEphemeralTriggeredPayload(Payload):
    """What `host-test.ephemeral-triggered` carries.

    Section: v2-events.md, "Host events".
    """

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "HostTestEphemeralTriggeredPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "HostTestEphemeralTriggeredPayload")
        self = blank(cls)
        known = _HOST_TEST_EPHEMERAL_TRIGGERED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_HEARTBEAT_EVALUATED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["changed", "heartbeatId", "status"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class HeartbeatEvaluatedPayload(Payload):
    """What `heartbeat.evaluated` carries.

    Attributes:
        heartbeat_id: The heartbeat. Required.
        status: How it went. Required.
        changed: Whether the evaluation found a change. Required.

    Section: v1-events.md §4; v2-events.md, "Host events".
    """

    heartbeat_id: str | None = attrs.field(default=None, metadata=on_wire("heartbeatId"))
    status: Literal["ok", "timeout", "error"] | str | None = None
    changed: bool | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "HeartbeatEvaluatedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "HeartbeatEvaluatedPayload")
        get = data.get
        heartbeat_id = get("heartbeatId")
        if heartbeat_id is not None and type(heartbeat_id) is not str:
            raise mismatch("HeartbeatEvaluatedPayload.heartbeatId", "str", heartbeat_id)
        status = get("status")
        if status is not None and type(status) is not str:
            raise mismatch("HeartbeatEvaluatedPayload.status", "str", status)
        changed = get("changed")
        if changed is not None and type(changed) is not bool:
            raise mismatch("HeartbeatEvaluatedPayload.changed", "bool", changed)
        self = blank(cls)
        fields = self.__dict__
        fields["heartbeat_id"] = heartbeat_id
        fields["status"] = status
        fields["changed"] = changed
        known = _HEARTBEAT_EVALUATED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_HEARTBEAT_STATE_CHANGED_PAYLOAD: Final[frozenset[str]] = frozenset(["from", "heartbeatId", "to"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class HeartbeatStateChangedPayload(Payload):
    """What `heartbeat.stateChanged` carries.

    Attributes:
        heartbeat_id: The heartbeat. Required.
        from_: The state before. Required.
        to: The state after. Required.

    Section: v1-events.md §4; v2-events.md, "Host events".
    """

    heartbeat_id: str | None = attrs.field(default=None, metadata=on_wire("heartbeatId"))
    from_: dict[str, JSON] | None = attrs.field(default=None, metadata=on_wire("from"))
    to: dict[str, JSON] | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "HeartbeatStateChangedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "HeartbeatStateChangedPayload")
        get = data.get
        heartbeat_id = get("heartbeatId")
        if heartbeat_id is not None and type(heartbeat_id) is not str:
            raise mismatch("HeartbeatStateChangedPayload.heartbeatId", "str", heartbeat_id)
        from_ = get("from")
        if from_ is not None and type(from_) is not dict:
            raise mismatch("HeartbeatStateChangedPayload.from", "object", from_)
        to = get("to")
        if to is not None and type(to) is not dict:
            raise mismatch("HeartbeatStateChangedPayload.to", "object", to)
        self = blank(cls)
        fields = self.__dict__
        fields["heartbeat_id"] = heartbeat_id
        fields["from_"] = from_
        fields["to"] = to
        known = _HEARTBEAT_STATE_CHANGED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self
