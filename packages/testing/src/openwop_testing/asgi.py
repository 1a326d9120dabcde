"""The host as an ASGI application: real sockets, and real time unless told otherwise.

Served, the host's clock is moved by the wall clock, so events appear while they happen.  With
`virtual_time` the delays of a run that somebody watches are skipped.  Keep-alives and long polls
still take the time they say, and so does the patience of whatever waits for somebody's decision:
nobody outside the process can tell that it will not come.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from openwop.wire import Headers
from openwop_testing._json import compact
from openwop_testing.answers import Answer, Later
from openwop_testing.control import PREFIX, control
from openwop_testing.pipeline import Incoming, UnknownOperationError
from openwop_testing.streams import Stream, StreamBroken

if TYPE_CHECKING:
    from openwop_testing.host import FakeHost

__all__ = ["LiveTime", "application"]

_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
# Long enough for a request that is on its way to be heard before time is skipped.
_GRACE = 0.005
_TICK = 0.5


class LiveTime:
    """Moves a host's clock by the wall clock, and wakes whoever waits.

    Args:
        host: The host.
        virtual: Whether the delays of watched runs are skipped.
    """

    def __init__(self, host: FakeHost, *, virtual: bool) -> None:
        self._host = host
        self._virtual = virtual
        self._last = time.monotonic()
        self._silent: int | None = None
        self.closing = asyncio.Event()
        self._changed: set[asyncio.Event] = set()
        self._loop = asyncio.get_running_loop()
        host.waits.listeners.append(self._notify)

    def stop(self) -> None:
        """End every stream and poll, and let go of the host."""
        self.closing.set()
        self._wake()
        with contextlib.suppress(ValueError):
            self._host.waits.listeners.remove(self._notify)

    def sync(self) -> None:
        """Let the time pass that has passed."""
        with self._host.lock:
            now = time.monotonic()
            elapsed, self._last = now - self._last, now
            due = self._host.clock.next_due()
            # Where no timer fires, nobody has anything new to look at.  Telling them that time has
            # passed would wake this very task, which would let time pass again, without end.
            self._silent = None if due is not None and due <= elapsed else threading.get_ident()
            try:
                self._host.clock.advance(elapsed)
            finally:
                self._silent = None

    async def run(self) -> None:
        """Fire the timers of the host when they are due, until it stops."""
        event = asyncio.Event()
        self._changed.add(event)
        try:
            while not self.closing.is_set():
                self.sync()
                event.clear()
                due = self._host.clock.next_due()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(event.wait(), min(due, _TICK) if due else _TICK)
        finally:
            self._changed.discard(event)

    async def block(self, waiter: Later | Stream) -> None:
        """Return when *waiter* is ready, or the server closes."""
        event = asyncio.Event()
        self._changed.add(event)
        try:
            while not waiter.ready() and not self.closing.is_set():
                event.clear()
                if self._virtual and await self._skip(waiter):
                    continue
                try:
                    await asyncio.wait_for(event.wait(), self._until(waiter))
                except TimeoutError:
                    # Only here: moving time for every waiter that is woken, by every change, would
                    # cost the square of the number of streams.
                    self.sync()
        finally:
            self._changed.discard(event)

    def _until(self, waiter: Later | Stream) -> float | None:
        """Return the seconds until *waiter* is due, counting the time not yet passed on."""
        remaining = waiter.remaining()
        if remaining is None:
            return None
        return max(0.0, remaining - (time.monotonic() - self._last))

    async def _skip(self, waiter: Later | Stream) -> bool:
        clock = waiter.clock
        if clock.next_work() is None:
            return False
        await asyncio.sleep(_GRACE)
        with self._host.lock:
            due = clock.next_work()
            if due is None or waiter.ready():
                return True
            wait = due - clock.now()
            remaining = waiter.remaining()
            if isinstance(waiter, Later) and remaining is not None and remaining < wait:
                return False
            self._host.clock.pass_for(max(0.0, wait), [clock])
        return True

    def _notify(self) -> None:
        if self._silent == threading.get_ident():
            return
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for event in self._changed:
            event.set()


class _Broken(Response):
    """A connection that breaks before its answer: the head promises what never comes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        headers = [(b"content-length", b"1")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        raise ConnectionAbortedError("the answer was lost by a scripted fault")


def application(host: FakeHost, *, virtual_time: bool = False) -> Starlette:
    """Return the host as an ASGI application.

    Args:
        host: The host.
        virtual_time: Skip the delays of runs that somebody watches.
    """
    live: list[LiveTime] = []

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        clock = LiveTime(host, virtual=virtual_time)
        live.append(clock)
        ticking = asyncio.create_task(clock.run())
        try:
            yield
        finally:
            clock.stop()
            await ticking

    async def endpoint(request: Request) -> Response:
        clock = live[-1]
        body = await request.body()
        clock.sync()
        raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
        query: bytes = request.scope.get("query_string", b"")
        url = raw.decode("latin-1") + ("?" + query.decode("latin-1") if query else "")
        headers = Headers(
            [
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, value in request.headers.raw
            ]
        )
        incoming = Incoming(request.method, url, headers, body or None)
        if url.startswith(PREFIX):
            answer = control(host, incoming)
            return Response(answer.body, answer.status, headers=answer.headers)
        try:
            answer = host.handle(incoming)
        except UnknownOperationError:
            envelope = {"error": "not_found", "message": f"No route for {request.method} {url}"}
            return Response(
                compact(envelope),
                404,
                media_type="application/json",
                headers={"OpenWOP-Version": host.capabilities.versions[-1]},
            )
        return await _respond(host, clock, answer)

    app = Starlette(routes=[Route("/{path:path}", endpoint, methods=_METHODS)], lifespan=lifespan)

    def close() -> None:
        for clock in live:
            clock.stop()

    app.state.close = close
    return app


async def _respond(host: FakeHost, clock: LiveTime, answer: Answer) -> Response:
    if answer.refused:
        return _Broken()
    if answer.later is not None:
        await clock.block(answer.later)
        if not answer.later.ready() and answer.later.deadline is None:
            return _Broken()
        with host.lock:
            finished = answer.later.finish()
        finished.headers = {**finished.headers, **answer.headers}
        finished.lost = answer.lost
        answer = finished
    if answer.lost:
        return _Broken()
    if answer.stream is not None:
        return StreamingResponse(
            _body(host, clock, answer.stream), answer.status, headers=answer.headers
        )
    return Response(answer.body, answer.status, headers=answer.headers)


async def _body(host: FakeHost, clock: LiveTime, stream: Stream) -> AsyncIterator[bytes]:
    try:
        # A comment at once, so that the head reaches a caller who waits for it.
        yield b":open\n\n"
        while not clock.closing.is_set():
            with host.lock:
                data = stream.read() if stream.ready() else b""
            if data:
                yield data
            _check(stream)
            if stream.ended:
                return
            await clock.block(stream)
    finally:
        with host.lock:
            stream.close()


def _check(stream: Stream) -> None:
    try:
        stream.check()
    except StreamBroken as broken:
        raise ConnectionAbortedError(str(broken)) from broken
