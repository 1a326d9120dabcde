"""A plain WSGI application that receives deliveries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import Any, TypeAlias

from openwop_webhooks.receiver import Answer, Handler, Receiver, declares_over
from openwop_webhooks.verifier import Verifier

__all__ = ["WSGIEndpoint"]

StartResponse: TypeAlias = Callable[[str, list[tuple[str, str]]], object]


class WSGIEndpoint:
    """A WSGI application that hands verified deliveries to a handler.

    Args:
        verifier: What tells authentic deliveries.
        handler: Called with each delivery; sync or async.
        answer_within: Seconds until the answer; None for no bound.
    """

    def __init__(
        self, verifier: Verifier, handler: Handler, *, answer_within: float | None = 4.0
    ) -> None:
        self.receiver = Receiver(verifier, handler, answer_within=answer_within)

    def __call__(self, environ: Mapping[str, Any], start_response: StartResponse) -> list[bytes]:
        """Answer one request."""
        answer = self._answer(environ)
        status = f"{answer.status} {HTTPStatus(answer.status).phrase}"
        start_response(status, list(answer.headers.items()))
        return [answer.body]

    def _answer(self, environ: Mapping[str, Any]) -> Answer:
        if environ.get("REQUEST_METHOD") != "POST":
            return self.receiver.refused()
        limit = self.receiver.max_body
        length = environ.get("CONTENT_LENGTH") or None
        if declares_over(length, limit):
            return self.receiver.too_large()
        body = _read(environ, length, limit)
        if len(body) > limit:
            return self.receiver.too_large()
        return self.receiver.receive(environ_headers(environ), body)


def _read(environ: Mapping[str, Any], length: str | None, limit: int) -> bytes:
    stream = environ["wsgi.input"]
    if length is not None and length.isascii() and length.isdigit():
        return bytes(stream.read(int(length)))
    if not environ.get("wsgi.input_terminated"):
        return b""  # without a length there is no telling where the body ends
    parts: list[bytes] = []
    size = 0
    while size <= limit and (chunk := stream.read(limit + 1 - size)):
        parts.append(bytes(chunk))
        size += len(chunk)
    return b"".join(parts)


def environ_headers(environ: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Return the HTTP headers of a WSGI environment.

    Args:
        environ: The environment.
    """
    return [
        (name[5:].replace("_", "-").lower(), value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    ]
