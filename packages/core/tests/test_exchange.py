"""One logical call, played by hand with byte-literal answers: no loop, no socket, no sleep."""

from __future__ import annotations

from typing import Any

import pytest

from openwop.runtime import Dialect, ErrorFacts, RetryBudget, RetryPolicy, errors
from openwop.runtime._operation import Operation, Parameter, Route
from openwop.wire import (
    ConnectError,
    Response,
    Timeouts,
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


# What is sent -------------------------------------------------------------------------------------


def test_a_call_sends_one_request_and_returns_the_answer(bench: Any, make_operation: Any) -> None:
    done = bench.call(make_operation(), OK)

    (request,) = done.requests
    assert done.result is OK
    assert (request.method, request.url) == ("GET", "https://api.example.com/things/a")
    assert dict(request.headers) == {"user-agent": "openwop", "accept": "application/json"}
    assert request.body is None
    assert done.limits == [8 * 1024 * 1024]


def test_headers_of_the_call_replace_those_of_the_client(bench: Any, make_operation: Any) -> None:
    done = bench.call(
        make_operation(),
        OK,
        headers={"X-Tenant": "client", "User-Agent": "mine"},
        options={"extra_headers": {"x-tenant": "call"}, "extra_query": {"q": "1"}},
    )

    (request,) = done.requests
    assert request.headers["x-tenant"] == "call"
    assert request.headers["user-agent"] == "mine"
    assert request.url.endswith("/things/a?q=1")


def test_an_operation_with_a_server_of_its_own_goes_there(bench: Any, make_operation: Any) -> None:
    done = bench.call(make_operation(server="https://files.example.com"), OK)

    assert done.requests[0].url == "https://files.example.com/things/a"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_mutation_carries_a_valid_key_that_it_makes_itself(
    bench: Any, make_operation: Any, method: str
) -> None:
    one = bench.call(make_operation(method), OK).requests[0].headers["idempotency-key"]
    other = bench.call(make_operation(method), OK).requests[0].headers["idempotency-key"]

    assert one != other
    assert 22 <= len(one) <= 128
    bench.dialect.check_key(one, "")


def test_a_key_of_the_callers_is_sent_as_it_is(bench: Any, make_operation: Any) -> None:
    key = "order-4711-attempt-of-today"

    done = bench.call(make_operation("POST"), OK, options={"idempotency_key": key})

    assert done.requests[0].headers["idempotency-key"] == key


@pytest.mark.parametrize("key", ["short", "x" * 129, "with a space in the middle", "ü" * 30, ""])
def test_a_key_outside_the_grammar_is_refused_before_anything_is_sent(
    bench: Any, make_operation: Any, key: str
) -> None:
    done = bench.call(make_operation("POST"), OK, options={"idempotency_key": key})

    fails(done.error, errors.ConfigurationError)
    assert done.requests == []


def test_a_service_without_idempotency_keys_gets_none(make_bench: Any, make_operation: Any) -> None:
    bench = make_bench(Dialect("things", idempotency_header=""))

    done = bench.call(make_operation("POST"), OK)

    assert "idempotency-key" not in done.requests[0].headers


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({"X-Api-Key": "s3cr3t\n"}, "X-Api-Key has a character"),
        ({"X-Api-Key": " s3cr3t"}, "X-Api-Key has a character"),
        ({"X-Api-Key": "s3cr3t\u00fc"}, "X-Api-Key has a character"),
        ({"X-Api-Key": "a | b\x00"}, "X-Api-Key has a character"),
        ({"X Api Key": "s3cr3t"}, "no name of an HTTP header"),
        ({"X-Api-Key": 7}, "must be a str, not int"),
    ],
)
@pytest.mark.parametrize("where", ["client", "call"])
def test_a_header_that_cannot_be_sent_is_refused_without_its_value(
    bench: Any, make_operation: Any, headers: dict[str, Any], says: str, where: str
) -> None:
    """HTTP libraries refuse it as well, and quote the value."""
    given: dict[str, Any] = {"headers": headers}
    if where == "call":
        given = {"options": {"extra_headers": headers}}

    with pytest.raises(errors.ConfigurationError, match=says) as caught:
        bench.call(make_operation(), OK, **given).value()

    assert "s3cr3t" not in str(caught.value)


