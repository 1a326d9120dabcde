"""Receiving deliveries in Django."""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeAlias, cast

from openwop_webhooks.delivery import Delivery
from openwop_webhooks.receiver import Answer, Handler, Receiver, declares_over
from openwop_webhooks.verifier import Verifier

__all__ = ["webhook"]

# Django has no types of its own, so what is used of it is written down here.
_csrf_exempt: Callable[[Any], Any] = importlib.import_module(
    "django.views.decorators.csrf"
).csrf_exempt
_http: Any = importlib.import_module("django.http")
_db: Any = importlib.import_module("django.db")
_exceptions: Any = importlib.import_module("django.core.exceptions")


class HttpRequest(Protocol):
    """What is used of a Django request."""

    method: str | None
    headers: Any

    def read(self, size: int = ..., /) -> bytes:
        """Read the body."""
        ...


HttpResponse: TypeAlias = Any
View: TypeAlias = Callable[..., HttpResponse]
AsyncView: TypeAlias = Callable[..., Awaitable[HttpResponse]]


def webhook(
    verifier: Verifier, *, answer_within: float | None = 4.0
) -> Callable[[Handler], View | AsyncView]:
    """Make a view of a function that handles a delivery; it is exempt from CSRF protection.

        @webhook(verifier)
        def handle(delivery): ...

        urlpatterns = [path("openwop", handle)]

    An async function gives an async view.  A sync handler runs in a thread of its own, with
    database connections of its own, unless *answer_within* is None: set that where the handler has
    to share the transaction of the request, as under `ATOMIC_REQUESTS` and in `TestCase`.

    Args:
        verifier: What tells authentic deliveries.
        answer_within: Seconds until the answer; None for no bound, in the thread of the request.

    Returns:
        A decorator for functions of a delivery, sync or async.
    """

    def decorate(handler: Handler) -> View | AsyncView:
        if inspect.iscoroutinefunction(handler):
            view = _async_view(Receiver(verifier, handler, answer_within=answer_within))
        else:
            inner = handler if answer_within is None else _with_own_connections(handler)
            view = _view(Receiver(verifier, inner, answer_within=answer_within))
        view.__name__ = getattr(handler, "__name__", "webhook")
        view.__doc__ = handler.__doc__
        return cast("View | AsyncView", _csrf_exempt(view))

    return decorate


def _view(receiver: Receiver) -> Any:
    def view(request: HttpRequest) -> HttpResponse:
        body = _body(receiver, request)
        if isinstance(body, Answer):
            return _response(body)
        return _response(receiver.receive(_headers(request), body))

    return view


def _async_view(receiver: Receiver) -> Any:
    async def view(request: HttpRequest) -> HttpResponse:
        body = _body(receiver, request)
        if isinstance(body, Answer):
            return _response(body)
        return _response(await receiver.receive_async(_headers(request), body))

    return view


def _with_own_connections(handler: Handler) -> Handler:
    """Close what a thread leaves open: Django does so itself only in the threads of requests."""

    @functools.wraps(handler)
    def handle(delivery: Delivery) -> Any:
        try:
            return handler(delivery)
        finally:
            _db.connections.close_all()

    return handle


def _response(answer: Answer) -> HttpResponse:
    response = _http.HttpResponse(
        answer.body, status=answer.status, content_type=answer.content_type or None
    )
    if not answer.content_type:
        del response["Content-Type"]
    return response


def _headers(request: HttpRequest) -> list[tuple[str, str]]:
    return list(request.headers.items())


def _body(receiver: Receiver, request: HttpRequest) -> bytes | Answer:
    if request.method != "POST":
        return receiver.refused()
    limit = receiver.max_body
    if declares_over(request.headers.get("Content-Length"), limit):
        return receiver.too_large()
    try:
        # Not `request.body`, which refuses what is over a limit of Django's own with a 400.
        body = request.read(limit + 1)
    except (OSError, _exceptions.SuspiciousOperation):
        return receiver.refused()
    return receiver.too_large() if len(body) > limit else body
