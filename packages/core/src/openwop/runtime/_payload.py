"""Payloads: models that are made in straight lines, because every event of a stream has one.

The generated `from_dict` of a payload reads its members one after another and checks the kind of
each in place.  What it uses for that, and the strict reading that it leaves to rules, is here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar, cast

import attrs

from openwop.runtime._model import Model
from openwop.runtime._rules import Rules, check_rule
from openwop.runtime._structure import StructureError, mismatch

__all__ = [
    "Payload",
    "as_members",
    "as_string_map",
    "as_strings",
    "blank",
    "check_payload",
    "nested",
    "nested_list",
    "set_extra",
    "undeclared",
]

P = TypeVar("P", bound="Payload")

blank: Final = object.__new__
"""Makes an instance without its constructor, whose keyword arguments would cost more than it."""

set_extra: Final[Callable[[Model, Mapping[str, Any]], None]] = vars(Model)["extra"].__set__
"""Sets the undeclared members of a frozen instance; `extra` is the one member with a slot."""


@attrs.frozen(kw_only=True, repr=False)
class Payload(Model):
    """The base of all payloads: a model whose `from_dict` is written out, member by member.

    Every member is optional, whatever the description requires, because real services leave out
    much; strict reading misses what is required.  The subclasses have no slots: to fill a
    `__dict__` takes half the time that setting slots past a frozen `__setattr__` does.
    """

    if TYPE_CHECKING:

        @classmethod
        def from_dict(
            cls, data: Mapping[str, object], *, strict: bool = False, variant: str = ""
        ) -> Self:
            """Return the payload that *data* is.

            Args:
                data: The members by their names on the wire.
                strict: True to refuse whatever the description does not allow.
                variant: The variant of the service whose description counts, for strict reading;
                    the newest where it is empty.

            Raises:
                StructureError: A member has the wrong type, or, strictly, breaks a rule.
            """
            ...

    def __reduce__(self) -> tuple[Any, ...]:
        # The base has slots and pickles by them; the members of a subclass are not among those.
        return _revive, (type(self), dict(self.__dict__), self.extra)


def _revive(model: type[P], members: dict[str, Any], extra: Mapping[str, Any]) -> P:
    payload = blank(model)
    payload.__dict__.update(members)
    set_extra(payload, extra)
    return payload


def as_members(data: object, name: str) -> dict[str, Any]:
    """Return *data* as a dictionary of members.

    Args:
        data: An object as decoded from JSON, or any mapping.
        name: The name of the model, for the error.

    Raises:
        StructureError: It is no object.
    """
    if type(data) is dict:
        return cast("dict[str, Any]", data)
    if isinstance(data, Mapping):
        return dict(cast("Mapping[str, Any]", data))
    raise mismatch(name, "object", data)


def undeclared(members: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """Return those of *members* that are not in *known*."""
    return {name: value for name, value in members.items() if name not in known}


def nested(model: type[P], value: object, path: str) -> P:
    """Return a *model* of *value*, which stands at *path* of another.

    Raises:
        StructureError: It has another shape; the message names the whole path.
    """
    try:
        return model.from_dict(cast("Mapping[str, object]", value))
    except StructureError as exc:
        raise exc.under(path) from None


def nested_list(model: type[P], value: object, path: str) -> list[P]:
    """Return a list of *model*, one for each element of *value*, which stands at *path*.

    Raises:
        StructureError: It is no array, or an element has another shape.
    """
    if type(value) is not list:
        raise mismatch(path, "array", value)
    items = cast("list[object]", value)
    return [nested(model, item, f"{path}[{index}]") for index, item in enumerate(items)]


def as_strings(value: object, path: str) -> list[str]:
    """Return *value*, an array of strings, as it is.

    Raises:
        StructureError: It is no array, or an element is no string.
    """
    if type(value) is not list:
        raise mismatch(path, "array", value)
    items = cast("list[str]", value)
    for index, item in enumerate(items):
        if type(item) is not str:
            raise mismatch(f"{path}[{index}]", "str", item)
    return items


def as_string_map(value: object, path: str) -> dict[str, str]:
    """Return *value*, an object whose members are all strings, as it is.

    Raises:
        StructureError: It is no object, or a member is no string.
    """
    if type(value) is not dict:
        raise mismatch(path, "object", value)
    members = cast("dict[str, str]", value)
    for name, member in members.items():
        if type(member) is not str:
            raise mismatch(f"{path}.{name}", "str", member)
    return members


@cache
def _tables_of(package: str) -> Mapping[str, Rules]:
    text = files(package).joinpath("rules.json").read_text(encoding="utf-8")
    return cast("Mapping[str, Rules]", json.loads(text))


def check_payload(package: str, name: str, data: object, variant: str) -> None:
    """Check *data* against every rule of the description *name*.

    Args:
        package: The package that holds `rules.json`: a table of rules per variant of the service,
            of which the last stands for an unknown variant.
        name: The name of the description.
        data: The JSON value.
        variant: The variant of the service that sent it.

    Raises:
        StructureError: The first rule that is broken.
    """
    tables = _tables_of(package)
    rules = tables.get(variant) or tables[list(tables)[-1]]
    rule = rules.get(name)
    if rule is None:
        raise StructureError(name, "nothing of this kind from this version", "one")
    check_rule(data, rule, name, rules)
