"""Live notices and host events: what no log holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop._generated.events._base import HostEvent, RunEvent

if TYPE_CHECKING:
    from openwop._generated.payloads.live import (
        ChannelPresencePayload,
        HeartbeatEvaluatedPayload,
        HeartbeatStateChangedPayload,
        HostTestDurableTriggeredPayload,
        HostTestEphemeralTriggeredPayload,
        RunAnnotatedPayload,
    )

__all__ = [
    "ChannelPresence",
    "HeartbeatEvaluated",
    "HeartbeatStateChanged",
    "HostTestDurableTriggered",
    "HostTestEphemeralTriggered",
    "RunAnnotated",
]


class RunAnnotated(RunEvent):
    """Somebody annotated the run; the frame carries the annotation itself.

    A notice that no log holds. Stream modes: updates, values, debug. Sent by hosts that advertise
    `feedback`.

    Section: v1-events.md §4; v2-events.md, "Host events".
    """

    __slots__ = ()
    TYPE = "run.annotated"
    PAYLOAD = "openwop._generated.payloads.live:RunAnnotatedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> RunAnnotatedPayload:
            """What `run.annotated` carries."""
            ...


class ChannelPresence(RunEvent, HostEvent):
    """Who is present in a conversation, and who is typing.

    Only the last releases of major 1 have it. A notice that no log holds. Sent by hosts that
    advertise `channelPresence`.

    Section: v1-events.md §4; v2-events.md, "Host events".
    """

    __slots__ = ()
    TYPE = "channel.presence"
    PAYLOAD = "openwop._generated.payloads.live:ChannelPresencePayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ChannelPresencePayload:
            """What `channel.presence` carries."""
            ...


class HostTestDurableTriggered(HostEvent):
    """A durable test event that a caller asked for.

    Unknown in major 1. Belongs to no run. Stream modes: debug. Sent by hosts that advertise
    `hostEvents`.

    Section: v2-events.md, "Host events".
    """

    __slots__ = ()
    TYPE = "host-test.durable-triggered"
    PAYLOAD = "openwop._generated.payloads.live:HostTestDurableTriggeredPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> HostTestDurableTriggeredPayload:
            """What `host-test.durable-triggered` carries."""
            ...


class HostTestEphemeralTriggered(HostEvent):
    """A fleeting test event that a caller asked for.

    Unknown in major 1. Belongs to no run. Sent by hosts that advertise `hostEvents`.

    Section: v2-events.md, "Host events".
    """

    __slots__ = ()
    TYPE = "host-test.ephemeral-triggered"
    PAYLOAD = "openwop._generated.payloads.live:HostTestEphemeralTriggeredPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> HostTestEphemeralTriggeredPayload:
            """What `host-test.ephemeral-triggered` carries."""
            ...


class HeartbeatEvaluated(HostEvent):
    """A heartbeat of the host was evaluated.

    Belongs to no run. Sent by hosts that advertise `heartbeat`.

    Section: v1-events.md §4; v2-events.md, "Host events".
    """

    __slots__ = ()
    TYPE = "heartbeat.evaluated"
    PAYLOAD = "openwop._generated.payloads.live:HeartbeatEvaluatedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> HeartbeatEvaluatedPayload:
            """What `heartbeat.evaluated` carries."""
            ...


class HeartbeatStateChanged(HostEvent):
    """The state that a heartbeat watches changed.

    Belongs to no run. Sent by hosts that advertise `heartbeat`.

    Section: v1-events.md §4; v2-events.md, "Host events".
    """

    __slots__ = ()
    TYPE = "heartbeat.stateChanged"
    PAYLOAD = "openwop._generated.payloads.live:HeartbeatStateChangedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> HeartbeatStateChangedPayload:
            """What `heartbeat.stateChanged` carries."""
            ...
