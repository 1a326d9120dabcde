"""The table of answered mutations (v1.md section 9, v2.md section 9.2)."""

from __future__ import annotations

import math
import re
from typing import Final

import attrs

from openwop_testing.problems import Problem, invalid

__all__ = ["IdempotencyTable", "StoredAnswer", "check_key"]

RETENTION: Final = 24 * 3600.0
_STRICT = re.compile(r"[A-Za-z0-9._~-]{22,128}")
_NEVER = frozenset({401, 403, 429})
_NEVER_CODES = frozenset({"validation_error", "idempotency_key_invalid"})


@attrs.frozen
class StoredAnswer:
    """The first final answer to a key."""

    digest: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    at: float


def check_key(key: str, *, major: int) -> None:
    """Refuse a key outside the grammar of its major.

    Raises:
        Problem: 400 `idempotency_key_invalid` in major 2, `validation_error` in major 1.
    """
    if major == 2:
        if not _STRICT.fullmatch(key):
            raise Problem(
                400,
                "idempotency_key_invalid",
                "An Idempotency-Key has 22 to 128 letters, digits, dots, underscores, tildes or "
                "hyphens.",
            )
    elif not key or len(key) > 255 or not key.isascii() or not key.isprintable():
        raise invalid("An Idempotency-Key has 1 to 255 printable characters.")


class IdempotencyTable:
    """Answers by tenant, operation and key."""

    def __init__(self) -> None:
        self._answers: dict[tuple[str, str, str], StoredAnswer] = {}
        self._busy: dict[tuple[str, str, str], float] = {}

    def hold(self, tenant: str, operation: str, key: str, until: float) -> None:
        """Note that the request of a key is being worked on until a moment."""
        self._busy[(tenant, operation, key)] = until

    def check_free(self, tenant: str, operation: str, key: str, now: float, *, major: int) -> None:
        """Refuse a key whose request is still being worked on.

        Raises:
            Problem: 409 `idempotency_in_flight`.
        """
        left = math.ceil(self._busy.get((tenant, operation, key), now) - now)
        if left <= 0:
            self._busy.pop((tenant, operation, key), None)
            return
        raise Problem(
            409,
            "idempotency_in_flight",
            "A request with this Idempotency-Key is being worked on; repeat it with the same key.",
            # Major 2 tells times by the header alone.
            details={"retryAfter": left} if major == 1 else None,
            retry_after=left,
        )

    def find(
        self, tenant: str, operation: str, key: str, digest: str, now: float
    ) -> StoredAnswer | None:
        """Return the answer to give again, or None for a key that is new.

        Raises:
            Problem: 409 `idempotency_key_mismatch`: the key stands for another request.
        """
        stored = self._answers.get((tenant, operation, key))
        if stored is None:
            return None
        if now - stored.at >= RETENTION:
            del self._answers[(tenant, operation, key)]
            return None
        if stored.digest != digest:
            raise Problem(
                409,
                "idempotency_key_mismatch",
                "This Idempotency-Key was used for another request; make a new one.",
            )
        return stored

    def keep(self, tenant: str, operation: str, key: str, answer: StoredAnswer, code: str) -> None:
        """Remember an answer, unless it is one of those that are never given again."""
        if answer.status in _NEVER or answer.status >= 500 or code in _NEVER_CODES:
            return
        self._answers[(tenant, operation, key)] = answer