def test_a_header_value_with_a_bar_in_it_is_sent(bench: Any, make_operation: Any) -> None:
    done = bench.call(make_operation(), OK, headers={"X-A": "a | b", "X.B": "c"})

    assert done.requests[0].headers["x-a"] == "a | b"


# Mistakes are found before anything is sent ----------------------------------------------------


class Negotiating(Dialect):
    """A dialect that has to ask which variant the service speaks."""

    def choose(self, exchange: Any) -> Any:
        from openwop.runtime import Send
        from openwop.wire import Request

        yield Send(Request("GET", "https://api.example.com/version"))
        return "2"


TWO_VARIANTS = Operation(
    "op",
    "things.put",
    {
        "1": Route(
            "PUT",
            "/v1/things/{id}",
            (
                Parameter("id", "id", "path", required=True),
                Parameter("size", "size", "query", required=True),
                Parameter("old", "old", "query", required=True),
            ),
        ),
        "2": Route(
            "PUT",
            "/things/{id}",
            (
                Parameter("id", "id", "path", required=True),
                Parameter("size", "size", "body", required=True),
                Parameter("new", "new", "body"),
            ),
            body="json",
        ),
    },
)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"id": "", "size": 1}, "an empty id"),
        ({"id": "..", "size": 1}, "'..'"),
        ({"size": 1}, "id is required"),
        ({"id": "a"}, "size is required"),
        ({"id": ["a"], "size": 1}, "id must be a str, not list"),
    ],
)
def test_what_no_variant_takes_does_not_even_cost_the_question_which_variant(
    make_bench: Any, arguments: dict[str, Any], says: str
) -> None:
    bench = make_bench(Negotiating("things"))

    with pytest.raises(errors.ConfigurationError, match=says):
        bench.exchange(TWO_VARIANTS, arguments, auth="k")


def test_a_missing_credential_does_not_cost_the_question_either(make_bench: Any) -> None:
    bench = make_bench(Negotiating("things"))

    with pytest.raises(errors.ConfigurationError, match=r"things\.put needs a credential: pass"):
        bench.exchange(TWO_VARIANTS, {"id": "a", "size": 1})


def test_what_only_one_variant_wants_is_asked_for_when_it_is_chosen(make_bench: Any) -> None:
    bench = make_bench(Negotiating("things"))

    done = bench.call(TWO_VARIANTS, OK, OK, arguments={"id": "a", "size": 1}, auth="k")

    assert [request.url for request in done.requests] == [
        "https://api.example.com/version",
        "https://api.example.com/things/a",
    ]
    assert done.requests[1].body == b'{"size":1}'


def test_an_argument_that_the_variant_lacks_is_refused(make_bench: Any) -> None:
    bench = make_bench(Negotiating("things"))
    arguments = {"id": "a", "size": 1, "old": "x"}

    done = bench.call(TWO_VARIANTS, OK, arguments=arguments, auth="k")

    error = fails(done.error, errors.CapabilityNotSupportedError)
    assert "old does not exist in version 2" in str(error)
    assert error.capability == "op.old"


def test_an_argument_that_no_variant_knows_is_a_type_error(bench: Any, make_operation: Any) -> None:
    done = bench.call(make_operation(), OK, arguments={"id": "a", "colour": "red"})

    assert isinstance(done.error, TypeError)
    assert "things.get() has no argument colour" in str(done.error)


def test_an_operation_without_a_route_for_the_variant_is_not_supported(make_bench: Any) -> None:
    bench = make_bench(Negotiating("things"))
    old = Operation("old", "things.old", {"1": Route("GET", "/v1/old", credential="none")})

    done = bench.call(old, OK, arguments={})

    error = fails(done.error, errors.CapabilityNotSupportedError)
    assert "things.old does not exist in version 2 of things" in str(error)


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), "1", True])
def test_a_timeout_that_is_no_time_is_refused(
    bench: Any, make_operation: Any, seconds: object
) -> None:
    with pytest.raises(errors.ConfigurationError, match=r"timeout is .* above 0"):
        bench.exchange(make_operation(), options={"timeout": seconds})


