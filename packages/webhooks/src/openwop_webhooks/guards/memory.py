"""A replay guard in the memory of one process."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from ._base import DEFAULT_LEASE, DEFAULT_RETENTION, Claim, ClaimState, check_times

__all__ = ["MemoryReplayGuard"]


class MemoryReplayGuard:
    """Keeps claims in this process: right for one process, for tests, and for nothing else.

    It forgets everything when the process ends.  A key takes some 300 bytes until its retention has
    passed; only authentic deliveries take any.

    Args:
        lease: Seconds for which a claim is held.
        retention: Seconds for which a handled key is remembered.
        clock: Seconds since some fixed instant.

    Raises:
        ConfigurationError: The times make no sense.
    """

    blocking = False

    def __init__(
        self,
        *,
        lease: float = DEFAULT_LEASE,
        retention: float = DEFAULT_RETENTION,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        check_times(lease, retention)
        self.lease = lease
        self.retention = retention
        self._clock = clock
        self._lock = threading.Lock()
        # Two tables, each in the order of its deadlines, so that expiry looks at the first alone.
        self._claims: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._handled: OrderedDict[str, float] = OrderedDict()

    def claim(self, key: str) -> Claim:
        """Claim *key*, or say who was there before."""
        with self._lock:
            now = self._clock()
            self._expire(now)
            if key in self._handled:
                return Claim(ClaimState.HANDLED)
            if key in self._claims:
                return Claim(ClaimState.IN_PROGRESS)
            token = secrets.token_hex(8)
            self._claims[key] = (now + self.lease, token)
            return Claim(ClaimState.NEW, token)

    def complete(self, key: str, token: str) -> bool:
        """Remember *key* as handled; False where somebody else holds it by now."""
        with self._lock:
            now = self._clock()
            self._expire(now)
            held = self._claims.get(key)
            if held is not None and held[1] != token:
                return False
            self._claims.pop(key, None)
            self._handled[key] = now + self.retention
            self._handled.move_to_end(key)
            return True

    def release(self, key: str, token: str) -> bool:
        """Forget the claim; False where it lapsed."""
        with self._lock:
            self._expire(self._clock())
            held = self._claims.get(key)
            if held is None or held[1] != token:
                return False
            del self._claims[key]
            return True

    def count(self) -> int:
        """Return how many keys are held or remembered."""
        with self._lock:
            self._expire(self._clock())
            return len(self._claims) + len(self._handled)

    def _expire(self, now: float) -> None:
        while self._claims:
            key, (until, _) = next(iter(self._claims.items()))
            if until > now:
                break
            del self._claims[key]
        while self._handled:
            key, until = next(iter(self._handled.items()))
            if until > now:
                break
            del self._handled[key]
