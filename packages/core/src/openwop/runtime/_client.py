"""The two base clients: they hold a core and settings, and run plans.

A generated method calls `perform`, `paginate`, `open_stream` or `download` with an `Operation`, its
arguments and the options of the call.  Everything that decides is in plans; what stands here in two
colours only drives them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import EllipsisType, TracebackType
from typing import Any, Self, TypeVar, cast

import attrs

from openwop.runtime._aio import InContext
from openwop.runtime._answer import api_response, decode_answer
from openwop.runtime._auth import Auth
from openwop.runtime._call import Call, CallOptions
from openwop.runtime._core import Core, Settings, check_seconds
from openwop.runtime._drivers import AsyncIO, SyncIO, drive, drive_async
from openwop.runtime._effects import Plan
from openwop.runtime._exchange import Exchange
from openwop.runtime._making import check_validation, choose_provider
from openwop.runtime._operation import Operation
from openwop.runtime._pages import AsyncPager, Pager
from openwop.runtime._raw import AsyncStreamedResponse, StreamedResponse
from openwop.runtime._retry import RetryPolicy
from openwop.runtime._sse_state import EventStreamState
from openwop.runtime._stream import AsyncStream, Stream
from openwop.runtime.errors import ConfigurationError
from openwop.wire import Headers, Response

__all__ = ["BaseAsyncClient", "BaseClient"]

T = TypeVar("T")
Page = TypeVar("Page")


class Shared:
    """What both clients are, whatever their colour."""

    _core: Core
    _settings: Settings
    _is_copy: bool

    def _copied(self, **changes: Any) -> Self:
        """Return a client on the same connections with other settings."""
        copy = object.__new__(type(self))
        settings = attrs.evolve(self._settings, **changes)
        vars(copy).update(_core=self._core, _settings=settings, _is_copy=True)
        return copy

    def with_options(
        self,
        *,
        api_key: str | None = None,
        auth: Auth | None = None,
        timeout: float | EllipsisType | None = ...,
        deadline: float | EllipsisType | None = ...,
        retry: RetryPolicy | None = None,
        headers: Mapping[str, str] | None = None,
        validation: str | None = None,
        max_response_bytes: int | EllipsisType | None = ...,
    ) -> Self:
        """Return a cheap copy of this client with other settings, on the same connections.

        What is not given stays as it is.  Closing the copy leaves the connections open.

        Args:
            api_key: Another key.
            auth: Another source of credentials.
            timeout: Seconds that one attempt may take; None for no bound.
            deadline: Seconds that a whole call may take; None for no bound.
            retry: Another retry policy.
            headers: Headers to add to those of this client.
            validation: `tolerant` or `strict`.
            max_response_bytes: The most bytes of an answer that is read whole; None for no limit.

        Raises:
            ConfigurationError: An argument is wrong.
        """
        changes: dict[str, Any] = {}
        if api_key is not None or auth is not None:
            changes["provider"] = self._checked(choose_provider, api_key, auth, "")
        if timeout is not ...:
            changes["timeout"] = self._checked(check_seconds, "timeout", timeout)
        if deadline is not ...:
            changes["deadline"] = self._checked(check_seconds, "deadline", deadline)
        if max_response_bytes is not ...:
            changes["max_response_bytes"] = max_response_bytes
        if retry is not None:
            changes["retry"] = retry
        if headers is not None:
            changes["headers"] = Headers(self._settings.headers).merged(headers)
        if validation is not None:
            changes["validation"] = self._checked(check_validation, validation)
        return self._copied(**changes)

    def _checked(self, check: Callable[..., T], *args: Any) -> T:
        """Call *check*; what it refuses is raised as the client's own class of it."""
        try:
            return check(*args)
        except ConfigurationError as exc:
            raise self._core.dialect.errors.configuration(str(exc)) from None

    def _exchange(
        self,
        operation: Operation[Any],
        arguments: Mapping[str, Any],
        options: CallOptions,
        *,
        streaming: bool = False,
    ) -> Exchange:
        core = self._core
        if core.closed:
            msg = f"{operation.name}: the client is closed; make a new one"
            raise core.dialect.errors.configuration(msg)
        call = Call(
            core.dialect.service,
            operation.name,
            operation.id,
            {},
            core.is_async,
            streaming,
            base_url=core.base_url,
        )
        for name in operation_path_names(operation):
            value = arguments.get(name[0])
            if value is not None:
                cast("dict[str, str]", call.path_params)[name[1]] = name[2] or str(value)
        return Exchange(
            core, self._settings, operation, arguments, options, call, streaming=streaming
        )

    def _finished(self, exchange: Exchange) -> Plan[Any]:
        """Plan the call as a whole, up to what its method returns."""
        response = cast("Response", (yield from exchange.run()))
        parsed = decode_answer(exchange, response)
        if self._settings.mode == "parsed":
            return parsed
        return api_response(exchange, response, parsed)

    @property
    def base_url(self) -> str:
        """The origin that the client talks to, without a trailing slash."""
        return self._core.base_url

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._core.base_url}>"


def operation_path_names(operation: Operation[Any]) -> list[tuple[str, str, str]]:
    """Return Python name, wire name and what to show instead of a secret, per path parameter."""
    found = _path_names.get(operation)
    if found is None:
        route = next(iter(operation.routes.values()))
        found = _path_names[operation] = [
            (p.name, p.wire, "[redacted]" if p.secret else "")
            for p in route.parameters
            if p.location == "path"
        ]
    return found


