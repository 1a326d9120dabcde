"""The faster asynchronous transport, on aiohttp, for asyncio."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from openwop.transports._bounds import bounds_of, is_whole
from openwop.transports._inflating import ENCODINGS, Inflater
from openwop.transports._missing import need
from openwop.transports._proxies import Proxies, authorization_of
from openwop.transports._tls import authorities
from openwop.wire import (
    AsyncOpenResponse,
    ConnectError,
    Headers,
    Request,
    TransportError,
    TransportTimeout,
    UnusableTransportError,
)

if TYPE_CHECKING:
    import aiohttp

__all__ = ["AiohttpTransport"]

_KEEPALIVE: Final = 30.0
_SKIPPED: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_MAX_PROXIES: Final = 256
_LARGE: Final = 65536


class _Progress:
    """How far an exchange has come: whether it has its connection, and which."""

    __slots__ = ("connection",)

    def __init__(self) -> None:
        self.connection: asyncio.WriteTransport | None = None


_progress: ContextVar[_Progress | None] = ContextVar("_progress", default=None)


class AiohttpTransport:
    """Sends requests with aiohttp, on asyncio only: the faster choice for many calls at once.

    It does what `AsyncHttpxTransport` does, several times as often in a second.  The time bounds of
    a request hold by the wall clock.  A ready session is left open when this transport is closed
    and is never trusted with redirects; of one, a request that timed out counts as sent.

    Args:
        session: A ready `aiohttp.ClientSession`; with it, no other argument is taken.
        verify: True to verify certificates, False not to, or an `ssl.SSLContext` of your own; one
            with a client certificate loaded gives mutual TLS.
        proxy: A proxy URL, `http` or `https`; by default those of the environment are honoured.
        trust_env: Whether `HTTP_PROXY`, `SSL_CERT_FILE` and the like are honoured.
        max_connections: The most connections at a time; every open stream holds one.

    Raises:
        ImportError: aiohttp is not installed.
        TypeError: *session* is of another kind, or came with other arguments.
        ValueError: The proxy is no URL that can be used.
    """

    keeps_bounds = True
    """Tells a client that it need not watch over the bounds of a request itself."""

    def __init__(
        self,
        session: aiohttp.ClientSession | None = None,
        *,
        verify: bool | ssl.SSLContext = True,
        proxy: str | None = None,
        trust_env: bool = True,
        max_connections: int = 10_000,
    ) -> None:
        library = self._library = need("aiohttp", "AiohttpTransport")
        self._owned = session is None
        self._session: Any = session
        if session is not None:
            if not isinstance(session, library.ClientSession):
                kind = type(session).__name__
                msg = f"AiohttpTransport takes an aiohttp.ClientSession, not a {kind}"
                raise TypeError(msg)
            if (verify, proxy, trust_env, max_connections) != (True, None, True, 10_000):
                msg = "a ready session has its own settings, so no others can be given with it"
                raise TypeError(msg)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._verify: Any = verify
        self._trust_env = trust_env
        self._limit = max_connections
        self._proxies = Proxies(proxy, trust_env=trust_env)
        self._ways: dict[str, tuple[str, str]] = {}
        self._unbounded = library.ClientTimeout(total=None, sock_connect=None)

    def _ready_session(self) -> Any:
        """Return the session of the running loop, which is made where there is none yet."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            msg = (
                "AiohttpTransport runs on asyncio only, and the running event loop is another; "
                "leave transport= out to send with httpx, on trio as well"
            )
            raise UnusableTransportError(msg) from None
        if self._owned and loop is not self._loop:
            library = self._library
            self._session = library.ClientSession(
                connector=_connector_class()(limit=self._limit, keepalive_timeout=_KEEPALIVE),
                cookie_jar=library.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=_SKIPPED,
                timeout=self._unbounded,
                trust_env=False,
            )
            # It would send an idempotent request again, of which only the client decides.
            self._session._retry_connection = False  # noqa: SLF001
            self._loop = loop
        return self._session

    async def send(self, request: Request) -> AsyncOpenResponse:
        """Send *request* and return the head of the answer with its body still open.

        Args:
            request: The request.

        Raises:
            ConnectError: No connection could be made.
            TransportTimeout: A bound of `Request.timeouts` was reached.
            TransportError: The exchange broke in any other way.
            UnusableTransportError: The running event loop is not asyncio's.
        """
        session = self._ready_session()
        head, total = bounds_of(request)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        head_at = None if head is None else begun + head
        progress = _Progress()
        token = _progress.set(progress)
        try:
            async with asyncio.timeout_at(head_at):
                response = await self._response(session, request)
        except BaseException as exc:
            if progress.connection is not None:
                # aiohttp closes it, which waits for the host to take what was not sent yet.
                progress.connection.abort()
            if not isinstance(exc, Exception):
                raise
            sent = progress.connection is not None if self._owned else None
            raise _translated(exc, sent) from exc
        finally:
            _progress.reset(token)
        until, silence = head_at, None
        if not is_whole(request, response.status):
            until = None if total is None else begun + total
            silence = request.timeouts.idle
        headers = Headers([(str(k, "latin-1"), str(v, "latin-1")) for k, v in response.raw_headers])
        body = _Body(response, until, silence)
        return AsyncOpenResponse(response.status, headers, body, request.url)

    async def _response(self, session: Any, request: Request) -> Any:
        headers = list(request.headers.items_raw())
        if "accept-encoding" not in request.headers:
            headers.append(("Accept-Encoding", ENCODINGS))
        more: dict[str, Any] = {}
        if self._owned:
            proxy, authorization = self._way(request.url)
            if request.url.startswith("https:"):
                more["ssl"] = await self._context()
            if proxy:
                more["proxy"] = proxy
                if authorization:
                    credential = {"Proxy-Authorization": authorization}
                    more["proxy_headers"] = credential
                    if not request.url.startswith("https:"):
                        headers.extend(credential.items())
        else:
            more.update(auto_decompress=False, timeout=self._unbounded)
            more["skip_auto_headers"] = () if request.body is None else ("Content-Type",)
        body: Any = request.body
        if body is not None and len(body) > _LARGE:
            headers.append(("Content-Length", str(len(body))))
            body = _pieces(body)  # as one piece it would keep the loop from all else
        return await session.request(
            request.method,
            _url(request.url),
            data=body,
            headers=headers,
            allow_redirects=False,
            **more,
        )

    def _way(self, url: str) -> tuple[str, str]:
        """Return the proxy to the origin of *url* and what it asks for; empty where there is none.

        Raises:
            ValueError: The URL is none.
        """
        scheme, _, rest = url.partition("://")
        origin = f"{scheme}://{rest.partition('/')[0].partition('?')[0]}"
        found = self._ways.get(origin)
        if found is None:
            parts = urlsplit(origin)
            if parts.username is not None:
                msg = "a user name in the URL"
                raise ValueError(msg)
            found = authorization_of(self._proxies.proxy_of(scheme, parts.netloc))
            if len(self._ways) >= _MAX_PROXIES:
                self._ways.clear()
            self._ways[origin] = found
        return found

    async def _context(self) -> Any:
        """Return what certificates are verified by; the authorities are read beside the loop."""
        if self._verify is True:
            self._verify = await asyncio.to_thread(authorities, trust_env=self._trust_env)
        return self._verify

    async def aclose(self) -> None:
        """Close the connections; a ready session is left open."""
        if self._owned and self._session is not None:
            await self._session.close()
            await asyncio.sleep(0)  # the loop closes what was aborted in its next turn


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), _LARGE):
        yield body[start : start + _LARGE]


