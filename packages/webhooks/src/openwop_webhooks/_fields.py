"""The header fields of a delivery, read out of whatever a framework calls its headers.

Three families carry a delivery: `OpenWOP-*` (both majors), `X-openwop-*` (major 1, and beside the
former while a host serves both) and Standard Webhooks' `webhook-*` (v1 section 18; v2 sections 4.3
and 17).  All that is here treats its input as hostile.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, cast

from .errors import Reason, WebhookVerificationError

__all__ = ["STANDARD", "V1", "V2", "Fields", "read_fields", "refuse"]

_NAMES = ("signature", "timestamp", "signature-algorithm", "webhook-id", "event-type")
V2 = tuple(f"openwop-{name}" for name in _NAMES)
V1 = tuple(f"x-openwop-{name}" for name in _NAMES)
STANDARD = ("webhook-id", "webhook-timestamp", "webhook-signature")
_KNOWN = frozenset((*V2, *V1, *STANDARD))
_LONGEST = max(map(len, _KNOWN))


class Fields(NamedTuple):
    """The values of a delivery's headers; None for a header that is absent."""

    signature: str | None
    timestamp: str | None
    algorithm: str | None
    webhook_id: str | None
    event_type: str | None
    standard_id: str | None
    standard_timestamp: str | None
    standard_signature: str | None


def refuse(reason: Reason, message: str) -> WebhookVerificationError:
    """Return the error to raise for *reason*."""
    return WebhookVerificationError(f"webhook refused: {message}", reason=reason)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (bytes, bytearray)):
        return value.decode("latin-1")
    raise refuse("malformed_headers", f"a header is {type(value).__name__}, not text")


def _pairs(headers: object) -> Iterable[tuple[object, object]]:
    items = getattr(headers, "items", None)
    source: Any = items() if callable(items) else headers
    if isinstance(source, (str, bytes)) or not isinstance(source, Iterable):
        raise refuse("malformed_headers", "the headers are neither a mapping nor pairs")
    return cast("Iterable[tuple[object, object]]", source)


def _collect(headers: object) -> dict[str, str]:
    """Return the known headers by their lower-case names."""
    found: dict[str, str] = {}
    for name, value in _pairs(headers):
        key = _text(name)
        if len(key) > _LONGEST or (key := key.lower()) not in _KNOWN:
            continue
        several = cast("list[object] | tuple[object, ...]", value)
        for each in several if isinstance(value, (list, tuple)) else (value,):
            text = _text(each)
            if found.setdefault(key, text) != text:
                raise refuse("header_conflict", f"{key} came twice with different values")
    return found


def read_fields(headers: object) -> Fields:
    """Read the fields of a delivery, `OpenWOP-*` before `X-openwop-*`.

    Args:
        headers: A mapping, anything with `items()`, or pairs; names in any case, names and values
            as text or as bytes, a value also as a list of values.

    Returns:
        The fields of the family that is signed.

    Raises:
        WebhookVerificationError: The headers cannot be read, or two families disagree.
    """
    try:
        found = _collect(headers)
    except WebhookVerificationError:
        raise
    except Exception as error:  # hostile input fails in ways nobody can list
        raise refuse("malformed_headers", "the headers cannot be read") from error
    get = found.get
    newer, older = tuple(map(get, V2)), tuple(map(get, V1))
    if newer[0] is not None and older[0] is not None:
        # Absent means "v1", so an absent algorithm beside "v1" is no disagreement.
        one = (*newer[:2], newer[2] or "v1", *newer[3:])
        other = (*older[:2], older[2] or "v1", *older[3:])
        if one != other:
            raise refuse("header_conflict", "OpenWOP-* and X-openwop-* headers disagree")
    family = newer if newer[0] is not None else older
    return Fields(*family, *map(get, STANDARD))
