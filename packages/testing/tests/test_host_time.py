"""Virtual time: who makes it pass, for whom, and that nobody ever sleeps."""

from __future__ import annotations

import asyncio
import json
import threading
import time

import anyio
import pytest
import trio

from openwop.wire import AsyncClock, Clock, Headers, Request, Timeouts, TransportTimeout
from openwop_testing import FakeHost, Workflow
from openwop_testing.waiting import DeadlockError

SLOW = Workflow("slow").delay("wait", 60).node("after")
SHORT = Workflow("short").delay("wait", 5)
GATED = Workflow("gated").approval("gate", timeout=600).node("after")


@pytest.fixture(params=["asyncio", "trio"])
def anyhow(request):
    """Run a coroutine function on each event loop."""

    def run(main):
        if request.param == "trio":
            return trio.run(main)
        return asyncio.run(main())

    return run


@pytest.fixture
def host():
    return FakeHost(workflows=[SLOW, SHORT, GATED])


def ask(host, method, path, body=None, **timeouts):
    headers = {"Authorization": f"Bearer {host.api_key}", "Content-Type": "application/json"}
    content = None if body is None else json.dumps(body).encode()
    return Request(method, host.base_url + path, Headers(headers), content, Timeouts(**timeouts))


def test_transports_tell_the_hosts_time(host):
    assert isinstance(host.transport(), Clock)
    assert isinstance(host.async_transport(), AsyncClock)
    assert host.clock.now() == host.transport().now() == host.async_transport().now()


def test_a_minute_of_the_run_takes_no_time_of_ours(host, caller):
    began = time.monotonic()

    caller.finished(caller.start("slow"))

    assert time.monotonic() - began < 5
    assert 60 == host.clock.now() - host.calls[-1].at


def test_reading_a_run_lets_no_time_pass(host, caller):
    run = caller.start("slow")

    assert ["running"] * 5 == [caller.status(run) for _ in range(5)]


def test_advancing_the_clock_moves_every_run(host, caller):
    runs = [caller.start("slow"), caller.start("short")]

    host.clock.advance(10)
    early = [caller.status(run) for run in runs]
    host.clock.advance(50)

    assert ["running", "completed"] == early
    assert "completed" == caller.status(runs[0])


def test_waiting_for_one_run_lets_no_other_expire(host, caller):
    gated, slow = caller.start("gated"), caller.start("slow")
    for _ in range(20):
        caller.finished(caller.start("slow"))

    assert host.clock.now() - host.calls[0].at == 1200
    assert ("waiting-approval", "running") == (caller.status(gated), caller.status(slow))


def test_a_callers_sleep_is_noted_and_moves_every_run(host, caller):
    run = caller.start("short")

    host.transport().sleep(5)

    assert ([5], "completed") == (host.clock.slept, caller.status(run))


def test_time_does_not_go_back(host):
    with pytest.raises(ValueError, match="backwards"):
        host.clock.advance(-1)


def test_timers_fire_at_their_own_moment_and_in_order(host):
    seen = []
    clock = host.clock.new_run_clock()
    for due in (3, 1, 2):
        clock.after(due, lambda due=due: seen.append((due, clock.now())))
    cancelled = clock.after(1.5, lambda: seen.append("never"))
    cancelled.cancel()
    start = clock.now()

    host.clock.advance(10)

    assert [(1, start + 1), (2, start + 2), (3, start + 3)] == seen


async def read(transport, request):
    response = await transport.send(request)
    body = b"".join([part async for part in response.body])
    await response.aclose()
    return response.status_code, body


async def start(host, transport, workflow):
    _, body = await read(transport, ask(host, "POST", "/v1/runs", {"workflowId": workflow}))
    return json.loads(body)["statusUrl"]


