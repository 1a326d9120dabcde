"""The default asynchronous transport, on httpx, for asyncio and trio."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import cache, partial
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, Self

from openwop.transports import _httpx_common as common
from openwop.wire import AsyncOpenResponse, Request, TransportTimeout

if TYPE_CHECKING:
    import ssl

    import httpx

__all__ = ["AsyncHttpxTransport"]

_GRACE: Final = 0.1
"""Seconds by which httpx's own bounds come first: they know whether anything was sent.

They begin later, by the reading of the certificate authorities where it is the first handshake.
"""


_MOST_CHUNKS: Final = 65536
"""The most chunks that may lie in a connection's buffer of 64 KiB."""


class AsyncHttpxTransport:
    """Sends requests with httpx on asyncio or trio.

    The time bounds of a request hold by the wall clock, with a ready client as well.  A ready
    client is left open when this transport is closed, and is never trusted with redirects.

    Args:
        client: A ready `httpx.AsyncClient` or `httpx2.AsyncClient`; with it, no other argument is
            taken.
        library: `httpx`, or its successor `httpx2` (extra `httpx2`).
        verify: True to verify certificates, or an `ssl.SSLContext` of your own; one with a client
            certificate loaded gives mutual TLS.
        proxy: A proxy URL; by default those of the environment are honoured.
        trust_env: Whether `HTTP_PROXY`, `SSL_CERT_FILE` and the like are honoured.
        max_connections: The most connections at a time; every open stream holds one.

    Raises:
        ImportError: *library* is not installed.
        TypeError: *client* is of another kind, or came with other arguments.
        ValueError: The proxy is no URL that can be used.
    """

    keeps_bounds = True
    """Tells a client that it need not watch over the bounds of a request itself."""

    def __init__(
        self,
        client: httpx.AsyncClient | Any | None = None,
        *,
        library: common.Library = "httpx",
        verify: bool | ssl.SSLContext = True,
        proxy: str | None = None,
        trust_env: bool = True,
        max_connections: int = 10_000,
    ) -> None:
        self._owned = client is None
        settings = common.Settings(library, verify, proxy, trust_env, max_connections)
        self._pools: _Pools | None = None
        if client is None:
            self._library, self._client = common.make_client("AsyncClient", settings, share=0)
            self._pools = _Pools(self._client, settings)
            return
        common.refuse_settings(settings)
        self._library = common.library_of(client)
        if not isinstance(client, self._library.AsyncClient):
            msg = (
                f"AsyncHttpxTransport takes a {self._library.__name__}.AsyncClient, not a "
                f"{type(client).__name__}; HttpxTransport takes the blocking one"
            )
            raise TypeError(msg)
        self._client = client

    async def send(self, request: Request) -> AsyncOpenResponse:
        """Send *request* and return the head of the answer with its body still open.

        Args:
            request: The request.

        Raises:
            ConnectError: No connection could be made.
            TransportTimeout: A bound of `Request.timeouts` was reached.
            TransportError: The exchange broke in any other way.
        """
        head, total = common.bounds_of(request)
        begun = time.monotonic()
        extensions = common.extensions_of(request)
        pools, number = self._pools, -1
        if pools is not None:
            number = pools.take()
        try:
            client = self._client if pools is None else pools.clients[number]
            response = await self._head(client, request, extensions, head)
        except BaseException:
            if pools is not None:
                pools.give_back(number)
            raise
        whole = common.is_whole(request, response.status_code)
        common.reading(extensions, request, whole=whole)
        bound = head if whole else total
        body = _AsyncBody(self._library, response, None if bound is None else begun + bound)
        if pools is not None:
            body.done = partial(pools.give_back, number)
        return AsyncOpenResponse(
            response.status_code, common.headers_of(response), body, request.url
        )

    async def _head(
        self, client: Any, request: Request, extensions: Any, bound: float | None
    ) -> Any:
        library = self._library
        sending = client.send
        try:
            built = common.request_of(library, client, request, extensions, owned=self._owned)
            content = built.stream = _content_class(library)()
            content.content = request.body
            if bound is None:
                return await sending(built, stream=True, follow_redirects=False)
            import anyio

            with anyio.move_on_after(bound + _GRACE):
                return await sending(built, stream=True, follow_redirects=False)
        except common.errors_of(library) as exc:
            raise common.translate(library, exc) from exc
        msg = "the head of the answer did not come in time"
        raise TransportTimeout(msg)

    async def aclose(self) -> None:
        """Close the connections; a ready client is left open."""
        if self._pools is not None:
            for client in self._pools.clients:
                await client.aclose()


