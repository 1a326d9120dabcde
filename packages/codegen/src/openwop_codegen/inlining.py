"""Models that documents describe in place, merged where they are equal."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeVar

import attrs

from openwop_codegen.ir import (
    Alias,
    Answer,
    Argument,
    Declaration,
    Incoming,
    Items,
    Method,
    Named,
    Object,
    OneOf,
    Page,
    Tag,
    Type,
    Values,
    Way,
    Wrapped,
)

__all__ = ["equal_models", "renamed", "renamed_incoming", "renamed_method"]

D = TypeVar("D", Object, Alias)


def renamed(kind: Type, names: Mapping[str, str]) -> Type:
    """Return *kind* with the declared types under other *names*."""
    if isinstance(kind, Named):
        return Named(names.get(kind.name, kind.name))
    if isinstance(kind, Items):
        return Items(renamed(kind.item, names))
    if isinstance(kind, Values):
        return Values(renamed(kind.value, names))
    if isinstance(kind, Wrapped):
        return Wrapped(renamed(kind.inner, names), kind.member)
    if isinstance(kind, OneOf):
        members = tuple(dict.fromkeys(renamed(member, names) for member in kind.members))
        tag = _tag(kind.tag, names)
        return members[0] if len(members) == 1 else OneOf(members, tag)
    return kind


def _tag(tag: Tag | None, names: Mapping[str, str]) -> Tag | None:
    if tag is None:
        return None
    return Tag(tag.member, tuple((value, names.get(name, name)) for value, name in tag.models))


def _declaration(declared: Declaration, names: Mapping[str, str]) -> Declaration:
    if isinstance(declared, Alias):
        return attrs.evolve(declared, type=renamed(declared.type, names))
    fields = tuple(
        attrs.evolve(field, type=renamed(field.type, names), sibling=_tag(field.sibling, names))
        for field in declared.fields
    )
    return attrs.evolve(declared, fields=fields)


def equal_models(
    declarations: Mapping[str, Declaration], inline: Collection[str]
) -> tuple[dict[str, Declaration], dict[str, str]]:
    """Return the declarations without those that equal another, and the names that take over.

    Two models that are described in place are one where all that is said of them is equal, down to
    the models that they are made of.  The first name in the order of the alphabet stays, whatever
    the order of the document; what a document names itself is never merged.

    Args:
        declarations: The declarations.
        inline: The names of the models that are described in place.
    """
    names: dict[str, str] = {}
    known = dict(declarations)
    while True:
        first: dict[str, str] = {}
        found: dict[str, str] = {}
        for name in sorted(inline):
            declared = known.get(name)
            if isinstance(declared, Object):
                same = first.setdefault(
                    repr(attrs.evolve(declared, name="", group="", where="")), name
                )
                if same != name:
                    found[name] = same
        if not found:
            return known, names
        names = {old: found.get(new, new) for old, new in names.items()} | found
        known = {
            name: _declaration(declared, found)
            for name, declared in known.items()
            if name not in found
        }


def _answer(answer: Answer, names: Mapping[str, str]) -> Answer:
    return attrs.evolve(answer, type=None if answer.type is None else renamed(answer.type, names))


def _way(way: Way, names: Mapping[str, str]) -> Way:
    bodies = {status: renamed(kind, names) for status, kind in way.bodies.items()}
    return attrs.evolve(way, answer=_answer(way.answer, names), bodies=bodies)


def _argument(argument: Argument, names: Mapping[str, str]) -> Argument:
    return attrs.evolve(argument, type=renamed(argument.type, names))


def renamed_method(method: Method, names: Mapping[str, str]) -> Method:
    """Return *method* with the declared types under other *names*."""
    paging: Page | None = method.paging
    if paging is not None:
        paging = attrs.evolve(paging, item=renamed(paging.item, names))
    return attrs.evolve(
        method,
        ways={variant: _way(way, names) for variant, way in method.ways.items()},
        arguments=tuple(_argument(argument, names) for argument in method.arguments),
        answer=_answer(method.answer, names),
        paging=paging,
    )


def renamed_incoming(one: Incoming, names: Mapping[str, str]) -> Incoming:
    """Return *one* with the declared types under other *names*."""
    return attrs.evolve(one, type=None if one.type is None else renamed(one.type, names))
