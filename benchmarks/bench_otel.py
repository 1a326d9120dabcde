"""What tracing costs: per call, and per event of a stream, above the tracing API's own cost.

Run it with `python benchmarks/bench_otel.py`.  The client talks to a transport that answers from
memory, so that nothing but the client is measured.  The floor of a call is one span of the API
with an SDK behind it, started as current and ended.  Variants are measured in turn within each
round, and each shows the median of its differences to the bare client of the same round, so that a
busy machine moves all of them.  The program fails where a limit that it states is not kept.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import SpanKind

import openwop
from openwop.wire import Headers, OpenResponse, Request
from openwop_otel import Tracing

CALL_LIMIT = 60.0
"""Microseconds per traced call above one span of the API; metrics are stated, and have no limit."""

EVENT_LIMIT = 0.25
"""Microseconds per event, for one that nobody asked to see: what cannot be told from noise."""

SNAPSHOT = json.dumps({"runId": "r", "workflowId": "w", "status": "running"}).encode()
JSON_HEADERS = Headers({"Content-Type": "application/json", "OpenWOP-Version": "2.0"})
SSE_HEADERS = Headers({"Content-Type": "text/event-stream"})


class Body:
    """A body that is there already."""

    def __init__(self, *chunks: bytes) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._chunks)

    def close(self) -> None:
        """Nothing is open."""


class Memory:
    """A transport that answers from memory."""

    def __init__(self, stream: bytes) -> None:
        self._stream = stream

    def send(self, request: Request) -> OpenResponse:
        if request.stream:
            return OpenResponse(200, SSE_HEADERS, Body(self._stream))
        return OpenResponse(200, JSON_HEADERS, Body(SNAPSHOT))

    def close(self) -> None:
        """Nothing is open."""


def stream_of(count: int) -> bytes:
    """Return a run's stream of *count* events."""
    parts: list[bytes] = []
    for number in range(count):
        kind = "run.completed" if number == count - 1 else "node.completed"
        document = {
            "eventId": f"e{number}",
            "runId": "r",
            "sequence": number,
            "type": "run.started" if number == 0 else kind,
            "timestamp": "2026-10-05T12:00:00.000Z",
            "payload": {"nodeId": "a", "outputs": {"text": "x" * 40}},
        }
        kind = document["type"]
        parts.append(f"id: {number}\nevent: {kind}\ndata: {json.dumps(document)}\n\n".encode())
    return b"".join(parts)


def client(stream: bytes, *plugins: object) -> openwop.Client:
    """Return a client that asks nobody which major it is to speak."""
    return openwop.Client(
        "http://host.test",
        api_key="hk_test_benchmark",
        transport=Memory(stream),
        plugins=plugins,
        load_plugins=False,
        protocol=2,
    )


def timed(work: Callable[[], object], count: int) -> float:
    """Return the microseconds that one of *count* takes."""
    gc.collect()
    gc.disable()
    try:
        # Of this process alone, so that what else the machine does disturbs the caches at most.
        began = time.process_time()
        for _ in range(count):
            work()
        return (time.process_time() - began) / count * 1e6
    finally:
        gc.enable()


def calls(rounds: int, count: int) -> bool:
    """Measure calls; returns whether the limit is kept."""
    provider = TracerProvider(shutdown_on_exit=False)
    meters = MeterProvider([InMemoryMetricReader()], shutdown_on_exit=False)
    unsampled = TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False)
    tracer = provider.get_tracer("floor")

    def floor() -> None:
        with tracer.start_as_current_span("floor", kind=SpanKind.CLIENT):
            pass

    histogram = meters.get_meter("floor").create_histogram("floor")
    attributes = {"operation": "runs.get", "server": "host.test", "status": 200}

    def measured() -> None:
        with tracer.start_as_current_span("floor", kind=SpanKind.CLIENT):
            histogram.record(0.1, attributes)

    def get(*plugins: object) -> Callable[[], object]:
        made = client(b"", *plugins)
        made.runs.get("r")
        return lambda: made.runs.get("r")

    bare = get()
    variants: dict[str, Callable[[], object]] = {
        "switched off by argument": get(Tracing(enabled=False)),
        "no SDK": get(Tracing(enabled=True)),
        "spans, not sampled": get(Tracing(enabled=True, tracer_provider=unsampled)),
        "spans": get(Tracing(enabled=True, tracer_provider=provider)),
        "spans and metrics": get(
            Tracing(enabled=True, tracer_provider=provider, meter_provider=meters)
        ),
    }
    base: list[float] = []
    floors: dict[str, list[float]] = {"span": [], "measured": []}
    found: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds):
        base.append(timed(bare, count))
        floors["span"].append(timed(floor, count))
        floors["measured"].append(timed(measured, count))
        for name, work in variants.items():
            found[name].append(timed(work, count))
    own, both = min(floors["span"]), min(floors["measured"])
    print(f"a call without plugins                  {min(base):8.1f} us")
    print(f"floor: one span of the tracing API      {own:8.1f} us")
    print(f"floor: a span and a measurement         {both:8.1f} us")
    kept = True
    for name, times in found.items():
        cost = min(times) - min(base)
        above = cost - (both if name == "spans and metrics" else own)
        print(f"  + {name:34}  {cost:8.1f} us, {above:+7.1f} us to its floor")
        if name == "spans":
            kept = above <= CALL_LIMIT
    print(f"limit: spans, {CALL_LIMIT:.0f} us above the floor      {'kept' if kept else 'BROKEN'}")
    return kept


def events(rounds: int, count: int) -> bool:
    """Measure events; returns whether the limit is kept."""
    stream = stream_of(count)
    provider = TracerProvider(shutdown_on_exit=False)
    meters = MeterProvider([InMemoryMetricReader()], shutdown_on_exit=False)
    options: dict[str, Any] = {"tracer_provider": provider, "meter_provider": meters}

    def read(*plugins: object) -> Callable[[], object]:
        made = client(stream, *plugins)

        def work() -> None:
            with made.runs.stream("r") as found:
                for _ in found:
                    pass

        work()
        return work

    bare = read()
    variants = {
        "as installed": read(Tracing(enabled=True, **options)),
        "span events asked for": read(Tracing(enabled=True, events=True, **options)),
        "runs drawn as spans": read(Tracing(enabled=True, render_runs=True, **options)),
    }
    base: list[float] = []
    extra: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(rounds):
        base.append(timed(bare, 1) / count)
        for name, work in variants.items():
            extra[name].append(timed(work, 1) / count)
    print(f"an event without plugins                {min(base):8.2f} us")
    cost = {name: min(found) - min(base) for name, found in extra.items()}
    for name, found in cost.items():
        print(f"  + {name:34}  {found:8.2f} us")
    kept = cost["as installed"] <= EVENT_LIMIT
    print(f"limit: {EVENT_LIMIT:.2f} us, as installed           {'kept' if kept else 'BROKEN'}")
    return kept


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--calls", type=int, default=100, help="calls per round")
    parser.add_argument("--events", type=int, default=5000, help="events per stream")
    options = parser.parse_args()
    kept = calls(options.rounds, options.calls)
    kept = events(options.rounds, options.events) and kept
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
