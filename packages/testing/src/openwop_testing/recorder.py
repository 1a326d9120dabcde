"""Records what a client and a real host say to each other.

    with Recorder("approval.jsonl") as recorder:
        with openwop.Client(url, api_key=key, transport=recorder.transport()) as client:
            ...

The file is written at the end, without secrets, and `openwop_testing.replaying.Replay` plays it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import anyio

from openwop.transports import AsyncHttpxTransport, HttpxTransport
from openwop.wire import (
    AsyncClock,
    AsyncOpenResponse,
    AsyncTransport,
    Clock,
    OpenResponse,
    Request,
    Transport,
    TransportError,
)
from openwop_testing.cassettes import Cassette, Exchange

__all__ = ["AsyncRecordingTransport", "Recorder", "RecordingTransport"]


class Recorder:
    """A recording that is being made.

    Args:
        path: The file to write at the end.
        secrets: Texts that are secret besides those that are found to be: credentials in
            headers, members of JSON such as `token` and `secret`, tokens in paths.
    """

    def __init__(self, path: Path | str, *, secrets: Iterable[str] = ()) -> None:
        self.cassette = Cassette()
        self._path = path
        self._secrets = tuple(secrets)
        self._lock = threading.Lock()
        self._began: float | None = None
        self._own: list[Transport] = []

    def transport(self, inner: Transport | None = None) -> RecordingTransport:
        """Return a transport that records what goes through it.

        Args:
            inner: Moves the bytes; without one, a transport of `openwop` does, which is closed
                with the recording.
        """
        if inner is None:
            inner = HttpxTransport()
            self._own.append(inner)
        return RecordingTransport(self, inner)

    def async_transport(self, inner: AsyncTransport | None = None) -> AsyncRecordingTransport:
        """Return an asynchronous transport that records what goes through it.

        Args:
            inner: Moves the bytes; without one, a transport of `openwop` does, which whoever asked
                for it closes: `await transport.aclose()`.
        """
        return AsyncRecordingTransport(self, AsyncHttpxTransport() if inner is None else inner)

    def begin(self, request: Request, now: Callable[[], float]) -> _Tape:
        """Return what records one exchange, which begins now."""
        parts = urlsplit(request.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        with self._lock:
            if self._began is None:
                self._began = now()
                self.cassette.origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
            sent_at = now()
            exchange = Exchange(
                request.method,
                target,
                list(request.headers.items_raw()),
                request.body,
                sent_at - self._began,
            )
            self.cassette.exchanges.append(exchange)
        return _Tape(exchange, sent_at, now)

    def close(self) -> None:
        """Write the file; what is still open stands in it as far as it came."""
        own, self._own = self._own, []
        for transport in own:
            transport.close()
        with self._lock:
            self.cassette.save(self._path, self._secrets)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class _Tape:
    """Records one exchange."""

    def __init__(self, exchange: Exchange, sent_at: float, now: Callable[[], float]) -> None:
        self._exchange = exchange
        self._sent_at = sent_at
        self._now = now
        self._over = False

    def _since(self) -> float:
        return self._now() - self._sent_at

    def head(self, status: int, headers: tuple[tuple[str, str], ...]) -> None:
        self._exchange.status = status
        self._exchange.headers = list(headers)
        self._exchange.head_at = self._since()

    def chunk(self, data: bytes) -> None:
        self._exchange.chunks.append((self._since(), data))

    def end(self, how: str) -> None:
        if not self._over:
            self._over = True
            self._exchange.end = how
            self._exchange.end_at = self._since()

    def failed(self, error: TransportError) -> None:
        self.end(type(error).__name__)
        self._exchange.message = str(error)
        self._exchange.sent = error.sent


class _RecordedBody:
    def __init__(self, tape: _Tape, response: OpenResponse) -> None:
        self._tape = tape
        self._response = response
        self._chunks = iter(response.body)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            data = next(self._chunks)
        except StopIteration:
            self._tape.end("complete")
            raise
        except TransportError as error:
            self._tape.failed(error)
            raise
        self._tape.chunk(data)
        return data

    def close(self) -> None:
        self._tape.end("closed")
        self._response.close()


class _AsyncRecordedBody:
    def __init__(self, tape: _Tape, response: AsyncOpenResponse) -> None:
        self._tape = tape
        self._response = response
        self._chunks = aiter(response.body)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            data = await anext(self._chunks)
        except StopAsyncIteration:
            self._tape.end("complete")
            raise
        except TransportError as error:
            self._tape.failed(error)
            raise
        self._tape.chunk(data)
        return data

    async def aclose(self) -> None:
        self._tape.end("closed")
        await self._response.aclose()


class RecordingTransport:
    """Records what goes through another transport, and keeps that one's time.

    Args:
        recorder: Where to.
        inner: Moves the bytes.
    """

    def __init__(self, recorder: Recorder, inner: Transport) -> None:
        self._recorder = recorder
        self._inner = inner

    def send(self, request: Request) -> OpenResponse:
        """Send *request* through the other transport.

        Raises:
            TransportError: What the other one raised.
        """
        tape = self._recorder.begin(request, self.now)
        try:
            response = self._inner.send(request)
        except TransportError as error:
            tape.failed(error)
            raise
        tape.head(response.status_code, response.headers.items_raw())
        body = _RecordedBody(tape, response)
        return OpenResponse(response.status_code, response.headers, body, url=response.url)

    def close(self) -> None:
        """Close the other transport."""
        self._inner.close()

    def now(self) -> float:
        """Return the time, in seconds."""
        return self._inner.now() if isinstance(self._inner, Clock) else time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Return when *seconds* have passed."""
        if isinstance(self._inner, Clock):
            self._inner.sleep(seconds)
        else:
            time.sleep(seconds)


class AsyncRecordingTransport:
    """The asynchronous twin of `RecordingTransport`, for asyncio and trio.

    Args:
        recorder: Where to.
        inner: Moves the bytes.
    """

    def __init__(self, recorder: Recorder, inner: AsyncTransport) -> None:
        self._recorder = recorder
        self._inner = inner

    async def send(self, request: Request) -> AsyncOpenResponse:
        """Send *request* through the other transport.

        Raises:
            TransportError: What the other one raised.
        """
        tape = self._recorder.begin(request, self.now)
        try:
            response = await self._inner.send(request)
        except TransportError as error:
            tape.failed(error)
            raise
        tape.head(response.status_code, response.headers.items_raw())
        body = _AsyncRecordedBody(tape, response)
        return AsyncOpenResponse(response.status_code, response.headers, body, url=response.url)

    async def aclose(self) -> None:
        """Close the other transport."""
        await self._inner.aclose()

    def now(self) -> float:
        """Return the time, in seconds."""
        return self._inner.now() if isinstance(self._inner, AsyncClock) else time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return when *seconds* have passed."""
        if isinstance(self._inner, AsyncClock):
            await self._inner.sleep(seconds)
        else:
            await anyio.sleep(seconds)
