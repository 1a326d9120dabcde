"""Webhook deliveries: counted by outcome, handled in a span that is linked to their origin."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode

from openwop_otel import WebhookTracing
from openwop_webhooks import (
    Receiver,
    Verifier,
    WebhookVerificationError,
    make_secret,
    sign,
    sign_challenge,
)

TRACE, SPAN = "a" * 32, "b" * 16
BODY = json.dumps(
    {
        "runId": "r",
        "workspaceId": "w",
        "event": {
            "eventId": "e",
            "runId": "r",
            "type": "run.completed",
            "sequence": 7,
            "payload": {},
        },
    }
).encode()


@pytest.fixture
def secret() -> Any:
    return make_secret()


@pytest.fixture
def tracing(telemetry: Any) -> WebhookTracing:
    return WebhookTracing(
        tracer_provider=telemetry.tracer_provider, meter_provider=telemetry.meter_provider
    )


def signed(secret: Any, body: bytes = BODY, **extra: str) -> dict[str, str]:
    """Return the headers of a delivery that comes from our span."""
    headers = sign(body, secret, webhook_id="sub", event_type="run.completed")
    return {**headers, "traceparent": f"00-{TRACE}-{SPAN}-01", **extra}


def outcomes(telemetry: Any) -> dict[str, int]:
    points = telemetry.points("openwop.webhook.verifications")
    return {point.attributes["openwop.webhook.outcome"]: point.value for point in points}


def test_a_handler_runs_in_a_span_that_is_linked_to_the_deliverys_origin(
    telemetry: Any, tracing: WebhookTracing, secret: Any
) -> None:
    current: list[Any] = []
    verifier, handler = tracing.wrap(
        Verifier(secret), lambda delivery: current.append(trace.get_current_span())
    )

    answer = Receiver(verifier, handler).receive(signed(secret), BODY)

    assert 200 == answer.status
    span = telemetry.the("openwop webhook.delivery")
    assert [span.get_span_context()] == [found.get_span_context() for found in current]
    assert span.kind is SpanKind.CONSUMER
    assert span.parent is None
    (link,) = span.links
    assert (TRACE, SPAN) == (
        format(link.context.trace_id, "032x"),
        format(link.context.span_id, "016x"),
    )
    assert {"openwop.link": "webhook"} == dict(link.attributes)
    assert {
        "openwop.event_seq": 7,
        "openwop.event_type": "run.completed",
        "openwop.run_id": "r",
        "openwop.webhook.subscription_id": "sub",
    } == dict(span.attributes)
    assert {"accepted": 1} == outcomes(telemetry)


def test_an_async_handler_is_traced_to_its_end(
    telemetry: Any, tracing: WebhookTracing, secret: Any
) -> None:
    async def handle(delivery: Any) -> None:
        await asyncio.sleep(0)
        assert trace.get_current_span().is_recording()

    verifier, handler = tracing.wrap(Verifier(secret), handle)

    answer = asyncio.run(Receiver(verifier, handler).receive_async(signed(secret), BODY))

    assert 200 == answer.status
    assert 1 == len(telemetry.the("openwop webhook.delivery").links)


def test_a_plain_handler_that_returns_something_to_await_is_still_one_span(
    telemetry: Any, tracing: WebhookTracing, secret: Any
) -> None:
    seen: list[str] = []

    async def ended(delivery: Any) -> None:
        await asyncio.sleep(0)
        assert trace.get_current_span().is_recording()
        seen.append(delivery.event_type)

    verifier, handler = tracing.wrap(Verifier(secret), lambda delivery: ended(delivery))

    assert 200 == Receiver(verifier, handler).receive(signed(secret), BODY).status
    assert ["run.completed"] == seen
    assert 1 == len(telemetry.named("openwop webhook.delivery"))


def test_a_handler_that_fails_marks_its_span_and_the_host_may_try_again(
    telemetry: Any, tracing: WebhookTracing, secret: Any
) -> None:
    def handle(delivery: Any) -> None:
        raise LookupError("about Ada")

    verifier, handler = tracing.wrap(Verifier(secret), handle)

    assert 503 == Receiver(verifier, handler).receive(signed(secret), BODY).status

    span = telemetry.the("openwop webhook.delivery")
    assert (StatusCode.ERROR, "LookupError") == (span.status.status_code, span.status.description)
    assert "Ada" not in span.to_json()


def test_an_async_handler_that_fails_marks_its_span(
    telemetry: Any, tracing: WebhookTracing, secret: Any
) -> None:
    async def handle(delivery: Any) -> None:
        raise LookupError

    verifier, handler = tracing.wrap(Verifier(secret), handle)

    asyncio.run(Receiver(verifier, handler).receive_async(signed(secret), BODY))

    assert telemetry.the("openwop webhook.delivery").status.status_code is StatusCode.ERROR


def test_every_verification_is_counted_under_its_reason(
    telemetry: Any, tracing: WebhookTracing, secret: Any
) -> None:
    verifier, _ = tracing.wrap(Verifier(secret), print)
    headers = signed(secret)

    verifier.verify(headers, BODY)
    for bad in (signed(make_secret()), {}):
        with pytest.raises(WebhookVerificationError):
            verifier.verify(bad, BODY)
    asyncio.run(verifier.verify_async(headers, BODY))

    assert {"accepted": 2, "signature_mismatch": 1, "missing_signature": 1} == outcomes(telemetry)


def test_an_unauthentic_request_is_not_believed_about_its_trace(
    telemetry: Any, tracing: WebhookTracing, secret: Any
) -> None:
    verifier, handler = tracing.wrap(Verifier(secret), print)

    answer = Receiver(verifier, handler).receive(signed(make_secret()), BODY)

    assert 400 == answer.status
    assert [] == telemetry.spans


@pytest.mark.parametrize(
    "form",
    [
        lambda headers: headers,
        lambda headers: list(headers.items()),
        lambda headers: [(k.lower().encode(), v.encode()) for k, v in headers.items()],
    ],
    ids=["mapping", "pairs", "bytes"],
)
def test_headers_may_come_in_any_form_that_a_verifier_takes(
    telemetry: Any, tracing: WebhookTracing, secret: Any, form: Any
) -> None:
    verifier, handler = tracing.wrap(Verifier(secret), lambda delivery: None)

    Receiver(verifier, handler).receive(form(signed(secret)), BODY)

    assert 1 == len(telemetry.the("openwop webhook.delivery").links)


@pytest.mark.parametrize("header", ["", "nonsense", f"00-{'0' * 32}-{SPAN}-01", "x" * 100_000])
def test_a_trace_header_that_says_nothing_gives_no_link(
    telemetry: Any, tracing: WebhookTracing, secret: Any, header: str
) -> None:
    verifier, handler = tracing.wrap(Verifier(secret), lambda delivery: None)

    answer = Receiver(verifier, handler).receive(signed(secret, traceparent=header), BODY)

    assert 200 == answer.status
    assert () == tuple(telemetry.the("openwop webhook.delivery").links)


def test_switched_off_it_returns_what_it_was_given(secret: Any) -> None:
    verifier = Verifier(secret)

    assert (verifier, print) == WebhookTracing(enabled=False).wrap(verifier, print)


def test_a_wrapped_verifier_is_the_verifier_in_everything_else(
    tracing: WebhookTracing, secret: Any
) -> None:
    verifier = Verifier(secret, max_body=77)

    wrapped, _ = tracing.wrap(verifier, print)

    assert 77 == wrapped.max_body
    assert repr(verifier) == repr(wrapped)


@pytest.mark.usefixtures("installed_receivers")
def test_a_receiver_is_traced_and_counted_by_installing_alone(telemetry: Any, secret: Any) -> None:
    current: list[Any] = []
    receiver = Receiver(Verifier(secret), lambda delivery: current.append(trace.get_current_span()))

    answers = [
        receiver.receive(signed(secret), BODY).status,
        receiver.receive(signed(secret), BODY).status,
        receiver.receive(signed(make_secret()), BODY).status,
    ]
    receiver.close()

    assert [200, 200, 400] == answers
    span = telemetry.the("openwop webhook.delivery")
    assert [span.get_span_context()] == [found.get_span_context() for found in current]
    (link,) = span.links
    assert TRACE == format(link.context.trace_id, "032x")
    assert {"accepted": 1, "duplicate": 1, "signature_mismatch": 1} == outcomes(telemetry)


@pytest.mark.usefixtures("installed_receivers")
def test_an_async_handler_that_fails_is_seen_by_installing_alone(
    telemetry: Any, secret: Any
) -> None:
    async def handle(delivery: Any) -> None:
        await asyncio.sleep(0)
        assert trace.get_current_span().is_recording()
        raise LookupError("about Ada")

    answer = asyncio.run(Receiver(Verifier(secret), handle).receive_async(signed(secret), BODY))

    assert 503 == answer.status
    span = telemetry.the("openwop webhook.delivery")
    assert (StatusCode.ERROR, "LookupError") == (span.status.status_code, span.status.description)


@pytest.mark.usefixtures("installed_receivers")
def test_a_challenge_that_a_receiver_answers_is_counted(telemetry: Any) -> None:
    secret = make_secret(standard=True)
    body, headers = sign_challenge("c0ffee", secret, standard_id="msg_1")

    assert 200 == Receiver(Verifier(secret), print).receive(headers, body).status

    assert {"challenge": 1} == outcomes(telemetry)
    assert [] == telemetry.spans


@pytest.mark.usefixtures("installed_receivers")
def test_a_wrapped_verifier_has_one_span_and_is_counted_once(
    telemetry: Any, tracing: WebhookTracing, secret: Any
) -> None:
    verifier, handler = tracing.wrap(Verifier(secret), lambda delivery: None)
    receiver = Receiver(verifier, handler)

    receiver.receive(signed(secret), BODY)
    receiver.close()

    assert 1 == len(telemetry.spans)
    assert {"accepted": 1} == outcomes(telemetry)


@pytest.mark.usefixtures("installed_receivers")
def test_wrapped_and_switched_off_a_receiver_is_not_traced(telemetry: Any, secret: Any) -> None:
    receiver = Receiver(
        *WebhookTracing(enabled=False).wrap(Verifier(secret), lambda delivery: None)
    )

    assert 200 == receiver.receive(signed(secret), BODY).status
    receiver.close()

    assert [] == telemetry.spans
    assert {} == outcomes(telemetry)


def test_what_was_on_can_be_switched_off_for_receivers_that_are_there(
    telemetry: Any, installed_receivers: WebhookTracing, secret: Any
) -> None:
    receiver = Receiver(Verifier(secret), lambda delivery: None)
    installed_receivers.enabled = False

    assert 200 == receiver.receive(signed(secret), BODY).status
    assert 400 == receiver.receive({}, BODY).status
    receiver.close()

    assert [] == telemetry.spans
    assert {} == outcomes(telemetry)