_path_names: dict[Operation[Any], list[tuple[str, str, str]]] = {}


class BaseClient(Shared):
    """A blocking client of one service; thread-safe.  Subclasses add the resources."""

    @property
    def _io(self) -> SyncIO:
        return cast("SyncIO", self._core.io)

    def _in_scope(self, call: Call, work: Callable[..., T], *args: Any) -> T:
        """Call *work* within what the plugins put around *call*."""
        scope = self._core.hooks.scope(call)
        if scope is None:
            return work(*args)
        scope.enter()
        try:
            result = scope.run(work, *args)
        except BaseException as exc:
            scope.exit(exc)
            raise
        scope.exit(None)
        return result

    def perform(
        self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions
    ) -> T:
        """Perform *operation* and return its result.

        Args:
            operation: The operation.
            arguments: Its arguments by Python name.
            options: What the caller said about this call.

        Raises:
            SDKError: As the client's errors say.
        """
        if self._settings.mode == "streamed":
            return cast("T", self._streamed(operation, arguments, options))
        exchange = self._exchange(operation, arguments, options)
        plan = self._finished(exchange)
        return cast("T", self._in_scope(exchange.call, drive, plan, self._io))

    def _streamed(
        self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions
    ) -> StreamedResponse[T]:
        exchange = self._exchange(operation, arguments, options, streaming=True)
        scope = self._core.hooks.scope(exchange.call)
        if scope is None:
            return StreamedResponse(exchange, drive(exchange.run(), self._io), None)
        scope.enter()
        try:
            answer = scope.run(drive, exchange.run(), self._io)
        except BaseException as exc:
            scope.exit(exc)
            raise
        return StreamedResponse(exchange, answer, scope)

    def paginate(
        self, operation: Operation[Page], arguments: Mapping[str, Any], options: CallOptions
    ) -> Pager[Any, Page]:
        """Return the items of a paged list, fetched as they are needed.

        Args:
            operation: The operation that fetches one page.
            arguments: The arguments of the first page.
            options: What the caller said about these calls.
        """
        assert operation.paging is not None
        return Pager(
            operation.paging, arguments, lambda page: self.perform(operation, page, options)
        )

    def open_stream(
        self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions
    ) -> Stream[T]:
        """Return the stream of *operation*, which connects on first use.

        Args:
            operation: The operation; `returns` is the type of one item.
            arguments: Its arguments by Python name.
            options: What the caller said about this call.
        """
        exchange = self._exchange(operation, arguments, options, streaming=True)
        return Stream(self._core, exchange.call, EventStreamState[T](exchange))

    def close(self) -> None:
        """Close the connections that this client made; a copy leaves them open."""
        if self._is_copy or self._core.closed:
            return
        self._core.closed = True
        if self._core.owns_transport:
            self._io.transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class BaseAsyncClient(Shared):
    """The asynchronous twin of `BaseClient`, on asyncio and trio."""

    @property
    def _io(self) -> AsyncIO:
        return cast("AsyncIO", self._core.io)

    async def perform(
        self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions
    ) -> T:
        """Perform *operation* and return its result.

        Args:
            operation: The operation.
            arguments: Its arguments by Python name.
            options: What the caller said about this call.

        Raises:
            SDKError: As the client's errors say.
        """
        if self._settings.mode == "streamed":
            return cast("T", await self._streamed(operation, arguments, options))
        exchange = self._exchange(operation, arguments, options)
        scope = self._core.hooks.scope(exchange.call)
        if scope is None:
            return cast("T", await drive_async(self._finished(exchange), self._io))
        scope.enter()
        try:
            result = await InContext(scope, drive_async(self._finished(exchange), self._io))
        except BaseException as exc:
            scope.exit(exc)
            raise
        scope.exit(None)
        return cast("T", result)

    async def _streamed(
        self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions
    ) -> AsyncStreamedResponse[T]:
        exchange = self._exchange(operation, arguments, options, streaming=True)
        scope = self._core.hooks.scope(exchange.call)
        if scope is None:
            answer = await drive_async(exchange.run(), self._io)
            return AsyncStreamedResponse(exchange, answer, None)
        scope.enter()
        try:
            answer = await InContext(scope, drive_async(exchange.run(), self._io))
        except BaseException as exc:
            scope.exit(exc)
            raise
        return AsyncStreamedResponse(exchange, answer, scope)

    def paginate(
        self, operation: Operation[Page], arguments: Mapping[str, Any], options: CallOptions
    ) -> AsyncPager[Any, Page]:
        """Return the items of a paged list, fetched as they are needed; never awaited itself.

        Args:
            operation: The operation that fetches one page.
            arguments: The arguments of the first page.
            options: What the caller said about these calls.
        """
        assert operation.paging is not None
        return AsyncPager(
            operation.paging, arguments, lambda page: self.perform(operation, page, options)
        )

    def open_stream(
        self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions
    ) -> AsyncStream[T]:
        """Return the stream of *operation*, which connects on first use; never awaited itself.

        Args:
            operation: The operation; `returns` is the type of one item.
            arguments: Its arguments by Python name.
            options: What the caller said about this call.
        """
        exchange = self._exchange(operation, arguments, options, streaming=True)
        return AsyncStream(self._core, exchange.call, EventStreamState[T](exchange))

    async def aclose(self) -> None:
        """Close the connections that this client made; a copy leaves them open."""
        if self._is_copy or self._core.closed:
            return
        self._core.closed = True
        if self._core.owns_transport:
            await self._io.transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()
