"""What a test pays for the fake host in process: making one, and a run from discovery to result.

    python benchmarks/bench_fake_host.py [--rounds N] [--check]

The run is of one node: discovery, start, its stream to the end, and its result, by a client of its
own on a host of its own, as each test has them.  Below it stands a floor, measured in turn: the
JSON of the very same answers, parsed and written again.  A machine that does something else moves
both, and the time of the processor is shown beside that of the clock.  `--check` says by its exit
status whether the median run is under 2 ms and the median host under 50 ms; it wants a quiet
machine.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import time
from collections.abc import Callable

import openwop
from openwop_testing import FakeHost, Workflow
from openwop_testing.render import Wire

ONE = Workflow("one").node("only", outputs={"done": True})
RUN_LIMIT = 2.0
START_LIMIT = 50.0


def made() -> FakeHost:
    return FakeHost(workflows=[ONE])


def client_of(host: FakeHost) -> openwop.Client:
    return openwop.Client(
        host.base_url, api_key=host.api_key, transport=host.transport(), load_plugins=False
    )


def run(client: openwop.Client) -> None:
    client.discovery.capabilities()
    handle = client.runs.start("one")
    with handle.events() as events:
        last = [event.type for event in events][-1]
    assert last == "run.completed"
    assert handle.result() == {"done": True}


def answers() -> list[bytes]:
    """Return the JSON that the host answers to one run, the frames of its stream included."""
    host, seen = made(), list[bytes]()
    handle = host.handle

    def noted(request: object) -> object:
        answer = handle(request)  # type: ignore[arg-type]
        if answer.stream is None:
            seen.append(answer.body)
        return answer

    host.handle = noted  # type: ignore[assignment, method-assign]
    with client_of(host) as client:
        run(client)
    [made_run] = host.engine.runs.values()
    seen += [json.dumps(Wire(2).event(made_run, event)).encode() for event in made_run.log]
    return [body for body in seen if body]


def timed(function: Callable[[], object]) -> tuple[float, float]:
    """Return the milliseconds of the clock and of the processor that a call took."""
    wall, processor = time.perf_counter(), time.process_time()
    function()
    return (time.perf_counter() - wall) * 1e3, (time.process_time() - processor) * 1e3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    bodies = answers()
    times: dict[str, list[tuple[float, float]]] = {"host": [], "run": [], "floor": []}

    def floor() -> None:
        for body in bodies:
            json.dumps(json.loads(body))

    for number in range(options.rounds + 20):
        gc.collect(0)
        start = timed(made)
        with client_of(made()) as client:
            whole = timed(lambda client=client: run(client))
        if number >= 20:  # what is loaded and compiled once is not what a test pays
            times["host"].append(start)
            times["run"].append(whole)
            times["floor"].append(timed(floor))

    def median(name: str, which: int) -> float:
        return statistics.median(pair[which] for pair in times[name])

    print(f"{'':24}{'clock':>9}{'processor':>12}{'best':>9}")
    for name, title in (
        ("host", "making a host"),
        ("run", "a run, start to result"),
        ("floor", "the JSON of its answers"),
    ):
        best = min(pair[0] for pair in times[name])
        print(f"{title:24}{median(name, 0):6.2f} ms{median(name, 1):9.2f} ms{best:6.2f} ms")
    ratio = statistics.median(
        run_[1] / floor_[1]
        for run_, floor_ in zip(times["run"], times["floor"], strict=True)
        if floor_[1]
    )
    print(f"a run costs {ratio:.1f} times the JSON of its answers")
    kept = median("run", 0) < RUN_LIMIT and median("host", 0) < START_LIMIT
    print(f"under {RUN_LIMIT:.0f} ms and {START_LIMIT:.0f} ms: {'yes' if kept else 'NO'}")
    return 0 if kept or not options.check else 1


if __name__ == "__main__":
    sys.exit(main())
