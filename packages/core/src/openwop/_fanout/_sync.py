"""Starting many runs, blocking: a bounded pool of threads of our own."""

from __future__ import annotations

import queue
import threading
import warnings
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from openwop._fanout import _gate
from openwop._fanout._spec import RunSpec, StartResult
from openwop._handles import RunHandle
from openwop.runtime import CallOptions
from openwop.runtime._drivers import SyncIO, drive
from openwop.runtime._effects import Effect, Send, Sleep
from openwop.wire import Clock

if TYPE_CHECKING:
    from openwop._client import Client

__all__ = ["RunStarts"]


class _LeftError(Exception):
    """Nobody wants the answer any more."""


class _IO(SyncIO):
    """Tells the gate of every answer, and ends its waits when nobody wants the answer any more."""

    def __init__(self, inner: SyncIO, gate: _gate.Gate, left: threading.Event) -> None:
        super().__init__(inner.transport)
        self.configuration_error = inner.configuration_error
        self._gate = gate
        self._left = left

    def perform(self, effect: Effect) -> Any:
        if self._left.is_set():
            raise _LeftError
        if type(effect) is Sleep and not isinstance(self.transport, Clock):
            if self._left.wait(effect.seconds):
                raise _LeftError
            return None
        outcome = super().perform(effect)
        if type(effect) is Send:
            self._gate.answered(outcome.status_code)
        return outcome


class _Pool:
    """What the threads know; not the iterator, so that one that is dropped can be collected."""

    def __init__(self, client: Client, concurrency: int, options: CallOptions) -> None:
        self.gate = _gate.Gate(concurrency)
        self.left = threading.Event()
        self.done: queue.SimpleQueue[StartResult[RunHandle]] = queue.SimpleQueue()
        self._client = client
        self._options = options
        self._io = _IO(client._io, self.gate, self.left)  # noqa: SLF001
        self._watched = _gate.on_io(client, self._io)

    def work(self, spec: RunSpec) -> None:
        """Start one run and report it."""
        try:
            run_id = drive(_gate.start(self._watched, spec, self._options), self._io)
        except Exception as exc:  # noqa: BLE001  # it is the result
            self.done.put(StartResult(spec, error=exc))
        else:
            self.done.put(StartResult(spec, self._client.runs.attach(run_id)))


class RunStarts(Iterator[StartResult[RunHandle]]):
    """The results of `runs.start_many`, one by one as they come; use it inside `with`.

    Leaving it early begins nothing more, lets go of waits, and returns when the requests that are
    on their way have been answered.  Runs that these started are found again by their keys.

    Args:
        client: The client.
        specs: What to start; read as far as there is room.
        concurrency: The most starts at a time.
        options: What the caller said about every start.
    """

    def __init__(
        self, client: Client, specs: Iterable[RunSpec], concurrency: int, options: CallOptions
    ) -> None:
        self._closed = True  # until there is something to close
        self._pool = _Pool(client, concurrency, options)
        self._specs = iter(specs)
        self._exhausted = False
        self._error: BaseException | None = None
        self._threads: ThreadPoolExecutor | None = None
        self._closed = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> StartResult[RunHandle]:
        try:
            self._fill()
            gate = self._pool.gate
            if self._closed or gate.in_flight == 0:
                self.close()
                if self._error is not None:
                    error, self._error = self._error, None
                    raise error
                raise StopIteration
            result = self._pool.done.get()
            gate.in_flight -= 1
        except BaseException:
            self.close()
            raise
        return result

    def _fill(self) -> None:
        gate = self._pool.gate
        while not self._exhausted and not self._closed and gate.is_open:
            try:
                spec = next(self._specs, None)
            except Exception as exc:  # noqa: BLE001  # raised once what is on its way has come
                self._exhausted, self._error = True, exc
                return
            if spec is None:
                self._exhausted = True
                return
            if self._threads is None:
                self._threads = ThreadPoolExecutor(gate.maximum, "openwop-start")
            gate.in_flight += 1
            self._threads.submit(copy_context().run, self._pool.work, spec)

    def close(self) -> None:
        """Begin nothing more, and return when nothing is on its way any more."""
        self._shut(wait=True)

    def _shut(self, *, wait: bool) -> None:
        if self._closed:
            return
        self._closed = self._exhausted = True
        self._pool.left.set()
        threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown(wait=wait, cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if not self._closed and self._threads is not None:
            self._shut(wait=False)
            warnings.warn(
                "runs.start_many() was left before its end; read it inside `with`, or close it",
                ResourceWarning,
                stacklevel=2,
                source=self,
            )
