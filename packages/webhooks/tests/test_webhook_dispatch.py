"""The queue, the breaker and the dispatchers, on a virtual clock."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from hypothesis import given, strategies as st

from openwop import errors
from openwop_webhooks import (
    Challenge,
    Delivery,
    EndpointUnverifiedError,
    PayloadUnprojectableError,
)
from openwop_webhooks.dispatch import (
    AsyncDispatcher,
    BreakerPolicy,
    CircuitBreaker,
    DeliveryPolicy,
    EgressGuard,
    Outcome,
    Post,
    Subscription,
)

HOUR, DAY = 3600.0, 86400.0
URL = "https://hooks.example.com/openwop"


def public(host: str, port: int) -> list[str]:
    return ["93.184.215.14"]


class AsyncEndpoint:
    """The asynchronous twin of the endpoint of the fixtures."""

    def __init__(self, endpoint: Any) -> None:
        self.endpoint = endpoint

    async def send(self, post: Post) -> Outcome:
        return self.endpoint.send(post)  # type: ignore[no-any-return]


def event(sequence: int = 0, kind: str = "run.completed", **more: Any) -> dict[str, Any]:
    return {"type": kind, "eventId": f"ev-{sequence:014}", "sequence": sequence, **more}


# What is delivered to whom


def test_an_event_reaches_its_subscriber_signed_in_both_families(
    dispatcher: Any, endpoint: Any, secret: str
) -> None:
    host = dispatcher()
    host.register(URL, ["run.completed"], subscription_id="wh-1", secret=secret)

    host.publish(event(3), run_id="run-1", workspace="ws-1")

    assert 1 == host.run_due()
    (found,) = endpoint.found
    assert isinstance(found, Delivery)
    assert ("wh-1", "run-1", "ws-1", 3) == (
        found.subscription_id, found.run_id, found.workspace, found.sequence,
    )  # fmt: skip
    headers = endpoint.posts[0].headers
    assert headers["OpenWOP-Signature"] == headers["X-openwop-Signature"]
    assert "application/json" == headers["Content-Type"]
    assert headers["User-Agent"].startswith("openwop-webhook-dispatcher/")
    assert 5.0 == endpoint.posts[0].timeout


def test_the_bytes_of_the_stream_are_the_bytes_of_the_delivery(
    dispatcher: Any, endpoint: Any, secret: str
) -> None:
    raw = b'{"type" : "run.completed","eventId":"e","sequence":1,  "payload":{"n":1.50}}'
    host = dispatcher()
    host.register(URL, (), secret=secret)

    host.publish(raw, run_id="run-1")
    host.run_due()

    assert b'{"runId":"run-1","event":' + raw + b"}" == endpoint.posts[0].body


def test_only_what_a_subscription_asked_for_is_delivered(
    dispatcher: Any, endpoint: Any, secret: str
) -> None:
    host = dispatcher()
    host.register(URL, ["run.failed"], subscription_id="type", secret=secret)
    host.register(URL, (), subscription_id="tag", secret=secret, tags=["x"])
    host.register(URL, (), subscription_id="workspace", secret=secret, workspace="ws-2")
    host.register(URL, (), subscription_id="tenant", secret=secret, tenant="other")
    host.register(URL, (), subscription_id="all", secret=secret, workspace="ws-1")

    host.publish(event(), run_id="r", workspace="ws-1", tags=["y"])
    host.run_due()
    host.publish(event(1, "run.failed"), run_id="r", workspace="ws-1", tags=["x", "y"])
    host.run_due()

    assert ["all", "all", "tag", "type"] == sorted(
        post.headers["OpenWOP-Webhook-Id"] for post in endpoint.posts
    )


def test_fixed_history_of_a_replay_is_not_delivered(
    dispatcher: Any, endpoint: Any, secret: str
) -> None:
    host = dispatcher()
    host.register(URL, (), secret=secret)

    assert [] == host.publish(event(), run_id="r", replayed=True)
    assert 0 == host.run_due()


def test_a_host_event_belongs_to_no_run(dispatcher: Any, endpoint: Any, secret: str) -> None:
    host = dispatcher()
    host.register(URL, (), secret=secret)

    host.publish({"type": "host-test.durable-triggered", "eventId": "hv-1"}, run_id=None)
    host.run_due()

    (found,) = endpoint.found
    assert isinstance(found, Delivery)
    assert found.is_host_event
    assert (None, "hv-1") == (found.run_id, found.event_id)


def test_after_unregistering_nothing_is_sent(
    dispatcher: Any, endpoint: Any, secret: str, clock: Any
) -> None:
    host = dispatcher(policy=DeliveryPolicy.durable())
    host.register(URL, (), subscription_id="wh-1", secret=secret)
    endpoint.answers = iter([500])
    host.publish(event(), run_id="r")
    host.run_due()

    assert host.unregister("wh-1")
    clock.now += DAY

    assert 0 == host.run_due()
    assert not host.unregister("wh-1")
    with pytest.raises(KeyError):
        host.dead_letters("wh-1")


def test_an_attempt_that_ends_after_its_subscription_changes_nothing(
    secret: str, clock: Any, dispatcher: Any
) -> None:
    host = dispatcher()
    host.register(URL, (), subscription_id="wh-1", secret=secret)
    host.publish(event(), run_id="r")
    (attempt,) = host.queue.due(clock.now)
    host.unregister("wh-1")

    assert host.queue.settle(attempt, 200, now=clock.now)
    assert not host.queue.settle(attempt, 500, now=clock.now)


# Best effort, and the breaker


def test_best_effort_tries_once_and_drops(
    dispatcher: Any, endpoint: Any, secret: str, clock: Any
) -> None:
    host = dispatcher()
    host.register(URL, (), subscription_id="wh-1", secret=secret)
    endpoint.answers = iter([500])
    host.publish(event(), run_id="r")
    host.run_due()
    clock.now += DAY

    assert 0 == host.run_due()
    assert [] == host.dead_letters("wh-1")
    assert 0 == host.queue.pending


@pytest.mark.parametrize("answer", [199, 301, 302, 307, 400, 410, 500, TimeoutError(), OSError()])
def test_anything_but_a_2xx_is_a_failure(
    answer: Any, dispatcher: Any, endpoint: Any, secret: str
) -> None:
    host = dispatcher(breaker=BreakerPolicy(failures=1))
    host.register(URL, (), subscription_id="wh-1", secret=secret)
    endpoint.answers = iter([answer])

    host.publish(event(), run_id="r")
    host.run_due()

    assert "open" == host.state("wh-1")


def test_four_failures_open_the_circuit_for_an_hour_and_one_success_closes_it(
    dispatcher: Any, endpoint: Any, secret: str, clock: Any
) -> None:
    host = dispatcher()
    host.register(URL, (), subscription_id="wh-1", secret=secret)
    endpoint.answers = iter([500, 200, 500, 500, 500, 500])
    for sequence in range(6):
        assert "closed" == host.state("wh-1")
        host.publish(event(sequence), run_id="r")
        host.run_due()
    assert "open" == host.state("wh-1")

    assert [] == host.publish(event(6), run_id="r"), "what happens meanwhile is dropped"
    clock.now += HOUR - 1
    assert "open" == host.state("wh-1")
    clock.now += 1
    assert "half-open" == host.state("wh-1")
    host.publish(event(7), run_id="r")
    host.run_due()

    assert "closed" == host.state("wh-1")
    assert [0, 1, 2, 3, 4, 5, 7] == endpoint.sequences


def test_a_failed_probe_opens_the_circuit_for_another_hour(
    dispatcher: Any, endpoint: Any, secret: str, clock: Any
) -> None:
    host = dispatcher()
    host.register(URL, (), subscription_id="wh-1", secret=secret)
    endpoint.answers = iter([500] * 5)
    for sequence in range(4):
        host.publish(event(sequence), run_id="r")
        host.run_due()
    clock.now += HOUR

    host.publish(event(4), run_id="r")
    host.run_due()

    assert "open" == host.state("wh-1")
    clock.now += HOUR
    assert "half-open" == host.state("wh-1")


def test_a_hundred_failures_in_seven_days_end_a_subscription_for_good(
    dispatcher: Any, endpoint: Any, secret: str, clock: Any
) -> None:
    host = dispatcher()
    host.register(URL, (), subscription_id="wh-1", secret=secret)
    endpoint.answers = iter([500] * 1000)
    sent = 0
    while host.state("wh-1") != "failed":
        host.publish(event(sent), run_id="r")
        sent += host.run_due()
        clock.now += HOUR

    assert 100 == sent
    clock.now += 30 * DAY
    assert "failed" == host.state("wh-1")
    assert [] == host.publish(event(), run_id="r")


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 2 * HOUR)), max_size=80))
def test_the_breaker_follows_its_definition(steps: list[tuple[bool, float]]) -> None:
    policy = BreakerPolicy(failures=4, open_for=HOUR, fatal_failures=10, fatal_window=DAY)
    breaker, now = CircuitBreaker(policy), 0.0
    failures: list[float] = []
    in_a_row, opened, failed = 0, None, False
    for succeeds, wait in steps:
        now += wait
        if breaker.state(now) in ("open", "failed"):
            continue
        if succeeds:
            breaker.succeeded()
            in_a_row, opened = 0, None
        else:
            breaker.failed(now)
            failures.append(now)
            in_a_row += 1
            failed = failed or sum(at > now - DAY for at in failures) >= 10
            if in_a_row >= 4 or opened is not None:
                opened = now
        expected = "failed" if failed else "closed" if opened is None else "open"
        assert expected == breaker.state(now)


# Durable delivery


@pytest.mark.parametrize(
    ("backoff", "waits"), [("exponential", [1, 2, 4]), ("fixed", [1, 1, 1]), ("none", [0, 0, 0])]
)
def test_durable_delivery_retries_with_its_backoff_and_one_id(
    backoff: Any, waits: list[int], dispatcher: Any, endpoint: Any, whsec: str, clock: Any
) -> None:
    policy = DeliveryPolicy(max_attempts=4, backoff=backoff, delay=1.0, dead_letters=True)
    host = dispatcher(policy=policy, breaker=None)
    endpoint.answers = iter([200, 500, 500, 500, 200])
    host.register(URL, (), secret=whsec, standard=True)
    host.publish(event(), run_id="r")
    times: list[float] = []
    start = clock.now
    while (due := host.queue.next_due()) is not None:
        clock.now = max(clock.now, due)
        attempts = host.queue.due(clock.now)
        for attempt in attempts:
            times.append(clock.now - start)
            host._settle(attempt, host._attempt(attempt))

    total = [sum(waits[:n]) for n in range(4)]
    assert total == times
    deliveries = [post.headers for post in endpoint.posts[1:]]
    assert 1 == len({headers["webhook-id"] for headers in deliveries})
    assert [str(int(start + at)) for at in total] == [h["OpenWOP-Timestamp"] for h in deliveries]


def test_what_cannot_be_delivered_becomes_a_dead_letter_without_its_content(
    dispatcher: Any, endpoint: Any, secret: str, clock: Any
) -> None:
    policy = DeliveryPolicy(max_attempts=2, backoff="none", dead_letters=True, retention=DAY)
    host = dispatcher(policy=policy)
    host.register(URL, (), subscription_id="acme/wh-0000000000000001", secret=secret)
    endpoint.answers = iter([503, TimeoutError()])

    (delivery_id,) = host.publish(event(5, payload={"secret": "s3cr3t"}), run_id="acme/r-1")
    host.run_due()

    (letter,) = host.dead_letters("acme/wh-0000000000000001")
    assert delivery_id.startswith("acme/msg_")
    assert {
        "deliveryId": delivery_id,
        "webhookId": "acme/wh-0000000000000001",
        "runId": "acme/r-1",
        "eventId": "ev-00000000000005",
        "eventType": "run.completed",
        "attempts": 2,
        "deadLetteredAt": "2026-09-21T14:13:20.000Z",
        "expiresAt": "2026-09-22T14:13:20.000Z",
        "reason": "retries_exhausted",
        "lastStatus": 503,
    } == letter.to_dict()
    clock.now += DAY
    assert [] == host.dead_letters("acme/wh-0000000000000001")


def test_dead_letters_come_newest_first(dispatcher: Any, endpoint: Any, secret: str) -> None:
    policy = DeliveryPolicy(dead_letters=True)
    host = dispatcher(policy=policy, breaker=None)
    host.register(URL, (), subscription_id="wh-1", secret=secret)
    endpoint.answers = iter([500] * 3)
    for sequence in range(3):
        host.publish(event(sequence), run_id="r")
        host.run_due()

    assert [f"ev-{n:014}" for n in (2, 1, 0)] == [e.event_id for e in host.dead_letters("wh-1")]


def test_durable_delivery_waits_while_the_circuit_is_open(
    dispatcher: Any, endpoint: Any, secret: str, clock: Any
) -> None:
    host = dispatcher(policy=DeliveryPolicy(max_attempts=9, backoff="none", dead_letters=True))
    host.register(URL, (), subscription_id="wh-1", secret=secret)
    endpoint.answers = iter([500] * 4)
    host.publish(event(0), run_id="r")
    host.run_due()
    assert "open" == host.state("wh-1")
    host.publish(event(1), run_id="r")
    assert clock.now + HOUR == host.queue.next_due()

    clock.now += HOUR
    host.run_due()

    assert [0, 0, 0, 0, 0, 1] == endpoint.sequences
    assert [] == host.dead_letters("wh-1")


def test_a_subscription_that_ends_gives_up_what_waits(
    dispatcher: Any, endpoint: Any, secret: str
) -> None:
    host = dispatcher(
        policy=DeliveryPolicy.durable(), breaker=BreakerPolicy(failures=9, fatal_failures=1)
    )
    host.register(URL, (), subscription_id="wh-1", secret=secret)
    endpoint.answers = iter([500])
    for sequence in range(3):
        host.publish(event(sequence), run_id="r")
    host.run_due()

    assert 3 == len(host.dead_letters("wh-1"))
    assert 0 == host.queue.pending


def test_a_full_queue_gives_up_the_newest(dispatcher: Any, endpoint: Any, secret: str) -> None:
    host = dispatcher(policy=DeliveryPolicy(dead_letters=True, max_pending=2))
    host.register(URL, (), subscription_id="wh-1", secret=secret)

    queued = [len(host.publish(event(sequence), run_id="r")) for sequence in range(3)]

    assert [1, 1, 0] == queued
    assert ["ev-00000000000002"] == [each.event_id for each in host.dead_letters("wh-1")]


def test_what_cannot_be_rendered_is_a_dead_letter_at_once(
    dispatcher: Any, endpoint: Any, secret: str
) -> None:
    def render(subscription: Subscription, document: Any) -> Any:
        if document["sequence"]:
            raise PayloadUnprojectableError("no such member")
        return {**document, "type": "run.renamed"}

    host = dispatcher(policy=DeliveryPolicy.durable(), render=render)
    host.register(URL, (), subscription_id="wh-1", secret=secret)
    host.publish(event(0), run_id="r")
    host.publish(event(1), run_id="r")
    host.run_due()

    (letter,) = host.dead_letters("wh-1")
    assert ("payload_unprojectable", 0) == (letter.reason, letter.attempts)
    assert "run.renamed" == endpoint.posts[0].headers["OpenWOP-Event-Type"]
    assert 1 == len(endpoint.posts)


def test_the_longest_wait_is_bounded() -> None:
    policy = DeliveryPolicy(max_delay=300)

    assert [300.0, 300.0] == [policy.wait_after(20), policy.wait_after(100_000)]


@pytest.mark.parametrize("how", [{"max_attempts": 0}, {"max_pending": 0}, {"timeout": 0}])
def test_a_policy_that_delivers_nothing_is_refused(how: Any) -> None:
    with pytest.raises(errors.ConfigurationError):
        DeliveryPolicy(**how)


# The asynchronous twin


@pytest.mark.anyio
async def test_the_async_dispatcher_delivers_retries_and_challenges(
    endpoint: Any, whsec: str, clock: Any
) -> None:
    host = AsyncDispatcher(
        AsyncEndpoint(endpoint),
        clock=clock,
        guard=EgressGuard(resolver=public),
        policy=DeliveryPolicy(max_attempts=3, backoff="none", dead_letters=True),
    )
    await host.register(URL, (), subscription_id="wh-1", secret=whsec, standard=True)
    assert isinstance(endpoint.found[0], Challenge)
    endpoint.answers = iter([500, OSError(), 200])

    host.publish(event(4), run_id="r")

    assert 3 == await host.run_due()
    assert [4, 4, 4] == endpoint.sequences
    endpoint.answers = iter([404])
    with pytest.raises(EndpointUnverifiedError):
        await host.register(URL, (), secret=whsec, standard=True)


@pytest.mark.anyio
async def test_slow_endpoints_delay_no_other(secret: str, clock: Any) -> None:
    """
    Eight endpoints that never answer are out at once; the ninth is served meanwhile.
    """
    served, started = anyio.Event(), []

    class Sender:
        async def send(self, post: Post) -> Outcome:
            started.append(post.headers["OpenWOP-Webhook-Id"])
            if post.headers["OpenWOP-Webhook-Id"] != "quick":
                await anyio.sleep_forever()
            served.set()
            return Outcome(204)

    host = AsyncDispatcher(Sender(), clock=clock, guard=EgressGuard(resolver=public))
    for name in ("quick", *(f"slow-{n}" for n in range(8))):
        host.add(Subscription(name, URL, secret))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(host.run)
        host.publish(event(), run_id="r")
        with anyio.fail_after(20):
            await served.wait()
        while len(started) < 9:
            await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()

    assert 9 == len(set(started))


@pytest.mark.anyio
async def test_an_attempt_ends_with_its_time(secret: str, clock: Any) -> None:
    class Sender:
        async def send(self, post: Post) -> Outcome:
            await anyio.sleep_forever()
            raise AssertionError

    host = AsyncDispatcher(
        Sender(),
        clock=clock,
        guard=EgressGuard(resolver=public),
        policy=DeliveryPolicy(timeout=0.01, dead_letters=True),
    )
    host.add(Subscription("wh-1", URL, secret))
    host.publish(event(), run_id="r")

    assert 1 == await host.run_due()
    assert [None] == [letter.last_status for letter in host.dead_letters("wh-1")]


@pytest.mark.anyio
async def test_no_more_attempts_are_out_than_allowed(secret: str, clock: Any) -> None:
    out, most = [0], [0]

    class Sender:
        async def send(self, post: Post) -> Outcome:
            out[0] += 1
            most[0] = max(most[0], out[0])
            await anyio.lowlevel.checkpoint()
            out[0] -= 1
            return Outcome(200)

    host = AsyncDispatcher(Sender(), outstanding=8, clock=clock, guard=EgressGuard(resolver=public))
    for number in range(20):
        host.add(Subscription(f"wh-{number}", URL, secret))
    host.publish(event(), run_id="r")

    assert 20 == await host.run_due()
    assert most[0] <= 8


def test_fewer_than_eight_at_once_is_below_the_protocol() -> None:
    with pytest.raises(errors.ConfigurationError):
        AsyncDispatcher(outstanding=7)
