"""The two base clients: what methods return, copies, raw and unread answers, closing."""

from __future__ import annotations

import threading
import time
from typing import Any

import anyio
import pytest

from openwop.runtime import ApiResponse, RetryPolicy, errors
from openwop.runtime._drivers import AsyncIO, SyncIO
from openwop.wire import Headers

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def get(colour: Any, script: Any, operation: Any, **settings: Any) -> Any:
    return colour.perform(colour.client(script, **settings), operation)


# What a method returns ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("route", "returns", "body", "expected"),
    [
        ({}, dict[str, int], b'{"a":1}', {"a": 1}),
        ({}, list[str], b'["a"]', ["a"]),
        ({}, None, b'{"a":1}', None),
        ({"answer": "none"}, Any, b"whatever", None),
        ({"answer": "text"}, str, "é".encode(), "é"),
        ({"answer": "text"}, str, b"\xff", "\ufffd"),
        ({"answer": "bytes"}, bytes, b"\x00\xff", b"\x00\xff"),
    ],
)
def test_a_method_returns_what_the_description_says(
    colour: Any,
    make_script: Any,
    answer: Any,
    make_operation: Any,
    route: dict[str, Any],
    returns: Any,
    body: bytes,
    expected: Any,
) -> None:
    script = make_script(answer(200, [body]))

    assert get(colour, script, make_operation(returns=returns, **route)) == expected


def test_a_204_is_none(colour: Any, make_script: Any, answer: Any, make_operation: Any) -> None:
    assert get(colour, make_script(answer(204, [])), make_operation(returns=dict[str, int])) is None


@pytest.mark.parametrize(
    ("body", "headers", "says"),
    [
        (b"", {}, "expected a JSON document, got an empty body"),
        (b'{"a":', {"Content-Type": "application/json"}, "expected JSON, got 5 bytes of"),
        (b"<html>", {"Content-Type": "text/html"}, "check that base_url is the host's API"),
        (b"\xff\xff", {}, "2 bytes of no content type"),
        (b'{"a":"x"}', {}, "expected int, got str"),
    ],
)
def test_an_answer_that_is_not_allowed_is_a_typed_error(
    colour: Any,
    make_script: Any,
    answer: Any,
    make_operation: Any,
    body: bytes,
    headers: dict[str, str],
    says: str,
) -> None:
    headers = {**headers, "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    script = make_script(answer(200, [body], headers))

    with pytest.raises(errors.APIResponseValidationError, match=says) as caught:
        get(colour, script, make_operation(returns=dict[str, int]))

    assert caught.value.status_code == 200
    assert caught.value.trace_id == TRACE
    assert caught.value.response is not None
    assert caught.value.response.body == body


def test_an_answer_over_the_limit_is_a_typed_error(
    colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    script = make_script(answer(200, [b"x" * 600, b"x" * 600]))

    with pytest.raises(errors.APIResponseValidationError, match="max_response_bytes"):
        get(colour, script, make_operation(), max_response_bytes=1000)

    assert script.bodies[0].closed == 1


def test_an_answer_of_someone_else_is_refused_by_the_dialect(
    colour: Any, make_script: Any, make_operation: Any
) -> None:
    from openwop.runtime import Dialect

    class Strict(Dialect):
        def check_answer(self, *args: Any) -> str:
            return "a web page answered"

    with pytest.raises(errors.APIResponseValidationError, match="a web page answered"):
        get(colour, make_script(), make_operation(), dialect=Strict("things"))


def test_a_missing_argument_is_found_before_anything_is_sent(
    colour: Any, make_script: Any, make_operation: Any
) -> None:
    script = make_script()

    with pytest.raises(errors.ConfigurationError, match="id is required"):
        colour.perform(colour.client(script), make_operation(), {})

    assert script.requests == []


def test_a_call_without_a_request_yet_has_none_to_show(bench: Any, make_operation: Any) -> None:
    assert bench.exchange(make_operation()).sent_request() is None


# Copies ------------------------------------------------------------------------------------------


def test_a_copy_has_other_settings_on_the_same_connections(
    colour: Any, make_script: Any, make_operation: Any
) -> None:
    script = make_script()
    client = colour.client(script, auth="one", headers={"A": "1", "B": "1"})

    copy = client.with_options(
        api_key="two",
        timeout=5,
        deadline=9,
        headers={"b": "2"},
        retry=RetryPolicy(attempts=1),
        validation="strict",
        max_response_bytes=None,
    )
    colour.perform(copy, make_operation())
    colour.perform(client, make_operation())

    other, first = script.requests
    assert (other.headers["authorization"], first.headers["authorization"]) == (
        "Bearer two",
        "Bearer one",
    )
    assert (other.headers["a"], other.headers["b"], first.headers["b"]) == ("1", "2", "1")
    assert (other.timeouts.total, first.timeouts.total) == (5, 30)
    assert type(copy) is type(client)
    assert repr(copy) == f"<{type(client).__name__} https://api.example.com>"


def test_a_copy_keeps_what_is_not_given(colour: Any, make_script: Any) -> None:
    client = colour.client(make_script(), timeout=3, deadline=4)

    copy = client.with_options(auth=lambda: "k")

    assert (copy._settings.timeout, copy._settings.deadline) == (3, 4)
    assert client.with_options(timeout=None, deadline=None)._settings.timeout is None


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"api_key": "a", "auth": "b"}, "not both"),
        ({"api_key": "a\n"}, "strip it"),
        ({"auth": 7}, "auth must be a key"),
        ({"timeout": 0}, "timeout is 0"),
        ({"deadline": -1}, "deadline is -1"),
        ({"validation": "lax"}, "'tolerant' or 'strict'"),
    ],
)
def test_a_copy_refuses_what_makes_no_sense(
    colour: Any, make_script: Any, options: dict[str, Any], says: str
) -> None:
    with pytest.raises(errors.ConfigurationError, match=says):
        colour.client(make_script()).with_options(**options)


