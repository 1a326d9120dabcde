"""Receiving deliveries in Flask."""

from __future__ import annotations

import functools
from collections.abc import Callable

import flask

from openwop_webhooks.receiver import Answer, Handler, Receiver, declares_over
from openwop_webhooks.verifier import Verifier

__all__ = ["webhook"]


def webhook(
    verifier: Verifier, *, answer_within: float | None = 4.0
) -> Callable[[Handler], Callable[[], flask.Response]]:
    """Make a view of a function that handles a delivery.

        @app.post("/openwop")
        @webhook(verifier)
        def handle(delivery): ...

    The handler runs in a thread of its own with the application and request contexts of the view,
    unless *answer_within* is None.

    Args:
        verifier: What tells authentic deliveries.
        answer_within: Seconds until the answer; None for no bound, in the thread of the request.

    Returns:
        A decorator for functions of a delivery, sync or async.
    """

    def decorate(handler: Handler) -> Callable[[], flask.Response]:
        receiver = Receiver(verifier, handler, answer_within=answer_within)

        @functools.wraps(handler)
        def view() -> flask.Response:
            answer = _answer(receiver)
            response = flask.Response(answer.body, answer.status, answer.headers)
            if not answer.content_type:
                del response.headers["Content-Type"]  # Flask's default is that of a page
            return response

        del view.__wrapped__  # its parameters are the handler's, not the view's
        return view

    return decorate


def _answer(receiver: Receiver) -> Answer:
    request = flask.request
    if request.method != "POST":
        return receiver.refused()
    limit = receiver.max_body
    if declares_over(request.headers.get("Content-Length"), limit):
        return receiver.too_large()
    # Werkzeug ends its stream at Content-Length, and gives an empty one where nothing says the end.
    body = request.stream.read(limit + 1)
    if len(body) > limit:
        return receiver.too_large()
    return receiver.receive(list(request.headers.items()), body)
