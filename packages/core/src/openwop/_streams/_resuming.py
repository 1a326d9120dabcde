"""What every resuming stream does: connect, resume by id, watch the silence, give up in time.

The shells own the body and the closing.  A state takes bytes, gives events, and plans what has to
be sent.  What is particular to the events of a run, or of a host, is in the classes below this one.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final, Generic, TypeVar, cast

import attrs

from openwop._streams._channel import Channel, Setback
from openwop.errors import (
    APIResponseValidationError,
    APIStatusError,
    CapabilityNotSupportedError,
    ProtocolVersionError,
    StreamError,
    StreamInterruptedError,
    StreamStalledError,
)
from openwop.runtime import Call, CallOptions
from openwop.runtime._core import Core, Settings, logger
from openwop.runtime._effects import AnyOpenResponse, Plan
from openwop.runtime._operation import Operation
from openwop.runtime.errors import APIConnectionError
from openwop.sse import EventDecoder, EventTooLargeError, ServerSentEvent
from openwop.wire import Response, TransportError, TransportTimeout

__all__ = ["WATCHDOG", "Resuming"]

E = TypeVar("E")

WATCHDOG: Final = 45.0
"""Seconds without a byte after which a connection is given up; hosts keep alive every 30 s."""

_MAX_STALLS: Final = 3
_LIVED: Final = 15.0
"""Seconds after which a connection counts as one that worked, whatever ended it."""

# Answers to the first request that say "no SSE here".
_REFUSALS: Final = frozenset({405, 406, 415, 501})


class Resuming(Generic[E]):
    """The part of a stream's state that its events have no say in.

    Args:
        core: The shared part of the client.
        settings: The client's settings.
        call: The call, as plugins see it.
        operation: What connects.
        where: What the stream is, for messages.
        reconnect: Whether a broken connection is made anew.
        silence: Seconds without an event after which the stream is given up; None for no limit.
        options: What the caller said about this call.
        resume: The id after which to begin; None for the beginning.
    """

    def __init__(
        self,
        core: Core,
        settings: Settings,
        call: Call,
        operation: Operation[Any],
        where: str,
        *,
        reconnect: bool,
        silence: float | None,
        options: CallOptions,
        resume: str | None,
    ) -> None:
        self.where = where
        self.finished = False
        self._channel = Channel(core, settings, call, options, where, reconnect=reconnect)
        self._operation = operation
        self._limit = settings.max_response_bytes
        self._reconnect = reconnect
        self._silence = silence
        self._resume = resume
        self._decoder = EventDecoder()
        self._raw: deque[ServerSentEvent] = deque()
        self._json: list[bytes] | None = None
        self._json_size = 0
        self._polling = False
        self._connections = 0
        self._opened_at = 0.0
        self._arrived = False
        self._closed_early = False
        self._failures = 0
        self._fruitless = 0
        self._stalls = 0
        self._setback = Setback()
        self._retry_ms: int | None = None
        self._quiet_since: float | None = None

    # -- what the shell asks --------------------------------------------------------------------

    @property
    def last_event_id(self) -> str | None:
        """The id after which a new stream would resume, without missing or repeating anything."""
        return self._resume

    @property
    def idle_timeout(self) -> float | None:
        """The longest silence on the wire, in seconds."""
        bounds = (WATCHDOG, self._silence_left(), self._channel.left())
        return max(0.001, min(bound for bound in bounds if bound is not None))

    def work(self) -> Plan[None] | None:
        """Return a plan to run before more bytes are read, or None."""
        return None

    def feed(self, chunk: bytes) -> None:
        """Take bytes from the body.

        Raises:
            StreamError: An event is larger than the decoder takes.
            StreamStalledError: Bytes keep coming, but no event for longer than allowed.
            DeadlineExceededError: Bytes keep coming, but the deadline of the call passed.
        """
        # A transport of someone else's may know no bounds; between chunks, we do.
        left = self._channel.left()
        if left is not None and left <= 0:
            raise self._channel.out_of_time("reading the stream")
        self._arrived = True
        if self._json is not None:
            self._take_json_part(chunk)
            return
        try:
            frames = self._decoder.feed(chunk)
        except EventTooLargeError as exc:
            msg = f"{self.where}: {exc}"
            raise StreamError(msg, last_event_id=self._resume) from exc
        if self._decoder.retry is not None:
            self._retry_ms = self._decoder.retry
        if frames:
            self._raw.extend(frames)
            self._heard()
        else:
            self._check_silence()

    def _take_json_part(self, chunk: bytes) -> None:
        assert self._json is not None
        self._json.append(chunk)
        self._json_size += len(chunk)
        if self._limit is not None and self._json_size > self._limit:
            msg = f"{self.where}: the answer is larger than max_response_bytes ({self._limit})"
            raise APIResponseValidationError(msg)

    def disconnected(self, error: TransportError | None) -> None:
        """Note that the body ended, cleanly or with *error*.

        Raises:
            StreamInterruptedError: It broke, and the caller wants no reconnect.
            StreamStalledError: Nothing comes, however often the connection is made.
            DeadlineExceededError: The deadline of the call passed.
        """
        if self._decoder.last_event_id:
            self._note_id(self._decoder.last_event_id)
        self._decoder = EventDecoder()
        body, self._json = self._json, None
        if body is not None and error is None:
            self._take_json(b"".join(body))
            return
        if self.finished:
            return
        self._closed_early = error is None
        if self._channel.core.now() - self._opened_at >= _LIVED:
            self._failures = 0
        if error is None:
            return
        left = self._channel.left()
        if left is not None and left <= 0:
            raise self._channel.out_of_time("reading the stream", error) from error
        if not self._reconnect:
            msg = f"{self.where} broke ({error}); with reconnect=True it would go on"
            raise StreamInterruptedError(msg, last_event_id=self._resume) from error
        self._setback = Setback(error)
        self._failures += 1
        self._check_silence()
        if isinstance(error, TransportTimeout):
            self._stalled(error)

    def interrupted(self, message: str) -> Exception:
        """Return the error for a read that follows a cancellation, or comes from two tasks."""
        return StreamInterruptedError(message, last_event_id=self.last_event_id)

    def connect(self) -> Plan[AnyOpenResponse | None]:
        """Plan the next connection, poll, or check whether the stream is over."""
        self._channel.start()
        if self._quiet_since is None:
            self._quiet_since = self._channel.core.now()
        if self._closed_early:
            self._closed_early = False
            yield from self._after_close()
            if self.finished or self._has_events():
                return None
        if self._polling:
            yield from self._poll()
            return None
        while True:
            if self._connections:
                setback, self._setback = self._setback, Setback()
                doing = f"reconnecting after {self._resume or 'the beginning'}"
                yield from self._channel.pause(self._failures, setback, doing, self._retry_ms)
            try:
                return (yield from self._open())
            except CapabilityNotSupportedError as exc:
                self._refused(exc, None if exc.response is None else exc.response.status_code)
            except ProtocolVersionError as exc:
                # 406 is said of versions and of representations; only the second leads to a poll.
                about_versions = (exc.code or "").startswith("protocol_version")
                self._refused(exc, None if about_versions else exc.status_code)
            except APIStatusError as exc:
                if self._connections:
                    self._try_again(exc)
                    continue
                self._refused(exc, exc.status_code)
            except APIConnectionError as exc:
                if not self._connections:
                    raise
                self._try_again(exc)
                continue
            return None

    # -- what the classes below fill in ---------------------------------------------------------

    def _arguments(self) -> dict[str, Any]:
        """Return the arguments of the next connection."""
        return {}

    def _begin_frames(self, variant: str) -> None:
        """Note that a connection begins, to a host of the major *variant*."""

    def _note_id(self, identity: str) -> None:
        """Note the id after which to resume."""
        self._resume = identity

    def _has_events(self) -> bool:
        """Tell whether events are ready to be handed out."""
        return bool(self._raw)

    def _after_close(self) -> Plan[None]:
        """Find out what a clean close means: the end, or just another connection."""
        yield from ()

    def _poll(self) -> Plan[None]:
        """Read in place of a connection."""
        raise AssertionError(self.where)

    def _take_json(self, body: bytes) -> None:
        """Take a document that the host gave in place of events."""
        raise AssertionError(len(body))

    # -- connecting -----------------------------------------------------------------------------

    can_poll = False
    """Whether something stands in where no events come over a connection."""

    def _refused(self, error: Exception, status: int | None) -> None:
        if not self.can_poll or self._connections or status not in _REFUSALS:
            raise error
        self._poll_instead(f"the host refused SSE ({status})")

    def _poll_instead(self, why: str) -> None:
        logger.info("%s: %s; reading by long-poll instead", self.where, why)
        self._polling = True

    def _try_again(self, error: APIConnectionError | APIStatusError) -> None:
        """Note a connection that could not be made; raise where it is the last straw."""
        self._failures += 1
        self._setback = self._channel.setback(error, self._failures, self._resume)
        self._check_silence()

    def _open(self) -> Plan[AnyOpenResponse]:
        """Make one connection; the first under the call's retry policy, later ones one by one."""
        channel = self._channel
        channel.idle = self.idle_timeout
        arguments = self._arguments()
        exchange = channel.exchange(self._operation, arguments, streaming=True)
        variant = yield from channel.core.dialect.choose(exchange)
        self._begin_frames(variant)
        route = self._operation.routes.get(variant)
        known = () if route is None else route.parameters
        if self._reconnect and any(parameter.name == "resumable" for parameter in known):
            arguments["resumable"] = True  # major 2: the host may end a stream, and we come back
        exchange.prepare_for(variant)
        if self._connections:
            exchange.policy = attrs.evolve(exchange.policy, attempts=1)
        opened = cast("AnyOpenResponse", (yield from exchange.attempts()))
        self._connections += 1
        self._fruitless += 1  # until an event comes
        self._opened_at = channel.core.now()
        self._arrived = False
        self._decoder = EventDecoder()
        kind = opened.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "application/json" and self.can_poll:
            self._json, self._json_size = [], 0
        elif kind != "text/event-stream":
            head = Response(opened.status_code, opened.headers)
            why = f"expected text/event-stream, got {kind or 'no content type'}"
            if kind == "text/html":
                why += "; a web page answered, so check that base_url is the host's bare origin"
            raise exchange.validation_error(head, why)
        return opened

    # -- silence --------------------------------------------------------------------------------

    def _heard(self) -> None:
        """Note that events came."""
        self._failures = self._stalls = self._fruitless = 0
        self._quiet_since = self._channel.core.now()

    def _silence_left(self) -> float | None:
        if self._silence is None or self._quiet_since is None:
            return self._silence
        return self._silence - (self._channel.core.now() - self._quiet_since)

    def _check_silence(self) -> None:
        """Raise where no event has come for longer than the caller allows."""
        left = self._silence_left()
        if left is not None and left <= 0:
            msg = f"{self.where}: no event came for {self._silence:g} s"
            raise StreamStalledError(msg, last_event_id=self.last_event_id)

    def _stalled(self, error: TransportError) -> None:
        """Note a connection on which nothing came for too long."""
        self._stalls += 1
        if self._stalls >= 2 and not self._arrived and self.can_poll:
            # Not even a keep-alive, twice: something between us and the host holds the bytes back.
            self._poll_instead("nothing comes through")
        elif self._stalls >= _MAX_STALLS:
            msg = f"{self.where}: nothing came for {WATCHDOG:g} s, {self._stalls} times in a row"
            raise StreamStalledError(msg, last_event_id=self._resume) from error
