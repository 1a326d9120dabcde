"""The default blocking transport, on httpx."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from openwop.transports import _httpx_common as common
from openwop.transports._deadline import Until, install
from openwop.wire import OpenResponse, Request, TransportError, TransportTimeout

if TYPE_CHECKING:
    import ssl

    import httpx

__all__ = ["HttpxTransport"]


class HttpxTransport:
    """Sends requests with httpx, blocking, from any number of threads.

    The time bounds of a request hold by the wall clock, down to a host that sends a byte at a
    time.  A ready client is left open when this transport is closed, is never trusted with
    redirects, and is bounded only between the chunks it reads.

    Args:
        client: A ready `httpx.Client` or `httpx2.Client`; with it, no other argument is taken.
        library: `httpx`, or its successor `httpx2` (extra `httpx2`).
        verify: True to verify certificates, or an `ssl.SSLContext` of your own; one with a client
            certificate loaded gives mutual TLS.
        proxy: A proxy URL; by default those of the environment are honoured.
        trust_env: Whether `HTTP_PROXY`, `SSL_CERT_FILE` and the like are honoured.
        max_connections: The most connections at a time.

    Raises:
        TypeError: *client* is of another kind, or came with other arguments.
        ImportError: *library* is not installed.
    """

    def __init__(
        self,
        client: httpx.Client | Any | None = None,
        *,
        library: common.Library = "httpx",
        verify: bool | ssl.SSLContext = True,
        proxy: str | None = None,
        trust_env: bool = True,
        max_connections: int = 100,
    ) -> None:
        self._until = Until()
        self._owns = client is None
        if client is not None:
            self._library = common.library_of(client)
            if not isinstance(client, self._library.Client):
                msg = (
                    f"HttpxTransport takes a {self._library.__name__}.Client, not an "
                    "AsyncClient; use AsyncHttpxTransport for that one"
                )
                raise TypeError(msg)
            self._client: Any = client
            return
        self._library = common.load(library)
        settings = common.Settings(verify, proxy, trust_env, max_connections)
        self._client = self._library.Client(**common.client_arguments(self._library, settings))
        install(self._client, common.load(library.replace("httpx", "httpcore")), self._until)
        self._encodings = self._client.headers["accept-encoding"]

    def send(self, request: Request) -> OpenResponse:
        """Send *request* and return the head of the answer with its body still open.

        Raises:
            ConnectError: No connection could be made.
            TransportTimeout: A bound of `Request.timeouts` was reached.
            TransportError: The exchange broke in any other way.
        """
        bounds = request.timeouts
        begun = time.monotonic()
        total_at = None if bounds.total is None else begun + bounds.total
        head_at = total_at if bounds.head is None else begun + bounds.head
        library = self._library
        until = self._until
        until.moment = head_at
        try:
            response = self._client.send(self._built(request), stream=True, follow_redirects=False)
        except common.errors_of(library) as exc:
            raise common.translate(library, exc) from exc
        finally:
            until.moment = None
        body = _Body(library, response, until, total_at)
        if head_at is not None and time.monotonic() > head_at:
            body.close()
            msg = "the head of the answer did not come in time"
            raise TransportTimeout(msg)
        return OpenResponse(response.status_code, common.headers_of(response), body, request.url)

    def _built(self, request: Request) -> Any:
        extensions = common.extensions_of(request)
        headers = list(request.headers.items_raw())
        if not self._owns:
            # Only a client's own building adds the headers and cookies that its owner gave it.
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

    def close(self) -> None:
        """Close the connections; a ready client is left open."""
        if self._owns:
            self._client.close()


class _Body:
    """The open body of an answer."""

    def __init__(self, library: Any, response: Any, until: Until, total_at: float | None) -> None:
        self._library = library
        self._response = response
        self._until = until
        self._total_at = total_at
        self._reading = False
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        response = self._response
        encoded = "content-encoding" in response.headers
        chunks = response.iter_bytes() if encoded else response.iter_raw()
        while True:
            chunk = self._next(chunks)
            if chunk is None:
                return
            if chunk:
                yield chunk

    def _next(self, chunks: Iterator[bytes]) -> bytes | None:
        if self._closed:
            msg = "the response was closed"
            raise TransportError(msg)
        self._until.moment = self._total_at
        self._reading = True
        try:
            return next(chunks, None)
        except common.errors_of(self._library) as exc:
            raise common.translate(self._library, exc) from exc
        except (OSError, ValueError) as exc:  # the socket was closed under the read
            raise TransportError(str(exc) or type(exc).__name__) from exc
        finally:
            self._reading = False
            self._until.moment = None
            if self._closed:
                self._response.close()

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._reading:
            # Closing a socket does not wake a thread that waits on it, shutting it down does; the
            # reader then gives the connection up.
            stream = self._response.extensions.get("network_stream")
            connection = stream.get_extra_info("socket") if stream is not None else None
            if connection is not None:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
                return
        self._response.close()
