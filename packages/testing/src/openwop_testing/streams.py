"""Event streams: which entries of the log a mode shows, how they are framed, when a stream ends.

See v1.md section 11 and v2.md section 12.  A stream is pulled: `read` returns the bytes that are
due now, `remaining` says when time alone will make more.
"""

from __future__ import annotations

from typing import Final, Protocol

from openwop_testing._json import JsonObject, compact
from openwop_testing.clock import RunClock
from openwop_testing.engine.log import TERMINAL, UPDATES, LogEvent
from openwop_testing.engine.run import Run
from openwop_testing.faults import StreamFault
from openwop_testing.problems import Problem
from openwop_testing.render import Wire

__all__ = ["MODES", "RunStream", "Stream", "StreamBroken", "parse_modes"]

MODES: Final = ("updates", "values", "messages", "debug")


class StreamBroken(Exception):  # noqa: N818  # it is what happens to a stream
    """The connection of a stream is gone."""


def parse_modes(given: str | None) -> tuple[str, ...]:
    """Return the modes of a `streamMode` parameter.

    Raises:
        Problem: 400 `unsupported_stream_mode`: one is unknown, or `values` is mixed.
    """
    modes = tuple((given or "updates").split(","))
    unknown = [mode for mode in modes if mode not in MODES]
    if unknown or ("values" in modes and len(modes) > 1):
        message = (
            f"There is no stream mode {unknown[0]!r}."
            if unknown
            else "The stream mode values combines with no other."
        )
        raise Problem(400, "unsupported_stream_mode", message, details={"supported": list(MODES)})
    return modes


class Stream(Protocol):
    """A stream that is pulled: what a transport reads from."""

    ended: bool

    @property
    def clock(self) -> RunClock:
        """The clock that it goes by."""
        ...

    def ready(self) -> bool:
        """Tell whether `read` has something, or the stream has ended."""
        ...

    def remaining(self) -> float | None:
        """Return the seconds until time alone makes `read` return something."""
        ...

    def read(self) -> bytes:
        """Return the bytes that are due now."""
        ...

    def check(self) -> None:
        """Raise what broke the stream, once its last bytes have been read."""
        ...

    def close(self) -> None:
        """Let go of what it shows."""
        ...

    def describe(self) -> str:
        """Say who waits for what."""
        ...


