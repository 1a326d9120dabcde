"""Who is delivered to: registration, challenges, rotations, and where a host may post to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openwop import errors
from openwop_webhooks import (
    Challenge,
    Delivery,
    EndpointUnverifiedError,
    Verifier,
    WebhookUrlRejectedError,
)
from openwop_webhooks.dispatch import (
    BreakerPolicy,
    EgressGuard,
    Outcome,
    Subscription,
)

URL = "https://hooks.example.com/openwop"


def event(sequence: int = 0, kind: str = "run.completed", **more: Any) -> dict[str, Any]:
    return {"type": kind, "eventId": f"ev-{sequence:014}", "sequence": sequence, **more}


# Registration, challenge, rotation


def test_an_endpoint_that_echoes_its_challenge_is_registered(
    dispatcher: Any, endpoint: Any, whsec: str
) -> None:
    subscription = dispatcher().register(URL, (), secret=whsec, standard=True)

    (post,) = endpoint.posts
    assert isinstance(endpoint.found[0], Challenge)
    assert "openwop.webhook.verification" == json.loads(post.body)["type"]
    assert not any("openwop" in name.lower() for name in post.headers)
    assert (10.0, True) == (post.timeout, post.reads_body)
    assert whsec not in repr(subscription)


@pytest.mark.parametrize(
    "answer",
    [
        Outcome(200),
        Outcome(200, b"{}"),
        Outcome(200, b'{"challenge":"other"}'),
        Outcome(200, b'{"challenge":7}'),
        Outcome(200, b"[]"),
        Outcome(200, b"\xff"),
        Outcome(307, b"{}"),
        404,
        TimeoutError(),
    ],
)
def test_an_endpoint_that_does_not_echo_is_not_registered(
    answer: Any, dispatcher: Any, endpoint: Any, whsec: str
) -> None:
    host = dispatcher()
    endpoint.answers = iter([answer])

    with pytest.raises(EndpointUnverifiedError) as caught:
        host.register(URL, (), subscription_id="wh-1", secret=whsec, standard=True)

    assert "webhook_endpoint_unverified" == caught.value.code
    assert [] == list(host.queue)
    assert 1 == len(endpoint.posts)


def test_a_plain_subscription_is_never_challenged(dispatcher: Any, endpoint: Any) -> None:
    subscription = dispatcher().register(URL, ())

    assert [] == endpoint.posts
    assert 64 == len(subscription.secret)


@pytest.mark.parametrize("secret_of", ["none", "plain"])
def test_the_standard_form_needs_the_subscribers_whsec_secret(
    secret_of: str, dispatcher: Any, secret: str
) -> None:
    with pytest.raises(errors.ConfigurationError):
        dispatcher().register(
            URL, (), standard=True, secret=secret if secret_of == "plain" else None
        )


def test_two_subscriptions_cannot_share_an_id(dispatcher: Any, secret: str) -> None:
    host = dispatcher()
    host.add(Subscription("wh-1", URL, secret))

    with pytest.raises(errors.ConfigurationError):
        host.add(Subscription("wh-1", URL, secret))


def test_a_rotation_overlaps_and_then_the_previous_secret_signs_nothing(
    dispatcher: Any, endpoint: Any, whsec: str, clock: Any
) -> None:
    from openwop_webhooks import make_secret

    host, fresh = dispatcher(), make_secret(standard=True)
    host.register(URL, (), subscription_id="wh-1", secret=whsec, standard=True)
    both = [Verifier(whsec, clock=clock), Verifier(fresh, clock=clock)]
    endpoint.verifier = Verifier([whsec, fresh], clock=clock)
    rotated, until = host.rotate_secret("wh-1", fresh, overlap=60)
    assert (clock.now, clock.now + 60) == (rotated, until)
    accepted: list[list[bool]] = []
    entries: list[int] = []

    for wait in (0, 59.9, 0.1):
        clock.now += wait
        host.publish(event(int(clock.now)), run_id="r")
        host.run_due()
        post = endpoint.posts[-1]
        entries.append(len(post.headers["webhook-signature"].split(" ")))
        openwop = {n: v for n, v in post.headers.items() if not n.startswith("webhook-")}
        accepted.append([accepts(each, openwop, post.body) for each in both])

    assert [2, 2, 1] == entries
    assert [[True, False], [True, False], [False, True]] == accepted


def accepts(verifier: Verifier, headers: Any, body: bytes) -> bool:
    try:
        return isinstance(verifier.verify(headers, body), Delivery)
    except errors.OpenWOPError:
        return False


def test_a_second_rotation_ends_the_oldest_secret_at_once(
    dispatcher: Any, endpoint: Any, whsec: str, clock: Any
) -> None:
    from openwop_webhooks import make_secret

    host = dispatcher()
    second, third = make_secret(standard=True), make_secret(standard=True)
    host.register(URL, (), subscription_id="wh-1", secret=whsec, standard=True)
    host.rotate_secret("wh-1", second)
    host.rotate_secret("wh-1", third)
    endpoint.verifier = Verifier([second, third], clock=clock)
    host.publish(event(), run_id="r")
    host.run_due()
    post = endpoint.posts[-1]

    assert [False, True, True] == [
        accepts(Verifier(each, clock=clock), post.headers, post.body)
        for each in (whsec, second, third)
    ]


def test_a_plain_subscription_cannot_rotate(dispatcher: Any, secret: str, whsec: str) -> None:
    host = dispatcher()
    host.register(URL, (), subscription_id="wh-1", secret=secret)

    with pytest.raises(errors.ConfigurationError):
        host.rotate_secret("wh-1", whsec)
    with pytest.raises(KeyError):
        host.rotate_secret("wh-2", whsec)


# Where it may post to


def test_a_refused_url_is_not_registered(dispatcher: Any, secret: str) -> None:
    host = dispatcher()
    for url in ("http://hooks.example.com/", "https://localhost/", "https://10.0.0.1/"):
        with pytest.raises(WebhookUrlRejectedError) as caught:
            host.register(url, (), secret=secret)
        assert "webhook_url_rejected" == caught.value.code
        assert "10.0.0.1" not in str(caught.value)
    with pytest.raises(WebhookUrlRejectedError):
        host.add(Subscription("wh-1", "https://localhost/", secret))


def test_a_name_that_turns_private_after_registration_is_not_connected_to(
    dispatcher: Any, endpoint: Any, secret: str
) -> None:
    addresses = iter([["93.184.215.14"], ["93.184.215.14", "10.0.0.1"], ["93.184.215.15"]])
    host = dispatcher(guard=EgressGuard(resolver=lambda name, port: next(addresses)))
    host.register(URL, (), subscription_id="wh-1", secret=secret)
    for sequence in (1, 2):
        host.publish(event(sequence), run_id="r")
        host.run_due()

    assert [2] == endpoint.sequences
    assert ("93.184.215.15",) == endpoint.posts[0].target.addresses


def test_a_name_that_does_not_resolve_is_a_failed_attempt(
    dispatcher: Any, endpoint: Any, secret: str
) -> None:
    def resolver(name: str, port: int) -> list[str]:
        raise OSError("no such host")

    host = dispatcher(guard=EgressGuard(resolver=resolver), breaker=BreakerPolicy(failures=1))
    host.add(Subscription("wh-1", URL, secret))
    host.publish(event(), run_id="r")
    host.run_due()

    assert "open" == host.state("wh-1")
    assert [] == endpoint.posts


def test_networks_can_be_allowed_and_denied() -> None:
    guard = EgressGuard(
        allow_networks=["10.1.0.0/16"],
        deny_networks=["93.184.0.0/16"],
        resolver=lambda name, port: [name],
    )

    assert guard.resolve("https://10.1.2.3/").addresses
    for url in ("https://10.2.0.1/", "https://93.184.215.14/"):
        with pytest.raises(WebhookUrlRejectedError):
            guard.resolve(url)
