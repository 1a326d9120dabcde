"""The closures that structure single values and containers, and name what is wrong with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, cast
from uuid import UUID

from openwop.runtime._structure import StructureError, as_integer, as_number, kind_of, mismatch

__all__ = ["PLAIN", "Closure", "list_of", "literal", "map_of", "type_of", "unwrapped"]

Closure = Callable[[Any], Any]


def type_of(value: object) -> type[Any]:
    """Return the type of *value*, without what a type checker knows of its parameters."""
    return type(value)


# Single values ----------------------------------------------------------------------------------


def _any(value: Any) -> Any:
    return value


def _str(value: Any) -> Any:
    if isinstance(value, str):
        return value
    raise mismatch("", "str", value)


def _bool(value: Any) -> Any:
    if value is True or value is False:
        return value
    raise mismatch("", "bool", value)


def _int(value: Any) -> Any:
    return as_integer(value, "")


def _float(value: Any) -> Any:
    return as_number(value, "")


def _none(value: Any) -> Any:
    if value is None:
        return value
    raise mismatch("", "null", value)


def _object(value: Any) -> Any:
    if isinstance(value, Mapping):
        return cast("Mapping[str, Any]", value)
    raise mismatch("", "object", value)


def _array(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return cast("list[Any]", value)
    raise mismatch("", "array", value)


def _parsed(expected: str, parse: Callable[[str], Any], kind: type[Any]) -> Closure:
    def read(value: Any) -> Any:
        if isinstance(value, str):
            try:
                return parse(value)
            except ValueError:
                raise StructureError("", expected, "another str") from None
        if isinstance(value, kind):
            return value
        raise mismatch("", expected, value)

    return read


PLAIN: dict[Any, Closure] = {
    Any: _any,
    object: _any,
    str: _str,
    bool: _bool,
    int: _int,
    float: _float,
    type(None): _none,
    dict: _object,
    list: _array,
    dt.datetime: _parsed("an RFC 3339 date-time", dt.datetime.fromisoformat, dt.datetime),
    dt.date: _parsed("a date as YYYY-MM-DD", dt.date.fromisoformat, dt.date),
    UUID: _parsed("a UUID", UUID, UUID),
}


def literal(members: tuple[Any, ...], *, strict: bool) -> Closure:
    kinds = frozenset(type_of(member) for member in members)
    listed = frozenset((type_of(member), member) for member in members)
    shown = ", ".join(repr(member) for member in members[:8])
    if len(members) > 1:
        shown = f"one of {shown}" + (", ..." if len(members) > 8 else "")

    def read(value: object) -> Any:
        kind = type(value)
        if kind not in kinds:
            raise mismatch("", shown, value)
        if strict and (kind, value) not in listed:
            raise StructureError("", shown, f"another {kind_of(value)}")
        return value

    return read


# Containers -------------------------------------------------------------------------------------


def list_of(read: Closure, kind: type[Any]) -> Closure:
    def read_list(value: Any) -> list[Any]:
        if not isinstance(value, (list, tuple)):
            raise mismatch("", "array", value)
        made: list[Any] = []
        try:
            for one in cast("list[Any]", value):
                made.append(one if type(one) is kind else read(one))  # noqa: PERF401  # see below
        except StructureError as exc:
            raise exc.under(f"[{len(made)}]") from None  # so it must grow one by one
        return made

    return read_list


def map_of(read: Closure) -> Closure:
    def read_map(value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise mismatch("", "object", value)
        made: dict[str, Any] = {}
        for key, one in cast("Mapping[str, Any]", value).items():
            try:
                made[key] = read(one)
            except StructureError as exc:
                shown = key if len(key) <= 40 else key[:37] + "..."
                raise exc.under(f"[{shown!r}]") from None
        return made

    return read_map


def unwrapped(read: Closure, member: str) -> Closure:
    def read_unwrapped(value: Any) -> Any:
        if isinstance(value, Mapping) and member in value:
            try:
                return read(cast("Mapping[str, Any]", value)[member])
            except StructureError as exc:
                raise exc.under(f".{member}") from None
        return read(value)

    return read_unwrapped
