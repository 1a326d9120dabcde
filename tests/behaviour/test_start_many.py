"""Starting many runs: bounded, gentle, complete, resumable, and gone without a trace."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from typing import Any

import anyio
import pytest

import openwop
from openwop import RunSpec
from openwop.runtime import RetryPolicy
from openwop_testing import Workflow

ASYNC = pytest.mark.parametrize("colour", ["asyncio", "trio"])


def threads() -> list[str]:
    """The threads of ours that are there still, when those that are ending have ended."""
    ours = [thread for thread in threading.enumerate() if "openwop-start" in thread.name]
    for thread in ours:
        thread.join(10)
    return [thread.name for thread in ours if thread.is_alive()]


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    yield
    assert [] == threads()


@pytest.fixture
def many(world: Any) -> Any:
    world.host.workflows.add(Workflow("item").variable("number", "number").node("only"))
    return world


def specs(count: int, **options: Any) -> list[RunSpec]:
    return [RunSpec("item", {"number": n}, key=f"item-{n}", **options) for n in range(count)]


async def collect(world: Any, client: Any, todo: Any, **options: Any) -> list[Any]:
    async with world.opened(client.runs.start_many(todo, **options)) as results:
        return [result async for result in world.each(results)]


def test_every_spec_is_started_once_and_reported_once(many: Any) -> None:
    async def scenario(client: Any) -> Any:
        results = await collect(many, client, specs(50))
        first = await many.it(results[0].unwrap().wait("terminal"))
        return results, first

    results, first = many.run(scenario)

    assert {f"item-{n}" for n in range(50)} == {result.spec.key for result in results}
    assert 50 == len({result.run.id for result in results}) == len(many.host.engine.runs)
    assert all(result.ok and result.error is None for result in results)
    assert "completed" == first.status


def test_doing_it_again_starts_nothing_twice(many: Any) -> None:
    async def scenario(client: Any) -> Any:
        once = {r.spec.key: r.run.id for r in await collect(many, client, specs(10))}
        again = {r.spec.key: r.run.id for r in await collect(many, client, specs(15))}
        return once, again

    once, again = many.run(scenario)

    assert once == {key: run for key, run in again.items() if key in once}
    assert 15 == len(many.host.engine.runs)


def test_an_answer_that_gets_lost_starts_nothing_twice(many: Any) -> None:
    many.host.faults.lose("createRun", times=2)

    async def scenario(client: Any) -> Any:
        return await collect(many, client, specs(10))

    assert all(result.ok for result in many.run(scenario))
    assert 10 == len(many.host.engine.runs)


def test_one_that_fails_is_reported_and_does_not_stop_the_others(many: Any) -> None:
    todo = [*specs(3), RunSpec("nowhere", key="lost"), *specs(6)[3:]]

    async def scenario(client: Any) -> Any:
        return await collect(many, client, todo, concurrency=2)

    results = many.run(scenario)

    (failed,) = [result for result in results if not result.ok]
    assert ("lost", None) == (failed.spec.key, failed.run)
    assert isinstance(failed.error, openwop.APIStatusError)
    assert 6 == len([result for result in results if result.ok])
    with pytest.raises(openwop.APIStatusError):
        failed.unwrap()


def test_a_key_that_was_used_for_other_inputs_is_an_error_of_that_one(many: Any) -> None:
    async def scenario(client: Any) -> Any:
        await collect(many, client, [RunSpec("item", {"number": 1}, key="a")])
        return await collect(many, client, [RunSpec("item", {"number": 2}, key="a")])

    (result,) = many.run(scenario)

    assert isinstance(result.error, openwop.ConflictError)
    assert "idempotency_key_mismatch" == result.error.code


def test_a_storm_of_429_is_waited_out_with_fewer_at_a_time(many: Any) -> None:
    many.host.faults.fail("createRun", status=429, times=40, retry_after=2)
    limits: list[int] = []

    async def scenario(client: Any) -> Any:
        results = []
        async with many.opened(client.runs.start_many(specs(200), concurrency=16)) as starts:
            async for result in many.each(starts):
                results.append(result)
                limits.append(starts._pool.gate.limit)
        return results

    results = many.run(scenario)

    assert all(result.ok for result in results)
    assert 200 == len(many.host.engine.runs)
    assert min(limits) < 8
    assert 16 == limits[-1]  # and back to where it was


def test_a_host_that_refuses_for_good_is_believed(many: Any) -> None:
    many.host.faults.fail("createRun", status=429, times=1000, retry_after=1)

    async def scenario(client: Any) -> Any:
        return await collect(many, client, specs(2), retry=RetryPolicy(attempts=1))

    errors = [result.error for result in many.run(scenario)]

    assert [openwop.RateLimitError] * 2 == [type(error) for error in errors]
    many.host.faults.clear()


def test_a_wait_longer_than_the_policy_allows_is_not_begun(many: Any) -> None:
    many.host.faults.fail("createRun", status=429, times=1, retry_after=3600)

    async def scenario(client: Any) -> Any:
        return await collect(many, client, specs(1))

    (result,) = many.run(scenario)

    assert 3600 == result.error.retry_after
    assert [] == many.host.clock.slept


def test_no_more_are_begun_than_there_is_room_for(many: Any) -> None:
    taken: list[int] = []

    def endless() -> Iterator[RunSpec]:
        for number in range(10**9):
            taken.append(number)
            yield RunSpec("item", {"number": number}, key=str(number))

    async def scenario(client: Any) -> Any:
        async with many.opened(client.runs.start_many(endless(), concurrency=4)) as starts:
            return [await many.first(starts) for _ in range(10)]

    results = many.run(scenario)

    assert 10 == len(results)
    assert len(taken) <= 10 + 4
    assert len(many.host.engine.runs) <= 10 + 4


def test_specs_that_fail_to_come_are_said_after_those_that_came(many: Any) -> None:
    def broken() -> Iterator[RunSpec]:
        yield from specs(3)
        raise LookupError("the file ends here")

    seen: list[Any] = []

    async def scenario(client: Any) -> Any:
        async with many.opened(client.runs.start_many(broken())) as starts:
            with pytest.raises(LookupError, match="ends here"):  # noqa: PT012
                async for result in many.each(starts):
                    seen.append(result)
        return len(seen)

    assert 3 == many.run(scenario)


def test_nothing_to_start_is_nothing_to_report(many: Any) -> None:
    async def scenario(client: Any) -> Any:
        return await collect(many, client, [])

    assert [] == many.run(scenario)


def test_reading_on_after_the_end_gives_nothing_more(many: Any) -> None:
    async def scenario(client: Any) -> Any:
        starts = client.runs.start_many(specs(2))
        first = [result async for result in many.each(starts)]
        return len(first), [result async for result in many.each(starts)]

    assert (2, []) == many.run(scenario)


def test_options_reach_every_start(many: Any) -> None:
    async def scenario(client: Any) -> Any:
        todo = specs(2, tags=["batch"], metadata={"from": "file"})
        return await collect(many, client, todo, extra_headers={"X-Batch": "7"})

    many.run(scenario)

    for call in many.host.calls.of("createRun"):
        assert ["batch"] == call.body["tags"]
        assert "7" == call.headers["X-Batch"]


def test_keys_become_idempotency_keys_that_are_the_same_everywhere(many: Any) -> None:
    one = RunSpec("item", {"number": 1}, key="order 7/\u00fc")

    assert one.idempotency_key == RunSpec("item", key="order 7/\u00fc").idempotency_key
    assert one.idempotency_key != RunSpec("other", key="order 7/\u00fc").idempotency_key
    assert one.idempotency_key is not None
    assert 22 <= len(one.idempotency_key) <= 128
    assert RunSpec("item").idempotency_key is None


@pytest.mark.parametrize("colour", ["sync"])
@pytest.mark.parametrize("concurrency", [0, -1, True, 2.5])
def test_a_concurrency_that_cannot_be_is_refused_at_once(many: Any, concurrency: Any) -> None:
    async def scenario(client: Any) -> Any:
        with pytest.raises(openwop.ConfigurationError, match="whole number above 0"):
            client.runs.start_many([], concurrency=concurrency)

    many.run(scenario)


@pytest.mark.parametrize("options", [{"key": ""}, {"key": "a", "idempotency_key": "b" * 22}])
def test_a_key_that_cannot_be_is_refused_at_once(options: Any) -> None:
    with pytest.raises(openwop.ConfigurationError):
        RunSpec("item", **options)


def test_a_spec_shows_neither_inputs_nor_options() -> None:
    shown = repr(RunSpec("item", {"card": "4111"}, key="k", run_secrets=[{"value": "hunter2"}]))

    assert "4111" not in shown
    assert "hunter2" not in shown
    assert "run_secrets" in shown


def test_dropping_it_is_reported_and_leaves_nothing(many: Any) -> None:
    async def scenario(client: Any) -> Any:
        starts = client.runs.start_many(specs(50), concurrency=4)
        await many.first(starts)
        with pytest.warns(ResourceWarning, match="left before its end"):  # noqa: PT031
            del starts
            gc.collect()
        for _ in range(20):
            await anyio.lowlevel.checkpoint()

    many.run(scenario)

    assert len(many.host.engine.runs) < 50


@pytest.mark.parametrize("colour", ["sync"])
def test_leaving_ends_the_waits_of_threads(world: Any) -> None:
    """A thread that waits out a Retry-After lets go when nobody wants its answer any more."""
    world.host.workflows.add(Workflow("item").node("only"))
    waiting = threading.Event()

    class Told:
        @openwop.hookimpl
        def openwop_retry(self) -> None:
            waiting.set()

    class RealTime:
        """The host's transport without its clock, so that waits are real."""

        def __init__(self, inner: Any) -> None:
            self.send, self.close = inner.send, inner.close

    world.host.faults.fail("createRun", status=429, times=1, retry_after=50)

    async def scenario(client: Any) -> Any:
        with client.runs.start_many([RunSpec("item")] * 2, concurrency=8) as starts:
            next(starts)
            assert waiting.wait(10)
        return threads()

    transport = RealTime(world.host.transport())
    assert [] == world.run(scenario, transport=transport, plugins=[Told()], load_plugins=False)


@ASYNC
def test_a_cancelled_read_cancels_what_is_on_its_way_and_never_looks_finished(many: Any) -> None:
    many.host.faults.hang("createRun", times=100)

    async def scenario(client: Any) -> Any:
        async with client.runs.start_many(specs(50), timeout=None) as starts:
            with anyio.CancelScope() as scope:
                scope.cancel()
                await anext(starts)
            with pytest.raises(openwop.StreamInterruptedError, match="same keys"):
                await anext(starts)
            return len(starts._pool._running)

    assert 0 == many.run(scenario)
    many.host.faults.clear()


@ASYNC
def test_two_tasks_that_read_it_are_told_so(many: Any) -> None:
    errors: list[Exception] = []

    async def scenario(client: Any) -> Any:
        async def read(starts: Any) -> None:
            try:
                async for _ in starts:
                    pass
            except openwop.StreamInterruptedError as exc:
                errors.append(exc)

        async with client.runs.start_many(specs(20)) as starts, anyio.create_task_group() as group:
            group.start_soon(read, starts)
            group.start_soon(read, starts)

    many.run(scenario)

    (error,) = errors
    assert "another task" in str(error)
