"""Every generated model: JSON data becomes a model and the same JSON data again."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import attrs
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import openwop.models as public
import openwop.params as public_params
from openwop._generated import models as generated, params as generated_params
from openwop.runtime._compile import alternatives, evaluate, member_types
from openwop.runtime._events import Event
from openwop.runtime._model import wire_facts
from openwop.runtime._operation import Unset
from openwop.runtime.model import Model, Tagged

MODELS: list[type[Model]] = [
    found
    for name in generated.__all__
    if isinstance(found := getattr(generated, name), type) and issubclass(found, Model)
]
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2)
    ),
    max_leaves=4,
)
EVENT = st.fixed_dictionaries(
    {"type": st.just("run.started"), "sequence": st.integers(0), "runId": st.text(min_size=1)}
)
SPARE = st.dictionaries(st.text("xyz", min_size=9, max_size=12), JSON_VALUES, max_size=2)


def values_of(tp: Any, depth: int) -> st.SearchStrategy[Any]:
    """Return a strategy for the JSON data of values of *tp*."""
    if isinstance(tp, str):
        tp = evaluate(tp, vars(generated))
    if tp is Any:
        return JSON_VALUES
    if tp is type(None):
        return st.none()
    if tp is bool:
        return st.booleans()
    if tp is int:
        return st.integers()
    if tp is float:
        return st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    if tp is str:
        return st.text(max_size=8)
    origin = get_origin(tp)
    if origin is Annotated:
        return values_of(get_args(tp)[0], depth)
    if origin is Literal:
        return st.sampled_from(get_args(tp))
    if origin in (Union, types.UnionType):
        return st.one_of([values_of(one, depth) for one in alternatives(tp)])
    if origin is list:
        if depth > 2:
            return st.just([])
        return st.lists(values_of(get_args(tp)[0], depth + 1), max_size=2)
    if origin in (dict, Mapping):
        if depth > 2:
            return st.just({})
        inner = values_of(get_args(tp)[1], depth + 1)
        return st.dictionaries(st.text(max_size=5), inner, max_size=2)
    if issubclass(tp, Model):
        return objects_of(tp, depth + 1)
    assert issubclass(tp, Event), tp
    return EVENT


def objects_of(cls: type[Model], depth: int = 0) -> st.SearchStrategy[dict[str, Any]]:
    """Return a strategy for JSON objects that *cls* is made of."""
    hints = member_types(cls)
    required: dict[str, Any] = {}
    optional: dict[str, Any] = {}
    for field in attrs.fields(cls):
        if field.name == "extra":
            continue
        if field.default is not attrs.NOTHING and depth >= 2:
            continue
        facts = wire_facts(field)
        wire = facts.name or field.name
        members = [one for one in alternatives(hints[field.name]) if one is not Unset]
        if field.default is not attrs.NOTHING and field.default is None:
            members = [one for one in members if one is not type(None)]
        made = st.one_of([values_of(one, depth) for one in members])
        if facts.sibling is not None:
            made = values_of(sibling_free(members), depth)
        if field.default is attrs.NOTHING:
            required[wire] = made
        else:
            optional[wire] = made.filter(lambda value: value is not None)
    plain = st.fixed_dictionaries(required, optional=optional)
    tags = {
        wire_facts(field).sibling.member  # type: ignore[union-attr]
        for field in attrs.fields(cls)
        if wire_facts(field).sibling is not None
    }
    if tags:
        return plain.map(lambda data: {**data, **dict.fromkeys(tags, "unheard-of")})
    return st.tuples(plain, SPARE).map(lambda pair: {**pair[1], **pair[0]})


def sibling_free(members: list[Any]) -> Any:
    """Return the alternative that is no model: what a value of an unknown kind stays."""
    return next(one for one in members if not (isinstance(one, type) and issubclass(one, Model)))


def same(one: Any, other: Any) -> bool:
    """Tell whether two pieces of JSON data are the same, types of numbers included."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


@pytest.mark.parametrize("cls", MODELS, ids=lambda cls: cls.__name__)
def test_nothing_is_lost_from_wire_to_model_to_wire(cls: type[Model]) -> None:
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(objects_of(cls))
    def check(data: dict[str, Any]) -> None:
        model = cls.from_dict(data)

        assert same(data, model.to_dict()), (data, model.to_dict())
        assert model == cls.from_dict(model.to_dict())

    check()


@pytest.mark.parametrize("cls", MODELS, ids=lambda cls: cls.__name__)
def test_a_model_documents_each_of_its_members(cls: type[Model]) -> None:
    documented = re.findall(r"^ {4,8}(\w+): \S", cls.__doc__ or "", re.MULTILINE)

    missing = [f.name for f in attrs.fields(cls) if f.name not in {*documented, "extra"}]

    assert [] == missing


def test_there_are_models_of_both_majors_and_no_two_of_one_name() -> None:
    assert len(MODELS) > 200
    assert len(set(generated.__all__)) == len(generated.__all__)


def test_the_public_modules_offer_all_that_is_generated() -> None:
    assert public.__all__ == generated.__all__
    assert public.RunSnapshot is generated.RunSnapshot
    assert public_params.__all__ == generated_params.__all__
    assert public_params.ConfigurableParam is generated_params.ConfigurableParam


def test_a_name_that_is_not_there_is_an_attribute_error_of_the_public_module() -> None:
    with pytest.raises(AttributeError, match=r"openwop\.models.*Nonsense"):
        _ = public.Nonsense  # type: ignore[attr-defined]


def test_the_data_of_an_interrupt_is_told_by_its_kind() -> None:
    payload = public.InterruptPayload.from_dict(
        {
            "kind": "clarification",
            "key": "k",
            "data": {"questions": [{"id": "q", "question": "Which one?"}]},
        }
    )

    assert isinstance(payload.data, public.ClarificationData)
    assert "Which one?" == payload.data.questions[0].question


def test_the_data_of_an_unknown_interrupt_stays_as_it_came() -> None:
    payload = public.InterruptPayload.from_dict({"kind": "new", "key": "k", "data": {"a": 1}})

    assert {"a": 1} == payload.data


def test_every_tag_of_a_union_names_a_model() -> None:
    for cls in MODELS:
        for field in attrs.fields(cls):
            tags = [wire_facts(field).sibling]
            for value in get_args(member_types(cls)[field.name]):
                tags += [value] if isinstance(value, Tagged) else []
            for tag in tags:
                if tag is not None:
                    assert {name for _, name in tag.models} <= set(generated.__all__)
