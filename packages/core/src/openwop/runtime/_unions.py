"""Which alternative of a union a value is; decided the same way every time.

The JSON type of the value comes first.  Among models it is the value of a member that tells them
apart, else the members that are there.  Among the rest the narrow comes before the wide.
"""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Callable, Mapping
from typing import (
    Annotated,
    Any,
    ForwardRef,
    Literal,
    Union,
    cast,
    get_args,
    get_origin,
)
from uuid import UUID

import attrs

from openwop.runtime._compile import Closure, Compiler, Space, alternatives, evaluate, member_types
from openwop.runtime._model import NO_LIMITS, Limits, Model, Tagged, wire_facts
from openwop.runtime._structure import StructureError, kind_of, mismatch
from openwop.runtime._values import type_of

__all__ = ["tagged_union", "told_by_sibling", "union"]

_NULL = type(None)
_JSON_KINDS: tuple[type[Any], ...] = (str, bool, int, float, list, dict, _NULL)
_KIND_NAMES = {list: "array", dict: "object", _NULL: "null"}


def union(compiler: Compiler, members: tuple[Any, ...], limits: Limits, space: Space) -> Closure:
    """Return the closure for a union of *members*."""
    nullable = _NULL in members
    members = tuple(one for one in members if one is not _NULL)
    listed = any(get_origin(one) is Literal for one in members)
    if compiler.strict and not limits.free and listed:
        # An open enumeration, of which strict mode takes the known members alone.
        members = tuple(one for one in members if one is not str)
    if len(members) == 1:
        read = compiler.closure(members[0], limits, space)
        return _optional(read) if nullable else read
    sorted_out: dict[type[Any], list[Any]] = {kind: [] for kind in _JSON_KINDS}
    for member in members:
        for kind in _kinds(member, space):
            sorted_out[kind].append(member)
    table = {
        kind: _first_that_fits(compiler, tuple(found), limits, space)
        for kind, found in sorted_out.items()
        if found
    }
    if nullable:
        table.setdefault(_NULL, lambda value: value)
    expected = " or ".join(_KIND_NAMES.get(kind, kind.__name__) for kind in table)

    def read_union(value: object) -> Any:
        read = table.get(type(value))
        if read is None:
            raise mismatch("", expected, value)
        return read(value)

    return read_union


def _optional(read: Closure) -> Closure:
    def read_optional(value: Any) -> Any:
        return None if value is None else read(value)

    return read_optional


def _kinds(tp: Any, space: Space) -> tuple[type[Any], ...]:
    """Return the kinds of JSON values that *tp* takes."""
    if isinstance(tp, (str, ForwardRef)):
        return _kinds(evaluate(tp, space), space)
    if tp is Any or tp is object:
        return _JSON_KINDS
    if tp in (str, dt.datetime, dt.date, UUID):
        return (str,)
    if tp in (bool, _NULL):
        return (cast("type[Any]", tp),)
    if tp in (int, float):
        return (int, float)
    origin = get_origin(tp)
    if origin is Annotated:
        return _kinds(get_args(tp)[0], space)
    if origin in (Union, types.UnionType):
        found = (kind for one in alternatives(tp) for kind in _kinds(one, space))
        return tuple(dict.fromkeys(found))
    if origin is Literal:
        return tuple(dict.fromkeys(type_of(member) for member in get_args(tp)))
    if tp is list or (isinstance(origin, type) and not issubclass(origin, Mapping)):
        return (list,)
    return (dict,)


def _is_model(tp: Any) -> bool:
    return isinstance(tp, type) and issubclass(tp, Model)


def _width(tp: Any) -> int:
    """Order alternatives from the narrow to the wide."""
    if tp is Any or tp is object:
        return 3
    if get_origin(tp) is Literal:
        return 0
    return 2 if tp in (str, float) else 1


def _first_that_fits(
    compiler: Compiler, members: tuple[Any, ...], limits: Limits, space: Space
) -> Closure:
    """Return the closure for alternatives that share a kind of JSON value."""
    models = cast("tuple[type[Model], ...]", tuple(one for one in members if _is_model(one)))
    rest = sorted((one for one in members if not _is_model(one)), key=_width)
    readers: list[Closure] = []
    tag = _tag_of(models) if len(models) > 1 else None
    if tag is not None:
        return tagged_union(compiler, (*models, *rest), tag, space)
    if len(models) > 1:
        readers.append(_told_by_members(compiler, models))
    elif models:
        readers.append(compiler.closure(models[0]))
    readers += [compiler.closure(one, limits, space) for one in rest]
    return readers[0] if len(readers) == 1 else _in_turn(readers)


