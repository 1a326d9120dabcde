"""What events carry.  Shapes of several domains."""

# ruff: noqa: PYI051  # the listed values are there for editors; any other is read too
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, Self

import attrs

from openwop.runtime._model import JSON, on_wire
from openwop.runtime._payload import (
    Payload,
    as_members,
    blank,
    check_payload,
    nested,
    set_extra,
    undeclared,
)
from openwop.runtime._structure import mismatch

__all__ = ["EventError", "Subject"]


_EVENT_ERROR: Final[frozenset[str]] = frozenset(["code", "details", "message", "retryable"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class EventError(Payload):
    """An error as the log records it.

    Attributes:
        code: The error code; branch on it. Required.
        message: What failed, for a human. Required.
        details: What belongs to the error, by name.
        retryable: Whether another attempt could succeed.

    Section: v1-events.md §3.1; v2-events.md, "Run lifecycle".
    """

    code: str | None = None
    message: str | None = None
    details: dict[str, JSON] | None = None
    retryable: bool | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "EventError", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "EventError")
        get = data.get
        code = get("code")
        if code is not None and type(code) is not str:
            raise mismatch("EventError.code", "str", code)
        message = get("message")
        if message is not None and type(message) is not str:
            raise mismatch("EventError.message", "str", message)
        details = get("details")
        if details is not None and type(details) is not dict:
            raise mismatch("EventError.details", "object", details)
        retryable = get("retryable")
        if retryable is not None and type(retryable) is not bool:
            raise mismatch("EventError.retryable", "bool", retryable)
        self = blank(cls)
        fields = self.__dict__
        fields["code"] = code
        fields["message"] = message
        fields["details"] = details
        fields["retryable"] = retryable
        known = _EVENT_ERROR
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_SUBJECT: Final[frozenset[str]] = frozenset(
    ["actor", "issuer", "keyClass", "kind", "lane", "subjectId", "tenant"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class Subject(Payload):
    """Who acts, as the host established it.

    Attributes:
        issuer: Who vouches for the subject. Required.
        subject_id: The subject, as its issuer names it. Required.
        tenant: The tenant. Required.
        lane: The way in which the subject proved itself. Required.
        kind: Of which kind. Required.
        key_class: What kind of key names the subject, for the SAML and SCIM lanes.
        actor: Who acts on the subject's behalf; at most four deep.

    Section: v1-events.md §3.1; v2-events.md, "Run lifecycle".
    """

    issuer: str | None = None
    subject_id: str | None = attrs.field(default=None, metadata=on_wire("subjectId"))
    tenant: str | None = None
    lane: str | None = None
    kind: Literal["user", "agent", "anonymous", "workload"] | str | None = None
    key_class: Literal["opaque-idp", "configured-immutable"] | str | None = attrs.field(
        default=None, metadata=on_wire("keyClass")
    )
    actor: Subject | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "Subject", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "Subject")
        get = data.get
        issuer = get("issuer")
        if issuer is not None and type(issuer) is not str:
            raise mismatch("Subject.issuer", "str", issuer)
        subject_id = get("subjectId")
        if subject_id is not None and type(subject_id) is not str:
            raise mismatch("Subject.subjectId", "str", subject_id)
        tenant = get("tenant")
        if tenant is not None and type(tenant) is not str:
            raise mismatch("Subject.tenant", "str", tenant)
        lane = get("lane")
        if lane is not None and type(lane) is not str:
            raise mismatch("Subject.lane", "str", lane)
        kind = get("kind")
        if kind is not None and type(kind) is not str:
            raise mismatch("Subject.kind", "str", kind)
        key_class = get("keyClass")
        if key_class is not None and type(key_class) is not str:
            raise mismatch("Subject.keyClass", "str", key_class)
        actor = get("actor")
        if actor is not None:
            actor = nested(Subject, actor, "Subject.actor")
        self = blank(cls)
        fields = self.__dict__
        fields["issuer"] = issuer
        fields["subject_id"] = subject_id
        fields["tenant"] = tenant
        fields["lane"] = lane
        fields["kind"] = kind
        fields["key_class"] = key_class
        fields["actor"] = actor
        known = _SUBJECT
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self
