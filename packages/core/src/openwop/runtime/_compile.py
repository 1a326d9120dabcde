"""From annotations to the closures that structure values, one family of closures per mode."""

from __future__ import annotations

import datetime as dt
import inspect
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
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

from openwop.runtime._limits import check_limits
from openwop.runtime._model import (
    NO_LIMITS,
    Limits,
    Model,
    Tagged,
    Unwrapped,
    Within,
    holds,
    wire_facts,
)
from openwop.runtime._operation import Unset
from openwop.runtime._structure import (
    StructureError,
    as_integer,
    as_number,
    kind_of,
    mismatch,
    missing,
)

__all__ = ["Closure", "Compiler", "alternatives", "compiler", "evaluate", "member_types"]

Closure = Callable[[Any], Any]
Space = Mapping[str, Any]

_ABSENT = object()
_NOTES = "__annotations__"
_LISTS = (list, tuple, set, frozenset, Sequence)
_MAPS = (dict, Mapping)


class _NoValue:
    """A type that no JSON value has."""


@attrs.frozen
class Member:
    """How one member of a model is structured.

    Attributes:
        wire: The name on the wire.
        name: The Python name.
        kind: The exact type whose values are taken as they are; a type that no JSON value has
            where every value needs a look.
        read: Structures a value that is not of *kind*.
        required: Whether absence is an error.
        whole: True where *read* takes the value and the object around it.
    """

    wire: str
    name: str
    kind: type[Any]
    read: Callable[..., Any]
    required: bool
    whole: bool


@lru_cache(maxsize=32)
def compiler(strict: bool, variant: str) -> Compiler:
    """Return the compiler of one mode."""
    return Compiler(strict, variant)


def alternatives(tp: Any) -> tuple[Any, ...]:
    """Return the alternatives of a union, flattened; a type that is none stands alone."""
    return tuple(_flat(tp))


def _flat(tp: Any) -> Iterator[Any]:
    if get_origin(tp) in (Union, types.UnionType):
        for one in get_args(tp):
            yield from _flat(one)
    elif tp is not Unset:
        yield type(None) if tp is None else tp


def evaluate(tp: str | ForwardRef, space: Space) -> Any:
    """Return the annotation that a name in generated code stands for."""
    text = tp if isinstance(tp, str) else tp.__forward_arg__
    # The text is an annotation in a module of ours, never anything from the wire.
    return eval(text, dict(space))  # noqa: S307


def member_types(cls: type[Model]) -> dict[str, Any]:
    """Return the types of the members of *cls*, evaluated; names in quotes in them stay."""
    found: dict[str, Any] = {}
    for field in attrs.fields(cls):
        owners = (one for one in cls.__mro__ if field.name in getattr(one, _NOTES, {}))
        home = next(owners, cls)
        kind: Any = field.type
        space = vars(sys.modules[home.__module__])
        found[field.name] = evaluate(kind, space) if isinstance(kind, str) else kind
    return found


def _refers(tp: Any) -> bool:
    if isinstance(tp, (str, ForwardRef)):
        return True
    if get_origin(tp) is Literal:
        return False
    return any(_refers(arg) for arg in get_args(tp))


