"""What decides about a run's stream: where to resume, what to drop, when it is over.

This state takes bytes, gives events, and plans what has to be sent beside the connections: the
polls that fill a gap or stand in for SSE, and the one read of the run that tells a finished stream
from one that was cut cleanly (v1.md sections 11 and 12, v2.md section 12).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import attrs

from openwop._generated.events import RunEvent
from openwop._generated.operations.runs import (
    GET as GET_RUN,
    POLL_EVENTS as POLL_RUN_EVENTS,
    STREAM as STREAM_RUN_EVENTS,
)
from openwop._streams._frames import Frames, sequence_of
from openwop._streams._modes import STATUS_TERMINAL, admits, parse_mode
from openwop._streams._resuming import Resuming
from openwop.errors import (
    APIResponseValidationError,
    CapabilityNotSupportedError,
    NotFoundError,
    StreamInterruptedError,
)
from openwop.events._snapshot import StateSnapshot
from openwop.runtime import Call, CallOptions
from openwop.runtime._core import Core, Settings, logger
from openwop.runtime._dialect import json_object
from openwop.runtime._effects import Plan, Sleep
from openwop.runtime._stream import NOTHING, Nothing
from openwop.wire import Response

__all__ = ["RunStream"]

_POLL_WAIT: Final = 30.0
_SHORT_WAIT: Final = 1.0
_PROMPT: Final = 0.5
"""Seconds within which a host that answers an empty poll has not waited."""

_MAX_FRUITLESS: Final = 5
"""How many connections in a row may close without an event before the poll stands in."""


@attrs.frozen
class Page:
    """What a poll brought.

    Attributes:
        documents: The events, as they came.
        complete: Whether the host says that the run is over.
    """

    documents: list[Any]
    complete: bool

    @classmethod
    def of(cls, envelope: Mapping[str, Any]) -> Page:
        """Return the page of either major's envelope."""
        found = envelope.get("events")
        return cls(
            cast("list[Any]", found) if isinstance(found, list) else [],
            envelope.get("isComplete") is True
            or envelope.get("isTerminal") is True
            or envelope.get("runStatus") in STATUS_TERMINAL
            or envelope.get("status") in STATUS_TERMINAL,
        )


