"""A router of events to functions, for streams and for webhook deliveries alike."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from typing import Any, Final, TypeVar, cast

from openwop._generated.events import SPELLINGS, RunEvent
from openwop.errors import ConfigurationError

__all__ = ["EventRouter"]

H = TypeVar("H", bound=Callable[..., Any])

_ALL: Final = "*"


class EventRouter:
    """Calls the functions that are registered for the type of an event, in their order.

    Handlers are plain or coroutine functions that take the event.  A type is written in either
    major's spelling; `node.*` stands for every type that begins so, and `*` for every type.

        router = EventRouter()

        @router.on("run.completed", "run.failed")
        def ended(event):
            print(event.run_id, event.type)

        with client.runs.stream(run_id) as events:
            router.follow(events)
    """

    def __init__(self) -> None:
        self._exact: dict[str, list[tuple[int, Callable[..., Any]]]] = {}
        self._prefixes: list[tuple[str, int, Callable[..., Any]]] = []
        self._otherwise: list[Callable[..., Any]] = []
        self._count = 0

    def on(self, *types: str | type[RunEvent]) -> Callable[[H], H]:
        """Register a function for events of *types*.

        Args:
            *types: Types, patterns that end in `.*`, `*`, or event classes.

        Returns:
            A decorator that returns the function as it is.

        Raises:
            ConfigurationError: No type is given, or one is no type.
        """
        if not types:
            msg = "EventRouter.on() needs a type, such as 'run.completed', or '*' for all"
            raise ConfigurationError(msg)
        names = [_name(item) for item in types]

        def register(handler: H) -> H:
            for name in names:
                self._count += 1
                if name.endswith(_ALL):
                    self._prefixes.append((name[:-1], self._count, handler))
                else:
                    self._exact.setdefault(name, []).append((self._count, handler))
            return handler

        return register

    def otherwise(self, handler: H) -> H:
        """Register *handler* for events that no other function is registered for."""
        self._otherwise.append(handler)
        return handler

    def handlers(self, event: RunEvent) -> list[Callable[..., Any]]:
        """Return the functions that *event* goes to, in the order of their registration."""
        found = list(self._exact.get(event.type, ()))
        for prefix, number, handler in self._prefixes:
            if event.type.startswith(prefix):
                found.append((number, handler))
        found.sort(key=lambda pair: pair[0])
        unique = list(dict.fromkeys(handler for _, handler in found))
        return unique or list(self._otherwise)

    def __call__(self, item: Any) -> Awaitable[None] | None:
        """Dispatch an event, or the event of a webhook delivery.

        Args:
            item: An event, or an object with an `event`.

        Returns:
            None where every function was plain; else an awaitable that calls the rest.
        """
        event = _event_of(item)
        remaining = iter(self.handlers(event))
        for handler in remaining:
            outcome = handler(event)
            if inspect.isawaitable(outcome):
                return _finish(outcome, remaining, event)
        return None

    def dispatch(self, item: Any) -> int:
        """Call the functions for an event, all of them plain.

        Args:
            item: An event, or an object with an `event`.

        Returns:
            How many functions were called.

        Raises:
            ConfigurationError: One of them is a coroutine function; use `dispatch_async`.
        """
        event = _event_of(item)
        handlers = self.handlers(event)
        for handler in handlers:
            outcome = handler(event)
            if inspect.isawaitable(outcome):
                if inspect.iscoroutine(outcome):
                    outcome.close()
                name = getattr(handler, "__name__", "the handler")
                msg = f"{name} is a coroutine function; dispatch with dispatch_async()"
                raise ConfigurationError(msg)
        return len(handlers)

    async def dispatch_async(self, item: Any) -> int:
        """Call the functions for an event, one after the other, awaiting those that ask for it.

        Args:
            item: An event, or an object with an `event`.

        Returns:
            How many functions were called.
        """
        event = _event_of(item)
        handlers = self.handlers(event)
        for handler in handlers:
            outcome = handler(event)
            if inspect.isawaitable(outcome):
                await outcome
        return len(handlers)

    def follow(self, events: Iterable[RunEvent]) -> int:
        """Dispatch every event of *events*; returns how many there were.

        Args:
            events: A stream, or any iterable of events.
        """
        count = 0
        for count, event in enumerate(events, 1):  # noqa: B007  # the count is the answer
            self.dispatch(event)
        return count

    async def follow_async(self, events: AsyncIterable[RunEvent]) -> int:
        """Dispatch every event of *events*; returns how many there were.

        Args:
            events: A stream, or any asynchronous iterable of events.
        """
        count = 0
        async for event in events:
            count += 1
            await self.dispatch_async(event)
        return count


async def _finish(
    outcome: Awaitable[Any], remaining: Iterable[Callable[..., Any]], event: RunEvent
) -> None:
    await outcome
    for handler in remaining:
        following = handler(event)
        if inspect.isawaitable(following):
            await following


def _event_of(item: Any) -> RunEvent:
    return cast("RunEvent", item if isinstance(item, RunEvent) else getattr(item, "event", item))


def _name(item: str | type[RunEvent]) -> str:
    if isinstance(item, str):
        if not item or ("*" in item[:-1]):
            msg = f"{item!r} is no event type; a pattern ends in '.*'"
            raise ConfigurationError(msg)
        return SPELLINGS.get(item, item)
    if not item.TYPE:
        msg = f"{item.__name__} stands for no single type; use otherwise() for unknown events"
        raise ConfigurationError(msg)
    return item.TYPE
