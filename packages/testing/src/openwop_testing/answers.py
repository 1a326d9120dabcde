"""What a handler gives back, before a transport makes an HTTP answer of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs

from openwop_testing._json import JsonObject, compact
from openwop_testing.clock import RunClock
from openwop_testing.streams import Stream

__all__ = ["Answer", "Later", "json_answer"]


@attrs.define(eq=False)
class Later:
    """An answer that is still to come: a long poll.

    Attributes:
        until: Tells whether the answer can be given.
        clock: Whose time passes meanwhile.
        deadline: The moment of that clock at which it is given in any case.
        finish: Makes the answer.
        what: Who waits for what.
    """

    until: Callable[[], bool]
    clock: RunClock
    deadline: float | None
    finish: Callable[[], Answer]
    what: str

    def ready(self) -> bool:
        """Tell whether the answer can be given."""
        if self.until():
            return True
        return self.deadline is not None and self.clock.now() >= self.deadline

    def remaining(self) -> float | None:
        """Return the seconds until it is given in any case."""
        return None if self.deadline is None else max(0.0, self.deadline - self.clock.now())

    def describe(self) -> str:
        """Say who waits for what."""
        return self.what


@attrs.define(eq=False)
class Answer:
    """An answer: its head, and a body, a stream or a promise.

    Attributes:
        status: The HTTP status.
        headers: The headers.
        body: The body, where there is one now.
        stream: The stream, where there is one.
        later: The promise of an answer, where there is none yet.
        code: The error code of a refusal.
        lost: Whether a fault loses it on the way.
        refused: Whether a fault refuses the connection.
        scripted: Whether a fault made it up.
    """

    status: int = 200
    headers: dict[str, str] = attrs.field(factory=dict[str, str])
    body: bytes = b""
    stream: Stream | None = None
    later: Later | None = None
    code: str = ""
    lost: bool = False
    scripted: bool = False
    refused: bool = False


def json_answer(
    document: JsonObject | list[Any], status: int = 200, headers: dict[str, str] | None = None
) -> Answer:
    """Return an answer with a JSON body."""
    return Answer(
        status,
        {"Content-Type": "application/json", **(headers or {})},
        compact(document).encode(),
    )