class OwnConfigurationError(errors.ConfigurationError):
    """The class of one client package."""


def test_what_the_runtime_refuses_is_raised_as_the_clients_own_class(
    make_bench: Any, make_operation: Any
) -> None:
    from openwop.runtime import ErrorClasses

    own = ErrorClasses(configuration=OwnConfigurationError)
    bench = make_bench(Dialect("things", errors=own))
    taking_json = make_operation(
        "POST",
        "/things",
        parameters=(Parameter("value", "value", "body"),),
        body="json",
    )

    with pytest.raises(OwnConfigurationError, match="an empty id"):
        bench.exchange(make_operation(), {"id": ""})
    with pytest.raises(OwnConfigurationError, match="timeout is"):
        bench.exchange(make_operation(), options={"timeout": 0})
    done = bench.call(taking_json, arguments={"value": float("nan")})
    fails(done.error, OwnConfigurationError)
    assert isinstance(done.error.__cause__, ValueError)
    done = bench.call(make_operation(), auth=lambda: "key\n")
    fails(done.error, OwnConfigurationError)
    done = bench.call(make_operation("POST"), options={"idempotency_key": "x"})
    fails(done.error, OwnConfigurationError)


# Trying again -------------------------------------------------------------------------------------


def test_a_failure_is_waited_out_and_the_key_is_kept(bench: Any, make_operation: Any) -> None:
    post = make_operation("POST", idempotency=True)

    done = bench.call(post, ConnectError("nobody"), DOWN, OK)

    assert done.result is OK
    assert done.slept == [0.25, 0.5]
    assert len(done.requests) == 3
    assert len({request.headers["idempotency-key"] for request in done.requests}) == 1


def test_the_last_error_is_raised_when_the_attempts_are_used_up(
    bench: Any, make_operation: Any
) -> None:
    done = bench.call(make_operation(), DOWN, TransportError("reset"), DOWN)

    error = fails(done.error, errors.InternalServerError)
    assert error.attempts == 3
    assert error.response is DOWN
    assert len(done.slept) == 2


def test_a_policy_of_the_call_replaces_the_clients(bench: Any, make_operation: Any) -> None:
    done = bench.call(
        make_operation(), DOWN, DOWN, options={"retry": RetryPolicy(attempts=2, initial=4)}
    )

    assert done.slept == [2.0]
    assert done.error.attempts == 2


def test_no_policy_of_the_call_leaves_the_clients(bench: Any, make_operation: Any) -> None:
    done = bench.call(
        make_operation(), DOWN, options={"retry": None}, retry=RetryPolicy(attempts=1)
    )

    assert done.error.attempts == 1


def test_the_budget_is_shared_by_all_calls_of_a_client(bench: Any, make_operation: Any) -> None:
    policy = RetryPolicy(budget=RetryBudget(capacity=3, refund=0.5))

    first = bench.call(make_operation(), DOWN, DOWN, DOWN, retry=policy)
    second = bench.call(make_operation(), DOWN, DOWN, retry=policy)
    third = bench.call(make_operation(), DOWN, retry=policy)
    bench.call(make_operation(), OK, retry=policy)
    bench.call(make_operation(), OK, retry=policy)
    fourth = bench.call(make_operation(), DOWN, OK, retry=policy)

    assert [len(done.slept) for done in (first, second, third, fourth)] == [2, 1, 0, 1]
    fails(third.error, errors.InternalServerError)


def test_a_success_after_a_retry_gives_nothing_back(bench: Any, make_operation: Any) -> None:
    policy = RetryPolicy(budget=RetryBudget(capacity=10))

    bench.call(make_operation(), DOWN, OK, retry=policy)

    assert bench.core.tokens(policy).left == 9


def test_in_flight_is_waited_for_with_the_same_key(make_bench: Any, make_operation: Any) -> None:
    class Waiting(Dialect):
        def read_error(self, response: Response, variant: str) -> ErrorFacts:
            return ErrorFacts(code="in_flight", wait=True)

    bench = make_bench(Waiting("things"))
    busy = Response(409, {"Retry-After": "2"})

    done = bench.call(make_operation("POST"), busy, busy, OK)

    assert done.result is OK
    assert done.slept == [2.0, 2.0]
    assert len({request.headers["idempotency-key"] for request in done.requests}) == 1


