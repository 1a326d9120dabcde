"""Hypothesis strategies for every model and every event of `openwop`.

    from openwop_testing import strategies

    @given(strategies.models(RunSnapshot))
    def test_mine(snapshot): ...

    @given(strategies.events("run.completed", "run.failed"))
    def test_ends(event): ...

They are made from the models' own types and limits, so they know every model that the installed
client knows.  Needs hypothesis, which this package does not ask for.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeAlias, TypeVar, get_args, get_origin

import attrs
from hypothesis import strategies as st

import openwop.events
from openwop.events import RunEvent
from openwop.runtime import Unset
from openwop_testing._json import JsonObject
from openwop_testing.described import described, json_values, texts

__all__ = ["documents", "event_documents", "events", "json_values", "models"]

T = TypeVar("T")
Documents: TypeAlias = "st.SearchStrategy[JsonObject]"

_SIZE = 3
_DEPTH = 4


def documents(model: Any) -> Documents:
    """Return a strategy for what a model looks like on the wire.

    Args:
        model: A class of `openwop.models`, or the payload class of an event.
    """
    if model in _payload_classes():
        return _payloads(model)
    return _documents(model, _DEPTH)


def models(model: type[T]) -> st.SearchStrategy[T]:
    """Return a strategy for instances of a model.

    Args:
        model: A class of `openwop.models`, or the payload class of an event.
    """
    source: Any = model
    return documents(model).map(source.from_dict)


def event_documents(*event_types: str) -> Documents:
    """Return a strategy for events as they come over the wire.

    Args:
        *event_types: The types, in the spelling of major 2; without any, every type.
    """
    chosen = event_types or tuple(sorted(_event_classes()))
    unknown = [name for name in chosen if name not in _event_classes()]
    if unknown:
        raise ValueError(f"there is no event {unknown[0]!r}")
    return st.one_of([_event_documents(name) for name in chosen])


def events(*event_types: str) -> st.SearchStrategy[Any]:
    """Return a strategy for events, each of its own class.

    Args:
        *event_types: The types, in the spelling of major 2; without any, every type.
    """
    source: Any = RunEvent
    return event_documents(*event_types).map(source.from_dict)


@lru_cache(maxsize=1)
def _event_classes() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in openwop.events.__all__:
        candidate = getattr(openwop.events, name)
        if not isinstance(candidate, type) or not issubclass(candidate, openwop.events.RunEvent):
            continue
        event_type = getattr(candidate, "TYPE", "")
        if event_type and getattr(candidate, "PAYLOAD", ""):
            found[event_type] = candidate
    return found


@lru_cache(maxsize=1)
def _payload_classes() -> frozenset[Any]:
    return frozenset(event_class.payload_class() for event_class in _event_classes().values())


@lru_cache(maxsize=512)
def _payloads(model: Any) -> Documents:
    """Return a strategy for the payloads of major 2, which keep every rule of their description."""

    def fits(document: JsonObject) -> bool:
        try:
            model.from_dict(document, strict=True, variant="2")
        except ValueError:
            return False
        return True

    package = model.__module__.rpartition(".")[0]
    return described(package, model.__name__, "2").filter(fits)


@lru_cache(maxsize=512)
def _event_documents(event_type: str) -> Documents:
    payload = _event_classes()[event_type].payload_class()
    return st.fixed_dictionaries(
        {
            "eventId": st.uuids().map(lambda value: f"evt-{value}"),
            "runId": st.uuids().map(lambda value: f"acme/{value}"),
            "type": st.just(event_type),
            "payload": documents(payload),
            "timestamp": st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
            "sequence": st.integers(0, 2**31),
            "schemaVersion": st.just(1),
        },
        optional={"nodeId": st.from_regex(r"[a-z]{1,8}", fullmatch=True)},
    )


@lru_cache(maxsize=4096)
def _documents(model: Any, depth: int) -> Documents:
    hints = typing.get_type_hints(model, include_extras=True)
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    choices: list[Documents] = []
    for field in attrs.fields(model):
        if field.name == "extra":
            continue
        facts = field.metadata.get("openwop")
        name = (facts.name if facts is not None else "") or field.name
        needed = field.default is attrs.NOTHING or bool(facts is not None and facts.required)
        if not needed and depth <= 1:
            continue
        if facts is not None and facts.sibling is not None:
            choices = _pairs(name, hints[field.name], facts.sibling, depth)
            continue
        limits = facts.limits if facts is not None else None
        values = _values(hints[field.name], limits, depth)
        (required if needed else optional)[name] = values
    whole = st.fixed_dictionaries(required, optional=optional)
    if not choices:
        return whole
    return st.builds(_joined, whole, st.one_of(choices))


def _joined(document: JsonObject, pair: JsonObject) -> JsonObject:
    return {**document, **pair}


def _pairs(name: str, hint: Any, sibling: Any, depth: int) -> list[Documents]:
    """Return, for each model that a member tells apart, that member with a value of the model."""
    candidates = {getattr(member, "__name__", ""): member for member in get_args(hint)}
    return [
        st.fixed_dictionaries(
            {sibling.member: st.just(tag), name: _values(candidates[chosen], None, depth)}
        )
        for tag, chosen in sibling.models
    ]


def _values(hint: Any, limits: Any, depth: int) -> st.SearchStrategy[Any]:
    """Return a strategy for the JSON of a type hint."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is typing.Annotated:
        return _values(arguments[0], limits, depth)
    if origin in {typing.Union, types.UnionType}:
        return _union(arguments, limits, depth)
    if origin is typing.Literal:
        return st.sampled_from(arguments)
    if origin is list:
        low = int(getattr(limits, "min_items", None) or 0)
        inner = _values(arguments[0], getattr(limits, "items", None), depth - 1)
        if not low and depth <= 1:
            return st.just([])
        unique = repr if getattr(limits, "unique", False) else None
        return st.lists(inner, min_size=low, max_size=max(low, _SIZE), unique_by=unique)
    if origin is dict or origin is Mapping or origin is typing.get_origin(Mapping[str, Any]):
        inner = _values(arguments[1], getattr(limits, "items", None), depth - 1)
        return st.dictionaries(texts(), inner, max_size=2)
    return _plain(hint, limits, depth)


