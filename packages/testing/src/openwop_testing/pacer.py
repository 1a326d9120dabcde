"""Virtual time for asynchronous callers: it moves only when every task waits.

A caller that would block registers with the host's `Waits` and sleeps on an event.  The first of
them leads: it lets every other task go on until all of them wait, and only then does time jump.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import anyio
import anyio.lowlevel
import sniffio

from openwop_testing.clock import RunClock

if TYPE_CHECKING:
    from openwop_testing.waiting import Timekeeper, Waiter

__all__ = ["Pacer"]

# Callbacks that the loop has already queued are not visible in any task: these rounds let them run.
_ROUNDS = 2


class _Sleep:
    """A caller who sleeps: time passes for every run."""

    clock: RunClock | None = None

    def __init__(self, host: Timekeeper, seconds: float) -> None:
        self._host = host
        self._until = host.clock.now() + seconds

    def ready(self) -> bool:
        return self._host.clock.now() >= self._until

    def remaining(self) -> float | None:
        return max(0.0, self._until - self._host.clock.now())

    def describe(self) -> str:
        return "a sleeping caller"


class Pacer:
    """Blocks asynchronous callers of one host.

    Args:
        host: Who they wait for.
    """

    def __init__(self, host: Timekeeper) -> None:
        self._host = host
        self._asleep: dict[Waiter, anyio.Event] = {}
        self._leading = False

    async def checkpoint(self) -> None:
        """Let other tasks run, and let a cancellation through."""
        await anyio.lowlevel.checkpoint()

    async def sleep(self, seconds: float) -> None:
        """Return when *seconds* have passed on the host's clock."""
        with self._host.lock:
            self._host.clock.slept.append(seconds)
        await self.checkpoint()
        if seconds > 0:
            await self.block(_Sleep(self._host, seconds))

    async def block(self, waiter: Waiter) -> None:
        """Return when *waiter* is ready.

        Raises:
            DeadlockError: Nothing that time brings will ever free it.
        """
        waits = self._host.waits
        waits.add(waiter)
        try:
            while not waiter.ready():
                if self._leading:
                    event = self._asleep[waiter] = anyio.Event()
                    await event.wait()
                else:
                    await self._lead(waiter)
        finally:
            waits.remove(waiter)
            self._asleep.pop(waiter, None)
            if not self._leading:
                self._wake(everybody=False)

    async def _lead(self, waiter: Waiter) -> None:
        self._leading = True
        try:
            while not waiter.ready():
                await _others_wait()
                with self._host.lock:
                    self._wake(everybody=False)
                    if self._any_ready() or waiter.ready():
                        continue
                    self._host.waits.jump()
                    self._wake(everybody=False)
        finally:
            self._leading = False
            # Whoever is still asleep looks for a new leader.
            self._wake(everybody=True)

    def _any_ready(self) -> bool:
        return any(waiter.ready() for waiter in self._asleep)

    def _wake(self, *, everybody: bool) -> None:
        for waiter, event in list(self._asleep.items()):
            if everybody or waiter.ready():
                event.set()


async def _others_wait() -> None:
    """Return when every other task of this event loop waits for something."""
    if sniffio.current_async_library() == "trio":
        import trio.testing

        await trio.testing.wait_all_tasks_blocked()
        return
    for _ in range(_ROUNDS):
        await asyncio.sleep(0)
    me = asyncio.current_task()
    # There is no event to wait for: a task does not tell when it blocks.
    while any(_runnable(task) for task in asyncio.all_tasks() if task is not me):  # noqa: ASYNC110
        await asyncio.sleep(0)


def _runnable(task: asyncio.Task[object]) -> bool:
    future = getattr(task, "_fut_waiter", None)
    return future is None or future.done()