@lru_cache(maxsize=512)
def _url(text: str) -> Any:
    """Return the parsed URL, as it is escaped already."""
    from yarl import URL

    return URL(text, encoded=True)


@lru_cache(maxsize=1)
def _connector_class() -> Any:
    """Return aiohttp's connector, which notes when an exchange has got its connection."""
    import aiohttp

    class Connector(aiohttp.TCPConnector):
        async def connect(self, *args: Any, **more: Any) -> Any:
            connection = await super().connect(*args, **more)
            progress = _progress.get()
            if progress is not None:
                progress.connection = connection.transport
            return connection

    return Connector


class _Body:
    """The open body of an answer."""

    def __init__(self, response: Any, until: float | None, silence: float | None) -> None:
        self._response = response
        self._until = until
        self._silence = silence
        self._ended = False
        encoding = response.headers.get("Content-Encoding", "").strip().lower()
        self._inflater = Inflater() if encoding in {"gzip", "x-gzip", "deflate"} else None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        inflater = self._inflater
        while True:
            chunk = b""
            if inflater is None or not inflater.waiting:
                chunk = await self._next()
            if inflater is not None:
                chunk = inflater.feed(chunk)
            if chunk:
                return chunk

    async def _next(self) -> bytes:
        content = self._response.content
        chunk: bytes
        try:
            if self._ended:
                chunk = b""
            elif content.is_eof():  # all that there is has arrived: nothing to wait for
                chunk = content.read_nowait()
                self._ended = True
            else:
                async with asyncio.timeout_at(self._bound()):
                    chunk = await content.readany()
        except Exception as exc:
            raise _translated(exc, sent=True) from exc
        if chunk:
            return chunk
        if self._inflater is not None:
            self._inflater.end()
        raise StopAsyncIteration

    def _bound(self) -> float | None:
        """Return until when the next read may take, by the clock of the loop."""
        if self._silence is None:
            return self._until
        silent = asyncio.get_running_loop().time() + self._silence
        return silent if self._until is None else min(self._until, silent)

    async def aclose(self) -> None:
        if not self._response.closed:
            self._response.close()
            await asyncio.sleep(0)  # in whose turn the loop closes the socket


def _translated(exc: Exception, sent: bool | None) -> TransportError:
    """Return what *exc* is in our three words.

    Args:
        exc: What it raised.
        sent: Whether a connection was there; None where that is not known.
    """
    import aiohttp

    if isinstance(exc, TransportError):
        return exc
    if isinstance(exc, TimeoutError) and not isinstance(exc, aiohttp.ClientConnectorError):
        if sent is False:
            return TransportTimeout("timed out while connecting", sent=False)
        return TransportTimeout("timed out")
    if isinstance(exc, aiohttp.ClientConnectorError):
        reason = exc.__cause__ or exc  # what it says itself names the host once more
        return ConnectError(str(reason) or type(reason).__name__)
    if isinstance(exc, aiohttp.ClientHttpProxyError):
        return ConnectError(f"the proxy refused to connect: {exc.status} {exc.message}")
    if isinstance(exc, (ValueError, aiohttp.InvalidURL)) and not isinstance(exc, OSError):
        # Their messages quote what was to be sent, and that may be a secret.
        return TransportError("the request is not valid HTTP", sent=False)
    if isinstance(exc, aiohttp.ClientResponseError):
        return TransportError(f"the answer is no HTTP: {str(exc.message).partition(chr(10))[0]}")
    text = str(exc) or type(exc).__name__
    return ConnectError(text) if sent is False else TransportError(text)