def _in_turn(readers: list[Closure]) -> Closure:
    def read_first(value: Any) -> Any:
        failure: StructureError | None = None
        for read in readers:
            try:
                return read(value)
            except StructureError as exc:
                failure = failure or exc
        raise failure or mismatch("", "a known alternative", value)

    return read_first


def _told_by_members(compiler: Compiler, models: tuple[type[Model], ...]) -> Closure:
    """Return the closure that picks the model by the members that are there.

    A model whose required members are all there comes before one that misses some; among several
    of them the one that knows most of the members, then the one that stands first.
    """
    table: list[tuple[frozenset[str], frozenset[str], Closure]] = []

    def read(value: Any) -> Any:
        if not table:
            for model in models:
                plan = compiler.members(model)
                required = frozenset(member.wire for member in plan if member.required)
                known = frozenset(member.wire for member in plan)
                table.append((required, known, compiler.closure(model)))
        names = frozenset(cast("dict[str, Any]", value))
        ranked = sorted(table, key=lambda row: (len(row[0] - names), -len(row[1] & names)))
        return _in_turn([row[2] for row in ranked])(value)

    return read


def _tag_of(models: tuple[type[Model], ...]) -> Tagged | None:
    """Return the member by whose values the models differ, where there is one."""
    tables: list[dict[str, tuple[str, ...]]] = []
    for model in models:
        hints = member_types(model)
        table: dict[str, tuple[str, ...]] = {}
        for field in attrs.fields(model):
            hint = hints[field.name]
            if field.default is attrs.NOTHING and get_origin(hint) is Literal:
                values = get_args(hint)
                if all(isinstance(value, str) for value in values):
                    table[wire_facts(field).name or field.name] = values
        tables.append(table)
    for member in tables[0]:
        if all(member in table for table in tables):
            pairs = [
                (value, model.__name__)
                for model, table in zip(models, tables, strict=True)
                for value in table[member]
            ]
            if len({value for value, _ in pairs}) == len(pairs):
                return Tagged(member, tuple(pairs))
    return None


class _Choice:
    """The closures of the models of a union by the value that tells them apart, and the rest."""

    def __init__(
        self, compiler: Compiler, members: tuple[Any, ...], tag: Tagged, space: Space
    ) -> None:
        models = {one.__name__: one for one in members if _is_model(one)}
        rest = tuple(one for one in members if not _is_model(one) and one is not _NULL)
        self.nullable = _NULL in members
        self.table: dict[str, Closure] = {
            value: compiler.closure(models[name]) for value, name in tag.models if name in models
        }
        self.rest = union(compiler, rest, NO_LIMITS, space) if rest else None
        self.shown = "one of " + ", ".join(repr(value) for value in self.table)

    def of(self, tag: object) -> Closure | None:
        """Return the closure for the value *tag*, that of the rest for an unknown one."""
        found = self.table.get(tag) if isinstance(tag, str) else None
        return found or self.rest


def tagged_union(
    compiler: Compiler, members: tuple[Any, ...], tag: Tagged, space: Space
) -> Closure:
    """Return the closure that picks a model by the value of one of its own members.

    A value that no model has goes to the alternatives that are no models (a plain mapping, in a
    union that may grow); where there are none it is an error.
    """
    choice: _Choice | None = None

    def read(value: Any) -> Any:
        nonlocal choice
        if choice is None:
            choice = _Choice(compiler, members, tag, space)
        if value is None and choice.nullable:
            return None
        if not isinstance(value, Mapping):
            if choice.rest is not None:
                return choice.rest(value)
            raise mismatch("", "object", value)
        given = cast("Mapping[str, Any]", value).get(tag.member)
        found = choice.of(given)
        if found is None:
            got = "nothing" if given is None else f"another {kind_of(given)}"
            raise StructureError(f".{tag.member}", choice.shown, got)
        return found(value)

    return read


def told_by_sibling(
    compiler: Compiler, members: tuple[Any, ...], tag: Tagged, space: Space
) -> Callable[[Any, Mapping[str, Any]], Any]:
    """Return the function that picks a model by another member of the object around the value."""
    choice: _Choice | None = None

    def read(value: Any, around: Mapping[str, Any]) -> Any:
        nonlocal choice
        if choice is None:
            choice = _Choice(compiler, members, tag, space)
        if value is None and choice.nullable:
            return None
        found = choice.of(around.get(tag.member))
        if found is None:
            raise mismatch("", "a known alternative", value)
        return found(value)

    return read
