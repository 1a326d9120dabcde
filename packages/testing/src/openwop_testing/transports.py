"""The in-process transports: no socket, no thread, and virtual time.

Both are `Clock`s as well, so a client that is given one waits by the host's clock (design of
`openwop.wire`).  A read that would block lets time jump instead.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Protocol

from openwop.wire import (
    AsyncOpenResponse,
    ConnectError,
    Headers,
    OpenResponse,
    Request,
    TransportError,
    TransportTimeout,
)
from openwop_testing.answers import Answer, Later
from openwop_testing.clock import RunClock
from openwop_testing.pacer import Pacer
from openwop_testing.pipeline import Incoming
from openwop_testing.streams import Stream, StreamBroken
from openwop_testing.waiting import Timekeeper

__all__ = ["AsyncInProcessTransport", "InProcessTransport", "Reachable"]


class Reachable(Timekeeper, Protocol):
    """What the transports reach: a `FakeHost`, or the recording of a real one."""

    @property
    def base_url(self) -> str:
        """Its origin."""
        ...

    @property
    def pacer(self) -> Pacer:
        """Blocks its asynchronous callers."""
        ...

    def handle(self, request: Incoming) -> Answer:
        """Answer a request."""
        ...


class _Bounded:
    """Waits for an answer or for the next bytes, within the bounds of the request.

    Bounds are moments of the host's clock, because they are the caller's.
    """

    def __init__(
        self, host: Reachable, inner: Later | Stream, bounds: list[tuple[float, str]]
    ) -> None:
        self._host = host
        self._inner = inner
        self._bounds = bounds

    @property
    def clock(self) -> RunClock:
        return self._inner.clock

    def ready(self) -> bool:
        return self._inner.ready() or self.broken() is not None

    def broken(self) -> str | None:
        """Return the bound that has been reached, if any."""
        now = self._host.clock.now()
        return next((what for moment, what in self._bounds if now >= moment), None)

    def remaining(self) -> float | None:
        now = self._host.clock.now()
        moments = [moment - now for moment, _ in self._bounds]
        own = self._inner.remaining()
        if own is not None:
            moments.append(own)
        return max(0.0, min(moments)) if moments else None

    def describe(self) -> str:
        return self._inner.describe()


class _Exchange:
    """One request and its answer, without colour."""

    def __init__(self, host: Reachable, request: Request) -> None:
        self.host = host
        self.request = request
        self.started = host.clock.now()
        self._heard = self.started

    def begin(self) -> Answer:
        """Hand the request to the host."""
        request = self.request
        if not request.url.startswith(self.host.base_url + "/"):
            raise AssertionError(
                f"The host is at {self.host.base_url}, and {request.shown_url} is not there."
            )
        answer = self.host.handle(
            Incoming(request.method, request.url, request.headers, request.body)
        )
        if answer.refused:
            raise ConnectError("the connection was refused by a scripted fault")
        return answer

    def wait_for_head(self, later: Later) -> _Bounded:
        bounds = self.request.timeouts
        return _Bounded(
            self.host,
            later,
            [
                (self.started + seconds, what)
                for seconds, what in (
                    (bounds.head, "the head of the answer"),
                    (bounds.total, "the answer"),
                )
                if seconds is not None
            ],
        )

    def wait_for_bytes(self, stream: Stream) -> _Bounded:
        bounds = self.request.timeouts
        moments: list[tuple[float, str]] = []
        if bounds.total is not None:
            moments.append((self.started + bounds.total, "the end of the body"))
        if bounds.idle is not None:
            moments.append((self._heard + bounds.idle, "the next bytes"))
        return _Bounded(self.host, stream, moments)

    def heard(self) -> None:
        self._heard = self.host.clock.now()

    def finish(self, answer: Answer) -> Answer:
        """Return the answer as it goes over the wire, or lose it."""
        if answer.later is not None:
            finished = answer.later.finish()
            finished.headers = {**finished.headers, **answer.headers}
            finished.lost = answer.lost
            answer = finished
        if answer.lost:
            raise TransportError("the answer was lost by a scripted fault")
        return answer

    @staticmethod
    def timed_out(bounded: _Bounded) -> None:
        what = bounded.broken()
        if what is not None:
            raise TransportTimeout(f"timed out waiting for {what}")


class _OneChunk:
    """A body in one piece, for both colours; iterators of its own would have to be closed."""

    def __init__(self, body: bytes) -> None:
        self._chunks = [body] if body else []

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if not self._chunks:
            raise StopIteration
        return self._chunks.pop()

    def close(self) -> None:
        self._chunks.clear()

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if not self._chunks:
            raise StopAsyncIteration
        return self._chunks.pop()

    async def aclose(self) -> None:
        self._chunks.clear()


class _StreamBody:
    def __init__(self, exchange: _Exchange, stream: Stream) -> None:
        self._exchange = exchange
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        host, stream = self._exchange.host, self._stream
        with host.lock:
            while True:
                data = _read(stream)
                if data is not None:
                    self._exchange.heard()
                    return data
                bounded = self._exchange.wait_for_bytes(stream)
                host.waits.block(bounded)
                if not stream.ready():
                    _Exchange.timed_out(bounded)

    def close(self) -> None:
        with self._exchange.host.lock:
            self._stream.close()
            self._exchange.host.waits.changed()


def _read(stream: Stream) -> bytes | None:
    """Return the next bytes, None where there are none yet; end the iteration at the end."""
    try:
        stream.check()
        if not stream.ready():
            return None
        data = stream.read()
        if data:
            return data
        stream.check()
    except StreamBroken as broken:
        raise TransportError(str(broken)) from broken
    if stream.ended:
        raise StopIteration
    return None


class _AsyncStreamBody:
    def __init__(self, exchange: _Exchange, stream: Stream) -> None:
        self._exchange = exchange
        self._stream = stream

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        host, stream = self._exchange.host, self._stream
        while True:
            await host.pacer.checkpoint()
            with host.lock:
                try:
                    data = _read(stream)
                except StopIteration:
                    raise StopAsyncIteration from None
                if data is not None:
                    self._exchange.heard()
                    return data
                bounded = self._exchange.wait_for_bytes(stream)
            await host.pacer.block(bounded)
            if not stream.ready():
                _Exchange.timed_out(bounded)

    async def aclose(self) -> None:
        with self._exchange.host.lock:
            self._stream.close()
            self._exchange.host.waits.changed()


class InProcessTransport:
    """Reaches a host in memory without a socket, and tells its time.

    Args:
        host: The host.
    """

    def __init__(self, host: Reachable) -> None:
        self._host = host

    def send(self, request: Request) -> OpenResponse:
        """Send *request* to the host.

        Raises:
            TransportError: A scripted fault, or a bound of the request that virtual time reached.
            AssertionError: The request is one that no host of this protocol gets.
        """
        host = self._host
        exchange = _Exchange(host, request)
        with host.lock:
            answer = exchange.begin()
            if answer.later is not None:
                bounded = exchange.wait_for_head(answer.later)
                host.waits.block(bounded)
                if not answer.later.ready():
                    exchange.timed_out(bounded)
            answer = exchange.finish(answer)
        body = (
            _OneChunk(answer.body)
            if answer.stream is None
            else _StreamBody(exchange, answer.stream)
        )
        return OpenResponse(answer.status, Headers(answer.headers), body, url=request.url)

    def close(self) -> None:
        """Do nothing: the host outlives its transports."""

    def now(self) -> float:
        """Return the host's time, in seconds."""
        return self._host.clock.now()

    def sleep(self, seconds: float) -> None:
        """Let *seconds* pass on every clock of the host, at once."""
        with self._host.lock:
            self._host.clock.slept.append(seconds)
            self._host.clock.advance(max(0.0, seconds))
            self._host.waits.changed()

    def __repr__(self) -> str:
        return f"<in process, {self._host.base_url}>"


