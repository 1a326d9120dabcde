"""One suite for both twins: a test is written once and run blocking, on asyncio and on trio."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any

import anyio
import pytest

import openwop
from openwop_testing import FakeHost, NodeContext, Wait, Workflow
from openwop_testing.render import Wire


async def it(value: Any) -> Any:
    """Return what a method of either twin brings: at once, or when awaited."""
    return await value if isinstance(value, Awaitable) else value


async def each(stream: Any) -> AsyncIterator[Any]:
    """Iterate over what either twin gives to iterate over."""
    if isinstance(stream, Iterable):
        for item in stream:
            yield item
    else:
        async for item in stream:
            yield item


class opened:  # noqa: N801  # reads as a statement
    """Enter what either twin gives to enter."""

    def __init__(self, manager: Any) -> None:
        self._manager = manager

    async def __aenter__(self) -> Any:
        if hasattr(self._manager, "__aenter__"):
            return await self._manager.__aenter__()
        return self._manager.__enter__()

    async def __aexit__(self, *exc: Any) -> Any:
        if hasattr(self._manager, "__aexit__"):
            return await self._manager.__aexit__(*exc)
        return self._manager.__exit__(*exc)


def talk(parts: int = 3, seconds: float = 1.0) -> Workflow:
    """A workflow that says something in parts, with time between them, between two quiet nodes."""

    def speak(context: NodeContext) -> Any:
        for number in range(parts):
            yield Wait(seconds)
            context.emit(
                "output.chunk",
                {
                    "nodeId": context.node_id,
                    "runId": context.run.run_id,
                    "chunk": f"part {number}",
                    "isLast": number == parts - 1,
                },
            )
        return {"said": parts}

    return (
        Workflow("talk")
        .variable("mood", default="calm")
        .node("first", variables={"mood": "eager"})
        .node("speak", run=speak)
        .delay("pause", seconds)
        .node("last", outputs={"done": True})
    )


class World:
    """A host in memory, and a way to run a scenario on a client of one colour and major."""

    def __init__(self, colour: str, major: int) -> None:
        self.colour = colour
        self.major = major
        self.host = FakeHost(majors={major})
        self.it = it
        self.each = each
        self.opened = opened

    def run(self, scenario: Callable[[Any], Awaitable[Any]], **options: Any) -> Any:
        """Run *scenario* on a client of this colour; *options* are the client's."""
        options.setdefault("api_key", self.host.api_key)
        sync = self.colour == "sync"
        options.setdefault(
            "transport", self.host.transport() if sync else self.host.async_transport()
        )

        async def main() -> Any:
            if sync:
                with openwop.Client(self.host.base_url, **options) as client:
                    return await scenario(client)
            async with openwop.AsyncClient(self.host.base_url, **options) as async_client:
                return await scenario(async_client)

        return anyio.run(main, backend="trio" if self.colour == "trio" else "asyncio")

    def log(self, run_id: str) -> list[dict[str, Any]]:
        """Return the whole log of a run as the host would send it: what a stream is held to."""
        run = self.host.engine.runs[run_id.rpartition("/")[2]]
        return [Wire(self.major).event(run, event) for event in run.log]

    def finished(self, run_id: str) -> list[dict[str, Any]]:
        """Let a run come to its end; return its log."""
        run = self.host.engine.runs[run_id.rpartition("/")[2]]
        while not run.terminal:
            self.host.clock.advance(1.0)
        return self.log(run_id)

    async def start(
        self, client: Any, workflow: Workflow | None = None, *, seconds: float = 1.0
    ) -> Any:
        """Start a run of *workflow*, by default one that talks."""
        workflow = workflow or talk(seconds=seconds)
        self.host.workflows.add(workflow)
        return await it(client.runs.start(workflow.id))

    async def first(self, stream: Any) -> Any:
        """Return the next event of *stream*."""
        if hasattr(stream, "__next__"):
            return next(stream)
        return await anext(stream)

    async def events(self, stream: Any) -> list[Any]:
        async with opened(stream) as entered:
            return [item async for item in each(entered)]


@pytest.fixture(params=["sync", "asyncio", "trio"])
def colour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[1, 2], ids=["v1", "v2"])
def major(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def world(colour: str, major: int) -> World:
    return World(colour, major)
