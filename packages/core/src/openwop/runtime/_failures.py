"""The errors of one logical call: what failed, what the service said, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from openwop.runtime._dialect import ErrorFacts, trace_id_of
from openwop.runtime._effects import BodyTooLargeError
from openwop.runtime._redirects import REDIRECTS, redacted
from openwop.runtime.errors import APIError, SDKError
from openwop.wire import ConnectError, Request, Response, TransportError, TransportTimeout

if TYPE_CHECKING:
    from openwop.runtime._exchange import Exchange

__all__ = [
    "connection_error",
    "deadline_error",
    "status_error",
    "too_large_error",
    "validation_error",
]


def _words(error: SDKError) -> str:
    """Return the text of *error* without its trace id, which the outer error ends in."""
    return str(error.args[0]) if error.args else ""


def deadline_error(exchange: Exchange, doing: str) -> SDKError:
    """Return the error that says that the deadline passed while *doing* something."""
    last = exchange.last_error
    after = f"; the last attempt: {_words(last)}" if last else ""
    bound = f" of {exchange.deadline:g} s" if exchange.deadline is not None else ""
    return exchange.core.dialect.errors.deadline(
        f"{exchange.operation.name}: the deadline{bound} passed while {doing}{after}",
        last_error=last,
        attempts=exchange.call.attempt,
    )


def connection_error(exchange: Exchange, request: Request, exc: TransportError) -> SDKError:
    """Return the error for an exchange that brought nothing back."""
    errors = exchange.core.dialect.errors
    name = exchange.operation.name
    where = urlsplit(request.shown_url)
    host = f"{where.scheme}://{where.netloc}"
    fields: dict[str, Any] = {
        "sent": exc.sent or exchange.ambiguous,
        "request": redacted(request),
        "attempts": exchange.call.attempt,
    }
    if isinstance(exc, TransportTimeout):
        bound = exchange.attempt_timeout()
        limit = f" within {bound:g} s" if bound is not None else ""
        msg = (
            f"{name}: no answer from {host}{limit} ({exc}); raise timeout= if the host needs longer"
        )
        return errors.timeout(msg, **fields)
    if isinstance(exc, ConnectError):
        msg = f"{name}: cannot reach {host} ({exc}); check base_url and that the host is running"
    else:
        msg = f"{name}: the exchange with {host} broke ({exc})"
    return errors.connection(msg, **fields)


def too_large_error(exchange: Exchange, request: Request, exc: BodyTooLargeError) -> APIError:
    """Return the error for an answer over the size limit."""
    limit, where = exchange.core.dialect.size_limit(exchange.operation)
    msg = (
        f"{exchange.operation.name}: the answer is larger than {limit} ({exc.limit} bytes); "
        f"raise {where}, if that is meant to be"
    )
    return exchange.core.dialect.errors.validation(
        msg,
        status_code=exc.response.status_code,
        request=redacted(request),
        response=exc.response,
        trace_id=trace_id_of(exc.response),
    )


def status_error(
    exchange: Exchange,
    request: Request,
    response: Response,
    facts: ErrorFacts,
    retry_after: float | None,
) -> SDKError:
    """Return the error for an error answer."""
    assert exchange.route is not None
    said = ": ".join(part for part in (facts.code, facts.subject, facts.detail) if part)
    text = f"{exchange.operation.name} failed: {response.status_code}"
    if said:
        text = f"{text} {said}"
    elif response.body:
        kind = response.headers.get("content-type", "no content type")
        text = f"{text} (no error document: {len(response.body)} bytes of {kind})"
    if response.status_code in REDIRECTS:
        text = f"{text}; the redirect was not followed, since it leads elsewhere or never ends"
    if facts.remedy:
        text = f"{text.rstrip('.')}. {facts.remedy}"
    return exchange.core.dialect.error(
        exchange.core,
        exchange.operation,
        exchange.route,
        facts,
        response,
        {
            "message": text,
            "status_code": response.status_code,
            "trace_id": trace_id_of(response),
            "retry_after": retry_after,
            "request": redacted(request),
            "response": response,
            "attempts": exchange.call.attempt,
            "ambiguous": exchange.ambiguous,
        },
    )


def validation_error(
    exchange: Exchange, request: Request | None, response: Response, message: str, path: str
) -> APIError:
    """Return the error for a success whose body is not what the description allows."""
    return exchange.core.dialect.errors.validation(
        f"{exchange.operation.name}: {message}",
        path=path,
        status_code=response.status_code,
        request=None if request is None else redacted(request),
        response=response,
        trace_id=trace_id_of(response),
    )