class RunStream:
    """One subscriber of one run.

    Args:
        wire: Renders for the subscriber's major.
        run: The run.
        modes: The stream modes.
        buffer_ms: How long to collect a batch, in milliseconds; 0 for none.
        after: The last sequence that the subscriber has seen.
        keep_alive: Seconds of silence after which a comment is sent.
        fault: What goes wrong with this stream.
    """

    def __init__(
        self,
        wire: Wire,
        run: Run,
        *,
        modes: tuple[str, ...] = ("updates",),
        buffer_ms: int = 0,
        after: int | None = None,
        keep_alive: float = 15.0,
        fault: StreamFault | None = None,
    ) -> None:
        self.run = run
        self.ended = False
        self._wire = wire
        self._modes = modes
        self._batching = buffer_ms / 1000 if set(modes) <= {"updates", "debug"} else 0.0
        self._position = 0 if after is None else after + 1
        self._keep_alive = keep_alive
        self._fault = fault
        self._live: list[JsonObject] = []
        self._batch: list[tuple[LogEvent, JsonObject]] = []
        self._batch_since = 0.0
        self._last_write = run.clock.now()
        self._fold = run.initial.copy() if "values" in modes else None
        self._resumed = after is not None
        self._events_sent = 0
        self._bytes_sent = 0
        self._held: list[bytes] = []
        if self._fold is not None:
            for event in run.log[: self._position]:
                self._fold.apply(event)
        # The head of a run that has begun is at least an open stream, so that a caller who only
        # wants to know that the connection stands need not wait for the first event.
        run.memo.setdefault("streams", []).append(self)

    def close(self) -> None:
        """Let go of the run; safe to call twice."""
        streams: list[RunStream] = self.run.memo.get("streams", [])
        if self in streams:
            streams.remove(self)
        self.ended = True

    def notify(self, annotation: JsonObject) -> None:
        """Show a live notification that is not in the log."""
        if "messages" not in self._modes or len(self._modes) > 1:
            self._live.append(annotation)

    @property
    def clock(self) -> RunClock:
        """The clock of the run."""
        return self.run.clock

    def describe(self) -> str:
        """Say who waits for what."""
        waiting = ", ".join(repr(node) for node in self.run.projection.waiting)
        at = f", waiting at {waiting}" if waiting else ""
        return f"a stream of run {self.run.run_id} ({self.run.status}{at})"

    @property
    def stalled(self) -> bool:
        """Whether a fault keeps this stream silent."""
        fault = self._fault
        return (
            fault is not None and fault.kind == "stall" and self._events_sent >= fault.after
        ) or (fault is not None and fault.kind == "buffer" and not self.run.terminal)

    def ready(self) -> bool:
        """Tell whether `read` has something, or the stream has ended."""
        if self.ended:
            return True
        if self.stalled:
            return False
        if self._live or self._position < len(self.run.log) or self.run.terminal:
            return True
        return self._time_left() <= 0

    def remaining(self) -> float | None:
        """Return the seconds until time alone makes `read` return something."""
        return None if self.stalled else max(0.0, self._time_left())

    def _time_left(self) -> float:
        now = self.run.clock.now()
        left = self._last_write + self._keep_alive - now
        if self._batch:
            left = min(left, self._batch_since + self._batching - now)
        return left

    def read(self) -> bytes:
        """Return the bytes that are due now, possibly none; sets `ended` at the end.

        Raises:
            StreamBroken: A fault breaks the connection here.
        """
        frames: list[bytes] = []
        if self.ended or self.stalled:
            return b""
        try:
            self._collect(frames)
        except StreamBroken:
            self.close()
            if not frames:
                raise
            self._broken = True
        data = b"".join(frames)
        if data:
            self._last_write = self.run.clock.now()
        return self._truncated(data)

    _broken = False

    def check(self) -> None:
        """Raise what `read` put off to deliver the last bytes first.

        Raises:
            StreamBroken: The connection broke after the bytes that were read last.
        """
        if self._broken:
            raise StreamBroken("the stream was cut by a scripted fault")

    def _truncated(self, data: bytes) -> bytes:
        fault = self._fault
        self._bytes_sent += len(data)
        if fault is not None and fault.kind == "truncate" and self._bytes_sent >= fault.after:
            self._broken = True
            self.close()
            return data[: len(data) - (self._bytes_sent - fault.after)]
        return data

    def _collect(self, frames: list[bytes]) -> None:
        if self._fold is not None and self._resumed:
            self._resumed = False
            self._fresh_snapshot(frames)
        frames.extend(
            _frame("run.annotated", self._wire.annotation(self.run, item), None)
            for item in self._live
        )
        self._live.clear()
        while self._position < len(self.run.log) and not self.ended:
            event = self.run.log[self._position]
            self._position += 1
            self._show(event, frames)
        if self._batch and (
            self.run.clock.now() - self._batch_since >= self._batching or self.run.terminal
        ):
            self._flush(frames)
        if self.run.terminal and self._position >= len(self.run.log):
            self._release(frames)
            self.close()
        elif not frames and self._time_left() <= 0:
            frames.append(b":keepalive\n\n")

    def _fresh_snapshot(self, frames: list[bytes]) -> None:
        """Begin a resumed `values` stream with the state of now."""
        assert self._fold is not None
        if self.run.terminal and self._position >= len(self.run.log):
            return
        moved = self._position < len(self.run.log)
        for event in self.run.log[self._position :]:
            self._fold.apply(event)
        self._position = max(self._position, len(self.run.log))
        sequence = self._position - 1 if moved else None
        snapshot = self._wire.snapshot(self.run, self._fold)
        self._send(frames, _frame("state.snapshot", snapshot, sequence))

    def _show(self, event: LogEvent, frames: list[bytes]) -> None:
        if self._fold is not None:
            self._fold.apply(event)
            if self._in_updates(event) or event.type == "node.started":
                snapshot = self._wire.snapshot(self.run, self._fold)
                self._send(frames, _frame("state.snapshot", snapshot, event.sequence))
            return
        if (
            event.type == "output.chunk"
            and "messages" in self._modes
            and "debug" not in self._modes
        ):
            chunk = self._wire.payload(self.run, event)
            self._send(frames, _frame("ai.message.chunk", chunk, event.sequence))
            return
        mode = self._admits(event)
        if mode is None:
            return
        document = self._wire.event(self.run, event)
        if self._batching:
            if not self._batch:
                self._batch_since = self.run.clock.now()
            self._batch.append((event, document))
            if event.type in TERMINAL or event.type == "node.suspended":
                self._flush(frames)
            return
        # Major 1's suite wants the type as label even where modes are mixed (v1.md D-02); major 2
        # names the mode that let the event in.
        label = mode if self._wire.major == 2 and len(self._modes) > 1 else document["type"]
        self._send(frames, _frame(label, document, event.sequence))

    def _in_updates(self, event: LogEvent) -> bool:
        return event.type in UPDATES or (event.type == "node.cancelled" and self._wire.major == 2)

    def _admits(self, event: LogEvent) -> str | None:
        for mode in self._modes:
            if mode == "debug" or (mode == "updates" and self._in_updates(event)):
                return mode
            if mode == "messages" and event.type == "output.chunk":
                return mode
        return None

    def _flush(self, frames: list[bytes]) -> None:
        if not self._batch:
            return
        highest = self._batch[-1][0].sequence
        documents = [document for _, document in self._batch]
        self._batch.clear()
        self._send(frames, _frame("batch", documents, highest))

    def _send(self, frames: list[bytes], frame: bytes) -> None:
        fault = self._fault
        if fault is None:
            frames.append(frame)
            self._events_sent += 1
            return
        if fault.kind == "cut" and self._events_sent >= fault.after:
            raise StreamBroken("the stream was cut by a scripted fault")
        if fault.kind == "close" and self._events_sent >= fault.after:
            self.close()
            return
        if fault.kind == "stall" and self._events_sent >= fault.after:
            return
        if fault.kind == "reorder" and self._events_sent == fault.after and not self._held:
            self._held.append(frame)
            return
        frames.append(frame)
        self._events_sent += 1
        if fault.kind == "duplicate" and self._events_sent == fault.after + 1:
            frames.append(frame)
        self._release(frames)

    def _release(self, frames: list[bytes]) -> None:
        frames.extend(self._held)
        self._events_sent += len(self._held)
        if self._held:
            self._held.clear()


def _frame(label: str, document: object, sequence: int | None) -> bytes:
    identity = "" if sequence is None else f"id: {sequence}\n"
    return f"{identity}event: {label}\ndata: {compact(document)}\n\n".encode()
