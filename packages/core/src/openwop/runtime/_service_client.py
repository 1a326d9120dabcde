"""The two clients that generated ones subclass: made from a `Service`, with verbs by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import EllipsisType
from typing import Any, ClassVar, Final, Self, TypeAlias, TypedDict, TypeVar, Unpack, cast

import attrs

from openwop.runtime._auth import Auth, AuthProvider
from openwop.runtime._call import CallOptions, MutationOptions
from openwop.runtime._client import BaseAsyncClient, BaseClient, Shared
from openwop.runtime._core import DEFAULT_LIMIT, Core, Settings, check_base_url, check_seconds
from openwop.runtime._exchange import Exchange
from openwop.runtime._hooks import Hooks
from openwop.runtime._making import (
    check_validation,
    choose_provider,
    environment,
    new_core,
    turn_on_logging,
)
from openwop.runtime._operation import BodyKind, Operation, Parameter, Route, Unset
from openwop.runtime._resume import ResumingStreamState
from openwop.runtime._retry import RetryPolicy
from openwop.runtime._schemes import provider_for, providers, server_url
from openwop.runtime._service import Service, ServiceDialect, StreamRule
from openwop.runtime._stream import AsyncStream, Stream
from openwop.runtime.errors import ConfigurationError

__all__ = ["AsyncServiceClient", "ClientOptions", "ServiceClient"]

T = TypeVar("T")

SchemeAuth: TypeAlias = "Auth | tuple[str, str]"


class ClientOptions(TypedDict, total=False):
    """What every generated client takes beside its base URL.

    Attributes:
        api_key: The key; by default what the environment gives.
        auth: In place of a key: a function that returns one, or a provider.
        timeout: Seconds that one attempt may take; None for no bound.
        deadline: Seconds that a call may take with its retries and waits; None for no bound.
        retry: How often and how patiently a call is repeated.
        transport: What moves the bytes; by default httpx.  One that is passed in is left open.
        plugins: Plugins of this client.
        load_plugins: Whether the installed plugins take part.
        headers: Headers to send with every request; UNSET removes one of the client's own.
        validation: `tolerant` or `strict`.
        max_response_bytes: The most bytes of an answer that is read whole; None for no limit.
        credentials: Credentials by the names of the description's security schemes, for services
            with several: a key, a function, a provider, or a pair of user and password (HTTP
            basic) or of client id and secret (OAuth 2 client credentials).
        server: Which server of the description, by name, URL or index, in place of a base URL.
        server_variables: Values of that server's variables.
        default_query: Query parameters of every request.
    """

    api_key: str | None
    auth: Auth | None
    timeout: float | None
    deadline: float | None
    retry: RetryPolicy | None
    transport: Any
    plugins: Iterable[object]
    load_plugins: bool
    headers: Mapping[str, str | Unset] | None
    validation: str
    max_response_bytes: int | EllipsisType | None
    credentials: Mapping[str, SchemeAuth] | None
    server: str | int | None
    server_variables: Mapping[str, str] | None
    default_query: Mapping[str, object] | None


def _settings(service: Service, options: ClientOptions) -> Settings:
    provider = choose_provider(options.get("api_key"), options.get("auth"), service.env_api_key)
    if provider is None and service.key_required and not options.get("credentials"):
        where = f", or set {service.env_api_key}" if service.env_api_key else ""
        msg = f"{service.name} wants a key: pass api_key= or auth={where}"
        raise ConfigurationError(msg)
    limit = options.get("max_response_bytes", ...)
    return Settings(
        timeout=check_seconds("timeout", options.get("timeout", 30.0)),
        deadline=check_seconds("deadline", options.get("deadline")),
        retry=options.get("retry") or service.retry,
        headers=cast("Mapping[str, str]", {**service.headers, **(options.get("headers") or {})}),
        provider=provider,
        validation=check_validation(options.get("validation", "tolerant")),
        max_response_bytes=DEFAULT_LIMIT if isinstance(limit, EllipsisType) else limit,
    )


def _server(service: Service, options: ClientOptions, base_url: str | None) -> str | None:
    """Return where the service is, as the caller, the environment or the description say."""
    chosen, variables = options.get("server"), options.get("server_variables")
    if chosen is None and not variables:
        return base_url or environment(service.env_base_url) or service.base_url or None
    if base_url is not None:
        msg = "pass base_url or server= with server_variables=, not both"
        raise ConfigurationError(msg)
    return server_url(service.servers, chosen, variables)


@attrs.frozen
class Extras:
    """What only clients of a service keep, beside the settings of every client.

    Attributes:
        credentials: The sources of credentials by security scheme.
        query: Query parameters of every request.
    """

    credentials: Mapping[str, AuthProvider] = attrs.field(
        factory=dict[str, AuthProvider], repr=False
    )
    query: Mapping[str, object] = attrs.field(factory=dict[str, object], repr=False)


class _CopyOptions(TypedDict, total=False):
    """What a copy of a client may have of its own, as `ClientOptions` says."""

    api_key: str | None
    auth: Auth | None
    timeout: float | EllipsisType | None
    deadline: float | EllipsisType | None
    retry: RetryPolicy | None
    headers: Mapping[str, str] | None
    validation: str | None
    max_response_bytes: int | EllipsisType | None


class _Extended(Shared):
    """What both clients of a service are beyond every client."""

    _service: ClassVar[Service]
    _extras: Extras

    def _take_extras(self, options: ClientOptions) -> None:
        given = options.get("credentials") or {}
        credentials = self._checked(providers, self._service.schemes, given)
        self._extras = Extras(credentials, options.get("default_query") or {})

    def _copied(self, **changes: Any) -> Self:
        extras = changes.pop("extras", self._extras)
        copy = super()._copied(**changes)
        vars(copy)["_extras"] = extras
        return copy

    def with_options(
        self,
        *,
        credentials: Mapping[str, SchemeAuth] | None = None,
        default_query: Mapping[str, object] | None = None,
        **options: Unpack[_CopyOptions],
    ) -> Self:
        """Return a cheap copy of this client with other settings, on the same connections.

        Args:
            credentials: Other credentials by security scheme, added to those of this client.
            default_query: Query parameters of every request, added to those of this client.
            **options: `api_key`, `auth`, `timeout`, `deadline`, `retry`, `headers`, `validation`
                and `max_response_bytes`, as a client takes them.

        Raises:
            ConfigurationError: An argument is wrong.
        """
        copy = super().with_options(**options)
        if credentials is None and default_query is None:
            return copy
        found = copy._checked(providers, self._service.schemes, credentials or {})  # noqa: SLF001
        extras = Extras(
            {**self._extras.credentials, **found}, {**self._extras.query, **(default_query or {})}
        )
        return copy._copied(extras=extras)  # noqa: SLF001

    def _exchange(
        self,
        operation: Operation[Any],
        arguments: Mapping[str, Any],
        options: CallOptions,
        *,
        streaming: bool = False,
    ) -> Exchange:
        client: _Extended = self
        (route, *_) = operation.routes.values()
        service = self._service
        asked = route.security or service.security
        if asked and route.credential != "none":
            own = self._settings.provider
            chosen = provider_for(
                asked, service.schemes, service.carrier, own, self._extras.credentials
            )
            client = self if chosen is own else self._copied(provider=chosen)
        if self._extras.query:
            taken = {
                parameter.wire
                for parameter in route.parameters
                if parameter.location == "query" and arguments.get(parameter.name) is not None
            }
            query = {k: v for k, v in self._extras.query.items() if k not in taken}
            options = cast("CallOptions", {**options})
            options["extra_query"] = {**query, **(options.get("extra_query") or {})}
        return super(_Extended, client)._exchange(
            operation, arguments, options, streaming=streaming
        )


def _made(
    service: Service, base_url: str | None, options: ClientOptions, *, is_async: bool
) -> tuple[Core, Settings]:
    """Return the core and the settings of a new client.

    Raises:
        ConfigurationError: An argument, or what the environment gives, is wrong.
    """
    unknown = sorted(set(options) - set(ClientOptions.__annotations__))
    if unknown:
        msg = f"a client takes no argument {', '.join(unknown)}"
        raise TypeError(msg)
    try:
        given = _server(service, options, base_url)
        url = check_base_url(given, env=service.env_base_url or "it in the code")
        settings = _settings(service, options)
        hooks = Hooks(options.get("plugins", ()), load=options.get("load_plugins", True))
        turn_on_logging(service.env_log)
        dialect = ServiceDialect(service)
        mine = options.get("transport")
        core = new_core(url, dialect, settings, hooks, mine, is_async=is_async)
    except ConfigurationError as exc:
        if isinstance(exc, service.errors.configuration):
            raise
        raise service.errors.configuration(str(exc)) from exc.__cause__
    return core, settings


_PATH: Final = Parameter("path", "path", "path", required=True, kind="slashes")
_verbs: dict[tuple[str, BodyKind, Any], Operation[Any]] = {}


def _verb(method: str, path: str, body: BodyKind, returns: Any) -> tuple[Operation[Any], str]:
    """Return the operation of a request by hand, and its path without the slash before it."""
    try:
        found = _verbs.get((method, body, returns))
    except TypeError:  # an annotation that has no hash
        found = None
    if found is None:
        answer = "none" if returns is None else "bytes" if returns is bytes else "json"
        answer = "text" if returns is str else answer
        parameters = [_PATH]
        if body != "none":
            parameters.append(Parameter("body", "body", "payload"))
        route = Route(
            method,
            "/{path}",
            tuple(parameters),
            body=body,
            answer=cast("Any", answer),
            credential="optional",
            idempotency=True,
        )
        found = Operation[Any](method.lower(), method.lower(), {"": route}, returns)
        if len(_verbs) < 1000:
            _verbs[method, body, returns] = found
    return found, path.removeprefix("/")


def _kind_of(body: Any, files: Any, content: Any, form: Any) -> tuple[BodyKind, Any]:
    offered: list[tuple[BodyKind, Any]] = [
        ("json", body),
        ("multipart", files),
        ("bytes", content),
        ("form", form),
    ]
    given = [(kind, value) for kind, value in offered if value is not None]
    if len(given) > 1:
        msg = "pass one of body=, files=, content= and form="
        raise ConfigurationError(msg)
    return cast("tuple[BodyKind, Any]", given[0] if given else ("none", None))


class _Bodies(MutationOptions, total=False):
    """What a request by hand may carry.

    Attributes:
        body: JSON data, or a model.
        files: The parts of a multipart body.
        content: The body as it is.
        form: The fields of a form.
    """

    body: Any
    files: Mapping[str, Any] | None
    content: bytes | str | None
    form: Mapping[str, Any] | None


def _prepared(
    method: str, path: str, returns: Any, options: _Bodies
) -> tuple[Operation[Any], dict[str, Any], CallOptions]:
    rest = cast("dict[str, Any]", dict(options))
    taken = [rest.pop(name, None) for name in ("body", "files", "content", "form")]
    kind, value = _kind_of(*taken)
    operation, below = _verb(method, path, kind, returns)
    arguments = {"path": below} if kind == "none" else {"path": below, "body": value}
    return operation, arguments, cast("CallOptions", rest)


class ServiceClient(_Extended, BaseClient):
    """A blocking client of a service that a `Service` describes; thread-safe.

    Args:
        base_url: Where the service is; by default what the environment or the description says.
        **options: As `ClientOptions` says.

    Raises:
        ConfigurationError: An argument, or what the environment gives, is wrong.
    """

    def __init__(self, base_url: str | None = None, **options: Unpack[ClientOptions]) -> None:
        self._is_copy = False
        self._core, self._settings = _made(self._service, base_url, options, is_async=False)
        self._take_extras(options)

    def open_stream(
        self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions
    ) -> Stream[T]:
        """Return the stream of *operation*, which connects on first use and resumes by itself.

        Args:
            operation: The operation; `returns` is the type of one item.
            arguments: Its arguments by Python name.
            options: What the caller said about this call.
        """
        exchange = self._exchange(operation, arguments, options, streaming=True)
        rule = self._service.streams.get(operation.id) or StreamRule()
        return Stream(self._core, exchange.call, ResumingStreamState[T](exchange, rule))

    def request(
        self, method: str, path: str, *, cast_to: Any = None, **options: Unpack[_Bodies]
    ) -> Any:
        """Send a request that no method describes, with the same retries and errors.

        Args:
            method: The HTTP method.
            path: The path below the base URL, unescaped; a query goes into `extra_query`.
            cast_to: What the answer is read as: a model, a list or union of such, `dict`, `str`,
                `bytes`, or None for no answer.
            **options: The body, and the options of every call.
        """
        return self.perform(*_prepared(method.upper(), path, cast_to, options))

    def get(self, path: str, *, cast_to: Any = None, **options: Unpack[_Bodies]) -> Any:
        """Send a GET; `request` says more."""
        return self.request("GET", path, cast_to=cast_to, **options)

    def post(self, path: str, *, cast_to: Any = None, **options: Unpack[_Bodies]) -> Any:
        """Send a POST; `request` says more."""
        return self.request("POST", path, cast_to=cast_to, **options)

    def put(self, path: str, *, cast_to: Any = None, **options: Unpack[_Bodies]) -> Any:
        """Send a PUT; `request` says more."""
        return self.request("PUT", path, cast_to=cast_to, **options)

    def patch(self, path: str, *, cast_to: Any = None, **options: Unpack[_Bodies]) -> Any:
        """Send a PATCH; `request` says more."""
        return self.request("PATCH", path, cast_to=cast_to, **options)

    def delete(self, path: str, *, cast_to: Any = None, **options: Unpack[_Bodies]) -> Any:
        """Send a DELETE; `request` says more."""
        return self.request("DELETE", path, cast_to=cast_to, **options)


class AsyncServiceClient(_Extended, BaseAsyncClient):
    """The asynchronous twin of `ServiceClient`, on asyncio and trio.

    Args:
        base_url: Where the service is; by default what the environment or the description says.
        **options: As `ClientOptions` says.

    Raises:
        ConfigurationError: An argument, or what the environment gives, is wrong.
    """

    def __init__(self, base_url: str | None = None, **options: Unpack[ClientOptions]) -> None:
        self._is_copy = False
        self._core, self._settings = _made(self._service, base_url, options, is_async=True)
        self._take_extras(options)

    def open_stream(
        self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions
    ) -> AsyncStream[T]:
        """Return the stream of *operation*, which connects on first use and resumes by itself.

        Args:
            operation: The operation; `returns` is the type of one item.
            arguments: Its arguments by Python name.
            options: What the caller said about this call.
        """
        exchange = self._exchange(operation, arguments, options, streaming=True)
        rule = self._service.streams.get(operation.id) or StreamRule()
        return AsyncStream(self._core, exchange.call, ResumingStreamState[T](exchange, rule))

    async def request(
        self, method: str, path: str, *, cast_to: Any = None, **options: Unpack[_Bodies]
    ) -> Any:
        """Send a request that no method describes, with the same retries and errors.

        Args:
            method: The HTTP method.
            path: The path below the base URL, unescaped; a query goes into `extra_query`.
            cast_to: What the answer is read as: a model, a list or union of such, `dict`, `str`,
                `bytes`, or None for no answer.
            **options: The body, and the options of every call.
        """
        return await self.perform(*_prepared(method.upper(), path, cast_to, options))

    async def get(self, path: str, *, cast_to: Any = None, **options: Unpack[_Bodies]) -> Any:
        """Send a GET; `request` says more."""
        return await self.request("GET", path, cast_to=cast_to, **options)

    async def post(self, path: str, *, cast_to: Any = None, **options: Unpack[_Bodies]) -> Any:
        """Send a POST; `request` says more."""
        return await self.request("POST", path, cast_to=cast_to, **options)

    async def put(self, path: str, *, cast_to: Any = None, **options: Unpack[_Bodies]) -> Any:
        """Send a PUT; `request` says more."""
        return await self.request("PUT", path, cast_to=cast_to, **options)

    async def patch(self, path: str, *, cast_to: Any = None, **options: Unpack[_Bodies]) -> Any:
        """Send a PATCH; `request` says more."""
        return await self.request("PATCH", path, cast_to=cast_to, **options)

    async def delete(self, path: str, *, cast_to: Any = None, **options: Unpack[_Bodies]) -> Any:
        """Send a DELETE; `request` says more."""
        return await self.request("DELETE", path, cast_to=cast_to, **options)
