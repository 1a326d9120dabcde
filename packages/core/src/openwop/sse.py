"""Server-sent events: the bytes of a `text/event-stream` body to events, without any I/O.

The rules are those of the WHATWG HTML standard, section 9.2 (server-sent events), and no others:
what a host writes between two blank lines is one event, however the network cuts it up.

Two readers share the work.  Whole blocks with their fields in a usual order, which is nearly
everything a host sends, are found by one regular expression; all else goes line by line.  The
vectors in `spec/vectors/sse` hold both to the same answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple, cast

__all__ = [
    "DEFAULT_MAX_EVENT",
    "DEFAULT_MAX_LINE",
    "EventDecoder",
    "EventTooLargeError",
    "ServerSentEvent",
]

DEFAULT_MAX_LINE: Final = 8 * 1024 * 1024
"""The longest line that a decoder takes unless told otherwise, in bytes."""

DEFAULT_MAX_EVENT: Final = 8 * 1024 * 1024
"""The most data that one event may carry unless a decoder is told otherwise, in bytes."""

_BOM: Final = b"\xef\xbb\xbf"
_LONE_CR: Final = re.compile(rb"\r(?!\n)")

# The largest integer that every language reads alike.  A host that asks for a longer wait than
# 285,000 years gets this one, and int() is spared digits by the million.
_MAX_RETRY: Final = 2**53 - 1
_MAX_RETRY_DIGITS: Final = 16

# One block with its blank line: an id before or after the type, then a single line of data; or, in
# the last group, the lines of any other block.  Everything is possessive, so that nothing is read
# twice and a value cannot win back the one space that belongs to the colon.  `.` stops at LF only.
_BLOCK: Final = re.compile(
    rb"(?:id: ?+([^\n\0]++)\n)?+"
    rb"(?:event: ?+(.++)\n)?+"
    rb"(?:id: ?+([^\n\0]++)\n)?+"
    rb"data: ?+(.++)\n\n"
    rb"|((?:.++\n)*+)\n"
)


class ServerSentEvent(NamedTuple):
    """One dispatched event.

    Attributes:
        event: The type: the last non-empty `event` field of the block, or `message`, as the
            standard has it, where there is none.
        data: The `data` fields of the block, joined by line feeds.
        id: The last event id of the stream when the event was dispatched.  It is sticky: an event
            without an `id` field carries the id of an earlier one.  Empty where none was set.
        retry: The reconnection time in milliseconds that this block set, or None.
    """

    event: str
    data: str
    id: str = ""
    retry: int | None = None


# What the constructor of a named tuple calls, at a third of its cost.
_new_tuple = cast(
    "Callable[[type[ServerSentEvent], tuple[str, str, str, None]], ServerSentEvent]",
    tuple.__new__,  # pyright: ignore[reportUnknownMemberType]
)


class EventTooLargeError(ValueError):
    """A line or an event is larger than the decoder was told to take.

    Args:
        part: What was too large.
        limit: The limit that it broke, in bytes.
    """

    def __init__(self, part: Literal["line", "event"], limit: int) -> None:
        super().__init__(f"the event stream holds {_PARTS[part]} of more than {limit} bytes")
        self.part: Literal["line", "event"] = part
        self.limit = limit

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.part, self.limit)


_PARTS: Final = {"line": "a line", "event": "an event with data"}


class EventDecoder:
    """Turns the bytes of one event stream into events, whatever way the network cuts them.

    The decoder keeps no more than an unfinished line and the unfinished event around it, takes
    time in proportion to the bytes it is fed even when they come one by one, and never raises for
    malformed input: bytes that are not UTF-8 become U+FFFD, and lines without meaning are skipped.
    An event that is cut off by the end of the stream is dropped, as the standard asks.

    Args:
        max_line: The longest line to take, in bytes without its line end.
        max_event: The most data that one event may carry, in bytes with one per line of data.
        last_event_id: The id to start from.  A browser lets the connection that follows another
            start with the last id of the first, and so should a client that reconnects.

    Attributes:
        last_event_id: The id to reconnect with, set by every block that ends, also by one that
            dispatches nothing.  Empty means that there is none to send.
        retry: The last reconnection time that the stream set, in milliseconds, or None.
    """

    __slots__ = (
        "_data",
        "_event",
        "_failure",
        "_head",
        "_id",
        "_inside",
        "_line",
        "_max_event",
        "_max_line",
        "_new_retry",
        "_pending",
        "_skip_lf",
        "_small",
        "last_event_id",
        "retry",
    )

    def __init__(
        self,
        *,
        max_line: int = DEFAULT_MAX_LINE,
        max_event: int = DEFAULT_MAX_EVENT,
        last_event_id: str = "",
    ) -> None:
        if max_line < 1 or max_event < 1:
            raise ValueError("max_line and max_event must be at least 1 byte")
        self.last_event_id = last_event_id
        self.retry: int | None = None
        self._max_line = max_line
        self._max_event = max_event
        # Nothing inside so many bytes can break a limit, so they need not be measured.
        self._small = min(max_line, max_event)
        self._failure: EventTooLargeError | None = None
        # The bytes before it is known whether the stream begins with a BOM; None afterwards.
        self._head: bytes | None = b""
        self._skip_lf = False
        # The beginning of a block, unread: kept whole in the hope that the next chunk ends it.
        self._pending = b""
        # The beginning of a block, read line by line: the buffers of the standard, and the line
        # that is not complete yet.
        self._inside = False
        self._line = bytearray()
        self._data = bytearray()
        self._event = b""
        self._id = last_event_id
        self._new_retry: int | None = None

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """Take the next bytes of the stream and return the events that they complete.

        A limit that breaks after other events of the same chunk is raised by the next call, so that
        those events are not lost.  After a limit broke, every call raises.

        Args:
            chunk: The next bytes, of any length.

        Returns:
            The events in the order of the stream; an empty list where none is complete.

        Raises:
            EventTooLargeError: A line or an event exceeds a limit of this decoder.
        """
        if self._failure is not None:
            raise EventTooLargeError(self._failure.part, self._failure.limit)
        events: list[ServerSentEvent] = []
        try:
            self._take(self._normalise(chunk), events)
        except EventTooLargeError as failure:
            self._failure = failure
            self._pending = b""
            self._line.clear()
            self._data.clear()
            if not events:
                raise
        return events

    def _normalise(self, chunk: bytes) -> bytes:
        """Return *chunk* without a leading BOM and with every line end a single LF."""
        if self._head is not None:
            chunk = self._head + chunk
            if len(chunk) < len(_BOM) and _BOM.startswith(chunk):
                self._head = chunk
                return b""
            self._head = None
            chunk = chunk.removeprefix(_BOM)
        if self._skip_lf and chunk:
            # The CR at the end of the last chunk ended its line there and then: no event waits for
            # the byte that would tell CR from CRLF.
            self._skip_lf = False
            chunk = chunk.removeprefix(b"\n")
        if b"\r" in chunk:
            self._skip_lf = chunk.endswith(b"\r")
            if _LONE_CR.search(chunk) is None:
                # To drop a byte costs a tenth of replacing two, and hosts that write CRLF are many.
                chunk = chunk.replace(b"\r", b"")
            else:
                chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return chunk

    def _take(self, text: bytes, events: list[ServerSentEvent]) -> None:
        """Read *text*, whose lines end in LF, and add what it completes to *events*."""
        pending = self._pending
        if pending:
            self._pending = b""
            if len(pending) <= len(text):
                # At most doubles what is copied, so that the whole stays linear.
                text = pending + text
            else:
                self._read_block(pending, 0, events)
        start = self._read_block(text, 0, events) if self._inside else 0
        if len(text) - start > self._small:
            while start < len(text):
                start = self._read_block(text, start, events)
            return
        end = text.rfind(b"\n\n", start) + 2
        if end > 1:
            self._read_whole_blocks(text, start, end, events)
            start = end
        # A blank line where a block would begin means nothing.
        rest = text[start:].removeprefix(b"\n")
        if b"retry" in rest:
            # A reconnection time counts when its line ends, whatever becomes of its block.
            self._read_block(rest, 0, events)
        else:
            self._pending = rest

    def _read_whole_blocks(
        self, text: bytes, start: int, end: int, events: list[ServerSentEvent]
    ) -> None:
        """Read *text* from *start* to *end*, where a block begins and one ends."""
        add = events.append
        new = _new_tuple
        event_class = ServerSentEvent
        last_id = self._id
        for id_1, event, id_2, data, other in _BLOCK.findall(text, start, end):
            if data:
                field = id_2 or id_1
                if field:
                    last_id = field.decode("utf-8", "replace")
                event = event.decode("utf-8", "replace") or "message"
                data = data.decode("utf-8", "replace")
                add(new(event_class, (event, data, last_id, None)))
            elif other:
                self._id = last_id
                for line in other.split(b"\n"):
                    self._read_line(line)
                self._dispatch(events)
                last_id = self._id
        self._id = self.last_event_id = last_id

    def _read_block(self, text: bytes, start: int, events: list[ServerSentEvent]) -> int:
        """Read lines from *start* until one ends a block, and return where the next would begin."""
        held = self._line
        while (end := text.find(b"\n", start)) >= 0:
            if len(held) + end - start > self._max_line:
                raise EventTooLargeError("line", self._max_line)
            line = text[start:end]
            if held:
                line = bytes(held) + line
                held.clear()
            start = end + 1
            if not line:
                self._inside = False
                self._dispatch(events)
                return start
            self._read_line(line)
        if len(held) + len(text) - start > self._max_line:
            raise EventTooLargeError("line", self._max_line)
        held += text[start:]
        self._inside = True
        return len(text)

    def _read_line(self, line: bytes) -> None:
        """Process one line that is not blank: a field, a comment or nonsense."""
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            if len(self._data) + len(value) + 1 > self._max_event:
                raise EventTooLargeError("event", self._max_event)
            self._data += value
            self._data += b"\n"
        elif name == b"event":
            self._event = value
        elif name == b"id":
            if b"\0" not in value:
                self._id = value.decode("utf-8", "replace")
        elif name == b"retry" and value.isdigit():
            digits = value.lstrip(b"0")
            retry = int(digits or b"0") if len(digits) <= _MAX_RETRY_DIGITS else _MAX_RETRY
            self.retry = self._new_retry = min(retry, _MAX_RETRY)

    def _dispatch(self, events: list[ServerSentEvent]) -> None:
        """End the block: set the last event id and, where there is data, add an event."""
        self.last_event_id = self._id
        if self._data:
            event = self._event.decode("utf-8", "replace") or "message"
            data = self._data.decode("utf-8", "replace")[:-1]
            events.append(ServerSentEvent(event, data, self._id, self._new_retry))
            self._data.clear()
        self._event = b""
        self._new_retry = None
