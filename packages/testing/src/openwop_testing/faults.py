"""Scripted faults: errors, lost answers and broken streams, on top of the real state.

A fault is met by the next matching requests.  One that nobody met is a script that did not do what
its author meant: `FakeHost.verify` reports it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias, TypeVar, cast

import attrs

from openwop_testing.mischief import KINDS, Mischief

__all__ = ["Fault", "Faults", "StreamFault"]

FaultKind: TypeAlias = Literal["answer", "refuse", "lose", "hang", "delay"]
StreamKind: TypeAlias = Literal[
    "cut", "close", "stall", "duplicate", "reorder", "truncate", "buffer"
]


@attrs.define(eq=False)
class Fault:
    """One scripted fault of an operation.

    Attributes:
        operation_id: The operation.
        kind: `answer` gives a scripted answer, `refuse` breaks the connection before the request
            is sent, `lose` does the work and loses the answer, `hang` never answers, `delay`
            answers late.
        left: How many requests still meet it.
        met: How many have.
        skip: How many requests pass before it.
    """

    operation_id: str
    kind: FaultKind
    left: int
    met: int = 0
    skip: int = 0
    seconds: float = 0.0
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
        skip: How many streams pass before it.
    """

    kind: StreamKind
    after: int
    operation_id: str = "streamRunEvents"
    left: int = 1
    met: int = 0
    skip: int = 0

    def __str__(self) -> str:
        unit = "bytes" if self.kind == "truncate" else "events"
        return f"{self.operation_id}: {self.kind} after {self.after} {unit}, {self.left} more"


AnyFault = TypeVar("AnyFault", Fault, StreamFault)


