"""The streams that `runs.stream`, `run.events` and `host.events` return."""

from __future__ import annotations

from openwop._generated.events import HostEvent, RunEvent
from openwop.runtime import AsyncStream, Stream

__all__ = ["AsyncEventStream", "AsyncHostEventStream", "EventStream", "HostEventStream"]


class EventStream(Stream[RunEvent]):
    """The events of a run, in order and each one once, over as many connections as it takes.

    An iterator and a context manager; it connects on first use and closes at its end, on an error,
    and on leaving `with`, which is how to use it.

    Raises:
        APIStatusError: The host refused the stream.
        StreamStalledError: Nothing came, again and again.
        StreamInterruptedError: The connection could not be won back, or a read was cancelled.
        DeadlineExceededError: The deadline that was given to the call passed.
    """


class AsyncEventStream(AsyncStream[RunEvent]):
    """The asynchronous twin of `EventStream`, on asyncio and trio; never awaited itself.

    An asynchronous iterator and context manager; it connects on first use and closes at its end,
    on an error, on cancellation, and on leaving `async with`, which is how to use it.

    Raises:
        APIStatusError: The host refused the stream.
        StreamStalledError: Nothing came, again and again.
        StreamInterruptedError: The connection could not be won back, or a read was cancelled.
        DeadlineExceededError: The deadline that was given to the call passed.
    """


class HostEventStream(Stream[HostEvent]):
    """The events of a host, over as many connections as it takes; it ends only when it is closed.

    An iterator and a context manager; it connects on first use and closes on an error and on
    leaving `with`, which is how to use it.

    Raises:
        APIStatusError: The host refused the stream.
        StreamStalledError: Nothing came, again and again.
        StreamInterruptedError: The connection could not be won back, or a read was cancelled.
        DeadlineExceededError: The deadline that was given to the call passed.
    """


class AsyncHostEventStream(AsyncStream[HostEvent]):
    """The asynchronous twin of `HostEventStream`, on asyncio and trio; never awaited itself.

    Raises:
        APIStatusError: The host refused the stream.
        StreamStalledError: Nothing came, again and again.
        StreamInterruptedError: The connection could not be won back, or a read was cancelled.
        DeadlineExceededError: The deadline that was given to the call passed.
    """
