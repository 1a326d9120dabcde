"""A thousand streams at a time on one asynchronous client: what each of them weighs.

    python tests/soak/many_streams.py [--streams 1000] [--backend trio] [--only sockets]

In process the weight is that of the client's own objects.  Over sockets the host is served in
another process, and the weight includes the HTTP library's connections, one per stream.  The file
limit of this process and of the host's is raised to what that takes, where the system allows it.
"""

from __future__ import annotations

import argparse
import gc
import signal
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
    client: Any, streams: int, *, only_ours: bool, forget: Callable[[], object] = lambda: None
) -> tuple[int, int, int]:
    """Open *streams* streams, weigh them, end every run, and weigh what is left.

    Returns:
        The bytes of all streams, the bytes that are left afterwards, and how many events came.

    Raises:
        AssertionError: A stream missed an event, got one twice, or ended before its run did.
    """
    runs: list[Any] = []
    async with client.runs.start_many(
        (openwop.RunSpec("gated") for _ in range(streams)), concurrency=32
    ) as results:
        async for result in results:
            runs.append(result.unwrap())
    waiting = anyio.Event()
    state = {"open": 0, "events": 0}

    async def follow(run: Any) -> None:
        count, event = 0, None
        async with run.events("debug") as events:
            async for event in events:
                assert event.sequence == count, f"{run.id}: {event.sequence} in place of {count}"
                count += 1
                state["events"] += 1
                if event.type == "interrupt.requested":
                    state["open"] += 1
                    if state["open"] == streams:
                        waiting.set()
        assert event is not None
        assert event.type == "run.completed", f"the stream of {run.id} ended at {count}"

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


def allow_files(count: int) -> None:
    """Let this process, and those that it starts, have *count* files and sockets open.

    Raises:
        SystemExit: The system does not allow that many.
    """
    try:
        import resource
    except ImportError:  # a system without such limits
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < count:
        if hard != resource.RLIM_INFINITY and hard < count:
            sys.exit(f"{count} open files are needed, and this system allows {hard}")
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


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

    async def main(url: str, forget: Callable[[], object], **options: Any) -> None:
        async with openwop.AsyncClient(url, load_plugins=False, **options) as client:
            found.append(await weigh(client, count, only_ours=not sockets, forget=forget))

    if sockets:
        allow_files(count + 256)
        with served("hk_test_many") as url:
            # No bound on an attempt: a thousand at once may have to wait for a busy machine.
            options: dict[str, Any] = {"api_key": "hk_test_many", "timeout": None}
            anyio.run(lambda: main(url, gc.collect, **options), backend=backend)
    else:
        host = FakeHost(majors={2}, workflows=[gated()])
        options = {"api_key": host.api_key, "transport": host.async_transport()}
        anyio.run(lambda: main(host.base_url, host.calls.clear, **options), backend=backend)
    return found[0]


def main() -> int:
    """Read the arguments and go."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--backend", choices=["asyncio", "trio"], default="asyncio")
    parser.add_argument("--only", choices=["process", "sockets"])
    options = parser.parse_args()
    # Whoever ends this process ends the host that it serves as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended before the last stream did"))
    for where in ("process", "sockets"):
        if options.only not in {None, where}:
            continue
        began = time.monotonic()
        total, left, events = go(
            options.streams, sockets=where == "sockets", backend=options.backend
        )
        print(
            f"{where}: {options.streams} streams, {events} events: {total / 1024:.0f} KiB, "
            f"{total / options.streams / 1024:.1f} KiB each; {left / 1024:.0f} KiB left "
            f"afterwards; {time.monotonic() - began:.1f} s",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
