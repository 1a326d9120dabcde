"""What the host was asked: recorded requests, with readable assertions on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

import attrs

from openwop.wire import Headers

__all__ = ["Calls", "RecordedCall"]


@attrs.define(eq=False)
class RecordedCall:
    """One request that reached the host.

    Attributes:
        method: The HTTP method.
        path: The path, as sent.
        query: The query parameters; the last of several of one name.
        headers: The headers, as sent.
        body: The body as JSON; None where there was none, or it was not JSON.
        content: The body as sent.
        operation_id: The operation that it was; empty where it was none.
        major: The protocol major; 0 where it was none.
        params: The path parameters, unescaped.
        at: The host's time, in Unix seconds.
        status: The status that was answered; 0 while there is no answer.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: Headers
    body: Any
    content: bytes | None = attrs.field(repr=False)
    at: float
    operation_id: str = ""
    major: int = 0
    params: dict[str, str] = attrs.field(factory=dict[str, str])
    status: int = 0

    @property
    def idempotency_key(self) -> str | None:
        """The Idempotency-Key that was sent."""
        return self.headers.get("Idempotency-Key")

    def __str__(self) -> str:
        status = str(self.status) if self.status else "no answer"
        return f"{self.operation_id or '?'}: {self.method} {self.path} -> {status}"


class Calls(Sequence[RecordedCall]):
    """The requests of one host, in the order in which they came."""

    def __init__(self, calls: list[RecordedCall] | None = None) -> None:
        self._calls = calls if calls is not None else []

    @overload
    def __getitem__(self, index: int) -> RecordedCall: ...
    @overload
    def __getitem__(self, index: slice) -> Calls: ...
    def __getitem__(self, index: int | slice) -> RecordedCall | Calls:
        if isinstance(index, slice):
            return Calls(self._calls[index])
        return self._calls[index]

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[RecordedCall]:
        return iter(self._calls)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Calls | list):
            return NotImplemented
        others: list[object] = list(other)  # pyright: ignore[reportUnknownArgumentType]
        return self._calls == others

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        lines = "".join(f"\n  {call}" for call in self._calls)
        return f"<{len(self._calls)} calls{lines}>"

    def of(self, operation_id: str) -> Calls:
        """Return the requests of one operation."""
        return Calls([call for call in self._calls if call.operation_id == operation_id])

    @property
    def operations(self) -> list[str]:
        """The operation ids, in order."""
        return [call.operation_id for call in self._calls]

    def append(self, call: RecordedCall) -> None:
        """Record a request."""
        self._calls.append(call)

    def clear(self) -> None:
        """Forget every request."""
        self._calls.clear()

    def assert_operations(self, *expected: str) -> None:
        """Check that exactly these operations were called, in this order.

        Raises:
            AssertionError: They were not; the message shows the difference.
        """
        seen = self.operations
        if seen != list(expected):
            import difflib

            diff = "\n".join(
                difflib.unified_diff(list(expected), seen, "expected", "called", lineterm="", n=99)
            )
            raise AssertionError(f"The host was not called as expected:\n{diff}")
