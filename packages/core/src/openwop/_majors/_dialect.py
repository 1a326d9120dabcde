"""OpenWOP as a dialect of the runtime: negotiation, headers, ids, names, the choice of errors."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, cast

import attrs

from openwop import errors as tree
from openwop._generated.error_codes import ERROR_CODES
from openwop._generated.operations.discovery import CAPABILITIES as GET_CAPABILITIES
from openwop._majors import _events
from openwop._majors._capabilities import advertises
from openwop._majors._configurable import flatten, nest
from openwop._majors._ids import project
from openwop._majors._negotiation import Verdict, decide, major_of
from openwop._majors._shapes import reshape
from openwop.runtime import (
    Call,
    Dialect,
    ErrorClasses,
    ErrorFacts,
    Operation,
    Parameter,
    Route,
    to_wire,
)
from openwop.runtime._core import Core
from openwop.runtime._dialect import json_object, trace_id_of
from openwop.runtime._effects import OutOfTimeError, Plan, acquire
from openwop.runtime._exchange import Exchange
from openwop.runtime.errors import APIStatusError, SDKError
from openwop.wire import Response

__all__ = ["CLIENT_VERSION", "HostState", "OpenWOPDialect"]

# The release of the protocol's corpus that this client is written against (v2.md section 2.3).
CLIENT_VERSION: Final = "2.46.32"

_VERSION: Final = "OpenWOP-Version"
_CLIENT: Final = "OpenWOP-Client-Version"
_DISCOVERY: Final = "/.well-known/openwop"
_V1_KEY: Final = 255
# Addresses of earlier releases of major 2 (v2.md section 22, D12); tried where a host knows no
# other.  They are `x-openwop-fallback-path` in spec/.
_OLDER: Final[Mapping[str, str]] = {
    "listConnectionProviders": "/connections/providers",
    "resolveConnectionProvider": "/connections/providers/{providerId}",
}

CLASSES: Final = ErrorClasses(
    configuration=tree.ConfigurationError,
    capability=tree.CapabilityNotSupportedError,
    deadline=tree.DeadlineExceededError,
    connection=tree.APIConnectionError,
    timeout=tree.APITimeoutError,
    status=tree.APIStatusError,
    server=tree.InternalServerError,
    validation=tree.APIResponseValidationError,
    stream=tree.StreamError,
    stalled=tree.StreamStalledError,
    interrupted=tree.StreamInterruptedError,
    by_status={
        400: tree.BadRequestError,
        401: tree.AuthenticationError,
        403: tree.PermissionDeniedError,
        404: tree.NotFoundError,
        409: tree.ConflictError,
        410: tree.GoneError,
        422: tree.UnprocessableEntityError,
        429: tree.RateLimitError,
    },
)
_BY_CATEGORY: Final[Mapping[str, type[tree.APIStatusError]]] = {
    "interrupt_already_resolved": tree.InterruptAlreadyResolvedError,
    "interrupt_expired": tree.InterruptExpiredError,
}


@attrs.define
class HostState:
    """What a client and its copies know of their host.

    Attributes:
        major: The major that was negotiated; None before.
        document: The discovery document, as it came.
        response: The answer that carried it.
        fresh: Whether *response* has not been handed to a caller yet.
        versions: The versions that the host lists.
        older: The operations that the host serves under an earlier address.
        lock: Held while negotiating, so that it happens once.
    """

    major: int | None = None
    document: Mapping[str, Any] | None = None
    response: Response | None = None
    fresh: bool = False
    versions: tuple[str, ...] = ()
    older: set[str] = attrs.field(factory=set[str])
    lock: Any = None


def _major_in(response: Response) -> int | None:
    return major_of(response.headers.get(_VERSION))


class OpenWOPDialect(Dialect):
    """How an OpenWOP host is spoken to, in the highest major that both sides implement.

    Args:
        user_agent: The `User-Agent` of every request.
    """

    def __init__(self, user_agent: str) -> None:
        super().__init__(
            "openwop",
            errors=CLASSES,
            user_agent=user_agent,
            key_argument="api_key= or auth=, or set OPENWOP_API_KEY",
            idempotency_header="Idempotency-Key",
            replay_headers=("OpenWOP-Idempotent-Replay", "X-Idempotent-Replay"),
        )

    def new_state(self) -> HostState:
        """Return an empty memory of the host."""
        return HostState()

    # -- the major ------------------------------------------------------------------------------

    def choose(self, exchange: Exchange) -> Plan[str]:
        """Plan the choice of the major: forced, remembered, or negotiated by one discovery call."""
        if exchange.settings.protocol is not None:
            return str(exchange.settings.protocol)
        state: HostState = exchange.core.state
        if state.major is None:
            yield from self._locked(exchange)
        assert state.major is not None
        return str(state.major)

    def _locked(self, exchange: Exchange) -> Plan[None]:
        """Negotiate unless another call has done so while this one waited."""
        state: HostState = exchange.core.state
        if state.lock is None:
            state.lock = exchange.core.new_lock()
        lock = state.lock
        try:
            yield from acquire(lock, exchange.left(), is_async=exchange.core.is_async)
        except OutOfTimeError:
            doing = "waiting for another call's discovery of the host"
            raise exchange.out_of_time(doing) from None
        try:
            if state.major is None:
                yield from self.negotiate(exchange)
        finally:
            lock.release()

    def negotiate(self, parent: Exchange) -> Plan[None]:
        """Ask the host which majors it speaks and remember the answer (v2.md section 2.5).

        Raises:
            ProtocolVersionError: Host and client share no major, or the client is too old.
            APIResponseValidationError: What answered is no discovery document.
        """
        exchange, response = yield from self._discover(parent, "2")
        verdict = decide(
            response.status_code, response.headers.get(_VERSION), json_object(response)
        )
        if verdict.outcome == "again":
            exchange, response = yield from self._discover(parent, "2")
            verdict = decide(
                response.status_code,
                response.headers.get(_VERSION),
                json_object(response),
                repeated=True,
            )
        if verdict.outcome == "fallback":
            versions = verdict.versions
            exchange, response = yield from self._discover(parent, "1")
            verdict = decide(
                response.status_code,
                response.headers.get(_VERSION),
                json_object(response),
                repeated=True,
            )
            if verdict.outcome == "major":
                verdict = attrs.evolve(verdict, major=1, versions=versions)
        if verdict.outcome != "major":
            raise self._no_host(exchange, response, verdict)
        self._remember(parent.core.state, response, verdict)

    @staticmethod
    def _remember(state: HostState, response: Response, verdict: Verdict) -> None:
        state.document = json_object(response) or {}
        state.response = response
        state.versions = verdict.versions
        state.fresh = True
        state.major = verdict.major

    def _discover(self, parent: Exchange, variant: str) -> Plan[tuple[Exchange, Response]]:
        """Ask for the discovery document within the time that the parent call has left."""
        core, settings = parent.core, parent.settings
        call = Call(
            self.service,
            GET_CAPABILITIES.name,
            GET_CAPABILITIES.id,
            {},
            core.is_async,
            base_url=core.base_url,
        )
        exchange = Exchange(
            core, attrs.evolve(settings, provider=None), GET_CAPABILITIES, {}, {}, call
        )
        exchange.timeout, exchange.policy = parent.timeout, parent.policy
        exchange.deadline_at = parent.deadline_at
        exchange.prepare_for(variant)
        response = yield from exchange.attempts(final=frozenset({200, 404, 405, 406, 410, 426}))
        return exchange, cast("Response", response)

    def _no_host(self, exchange: Exchange, response: Response, verdict: Verdict) -> SDKError:
        """Return the error for an origin where there is no host that this client can talk to."""
        base = exchange.core.base_url
        if verdict.outcome == "too_old":
            return self._too_old(response, verdict.minimum_client)
        if verdict.outcome == "unsupported":
            listed = ", ".join(verdict.versions) or "none"
            msg = (
                f"{base} speaks OpenWOP {listed}; this client speaks majors 1 and 2. Upgrade "
                "openwop, or the host"
            )
            return self._versioned(msg, response, verdict.versions)
        kind = response.headers.get("content-type", "no content type")
        msg = (
            f"no OpenWOP host at {base}: {_DISCOVERY} answered {response.status_code} with "
            f"{len(response.body)} bytes of {kind} and no discovery document. Check that base_url "
            "is the host's bare origin"
        )
        if response.status_code in {404, 405, 410}:
            return tree.NotFoundError(
                msg,
                status_code=response.status_code,
                request=exchange.sent_request(),
                response=response,
                trace_id=trace_id_of(response),
                attempts=exchange.call.attempt,
            )
        return exchange.validation_error(response, msg)

    @staticmethod
    def _versioned(
        message: str, response: Response, versions: tuple[str, ...] = (), code: str | None = None
    ) -> tree.ProtocolVersionError:
        error = tree.ProtocolVersionError(
            message, supported=versions, status_code=response.status_code, code=code
        )
        error.trace_id = trace_id_of(response)
        return error

    @staticmethod
    def _too_old(response: Response, minimum: str | None) -> tree.ProtocolVersionError:
        wanted = f" {minimum} or newer" if minimum else " a newer one"
        error = tree.ProtocolVersionError(
            f"the host no longer serves clients of the protocol's release {CLIENT_VERSION}; it "
            f"wants{wanted}. Upgrade openwop",
            minimum_client=minimum,
            status_code=response.status_code,
            code="client_version_unsupported",
        )
        error.trace_id = trace_id_of(response)
        return error

    def route(self, core: Core, operation: Operation[Any], variant: str) -> Route:
        """Return the route of *operation* in a major.

        Raises:
            CapabilityNotSupportedError: The major has no such operation.
        """
        route = operation.routes.get(variant)
        if route is None:
            other = ", ".join(sorted(operation.routes))
            msg = (
                f"{operation.name} exists in protocol major {other} only, and {core.base_url} is "
                f"spoken to in major {variant}, so nothing was sent. Ask for a host that serves "
                f"major {other}, or do without this operation there"
            )
            raise tree.CapabilityNotSupportedError(msg, capability=operation.id)
        return _at_older_address(route, operation.id) if operation.id in core.state.older else route

    # -- requests -------------------------------------------------------------------------------

    def headers(self, route: Route, variant: str) -> Mapping[str, str]:  # noqa: ARG002
        """Return the version headers; a `/v1/` path may carry none (v2.md section 2.2)."""
        if variant == "2":
            return {_VERSION: "2.0", _CLIENT: CLIENT_VERSION}
        return {}

    def translate(self, parameter: Parameter, value: Any, variant: str) -> Any:
        """Return what a major puts on the wire for a value of a special kind."""
        kind = parameter.kind
        if kind in {"run-id", "interrupt-id", "subscription-id"}:
            in_url = parameter.location in {"path", "query"}
            if variant == "2" and in_url and isinstance(value, str):
                return project(value)
            return value
        if kind == "event-types":
            names = [value] if isinstance(value, str) else list(value)
            return [_events.to_host(name, variant) for name in names]
        if kind == "configurable":
            members = cast("Mapping[str, Any]", to_wire(value))
            return nest(members) if variant == "2" else flatten(members)
        if kind == "dedup":
            return "enforce" if value else None
        if kind == "seconds" and isinstance(value, (int, float)):
            return math.ceil(value)
        return value

    def check_key(self, key: str, variant: str) -> None:
        """Check an idempotency key: strict in major 2, up to 255 visible characters in major 1."""
        if variant == "1" and 0 < len(key) <= _V1_KEY and key.isascii() and key.isprintable():
            return
        super().check_key(key, variant)

    def attempt_timeout(
        self, operation: Operation[Any], arguments: Mapping[str, Any], timeout: float | None
    ) -> float | None:
        """Give a long-poll the time it asks the host to wait, and ten seconds more."""
        wait = arguments.get("wait")
        if operation.id == "pollRunEvents" and timeout is not None:
            return max(timeout, float(30.0 if wait is None else wait) + 10.0)
        return timeout

    # -- discovery ------------------------------------------------------------------------------

    def ready(self, exchange: Exchange) -> Response | None:
        """Return the answer of the negotiation where the call is for that very document."""
        state: HostState = exchange.core.state
        if exchange.operation.id != GET_CAPABILITIES.id or state.response is None:
            return None
        if state.fresh and not exchange.options.get("extra_headers"):
            state.fresh = False
            return state.response
        etag = state.response.headers.get("etag")
        if etag is not None:
            exchange.add_header("If-None-Match", etag)
        return None

    def answered(self, exchange: Exchange, response: Response) -> Response:
        """Keep the discovery document; a 304 to our own question gives the one that is kept."""
        state: HostState = exchange.core.state
        if exchange.operation.id != GET_CAPABILITIES.id:
            return response
        if response.status_code == 304 and state.response is not None:
            return state.response
        if response.status_code == 200 and json_object(response) is not None:
            state.document, state.response = json_object(response), response
            state.fresh = False
        return response

    def reshape(self, operation: Operation[Any], data: Any, variant: str) -> Any:
        """Return an answer of major 1 in the shape of major 2."""
        return reshape(operation.id, data) if variant == "1" else data

    # -- answers --------------------------------------------------------------------------------

    def check_answer(
        self,
        operation: Operation[Any],  # noqa: ARG002
        route: Route,
        response: Response,
        variant: str,
    ) -> str:
        """Return why *response* did not come from the protocol's operation."""
        kind = response.headers.get("content-type", "")
        if "text/html" in kind and route.answer != "text":
            return (
                f"a web page answered {route.method} {route.path} instead of the host; check that "
                "base_url is the host's bare origin"
            )
        answered = _major_in(response)
        if variant == "2" and answered is not None and answered != 2:
            return f"asked in protocol major 2, answered in major {answered}"
        return ""

    def read_error(self, response: Response, variant: str) -> ErrorFacts:
        """Read the error envelope of v1.md section 5.1 and v2.md section 5, whatever came."""
        data = json_object(response) or {}
        nested = data.get("error")
        if isinstance(nested, Mapping):  # the older nested form, on seams
            data = cast("dict[str, Any]", nested)
            code = data.get("code")
        else:
            code = nested if nested is not None else data.get("code")
        code = code if isinstance(code, str) else ""
        detail = data.get("message")
        raw = data.get("details")
        details: Mapping[str, Any] = (
            cast("Mapping[str, Any]", raw) if isinstance(raw, Mapping) else {}
        )
        row = ERROR_CODES.get(code)
        said = details.get("retriable")
        return ErrorFacts(
            code=code,
            category=row.category if row is not None else code,
            detail=detail if isinstance(detail, str) else "",
            subject=_subject(details),
            details=details,
            retryable=said
            if isinstance(said, bool)
            else (row.retryable.get(variant) if row is not None else None),
            wait=row is not None and row.wait and said is not False,
            remedy=row.remedy if row is not None else _REMEDIES.get(response.status_code, ""),
            retry_after=_asked_in(details),
        )

    def recover(self, exchange: Exchange, facts: ErrorFacts, response: Response) -> Plan[bool]:
        """Plan what an error answer asks for before it is an error; True to send again at once.

        A 406 says that the host's majors have changed: they are asked for again.  A 404 on an
        operation that moved is tried under its earlier address.  A 404 on an operation with a gate
        wants the discovery document, to tell "missing" from "not offered".
        """
        state: HostState = exchange.core.state
        if self._move(exchange, facts, response):
            return True
        if (
            response.status_code == 406
            and exchange.settings.protocol is None
            and facts.code != "protocol_version_mismatch"
            and exchange.operation.id != GET_CAPABILITIES.id
        ):
            before = state.major
            state.major = None
            yield from self._locked(exchange)
            if state.major != before:
                exchange.prepare_for(str(state.major))
                return True
        gated = exchange.route is not None and exchange.route.gate
        if response.status_code in {404, 405, 501} and gated and state.document is None:
            _, answer = yield from self._discover(exchange, exchange.variant)
            if answer.status_code == 200:
                state.document, state.response = json_object(answer), answer
        return False

    @staticmethod
    def _move(exchange: Exchange, facts: ErrorFacts, response: Response) -> bool:
        """Turn to the earlier address of an operation that the host does not know by the newer."""
        name, older = exchange.operation.id, exchange.core.state.older
        if name in older or name not in _OLDER or not _unknown(facts, response.status_code):
            return False
        older.add(name)
        exchange.prepare_for(exchange.variant)
        return True

    def error(
        self,
        core: Core,
        operation: Operation[Any],
        route: Route,
        facts: ErrorFacts,
        response: Response,
        fields: Mapping[str, Any],
    ) -> SDKError:
        """Return the error for an error answer, chosen by code first and by status then."""
        status = response.status_code
        message = str(fields["message"])
        if _unknown(facts, status):  # under neither address, so the next call starts anew
            core.state.older.discard(operation.id)
        if status == 426 or facts.code == "client_version_unsupported":
            minimum = facts.details.get("minClientVersion")
            return self._too_old(response, minimum if isinstance(minimum, str) else None)
        if status == 406 or facts.code in {
            "protocol_version_unsupported",
            "protocol_version_mismatch",
        }:
            listed = facts.details.get("protocolVersions")
            versions = (
                tuple(str(v) for v in cast("list[Any]", listed)) if isinstance(listed, list) else ()
            )
            return self._versioned(message, response, versions, facts.code or None)
        if _is_of_another_major(core, route, response, status):
            message = (
                f"{message.rstrip('.')}. The host does not answer in the major that protocol= "
                "forces: leave protocol= out, and the client asks the host what it speaks"
            )
        missing = self._missing_capability(core, operation, route, facts, status)
        if missing is not None:
            capability, why = missing
            return tree.CapabilityNotSupportedError(
                f"{message.rstrip('.')}. {why}",
                capability=capability,
                code=facts.code or None,
                status_code=status,
                details=facts.details,
                response=response,
                trace_id=trace_id_of(response),
            )
        cls: type[APIStatusError] = _BY_CATEGORY.get(facts.category) or self.errors.of(status)
        rest = {name: value for name, value in fields.items() if name != "message"}
        return cls(
            message,
            code=facts.code,
            category=facts.category,
            detail=facts.detail,
            details=facts.details,
            **rest,
        )

    @staticmethod
    def _missing_capability(
        core: Core, operation: Operation[Any], route: Route, facts: ErrorFacts, status: int
    ) -> tuple[str, str] | None:
        """Return which capability the host lacks and how that shows, where it does."""
        if facts.code == "capability_not_provided" and status in {422, 501, 404, 400}:
            named = facts.details.get("capability")
            capability = named if isinstance(named, str) else route.gate or operation.id
            return capability, f"The host does not provide {capability}"
        if status not in {404, 405, 501}:
            return None
        if route.optional and status in {404, 405}:
            return operation.id, f"{operation.name} is optional, and this host seems to lack it"
        state: HostState = core.state
        if route.gate and state.document is not None and not advertises(state.document, route.gate):
            return route.gate, f"The host does not advertise {route.gate}"
        return None


