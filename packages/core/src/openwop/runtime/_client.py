"""The two base clients: they hold a core and settings, and run plans.

A generated method calls `perform`, `paginate`, `open_stream` or `download` with an `Operation`, its
arguments and the options of the call.  Everything that decides is in plans; what stands here in two
colours only drives them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self, TypeVar, cast

import attrs

from openwop.runtime._auth import Auth, to_provider
from openwop.runtime._call import ApiResponse, Call, CallOptions
from openwop.runtime._codec import structure
from openwop.runtime._core import Core, Settings
from openwop.runtime._drivers import AsyncIO, SyncIO, drive, drive_async
from openwop.runtime._effects import AnyOpenResponse, Plan
from openwop.runtime._exchange import Exchange
from openwop.runtime import _json
from openwop.runtime._operation import Operation
from openwop.runtime._pages import AsyncPager, Pager
from openwop.runtime._raw import AsyncStreamedResponse, StreamedResponse
from openwop.runtime._retry import RetryPolicy
from openwop.runtime._sse_state import EventStreamState
from openwop.runtime._stream import AsyncStream, InContext, Stream
from openwop.runtime._structure import StructureError
from openwop.runtime.errors import ConfigurationError
from openwop.wire import AsyncOpenResponse, OpenResponse, Response

__all__ = ["BaseAsyncClient", "BaseClient", "decode_answer"]

T = TypeVar("T")
Item = TypeVar("Item")
Page = TypeVar("Page")


def decode_answer(exchange: Exchange, response: Response) -> Any:
    """Return what the method returns for *response*.

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
    if response.status_code == 304:
        facts = exchange.core.dialect.read_error(response, exchange.variant)
        raise exchange.status_error(response, facts, None)
    if route.answer == "none" or operation.returns is None:
        return None
    if not response.body:
        if response.status_code == 204:
            return None
        raise exchange.validation_error(response, "expected a JSON document, got an empty body")
    try:
        data = _json.loads(response.body)
    except ValueError as exc:
        kind = response.headers.get("content-type", "no content type")
        msg = f"expected JSON, got {len(response.body)} bytes of {kind}: {exc}"
        if "html" in kind:
            msg = f"{msg}; a web page answered, so check that base_url is the host's API"
        raise exchange.validation_error(response, msg) from exc
    try:
        return structure(
            operation.returns,
            data,
            strict=exchange.settings.validation == "strict",
            variant=exchange.variant,
        )
    except StructureError as exc:
        raise exchange.validation_error(response, str(exc), exc.path) from exc


