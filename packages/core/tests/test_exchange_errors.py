"""The errors, hooks and log lines of one logical call, played by hand."""

from __future__ import annotations

import logging
from typing import Any

import attrs
import pytest

from openwop.runtime import Dialect, ErrorFacts, RetryBudget, RetryPolicy, errors, hookimpl
from openwop.runtime._effects import BodyTooLargeError
from openwop.runtime._operation import Parameter
from openwop.wire import (
    ConnectError,
    Headers,
    OpenResponse,
    Response,
    TransportError,
    TransportTimeout,
)

OK = Response(200, {}, b"{}")
DOWN = Response(503, {}, b"")
REFUSED = Response(401, {}, b'{"error":"unauthenticated"}')
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def fails(exc: BaseException | None, cls: type[Any]) -> Any:
    """Return *exc*, which must be a *cls*, typed."""
    assert type(exc) is cls, repr(exc)
    return exc


# Errors -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "cls"),
    [
        (400, errors.BadRequestError),
        (401, errors.AuthenticationError),
        (403, errors.PermissionDeniedError),
        (404, errors.NotFoundError),
        (409, errors.ConflictError),
        (410, errors.GoneError),
        (418, errors.APIStatusError),
        (422, errors.UnprocessableEntityError),
        (429, errors.RateLimitError),
        (500, errors.InternalServerError),
        (599, errors.InternalServerError),
    ],
)
def test_a_status_chooses_the_class(
    bench: Any, make_operation: Any, status: int, cls: type[Any]
) -> None:
    done = bench.call(make_operation(), Response(status), retry=RetryPolicy(attempts=1))

    assert fails(done.error, cls).status_code == status


def test_an_error_carries_what_the_service_said(bench: Any, make_operation: Any) -> None:
    said = Response(
        404,
        {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "Retry-After": "5"},
        b'{"error":"not_found","message":"No such thing.","details":{"id":"a"}}',
    )

    error = fails(bench.call(make_operation(), said).error, errors.NotFoundError)

    assert str(error) == (f"things.get failed: 404 not_found: No such thing. (trace={TRACE})")
    assert (error.code, error.category, error.message) == (
        "not_found",
        "not_found",
        "No such thing.",
    )
    assert error.details == {"id": "a"}
    assert error.retry_after == 5
    assert error.response is said
    assert error.request.url == "https://api.example.com/things/a"


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (b'{"error":{"code":"c","message":"m"}}', "c", "m"),
        (b'{"code":"c","detail":"m"}', "c", "m"),
        (b'{"type":"c","title":"m"}', "c", "m"),
        (b'{"error":7,"message":["m"],"details":[1]}', "", "things.get failed: 400"),
        (b"[1]", "", "things.get failed: 400"),
        (b"<html>", "", "things.get failed: 400"),
        (b"\xff\xfe", "", "things.get failed: 400"),
        (b"", "", "things.get failed: 400"),
    ],
)
def test_an_error_document_is_read_whatever_it_is(
    bench: Any, make_operation: Any, body: bytes, code: str, message: str
) -> None:
    error = bench.call(make_operation(), Response(400, {"Content-Type": "a/b"}, body)).error

    assert error.code == code
    assert error.message.startswith(message)
    assert ("no error document" in str(error)) == (bool(body) and not code)


def test_a_remedy_follows_the_services_own_words(make_bench: Any, make_operation: Any) -> None:
    class Helping(Dialect):
        def read_error(self, response: Response, variant: str) -> ErrorFacts:
            return ErrorFacts("no", "no", "Not today.", remedy="Come back tomorrow")

    error = make_bench(Helping("things")).call(make_operation(), Response(400)).error

    assert str(error) == "things.get failed: 400 no: Not today. Come back tomorrow"


def test_an_unreachable_host_is_named_with_what_to_check(bench: Any, make_operation: Any) -> None:
    done = bench.call(
        make_operation(), ConnectError("refused"), retry=RetryPolicy(attempts=1), auth="k"
    )

    error = fails(done.error, errors.APIConnectionError)
    assert "cannot reach https://api.example.com (refused); check base_url" in str(error)
    assert error.sent is False
    assert error.attempts == 1
    assert "authorization" not in error.request.headers


