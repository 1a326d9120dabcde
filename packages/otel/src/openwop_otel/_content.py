"""Content in spans, for those who ask: bounded in size, with what looks like a secret blanked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, cast

__all__ = ["REDACTED", "Capture", "Redact", "blank_secrets"]

Redact: TypeAlias = Callable[[Any], Any]
"""Takes a JSON value and returns what of it may be shown."""

REDACTED: Final = "[REDACTED]"

_NAME: Final = re.compile(
    r"pass(word|wd|phrase)|secret|token|api[-_]?key|private[-_]?key|authori[sz]ation|credential"
    r"|cookie|signature|session[-_]?id",
    re.IGNORECASE,
)
_VALUE: Final = re.compile(
    r"\b(?:bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"
    r"|\b(?:hk|sk|pk|ghp|whsec|xox[a-z])[-_][A-Za-z0-9_+/=-]{8,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----",
    re.IGNORECASE,
)
_DEEPEST: Final = 32


def blank_secrets(value: Any, depth: int = 0) -> Any:
    """Return a copy of a JSON value without what looks like a secret, by its name or by itself.

    Numbers and booleans stay whatever their name is: `totalTokens` is no secret.

    Args:
        value: The JSON value.
        depth: How deep it stands; what is nested deeper than any reader wants is left out.
    """
    if isinstance(value, str):
        return _VALUE.sub(REDACTED, value)
    if depth > _DEEPEST:
        return REDACTED if isinstance(value, (dict, list)) else value
    if isinstance(value, Mapping):
        members = cast("Mapping[str, Any]", value)
        return {
            name: REDACTED
            if item is not None
            and not isinstance(item, (bool, int, float))
            and _NAME.search(str(name))
            else blank_secrets(item, depth + 1)
            for name, item in members.items()
        }
    if isinstance(value, list):
        return [blank_secrets(item, depth + 1) for item in value]  # pyright: ignore[reportUnknownVariableType]
    return value


class Capture:
    """Puts bodies and payloads into a form that attributes take.

    Args:
        limit: The most characters of one attribute.
        redact: Applied to the JSON value after secrets were blanked; what it raises leaves the
            content out.
    """

    def __init__(self, limit: int, redact: Redact | None) -> None:
        if limit < 1:
            msg = "content_limit must be positive"
            raise ValueError(msg)
        self._limit = limit
        self._redact = redact

    def body(self, body: bytes | None) -> str | None:
        """Return the body of a request or a response as text; None where there is none to show.

        What is no JSON is not shown: nobody can tell what in it is a secret.
        """
        if not body:
            return None
        try:
            value = json.loads(body)
        except (ValueError, RecursionError):
            return f"<{len(body)} bytes>"
        return self.value(value)

    def value(self, value: Any) -> str | None:
        """Return a JSON value as text, redacted and cut to the limit."""
        try:
            shown = blank_secrets(value)
            if self._redact is not None:
                shown = self._redact(shown)
            text = json.dumps(shown, ensure_ascii=False, separators=(",", ":"), default=str)
        except Exception:  # noqa: BLE001  # a redaction that fails must not let anything through
            return None
        return self.text(text)

    def text(self, text: str) -> str:
        """Return *text* cut to the limit, without what looks like a secret."""
        clean = _VALUE.sub(REDACTED, text)
        if len(clean) <= self._limit:
            return clean
        return f"{clean[: self._limit]}... ({len(clean)} characters)"
