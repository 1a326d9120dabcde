"""Typing of `with_raw_response` and `with_streaming_response`, and the latter's unread answer.

The views hold the very methods of a resource bound to a client in another mode; these functions
only tell a type checker what such a method then returns.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial, wraps
from os import PathLike
from types import TracebackType
from typing import IO, Any, Generic, ParamSpec, Self, TypeVar, cast

import attrs

from openwop.runtime import _json
from openwop.runtime._aio import InContext
from openwop.runtime._answer import decode_answer
from openwop.runtime._call import ApiResponse
from openwop.runtime._effects import AnyOpenResponse, BodyTooLargeError
from openwop.runtime._exchange import Exchange
from openwop.runtime._hooks import CallScope
from openwop.wire import Headers, Response, TransportError

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


class _Whole:
    """A body that is at hand already, in both colours."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self._body

    def __aiter__(self) -> AsyncIterator[bytes]:
        return _WholeOnce(self._body)

    def close(self) -> None:
        """Do nothing."""

    async def aclose(self) -> None:
        """Do nothing."""


class _WholeOnce:
    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        body, self._body = self._body, None
        if body is None:
            raise StopAsyncIteration
        return body


class _Unread(Generic[T]):
    """What both kinds of unread answer share.

    Args:
        exchange: The exchange that brought the answer.
        answer: The answer; one that was at hand already is a `Response`.
        scope: What the plugins put around the call.
    """

    def __init__(
        self, exchange: Exchange, answer: Response | AnyOpenResponse, scope: CallScope | None
    ) -> None:
        self.status_code: int = answer.status_code
        self.headers: Headers = answer.headers
        self.elapsed: float = exchange.elapsed
        self._exchange = exchange
        self._opened: Any = _Whole(answer.body) if isinstance(answer, Response) else answer.body
        self._scope = scope
        self._head = Response(answer.status_code, answer.headers)
        self._body: bytes | None = None

    def _within_limit(self, size: int) -> None:
        limit = self._exchange.settings.max_response_bytes
        if limit is not None and size > limit:
            raise self._exchange.too_large(BodyTooLargeError(limit, self._head))

    def _decoded(self, body: bytes) -> T:
        head = self._head
        return cast("T", decode_answer(self._exchange, attrs.evolve(head, body=body)))

    def _leave(self, error: BaseException | None) -> None:
        if self._scope is not None:
            self._scope.exit(error)


class StreamedResponse(_Unread[T]):
    """A success whose body is read only when asked.

    Attributes:
        status_code: The HTTP status.
        headers: The headers of the answer.
        elapsed: Seconds from the sending of the last attempt to its answer.
    """

    def iter_bytes(self) -> Iterator[bytes]:
        """Iterate over the chunks of the body as they come.

        Raises:
            APIConnectionError: The connection broke.
            DeadlineExceededError: The deadline of the call passed.
        """
        chunks = iter(self._opened)
        within = next if self._scope is None else partial(self._scope.run, next)
        while True:
            try:
                chunk: bytes | None = within(chunks, None)
            except TransportError as exc:
                raise self._exchange.reading_error(exc) from exc
            if chunk is None:
                return
            yield chunk

    def read(self) -> bytes:
        """Read the whole body; a second call returns the same bytes.

        Raises:
            APIConnectionError: The connection broke.
            APIResponseValidationError: The body is larger than `max_response_bytes`.
            DeadlineExceededError: The deadline of the call passed.
        """
        if self._body is None:
            chunks: list[bytes] = []
            size = 0
            for chunk in self.iter_bytes():
                size += len(chunk)
                self._within_limit(size)
                chunks.append(chunk)
            self._body = b"".join(chunks)
        return self._body

    def write_to(self, target: str | PathLike[str] | IO[bytes]) -> int:
        """Write the body to a file piece by piece, however large it is; return its size in bytes.

        Args:
            target: A path, or an open file, which stays open.

        Raises:
            APIConnectionError: The connection broke; what came before is in the file.
            DeadlineExceededError: The deadline of the call passed.
        """
        if not isinstance(target, str | PathLike):
            return sum(map(target.write, self.iter_bytes()))
        with open(target, "wb") as file:  # noqa: PTH123  # a path of whatever kind
            return sum(map(file.write, self.iter_bytes()))

    def json(self) -> Any:
        """Read the whole body and return it as JSON data."""
        return _json.loads(self.read())

    def parse(self) -> T:
        """Read the whole body and return what the method returns without this view."""
        return self._decoded(self.read())

    def close(self, error: BaseException | None = None) -> None:
        """Close the answer; safe to call twice.

        Args:
            error: What ended the reading, for plugins.
        """
        try:
            self._opened.close()
        finally:
            self._leave(error)


class AsyncStreamedResponse(_Unread[T]):
    """The asynchronous twin of `StreamedResponse`.

    Attributes:
        status_code: The HTTP status.
        headers: The headers of the answer.
        elapsed: Seconds from the sending of the last attempt to its answer.
    """

    def iter_bytes(self) -> AsyncIterator[bytes]:
        """Iterate over the chunks of the body as they come.

        Raises:
            APIConnectionError: The connection broke.
            DeadlineExceededError: The deadline of the call passed.
        """
        return _Chunks(aiter(self._opened), self._exchange, self._scope)

    async def read(self) -> bytes:
        """Read the whole body; a second call returns the same bytes.

        Raises:
            APIConnectionError: The connection broke.
            APIResponseValidationError: The body is larger than `max_response_bytes`.
            DeadlineExceededError: The deadline of the call passed.
        """
        if self._body is None:
            chunks: list[bytes] = []
            size = 0
            async for chunk in self.iter_bytes():
                size += len(chunk)
                self._within_limit(size)
                chunks.append(chunk)
            self._body = b"".join(chunks)
        return self._body

    async def write_to(self, target: str | PathLike[str] | IO[bytes]) -> int:
        """Write the body to a file piece by piece, however large it is; return its size in bytes.

        Args:
            target: A path, or an open file, which stays open.  Each piece is written in a thread.

        Raises:
            APIConnectionError: The connection broke; what came before is in the file.
            DeadlineExceededError: The deadline of the call passed.
        """
        from anyio import to_thread

        size = 0
        if not isinstance(target, str | PathLike):
            async for chunk in self.iter_bytes():
                size += await to_thread.run_sync(target.write, chunk)
            return size
        file = await to_thread.run_sync(open, target, "wb")
        try:
            async for chunk in self.iter_bytes():
                size += await to_thread.run_sync(file.write, chunk)
        finally:
            file.close()
        return size

    async def json(self) -> Any:
        """Read the whole body and return it as JSON data."""
        return _json.loads(await self.read())

    async def parse(self) -> T:
        """Read the whole body and return what the method returns without this view."""
        return self._decoded(await self.read())

    async def aclose(self, error: BaseException | None = None) -> None:
        """Close the answer; safe to call twice.

        Args:
            error: What ended the reading, for plugins.
        """
        try:
            await self._opened.aclose()
        finally:
            self._leave(error)


class _Chunks:
    """The chunks of a body; no generator, which would have to be closed when it is left early."""

    def __init__(
        self, chunks: AsyncIterator[bytes], exchange: Exchange, scope: CallScope | None
    ) -> None:
        self._chunks = chunks
        self._exchange = exchange
        self._scope = scope

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        try:
            if self._scope is None:
                return await anext(self._chunks)
            return await InContext(self._scope, self._next())
        except TransportError as exc:
            raise self._exchange.reading_error(exc) from exc

    async def _next(self) -> bytes:
        return await anext(self._chunks)


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
