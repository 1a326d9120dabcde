"""Who closes a stream and when: under cancellation, two readers, and the garbage collector."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from openwop.runtime import errors
from openwop.runtime._drivers import AsyncIO, SyncIO
from openwop.wire import AsyncOpenResponse, OpenResponse, Request, TransportError

STREAM = Request("GET", "https://h/events", stream=True)


# Cancellation ------------------------------------------------------------------------------------


class Quiet:
    """A body on which nothing comes until somebody closes it."""

    def __init__(self, *first: bytes, error: Exception | None = None) -> None:
        self.first = list(first)
        self.error = error or TransportError("closed")
        self.closed = 0
        self.waiting = threading.Event()
        self._over = threading.Event()
        self._over_async: anyio.Event | None = None

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> bytes:
        if self.first:
            return self.first.pop(0)
        self.waiting.set()
        assert self._over.wait(10)
        raise self.error

    def close(self) -> None:
        self.closed += 1
        self._over.set()

    def __aiter__(self) -> Any:
        return self

    async def __anext__(self) -> bytes:
        if self.first:
            return self.first.pop(0)
        self._over_async = anyio.Event()
        self.waiting.set()
        await self._over_async.wait()
        raise self.error

    async def aclose(self) -> None:
        await anyio.lowlevel.checkpoint()
        self.closed += 1
        if self._over_async is not None:
            self._over_async.set()


class QuietTransport:
    """Gives one quiet body; may hold the head back as well."""

    def __init__(self, body: Quiet) -> None:
        self.body = body
        self.asked = threading.Event()
        self.go = threading.Event()
        self.go.set()

    def send(self, request: Request) -> OpenResponse:
        self.asked.set()
        assert self.go.wait(10)
        return OpenResponse(200, {}, self.body)

    def close(self) -> None: ...


class AsyncQuietTransport:
    def __init__(self, body: Quiet) -> None:
        self.body = body
        self.asked = anyio.Event()
        self.go = anyio.Event()
        self.go.set()

    async def send(self, request: Request) -> AsyncOpenResponse:
        self.asked.set()
        await self.go.wait()
        return AsyncOpenResponse(200, {}, self.body)

    async def aclose(self) -> None: ...


async def until(condition: Callable[[], object]) -> None:
    """Let other tasks run until *condition* holds."""
    with anyio.fail_after(10):
        while not condition():
            await anyio.lowlevel.checkpoint()


def drop(kept: list[Any]) -> None:
    """Let go of what is kept, and collect it."""
    kept.clear()
    gc.collect()


def test_a_stream_that_a_cancelled_read_closed_never_looks_finished(
    async_colour: Any, stream_state: Any
) -> None:
    body = Quiet(b"a")

    async def run() -> None:
        client = async_colour.client(io=AsyncIO(AsyncQuietTransport(body)))
        stream = async_colour.stream(stream_state(), client)
        assert await anext(stream) == "a"
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(anext, stream)
                await until(body.waiting.is_set)
                group.cancel_scope.cancel()
        assert not scope.cancel_called
        assert stream.closed
        for _ in range(2):
            with pytest.raises(errors.StreamInterruptedError, match="closed by a cancelled read"):
                await anext(stream)
        async with stream:
            pass

    async_colour.run(run)

    assert body.closed == 1


def test_a_read_cut_by_the_keyboard_never_looks_finished(
    sync_colour: Any, make_script: Any, answer: Any, stream_state: Any
) -> None:
    script = make_script(answer(200, [b"a", KeyboardInterrupt(), b"b"]))
    stream = sync_colour.stream(stream_state(), sync_colour.client(script))

    assert next(stream) == "a"
    with pytest.raises(KeyboardInterrupt):
        next(stream)
    with pytest.raises(errors.StreamInterruptedError):
        next(stream)
    assert script.bodies[0].closed == 1


def test_the_watchdog_ends_a_silence(async_colour: Any, stream_state: Any) -> None:
    body = Quiet(b"a")

    async def run() -> None:
        client = async_colour.client(io=AsyncIO(AsyncQuietTransport(body)))
        async with async_colour.stream(stream_state(idle=0.01), client) as stream:
            assert await anext(stream) == "a"
            with pytest.raises(errors.StreamStalledError):
                await anext(stream)

    async_colour.run(run)

    assert body.closed == 1


# Two at a time -----------------------------------------------------------------------------------


def test_two_threads_that_read_one_stream_get_a_clear_error(
    sync_colour: Any, stream_state: Any
) -> None:
    body = Quiet()
    client = sync_colour.client(io=SyncIO(QuietTransport(body)))
    stream = sync_colour.stream(stream_state(), client)
    found: list[Any] = []
    reader = threading.Thread(target=lambda: found.append(sync_colour.step(stream)()))

    reader.start()
    assert body.waiting.wait(10)
    with pytest.raises(errors.StreamInterruptedError, match="already being read by another"):
        next(stream)
    stream.close()
    reader.join(10)

    assert found == ["end"]


def test_two_tasks_that_read_one_stream_get_a_clear_error(
    async_colour: Any, stream_state: Any
) -> None:
    body = Quiet()

    async def run() -> Any:
        client = async_colour.client(io=AsyncIO(AsyncQuietTransport(body)))
        stream = async_colour.stream(stream_state(), client)
        found: list[Any] = []

        async def read() -> None:
            found.append(await async_colour.step(stream)())

        async with anyio.create_task_group() as group:
            group.start_soon(read)
            await until(body.waiting.is_set)
            with pytest.raises(errors.StreamInterruptedError, match="already being read"):
                await anext(stream)
            assert not stream.closed
            await stream.aclose()
        return found

    assert async_colour.run(run) == ["end"]
    assert body.closed == 1


@pytest.mark.parametrize("error", [TransportError("closed"), ValueError("read of a closed file")])
def test_closing_from_another_thread_ends_the_read(
    sync_colour: Any, error: Exception, stream_state: Any
) -> None:
    """Whatever the body raises when it is closed under its reader."""
    body = Quiet(error=error)
    client = sync_colour.client(io=SyncIO(QuietTransport(body)))
    stream = sync_colour.stream(stream_state(), client)
    found: list[Any] = []
    reader = threading.Thread(target=lambda: found.append(sync_colour.step(stream)()))

    reader.start()
    assert body.waiting.wait(10)
    stream.close()
    reader.join(10)

    assert found == ["end"]
    assert body.closed == 1


@pytest.mark.parametrize("error", [TransportError("closed"), ValueError("read of a closed file")])
def test_closing_from_another_task_ends_the_read(
    async_colour: Any, error: Exception, stream_state: Any
) -> None:
    body = Quiet(error=error)

    async def run() -> list[Any]:
        client = async_colour.client(io=AsyncIO(AsyncQuietTransport(body)))
        stream = async_colour.stream(stream_state(), client)
        found: list[Any] = []

        async def read() -> None:
            found.append(await async_colour.step(stream)())

        async with anyio.create_task_group() as group:
            group.start_soon(read)
            await until(body.waiting.is_set)
            await stream.aclose()
        return found

    assert async_colour.run(run) == ["end"]
    assert body.closed == 1


def test_any_other_error_of_a_body_propagates(
    colour: Any, make_script: Any, answer: Any, stream_state: Any
) -> None:
    script = make_script(answer(200, [b"a", ZeroDivisionError()]))
    stream = colour.stream(stream_state(), colour.client(script))

    assert colour.steps(stream, 3) == ["a", "ZeroDivisionError", "end"]


def test_closing_while_a_thread_connects_closes_what_comes(
    sync_colour: Any, stream_state: Any
) -> None:
    body = Quiet()
    transport = QuietTransport(body)
    transport.go.clear()
    stream = sync_colour.stream(stream_state(), sync_colour.client(io=SyncIO(transport)))
    found: list[Any] = []
    reader = threading.Thread(target=lambda: found.append(sync_colour.step(stream)()))

    reader.start()
    assert transport.asked.wait(10)
    stream.close()
    transport.go.set()
    reader.join(10)

    assert found == ["end"]
    assert body.closed == 1
    assert not body.waiting.is_set()


def test_closing_while_a_task_connects_closes_what_comes(
    async_colour: Any, stream_state: Any
) -> None:
    body = Quiet()

    async def run() -> list[Any]:
        transport = AsyncQuietTransport(body)
        transport.go = anyio.Event()
        stream = async_colour.stream(stream_state(), async_colour.client(io=AsyncIO(transport)))
        found: list[Any] = []

        async def read() -> None:
            found.append(await async_colour.step(stream)())

        async with anyio.create_task_group() as group:
            group.start_soon(read)
            await transport.asked.wait()
            await stream.aclose()
            transport.go.set()
        return found

    assert async_colour.run(run) == ["end"]
    assert body.closed == 1
    assert not body.waiting.is_set()


# Left open ---------------------------------------------------------------------------------------


def test_a_blocking_stream_that_is_dropped_is_closed_and_reported(
    sync_colour: Any, make_script: Any, answer: Any, stream_state: Any
) -> None:
    script = make_script(answer(200, [b"a", b"b"]))
    kept = [sync_colour.stream(stream_state(), sync_colour.client(script))]
    next(kept[0])

    with pytest.warns(ResourceWarning, match="the stream of tests was left open"):
        drop(kept)

    assert script.bodies[0].closed == 1


def test_an_asynchronous_stream_that_is_dropped_is_closed_by_its_loop_and_reported(
    async_colour: Any, make_script: Any, answer: Any, stream_state: Any
) -> None:
    script = make_script(answer(200, [b"a", b"b"]))
    client = async_colour.client(script)

    async def run() -> None:
        kept = [async_colour.stream(stream_state(), client)]
        await anext(kept[0])
        with pytest.warns(ResourceWarning, match="the stream of tests was left open"):
            drop(kept)
        await until(lambda: script.bodies[0].closed)

    async_colour.run(run)


def test_a_stream_that_is_dropped_between_connections_has_nothing_to_close(
    colour: Any, make_script: Any, stream_state: Any
) -> None:
    class Polled(stream_state):  # type: ignore[misc]
        def connect(self) -> Any:
            self.items.append("a")
            return None
            yield

    script = make_script()
    kept = [colour.stream(Polled(), colour.client(script))]

    async def read_async() -> None:
        await anext(kept[0])

    def read() -> None:
        next(kept[0])

    colour.run(read_async if colour.is_async else read)
    with pytest.warns(ResourceWarning, match="was left open"):
        drop(kept)

    assert script.bodies == []


def test_a_stream_that_outlives_its_loop_is_only_reported(
    async_colour: Any, make_script: Any, answer: Any, stream_state: Any
) -> None:
    script = make_script(answer(200, [b"a", b"b"]))
    client = async_colour.client(script)

    async def run() -> Any:
        stream = async_colour.stream(stream_state(), client)
        await anext(stream)
        return stream

    kept = [async_colour.run(run)]
    with pytest.warns(ResourceWarning, match="was left open"):
        drop(kept)

    assert script.bodies[0].closed == 0


def test_a_body_that_fails_to_close_harms_nobody(async_colour: Any, stream_state: Any) -> None:
    class Stubborn(Quiet):
        async def aclose(self) -> None:
            tried.append(True)
            raise LookupError("cannot close")

    tried: list[bool] = []

    async def run() -> None:
        client = async_colour.client(io=AsyncIO(AsyncQuietTransport(Stubborn(b"a"))))
        kept = [async_colour.stream(stream_state(), client)]
        await anext(kept[0])
        with pytest.warns(ResourceWarning, match="was left open"):
            drop(kept)
        await until(lambda: tried)

    async_colour.run(run)

    assert tried == [True]


def test_a_stream_that_was_never_read_is_dropped_in_silence(
    colour: Any, make_script: Any, stream_state: Any
) -> None:
    colour.stream(stream_state(), colour.client(make_script()))

    gc.collect()
