"""Small helpers for JSON values: aliases, narrowing without casts everywhere, canonical text."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final, TypeAlias, TypeGuard

__all__ = [
    "JsonObject",
    "as_list",
    "as_object",
    "canonical",
    "clone",
    "compact",
    "digest",
    "is_list",
    "is_number",
    "is_object",
    "parse",
]

JsonObject: TypeAlias = dict[str, Any]


def is_object(value: object) -> TypeGuard[JsonObject]:
    """Tell whether *value* is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Tell whether *value* is a JSON array."""
    return isinstance(value, list)


def as_object(value: object) -> JsonObject:
    """Return *value* where it is an object, else an empty one."""
    return value if is_object(value) else {}


def as_list(value: object) -> list[Any]:
    """Return *value* where it is an array, else an empty one."""
    return value if is_list(value) else []


def is_number(value: object) -> TypeGuard[float]:
    """Tell whether *value* is a JSON number: Python counts booleans as integers, JSON does not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


_COMPACT: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)
_CANONICAL: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, sort_keys=True)


def compact(value: object) -> str:
    """Return *value* as one line of JSON."""
    return _COMPACT.encode(value)


def canonical(value: object) -> str:
    """Return *value* as JSON that two equal values share: sorted names, no space."""
    return _CANONICAL.encode(value)


def digest(value: object) -> str:
    """Return the SHA-256 of the canonical text of *value*, as lowercase hex."""
    return hashlib.sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()


def clone(value: Any) -> Any:
    """Return a deep copy of a JSON value."""
    if is_object(value):
        return {name: clone(item) for name, item in as_object(value).items()}
    if is_list(value):
        return [clone(item) for item in as_list(value)]
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def parse(text: bytes) -> Any:
    """Parse UTF-8 JSON strictly.

    Raises:
        ValueError: *text* is not UTF-8, or not JSON.
    """
    return json.loads(text.decode("utf-8"), parse_constant=_no_constant)
