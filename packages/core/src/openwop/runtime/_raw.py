"""Typing of `with_raw_response` and `with_streaming_response`, and the unread response of the latter.

The views hold the very methods of a resource bound to a client in another mode; these functions
only tell a type checker what such a method then returns.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial, wraps
from types import TracebackType
from typing import Any, Generic, ParamSpec, TypeVar, cast

from openwop.runtime import _json
from openwop.runtime._call import ApiResponse
from openwop.wire import AsyncOpenResponse, Headers, OpenResponse

__all__ = [
    "AsyncStreamed",
    "AsyncStreamedResponse",
    "Streamed",
    "StreamedResponse",
    "as_raw",
    "as_raw_async",
    "as_streamed",
    "as_streamed_async",
]

P = ParamSpec("P")
T = TypeVar("T")


Decode = Callable[[bytes], T]
Leave = Callable[[BaseException | None], None]


class _Collector:
    """Joins chunks up to a limit."""

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._chunks: list[bytes] = []
        self._size = 0

    def add(self, chunk: bytes) -> None:
        self._size += len(chunk)
        if self._limit is not None and self._size > self._limit:
            msg = f"the body is larger than max_response_bytes ({self._limit}); iterate over it"
            raise ValueError(msg)
        self._chunks.append(chunk)

    def joined(self) -> bytes:
        return b"".join(self._chunks)


class StreamedResponse(Generic[T]):
    """A success whose body is read only when asked.

    Attributes:
        status_code: The HTTP status.
        headers: The headers of the answer.

    Args:
        opened: The open answer.
        decode: Turns the body into what the method returns.
        limit: The most bytes that `read`, `json` and `parse` take.
        leave: Called with the error, if any, when the answer is closed.
    """

    def __init__(
        self, opened: OpenResponse, decode: Decode[T], limit: int | None, leave: Leave
    ) -> None:
        self.status_code: int = opened.status_code
        self.headers: Headers = opened.headers
        self._opened = opened
        self._decode = decode
        self._limit = limit
        self._leave = leave
        self._body: bytes | None = None

    def iter_bytes(self) -> Iterator[bytes]:
        """Iterate over the chunks of the body as they come."""
        yield from self._opened.body

    def read(self) -> bytes:
        """Read the whole body; a second call returns the same bytes.

        Raises:
            ValueError: The body is larger than `max_response_bytes`.
        """
        if self._body is None:
            collected = _Collector(self._limit)
            for chunk in self._opened.body:
                collected.add(chunk)
            self._body = collected.joined()
        return self._body

    def json(self) -> Any:
        """Read the whole body and return it as JSON data."""
        return _json.loads(self.read())

    def parse(self) -> T:
        """Read the whole body and return what the method returns without this view."""
        return self._decode(self.read())

    def close(self, error: BaseException | None = None) -> None:
        """Close the answer; safe to call twice."""
        self._opened.close()
        self._leave(error)


class AsyncStreamedResponse(Generic[T]):
    """The asynchronous twin of `StreamedResponse`.

    Attributes:
        status_code: The HTTP status.
        headers: The headers of the answer.

    Args:
        opened: The open answer.
        decode: Turns the body into what the method returns.
        limit: The most bytes that `read`, `json` and `parse` take.
        leave: Called with the error, if any, when the answer is closed.
    """

    def __init__(
        self, opened: AsyncOpenResponse, decode: Decode[T], limit: int | None, leave: Leave
    ) -> None:
        self.status_code: int = opened.status_code
        self.headers: Headers = opened.headers
        self._opened = opened
        self._decode = decode
        self._limit = limit
        self._leave = leave
        self._body: bytes | None = None

    async def iter_bytes(self) -> AsyncIterator[bytes]:
        """Iterate over the chunks of the body as they come."""
        async for chunk in self._opened.body:
            yield chunk

    async def read(self) -> bytes:
        """Read the whole body; a second call returns the same bytes.

        Raises:
            ValueError: The body is larger than `max_response_bytes`.
        """
        if self._body is None:
            collected = _Collector(self._limit)
            async for chunk in self._opened.body:
                collected.add(chunk)
            self._body = collected.joined()
        return self._body

    async def json(self) -> Any:
        """Read the whole body and return it as JSON data."""
        return _json.loads(await self.read())

    async def parse(self) -> T:
        """Read the whole body and return what the method returns without this view."""
        return self._decode(await self.read())

    async def aclose(self, error: BaseException | None = None) -> None:
        """Close the answer; safe to call twice."""
        await self._opened.aclose()
        self._leave(error)


class Streamed(Generic[T]):
    """What a method of `with_streaming_response` returns: sends on entering `with`.

    Args:
        send: Sends the request.
    """

    def __init__(self, send: Callable[[], Any]) -> None:
        self._send = send
        self._response: StreamedResponse[T] | None = None

    def __enter__(self) -> StreamedResponse[T]:
        self._response = cast("StreamedResponse[T]", self._send())
        return self._response

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._response is not None:
            self._response.close(error)


class AsyncStreamed(Generic[T]):
    """The asynchronous twin of `Streamed`: entered with `async with`, not awaited.

    Args:
        send: Sends the request.
    """

    def __init__(self, send: Callable[[], Awaitable[Any]]) -> None:
        self._send = send
        self._response: AsyncStreamedResponse[T] | None = None

    async def __aenter__(self) -> AsyncStreamedResponse[T]:
        self._response = cast("AsyncStreamedResponse[T]", await self._send())
        return self._response

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._response is not None:
            await self._response.aclose(error)


def as_raw(method: Callable[P, T]) -> Callable[P, ApiResponse[T]]:
    """Type *method* of a client in raw mode."""
    return cast("Callable[P, ApiResponse[T]]", method)


def as_raw_async(method: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[ApiResponse[T]]]:
    """Type *method* of an asynchronous client in raw mode."""
    return cast("Callable[P, Awaitable[ApiResponse[T]]]", method)


def as_streamed(method: Callable[P, T]) -> Callable[P, Streamed[T]]:
    """Return *method* of a client in streamed mode, sending on entering `with`."""

    @wraps(method)
    def entered(*args: P.args, **kwargs: P.kwargs) -> Streamed[T]:
        return Streamed(partial(method, *args, **kwargs))

    return entered


def as_streamed_async(method: Callable[P, Awaitable[T]]) -> Callable[P, AsyncStreamed[T]]:
    """Return *method* of an asynchronous client in streamed mode, sending on `async with`."""

    @wraps(method)
    def entered(*args: P.args, **kwargs: P.kwargs) -> AsyncStreamed[T]:
        return AsyncStreamed(partial(method, *args, **kwargs))

    return entered
