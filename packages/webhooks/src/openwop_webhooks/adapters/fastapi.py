"""Receiving deliveries in FastAPI: as a dependency that answers, or as a dependency to handle."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from openwop_webhooks.delivery import Delivery
from openwop_webhooks.receiver import Handler, Receiver
from openwop_webhooks.verifier import Verifier

from .starlette import answer_request, webhook_route

__all__ = ["WebhookResponse", "current_delivery", "delivery_route", "webhook_route"]


class WebhookResponse:
    """A dependency that receives a delivery, hands it to a handler and gives the response.

    The path operation returns what the dependency gives it:

        receive = WebhookResponse(verifier, handle)

        @app.post("/openwop")
        async def openwop(response: Annotated[Response, Depends(receive)]) -> Response:
            return response

    Args:
        verifier: What tells authentic deliveries.
        handler: Called with each delivery; sync handlers run in a thread.
        answer_within: Seconds until the answer; None for no bound.
    """

    def __init__(
        self, verifier: Verifier, handler: Handler, *, answer_within: float | None = 4.0
    ) -> None:
        self.receiver = Receiver(verifier, handler, answer_within=answer_within)

    async def __call__(self, request: Request) -> Response:
        """Receive one request."""
        return await answer_request(self.receiver, request)


_current: ContextVar[Delivery] = ContextVar("openwop_webhooks.delivery")


async def current_delivery() -> Delivery:
    """Give the delivery that a path operation under `delivery_route` handles.

    Raises:
        LookupError: The path operation is not under a `delivery_route`.
    """
    return _current.get()


def delivery_route(verifier: Verifier, *, answer_within: float | None = 4.0) -> type[APIRoute]:
    """Return a route class whose path operations are handlers of deliveries.

    The path operation runs for deliveries alone, once each, with FastAPI's own dependencies; what
    it returns is not sent.  One that raises, an `HTTPException` too, or returns a response that
    says so, has not handled its delivery.

        router = APIRouter(route_class=delivery_route(verifier))

        @router.post("/openwop")
        async def handle(delivery: Annotated[Delivery, Depends(current_delivery)]) -> None: ...

    Args:
        verifier: What tells authentic deliveries.
        answer_within: Seconds until the answer; None for no bound.
    """

    class DeliveryRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            operation = super().get_route_handler()
            request_of: ContextVar[Request] = ContextVar("request")

            async def handle(delivery: Delivery) -> None:
                _current.set(delivery)
                response = await operation(request_of.get())
                if response.status_code >= 400:
                    raise RuntimeError(f"the path operation answered {response.status_code}")

            receiver = Receiver(verifier, handle, answer_within=answer_within)

            async def receive(request: Request) -> Response:
                request_of.set(request)
                return await answer_request(receiver, request)

            return receive

    return DeliveryRoute
