"""What a schema says of a value, before it has a name: its type, its limits, its members."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, Literal

import attrs

from openwop.runtime.model import Limits
from openwop_codegen.ir import NO_LIMITS, Listed, OneOf, Plain, Tag, Type
from openwop_codegen.loader import Place

__all__ = ["JSON", "Members", "Shape", "joined"]

JSON: Final = Plain("json")


@attrs.frozen(kw_only=True)
class Shape:
    """What a schema says of a value at one place.

    Attributes:
        type: The type, without null.
        nullable: Whether null is allowed.
        limits: The limits.
        doc: What it is.
        default: The default, or None.
        deprecated: Whether it should not be used any more.
        kind: A hint for the dialect.
        secret: Whether its value may not be shown.
        lenient: Whether it may be missing although it is required.
        tri: Whether null means something else than absence.
        access: `read` or `write` for what goes one way only.
    """

    type: Type
    nullable: bool = False
    limits: Limits = NO_LIMITS
    doc: str = ""
    default: Any = None
    deprecated: bool = False
    kind: str = ""
    secret: bool = False
    lenient: bool = False
    tri: bool = False
    access: Literal["", "read", "write"] = ""


@attrs.define
class Members:
    """The members of an object, from all the schemas that it is put together from.

    Attributes:
        properties: The place of each member's schema.
        required: The names of those that must be there.
        additional: The schema of other members, or whether they are allowed; None for silence.
    """

    properties: dict[str, Place] = attrs.field(factory=dict[str, Place])
    required: set[str] = attrs.field(factory=set[str])
    additional: Place | bool | None = None

    def take(self, other: Members, *, optional: bool = False) -> None:
        """Add what *other* has; *optional* where it need not hold."""
        for name, place in other.properties.items():
            self.properties.setdefault(name, place)
        if not optional:
            self.required |= other.required
            if other.additional is not None and self.additional in (None, True):
                self.additional = other.additional


def joined(types: Iterable[Type], tag: Tag | None = None) -> Type:
    """Return the union of *types*, flattened, each once."""
    flat: dict[Type, None] = {}
    for one in types:
        inner = one.members if isinstance(one, OneOf) and one.tag is None else (one,)
        for member in inner:
            flat[member] = None
    if JSON in flat:
        return JSON
    members: list[Type] = list(flat)
    listed = [one for one in members if isinstance(one, Listed)]
    if len(listed) > 1:
        values = tuple(dict.fromkeys(value for one in listed for value in one.values))
        first = members.index(listed[0])
        rest: list[Type] = [one for one in members if not isinstance(one, Listed)]
        members = [*rest[:first], Listed(values, any(one.open for one in listed)), *rest[first:]]
    if len(members) == 1:
        return members[0]
    return OneOf(tuple(members), tag)
