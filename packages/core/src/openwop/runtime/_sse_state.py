"""The stream of a service of which nothing more is known than that it sends events.

OpenWOP's own streams have a state of their own that resumes; this one is for clients generated
from any description: it reads one connection to its end.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Final, Generic, TypeVar, cast

from openwop.runtime import _json
from openwop.runtime._codec import structure
from openwop.runtime._effects import AnyOpenResponse, Plan
from openwop.runtime._exchange import Exchange
from openwop.runtime._stream import NOTHING, Nothing
from openwop.runtime._structure import StructureError
from openwop.runtime.errors import DeadlineExceededError
from openwop.sse import EventDecoder, EventTooLargeError
from openwop.wire import Response, TransportError

__all__ = ["EventStreamState"]

T = TypeVar("T")

_MAX_LINE: Final = 8 * 1024 * 1024


class _Lines:
    """Splits a body of JSON lines; the last one may lack its line end."""

    def __init__(self) -> None:
        self._open: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[str]:
        """Return the lines that *chunk* completes.

        Raises:
            EventTooLargeError: A line is longer than 8 MiB.
        """
        first, *rest = chunk.split(b"\n")
        self._open.append(first)
        self._size += len(first)
        if self._size > _MAX_LINE:
            raise EventTooLargeError("line", _MAX_LINE)
        if not rest:
            return []
        whole = [b"".join(self._open), *rest[:-1]]
        self._open = [rest[-1]]
        self._size = len(rest[-1])
        return [line.decode("utf-8", "replace") for line in whole if line.strip()]

    def end(self) -> list[str]:
        """Return the line that the end of the body completes."""
        return self.feed(b"\n")


class EventStreamState(Generic[T]):
    """Decodes server-sent events, or lines of JSON, to the type that the operation returns.

    Args:
        exchange: The exchange that connects.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._decoder = EventDecoder()
        self._lines: _Lines | None = None
        self._pending: deque[str] = deque()
        self._head = Response(0)
        self.finished = False
        self._idle: float | None = None
        self.where = exchange.operation.name

    @property
    def idle_timeout(self) -> float | None:
        """The longest silence on the wire, in seconds."""
        bounds = [bound for bound in (self._idle, self._exchange.left()) if bound is not None]
        return max(0.001, min(bounds)) if bounds else None

    @property
    def last_event_id(self) -> str | None:
        """The id after which a new stream would resume."""
        return self._decoder.last_event_id or None

    def connect(self) -> Plan[AnyOpenResponse | None]:
        """Plan the connection; there is only one.

        Raises:
            APIResponseValidationError: What answered sends no events.
        """
        opened = yield from self._exchange.run()
        self._head = Response(opened.status_code, opened.headers)
        assert self._exchange.route is not None
        kind = opened.headers.get("content-type", "").partition(";")[0].strip().lower()
        if self._exchange.route.answer == "ndjson":
            self._lines = _Lines()
        elif kind not in {"", "text/event-stream"}:
            msg = f"expected text/event-stream, got {kind}"
            raise self._exchange.validation_error(self._head, msg)
        return cast("AnyOpenResponse", opened)

    def feed(self, chunk: bytes) -> None:
        """Take bytes from the body.

        Raises:
            StreamError: An event is larger than can be taken.
            DeadlineExceededError: The deadline of the call passed.
        """
        self._check_time()
        try:
            if self._lines is not None:
                self._pending.extend(self._lines.feed(chunk))
            else:
                self._pending.extend(event.data for event in self._decoder.feed(chunk))
        except EventTooLargeError as exc:
            cls = self._exchange.core.dialect.errors.stream
            raise cls(f"{self.where}: {exc}", last_event_id=self.last_event_id) from exc

    def _check_time(self) -> None:
        """Raise where the deadline passed, which a transport of someone else's may not know."""
        left = self._exchange.left()
        if left is not None and left <= 0:
            raise self._exchange.out_of_time("reading the stream")

    def work(self) -> Plan[None] | None:
        """Return None: there is nothing to do but to read."""
        return None

    def pop(self) -> T | Nothing:
        """Return the next item, or `NOTHING` where more bytes are needed."""
        if not self._pending:
            return NOTHING
        text = self._pending.popleft()
        end = self._exchange.operation.stream_end
        if end and text == end:
            self._pending.clear()
            self.finished = True
            return NOTHING
        return cast("T", self._decode(text))

    def _decode(self, text: str) -> Any:
        exchange = self._exchange
        if exchange.operation.returns is str:
            return text
        try:
            return structure(
                exchange.operation.returns,
                _json.loads(text),
                strict=exchange.settings.validation == "strict",
                variant=exchange.variant,
            )
        except StructureError as exc:
            raise exchange.validation_error(self._head, str(exc), exc.path) from exc
        except ValueError as exc:
            msg = f"an event of {len(text)} characters is no JSON: {exc}"
            raise exchange.validation_error(self._head, msg) from exc

    def disconnected(self, error: TransportError | None) -> None:
        """Note that the body ended.

        Raises:
            DeadlineExceededError: The deadline of the call passed.
            StreamInterruptedError: It broke.
        """
        if error is None:
            if self._lines is not None:
                self._pending.extend(self._lines.end())
            self.finished = True
            return
        cause = self._exchange.reading_error(error)
        if isinstance(cause, DeadlineExceededError):
            raise cause from error
        cls = self._exchange.core.dialect.errors.interrupted
        msg = f"{self.where}: the stream broke ({error})"
        raise cls(msg, last_event_id=self.last_event_id) from error

    def interrupted(self, message: str) -> Exception:
        """Return the error for a read that follows a cancellation, or comes from two tasks."""
        return self._exchange.core.dialect.errors.interrupted(
            message, last_event_id=self.last_event_id
        )
