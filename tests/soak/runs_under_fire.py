"""Many runs through a bad network, held to what the host really did.

    python tests/soak/runs_under_fire.py [--runs 2000] [--socket-runs 300] [--seed 1]

Every run is started, followed in one mode, decided on the way and read to its end, by blocking and
asynchronous clients, in both majors.  Then the host is asked what happened: each run was created
once, each decision was taken once, and what was handed out is the log (in `debug` all of it, in
order; elsewhere what the mode admits).  Nothing may be left open.  The seed reproduces a failure.
"""

from __future__ import annotations

import argparse
import gc
import sys
import threading
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import anyio
import attrs
from fire_mischief import AsyncFireTransport, FireTransport, Mischief
from fire_proxy import proxy

import openwop
from openwop.runtime import RetryPolicy
from openwop_testing import FakeHost, NodeContext, Wait, Workflow
from openwop_testing.engine.log import UPDATES, modern

MODES = ("debug", "updates", "updates,messages", "debug", "messages,debug")
PATIENT = RetryPolicy(attempts=40, initial=0.01, maximum=0.2, budget=None)
WORKERS = 8


def speaking(pause: float) -> Workflow:
    """A workflow that speaks, asks, and speaks again."""

    def speak(context: NodeContext) -> Any:
        for number in range(4):
            if pause:
                yield Wait(pause)
            payload = {
                "nodeId": context.node_id,
                "runId": context.run.run_id,
                "chunk": f"part {number} ",
                "isLast": number == 3,
            }
            context.emit("output.chunk", payload)
        return {"said": 4}

    return (
        Workflow("speaking")
        .variable("number", "number")
        .node("first", variables={"number": 1})
        .node("speak", run=speak)
        .approval("gate", title="Go on?", actions=["accept", "reject"])
        .node("again", run=speak)
        .node("last", outputs={"done": True})
    )


@attrs.define
class Tally:
    """What the clients saw."""

    runs: dict[str, tuple[str, list[Any]]] = attrs.field(factory=dict)
    decisions: Counter[str] = attrs.field(factory=Counter)
    problems: list[str] = attrs.field(factory=list)
    requests: int = 0

    def check(self, host: FakeHost, major: int, asked: int) -> None:
        """Hold what was seen to what the host did."""
        if len(host.engine.runs) != asked or len(self.runs) != asked:
            found = f"{len(host.engine.runs)} in the host, {len(self.runs)} seen"
            self.problems.append(f"{asked} runs were asked for: {found}")
        for run_id, (mode, events) in self.runs.items():
            log = host.engine.runs[run_id.rpartition("/")[2]].log
            expected = [event.sequence for event in log if admitted(event.type, mode, major)]
            seen = [event.sequence for event in events]
            if seen != expected:
                self.problems.append(f"{run_id} in {mode}: {seen} in place of {expected}")
            taken = [event for event in log if event.type == "interrupt.resolved"]
            if len(taken) != 1:
                self.problems.append(f"{run_id}: {len(taken)} decisions were taken")
        self.requests += len(host.calls)


def admitted(event_type: str, mode: str, major: int) -> bool:
    """Tell what a mode admits, by the host's own table."""
    modes = mode.split(",")
    return (
        "debug" in modes
        or ("updates" in modes and event_type in UPDATES)
        or ("updates" in modes and major == 2 and event_type == "node.cancelled")
        or ("messages" in modes and event_type == "output.chunk")
    )


async def one_run(client: Any, number: int, tally: Tally) -> None:
    """Start, follow, decide and finish one run on an asynchronous client."""
    mode = MODES[number % len(MODES)]
    run = await client.runs.start("speaking", {"number": number})
    seen: list[Any] = []
    async with run.events(mode) as events:
        async for event in events:
            seen.append(event)
            if modern(event.type) == "interrupt.requested":
                decision = await run.approve("gate", decided_by=f"user:{number}")
                tally.decisions[decision.outcome] += 1
    outputs = await run.result()
    if outputs != {"done": True}:
        tally.problems.append(f"{run.id}: its outputs are {outputs}")
    tally.runs[run.id] = (mode, seen)


def one_run_blocking(client: openwop.Client, number: int, tally: Tally) -> None:
    """Start, follow, decide and finish one run on a blocking client."""
    mode = MODES[number % len(MODES)]
    run = client.runs.start("speaking", {"number": number})
    seen: list[Any] = []
    with run.events(mode) as events:
        for event in events:
            seen.append(event)
            if modern(event.type) == "interrupt.requested":
                decision = run.approve("gate", decided_by=f"user:{number}")
                tally.decisions[decision.outcome] += 1
    if run.result() != {"done": True}:
        tally.problems.append(f"{run.id}: its outputs are wrong")
    tally.runs[run.id] = (mode, seen)


async def many_runs(client: Any, count: int, tally: Tally) -> None:
    """Go through *count* runs, some at a time."""
    numbers = iter(range(count))

    async def work() -> None:
        for number in numbers:
            try:
                await one_run(client, number, tally)
            except Exception as exc:
                tally.problems.append(f"run number {number}: {exc!r}")

    async with anyio.create_task_group() as group:
        for _ in range(WORKERS):
            group.start_soon(work)


