"""A cancellation ends whatever is being done, at every point at which it can come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import anyio
import pytest

import openwop
from openwop.wire import AsyncOpenResponse, Request
from openwop_testing import FakeHost, Workflow

QUICK = openwop.RetryPolicy(initial=0.0, maximum=0.0)
TOKEN_URL = "https://login.example.com/token"


class Plain:
    """The host's transport without its clock, so that every bound is kept by the event loop."""

    def __init__(self, host: FakeHost) -> None:
        self._inner = host.async_transport()
        self._host = host

    async def send(self, request: Request) -> AsyncOpenResponse:
        await anyio.lowlevel.checkpoint()
        if request.url == TOKEN_URL:
            return AsyncOpenResponse(200, {}, Document(self._host.api_key))
        return await self._inner.send(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


class Document:
    """The answer of a token endpoint."""

    def __init__(self, key: str) -> None:
        self._parts = [f'{{"access_token": "{key}"}}'.encode()]

    def __aiter__(self) -> Document:
        return self

    async def __anext__(self) -> bytes:
        await anyio.lowlevel.checkpoint()
        if not self._parts:
            raise StopAsyncIteration
        return self._parts.pop()

    async def aclose(self) -> None:
        await anyio.lowlevel.checkpoint()


class CutAt:
    """Awaits a coroutine and calls *cancel* when it waits for the time of a number.

    Args:
        coroutine: The coroutine.
        number: The wait to cancel in, from 1; 0 for none.
        cancel: What cancels it.
    """

    def __init__(
        self, coroutine: Awaitable[Any], number: int, cancel: Callable[[], object]
    ) -> None:
        self._coroutine, self._number, self._cancel = coroutine, number, cancel
        self.waits = 0

    def __await__(self) -> Generator[Any, Any, Any]:
        inner: Any = self._coroutine.__await__()
        step, value = inner.send, None
        while True:
            try:
                request = step(value)
            except StopIteration as done:
                return done.value
            self.waits += 1
            if self.waits == self._number:
                self._cancel()
            try:
                step, value = inner.send, (yield request)
            except BaseException as exc:  # it is the coroutine's to deal with
                step, value = inner.throw, exc


async def the_life_of_a_run(client: openwop.AsyncClient) -> str:
    """Discover, get a token, start, wait, answer, follow and read the result."""
    run = await client.runs.start("gated", deadline=60)
    await run.wait(timeout=60)
    await run.approve("gate", deadline=60)
    async with run.events("debug", deadline=60) as events:
        last = [event.type async for event in events][-1]
    await run.result(timeout=60)
    return last


async def many_starts(client: openwop.AsyncClient) -> str:
    specs = [openwop.RunSpec("gated", key=f"k-{number}") for number in range(6)]
    async with client.runs.start_many(specs, concurrency=2, deadline=60) as results:
        started = [result.unwrap() async for result in results]
    return "run.completed" if len({run.id for run in started}) == 6 else "too few"


async def a_driven_run(client: openwop.AsyncClient) -> str:
    async def decide(_: openwop.Interrupt) -> str:
        await anyio.lowlevel.checkpoint()
        return "accept"

    run = await client.runs.start("gated")
    await client.runs.drive(run, {"approval": decide}, timeout=60)
    return "run.completed"


def new_host() -> FakeHost:
    flow = Workflow("gated").node("first").approval("gate", title="Go on?").node("last")
    host = FakeHost(majors={2}, workflows=[flow])
    host.faults.fail("createRun", status=503)
    return host


async def cut(scenario: Any, number: int, how: str) -> tuple[str, int]:
    """Play *scenario*, cancelled at its wait of that number; return how it ended, and its waits."""
    host = new_host()
    auth = openwop.OAuth2ClientCredentials(TOKEN_URL, "my-id", "s3cr3t")
    async with openwop.AsyncClient(
        host.base_url, auth=auth, transport=Plain(host), retry=QUICK, load_plugins=False
    ) as client:
        scope = anyio.CancelScope()
        ended = "cancelled"
        if how == "task":
            task: asyncio.Task[Any]
            played = CutAt(scenario(client), number, lambda: task.cancel())

            async def play() -> Any:
                return await played

            task = asyncio.create_task(play())
            await asyncio.wait([task])
            if not task.cancelled():
                ended = task.result()
        else:
            played = CutAt(scenario(client), number, scope.cancel)
            with scope:
                ended = await played
        # Nothing is held that the next call would wait for, and no stream was left open.
        with anyio.fail_after(30):
            assert (await client.runs.start("gated")).id
    assert not any(run.memo.get("streams") for run in host.engine.runs.values())
    return ended, played.waits


@pytest.mark.parametrize("how", ["task", "scope on asyncio", "scope on trio"])
@pytest.mark.parametrize("scenario", [the_life_of_a_run, many_starts, a_driven_run])
def test_a_cancellation_is_never_swallowed(scenario: Any, how: str) -> None:
    async def main() -> tuple[int, list[int]]:
        whole, waits = await cut(scenario, 0, how)
        assert "run.completed" == whole
        survived = []
        for number in range(1, waits + 1):
            ended, _ = await cut(scenario, number, how)
            if ended != "cancelled":
                assert "run.completed" == ended
                survived.append(number)
        return waits, survived

    waits, survived = anyio.run(main, backend="trio" if how.endswith("trio") else "asyncio")
    assert waits >= 5
    assert [] == survived
