"""Null and absence: two things in the arguments of generated methods, and in models where asked."""

from __future__ import annotations

from typing import Any

import pytest

NULLABLE = {"type": ["string", "null"]}


def resource(workshop: Any, extra: str, *required: str) -> str:
    schema = {
        "type": "object",
        "required": list(required),
        "properties": {"must": NULLABLE, "may": NULLABLE, "plain": {"type": "string"}},
    }
    body = {"required": True, "content": {"application/json": {"schema": schema}}}
    document = workshop.document({"/a": {"patch": workshop.operation(requestBody=body)}})
    return str(workshop.generate(document, extra=extra).files["resources/things.py"])


def test_null_can_be_sent_wherever_it_is_allowed(workshop: Any) -> None:
    source = resource(workshop, "automatic = true", "must")

    assert "must: str | None,\n" in source
    assert "may: str | Unset | None = UNSET,\n" in source
    assert "plain: str | None = None,\n" in source
    assert "may: Not described further. None is sent as null." in source


def test_a_service_with_meanings_of_its_own_says_where_null_means_something(workshop: Any) -> None:
    source = resource(workshop, "")

    assert "may: str | None = None,\n" in source


@pytest.mark.parametrize(
    ("extra", "written"),
    [
        ("distinct_null = true", "value: str | Unset | None = attrs.field(default=UNSET"),
        ("", "value: str | None = attrs.field(default=None"),
    ],
)
def test_models_tell_null_from_absence_where_the_configuration_asks(
    workshop: Any, extra: str, written: str
) -> None:
    thing = {"type": "object", "properties": {"value": NULLABLE}}

    source = workshop.models({"Thing": thing}, extra=extra).replace("(\n        ", "(")

    assert written in source


def test_a_required_member_is_never_absent(workshop: Any) -> None:
    thing = {"type": "object", "required": ["value"], "properties": {"value": NULLABLE}}

    source = workshop.models({"Thing": thing}, extra="distinct_null = true")

    assert "UNSET" not in source
