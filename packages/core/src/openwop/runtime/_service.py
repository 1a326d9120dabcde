"""One service as data, and the dialect that reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import attrs

from openwop.runtime._auth import Credential
from openwop.runtime._codec import structure, to_wire
from openwop.runtime._core import Core
from openwop.runtime._dialect import Dialect, ErrorClasses, ErrorFacts, json_object
from openwop.runtime._operation import Operation, Route
from openwop.runtime._retry import RetryPolicy, parse_retry_after
from openwop.runtime._schemes import MARK, Scheme, Server, carried
from openwop.runtime._structure import StructureError, kind_of
from openwop.runtime.errors import SDKError
from openwop.wire import Headers, Response

__all__ = ["Envelope", "Service", "ServiceDialect", "StreamRule"]

_LONGEST: Final = 60.0


@attrs.frozen
class Envelope:
    """The object that a service puts around every input and output.

    Attributes:
        paths: What the paths begin with whose bodies are wrapped.
        member: The member that holds the value.
        meta: The member that marks values which JSON lacks; empty where there is none.
    """

    paths: str = "/"
    member: str = "json"
    meta: str = ""


@attrs.frozen
class StreamRule:
    """What is known of one stream of events.

    Attributes:
        endless: True where a connection that ends cleanly is made anew.
        idle: Seconds of silence after which a connection is given up; None for no limit.
        until: Values of *member* that end the stream.
        member: The member of an event that says what it is.
    """

    endless: bool = False
    idle: float | None = None
    until: tuple[str, ...] = ()
    member: str = "type"


@attrs.frozen(kw_only=True)
class Service:
    """What a generated client knows of its service.

    Attributes:
        name: The name, which `Call.service` carries.
        errors: The classes that the client raises.
        user_agent: The `User-Agent` of every request.
        base_url: Where the service is unless something else is said; empty for nowhere.
        env_base_url: The environment variable of the base URL; empty for none.
        env_api_key: The environment variable of the key; empty for none.
        env_log: The environment variable of the log level; empty for none.
        carrier: How a key travels: `bearer`, `basic`, or `header:`, `query:` or `cookie:` with the
            name.
        key_required: Whether a client without a key is refused when it is made.
        idempotency_header: The header of idempotency keys; empty where there is none.
        retry: The policy of calls.
        retry_statuses: The statuses that may be repeated.
        server_errors: True where every status from 500 may be repeated.
        long_waits: `raise` where a longer wait than the policy allows is an error at once, or
            `backoff` where it is ignored.
        headers: Headers of every request.
        servers: The servers of the description.
        schemes: The security schemes of the description, by name.
        security: What the credential of a call may be where its route says nothing else.
        envelope: What is put around bodies.
        streams: What is known of streams, by operation id.
    """

    name: str
    errors: ErrorClasses
    user_agent: str = "openwop"
    base_url: str = ""
    env_base_url: str = ""
    env_api_key: str = ""
    env_log: str = ""
    carrier: str = "bearer"
    key_required: bool = False
    idempotency_header: str = ""
    retry: RetryPolicy = attrs.field(factory=RetryPolicy)
    retry_statuses: frozenset[int] = frozenset({408, 425, 429})
    server_errors: bool = True
    long_waits: str = "raise"
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    servers: tuple[Server, ...] = ()
    schemes: Mapping[str, Scheme] = attrs.field(factory=dict[str, Scheme])
    security: tuple[tuple[str, ...], ...] = ()
    envelope: Envelope | None = None
    streams: Mapping[str, StreamRule] = attrs.field(factory=dict[str, StreamRule])


class ServiceDialect(Dialect):
    """How the service is spoken to that a `Service` describes.

    Args:
        service: The service.
    """

    def __init__(self, service: Service) -> None:
        key = f"api_key= or auth=, or set {service.env_api_key}" if service.env_api_key else ""
        super().__init__(
            service.name,
            errors=service.errors,
            user_agent=service.user_agent,
            key_argument=key or "api_key= or auth=",
            idempotency_header=service.idempotency_header,
        )
        self.data = service
        self._place, _, self._name = service.carrier.partition(":")

    # -- credentials ------------------------------------------------------------------------------

    def carries_key(self, headers: Headers) -> bool:
        """Tell whether *headers*, which the caller set, carry a credential already."""
        own = {"header": self._name, "cookie": "cookie"}.get(self._place, "authorization")
        return own in headers or "authorization" in headers

    def signed(self, url: str, credential: Credential) -> tuple[str, Mapping[str, str]]:
        """Return the URL to send to, and the headers that carry *credential*."""
        if isinstance(credential, str):
            return carried(url, self.data.carrier, credential)
        headers: dict[str, str] = {}
        schemes = list(self.data.schemes.values())
        for name, value in (credential or {}).items():
            own = {name: value}
            if name.startswith(MARK):
                url, own = carried(url, schemes[int(name.removeprefix(MARK))].carrier, value)
            if "Cookie" in own and "Cookie" in headers:
                own = {"Cookie": f"{headers['Cookie']}; {own['Cookie']}"}
            headers.update(own)
        return url, headers

    # -- bodies -----------------------------------------------------------------------------------

    def _envelope(self, route: Route) -> Envelope | None:
        envelope = self.data.envelope
        if envelope is not None and route.path.startswith(envelope.paths):
            return envelope
        return None

    def write(self, route: Route, value: Any) -> Any:
        """Return the JSON data that the body of a request carries for *value*."""
        data = to_wire(value)
        envelope = self._envelope(route) if route.body == "json" else None
        return data if envelope is None else {envelope.member: data}

    def read(self, route: Route, data: Any) -> Any:
        """Return what the JSON *data* of a success carries.

        Raises:
            StructureError: The service puts an envelope around its answers, and there is none.
        """
        envelope = self._envelope(route)
        if envelope is None:
            return data
        if not isinstance(data, dict) or envelope.member not in data:
            raise StructureError(
                "", f"an object with {envelope.member!r}", kind_of(cast("object", data))
            )
        whole = cast("dict[str, Any]", data)
        value, marks = whole[envelope.member], whole.get(envelope.meta)
        return restored(value, cast("list[Any]", marks)) if isinstance(marks, list) else value

    # -- errors -----------------------------------------------------------------------------------

    def asked_wait(self, response: Response, wall: Callable[[], float]) -> float | None:
        """Return the seconds that the headers of an error answer ask to wait."""
        asked: float | None = None
        exact = response.headers.get("retry-after-ms")
        if exact is not None:
            try:
                asked = float(exact) / 1000.0
            except ValueError:
                asked = None
            if asked is not None and not 0.0 <= asked < float("inf"):
                asked = None
        if asked is None:
            asked = parse_retry_after(response.headers.get("retry-after"), wall)
        if asked is not None and self.data.long_waits == "backoff":
            return asked if 0.0 < asked <= _LONGEST else None
        return asked

    def read_error(self, response: Response, variant: str) -> ErrorFacts:  # noqa: ARG002
        """Read the body of an error answer; never raises, whatever the body is."""
        told = response.headers.get("x-should-retry", "").lower()
        retryable = {"true": True, "false": False}.get(told)
        data = json_object(response)
        if data is None:
            return ErrorFacts(retryable=retryable)
        if self.data.envelope is not None:
            data = _inner(data, self.data.envelope.member)
        error = _inner(data, "error")
        details: dict[str, Any] = {
            str(name): data[name] for name in ("requestId", "request_id") if name in data
        }
        for name in ("details", "data"):
            found = error.get(name)
            if isinstance(found, dict):
                details.update(cast("dict[str, Any]", found))
        for name in ("action", "requestId", "request_id", "param", "issues", "errors"):
            if name in error:
                details.setdefault(name, error[name])
        code = _text(error, "code") or _text(error, "type")
        detail = _text(error, "message", "detail", "error", "error_description", "title")
        action = details.get("action")
        return ErrorFacts(
            code=code,
            detail="" if detail == code else detail,
            details=details,
            retryable=retryable,
            remedy=action if isinstance(action, str) else "",
        )

    def is_retryable(self, facts: ErrorFacts, status: int) -> bool:
        """Tell whether an error answer may be repeated at all, safety aside."""
        if facts.retryable is not None:
            return facts.retryable
        return status in self.data.retry_statuses or (self.data.server_errors and status >= 500)

    def error(
        self,
        core: Core,
        operation: Operation[Any],
        route: Route,
        facts: ErrorFacts,
        response: Response,
        fields: Mapping[str, Any],
    ) -> SDKError:
        """Return the error to raise for an error answer, with its typed body."""
        body = self._typed(operation, response)
        return super().error(core, operation, route, facts, response, {**fields, "body": body})

    @staticmethod
    def _typed(operation: Operation[Any], response: Response) -> Any:
        """Return the body as the model that the description gives it, else as JSON or text."""
        from openwop.runtime import _json

        if not response.body:
            return None
        try:
            data = _json.loads(response.body)
        except ValueError:
            return response.body.decode("utf-8", "replace")
        model = operation.errors.get(response.status_code) or operation.errors.get(0)
        if model is None:
            return data
        try:
            return structure(model, data)
        except StructureError:
            return data


def _inner(data: dict[str, Any], member: str) -> dict[str, Any]:
    found = data.get(member)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else data


def _text(data: Mapping[str, Any], *names: str) -> str:
    return next((value for name in names if isinstance(value := data.get(name), str)), "")


# Values that JSON lacks, as the numbers of oRPC's `meta` have them.
_BIGINT, _NAN, _UNDEFINED, _MAP = 0, 2, 3, 7


def restored(value: Any, marks: list[Any]) -> Any:
    """Return *value* with the values that *marks* say JSON could not carry.

    Dates, addresses and patterns stay text, which the models read; sets stay lists.

    Args:
        value: The value.
        marks: One list per place: the number of the kind, then the path to it.
    """
    root: list[Any] = [value]
    for mark in marks:
        if not isinstance(mark, list) or not mark:
            continue
        kind, *path = cast("list[Any]", mark)
        owner, key = _place(root, path)
        if owner is None:
            continue
        found = owner[key]
        if kind == _BIGINT and isinstance(found, str) and found.lstrip("-").isdecimal():
            owner[key] = int(found)
        elif kind == _NAN:
            owner[key] = float("nan")
        elif kind == _UNDEFINED:
            if isinstance(owner, dict):
                del owner[key]
            else:
                owner[key] = None
        elif kind == _MAP and isinstance(found, list):
            owner[key] = _mapping(cast("list[Any]", found))
    return root[0]


def _place(root: list[Any], path: list[Any]) -> tuple[Any, Any]:
    """Return the container of the place at *path* and the key in it; None where it is not there."""
    owner: Any = root
    key: Any = 0
    for part in path:
        try:
            owner, key = owner[key], part
        except (KeyError, IndexError, TypeError):
            return None, None
    try:
        owner[key]
    except (KeyError, IndexError, TypeError):
        return None, None
    return (None, None) if isinstance(owner, str) else (owner, key)


def _key_of(pair: Any) -> Any:
    """Return the key of a pair; None where it is no pair."""
    members = cast("list[Any]", pair) if isinstance(pair, list) else []
    return members[0] if len(members) == 2 else None


def _mapping(pairs: list[Any]) -> Any:
    """Return the pairs of a map as a dictionary, or as they are where a key is no text."""
    keys: list[Any] = [_key_of(pair) for pair in pairs]
    return dict(pairs) if all(isinstance(key, str) for key in keys) else pairs
