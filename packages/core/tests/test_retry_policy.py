"""Whether an outcome is tried again, and after how long: the table in spec/, and the policy."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from openwop import errors as tree
from openwop._majors import OpenWOPDialect
from openwop.runtime import Operation, Parameter, RetryBudget, RetryPolicy, Route
from openwop.runtime._retry import Tokens, parse_retry_after
from openwop.runtime.errors import ConfigurationError
from openwop.wire import ConnectError, Response, TransportError, TransportTimeout

VECTORS = Path(__file__).parents[3] / "spec" / "vectors" / "retry"
NOW = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
KINDS = {
    "status": tree.APIStatusError,
    "bad_request": tree.BadRequestError,
    "authentication": tree.AuthenticationError,
    "permission_denied": tree.PermissionDeniedError,
    "not_found": tree.NotFoundError,
    "conflict": tree.ConflictError,
    "gone": tree.GoneError,
    "unprocessable": tree.UnprocessableEntityError,
    "rate_limit": tree.RateLimitError,
    "server": tree.InternalServerError,
    "connection": tree.APIConnectionError,
    "timeout": tree.APITimeoutError,
    "deadline": tree.DeadlineExceededError,
}
BROKEN = {"connect": ConnectError, "timeout": TransportTimeout, "exchange": TransportError}


def _load(name: str) -> list[Any]:
    table = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))
    return [pytest.param(vector, id=vector["id"]) for vector in table["vectors"]]


def _outcome(vector: dict[str, Any]) -> Any:
    outcome = vector["outcome"]
    if "broken" in outcome:
        return BROKEN[outcome["broken"]]("it broke", sent=outcome["sent"])
    body = json.dumps(outcome["body"]).encode() if "body" in outcome else b""
    return Response(outcome["status"], outcome.get("headers", {}), body)


def _exchange(vector: dict[str, Any], bench: Any, uniform: float) -> Any:
    """Return the exchange of a vector, prepared and ready to be sent."""
    bench.core.uniform = lambda: uniform
    bench.core.wall = lambda: NOW
    route = Route(
        vector["method"],
        "/things/{id}",
        (Parameter("id", "id", "path", required=True),),
        credential="none",
        idempotency=vector.get("honoured", False),
    )
    made = Operation("op", "things.do", {vector["major"]: route})
    policy = RetryPolicy(**{"budget": None, **vector.get("policy", {})})
    options = {"deadline": 1e6} if "left" in vector else {}
    exchange = bench.exchange(made, options=options, retry=policy)
    exchange.prepare_for(vector["major"])
    if vector["method"] == "POST" and not vector["key"]:
        exchange.call.idempotency_key = ""
    return exchange


def _decide(vector: dict[str, Any], bench: Any, uniform: float) -> tuple[Any, float]:
    """Play a vector; return what was played, and the wait that followed the outcome."""
    attempt = vector.get("attempt", 1)
    exchange = _exchange(vector, bench, uniform)
    sent: list[Any] = []

    def answer(request: Any) -> Any:
        sent.append(request)
        if len(sent) > attempt:
            return Response(200)
        if len(sent) == attempt and "left" in vector:
            exchange.deadline_at = bench.clock.now() + vector["left"]
            exchange._hurried = vector["left"] <= 0
        return _outcome(vector)

    done = bench.play(exchange.attempts(), *[answer] * (attempt + 1))
    return done, done.slept[attempt - 1] if len(done.slept) >= attempt else -1.0


@pytest.mark.parametrize("vector", _load("decisions"))
def test_an_outcome_is_tried_again_as_the_table_says(
    vector: dict[str, Any], make_bench: Any
) -> None:
    expected = vector["expected"]

    low, first = _decide(vector, make_bench(OpenWOPDialect("test")), 0.0)
    high, last = _decide(vector, make_bench(OpenWOPDialect("test")), 0.999)

    if expected["retry"]:
        assert low.error is None
        assert high.error is None
        if "wait" in expected:
            assert (first, last) == (expected["wait"], expected["wait"])
        else:
            assert first == 0.0
            assert last == pytest.approx(0.999 * expected["jitter_below"])
        keys = {request.headers.get("idempotency-key") for request in high.requests}
        assert len(keys) == 1
        return
    error = low.error
    assert type(error) is KINDS[expected["error"]]
    assert len(low.requests) == vector.get("attempt", 1)
    for name in ("retry_after", "attempts"):
        if name in expected:
            assert getattr(error, name) == expected[name]
    if "last_error" in expected:
        assert type(error.last_error) is KINDS[expected["last_error"]]


@pytest.mark.parametrize("vector", _load("ambiguity"))
def test_a_refusal_leaves_open_what_came_before_it_as_the_table_says(
    vector: dict[str, Any], make_bench: Any
) -> None:
    bench = make_bench(OpenWOPDialect("test"))
    exchange = _exchange({"method": "POST", "honoured": True, "key": True, **vector}, bench, 0.0)
    earlier = [_outcome({"outcome": outcome}) for outcome in vector["earlier"]]

    done = bench.play(exchange.attempts(), *earlier, Response(409))

    assert type(done.error) is tree.ConflictError
    assert len(done.requests) == len(earlier) + 1
    assert vector["expected"] == {"ambiguous": done.error.ambiguous}


@pytest.mark.parametrize("vector", _load("retry-after"))
def test_a_retry_after_is_read_as_the_table_says(vector: dict[str, Any]) -> None:
    assert parse_retry_after(vector["value"], lambda: NOW) == vector["seconds"]


@given(st.text())
def test_no_retry_after_raises_or_is_negative(text: str) -> None:
    seconds = parse_retry_after(text, lambda: NOW)

    assert seconds is None or seconds >= 0


@given(st.integers(min_value=0, max_value=10**12))
def test_whole_seconds_are_read_as_they_are(seconds: int) -> None:
    assert parse_retry_after(str(seconds), lambda: NOW) == seconds


@pytest.mark.parametrize(
    "wrong",
    [
        {"attempts": 0},
        {"attempts": -1},
        {"initial": -0.1},
        {"maximum": -1},
        {"max_retry_after": -1},
        {"initial": float("nan")},
    ],
)
def test_a_policy_refuses_what_makes_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=f"RetryPolicy.{next(iter(wrong))} is"):
        RetryPolicy(**wrong)


@pytest.mark.parametrize("wrong", [{"capacity": -1}, {"refund": -0.5}])
def test_a_budget_refuses_what_makes_no_sense(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=f"RetryBudget.{next(iter(wrong))} is"):
        RetryBudget(**wrong)


def test_the_policy_of_the_design_is_the_default() -> None:
    policy = RetryPolicy()

    assert (policy.attempts, policy.initial, policy.maximum) == (3, 0.5, 8.0)
    assert policy.max_retry_after == 60.0
    assert policy.budget == RetryBudget()


@given(st.integers(min_value=1, max_value=10**6), st.floats(min_value=0, max_value=0.999))
def test_a_backoff_lies_between_nothing_and_its_ceiling(attempt: int, draw: float) -> None:
    policy = RetryPolicy()
    ceiling = min(8.0, 0.5 * 2 ** min(attempt - 1, 10))

    assert policy.backoff(attempt, lambda: draw) == pytest.approx(ceiling * draw)


def test_a_backoff_draws_by_itself() -> None:
    assert 0 <= RetryPolicy().backoff(1) < 0.5


def test_tokens_run_out_and_come_back_with_successes() -> None:
    tokens = Tokens(RetryBudget(capacity=2, refund=0.1))

    assert [tokens.take(), tokens.take(), tokens.take()] == [True, True, False]
    for _ in range(10):
        assert tokens.take() is False
        tokens.give_back()
    assert tokens.take() is True


def test_tokens_never_grow_over_their_capacity() -> None:
    tokens = Tokens(RetryBudget(capacity=1, refund=5))

    tokens.give_back()
    tokens.take()
    tokens.give_back()

    assert tokens.left == 1


def test_without_a_budget_tokens_never_run_out() -> None:
    tokens = Tokens(None)

    tokens.give_back()

    assert all(tokens.take() for _ in range(1000))
