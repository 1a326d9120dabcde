"""The stream of a service of which nothing more is known than that it sends events.

OpenWOP's own streams have a state of their own that resumes; this one is for clients generated
from any description: it reads one connection to its end.
"""

from __future__ import annotations

from collections import deque
from typing import Any, Generic, TypeVar, cast

from openwop.runtime import _json
from openwop.runtime._codec import structure
from openwop.runtime._effects import AnyOpenResponse, Plan
from openwop.runtime._exchange import Exchange
from openwop.runtime._structure import StructureError
from openwop.sse import EventDecoder
from openwop.wire import Response, TransportError

__all__ = ["EventStreamState"]

T = TypeVar("T")


class EventStreamState(Generic[T]):
    """Decodes server-sent events, or lines of JSON, to the type that the operation returns.

    Args:
        exchange: The exchange that connects.
    """

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._decoder = EventDecoder()
        self._pending: deque[str] = deque()
        self._line = b""
        self._lines = False
        self._head: Response | None = None
        self.finished = False
        self.idle_timeout: float | None = None
        self.where = exchange.operation.name

    @property
    def last_event_id(self) -> str | None:
        """The id after which a new stream would resume."""
        return self._decoder.last_event_id or None

    def connect(self) -> Plan[AnyOpenResponse | None]:
        """Plan the connection; there is only one."""
        opened = yield from self._exchange.run()
        self._head = Response(opened.status_code, opened.headers)
        assert self._exchange.route is not None
        self._lines = self._exchange.route.answer == "ndjson"
        return cast("AnyOpenResponse", opened)

    def feed(self, chunk: bytes) -> None:
        """Take bytes from the body."""
        if self._lines:
            *whole, self._line = (self._line + chunk).split(b"\n")
            self._pending.extend(line.decode("utf-8", "replace") for line in whole if line.strip())
            return
        self._pending.extend(event.data for event in self._decoder.feed(chunk))

    def work(self) -> Plan[None] | None:
        """Return None: there is nothing to do but to read."""
        return None

    def pop(self) -> T | None:
        """Return the next item, or None where more bytes are needed."""
        if not self._pending:
            return None
        text = self._pending.popleft()
        end = self._exchange.operation.stream_end
        if end and text == end:
            self._pending.clear()
            self.finished = True
            return None
        return cast("T", self._decode(text))

    def _decode(self, text: str) -> Any:
        exchange = self._exchange
        assert self._head is not None
        if exchange.operation.returns is str:
            return text
        try:
            data = _json.loads(text.encode())
            return structure(
                exchange.operation.returns,
                data,
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
            StreamInterruptedError: It broke.
        """
        if error is not None:
            cls = self._exchange.core.dialect.errors.interrupted
            msg = f"{self.where}: the stream broke ({error})"
            raise cls(msg, last_event_id=self.last_event_id) from error
        if self._line.strip():
            self._pending.append(self._line.decode("utf-8", "replace"))
            self._line = b""
        self.finished = True

    def interrupted(self, message: str) -> Exception:
        """Return the error for a read that follows a cancellation, or comes from two tasks."""
        return self._exchange.core.dialect.errors.interrupted(
            message, last_event_id=self.last_event_id
        )