class Compiler:
    """Makes the closures of one mode, each once.

    Args:
        strict: Whether the closures refuse every deviation from the description.
        variant: The variant of the service whose description they go by.
    """

    def __init__(self, strict: bool, variant: str) -> None:
        self.strict = strict
        self.variant = variant
        self._made: dict[tuple[Any, Limits], Closure] = {}

    def closure(self, tp: Any, limits: Limits = NO_LIMITS, space: Space | None = None) -> Closure:
        """Return the closure that structures values to *tp*.

        Args:
            tp: The annotation, evaluated; names in it are looked up in *space*.
            limits: What the description allows beyond the type.
            space: The names of the module in which the annotation stands.
        """
        space = space or {}
        if isinstance(tp, (str, ForwardRef)):
            return self._later(tp, limits, space)
        key = (tp, limits)
        found = self._made.get(key)
        if found is None:
            found = self._compile(tp, limits, space)
            if self.strict and limits != NO_LIMITS:
                found = check_limits(found, limits)
            # A type with a name in it may mean something else in another module.
            if not _refers(tp):
                found = self._made.setdefault(key, found)
        return found

    def _later(self, tp: str | ForwardRef, limits: Limits, space: Space) -> Closure:
        """Return a closure that looks a name up when first called, as recursive types need."""
        read: Closure | None = None

        def read_named(value: Any) -> Any:
            nonlocal read
            if read is None:
                read = self.closure(evaluate(tp, space), limits, space)
            return read(value)

        return read_named

    def _compile(self, tp: Any, limits: Limits, space: Space) -> Closure:
        plain = _PLAIN.get(tp) if isinstance(tp, type) or tp is Any else None
        if plain is not None:
            return plain
        origin = get_origin(tp)
        if origin is Annotated:
            return self._annotated(tp, limits, space)
        if origin is Literal:
            return _literal(get_args(tp), strict=self.strict)
        if origin in (Union, types.UnionType):
            from openwop.runtime._unions import union

            return union(self, alternatives(tp), limits, space)
        if origin in _LISTS:
            return _list(self.closure(_argument(tp), limits.items or NO_LIMITS, space))
        if origin in _MAPS:
            return _map(self.closure(_argument(tp), limits.items or NO_LIMITS, space))
        if isinstance(tp, type):
            cls = cast("type[Any]", tp)
            if issubclass(cls, Model) and _from_dict(cls) is _from_dict(Model):
                return self.model(cls)
            make = getattr(cls, "from_dict", None)
            if callable(make):
                return self._foreign(make)
        return self._through_cattrs(tp)

    def _annotated(self, tp: Any, limits: Limits, space: Space) -> Closure:
        from openwop.runtime._unions import tagged_union

        inner, *notes = get_args(tp)
        for note in notes:
            if isinstance(note, Tagged):
                return tagged_union(self, alternatives(inner), note, space)
            if isinstance(note, Within):
                return self.closure(inner, limits, vars(sys.modules[note.module]))
            if isinstance(note, Unwrapped):
                return _unwrapped(self.closure(inner, limits, space), note.member)
        return self.closure(inner, limits, space)

    def members(self, cls: type[Model]) -> tuple[Member, ...]:
        """Return the plan by which objects are structured to *cls*."""
        from openwop.runtime._unions import told_by_sibling

        hints = member_types(cls)
        space = vars(sys.modules[cls.__module__])
        plan: list[Member] = []
        for field in attrs.fields(cls):
            facts = wire_facts(field)
            if field.name == "extra":
                continue
            if self.strict and facts.only and self.variant and self.variant not in facts.only:
                continue
            hint = hints[field.name]
            limits = facts.limits
            if self.strict and field.default is None and not holds(facts.nullable, self.variant):
                kept = tuple(one for one in alternatives(hint) if one is not type(None))
                hint = Union[kept] if kept else hint  # noqa: UP007  # a tuple made at run time
            if facts.sibling is None:
                read: Callable[..., Any] = self.closure(hint, limits, space)
            else:
                read = told_by_sibling(self, alternatives(hint), facts.sibling, space)
            plan.append(
                Member(
                    wire=facts.name or field.name,
                    name=field.name,
                    kind=_NoValue if facts.sibling else self._exact_kind(hint, limits),
                    read=read,
                    required=field.default is attrs.NOTHING
                    or (self.strict and holds(facts.required, self.variant)),
                    whole=facts.sibling is not None,
                )
            )
        return tuple(plan)

    def _exact_kind(self, hint: Any, limits: Limits) -> type[Any]:
        """Return the type whose values need no look at all, or one that no value has."""
        if self.strict and limits != NO_LIMITS:
            return _NoValue
        members = [one for one in alternatives(hint) if one is not type(None)]
        kinds = {kind for one in members if get_origin(one) is Literal for kind in _kinds_in(one)}
        if kinds and self.strict:
            return _NoValue
        plain = {one for one in members if one in (str, bool, int, float)}
        if len(kinds | plain) == 1 and all(
            one in plain or get_origin(one) is Literal for one in members
        ):
            return cast("type[Any]", (kinds | plain).pop())
        return _NoValue

    def model(self, cls: type[Model]) -> Closure:
        """Return the closure that structures objects to *cls*; it plans at its first call."""
        plan: tuple[Member, ...] | None = None
        known: frozenset[str] = frozenset()
        name = cls.__name__
        closed = self.strict and holds(cls.__closed__, self.variant)

        def read_model(data: Any) -> Any:
            nonlocal plan, known
            if plan is None:
                found = self.members(cls)
                known = frozenset(member.wire for member in found)
                plan = found
            if type(data) is not dict:
                if isinstance(data, cls):
                    return data
                if not isinstance(data, Mapping):
                    raise mismatch(name, "object", data)
            values: dict[str, Any] = {}
            present = 0
            get = cast("Mapping[str, Any]", data).get
            for member in plan:
                value = get(member.wire, _ABSENT)
                if value is _ABSENT:
                    if member.required:
                        raise missing(f"{name}.{member.wire}")
                    continue
                present += 1
                if type(value) is member.kind:
                    values[member.name] = value
                else:
                    try:
                        values[member.name] = (
                            member.read(value, data) if member.whole else member.read(value)
                        )
                    except StructureError as exc:
                        raise exc.under(f"{name}.{member.wire}") from None
            members = cast("Mapping[str, Any]", data)
            if present != len(members):
                extra = {key: item for key, item in members.items() if key not in known}
                if closed:
                    first = min(extra)
                    raise StructureError(f"{name}.{first}", "no such member", kind_of(extra[first]))
                values["extra"] = extra
            return cls(**values)

        return read_model

    def _foreign(self, make: Callable[..., Any]) -> Closure:
        """Return the closure for a class that makes itself of a mapping by its own `from_dict`."""
        parameters = inspect.signature(make).parameters
        options: dict[str, Any] = {"strict": self.strict, "variant": self.variant}
        known = {name: value for name, value in options.items() if name in parameters}

        def read(value: Any) -> Any:
            if not isinstance(value, Mapping):
                raise mismatch("", "object", value)
            return make(value, **known)

        return read

    def _through_cattrs(self, tp: Any) -> Closure:
        from openwop.runtime._codec import converter

        made = converter(strict=self.strict)

        def read(value: Any) -> Any:
            try:
                return made.structure(value, tp)
            except StructureError:
                raise
            except Exception as exc:
                name = getattr(tp, "__name__", str(tp))
                raise StructureError("", name, f"{kind_of(value)} ({type(exc).__name__})") from exc

        return read


