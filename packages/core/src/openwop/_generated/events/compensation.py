"""Compensation: undoing what a failed run had done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop._generated.events._base import RunEvent

if TYPE_CHECKING:
    from openwop._generated.payloads.compensation import (
        CompensationCompletedPayload,
        CompensationFailedPayload,
        CompensationManualInterventionRequiredPayload,
        CompensationPausedPayload,
        CompensationRequestedPayload,
        CompensationStartedPayload,
    )

__all__ = [
    "CompensationCompleted",
    "CompensationFailed",
    "CompensationManualInterventionRequired",
    "CompensationPaused",
    "CompensationRequested",
    "CompensationStarted",
]


class CompensationRequested(RunEvent):
    """An effect is to be undone.

    Only the last releases of major 1 have it. Stream modes: debug. Sent by hosts that advertise
    `compensation`.

    Section: v1-events.md §3.9; v2-events.md, "Compensation".
    """

    __slots__ = ()
    TYPE = "compensation.requested"
    PAYLOAD = "openwop._generated.payloads.compensation:CompensationRequestedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> CompensationRequestedPayload:
            """What `compensation.requested` carries."""
            ...


class CompensationStarted(RunEvent):
    """The undoing of an effect began.

    Only the last releases of major 1 have it. Stream modes: debug. Sent by hosts that advertise
    `compensation`.

    Section: v1-events.md §3.9; v2-events.md, "Compensation".
    """

    __slots__ = ()
    TYPE = "compensation.started"
    PAYLOAD = "openwop._generated.payloads.compensation:CompensationStartedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> CompensationStartedPayload:
            """What `compensation.started` carries."""
            ...


class CompensationCompleted(RunEvent):
    """An effect was undone.

    Only the last releases of major 1 have it. Stream modes: debug. Sent by hosts that advertise
    `compensation`.

    Section: v1-events.md §3.9; v2-events.md, "Compensation".
    """

    __slots__ = ()
    TYPE = "compensation.completed"
    PAYLOAD = "openwop._generated.payloads.compensation:CompensationCompletedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> CompensationCompletedPayload:
            """What `compensation.completed` carries."""
            ...


class CompensationFailed(RunEvent):
    """An effect could not be undone.

    Only the last releases of major 1 have it. Stream modes: debug. Sent by hosts that advertise
    `compensation`.

    Section: v1-events.md §3.9; v2-events.md, "Compensation".
    """

    __slots__ = ()
    TYPE = "compensation.failed"
    PAYLOAD = "openwop._generated.payloads.compensation:CompensationFailedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> CompensationFailedPayload:
            """What `compensation.failed` carries."""
            ...


class CompensationPaused(RunEvent):
    """The undoing of an effect waits.

    Only the last releases of major 1 have it. Stream modes: debug. Sent by hosts that advertise
    `compensation`.

    Section: v1-events.md §3.9; v2-events.md, "Compensation".
    """

    __slots__ = ()
    TYPE = "compensation.paused"
    PAYLOAD = "openwop._generated.payloads.compensation:CompensationPausedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> CompensationPausedPayload:
            """What `compensation.paused` carries."""
            ...


class CompensationManualInterventionRequired(RunEvent):
    """An effect must be undone by hand.

    Spelled `compensation.manual_intervention_required` in major 1. Only the last releases of
    major 1 have it. Stream modes: debug. Sent by hosts that advertise `compensation`.

    Section: v1-events.md §3.9; v2-events.md, "Compensation".
    """

    __slots__ = ()
    TYPE = "compensation.manual-intervention-required"
    PAYLOAD = (
        "openwop._generated.payloads.compensation:CompensationManualInterventionRequiredPayload"
    )

    if TYPE_CHECKING:

        @property
        def payload(self) -> CompensationManualInterventionRequiredPayload:
            """What `compensation.manual-intervention-required` carries."""
            ...
