"""Receiving deliveries in aiohttp."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from openwop_webhooks.receiver import Answer, Handler, Receiver, declares_over, read_limited
from openwop_webhooks.verifier import Verifier

__all__ = ["webhook_handler"]


def webhook_handler(
    verifier: Verifier, handler: Handler, *, answer_within: float | None = 4.0
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return an aiohttp handler that hands verified deliveries to a handler.

        app.router.add_post("/openwop", webhook_handler(verifier, handle))

    The size limit is the verifier's; aiohttp's `client_max_size` does not come into it.

    Args:
        verifier: What tells authentic deliveries.
        handler: Called with each delivery; sync handlers run in a thread.
        answer_within: Seconds until the answer; None for no bound.
    """
    receiver = Receiver(verifier, handler, answer_within=answer_within)

    async def receive(request: web.Request) -> web.StreamResponse:
        answer = await _answer(receiver, request)
        content_type = answer.content_type or None
        return web.Response(body=answer.body, status=answer.status, content_type=content_type)

    return receive


async def _answer(receiver: Receiver, request: web.Request) -> Answer:
    if request.method != "POST":
        return receiver.refused()
    limit = receiver.max_body
    if declares_over(request.headers.get("Content-Length"), limit):
        return receiver.too_large()
    body = await read_limited(request.content.iter_any(), limit)
    if body is None:
        return receiver.too_large()
    return await receiver.receive_async(list(request.raw_headers), body)
