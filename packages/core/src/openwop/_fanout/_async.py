"""Starting many runs on asyncio and trio."""

from __future__ import annotations

import warnings
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from openwop._fanout import _gate
from openwop._fanout._spec import RunSpec, StartResult
from openwop._handles import AsyncRunHandle
from openwop.errors import StreamInterruptedError
from openwop.runtime import CallOptions
from openwop.runtime._aio import running_trio
from openwop.runtime._drivers import AsyncIO, drive_async
from openwop.runtime._effects import Effect, Send

if TYPE_CHECKING:
    import asyncio

    import anyio

    from openwop._client import AsyncClient

__all__ = ["AsyncRunStarts"]

_GRACE = 5.0


class _IO(AsyncIO):
    """Tells the gate of every answer."""

    def __init__(self, inner: AsyncIO, gate: _gate.Gate) -> None:
        super().__init__(inner.transport)
        self._gate = gate

    async def perform(self, effect: Effect) -> Any:
        outcome = await super().perform(effect)
        if type(effect) is Send:
            self._gate.answered(outcome.status_code)
        return outcome


class _Pool:
    """What the tasks know; not the iterator, so that one that is dropped can be collected."""

    def __init__(self, client: AsyncClient, concurrency: int, options: CallOptions) -> None:
        self.gate = _gate.Gate(concurrency)
        self.done: deque[StartResult[AsyncRunHandle]] = deque()
        self.changed: anyio.Event | None = None
        self._running: set[anyio.CancelScope] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._client = client
        self._options = options
        self._io = _IO(client._io, self.gate)  # noqa: SLF001
        self._watched = _gate.on_io(client, self._io)

    def begin(self, spec: RunSpec) -> None:
        """Start one run in a task of its own."""
        import anyio

        scope = anyio.CancelScope()
        self._running.add(scope)

        async def work() -> None:
            try:
                with scope:
                    await self._work(spec)
            finally:
                self._running.discard(scope)
                if self.changed is not None:
                    self.changed.set()

        self._spawn(work)

    async def _work(self, spec: RunSpec) -> None:
        try:
            run_id = await drive_async(_gate.start(self._watched, spec, self._options), self._io)
        except Exception as exc:  # noqa: BLE001  # it is the result
            self.done.append(StartResult(spec, error=exc))
        else:
            self.done.append(StartResult(spec, self._client.runs.attach(run_id)))

    def _spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run *work* beside the reader.

        A task group would have to be left by the task that entered it, at a moment of its choosing;
        these tasks end with the iterator, which cancels them one by one.
        """
        trio = running_trio()
        if trio is not None:
            trio.lowlevel.spawn_system_task(work, context=copy_context())
            return
        import asyncio

        task = asyncio.ensure_future(work())
        self._tasks.add(task)  # the loop itself holds tasks weakly
        task.add_done_callback(self._tasks.discard)

    async def take(self) -> StartResult[AsyncRunHandle]:
        """Return the next result, waiting for it where there is none yet."""
        while not self.done:
            await self._change()
        return self.done.popleft()

    def cancel(self) -> None:
        """Cancel whatever is on its way."""
        for scope in list(self._running):
            scope.cancel()

    async def ended(self) -> None:
        """Return when nothing is on its way any more."""
        while self._running:
            await self._change()

    async def _change(self) -> None:
        import anyio

        self.changed = anyio.Event()
        await self.changed.wait()


class AsyncRunStarts(AsyncIterator[StartResult[AsyncRunHandle]]):
    """The results of `runs.start_many`, one by one as they come; use it inside `async with`.

    Leaving it early begins nothing more and cancels what is on its way.  Runs that were started
    all the same are found again by their keys.

    Args:
        client: The client.
        specs: What to start; read as far as there is room.
        concurrency: The most starts at a time.
        options: What the caller said about every start.
    """

    def __init__(
        self, client: AsyncClient, specs: Iterable[RunSpec], concurrency: int, options: CallOptions
    ) -> None:
        self._closed = self._cut = self._busy = False
        _gate.Gate(concurrency)  # a wrong number is said at once
        self._make = partial(_Pool, client, concurrency, options)
        self._pool: _Pool | None = None
        self._specs = iter(specs)
        self._exhausted = False
        self._error: BaseException | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> StartResult[AsyncRunHandle]:
        if self._cut:
            msg = (
                "runs.start_many() was cut off by a cancelled read; begin again with the same keys"
            )
            raise StreamInterruptedError(msg)
        if self._busy:
            msg = "runs.start_many() is already being read by another task"
            raise StreamInterruptedError(msg)
        if self._closed:
            raise StopAsyncIteration
        if self._pool is None:
            self._pool = self._make()
        pool = self._pool
        self._busy = True
        try:
            self._fill(pool)
            if pool.gate.in_flight:
                result = await pool.take()
                pool.gate.in_flight -= 1
                return result
        except BaseException:
            self._cut = True
            await self.aclose()
            raise
        finally:
            self._busy = False
        await self.aclose()
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        raise StopAsyncIteration

    def _fill(self, pool: _Pool) -> None:
        while not self._exhausted and pool.gate.is_open:
            try:
                spec = next(self._specs, None)
            except Exception as exc:  # noqa: BLE001  # raised once what is on its way has come
                self._exhausted, self._error = True, exc
                return
            if spec is None:
                self._exhausted = True
                return
            pool.gate.in_flight += 1
            pool.begin(spec)

    async def aclose(self) -> None:
        """Begin nothing more, cancel what is on its way, and return when that has ended."""
        if self._closed:
            return
        self._closed = self._exhausted = True
        pool = self._pool
        if pool is not None:
            import anyio

            pool.cancel()
            # Also where the task is being cancelled; the wait is bounded.
            with anyio.move_on_after(_GRACE, shield=True):
                await pool.ended()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        pool = getattr(self, "_pool", None)
        if pool is None or self._closed:
            return
        self._closed = True
        with suppress(RuntimeError):  # the loop may be gone already
            pool.cancel()
        warnings.warn(
            "runs.start_many() was left before its end; read it inside `async with`, or close it",
            ResourceWarning,
            stacklevel=2,
            source=self,
        )
