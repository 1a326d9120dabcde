"""The faster blocking transport, on urllib3."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self

from openwop.transports._bounds import bounds_of, is_whole
from openwop.transports._inflating import ENCODINGS, Inflater
from openwop.transports._missing import need
from openwop.transports._tls import authorities
from openwop.wire import (
    ConnectError,
    Headers,
    OpenResponse,
    Request,
    TransportError,
    TransportTimeout,
)

if TYPE_CHECKING:
    import urllib3

__all__ = ["Urllib3Transport"]

_CLOSED: Final = "the response was closed"
_CHUNK: Final = 65536


class Urllib3Transport:
    """Sends requests with urllib3, blocking, from any number of threads: the faster choice.

    It does what `HttpxTransport` does, in about half the time for a small answer.  The time bounds
    of a request hold by the wall clock, down to a host that sends a byte at a time.  A ready pool
    manager is left open when this transport is closed, is never trusted with redirects or retries,
    and is bounded only between the chunks it reads.

    Args:
        manager: A ready `urllib3.PoolManager`; with it, no other argument is taken.
        verify: True to verify certificates, False not to, or an `ssl.SSLContext` of your own; one
            with a client certificate loaded gives mutual TLS.
        proxy: A proxy URL, `http` or `https`; by default those of the environment are honoured.
        trust_env: Whether `HTTP_PROXY`, `SSL_CERT_FILE` and the like are honoured.
        max_connections: The most connections to one host at a time.

    Raises:
        ImportError: urllib3 is not installed.
        TypeError: *manager* is of another kind, or came with other arguments.
        ValueError: The proxy is no URL that can be used.
    """

    def __init__(
        self,
        manager: urllib3.PoolManager | None = None,
        *,
        verify: bool | ssl.SSLContext = True,
        proxy: str | None = None,
        trust_env: bool = True,
        max_connections: int = 1000,
    ) -> None:
        self._library = need("urllib3", "Urllib3Transport")
        from openwop.transports import _urllib3_pools

        self._exchange = _urllib3_pools.EXCHANGE
        # What urllib3 makes of `retries=False`, once.
        self._never = self._library.Retry(total=False, redirect=False)
        self._manager = manager
        self._pools: _urllib3_pools.Pools | None = None
        if manager is None:
            source = verify if isinstance(verify, ssl.SSLContext) else partial(_context, verify)
            if verify is True:
                source = partial(authorities, trust_env=trust_env)
            self._pools = _urllib3_pools.Pools(
                source, proxy, trust_env=trust_env, most=max_connections
            )
        elif not isinstance(manager, self._library.PoolManager):
            msg = f"Urllib3Transport takes a urllib3.PoolManager, not a {type(manager).__name__}"
            raise TypeError(msg)
        elif (verify, proxy, trust_env, max_connections) != (True, None, True, 1000):
            msg = "a ready pool manager has its own settings, so no others can be given with it"
            raise TypeError(msg)

    def send(self, request: Request) -> OpenResponse:
        """Send *request* and return the head of the answer with its body still open.

        Args:
            request: The request.

        Raises:
            ConnectError: No connection could be made.
            TransportTimeout: A bound of `Request.timeouts` was reached.
            TransportError: The exchange broke in any other way.
        """
        exchange = self._exchange
        head, total = bounds_of(request)
        begun = time.monotonic()
        head_at = None if head is None else begun + head
        exchange.until, exchange.silence = head_at, None
        exchange.sent, exchange.sock = False, None
        try:
            response = self._response(request, head)
        except Exception as exc:  # http.client raises what it likes
            raise _translated(exc, sent=self._sent(exc)) from exc
        finally:
            exchange.until = None
        sock, exchange.sock = exchange.sock, None
        until: float | None
        silence = None
        if is_whole(request, response.status):
            until = head_at
        else:
            until = None if total is None else begun + total
            silence = request.timeouts.idle
        body = _Body(response, exchange, sock, until, silence)
        if head_at is not None and time.monotonic() > head_at:
            body.close()
            msg = "the head of the answer did not come in time"
            raise TransportTimeout(msg)
        return OpenResponse(response.status, Headers(response.headers.items()), body, request.url)

    def _response(self, request: Request, head: float | None) -> Any:
        url, given = request.url, request.headers
        pairs = given.items_raw()
        headers: Any = dict(pairs)
        if len(headers) != len(pairs):
            headers = self._library.HTTPHeaderDict(pairs)
        if "accept-encoding" not in given:
            headers["Accept-Encoding"] = ENCODINGS
        more: dict[str, Any] = {
            "headers": headers,
            "body": request.body,
            "retries": self._never,
            "redirect": False,
            "preload_content": False,
            "decode_content": False,
        }
        if self._manager is not None:
            for name, value in self._manager.headers.items():
                if name not in given:
                    headers[name] = value
            more["timeout"] = self._library.Timeout(connect=head, read=head)
            return self._manager.urlopen(request.method, url, **more)
        assert self._pools is not None
        scheme, _, rest = url.partition("://")
        authority, slash, path = rest.partition("/")
        target = slash + path
        if not slash and "?" in authority:
            authority, _, query = authority.partition("?")
            target = f"/?{query}"
        if "host" not in given:
            headers["Host"] = authority
        more["pool_timeout"] = head
        pool, absolute = self._pools.pool_of(scheme, authority)
        return pool.urlopen(
            request.method,
            url if absolute else target or "/",
            assert_same_host=False,
            **more,
        )

    def _sent(self, exc: Exception) -> bool:
        """Tell whether anything was sent before *exc*."""
        if self._manager is None:
            return self._exchange.sent
        errors = self._library.exceptions
        unsent = (
            errors.NewConnectionError,
            errors.ConnectTimeoutError,
            errors.EmptyPoolError,
            errors.ProxyError,
            errors.LocationValueError,
        )
        invalid = isinstance(exc, ValueError) and not isinstance(exc, OSError)
        return not invalid and not isinstance(exc, unsent)

    def close(self) -> None:
        """Close the connections; a ready pool manager is left open."""
        if self._pools is not None:
            self._pools.close()


def _context(_verify: bool) -> ssl.SSLContext:
    """Return a context that verifies nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class _Body:
    """The open body of an answer."""

    def __init__(
        self,
        response: Any,
        exchange: Any,
        sock: socket.socket | None,
        until: float | None,
        silence: float | None,
    ) -> None:
        self._response = response
        self._exchange = exchange
        self._sock = sock
        self._until = until
        self._silence = silence
        encoding = response.headers.get("content-encoding", "").strip().lower()
        self._inflater = Inflater() if encoding in {"gzip", "x-gzip", "deflate"} else None
        self._reading = False
        self._ended = False
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
        if self._until is not None and time.monotonic() > self._until:
            msg = "the body did not end in time"
            raise TransportTimeout(msg)
        exchange = self._exchange
        exchange.until, exchange.silence = self._until, self._silence
        self._reading = True
        try:
            chunk: bytes = b"" if self._ended else self._response.read1(_CHUNK)
        except Exception as exc:  # the socket may be closed under the read
            raise _translated(exc, sent=True) from exc
        finally:
            self._reading = False
            exchange.until = exchange.silence = None
            if self._closed:
                self._give_up()
        if chunk:
            self._ended = self._response.length_remaining == 0
            return chunk
        if self._closed:  # what ended is the socket, which another thread shut down
            raise TransportError(_CLOSED)
        if self._inflater is not None:
            self._inflater.end()
        raise StopIteration

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._reading and self._sock is not None:
            # Closing a socket does not wake a thread that waits on it, shutting it down does; the
            # reader then gives the connection up.
            with suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)
            return
        self._give_up()

    def _give_up(self) -> None:
        """Close what was not read to its end, and give the connection back."""
        self._response.close()
        self._response.release_conn()


