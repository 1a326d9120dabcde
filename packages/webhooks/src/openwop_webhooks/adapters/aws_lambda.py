"""Receiving deliveries in AWS Lambda: behind API Gateway, a function URL or a load balancer."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, cast

from openwop_webhooks.receiver import Answer, Handler, Receiver
from openwop_webhooks.verifier import Verifier

__all__ = ["lambda_handler"]


def lambda_handler(
    verifier: Verifier, handler: Handler, *, answer_within: float | None = 4.0
) -> Callable[[Mapping[str, Any], object], dict[str, Any]]:
    """Return a Lambda function that hands verified deliveries to a handler.

    Give the verifier a replay guard that outlives the function, such as Redis.  Lambda freezes what
    still runs when the answer is given, so hand long work to a queue.

    Args:
        verifier: What tells authentic deliveries.
        handler: Called with each delivery; sync or async.
        answer_within: Seconds until the answer; None for no bound.

    Returns:
        A function of an API Gateway event, of payload format 1.0 or 2.0, and a context.
    """
    receiver = Receiver(verifier, handler, answer_within=answer_within)

    def receive(event: Mapping[str, Any], context: object) -> dict[str, Any]:
        del context
        answer = _answer(receiver, event)
        return {
            "statusCode": answer.status,
            "headers": answer.headers,
            "body": answer.body.decode(),
            "isBase64Encoded": False,
        }

    return receive


def _answer(receiver: Receiver, event: Mapping[str, Any]) -> Answer:
    method = event.get("httpMethod") or (
        event.get("requestContext", {}).get("http", {}).get("method")
    )
    if method != "POST":
        return receiver.refused()
    body = _body(event)
    if body is None:
        return receiver.refused()
    if len(body) > receiver.max_body:
        return receiver.too_large()
    # Format 1.0 has both spellings of the headers; the one with several values keeps them apart.
    headers: Any = event.get("multiValueHeaders") or event.get("headers") or ()
    return receiver.receive(headers, body)


def _body(event: Mapping[str, Any]) -> bytes | None:
    text = event.get("body") or ""
    try:
        if event.get("isBase64Encoded"):
            return base64.b64decode(text, validate=True)
        return cast("str", text).encode()
    except ValueError:
        return None
