"""Answers whose body is read only when asked: `with_streaming_response`."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from openwop.runtime import errors, hookimpl
from openwop.wire import TransportError, TransportTimeout

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


# Unread answers ----------------------------------------------------------------------------------


def unread(colour: Any, script: Any, operation: Any, use: Any, **given: Any) -> Any:
    """Open an unread answer, call *use* with it, and return what that gave."""
    options = given.pop("options", {})
    client = colour.client(script, mode="streamed", **given)

    async def run_async() -> Any:
        response = await client.perform(operation, {"id": "a"}, options)
        try:
            found = use(response)
            if hasattr(found, "__aiter__"):
                return [chunk async for chunk in found]
            return await found if hasattr(found, "__await__") else found
        finally:
            await response.aclose()

    def run() -> Any:
        response = client.perform(operation, {"id": "a"}, options)
        try:
            found = use(response)
            return list(found) if hasattr(found, "__next__") else found
        finally:
            response.close()

    return colour.run(run_async if colour.is_async else run)


def test_an_unread_answer_reads_nothing_until_asked(
    colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    script = make_script(answer(200, [b"a", b"b"], {"X": "1"}))

    head = unread(colour, script, make_operation(), lambda r: (r.status_code, r.headers["x"]))

    assert head == (200, "1")
    assert (script.bodies[0].read, script.bodies[0].closed) == (0, 1)


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        (lambda r: r.iter_bytes(), [b'{"a"', b":1}"]),
        (lambda r: r.read(), b'{"a":1}'),
        (lambda r: r.json(), {"a": 1}),
        (lambda r: r.parse(), {"a": 1}),
    ],
)
def test_an_unread_answer_is_read_as_asked(
    colour: Any, make_script: Any, answer: Any, make_operation: Any, use: Any, expected: Any
) -> None:
    script = make_script(answer(200, [b'{"a"', b":1}"]))

    assert unread(colour, script, make_operation(returns=dict[str, int]), use) == expected


def test_an_unread_answer_that_was_read_can_be_read_again(
    sync_colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    script = make_script(answer(200, [b"{", b"}"]))

    both = unread(sync_colour, script, make_operation(), lambda r: (r.read(), r.read()))

    assert both == (b"{}", b"{}")


def test_an_asynchronous_one_can_be_read_again_too(
    async_colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    client = async_colour.client(make_script(answer(200, [b"{", b"}"])), mode="streamed")

    async def read() -> tuple[bytes, bytes]:
        response = await client.perform(make_operation(), {"id": "a"}, {})
        try:
            chunks = response.iter_bytes()
            assert aiter(chunks) is chunks
            return await response.read(), await response.read()
        finally:
            await response.aclose()

    assert async_colour.run(read) == (b"{}", b"{}")


def test_an_unread_answer_that_is_parsed_is_checked(
    colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    script = make_script(answer(200, [b'{"a":"x"}']))

    with pytest.raises(errors.APIResponseValidationError, match="expected int"):
        unread(colour, script, make_operation(returns=dict[str, int]), lambda r: r.parse())


def test_an_unread_answer_over_the_limit_is_refused_when_it_is_read_whole(
    colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    def script() -> Any:
        return make_script(answer(200, [b"x" * 6, b"x" * 6]))

    limits = {"max_response_bytes": 10}
    with pytest.raises(errors.APIResponseValidationError, match="max_response_bytes"):
        unread(colour, script(), make_operation(), lambda r: r.read(), **limits)
    chunks = unread(colour, script(), make_operation(), lambda r: r.iter_bytes(), **limits)
    assert chunks == [b"x" * 6, b"x" * 6]


@pytest.mark.parametrize("options", [{}, {"deadline": 60}])
def test_an_unread_answer_that_breaks_is_a_connection_error(
    colour: Any, make_script: Any, answer: Any, make_operation: Any, options: dict[str, Any]
) -> None:
    script = make_script(answer(200, [b"a", TransportError("reset")]))

    with pytest.raises(errors.APIConnectionError, match="reset") as caught:
        unread(colour, script, make_operation(), lambda r: r.read(), options=options)

    assert isinstance(caught.value.__cause__, TransportError)


def test_an_unread_answer_that_outlasts_the_deadline_says_so(
    colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    script = make_script(answer(200, [b"a", 9.0, TransportTimeout("late")]))

    with pytest.raises(errors.DeadlineExceededError, match="while reading the answer"):
        unread(colour, script, make_operation(), lambda r: r.read(), options={"deadline": 5})


def test_an_unread_answer_may_be_left_early_without_a_trace(
    async_colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    """A generator would be reported by trio as left open."""
    client = async_colour.client(make_script(answer(200, [b"a", b"b"])), mode="streamed")

    async def read() -> None:
        response = await client.perform(make_operation(), {"id": "a"}, {})
        async for chunk in response.iter_bytes():
            assert chunk == b"a"
            break
        await response.aclose()
        gc.collect()

    async_colour.run(read)


def test_an_unread_error_is_raised(
    colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    script = make_script(answer(404, []))

    with pytest.raises(errors.NotFoundError):
        unread(colour, script, make_operation(), lambda r: None)


def test_an_answer_that_is_at_hand_can_be_had_unread(
    colour: Any, make_script: Any, make_operation: Any
) -> None:
    from openwop.runtime import Dialect
    from openwop.wire import Response

    class Remembering(Dialect):
        def ready(self, exchange: Any) -> Response:
            return Response(200, {"X": "1"}, b'{"a":1}')

    for use in (lambda r: r.json(), lambda r: r.parse()):  # both read, each from a fresh answer
        found = unread(colour, make_script(), make_operation(), use, dialect=Remembering("things"))
        assert found == {"a": 1}


class Scoped:
    """A plugin that writes down how the scope of a call was left."""

    def __init__(self, *, broken: bool = False) -> None:
        self.left: list[Any] = []
        self.broken = broken

    @hookimpl
    def openwop_call(self) -> Any:
        return self

    def __enter__(self) -> None:
        if self.broken:
            raise LookupError("cannot open")

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self.left.append(error)


def test_the_scope_of_an_unread_answer_lasts_until_it_is_closed(
    colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    plugin = Scoped()
    script = make_script(answer(200, [b"a", b"b"]))

    before = unread(
        colour,
        script,
        make_operation(),
        lambda r: r.iter_bytes() if not plugin.left else None,
        plugins=[plugin],
    )

    assert before == [b"a", b"b"]
    assert plugin.left == [None]


def test_the_scope_of_an_unread_answer_that_fails_is_left_with_the_error(
    colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    plugin = Scoped()
    script = make_script(answer(404, []))

    with pytest.raises(errors.NotFoundError) as caught:
        unread(colour, script, make_operation(), lambda r: None, plugins=[plugin])

    assert plugin.left == [caught.value]


def test_a_scope_that_cannot_be_entered_sends_nothing(
    colour: Any, make_script: Any, make_operation: Any
) -> None:
    script = make_script()

    with pytest.raises(LookupError, match="cannot open"):
        unread(colour, script, make_operation(), lambda r: None, plugins=[Scoped(broken=True)])

    assert script.requests == []


def test_views_of_unread_answers_send_on_entering_with(
    colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    from openwop.runtime import as_raw, as_raw_async, as_streamed, as_streamed_async

    script = make_script(answer(200, [b"[7]"]))
    client = colour.client(script, mode="streamed")

    def method(name: str) -> Any:
        """The docstring of the method."""
        return client.perform(make_operation(), {"id": name}, {})

    async def method_async(name: str) -> Any:
        """The docstring of the method."""
        return await client.perform(make_operation(), {"id": name}, {})

    async def use_async() -> Any:
        view = as_streamed_async(method_async)
        assert view.__doc__ == method.__doc__
        opening = view("x")
        assert script.requests == []
        async with opening as response:
            return await response.json()

    def use() -> Any:
        view = as_streamed(method)
        assert view.__doc__ == method.__doc__
        opening = view(name="x")
        assert script.requests == []
        with opening as response:
            return response.json()

    assert colour.run(use_async if colour.is_async else use) == [7]
    assert script.bodies[0].closed == 1
    assert as_raw(method) is method
    assert as_raw_async(method_async) is method_async


def test_a_view_that_failed_to_open_has_nothing_to_close(
    colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    from openwop.runtime import AsyncStreamed, Streamed

    def fail() -> Any:
        raise LookupError("no")

    async def use_async() -> None:
        await AsyncStreamed(fail).__aexit__(None, None, None)
        async with AsyncStreamed(fail):
            pass

    def use() -> None:
        Streamed(fail).__exit__(None, None, None)
        with Streamed(fail):
            pass

    with pytest.raises(LookupError):
        colour.run(use_async if colour.is_async else use)
