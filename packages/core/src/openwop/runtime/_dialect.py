"""What a service's client tells the runtime about its service, as data and a few functions.

The runtime knows no service.  OpenWOP's protocol majors, error codes and header names reach it
through a `Dialect`, and so do those of every generated client.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from openwop.runtime import _json, errors as base
from openwop.runtime._auth import Credential, credential_headers
from openwop.runtime._codec import to_wire
from openwop.runtime._effects import Plan
from openwop.runtime._operation import Operation, Parameter, Route
from openwop.runtime._retry import RETRY_STATUSES, parse_retry_after
from openwop.runtime.errors import APIStatusError, ConfigurationError, SDKError
from openwop.wire import Headers, Response

if TYPE_CHECKING:
    from openwop.runtime._core import Core
    from openwop.runtime._exchange import Exchange

__all__ = ["Dialect", "ErrorClasses", "ErrorFacts", "trace_id_of"]

_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
_KEY: Final = re.compile(r"[A-Za-z0-9._~-]{22,128}")


@attrs.frozen
class ErrorClasses:
    """The classes that a client raises; each client package has its own subclasses.

    Attributes:
        root: The root of the client's errors.
        by_status: The class of each status; statuses from 500 fall back to *server*.
    """

    configuration: type[base.ConfigurationError] = base.ConfigurationError
    capability: type[base.CapabilityNotSupportedError] = base.CapabilityNotSupportedError
    deadline: type[base.DeadlineExceededError] = base.DeadlineExceededError
    connection: type[base.APIConnectionError] = base.APIConnectionError
    timeout: type[base.APITimeoutError] = base.APITimeoutError
    status: type[base.APIStatusError] = base.APIStatusError
    server: type[base.APIStatusError] = base.InternalServerError
    validation: type[base.APIResponseValidationError] = base.APIResponseValidationError
    stream: type[base.StreamError] = base.StreamError
    stalled: type[base.StreamStalledError] = base.StreamStalledError
    interrupted: type[base.StreamInterruptedError] = base.StreamInterruptedError
    by_status: Mapping[int, type[base.APIStatusError]] = attrs.field(
        factory=lambda: {
            400: base.BadRequestError,
            401: base.AuthenticationError,
            403: base.PermissionDeniedError,
            404: base.NotFoundError,
            409: base.ConflictError,
            410: base.GoneError,
            422: base.UnprocessableEntityError,
            429: base.RateLimitError,
        }
    )

    def of(self, status: int) -> type[base.APIStatusError]:
        """Return the class for *status*."""
        found = self.by_status.get(status)
        if found is not None:
            return found
        return self.server if status >= 500 else self.status


@attrs.frozen
class ErrorFacts:
    """What an error answer says, read by a dialect.

    Attributes:
        code: The error code, verbatim; empty where there is none.
        category: The code under which the newest version of the service files it.
        detail: The service's own message.
        subject: The member of the request that it is about, where the service names one.
        details: The members of the error's details.
        retryable: True or False where the answer or its code decides; None leaves it to the
            status.
        wait: True for a state that passes: wait and repeat with the same key.
        remedy: What the caller can do, as a sentence.
        retry_after: Seconds that the body asks to wait, where it does.
    """

    code: str = ""
    category: str = ""
    detail: str = ""
    details: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    retryable: bool | None = None
    wait: bool = False
    remedy: str = ""
    retry_after: float | None = None
    subject: str = ""


def trace_id_of(response: Response) -> str | None:
    """Return the 32 hexadecimal digits of the trace that *response* names, if it names one."""
    match = _TRACEPARENT.fullmatch(response.headers.get("traceparent", "").strip())
    return match[1] if match else None


class Dialect:
    """How one service is spoken to.  The defaults fit a plain JSON service.

    Args:
        service: The service's name, which `Call.service` carries.
        errors: The classes that the client raises.
        user_agent: The `User-Agent` of every request.
        key_argument: How a caller passes a credential, for messages.
        idempotency_header: The header of idempotency keys; empty where the service has none.
        replay_headers: The headers by which the service marks a replayed answer.
    """

    def __init__(
        self,
        service: str,
        *,
        errors: ErrorClasses | None = None,
        user_agent: str = "openwop",
        key_argument: str = "api_key= or auth=",
        idempotency_header: str = "Idempotency-Key",
        replay_headers: tuple[str, ...] = ("Idempotent-Replayed",),
    ) -> None:
        self.service = service
        self.errors = errors or ErrorClasses()
        self.user_agent = user_agent
        self.key_argument = key_argument
        self.idempotency_header = idempotency_header
        self.replay_headers = replay_headers

    def new_state(self) -> Any:
        """Return what a client and its copies remember about the service."""
        return None

    def choose(self, exchange: Exchange) -> Plan[str]:
        """Plan the choice of the variant in which the exchange's operation is sent."""
        return next(iter(exchange.operation.routes))
        yield  # makes this a plan without effects

    def route(self, core: Core, operation: Operation[Any], variant: str) -> Route:  # noqa: ARG002
        """Return the route of *operation* in *variant*.

        Raises:
            CapabilityNotSupportedError: The variant has no such operation.
        """
        route = operation.routes.get(variant)
        if route is None:
            msg = f"{operation.name} does not exist in version {variant} of {self.service}"
            raise self.errors.capability(msg, capability=operation.id)
        return route

    def translate(self, parameter: Parameter, value: Any, variant: str) -> Any:  # noqa: ARG002
        """Return what *variant* puts on the wire for *value*; called where a `kind` is set."""
        return value

    def headers(self, route: Route, variant: str) -> Mapping[str, str]:  # noqa: ARG002
        """Return the headers that every request of *variant* carries."""
        return {}

    def unknown_arguments(
        self, operation: Operation[Any], names: list[str], variant: str
    ) -> Exception:
        """Return the error for arguments that the variant in use has no place for."""
        known = {p.name for route in operation.routes.values() for p in route.parameters}
        wrong = [name for name in names if name not in known]
        if wrong:
            return TypeError(f"{operation.name}() has no argument {', '.join(wrong)}")
        msg = (
            f"{operation.name}: {', '.join(names)} does not exist in version {variant} of "
            f"{self.service}; leave it out"
        )
        return self.errors.capability(msg, capability=f"{operation.id}.{names[0]}")

    def write(self, route: Route, value: Any) -> Any:  # noqa: ARG002
        """Return the JSON data that the body of a request carries for *value*."""
        return to_wire(value)

    def read(self, route: Route, data: Any) -> Any:  # noqa: ARG002
        """Return what the JSON *data* of a success carries.

        Raises:
            StructureError: It is not in the form in which the service answers.
        """
        return data

    def carries_key(self, headers: Headers) -> bool:
        """Tell whether *headers*, which the caller set, carry a credential already."""
        return "authorization" in headers

    def signed(self, url: str, credential: Credential) -> tuple[str, Mapping[str, str]]:
        """Return the URL to send to, and the headers that carry *credential*."""
        return url, credential_headers(credential)

    def asked_wait(self, response: Response, wall: Callable[[], float]) -> float | None:
        """Return the seconds that the headers of an error answer ask to wait.

        Args:
            response: The answer.
            wall: Gives the time as Unix seconds.
        """
        return parse_retry_after(response.headers.get("retry-after"), wall)

    def check_key(self, key: str, variant: str) -> None:  # noqa: ARG002
        """Check an idempotency key that the caller made.

        Raises:
            ConfigurationError: It is outside the grammar.
        """
        if not _KEY.fullmatch(key):
            msg = (
                f"idempotency_key has {len(key)} characters or one outside A-Z a-z 0-9 . _ ~ -; "
                "22 to 128 of them are wanted, and a UUID as text is one"
            )
            raise self.errors.configuration(msg)

    def attempt_timeout(
        self,
        operation: Operation[Any],  # noqa: ARG002
        arguments: Mapping[str, Any],  # noqa: ARG002
        timeout: float | None,
    ) -> float | None:
        """Return the seconds that one attempt of *operation* may take."""
        return timeout

    def ready(self, exchange: Exchange) -> Response | None:  # noqa: ARG002
        """Return an answer that is at hand already; called when the request is prepared."""
        return None

    def answered(self, exchange: Exchange, response: Response) -> Response:  # noqa: ARG002
        """Return what to take for *response*, a success."""
        return response

    def reshape(self, operation: Operation[Any], data: Any, variant: str) -> Any:  # noqa: ARG002
        """Return the answer of an older variant in the shape of the newest; *data* where it is."""
        return data

    def recover(
        self,
        exchange: Exchange,  # noqa: ARG002
        facts: ErrorFacts,  # noqa: ARG002
        response: Response,  # noqa: ARG002
    ) -> Plan[bool]:
        """Plan what an error answer asks for before it is an error; True to send again at once."""
        return False
        yield  # makes this a plan without effects

    def read_error(self, response: Response, variant: str) -> ErrorFacts:  # noqa: ARG002
        """Read the body of an error answer; never raises, whatever the body is."""
        data = json_object(response)
        if data is None:
            return ErrorFacts()
        error: Any = data.get("error")
        if isinstance(error, dict):
            data = cast("dict[str, Any]", error)
        details = data.get("details")
        return ErrorFacts(
            code=_first_text(data, "code", "error", "type"),
            detail=_first_text(data, "message", "detail", "title"),
            details=cast("dict[str, Any]", details) if isinstance(details, dict) else {},
        )

    def is_retryable(self, facts: ErrorFacts, status: int) -> bool:
        """Tell whether an error answer may be repeated at all, safety aside."""
        return facts.retryable if facts.retryable is not None else status in RETRY_STATUSES

    def error(
        self,
        core: Core,  # noqa: ARG002
        operation: Operation[Any],  # noqa: ARG002
        route: Route,  # noqa: ARG002
        facts: ErrorFacts,
        response: Response,
        fields: Mapping[str, Any],
    ) -> SDKError:
        """Return the error to raise for an error answer.

        Args:
            core: The shared part of the client.
            operation: The operation.
            route: The route that was taken.
            facts: What `read_error` found.
            response: The answer.
            fields: The keyword arguments of `APIStatusError`, `message` included.
        """
        cls: type[APIStatusError] = self.errors.of(response.status_code)
        message = str(fields["message"])
        rest = {name: value for name, value in fields.items() if name != "message"}
        return cls(
            message,
            code=facts.code,
            category=facts.category,
            detail=facts.detail,
            details=facts.details,
            **rest,
        )

    def check_answer(
        self, operation: Operation[Any], route: Route, response: Response, variant: str
    ) -> str:
        """Return why *response* is no answer of the service; empty where it is one."""
        del operation, route, variant
        return "" if response.status_code else "no status"

    def size_limit(self, operation: Operation[Any]) -> tuple[str, str]:
        """Return the name of the bound on the size of an answer, and where it is raised."""
        del operation
        return "max_response_bytes", "max_response_bytes= of the client, or of with_options()"

    def absent(self, operation: Operation[Any], route: Route) -> ConfigurationError:
        """Return the error for a call that needs a credential on a client without one."""
        del route
        msg = f"{operation.name} needs a credential: pass {self.key_argument}"
        return self.errors.configuration(msg)

    def key_maker(self) -> Callable[[], str]:
        """Return the function that makes idempotency keys."""
        from secrets import token_urlsafe

        return lambda: token_urlsafe(24)


def _first_text(data: Mapping[str, Any], *names: str) -> str:
    return next((value for name in names if isinstance(value := data.get(name), str)), "")


def json_object(response: Response) -> dict[str, Any] | None:
    """Return the JSON object in a body, or None where it is anything else."""
    if not response.body:
        return None
    try:
        data = _json.loads(response.body)
    except ValueError:
        return None
    return cast("dict[str, Any]", data) if isinstance(data, dict) else None