def _behind(exc: BaseException) -> list[BaseException]:
    """Return *exc* and what it came of, which urllib3 hides in several places."""
    found: list[BaseException] = []
    waiting = [exc]
    while waiting and len(found) < 32:
        one = waiting.pop(0)
        if one in found:
            continue
        found.append(one)
        more = (*one.args, getattr(one, "original_error", None), one.__cause__, one.__context__)
        waiting.extend(each for each in more if isinstance(each, BaseException))
    return found


def _translated(exc: Exception, *, sent: bool) -> TransportError:
    """Return what *exc* is in our three words."""
    from urllib3 import exceptions as errors

    behind = _behind(exc)
    if isinstance(exc, errors.EmptyPoolError):
        return TransportTimeout("timed out while waiting for a connection", sent=False)
    # A refused connection is a kind of late one to urllib3.
    timeouts = (TimeoutError, errors.ReadTimeoutError)
    refused = isinstance(exc, errors.NewConnectionError)
    late = isinstance(exc, errors.ConnectTimeoutError) and not refused
    if late or any(isinstance(each, timeouts) for each in behind):
        doing = "timed out" if sent else "timed out while connecting"
        return TransportTimeout(doing, sent=sent)
    invalid = (http.client.InvalidURL, errors.LocationValueError, errors.InvalidHeader)
    if not sent and any(
        isinstance(each, invalid)
        or (isinstance(each, (ValueError, http.client.HTTPException)) and not _is_os(each))
        for each in behind[:2]
    ):
        # Their messages quote what was to be sent, and that may be a secret.
        return TransportError("the request is not valid HTTP", sent=False)
    texts = [str(each) for each in behind if _is_os(each) and str(each)]
    text = texts[0] if texts else str(exc) or type(exc).__name__
    return TransportError(text) if sent else ConnectError(text)


def _is_os(exc: BaseException) -> bool:
    return isinstance(exc, OSError)
