"""Interrupts: what waits for somebody, and what was decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop._generated.events._base import RunEvent

if TYPE_CHECKING:
    from openwop._generated.payloads.interrupts import (
        ApprovalGrantedPayload,
        ApprovalOverriddenPayload,
        ApprovalReceivedPayload,
        ApprovalRejectedPayload,
        ApprovalRequestedPayload,
        ClarificationRequestedPayload,
        ClarificationResolvedPayload,
        InterruptRequestedPayload,
        InterruptResolvedPayload,
    )

__all__ = [
    "ApprovalGranted",
    "ApprovalOverridden",
    "ApprovalReceived",
    "ApprovalRejected",
    "ApprovalRequested",
    "ClarificationRequested",
    "ClarificationResolved",
    "InterruptRequested",
    "InterruptResolved",
]


class InterruptRequested(RunEvent):
    """The canonical request for a decision, an answer or an outside event.

    Stream modes: updates, values, debug.

    Section: v1-events.md §3.3; v2-events.md, "Interrupts".
    """

    __slots__ = ()
    TYPE = "interrupt.requested"
    PAYLOAD = "openwop._generated.payloads.interrupts:InterruptRequestedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> InterruptRequestedPayload:
            """What `interrupt.requested` carries."""
            ...


class InterruptResolved(RunEvent):
    """An interrupt of any kind got its answer.

    Stream modes: updates, values, debug.

    Section: v1-events.md §3.3; v2-events.md, "Interrupts".
    """

    __slots__ = ()
    TYPE = "interrupt.resolved"
    PAYLOAD = "openwop._generated.payloads.interrupts:InterruptResolvedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> InterruptResolvedPayload:
            """What `interrupt.resolved` carries."""
            ...


class ApprovalRequested(RunEvent):
    """The older twin of `interrupt.requested` for an approval.

    Stream modes: updates, values, debug.

    Section: v1-events.md §3.3; v2-events.md, "Interrupts".
    """

    __slots__ = ()
    TYPE = "approval.requested"
    PAYLOAD = "openwop._generated.payloads.interrupts:ApprovalRequestedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ApprovalRequestedPayload:
            """What `approval.requested` carries."""
            ...


class ApprovalReceived(RunEvent):
    """A reviewer decided, or the time for it ran out.

    Stream modes: updates, values, debug.

    Section: v1-events.md §3.3; v2-events.md, "Interrupts".
    """

    __slots__ = ()
    TYPE = "approval.received"
    PAYLOAD = "openwop._generated.payloads.interrupts:ApprovalReceivedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ApprovalReceivedPayload:
            """What `approval.received` carries."""
            ...


class ApprovalGranted(RunEvent):
    """One approver of a governed gate said yes.

    Stream modes: debug in major 1; updates, values, debug in major 2.

    Section: v1-events.md §3.3; v2-events.md, "Interrupts".
    """

    __slots__ = ()
    TYPE = "approval.granted"
    PAYLOAD = "openwop._generated.payloads.interrupts:ApprovalGrantedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ApprovalGrantedPayload:
            """What `approval.granted` carries."""
            ...


class ApprovalRejected(RunEvent):
    """One approver of a governed gate said no.

    Stream modes: debug in major 1; updates, values, debug in major 2.

    Section: v1-events.md §3.3; v2-events.md, "Interrupts".
    """

    __slots__ = ()
    TYPE = "approval.rejected"
    PAYLOAD = "openwop._generated.payloads.interrupts:ApprovalRejectedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ApprovalRejectedPayload:
            """What `approval.rejected` carries."""
            ...


class ApprovalOverridden(RunEvent):
    """Somebody with the right to do so decided a gate past its approvers.

    Stream modes: debug in major 1; updates, values, debug in major 2.

    Section: v1-events.md §3.3; v2-events.md, "Interrupts".
    """

    __slots__ = ()
    TYPE = "approval.overridden"
    PAYLOAD = "openwop._generated.payloads.interrupts:ApprovalOverriddenPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ApprovalOverriddenPayload:
            """What `approval.overridden` carries."""
            ...


class ClarificationRequested(RunEvent):
    """The older twin of `interrupt.requested` for questions.

    Stream modes: updates, values, debug.

    Section: v1-events.md §3.3; v2-events.md, "Interrupts".
    """

    __slots__ = ()
    TYPE = "clarification.requested"
    PAYLOAD = "openwop._generated.payloads.interrupts:ClarificationRequestedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ClarificationRequestedPayload:
            """What `clarification.requested` carries."""
            ...


class ClarificationResolved(RunEvent):
    """The questions of a clarification were answered.

    Stream modes: updates, values, debug.

    Section: v1-events.md §3.3; v2-events.md, "Interrupts".
    """

    __slots__ = ()
    TYPE = "clarification.resolved"
    PAYLOAD = "openwop._generated.payloads.interrupts:ClarificationResolvedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ClarificationResolvedPayload:
            """What `clarification.resolved` carries."""
            ...
