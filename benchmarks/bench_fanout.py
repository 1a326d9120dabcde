"""What many calls at once cost: calls a second, 50 at a time, against the libraries themselves.

Run it with `python benchmarks/bench_fanout.py`; `--calls N` sets the size.  Every row asks the same
server, in a process of its own on loopback, for the same snapshot of 1 KB.  The floors are what
httpx and aiohttp reach with their default settings, the JSON read to dictionaries; `sending` rows
use a transport of ours by itself and read the JSON as the floor does, `client` rows return a typed
model.  Rows are measured in turn within each round; a ratio is the median over the rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import importlib.util
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import httpx

import openwop
from bench_transports import PATH, serve
from openwop import transports
from openwop.wire import Headers, Request, Timeouts

AT_ONCE = 50
ROUNDS = 7
BOUNDS = Timeouts(30.0, 30.0)

One = Callable[[], Awaitable[object]]


async def throughput(one: One, calls: int) -> float:
    """Return how many times a second *one* is done, `AT_ONCE` at a time."""
    left = iter(range(calls))

    async def work() -> None:
        for _ in left:
            await one()

    gc.collect()
    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return calls / (time.perf_counter() - began)


def sending(transport: openwop.AsyncTransport, base: str) -> One:
    """Return what sends the request with a transport alone."""
    headers = Headers({"Accept": "application/json", "Authorization": "Bearer hk_test_benchmark"})
    request = Request("GET", base + PATH, headers, timeouts=BOUNDS)

    async def one() -> object:
        opened = await transport.send(request)
        body = b"".join([chunk async for chunk in opened.body])
        await opened.aclose()
        return json.loads(body)

    return one


async def rows(stack: AsyncExitStack, base: str) -> dict[str, tuple[str, One]]:
    """Return what is measured: by name, the floor that it is set against, and the call."""
    url = base + PATH
    plain = await stack.enter_async_context(httpx.AsyncClient())

    async def with_httpx() -> object:
        return (await plain.get(url)).json()

    def client(transport: openwop.AsyncTransport | None) -> One:
        made = openwop.AsyncClient(
            base, api_key="hk_test_benchmark", protocol=2, load_plugins=False, transport=transport
        )
        stack.push_async_callback(made.aclose)
        return lambda: made.runs.get("r")

    own = transports.AsyncHttpxTransport()
    stack.push_async_callback(own.aclose)
    found: dict[str, tuple[str, One]] = {
        "httpx": ("httpx", with_httpx),
        "sending, httpx": ("httpx", sending(own, base)),
        "client, httpx": ("httpx", client(None)),
    }
    if importlib.util.find_spec("aiohttp") is None:
        print("aiohttp is not installed: its rows are left out")
        return found
    import aiohttp

    session = await stack.enter_async_context(aiohttp.ClientSession())

    async def with_aiohttp() -> object:
        async with session.get(url) as response:
            return json.loads(await response.read())

    alone, given = transports.AiohttpTransport(), transports.AiohttpTransport()
    for transport in (alone, given):
        stack.push_async_callback(transport.aclose)
    found["aiohttp"] = ("aiohttp", with_aiohttp)
    found["sending, aiohttp"] = ("aiohttp", sending(alone, base))
    found["client, aiohttp"] = ("aiohttp", client(given))
    return found


async def measure(base: str, calls: int) -> None:
    async with AsyncExitStack() as stack:
        found = await rows(stack, base)
        rates: dict[str, list[float]] = {name: [] for name in found}
        for _, one in found.values():
            await throughput(one, AT_ONCE * 4)  # the connections are there when it counts
        for _ in range(ROUNDS):
            for name, (_, one) in found.items():
                rates[name].append(await throughput(one, calls))
    print(f"{f'{calls} calls, {AT_ONCE} at a time':<36} calls/s  of the floor")
    for name, (floor, _) in found.items():
        ratio = statistics.median(
            ours / theirs for ours, theirs in zip(rates[name], rates[floor], strict=True)
        )
        print(f"  {name:<34} {statistics.median(rates[name]):7.0f} {ratio:8.2f} of {floor}")


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    calls = parser.parse_args(arguments).calls
    with serve() as base:
        asyncio.run(measure(base, calls))


if __name__ == "__main__":
    main(sys.argv[1:])
