"""Ids as segments of a path: the projection of major 2 and ordinary escaping, from the vectors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from openwop._majors._ids import project, unproject

VECTORS = Path(__file__).parents[3] / "spec" / "vectors" / "ids"
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def _load(name: str) -> list[Any]:
    table = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    return [pytest.param(vector, id=vector["id"]) for vector in table["vectors"]]


@pytest.mark.parametrize("vector", _load("project"))
def test_an_id_is_projected_as_the_table_says(vector: dict[str, Any]) -> None:
    assert project(vector["bound"]) == vector["projected"]


@pytest.mark.parametrize("vector", _load("unproject"))
def test_a_segment_is_taken_apart_as_the_table_says(vector: dict[str, Any]) -> None:
    assert unproject(vector["segment"]) == vector["bound"]


@given(TEXT, TEXT)
def test_a_bound_id_comes_back_from_its_segment(tenant: str, opaque: str) -> None:
    bound = f"{tenant}/{opaque}"

    assert unproject(project(bound)) == bound


@given(TEXT, TEXT)
def test_projecting_twice_changes_nothing(tenant: str, opaque: str) -> None:
    once = project(f"{tenant}/{opaque}")

    assert project(once) == once


@given(TEXT)
def test_a_segment_has_only_characters_that_no_url_escapes(text: str) -> None:
    segment = project(f"{text}/x")

    assert segment.isascii()
    assert all(character.isalnum() or character in "._-~" for character in segment)


@pytest.mark.parametrize("segment", ["%FF", "a~C3", "%C3(%2F"])
def test_bytes_that_are_no_utf8_are_refused(segment: str) -> None:
    with pytest.raises(ValueError, match="utf-8"):
        unproject(segment)