def test_an_async_reader_makes_time_pass_too(host, anyhow):
    async def main():
        transport = host.async_transport()
        run = await start(host, transport, "slow")
        return await read(transport, ask(host, "GET", run + "/events"))

    status, body = anyhow(main)

    assert (200, True) == (status, b"run.completed" in body)
    assert 60 == host.clock.now() - host.calls[-1].at


def test_time_waits_for_tasks_that_have_something_to_do(host):
    """
    The reader of a gated run is alone in waiting: nothing may expire while another task works.
    """

    async def main():
        transport = host.async_transport()
        run = await start(host, transport, "gated")

        async def decide():
            for _ in range(200):
                await asyncio.sleep(0)
            body = {"resumeValue": {"action": "accept"}}
            await read(transport, ask(host, "POST", run + "/interrupts/gate", body))

        reading = asyncio.create_task(read(transport, ask(host, "GET", run + "/events")))
        await asyncio.gather(reading, decide())
        return reading.result()[1]

    body = asyncio.run(main())

    assert b"run.completed" in body
    assert host.clock.now() == host.calls[0].at


def test_two_readers_finish_in_the_order_of_their_runs(host, anyhow):
    order = []

    async def main():
        transport = host.async_transport()

        async def watch(workflow):
            run = await start(host, transport, workflow)
            await read(transport, ask(host, "GET", run + "/events"))
            order.append((workflow, host.clock.now() - began))

        began = host.clock.now()
        async with anyio.create_task_group() as group:
            group.start_soon(watch, "slow")
            group.start_soon(watch, "short")

    anyhow(main)

    assert [("short", 5.0), ("slow", 60.0)] == order


def test_an_async_sleep_ends_when_its_time_has_come(host, anyhow):
    order = []

    async def main():
        clock = host.async_transport()

        async def nap(seconds):
            await clock.sleep(seconds)
            order.append((seconds, host.clock.now() - began))

        began = host.clock.now()
        async with anyio.create_task_group() as group:
            for seconds in (30, 10, 20):
                group.start_soon(nap, seconds)

    anyhow(main)

    assert [(10, 10), (20, 20), (30, 30)] == order
    assert [10, 20, 30] == sorted(host.clock.slept)


def test_a_cancelled_reader_lets_the_others_go_on(host):
    async def main():
        transport = host.async_transport()
        gated = await start(host, transport, "gated")
        slow = await start(host, transport, "slow")
        first = asyncio.create_task(read(transport, ask(host, "GET", gated + "/events")))
        second = asyncio.create_task(read(transport, ask(host, "GET", slow + "/events")))
        await asyncio.sleep(0)
        first.cancel()
        return await second

    assert b"run.completed" in asyncio.run(main())[1]


def test_an_async_bound_is_reached_in_virtual_time(host, anyhow):
    async def main():
        transport = host.async_transport()
        run = await start(host, transport, "gated")
        await read(transport, ask(host, "GET", run + "/events", total=20))

    with pytest.raises(TransportTimeout):
        anyhow(main)

    assert 20 == host.clock.now() - host.calls[-1].at


def test_async_callers_who_all_wait_for_ever_are_told_so(anyhow):
    host = FakeHost(workflows=[Workflow("gated").approval("gate")])

    async def main():
        transport = host.async_transport()
        run = await start(host, transport, "gated")
        await read(transport, ask(host, "GET", run + "/events"))

    with pytest.raises(DeadlockError, match="gate"):
        anyhow(main)


def test_threads_wait_for_each_other(host, caller):
    run = caller.start("gated")
    bodies = []
    reader = threading.Thread(target=lambda: bodies.append(caller.get(f"{run}/events").body))
    reader.start()
    caller.post(f"{run}/interrupts/gate", {"resumeValue": {"action": "accept"}})
    reader.join(10)

    assert [True] == [b"run.completed" in body for body in bodies]


def test_starting_a_host_is_quick():
    began = time.perf_counter()
    for _ in range(20):
        FakeHost()

    assert (time.perf_counter() - began) / 20 < 0.05
