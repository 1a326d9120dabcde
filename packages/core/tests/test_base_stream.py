"""The stream of a service of which nothing more is known than that it sends events."""

from __future__ import annotations

from typing import Any

import pytest

from openwop.runtime import errors
from openwop.wire import TransportError, TransportTimeout

SSE = {"Content-Type": "text/event-stream; charset=utf-8"}


def read(colour: Any, script: Any, operation: Any, **options: Any) -> list[Any]:
    client = colour.client(script)
    return list(colour.collect(lambda: client.open_stream(operation, {"id": "a"}, options)))


def test_events_are_structured_to_the_declared_type(
    colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    wire = [b'id: 1\ndata: {"a"', b":1}\n\n: ping\n\ndata: {", b'"a":2}\n\n']
    script = make_script(answer(200, wire, SSE))

    items = read(colour, script, make_operation(answer="sse", returns=dict[str, int]))

    assert items == [{"a": 1}, {"a": 2}]
    assert script.requests[0].headers["accept"] == "text/event-stream"
    assert script.bodies[0].closed == 1


def test_events_of_plain_text_are_given_as_they_are(
    colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    script = make_script(answer(200, [b"data: a\ndata: b\n\n"]))

    assert read(colour, script, make_operation(answer="sse", returns=str)) == ["a\nb"]


def test_a_mark_of_the_service_ends_the_stream(
    colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    script = make_script(answer(200, [b"data: a\n\ndata: [DONE]\n\ndata: b\n\n", b"more"]))

    items = read(colour, script, make_operation(answer="sse", returns=str, stream_end="[DONE]"))

    assert items == ["a"]
    assert script.bodies[0].read == 1


@pytest.mark.parametrize(
    ("answer_kind", "headers", "wire"),
    [
        ("sse", SSE, [b"data: 1\n\ndata: null\n\n", b"data: 2\n\n"]),
        ("ndjson", {}, [b"1\nnull\n", b"2"]),
    ],
    ids=["events", "lines"],
)
def test_null_is_an_item_and_not_the_end(
    colour: Any,
    make_script: Any,
    answer: Any,
    make_operation: Any,
    answer_kind: str,
    headers: dict[str, str],
    wire: list[bytes],
) -> None:
    script = make_script(answer(200, wire, headers))

    items = read(colour, script, make_operation(answer=answer_kind, returns=int | None))

    assert items == [1, None, 2]
    assert script.bodies[0].closed == 1


@pytest.mark.parametrize(
    "wire",
    [
        [b'{"a":1}\n{"a":2}\n'],
        [b'{"a"', b":1}\n", b'\n \n{"a":2}'],
        [b'{"a":1}\r\n{"a":2}\r\n'],
        [bytes([byte]) for byte in b'{"a":1}\n{"a":2}'],
    ],
)
def test_lines_of_json_are_events_too(
    colour: Any, make_script: Any, answer: Any, make_operation: Any, wire: list[bytes]
) -> None:
    script = make_script(answer(200, wire, {"Content-Type": "application/x-ndjson"}))

    items = read(colour, script, make_operation(answer="ndjson", returns=dict[str, int]))

    assert items == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize(
    ("data", "says"), [(b"{", "no JSON"), (b'{"a":"x"}', "expected int, got str")]
)
def test_an_event_that_is_not_allowed_is_a_typed_error(
    colour: Any, make_script: Any, answer: Any, make_operation: Any, data: bytes, says: str
) -> None:
    script = make_script(answer(200, [b"data: " + data + b"\n\n"]))

    with pytest.raises(errors.APIResponseValidationError, match=says):
        read(colour, script, make_operation(answer="sse", returns=dict[str, int]))


@pytest.mark.parametrize("kind", ["text/html", "application/json"])
def test_what_sends_no_events_is_a_typed_error(
    colour: Any, make_script: Any, answer: Any, make_operation: Any, kind: str
) -> None:
    script = make_script(answer(200, [b"<html>"], {"Content-Type": kind}))

    with pytest.raises(errors.APIResponseValidationError, match=f"event-stream, got {kind}"):
        read(colour, script, make_operation(answer="sse", returns=str))

    assert script.bodies[0].closed == 1


@pytest.mark.parametrize("answer_kind", ["sse", "ndjson"])
def test_a_line_without_end_is_refused(
    colour: Any, make_script: Any, answer: Any, make_operation: Any, answer_kind: str
) -> None:
    megabyte = b"x" * 1024 * 1024
    script = make_script(answer(200, [b"data: ", *[megabyte] * 9]))

    with pytest.raises(errors.StreamError, match="more than 8388608 bytes"):
        read(colour, script, make_operation(answer=answer_kind, returns=str))


def test_a_stream_that_breaks_says_after_which_event(
    colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    script = make_script(answer(200, [b"id: 7\ndata: a\n\n", TransportError("reset")]))

    with pytest.raises(errors.StreamInterruptedError, match="the stream broke") as caught:
        read(colour, script, make_operation(answer="sse", returns=str))

    assert caught.value.last_event_id == "7"
    assert isinstance(caught.value.__cause__, TransportError)


def test_a_deadline_of_the_call_bounds_the_stream(
    colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    script = make_script(answer(200, [b"data: a\n\n", 9.0, TransportTimeout("late")]))

    with pytest.raises(errors.DeadlineExceededError, match="while reading the answer"):
        read(colour, script, make_operation(answer="sse", returns=str), deadline=5)

    assert script.requests[0].timeouts.total == 5


def test_a_stream_is_asked_for_again_before_its_first_byte(
    colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    script = make_script(answer(503, []), answer(200, [b"data: a\n\n"]))

    assert read(colour, script, make_operation(answer="sse", returns=str)) == ["a"]
    assert script.clock.slept == [0.25]


def test_a_wrong_argument_is_found_when_the_stream_is_made(
    colour: Any, make_script: Any, make_operation: Any
) -> None:
    client = colour.client(make_script())

    with pytest.raises(errors.ConfigurationError):
        client.open_stream(make_operation(answer="sse"), {"id": ""}, {})


def test_a_cancelled_stream_says_after_which_event(
    sync_colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    script = make_script(answer(200, [b"id: 7\ndata: a\n\n", KeyboardInterrupt()]))
    client = sync_colour.client(script)
    stream = client.open_stream(make_operation(answer="sse", returns=str), {"id": "a"}, {})

    assert next(stream) == "a"
    with pytest.raises(KeyboardInterrupt):
        next(stream)
    with pytest.raises(errors.StreamInterruptedError) as caught:
        next(stream)

    assert caught.value.last_event_id == "7"
