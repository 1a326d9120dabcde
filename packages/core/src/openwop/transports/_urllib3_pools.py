"""Connections of urllib3's that end in time, and what chooses between proxies.

urllib3 stands on `http.client`, which bounds each read of a socket but not the whole of an answer,
and which reads the head of an answer with a parser for mail.  The connections here bound every read
and write by what is left of the exchange, know whether anything of it was sent, and read a head in
a fraction of the time.
"""

from __future__ import annotations

import http.client
import io
import re
import socket
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from urllib3 import (
    HTTPConnectionPool,
    HTTPHeaderDict,
    HTTPSConnectionPool,
    PoolManager,
    ProxyManager,
)
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse
from urllib3.util import parse_url

from openwop.transports._proxies import Proxies, authorization_of

if TYPE_CHECKING:
    import ssl

__all__ = ["EXCHANGE", "Pools"]

_SLICE: Final = 65536
_MAX_LINE: Final = 65536
_MAX_HEADERS: Final = 256
_MAX_INTERIM: Final = 32
_MAX_POOLS: Final = 64
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
_TARGET: Final = re.compile(r"[!-~]+").fullmatch
_CONTROL: Final = re.compile(r"[\0-\x08\n-\x1f\x7f]").search
_LEEWAY: Final = 0.005
"""Seconds by which a bound may be late; to set it anew for less takes a system call each time."""

_KEEPALIVE: Final = 30.0
"""Seconds after which an idle connection is not used again: a host may close it any moment."""


class Exchange(threading.local):
    """What the current thread's I/O is bounded by, and what became of it.

    Attributes:
        until: Until when it may take, in `time.monotonic` seconds.
        silence: The longest wait for one read, in seconds.
        sent: Whether anything of the request left this machine.
        sock: The socket that the answer comes from.
    """

    until: float | None = None
    silence: float | None = None
    sent: bool = False
    sock: socket.socket | None = None

    def left(self) -> float | None:
        """Return how long the next step may take.

        Raises:
            TimeoutError: The time is over.
        """
        if self.until is None:
            return self.silence
        left = self.until - time.monotonic()
        if left <= 0:
            msg = "the time for the whole exchange is over"
            raise TimeoutError(msg)
        return left if self.silence is None else min(left, self.silence)


EXCHANGE: Final = Exchange()


def _bound(sock: socket.socket) -> None:
    """Bound the next step of *sock*, unless it is bounded as well as that already."""
    left, bound = EXCHANGE.left(), sock.gettimeout()
    if left is None or bound is None or not left <= bound <= left + _LEEWAY:
        sock.settimeout(left)


