"""What watches receivers: counts their judgements and surrounds their handlers.

An installed package takes part without a line of code, by an entry point in the group
`openwop.webhooks` that names a function of a receiver's verifier and handler.  `openwop-otel` is
one; this package knows none of them.
"""

from __future__ import annotations

import functools
import importlib.metadata
import logging
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final, Protocol, TypeAlias

from .delivery import Delivery
from .errors import Reason
from .verifier import Verifier

__all__ = ["GROUP", "ReceiverObserver", "Watch", "installed_observers"]

GROUP: Final = "openwop.webhooks"
"""The group of entry points that is asked for observers."""

_log = logging.getLogger("openwop.webhooks")


class ReceiverObserver(Protocol):
    """Watches one receiver.  What it raises is logged, and changes no answer."""

    def refused(self, reason: Reason) -> None:
        """Note a request that was refused, and why; `duplicate` is one too.

        Args:
            reason: The reason of the `WebhookVerificationError`.
        """
        ...

    def challenged(self) -> None:
        """Note a challenge that was answered."""
        ...

    def handling(self, delivery: Delivery, headers: object) -> AbstractContextManager[Any]:
        """Surround the handler of a delivery that was accepted and claimed.

        Args:
            delivery: The delivery.
            headers: The headers that it came with, in the form in which the adapter got them; the
                signature does not cover them.

        Returns:
            A context manager, entered and left in the context of the handler and told of its
            error; it cannot swallow it.
        """
        ...


Factory: TypeAlias = "Callable[[Verifier, Callable[[Delivery], Any]], ReceiverObserver | None]"


@functools.cache
def _factories() -> tuple[Factory, ...]:
    found: list[Factory] = []
    for point in importlib.metadata.entry_points(group=GROUP):
        try:
            found.append(point.load())
        except Exception:  # noqa: BLE001  # receiving goes on without what cannot be imported
            _log.exception("the observer %r of webhooks cannot be loaded", point.name)
    return tuple(found)


def installed_observers(
    verifier: Verifier, handler: Callable[[Delivery], Any]
) -> list[ReceiverObserver]:
    """Return the observers that installed packages give to a receiver.

    Args:
        verifier: The receiver's verifier.
        handler: The receiver's handler.
    """
    found: list[ReceiverObserver] = []
    for factory in _factories():
        try:
            observer = factory(verifier, handler)
        except Exception:  # noqa: BLE001
            _log.exception("an observer of webhooks failed and was left out")
            continue
        if observer is not None:
            found.append(observer)
    return found


class Watch:
    """Tells several observers, and keeps what goes wrong with them from the receiver.

    Args:
        observers: Whom to tell.
    """

    def __init__(self, observers: Sequence[ReceiverObserver]) -> None:
        self._observers = tuple(observers)

    def refused(self, reason: Reason) -> None:
        """Tell of a request that was refused."""
        for observer in self._observers:
            try:
                observer.refused(reason)
            except Exception:  # noqa: BLE001
                _failed()

    def challenged(self) -> None:
        """Tell of a challenge that was answered."""
        for observer in self._observers:
            try:
                observer.challenged()
            except Exception:  # noqa: BLE001
                _failed()

    @contextmanager
    def handling(self, delivery: Delivery, headers: object) -> Generator[None]:
        """Surround the handler of *delivery* with every observer."""
        entered: list[AbstractContextManager[Any]] = []
        for observer in self._observers:
            try:
                around = observer.handling(delivery, headers)
                around.__enter__()
                entered.append(around)
            except Exception:  # noqa: BLE001
                _failed()
        error: BaseException | None = None
        try:
            yield
        except BaseException as raised:
            error = raised
            raise
        finally:
            for around in reversed(entered):
                try:
                    around.__exit__(type(error) if error else None, error, _trace(error))
                except BaseException as raised:
                    if raised is not error:
                        if not isinstance(raised, Exception):
                            raise
                        _failed()


def _trace(error: BaseException | None) -> Any:
    return None if error is None else error.__traceback__


def _failed() -> None:
    _log.warning("an observer of webhooks failed and was left out", exc_info=True)
