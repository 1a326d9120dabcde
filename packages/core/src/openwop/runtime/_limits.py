"""What strict mode checks of a value beyond its type: bounds, lengths, patterns."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from openwop.runtime._model import Limits
from openwop.runtime._structure import StructureError

__all__ = ["check_limits"]


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def _refuse(expected: str, got: str) -> StructureError:
    return StructureError("", expected, got)


def _number(value: float, limits: Limits) -> None:
    if limits.minimum is not None and value < limits.minimum:
        raise _refuse(f"at least {limits.minimum:g}", "less")
    if limits.maximum is not None and value > limits.maximum:
        raise _refuse(f"at most {limits.maximum:g}", "more")
    if limits.exclusive_minimum is not None and value <= limits.exclusive_minimum:
        raise _refuse(f"more than {limits.exclusive_minimum:g}", "no more")
    if limits.exclusive_maximum is not None and value >= limits.exclusive_maximum:
        raise _refuse(f"less than {limits.exclusive_maximum:g}", "no less")
    if limits.multiple_of:
        quotient = value / limits.multiple_of
        if abs(quotient - round(quotient)) > 1e-9:
            raise _refuse(f"a multiple of {limits.multiple_of:g}", "another number")


def _text(value: str, limits: Limits) -> None:
    if limits.min_length is not None and len(value) < limits.min_length:
        raise _refuse(f"at least {limits.min_length} characters", f"{len(value)}")
    if limits.max_length is not None and len(value) > limits.max_length:
        raise _refuse(f"at most {limits.max_length} characters", f"{len(value)}")
    if limits.pattern is not None and not _pattern(limits.pattern).search(value):
        raise _refuse(f"a match of {limits.pattern}", "another str")


def _count(value: Sequence[Any] | Mapping[str, Any], limits: Limits) -> None:
    if limits.min_items is not None and len(value) < limits.min_items:
        raise _refuse(f"at least {limits.min_items} members", f"{len(value)}")
    if limits.max_items is not None and len(value) > limits.max_items:
        raise _refuse(f"at most {limits.max_items} members", f"{len(value)}")
    if limits.unique and not isinstance(value, Mapping):
        seen: list[Any] = []
        for item in value:
            if any(item == other and type(item) is type(other) for other in seen):
                raise _refuse("members that all differ", "two equal ones")
            seen.append(item)


def check_limits(inner: Callable[[Any], Any], limits: Limits) -> Callable[[Any], Any]:
    """Return *inner* with a check of *limits* before it.

    Args:
        inner: Structures a value of the member's type.
        limits: What the description allows; the limits of elements are the business of the
            function that structures the elements.
    """

    def check(value: Any) -> Any:
        if isinstance(value, str):
            _text(value, limits)
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            _number(value, limits)
        elif isinstance(value, (list, dict)):
            _count(cast("list[Any] | dict[str, Any]", value), limits)
        return inner(value)

    return check