class RunStream(Resuming[RunEvent]):
    """The state of one run's stream.

    Args:
        core: The shared part of the client.
        settings: The client's settings.
        call: The call, as plugins see it.
        run_id: The run.
        mode: The modes, joined by commas.
        buffer_ms: For how long the host may collect events, in milliseconds.
        after: The sequence after which to begin; None for the beginning.
        reconnect: Whether a broken connection is made anew.
        silence: Seconds without an event after which the stream is given up; None for no limit.
        options: What the caller said about this call.
        notice: Called with each event before it is handed out.
    """

    can_poll = True

    def __init__(
        self,
        core: Core,
        settings: Settings,
        call: Call,
        *,
        run_id: str,
        mode: str,
        buffer_ms: int | None,
        after: int | None,
        reconnect: bool,
        silence: float | None,
        options: CallOptions,
        notice: Callable[[RunEvent], None] | None = None,
    ) -> None:
        super().__init__(
            core,
            settings,
            call,
            STREAM_RUN_EVENTS,
            f"the stream of run {run_id}",
            reconnect=reconnect,
            silence=silence,
            options=options,
            resume=None if after is None else str(after),
        )
        self._run_id = run_id
        self._mode = mode
        self._modes = parse_mode(mode)
        self._values = "values" in self._modes
        self._debug = "debug" in self._modes
        self._buffer_ms = buffer_ms
        self._notice = notice
        self._frames = Frames(
            run_id,
            values=self._values,
            strict=settings.validation == "strict",
            where=self.where,
        )
        self._events: deque[RunEvent] = deque()
        self._frame_id = ""
        self._position = after
        self._gap: int | None = None
        self._solid_to = -1
        self._snapshot: Mapping[str, Any] | None = None
        self._prompt_polls = 0

    # -- what the shell asks --------------------------------------------------------------------

    def pop(self) -> RunEvent | Nothing:
        """Return the next event, or `NOTHING` where more bytes or a plan are needed."""
        while self._gap is None and not self.finished:
            if not self._events:
                if not self._raw:
                    return NOTHING
                frame = self._raw.popleft()
                self._events.extend(self._frames.decode(frame))
                self._frame_id = frame.id
                continue
            event = self._events[0]
            sequence = event.sequence
            if sequence is not None and self._debug and self._is_gap(sequence):
                self._gap = sequence
                return NOTHING
            self._events.popleft()
            known = self._is_known(event)
            if not known and sequence is not None:
                self._position = sequence
            self._commit()
            self._check_end(event)
            if known:
                continue
            if self._notice is not None:
                self._notice(event)
            return event
        return NOTHING

    def _is_known(self, event: RunEvent) -> bool:
        """Tell whether *event* has been handed out before."""
        sequence = event.sequence
        if sequence is not None:
            return self._position is not None and sequence <= self._position
        if type(event) is StateSnapshot:
            # A resumed stream begins with the state of now, which may be the one already shown.
            known = self._snapshot == event.raw
            self._snapshot = event.raw
            return known
        return False

    def _is_gap(self, sequence: int) -> bool:
        """Tell whether events before *sequence* are missing that may still be had."""
        expected = 0 if self._position is None else self._position + 1
        return sequence > expected and sequence > self._solid_to

    def _commit(self) -> None:
        """Move the place to resume at behind the event that is being handed out."""
        if self._position is not None:
            self._resume = str(self._position)
        if not self._events and self._frame_id:
            self._note_id(self._frame_id)

    def _note_id(self, identity: str) -> None:
        number = sequence_of(identity)
        # An id of the past belongs to a frame that came late or twice.
        if number is None or self._position is None or number >= self._position:
            self._resume = identity

    def _check_end(self, event: RunEvent) -> None:
        """Note the end of the stream where *event* is one."""
        if type(event) is StateSnapshot:
            self.finished = event.status in STATUS_TERMINAL
        else:
            self.finished = event.TERMINAL
        if self.finished:
            self._raw.clear()
            self._events.clear()

    def work(self) -> Plan[None] | None:
        """Return the plan that fills a gap, where there is one."""
        return self._fill() if self._gap is not None else None

    def _has_events(self) -> bool:
        return bool(self._events or self._raw)

    def _begin_frames(self, variant: str) -> None:
        self._frames.begin(variant)

    def _arguments(self) -> dict[str, Any]:
        return {
            "run_id": self._run_id,
            "mode": None if self._mode == "updates" else self._mode,
            "buffer_ms": self._buffer_ms,
            "last_event_id": self._resume,
        }

    # -- reading the run and its log ------------------------------------------------------------

    def _page(self, after: int | None, wait: float) -> Plan[Page]:
        envelope, variant = yield from self._channel.read(
            POLL_RUN_EVENTS,
            lambda: {"run_id": self._run_id, "after": after, "wait": wait},
            "the events",
            self.last_event_id,
        )
        self._frames.major = variant
        return Page.of(envelope)

    def _run(self) -> Plan[tuple[dict[str, Any], str]]:
        snapshot, variant = yield from self._channel.read(
            GET_RUN, lambda: {"run_id": self._run_id}, "the run", self.last_event_id
        )
        self._frames.major = variant
        return snapshot, str(snapshot.get("status"))

    def _poll(self, wait: float = _POLL_WAIT) -> Plan[None]:
        """Ask once for what follows the position, and take of it what the modes admit."""
        core = self._channel.core
        left = self._silence_left()
        if left is not None:
            wait = max(_SHORT_WAIT, min(wait, left))
        began = core.now()
        page = yield from self._page(self._position, wait)
        if (yield from self._take_page(page)):
            self._prompt_polls = 0
            self._quiet_since = core.now()
            return
        self._check_silence()
        if not self.finished and core.now() - began < _PROMPT:
            # A host that does not wait would be asked without a pause.
            yield Sleep(min(5.0, 0.25 * 2.0**self._prompt_polls))
            self._prompt_polls = min(self._prompt_polls + 1, 8)

    def _take_page(self, page: Page) -> Plan[bool]:
        """Take the events of *page*; returns whether anything new was there."""
        last, over = self._position, page.complete
        admitted: list[RunEvent] = []
        wanted = frozenset({"updates"}) if self._values else self._modes
        for raw in page.documents:
            event = self._frames.document(raw)
            if event.sequence is not None:
                if last is not None and event.sequence <= last:
                    continue
                last = event.sequence
            over = over or event.TERMINAL
            if admits(wanted, event.type, self._frames.major):
                admitted.append(event)
        progressed = last != self._position
        if self._values:
            if admitted or over:
                snapshot, _ = yield from self._run()
                self._events.append(
                    StateSnapshot.of(snapshot, sequence=last if progressed else None)
                )
            elif progressed:
                self._position = last
        else:
            self._events.extend(admitted)
            if not admitted and progressed:
                # Nothing for these modes: go on behind what was left out.
                self._position, self._resume = last, str(last)
        self._frame_id = ""
        if over and not progressed and not self._events:
            self.finished = True
        return progressed

    def _take_json(self, body: bytes) -> None:
        """Take the poll envelope that a host gave in place of SSE (v1.md section 11.6)."""
        envelope = json_object(Response(200, body=body))
        if envelope is None or not isinstance(envelope.get("events"), list):
            msg = f"{self.where}: expected events, got {len(body)} bytes of other JSON"
            raise APIResponseValidationError(msg)
        self._poll_instead("the host answered JSON in place of SSE")
        # What the document holds is read again from the log, so that one reader suffices.

    def _after_close(self) -> Plan[None]:
        """Find out whether a stream that closed without its last event is over nevertheless.

        A run that goes on was cut off by something in between.  One that is finished may have had
        nothing left to send; what a filter or a proxy held back is read from the log.
        """
        snapshot, status = yield from self._run()
        if status not in STATUS_TERMINAL:
            if not self._reconnect:
                msg = (
                    f"{self.where} was closed while the run is {status}; with reconnect=True it "
                    "would go on"
                )
                raise StreamInterruptedError(msg, last_event_id=self.last_event_id)
            self._check_silence()
            if self._fruitless:
                self._failures += 1
                if self._fruitless >= _MAX_FRUITLESS and not self._arrived:
                    self._poll_instead("every connection closes without an event")
            return
        if self._values:
            self._events.append(StateSnapshot.of(snapshot, sequence=None))
            return
        try:
            yield from self._poll(_SHORT_WAIT)
        except (NotFoundError, CapabilityNotSupportedError):
            # Without a poll a further connection tells: it closes at once where nothing is left.
            self.finished = bool(self._fruitless)
        else:
            self._polling = True

    def _fill(self) -> Plan[None]:
        """Read by poll what is missing before the next event of a `debug` stream."""
        wanted, self._gap = self._gap, None
        assert wanted is not None
        logger.info(
            "%s: events before %d are missing; reading them from the log", self.where, wanted
        )
        try:
            page = yield from self._page(self._position, _SHORT_WAIT)
        except (NotFoundError, CapabilityNotSupportedError) as exc:
            msg = f"{self.where}: events before {wanted} got lost, and the host has no poll"
            raise StreamInterruptedError(msg, last_event_id=self.last_event_id) from exc
        low = -1 if self._position is None else self._position
        found: dict[int, RunEvent] = {}
        for raw in page.documents:
            event = self._frames.document(raw)
            if event.sequence is not None and low < event.sequence < wanted:
                found[event.sequence] = event
        # What the log itself does not have is no gap that could be filled.
        self._solid_to = max(found) if found else wanted
        self._events.extendleft(found[sequence] for sequence in sorted(found, reverse=True))
