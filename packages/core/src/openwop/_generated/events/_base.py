"""The classes that all events of OpenWOP have in common."""

from __future__ import annotations

from openwop.runtime._events import Event

__all__ = ["HostEvent", "RunEvent", "UnknownEvent"]


class RunEvent(Event):
    """One entry of a run's log, as streams, polls and webhooks carry it."""

    __slots__ = ()
    INVALID = "openwop.errors:APIResponseValidationError"
    DECODER = "openwop._generated.events:decode_event"


class HostEvent(Event):
    """An event that belongs to no run; only hosts of major 2 have such."""

    __slots__ = ()
    INVALID = "openwop.errors:APIResponseValidationError"
    DECODER = "openwop._generated.events:decode_host_event"

    @property
    def delivery(self) -> str | None:
        """`durable` events can be resumed and go to webhooks; `ephemeral` ones are never stored."""
        value = self.raw.get("delivery")
        return value if isinstance(value, str) else None

    @property
    def workspace_id(self) -> str | None:
        """The workspace, when the event belongs to one."""
        value = self.raw.get("workspaceId")
        return value if isinstance(value, str) else None


class UnknownEvent(RunEvent, HostEvent):
    """An event of a type that this package does not know: a newer one, or a vendor's.

    Its `payload` is the JSON value as it came.
    """

    __slots__ = ()
