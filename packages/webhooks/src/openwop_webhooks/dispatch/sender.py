"""Posting to a judged address: HTTP/1.1 over the standard library, with one bound on all of it.

An HTTP library resolves names itself, which is what the guard must prevent; so the connection is
made here, to an address that was judged, while TLS still checks the certificate against the name.
Nothing is retried, nothing is redirected, and a sender that answers a byte at a time gains nothing.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import io
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeAlias, cast

import anyio.to_thread
import attrs

from .egress import Target

__all__ = [
    "AsyncSender",
    "Outcome",
    "PinnedSender",
    "Post",
    "Sender",
    "ThreadedSender",
]

_LARGEST_ANSWER = 64 * 1024


@attrs.frozen
class Post:
    """One request to send.

    Attributes:
        target: Where to send it; its addresses are the only ones to connect to.
        headers: Every header but `Host` and `Content-Length`.
        body: The bytes to send.
        timeout: How long it may take until the answer is read, in seconds.
        reads_body: Whether the body of the answer is of interest.
    """

    target: Target
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    timeout: float = 5.0
    reads_body: bool = False


@attrs.frozen
class Outcome:
    """What an endpoint answered.

    Attributes:
        status: The HTTP status.
        body: The body, where it was asked for, up to 64 KiB.
    """

    status: int
    body: bytes = attrs.field(default=b"", repr=False)


class Sender(Protocol):
    """Sends one request; any exception means that no answer came."""

    def send(self, post: Post) -> Outcome:
        """Send *post* to one of its addresses and return the answer, following no redirect."""
        ...


class AsyncSender(Protocol):
    """The asynchronous twin of `Sender`."""

    async def send(self, post: Post) -> Outcome:
        """Send *post* to one of its addresses and return the answer, following no redirect."""
        ...


Connect: TypeAlias = Callable[[tuple[str, int], float], socket.socket]


def _connect(address: tuple[str, int], timeout: float) -> socket.socket:
    return socket.create_connection(address, timeout)


class PinnedSender:
    """Sends over a fresh connection to an address that was judged.

    Args:
        ssl_context: How certificates are checked; the system's authorities by default.
        connect: Opens a TCP connection to an address; for tests and proxies.
        clock: Seconds since some fixed instant.
    """

    def __init__(
        self,
        *,
        ssl_context: ssl.SSLContext | None = None,
        connect: Connect = _connect,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ssl = ssl_context
        self._connect = connect
        self._clock = clock

    def send(self, post: Post) -> Outcome:
        """Send *post* and return the answer.

        Raises:
            OSError: No connection, a broken one, or no answer in time.
            http.client.HTTPException: The answer is not HTTP.
        """
        until = self._clock() + post.timeout
        left = functools.partial(self._left, until)
        with contextlib.closing(self._open(post.target, left)) as connection:
            connection.settimeout(left())
            connection.sendall(_request(post))
            response = http.client.HTTPResponse(
                cast("Any", _Reader(connection, left)), method="POST"
            )
            with contextlib.closing(response):
                response.begin()
                body = response.read(_LARGEST_ANSWER) if post.reads_body else b""
                return Outcome(response.status, body)

    def _left(self, until: float) -> float:
        left = until - self._clock()
        if left <= 0:
            raise TimeoutError("the endpoint took too long")
        return left

    def _open(self, target: Target, left: Callable[[], float]) -> socket.socket:
        failure: OSError = OSError("the target has no judged address")
        for address in target.addresses:
            try:
                plain = self._connect((address, target.port), left())
            except TimeoutError:
                raise
            except OSError as error:
                failure = error
                continue
            try:
                return self._secure(plain, target, left)
            except BaseException:
                plain.close()
                raise
        raise failure

    def _secure(
        self, plain: socket.socket, target: Target, left: Callable[[], float]
    ) -> socket.socket:
        if target.scheme != "https":
            return plain
        if self._ssl is None:
            self._ssl = ssl.create_default_context()
        plain.settimeout(left())
        return self._ssl.wrap_socket(plain, server_hostname=target.host)


class ThreadedSender:
    """Makes a `Sender` asynchronous by running it in threads.

    Args:
        sender: What sends.
    """

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def send(self, post: Post) -> Outcome:
        """Send *post* in a thread; cancellation leaves the thread to its time-out."""
        return await anyio.to_thread.run_sync(self._sender.send, post, abandon_on_cancel=True)


class _Reader(io.RawIOBase):
    """Reads from a socket, giving each read no more than the time that is left of the whole."""

    def __init__(self, connection: socket.socket, left: Callable[[], float]) -> None:
        self._connection = connection
        self._left = left

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return this as the file that `http.client` reads responses from."""
        del mode
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        self._connection.settimeout(self._left())
        return self._connection.recv_into(buffer)


def _request(post: Post) -> bytes:
    target = post.target
    headers = {
        "Host": target.authority,
        **post.headers,
        "Content-Length": str(len(post.body)),
        "Connection": "close",
    }
    for name, value in headers.items():
        if not (name + value).isprintable():
            raise ValueError(f"the value of {name} cannot be sent")
    lines = [
        f"POST {target.path} HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + post.body