def _head(method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    """Return the head of a request (RFC 9112, sections 3 and 5).

    Raises:
        ValueError: A part of it would not stay in its place.
    """
    lines = [f"{method} {target} HTTP/1.1\r\n"]
    valid = _TOKEN(method) is not None and _TARGET(target) is not None
    for name, value in headers.items():
        valid = valid and _TOKEN(name) is not None and _CONTROL(value) is None
        lines.append(f"{name}: {value}\r\n")
    if body is not None or method in {"POST", "PUT", "PATCH"}:
        lines.append(f"Content-Length: {len(body or b'')}\r\n")
    if not valid:
        msg = "the request is not valid HTTP"
        raise ValueError(msg)
    lines.append("\r\n")
    return "".join(lines).encode("latin-1")


class _Incoming(io.RawIOBase):
    """The receiving side of a socket, each read bounded by what the thread's exchange has left."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__()
        self._sock = sock
        # The socket's own file keeps it open until this one is closed as well.
        self._file = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        _bound(self._sock)
        return self._sock.recv_into(buffer)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


class _Source:
    """What `http.client` opens the file of an answer on."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def makefile(self, _mode: str) -> io.BufferedReader:
        EXCHANGE.sock = self._sock
        return io.BufferedReader(_Incoming(self._sock))


class _Answer(http.client.HTTPResponse):
    """An answer whose head is read without the parser for mail (RFC 9112, sections 4 to 6)."""

    def __init__(self, sock: socket.socket, *args: Any, **more: Any) -> None:
        super().__init__(cast("socket.socket", _Source(sock)), *args, **more)

    def begin(self) -> None:
        version, status, reason = self._status_line()
        for _ in range(_MAX_INTERIM):
            if not 100 <= status < 200 or status == http.client.SWITCHING_PROTOCOLS:
                break
            self._fields()
            version, status, reason = self._status_line()
        else:
            raise http.client.HTTPException("the answer does not begin")
        self.code = self.status = status
        self.reason = reason.strip()
        self.version = 10 if version == "HTTP/1.0" else 11
        fields = self._fields()
        self.headers = self.msg = cast("http.client.HTTPMessage", fields)
        self.chunked = fields.get("transfer-encoding", "").strip().lower() == "chunked"
        self.chunk_left = None
        tokens = fields.get("connection", "").lower()
        self.will_close = "close" in tokens or (self.version == 10 and "keep-alive" not in tokens)
        self.length = None if self.chunked else _length_of(fields)
        if status in {204, 304} or status < 200 or cast("Any", self)._method == "HEAD":  # noqa: SLF001
            self.length = 0
        elif self.length is None and not self.chunked:
            self.will_close = True

    def _line(self) -> bytes:
        line = self.fp.readline(_MAX_LINE + 1)
        if len(line) > _MAX_LINE:
            raise http.client.LineTooLong("header line")
        return line

    def _status_line(self) -> tuple[str, int, str]:
        line = self._line()
        if not line:
            raise http.client.RemoteDisconnected("the host closed the connection without an answer")
        version, _, rest = str(line, "latin-1").strip().partition(" ")
        code, _, reason = rest.lstrip().partition(" ")
        if not version.startswith("HTTP/1.") or len(code) != 3 or not code.isdecimal():
            raise http.client.BadStatusLine("no status line of HTTP/1")
        return version, int(code), reason

    def _fields(self) -> HTTPHeaderDict:
        fields = HTTPHeaderDict()
        name = value = ""
        for _ in range(_MAX_HEADERS):
            line = self._line()
            if not line.endswith(b"\n"):
                raise http.client.IncompleteRead(line)
            text = str(line, "latin-1")
            if text[0] in " \t" and name:  # an obsolete way to go on with the line before
                value = f"{value} {text.strip()}"
                continue
            if name:
                fields.add(name, value)
            if text in {"\r\n", "\n"}:
                return fields
            name, colon, value = text.partition(":")
            if not colon or not name or name != name.strip():
                raise http.client.HTTPException("a line of the head is no header")
            value = value.strip()
        msg = f"the head has more than {_MAX_HEADERS} headers"
        raise http.client.HTTPException(msg)


def _length_of(fields: HTTPHeaderDict) -> int | None:
    text = fields.get("content-length")
    if text is None:
        return None
    lengths = {part.strip() for part in text.split(",")}
    length = lengths.pop()
    if lengths or not (length.isascii() and length.isdigit()):
        raise http.client.HTTPException("the length of the body is no number")
    return int(length)


class _Bounded(HTTPConnection):
    """A connection whose every step is bounded, and which is not kept for long."""

    response_class = _Answer  # of what a proxy answers to CONNECT
    _asked: tuple[str, str] = ("GET", "/")
    _used = 0.0

    @property
    def is_connected(self) -> bool:
        return time.monotonic() - self._used < _KEEPALIVE and super().is_connected

    def _new_conn(self) -> socket.socket:
        self.timeout = EXCHANGE.left()
        sock = super()._new_conn()
        sock.settimeout(EXCHANGE.left())
        return sock

    def connect(self) -> None:
        try:
            super().connect()
        finally:
            EXCHANGE.sent = False  # what a proxy was asked is not the request

    def request(
        self, method: str, url: str, body: Any = None, headers: Any = None, **_more: Any
    ) -> None:
        self._asked = method, url
        self._used = time.monotonic()
        head = _head(method, url, headers, body)
        if self.sock is None:
            self.connect()
        if body and len(body) > _SLICE:
            self.send(head)
            self.send(body)
        else:
            self.send(head + body if body else head)

    def send(self, data: Any) -> None:
        EXCHANGE.sent = True
        # In slices, since over TLS a slow reader gets the bound anew with each part it takes.
        for start in range(0, len(data), _SLICE):
            _bound(self.sock)
            self.sock.sendall(data[start : start + _SLICE])

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3's own does
        method, url = self._asked
        raw = _Answer(self.sock, method=method)
        try:
            raw.begin()
        except BaseException:
            raw.close()
            raise
        if raw.will_close:
            self.close()  # the answer holds its socket
        return HTTPResponse(
            body=cast("Any", raw),
            headers=cast("Any", raw.headers),
            status=raw.status,
            version=raw.version,
            reason=raw.reason,
            preload_content=False,
            decode_content=False,
            original_response=raw,
            request_method=method,
            request_url=url,
        )


class _BoundedTLS(_Bounded, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = cast("Any", _Bounded)


class _PoolTLS(HTTPSConnectionPool):
    ConnectionCls = cast("Any", _BoundedTLS)


class Pools:
    """The pools of one transport, by origin, behind the proxy that belongs to each.

    Args:
        verify: What certificates are verified by: a context, or a function that returns one when
            the first host behind TLS is met.
        proxy: A proxy URL for all.
        trust_env: Whether the proxies of the environment count.
        most: The most connections to one origin at a time.

    Raises:
        ValueError: A proxy is no URL that can be used.
    """

    def __init__(self, verify: Any, proxy: str | None, *, trust_env: bool, most: int) -> None:
        self._verify = verify
        self._most = most
        self._lock = threading.Lock()
        self._found: dict[str, tuple[HTTPConnectionPool, bool]] = {}
        self._managers: dict[str, PoolManager] = {}
        self._proxies = Proxies(proxy, trust_env=trust_env)

    def pool_of(self, scheme: str, authority: str) -> tuple[HTTPConnectionPool, bool]:
        """Return the pool of an origin, and whether requests to it name the whole URL.

        Raises:
            HTTPError: The origin is none.
            SSLError: The certificates of the authorities cannot be read.
        """
        key = f"{scheme}://{authority}"
        found = self._found.get(key)
        if found is None:
            with self._lock:
                if len(self._found) >= _MAX_POOLS:
                    self._clear()
                found = self._found[key] = self._made(key, scheme)
        return found

    def _made(self, key: str, scheme: str) -> tuple[HTTPConnectionPool, bool]:
        parts = parse_url(key)
        if scheme not in {"http", "https"} or not parts.host or parts.auth:
            msg = "no origin that can be asked"
            raise HTTPError(msg)
        proxy = self._proxies.proxy_of(scheme, parts.netloc or parts.host)
        manager = self._managers.get(f"{scheme} {proxy}")
        if manager is None:
            manager = self._managers[f"{scheme} {proxy}"] = self._manager(scheme, proxy)
        pool = manager.connection_from_host(parts.host, parts.port, scheme)
        return pool, bool(proxy) and scheme == "http"

    def _manager(self, scheme: str, proxy: str) -> PoolManager:
        settings: dict[str, Any] = {
            "num_pools": _MAX_POOLS,
            "maxsize": self._most,
            "block": True,
        }
        if scheme == "https":
            settings["ssl_context"] = self._context()
        if proxy:
            bare, authorization = authorization_of(proxy)
            manager: PoolManager = ProxyManager(
                bare,
                proxy_headers={"Proxy-Authorization": authorization} if authorization else None,
                proxy_ssl_context=self._context() if proxy.startswith("https:") else None,
                **settings,
            )
        else:
            manager = PoolManager(**settings)
        classes: dict[str, Any] = {"http": _Pool, "https": _PoolTLS}
        manager.pool_classes_by_scheme = classes
        return manager

    def _context(self) -> ssl.SSLContext:
        return cast("ssl.SSLContext", self._verify() if callable(self._verify) else self._verify)

    def _clear(self) -> None:
        self._found.clear()
        for manager in self._managers.values():
            manager.clear()

    def close(self) -> None:
        """Close every connection that nobody uses."""
        with self._lock:
            self._clear()
