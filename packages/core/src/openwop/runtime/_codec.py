"""Between JSON data and models: structuring, and turning values back into JSON data.

For every type a closure is made once, when the type is first met; structuring a value is then a
call of that closure.  The closures come in families, one per mode (see `openwop.runtime._compile`).
The tolerant ones take what real services send: unknown members are kept, unknown values of
enumerations pass, null stands for an absent optional member, a missing member with a default is
no error.  The strict ones refuse all of that.  All refuse a wrong type, and say where.

Types that are not ours (attrs classes and dataclasses of a user) go through cattrs, and the
converter that `converter` returns structures our models for users of cattrs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

import attrs

from openwop.runtime._model import Model, wire_facts
from openwop.runtime._operation import UNSET, Unset
from openwop.runtime._structure import StructureError
from openwop.runtime._values import type_of
from openwop.runtime.errors import ConfigurationError

if TYPE_CHECKING:
    import cattrs

__all__ = ["converter", "structure", "to_wire"]

T = TypeVar("T")


def structure(tp: type[T] | Any, value: object, *, strict: bool = False, variant: str = "") -> T:
    """Return *value*, decoded JSON data, as a *tp*.

    Args:
        tp: A model class, or any annotation of a generated method's answer.
        value: The data.
        strict: True to refuse every deviation from the description.
        variant: The variant of the service that sent the data.

    Raises:
        StructureError: The data has another shape; the message names the path.
    """
    key = (tp, strict, variant)
    read = _closures.get(key)
    if read is None:
        from openwop.runtime._compile import compiler

        read = _closures[key] = compiler(strict, variant).closure(tp)
    try:
        return cast("T", read(value))
    except StructureError as exc:
        if not exc.path or exc.path[0] in ".[":
            raise exc.under(_shown(tp)) from None
        raise
    except RecursionError:
        raise StructureError(_shown(tp), "a bounded depth", "too deep nesting") from None


_closures: dict[tuple[Any, bool, str], Callable[[Any], Any]] = {}


def _shown(tp: Any) -> str:
    return tp.__name__ if isinstance(tp, type) else "answer"


# Back to JSON data ------------------------------------------------------------------------------


_names: dict[type[Model], tuple[tuple[str, str, bool], ...]] = {}


def _names_of(cls: type[Model]) -> tuple[tuple[str, str, bool], ...]:
    """Return, per member: the Python name, the name on the wire, whether None means absent."""
    _names[cls] = names = tuple(
        (field.name, wire_facts(field).name or field.name, field.default is None)
        for field in attrs.fields(cls)
        if field.name != "extra"
    )
    return names


def _dump_model(model: Model) -> dict[str, Any]:
    data: dict[str, Any] = {}
    cls = type(model)
    for name, wire, none_is_absent in _names.get(cls) or _names_of(cls):
        value = getattr(model, name)
        if value is UNSET or (value is None and none_is_absent):
            continue
        data[wire] = value if type(value) in _AS_IT_IS else to_wire(value)
    for key, value in model.extra.items():
        if key not in data:
            data[key] = to_wire(value)
    return data


def _dump_mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        key if type(key) is str else str(to_wire(key)): to_wire(item)
        for key, item in value.items()
        if item is not UNSET
    }


def _dump_datetime(value: dt.datetime) -> str:
    if value.tzinfo is None:
        msg = f"{value!r} has no time zone, so it names no instant; give it one"
        raise ConfigurationError(msg)
    text = value.isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


_AS_IT_IS = frozenset({str, int, float, bool, type(None)})


def to_wire(value: Any) -> Any:
    """Return *value* as JSON data, ready for an encoder.

    Models become objects under the names on the wire without their absent members; mappings,
    sequences and sets are copied; None inside a plain mapping stays, UNSET is left out; a datetime
    becomes its RFC 3339 text.

    Args:
        value: A model, JSON data, or any mix of the two.

    Raises:
        ConfigurationError: Something in it has no form in JSON.
    """
    kind = type_of(value)
    if kind in _AS_IT_IS:
        return value
    if kind is dict:
        return _dump_mapping(value)
    if kind is list or kind is tuple:
        return [to_wire(item) for item in value]
    if isinstance(value, Model):
        return _dump_model(value)
    return _dump_other(value)


def _dump_other(value: Any) -> Any:
    if isinstance(value, Enum):
        return to_wire(value.value)
    if isinstance(value, (str, int, float)):
        return value
    if isinstance(value, dt.datetime):
        return _dump_datetime(value)
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return _dump_mapping(cast("Mapping[object, Any]", value))
    if isinstance(value, (set, frozenset, Sequence)) and not isinstance(value, (bytes, bytearray)):
        return [to_wire(item) for item in cast("Sequence[Any]", value)]
    dump = getattr(value, "to_dict", None)
    if callable(dump):
        return dump()
    if attrs.has(type_of(value)):
        return converter().unstructure(value)
    if isinstance(value, Unset):
        msg = "UNSET stands for an absent argument and has no form in JSON"
    else:
        msg = f"a value of type {type(value).__name__} has no form in JSON"
    raise ConfigurationError(msg)


@lru_cache(maxsize=2)
def converter(*, strict: bool = False) -> cattrs.Converter:
    """Return a cattrs converter that structures and unstructures our models.

    Args:
        strict: Whether it structures in strict mode.
    """
    import cattrs

    def is_model(tp: Any) -> bool:
        return isinstance(tp, type) and issubclass(tp, Model)

    def structure_hook(tp: Any) -> Callable[[Any, Any], Any]:
        return lambda value, _: structure(tp, value, strict=strict)

    def unstructure_hook(_: Any) -> Callable[[Any], Any]:
        return to_wire

    made = cattrs.Converter(forbid_extra_keys=strict)
    made.register_structure_hook_factory(is_model)(structure_hook)
    made.register_unstructure_hook_factory(is_model)(unstructure_hook)
    made.register_unstructure_hook(dt.datetime, to_wire)
    made.register_unstructure_hook(dt.date, to_wire)
    return made
