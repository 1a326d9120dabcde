"""What verifying a delivery costs, as a ratio to the bare HMAC over the same bytes.

    python benchmarks/bench_webhooks.py [--check]

The two are timed in turn, in many short rounds, and the best of each is kept: what the machine does
besides then disturbs both alike.  With `--check` the exit status says whether the ratio on the
usual delivery, both families in a dict, is within the bound.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import sys
import time
from collections.abc import Callable
from typing import Any

from openwop_webhooks import MemoryReplayGuard, Verifier, make_secret, sign

BOUND = 1.3
SIZE = 2048
NOW = 1_790_000_000


def delivery(size: int) -> bytes:
    event = {"type": "run.completed", "eventId": "e" * 16, "sequence": 3, "payload": {"text": ""}}
    bare = len(json.dumps({"runId": "run-1", "event": event}))
    event["payload"] = {"text": "x" * (size - bare)}
    body = json.dumps({"runId": "run-1", "event": event}).encode()
    assert size == len(body)
    return body


def compare(floor: Callable[[], object], tried: Callable[[], object]) -> tuple[float, float]:
    """Return the best time of each, in microseconds."""
    best = [float("inf"), float("inf")]
    for _ in range(150):
        for index, function in enumerate((floor, tried)):
            start = time.perf_counter()
            for _ in range(400):
                function()
            best[index] = min(best[index], (time.perf_counter() - start) / 400 * 1e6)
    return best[0], best[1]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail above the bound")
    arguments = parser.parse_args()
    secret, body = make_secret(standard=True), delivery(SIZE)
    key, told = secret.encode(), str(NOW)
    how: dict[str, Any] = {"webhook_id": "wh-1", "event_type": "run.completed", "timestamp": NOW}
    rest = {"Host": "hooks.example.com", "Content-Type": "application/json", "Accept": "*/*"}
    both = {**rest, **sign(body, secret, **how)}
    pairs = list(both.items())
    raw = [(name.lower().encode(), value.encode()) for name, value in both.items()]
    newer = {**rest, **sign(body, secret, families=("v2",), **how)}
    standard = {**rest, **sign(body, secret, standard_id="msg_0123456789abcdef", **how)}
    verifier = Verifier(secret)
    verifier._clock = lambda: NOW  # the deliveries are as old as this file
    guarded = Verifier(secret, clock=lambda: NOW, replay_guard=MemoryReplayGuard())

    def floor() -> str:
        return hmac.new(key, f"{told}.".encode() + body, hashlib.sha256).hexdigest()

    def claimed() -> None:
        found = guarded.verify(both, body)
        assert not isinstance(found, str)
        found.release()  # type: ignore[union-attr]

    cases: dict[str, Callable[[], object]] = {
        "both families, a dict": lambda: verifier.verify(both, body),
        "OpenWOP-* alone, a dict": lambda: verifier.verify(newer, body),
        "both families, pairs": lambda: verifier.verify(pairs, body),
        "both families, pairs of bytes": lambda: verifier.verify(raw, body),
        "Standard Webhooks beside both": lambda: verifier.verify(standard, body),
        "parsed, claimed in memory, released": claimed,
    }
    ratios: dict[str, float] = {}
    print(f"body of {SIZE} bytes, Python {sys.version.split()[0]}, times in microseconds")
    for name, case in cases.items():
        base, cost = compare(floor, case)
        ratios[name] = cost / base
        print(f"{name:<38} floor {base:5.2f}   verify {cost:6.2f}   ratio {ratios[name]:5.2f}")
    usual = ratios["both families, a dict"]
    if arguments.check and usual > BOUND:
        print(f"above the bound of {BOUND}")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
