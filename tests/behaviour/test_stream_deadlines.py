"""A deadline ends a stream although the transport, which is someone else's, keeps no bounds."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from itertools import repeat
from typing import Any

import anyio
import pytest

import openwop
from openwop.runtime import BaseAsyncClient, BaseClient, Operation, Parameter, Route
from openwop.wire import AsyncOpenResponse, OpenResponse, Request

DEADLINE = 0.2
FAR = 15.0
"""Seconds that are far beyond the deadline, and below the 45 of the watchdog."""

EVENTS = {"Content-Type": "text/event-stream"}
WATCH = Operation[Any](
    "watch",
    "things.watch",
    {"2": Route("GET", "/things/{id}", (Parameter("id", "id", "path"),), answer="sse")},
    returns=Any,
)


class Body:
    """Keep-alives for ever, or nothing at all."""

    def __init__(self, *, silent: bool) -> None:
        self._silent = silent
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        return repeat(b": still here\n\n")

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self._silent:
            await anyio.sleep_forever()
        await anyio.lowlevel.checkpoint()
        return b": still here\n\n"

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


class Unbounded:
    def __init__(self, body: Body) -> None:
        self._body = body

    def send(self, request: Request) -> OpenResponse:
        return OpenResponse(200, EVENTS, self._body, request.url)

    def close(self) -> None: ...


class AsyncUnbounded(Unbounded):
    async def send(self, request: Request) -> AsyncOpenResponse:  # type: ignore[override]
        return AsyncOpenResponse(200, EVENTS, self._body, request.url)

    async def aclose(self) -> None: ...


def of_a_run(client: Any) -> Any:
    return client.runs.stream("acme/r", deadline=DEADLINE)


def of_the_host(client: Any) -> Any:
    return client.host.events(deadline=DEADLINE)


def of_any_service(client: Any) -> Any:
    base = BaseClient if isinstance(client, BaseClient) else BaseAsyncClient
    return base.open_stream(client, WATCH, {"id": "a"}, {"deadline": DEADLINE})


@pytest.mark.parametrize("opens", [of_a_run, of_the_host, of_any_service])
@pytest.mark.parametrize(
    ("colour", "silent"),
    [  # a blocking read in silence is for the transport alone to end
        ("sync", False),
        ("asyncio", False),
        ("asyncio", True),
        ("trio", False),
        ("trio", True),
    ],
)
def test_a_deadline_ends_a_stream_on_a_transport_without_bounds(
    opens: Any, colour: str, silent: bool
) -> None:
    body = Body(silent=silent)

    async def main() -> float:
        began = time.monotonic()
        if colour == "sync":
            with openwop.Client(
                "http://h", api_key="k", transport=Unbounded(body), protocol=2
            ) as client:
                events = opens(client)
                with pytest.raises(openwop.DeadlineExceededError, match="reading the stream"):
                    next(events)
        else:
            async with openwop.AsyncClient(
                "http://h", api_key="k", transport=AsyncUnbounded(body), protocol=2
            ) as async_client:
                events = opens(async_client)
                with pytest.raises(openwop.DeadlineExceededError):
                    await anext(events)
        assert events.closed
        return time.monotonic() - began

    seconds = anyio.run(main, backend="trio" if colour == "trio" else "asyncio")

    assert seconds < FAR
    assert body.closed
