"""One service out of its variants: the same names, the union of what they have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import attrs

from openwop.runtime.model import Limits
from openwop_codegen.diagnostics import Report
from openwop_codegen.ir import (
    Alias,
    Declaration,
    Field,
    Items,
    Listed,
    Named,
    Object,
    OneOf,
    Plain,
    Tag,
    Type,
    Values,
    Wrapped,
)
from openwop_codegen.shapes import joined

__all__ = ["merge_declarations", "merge_limits", "merge_types", "settle_tags"]

T = TypeVar("T", int, float)


def merge_types(old: Type, new: Type) -> Type:
    """Return the type that takes the values of both, as narrow as it can be said."""
    if old == new:
        return new
    pair = {old, new}
    if pair == {Plain("int"), Plain("float")}:
        return Plain("float")
    if Plain("json") in pair:
        return Plain("json")
    if isinstance(old, Listed) and isinstance(new, Listed):
        values = tuple(dict.fromkeys((*new.values, *old.values)))
        return Listed(values, old.open or new.open)
    for listed, plain in ((old, new), (new, old)):
        if isinstance(listed, Listed) and plain == Plain("str"):
            return attrs.evolve(listed, open=True)
    if isinstance(old, Items) and isinstance(new, Items):
        return Items(merge_types(old.item, new.item))
    if isinstance(old, Values) and isinstance(new, Values):
        return Values(merge_types(old.value, new.value))
    if isinstance(old, Wrapped) and isinstance(new, Wrapped) and old.member == new.member:
        return Wrapped(merge_types(old.inner, new.inner), new.member)
    for typed, free in ((old, new), (new, old)):
        if isinstance(typed, Values) and free == Plain("object"):
            return free
    tags = [one.tag for one in (new, old) if isinstance(one, OneOf) and one.tag is not None]
    parts = [
        member
        for one in (new, old)
        for member in (one.members if isinstance(one, OneOf) else (one,))
    ]
    return joined(parts, _merge_tags(tags))


def _merge_tags(tags: Sequence[Tag]) -> Tag | None:
    if not tags or len({tag.member for tag in tags}) > 1:
        return None
    pairs = {value: model for tag in reversed(tags) for value, model in tag.models}
    return Tag(tags[0].member, tuple(pairs.items()))


def _loosest(old: T | None, new: T | None, choose: Callable[[T, T], T]) -> T | None:
    return None if old is None or new is None else choose(old, new)


def merge_limits(old: Limits, new: Limits) -> Limits:
    """Return the limits that both keep to."""
    if old == new:
        return new
    return Limits(
        minimum=_loosest(old.minimum, new.minimum, min),
        maximum=_loosest(old.maximum, new.maximum, max),
        exclusive_minimum=_loosest(old.exclusive_minimum, new.exclusive_minimum, min),
        exclusive_maximum=_loosest(old.exclusive_maximum, new.exclusive_maximum, max),
        multiple_of=new.multiple_of if old.multiple_of == new.multiple_of else None,
        min_length=_loosest(old.min_length, new.min_length, min),
        max_length=_loosest(old.max_length, new.max_length, max),
        pattern=new.pattern if old.pattern == new.pattern else None,
        min_items=_loosest(old.min_items, new.min_items, min),
        max_items=_loosest(old.max_items, new.max_items, max),
        unique=old.unique and new.unique,
        free=old.free or new.free,
        items=merge_limits(old.items, new.items) if old.items and new.items else None,
    )


def _merge_fields(old: Field, new: Field, report: Report, where: str) -> Field:
    merged = merge_types(old.type, new.type)
    if merged not in (old.type, new.type):
        report.note(where, "merged", f"the variants type {new.wire!r} differently")
    return attrs.evolve(
        new,
        type=merged,
        doc=new.doc or old.doc,
        variants=(*old.variants, *new.variants),
        required=(*old.required, *new.required),
        lenient=old.lenient or new.lenient,
        nullable=(*old.nullable, *new.nullable),
        tri=old.tri or new.tri,
        default=new.default if new.default == old.default else None,
        limits=merge_limits(old.limits, new.limits),
        secret=old.secret or new.secret,
        kind=new.kind or old.kind,
        access=new.access if new.access == old.access else "",
        deprecated=old.deprecated and new.deprecated,
    )


def _merge_objects(old: Object, new: Object, report: Report) -> Object:
    before = {field.wire: field for field in old.fields}
    fields = [
        _merge_fields(before[field.wire], field, report, new.where)
        if field.wire in before
        else field
        for field in new.fields
    ]
    known = {field.wire for field in new.fields}
    fields += [field for field in old.fields if field.wire not in known]
    return attrs.evolve(
        new,
        doc=new.doc or old.doc,
        fields=tuple(fields),
        variants=(*old.variants, *new.variants),
        closed=(*old.closed, *new.closed),
        free=old.free or new.free,
    )


def merge_declarations(
    parts: Sequence[Mapping[str, Declaration]], report: Report
) -> dict[str, Declaration]:
    """Return the declarations of all variants in one.

    Args:
        parts: The declarations of each variant, the oldest first.
        report: What takes the findings.
    """
    merged: dict[str, Declaration] = {}
    for part in parts:
        for name, new in part.items():
            old = merged.get(name)
            if old is None:
                merged[name] = new
            elif isinstance(old, Object) and isinstance(new, Object):
                merged[name] = _merge_objects(old, new, report)
            elif isinstance(old, Alias) and isinstance(new, Alias):
                merged[name] = attrs.evolve(
                    new,
                    type=merge_types(old.type, new.type),
                    variants=(*old.variants, *new.variants),
                )
            else:
                message = f"{name} is a model in one variant and none in another; rename one"
                report.error(new.where, "merged", message)
    return merged


# What tells models apart -------------------------------------------------------------------------


def _models(kind: Type, declarations: Mapping[str, Declaration]) -> list[Object]:
    found: list[Object] = []
    if isinstance(kind, OneOf):
        for member in kind.members:
            found += _models(member, declarations)
    elif isinstance(kind, Named):
        declared = declarations.get(kind.name)
        if isinstance(declared, Object):
            found.append(declared)
        elif isinstance(declared, Alias):
            found += _models(declared.type, declarations)
    return found


def _tag_values(model: Object, member: str) -> tuple[str, ...]:
    for field in model.fields:
        if field.wire == member and isinstance(field.type, Listed):
            return tuple(value for value in field.type.values if isinstance(value, str))
    return ()


def _with_values(
    tag: Tag,
    models: Sequence[Object],
    components: Mapping[str, str],
) -> Tag:
    """Return *tag* with the values that the models themselves give, where it has none."""
    pairs = dict(tag.models)
    named = set(pairs.values())
    for model in models:
        if model.name in named:
            continue
        values = _tag_values(model, tag.member) or (components.get(model.name, model.name),)
        for value in values:
            pairs.setdefault(value, model.name)
    return Tag(tag.member, tuple(pairs.items()))


def settle_tags(
    declarations: Mapping[str, Declaration], components: Mapping[str, str]
) -> dict[str, Declaration]:
    """Return *declarations* with what tells the models of each union apart settled.

    A union whose models do not have the member themselves is told apart by the member of that
    name in the model around it.

    Args:
        declarations: The declarations of all variants.
        components: The names in the documents by the names of the declarations.
    """

    def has(model: Object, member: str) -> bool:
        return any(field.wire == member for field in model.fields)

    def settled(kind: Type) -> Type:
        if isinstance(kind, Items):
            return Items(settled(kind.item))
        if isinstance(kind, Values):
            return Values(settled(kind.value))
        if isinstance(kind, Wrapped):
            return Wrapped(settled(kind.inner), kind.member)
        if isinstance(kind, OneOf) and kind.tag is not None:
            models = _models(kind, declarations)
            if not models or not all(has(model, kind.tag.member) for model in models):
                return OneOf(kind.members)
            return OneOf(kind.members, _with_values(kind.tag, models, components))
        return kind

    def field_settled(owner: Object, field: Field) -> Field:
        kind = field.type
        declared = declarations.get(kind.name) if isinstance(kind, Named) else None
        if isinstance(declared, Alias):
            kind = declared.type
        if isinstance(kind, OneOf) and kind.tag is not None:
            models = _models(kind, declarations)
            own = all(has(model, kind.tag.member) for model in models)
            if models and not own and has(owner, kind.tag.member) and kind.tag.models:
                return attrs.evolve(field, type=settled(field.type), sibling=kind.tag)
        return attrs.evolve(field, type=settled(field.type))

    result: dict[str, Declaration] = {}
    for name, declared in declarations.items():
        if isinstance(declared, Alias):
            result[name] = attrs.evolve(declared, type=settled(declared.type))
        else:
            fields = tuple(field_settled(declared, field) for field in declared.fields)
            result[name] = attrs.evolve(declared, fields=fields)
    return result
