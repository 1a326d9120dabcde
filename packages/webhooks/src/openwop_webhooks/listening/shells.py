"""The two colours of listening; a test pins that they offer the same."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import anyio
import anyio.abc

from openwop.errors import BadRequestError, ConfigurationError
from openwop_webhooks._steps import run as drive, run_async as drive_async
from openwop_webhooks.receiver import Handler, Receiver

from .forwarding import Forwarder, Forwarding
from .started import StartedRuns

if TYPE_CHECKING:
    from openwop import AsyncClient, AsyncRunHandle, Client, RunHandle

__all__ = ["AsyncListener", "Listener", "listen", "listen_async"]

_log = logging.getLogger("openwop.webhooks")
_HOST = ""
"""What stands for the host's own events among the ids of runs."""

_DEFAULT = Forwarding()


class _Shared:
    """What both colours know: which runs are followed, and what went wrong."""

    def __init__(self) -> None:
        self._followed: set[str] = set()
        self._problems: list[Exception] = []
        self._count = 0

    @property
    def count(self) -> int:
        """How many events were forwarded and taken."""
        return self._count

    def _raise_first(self) -> None:
        if self._problems:
            raise self._problems.pop(0)


def _mode_without(error: BadRequestError, mode: str, seen: int) -> str:
    """Return the mode to try where a host lacks `debug`, which it may (v1 section 11.2)."""
    if mode != "debug" or seen:
        raise error
    _log.warning("this host refuses the stream mode debug; only what is in updates is forwarded")
    return "updates"


