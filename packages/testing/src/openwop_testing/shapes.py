"""A strict check of request bodies, in the subset of JSON Schema that those bodies need.

Requests are closed: an object allows only the members it lists, unless it says otherwise with
`open_object`.  The first violation is reported with its path (v1.md section 7, v2.md section 1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from openwop_testing._json import as_list, as_object, is_list, is_number, is_object
from openwop_testing.problems import Problem

__all__ = [
    "Check",
    "any_value",
    "array",
    "boolean",
    "check",
    "integer",
    "member",
    "number",
    "object_of",
    "open_object",
    "string",
]


class Check(Protocol):
    """Raises `ShapeError` where *value* is not of the shape."""

    def __call__(self, value: Any, path: str) -> None:
        """Check *value*, found at *path*."""
        ...


class ShapeError(Exception):
    """A value is not of the shape that its place wants."""

    def __init__(self, path: str, wanted: str) -> None:
        super().__init__(f"{path or 'body'}: {wanted}")
        self.path = path
        self.wanted = wanted


def any_value() -> Check:
    """Accept every JSON value."""

    def run(value: Any, path: str) -> None:
        del value, path

    return run


def string(
    *, minimum: int = 0, maximum: int | None = None, pattern: str = "", https: bool = False
) -> Check:
    """Accept a string within bounds of length, and of a form."""
    compiled = re.compile(pattern) if pattern else None

    def run(value: Any, path: str) -> None:
        if not isinstance(value, str):
            raise ShapeError(path, "expected a string")
        if len(value) < minimum:
            raise ShapeError(path, f"expected at least {minimum} characters")
        if maximum is not None and len(value) > maximum:
            raise ShapeError(path, f"expected at most {maximum} characters")
        if compiled is not None and not compiled.search(value):
            raise ShapeError(path, f"does not match {pattern}")
        if https and not value.startswith("https://"):
            raise ShapeError(path, "expected an https URL")

    return run


def member(*allowed: str) -> Check:
    """Accept one of the listed strings."""

    def run(value: Any, path: str) -> None:
        if value not in allowed:
            raise ShapeError(path, f"expected one of {', '.join(allowed)}")

    return run


def boolean() -> Check:
    """Accept true or false."""

    def run(value: Any, path: str) -> None:
        if not isinstance(value, bool):
            raise ShapeError(path, "expected a boolean")

    return run


def integer(minimum: int | None = None, maximum: int | None = None) -> Check:
    """Accept a whole number within bounds."""

    def run(value: Any, path: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise ShapeError(path, "expected an integer")
        if minimum is not None and value < minimum:
            raise ShapeError(path, f"expected at least {minimum}")
        if maximum is not None and value > maximum:
            raise ShapeError(path, f"expected at most {maximum}")

    return run


def number(minimum: float | None = None, maximum: float | None = None) -> Check:
    """Accept a number within bounds."""

    def run(value: Any, path: str) -> None:
        if not is_number(value):
            raise ShapeError(path, "expected a number")
        if minimum is not None and value < minimum:
            raise ShapeError(path, f"expected at least {minimum}")
        if maximum is not None and value > maximum:
            raise ShapeError(path, f"expected at most {maximum}")

    return run


def array(item: Check, *, minimum: int = 0, maximum: int | None = None) -> Check:
    """Accept an array of *item* within bounds of length."""

    def run(value: Any, path: str) -> None:
        if not is_list(value):
            raise ShapeError(path, "expected an array")
        entries = as_list(value)
        if len(entries) < minimum:
            raise ShapeError(path, f"expected at least {minimum} items")
        if maximum is not None and len(entries) > maximum:
            raise ShapeError(path, f"expected at most {maximum} items")
        for index, entry in enumerate(entries):
            item(entry, f"{path}[{index}]")

    return run


def object_of(
    members: Mapping[str, Check], *, required: Sequence[str] = (), extra: bool = False
) -> Check:
    """Accept an object with these members and, unless *extra*, no others."""

    def run(value: Any, path: str) -> None:
        if not is_object(value):
            raise ShapeError(path, "expected an object")
        fields = as_object(value)
        for name in required:
            if name not in fields:
                raise ShapeError(_join(path, name), "is required")
        for name, item in fields.items():
            check_member = members.get(name)
            if check_member is not None:
                check_member(item, _join(path, name))
            elif not extra:
                raise ShapeError(_join(path, name), "is not a member of this request")

    return run


def open_object() -> Check:
    """Accept any object."""
    return object_of({}, extra=True)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def check(shape: Check, value: Any) -> None:
    """Check *value* against *shape*.

    Raises:
        Problem: 400 `validation_error` naming the first member that does not fit.
    """
    try:
        shape(value, "")
    except ShapeError as error:
        raise Problem(
            400,
            "validation_error",
            f"The request is not valid: {error}.",
            details={"field": error.path} if error.path else None,
        ) from error