def _subject(details: Mapping[str, Any]) -> str:
    """Return the member of the request that an error is about, where the details name one."""
    field = details.get("field")
    return field if isinstance(field, str) and len(field) <= _LONGEST_SUBJECT else ""


def _is_of_another_major(core: Core, route: Route, response: Response, status: int) -> bool:
    """Tell whether a refusal comes from a host that does not speak the major that was forced."""
    if core.state.major is not None or status not in {400, 404, 405}:
        return False
    answered = _major_in(response)
    return answered not in {None, 1} if route.path.startswith("/v1") else answered != 2


def _unknown(facts: ErrorFacts, status: int) -> bool:
    """Tell a host that knows no such path from one whose operation found nothing."""
    return status == 404 and facts.code in {"", "not_found"}


@cache
def _at_older_address(route: Route, operation: str) -> Route:
    return attrs.evolve(route, path=_OLDER[operation])


_LONGEST_SUBJECT: Final = 200
_REMEDIES: Final[Mapping[int, str]] = {
    401: "Check the API key (api_key= or OPENWOP_API_KEY)",
    403: "Check the scopes of the API key",
    404: "Check the id, and that base_url is the host's bare origin",
    429: "Slow down, or raise RetryPolicy.max_retry_after",
}


def _asked_in(details: Mapping[str, Any]) -> float | None:
    """Return the seconds that the details of a major-1 answer ask to wait."""
    for name, unit in (("retryAfterMs", 0.001), ("retryAfter", 1.0), ("retryAfterSeconds", 1.0)):
        value = details.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0:
            return float(value) * unit
    return None
