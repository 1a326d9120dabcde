"""Schemas of several parts, and models that stand in several places of a document."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, strategies as st

from openwop.runtime.model import Limits
from openwop_codegen.ir import Object
from openwop_codegen.parts import tighter

PET = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
REF = {"$ref": "#/components/schemas/Pet"}


@pytest.mark.parametrize(
    ("parts", "written"),
    [
        ([{"type": "string"}, {"maxLength": 3}], "value: str"),
        ([{"enum": ["a", "b"]}, {"enum": ["b", "c"]}], 'value: Literal["b"]'),
        ([{"type": "string"}, {"enum": ["a", "b"]}], 'value: Literal["a", "b"]'),
        ([{"type": "number"}, {"type": "integer"}], "value: int"),
        ([{"type": "string"}, {"type": "string", "format": "uuid"}], "value: UUID"),
        ([{}, {"type": "boolean"}], "value: bool"),
    ],
    ids=range(6),
)
def test_all_parts_of_a_value_count(
    member: Callable[..., str], parts: list[Any], written: str
) -> None:
    assert member({"allOf": parts}).startswith(written)


def test_the_limits_of_all_parts_are_kept(member: Callable[..., str]) -> None:
    parts = [{"type": "integer", "minimum": 1, "maximum": 9}, {"type": "integer", "maximum": 3}]

    assert "Limits(minimum=1, maximum=3)" in member({"allOf": parts})


def test_parts_that_no_type_says_together_are_reported(workshop: Any) -> None:
    odd = {"allOf": [{"type": "string"}, {"type": "boolean"}]}

    report = workshop.generate(workshop.document(schemas={"Odd": odd})).report

    assert report.counts()["merged"] == 1


BOUNDS = st.none() | st.integers(-5, 5)


@given(BOUNDS, BOUNDS, BOUNDS, BOUNDS, st.integers(-6, 6))
def test_a_value_keeps_to_the_tighter_limits_exactly_where_it_keeps_to_both(
    low: int | None, high: int | None, other_low: int | None, other_high: int | None, value: int
) -> None:
    def keeps(limits: Limits) -> bool:
        above = limits.minimum is None or value >= limits.minimum
        return above and (limits.maximum is None or value <= limits.maximum)

    one, other = Limits(minimum=low, maximum=high), Limits(minimum=other_low, maximum=other_high)

    assert keeps(tighter(one, other)) == (keeps(one) and keeps(other))


def test_a_reference_with_words_around_it_is_the_type_itself(workshop: Any) -> None:
    wrapped = {"allOf": [REF], "description": "The owner.", "nullable": True}
    thing = {"type": "object", "properties": {"pet": wrapped}}

    api = workshop.generate(workshop.document(schemas={"Pet": PET, "Thing": thing})).api

    assert set(api.declarations) == {"Pet", "Thing"}
    (field,) = api.declarations["Thing"].fields
    assert (field.doc, field.nullable) == ("The owner.", ("",))


def test_a_named_schema_that_wraps_another_stays_a_class_of_its_own(workshop: Any) -> None:
    schemas = {
        "Pet": PET,
        "Cat": {"allOf": [REF]},
        "Dog": {"allOf": [REF], "description": "A dog."},
    }

    assert set(workshop.generate(workshop.document(schemas=schemas)).api.declarations) == set(
        schemas
    )


def answering(workshop: Any, **answers: Any) -> Any:
    return workshop.document(
        {
            f"/{name}": {"get": {**workshop.operation(name), **workshop.operation(name, schema)}}
            for name, schema in answers.items()
        }
    )


OWNER = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "home": {"type": "object", "properties": {"street": {"type": "string"}}},
    },
}


def models_of(workshop: Any, document: Any, extra: str = "automatic = true") -> dict[str, Any]:
    declarations = workshop.generate(document, extra=extra).api.declarations
    return {name: one for name, one in declarations.items() if isinstance(one, Object)}


def test_equal_models_in_place_are_one_down_to_what_they_are_made_of(workshop: Any) -> None:
    document = answering(workshop, listB=OWNER, getA=OWNER, other={**OWNER, "title": "Another"})

    found = models_of(workshop, document)

    assert set(found) == {"GetAResponse", "GetAResponseHome", "OtherResponse"}


def test_the_order_of_the_document_decides_no_name_of_a_merged_model(workshop: Any) -> None:
    one = models_of(workshop, answering(workshop, a=OWNER, b=OWNER, c=OWNER))
    other = models_of(workshop, answering(workshop, c=OWNER, b=OWNER, a=OWNER))

    assert set(one) == set(other) == {"AResponse", "AResponseHome"}


def test_what_a_document_names_itself_is_never_merged(workshop: Any) -> None:
    document = answering(workshop, get=OWNER)
    document["components"]["schemas"] = {"Owner": OWNER, "Keeper": OWNER}

    found = models_of(workshop, document)

    assert {"Owner", "Keeper", "GetResponse"} <= set(found)


def test_an_almost_equal_model_is_another(workshop: Any) -> None:
    other = json.loads(json.dumps(OWNER))
    other["properties"]["home"]["properties"]["street"]["type"] = "integer"

    found = models_of(workshop, answering(workshop, a=OWNER, b=other))

    assert {"AResponse", "BResponse", "AResponseHome", "BResponseHome"} == set(found)


def test_merged_models_are_what_every_place_says(workshop: Any) -> None:
    paths: dict[str, Any] = {}
    for name in ("a", "b"):
        body = {"content": {"application/json": {"schema": {"type": "array", "items": OWNER}}}}
        paths[f"/{name}"] = {"post": workshop.operation(name, OWNER, requestBody=body)}
    hook = {"requestBody": {"content": {"application/json": {"schema": OWNER}}}, "responses": {}}
    document = workshop.document(paths, webhooks={"moved": {"post": hook}})

    files = workshop.generate(document, extra="automatic = true").files

    text = "".join(text for name, text in files.items() if name.startswith("models/"))
    assert text.count("class ") == 2
    assert "returns=ARequestItem" in files["webhooks.py"].replace("\n", "")


def test_an_object_that_may_also_be_something_else_is_a_union(workshop: Any) -> None:
    either = {
        "type": ["object", "string", "array", "null"],
        "items": {"type": "integer"},
        "properties": {"x": {"type": "integer"}, "more": {"$ref": "#/components/schemas/Either"}},
    }
    thing = {
        "type": "object",
        "required": ["value", "other"],
        "properties": {"value": {"$ref": "#/components/schemas/Either"}, "other": either},
    }

    source = workshop.models({"Either": either, "Thing": thing})

    assert "value: Either | str | list[int] | None" in source
    assert "other: ThingOther | str | list[int] | None" in source
    assert "class Either(Model)" in source
