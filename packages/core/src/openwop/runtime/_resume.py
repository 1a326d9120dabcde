"""Streams of events that are resumed by `Last-Event-ID`, for clients of any service."""

from __future__ import annotations

from typing import Any, Generic, TypeVar, cast

from openwop.runtime import _json
from openwop.runtime._effects import AnyOpenResponse, Plan, Sleep
from openwop.runtime._exchange import Exchange
from openwop.runtime._service import StreamRule
from openwop.runtime._sse_state import EventStreamState
from openwop.runtime.errors import DeadlineExceededError
from openwop.sse import EventDecoder, EventTooLargeError
from openwop.wire import TransportError, TransportTimeout

__all__ = ["ResumingStreamState", "resume_argument"]

T = TypeVar("T")


def resume_argument(exchange: Exchange) -> str:
    """Return the argument that is sent as `Last-Event-ID`; empty where the operation has none."""
    for route in exchange.operation.routes.values():
        for parameter in route.parameters:
            if parameter.location == "header" and parameter.wire.lower() == "last-event-id":
                return parameter.name
    return ""


class ResumingStreamState(EventStreamState[T], Generic[T]):
    """A stream that connects anew where it was cut, and gives nothing twice.

    Args:
        exchange: The exchange that connects.
        rule: What is known of the stream.
    """

    def __init__(self, exchange: Exchange, rule: StreamRule) -> None:
        super().__init__(exchange)
        self._rule = rule
        self._argument = resume_argument(exchange)
        given = exchange.arguments.get(self._argument)
        self._position = str(given) if given else ""
        self._here = ""
        self._repeated = False
        self._cuts = 0
        self._wait: float | None = None
        self._idle = exchange.idle = rule.idle

    @property
    def last_event_id(self) -> str | None:
        """The id after which a new stream would resume."""
        return self._position or None

    def connect(self) -> Plan[AnyOpenResponse | None]:
        """Plan a connection: the first at once, each later one after a wait."""
        exchange = self._exchange
        if self._cuts:
            delay = self._wait
            if delay is None:
                delay = exchange.policy.backoff(self._cuts, exchange.core.uniform)
            yield Sleep(delay)
        if self._position and self._argument:
            exchange.arguments = {**exchange.arguments, self._argument: self._position}
        self._decoder = EventDecoder()
        self._here, self._repeated = "", False
        return (yield from super().connect())

    def feed(self, chunk: bytes) -> None:
        """Take bytes from the body; what was given already is dropped.

        Raises:
            StreamError: An event is larger than can be taken.
        """
        if self._lines is not None:
            super().feed(chunk)
            return
        self._check_time()
        try:
            events = self._decoder.feed(chunk)
        except EventTooLargeError as exc:
            cls = self._exchange.core.dialect.errors.stream
            raise cls(f"{self.where}: {exc}", last_event_id=self.last_event_id) from exc
        if self._decoder.retry is not None:
            self._wait = self._decoder.retry / 1000.0
        for event in events:
            # An event without an id carries that of the one before it, and is no position.
            if event.id != self._here:
                self._here = event.id
                self._repeated = _is_known(event.id, self._position)
                if not self._repeated:
                    self._position = event.id
                    self._cuts = 0
            if not self._repeated:
                self._pending.append(event.data)

    def _decode(self, text: str) -> Any:
        if self._rule.until and self._says(text) in self._rule.until:
            self._pending.clear()
            self.finished = True
        return super()._decode(text)

    def _says(self, text: str) -> Any:
        try:
            data = _json.loads(text)
        except ValueError:
            return None
        if not isinstance(data, dict):
            return None
        return cast("dict[str, Any]", data).get(self._rule.member)

    def disconnected(self, error: TransportError | None) -> None:
        """Note that the body ended: over, or to be gone on with.

        Raises:
            DeadlineExceededError: The deadline of the call passed.
            StreamInterruptedError: It broke, again and again.
            StreamStalledError: It was silent, again and again.
        """
        if error is None and not self._rule.endless:
            super().disconnected(None)
            return
        exchange = self._exchange
        errors = exchange.core.dialect.errors
        if error is not None:
            cause = exchange.reading_error(error)
            if isinstance(cause, DeadlineExceededError):
                raise cause from error
        if not self._argument:
            super().disconnected(error)
            return
        self._cuts += 1
        if self._cuts > exchange.policy.attempts:
            cls = errors.stalled if isinstance(error, TransportTimeout) else errors.interrupted
            msg = f"{self.where}: the stream ended {self._cuts} times without a new event ({error})"
            raise cls(msg, last_event_id=self.last_event_id) from error


def _is_known(new: str, position: str) -> bool:
    """Tell whether the event *new* was given already; ids that are numbers have an order."""
    if new.isdecimal() and position.isdecimal():
        return int(new) <= int(position)
    return new == position