def _union(members: tuple[Any, ...], limits: Any, depth: int) -> st.SearchStrategy[Any]:
    if Unset in members:
        # Absent, null and a value are three things here; of most members null says absent.
        return st.none() | _union(
            tuple(each for each in members if each is not Unset), limits, depth
        )
    members = tuple(member for member in members if member is not type(None))
    literals = [member for member in members if get_origin(member) is typing.Literal]
    if literals:
        # An open enumeration: its known members are what a host of today sends.
        members = tuple(member for member in members if member is not str)
    return st.one_of([_values(member, limits, depth) for member in members])


def _plain(hint: Any, limits: Any, depth: int) -> st.SearchStrategy[Any]:
    if hint is str:
        return _strings(limits)
    if hint is bool:
        return st.booleans()
    if hint is int:
        return st.integers(*_bounds(limits, -(2**31), 2**31))
    if hint is float:
        low, high = _bounds(limits, -1000, 1000)
        return st.integers(low, high) | st.floats(low, high, allow_nan=False, width=32)
    if isinstance(hint, type) and issubclass(hint, RunEvent):
        return event_documents()
    if isinstance(hint, type) and attrs.has(hint):
        return st.deferred(lambda: _documents(hint, depth - 1))
    return json_values().filter(lambda value: value is not None)


def _bounds(limits: Any, low: int, high: int) -> tuple[int, int]:
    least, most = getattr(limits, "minimum", None), getattr(limits, "maximum", None)
    above = getattr(limits, "exclusive_minimum", None)
    below = getattr(limits, "exclusive_maximum", None)
    if above is not None:
        least = above + 1
    if below is not None:
        most = below - 1
    bottom = low if least is None else int(least)
    top = max(high, bottom + 1) if most is None else int(most)
    return bottom, max(bottom, top)


def _strings(limits: Any) -> st.SearchStrategy[str]:
    return texts(
        getattr(limits, "min_length", None) or 0,
        getattr(limits, "max_length", None),
        getattr(limits, "pattern", None) or "",
    )