def in_process(colour: str, major: int, count: int, seed: int) -> tuple[Tally, Mischief]:
    """Run in memory and virtual time."""
    host = FakeHost(majors={major}, seed=seed, workflows=[speaking(1.0)])
    mischief = Mischief(seed)
    tally = Tally()
    options: dict[str, Any] = {"api_key": host.api_key, "retry": PATIENT, "load_plugins": False}

    async def main() -> None:
        transport = AsyncFireTransport(host.async_transport(), mischief)
        async with openwop.AsyncClient(host.base_url, transport=transport, **options) as client:
            await many_runs(client, count, tally)

    if colour == "sync":
        transport = FireTransport(host.transport(), mischief)
        with openwop.Client(host.base_url, transport=transport, **options) as client:
            for number in range(count):
                try:
                    one_run_blocking(client, number, tally)
                except Exception as exc:
                    tally.problems.append(f"run number {number}: {exc!r}")
    else:
        anyio.run(main, backend=colour)
    tally.check(host, major, count)
    return tally, mischief


def over_sockets(colour: str, major: int, count: int, seed: int) -> tuple[Tally, Mischief]:
    """Run over real connections through a real proxy."""
    host = FakeHost(majors={major}, seed=seed, workflows=[speaking(0.0)])
    mischief = Mischief(seed)
    tally = Tally()
    options: dict[str, Any] = {
        "api_key": host.api_key,
        "retry": PATIENT,
        "load_plugins": False,
        "timeout": 0.75,
    }

    async def main(url: str) -> None:
        async with openwop.AsyncClient(url, **options) as client:
            await many_runs(client, count, tally)

    def blocking(url: str) -> None:
        with openwop.Client(url, **options) as client:
            numbers = iter(range(count))
            lock = threading.Lock()

            def work() -> None:
                while True:
                    with lock:
                        number = next(numbers, None)
                    if number is None:
                        return
                    try:
                        one_run_blocking(client, number, tally)
                    except Exception as exc:
                        tally.problems.append(f"run number {number}: {exc!r}")

            threads = [threading.Thread(target=work) for _ in range(WORKERS)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    with ExitStack() as stack:
        stack.enter_context(hasty())
        served = stack.enter_context(host.serve())
        url = stack.enter_context(proxy(served, mischief, stall=5.0))
        if colour == "sync":
            blocking(url)
        else:
            anyio.run(main, url, backend=colour)
    tally.check(host, major, count)
    return tally, mischief


@contextmanager
def hasty() -> Any:
    """Let the watchdog bark after half a second: a stall is real time here."""
    from openwop._streams import _resuming

    patient, _resuming.WATCHDOG = _resuming.WATCHDOG, 0.5  # type: ignore[misc]
    try:
        yield
    finally:
        _resuming.WATCHDOG = patient  # type: ignore[misc]


def left_open() -> tuple[int, int]:
    """Return the threads and the open files of this process."""
    gc.collect()
    folder = Path("/proc/self/fd")
    files = sum(1 for _ in folder.iterdir()) if folder.is_dir() else 0
    return threading.active_count(), files


def report(name: str, count: int, tally: Tally, mischief: Mischief, seconds: float) -> None:
    """Print one line per part."""
    events = sum(len(events) for _, events in tally.runs.values())
    faults = ", ".join(f"{kind} {number}" for kind, number in sorted(mischief.met.items()))
    print(
        f"{name}: {count} runs, {events} events, {tally.requests} requests, "
        f"{sum(mischief.met.values())} faults ({faults}), "
        f"decisions {dict(tally.decisions)}, {seconds:.1f} s"
    )
    for problem in tally.problems[:20]:
        print(f"  PROBLEM {problem}")


def go(runs: int, socket_runs: int, seed: int) -> list[str]:
    """Do everything; return the problems."""
    problems: list[str] = []
    before = left_open()
    parts: list[tuple[str, Any, str, int, int]] = []
    for colour, share in (("asyncio", 4), ("trio", 4), ("sync", 2)):
        for major in (1, 2):
            parts.append(("in process", in_process, colour, major, runs * share // 20))
    for colour in ("asyncio", "trio", "sync"):
        for major in (1, 2):
            parts.append(("over sockets", over_sockets, colour, major, socket_runs // 6))
    for place, (where, function, colour, major, count) in enumerate(parts):
        if not count:
            continue
        began = time.monotonic()
        tally, mischief = function(colour, major, count, seed + place)
        report(f"{where}, {colour}, v{major}", count, tally, mischief, time.monotonic() - began)
        problems += tally.problems
    after = left_open()
    print(f"threads {before[0]} -> {after[0]}, open files {before[1]} -> {after[1]}")
    if after[0] > before[0] or after[1] > before[1]:
        problems.append("something was left open")
    return problems


def main() -> int:
    """Read the arguments and go."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=2000, help="runs in process")
    parser.add_argument("--socket-runs", type=int, default=300, help="runs over sockets")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    problems = go(options.runs, options.socket_runs, options.seed)
    print(f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
