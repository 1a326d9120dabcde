"""Leases: which engine holds a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop._generated.events._base import RunEvent

if TYPE_CHECKING:
    from openwop._generated.payloads.leases import (
        LeaseAcquiredPayload,
        LeaseHandedOffPayload,
        LeaseLostPayload,
        LeaseRenewedPayload,
    )

__all__ = ["LeaseAcquired", "LeaseHandedOff", "LeaseLost", "LeaseRenewed"]


class LeaseAcquired(RunEvent):
    """An engine took hold of the run.

    Stream modes: debug.

    Section: v1-events.md §3.5; v2-events.md, "Leases".
    """

    __slots__ = ()
    TYPE = "lease.acquired"
    PAYLOAD = "openwop._generated.payloads.leases:LeaseAcquiredPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> LeaseAcquiredPayload:
            """What `lease.acquired` carries."""
            ...


class LeaseRenewed(RunEvent):
    """The engine that holds the run extended its hold.

    Stream modes: debug.

    Section: v1-events.md §3.5; v2-events.md, "Leases".
    """

    __slots__ = ()
    TYPE = "lease.renewed"
    PAYLOAD = "openwop._generated.payloads.leases:LeaseRenewedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> LeaseRenewedPayload:
            """What `lease.renewed` carries."""
            ...


class LeaseLost(RunEvent):
    """An engine lost its hold on the run.

    Stream modes: debug.

    Section: v1-events.md §3.5; v2-events.md, "Leases".
    """

    __slots__ = ()
    TYPE = "lease.lost"
    PAYLOAD = "openwop._generated.payloads.leases:LeaseLostPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> LeaseLostPayload:
            """What `lease.lost` carries."""
            ...


class LeaseHandedOff(RunEvent):
    """One engine passed the run to another.

    Stream modes: debug.

    Section: v1-events.md §3.5; v2-events.md, "Leases".
    """

    __slots__ = ()
    TYPE = "lease.handed-off"
    PAYLOAD = "openwop._generated.payloads.leases:LeaseHandedOffPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> LeaseHandedOffPayload:
            """What `lease.handed-off` carries."""
            ...
