"""What decides about the stream of a host's own events (v2.md section 12.8)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from openwop._generated.events import HOST_CATALOGUE, HostEvent
from openwop._generated.operations.host import EVENTS as STREAM_HOST_EVENTS
from openwop._streams._resuming import Resuming
from openwop.errors import APIResponseValidationError, APIStatusError, StreamInterruptedError
from openwop.runtime import Call, CallOptions, StructureError
from openwop.runtime._core import Core, Settings, logger
from openwop.runtime._effects import AnyOpenResponse, Plan
from openwop.runtime._json import loads
from openwop.runtime._stream import NOTHING, Nothing
from openwop.sse import ServerSentEvent

__all__ = ["HostStream"]

_RESYNC: Final = "host_event_resync_required"
_MAX_FRUITLESS: Final = 10


class HostStream(Resuming[HostEvent]):
    """The state of the stream of a host's events; it has no end of its own.

    Durable events carry an id and are resumed; ephemeral ones do not, and are gone where nobody
    listens.

    Args:
        core: The shared part of the client.
        settings: The client's settings.
        call: The call, as plugins see it.
        after: The id of the last durable event that is known; None to begin with what comes.
        reconnect: Whether a broken connection is made anew.
        silence: Seconds without an event after which the stream is given up; None for no limit.
        on_resync: Called where the host no longer has the events that follow the last known one.
        options: What the caller said about this call.
    """

    def __init__(
        self,
        core: Core,
        settings: Settings,
        call: Call,
        *,
        after: str | None,
        reconnect: bool,
        silence: float | None,
        on_resync: Callable[[], None] | None,
        options: CallOptions,
    ) -> None:
        super().__init__(
            core,
            settings,
            call,
            STREAM_HOST_EVENTS,
            "the stream of host events",
            reconnect=reconnect,
            silence=silence,
            options=options,
            resume=after,
        )
        self._on_resync = on_resync
        self._strict = settings.validation == "strict"
        self._major = ""

    def pop(self) -> HostEvent | Nothing:
        """Return the next event, or `NOTHING` where more bytes or a plan are needed."""
        while self._raw:
            frame = self._raw.popleft()
            event = self._decode(frame)
            if event.event_id is not None and event.event_id == self._resume:
                continue  # a durable event that came twice
            if frame.id:
                self._resume = frame.id
            return event
        return NOTHING

    def _decode(self, frame: ServerSentEvent) -> HostEvent:
        try:
            data: Any = loads(frame.data)
            if type(cast("object", data)) is dict and "type" not in data:
                # Heartbeats have no envelope.
                members = cast("dict[str, Any]", data)
                return HOST_CATALOGUE.bare(
                    frame.event, members, strict=self._strict, major=self._major
                )
            return HOST_CATALOGUE.decode(data, strict=self._strict, major=self._major)
        except StructureError as exc:
            msg = f"{self.where}: frame {frame.id or '(without id)'}: {exc}"
            raise APIResponseValidationError(msg, path=exc.path) from exc
        except ValueError as exc:
            msg = f"{self.where}: frame {frame.id or '(without id)'} carries no JSON: {exc}"
            raise APIResponseValidationError(msg) from exc

    def _arguments(self) -> dict[str, Any]:
        return {"last_event_id": self._resume}

    def _begin_frames(self, variant: str) -> None:
        self._major = variant

    def _after_close(self) -> Plan[None]:
        """Go on after a close: this stream has no end, and hosts close it every now and then."""
        if not self._reconnect:
            self.finished = True
        elif self._fruitless:
            self._failures += 1
            if self._fruitless > _MAX_FRUITLESS and not self._arrived:
                msg = f"{self.where}: the host closes every connection without an event"
                raise StreamInterruptedError(msg, last_event_id=self._resume)
        self._check_silence()
        yield from ()

    def _open(self) -> Plan[AnyOpenResponse]:
        while True:
            try:
                return (yield from super()._open())
            except APIStatusError as exc:
                if exc.code != _RESYNC or self._resume is None:
                    raise
                logger.warning(
                    "%s: the host no longer has what follows %s; going on with what comes",
                    self.where,
                    self._resume,
                )
                self._resume = None
                if self._on_resync is not None:
                    self._on_resync()
