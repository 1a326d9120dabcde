"""Mutate signed deliveries, byte by byte, and look for one that is accepted or that breaks out.

    python tests/soak/webhooks_fuzz.py [--count 10000000] [--seed 1]

Each mutation changes, inserts, removes or swaps bytes of the body or of a header, or shuffles the
headers themselves.  What may come out of the verifier is a `WebhookVerificationError`, or the very
delivery that was signed where the mutation missed all that is signed.  Anything else is printed and
ends the run with status 1; the seed reproduces it.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time

from openwop_webhooks import (
    Challenge,
    Delivery,
    Verifier,
    WebhookVerificationError,
    make_secret,
    sign,
    sign_challenge,
)

NOW = 1_790_000_000
Headers = list[tuple[str, str]]


class Sample:
    """A signed request, and what of it is signed."""

    def __init__(self, headers: dict[str, str], body: bytes) -> None:
        self.headers: Headers = list(headers.items())
        self.body = body
        self.standard = headers.get("webhook-id")


def samples(plain: str, standard: str) -> list[Sample]:
    event = {"type": "run.completed", "eventId": "e" * 16, "sequence": 3, "payload": {"n": [1, 2]}}
    body = json.dumps({"runId": "acme/r-1", "workspaceId": "ws", "event": event}).encode()
    made: list[Sample] = []
    for families in (("v1",), ("v2",), ("v1", "v2")):
        for secret, standard_id in ((plain, None), (standard, None), (standard, "msg_0123456789")):
            headers = sign(
                body,
                secret,
                webhook_id="wh-1",
                event_type="run.completed",
                timestamp=NOW,
                families=families,  # type: ignore[arg-type]
                standard_id=standard_id,
            )
            made.append(Sample(headers, body))
    challenge, headers = sign_challenge("c", standard, standard_id="msg_0123456789", timestamp=NOW)
    return [*made, Sample(headers, challenge)]


def mutate_bytes(data: bytes, rng: random.Random) -> bytes:
    out = bytearray(data)
    for _ in range(1 if rng.random() < 0.8 else rng.randint(2, 6)):
        kind, place = rng.randrange(5), rng.randrange(len(out) + 1)
        if kind == 0 and place < len(out):
            out[place] ^= 1 << rng.randrange(8)
        elif kind == 1 and place < len(out):
            out[place] = rng.randrange(256)
        elif kind == 2:
            out.insert(place, rng.randrange(256))
        elif kind == 3 and place < len(out):
            del out[place]
        elif out:
            other = rng.randrange(len(out))
            place = min(place, len(out) - 1)
            out[place], out[other] = out[other], out[place]
    return bytes(out)


def mutate_headers(headers: Headers, rng: random.Random) -> Headers:
    out = list(headers)
    place = rng.randrange(len(out))
    name, value = out[place]
    kind = rng.randrange(8)
    if kind <= 3:
        out[place] = (name, mutate_bytes(value.encode("latin-1"), rng).decode("latin-1"))
    elif kind == 4:
        out[place] = (mutate_bytes(name.encode("latin-1"), rng).decode("latin-1"), value)
    elif kind == 5:
        del out[place]
    elif kind == 6:
        out.append((name, mutate_bytes(value.encode("latin-1"), rng).decode("latin-1")))
    else:
        out[place] = (name, rng.choice(out)[1])
    return out


def shaped(headers: Headers, shape: int) -> object:
    """Return the headers as frameworks pass them: a dict, pairs of text, or pairs of bytes."""
    if shape == 0:
        return dict(headers)
    if shape == 1:
        return headers
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def judge(verifier: Verifier, sample: Sample, headers: Headers, body: bytes, shape: int) -> str:
    """Return what is wrong with the verifier's judgement; empty where nothing is."""
    try:
        found = verifier.verify(shaped(headers, shape), body)
    except WebhookVerificationError:
        return ""
    except Exception as error:  # this is what the run looks for
        return f"raised {error!r}"
    if body != sample.body:
        return "accepted a changed body"
    if isinstance(found, Delivery) and found.timestamp != NOW:
        return "accepted a changed timestamp"
    if isinstance(found, Challenge) != sample.body.startswith(b'{"type":"openwop.webhook'):
        return "took a delivery for a challenge, or the reverse"
    present = {name.lower(): value for name, value in headers}
    told = present.get("webhook-id") if "webhook-signature" in present else None
    if sample.standard is not None and told not in (None, sample.standard):
        return "accepted a changed webhook-id"
    return ""


def run(count: int, seed: int) -> int:
    rng = random.Random(seed)
    plain, standard = make_secret(), make_secret(standard=True)
    verifier = Verifier([plain, standard], clock=lambda: NOW)
    pool = samples(plain, standard)
    for sample in pool:
        for shape in range(3):
            verifier.verify(shaped(sample.headers, shape), sample.body)
    start = time.perf_counter()
    for number in range(count):
        sample = pool[number % len(pool)]
        headers, body = sample.headers, sample.body
        if rng.random() < 0.5:
            body = mutate_bytes(body, rng)
        else:
            headers = mutate_headers(headers, rng)
        wrong = judge(verifier, sample, headers, body, rng.randrange(3))
        if wrong:
            print(f"mutation {number} of seed {seed}: {wrong}\n{headers!r}\n{body!r}")
            return 1
        if number and number % 1_000_000 == 0:
            rate = number / (time.perf_counter() - start)
            print(f"{number:,} mutations, {rate:,.0f} per second", flush=True)
    print(f"{count:,} mutations in {time.perf_counter() - start:.1f} s: none was misjudged")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000_000, help="how many mutations")
    parser.add_argument("--seed", type=int, default=1, help="what they are drawn from")
    arguments = parser.parse_args()
    return run(arguments.count, arguments.seed)


if __name__ == "__main__":
    sys.exit(main())
