"""A plain ASGI application that receives deliveries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any, TypeAlias

from openwop_webhooks.receiver import Answer, Handler, Receiver, declares_over, read_limited
from openwop_webhooks.verifier import Verifier

__all__ = ["ASGIEndpoint"]

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]


class ASGIEndpoint:
    """An ASGI application that hands verified deliveries to a handler.

    It serves by itself, mounted in another application, and as the endpoint of a Starlette route.
    It takes part in the lifespan protocol only to say that it has nothing to start.

    Args:
        verifier: What tells authentic deliveries.
        handler: Called with each delivery; sync handlers run in a thread.
        answer_within: Seconds until the answer; None for no bound.
    """

    def __init__(
        self, verifier: Verifier, handler: Handler, *, answer_within: float | None = 4.0
    ) -> None:
        self.receiver = Receiver(verifier, handler, answer_within=answer_within)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or the start and the end of the server."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1000})
            return
        answer = await self._answer(scope, receive)
        if answer is None:
            return
        headers = [
            (name.lower().encode(), value.encode()) for name, value in answer.headers.items()
        ]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Mapping[str, Any], receive: Receive) -> Answer | None:
        if scope["method"] != "POST":
            return self.receiver.refused()
        headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
        limit = self.receiver.max_body
        for name, value in headers:
            if name == b"content-length" and declares_over(value.decode("latin-1"), limit):
                return self.receiver.too_large()
        try:
            body = await read_limited(_chunks(receive), limit)
        except ConnectionResetError:
            return None  # the host is gone: there is nobody to answer
        if body is None:
            return self.receiver.too_large()
        return await self.receiver.receive_async(headers, body)


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError
        yield message.get("body", b"")
        more = message.get("more_body", False)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await send({"type": "lifespan.shutdown.complete"})
            return
