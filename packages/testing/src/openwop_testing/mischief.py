"""Faults at random, the same ones for the same seed.

Each request of an operation has a number, and what befalls it follows from the seed, the operation
and that number alone: neither threads nor the order in which operations come change it.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Final

import attrs

__all__ = ["KINDS", "Mischief", "Misfortune"]

REQUESTS: Final[tuple[str, ...]] = ("fail", "refuse", "lose")
STREAMS: Final[tuple[str, ...]] = ("cut", "close", "duplicate", "truncate")
KINDS: Final[tuple[str, ...]] = (*REQUESTS, *STREAMS)


@attrs.frozen
class Misfortune:
    """What befalls one request.

    Attributes:
        kind: The kind of fault, as `Faults` has a method for it.
        status: The status of a `fail`.
        after: The events before a stream's fault; the bytes of a `truncate`.
    """

    kind: str
    status: int = 503
    after: int = 0


class Mischief:
    """Draws what goes wrong.

    Args:
        seed: What everything is drawn from.
        rate: The share of requests, and of streams, that something befalls: above 0, at most 1.
        kinds: What may go wrong.
        operations: The operations that it may happen to; None for all.
        in_a_row: How many requests of one operation may fail one after another, so that a client
            that tries once more than that always gets through.

    Raises:
        ValueError: The rate is out of bounds, or there is no such kind of fault.
    """

    def __init__(
        self,
        seed: int,
        *,
        rate: float,
        kinds: Iterable[str] = KINDS,
        operations: Iterable[str] | None = None,
        in_a_row: int = 2,
    ) -> None:
        chosen = frozenset(kinds)
        if not 0 < rate <= 1:
            raise ValueError("rate is above 0 and at most 1")
        if not chosen or not chosen <= set(KINDS):
            raise ValueError(f"kinds are of {', '.join(KINDS)}")
        self.seed = seed
        self.befallen: list[str] = []
        self._rate = rate
        self._kinds = {
            "request": [kind for kind in REQUESTS if kind in chosen],
            "stream": [kind for kind in STREAMS if kind in chosen],
        }
        self._operations = None if operations is None else frozenset(operations)
        self._in_a_row = in_a_row
        self._asked: dict[tuple[str, str], int] = {}
        self._streak: dict[tuple[str, str], int] = {}

    def request(self, operation_id: str) -> Misfortune | None:
        """Return what befalls the next request of an operation; None for nothing."""
        return self._draw("request", operation_id)

    def stream(self, operation_id: str) -> Misfortune | None:
        """Return what befalls the next stream of an operation; None for nothing."""
        return self._draw("stream", operation_id)

    def _draw(self, what: str, operation_id: str) -> Misfortune | None:
        kinds = self._kinds[what]
        if not kinds or (self._operations is not None and operation_id not in self._operations):
            return None
        place = (what, operation_id)
        number = self._asked[place] = self._asked.get(place, 0) + 1
        # A text as a seed is hashed the same way on every machine.
        dice = random.Random(f"{self.seed}/{what}/{operation_id}/{number}")  # noqa: S311
        if dice.random() >= self._rate or self._streak.get(place, 0) >= self._in_a_row:
            self._streak[place] = 0
            return None
        self._streak[place] = self._streak.get(place, 0) + 1
        kind = dice.choice(kinds)
        drawn = Misfortune(
            kind,
            status=dice.choice((429, 502, 503, 504)),
            after=dice.randrange(600 if kind == "truncate" else 4),
        )
        self.befallen.append(f"{operation_id} #{number}: {_words(drawn)}")
        return drawn

    def __str__(self) -> str:
        what = ", ".join(self.befallen) or "nothing yet"
        return f"seed {self.seed}: {what}"


def _words(drawn: Misfortune) -> str:
    if drawn.kind == "fail":
        return str(drawn.status)
    if drawn.kind in REQUESTS:
        return drawn.kind
    unit = "bytes" if drawn.kind == "truncate" else "events"
    return f"{drawn.kind} after {drawn.after} {unit}"
