"""Operations with several media types: each that says something else is a method of its own."""

from __future__ import annotations

from typing import Any

import pytest

AUTOMATIC = "automatic = true"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
SSE = "text/event-stream"


def schema(*names: str) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"type": "string"} for name in names}}


def answers(**statuses: dict[str, Any]) -> dict[str, Any]:
    return {
        status.removeprefix("s"): {
            "description": "Done.",
            "content": {medium: {"schema": one} for medium, one in offered.items()},
        }
        for status, offered in statuses.items()
    }


def made(workshop: Any, extra: str = AUTOMATIC, **more: Any) -> tuple[dict[str, Any], Any]:
    operation = workshop.operation("chat.send", **more)
    result = workshop.generate(workshop.document({"/chat": {"post": operation}}), extra=extra)
    methods = {
        method.name: method
        for resource in result.api.resources.values()
        for method in resource.methods
    }
    return methods, result


def test_a_stream_beside_a_document_is_a_method_of_its_own(workshop: Any) -> None:
    events = {"oneOf": [schema("delta"), schema("done")]}
    both = answers(s200={JSON: schema("text"), SSE: events})

    methods, result = made(workshop, responses=both)

    assert {name: one.answer.kind for name, one in methods.items()} == {
        "send": "json",
        "send_stream": "sse",
    }
    assert result.report.of("warning") == []
    source = result.files["resources/chat.py"]
    assert "-> SendResponse" in source.replace("ChatSendResponse", "SendResponse")
    assert "def send_stream(" in source
    assert "Stream[ChatSendStreamEventOption1 | ChatSendStreamEventOption2]" in source


def test_a_stream_under_another_status_is_not_dropped_either(workshop: Any) -> None:
    methods, result = made(workshop, responses=answers(s200={SSE: {}}, s202={JSON: schema("id")}))

    assert {name: one.answer.kind for name, one in methods.items()} == {
        "send": "json",
        "send_stream": "sse",
    }
    assert result.report.of("warning") == []


def test_a_body_with_other_fields_is_a_method_of_its_own(workshop: Any) -> None:
    content = {
        JSON: {"schema": schema("url")},
        MULTIPART: {"schema": schema("file", "name")},
        FORM: {"schema": schema("url")},
        "application/xml": {"schema": schema("url")},
    }

    methods, result = made(workshop, requestBody={"content": content})

    arguments = {name: [one.name for one in m.arguments] for name, m in methods.items()}
    assert arguments == {"send": ["url"], "send_multipart": ["file", "name"]}
    assert {m.ways[""].body for m in methods.values()} == {"json", "multipart"}
    assert result.report.counts()["media"] >= 1


@pytest.mark.parametrize(
    ("settings", "names", "kind", "body"),
    [
        ('answer = "text/csv"', {"send"}, "text", "json"),
        (f'answer = "{SSE}"', {"send"}, "sse", "json"),
        (f'body = "{MULTIPART}"', {"send", "send_stream"}, "json", "multipart"),
        ("", {"send", "send_multipart", "send_stream"}, "json", "json"),
    ],
)
def test_the_configuration_chooses_among_media_types(
    workshop: Any, settings: str, names: set[str], kind: str, body: str
) -> None:
    content = {JSON: {"schema": schema("a")}, MULTIPART: {"schema": schema("b")}}
    responses = answers(s200={JSON: schema("a"), "text/csv": {}, SSE: {}})
    extra = f'{AUTOMATIC}\n[operations."chat.send"]\n{settings}'

    methods, _ = made(workshop, extra, responses=responses, requestBody={"content": content})

    if "csv" in settings or "event" in settings:
        names = names | {"send_multipart"}
    assert set(methods) == names
    assert methods["send"].answer.kind == kind
    assert methods["send"].ways[""].body == body


def test_callbacks_are_read_once_whatever_the_forms(workshop: Any) -> None:
    callback = {"{$request.body#/url}": {"post": {"responses": {}}}}
    responses = answers(s200={JSON: schema("a"), SSE: {}})

    _, result = made(workshop, responses=responses, callbacks={"done": callback})

    assert set(result.api.incoming) == {"chat.send.done"}


def test_without_automatic_names_there_is_one_method_and_a_note(workshop: Any) -> None:
    responses = answers(s200={JSON: schema("a"), SSE: {}})

    methods, result = made(workshop, "", responses=responses)

    assert len(methods) == 1
    assert result.report.counts()["media"] == 1
