"""Nothing of a document is lost unsaid: what no code expresses is reported and counted."""

from __future__ import annotations

from typing import Any

import pytest

from openwop_codegen.diagnostics import GeneratorError


def test_what_the_code_does_not_say_is_counted(workshop: Any) -> None:
    answer = {
        "description": "ok",
        "headers": {"X-Rate": {"schema": {"type": "integer"}}, "X-Page": {"schema": {}}},
        "links": {"next": {"operationId": "getThing"}},
        "content": {"application/json": {"example": {"a": 1}, "schema": {"type": "object"}}},
    }
    parameter = {"name": "q", "in": "query", "schema": {}, "examples": {"a": {}, "b": {}}}
    operation = workshop.operation(
        parameters=[parameter], externalDocs={"url": "https://docs.example"}
    )
    operation["responses"] = {"200": answer}
    document = workshop.document({"/a": {"get": operation}})

    report = workshop.generate(document).report

    said = [one.message for one in report.of("note") if one.kind == "unread"]
    assert said == [
        "1 links between operations are not followed",
        "1 links to other documentation are not in the code",
        "2 headers of answers are had by `with_raw_response`, as text",
        "3 examples are not in the code",
    ]


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"produces": ["text/csv"]}, "/paths/~1a/get"),
        ({"parameters": [{"name": "q", "in": "query", "type": "string"}]}, "/parameters/0"),
        ({"requestBody": {"content": {}, "schema": {"a": 1}}}, "/requestBody"),
    ],
)
def test_what_openapi_does_not_know_is_told_with_its_place(
    workshop: Any, more: dict[str, Any], where: str
) -> None:
    document = workshop.document({"/a": {"get": workshop.operation(**more)}})

    (found,) = [
        one for one in workshop.generate(document).report.of("note") if one.kind == "unknown"
    ]

    assert found.where.endswith(where)


def test_a_plain_document_has_nothing_unread(workshop: Any) -> None:
    document = workshop.document({"/a": {"get": workshop.operation()}})

    assert workshop.generate(document, strict=True).report.findings == {}


@pytest.mark.parametrize(
    "item",
    [
        {"query": {"responses": {}}},
        {"get": {"parameters": [{"name": "q", "in": "body"}], "responses": {}}},
        {"get": {"responses": {}, "servers": [{"url": "ftp:nowhere"}]}},
    ],
    ids=["method", "parameter", "server"],
)
def test_a_drop_is_a_warning_and_strict_refuses_it(workshop: Any, item: dict[str, Any]) -> None:
    document = workshop.document({"/a": item})

    report = workshop.generate(document).report
    assert [one.kind for one in report.of("warning")] == ["dropped"]

    with pytest.raises(GeneratorError, match="/paths/~1a"):
        workshop.generate(document, strict=True)
