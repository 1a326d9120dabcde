"""From the answer of a call to what its method returns."""

from __future__ import annotations

from typing import Any

from openwop.runtime import _json
from openwop.runtime._call import ApiResponse
from openwop.runtime._codec import structure
from openwop.runtime._dialect import trace_id_of
from openwop.runtime._exchange import Exchange
from openwop.runtime._structure import StructureError
from openwop.wire import Response

__all__ = ["api_response", "decode_answer"]


def decode_answer(exchange: Exchange, response: Response) -> Any:
    """Return what the method returns for *response*, a success.

    Args:
        exchange: The exchange that brought it.
        response: The answer.

    Raises:
        APIResponseValidationError: The body is not what the description allows.
    """
    operation, route = exchange.operation, exchange.route
    assert route is not None
    why = exchange.core.dialect.check_answer(operation, route, response, exchange.variant)
    if why:
        raise exchange.validation_error(response, why)
    if route.answer == "bytes":
        return response.body
    if route.answer == "text":
        return response.body.decode("utf-8", "replace")
    if route.answer == "none" or operation.returns is None:
        return None
    if not response.body:
        if response.status_code == 204:
            return None
        raise exchange.validation_error(response, "expected a JSON document, got an empty body")
    data = _parsed(exchange, response)
    try:
        data = exchange.core.dialect.read(route, data)
        shaped = exchange.core.dialect.reshape(operation, data, exchange.variant)
        if exchange.settings.validation == "strict":
            # What came is held to its own variant's description, whatever shape it is read in.
            strictly = structure(operation.returns, data, strict=True, variant=exchange.variant)
            if shaped is data:
                return strictly
        return structure(operation.returns, shaped, variant=exchange.variant)
    except StructureError as exc:
        raise exchange.validation_error(response, str(exc), exc.path) from exc


def _parsed(exchange: Exchange, response: Response) -> Any:
    try:
        return _json.loads(response.body)
    except ValueError as exc:
        kind = response.headers.get("content-type", "no content type")
        msg = f"expected JSON, got {len(response.body)} bytes of {kind}: {exc}"
        if "html" in kind:
            msg = f"{msg}; a web page answered, so check that base_url is the host's API"
        raise exchange.validation_error(response, msg) from exc


def api_response(exchange: Exchange, response: Response, parsed: Any) -> ApiResponse[Any]:
    """Return *parsed* with the answer that it came in.

    Args:
        exchange: The exchange that brought it.
        response: The answer.
        parsed: What the method returns.
    """
    replayed = any(
        response.headers.get(name, "").lower() == "true"
        for name in exchange.core.dialect.replay_headers
    )
    return ApiResponse(
        parsed,
        response.status_code,
        response.headers,
        trace_id_of(response),
        exchange.call.attempt,
        replayed,
        response.body,
        exchange.elapsed,
    )