class _Pools:
    """Several httpx clients, so that the pool of each stays small.

    httpx looks at every connection of its pool whenever a request begins or ends, which with 50 of
    them takes longer than the request.  A client more is made once those that are there are busy;
    one call after the other stays on the first.
    """

    def __init__(self, first: Any, settings: common.Settings) -> None:
        self.clients = [first]
        self._settings = settings
        self._busy = [0]
        self._most = common.shares_of(settings)

    def take(self) -> int:
        """Return the number of the client that sends the next request."""
        busy = self._busy
        number = 0
        if busy[0] >= common.SHARE:
            number = next((n for n, count in enumerate(busy) if count < common.SHARE), -1)
            if number < 0 and len(busy) < self._most:
                number = len(busy)
                _, client = common.make_client("AsyncClient", self._settings, share=number)
                self.clients.append(client)
                busy.append(0)
            elif number < 0:
                number = busy.index(min(busy))
        busy[number] += 1
        return number

    def give_back(self, number: int) -> None:
        """Note that a client has a request less."""
        self._busy[number] -= 1


class _Sending:
    """The body of a request, which httpx would make a generator of and leave it if cancelled."""

    def __init__(self, content: bytes | None) -> None:
        self._content = content

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        content, self._content = self._content, None
        if not content:
            raise StopAsyncIteration
        return content


@cache
def _content_class(library: ModuleType) -> Any:
    """Return a class of httpx streams over the body of a request."""

    def begin(self: Any) -> _Sending:
        return _Sending(self.content)

    return type("Content", (library.AsyncByteStream,), {"__aiter__": begin, "content": b""})


class _AsyncBody:
    """The open body of an answer."""

    def __init__(self, library: Any, response: Any, total_at: float | None) -> None:
        self._library = library
        self._response = response
        self._total_at = total_at
        self._chunks: AsyncIterator[bytes] | None = None
        self._inflater = common.inflater_of(response)
        self._suspended = False
        self.done: Callable[[], None] | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        if self._chunks is None:
            response = self._response
            foreign = common.is_foreign(response)
            self._chunks = aiter(response.aiter_bytes() if foreign else response.aiter_raw())
        inflater = self._inflater
        while True:
            chunk = b""
            if inflater is None or not inflater.waiting:
                self._suspended = False
                chunk = await self._next(self._chunks)
                self._suspended = True
            if inflater is not None:
                chunk = inflater.feed(chunk)
            if chunk:
                return chunk

    async def _next(self, chunks: AsyncIterator[bytes]) -> bytes:
        try:
            if self._total_at is None:
                return await anext(chunks)
            import anyio

            with anyio.move_on_after(max(0.0, self._total_at - time.monotonic())):
                return await anext(chunks)
        except StopAsyncIteration:
            if self._inflater is not None:
                self._inflater.end()
            raise
        except common.errors_of(self._library) as exc:
            raise common.translate(self._library, exc) from exc
        msg = "the body did not end in time"
        raise TransportTimeout(msg)

    async def aclose(self) -> None:
        done, self.done = self.done, None
        if done is not None:
            done()
        try:
            if self._suspended and self._chunks is not None:
                self._suspended = False
                await _unwind(self._chunks)
        finally:
            await self._response.aclose()


async def _unwind(chunks: AsyncIterator[bytes]) -> None:
    """End a chain of suspended generators, which httpx leaves to the garbage collector.

    trio warns of each of them.  Closing the outer one would leave the inner ones; a cancelled read
    is raised at the innermost and ends them all.
    """
    import anyio

    with suppress(Exception):
        for _ in range(_MOST_CHUNKS):
            with anyio.CancelScope() as scope:
                scope.cancel()
                await anext(chunks)  # bytes that are here already come without a wait
            if scope.cancelled_caught:
                return