class AsyncInProcessTransport:
    """The asynchronous twin of `InProcessTransport`, for asyncio and trio.

    Args:
        host: The host.
    """

    def __init__(self, host: Reachable) -> None:
        self._host = host

    async def send(self, request: Request) -> AsyncOpenResponse:
        """Send *request* to the host.

        Raises:
            TransportError: A scripted fault, or a bound of the request that virtual time reached.
            AssertionError: The request is one that no host of this protocol gets.
        """
        host = self._host
        await host.pacer.checkpoint()
        exchange = _Exchange(host, request)
        with host.lock:
            answer = exchange.begin()
        if answer.later is not None:
            bounded = exchange.wait_for_head(answer.later)
            await host.pacer.block(bounded)
            if not answer.later.ready():
                exchange.timed_out(bounded)
        with host.lock:
            answer = exchange.finish(answer)
        body = (
            _OneChunk(answer.body)
            if answer.stream is None
            else _AsyncStreamBody(exchange, answer.stream)
        )
        return AsyncOpenResponse(answer.status, Headers(answer.headers), body, url=request.url)

    async def aclose(self) -> None:
        """Do nothing: the host outlives its transports."""

    def now(self) -> float:
        """Return the host's time, in seconds."""
        return self._host.clock.now()

    async def sleep(self, seconds: float) -> None:
        """Wait until *seconds* have passed on the host's clock, which they do when all wait."""
        await self._host.pacer.sleep(seconds)

    def __repr__(self) -> str:
        return f"<in process, {self._host.base_url}>"
