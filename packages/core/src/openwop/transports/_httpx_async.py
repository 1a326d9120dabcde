"""The default asynchronous transport, on httpx, for asyncio and trio."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from openwop.transports import _httpx_common as common
from openwop.wire import AsyncOpenResponse, Request, TransportError

if TYPE_CHECKING:
    import ssl

    import httpx

__all__ = ["AsyncHttpxTransport"]

_DRAIN = 1000


class AsyncHttpxTransport:
    """Sends requests with httpx on asyncio or trio.

    The client that uses it bounds each attempt by cancelling it, so the bounds hold by the wall
    clock.  A ready client is left open when this transport is closed, and is never trusted with
    redirects.

    Args:
        client: A ready `httpx.AsyncClient` or `httpx2.AsyncClient`; with it, no other argument is
            taken.
        library: `httpx`, or its successor `httpx2` (extra `httpx2`).
        verify: True to verify certificates, or an `ssl.SSLContext` of your own; one with a client
            certificate loaded gives mutual TLS.
        proxy: A proxy URL; by default those of the environment are honoured.
        trust_env: Whether `HTTP_PROXY`, `SSL_CERT_FILE` and the like are honoured.
        max_connections: The most connections at a time.

    Raises:
        TypeError: *client* is of another kind.
        ImportError: *library* is not installed.
    """

    def __init__(
        self,
        client: httpx.AsyncClient | Any | None = None,
        *,
        library: common.Library = "httpx",
        verify: bool | ssl.SSLContext = True,
        proxy: str | None = None,
        trust_env: bool = True,
        max_connections: int = 1000,
    ) -> None:
        self._owns = client is None
        if client is not None:
            self._library = common.library_of(client)
            if not isinstance(client, self._library.AsyncClient):
                msg = (
                    f"AsyncHttpxTransport takes a {self._library.__name__}.AsyncClient, not a "
                    "Client; use HttpxTransport for that one"
                )
                raise TypeError(msg)
            self._client: Any = client
            return
        self._library = common.load(library)
        settings = common.Settings(verify, proxy, trust_env, max_connections)
        self._client = self._library.AsyncClient(**common.client_arguments(self._library, settings))
        self._encodings = self._client.headers["accept-encoding"]

    async def send(self, request: Request) -> AsyncOpenResponse:
        """Send *request* and return the head of the answer with its body still open.

        Raises:
            ConnectError: No connection could be made.
            TransportTimeout: A bound of `Request.timeouts` was reached.
            TransportError: The exchange broke in any other way.
        """
        library = self._library
        try:
            response = await self._client.send(
                self._built(request), stream=True, follow_redirects=False
            )
        except common.errors_of(library) as exc:
            raise common.translate(library, exc) from exc
        return AsyncOpenResponse(
            response.status_code,
            common.headers_of(response),
            _AsyncBody(library, response),
            request.url,
        )

    def _built(self, request: Request) -> Any:
        extensions = common.extensions_of(request)
        headers = list(request.headers.items_raw())
        if not self._owns:
            return self._client.build_request(
                request.method,
                request.url,
                headers=headers,
                content=request.body,
                extensions=extensions,
            )
        headers.append(("Accept-Encoding", self._encodings))
        return self._library.Request(
            request.method,
            common.url_of(self._library, request.url),
            headers=headers,
            content=request.body,
            extensions=extensions,
        )

    async def aclose(self) -> None:
        """Close the connections; a ready client is left open."""
        if self._owns:
            await self._client.aclose()


class _AsyncBody:
    """The open body of an answer."""

    def __init__(self, library: Any, response: Any) -> None:
        self._library = library
        self._response = response
        self._chunks: AsyncIterator[bytes] | None = None

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self._chunks is None:
            response = self._response
            encoded = "content-encoding" in response.headers
            self._chunks = aiter(response.aiter_bytes() if encoded else response.aiter_raw())
        library = self._library
        while True:
            try:
                chunk = await anext(self._chunks)
            except common.errors_of(library) as exc:
                raise common.translate(library, exc) from exc
            except _broken() as exc:
                raise TransportError(str(exc) or type(exc).__name__) from exc
            if chunk:
                return chunk

    async def aclose(self) -> None:
        await self._response.aclose()
        chunks, self._chunks = self._chunks, None
        if chunks is None:
            return
        # httpx reads through a chain of generators.  One that is dropped half-way is reported as
        # leaked on trio; reading on from the closed connection ends them all with an error.
        with suppress(*common.errors_of(self._library), *_broken(), RuntimeError):
            for _ in range(_DRAIN):
                if await anext(chunks, None) is None:
                    return


def _broken() -> tuple[type[Exception], ...]:
    """Return what a read raises when another task has closed the body under it."""
    import anyio

    return (anyio.ClosedResourceError, anyio.BrokenResourceError)
