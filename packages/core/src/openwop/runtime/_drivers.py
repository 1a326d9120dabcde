"""The two shells that run plans: they move bytes, wait and call, and decide nothing."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar, cast

from openwop.runtime._effects import (
    Ask,
    BodyTooLargeError,
    Effect,
    Invoke,
    OutOfTimeError,
    Plan,
    Send,
    Sleep,
)
from openwop.runtime.errors import ConfigurationError, SDKError
from openwop.wire import (
    AsyncClock,
    AsyncOpenResponse,
    AsyncTransport,
    Clock,
    OpenResponse,
    Request,
    Response,
    Transport,
    TransportError,
    TransportTimeout,
    UnusableTransportError,
)

__all__ = ["AsyncIO", "SyncIO", "drive", "drive_async", "timeout_of"]

T = TypeVar("T")

# What a driver throws into the plan; everything else is a bug or a cancellation and propagates.
_FOR_THE_PLAN = (TransportError, BodyTooLargeError, ConfigurationError, OutOfTimeError)

_MARGIN: Final = 0.1
"""Seconds by which an asynchronous transport that keeps its bounds itself comes before the driver.

It knows whether anything was sent; the driver, who cancels it, does not.
"""


def timeout_of(request: Request) -> float | None:
    """Return the bound on an answer that is read whole, and on the head of one that is not.

    An error answer to a streamed request is read whole: it gets the time of the head.
    """
    bounds = request.timeouts
    return bounds.head if request.stream and bounds.head is not None else bounds.total


class _MonotonicClock:
    """The clock of clients whose transport brings none."""

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class SyncIO:
    """Performs effects by blocking.

    Args:
        transport: Moves the bytes; where it is a `Clock` as well, it tells the time and waits.
    """

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        clock = transport if isinstance(transport, Clock) else _MonotonicClock()
        self.now: Callable[[], float] = clock.now
        self.sleep: Callable[[float], None] = clock.sleep
        self.configuration_error: type[ConfigurationError] = ConfigurationError

    def perform(self, effect: Effect) -> Any:
        """Do what *effect* asks and return what came of it."""
        if type(effect) is Send:
            return self._send(effect)
        if type(effect) is Sleep:
            return self.sleep(effect.seconds)
        answer = cast("Ask | Invoke", effect).function()
        if inspect.isawaitable(answer):
            if inspect.iscoroutine(answer):
                answer.close()
            msg = (
                "a synchronous client was given an asynchronous function (auth= or a plugin); "
                "use AsyncClient, or pass a function that returns its answer"
            )
            raise self.configuration_error(msg)
        return answer

    def _send(self, effect: Send) -> Response | OpenResponse:
        request = effect.request
        bound = timeout_of(request)
        until = None if bound is None else self.now() + bound
        try:
            opened = self.transport.send(request)
        except UnusableTransportError as exc:
            raise self.configuration_error(str(exc)) from exc
        if request.stream and 200 <= opened.status_code < 300:
            return opened
        try:
            body = self._read(opened, effect.limit, until)
        finally:
            opened.body.close()
        return Response(opened.status_code, opened.headers, body, _shown_url(request, opened))

    def _read(self, opened: OpenResponse, limit: int | None, until: float | None) -> bytes:
        chunks: list[bytes] = []
        size = 0
        for chunk in opened.body:
            size += len(chunk)
            if limit is not None and size > limit:
                raise BodyTooLargeError(limit, _head(opened))
            chunks.append(chunk)
            # A transport of someone else's may bound only each read; between chunks, we do.
            if until is not None and self.now() > until:
                msg = "the body did not end in time"
                raise TransportTimeout(msg)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _head(opened: OpenResponse | AsyncOpenResponse) -> Response:
    return Response(opened.status_code, opened.headers)


def _shown_url(request: Request, opened: OpenResponse | AsyncOpenResponse) -> str:
    """Return the URL that answered, as a `Response` may carry it: errors keep responses."""
    return request.shown_url if opened.url == request.url else opened.url


def drive(plan: Plan[T], io: SyncIO) -> T:
    """Run *plan* to its end, blocking, and return its result.

    An open response that the plan was given is closed if the plan raises instead of returning.
    """
    step: Callable[[], Effect] = partial(plan.send, None)
    opened: OpenResponse | None = None
    try:
        while True:
            try:
                effect = step()
            except StopIteration as done:  # only around step(): a transport's own must not pass
                opened = None
                return cast("T", done.value)
            try:
                outcome = io.perform(effect)
            except _FOR_THE_PLAN as exc:
                step = partial(plan.throw, exc)
            except SDKError as exc:
                if type(effect) is not Invoke:
                    raise
                step = partial(plan.throw, exc)
            else:
                if type(outcome) is OpenResponse:
                    opened = outcome
                step = partial(plan.send, outcome)
    finally:
        plan.close()
        if opened is not None:
            opened.body.close()


class _AsyncMonotonicClock:
    """The clock of asynchronous clients whose transport brings none."""

    def now(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        import anyio

        await anyio.sleep(seconds)


class AsyncIO:
    """Performs effects on asyncio or trio.

    Args:
        transport: Moves the bytes; where it is an `AsyncClock` as well, it tells the time and
            waits.
    """

    def __init__(self, transport: AsyncTransport) -> None:
        self.transport = transport
        self.virtual = isinstance(transport, AsyncClock)
        # A scope around what is bounded already would cost a tenth of a small call.
        self._watched = not self.virtual and not getattr(transport, "keeps_bounds", False)
        clock = transport if isinstance(transport, AsyncClock) else _AsyncMonotonicClock()
        self.now: Callable[[], float] = clock.now
        self.sleep = clock.sleep
        self.configuration_error: type[ConfigurationError] = ConfigurationError

    async def perform(self, effect: Effect) -> Any:
        """Do what *effect* asks and return what came of it."""
        if type(effect) is Send:
            return await self._send(effect)
        if type(effect) is Sleep:
            return await self.sleep(effect.seconds)
        answer = cast("Ask | Invoke", effect).function()
        if not inspect.isawaitable(answer):
            return answer
        within = effect.within if type(effect) is Ask else None
        if within is None or self.virtual:
            return await answer
        import anyio

        with anyio.move_on_after(within):
            return await answer
        raise OutOfTimeError

    async def _send(self, effect: Send) -> Response | AsyncOpenResponse:
        bound = timeout_of(effect.request)
        # A transport with a clock of its own keeps its bounds by that clock, not by the loop's.
        if bound is None or not self._watched:
            return await self._exchange(effect)
        import anyio

        with anyio.move_on_after(bound + _MARGIN):
            return await self._exchange(effect)
        msg = f"no complete answer within {bound:g} s"
        raise TransportTimeout(msg)

    async def _exchange(self, effect: Send) -> Response | AsyncOpenResponse:
        try:
            opened = await self.transport.send(effect.request)
        except UnusableTransportError as exc:
            raise self.configuration_error(str(exc)) from exc
        if effect.request.stream and 200 <= opened.status_code < 300:
            return opened
        try:
            body = await self._read(opened, effect.limit)
        except BaseException:
            await _close_shielded(opened)
            raise
        await opened.body.aclose()
        return Response(
            opened.status_code, opened.headers, body, _shown_url(effect.request, opened)
        )

    async def _read(self, opened: AsyncOpenResponse, limit: int | None) -> bytes:
        chunks: list[bytes] = []
        size = 0
        async for chunk in opened.body:
            size += len(chunk)
            if limit is not None and size > limit:
                raise BodyTooLargeError(limit, _head(opened))
            chunks.append(chunk)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def _close_shielded(opened: AsyncOpenResponse) -> None:
    """Close a body although the task is being cancelled; the wait is bounded."""
    import anyio

    with anyio.move_on_after(5, shield=True):
        await opened.body.aclose()


async def drive_async(plan: Plan[T], io: AsyncIO) -> T:
    """Run *plan* to its end on the running event loop and return its result.

    An open response that the plan was given is closed if the plan raises instead of returning.
    """
    step: Callable[[], Effect] = partial(plan.send, None)
    opened: AsyncOpenResponse | None = None
    try:
        while True:
            try:
                effect = step()
            except StopIteration as done:
                opened = None
                return cast("T", done.value)
            try:
                outcome = await io.perform(effect)
            except _FOR_THE_PLAN as exc:
                step = partial(plan.throw, exc)
            except SDKError as exc:
                if type(effect) is not Invoke:
                    raise
                step = partial(plan.throw, exc)
            else:
                if type(outcome) is AsyncOpenResponse:
                    opened = outcome
                step = partial(plan.send, outcome)
    finally:
        plan.close()
        if opened is not None:
            await _close_shielded(opened)
