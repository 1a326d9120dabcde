"""How schemas become types."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest


def unwrapped(source: str) -> str:
    """Return *source* without what the formatter decides."""
    return re.sub(r"\s+|,(?=\s*[])}])", "", source)


OBJECT = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
CAT = {
    "type": "object",
    "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}},
    "required": ["kind"],
}
DOG = {"type": "object", "properties": {"kind": {"const": "dog"}}, "required": ["kind"]}


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        ({"type": "string"}, "value: str"),
        ({"type": "integer"}, "value: int"),
        ({"type": "number"}, "value: float"),
        ({"type": "boolean"}, "value: bool"),
        ({}, "value: JSON"),
        (True, "value: JSON"),
        ({"type": "object"}, "value: dict[str, JSON]"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "value: dict[str, int]"),
        ({"type": "object", "additionalProperties": {}}, "value: dict[str, JSON]"),
        ({"type": "array", "items": {"type": "string"}}, "value: list[str]"),
        ({"type": "array"}, "value: list[JSON]"),
        ({"type": "array", "items": {"type": ["string", "null"]}}, "value: list[str | None]"),
        ({"items": {"type": "string"}}, "value: list[str]"),
        ({"type": "string", "format": "date-time"}, "value: dt.datetime"),
        ({"type": "string", "format": "date"}, "value: dt.date"),
        ({"type": "string", "format": "uuid"}, "value: UUID"),
        ({"type": "string", "format": "unheard-of"}, "value: str"),
        ({"const": "a"}, "value: Literal['a']"),
        ({"enum": ["a", "b"]}, "value: Literal['a', 'b']"),
        ({"enum": [1, 2]}, "value: Literal[1, 2]"),
        ({"enum": ["a"], "x-extensible-enum": True}, "value: Literal['a'] | str"),
        ({"type": ["string", "integer"]}, "value: str | int"),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, "value: str | int"),
        ({"anyOf": [{"const": "a"}, {"const": "b"}]}, "value: Literal['a', 'b']"),
        (
            {"type": ["object", "array", "string", "number", "boolean", "null"]},
            "value: JSON",
        ),
    ],
)
def test_a_schema_has_the_type_that_its_values_have(
    member: Callable[..., str], schema: Any, written: str
) -> None:
    assert written == member(schema).replace('"', "'")


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["string", "null"]},
        {"type": "string", "nullable": True},
        {"oneOf": [{"type": "string"}, {"type": "null"}]},
        {"anyOf": [{"type": "null"}, {"type": "string"}]},
    ],
)
def test_null_is_allowed_where_any_of_its_spellings_stands(
    member: Callable[..., str], schema: Any
) -> None:
    written = member(schema)

    assert "value: str | None = attrs.field(metadata=on_wire(nullable=True))" == written


def test_an_enumeration_may_hold_null(member: Callable[..., str]) -> None:
    assert "value: Literal['a'] | None" in member({"enum": ["a", None]}).replace('"', "'")


def test_a_member_that_may_be_absent_has_none_for_its_default(member: Callable[..., str]) -> None:
    assert "value: str | None = None" == member({"type": "string"}, required=False)


def test_limits_stand_in_the_metadata(member: Callable[..., str]) -> None:
    schema = {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": "^a\\d"}}

    written = member(schema)

    expected = 'limits=Limits(min_items=1, items=Limits(pattern=r"^a\\d"))'
    assert expected in written


def test_an_exclusive_bound_of_openapi_3_0_is_one_number(member: Callable[..., str]) -> None:
    schema = {"type": "number", "minimum": 2, "exclusiveMinimum": True}

    assert "limits=Limits(exclusive_minimum=2)" in member(schema)


def test_a_pattern_that_is_none_in_python_is_left_out_with_a_note(workshop: Any) -> None:
    thing = {"type": "object", "properties": {"a": {"type": "string", "pattern": "(?<a"}}}

    result = workshop.generate(workshop.document(schemas={"Thing": thing}))

    (finding,) = result.report.of("note")
    assert "unchecked" == finding.kind
    assert finding.where.endswith("#/components/schemas/Thing/properties/a")


def test_an_object_in_place_is_named_after_its_path(member: Callable[..., str]) -> None:
    assert "value: ThingValue" == member(OBJECT)


def test_a_reference_is_the_name_of_what_it_leads_to(member: Callable[..., str]) -> None:
    reference = {"$ref": "#/components/schemas/Other"}

    assert "value: Other" == member(reference, Other=OBJECT)
    assert "value: list[Other]" == member({"type": "array", "items": reference}, Other=OBJECT)


def test_a_reference_to_a_scalar_is_the_scalar(member: Callable[..., str]) -> None:
    reference = {"$ref": "#/components/schemas/Other"}

    assert "value: str" == member(reference, Other={"type": "string"})


def test_parts_of_an_object_become_one_model(workshop: Any) -> None:
    parts = {
        "allOf": [
            {"$ref": "#/components/schemas/Base"},
            {"properties": {"b": {"type": "integer"}}, "required": ["b"]},
        ]
    }

    source = workshop.models({"Whole": parts, "Base": OBJECT})

    whole = source[source.index("class Whole(Model)") :]
    assert "    a: str\n    b: int\n" in whole


def test_conditions_beside_properties_make_their_members_optional(workshop: Any) -> None:
    thing = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "oneOf": [
            {"properties": {"b": {"type": "string"}}, "required": ["b"]},
            {"required": ["a"]},
        ],
    }

    assert "b: str | None = None" in workshop.models({"Thing": thing})


def test_a_closed_object_says_so(workshop: Any) -> None:
    source = workshop.models({"Thing": {**OBJECT, "additionalProperties": False}})

    assert "    __closed__ = True\n" in source


def test_a_recursive_model_refers_to_itself(workshop: Any) -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}}

    assert "next: Node | None = None" in workshop.models({"Node": node})


def test_a_recursive_type_without_a_model_is_an_alias(workshop: Any) -> None:
    tree = {
        "oneOf": [
            {"type": "string"},
            {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        ]
    }

    source = workshop.models({"Tree": tree})

    assert 'Tree: TypeAlias = Annotated[str | list["Tree"], Within(__name__)]' in source


def test_a_discriminator_becomes_a_tag(workshop: Any) -> None:
    animal = {
        "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
        "discriminator": {"propertyName": "kind"},
    }

    source = workshop.models({"Animal": animal, "Cat": CAT, "Dog": DOG})

    expected = 'Annotated[Cat | Dog, Tagged("kind", (("cat", "Cat"), ("dog", "Dog")))]'
    assert unwrapped(expected) in unwrapped(source)


def test_a_discriminator_with_a_mapping_is_taken_at_its_word(workshop: Any) -> None:
    plain = {"type": "object", "properties": {"kind": {"type": "string"}}, "required": ["kind"]}
    animal = {
        "oneOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}],
        "discriminator": {
            "propertyName": "kind",
            "mapping": {"c": "#/components/schemas/Cat", "d": "Dog"},
        },
    }

    source = workshop.models({"Animal": animal, "Cat": plain, "Dog": plain})

    assert unwrapped('Tagged("kind", (("c", "Cat"), ("d", "Dog")))') in unwrapped(source)


def test_a_member_beside_a_union_may_tell_its_alternatives_apart(workshop: Any) -> None:
    extra = ""
    box = {
        "type": "object",
        "properties": {
            "kind": {"type": "string"},
            "data": {
                "oneOf": [{"$ref": "#/components/schemas/A"}, {"type": "object"}],
                "discriminator": {
                    "propertyName": "kind",
                    "mapping": {"a": "#/components/schemas/A"},
                },
            },
        },
    }

    source = workshop.models({"Box": box, "A": OBJECT}, extra=extra)

    assert 'metadata=on_wire(sibling=Tagged("kind", (("a", "A"),)))' in source
    assert "data: A | dict[str, JSON] | None" in source


def test_members_whose_names_mean_something_in_python_get_another(workshop: Any) -> None:
    names = ["class", "from", "list", "extra", "fooBar", "foo_bar", "2nd", "x-y", "$ref2", "_id"]
    thing = {"type": "object", "properties": {name: {"type": "string"} for name in names}}

    source = workshop.models({"Thing": thing})

    for name, wire in {
        "class_": "class",
        "from_": "from",
        "list_": "list",
        "extra_": "extra",
        "foo_bar_2": "fooBar",
        "field_2nd": "2nd",
        "x_y": "x-y",
        "ref2": "$ref2",
        "id": "_id",
    }.items():
        assert (
            f'    {name}: str | None = attrs.field(default=None, metadata=on_wire("{wire}"))'
            in (source)
        )
    assert "    foo_bar: str | None = None" in source


def test_types_whose_names_meet_are_told_apart_whatever_their_order(workshop: Any) -> None:
    other = {"type": "object", "properties": {"b": {"type": "string"}}}

    one = workshop.models({"thing-a": OBJECT, "ThingA": other})
    two = workshop.models({"ThingA": other, "thing-a": OBJECT})

    assert one == two
    assert "class ThingA(Model)" in one
    assert "class ThingA2(Model)" in one or "class ThingA_2(Model)" in one


def test_a_type_named_like_a_builtin_or_a_helper_is_renamed(workshop: Any) -> None:
    source = workshop.models({"Model": OBJECT, "Exception": OBJECT, "JSON": OBJECT})

    for name in ("Model_", "Exception_", "JSON_"):
        assert f"class {name}(Model):" in source


def test_a_secret_is_hidden_from_the_representation(workshop: Any) -> None:
    thing = {"type": "object", "properties": {"key": {"type": "string", "x-secret": True}}}

    source = workshop.models({"Thing": thing}, extra='extensions.secret = "x-secret"')

    assert "key: str | None = attrs.field(default=None, repr=False)" in source


def test_a_lenient_member_may_be_missing_but_not_in_strict_mode(workshop: Any) -> None:
    thing = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "string", "x-lenient": True}},
    }

    source = workshop.models({"Thing": thing}, extra='extensions.lenient = "x-lenient"')

    assert "a: str | None = attrs.field(default=None, metadata=on_wire(required=True))" in source


def test_null_with_a_meaning_is_told_from_absence(workshop: Any) -> None:
    thing = {"type": "object", "properties": {"a": {"type": ["string", "null"], "x-null": True}}}

    source = workshop.models({"Thing": thing}, extra='extensions.nullable_meaning = "x-null"')

    assert "a: str | Unset | None = attrs.field(" in source
    assert "default=UNSET" in source


def test_a_document_may_be_spread_over_files(workshop: Any) -> None:
    answer = {"$ref": "things.yaml#/Thing"}
    get = workshop.operation(answer=answer)
    thing = {**OBJECT, "properties": {"a": {"$ref": "#/Colour"}, "b": {"$ref": "more.yaml"}}}

    result = workshop.generate(
        workshop.document({"/things": {"get": get}}),
        things={"Thing": thing, "Colour": {"enum": ["red", "blue"]}},
        more={"type": "object", "properties": {"n": {"type": "integer"}}},
    )

    assert {"Thing", "Colour", "More"} == set(result.api.declarations)


def test_the_words_of_a_document_cannot_end_a_docstring(workshop: Any) -> None:
    nasty = 'It says """ and \\ and\n\nmore'
    thing = {**OBJECT, "description": nasty}

    source = workshop.models({"Thing": thing})

    compile(source, "thing.py", "exec")
    assert "It says ''' and \\ and more." in source