class Faults:
    """The faults scripted on one host.

    Each method takes `times`, how many requests or streams meet the fault, and `skip`, how many of
    the operation pass before it.

    Attributes:
        mischief: What draws faults at random, where that was asked for.

    Args:
        seed: What faults at random are drawn from, unless they are given a seed of their own.
    """

    def __init__(self, seed: int = 0) -> None:
        self._faults: list[Fault] = []
        self._streams: list[StreamFault] = []
        self._seed = seed
        self.mischief: Mischief | None = None

    def fail(
        self,
        operation_id: str,
        *,
        status: int = 500,
        code: str | None = None,
        times: int = 1,
        skip: int = 0,
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
            skip: How many requests of the operation pass before.
            retry_after: Seconds for the `Retry-After` header.
            message: The message of the envelope.
            details: The details of the envelope.
        """
        self._faults.append(
            Fault(
                operation_id,
                "answer",
                times,
                skip=skip,
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
        skip: int = 0,
    ) -> None:
        """Answer the next *times* requests with these bytes, whatever they are.

        Args:
            operation_id: The operation.
            body: The body: HTML, half a document, anything.
            status: The HTTP status.
            headers: The headers; without any, `Content-Type: application/json`.
            times: How many requests get it.
            skip: How many requests of the operation pass before.
        """
        given = dict(headers) if headers is not None else {"Content-Type": "application/json"}
        self._faults.append(
            Fault(operation_id, "answer", times, skip=skip, status=status, body=body, headers=given)
        )

    def refuse(self, operation_id: str, *, times: int = 1, skip: int = 0) -> None:
        """Let the next *times* connections fail before anything is sent."""
        self._faults.append(Fault(operation_id, "refuse", times, skip=skip))

    def lose(self, operation_id: str, *, times: int = 1, skip: int = 0) -> None:
        """Do what the next *times* requests ask, and lose the answers on the way."""
        self._faults.append(Fault(operation_id, "lose", times, skip=skip))

    def hang(self, operation_id: str, *, times: int = 1, skip: int = 0) -> None:
        """Never answer the next *times* requests."""
        self._faults.append(Fault(operation_id, "hang", times, skip=skip))

    def delay(self, operation_id: str, seconds: float, *, times: int = 1, skip: int = 0) -> None:
        """Do what the next *times* requests ask, and answer *seconds* later.

        Until then their idempotency keys are in flight: whoever uses one meanwhile is told so.
        """
        self._faults.append(Fault(operation_id, "delay", times, skip=skip, seconds=seconds))

    def cut(
        self,
        *,
        after: int,
        times: int = 1,
        skip: int = 0,
        operation_id: str = "streamRunEvents",
    ) -> None:
        """Break the connection of the next *times* streams after *after* events."""
        self._streams.append(StreamFault("cut", after, operation_id, times, skip=skip))

    def close(
        self,
        *,
        after: int,
        times: int = 1,
        skip: int = 0,
        operation_id: str = "streamRunEvents",
    ) -> None:
        """End the next *times* streams early, but cleanly, after *after* events."""
        self._streams.append(StreamFault("close", after, operation_id, times, skip=skip))

    def stall(
        self,
        *,
        after: int,
        times: int = 1,
        skip: int = 0,
        operation_id: str = "streamRunEvents",
    ) -> None:
        """Send nothing more, not even keep-alives, after *after* events."""
        self._streams.append(StreamFault("stall", after, operation_id, times, skip=skip))

    def duplicate(
        self,
        *,
        after: int,
        times: int = 1,
        skip: int = 0,
        operation_id: str = "streamRunEvents",
    ) -> None:
        """Send the event after the first *after* twice."""
        self._streams.append(StreamFault("duplicate", after, operation_id, times, skip=skip))

    def reorder(
        self,
        *,
        after: int,
        times: int = 1,
        skip: int = 0,
        operation_id: str = "streamRunEvents",
    ) -> None:
        """Swap the two events after the first *after*."""
        self._streams.append(StreamFault("reorder", after, operation_id, times, skip=skip))

    def truncate(
        self,
        *,
        at_byte: int,
        times: int = 1,
        skip: int = 0,
        operation_id: str = "streamRunEvents",
    ) -> None:
        """Break the connection after exactly *at_byte* bytes of the body."""
        self._streams.append(StreamFault("truncate", at_byte, operation_id, times, skip=skip))

    def buffer(
        self, *, times: int = 1, skip: int = 0, operation_id: str = "streamRunEvents"
    ) -> None:
        """Hold a stream back until it ends, as some proxies do."""
        self._streams.append(StreamFault("buffer", 0, operation_id, times, skip=skip))

    def at_random(
        self,
        rate: float = 0.2,
        *,
        seed: int | None = None,
        kinds: Iterable[str] = KINDS,
        operations: Iterable[str] | None = None,
        in_a_row: int = 2,
    ) -> Mischief:
        """Let requests and streams fail at random, the same ones for the same seed.

        What befell whom is in `mischief`; it needs not be met, and clients that retry never notice.

        Args:
            rate: The share of requests, and of streams, that something befalls.
            seed: What it is drawn from; without one, the seed of the host.
            kinds: Of `fail` (429, 502, 503 or 504), `refuse`, `lose`, and for streams `cut`,
                `close`, `duplicate` and `truncate`.
            operations: The operations that it may happen to; without any, all.
            in_a_row: How many requests of one operation may fail one after another.

        Raises:
            ValueError: The rate is out of bounds, or there is no such kind.
        """
        self.mischief = Mischief(
            self._seed if seed is None else seed,
            rate=rate,
            kinds=kinds,
            operations=operations,
            in_a_row=in_a_row,
        )
        return self.mischief

    def take(self, operation_id: str) -> Fault | None:
        """Return the fault that this request meets, and count it."""
        fault = _first(self._faults, operation_id)
        if fault is not None or self.mischief is None:
            return fault
        drawn = self.mischief.request(operation_id)
        if drawn is None:
            return None
        if drawn.kind != "fail":
            return Fault(operation_id, cast("FaultKind", drawn.kind), 0)
        code = _USUAL[drawn.status]
        return Fault(operation_id, "answer", 0, status=drawn.status, code=code, retry_after=0)

    def take_stream(self, operation_id: str) -> StreamFault | None:
        """Return the fault that this stream meets, and count it."""
        fault = _first(self._streams, operation_id)
        if fault is not None or self.mischief is None:
            return fault
        drawn = self.mischief.stream(operation_id)
        if drawn is None:
            return None
        return StreamFault(cast("StreamKind", drawn.kind), drawn.after, operation_id, 0)

    def unmet(self) -> list[str]:
        """Return the faults that are still waiting, in words."""
        faults: list[Fault | StreamFault] = [*self._faults, *self._streams]
        return [str(fault) for fault in faults if fault.left > 0]

    def clear(self) -> None:
        """Forget every fault."""
        self._faults.clear()
        self._streams.clear()
        self.mischief = None


def _first(faults: list[AnyFault], operation_id: str) -> AnyFault | None:
    """Return the first fault that waits for a request of an operation, and count it."""
    for fault in faults:
        if fault.operation_id != operation_id or fault.left <= 0:
            continue
        if fault.skip > 0:
            fault.skip -= 1
            continue
        fault.left -= 1
        fault.met += 1
        return fault
    return None


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
