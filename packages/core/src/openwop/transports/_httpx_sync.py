"""The default blocking transport, on httpx."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self

from openwop.transports import _httpx_common as common
from openwop.transports._deadline import Until, install
from openwop.wire import OpenResponse, Request, TransportError, TransportTimeout

if TYPE_CHECKING:
    import ssl

    import httpx

__all__ = ["HttpxTransport"]


_CLOSED: Final = "the response was closed"


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
        max_connections: The most connections at a time; every open stream holds one.

    Raises:
        ImportError: *library* is not installed.
        TypeError: *client* is of another kind, or came with other arguments.
        ValueError: The proxy is no URL that can be used.
    """

    def __init__(
        self,
        client: httpx.Client | Any | None = None,
        *,
        library: common.Library = "httpx",
        verify: bool | ssl.SSLContext = True,
        proxy: str | None = None,
        trust_env: bool = True,
        max_connections: int = 10_000,
    ) -> None:
        self._until = Until()
        self._owned = client is None
        settings = common.Settings(library, verify, proxy, trust_env, max_connections)
        if client is None:
            self._library, self._client = common.make_client("Client", settings)
            core = common.load(library.replace("httpx", "httpcore"))
            install(self._client, core, self._until)
            return
        common.refuse_settings(settings)
        self._library = common.library_of(client)
        if not isinstance(client, self._library.Client):
            msg = (
                f"HttpxTransport takes a {self._library.__name__}.Client, not a "
                f"{type(client).__name__}; AsyncHttpxTransport takes the asynchronous one"
            )
            raise TypeError(msg)
        self._client = client

    def send(self, request: Request) -> OpenResponse:
        """Send *request* and return the head of the answer with its body still open.

        Args:
            request: The request.

        Raises:
            ConnectError: No connection could be made.
            TransportTimeout: A bound of `Request.timeouts` was reached.
            TransportError: The exchange broke in any other way.
        """
        library, until = self._library, self._until
        head, total = common.bounds_of(request)
        begun = time.monotonic()
        head_at = None if head is None else begun + head
        extensions = common.extensions_of(request)
        until.moment = head_at
        try:
            response = self._client.send(
                common.request_of(library, self._client, request, extensions, owned=self._owned),
                stream=True,
                follow_redirects=False,
            )
        except common.errors_of(library) as exc:
            raise common.translate(library, exc) from exc
        finally:
            until.moment = None
        whole = common.is_whole(request, response.status_code)
        common.reading(extensions, request, whole=whole)
        total_at = head_at if whole else None if total is None else begun + total
        body = _Body(library, response, until, total_at)
        if head_at is not None and time.monotonic() > head_at:
            body.close()
            msg = "the head of the answer did not come in time"
            raise TransportTimeout(msg)
        return OpenResponse(response.status_code, common.headers_of(response), body, request.url)

    def close(self) -> None:
        """Close the connections; a ready client is left open."""
        if self._owned:
            self._client.close()


class _Body:
    """The open body of an answer."""

    def __init__(self, library: Any, response: Any, until: Until, total_at: float | None) -> None:
        self._library = library
        self._response = response
        self._until = until
        self._total_at = total_at
        self._chunks: Iterator[bytes] | None = None
        self._inflater = common.inflater_of(response)
        self._reading = False
        self._closed = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        inflater = self._inflater
        while True:
            chunk = b"" if inflater is not None and inflater.waiting else self._next()
            if inflater is not None:
                chunk = inflater.feed(chunk)
            if chunk:
                return chunk

    def _next(self) -> bytes:
        if self._closed:
            raise TransportError(_CLOSED)
        if self._total_at is not None and time.monotonic() > self._total_at:
            msg = "the body did not end in time"
            raise TransportTimeout(msg)
        if self._chunks is None:
            response = self._response
            foreign = common.is_foreign(response)
            self._chunks = iter(response.iter_bytes() if foreign else response.iter_raw())
        self._until.moment = self._total_at
        self._reading = True
        try:
            return next(self._chunks)
        except StopIteration:
            if self._closed:  # what ended is the socket, which another thread shut down
                raise TransportError(_CLOSED) from None
            if self._inflater is not None:
                self._inflater.end()
            raise
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
