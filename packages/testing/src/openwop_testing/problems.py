"""Refusals: what a handler raises to answer an error envelope (v1.md 5, v2.md 5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["Problem", "invalid", "not_found"]


class Problem(Exception):  # noqa: N818  # it is an answer, not a failure of ours
    """An error answer.

    Args:
        status: The HTTP status.
        code: The error code.
        message: What went wrong, in words; never a secret.
        details: What goes under `details`.
        retry_after: Whole seconds for the `Retry-After` header.
        headers: Further response headers.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = dict(details or {})
        self.retry_after = retry_after
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """Return the closed envelope."""
        envelope: dict[str, Any] = {"error": self.code, "message": self.message}
        if self.details:
            envelope["details"] = self.details
        return envelope


def invalid(message: str, **details: Any) -> Problem:
    """Return the refusal of a malformed request."""
    return Problem(400, "validation_error", message, details=details)


def not_found(what: str) -> Problem:
    """Return the refusal for something that does not exist or may not be seen."""
    return Problem(404, "not_found", f"{what} was not found.")
