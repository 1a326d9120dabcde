"""Names and places: the small parts that everything stands on."""

from __future__ import annotations

import keyword
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from openwop.runtime.model import Limits
from openwop_codegen.diagnostics import GeneratorError
from openwop_codegen.docs import docstring, shown_limits
from openwop_codegen.loader import Loader
from openwop_codegen.names import FIELD_RESERVED, constant, pascal, snake, unique


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        ("runId", "run_id"),
        ("run_id", "run_id"),
        ("run-id", "run_id"),
        ("RunID", "run_id"),
        ("HTTPServer", "http_server"),
        ("getA2ATaskState", "get_a2_a_task_state"),
        ("OAuth2Token", "o_auth2_token"),
        ("duration_ms", "duration_ms"),
        ("sha256", "sha256"),
        ("X-Rate.Limit", "x_rate_limit"),
        ("class", "class_"),
        ("2fast", "field_2fast"),
        ("", "field"),
        ("日本", "field"),
    ],
)
def test_a_name_on_the_wire_becomes_snake_case(wire: str, name: str) -> None:
    assert name == snake(wire)


@pytest.mark.parametrize(
    ("wire", "name"),
    [
        ("run snapshot", "RunSnapshot"),
        ("runSnapshot", "RunSnapshot"),
        ("HTTPError", "HTTPError"),
        ("200", "Type200"),
        ("", "Value"),
        ("None", "None_"),
        ("ValueError", "ValueError_"),
    ],
)
def test_a_name_of_a_type_becomes_pascal_case(wire: str, name: str) -> None:
    assert name == pascal(wire)


def test_a_constant_is_in_capitals() -> None:
    assert "POLL_EVENTS" == constant("poll_events")


@given(st.lists(st.text(max_size=12), unique=True, max_size=8))
def test_names_are_legal_and_all_different(wires: list[str]) -> None:
    names = unique(wires, lambda wire: snake(wire, reserved=FIELD_RESERVED))

    assert set(wires) == set(names)
    assert len(set(names.values())) == len(wires)
    for name in names.values():
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
        assert not name.startswith("_")
        assert name not in FIELD_RESERVED


@given(st.lists(st.text("aB_-1", max_size=5), unique=True, max_size=6), st.randoms())
def test_the_order_of_names_does_not_matter(wires: list[str], random: object) -> None:
    shuffled = list(wires)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert unique(wires, snake) == unique(shuffled, snake)


@given(st.text(max_size=300), st.lists(st.text(max_size=200), max_size=2))
def test_whatever_a_document_says_a_docstring_is_valid_python(
    summary: str, more: list[str]
) -> None:
    lines = docstring(summary, more, [("Args", [f"a: {text}" for text in more])])

    compile("def f():\n" + "\n".join(lines).replace("\x00", "") + "\n    return 1", "f", "exec")


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(minimum=1, maximum=60), "1 to 60"),
        (Limits(minimum=0), "at least 0"),
        (Limits(max_length=1), "at most 1 character"),
        (Limits(min_items=2, max_items=2), "exactly 2 entries"),
        (Limits(min_length=1), "not empty"),
        (Limits(exclusive_minimum=0.5, multiple_of=2), "more than 0.5, a multiple of 2"),
        (
            Limits(max_items=3, items=Limits(max_length=9)),
            "at most 3 entries, each at most 9 characters",
        ),
        (Limits(), ""),
    ],
)
def test_limits_are_said_in_words(limits: Limits, words: str) -> None:
    assert words == shown_limits(limits)


def test_yaml_is_read_as_openapi_means_it(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    text = (
        "{on: off, 200: {true: 1}, a: 2025-01-02, b: 22:30, c: [~, null, 1e3, .5, -7, 0x1f, 1.0]}"
    )
    path.write_text(text, encoding="utf-8")

    assert {
        "on": "off",
        "200": {"true": 1},
        "a": "2025-01-02",
        "b": "22:30",
        "c": [None, None, 1000.0, 0.5, -7, 31, 1.0],
    } == Loader(tmp_path).document(path)


def test_references_lead_across_files_and_through_escapes(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.yaml").write_text('x: { $ref: "sub/b.json#/a~1b/%7Bc%7D~0/0" }', "utf-8")
    (tmp_path / "sub" / "b.json").write_text('{"a/b": {"{c}~": [{"$ref": "#/end"}]}, "end": 7}')

    place = Loader(tmp_path).open(tmp_path / "a.yaml").at("x").follow()

    assert (7, "sub/b.json#/end") == (place.value, place.where)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("#/nope", "a.yaml#/x: refers to #/nope, which is not there"),
        ("gone.yaml#/a", "a.yaml#/x: refers to gone.yaml#/a, but gone.yaml: cannot be read"),
        ("https://example.org/a.yaml", "--allow-remote fetches it"),
        ("#anchor", "the anchor anchor, which is not there"),
        ("#/x", "refers to itself"),
    ],
)
def test_a_reference_that_leads_nowhere_is_told_with_its_place(
    tmp_path: Path, reference: str, message: str
) -> None:
    (tmp_path / "a.yaml").write_text(f'x: {{ $ref: "{reference}" }}', encoding="utf-8")

    with pytest.raises(GeneratorError) as caught:
        Loader(tmp_path).open(tmp_path / "a.yaml").at("x").follow()

    assert message in str(caught.value)
