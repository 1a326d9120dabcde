"""From annotations to the closures that structure values, one family of closures per mode."""

from __future__ import annotations

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
    kind_of,
    mismatch,
    missing,
)
from openwop.runtime._values import PLAIN, Closure, list_of, literal, map_of, type_of, unwrapped

__all__ = ["Closure", "Compiler", "alternatives", "compiler", "evaluate", "member_types"]

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
        plain = PLAIN.get(tp) if isinstance(tp, type) or tp is Any else None
        if plain is not None:
            return plain
        origin = get_origin(tp)
        if origin is Annotated:
            return self._annotated(tp, limits, space)
        if origin is Literal:
            return literal(get_args(tp), strict=self.strict)
        if origin in (Union, types.UnionType):
            from openwop.runtime._unions import union

            return union(self, alternatives(tp), limits, space)
        if origin in _LISTS:
            inner = limits.items or NO_LIMITS
            kind = self._exact_kind(_argument(tp), inner)
            return list_of(self.closure(_argument(tp), inner, space), kind)
        if origin in _MAPS:
            return map_of(self.closure(_argument(tp), limits.items or NO_LIMITS, space))
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
                return unwrapped(self.closure(inner, limits, space), note.member)
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
        if len(members) == 1 and get_args(members[0])[-1:] == (Any,):
            return dict if get_origin(members[0]) is dict else _NoValue
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
        read: Closure | None = None

        def read_model(data: Any) -> Any:
            nonlocal read
            if read is None:
                read = self._model(cls)
            return read(data)

        return read_model

    def _model(self, cls: type[Model]) -> Closure:
        plan = self.members(cls)
        known = frozenset(member.wire for member in plan)
        closed = self.strict and holds(cls.__closed__, self.variant)
        name = cls.__name__
        setters = _setters(cls)
        rows = tuple(
            (
                m.wire,
                m.kind,
                m.read,
                m.whole,
                m.required,
                m.name,
                *setters.get(m.name, (_nowhere, None)),
            )
            for m in plan
        )
        # Members that this variant does not have keep their defaults.
        others = tuple(setters[one] for one in setters.keys() - {m.name for m in plan})
        plain = bool(setters)

        def read_model(data: Any) -> Any:
            if type(data) is not dict:
                if isinstance(data, cls):
                    return data
                if not isinstance(data, Mapping):
                    raise mismatch(name, "object", data)
            made = _blank(cls)
            values: dict[str, Any] = {}
            present = 0
            get = cast("Mapping[str, Any]", data).get
            for wire, kind, read, whole, required, member, set_on, default in rows:
                value = get(wire, _ABSENT)
                if value is _ABSENT:
                    if required:
                        raise missing(f"{name}.{wire}")
                    if plain:
                        set_on(made, default)
                    continue
                present += 1
                if type(value) is not kind:
                    try:
                        value = read(value, data) if whole else read(value)
                    except StructureError as exc:
                        raise exc.under(f"{name}.{wire}") from None
                if plain:
                    set_on(made, value)
                else:
                    values[member] = value
            members = cast("Mapping[str, Any]", data)
            extra: dict[str, Any] = {}
            if present != len(members):
                extra = {key: item for key, item in members.items() if key not in known}
                if closed:
                    first = min(extra)
                    raise StructureError(f"{name}.{first}", "no such member", kind_of(extra[first]))
            if not plain:
                return cls(**values, extra=extra)
            for set_on, default in others:
                set_on(made, default)
            _set_extra(made, extra)
            return made

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


def _kinds_in(literal: Any) -> tuple[type[Any], ...]:
    return tuple(type_of(value) for value in get_args(literal))


def _from_dict(cls: type[Model]) -> object:
    return getattr(cls.from_dict, "__func__", None)


_blank = object.__new__
_set_extra: Callable[[object, Any], None] = Model.__dict__["extra"].__set__


def _nowhere(made: object, value: Any) -> None:
    """Stand in for a slot that a class does not have."""


def _setters(cls: type[Model]) -> dict[str, tuple[Callable[[object, Any], None], Any]]:
    """Return what sets each slot of an instance of *cls*, and the slot's default.

    A frozen class with many members spends most of its constructor on passing keyword arguments
    and on getting round its own immutability.  Filling the slots takes half the time; it is what
    the constructor of a generated model comes to.  A class that does more when it is made (it
    converts, checks, has slots of its own making) gives an empty table, and is called instead.
    """
    if hasattr(cls, "__attrs_post_init__") or hasattr(cls, "__attrs_init__"):
        return {}
    found: dict[str, tuple[Callable[[object, Any], None], Any]] = {}
    for field in attrs.fields(cls):
        if field.name == "extra":
            continue
        slot = next((vars(one)[field.name] for one in cls.__mro__ if field.name in vars(one)), None)
        if not inspect.ismemberdescriptor(slot) or field.converter or field.validator:
            return {}
        if isinstance(field.default, attrs.Factory):  # type: ignore[arg-type]
            return {}
        found[field.name] = (slot.__set__, field.default)
    return found


def _argument(tp: Any) -> Any:
    found = [one for one in get_args(tp) if one is not Ellipsis]
    return found[-1] if found else Any
