"""What one blocking call costs on each transport, against httpx by itself.

Run it with `python benchmarks/bench_transports.py`; `--calls N` sets the size of a round.  The
server answers a GET with a snapshot of 1 KB, in a process of its own on loopback.  The floor is
`httpx.Client.get` with the JSON read to dictionaries; `sending` rows use a transport of ours by
itself, `client` rows return a typed model.  Rows are measured in turn within each round; a ratio is
the median over the rounds, and each row shows the processor time of this process besides, which a
busy machine disturbs less.  Below stands what making a client costs.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import importlib.util
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import httpx

import openwop
from openwop import transports
from openwop.wire import Headers, Request, Timeouts

ROUNDS = 41
PATH = "/v1/runs/run_7c1f0b52"
BOUNDS = Timeouts(30.0, 30.0)
SNAPSHOT = json.dumps(
    {
        "runId": "run_7c1f0b52",
        "workflowId": "publish-notes",
        "status": "running",
        "createdAt": "2026-10-05T12:00:00.000Z",
        "updatedAt": "2026-10-05T12:00:01.000Z",
        "variables": {"notes": "Faster, and in blue. " * 36, "tags": ["a", "b", "c"]},
    }
).encode()

One = Callable[[], object]


class Answering(asyncio.Protocol):
    """Answers every request of a connection with the snapshot."""

    answer = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nOpenWOP-Version: 2.0\r\n"
        b"Content-Length: %d\r\n\r\n" % len(SNAPSHOT)
    ) + SNAPSHOT

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._open = b""

    def data_received(self, data: bytes) -> None:
        *whole, self._open = (self._open + data).split(b"\r\n\r\n")
        assert isinstance(self._transport, asyncio.WriteTransport)
        self._transport.write(self.answer * len(whole))


async def answer_forever() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Answering, "127.0.0.1", 0, backlog=512)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextmanager
def serve() -> Iterator[str]:
    """Run the server in a process of its own and give its base URL."""
    process = subprocess.Popen(
        [sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.communicate()


def sending(transport: openwop.Transport, base: str) -> One:
    """Return what sends the request with a transport alone."""
    headers = Headers({"Accept": "application/json", "Authorization": "Bearer hk_test_benchmark"})
    request = Request("GET", base + PATH, headers, timeouts=BOUNDS)

    def one() -> object:
        opened = transport.send(request)
        body = b"".join(opened.body)
        opened.close()
        return json.loads(body)

    return one


def rows(stack: ExitStack, base: str) -> dict[str, One]:
    plain = stack.enter_context(httpx.Client())

    def client(transport: openwop.Transport | None) -> One:
        made = openwop.Client(
            base, api_key="hk_test_benchmark", protocol=2, load_plugins=False, transport=transport
        )
        stack.callback(made.close)
        return lambda: made.runs.get("r")

    own = transports.HttpxTransport()
    stack.callback(own.close)
    found: dict[str, One] = {
        "httpx": lambda: plain.get(base + PATH).json(),
        "sending, httpx": sending(own, base),
        "client, httpx": client(None),
    }
    if importlib.util.find_spec("urllib3") is None:
        print("urllib3 is not installed: its rows are left out")
        return found
    import urllib3

    manager = urllib3.PoolManager()
    stack.callback(manager.clear)
    alone, given = transports.Urllib3Transport(), transports.Urllib3Transport()
    for transport in (alone, given):
        stack.callback(transport.close)
    found["urllib3"] = lambda: json.loads(manager.request("GET", base + PATH).data)
    found["sending, urllib3"] = sending(alone, base)
    found["client, urllib3"] = client(given)
    return found


def timed(one: One, calls: int) -> tuple[float, float]:
    """Return the microseconds, by the clock and of the processor, that one of *calls* takes."""
    gc.collect()
    began, busy = time.perf_counter(), time.process_time()
    for _ in range(calls):
        one()
    took, used = time.perf_counter() - began, time.process_time() - busy
    return took / calls * 1e6, used / calls * 1e6


def median_ratio(ours: list[float], floor: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(ours, floor, strict=True))


def calls_table(base: str, calls: int) -> None:
    with ExitStack() as stack:
        found = rows(stack, base)
        clock: dict[str, list[float]] = {name: [] for name in found}
        processor: dict[str, list[float]] = {name: [] for name in found}
        for one in found.values():
            timed(one, calls)
        for _ in range(ROUNDS):
            for name, one in found.items():
                took, used = timed(one, calls)
                clock[name].append(took)
                processor[name].append(used)
    print(f"{'one call, GET of 1 KB':<24} us, median  of httpx   processor us  of httpx")
    for name in found:
        took, used = clock[name], processor[name]
        print(
            f"  {name:<24} {statistics.median(took):8.0f} {median_ratio(took, clock['httpx']):9.2f}"
            f" {statistics.median(used):13.0f} {median_ratio(used, processor['httpx']):9.2f}"
        )


def making_table() -> None:
    def made(make: Callable[[], object]) -> float:
        make()
        return statistics.median(timed(make, 1)[0] for _ in range(15)) / 1000

    print(f"{'making a client':<24} ms, median")
    print(f"  {'httpx.Client':<24} {made(lambda: httpx.Client().close()):8.2f}")
    ours = made(lambda: openwop.Client("http://127.0.0.1:9", load_plugins=False).close())
    print(f"  {'openwop.Client':<24} {ours:8.2f}")


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=50)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.serve:
        asyncio.run(answer_forever())
        return
    with serve() as base:
        calls_table(base, options.calls)
    making_table()


if __name__ == "__main__":
    main(sys.argv[1:])
