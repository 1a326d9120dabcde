"""Receiving deliveries in Starlette, and in FastAPI as a route of its own."""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from openwop_webhooks.receiver import Answer, Handler, Receiver, declares_over, read_limited
from openwop_webhooks.verifier import Verifier

from .asgi import ASGIEndpoint

__all__ = ["answer_request", "webhook_route"]


def webhook_route(
    path: str, verifier: Verifier, handler: Handler, *, answer_within: float | None = 4.0
) -> Route:
    """Return a route that hands verified deliveries to a handler.

    Args:
        path: The path to serve.
        verifier: What tells authentic deliveries.
        handler: Called with each delivery; sync handlers run in a thread.
        answer_within: Seconds until the answer; None for no bound.

    Returns:
        A route for `Starlette(routes=[...])`, or for `app.router.routes` of a FastAPI application.
    """
    endpoint = ASGIEndpoint(verifier, handler, answer_within=answer_within)
    return Route(path, endpoint, methods=["POST"])


async def answer_request(receiver: Receiver, request: Request) -> Response:
    """Answer a request, for endpoints that do more than this.

    Args:
        receiver: What verifies and hands over.
        request: The request; its body must not have been read.

    Returns:
        The response to give.
    """
    answer = await _answer(receiver, request)
    media_type = answer.content_type or None
    return Response(answer.body, status_code=answer.status, media_type=media_type)


async def _answer(receiver: Receiver, request: Request) -> Answer:
    limit = receiver.max_body
    if declares_over(request.headers.get("content-length"), limit):
        return receiver.too_large()
    try:
        body = await read_limited(request.stream(), limit)
    except ClientDisconnect:
        return receiver.refused()
    if body is None:
        return receiver.too_large()
    return await receiver.receive_async(request.headers.raw, body)
