"""Plans of several calls, written once for both colours.

A plan is a generator that yields each call to make and is sent what it returned, or thrown what it
raised.  What decides stands in plans; the two drivers only call.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from typing import Any, TypeAlias, TypeVar, cast

import anyio.to_thread
import attrs

from openwop.errors import ConfigurationError

__all__ = ["Step", "Steps", "run", "run_async"]

T = TypeVar("T")


@attrs.frozen
class Step:
    """One call that a plan asks for.

    Attributes:
        function: What to call; a coroutine function under the asynchronous driver alone.
        arguments: Its positional arguments.
        named: Its named arguments.
        blocks: Whether it waits for a disk or a network although it is no coroutine function, so
            that the asynchronous driver calls it in a thread.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...] = attrs.field(default=(), repr=False)
    named: Mapping[str, Any] = attrs.field(factory=dict[str, Any], repr=False)
    blocks: bool = False


Steps: TypeAlias = Generator[Step, Any, T]


def _perform(step: Step) -> Any:
    if inspect.iscoroutinefunction(step.function):
        raise ConfigurationError(
            f"{getattr(step.function, '__qualname__', step.function)} is asynchronous: use it with "
            "the asynchronous twin"
        )
    return step.function(*step.arguments, **step.named)


async def _perform_async(step: Step) -> Any:
    if step.blocks and not inspect.iscoroutinefunction(step.function):
        call = functools.partial(step.function, *step.arguments, **step.named)
        return await anyio.to_thread.run_sync(call)
    result = step.function(*step.arguments, **step.named)
    return await result if inspect.isawaitable(result) else result


def run(plan: Steps[T]) -> T:
    """Make the calls of *plan*, blocking, and return its result."""
    advance: Callable[[], Step] = functools.partial(plan.send, None)
    with closing(plan):
        while True:
            try:
                step = advance()
            except StopIteration as done:
                return cast("T", done.value)
            try:
                advance = functools.partial(plan.send, _perform(step))
            except Exception as error:  # noqa: BLE001  # the plan decides what it means
                advance = functools.partial(plan.throw, error)


async def run_async(plan: Steps[T]) -> T:
    """Make the calls of *plan* on asyncio or trio, and return its result."""
    advance: Callable[[], Step] = functools.partial(plan.send, None)
    with closing(plan):
        while True:
            try:
                step = advance()
            except StopIteration as done:
                return cast("T", done.value)
            try:
                advance = functools.partial(plan.send, await _perform_async(step))
            except Exception as error:  # noqa: BLE001  # the plan decides what it means
                advance = functools.partial(plan.throw, error)
