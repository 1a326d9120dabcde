"""What events carry.  Leases: which engine holds a run."""

# ruff: noqa: PYI051  # the listed values are there for editors; any other is read too
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, Self

import attrs

from openwop.runtime._model import on_wire
from openwop.runtime._payload import (
    Payload,
    as_members,
    blank,
    check_payload,
    set_extra,
    undeclared,
)
from openwop.runtime._structure import mismatch

__all__ = [
    "LeaseAcquiredPayload",
    "LeaseHandedOffPayload",
    "LeaseLostPayload",
    "LeaseRenewedPayload",
]


_LEASE_ACQUIRED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["expiresAt", "host", "instanceId", "leaseId", "previousHost"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class LeaseAcquiredPayload(Payload):
    """What `lease.acquired` carries.

    Attributes:
        lease_id: The lease. Required.
        host: The kind of engine that holds the run. Required.
        instance_id: The engine's instance.
        expires_at: When the lease ends unless it is renewed.
        previous_host: The kind of engine that held the run before.

    Section: v1-events.md §3.5; v2-events.md, "Leases".
    """

    lease_id: str | None = attrs.field(default=None, metadata=on_wire("leaseId"))
    host: Literal["browser", "cloud"] | str | None = None
    instance_id: str | None = attrs.field(default=None, metadata=on_wire("instanceId"))
    expires_at: str | None = attrs.field(default=None, metadata=on_wire("expiresAt"))
    previous_host: Literal["browser", "cloud"] | str | None = attrs.field(
        default=None, metadata=on_wire("previousHost")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "LeaseAcquiredPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "LeaseAcquiredPayload")
        get = data.get
        lease_id = get("leaseId")
        if lease_id is not None and type(lease_id) is not str:
            raise mismatch("LeaseAcquiredPayload.leaseId", "str", lease_id)
        host = get("host")
        if host is not None and type(host) is not str:
            raise mismatch("LeaseAcquiredPayload.host", "str", host)
        instance_id = get("instanceId")
        if instance_id is not None and type(instance_id) is not str:
            raise mismatch("LeaseAcquiredPayload.instanceId", "str", instance_id)
        expires_at = get("expiresAt")
        if expires_at is not None and type(expires_at) is not str:
            raise mismatch("LeaseAcquiredPayload.expiresAt", "str", expires_at)
        previous_host = get("previousHost")
        if previous_host is not None and type(previous_host) is not str:
            raise mismatch("LeaseAcquiredPayload.previousHost", "str", previous_host)
        self = blank(cls)
        fields = self.__dict__
        fields["lease_id"] = lease_id
        fields["host"] = host
        fields["instance_id"] = instance_id
        fields["expires_at"] = expires_at
        fields["previous_host"] = previous_host
        known = _LEASE_ACQUIRED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_LEASE_RENEWED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["expiresAt", "host", "instanceId", "leaseId", "previousHost"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class LeaseRenewedPayload(Payload):
    """What `lease.renewed` carries.

    Attributes:
        lease_id: The lease. Required.
        host: The kind of engine that holds the run. Required.
        instance_id: The engine's instance.
        expires_at: When the lease ends unless it is renewed.
        previous_host: The kind of engine that held the run before.

    Section: v1-events.md §3.5; v2-events.md, "Leases".
    """

    lease_id: str | None = attrs.field(default=None, metadata=on_wire("leaseId"))
    host: Literal["browser", "cloud"] | str | None = None
    instance_id: str | None = attrs.field(default=None, metadata=on_wire("instanceId"))
    expires_at: str | None = attrs.field(default=None, metadata=on_wire("expiresAt"))
    previous_host: Literal["browser", "cloud"] | str | None = attrs.field(
        default=None, metadata=on_wire("previousHost")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "LeaseRenewedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "LeaseRenewedPayload")
        get = data.get
        lease_id = get("leaseId")
        if lease_id is not None and type(lease_id) is not str:
            raise mismatch("LeaseRenewedPayload.leaseId", "str", lease_id)
        host = get("host")
        if host is not None and type(host) is not str:
            raise mismatch("LeaseRenewedPayload.host", "str", host)
        instance_id = get("instanceId")
        if instance_id is not None and type(instance_id) is not str:
            raise mismatch("LeaseRenewedPayload.instanceId", "str", instance_id)
        expires_at = get("expiresAt")
        if expires_at is not None and type(expires_at) is not str:
            raise mismatch("LeaseRenewedPayload.expiresAt", "str", expires_at)
        previous_host = get("previousHost")
        if previous_host is not None and type(previous_host) is not str:
            raise mismatch("LeaseRenewedPayload.previousHost", "str", previous_host)
        self = blank(cls)
        fields = self.__dict__
        fields["lease_id"] = lease_id
        fields["host"] = host
        fields["instance_id"] = instance_id
        fields["expires_at"] = expires_at
        fields["previous_host"] = previous_host
        known = _LEASE_RENEWED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_LEASE_LOST_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["expiresAt", "host", "instanceId", "leaseId", "previousHost"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class LeaseLostPayload(Payload):
    """What `lease.lost` carries.

    Attributes:
        lease_id: The lease. Required.
        host: The kind of engine that holds the run. Required.
        instance_id: The engine's instance.
        expires_at: When the lease ends unless it is renewed.
        previous_host: The kind of engine that held the run before.

    Section: v1-events.md §3.5; v2-events.md, "Leases".
    """

    lease_id: str | None = attrs.field(default=None, metadata=on_wire("leaseId"))
    host: Literal["browser", "cloud"] | str | None = None
    instance_id: str | None = attrs.field(default=None, metadata=on_wire("instanceId"))
    expires_at: str | None = attrs.field(default=None, metadata=on_wire("expiresAt"))
    previous_host: Literal["browser", "cloud"] | str | None = attrs.field(
        default=None, metadata=on_wire("previousHost")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "LeaseLostPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "LeaseLostPayload")
        get = data.get
        lease_id = get("leaseId")
        if lease_id is not None and type(lease_id) is not str:
            raise mismatch("LeaseLostPayload.leaseId", "str", lease_id)
        host = get("host")
        if host is not None and type(host) is not str:
            raise mismatch("LeaseLostPayload.host", "str", host)
        instance_id = get("instanceId")
        if instance_id is not None and type(instance_id) is not str:
            raise mismatch("LeaseLostPayload.instanceId", "str", instance_id)
        expires_at = get("expiresAt")
        if expires_at is not None and type(expires_at) is not str:
            raise mismatch("LeaseLostPayload.expiresAt", "str", expires_at)
        previous_host = get("previousHost")
        if previous_host is not None and type(previous_host) is not str:
            raise mismatch("LeaseLostPayload.previousHost", "str", previous_host)
        self = blank(cls)
        fields = self.__dict__
        fields["lease_id"] = lease_id
        fields["host"] = host
        fields["instance_id"] = instance_id
        fields["expires_at"] = expires_at
        fields["previous_host"] = previous_host
        known = _LEASE_LOST_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_LEASE_HANDED_OFF_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["fromHost", "leaseId", "reason", "toHost"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class LeaseHandedOffPayload(Payload):
    """What `lease.handed-off` carries.

    Attributes:
        lease_id: The lease. Required.
        from_host: The kind of engine that gave the run away. Required.
        to_host: The kind of engine that took the run over. Required.
        reason: Why.

    Section: v1-events.md §3.5; v2-events.md, "Leases".
    """

    lease_id: str | None = attrs.field(default=None, metadata=on_wire("leaseId"))
    from_host: Literal["browser", "cloud"] | str | None = attrs.field(
        default=None, metadata=on_wire("fromHost")
    )
    to_host: Literal["browser", "cloud"] | str | None = attrs.field(
        default=None, metadata=on_wire("toHost")
    )
    reason: str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "LeaseHandedOffPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "LeaseHandedOffPayload")
        get = data.get
        lease_id = get("leaseId")
        if lease_id is not None and type(lease_id) is not str:
            raise mismatch("LeaseHandedOffPayload.leaseId", "str", lease_id)
        from_host = get("fromHost")
        if from_host is not None and type(from_host) is not str:
            raise mismatch("LeaseHandedOffPayload.fromHost", "str", from_host)
        to_host = get("toHost")
        if to_host is not None and type(to_host) is not str:
            raise mismatch("LeaseHandedOffPayload.toHost", "str", to_host)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("LeaseHandedOffPayload.reason", "str", reason)
        self = blank(cls)
        fields = self.__dict__
        fields["lease_id"] = lease_id
        fields["from_host"] = from_host
        fields["to_host"] = to_host
        fields["reason"] = reason
        known = _LEASE_HANDED_OFF_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self
