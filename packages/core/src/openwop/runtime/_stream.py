"""Streams: a colourless state that decides, and two shells that own body, scope and closing.

The state says how to connect (a plan), takes the bytes, gives the items, and decides at the end of
a connection whether the stream is over.  The shells read, time the silence, and close.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from enum import Enum
from types import TracebackType
from typing import Any, Final, Generic, Protocol, Self, TypeVar

from openwop.runtime._aio import InContext, closer
from openwop.runtime._call import Call, Received
from openwop.runtime._core import Core
from openwop.runtime._drivers import AsyncIO, SyncIO, drive, drive_async
from openwop.runtime._effects import AnyOpenResponse, Plan
from openwop.runtime._hooks import CallScope
from openwop.wire import (
    AsyncBody,
    AsyncOpenResponse,
    OpenResponse,
    TransportError,
    TransportTimeout,
)

__all__ = ["NOTHING", "AsyncStream", "Nothing", "Stream", "StreamState"]

_STOP: Final = "a plugin or a transport raised StopIteration, which would look like the end"

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Nothing(Enum):
    """The type of `NOTHING`."""

    NOTHING = "nothing"


NOTHING: Final = Nothing.NOTHING
"""What a state gives in place of an item; None is an item, where a service sends `null`."""


class StreamState(Protocol[T_co]):
    """What decides about a stream; knows no colour and does no I/O."""

    @property
    def finished(self) -> bool:
        """True when nothing more will come once `pop` gives `NOTHING`."""
        ...

    @property
    def idle_timeout(self) -> float | None:
        """The longest silence on the wire, in seconds."""
        ...

    @property
    def where(self) -> str:
        """What the stream is, for messages."""
        ...

    @property
    def last_event_id(self) -> str | None:
        """The id after which a new stream would resume."""
        ...

    def connect(self) -> Plan[AnyOpenResponse | None]:
        """Plan the next connection; None where the plan itself brought items or the end."""
        ...

    def feed(self, chunk: bytes) -> None:
        """Take bytes from the body."""
        ...

    def work(self) -> Plan[None] | None:
        """Return a plan to run before more bytes are read, with the body still open, or None."""
        ...

    def pop(self) -> T_co | Nothing:
        """Return the next item, or `NOTHING` where more bytes are needed."""
        ...

    def disconnected(self, error: TransportError | None) -> None:
        """Note that the body ended, cleanly or with *error*; may raise the stream's own error."""
        ...

    def interrupted(self, message: str) -> Exception:
        """Return the error for a read that follows a cancellation, or comes from two tasks."""
        ...


class _Shell(Generic[T]):
    """What both shells share: the state, the scope, and how a stream was left."""

    def __init__(self, core: Core, call: Call, state: StreamState[T]) -> None:
        self._core = core
        self._call = call
        self._state = state
        self._scope: CallScope | None = None
        self._received: Received | None = None
        self._began = 0.0
        self._begun = False
        self._closed = False
        self._cut = False
        self._busy = False
        self._notify: Callable[..., Any] | None = core.hooks.event

    @property
    def last_event_id(self) -> str | None:
        """The id after which a new stream would resume."""
        return self._state.last_event_id

    @property
    def closed(self) -> bool:
        """Whether the stream has been closed, by its end or by hand."""
        return self._closed

    def _begin(self) -> None:
        if not self._begun:
            self._begun = True
            scope = self._core.hooks.scope(self._call)
            if scope is not None:
                self._scope = scope
                self._received = self._call.received = Received()
                self._began = self._core.now()
                scope.enter()

    def _leave(self, error: BaseException | None) -> None:
        scope, self._scope = self._scope, None
        if scope is not None:
            scope.exit(error)

    def _refuse(self) -> None:
        """Raise where a read cannot be right: after a cancellation, or beside another read."""
        if self._cut:
            raise self._state.interrupted(
                f"{self._state.where} was closed by a cancelled read; open a new stream, with "
                "after= to go on where this one stopped"
            )
        if self._busy:
            raise self._state.interrupted(
                f"{self._state.where} is already being read by another task or thread; give each "
                "reader a stream of its own"
            )

    def _hand_out(self, item: T) -> T:
        received = self._received
        if received is not None:
            if not received.count:
                received.first = item
                received.first_after = self._core.now() - self._began
            received.count += 1
            received.last = item
        if self._notify is not None:
            if self._scope is not None:
                self._scope.run(self._call_notify, item)
            else:
                self._call_notify(item)
        return item

    def _call_notify(self, item: T) -> None:
        assert self._notify is not None
        self._notify(call=self._call, event=item)

    def _report_left_open(self) -> None:
        warnings.warn(
            f"{self._state.where} was left open and has been closed by the garbage collector; "
            "read it inside `with` (or `async with`), or close it",
            ResourceWarning,
            stacklevel=2,
            source=self,
        )


