"""What a plan asks of its driver.

A plan is a generator that decides and does no I/O: it yields one of four effects and is sent what
came of it.  Two drivers run every plan, one blocking and one on asyncio or trio.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeAlias, TypeVar, cast

import attrs

from openwop.wire import AsyncOpenResponse, OpenResponse, Request, Response

__all__ = [
    "AnyOpenResponse",
    "Ask",
    "BodyTooLargeError",
    "Effect",
    "Invoke",
    "Plan",
    "Send",
    "Sleep",
    "ask",
    "invoke",
]

T = TypeVar("T")

AnyOpenResponse: TypeAlias = OpenResponse | AsyncOpenResponse


@attrs.frozen
class Send:
    """Send a request.

    The driver reads and closes the body and answers with a `Response`.  Only where
    `request.stream` is true and the status is 2xx does it answer with the open response.

    Attributes:
        request: The request, with the bounds of this attempt.
        limit: The most bytes of body to read; None for no limit.
    """

    request: Request
    limit: int | None = None


@attrs.frozen
class Sleep:
    """Wait.

    Attributes:
        seconds: For how long, on the transport's clock.
    """

    seconds: float


@attrs.frozen
class Ask:
    """Call a function that may block or be a coroutine function: a credential provider, a lock.

    Attributes:
        function: Called without arguments; what it returns is awaited where it can be.
    """

    function: Callable[[], Any]


@attrs.frozen
class Invoke:
    """Call a method of the client, a whole logical call of its own, within a longer plan.

    Unlike `Ask`, an error of ours is thrown into the plan, so that the plan can act on it.

    Attributes:
        function: Called without arguments; what it returns is awaited where it can be.
    """

    function: Callable[[], Any]


Effect: TypeAlias = Send | Sleep | Ask | Invoke
Plan: TypeAlias = Generator[Effect, Any, T]


class BodyTooLargeError(Exception):
    """The body of an answer is larger than `Send.limit`; thrown into the plan.

    Args:
        limit: The limit in bytes.
        response: The head of the answer, without its body.
    """

    def __init__(self, limit: int, response: Response) -> None:
        super().__init__(limit)
        self.limit = limit
        self.response = response


def ask(function: Callable[[], T]) -> Plan[T]:
    """Yield an `Ask` and return its answer, typed by what a blocking *function* returns."""
    return cast("T", (yield Ask(function)))


def invoke(function: Callable[[], Any]) -> Plan[Any]:
    """Yield an `Invoke` and return what the method returned."""
    return (yield Invoke(function))
