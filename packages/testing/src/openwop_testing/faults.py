"""Scripted faults: errors, lost answers and broken streams, on top of the real state.

A fault is met by the next matching requests.  One that nobody met is a script that did not do what
its author meant: `FakeHost.verify` reports it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import attrs

__all__ = ["Fault", "Faults", "StreamFault"]

FaultKind: TypeAlias = Literal["answer", "refuse", "lose", "hang"]
StreamKind: TypeAlias = Literal[
    "cut", "close", "stall", "duplicate", "reorder", "truncate", "buffer"
]


@attrs.define(eq=False)
class Fault:
    """One scripted fault of an operation.

    Attributes:
        operation_id: The operation.
        kind: `answer` gives a scripted answer, `refuse` breaks the connection before the request
            is sent, `lose` does the work and loses the answer, `hang` never answers.
        left: How many requests still meet it.
        met: How many have.
    """

    operation_id: str
    kind: FaultKind
    left: int
    met: int = 0
    status: int = 500
    code: str = "internal_error"
    message: str = "A scripted fault."
    retry_after: int | None = None
    details: dict[str, Any] | None = None
    body: bytes | None = None
    headers: dict[str, str] = attrs.field(factory=dict[str, str])

    def __str__(self) -> str:
        what = f"{self.status} {self.code}" if self.kind == "answer" else self.kind
        return f"{self.operation_id}: {what}, {self.left} more expected"


@attrs.define(eq=False)
class StreamFault:
    """One scripted fault of an event stream.

    Attributes:
        kind: What goes wrong.
        after: How many events are sent before it does; for `truncate`, how many bytes.
        operation_id: The stream.
        left: How many streams still meet it.
        met: How many have.
    """

    kind: StreamKind
    after: int
    operation_id: str = "streamRunEvents"
    left: int = 1
    met: int = 0

    def __str__(self) -> str:
        unit = "bytes" if self.kind == "truncate" else "events"
        return f"{self.operation_id}: {self.kind} after {self.after} {unit}, {self.left} more"


class Faults:
    """The faults scripted on one host."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._streams: list[StreamFault] = []

    def fail(
        self,
        operation_id: str,
        *,
        status: int = 500,
        code: str | None = None,
        times: int = 1,
        retry_after: int | None = None,
        message: str = "A scripted fault.",
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Answer the next *times* requests of an operation with an error.

        Args:
            operation_id: The operation, as the protocol names it: `createRun`.
            status: The HTTP status.
            code: The error code; without one, the usual code of the status.
            times: How many requests get it.
            retry_after: Seconds for the `Retry-After` header.
            message: The message of the envelope.
            details: The details of the envelope.
        """
        self._faults.append(
            Fault(
                operation_id,
                "answer",
                times,
                status=status,
                code=code or _USUAL.get(status, "internal_error"),
                message=message,
                retry_after=retry_after,
                details=dict(details) if details is not None else None,
            )
        )

    def answer(
        self,
        operation_id: str,
        body: bytes,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        times: int = 1,
    ) -> None:
        """Answer the next *times* requests with these bytes, whatever they are.

        Args:
            operation_id: The operation.
            body: The body: HTML, half a document, anything.
            status: The HTTP status.
            headers: The headers; without any, `Content-Type: application/json`.
            times: How many requests get it.
        """
        given = dict(headers) if headers is not None else {"Content-Type": "application/json"}
        self._faults.append(
            Fault(operation_id, "answer", times, status=status, body=body, headers=given)
        )

    def refuse(self, operation_id: str, *, times: int = 1) -> None:
        """Let the next *times* connections fail before anything is sent."""
        self._faults.append(Fault(operation_id, "refuse", times))

    def lose(self, operation_id: str, *, times: int = 1) -> None:
        """Do what the next *times* requests ask, and lose the answers on the way."""
        self._faults.append(Fault(operation_id, "lose", times))

    def hang(self, operation_id: str, *, times: int = 1) -> None:
        """Never answer the next *times* requests."""
        self._faults.append(Fault(operation_id, "hang", times))

    def cut(self, *, after: int, times: int = 1, operation_id: str = "streamRunEvents") -> None:
        """Break the connection of the next *times* streams after *after* events."""
        self._streams.append(StreamFault("cut", after, operation_id, times))

    def close(self, *, after: int, times: int = 1, operation_id: str = "streamRunEvents") -> None:
        """End the next *times* streams early, but cleanly, after *after* events."""
        self._streams.append(StreamFault("close", after, operation_id, times))

    def stall(self, *, after: int, times: int = 1, operation_id: str = "streamRunEvents") -> None:
        """Send nothing more, not even keep-alives, after *after* events."""
        self._streams.append(StreamFault("stall", after, operation_id, times))

    def duplicate(
        self, *, after: int, times: int = 1, operation_id: str = "streamRunEvents"
    ) -> None:
        """Send the event after the first *after* twice."""
        self._streams.append(StreamFault("duplicate", after, operation_id, times))

    def reorder(self, *, after: int, times: int = 1, operation_id: str = "streamRunEvents") -> None:
        """Swap the two events after the first *after*."""
        self._streams.append(StreamFault("reorder", after, operation_id, times))

    def truncate(
        self, *, at_byte: int, times: int = 1, operation_id: str = "streamRunEvents"
    ) -> None:
        """Break the connection after exactly *at_byte* bytes of the body."""
        self._streams.append(StreamFault("truncate", at_byte, operation_id, times))

    def buffer(self, *, times: int = 1, operation_id: str = "streamRunEvents") -> None:
        """Hold a stream back until it ends, as some proxies do."""
        self._streams.append(StreamFault("buffer", 0, operation_id, times))

    def take(self, operation_id: str) -> Fault | None:
        """Return the fault that this request meets, and count it."""
        for fault in self._faults:
            if fault.operation_id == operation_id and fault.left > 0:
                fault.left -= 1
                fault.met += 1
                return fault
        return None

    def take_stream(self, operation_id: str) -> StreamFault | None:
        """Return the fault that this stream meets, and count it."""
        for fault in self._streams:
            if fault.operation_id == operation_id and fault.left > 0:
                fault.left -= 1
                fault.met += 1
                return fault
        return None

    def unmet(self) -> list[str]:
        """Return the faults that are still waiting, in words."""
        faults: list[Fault | StreamFault] = [*self._faults, *self._streams]
        return [str(fault) for fault in faults if fault.left > 0]

    def clear(self) -> None:
        """Forget every fault."""
        self._faults.clear()
        self._streams.clear()


_USUAL = {
    400: "validation_error",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    409: "idempotency_in_flight",
    410: "interrupt_expired",
    422: "capability_required",
    429: "rate_limited",
    500: "internal_error",
    502: "upstream_unavailable",
    503: "service_unavailable",
    504: "upstream_unavailable",
}
