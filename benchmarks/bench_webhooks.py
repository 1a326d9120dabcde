"""What verifying a webhook delivery costs, as a multiple of the bare HMAC over the same bytes.

    python benchmarks/bench_webhooks.py [--check]

The floor is what has to be computed in any case: the HMAC of the bytes that the scheme signs, in
the encoding in which it is sent.  Floor and verifier are timed in turn, in many short rounds, and
the best of each is kept: what the machine does besides then disturbs both alike.  Every call gets
headers that were built anew, as a server builds them for each request; a comparison of texts that
are one object would cost nothing.  Verifiers of other projects, where installed, are given a body
of the same size, signed their way.  With `--check` the exit status says whether every form of
headers is within the bound.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import importlib
import itertools
import json
import sys
import time
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from typing import Any

from openwop_webhooks import Delivery, MemoryReplayGuard, Verifier, make_secret, sign

BOUND = 1.3
SIZE = 2048
NOW = int(time.time())
MESSAGE = "msg_0123456789abcdef"
REST = {"Host": "hooks.example.com", "Content-Type": "application/json", "Accept": "*/*"}


def delivery(size: int) -> bytes:
    """Return the body of a delivery that has exactly *size* bytes."""
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
            for _ in range(300):
                function()
            best[index] = min(best[index], (time.perf_counter() - start) / 300 * 1e6)
    return best[0], best[1]


def anew(text: str) -> str:
    """Return an equal text that is another object."""
    return text.encode().decode()


def as_dict(headers: dict[str, str]) -> Any:
    """Return headers as a dict."""
    return {anew(name): anew(value) for name, value in headers.items()}


def as_pairs(headers: dict[str, str]) -> Any:
    """Return headers as pairs of text."""
    return list(as_dict(headers).items())


def as_bytes(headers: dict[str, str]) -> Any:
    """Return headers as ASGI servers give them."""
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


def forms(secret: str, body: bytes) -> dict[str, tuple[bool, Callable[[], object]]]:
    """Return what verifies each form of headers, and whether its scheme is Standard Webhooks."""
    how: dict[str, Any] = {"webhook_id": "wh-1", "event_type": "run.completed", "timestamp": NOW}
    kinds = {
        "both families": {**REST, **sign(body, secret, **how)},
        "OpenWOP-* alone": {**REST, **sign(body, secret, families=("v2",), **how)},
        "Standard Webhooks beside": {**REST, **sign(body, secret, standard_id=MESSAGE, **how)},
    }
    shapes = {"a dict": as_dict, "pairs": as_pairs, "pairs of bytes": as_bytes}
    verifier = Verifier(secret)

    def case(headers: dict[str, str], shape: Callable[[dict[str, str]], Any]) -> Any:
        sent = itertools.cycle([shape(headers) for _ in range(64)])
        return lambda: verifier.verify(next(sent), body)

    found = {
        f"{kind}, {shape}": ("Standard" in kind, case(headers, make))
        for kind, headers in kinds.items()
        for shape, make in shapes.items()
    }
    guarded = Verifier(secret, replay_guard=MemoryReplayGuard())
    usual = as_pairs(kinds["both families"])

    def claimed() -> None:
        delivery = guarded.verify(usual, body)
        assert isinstance(delivery, Delivery)
        delivery.release()

    return {**found, "parsed, claimed in memory, released": (False, claimed)}


def floors(secret: str, body: bytes) -> tuple[Callable[[], object], Callable[[], object]]:
    """Return the bare HMAC of `OpenWOP-Signature`, and that of `webhook-signature`."""
    key, standard = secret.encode(), a2b_base64(secret.removeprefix("whsec_"))
    told = str(NOW)

    def hexadecimal() -> str:
        return hmac.new(key, f"{told}.".encode() + body, hashlib.sha256).hexdigest()

    def base64() -> bytes:
        signed = f"{MESSAGE}.{told}.".encode() + body
        return b2a_base64(hmac.new(standard, signed, hashlib.sha256).digest(), newline=False)

    return hexadecimal, base64


def peers(secret: str, body: bytes) -> dict[str, tuple[bool, Callable[[], object]]]:
    """Return the verifiers of other projects, as far as they are installed."""
    text = body.decode()
    found: dict[str, tuple[bool, Callable[[], object]]] = {}
    signed = sign(body, secret, webhook_id="w", event_type="e", timestamp=NOW, standard_id=MESSAGE)
    headers = {name: value for name, value in signed.items() if name.startswith("webhook-")}
    for module in ("standardwebhooks", "svix"):
        try:
            webhook = importlib.import_module(module).Webhook(secret)
        except ImportError:
            continue
        found[module] = (True, lambda webhook=webhook: webhook.verify(text, headers))
    try:
        stripe = importlib.import_module("stripe")
    except ImportError:
        return found
    value = hmac.new(secret.encode(), f"{NOW}.{text}".encode(), hashlib.sha256).hexdigest()
    header = f"t={NOW},v1={value}"
    check = stripe.WebhookSignature.verify_header
    found["stripe, signature alone"] = (False, lambda: check(text, header, secret, 300))
    return found


def main() -> int:
    """Print the table; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail above the bound")
    arguments = parser.parse_args()
    secret, body = make_secret(standard=True), delivery(SIZE)
    bases = floors(secret, body)
    over: list[str] = []
    print(f"body of {SIZE} bytes, Python {sys.version.split()[0]}, times in microseconds")
    ours = forms(secret, body)
    for name, (standard, case) in {**ours, **peers(secret, body)}.items():
        base, cost = compare(bases[standard], case)
        print(f"{name:<40} floor {base:5.2f}   verify {cost:6.2f}   ratio {cost / base:5.2f}")
        if cost / base > BOUND and name in ours and "claimed" not in name:
            over.append(name)
    if arguments.check and over:
        print(f"above the bound of {BOUND}: {'; '.join(over)}")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
