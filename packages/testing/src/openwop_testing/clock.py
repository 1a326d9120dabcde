"""Virtual time: one clock for the host and its callers, one for each family of runs.

The host's clock is what callers tell the time by.  A run has a clock of its own, which it shares
with its child runs: when a caller waits for one run, time passes for that run and for the caller,
and no other run expires behind anybody's back.  `Clock.advance` moves every clock.
"""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
from collections.abc import Callable

import attrs

__all__ = ["RunClock", "Timer", "VirtualClock", "timestamp"]

_SERIAL = itertools.count()
_START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC).timestamp()


def timestamp(seconds: float) -> str:
    """Return Unix *seconds* as an ISO 8601 instant in UTC with milliseconds."""
    moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


@attrs.define(order=True)
class Timer:
    """Something to be done at a moment of a run's clock.

    Attributes:
        due: The moment, in seconds of the run's clock.
        serial: Breaks ties in the order of setting.
        action: What to do; None once the timer is cancelled.
        gives_up: Whether it ends a wait for somebody, rather than going on with the work.
    """

    due: float
    serial: int = attrs.field(factory=lambda: next(_SERIAL))
    action: Callable[[], None] | None = attrs.field(default=None, order=False)
    gives_up: bool = attrs.field(default=False, order=False)

    def cancel(self) -> None:
        """Take the timer back; safe to call twice and after it fired."""
        self.action = None


class RunClock:
    """The time of one family of runs.

    Args:
        now: The Unix time at which the family begins.
    """

    def __init__(self, now: float) -> None:
        self._now = now
        self._timers: list[Timer] = []

    def now(self) -> float:
        """Return the Unix time of this clock, in seconds."""
        return self._now

    def after(self, seconds: float, action: Callable[[], None], *, gives_up: bool = False) -> Timer:
        """Do *action* when *seconds* have passed on this clock.

        Args:
            seconds: How long.
            action: What to do then.
            gives_up: Whether that ends a wait for somebody, rather than going on with the work.
        """
        timer = Timer(self._now + max(0.0, seconds), action=action, gives_up=gives_up)
        heapq.heappush(self._timers, timer)
        return timer

    def next_due(self) -> float | None:
        """Return the moment of the next timer, or None."""
        while self._timers and self._timers[0].action is None:
            heapq.heappop(self._timers)
        return self._timers[0].due if self._timers else None

    def next_work(self) -> float | None:
        """Return the moment of the next timer with which the work goes on, or None."""
        return min(
            (timer.due for timer in self._timers if timer.action and not timer.gives_up),
            default=None,
        )

    def advance(self, seconds: float) -> None:
        """Let *seconds* pass: every timer that falls due is done at its own moment, in order."""
        end = self._now + seconds
        while True:
            due = self.next_due()
            if due is None or due > end:
                break
            timer = heapq.heappop(self._timers)
            self._now = max(self._now, due)
            action, timer.action = timer.action, None
            if action is not None:
                action()
        self._now = end


class VirtualClock:
    """The host's clock: never moves by itself, and never makes anybody wait for real.

    Attributes:
        house: The time of the host itself: what belongs to no run.
        slept: The waits that callers asked for, in seconds: retry delays and reconnect pauses.

    Args:
        start: The Unix time to begin at.
    """

    def __init__(self, start: float = _START) -> None:
        self.slept: list[float] = []
        self._runs: dict[RunClock, None] = {}
        self.house = RunClock(start)
        self._runs[self.house] = None
        self._on_advance: list[Callable[[], None]] = []

    def now(self) -> float:
        """Return the Unix time of this clock, in seconds."""
        return self.house.now()

    def timestamp(self) -> str:
        """Return the time of this clock as an ISO 8601 instant."""
        return timestamp(self.now())

    def advance(self, seconds: float) -> None:
        """Let *seconds* pass for the host, its callers and every run.

        Args:
            seconds: How long; not negative.

        Raises:
            ValueError: *seconds* is negative.
        """
        if seconds < 0:
            raise ValueError("time does not go backwards")
        self._pass(seconds, list(self._runs))

    def new_run_clock(self) -> RunClock:
        """Return a clock for a new family of runs, beginning now."""
        clock = RunClock(self.now())
        self._runs[clock] = None
        return clock

    def retire(self, clock: RunClock) -> None:
        """Forget the clock of a family in which no run is left to do anything."""
        self._runs.pop(clock, None)

    def pass_for(self, seconds: float, clocks: list[RunClock]) -> None:
        """Let *seconds* pass for the callers and for the runs of *clocks* only."""
        self._pass(seconds, clocks)

    def on_advance(self, listener: Callable[[], None]) -> None:
        """Call *listener* whenever time has passed."""
        self._on_advance.append(listener)

    def next_due(self) -> float | None:
        """Return how many seconds of waiting remain until some run's next timer, or None."""
        waits = [due - clock.now() for clock in self._runs if (due := clock.next_due()) is not None]
        return max(0.0, min(waits)) if waits else None

    def _pass(self, seconds: float, clocks: list[RunClock]) -> None:
        """Move *clocks* and the house's together, from one due timer to the next."""
        moving = [clock for clock in clocks if clock is not self.house]
        end = self.house.now() + seconds
        while True:
            waits = [
                due - clock.now()
                for clock in (self.house, *moving)
                if (due := clock.next_due()) is not None
            ]
            left = end - self.house.now()
            step = min([left, *waits])
            for clock in (self.house, *moving):
                clock.advance(max(0.0, step))
            for listener in self._on_advance:
                listener()
            if step >= left:
                return