def test_a_wait_that_the_body_asks_for_counts_where_the_header_is_silent(
    make_bench: Any, make_operation: Any
) -> None:
    class Asking(Dialect):
        def read_error(self, response: Response, variant: str) -> ErrorFacts:
            return ErrorFacts(retry_after=9.0)

    done = make_bench(Asking("things")).call(make_operation(), DOWN, OK)

    assert done.slept == [9.0]


def test_a_dialect_may_mend_what_was_wrong_and_send_again_at_once(
    make_bench: Any, make_operation: Any
) -> None:
    class Mending(Dialect):
        def recover(self, exchange: Any, facts: ErrorFacts, response: Response) -> Any:
            exchange.add_header("X-Mended", "yes")
            exchange.add_header("User-Agent", "another")
            return True
            yield

    bench = make_bench(Mending("things"))

    done = bench.call(make_operation(), DOWN, DOWN, OK, retry=RetryPolicy(attempts=2))

    assert done.result is OK
    assert [r.headers.get("x-mended") for r in done.requests] == [None, "yes", "yes"]
    assert done.requests[2].headers["user-agent"] == "openwop"
    assert done.slept == [0.25]


def test_a_request_that_is_built_anew_keeps_its_key(make_bench: Any, make_operation: Any) -> None:
    class Switching(Dialect):
        def recover(self, exchange: Any, facts: ErrorFacts, response: Response) -> Any:
            exchange.prepare_for("")
            return True
            yield

    done = make_bench(Switching("things")).call(make_operation("POST"), DOWN, OK)

    assert len({request.headers["idempotency-key"] for request in done.requests}) == 1


def test_a_dialect_may_answer_by_itself(make_bench: Any, make_operation: Any) -> None:
    class Remembering(Dialect):
        def ready(self, exchange: Any) -> Response:
            return OK

    done = make_bench(Remembering("things")).call(make_operation())

    assert done.result is OK
    assert done.requests == []


def test_a_304_is_an_error_with_that_status(bench: Any, make_operation: Any) -> None:
    done = bench.call(
        make_operation(), Response(304), options={"extra_headers": {"If-None-Match": '"a"'}}
    )

    assert fails(done.error, errors.APIStatusError).status_code == 304


def test_a_dialect_may_turn_a_304_into_what_it_remembers(
    make_bench: Any, make_operation: Any
) -> None:
    class Caching(Dialect):
        def answered(self, exchange: Any, response: Response) -> Response:
            return OK if response.status_code == 304 else response

    done = make_bench(Caching("things")).call(make_operation(), Response(304))

    assert done.result is OK


def test_statuses_that_are_final_are_answers(bench: Any, make_operation: Any) -> None:
    exchange = bench.exchange(make_operation())
    exchange.prepare_for("")

    done = bench.play(exchange.attempts(final=frozenset({404})), Response(404))

    assert done.result.status_code == 404


# Time ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "settings", "expected"),
    [
        ({}, {}, Timeouts(30.0, 30.0)),
        ({"timeout": 5}, {}, Timeouts(5, 5)),
        ({"timeout": None}, {}, Timeouts(None, None)),
        ({"deadline": 3}, {}, Timeouts(3, 3)),
        ({"timeout": 1, "deadline": 3}, {}, Timeouts(1, 1)),
        ({"timeout": None, "deadline": 3}, {}, Timeouts(3, 3)),
        ({}, {"timeout": 2, "deadline": 9}, Timeouts(2, 2)),
        ({"deadline": None}, {"timeout": 20, "deadline": 9}, Timeouts(20, 20)),
    ],
)
def test_an_attempt_is_bounded_by_its_timeout_and_by_what_is_left(
    bench: Any,
    make_operation: Any,
    options: dict[str, Any],
    settings: dict[str, Any],
    expected: Timeouts,
) -> None:
    done = bench.call(make_operation(), OK, options=options, **settings)

    assert done.requests[0].timeouts == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, Timeouts(30.0, None, None)),
        ({"deadline": 3}, Timeouts(3, 3, None)),
        ({"deadline": 90}, Timeouts(30.0, 90, None)),
    ],
)
def test_a_stream_is_bounded_up_to_its_head_and_by_a_deadline_of_the_call_only(
    bench: Any, make_operation: Any, options: dict[str, Any], expected: Timeouts
) -> None:
    done = bench.call(
        make_operation(answer="sse"), OK, streaming=True, options=options, deadline=9.0
    )

    assert done.requests[0].timeouts == expected
    assert done.requests[0].stream


