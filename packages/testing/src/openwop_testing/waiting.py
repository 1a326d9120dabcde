"""Waiting without waiting: callers that would block, and the jumps of the clock that free them.

A caller that has to wait registers a `Waiter`.  When nobody else can go on, time jumps to the
first moment at which one of the waiters can; it passes for the waiters' runs and for the callers,
not for runs that nobody waits for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol

from openwop_testing.clock import RunClock, VirtualClock

__all__ = ["DeadlockError", "Timekeeper", "Waiter", "Waits"]

# A day of keep-alives at the usual pace, with nothing else in it.
_PATIENCE = 5760
_OTHERS_TURN = 0.002


class DeadlockError(AssertionError):
    """Everybody waits, and no passing of time will free anybody."""


class Waiter(Protocol):
    """Somebody who waits."""

    @property
    def clock(self) -> RunClock | None:
        """Whose time passes while they wait; None for everybody's."""
        ...

    def ready(self) -> bool:
        """Tell whether the wait is over."""
        ...

    def remaining(self) -> float | None:
        """Return the seconds until time alone ends the wait, or None."""
        ...

    def describe(self) -> str:
        """Say who waits for what, for the message of a deadlock."""
        ...


class Waits:
    """The waiters of one host.

    Args:
        clock: The host's clock.
        lock: The lock under which the host's state is read and changed.
    """

    def __init__(self, clock: VirtualClock, lock: Any) -> None:
        self._clock = clock
        self._waiters: dict[Waiter, None] = {}
        self._changed = threading.Condition(lock)
        self._idle = 0
        self.listeners: list[Callable[[], None]] = []

    def active(self) -> None:
        """Note that a caller did something: whoever waits has reason to go on waiting."""
        self._idle = 0

    def changed(self) -> None:
        """Tell everybody who waits to look again; called under the lock."""
        self._changed.notify_all()
        for listener in list(self.listeners):
            listener()

    def add(self, waiter: Waiter) -> None:
        """Register a waiter."""
        self._waiters[waiter] = None

    def remove(self, waiter: Waiter) -> None:
        """Take a waiter off the list."""
        self._waiters.pop(waiter, None)

    def block(self, waiter: Waiter) -> None:
        """Return when *waiter* is ready, letting time jump; called under the lock.

        Raises:
            DeadlockError: Nothing that time brings will ever free the waiter.
        """
        self.add(waiter)
        try:
            while not waiter.ready():
                if threading.active_count() > 1 and self._changed.wait(_OTHERS_TURN):
                    continue
                if not waiter.ready():
                    self.jump()
        finally:
            self.remove(waiter)

    def next_jump(self) -> float | None:
        """Return the seconds until the first moment that frees somebody, or None."""
        moments: list[float] = []
        for waiter in self._waiters:
            own = waiter.remaining()
            if own is not None:
                moments.append(own)
            clock = waiter.clock
            if clock is None:
                due = self._clock.next_due()
                if due is not None:
                    moments.append(due)
            else:
                moment = clock.next_due()
                if moment is not None:
                    moments.append(moment - clock.now())
        return max(0.0, min(moments)) if moments else None

    def jump(self) -> None:
        """Let time pass until somebody who waits can go on; called under the lock.

        Raises:
            DeadlockError: There is no such moment, or a very long time passed with nothing in it.
        """
        seconds = self.next_jump()
        self._idle += 1
        if seconds is None or self._idle > _PATIENCE:
            waiting = "; ".join(waiter.describe() for waiter in self._waiters)
            raise DeadlockError(f"Everybody waits and nothing will happen: {waiting}.")
        clocks = [waiter.clock for waiter in self._waiters]
        if None in clocks:
            self._clock.advance(seconds)
        else:
            distinct = {clock: None for clock in clocks if clock is not None}
            self._clock.pass_for(seconds, list(distinct))
        self.changed()


class Timekeeper(Protocol):
    """Whatever callers wait for, with its time."""

    @property
    def lock(self) -> Any:
        """The lock under which its state is read and changed."""
        ...

    @property
    def clock(self) -> VirtualClock:
        """Its time."""
        ...

    @property
    def waits(self) -> Waits:
        """Those who wait for it."""
        ...
