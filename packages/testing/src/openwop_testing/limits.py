"""Rate limits, where a host has any (v1.md section 5.1)."""

from __future__ import annotations

import math

from openwop_testing.keys import Credential
from openwop_testing.problems import Problem

__all__ = ["RateLimiter"]


class RateLimiter:
    """Counts requests per key in windows of the host's clock.

    Args:
        limit: How many requests a window lets through; None for no limit.
        window: The length of a window, in seconds.
    """

    def __init__(self, limit: int | None = None, window: float = 60.0) -> None:
        self.limit = limit
        self.window = window
        self._seen: dict[tuple[str, str], list[float]] = {}

    def check(self, operation: str, credential: Credential, now: float, *, major: int) -> None:
        """Count a request.

        Raises:
            Problem: 429 `rate_limited`: the window is full.
        """
        del operation
        if self.limit is None:
            return
        who = (credential.tenant, credential.principal)
        recent = [at for at in self._seen.get(who, []) if now - at < self.window]
        if len(recent) >= self.limit:
            wait = max(1, math.ceil(recent[0] + self.window - now))
            details: dict[str, object] = {"scope": "key", "limit": self.limit}
            if major == 1:
                # Major 2 leaves the timing to the header alone.
                details["retryAfterMs"] = wait * 1000
            self._seen[who] = recent
            raise Problem(
                429, "rate_limited", "Too many requests.", details=details, retry_after=wait
            )
        recent.append(now)
        self._seen[who] = recent