class Stream(_Shell[T]):
    """An iterator over the items of a stream, and a context manager that closes it.

    It connects on first use.  It closes at its end, on an error, and on leaving `with`; a stream
    that is merely dropped is closed when it is collected, with a `ResourceWarning`.

    Args:
        core: The shared part of the client.
        call: The call, as plugins see it.
        state: What decides about the stream.
    """

    def __init__(self, core: Core, call: Call, state: StreamState[T]) -> None:
        super().__init__(core, call, state)
        assert isinstance(core.io, SyncIO)
        self._io = core.io
        self._opened: OpenResponse | None = None
        self._chunks: Iterator[bytes] | None = None
        self._lock = threading.Lock()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        with self._lock:
            if self._closed and not self._cut:
                raise StopIteration
            self._refuse()
            self._busy = True
        try:
            item = self._read()
        except StopIteration as exc:  # of a plugin or a transport: no end of ours
            self._fail(exc)
            raise RuntimeError(_STOP) from exc
        except BaseException as exc:
            self._fail(exc)
            raise
        self._busy = False
        if item is NOTHING or self._closed:  # closed from another thread: the rest is ours
            self._shut(None)
        if item is NOTHING:
            raise StopIteration
        return item

    def _fail(self, error: BaseException) -> None:
        # KeyboardInterrupt and the like cut the read in the middle: bytes may be lost.
        self._cut = not isinstance(error, Exception)
        self._busy = False
        self._shut(error)

    def _read(self) -> T | Nothing:
        state = self._state
        while True:
            item = state.pop()
            if item is not NOTHING:
                return self._hand_out(item)
            if state.finished or self._closed:
                return NOTHING
            work = state.work()
            if work is not None:
                self._within(drive, work, self._io)
                continue
            if self._opened is None:
                self._begin()
                opened = self._within(drive, state.connect(), self._io)
                if opened is not None:
                    assert isinstance(opened, OpenResponse)
                    self._opened = opened
                    self._chunks = iter(opened.body)
                    if self._closed:  # from another thread, while the connection was made
                        return NOTHING
                continue
            self._within(self._step)

    def _step(self) -> None:
        """Read one chunk, or note the end of the connection."""
        assert self._chunks is not None
        error: TransportError | None = None
        chunk: bytes | None = None
        try:
            chunk = next(self._chunks, None)
        except TransportError as exc:
            error = exc
        except Exception:
            if not self._closed:  # a body that another thread closes may raise what it likes
                raise
        if self._closed:
            return
        if chunk is not None:
            self._state.feed(chunk)
            return
        self._drop_body()
        self._state.disconnected(error)

    def _within(self, function: Callable[..., Any], *args: Any) -> Any:
        return function(*args) if self._scope is None else self._scope.run(function, *args)

    def _drop_body(self) -> None:
        opened, self._opened, self._chunks = self._opened, None, None
        if opened is not None:
            opened.body.close()

    def _shut(self, error: BaseException | None) -> None:
        self._closed = True
        try:
            self._drop_body()
        finally:
            if not self._busy:
                self._leave(error)

    def close(self) -> None:
        """Close the stream at once; safe to call twice, and while another thread reads."""
        with self._lock:
            if self._closed:
                return
            self._shut(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._closed:
            return
        self._shut(error)

    def __del__(self) -> None:
        if getattr(self, "_begun", False) and not self._closed:
            try:
                self._report_left_open()
            finally:
                self.close()


class AsyncStream(_Shell[T]):
    """The asynchronous twin of `Stream`, on asyncio and trio; never awaited itself.

    Args:
        core: The shared part of the client.
        call: The call, as plugins see it.
        state: What decides about the stream.
    """

    def __init__(self, core: Core, call: Call, state: StreamState[T]) -> None:
        super().__init__(core, call, state)
        assert isinstance(core.io, AsyncIO)
        self._io = core.io
        self._opened: AsyncOpenResponse | None = None
        self._chunks: AsyncIterator[bytes] | None = None
        self._closer: Callable[[AsyncBody], None] | None = None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        if self._closed and not self._cut:
            raise StopAsyncIteration
        self._refuse()
        self._busy = True
        try:
            item = await self._read()
        except StopAsyncIteration as exc:  # of a plugin or a transport: no end of ours
            await self._shut(exc)
            raise RuntimeError(_STOP) from exc
        except BaseException as exc:
            # A cancelled read may have lost bytes: such a stream must never look finished.
            self._cut = not isinstance(exc, Exception)
            await self._shut(exc)
            raise
        finally:
            self._busy = False
        if item is NOTHING:
            await self._shut(None)
            raise StopAsyncIteration
        return item

    async def _read(self) -> T | Nothing:
        state = self._state
        while True:
            item = state.pop()
            if item is not NOTHING:
                return self._hand_out(item)
            if state.finished or self._closed:
                return NOTHING
            work = state.work()
            if work is not None:
                await self._within(drive_async(work, self._io))
                continue
            if self._opened is None:
                self._begin()
                if self._closer is None:
                    self._closer = closer()
                opened = await self._within(drive_async(state.connect(), self._io))
                if opened is not None:
                    assert isinstance(opened, AsyncOpenResponse)
                    self._opened = opened
                    self._chunks = aiter(opened.body)
                    if self._closed:  # by another task, while the connection was made
                        return NOTHING
                continue
            await self._within(self._step())

    async def _step(self) -> None:
        """Read one chunk, or note the end of the connection."""
        error: TransportError | None = None
        chunk: bytes | None = None
        try:
            chunk = await self._chunk()
        except StopAsyncIteration:
            pass
        except TransportError as exc:
            error = exc
        except Exception:
            if not self._closed:  # a body that another task closes may raise what it likes
                raise
        if self._closed:
            return
        if chunk is not None:
            self._state.feed(chunk)
            return
        await self._drop_body()
        self._state.disconnected(error)

    async def _chunk(self) -> bytes:
        assert self._chunks is not None
        idle = self._state.idle_timeout
        if idle is None or self._io.virtual:
            return await anext(self._chunks)
        import anyio

        with anyio.move_on_after(idle):
            return await anext(self._chunks)
        msg = f"nothing came for {idle:g} s"
        raise TransportTimeout(msg)

    async def _within(self, coroutine: Any) -> Any:
        if self._scope is None:
            return await coroutine
        return await InContext(self._scope, coroutine)

    async def _drop_body(self) -> None:
        opened, self._opened, self._chunks = self._opened, None, None
        if opened is not None:
            import anyio

            # Closing must happen although the task is being cancelled; the wait is bounded.
            with anyio.move_on_after(5, shield=True):
                await opened.body.aclose()

    async def _shut(self, error: BaseException | None) -> None:
        self._closed = True
        try:
            await self._drop_body()
        finally:
            self._leave(error)

    async def aclose(self) -> None:
        """Close the stream at once; safe to call twice, and while another task reads."""
        if not self._closed:
            await self._shut(None)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._closed:
            await self._shut(error)

    def __del__(self) -> None:
        if getattr(self, "_begun", False) and not self._closed:
            self._closed = True
            opened, self._opened = self._opened, None
            if opened is not None:
                assert self._closer is not None
                self._closer(opened.body)
            try:
                self._report_left_open()
            finally:
                self._leave(None)
