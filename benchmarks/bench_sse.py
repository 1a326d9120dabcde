"""What reading a stream costs, in units of `json.loads`: framing, typed events, and the codec.

Run it with `python benchmarks/bench_sse.py`; `--events N` sets the size.  Each row is measured in
turn with its floor, `json.loads` of the same lines, and shows the median of the ratios, so that a
busy machine moves both.  Framing goes from bytes to `ServerSentEvent`; typed events go from bytes
to the class of each event with its payload structured, on each JSON parser that is installed.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator

from openwop._streams._frames import Frames
from openwop.runtime import _json as codec
from openwop.sse import EventDecoder

REPEATS = 9


def lines_of_json(
    count: int, filler: str = "a reader compares what it was told", *, declared: bool = False
) -> list[str]:
    """Return *count* run events of about 350 bytes each.

    Args:
        count: How many.
        filler: A text in each payload.
        declared: Whether the payloads have only members that the protocol declares; by default
            half of them are a host's own, and have to be kept apart.
    """
    own = {"attempt": 1, "cached": False, "parent": None}
    return [
        json.dumps(
            {
                "eventId": f"evt_{number:010d}",
                "runId": "run_7c1f0b52",
                "sequence": number,
                "type": "node.completed",
                "nodeId": f"step-{number % 7}",
                "timestamp": f"2026-10-05T12:00:00.{number % 1000:03d}Z",
                "payload": {
                    "outputs": {"text": filler, "score": 0.25, "tags": ["a", "b", "c"]},
                    "durationMs": number % 977,
                    **({"nodeId": f"step-{number % 7}, again"} if declared else own),
                },
            },
            ensure_ascii=False,
        )
        for number in range(count)
    ]


def chunks(wire: bytes, size: int) -> list[bytes]:
    """Cut *wire* into pieces of *size* bytes."""
    return [wire[at : at + size] for at in range(0, len(wire), size)]


def usual(number: int, line: str) -> str:
    return f"id: {number}\nevent: node.completed\ndata: {line}\n\n"


def type_first(number: int, line: str) -> str:
    return f"event: node.completed\nid: {number}\ndata: {line}\n\n"


def data_only(_number: int, line: str) -> str:
    return f"data: {line}\n\n"


def data_first(number: int, line: str) -> str:
    return f"data: {line}\nevent: node.completed\nid: {number}\n\n"


def with_crlf(number: int, line: str) -> str:
    return usual(number, line).replace("\n", "\r\n")


def decode(parts: Iterable[bytes]) -> int:
    """Return how many events *parts* hold."""
    feed = EventDecoder().feed
    return sum(len(feed(part)) for part in parts)


def timed(work: Callable[[], object]) -> float:
    gc.collect()
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def ratio(work: Callable[[], object], floor: Callable[[], object]) -> float:
    """Return the median of *work* over *floor*, measured in turn."""
    return statistics.median(timed(work) / timed(floor) for _ in range(REPEATS))


def framing_rows(count: int) -> Iterator[tuple[str, float]]:
    lines = lines_of_json(count)

    def floor() -> None:
        for line in lines:
            json.loads(line)

    def row(name: str, block: Callable[[int, str], str], size: int) -> tuple[str, float]:
        wire = "".join(block(number, line) for number, line in enumerate(lines)).encode()
        parts = chunks(wire, size)
        if decode(parts) != count:
            raise AssertionError(f"{name}: not every event came out")
        return name, ratio(lambda: decode(parts), floor)

    for size, shown in ((4096, "4 KB"), (65536, "64 KB")):
        yield row(f"id, event, data in {shown} chunks", usual, size)
        yield row(f"event, id, data in {shown} chunks", type_first, size)
        yield row(f"data alone in {shown} chunks", data_only, size)
        yield row(f"data, event, id in {shown} chunks (by line)", data_first, size)
        yield row(f"CRLF, id, event, data in {shown} chunks", with_crlf, size)
    yield row("id, event, data in 100-byte chunks", usual, 100)
    yield row("id, event, data a byte at a time", usual, 1)


def read_events(parts: Iterable[bytes]) -> int:
    """Return how many events *parts* hold, and look at the payload of each."""
    feed = EventDecoder().feed
    decode = Frames("run_7c1f0b52", values=False, strict=False, where="the stream").decode
    count = 0
    for part in parts:
        for frame in feed(part):
            for event in decode(frame):
                if event.payload is None:
                    raise AssertionError("a payload is missing")
                count += 1
    return count


def event_rows(count: int) -> Iterator[tuple[str, float]]:
    for backend in codec.BACKENDS:
        try:
            codec.use(backend)
        except ImportError:
            yield f"{backend} is not installed", float("nan")
            continue
        for declared in (True, False):
            lines = lines_of_json(count, declared=declared)
            wire = "".join(usual(number, line) for number, line in enumerate(lines)).encode()

            def floor(lines: list[str] = lines) -> None:
                for line in lines:
                    json.loads(line)

            for size, shown in ((4096, "4 KB"), (65536, "64 KB")):
                parts = chunks(wire, size)
                if read_events(parts) != count:
                    raise AssertionError("not every event came out")
                members = "declared members" if declared else "a host's own members"
                yield (
                    f"{backend}, {members}, {shown} chunks",
                    ratio(lambda parts=parts: read_events(parts), floor),  # type: ignore[misc]
                )
    codec.use(None)


def growth_rows(count: int) -> Iterator[tuple[str, float]]:
    """Yield the cost per byte of one long line fed in small pieces, against one a tenth as long."""

    def per_byte(length: int) -> float:
        wire = b"data: " + b"x" * length + b"\n\n"
        parts = chunks(wire, 7)
        return statistics.median(timed(lambda: decode(parts)) for _ in range(3)) / len(wire)

    yield "10 x the line, 7 bytes at a time", per_byte(count * 100) / per_byte(count * 10)


def codec_rows(count: int) -> Iterator[tuple[str, float]]:
    lines = lines_of_json(count)
    raw = [line.encode() for line in lines]

    def floor() -> None:
        for line in lines:
            json.loads(line)

    for backend in codec.BACKENDS:
        try:
            codec.use(backend)
        except ImportError:
            continue
        loads = codec.loads

        def strings(loads: Callable[[str], object] = loads) -> None:
            for line in lines:
                loads(line)

        def bodies(loads: Callable[[bytes], object] = loads) -> None:
            for line in raw:
                loads(line)

        yield f"loads of str, {backend}", ratio(strings, floor)
        yield f"loads of bytes, {backend}", ratio(bodies, floor)
    codec.use(None)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=20_000)
    count = parser.parse_args(arguments).events
    for title, rows in (
        ("framing / json.loads", framing_rows(count)),
        ("bytes to typed events / json.loads", event_rows(count)),
        ("cost per byte", growth_rows(count)),
        ("codec / json.loads", codec_rows(count)),
    ):
        print(f"{title:<52} ratio")
        for name, value in rows:
            print(f"  {name:<50} {value:5.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