def _type_of(value: object) -> type[Any]:
    return type(value)


def _kinds_in(literal: Any) -> tuple[type[Any], ...]:
    return tuple(_type_of(value) for value in get_args(literal))


def _from_dict(cls: type[Model]) -> object:
    return getattr(cls.from_dict, "__func__", None)


def _argument(tp: Any) -> Any:
    found = [one for one in get_args(tp) if one is not Ellipsis]
    return found[-1] if found else Any


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


_PLAIN: dict[Any, Closure] = {
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


def _literal(members: tuple[Any, ...], *, strict: bool) -> Closure:
    kinds = frozenset(_type_of(member) for member in members)
    listed = frozenset((_type_of(member), member) for member in members)
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


def _list(read: Closure) -> Closure:
    def read_list(value: Any) -> list[Any]:
        if not isinstance(value, (list, tuple)):
            raise mismatch("", "array", value)
        made: list[Any] = []
        try:
            for one in cast("list[Any]", value):
                made.append(read(one))  # noqa: PERF401  # its length tells where it stopped
        except StructureError as exc:
            raise exc.under(f"[{len(made)}]") from None
        return made

    return read_list


def _map(read: Closure) -> Closure:
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


def _unwrapped(read: Closure, member: str) -> Closure:
    def read_unwrapped(value: Any) -> Any:
        if isinstance(value, Mapping) and member in value:
            try:
                return read(cast("Mapping[str, Any]", value)[member])
            except StructureError as exc:
                raise exc.under(f".{member}") from None
        return read(value)

    return read_unwrapped
