"""Which major a host speaks, from one answer to the discovery call: the table in spec/."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from openwop._majors._negotiation import Verdict, decide, major_of

VECTORS = Path(__file__).parents[3] / "spec" / "vectors" / "discovery" / "negotiation.json"
TABLE = json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["protocolVersions", "protocolVersion", "details", "limits", "x"]),
            inner,
        )
    ),
    max_leaves=8,
)


@pytest.mark.parametrize("vector", [pytest.param(v, id=v["id"]) for v in TABLE])
def test_an_answer_means_what_the_table_says(vector: dict[str, Any]) -> None:
    expected = vector["expected"]

    verdict = decide(
        vector["status"],
        vector["header"],
        vector["body"],
        repeated=vector.get("repeated", False),
    )

    assert verdict == Verdict(
        expected["outcome"],
        expected.get("major"),
        tuple(expected["versions"]),
        expected.get("minimum_client"),
    )


@pytest.mark.parametrize(
    ("version", "major"),
    [
        ("2.0", 2),
        ("2", 2),
        (" 1.11 ", 1),
        ("10.0", 10),
        ("", None),
        (".0", None),
        ("v2", None),
        ("-1.0", None),
        ("٢.0", None),
        ("9999999999.0", None),
        (2, None),
        (None, None),
    ],
)
def test_a_major_is_the_leading_number(version: object, major: int | None) -> None:
    assert major_of(version) == major


@given(
    st.sampled_from([200, 404, 406, 426, 500]),
    st.none() | st.text(max_size=4) | st.sampled_from(["1.0", "2.0"]),
    JSON,
    st.booleans(),
)
def test_no_answer_whatever_it_is_raises(
    status: int, header: str | None, body: object, repeated: bool
) -> None:
    verdict = decide(status, header, body, repeated=repeated)

    assert (verdict.major is not None) == (verdict.outcome in {"major", "fallback"})
    assert not (repeated and verdict.outcome == "again")
