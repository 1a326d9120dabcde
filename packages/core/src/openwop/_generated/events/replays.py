"""Replays: where a replay left its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop._generated.events._base import RunEvent

if TYPE_CHECKING:
    from openwop._generated.payloads.replays import (
        ReplayDivergedAtRefusalPayload,
        ReplayDivergedPayload,
    )

__all__ = ["ReplayDiverged", "ReplayDivergedAtRefusal"]


class ReplayDiverged(RunEvent):
    """A replay produced something else than its source; it goes on.

    Stream modes: debug.

    Section: v1-events.md §3.5; v2-events.md, "Replay".
    """

    __slots__ = ()
    TYPE = "replay.diverged"
    PAYLOAD = "openwop._generated.payloads.replays:ReplayDivergedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ReplayDivergedPayload:
            """What `replay.diverged` carries."""
            ...


class ReplayDivergedAtRefusal(RunEvent):
    """Source and replay disagree on whether the model refused; the replay fails next.

    Spelled `replay.divergedAtRefusal` in major 1. Stream modes: debug. Sent by hosts that
    advertise `multiAgent.executionModel`.

    Section: v1-events.md §3.5; v2-events.md, "Replay".
    """

    __slots__ = ()
    TYPE = "replay.diverged-at-refusal"
    PAYLOAD = "openwop._generated.payloads.replays:ReplayDivergedAtRefusalPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ReplayDivergedAtRefusalPayload:
            """What `replay.diverged-at-refusal` carries."""
            ...
