"""How the variants of a service become one."""

from __future__ import annotations

from typing import Any

import pytest

from openwop.runtime.model import Limits
from openwop_codegen.diagnostics import GeneratorError
from openwop_codegen.ir import Items, Listed, OneOf, Plain, Tag, Type, Values, Wrapped
from openwop_codegen.merging import merge_limits, merge_types

STR, INT, FLOAT, ANY, OBJECT = (Plain(name) for name in ("str", "int", "float", "json", "object"))


@pytest.mark.parametrize(
    ("old", "new", "merged"),
    [
        (STR, STR, STR),
        (INT, FLOAT, FLOAT),
        (STR, ANY, ANY),
        (STR, INT, OneOf((INT, STR))),
        (Listed(("a", "b")), Listed(("b", "c")), Listed(("b", "c", "a"))),
        (Listed(("a",)), Listed(("b",), open=True), Listed(("b", "a"), open=True)),
        (Listed(("a",)), STR, Listed(("a",), open=True)),
        (Items(INT), Items(FLOAT), Items(FLOAT)),
        (Values(INT), Values(STR), Values(OneOf((STR, INT)))),
        (Values(INT), OBJECT, OBJECT),
        (Wrapped(Items(INT), "x"), Wrapped(Items(FLOAT), "x"), Wrapped(Items(FLOAT), "x")),
        (OneOf((STR, INT)), OneOf((INT, FLOAT)), OneOf((INT, FLOAT, STR))),
        (
            OneOf((STR,), Tag("k", (("a", "A"), ("b", "Old")))),
            OneOf((INT,), Tag("k", (("b", "B"),))),
            OneOf((INT, STR), Tag("k", (("a", "A"), ("b", "B")))),
        ),
    ],
)
def test_a_merged_type_takes_the_values_of_both(old: Type, new: Type, merged: Type) -> None:
    assert merged == merge_types(old, new)


def test_merged_limits_are_the_looser_of_both() -> None:
    old = Limits(minimum=1, maximum=9, min_length=2, pattern="a", items=Limits(max_length=3))
    new = Limits(minimum=2, maximum=5, pattern="b", items=Limits(max_length=5))

    assert Limits(minimum=1, maximum=9, items=Limits(max_length=5)) == merge_limits(old, new)


def two(workshop: Any, old: dict[str, Any], new: dict[str, Any]) -> str:
    """Return the models of two variants that describe `Thing` differently."""
    documents = [workshop.document(schemas={"Thing": schema}) for schema in (old, new)]
    files = workshop.generate(*documents, extra='variant_word = "major"').files
    return str(files["models/shared.py"])


def test_a_member_of_one_variant_says_so_and_is_optional(workshop: Any) -> None:
    old = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    new = {
        "type": "object",
        "properties": {"a": {"type": "string"}, "b": {"type": "string"}},
        "required": ["a", "b"],
    }

    source = two(workshop, old, new)

    assert "    a: str\n" in source
    assert "b: Not described further. Major 2 only." in source
    assert 'on_wire(required=("2",), only=("2",))' in source


def test_a_member_that_one_variant_requires_is_missed_by_that_variant_alone(workshop: Any) -> None:
    old = {"type": "object", "properties": {"a": {"type": "string"}}}

    source = two(workshop, old, {**old, "required": ["a"]})

    assert 'a: str | None = attrs.field(default=None, metadata=on_wire(required=("2",)))' in source


def test_closedness_and_null_are_kept_per_variant(workshop: Any) -> None:
    old = {"type": "object", "properties": {"a": {"type": ["string", "null"]}}}
    new = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "additionalProperties": False,
    }

    source = two(workshop, old, new)

    assert '__closed__ = ("2",)' in source
    assert 'on_wire(nullable=("1",))' in source


def test_a_name_for_two_kinds_of_things_is_refused(workshop: Any) -> None:
    with pytest.raises(GeneratorError, match="Thing is a model in one variant and none in another"):
        two(workshop, {"enum": ["a", "b"]}, {"type": "object", "properties": {"a": {}}})


def test_an_operation_has_a_route_per_variant_and_the_arguments_of_all(workshop: Any) -> None:
    def document(path: str, *names: str, required: bool) -> Any:
        given = [
            {"name": name, "in": "query", "required": required, "schema": {"type": "string"}}
            for name in names
        ]
        return workshop.document({path: {"get": workshop.operation(parameters=given)}})

    result = workshop.generate(
        document("/v1/things", "a", "old", required=True),
        document("/things", "a", "new", required=True),
    )

    (method,) = result.api.resources["things"].methods
    assert {"1": "/v1/things", "2": "/things"} == {v: way.path for v, way in method.ways.items()}
    shown = {one.name: (tuple(one.places), one.required) for one in method.arguments}
    assert {
        "a": (("1", "2"), True),
        "new": (("2",), False),
        "old": (("1",), False),
    } == shown


def test_different_names_on_the_wire_may_be_one_argument(workshop: Any) -> None:
    def document(wire: str) -> Any:
        given = [{"name": wire, "in": "query", "schema": {"type": "integer"}}]
        return workshop.document({"/x": {"get": workshop.operation(parameters=given)}})

    extra = 'parameters.lastSequence = "after"\nparameters.afterSequence = "after"'
    result = workshop.generate(document("lastSequence"), document("afterSequence"), extra=extra)

    (argument,) = result.api.resources["things"].methods[0].arguments
    wires = {variant: spots[0].wire for variant, spots in argument.places.items()}
    assert ("after", {"1": "lastSequence", "2": "afterSequence"}) == (argument.name, wires)


def test_an_operation_of_one_variant_is_said_to_be_missing_in_the_other(workshop: Any) -> None:
    paths = {"/x": {"get": workshop.operation()}}

    result = workshop.generate(
        workshop.document(), workshop.document(paths), extra='variant_word = "major"'
    )

    assert "Major 1: not there." in result.files["resources/things.py"]


def test_groups_that_need_each_other_become_one_module(workshop: Any) -> None:
    def model(other: str, file: str) -> dict[str, Any]:
        reference = {"$ref": f"{file}.yaml#/{other}"}
        return {
            "type": "object",
            "properties": {"other": reference, "colour": {"$ref": "b.yaml#/C"}},
        }

    answer = {"$ref": "a.yaml#/A"}
    result = workshop.generate(
        workshop.document({"/x": {"get": workshop.operation(answer=answer)}}),
        extra='groups = "file"',
        a={"A": model("B", "b")},
        b={"B": model("A", "a"), "C": {"enum": ["red", "blue"]}},
    )

    homes = {name: one.group for name, one in result.api.declarations.items()}
    assert {"A": "a", "B": "a", "C": "a_shared"} == homes