def test_an_answer_over_the_limit_is_refused(bench: Any, make_operation: Any) -> None:
    head = Response(200, {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"})

    done = bench.call(make_operation(), BodyTooLargeError(10, head), max_response_bytes=10)

    error = fails(done.error, errors.APIResponseValidationError)
    assert done.limits == [10]
    assert "larger than max_response_bytes (10 bytes); raise max_response_bytes= of" in str(error)
    assert error.trace_id == TRACE
    assert error.status_code == 200


BUSY = Response(429, {}, b"")
LATE = Response(409, {}, b"{}")
WORKING = Response(409, {}, b'{"error":"idempotency_in_flight"}')
KEYLESS = Response(401, {}, b"{}")


@pytest.mark.parametrize(
    ("earlier", "ambiguous"),
    [
        ((), False),
        ((BUSY,), False),
        ((BUSY, BUSY), False),
        ((KEYLESS,), False),
        ((Response(408, {}, b""),), False),
        ((ConnectError("refused"),), False),
        ((TransportTimeout("no connection", sent=False),), False),
        ((TransportTimeout("no answer"),), True),
        ((TransportError("reset"),), True),
        ((DOWN,), True),
        ((Response(500, {}, b""),), True),
        ((WORKING,), True),
        ((DOWN, BUSY), True),
        ((TransportError("reset"), ConnectError("refused")), True),
    ],
)
def test_an_error_is_ambiguous_where_an_earlier_attempt_may_have_been_taken(
    make_bench: Any, make_operation: Any, earlier: tuple[Any, ...], ambiguous: bool
) -> None:
    class Waiting(Dialect):
        def read_error(self, response: Response, variant: str) -> ErrorFacts:
            facts = super().read_error(response, variant)
            return attrs.evolve(facts, wait=facts.code == "idempotency_in_flight")

    keys = iter(["old"])
    post = make_operation("POST", idempotency=True)
    bench = make_bench(Waiting("things"))

    done = bench.call(post, *earlier, LATE, auth=lambda: next(keys, "new"))

    assert ambiguous == fails(done.error, errors.ConflictError).ambiguous


@pytest.mark.parametrize(
    ("ends", "sent"),
    [
        ((ConnectError("1"), ConnectError("2"), ConnectError("3")), False),
        ((TransportError("reset"), ConnectError("2"), ConnectError("3")), True),
        ((ConnectError("1"), DOWN, ConnectError("3")), True),
    ],
    ids=["never sent", "sent once", "sent and refused"],
)
def test_nothing_was_sent_only_where_no_attempt_sent_anything(
    bench: Any, make_operation: Any, ends: tuple[Any, ...], sent: bool
) -> None:
    done = bench.call(make_operation(), *ends)

    assert sent == fails(done.error, errors.APIConnectionError).sent


def test_anything_else_that_goes_wrong_is_not_tried_again(bench: Any, make_operation: Any) -> None:
    done = bench.call(make_operation(), lambda request: AssertionError("no such operation"))

    assert isinstance(done.error, AssertionError)
    assert len(done.requests) == 1


@pytest.mark.parametrize("left", [None, 5.0, -1.0])
def test_a_body_that_breaks_is_a_connection_error_unless_the_time_is_over(
    bench: Any, make_operation: Any, left: float | None
) -> None:
    exchange = bench.exchange(make_operation(), options={"deadline": left})
    bench.play(exchange.prepare())

    error = exchange.reading_error(TransportError("reset"))

    if left == -1.0:
        assert "passed while reading the answer" in str(fails(error, errors.DeadlineExceededError))
    else:
        fails(error, errors.APIConnectionError)


# Hooks --------------------------------------------------------------------------------------------


class Recorder:
    """A plugin that writes down which hook was called, and with what."""

    def __init__(self) -> None:
        self.seen: list[tuple[Any, ...]] = []

    @hookimpl
    def openwop_request_headers(self, call: Any, request: Any) -> dict[str, str]:
        self.seen.append(("headers", call.attempt, request.headers.get("authorization")))
        return {"X-Attempt": str(call.attempt)}

    @hookimpl
    def openwop_response(self, call: Any, response: Any) -> None:
        self.seen.append(("response", call.attempt, response.status_code))

    @hookimpl
    def openwop_retry(self, call: Any, outcome: Any, attempt: int, delay: float) -> None:
        self.seen.append(("retry", attempt, type(outcome).__name__, delay))


def test_hooks_are_called_in_the_order_of_what_happens(
    make_bench: Any, make_operation: Any
) -> None:
    recorder = Recorder()
    bench = make_bench(plugins=[recorder])

    done = bench.call(make_operation(), DOWN, TransportError("reset"), OK, auth="k")

    assert recorder.seen == [
        ("headers", 1, "Bearer k"),
        ("response", 1, 503),
        ("retry", 1, "Response", 0.25),
        ("headers", 2, "Bearer k"),
        ("retry", 2, "TransportError", 0.5),
        ("headers", 3, "Bearer k"),
        ("response", 3, 200),
    ]
    assert [request.headers["x-attempt"] for request in done.requests] == ["1", "2", "3"]


def test_a_plugin_sees_an_open_stream_as_its_head_only(
    make_bench: Any, make_operation: Any
) -> None:
    class Looking:
        @hookimpl
        def openwop_response(self, response: Any) -> None:
            looked.append(response)

    looked: list[Any] = []
    opened = OpenResponse(200, Headers({"A": "1"}), None, "https://h/tok_1")  # type: ignore[arg-type]

    done = make_bench(plugins=[Looking()]).call(
        make_operation(answer="sse"), opened, streaming=True
    )

    assert done.result is opened
    assert looked == [Response(200, {"A": "1"}, b"", "https://api.example.com/things/a")]


@pytest.mark.parametrize(("chosen", "slept"), [(3.0, 3.0), (None, 0.25), (-1.0, 0.0), (0, 0)])
def test_a_plugin_may_choose_the_wait(
    make_bench: Any, make_operation: Any, chosen: float | None, slept: float
) -> None:
    class Choosing:
        @hookimpl
        def openwop_retry_delay(self, outcome: Any) -> float | None:
            return chosen

    done = make_bench(plugins=[Choosing()]).call(make_operation(), DOWN, OK)

    assert done.slept == [slept]


def test_a_plugin_is_not_asked_where_the_service_named_a_wait(
    make_bench: Any, make_operation: Any
) -> None:
    class Choosing:
        @hookimpl
        def openwop_retry_delay(self) -> float:
            raise AssertionError

    done = make_bench(plugins=[Choosing()]).call(
        make_operation(), Response(503, {"Retry-After": "7"}), OK
    )

    assert done.slept == [7.0]


def test_a_plugin_that_raises_fails_the_call_with_its_own_error(
    make_bench: Any, make_operation: Any
) -> None:
    class Broken:
        @hookimpl
        def openwop_response(self) -> None:
            raise LookupError("of the plugin")

    done = make_bench(plugins=[Broken()]).call(make_operation(), OK)

    assert isinstance(done.error, LookupError)


def test_headers_of_a_plugin_that_cannot_be_sent_are_refused(
    make_bench: Any, make_operation: Any
) -> None:
    class Broken:
        @hookimpl
        def openwop_request_headers(self) -> dict[str, str]:
            return {"X-Sign": "s3cr3t\n"}

    done = make_bench(plugins=[Broken()]).call(make_operation(), OK)

    assert "s3cr3t" not in str(fails(done.error, errors.ConfigurationError))


# The log ------------------------------------------------------------------------------------------


def test_the_log_has_a_line_per_attempt_and_no_secret(
    bench: Any, make_operation: Any, caplog: pytest.LogCaptureFixture
) -> None:
    token = make_operation(
        path="/tokens/{id}",
        parameters=(Parameter("id", "id", "path", required=True, secret=True),),
    )
    keys = iter(["s3cr3t-1", "s3cr3t-1", "s3cr3t-2"])

    with caplog.at_level(logging.DEBUG, "openwop"):
        bench.call(
            token,
            TransportError("reset"),
            REFUSED,
            Response(200, {}, b'"s3cr3t"'),
            arguments={"id": "s3cr3t"},
            auth=lambda: next(keys),
        )

    lines = [(record.levelname, record.getMessage()) for record in caplog.records]
    assert [level for level, _ in lines] == ["DEBUG", "INFO", "DEBUG", "INFO", "DEBUG"]
    assert lines[0][1].startswith("GET https://api.example.com/tokens/[redacted] attempt 1: reset")
    assert "trying again in 0.25 s" in lines[1][1]
    assert "the credential was refused" in lines[3][1]
    assert "s3cr3t" not in caplog.text


def test_a_spent_budget_is_logged(
    bench: Any, make_operation: Any, caplog: pytest.LogCaptureFixture
) -> None:
    policy = RetryPolicy(budget=RetryBudget(capacity=0))

    with caplog.at_level(logging.INFO, "openwop"):
        bench.call(make_operation(), DOWN, retry=policy)

    assert "retry budget is spent" in caplog.text
