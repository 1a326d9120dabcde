"""What a plan asks of its driver.

A plan is a generator that decides and does no I/O: it yields one of four effects and is sent what
came of it.  Two drivers run every plan, one blocking and one on asyncio or trio.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from functools import partial
from typing import Any, TypeAlias, TypeVar, cast

import attrs

from openwop.wire import AsyncOpenResponse, OpenResponse, Request, Response

__all__ = [
    "AnyOpenResponse",
    "Ask",
    "BodyTooLargeError",
    "Effect",
    "Invoke",
    "OutOfTimeError",
    "Plan",
    "Send",
    "Sleep",
    "acquire",
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
        within: Seconds that waiting for it may take; None for no bound.  What is awaited is
            cancelled then, and the plan is told by an `OutOfTimeError`.  A function that blocks
            cannot be cut off: a plan looks at the time again after it.
    """

    function: Callable[[], Any]
    within: float | None = None


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


class OutOfTimeError(Exception):
    """What was asked for did not come within `Ask.within`; thrown into the plan."""


def ask(function: Callable[[], T], within: float | None = None) -> Plan[T]:
    """Yield an `Ask` and return its answer, typed by what a blocking *function* returns.

    Args:
        function: What to call.
        within: Seconds that waiting for it may take; None for no bound.

    Raises:
        OutOfTimeError: The time is over.
    """
    return cast("T", (yield Ask(function, within)))


def acquire(lock: Any, within: float | None, *, is_async: bool) -> Plan[None]:
    """Take *lock*, which is in the colour of the client; whoever takes it releases it.

    Args:
        lock: The lock.
        within: Seconds that waiting for it may take; None for no bound.
        is_async: Whether the client is asynchronous.

    Raises:
        OutOfTimeError: Others have held it for too long; it is not taken then.
    """
    if is_async:
        yield Ask(lock.acquire, within)
        return
    # A blocking lock has to keep the time itself.
    bound = -1.0 if within is None else min(max(within, 0.0), threading.TIMEOUT_MAX)
    if not (yield Ask(partial(lock.acquire, timeout=bound))):
        raise OutOfTimeError


def invoke(function: Callable[[], Any]) -> Plan[Any]:
    """Yield an `Invoke` and return what the method returned."""
    return (yield Invoke(function))
