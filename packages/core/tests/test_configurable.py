"""`configurable` written in the shape of one major and sent in that of the other."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st

from openwop._majors._configurable import flatten, is_nested, nest
from openwop.errors import ConfigurationError

PAIRS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("nothing", {}, {"version": 1}),
    (
        "run",
        {"recursionLimit": 9, "runTimeoutMs": 1, "maxLoopIterations": 2, "escalationThreshold": 3},
        {
            "version": 1,
            "run": {
                "recursionLimit": 9,
                "runTimeoutMs": 1,
                "maxLoopIterations": 2,
                "escalationThreshold": 3,
            },
        },
    ),
    (
        "ai",
        {"model": "m", "temperature": 0.5, "ai.provider": "p", "ai.maxRefusals": 1},
        {
            "version": 1,
            "ai": {"model": "m", "temperature": 0.5, "provider": "p", "maxRefusals": 1},
        },
    ),
    (
        "verbosity",
        {"reasoningVerbosity": "off"},
        {"version": 1, "ai": {"reasoningVerbosity": "none"}},
    ),
    (
        "other-verbosity",
        {"reasoningVerbosity": "summary"},
        {"version": 1, "ai": {"reasoningVerbosity": "summary"}},
    ),
    (
        "distillation",
        {"distillation.tokenBudget": 5},
        {"version": 1, "distillation": {"tokenBudget": 5}},
    ),
    ("budget", {"budget": {"tokens": 5}}, {"version": 1, "budget": {"tokens": 5}}),
]
IDS = [name for name, _, _ in PAIRS]


@pytest.mark.parametrize(("name", "flat", "nested"), PAIRS, ids=IDS)
def test_the_flat_shape_is_nested_for_major_2(
    name: str, flat: dict[str, Any], nested: dict[str, Any]
) -> None:
    assert nest(flat) == nested


@pytest.mark.parametrize(("name", "flat", "nested"), PAIRS, ids=IDS)
def test_the_nested_shape_is_flattened_for_major_1(
    name: str, flat: dict[str, Any], nested: dict[str, Any]
) -> None:
    assert flatten(nested) == flat


@pytest.mark.parametrize(("name", "flat", "nested"), PAIRS, ids=IDS)
def test_what_has_the_wanted_shape_already_is_sent_as_it_is(
    name: str, flat: dict[str, Any], nested: dict[str, Any]
) -> None:
    assert nest(nested) == nested
    assert flatten(flat) == flat


def test_the_version_is_added_where_it_was_left_out() -> None:
    assert nest({"run": {"recursionLimit": 9}}) == {"version": 1, "run": {"recursionLimit": 9}}


def test_both_spellings_of_a_model_are_the_same_place() -> None:
    assert nest({"ai.model": "m"}) == {"version": 1, "ai": {"model": "m"}}


def test_the_keys_of_hosts_go_to_extensions_and_back() -> None:
    nested = {"version": 1, "extensions": {"acme": {"flux": 7}, "plain": 1}}

    assert flatten(nested) == {"acme.flux": 7, "extensions.plain": 1}


def test_a_key_without_a_place_in_major_2_is_refused_with_where_to_write_it() -> None:
    with pytest.raises(ConfigurationError, match=r"configurable\['flux'\].*extensions"):
        nest({"flux": 7})


def test_a_family_of_flat_keys_may_be_written_as_one_object() -> None:
    value = {"ai": {"provider": "p"}, "temperature": 1}

    assert nest(value) == {"version": 1, "ai": {"provider": "p", "temperature": 1}}


@pytest.mark.parametrize(
    ("value", "nested"),
    [
        ({"version": 1}, True),
        ({"run": {}}, True),
        ({"run": {}, "budget": {}}, True),
        ({}, False),
        ({"budget": {}}, False),
        ({"run": 7}, False),
        ({"ai": {}, "temperature": 1}, False),
        ({"recursionLimit": 1}, False),
    ],
)
def test_the_shape_is_told_from_the_sections(value: dict[str, Any], nested: bool) -> None:
    assert is_nested(value) is nested


@given(
    st.dictionaries(
        st.sampled_from(["recursionLimit", "model", "temperature", "ai.provider", "budget"]),
        st.integers(),
    )
)
def test_going_there_and_back_changes_nothing(flat: dict[str, Any]) -> None:
    assert flatten(nest(flat)) == flat
