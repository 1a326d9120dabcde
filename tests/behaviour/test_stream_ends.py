"""How a stream ends: by time, silence, closing or cancellation; and that it leaves nothing."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from collections.abc import Iterator
from typing import Any

import anyio
import pytest

import openwop
from openwop.runtime._stream import NOTHING
from openwop.wire import AsyncOpenResponse, OpenResponse, Request
from openwop_testing import NodeContext, Wait, Workflow

ASYNC = pytest.mark.parametrize("colour", ["asyncio", "trio"])
SYNC = pytest.mark.parametrize("colour", ["sync"])


def sequences(events: list[Any]) -> list[int]:
    return [event.sequence for event in events]


def gated() -> Workflow:
    return Workflow("gated").node("first").approval("gate", title="Go?").node("after")


def lasting(seconds: float) -> Workflow:
    def wait(context: NodeContext) -> Any:
        yield Wait(seconds)

    return Workflow("long").node("wait", run=wait).node("last")


def open_streams(world: Any) -> int:
    return sum(len(run.memo.get("streams", ())) for run in world.host.engine.runs.values())


def test_a_stream_that_falls_silent_is_connected_anew_after_the_watchdog(world: Any) -> None:
    world.host.faults.stall(after=2)

    async def scenario(client: Any) -> Any:
        run = await world.start(client, seconds=50)
        return run, await world.events(run.events("debug"))

    run, events = world.run(scenario)

    assert [event["sequence"] for event in world.log(run.id)] == sequences(events)
    first, second = world.host.calls.of("streamRunEvents")
    assert 45.0 <= second.at - first.at < 46.0
    assert 0 == len(world.host.calls.of("pollRunEvents"))


def test_keep_alives_hold_a_stream_open_for_as_long_as_it_takes(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, lasting(3600))
        return await world.events(run.events())

    assert world.run(scenario)[-1].type == "run.completed"
    assert 1 == len(world.host.calls.of("streamRunEvents"))


def test_an_event_must_come_within_the_silence_that_the_caller_allows(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, gated())
        began = world.host.clock.now()
        with pytest.raises(openwop.StreamStalledError, match="no event came for 100 s"):
            await world.events(run.events(silence=100))
        return world.host.clock.now() - began

    assert 100 <= world.run(scenario) <= 100 + world.host.keep_alive


@pytest.mark.parametrize("how", ["stalled", "closing", "by poll"])
def test_silence_is_counted_over_connections(world: Any, how: str) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, gated())
        if how == "stalled":
            world.host.faults.stall(after=0, times=20)
        elif how == "closing":
            world.host.faults.close(after=9, times=20)
        elif how == "by poll":
            world.host.faults.fail("streamRunEvents", status=405)
        began = world.host.clock.now()
        with pytest.raises(openwop.StreamStalledError, match="no event came for 30 s"):
            await world.events(run.events(silence=30))
        world.host.faults.clear()
        return world.host.clock.now() - began

    assert 30 <= world.run(scenario) <= 30 + world.host.keep_alive


@pytest.mark.parametrize("how", ["open", "stalled", "by poll", "refused"])
def test_a_deadline_bounds_a_stream_with_all_its_waits(world: Any, how: str) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, gated())
        if how == "stalled":
            world.host.faults.stall(after=0, times=20)
        elif how == "by poll":
            world.host.faults.fail("streamRunEvents", status=405)
        elif how == "refused":
            world.host.faults.cut(after=1)
        began = world.host.clock.now()
        async with world.opened(run.events(deadline=100)) as events:
            if how == "refused":
                await world.first(events)
                world.host.faults.fail("streamRunEvents", status=503, retry_after=40, times=9)
            with pytest.raises(openwop.DeadlineExceededError, match="deadline of 100 s"):
                async for _ in world.each(events):
                    pass
        world.host.faults.clear()
        return world.host.clock.now() - began

    assert 0 < world.run(scenario) <= 100.001


def test_the_deadline_of_the_client_is_not_meant_for_streams(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, lasting(600))
        return await world.events(run.events())

    assert world.run(scenario, deadline=5.0)[-1].type == "run.completed"


def test_a_credential_refused_in_mid_stream_is_renewed(world: Any) -> None:
    keys = ["hk_test_first"]
    world.host.keys.add("hk_test_first")
    world.host.keys.add("hk_test_second")
    world.host.faults.cut(after=2)

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        async with world.opened(run.events("debug")) as events:
            seen = [await world.first(events)]
            world.host.keys.revoke("hk_test_first")
            keys[0] = "hk_test_second"
            seen += [event async for event in world.each(events)]
        return run, seen

    run, events = world.run(scenario, api_key=None, auth=lambda: keys[0])

    assert [event["sequence"] for event in world.log(run.id)] == sequences(events)


def test_a_provider_is_asked_once_more_with_what_was_refused(world: Any) -> None:
    asked: list[Any] = []
    world.host.keys.add("hk_test_first")
    world.host.keys.add("hk_test_second")
    world.host.faults.cut(after=2)

    class Provider:
        def credential(self, request: Request, refused: Any) -> str:
            asked.append(refused)
            return "hk_test_second" if refused else "hk_test_first"

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        async with world.opened(run.events("debug")) as events:
            await world.first(events)
            world.host.keys.revoke("hk_test_first")
            return [event async for event in world.each(events)]

    events = world.run(scenario, api_key=None, auth=Provider())

    assert events[-1].type == "run.completed"
    assert ["hk_test_first"] == [item for item in asked if item is not None]


def test_a_credential_that_stays_refused_ends_the_stream_with_its_own_error(world: Any) -> None:
    world.host.faults.cut(after=2)

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        async with world.opened(run.events("debug")) as events:
            await world.first(events)
            world.host.keys.revoke(world.host.api_key)
            with pytest.raises(openwop.AuthenticationError):
                async for _ in world.each(events):
                    pass
            return events.closed

    assert world.run(scenario)


def test_leaving_the_block_closes_the_connection_at_once(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, gated())
        async with world.opened(run.events()) as events:
            await world.first(events)
            during = open_streams(world)
        return during, open_streams(world), events.closed

    assert (1, 0, True) == world.run(scenario)


def test_an_error_in_the_loop_closes_the_connection_and_passes_on(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, gated())
        with pytest.raises(ZeroDivisionError):  # noqa: PT012
            async with world.opened(run.events()) as events:
                await world.first(events)
                raise ZeroDivisionError
        return open_streams(world)

    assert 0 == world.run(scenario)


def test_the_end_of_a_run_closes_the_connection(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        events = run.events()
        seen = [event async for event in world.each(events)]
        assert [] == [event async for event in world.each(events)]
        return seen, events.closed, open_streams(world)

    seen, closed, left = world.run(scenario)

    assert seen
    assert (True, 0) == (closed, left)


def test_nothing_is_sent_before_the_first_read(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        async with world.opened(run.events()):
            pass

    world.run(scenario)

    assert 0 == len(world.host.calls.of("streamRunEvents"))


def test_a_dropped_stream_is_reported_and_its_connection_given_up(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, gated())
        events = run.events()
        await world.first(events)
        with pytest.warns(ResourceWarning, match="was left open"):  # noqa: PT031
            del events
            gc.collect()
        for _ in range(20):
            await anyio.lowlevel.checkpoint()
        return open_streams(world)

    assert 0 == world.run(scenario)


@ASYNC
def test_a_cancelled_read_closes_and_never_looks_finished(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, gated())
        async with run.events("debug") as events:
            seen = []
            with anyio.CancelScope() as scope:
                async for event in events:
                    seen.append(event.sequence)
                    scope.cancel()
            closed_at_once = open_streams(world)
            with pytest.raises(openwop.StreamInterruptedError, match="after=") as caught:
                await anext(events)
        return seen, closed_at_once, caught.value

    seen, left, error = world.run(scenario)

    assert list(range(len(seen))) == seen  # what had come is handed out, then nothing more
    assert 0 == left
    assert str(seen[-1]) == error.last_event_id


@ASYNC
def test_cancellation_reaches_the_task_that_reads(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, gated())
        outcome: list[str] = []

        async def read() -> None:
            try:
                async with run.events("debug") as events:
                    async for _ in events:
                        pass
            except anyio.get_cancelled_exc_class():
                outcome.append("cancelled")
                raise
            outcome.append("finished")

        async with anyio.create_task_group() as group:
            group.start_soon(read)
            # The fake host needs somebody else to be busy, or its time would run on.
            for _ in range(50):
                await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()
        return outcome, open_streams(world)

    assert (["cancelled"], 0) == world.run(scenario)


@SYNC
def test_an_interrupted_read_closes_and_never_looks_finished(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, gated())
        with run.events("debug") as events:
            next(events)

            def interrupt(_: Any) -> bytes:
                raise KeyboardInterrupt

            while events._state.pop() is not NOTHING:
                pass
            monkeypatch.setattr(type(events._opened.body), "__next__", interrupt)
            with pytest.raises(KeyboardInterrupt):
                next(events)
            with pytest.raises(openwop.StreamInterruptedError):
                next(events)
        return open_streams(world)

    assert 0 == world.run(scenario)


@ASYNC
def test_two_tasks_that_read_one_stream_are_told_so(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, gated())
        errors: list[Exception] = []

        async def read(events: Any) -> None:
            try:
                async for _ in events:
                    pass
            except openwop.StreamInterruptedError as exc:
                errors.append(exc)
                await run.approve()

        async with run.events("debug") as events, anyio.create_task_group() as group:
            group.start_soon(read, events)
            group.start_soon(read, events)
        return errors

    (error,) = world.run(scenario)

    assert "another task or thread" in str(error)


@ASYNC
def test_another_task_may_close_a_stream_that_is_being_read(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, gated())
        seen = []
        async with run.events("debug") as events, anyio.create_task_group() as group:

            async def close() -> None:
                for _ in range(30):
                    await anyio.lowlevel.checkpoint()
                await events.aclose()

            group.start_soon(close)
            async for event in events:
                seen.append(event.sequence)
        return seen, events.closed, open_streams(world)

    seen, closed, left = world.run(scenario)

    assert seen[0] == 0
    assert (True, 0) == (closed, left)


@SYNC
def test_another_thread_may_close_a_stream_that_is_being_read(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, gated())
        seen: list[int] = []
        waiting = threading.Event()

        def read() -> None:
            for event in events:
                seen.append(event.sequence)
                if event.type == "interrupt.requested":
                    waiting.set()

        with run.events("debug") as events:
            reader = threading.Thread(target=read)
            reader.start()
            assert waiting.wait(10)
            events.close()
            reader.join(10)
        return seen, reader.is_alive(), open_streams(world)

    seen, alive, left = world.run(scenario)

    assert list(range(len(seen))) == seen
    assert (False, 0) == (alive, left)


class Endless:
    """A host that sends a great deal, a piece at a time."""

    def __init__(self, inner: Any, count: int) -> None:
        self._inner, self._count = inner, count
        self.now, self.sleep = inner.now, inner.sleep

    def pieces(self) -> Iterator[bytes]:
        filler = "x" * 2000
        for number in range(self._count):
            kind = "run.completed" if number == self._count - 1 else "node.started"
            yield (
                f'id: {number}\ndata: {{"type": "{kind}", "sequence": {number}, '
                f'"payload": {{"nodeId": "{filler}"}}}}\n\n: and a comment\n'
            ).encode()

    def close(self) -> None: ...


class EndlessSync(Endless):
    def send(self, request: Request) -> OpenResponse:
        if "/events" not in request.url:
            return self._inner.send(request)
        return OpenResponse(200, {"Content-Type": "text/event-stream"}, Pieces(self.pieces()))


class EndlessAsync(Endless):
    async def send(self, request: Request) -> AsyncOpenResponse:
        if "/events" not in request.url:
            return await self._inner.send(request)
        return AsyncOpenResponse(200, {"Content-Type": "text/event-stream"}, Pieces(self.pieces()))


class Pieces:
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def __aiter__(self) -> Pieces:
        return self

    async def __anext__(self) -> bytes:
        for piece in self._pieces:
            return piece
        raise StopAsyncIteration

    def close(self) -> None: ...
    async def aclose(self) -> None: ...


def test_memory_stays_bounded_however_much_the_host_sends(world: Any) -> None:
    count = 4000  # eight megabytes

    def transport(inner: Any) -> Any:
        return EndlessSync(inner, count) if world.colour == "sync" else EndlessAsync(inner, count)

    async def scenario(client: Any) -> Any:
        run = client.runs.attach("acme/run-0123456789abcdef")
        total = 0
        async with world.opened(run.events("debug")) as events:
            await world.first(events)
            gc.collect()
            tracemalloc.start()
            try:
                async for _ in world.each(events):
                    total += 1
                return total, tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

    inner = world.host.transport() if world.colour == "sync" else world.host.async_transport()
    total, peak = world.run(scenario, transport=transport(inner))

    assert count - 1 == total
    assert peak < 500_000


def test_a_stream_error_says_what_and_where_without_a_secret(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, gated())
        with pytest.raises(openwop.StreamStalledError) as caught:
            await world.events(run.events(silence=20))
        return run.id, caught.value

    run_id, error = world.run(scenario)

    assert run_id in str(error)
    assert world.host.api_key not in repr(error) + str(error)
