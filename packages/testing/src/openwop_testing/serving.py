"""Serving a host on a port: in a thread for a test, or as a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

import uvicorn

from openwop_testing.asgi import application

if TYPE_CHECKING:
    from openwop_testing.host import FakeHost

__all__ = ["serve", "serve_forever"]

_START_SECONDS = 10.0


class _Server(uvicorn.Server):
    """A uvicorn server that leaves signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where a socket names its protocol: without that an
    # answer of two writes waits 40 ms for an acknowledgement.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


def _url(sock: socket.socket) -> str:
    address, port = sock.getsockname()[:2]
    shown = f"[{address}]" if ":" in address else address
    return f"http://{shown}:{port}"


async def _until_started(server: _Server, serving: asyncio.Future[None]) -> None:
    # uvicorn tells by an attribute, not by an event.
    while not server.started and not serving.done():  # noqa: ASYNC110
        await asyncio.sleep(0.001)


def _server(fake: FakeHost, *, virtual_time: bool) -> tuple[_Server, Callable[[], object]]:
    app = application(fake, virtual_time=virtual_time)
    config = uvicorn.Config(
        app,
        log_level="critical",
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=2,
        timeout_keep_alive=30,
        ws="none",
    )
    return _Server(config), app.state.close


@contextlib.contextmanager
def serve(
    fake: FakeHost, port: int = 0, *, host: str = "127.0.0.1", virtual_time: bool = False
) -> Generator[str]:
    """Serve *fake* from a thread, and give the URL.

    Args:
        fake: The host.
        port: The port; 0 picks a free one.
        host: The address to listen on.
        virtual_time: Skip the delays of runs that somebody watches.
    """
    sock = _listen(host, port)
    server, close = _server(fake, virtual_time=virtual_time)
    ready = threading.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def run() -> None:
        loops.append(asyncio.get_running_loop())
        serving = asyncio.ensure_future(server.serve(sockets=[sock]))
        await _until_started(server, serving)
        ready.set()
        await serving

    def stop() -> None:
        close()
        server.should_exit = True

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="openwop-fake-host")
    thread.daemon = True
    thread.start()
    try:
        if not ready.wait(_START_SECONDS) or not server.started:
            raise RuntimeError("the fake host could not be served")
        yield _url(sock)
    finally:
        if loops and not loops[0].is_closed():
            loops[0].call_soon_threadsafe(stop)
        thread.join(_START_SECONDS)
        sock.close()


def serve_forever(
    fake: FakeHost,
    port: int,
    *,
    host: str,
    virtual_time: bool,
    announce: Callable[[str], None],
) -> None:
    """Serve *fake* until the process is told to end by SIGTERM or SIGINT.

    Args:
        fake: The host.
        port: The port; 0 picks a free one.
        host: The address to listen on.
        virtual_time: Skip the delays of runs that somebody watches.
        announce: Is given the URL once the host answers.
    """
    sock = _listen(host, port)
    server, close = _server(fake, virtual_time=virtual_time)

    async def run() -> None:
        loop = asyncio.get_running_loop()

        def stop() -> None:
            close()
            server.should_exit = True

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        serving = asyncio.ensure_future(server.serve(sockets=[sock]))
        await _until_started(server, serving)
        if server.started:
            announce(_url(sock))
        await serving

    try:
        asyncio.run(run())
    finally:
        sock.close()
