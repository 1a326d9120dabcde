"""A server on a real socket that misbehaves on request, and every transport before it."""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.util
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import pytest

from openwop.transports import (
    AiohttpTransport,
    AsyncHttpxTransport,
    HttpxTransport,
    Urllib3Transport,
)
from openwop.wire import Request, TransportError

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BOUND = 2.0
"""What a bound of a third of a second may take at most; a host that trickles would take 14."""
CONTEXT = ssl.create_default_context()
"""Making one takes longer than most of these tests."""


class Connection:
    """One accepted connection, read by bytes."""

    def __init__(self, sock: socket.socket, over: threading.Event) -> None:
        self.sock = sock
        self.over = over
        self.buffer = b""

    def request(self) -> tuple[str, dict[str, str], bytes] | None:
        """Read one request: its first line, its headers in lower case, its body."""
        while b"\r\n\r\n" not in self.buffer:
            data = self.sock.recv(65536)
            if not data:
                return None
            self.buffer += data
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
        length = int(headers.get("content-length", 0))
        while len(self.buffer) < length:
            self.buffer += self.sock.recv(65536)
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return first, headers, body

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def trickle(self, data: bytes, seconds: float = 14.0) -> None:
        """Send a byte at a time, over *seconds*."""
        for byte in data:
            self.send(bytes([byte]))
            if self.over.wait(seconds / len(data)):
                return

    def hang(self) -> None:
        self.over.wait(30)

    def reset(self) -> None:
        """Close with an RST in place of a FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.sock.close()


class Server:
    """A server that plays a function for each connection, on a thread of its own."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.play: Callable[[Connection], None] = self.always(OK)
        self.seen: list[tuple[str, dict[str, str], bytes]] = []
        self.connections = 0
        self.over = threading.Event()
        self.open: list[socket.socket] = []
        self.threads: list[threading.Thread] = []
        self.context = context
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        scheme = "http" if context is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self._start(self._accept)

    def _start(self, work: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self.threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self.listener.accept()
                self.connections += 1
                self.open.append(sock)
                self._start(self._serve, sock)

    def _serve(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            if self.context is not None:
                sock = self.context.wrap_socket(sock, server_side=True)
                self.open.append(sock)
            with sock:
                connection = Connection(sock, self.over)
                connection.request = self._recorded(connection.request)  # type: ignore[method-assign]
                self.play(connection)

    def _recorded(self, read: Callable[[], Any]) -> Callable[[], Any]:
        def request() -> Any:
            found = read()
            if found is not None:
                self.seen.append(found)
            return found

        return request

    @staticmethod
    def always(*parts: bytes) -> Callable[[Connection], None]:
        """Answer every request of a connection with the same bytes."""

        def play(connection: Connection) -> None:
            while connection.request() is not None:
                for part in parts:
                    connection.send(part)

        return play

    @staticmethod
    def once(*parts: bytes) -> Callable[[Connection], None]:
        """Answer one request and close."""

        def play(connection: Connection) -> None:
            connection.request()
            for part in parts:
                connection.send(part)

        return play

    def get(self, **more: Any) -> Request:
        return Request("GET", f"{self.url}/a?b=c%20d", {"X-Test": "1"}, **more)

    def close(self) -> None:
        self.over.set()
        # A thread that waits in accept() is not woken by close().
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for sock in self.open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        for thread in self.threads:
            thread.join(5)
            assert not thread.is_alive()


@pytest.fixture
def make_server() -> type[Server]:
    """The maker of servers, for those behind TLS."""
    return Server


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine's own proxies and certificates are none of these tests' business."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def library(name: str) -> Any:
    if importlib.util.find_spec(name) is None:
        pytest.skip(f"{name} is not installed")
    return importlib.import_module(name)


class Sender:
    """One transport of one colour, and how to use it."""

    def __init__(self, colour: str, name: str, *, ready: bool = False) -> None:
        self.colour = colour
        self.is_async = colour != "sync"
        self.name = name
        self.ready = ready
        self.collecting = 0.0

    def __repr__(self) -> str:
        return f"{self.colour}-{self.name}{'-ready' if self.ready else ''}"

    def make(self, **settings: Any) -> Any:
        module = library(self.name)
        if self.name == "urllib3":
            settings.setdefault("verify", CONTEXT)
            if self.ready:
                return Urllib3Transport(module.PoolManager(ssl_context=CONTEXT))
            return Urllib3Transport(**settings)
        if self.name == "aiohttp":
            settings.setdefault("verify", CONTEXT)
            if self.ready:
                return AiohttpTransport(module.ClientSession())
            return AiohttpTransport(**settings)
        kind: Any = AsyncHttpxTransport if self.is_async else HttpxTransport
        settings.setdefault("verify", CONTEXT)
        if self.ready:
            client = (module.AsyncClient if self.is_async else module.Client)(
                follow_redirects=True, timeout=None, **settings
            )
            return kind(client)
        return kind(library=self.name, **settings)

    @property
    def broken(self) -> type[Exception]:
        """What the library calls an answer that breaks off."""
        if self.name == "urllib3":
            return importlib.import_module("urllib3.exceptions").ProtocolError
        if self.name == "aiohttp":
            return importlib.import_module("aiohttp").ClientPayloadError
        return importlib.import_module(self.name).RemoteProtocolError

    def is_open(self, transport: Any) -> bool:
        """Whether the library's client still has its connections."""
        if self.name == "aiohttp":
            return not transport._session.closed
        if self.name != "urllib3":
            return not transport._client.is_closed
        if self.ready:
            return len(transport._manager.pools) > 0
        return bool(transport._pools._found)

    def run(self, work: Callable[[Any], Any], **settings: Any) -> Any:
        """Call *work* with a transport, on its loop, and close it afterwards."""

        async def run_async() -> Any:
            transport = self.make(**settings)
            try:
                return await work(transport)
            finally:
                await transport.aclose()
                if self.ready:
                    own = self.name == "aiohttp" and transport._session.close
                    await (own or transport._client.aclose)()
                if self.colour == "trio":
                    # trio reports what was left half-way when it is collected.  In a long run of
                    # tests that takes seconds, which are not the transport's.
                    begun = time.monotonic()
                    gc.collect()
                    self.collecting += time.monotonic() - begun

        if self.is_async:
            return anyio.run(run_async, backend=self.colour)
        transport = self.make(**settings)
        try:
            return work(transport)
        finally:
            transport.close()
            if self.ready:
                closed = transport._manager.clear if self.name == "urllib3" else None
                (closed or transport._client.close)()

    def send(self, *requests: Request, chunks: int | None = None, **settings: Any) -> Any:
        """Send *requests* one after the other; return status, headers and body of the last.

        At most *chunks* chunks of each body are read.
        """

        async def send_async(transport: Any) -> Any:
            found: Any = None
            for request in requests:
                opened = await transport.send(request)
                parts: list[bytes] = []
                try:
                    async for chunk in opened.body:
                        parts.append(chunk)
                        if len(parts) == chunks:
                            break
                finally:
                    await opened.aclose()
                found = (opened.status_code, opened.headers, b"".join(parts))
            return found

        def send(transport: Any) -> Any:
            found: Any = None
            for request in requests:
                opened = transport.send(request)
                parts: list[bytes] = []
                try:
                    for chunk in opened.body:
                        parts.append(chunk)
                        if len(parts) == chunks:
                            break
                finally:
                    opened.close()
                found = (opened.status_code, opened.headers, b"".join(parts))
            return found

        return self.run(send_async if self.is_async else send, **settings)

    def fails(self, request: Request, cls: type[TransportError], **settings: Any) -> Any:
        """Send *request*, which must fail with exactly *cls* within its time."""
        self.collecting = 0.0
        begun = time.monotonic()
        with pytest.raises(TransportError) as caught:
            self.send(request, **settings)
        assert time.monotonic() - begun - self.collecting < BOUND
        assert type(caught.value) is cls, repr(caught.value)
        return caught.value


COLOURS = ("sync", "asyncio", "trio")
OWN = [Sender(colour, name) for colour in COLOURS for name in ("httpx", "httpx2")]
OWN += [Sender("sync", "urllib3"), Sender("asyncio", "aiohttp")]
READY = [Sender(colour, name, ready=True) for colour in COLOURS for name in ("httpx", "httpx2")]
READY += [Sender("sync", "urllib3", ready=True), Sender("asyncio", "aiohttp", ready=True)]
ONE_EACH = [Sender("sync", "httpx"), Sender("asyncio", "httpx"), Sender("trio", "httpx2")]
ONE_EACH += [Sender("sync", "urllib3"), Sender("asyncio", "aiohttp")]
TIMED = [Sender("sync", "httpx"), Sender("sync", "httpx2"), *ONE_EACH[1:]]
TIMED_READY = [
    Sender("sync", "httpx", ready=True),
    Sender("asyncio", "httpx2", ready=True),
    Sender("trio", "httpx", ready=True),
]


@pytest.fixture
def make_sender() -> type[Sender]:
    """The maker of senders, for tests of one of them."""
    return Sender


@pytest.fixture(params=OWN + READY, ids=repr)
def sender(request: pytest.FixtureRequest) -> Sender:
    """Each transport, on each library, in each colour, its own client and a ready one."""
    return request.param


@pytest.fixture(params=OWN, ids=repr)
def own(request: pytest.FixtureRequest) -> Sender:
    """Each transport with a client of its own."""
    return request.param


@pytest.fixture(params=TIMED, ids=repr)
def timed_own(request: pytest.FixtureRequest) -> Sender:
    """Each transport with a client of its own, for what takes its time."""
    return request.param


@pytest.fixture(params=TIMED + TIMED_READY, ids=repr)
def timed(request: pytest.FixtureRequest) -> Sender:
    """Each transport, for what takes its time."""
    return request.param


@pytest.fixture(params=[each for each in TIMED + TIMED_READY if each.is_async], ids=repr)
def timed_async(request: pytest.FixtureRequest) -> Sender:
    """Each asynchronous transport, for what takes its time."""
    return request.param


@pytest.fixture(params=ONE_EACH, ids=repr)
def some(request: pytest.FixtureRequest) -> Sender:
    """A transport of each colour, for what takes long."""
    return request.param
