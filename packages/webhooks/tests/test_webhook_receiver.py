"""The receiver: what is answered when, sync and async."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from openwop import errors
from openwop_webhooks import Answer, Delivery, MemoryReplayGuard, Receiver, Verifier

OK, REFUSED, TOO_LARGE, LATER = Answer(200), Answer(400), Answer(413), Answer(503)
KIND = ["sync", "inline", "async"]


class Both:
    """A receiver that is asked in one of three ways."""

    def __init__(self, kind: str, verifier: Verifier, handler: Any, **how: Any) -> None:
        self.kind = kind
        if kind == "inline":
            how["answer_within"] = None
        self.receiver = Receiver(verifier, handler, **how)

    def __call__(self, sent: Any) -> Answer:
        if self.kind == "async":
            return asyncio.run(self.receiver.receive_async(sent.headers, sent.body))
        return self.receiver.receive(sent.headers, sent.body)


@pytest.fixture(params=KIND)
def receive(
    request: pytest.FixtureRequest, make_verifier: Callable[..., Verifier]
) -> Iterator[Callable[..., Both]]:
    made: list[Both] = []

    def make(handler: Any, *, verifier: Verifier | None = None, **how: Any) -> Both:
        made.append(Both(request.param, verifier or make_verifier(), handler, **how))
        return made[-1]

    yield make
    for each in made:
        each.receiver.close()


def test_a_delivery_is_handled_and_answered_with_an_empty_200(receive: Any, signed: Any) -> None:
    seen: list[Delivery] = []

    assert OK == receive(seen.append)(signed())

    assert [("run-42", 7, "node.completed")] == [
        (each.run_id, each.sequence, each.event_type) for each in seen
    ]


def test_an_async_handler_is_awaited_whoever_asks(receive: Any, signed: Any) -> None:
    seen: list[str | None] = []

    async def handle(delivery: Delivery) -> None:
        await anyio.lowlevel.checkpoint()
        seen.append(delivery.run_id)

    assert OK == receive(handle)(signed())
    assert ["run-42"] == seen


def test_a_callable_that_returns_an_awaitable_is_awaited(receive: Any, signed: Any) -> None:
    seen: list[str | None] = []

    class Router:
        def __call__(self, delivery: Delivery) -> Any:
            async def handle() -> None:
                seen.append(delivery.run_id)

            return handle()

    assert OK == receive(Router())(signed())
    assert ["run-42"] == seen


def test_a_duplicate_is_answered_with_200_and_not_handled(receive: Any, signed: Any) -> None:
    seen: list[Delivery] = []
    ask = receive(seen.append)

    assert [OK, OK, OK] == [ask(signed()), ask(signed()), ask(signed(timestamp=1_790_000_100))]
    assert 1 == len(seen)


def test_every_refusal_is_one_empty_400(receive: Any, signed: Any) -> None:
    ask = receive(lambda delivery: pytest.fail("not authentic"))
    sent = signed()
    others = [
        sent.with_header("OpenWOP-Signature", "x"),
        sent.with_header("OpenWOP-Signature-Algorithm", "none"),
        sent.with_header("OpenWOP-Timestamp", "1"),
        signed(key="another"),
        type(sent)({}, sent.body),
        type(sent)(sent.headers, b""),
        type(sent)(sent.headers, "text"),
    ]

    assert [REFUSED] * len(others) == [ask(each) for each in others]


def test_a_signed_body_that_is_no_delivery_is_a_400(
    receive: Any, signed: Any, secret: str, now: int
) -> None:
    from openwop_webhooks import sign

    body = b"[]"
    headers = sign(body, secret, webhook_id="w", event_type="e", timestamp=now)

    assert REFUSED == receive(lambda delivery: None)(type(signed())(headers, body))


def test_a_body_over_the_limit_is_a_413(
    receive: Any, signed: Any, make_verifier: Callable[..., Verifier]
) -> None:
    ask = receive(lambda delivery: None, verifier=make_verifier(max_body=20))

    assert TOO_LARGE == ask(signed())


def test_a_challenge_is_answered(receive: Any, challenge: Any) -> None:
    ask = receive(lambda delivery: pytest.fail("no delivery"))

    assert Answer(200, b'{"challenge":"c0ffee"}', "application/json") == ask(challenge)


def test_a_store_that_is_down_is_a_503_and_nothing_is_handled(
    receive: Any, signed: Any, broken_guard: Any, make_verifier: Callable[..., Verifier]
) -> None:
    verifier = make_verifier(replay_guard=broken_guard)

    assert LATER == receive(lambda delivery: pytest.fail("unclaimed"), verifier=verifier)(signed())


def test_a_delivery_in_progress_is_a_503(
    receive: Any, signed: Any, make_verifier: Callable[..., Verifier]
) -> None:
    sent, verifier = signed(), make_verifier(replay_guard=MemoryReplayGuard())
    elsewhere = verifier.verify(sent.headers, sent.body)
    ask = receive(lambda delivery: pytest.fail("claimed elsewhere"), verifier=verifier)
    assert LATER == ask(sent)

    assert isinstance(elsewhere, Delivery)
    elsewhere.complete()

    assert OK == ask(sent)


def test_a_handler_that_fails_gets_the_delivery_again(
    receive: Any, signed: Any, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[Delivery] = []

    def handle(delivery: Delivery) -> None:
        seen.append(delivery)
        if len(seen) == 1:
            raise RuntimeError("once")

    ask = receive(handle)

    assert [LATER, OK, OK] == [ask(signed()), ask(signed()), ask(signed())]
    assert 2 == len(seen)
    assert ["webhook handler failed, answered 503"] == [
        record.message for record in caplog.records if record.levelno >= logging.ERROR
    ]


def test_refusals_are_logged_with_their_reason_and_without_secrets(
    receive: Any, signed: Any, caplog: pytest.LogCaptureFixture, secret: str
) -> None:
    caplog.set_level(logging.DEBUG, "openwop.webhooks")

    receive(lambda delivery: None)(signed(key="another"))

    assert "signature_mismatch" in caplog.text
    assert secret not in caplog.text


def test_a_handled_delivery_is_a_200_although_the_store_went_down_meanwhile(
    receive: Any,
    signed: Any,
    make_verifier: Callable[..., Verifier],
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Failing(MemoryReplayGuard):
        def complete(self, key: str, token: str) -> bool:
            raise ConnectionError

    ask = receive(lambda delivery: None, verifier=make_verifier(replay_guard=Failing()))

    assert OK == ask(signed())
    assert "the replay guard did not take" in caplog.text


def test_a_handler_that_outlived_its_claim_is_told_in_the_log(
    receive: Any,
    signed: Any,
    make_verifier: Callable[..., Verifier],
    clock: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    guard = MemoryReplayGuard(lease=60, retention=1000, clock=clock)

    def handle(delivery: Delivery) -> None:
        clock.now += 61
        guard.claim(delivery.dedup_key)

    ask = receive(handle, verifier=make_verifier(clock=lambda: 1_790_000_000, replay_guard=guard))

    assert OK == ask(signed())
    assert "outlived its claim of 60 s" in caplog.text


def test_context_variables_of_the_request_reach_the_handler(receive: Any, signed: Any) -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable")
    variable.set("of the request")
    seen: list[str] = []

    receive(lambda delivery: seen.append(variable.get()))(signed())

    assert ["of the request"] == seen


@pytest.mark.parametrize("answer_within", [0, -1])
def test_a_bound_that_cannot_be_kept_is_refused(
    answer_within: float, make_verifier: Callable[..., Verifier]
) -> None:
    with pytest.raises(errors.ConfigurationError):
        Receiver(make_verifier(), print, answer_within=answer_within)


# Handlers that take too long


def test_an_overrunning_handler_is_a_503_now_and_a_200_when_it_has_finished(
    signed: Any, make_verifier: Callable[..., Verifier]
) -> None:
    go, done, seen = threading.Event(), threading.Event(), []

    class Guard(MemoryReplayGuard):
        def complete(self, key: str, token: str) -> bool:
            held = super().complete(key, token)
            done.set()
            return held

    def handle(delivery: Delivery) -> None:
        seen.append(delivery)
        go.wait(30)

    verifier = make_verifier(replay_guard=Guard())
    receiver = Receiver(verifier, handle, answer_within=0.02)
    sent = signed()

    first = receiver.receive(sent.headers, sent.body)
    second = receiver.receive(sent.headers, sent.body)
    go.set()
    assert done.wait(30)
    third = receiver.receive(sent.headers, sent.body)

    assert [LATER, LATER, OK] == [first, second, third]
    assert 1 == len(seen)
    receiver.close()


def test_a_delivery_that_found_no_free_thread_was_not_begun(
    signed: Any, make_verifier: Callable[..., Verifier], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openwop_webhooks.receiver._WORKERS", 1)
    go, seen = threading.Event(), []

    def handle(delivery: Delivery) -> None:
        seen.append(delivery.sequence)
        go.wait(30)

    receiver = Receiver(make_verifier(), handle, answer_within=0.02)
    one, two = signed(1), signed(2)

    assert LATER == receiver.receive(one.headers, one.body)
    assert LATER == receiver.receive(two.headers, two.body)
    go.set()
    receiver.close()

    assert [1] == seen


def test_an_overrunning_coroutine_goes_on_and_is_a_200_when_it_has_finished(
    signed: Any, make_verifier: Callable[..., Verifier]
) -> None:
    seen: list[Delivery] = []

    async def scenario() -> list[Answer]:
        go = asyncio.Event()

        async def handle(delivery: Delivery) -> None:
            seen.append(delivery)
            await go.wait()

        receiver = Receiver(make_verifier(), handle, answer_within=0.02)
        sent = signed()
        answers = [await receiver.receive_async(sent.headers, sent.body) for _ in range(2)]
        go.set()
        await asyncio.gather(*receiver._tasks)
        return [*answers, await receiver.receive_async(sent.headers, sent.body)]

    assert [LATER, LATER, OK] == asyncio.run(scenario())
    assert 1 == len(seen)


def test_a_loop_that_ends_gives_unfinished_claims_back(
    signed: Any, make_verifier: Callable[..., Verifier]
) -> None:
    seen: list[Delivery] = []
    guard = MemoryReplayGuard()

    async def handle(delivery: Delivery) -> None:
        seen.append(delivery)
        await asyncio.Event().wait()

    receiver = Receiver(make_verifier(replay_guard=guard), handle, answer_within=0.02)
    sent = signed()

    assert LATER == asyncio.run(receiver.receive_async(sent.headers, sent.body))

    assert 0 == guard.count()
    assert 1 == len(seen)


@pytest.mark.parametrize("answer_within", [0.02, None])
def test_a_coroutine_ends_with_its_lease_so_that_two_never_handle_at_once(
    answer_within: float | None, signed: Any, make_verifier: Callable[..., Verifier]
) -> None:
    guard = MemoryReplayGuard(lease=0.04)
    ended: list[str] = []

    async def handle(delivery: Delivery) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    async def scenario() -> Answer:
        receiver = Receiver(make_verifier(replay_guard=guard), handle, answer_within=answer_within)
        sent = signed()
        answer = await receiver.receive_async(sent.headers, sent.body)
        await asyncio.gather(*receiver._tasks)
        return answer

    assert LATER == asyncio.run(scenario())
    assert ["cancelled"] == ended
    assert 0 == guard.count()


def test_on_trio_an_overrunning_handler_is_cancelled_and_its_claim_released(
    signed: Any, make_verifier: Callable[..., Verifier]
) -> None:
    trio = pytest.importorskip("trio")
    guard = MemoryReplayGuard()
    ended: list[str] = []

    async def handle(delivery: Delivery) -> None:
        try:
            await anyio.sleep_forever()
        finally:
            ended.append("cancelled")

    receiver = Receiver(make_verifier(replay_guard=guard), handle, answer_within=0.02)
    sent = signed()

    assert LATER == trio.run(receiver.receive_async, sent.headers, sent.body)
    assert ["cancelled"] == ended
    assert 0 == guard.count()


def test_on_trio_a_delivery_is_handled_and_a_failure_released(
    signed: Any, make_verifier: Callable[..., Verifier]
) -> None:
    trio = pytest.importorskip("trio")
    seen: list[Delivery] = []

    async def handle(delivery: Delivery) -> None:
        seen.append(delivery)
        if len(seen) == 1:
            raise ValueError

    receiver = Receiver(make_verifier(), handle)
    sent = signed()

    assert [LATER, OK, OK] == [
        trio.run(receiver.receive_async, sent.headers, sent.body) for _ in range(3)
    ]
    assert 2 == len(seen)
