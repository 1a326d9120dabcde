"""Typed events of deliveries, and the event router of core as a handler."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from openwop.events import HostEvent, RunCompleted, RunEvent, UnknownEvent
from openwop.routing import EventRouter
from openwop_webhooks import Answer, Delivery, Receiver, Verifier, WebhookVerificationError, sign

NOW = 1_790_000_000


@pytest.fixture
def deliver(secret: str, make_verifier: Callable[..., Verifier]) -> Callable[..., Delivery]:
    def make(**document: Any) -> Delivery:
        body = json.dumps(document).encode()
        headers = sign(body, secret, webhook_id="wh-1", event_type="e", timestamp=NOW)
        found = make_verifier().verify(headers, body)
        assert isinstance(found, Delivery)
        return found

    return make


def test_an_event_comes_in_the_class_of_its_type(deliver: Any) -> None:
    document = {"type": "run.completed", "sequence": 4, "payload": {"outputs": {"n": 1}}}

    event = deliver(runId="r", event=document).event

    assert isinstance(event, RunCompleted)
    assert ("run.completed", 4, {"n": 1}) == (event.type, event.sequence, event.payload.outputs)


def test_an_older_spelling_is_read_and_kept(deliver: Any) -> None:
    delivery = deliver(runId="r", event={"type": "artifact.created", "sequence": 1, "payload": {}})
    older = deliver(runId="r", event={"type": "trigger.subscription.state.changed", "payload": {}})

    assert "artifact.created" == delivery.event.type
    assert "trigger.subscription-state-changed" == older.event.type
    assert older.event_type == older.event.raw_type == "trigger.subscription.state.changed"


def test_an_unknown_type_is_an_unknown_event(deliver: Any) -> None:
    event = deliver(runId="r", event={"type": "acme.made-up", "payload": {"a": 1}}).event

    assert isinstance(event, UnknownEvent)
    assert {"a": 1} == event.payload


def test_a_host_event_comes_as_one(deliver: Any) -> None:
    event = deliver(hostEvent={"type": "host-test.durable-triggered", "eventId": "h"}).event

    assert isinstance(event, HostEvent)
    assert not isinstance(event, RunEvent)


def test_an_event_is_decoded_once(deliver: Any) -> None:
    delivery = deliver(runId="r", event={"type": "run.completed", "payload": {}})

    assert delivery.event is delivery.event


@pytest.mark.parametrize("event", [{"type": 7}, {}, {"type": "run.completed", "eventId": 7}])
def test_an_event_of_the_wrong_shape_is_a_malformed_body(event: Any, deliver: Any) -> None:
    with pytest.raises(WebhookVerificationError) as caught:
        _ = deliver(runId="r", event=event).event

    assert "malformed_body" == caught.value.reason


def test_a_router_of_plain_and_coroutine_functions_is_a_handler(
    signed: Any, make_verifier: Callable[..., Verifier]
) -> None:
    seen: list[object] = []
    router = EventRouter()

    @router.on("node.completed")
    def plain(event: RunEvent) -> None:
        seen.append(("plain", event.sequence))

    @router.on("node.*")
    async def coroutine(event: RunEvent) -> None:
        await asyncio.sleep(0)
        seen.append(("coroutine", event.sequence))

    receiver = Receiver(make_verifier(), router)
    first, second = signed(1), signed(2)

    assert Answer(200) == receiver.receive(first.headers, first.body)
    assert Answer(200) == asyncio.run(receiver.receive_async(second.headers, second.body))
    assert [("plain", 1), ("coroutine", 1), ("plain", 2), ("coroutine", 2)] == seen
    receiver.close()
