"""A small HTTP/1.1 server that behaves, and misbehaves, as `transport_contract` asks by path."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import threading
from collections.abc import Callable, Generator
from typing import Any

import attrs

__all__ = ["ContractServer", "serve_contract"]


@attrs.define
class _Incoming:
    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


class ContractServer:
    """Answers on a local port until it is closed.

    Attributes:
        url: Where it is.
        requests: How many requests came in, by path.
        go: Lets `/held` send its second part.
        released: Set once the peer of `/endless` has gone away.
    """

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.requests: dict[str, int] = {}
        self.go = threading.Event()
        self.released = threading.Event()
        self._closed = threading.Event()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop listening, and drop every connection."""
        self._closed.set()
        self.go.set()
        self._socket.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)
        try:
            with connection, connection.makefile("rb") as reader:
                while not self._closed.is_set():
                    request = _read(reader)
                    if request is None:
                        return
                    self.requests[request.path] = self.requests.get(request.path, 0) + 1
                    if not self._answer(connection, request):
                        return
        except (OSError, ValueError):
            # The peer went away, or what it sent is no HTTP.
            return
        finally:
            with self._lock:
                self._open.discard(connection)

    def _answer(self, connection: socket.socket, request: _Incoming) -> bool:
        """Answer one request; return whether the connection goes on."""
        action = _ACTIONS.get(request.path, _echo)
        return action(self, connection, request)

    def wait(self, seconds: float) -> bool:
        """Wait without keeping a closed server alive; return whether it was closed."""
        return self._closed.wait(seconds)


def _read(reader: Any) -> _Incoming | None:
    line = reader.readline().decode("latin-1").strip()
    if not line:
        return None
    method, target, _ = line.split(" ", 2)
    headers: list[tuple[str, str]] = []
    while True:
        raw = reader.readline().decode("latin-1").rstrip("\r\n")
        if not raw:
            break
        name, _, value = raw.partition(":")
        headers.append((name, value.strip()))
    known = {name.lower(): value for name, value in headers}
    length = int(known.get("content-length", "0"))
    body = reader.read(length) if length else b""
    if known.get("transfer-encoding", "").lower() == "chunked":
        body = _read_chunks(reader)
    return _Incoming(method, target, headers, body)


def _read_chunks(reader: Any) -> bytes:
    parts: list[bytes] = []
    while size := int(reader.readline().strip() or b"0", 16):
        parts.append(reader.read(size))
        reader.readline()
    reader.readline()
    return b"".join(parts)


def _send(
    connection: socket.socket,
    status: str,
    body: bytes = b"",
    headers: tuple[tuple[str, str], ...] = (),
    *,
    length: int | None = None,
) -> None:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}"]
    lines += [f"{name}: {value}" for name, value in headers]
    connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + body)


def _echo(server: ContractServer, connection: socket.socket, request: _Incoming) -> bool:
    del server
    document = {
        "method": request.method,
        "target": request.target,
        "headers": request.headers,
        "body": request.body.decode("latin-1"),
    }
    media = (("Content-Type", "application/json"),)
    _send(connection, "200 OK", json.dumps(document).encode(), media)
    return True


def _status(status: str) -> Callable[..., bool]:
    def answer(server: ContractServer, connection: socket.socket, request: _Incoming) -> bool:
        del server, request
        _send(connection, status, status.encode(), (("Retry-After", "7"),))
        return True

    return answer


def _redirect(server: ContractServer, connection: socket.socket, request: _Incoming) -> bool:
    del request
    _send(connection, "307 Temporary Redirect", b"", (("Location", server.url + "/landed"),))
    return True


def _twice(server: ContractServer, connection: socket.socket, request: _Incoming) -> bool:
    del server, request
    _send(connection, "200 OK", b"x", (("X-Part", "one"), ("X-Part", "two")))
    return True


def _gzipped(server: ContractServer, connection: socket.socket, request: _Incoming) -> bool:
    del server, request
    _send(connection, "200 OK", gzip.compress(b"plain text"), (("Content-Encoding", "gzip"),))
    return True


def _large(server: ContractServer, connection: socket.socket, request: _Incoming) -> bool:
    del server, request
    _send(connection, "200 OK", b"0123456789abcdef" * 131_072)
    return True


def _chunk(connection: socket.socket, data: bytes) -> None:
    connection.sendall(f"{len(data):x}\r\n".encode() + data + b"\r\n")


def _begin(connection: socket.socket) -> None:
    head = (
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/event-stream\r\n\r\n"
    )
    connection.sendall(head.encode())


def _held(server: ContractServer, connection: socket.socket, request: _Incoming) -> bool:
    del request
    _begin(connection)
    _chunk(connection, b"first")
    server.go.wait(20)
    _chunk(connection, b"second")
    connection.sendall(b"0\r\n\r\n")
    return True


def _endless(server: ContractServer, connection: socket.socket, request: _Incoming) -> bool:
    del request
    _begin(connection)
    try:
        while not server.wait(0.01):
            _chunk(connection, b"tick")
    except OSError:
        pass
    server.released.set()
    return False


def _silent_body(server: ContractServer, connection: socket.socket, request: _Incoming) -> bool:
    del request
    _begin(connection)
    _chunk(connection, b"first")
    server.wait(5)
    return False


def _silent_head(server: ContractServer, connection: socket.socket, request: _Incoming) -> bool:
    del connection, request
    server.wait(5)
    return False


def _slow_head(server: ContractServer, connection: socket.socket, request: _Incoming) -> bool:
    del request
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-Long: " + b"x" * 400:
        connection.sendall(bytes([byte]))
        if server.wait(0.05):
            return False
    return False


def _slow_body(server: ContractServer, connection: socket.socket, request: _Incoming) -> bool:
    del request
    _send(connection, "200 OK", b"", length=400)
    for _ in range(400):
        connection.sendall(b"x")
        if server.wait(0.05):
            return False
    return False


def _vanish(server: ContractServer, connection: socket.socket, request: _Incoming) -> bool:
    del server, connection, request
    return False


def _short(server: ContractServer, connection: socket.socket, request: _Incoming) -> bool:
    del server, request
    _send(connection, "200 OK", b"half", length=100)
    return False


def _short_chunks(server: ContractServer, connection: socket.socket, request: _Incoming) -> bool:
    del server, request
    _begin(connection)
    _chunk(connection, b"half")
    return False


def _garbage(server: ContractServer, connection: socket.socket, request: _Incoming) -> bool:
    del server, request
    connection.sendall(b"this is no HTTP at all\r\n\r\n")
    return False


_ACTIONS: dict[str, Callable[[ContractServer, socket.socket, _Incoming], bool]] = {
    "/404": _status("404 Not Found"),
    "/503": _status("503 Service Unavailable"),
    "/redirect": _redirect,
    "/twice": _twice,
    "/gzipped": _gzipped,
    "/large": _large,
    "/held": _held,
    "/endless": _endless,
    "/silent-body": _silent_body,
    "/silent-head": _silent_head,
    "/slow-head": _slow_head,
    "/slow-body": _slow_body,
    "/vanish": _vanish,
    "/short": _short,
    "/short-chunks": _short_chunks,
    "/garbage": _garbage,
}


@contextlib.contextmanager
def serve_contract() -> Generator[ContractServer]:
    """Give a server for the time of a `with` block."""
    server = ContractServer()
    try:
        yield server
    finally:
        server.close()