class _Shared:
    """What both clients are, whatever their colour."""

    _core: Core
    _settings: Settings
    _is_copy: bool

    def _copied(self, **changes: Any) -> Self:
        """Return a client on the same connections with other settings."""
        copy = cast("Self", object.__new__(type(self)))
        copy._core = self._core
        copy._settings = attrs.evolve(self._settings, **changes)
        copy._is_copy = True
        return copy

    def with_options(
        self,
        *,
        api_key: str | None = None,
        auth: Auth | None = None,
        timeout: float | None | ellipsis = ...,
        deadline: float | None | ellipsis = ...,
        retry: RetryPolicy | None = None,
        headers: Mapping[str, str] | None = None,
        validation: str | None = None,
        max_response_bytes: int | None | ellipsis = ...,
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
        if api_key is not None and auth is not None:
            msg = "pass api_key= or auth=, not both"
            raise self._core.dialect.errors.configuration(msg)
        if api_key is not None:
            changes["provider"] = self._provider(api_key, "api_key")
        if auth is not None:
            changes["provider"] = self._provider(auth, "auth")
        for name, value in (
            ("timeout", timeout),
            ("deadline", deadline),
            ("max_response_bytes", max_response_bytes),
        ):
            if value is not ...:
                changes[name] = value
        if retry is not None:
            changes["retry"] = retry
        if headers is not None:
            changes["headers"] = {**self._settings.headers, **headers}
        if validation is not None:
            changes["validation"] = self._validation(validation)
        return self._copied(**changes)

    def _provider(self, value: object, where: str) -> Any:
        try:
            return to_provider(value, where)
        except ConfigurationError as exc:
            raise self._core.dialect.errors.configuration(str(exc)) from None

    def _validation(self, value: str) -> str:
        if value not in {"tolerant", "strict"}:
            msg = f"validation is {value!r}; it is 'tolerant' or 'strict'"
            raise self._core.dialect.errors.configuration(msg)
        return value

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

    def _finish(self, exchange: Exchange, response: Response) -> Any:
        parsed = decode_answer(exchange, response)
        if self._settings.mode == "parsed":
            return parsed
        from openwop.runtime._dialect import trace_id_of

        return ApiResponse(
            parsed,
            response.status_code,
            response.headers,
            trace_id_of(response),
            exchange.call.attempt,
            any(
                response.headers.get(name, "").lower() == "true"
                for name in exchange.core.dialect.replay_headers
            ),
            response.body,
        )

    def _finish_plan(self, exchange: Exchange) -> Plan[Any]:
        response = yield from exchange.run()
        return self._finish(exchange, cast("Response", response))

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


class BaseClient(_Shared):
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
        return self._in_scope(exchange.call, drive, self._finish_plan(exchange), self._io)

    def _streamed(
        self, operation: Operation[T], arguments: Mapping[str, Any], options: CallOptions
    ) -> StreamedResponse[T]:
        exchange = self._exchange(operation, arguments, options, streaming=True)
        scope = self._core.hooks.scope(exchange.call)
        if scope is not None:
            scope.enter()
        try:
            opened = (
                drive(exchange.run(), self._io)
                if scope is None
                else scope.run(drive, exchange.run(), self._io)
            )
        except BaseException as exc:
            if scope is not None:
                scope.exit(exc)
            raise
        return StreamedResponse(
            cast("OpenResponse", opened),
            lambda body: decode_answer(
                exchange, Response(opened.status_code, opened.headers, body)
            ),
            self._settings.max_response_bytes,
            (lambda _error: None) if scope is None else scope.exit,
        )

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


class BaseAsyncClient(_Shared):
    """The asynchronous twin of `BaseClient`, on asyncio and trio."""

    @property
    def _io(self) -> AsyncIO:
        return cast("AsyncIO", self._core.io)

    async def _drive(self, exchange: Exchange, plan: Plan[T]) -> T:
        """Drive *plan*, bounded by the deadline of its call as a whole."""
        left = exchange.left()
        if left is None or self._io.virtual:
            return await drive_async(plan, self._io)
        import anyio

        # Plans check the deadline around what they send; this bounds what they ask of others
        # (a credential provider, a lock) as well.  The margin lets the plan's own word come first.
        with anyio.move_on_after(max(left, 0) + 0.1):
            return await drive_async(plan, self._io)
        raise exchange.out_of_time("waiting") from exchange.last_error

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
        coroutine = self._drive(exchange, self._finish_plan(exchange))
        scope = self._core.hooks.scope(exchange.call)
        if scope is None:
            return cast("T", await coroutine)
        try:
            scope.enter()
        except BaseException:
            coroutine.close()
            raise
        try:
            result = await InContext(scope, coroutine)
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
        if scope is not None:
            scope.enter()
        coroutine = self._drive(exchange, exchange.run())
        opened: AnyOpenResponse
        try:
            opened = cast(
                "AnyOpenResponse",
                await (coroutine if scope is None else InContext(scope, coroutine)),
            )
        except BaseException as exc:
            if scope is not None:
                scope.exit(exc)
            raise
        return AsyncStreamedResponse(
            cast("AsyncOpenResponse", opened),
            lambda body: decode_answer(
                exchange, Response(opened.status_code, opened.headers, body)
            ),
            self._settings.max_response_bytes,
            (lambda _error: None) if scope is None else scope.exit,
        )

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
