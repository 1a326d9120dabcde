"""The circuit breaker of one subscription (v1 section 18, delivery semantics)."""

from __future__ import annotations

from collections import deque
from typing import Literal, TypeAlias

import attrs

__all__ = ["BreakerPolicy", "BreakerState", "CircuitBreaker"]

BreakerState: TypeAlias = Literal["closed", "open", "half-open", "failed"]


@attrs.frozen
class BreakerPolicy:
    """When deliveries to an endpoint are held back.

    Attributes:
        failures: How many failures in a row open the circuit.
        open_for: Seconds until an open circuit lets one delivery through.
        fatal_failures: How many failures within *fatal_window* end the subscription.
        fatal_window: The rolling window, in seconds.
    """

    failures: int = 4
    open_for: float = 3600.0
    fatal_failures: int = 100
    fatal_window: float = 7 * 86400.0


class CircuitBreaker:
    """Counts what became of deliveries; asks nobody for the time.

    Args:
        policy: When it opens.
    """

    def __init__(self, policy: BreakerPolicy) -> None:
        self._policy = policy
        self._in_a_row = 0
        self._opened_at: float | None = None
        self._failed = False
        self._failures: deque[float] = deque()

    def state(self, now: float) -> BreakerState:
        """Return the state at *now*: half-open once an open circuit has waited long enough."""
        if self._failed:
            return "failed"
        if self._opened_at is None:
            return "closed"
        return "half-open" if now >= self.reopens_at else "open"

    @property
    def reopens_at(self) -> float:
        """When an open circuit lets a delivery through; in the past for a closed one."""
        return float("-inf") if self._opened_at is None else self._opened_at + self._policy.open_for

    def succeeded(self) -> None:
        """Count a success: the circuit closes."""
        self._in_a_row = 0
        self._opened_at = None

    def failed(self, now: float) -> None:
        """Count a failure at *now*: it may open the circuit, open it again, or end it."""
        self._in_a_row += 1
        self._failures.append(now)
        while self._failures and self._failures[0] <= now - self._policy.fatal_window:
            self._failures.popleft()
        if len(self._failures) >= self._policy.fatal_failures:
            self._failed = True
        elif self._opened_at is not None or self._in_a_row >= self._policy.failures:
            self._opened_at = now
