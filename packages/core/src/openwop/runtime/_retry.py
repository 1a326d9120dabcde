"""When to try again, and after how long.

Whether an outcome may be repeated is decided in this order: the answer's own word, the row of its
error code, and only for an unknown code its status; and then only where repeating is safe.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

import attrs

from openwop.runtime.errors import ConfigurationError

__all__ = [
    "IDEMPOTENT_METHODS",
    "RETRY_STATUSES",
    "RetryBudget",
    "RetryPolicy",
    "Tokens",
    "parse_retry_after",
]

IDEMPOTENT_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"})
RETRY_STATUSES: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


def _not_negative(instance: object, attribute: attrs.Attribute[float], value: float) -> None:
    if not value >= 0:
        msg = f"{type(instance).__name__}.{attribute.name} is {value}; it must be 0 or more"
        raise ConfigurationError(msg)


def _at_least_one(_instance: object, _attribute: attrs.Attribute[int], value: int) -> None:
    if not value >= 1:
        msg = f"RetryPolicy.attempts is {value}; it counts the first try, so 1 is the least"
        raise ConfigurationError(msg)


@attrs.frozen
class RetryBudget:
    """How many retries a client's calls may spend together, so that an outage is not multiplied.

    Every retry takes one token; every call that succeeds at its first attempt gives back a part of
    one.  With no token left an error is raised at once.

    Attributes:
        capacity: The tokens that a client begins with, and the most it can hold.
        refund: The part of a token that a success gives back.
    """

    capacity: float = attrs.field(default=100.0, validator=_not_negative)
    refund: float = attrs.field(default=0.1, validator=_not_negative)


class Tokens:
    """The state of a `RetryBudget`, shared by a client and its copies; thread-safe."""

    def __init__(self, budget: RetryBudget | None) -> None:
        self._budget = budget
        self._left = budget.capacity if budget else 0.0
        self._lock = threading.Lock()

    @property
    def left(self) -> float:
        """How many tokens are left."""
        return self._left

    def take(self) -> bool:
        """Take a token for one retry; False where none is left."""
        if self._budget is None:
            return True
        with self._lock:
            if self._left < 1.0 - 1e-9:  # ten refunds of 0.1 make one token
                return False
            self._left -= 1.0
            return True

    def give_back(self) -> None:
        """Give back a part of a token after a success."""
        budget = self._budget
        if budget is not None and self._left < budget.capacity:
            with self._lock:
                self._left = min(budget.capacity, self._left + budget.refund)


@attrs.frozen
class RetryPolicy:
    """How often and how patiently a call is repeated.

    Attributes:
        attempts: The most attempts, the first one included; 1 turns retries off.  A stream
            that resumes is won back after at least this many failures in a row.
        initial: The upper bound of the first wait, in seconds; it doubles with each attempt.
        maximum: The upper bound of every wait, in seconds.
        max_retry_after: The longest `Retry-After` that is waited for, in seconds.  A longer one
            raises at once: it is waited in full or not at all.
        budget: What a client's calls may spend together; None for no such bound.
        unsafe: True to repeat also what is not known to be safe to repeat, such as a POST without
            an idempotency key.  It may then happen twice.
    """

    attempts: int = attrs.field(default=3, validator=_at_least_one)
    initial: float = attrs.field(default=0.5, validator=_not_negative)
    maximum: float = attrs.field(default=8.0, validator=_not_negative)
    max_retry_after: float = attrs.field(default=60.0, validator=_not_negative)
    budget: RetryBudget | None = attrs.field(factory=RetryBudget)
    unsafe: bool = False

    def backoff(self, attempt: int, uniform: Callable[[], float] = random.random) -> float:
        """Return the wait before the attempt after *attempt*, in seconds: full jitter.

        Args:
            attempt: The attempt that just ended, counted from 1.
            uniform: A source of numbers in [0, 1).
        """
        # The exponent is bounded so that a long-lived stream's thousandth attempt cannot overflow.
        ceiling = min(self.maximum, self.initial * 2.0 ** min(attempt - 1, 60))
        return ceiling * uniform()


def parse_retry_after(value: str | None, now: Callable[[], float]) -> float | None:
    """Read a `Retry-After` header: whole or fractional seconds, or an HTTP date.

    Args:
        value: The header's value.
        now: Gives the time as Unix seconds, for dates.

    Returns:
        The seconds to wait, never negative; None where the header is absent or makes no sense.
    """
    if value is None:
        return None
    text = value.strip()
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, IndexError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return max(0.0, when.timestamp() - now())