def test_a_copy_of_a_strict_client_is_strict(
    colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    script = make_script(answer(200, [b'{"a":1.0}']))
    client = colour.client(script).with_options(validation="strict")

    assert client._settings.validation == "strict"


# Closing -----------------------------------------------------------------------------------------


def close(colour: Any, client: Any) -> None:
    colour.run(client.aclose if colour.is_async else client.close)


def test_closing_a_client_closes_its_transport_once(colour: Any, make_script: Any) -> None:
    script = make_script()
    client = colour.client(script)

    close(colour, client)
    close(colour, client)

    assert script.closed == 1


def test_closing_a_copy_leaves_the_connections_open(
    colour: Any, make_script: Any, make_operation: Any
) -> None:
    script = make_script()
    client = colour.client(script)

    close(colour, client.with_options())
    colour.perform(client, make_operation())

    assert script.closed == 0


def test_a_transport_that_was_passed_in_is_left_open(colour: Any, make_script: Any) -> None:
    script = make_script()
    client = colour.client(script)
    client._core.owns_transport = False

    close(colour, client)

    assert script.closed == 0


def test_a_client_is_closed_on_leaving_with(colour: Any, make_script: Any) -> None:
    script = make_script()
    client = colour.client(script)

    async def use_async() -> Any:
        async with client as entered:
            return entered

    def use() -> Any:
        with client as entered:
            return entered

    assert colour.run(use_async if colour.is_async else use) is client
    assert script.closed == 1


def test_a_closed_client_says_so(colour: Any, make_script: Any, make_operation: Any) -> None:
    client = colour.client(make_script())
    copy = client.with_options()

    close(colour, client)

    with pytest.raises(errors.ConfigurationError, match="the client is closed"):
        colour.perform(copy, make_operation())


# Raw answers -------------------------------------------------------------------------------------


def test_a_raw_answer_has_what_the_method_returns_and_how_it_came(
    colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    headers = {
        "X-A": "1",
        "Idempotent-Replayed": "TRUE",
        "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01",
    }
    script = make_script(answer(503, []), answer(201, [b'{"a":1}'], headers))

    raw = get(colour, script, make_operation(returns=dict[str, int]), mode="raw")

    assert raw == ApiResponse(
        {"a": 1}, 201, Headers(headers), TRACE, attempts=2, replayed=True, body=b'{"a":1}'
    )


def test_an_answer_that_was_not_replayed_says_so(
    colour: Any, make_script: Any, make_operation: Any
) -> None:
    assert get(colour, make_script(), make_operation(), mode="raw").replayed is False


# Time and threads --------------------------------------------------------------------------------


def test_a_deadline_bounds_what_others_are_asked_as_well(
    async_colour: Any, make_operation: Any
) -> None:
    class Bare:
        async def send(self, request: Any) -> Any:
            raise AssertionError

        async def aclose(self) -> None: ...

    async def slow_key() -> str:
        await anyio.sleep_forever()
        raise AssertionError

    client = async_colour.client(io=AsyncIO(Bare()), auth=slow_key)

    begun = time.monotonic()
    with pytest.raises(errors.DeadlineExceededError, match=r"deadline of 0\.02 s passed"):
        async_colour.perform(client, make_operation(), deadline=0.02)

    assert time.monotonic() - begun < 2


def test_a_client_can_be_used_from_many_threads(
    sync_colour: Any, make_script: Any, answer: Any, make_operation: Any
) -> None:
    script = make_script(lambda request: answer(200, [b'"', request.url.encode()[-2:], b'"']))
    client = sync_colour.client(script)
    found: dict[str, Any] = {}

    def work(name: str) -> None:
        for _ in range(20):
            found[name] = client.perform(make_operation(), {"id": name}, {})

    threads = [threading.Thread(target=work, args=(f"{n:02}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == {f"{n:02}": f"{n:02}" for n in range(8)}
    assert len(script.requests) == 160


def test_a_lock_has_the_clients_colour(colour: Any, make_script: Any) -> None:
    core = colour.client(make_script())._core

    assert core.is_async == colour.is_async

    async def use_async() -> None:
        lock = core.new_lock()
        await lock.acquire()
        lock.release()

    def use() -> None:
        lock = core.new_lock()
        lock.acquire()
        lock.release()

    colour.run(use_async if colour.is_async else use)


def test_the_blocking_shell_is_no_asynchronous_one() -> None:
    assert not issubclass(SyncIO, AsyncIO)
