"""Models: plain attrs classes that know their names on the wire and keep what they do not know.

A generated model declares its members and says with `on_wire` how each one is called on the wire
and what its description allows.  How a model is made of JSON data and turned back is the business
of `openwop.runtime._codec`, which reads these declarations once per class, when it first meets it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import IO, TYPE_CHECKING, Any, ClassVar, Final, Self, TypeAlias, cast

import attrs

from openwop.runtime._operation import UNSET

__all__ = [
    "JSON",
    "FileInput",
    "JSONInput",
    "Limits",
    "Model",
    "Tagged",
    "Unwrapped",
    "WireFacts",
    "Within",
    "on_wire",
]

if TYPE_CHECKING:
    JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"
else:
    # Annotations are evaluated when a model is first structured, and a string that stands for
    # itself cannot be joined by `|` then.
    JSON = Any

_File: TypeAlias = bytes | IO[bytes] | PathLike[str]
FileInput: TypeAlias = _File | tuple[str, _File] | tuple[str, _File, str]
"""A file to send: bytes, an open file or a path; in a form also with its name and media type."""

JSONInput: TypeAlias = Mapping[str, object] | Sequence[object] | str | int | float | bool | None
Variants: TypeAlias = bool | tuple[str, ...]
"""Where something holds: everywhere, nowhere, or in these variants of the service."""


@attrs.frozen(kw_only=True)
class Limits:
    """What a description allows of a value beyond its type; checked in strict mode only.

    Attributes:
        minimum: The least number.
        maximum: The greatest number.
        exclusive_minimum: The number that the value must be above.
        exclusive_maximum: The number that the value must be below.
        multiple_of: The number that must divide the value.
        min_length: The least number of characters.
        max_length: The greatest number of characters.
        pattern: The regular expression to be found in a string.
        min_items: The least number of elements, or of members of a map.
        max_items: The greatest number of elements, or of members of a map.
        unique: True where no two elements may be equal.
        free: True where a string outside the listed ones is as good as a listed one.
        items: The limits of each element, or of each value of a map.
    """

    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: float | None = None
    exclusive_maximum: float | None = None
    multiple_of: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    min_items: int | None = None
    max_items: int | None = None
    unique: bool = False
    free: bool = False
    items: Limits | None = None


NO_LIMITS: Final = Limits()


@attrs.frozen
class Tagged:
    """Tells the models of a union apart; stands in an `Annotated` around the union.

    Attributes:
        member: The member, by its name on the wire, whose value names the model.
        models: Pairs of such a value and the name of its model class.
    """

    member: str
    models: tuple[tuple[str, str], ...]


@attrs.frozen
class Unwrapped:
    """Says that a value may come as the only member of an object; stands in an `Annotated`.

    Attributes:
        member: The member, by its name on the wire, that then holds the value.
    """

    member: str


@attrs.frozen
class Within:
    """Says in which module the names in quotes are to be found; stands in an `Annotated`.

    Attributes:
        module: The full name of the module.
    """

    module: str


@attrs.frozen
class WireFacts:
    """What `on_wire` says of one member of a model.

    Attributes:
        name: The name on the wire; empty where it is the Python name.
        required: Where the description requires the member although the model does not.
        nullable: Where the description allows null.
        only: The variants that have the member; empty where all have it.
        limits: The limits of the value.
        sibling: Tells by another member of the same model which alternative the value is.
    """

    name: str = ""
    required: Variants = False
    nullable: Variants = False
    only: tuple[str, ...] = ()
    limits: Limits = NO_LIMITS
    sibling: Tagged | None = None


_FACTS: Final = "openwop"
_NO_FACTS: Final = WireFacts()


def on_wire(
    name: str = "",
    *,
    required: Variants = False,
    nullable: Variants = False,
    only: tuple[str, ...] = (),
    limits: Limits = NO_LIMITS,
    sibling: Tagged | None = None,
) -> dict[str, object]:
    """Return the metadata of a model's member: its name on the wire, and what is allowed of it.

    Args:
        name: The name on the wire, where it is not the Python name.
        required: True, or the variants of the service, where the description requires the member
            although the model has a default, because not every service sends it.  Strict mode
            then misses it.
        nullable: True, or the variants, where the description allows null.  Strict mode refuses
            null elsewhere.
        only: The variants that have the member, where not all have it.
        limits: Bounds and patterns, checked in strict mode.
        sibling: For a union, the other member of the same model that tells the alternatives apart.
    """
    return {_FACTS: WireFacts(name, required, nullable, only, limits, sibling)}


def wire_facts(field: attrs.Attribute[Any]) -> WireFacts:
    """Return what `on_wire` said of *field*."""
    return cast("WireFacts", field.metadata.get(_FACTS, _NO_FACTS))


def holds(where: Variants, variant: str) -> bool:
    """Tell whether *where* covers *variant*."""
    return where if isinstance(where, bool) else variant in where


@attrs.frozen(kw_only=True, repr=False)
class Model:
    """The base of all models: immutable, made of JSON data by `from_dict`.

    Attributes:
        extra: The members that the description does not know, as they came.
    """

    __closed__: ClassVar[Variants] = False

    extra: Mapping[str, JSON] = attrs.field(factory=dict[str, Any], hash=False)

    @classmethod
    def from_dict(
        cls, data: Mapping[str, object], *, strict: bool = False, variant: str = ""
    ) -> Self:
        """Return a model of *data*, an object as decoded from JSON.

        Args:
            data: The members by their names on the wire.
            strict: True to refuse whatever the description does not allow: missing required
                members, unknown members of closed objects, unknown members of enumerations,
                values out of bounds.
            variant: The variant of the service whose description strict mode goes by; without it,
                by what all variants have in common.

        Raises:
            StructureError: A member has the wrong type; the message names its path.
        """
        from openwop.runtime._codec import structure

        made: Self = structure(cls, data, strict=strict, variant=variant)
        return made

    def to_dict(self) -> dict[str, JSON]:
        """Return the JSON data that this model stands for, by the names on the wire.

        Absent members are left out, `extra` is included.
        """
        from openwop.runtime._codec import to_wire

        return cast("dict[str, JSON]", to_wire(self))

    def __repr__(self) -> str:
        shown: list[str] = []
        for field in attrs.fields(type(self)):
            value = getattr(self, field.name)
            if value is UNSET or (value is None and field.default is None):
                continue
            if field.name == "extra" and not value:
                continue
            shown.append(f"{field.name}={value!r}" if field.repr else f"{field.name}=[redacted]")
        return f"{type(self).__name__}({', '.join(shown)})"
