"""Schemas that are put together from parts: what all of them say together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, Final

import attrs

from openwop.runtime.model import Limits
from openwop_codegen.ir import Listed, Plain, Type
from openwop_codegen.loader import Place
from openwop_codegen.shapes import JSON, Shape

__all__ = ["both", "narrower", "only_part", "tighter"]

_WORDS: Final = frozenset({
    "$comment", "default", "deprecated", "description", "example", "examples", "externalDocs",
    "nullable", "readOnly", "title", "writeOnly", "xml",
})  # fmt: skip


def _says(place: Place, *more: str) -> bool:
    return any(
        key not in _WORDS and key not in more and not key.startswith("x-") for key in place.map
    )


def only_part(place: Place) -> Place | None:
    """Return the reference that an `allOf` at *place* wraps, where it wraps nothing else.

    That is how documents put a description or `nullable` beside a reference.
    """
    if _says(place, "allOf", "type") or place.get("type", "object") != "object":
        return None
    parts = [part for part in place.elements("allOf") if _says(part)]
    return parts[0] if len(parts) == 1 and parts[0].reference is not None else None


def _chosen(old: Any, new: Any, choose: Callable[[Any, Any], Any]) -> Any:
    if old is None or new is None:
        return new if old is None else old
    return choose(old, new)


_LEAST: Final = ("maximum", "exclusive_maximum", "max_length", "max_items")
_MOST: Final = ("minimum", "exclusive_minimum", "min_length", "min_items")


def tighter(old: Limits, new: Limits) -> Limits:
    """Return limits that a value keeps to that keeps to both; of two patterns, the first."""
    changes: dict[str, Any] = {}
    for names, choose in ((_LEAST, min), (_MOST, max)):
        for name in names:
            changes[name] = _chosen(getattr(old, name), getattr(new, name), choose)
    for name in ("pattern", "multiple_of"):
        changes[name] = _chosen(getattr(old, name), getattr(new, name), lambda one, _: one)
    return attrs.evolve(
        old,
        unique=old.unique or new.unique,
        free=old.free and new.free,
        items=_chosen(old.items, new.items, tighter),
        **changes,
    )


def narrower(old: Type, new: Type) -> Type | None:
    """Return the type of values that are of both types; None where it cannot be said."""
    if old == new or new == JSON:
        return old
    if old == JSON:
        return new
    if isinstance(old, Listed) and isinstance(new, Listed):
        values = tuple(value for value in old.values if value in new.values)
        return Listed(values, old.open and new.open) if values else None
    for listed, plain in ((old, new), (new, old)):
        if isinstance(listed, Listed) and plain in (Plain("str"), Plain("int"), Plain("float")):
            return listed
    pair = {old, new}
    if pair == {Plain("int"), Plain("float")}:
        return Plain("int")
    if Plain("str") in pair and pair - {Plain("str")} <= {
        Plain("date"), Plain("datetime"), Plain("uuid"), Plain("bytes")
    }:  # fmt: skip
        return next(iter(pair - {Plain("str")}))
    return None


def both(shapes: Sequence[Shape], more: Sequence[Limits] = ()) -> tuple[Shape, bool]:
    """Return what all of *shapes* say of one value, and whether it could be said.

    Args:
        shapes: The parts, at least one.
        more: Limits of parts that say no type.
    """
    whole, is_said = shapes[0], True
    kind = whole.type
    for shape in shapes[1:]:
        found = narrower(kind, shape.type)
        is_said = is_said and found is not None
        kind = found or kind
    limits = reduce(tighter, [shape.limits for shape in shapes[1:]] + list(more), whole.limits)
    nullable = all(shape.nullable for shape in shapes)
    return attrs.evolve(whole, type=kind, limits=limits, nullable=nullable), is_said
