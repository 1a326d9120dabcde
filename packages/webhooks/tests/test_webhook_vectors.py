"""The language-neutral vectors of spec/vectors/webhooks: on verifier, signer and egress guard."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from openwop_webhooks import Challenge, Delivery, Verifier, WebhookVerificationError, sign
from openwop_webhooks.dispatch import DeliveryQueue, EgressGuard, Subscription
from openwop_webhooks.errors import WebhookUrlRejectedError


def body_of(vector: dict[str, Any]) -> bytes:
    if "body" in vector:
        return str(vector["body"]).encode()
    return base64.b64decode(vector["body_base64"])


def judge(vector: dict[str, Any], headers: Any) -> dict[str, Any]:
    """Return the outcome in the words of the vectors."""
    limits = {name: vector[name] for name in ("tolerance", "max_body") if name in vector}
    verifier = Verifier(vector["secrets"], clock=lambda: vector["now"], **limits)
    try:
        found = verifier.verify(headers, body_of(vector))
        if isinstance(found, Challenge):
            return {"challenge": json.loads(found.answer())["challenge"]}
        return {
            "delivery": {
                "subscription_id": found.subscription_id,
                "run_id": found.run_id,
                "workspace": found.workspace,
                "event_type": found.event_type,
                "event_id": found.event_id,
                "sequence": found.sequence,
            }
        }
    except WebhookVerificationError as error:
        return {"reason": error.reason}


@pytest.mark.vectors("valid", "standard", "rotation", "clock", "invalid")
def test_pairs_of_headers_are_judged_as_the_vector_says(vector: dict[str, Any]) -> None:
    assert vector["expect"] == judge(vector, vector["headers"])


@pytest.mark.vectors("valid", "standard", "rotation", "clock", "invalid")
def test_a_dict_of_headers_is_judged_alike(vector: dict[str, Any]) -> None:
    headers = dict(map(tuple, vector["headers"]))
    if len(headers) < len(vector["headers"]):
        headers = {name: [v for n, v in vector["headers"] if n == name] for name in headers}

    assert vector["expect"] == judge(vector, headers)


@pytest.mark.vectors("valid", "standard", "rotation", "clock", "invalid")
def test_headers_of_bytes_are_judged_alike(vector: dict[str, Any]) -> None:
    try:
        headers = [(n.encode("latin-1"), v.encode("latin-1")) for n, v in vector["headers"]]
    except UnicodeEncodeError:
        pytest.skip("not expressible in HTTP")

    assert vector["expect"] == judge(vector, headers)


@pytest.mark.vectors("signing")
def test_sign_makes_the_headers_of_the_vector(vector: dict[str, Any]) -> None:
    made = sign(
        str(vector["body"]).encode(),
        vector["secret"],
        webhook_id=vector["webhook_id"],
        event_type=vector["event_type"],
        timestamp=vector["timestamp"],
        families=vector["families"],
        standard_id=vector["standard_id"],
        previous_secret=vector["previous_secret"],
    )

    assert vector["headers"] == made


@pytest.mark.vectors("signing")
def test_the_dispatcher_signs_as_the_vector_does(vector: dict[str, Any]) -> None:
    """
    An attempt of the queue over the same body carries what `sign` would give for its own ids.
    """
    document = json.loads(vector["body"] or "{}")
    if "event" not in document:
        pytest.skip("the body is no delivery")
    queue = DeliveryQueue()
    queue.add(
        Subscription(
            id=vector["webhook_id"],
            url="https://hooks.example.com/",
            secret=vector["secret"],
            standard=vector["standard_id"] is not None,
            families=tuple(vector["families"]),
            previous_secret=vector["previous_secret"],
            previous_until=vector["timestamp"] + 1,
        )
    )
    raw = vector["body"][vector["body"].index('"event":') + 8 : -1].encode()
    queue.publish(raw, now=vector["timestamp"], run_id=document["runId"], workspace="ws-1")

    (attempt,) = queue.due(vector["timestamp"])

    expected = sign(
        vector["body"].encode(),
        vector["secret"],
        webhook_id=vector["webhook_id"],
        event_type=document["event"]["type"],
        timestamp=vector["timestamp"],
        families=vector["families"],
        standard_id=attempt.headers.get("webhook-id"),
        previous_secret=vector["previous_secret"],
    )
    assert vector["body"].encode() == attempt.body
    assert expected == {name: attempt.headers[name] for name in expected}
    assert (vector["standard_id"] is not None) == ("webhook-id" in attempt.headers)


@pytest.mark.vectors("dedup")
def test_two_deliveries_have_one_key_where_the_vector_says_so(vector: dict[str, Any]) -> None:
    keys: list[str] = []
    for each in (vector["first"], vector["second"]):
        verifier = Verifier(vector["secrets"], clock=lambda: each["now"])  # noqa: B023
        found = verifier.verify(each["headers"], body_of(each))
        assert isinstance(found, Delivery)
        keys.append(found.dedup_key)

    assert vector["same"] == (keys[0] == keys[1])


@pytest.mark.vectors("egress")
def test_the_guard_lets_through_what_the_vector_lets_through(vector: dict[str, Any]) -> None:
    guard = EgressGuard(resolver=lambda host, port: vector["addresses"])
    try:
        addresses = list(guard.resolve(vector["url"]).addresses)
    except WebhookUrlRejectedError:
        addresses = []

    assert (vector["addresses"] if vector["allowed"] else []) == addresses
