"""A TCP proxy on a thread of its own that does to answers what a `Mischief` decides.

One request per connection, so that every request meets a fresh draw.  Streams are unpacked from
their chunks, treated frame by frame, and packed again; resets are real resets.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import AsyncIterator, Generator
from urllib.parse import urlsplit

from fire_mischief import Frames, Mischief, is_reorderable, refusal


@contextlib.contextmanager
def proxy(upstream: str, mischief: Mischief, *, stall: float = 30.0) -> Generator[str]:
    """Run a proxy before *upstream* and give its URL.

    Args:
        upstream: The URL of the host.
        mischief: What goes wrong.
        stall: Seconds that a stalled connection is held.
    """
    server = _Proxy(upstream, mischief, stall)
    thread = threading.Thread(target=lambda: asyncio.run(server.run()), name="fire-proxy")
    thread.start()
    if not server.ready.wait(10):
        raise RuntimeError("the proxy did not start")
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.stop()
        thread.join(10)


class _Proxy:
    def __init__(self, upstream: str, mischief: Mischief, stall: float) -> None:
        parts = urlsplit(upstream)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._mischief = mischief
        self._stall = stall
        self.port = 0
        self.ready = threading.Event()
        self._stopping: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        await self._stopping.wait()
        server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await server.wait_closed()

    def stop(self) -> None:
        if self._loop is not None and self._stopping is not None:
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(task)
            writer.close()
            with contextlib.suppress(Exception):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(_length(head))
        early = self._mischief.before()
        if early == "refuse":
            return _reset(writer)
        if early:
            status, headers, data = refusal(early)
            lines = [f"HTTP/1.1 {status} Busy", *(f"{k}: {v}" for k, v in headers.items())]
            lines += [f"Content-Length: {len(data)}", "Connection: close", "", ""]
            writer.write("\r\n".join(lines).encode() + data)
            await writer.drain()
            return None
        up_reader, up_writer = await asyncio.open_connection(self._host, self._port)
        try:
            first, _, rest = head.partition(b"\r\n")
            up_writer.write(first + b"\r\nConnection: close\r\n" + _without(rest, b"connection"))
            up_writer.write(body)
            await up_writer.drain()
            answer = await up_reader.readuntil(b"\r\n\r\n")
            if b"text/event-stream" in answer.lower():
                await self._stream(first.decode("latin-1"), answer, up_reader, writer)
            else:
                await self._whole(answer, await up_reader.read(), writer)
        finally:
            up_writer.close()
            with contextlib.suppress(Exception):
                await up_writer.wait_closed()
        return None

    async def _whole(self, head: bytes, body: bytes, writer: asyncio.StreamWriter) -> None:
        kind = self._mischief.after()
        if kind == "lose":
            return _reset(writer)
        if kind == "stall":
            await asyncio.sleep(self._stall)
            return _reset(writer)
        if kind == "delay":
            await asyncio.sleep(self._mischief.random.random() * 0.05)
        if kind == "truncate":
            writer.write(self._mischief.cut(head + body))
            await writer.drain()
            return _reset(writer)
        writer.write(head + body)
        await writer.drain()
        return None

    async def _stream(
        self, first: str, head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        frames = Frames(self._mischief, reorder=is_reorderable(first))
        slow = frames.kind == "delay"
        writer.write(head)
        async for chunk in _chunks(reader):
            if slow:
                await asyncio.sleep(self._mischief.random.random() * 0.02)
            data = frames.take(chunk)
            if data:
                writer.write(b"%x\r\n%s\r\n" % (len(data), data))
                await writer.drain()
            if frames.end == "reset":
                return _reset(writer)
            if frames.end == "stall":
                await asyncio.sleep(self._stall)
                return _reset(writer)
            if frames.end == "close":
                break
        data = frames.rest()
        if data:
            writer.write(b"%x\r\n%s\r\n" % (len(data), data))
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return None


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with a reset in place of a farewell."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """Yield the chunks of a chunked body; each is whole frames, since the host writes them so."""
    while True:
        size = int((await reader.readline()).split(b";")[0] or b"0", 16)
        if size == 0:
            return
        yield await reader.readexactly(size)
        await reader.readexactly(2)


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


def _without(head: bytes, unwanted: bytes) -> bytes:
    kept = [line for line in head.split(b"\r\n") if line.partition(b":")[0].lower() != unwanted]
    return b"\r\n".join(kept)
