"""One suite for both twins: a test is written once and run blocking, on asyncio and on trio."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any

import anyio
import pytest

import openwop
from openwop_testing import FakeHost


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
        options.setdefault("api_key", self.host.api_key)

        async def main() -> Any:
            if self.colour == "sync":
                with openwop.Client(
                    self.host.base_url, transport=self.host.transport(), **options
                ) as client:
                    return await scenario(client)
            async with openwop.AsyncClient(
                self.host.base_url, transport=self.host.async_transport(), **options
            ) as async_client:
                return await scenario(async_client)

        return anyio.run(main, backend="trio" if self.colour == "trio" else "asyncio")

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
