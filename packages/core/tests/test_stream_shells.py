"""The two shells of a stream: reading, closing, and what plugins see of them."""

from __future__ import annotations

from typing import Any

import pytest

from openwop.runtime import Call, hookimpl
from openwop.wire import Request, TransportError

STREAM = Request("GET", "https://h/events", stream=True)


# Reading and closing -----------------------------------------------------------------------------


def test_a_stream_connects_on_first_use(
    colour: Any, make_script: Any, answer: Any, stream_state: Any
) -> None:
    script = make_script(answer(200, [b"ab."]))
    stream = colour.stream(stream_state(), colour.client(script))

    assert script.requests == []
    assert colour.steps(stream, 1) == ["a"]
    assert script.requests == [STREAM]


def test_a_stream_closes_at_its_end(
    colour: Any, make_script: Any, answer: Any, stream_state: Any
) -> None:
    script = make_script(answer(200, [b"a", b"b.", b"never"]))
    state = stream_state()
    stream = colour.stream(state, colour.client(script))

    assert colour.steps(stream, 4) == ["a", "b", "end", "end"]
    assert script.bodies[0].closed == 1
    assert script.bodies[0].read == 2
    assert (stream.closed, stream.last_event_id) == (True, ".")


def test_a_stream_closes_on_an_error(
    colour: Any, make_script: Any, answer: Any, stream_state: Any
) -> None:
    script = make_script(answer(200, [b"a", b"x", b"b"]))
    stream = colour.stream(stream_state(), colour.client(script))

    assert colour.steps(stream, 3) == ["a", "StreamError", "end"]
    assert script.bodies[0].closed == 1


@pytest.mark.parametrize("error", [None, TransportError("reset")])
def test_a_connection_that_ends_is_followed_by_the_next(
    colour: Any, make_script: Any, answer: Any, error: TransportError | None, stream_state: Any
) -> None:
    first = [b"a"] if error is None else [b"a", error]
    script = make_script(answer(200, first), answer(200, [b"b."]))
    state = stream_state(connections=2)
    stream = colour.stream(state, colour.client(script))

    assert colour.steps(stream, 3) == ["a", "b", "end"]
    assert state.ends == [error]
    assert [body.closed for body in script.bodies] == [1, 1]


def test_a_plan_that_brings_the_end_needs_no_body(
    colour: Any, make_script: Any, answer: Any, stream_state: Any
) -> None:
    script = make_script(answer(200, [b"a"]))
    stream = colour.stream(stream_state(connections=1), colour.client(script))

    assert colour.steps(stream, 2) == ["a", "end"]


def test_work_is_done_while_the_body_stays_open(
    colour: Any, make_script: Any, answer: Any, stream_state: Any
) -> None:
    script = make_script(answer(200, [b"!", b"a."]))
    state = stream_state()
    stream = colour.stream(state, colour.client(script))

    assert colour.steps(stream, 2) == ["a", "end"]
    assert state.worked == 1
    assert script.clock.slept == [5]
    assert len(script.bodies) == 1


def test_an_answer_that_is_an_error_is_raised(
    colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    script = make_script(answer(404, [b"{}"]))
    client = colour.client(script)
    stream = client.open_stream(make_operation(answer="sse"), {"id": "a"}, {})

    assert colour.steps(stream, 2) == ["NotFoundError", "end"]
    assert script.bodies[0].closed == 1


@pytest.mark.parametrize("reads", [0, 1, 2])
def test_leaving_with_closes_wherever_the_reading_was(
    colour: Any, make_script: Any, answer: Any, reads: int, stream_state: Any
) -> None:
    script = make_script(answer(200, [b"a", b"b", b"c"]))
    stream = colour.stream(stream_state(), colour.client(script))

    async def read_async() -> None:
        async with stream as entered:
            assert entered is stream
            for _ in range(reads):
                await anext(aiter(stream))

    def read() -> None:
        with stream as entered:
            assert entered is stream
            for _ in range(reads):
                next(iter(stream))

    colour.run(read_async if colour.is_async else read)

    assert stream.closed
    assert [body.closed for body in script.bodies] == [1] * bool(reads)
    assert colour.steps(stream, 1) == ["end"]


def test_closing_twice_closes_once(
    colour: Any, make_script: Any, answer: Any, stream_state: Any
) -> None:
    script = make_script(answer(200, [b"a", b"b"]))
    stream = colour.stream(stream_state(), colour.client(script))

    colour.steps(stream, 1)
    colour.steps(stream, 0)

    assert script.bodies[0].closed == 1


def test_each_item_is_shown_to_plugins(
    colour: Any, make_script: Any, answer: Any, stream_state: Any
) -> None:
    class Watching:
        @hookimpl
        def openwop_event(self, call: Call, event: object) -> None:
            seen.append((call.operation, event))

    seen: list[Any] = []
    client = colour.client(make_script(answer(200, [b"ab."])), plugins=[Watching()])

    colour.steps(colour.stream(stream_state(), client), 3)

    assert seen == [("things.watch", "a"), ("things.watch", "b")]


@pytest.mark.parametrize("error", [StopIteration, StopAsyncIteration, LookupError])
def test_a_plugin_that_raises_fails_the_read_and_never_looks_like_the_end(
    colour: Any, make_script: Any, answer: Any, error: type[Exception], stream_state: Any
) -> None:
    class Broken:
        @hookimpl
        def openwop_event(self) -> None:
            raise error

    script = make_script(answer(200, [b"ab."]))
    client = colour.client(script, plugins=[Broken()])

    first, second = colour.steps(colour.stream(stream_state(), client), 2)

    expected = error.__name__
    if error is StopIteration or (colour.is_async and error is StopAsyncIteration):
        expected = "RuntimeError"
    assert first == expected
    assert second == "end"
    assert script.bodies[0].closed == 1