class Listener(_Shared):
    """Follows runs and forwards their events to a local handler; use it inside `with`.

    Each run is followed in a thread of its own, from its beginning, and its events are forwarded in
    their order.  Deliveries are signed as a host signs them, and handled once however often a run
    is listened to: the key that handlers de-duplicate on is made of run and sequence.

    Args:
        client: The client of the host.
        target: A handler, a `Receiver`, or the URL of an endpoint on this machine.
        secret: What to sign with; needed unless *target* is a handler.
        started: A plugin of the client; every run that it notes is followed.
        how: How events are forwarded.

    Raises:
        ConfigurationError: The target is not on this machine, the secret is missing, or a receiver
            does not know it.
    """

    def __init__(
        self,
        client: Client,
        target: str | Receiver | Handler,
        *,
        secret: str | None = None,
        started: StartedRuns | None = None,
        how: Forwarding = _DEFAULT,
    ) -> None:
        super().__init__()
        self._client = client
        self._how = how
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._streams: set[Any] = set()
        self._started = started
        self._leave: Callable[[], None] | None = None
        self._forwarder = Forwarder(target, secret, how, self._sleep)

    def follow(self, run: str | RunHandle, *, after: int | None = None) -> None:
        """Begin to forward the events of a run; a run that is followed already stays so.

        Args:
            run: The run, or its id.
            after: The sequence after which to begin; None for the beginning.
        """
        run_id = run if isinstance(run, str) else run.id
        if not run_id:
            raise ConfigurationError("follow() needs the id of a run")
        self._begin(run_id, after)

    def follow_host(self) -> None:
        """Begin to forward the durable events of the host itself (major 2 only).

        They have no end; a host that has none shows when `wait` raises its error.
        """
        self._begin(_HOST, None)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until every run that is followed has ended and its events are forwarded.

        Args:
            timeout: Seconds to wait; None for as long as it takes.

        Returns:
            False where the time was over before.

        Raises:
            OpenWOPError: A stream could not be read to its end.
        """
        with self._lock:
            threads = list(self._threads)
        left = math.inf if timeout is None else timeout
        for thread in threads:
            while thread.is_alive() and left > 0 and not self._problems:
                # In pieces, so that an interrupt from the keyboard is heeded everywhere.
                piece = min(left, 0.2)
                thread.join(piece)
                left -= piece if thread.is_alive() else 0
        self._raise_first()
        with self._lock:
            return not any(thread.is_alive() for thread in self._threads)

    def close(self) -> None:
        """Stop following, at once."""
        self._stop.set()
        if self._leave is not None:
            self._leave()
            self._leave = None
        with self._lock:
            streams, threads = list(self._streams), list(self._threads)
        for stream in streams:
            stream.close()
        for thread in threads:
            thread.join()
        self._forwarder.close()

    def __enter__(self) -> Self:
        if self._started is not None:
            self._leave = self._started.tell(self.follow)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _sleep(self, seconds: float) -> None:
        self._stop.wait(seconds)

    def _begin(self, run_id: str, after: int | None) -> None:
        with self._lock:
            if run_id in self._followed or self._stop.is_set():
                return
            self._followed.add(run_id)
            thread = threading.Thread(
                target=self._watch, args=(run_id, after), name="openwop-listen", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def _watch(self, run_id: str, after: int | None) -> None:
        try:
            self._forward(run_id, after, self._how.mode)
        except Exception as error:  # noqa: BLE001  # raised by wait()
            if not self._stop.is_set():
                self._problems.append(error)

    def _forward(self, run_id: str, after: int | None, mode: str) -> None:
        seen = 0
        stream: Any
        if run_id == _HOST:
            stream = self._client.host.events()
        else:
            stream = self._client.runs.stream(run_id, mode=mode, after=after)
        with self._lock:
            self._streams.add(stream)
        try:
            with stream:
                for event in stream:
                    seen += 1
                    forwarded = drive(
                        self._forwarder.deliver(event, run_id or None, is_async=False)
                    )
                    with self._lock:
                        self._count += forwarded is not None and forwarded.succeeded
                    if self._stop.is_set():
                        return
        except BadRequestError as error:
            mode = _mode_without(error, mode, seen)
        else:
            return
        finally:
            with self._lock:
                self._streams.discard(stream)
        self._forward(run_id, after, mode)


class AsyncListener(_Shared):
    """The asynchronous twin of `Listener`, on asyncio and trio; use it inside `async with`.

    Args:
        client: The client of the host.
        target: A handler, a `Receiver`, or the URL of an endpoint on this machine.
        secret: What to sign with; needed unless *target* is a handler.
        started: A plugin of the client; every run that it notes is followed.
        how: How events are forwarded.

    Raises:
        ConfigurationError: The target is not on this machine, the secret is missing, or a receiver
            does not know it.
    """

    def __init__(
        self,
        client: AsyncClient,
        target: str | Receiver | Handler,
        *,
        secret: str | None = None,
        started: StartedRuns | None = None,
        how: Forwarding = _DEFAULT,
    ) -> None:
        super().__init__()
        self._client = client
        self._how = how
        self._group: anyio.abc.TaskGroup | None = None
        self._running = 0
        self._changed = anyio.Event()
        self._started = started
        self._leave: Callable[[], None] | None = None
        self._forwarder = Forwarder(target, secret, how, anyio.sleep)

    def follow(self, run: str | AsyncRunHandle, *, after: int | None = None) -> None:
        """Begin to forward the events of a run; never awaited itself.

        Args:
            run: The run, or its id.
            after: The sequence after which to begin; None for the beginning.
        """
        run_id = run if isinstance(run, str) else run.id
        if not run_id:
            raise ConfigurationError("follow() needs the id of a run")
        self._begin(run_id, after)

    def follow_host(self) -> None:
        """Begin to forward the durable events of the host itself (major 2 only).

        They have no end; a host that has none shows when `wait` raises its error.
        """
        self._begin(_HOST, None)

    async def wait(self, timeout: float | None = None) -> bool:
        """Wait until every run that is followed has ended and its events are forwarded.

        Args:
            timeout: Seconds to wait; None for as long as it takes.

        Returns:
            False where the time was over before.

        Raises:
            OpenWOPError: A stream could not be read to its end.
        """
        with anyio.move_on_after(timeout):
            while self._running and not self._problems:
                await self._changed.wait()
        self._raise_first()
        return not self._running

    async def aclose(self) -> None:
        """Stop following, at once."""
        if self._leave is not None:
            self._leave()
            self._leave = None
        group, self._group = self._group, None
        if group is not None:
            group.cancel_scope.cancel()
            await group.__aexit__(None, None, None)
        self._forwarder.close()

    async def __aenter__(self) -> Self:
        self._group = await anyio.create_task_group().__aenter__()
        if self._started is not None:
            self._leave = self._started.tell(self.follow)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def _begin(self, run_id: str, after: int | None) -> None:
        if self._group is None:
            raise ConfigurationError("an AsyncListener follows inside `async with` alone")
        if run_id in self._followed:
            return
        self._followed.add(run_id)
        self._running += 1
        self._group.start_soon(self._watch, run_id, after)

    async def _watch(self, run_id: str, after: int | None) -> None:
        try:
            await self._forward(run_id, after, self._how.mode)
        except Exception as error:  # noqa: BLE001  # raised by wait()
            self._problems.append(error)
        finally:
            self._running -= 1
            changed, self._changed = self._changed, anyio.Event()
            changed.set()

    async def _forward(self, run_id: str, after: int | None, mode: str) -> None:
        seen = 0
        stream: Any
        if run_id == _HOST:
            stream = self._client.host.events()
        else:
            stream = self._client.runs.stream(run_id, mode=mode, after=after)
        try:
            async with stream:
                async for event in stream:
                    seen += 1
                    forwarded = await drive_async(
                        self._forwarder.deliver(event, run_id or None, is_async=True)
                    )
                    self._count += forwarded is not None and forwarded.succeeded
        except BadRequestError as error:
            mode = _mode_without(error, mode, seen)
        else:
            return
        await self._forward(run_id, after, mode)


def listen(
    client: Client,
    target: str | Receiver | Handler,
    *,
    runs: Iterable[str | RunHandle] = (),
    secret: str | None = None,
    host_events: bool = False,
    how: Forwarding = _DEFAULT,
) -> int:
    """Forward the events of runs to a local handler until they have ended, for development.

    An interrupt from the keyboard ends it; so does the error of a stream.

    Args:
        client: The client of the host.
        target: A handler, a `Receiver`, or the URL of an endpoint on this machine.
        runs: The runs, or their ids.
        secret: What to sign with; needed unless *target* is a handler.
        host_events: Whether to forward the host's own events too, which have no end (major 2).
        how: How events are forwarded; `Forwarding(report=print)` shows each one.

    Returns:
        How many events were forwarded and taken.

    Raises:
        ConfigurationError: Nothing to follow, the target is not on this machine, or the secret is
            missing or unknown to a receiver.
        CapabilityNotSupportedError: The host has no events of its own.
        OpenWOPError: A stream could not be read to its end.
    """
    followed = list(runs)
    _something_of(followed, host_events=host_events)
    with Listener(client, target, secret=secret, how=how) as listener:
        for run in followed:
            listener.follow(run)
        if host_events:
            listener.follow_host()
        listener.wait()
        return listener.count


async def listen_async(
    client: AsyncClient,
    target: str | Receiver | Handler,
    *,
    runs: Iterable[str | AsyncRunHandle] = (),
    secret: str | None = None,
    host_events: bool = False,
    how: Forwarding = _DEFAULT,
) -> int:
    """Do what `listen` does, on asyncio and trio.

    Args:
        client: The client of the host.
        target: A handler, a `Receiver`, or the URL of an endpoint on this machine.
        runs: The runs, or their ids.
        secret: What to sign with; needed unless *target* is a handler.
        host_events: Whether to forward the host's own events too, which have no end (major 2).
        how: How events are forwarded; `Forwarding(report=print)` shows each one.

    Returns:
        How many events were forwarded and taken.

    Raises:
        ConfigurationError: Nothing to follow, the target is not on this machine, or the secret is
            missing or unknown to a receiver.
        CapabilityNotSupportedError: The host has no events of its own.
        OpenWOPError: A stream could not be read to its end.
    """
    followed = list(runs)
    _something_of(followed, host_events=host_events)
    async with AsyncListener(client, target, secret=secret, how=how) as listener:
        for run in followed:
            listener.follow(run)
        if host_events:
            listener.follow_host()
        await listener.wait()
        return listener.count


def _something_of(runs: list[Any], *, host_events: bool) -> None:
    if not runs and not host_events:
        raise ConfigurationError("listen() needs runs= or host_events=True")
