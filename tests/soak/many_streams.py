"""A thousand streams at a time on one asynchronous client: what each of them weighs.

    python tests/soak/many_streams.py [--streams 1000] [--sockets]

In process the weight is that of the client's own objects.  With `--sockets` the host is served in
another process, and the weight includes the HTTP library's connections.
"""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio

import openwop
from openwop_testing import FakeHost, Workflow


def gated() -> Workflow:
    """A workflow that waits for somebody."""
    return Workflow("gated").node("first").approval("gate", title="Go on?").node("last")


async def weigh(
    client: Any, count: int, *, only_ours: bool, forget: Callable[[], None] = lambda: None
) -> tuple[int, int, int]:
    """Open *count* streams, weigh them, end every run, and weigh what is left.

    Returns:
        The bytes of all streams, the bytes that are left afterwards, and how many events came.
    """
    runs: list[Any] = []
    async with client.runs.start_many(
        (openwop.RunSpec("gated") for _ in range(count)), concurrency=32
    ) as results:
        async for result in results:
            runs.append(result.unwrap())
    waiting = anyio.Event()
    state = {"open": 0, "events": 0}

    async def follow(run: Any) -> None:
        async with run.events("debug") as events:
            async for event in events:
                state["events"] += 1
                if event.type == "interrupt.requested":
                    state["open"] += 1
                    if state["open"] == count:
                        waiting.set()

    gc.collect()
    tracemalloc.start(1)
    before = traced(only_ours=only_ours)
    async with anyio.create_task_group() as group:
        for run in runs:
            group.start_soon(follow, run)
        await waiting.wait()
        during = traced(only_ours=only_ours)
        async with anyio.create_task_group() as approvals:
            limit = anyio.CapacityLimiter(32)

            async def approve(run: Any) -> None:
                async with limit:
                    await run.approve("gate", check=False)

            for run in runs:
                approvals.start_soon(approve, run)
    runs.clear()  # a handle keeps what it knows of its run
    forget()  # and the host what it was sent
    gc.collect()
    after = traced(only_ours=only_ours)
    tracemalloc.stop()
    return during - before, after - before, state["events"]


def traced(*, only_ours: bool) -> int:
    """Return the bytes that are held: by the client's own code, or by everything."""
    if not only_ours:
        return tracemalloc.get_traced_memory()[0]
    snapshot = tracemalloc.take_snapshot()
    root = str(Path(openwop.__file__).parent / "*")
    return sum(
        trace.size for trace in snapshot.filter_traces([tracemalloc.Filter(True, root)]).traces
    )


@contextmanager
def served(key: str) -> Iterator[str]:
    """Serve a host from a process of its own and give its URL."""
    import json

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "gated.json").write_text(json.dumps(gated().build()))
        command = [sys.executable, "-m", "openwop_testing.server", "--port", "0"]
        command += ["--api-key", key, "--workflows", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                line = process.stdout.readline()
                yield line.split("url=")[1].split()[0]
            finally:
                process.terminate()


def go(count: int, *, sockets: bool, backend: str = "asyncio") -> tuple[int, int, int]:
    """Weigh *count* streams."""
    found: list[tuple[int, int, int]] = []

    async def main(url: str, forget: Callable[[], None], **options: Any) -> None:
        async with openwop.AsyncClient(url, load_plugins=False, **options) as client:
            found.append(await weigh(client, count, only_ours=not sockets, forget=forget))

    if sockets:
        with served("hk_test_many") as url:
            transport = openwop.AsyncHttpxTransport()
            options = {"api_key": "hk_test_many", "transport": transport}
            anyio.run(lambda: main(url, gc.collect, **options))
    else:
        host = FakeHost(majors={2}, workflows=[gated()])
        options = {"api_key": host.api_key, "transport": host.async_transport()}
        anyio.run(lambda: main(host.base_url, host.calls.clear, **options), backend=backend)
    return found[0]


def main() -> int:
    """Read the arguments and go."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--sockets", action="store_true")
    options = parser.parse_args()
    began = time.monotonic()
    total, left, events = go(options.streams, sockets=options.sockets)
    print(
        f"{options.streams} streams, {events} events: {total / 1024:.0f} KiB, "
        f"{total / options.streams / 1024:.1f} KiB each; {left / 1024:.0f} KiB left afterwards; "
        f"{time.monotonic() - began:.1f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
