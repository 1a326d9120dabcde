"""What changed between two documents for the users of a client, and whether it breaks them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from openwop_codegen.emit_models import inputs
from openwop_codegen.ir import Alias, Api, Argument, Declaration, Method, Object, Type

__all__ = ["Change", "compare"]


@attrs.frozen(order=True)
class Change:
    """One change.

    Attributes:
        breaking: Whether code that works may stop working.
        where: The method or the type.
        message: What changed.
    """

    breaking: bool
    where: str
    message: str

    def __str__(self) -> str:
        word = "breaking" if self.breaking else "compatible"
        return f"{word}: {self.where}: {self.message}"


def compare(old: Api, new: Api) -> list[Change]:
    """Return what changed from *old* to *new*: the breaking changes first."""
    found = [*_methods(old, new), *_incoming(old, new), *_types(old, new)]
    return sorted(set(found), key=lambda one: (not one.breaking, one.where, one.message))


def _by_id(api: Api) -> dict[str, Method]:
    return {one.id: one for resource in api.resources.values() for one in resource.methods}


def _methods(old: Api, new: Api) -> Iterator[Change]:
    before, after = _by_id(old), _by_id(new)
    for op in sorted(before.keys() - after.keys()):
        yield Change(True, _dotted(before[op]), "the method is gone")
    for op in sorted(after.keys() - before.keys()):
        yield Change(False, _dotted(after[op]), "a new method")
    for op in sorted(before.keys() & after.keys()):
        yield from _method(before[op], after[op])


def _dotted(method: Method) -> str:
    return f"{method.resource}.{method.name}"


def _method(old: Method, new: Method) -> Iterator[Change]:
    where = _dotted(old)
    if where != _dotted(new):
        yield Change(True, where, f"the method is now {_dotted(new)}")
    if old.answer.kind != new.answer.kind or (old.answer.type is None) != (new.answer.type is None):
        yield Change(True, where, f"answers {new.answer.kind} in place of {old.answer.kind}")
    elif old.answer.type is not None and new.answer.type is not None:
        if old.answer.type != new.answer.type:
            yield Change(True, where, _typed("the answer", old.answer.type, new.answer.type))
        elif new.answer.nullable and not old.answer.nullable:
            yield Change(True, where, "the answer may be null")
    if (old.paging is None) != (new.paging is None):
        yield Change(True, where, "pages now" if new.paging else "no longer pages")
    if new.deprecated and not old.deprecated:
        yield Change(False, where, "is deprecated now")
    yield from _arguments(where, old.arguments, new.arguments)


def _arguments(
    where: str, old: tuple[Argument, ...], new: tuple[Argument, ...]
) -> Iterator[Change]:
    before, after = {one.name: one for one in old}, {one.name: one for one in new}
    for name in sorted(before.keys() - after.keys()):
        yield Change(True, where, f"the argument {name} is gone")
    for name in sorted(after.keys() - before.keys()):
        needed = after[name].required
        yield Change(needed, where, f"a new {'required ' if needed else ''}argument {name}")
    for name in sorted(before.keys() & after.keys()):
        one, other = before[name], after[name]
        if other.required and not one.required:
            yield Change(True, where, f"the argument {name} is required now")
        if one.required and not other.required:
            yield Change(False, where, f"the argument {name} is optional now")
        if one.type != other.type:
            yield Change(True, where, _typed(f"the argument {name}", one.type, other.type))


def _typed(what: str, old: Type, new: Type) -> str:
    return f"{what} is {_shown(new)} in place of {_shown(old)}"


def _shown(kind: Type) -> str:
    name = getattr(kind, "name", None)
    return str(name) if name is not None else type(kind).__name__.lower()


def _incoming(old: Api, new: Api) -> Iterator[Change]:
    before, after = old.incoming, new.incoming
    for name in sorted(before.keys() - after.keys()):
        yield Change(True, name, f"the {before[name].kind} is gone")
    for name in sorted(after.keys() - before.keys()):
        yield Change(False, name, f"a new {after[name].kind}")
    for name in sorted(before.keys() & after.keys()):
        one, other = before[name].type, after[name].type
        if one is not None and other is not None and one != other:
            yield Change(True, name, _typed("the payload", one, other))
        elif (one is None) != (other is None):
            yield Change(True, name, f"has {'no' if other is None else 'a'} payload now")


def _types(old: Api, new: Api) -> Iterator[Change]:
    before, after = old.declarations, new.declarations
    sent = inputs(new)
    for name in sorted(before.keys() - after.keys()):
        yield Change(True, name, "the type is gone")
    for name in sorted(after.keys() - before.keys()):
        yield Change(False, name, "a new type")
    for name in sorted(before.keys() & after.keys()):
        yield from _declared(name, before[name], after[name], is_sent=name in sent)


def _declared(name: str, old: Declaration, new: Declaration, *, is_sent: bool) -> Iterator[Change]:
    if isinstance(old, Alias) or isinstance(new, Alias):
        if type(old) is not type(new):
            yield Change(True, name, "the type is of another sort")
        elif isinstance(old, Alias) and isinstance(new, Alias) and old.type != new.type:
            yield Change(True, name, "the alternatives changed")
        return
    yield from _fields(name, old, new, is_sent=is_sent)


def _fields(name: str, old: Object, new: Object, *, is_sent: bool) -> Iterator[Change]:
    before: Mapping[str, object] = {field.wire: field for field in old.fields}
    first, second = {f.wire: f for f in old.fields}, {f.wire: f for f in new.fields}
    for wire in sorted(first.keys() - second.keys()):
        yield Change(True, name, f"the member {wire} is gone")
    for wire in sorted(second.keys() - before.keys()):
        needed = is_sent and bool(second[wire].required) and second[wire].access != "read"
        yield Change(needed, name, f"a new {'required ' if needed else ''}member {wire}")
    for wire in sorted(first.keys() & second.keys()):
        one, other = first[wire], second[wire]
        if one.type != other.type:
            yield Change(True, name, _typed(f"the member {wire}", one.type, other.type))
        if bool(one.required) != bool(other.required):
            word = "required" if other.required else "optional"
            # What is sent breaks where it is needed now, what is read where it may be missing now.
            breaks = is_sent if other.required else True
            yield Change(breaks, name, f"the member {wire} is {word} now")
        if other.nullable and not one.nullable:
            yield Change(True, name, f"the member {wire} may be null now")
