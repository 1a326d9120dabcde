"""Streams over real connections: a server that dies and comes back, and what closing releases."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import anyio
import pytest

import openwop
from openwop.runtime import RetryPolicy
from openwop_testing import FakeHost, Workflow

QUICK = RetryPolicy(initial=0.01, maximum=0.05)


def gated() -> Workflow:
    return Workflow("gated").node("first").approval("gate", title="Go?").node("after")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Relay:
    """Passes bytes to a server, until it is killed: then every connection is reset."""

    def __init__(self, target: str) -> None:
        host, _, port = target.removeprefix("http://").partition(":")
        self._target = (host, int(port))
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads: list[threading.Thread] = []
        self.hung_up = threading.Event()
        """Set once the caller has closed a connection."""
        self._spawn(self._accept)

    def _spawn(self, function: Any, *args: Any) -> None:
        thread = threading.Thread(target=function, args=args, name="relay")
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._target)
                self._sockets += [client, server]
                self._spawn(self._pass, client, server, self.hung_up)
                self._spawn(self._pass, server, client, threading.Event())

    @staticmethod
    def _pass(source: socket.socket, target: socket.socket, ended: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            ended.set()
            target.shutdown(socket.SHUT_WR)

    def kill(self) -> None:
        """Reset every connection, as a process that dies does."""
        for item in self._sockets:
            with contextlib.suppress(OSError):
                linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
                item.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                item.shutdown(socket.SHUT_RDWR)
        for item in self._sockets:
            item.close()
        self._sockets.clear()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.kill()
        for thread in self._threads:
            thread.join(5)


@pytest.fixture(params=["sync", "asyncio", "trio"])
def colour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def run(colour: str, url: str, key: str, scenario: Any, **options: Any) -> Any:
    async def main() -> Any:
        if colour == "sync":
            with openwop.Client(url, api_key=key, retry=QUICK, **options) as client:
                return await scenario(client)
        async with openwop.AsyncClient(url, api_key=key, retry=QUICK, **options) as async_client:
            return await scenario(async_client)

    return anyio.run(main, backend="trio" if colour == "trio" else "asyncio")


async def first(stream: Any) -> Any:
    return next(stream) if hasattr(stream, "__next__") else await anext(stream)


async def it(value: Any) -> Any:
    return await value if hasattr(value, "__await__") else value


async def until(stream: Any, event_type: str) -> list[Any]:
    seen = []
    while True:
        event = await first(stream)
        seen.append(event)
        if event.type == event_type:
            return seen


def test_a_server_that_is_killed_and_restarted_with_its_log_goes_on(colour: str) -> None:
    """The second server has the log of the first and the same port; nothing else survives."""
    host = FakeHost(workflows=[gated()])
    port = free_port()
    servers = contextlib.ExitStack()

    async def scenario(client: Any) -> Any:
        started = await it(client.runs.start("gated"))
        events = started.events("debug")
        try:
            seen = await until(events, "interrupt.requested")
            servers.close()  # in mid-stream
            servers.enter_context(host.serve(port))
            await it(started.approve("gate"))
            seen += await until(events, "run.completed")
        finally:
            await it(events.close() if colour == "sync" else events.aclose())
        return started.id, seen

    url = servers.enter_context(host.serve(port))
    with servers:
        run_id, seen = run(colour, url, host.api_key, scenario)

    log = host.engine.runs[run_id.rpartition("/")[2]].log
    assert [event.sequence for event in log] == [event.sequence for event in seen]


def test_connections_that_are_reset_in_mid_stream_are_made_anew(colour: str) -> None:
    host = FakeHost(workflows=[gated()])

    async def scenario(client: Any) -> Any:
        started = await it(client.runs.start("gated"))
        events = started.events("debug")
        try:
            seen = await until(events, "interrupt.requested")
            for _ in range(3):
                relay.kill()
            await it(started.approve("gate"))
            seen += await until(events, "run.completed")
        finally:
            await it(events.close() if colour == "sync" else events.aclose())
        return started.id, seen

    with host.serve() as served:
        relay = Relay(served)
        try:
            url = f"http://127.0.0.1:{relay.port}"
            run_id, seen = run(colour, url, host.api_key, scenario)
        finally:
            relay.close()

    log = host.engine.runs[run_id.rpartition("/")[2]].log
    assert [event.sequence for event in log] == [event.sequence for event in seen]


def test_a_deadline_ends_a_stream_on_time(colour: str) -> None:
    host = FakeHost(workflows=[gated()])

    async def scenario(client: Any) -> Any:
        started = await it(client.runs.start("gated"))
        events = started.events("debug", deadline=0.6)
        began = anyio.current_time()
        with pytest.raises(openwop.DeadlineExceededError):
            await until(events, "run.completed")
        return anyio.current_time() - began, events.closed

    with host.serve() as url:
        seconds, closed = run(colour, url, host.api_key, scenario)

    assert 0.4 < seconds < 3
    assert closed


def test_the_watchdog_notices_a_connection_that_went_dead(
    colour: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from openwop._streams import _resuming

    monkeypatch.setattr(_resuming, "WATCHDOG", 0.3)
    host = FakeHost(workflows=[gated()])
    host.faults.stall(after=2)

    async def scenario(client: Any) -> Any:
        started = await it(client.runs.start("gated"))
        events = started.events("debug")
        try:
            seen = await until(events, "interrupt.requested")
            await it(started.approve("gate"))
            return [*seen, *await until(events, "run.completed")]
        finally:
            await it(events.close() if colour == "sync" else events.aclose())

    with host.serve() as url:
        seen = run(colour, url, host.api_key, scenario)

    assert list(range(len(seen))) == [event.sequence for event in seen]
    assert len(host.calls.of("streamRunEvents")) >= 2


@pytest.fixture
def relayed() -> Iterator[tuple[FakeHost, Relay]]:
    host = FakeHost(workflows=[gated()])
    with host.serve() as served:
        relay = Relay(served)
        try:
            yield host, relay
        finally:
            relay.close()


def test_leaving_a_stream_closes_its_connection_at_once(colour: str, relayed: Any) -> None:
    host, relay = relayed

    async def scenario(client: Any) -> Any:
        started = await it(client.runs.start("gated"))
        events = started.events("debug")
        await first(events)
        before = relay.hung_up.is_set()
        await it(events.close() if colour == "sync" else events.aclose())
        return before, await anyio.to_thread.run_sync(relay.hung_up.wait, 5)

    url = f"http://127.0.0.1:{relay.port}"
    assert (False, True) == run(colour, url, host.api_key, scenario)


@pytest.mark.parametrize("colour", ["asyncio", "trio"])
def test_a_cancelled_read_closes_its_connection_at_once(colour: str, relayed: Any) -> None:
    host, relay = relayed

    async def scenario(client: Any) -> Any:
        started = await client.runs.start("gated")
        events = started.events("debug")
        with anyio.move_on_after(0.3):
            async for _ in events:
                pass
        gone = await anyio.to_thread.run_sync(relay.hung_up.wait, 5)
        with pytest.raises(openwop.StreamInterruptedError):
            await anext(events)
        return events.closed, gone

    url = f"http://127.0.0.1:{relay.port}"
    assert (True, True) == run(colour, url, host.api_key, scenario)