def test_the_deadline_is_counted_over_all_attempts_and_waits(
    bench: Any, make_operation: Any
) -> None:
    def slow(request: Any) -> Response:
        bench.clock.time += 4
        return DOWN

    done = bench.call(make_operation(), slow, slow, OK, options={"deadline": 10})

    assert [request.timeouts.total for request in done.requests] == [10, 5.75, 1.25]


def test_a_wait_that_would_outlast_the_deadline_ends_the_call_at_once(
    bench: Any, make_operation: Any
) -> None:
    def slow(request: Any) -> Response:
        bench.clock.time += 9.9
        return Response(503, {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}, b"")

    done = bench.call(make_operation(), slow, options={"deadline": 10})

    error = fails(done.error, errors.DeadlineExceededError)
    assert isinstance(error.last_error, errors.InternalServerError)
    assert error.__cause__ is error.last_error
    assert error.attempts == 1
    assert done.slept == []
    assert "the deadline of 10 s passed while waiting 0.25 s to try again" in str(error)
    assert str(error).count(TRACE) == 1
    assert str(error).endswith(f"(trace={TRACE})")


def test_an_attempt_that_the_deadline_cut_is_a_deadline_error(
    bench: Any, make_operation: Any
) -> None:
    def late(request: Any) -> TransportTimeout:
        bench.clock.time += request.timeouts.total
        return TransportTimeout("late")

    done = bench.call(make_operation(), late, options={"deadline": 0.5})

    error = fails(done.error, errors.DeadlineExceededError)
    assert isinstance(error.last_error, errors.APITimeoutError)
    assert isinstance(error, TimeoutError)


def test_a_timeout_within_the_deadline_is_tried_again(bench: Any, make_operation: Any) -> None:
    def late(request: Any) -> TransportTimeout:
        bench.clock.time += request.timeouts.total
        return TransportTimeout("late")

    done = bench.call(make_operation(), late, OK, options={"deadline": 10, "timeout": 1})

    assert done.result is OK


def test_a_timeout_error_names_the_bound_and_the_remedy(bench: Any, make_operation: Any) -> None:
    done = bench.call(
        make_operation(), TransportTimeout("late"), retry=RetryPolicy(attempts=1), timeout=7.0
    )

    error = fails(done.error, errors.APITimeoutError)
    assert "things.get: no answer from https://api.example.com within 7 s" in str(error)
    assert "raise timeout=" in str(error)
    assert isinstance(error.__cause__, TransportTimeout)


@pytest.mark.parametrize("seconds", [0, -5])
def test_a_deadline_that_has_passed_already_sends_nothing(
    bench: Any, make_operation: Any, seconds: float
) -> None:
    done = bench.call(make_operation(), OK, options={"deadline": seconds})

    error = fails(done.error, errors.DeadlineExceededError)
    assert f"the deadline of {seconds} s passed while waiting to send" in str(error)
    assert done.requests == []
    assert error.last_error is None


@pytest.mark.parametrize(("seconds", "waited"), [("3", True), ("60", True), ("61", False)])
def test_a_retry_after_is_waited_in_full_or_not_at_all(
    bench: Any, make_operation: Any, seconds: str, waited: bool
) -> None:
    done = bench.call(make_operation(), Response(429, {"Retry-After": seconds}), OK)

    if waited:
        assert done.slept == [float(seconds)]
    else:
        assert done.slept == []
        assert fails(done.error, errors.RateLimitError).retry_after == float(seconds)


def test_a_retry_after_longer_than_the_deadline_raises_at_once(
    bench: Any, make_operation: Any
) -> None:
    done = bench.call(
        make_operation(), Response(503, {"Retry-After": "20"}), options={"deadline": 10}
    )

    assert fails(done.error, errors.InternalServerError).retry_after == 20
    assert done.slept == []
