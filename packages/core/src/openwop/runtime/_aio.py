"""What the asynchronous shells need of their event loop, on asyncio and trio."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine, Generator
from contextlib import suppress
from functools import partial
from typing import Any, Generic, TypeVar

from openwop.runtime._hooks import CallScope
from openwop.wire import AsyncBody

__all__ = ["InContext", "closer", "running_trio"]

T = TypeVar("T")


class InContext(Generic[T]):
    """Awaits a coroutine with each of its steps run in the context of a `CallScope`.

    Running the steps, and not a task of its own, keeps cancellation and the current task as they
    are.

    Args:
        scope: The scope whose context is used.
        coroutine: The coroutine.
    """

    __slots__ = ("_coroutine", "_scope")

    def __init__(self, scope: CallScope, coroutine: Coroutine[Any, Any, T]) -> None:
        self._scope = scope
        self._coroutine = coroutine

    def __await__(self) -> Generator[Any, Any, T]:
        coroutine, run = self._coroutine, self._scope.run
        step: Callable[[], Any] = partial(coroutine.send, None)
        try:
            while True:
                try:
                    request = run(step)
                except StopIteration as done:
                    result: T = done.value
                    return result
                try:
                    value = yield request
                except GeneratorExit:
                    raise
                except BaseException as exc:  # noqa: BLE001  # a cancellation is the coroutine's
                    step = partial(coroutine.throw, exc)
                else:
                    step = partial(coroutine.send, value)
        finally:
            run(coroutine.close)


def running_trio() -> Any:
    """Return the module `trio` where the caller runs on it, else None.

    It is no dependency of ours: it is there only where the caller brought it.
    """
    trio: Any = sys.modules.get("trio")
    if trio is None:
        return None
    try:
        trio.lowlevel.current_trio_token()
    except RuntimeError:  # what every version of trio says outside of it
        return None
    return trio


def closer() -> Callable[[AsyncBody], None]:
    """Return a function that closes a body on the loop that is running now, from anywhere.

    It is for streams that are collected without having been closed, and so it may not raise.
    """
    trio = running_trio()
    if trio is not None:
        token = trio.lowlevel.current_trio_token()

        def close_on_trio(body: AsyncBody) -> None:
            with suppress(trio.RunFinishedError):
                token.run_sync_soon(trio.lowlevel.spawn_system_task, _close, body)

        return close_on_trio
    import asyncio

    loop = asyncio.get_running_loop()

    def close_on_asyncio(body: AsyncBody) -> None:
        def spawn() -> None:
            task = loop.create_task(_close(body))
            _closing.add(task)
            task.add_done_callback(_closing.discard)

        with suppress(RuntimeError):  # the loop is closed, and its connections with it
            loop.call_soon_threadsafe(spawn)

    return close_on_asyncio


async def _close(body: AsyncBody) -> None:
    with suppress(Exception):
        await body.aclose()


# Tasks that close abandoned bodies; the loop itself holds tasks weakly.
_closing: set[object] = set()
