"""What decides about a run's stream: where to resume, what to drop, when it is over.

The shells own the body and the closing.  This state takes bytes, gives events, and plans what has
to be sent: connections, the polls that fill a gap or stand in for SSE, and the one read of the run
that tells a finished stream from one that was cut cleanly (v1.md sections 11 and 12, v2.md
section 12).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any, Final, cast

import attrs

from openwop._generated.events import RunEvent
from openwop._generated.operations.runs import (
    GET as GET_RUN,
    POLL_EVENTS as POLL_RUN_EVENTS,
    STREAM as STREAM_RUN_EVENTS,
)
from openwop._streams._frames import Frames
from openwop._streams._modes import STATUS_TERMINAL, admits, parse_mode
from openwop._streams._snapshot import StateSnapshot
from openwop.errors import (
    APIResponseValidationError,
    StreamError,
    StreamInterruptedError,
    StreamStalledError,
)
from openwop.runtime import Call, CallOptions
from openwop.runtime._core import Core, Settings, logger
from openwop.runtime._dialect import json_object
from openwop.runtime._effects import AnyOpenResponse, Plan, Sleep
from openwop.runtime._exchange import Exchange
from openwop.runtime._retry import parse_retry_after
from openwop.runtime.errors import APIConnectionError, APIStatusError, SDKError
from openwop.sse import EventDecoder, EventTooLargeError, ServerSentEvent
from openwop.wire import Response, TransportError, TransportTimeout

__all__ = ["RunStream"]

WATCHDOG: Final = 45.0
"""Seconds without a byte after which a connection is given up; hosts keep alive every 30 s."""

_MAX_FAILURES: Final = 10
_MAX_STALLS: Final = 3
_MAX_DELAY: Final = 30.0
_POLL_WAIT: Final = 30.0
# Answers to the first request that say "no SSE here", for which the poll stands in.
_REFUSALS: Final = frozenset({405, 406, 415, 501})
_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


class RunStream:
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
        self._core = core
        self._settings = settings
        self._call = call
        self._run_id = run_id
        self._mode = mode
        self._modes = parse_mode(mode)
        self._buffer_ms = buffer_ms
        self._reconnect = reconnect
        self._silence = silence
        self._options = options
        self._notice = notice
        self.where = f"the stream of run {run_id}"
        self._frames = Frames(run_id, strict=settings.validation == "strict", where=self.where)
        self._decoder = EventDecoder()
        self._raw: deque[ServerSentEvent] = deque()
        self._events: deque[RunEvent] = deque()
        self._resume = None if after is None else str(after)
        self._position = after
        self._last: Exchange | None = None
        self._deadline_at: float | None = None
        self._connections = 0
        self._failures = 0
        self._stalls = 0
        self._arrived = False
        self._polling = False
        self._json: list[bytes] | None = None
        self._gap: int | None = None
        self._refused: Response | None = None
        self._retry_ms: int | None = None
        self._polled_to: int | None = None
        self._last_batch = False
        self._unfillable: int | None = None
        self._broken: TransportError | None = None
        self._closed_early = False
        self._quiet_since: float | None = None
        self.finished = False
        self.idle_timeout: float | None = WATCHDOG

    @property
    def last_event_id(self) -> str | None:
        """The id after which a new stream would resume."""
        return self._resume

    # -- what the shell asks --------------------------------------------------------------------

    def pop(self) -> RunEvent | None:
        """Return the next event, or None where more bytes or a plan are needed."""
        while self._gap is None and not self.finished:
            if not self._events:
                if not self._raw:
                    self.finished = self._last_batch
                    return None
                self._events.extend(self._frames.decode(self._raw.popleft()))
                continue
            event = self._events[0]
            sequence = event.sequence
            if sequence is not None and self._position is not None and (sequence <= self._position):
                self._events.popleft()
                self._check_end(event)
                continue
            if "debug" in self._modes and sequence is not None and self._is_gap(sequence):
                self._gap = sequence
                return None
            self._events.popleft()
            if sequence is not None:
                self._position = sequence
            self._check_end(event)
            if self._notice is not None:
                self._notice(event)
            return event
        return None

    def _is_gap(self, sequence: int) -> bool:
        """Tell whether events before *sequence* are missing that may still be had."""
        expected = 0 if self._position is None else self._position + 1
        return sequence > expected and self._unfillable != sequence

    def _check_end(self, event: RunEvent) -> None:
        """Note the end of the stream where *event* is one."""
        if type(event) is StateSnapshot:
            ended = event.status in STATUS_TERMINAL
        else:
            ended = event.TERMINAL
        if ended:
            self.finished = True
            self._raw.clear()
            self._events.clear()

    def feed(self, chunk: bytes) -> None:
        """Take bytes from the body.

        Raises:
            StreamError: An event is larger than the decoder takes.
            StreamStalledError: Bytes keep coming, but no event for longer than allowed.
        """
        self._arrived = True
        if self._json is not None:
            self._json.append(chunk)
            limit = self._settings.max_response_bytes
            if limit is not None and sum(map(len, self._json)) > limit:
                msg = f"{self.where}: the answer is larger than max_response_bytes ({limit})"
                raise APIResponseValidationError(msg)
            return
        try:
            frames = self._decoder.feed(chunk)
        except EventTooLargeError as exc:
            msg = f"{self.where}: {exc}"
            raise StreamError(msg, last_event_id=self._resume) from exc
        if frames:
            self._raw.extend(frames)
            self._failures = self._stalls = 0
            if self._decoder.last_event_id:
                self._resume = self._decoder.last_event_id
            self._quiet_since = self._core.now() if self._silence is not None else None
        elif self._silence is not None:
            self._check_silence()

    def _check_silence(self) -> None:
        now = self._core.now()
        if self._quiet_since is None:
            self._quiet_since = now
        if self._silence is not None and now - self._quiet_since > self._silence:
            msg = (
                f"{self.where}: the host keeps the connection alive, but sent no event for "
                f"{self._silence:g} s"
            )
            raise StreamStalledError(msg, last_event_id=self._resume)

    def disconnected(self, error: TransportError | None) -> None:
        """Note that the body ended, cleanly or with *error*.

        Raises:
            StreamInterruptedError: It broke, and the caller wants no reconnect.
            StreamStalledError: Nothing comes, however often the connection is made.
            DeadlineExceededError: The deadline of the call passed.
        """
        if self._decoder.retry is not None:
            self._retry_ms = self._decoder.retry
        self._decoder = EventDecoder()
        if self._json is not None:
            body, self._json = b"".join(self._json), None
            if error is None:
                self._take_json(body)
                return
        if self.finished:
            return
        self._broken = error
        self._closed_early = error is None
        if error is None:
            return
        if self._left() is not None and cast("float", self._left()) <= 0:
            assert self._last is not None
            self._last.last_error = self._last.connection_error(error)
            raise self._last.out_of_time("reading the stream") from error
        if not self._reconnect:
            msg = f"{self.where} broke ({error}); with reconnect=True it would go on"
            raise StreamInterruptedError(msg, last_event_id=self._resume) from error
        self._failures += 1
        if isinstance(error, TransportTimeout):
            self._stalled(error)

    def _stalled(self, error: TransportError) -> None:
        """Note a connection on which nothing came for too long."""
        self._stalls += 1
        if self._stalls >= 2 and not self._arrived:
            # Not even a keep-alive, twice: something between us and the host holds the bytes back.
            logger.info("%s: nothing comes through; reading by long-poll instead", self.where)
            self._polling = True
        elif self._stalls >= _MAX_STALLS:
            msg = f"{self.where}: nothing came for {WATCHDOG:g} s, {self._stalls} times in a row"
            raise StreamStalledError(msg, last_event_id=self._resume) from error

    def interrupted(self, message: str) -> Exception:
        """Return the error for a read that follows a cancellation, or comes from two tasks."""
        return StreamInterruptedError(message, last_event_id=self._resume)

    # -- plans ----------------------------------------------------------------------------------

    def work(self) -> Plan[None] | None:
        """Return the plan that fills a gap, where there is one."""
        return self._fill() if self._gap is not None else None

    def connect(self) -> Plan[AnyOpenResponse | None]:
        """Plan the next connection, poll, or check whether the stream is over."""
        self._start_clock()
        if self._closed_early:
            self._closed_early = False
            if (yield from self._is_over()):
                return None
        if self._polling:
            yield from self._poll()
            return None
        while True:
            if self._connections:
                yield from self._back_off()
            try:
                return (yield from self._open())
            except APIConnectionError as exc:
                self._again(exc, exc.__cause__)
            except APIStatusError as exc:
                if self._connections == 0 and exc.status_code in _REFUSALS:
                    logger.info(
                        "%s: the host refused SSE (%d); reading by long-poll instead",
                        self.where,
                        exc.status_code,
                    )
                    self._polling = True
                    return None
                if self._connections == 0 or exc.status_code not in _AGAIN:
                    raise
                self._again(exc, exc.response)

    def _start_clock(self) -> None:
        deadline = self._options.get("deadline")
        if self._deadline_at is None and deadline is not None:
            self._deadline_at = self._core.now() + deadline

    def _left(self) -> float | None:
        return None if self._deadline_at is None else self._deadline_at - self._core.now()

    def _again(self, exc: SDKError, outcome: object) -> None:
        """Note a connection that could not be made; raise where it is the last straw."""
        self._failures += 1
        if self._connections == 0 or not self._reconnect or self._failures > _MAX_FAILURES:
            if self._connections == 0:
                raise exc
            msg = f"{self.where} could not be won back after {self._failures - 1} attempts: {exc}"
            raise StreamInterruptedError(msg, last_event_id=self._resume) from exc
        if isinstance(outcome, TransportError):
            self._broken = outcome
        elif isinstance(outcome, Response):
            self._refused = outcome

    def _back_off(self) -> Plan[None]:
        """Wait before another connection: as the host said, else longer with each failure."""
        refused, self._refused = self._refused, None
        delay: float | None = None
        if refused is not None:
            delay = parse_retry_after(refused.headers.get("retry-after"), self._core.wall)
        if delay is None and self._failures == 0 and self._retry_ms is not None:
            delay = self._retry_ms / 1000.0
        if delay is None:
            policy = attrs.evolve(self._settings.retry, maximum=_MAX_DELAY)
            delay = policy.backoff(max(1, self._failures), self._core.uniform)
        left = self._left()
        if left is not None and delay >= left:
            assert self._last is not None
            raise self._last.out_of_time(f"waiting {delay:.2f} s to reconnect")
        outcome = refused or self._broken
        if self._core.hooks.retry is not None:
            self._core.hooks.retry(
                call=self._call,
                outcome=outcome or Response(200),
                attempt=self._call.attempt,
                delay=delay,
            )
        logger.info(
            "%s: reconnecting after %s in %.2f s",
            self.where,
            self._resume or "the beginning",
            delay,
        )
        yield Sleep(delay)

    def _exchange(self, operation: Any, arguments: dict[str, Any], *, streaming: bool) -> Exchange:
        exchange = Exchange(
            self._core,
            self._settings,
            operation,
            arguments,
            self._options,
            self._call,
            streaming=streaming,
        )
        exchange.deadline_at = self._deadline_at
        exchange.idle = self.idle_timeout
        return exchange

    def _open(self) -> Plan[AnyOpenResponse]:
        """Make one connection; the first under the call's retry policy, later ones one by one."""
        arguments: dict[str, Any] = {
            "run_id": self._run_id,
            "mode": None if self._mode == "updates" else self._mode,
            "buffer_ms": self._buffer_ms,
            "last_event_id": self._resume,
        }
        exchange = self._last = self._exchange(STREAM_RUN_EVENTS, arguments, streaming=True)
        variant = yield from self._core.dialect.choose(exchange)
        route = STREAM_RUN_EVENTS.routes[variant]
        if self._reconnect and any(p.name == "resumable" for p in route.parameters):
            arguments["resumable"] = True
        exchange.prepare_for(variant)
        self._frames.major = variant
        if self._connections:
            exchange.policy = attrs.evolve(exchange.policy, attempts=1)
        opened = cast("AnyOpenResponse", (yield from exchange.attempts()))
        self._connections += 1
        self._arrived = False
        self._broken = None
        kind = opened.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "application/json":
            self._json = []
        elif kind != "text/event-stream":
            head = Response(opened.status_code, opened.headers)
            why = f"expected text/event-stream, got {kind or 'no content type'}"
            if kind == "text/html":
                why += "; a web page answered, so check that base_url is the host's bare origin"
            raise exchange.validation_error(head, why)
        self._decoder = EventDecoder()
        return opened

    def _take_json(self, body: bytes) -> None:
        """Take the poll envelope that a host gave in place of SSE (v1.md section 11.6)."""
        envelope = json_object(Response(200, body=body))
        if envelope is None:
            msg = f"{self.where}: expected events, got {len(body)} bytes that are no JSON object"
            raise APIResponseValidationError(msg)
        logger.info("%s: the host answered JSON in place of SSE; reading by long-poll", self.where)
        self._polling = True
        self._take_envelope(envelope)

    def _poll(self) -> Plan[None]:
        """Ask once for what follows the position, and filter it as the modes would."""
        envelope = yield from self._ask(_POLL_WAIT)
        complete = self._take_envelope(envelope)
        if "values" in self._modes and (complete or self._events):
            self._events.clear()
            yield from self._read_values()

    def _ask(self, wait: float) -> Plan[dict[str, Any]]:
        arguments = {"run_id": self._run_id, "after": self._position, "wait": wait}
        exchange = self._exchange(POLL_RUN_EVENTS, arguments, streaming=False)
        exchange.call.is_stream = True
        response = cast("Response", (yield from exchange.run()))
        envelope = json_object(response)
        if envelope is None:
            raise exchange.validation_error(response, "expected a JSON object with events")
        self._last = exchange
        self._frames.major = exchange.variant
        return envelope

    def _take_envelope(self, envelope: dict[str, Any]) -> bool:
        """Take the events of a poll; returns whether the host says that the run is over."""
        found = envelope.get("events")
        documents = cast("list[Any]", found) if isinstance(found, list) else []
        complete = bool(
            envelope.get("isComplete") is True
            or envelope.get("isTerminal") is True
            or envelope.get("runStatus") in STATUS_TERMINAL
            or envelope.get("status") in STATUS_TERMINAL
        )
        wanted = {"updates"} if "values" in self._modes else self._modes
        last = self._position
        for raw in documents:
            event = self._frames.document(raw)
            if event.sequence is not None:
                last = event.sequence if last is None else max(last, event.sequence)
            if admits(frozenset(wanted), event.type, self._frames.major) or (
                event.TERMINAL and self._ends_by_event
            ):
                self._events.append(event)
        if not self._events and last is not None:
            # Nothing for this mode: go on behind what was left out.
            self._position = last
            self._resume = str(last)
        self._polled_to = last
        if complete and not self._events and "values" not in self._modes:
            self.finished = True
        return complete

    @property
    def _ends_by_event(self) -> bool:
        """Whether the terminal event of the run belongs to what the modes carry."""
        return bool(self._modes & {"updates", "debug", "values"})

    def _read_run(self) -> Plan[tuple[dict[str, Any], str]]:
        exchange = self._exchange(GET_RUN, {"run_id": self._run_id}, streaming=False)
        response = cast("Response", (yield from exchange.run()))
        snapshot = json_object(response)
        if snapshot is None:
            raise exchange.validation_error(response, "expected the run as a JSON object")
        self._last = exchange
        return snapshot, str(snapshot.get("status"))

    def _read_values(self) -> Plan[None]:
        """Read the snapshot that a `values` stream would have sent by now."""
        snapshot, _ = yield from self._read_run()
        event = StateSnapshot.of(snapshot, sequence=self._polled_to)
        self._position = None if self._polled_to is None else self._polled_to - 1
        self._events.append(event)

    def _is_over(self) -> Plan[bool]:
        """Tell whether a stream that closed without its last event is over nevertheless.

        A run that goes on was cut off by something in between.  One that is finished may have had
        nothing left to send; what a filter or a proxy held back is read from the log.
        """
        snapshot, status = yield from self._read_run()
        if status not in STATUS_TERMINAL:
            if not self._reconnect:
                msg = (
                    f"{self.where} was closed while the run is {status}; with reconnect=True it "
                    "would go on"
                )
                raise StreamInterruptedError(msg, last_event_id=self._resume)
            if self._arrived:
                self._failures = 0
            else:
                self._failures += 1
                if self._failures > _MAX_FAILURES:
                    msg = f"{self.where}: the host closes every connection without an event"
                    raise StreamInterruptedError(msg, last_event_id=self._resume)
            return False
        if "values" in self._modes:
            self._events.append(StateSnapshot.of(snapshot, sequence=None))
            return True
        while not self.finished:
            before = self._position
            envelope = yield from self._ask(1.0)
            complete = self._take_envelope(envelope)
            if self._events or complete or self._position == before:
                break
        if not any(event.TERMINAL for event in self._events):
            self._last_batch = True
        return True

    def _fill(self) -> Plan[None]:
        """Read by poll what is missing before the next event of a `debug` stream."""
        wanted, self._gap = self._gap, None
        assert wanted is not None
        logger.info(
            "%s: events before %d are missing; reading them from the log", self.where, wanted
        )
        waiting = list(self._events)
        self._events.clear()
        envelope = yield from self._ask(1.0)
        found = envelope.get("events")
        documents = cast("list[Any]", found) if isinstance(found, list) else []
        filled = [self._frames.document(raw) for raw in documents]
        missing = [e for e in filled if e.sequence is not None and e.sequence < wanted]
        missing.sort(key=lambda event: cast("int", event.sequence))
        if not missing or missing[-1].sequence != wanted - 1:
            self._unfillable = wanted  # the host's own sequences have a hole there
        self._events.extend([*missing, *waiting])
