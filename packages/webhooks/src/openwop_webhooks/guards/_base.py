"""What a replay guard is, and the claim that it gives."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias, cast, runtime_checkable

import anyio.to_thread
import attrs

from openwop.errors import ConfigurationError
from openwop_webhooks._fields import refuse

__all__ = [
    "DEFAULT_LEASE",
    "DEFAULT_RETENTION",
    "AnyReplayGuard",
    "AsyncReplayGuard",
    "Claim",
    "ClaimState",
    "Lease",
    "ReplayGuard",
    "check_times",
    "claim",
    "claim_async",
]

DEFAULT_LEASE = 60.0
"""Seconds for which a claim is held: longer than a handler may run."""

DEFAULT_RETENTION = 3 * 86400.0
"""Seconds for which a handled delivery is remembered: longer than a host may repeat it."""


class ClaimState(enum.Enum):
    """What a guard says of a key."""

    NEW = "new"
    """It is the caller's to handle."""
    IN_PROGRESS = "in-progress"
    """Somebody is handling it."""
    HANDLED = "handled"
    """It was handled."""


@attrs.frozen
class Claim:
    """The answer to an attempt to claim a key.

    Attributes:
        state: What the guard says.
        token: What proves the claim to `complete` and `release`; empty unless the state is NEW.
    """

    state: ClaimState
    token: str = attrs.field(default="", repr=False)


@runtime_checkable
class ReplayGuard(Protocol):
    """Remembers which deliveries are being handled and which are; safe to share.

    Any exception out of these methods means that the guard cannot say: the delivery is refused with
    `store_unavailable`, which a host takes for a reason to send it again.
    """

    @property
    def blocking(self) -> bool:
        """Whether a call may wait for a disk or a network, and must leave an event loop."""
        ...

    @property
    def lease(self) -> float:
        """How long a claim is held, in seconds."""
        ...

    @property
    def retention(self) -> float:
        """How long a completed key is remembered, in seconds."""
        ...

    def claim(self, key: str) -> Claim:
        """Claim *key*, or say who was there before."""
        ...

    def complete(self, key: str, token: str) -> bool:
        """Remember *key* as handled; False where the claim lapsed and somebody else holds it."""
        ...

    def release(self, key: str, token: str) -> bool:
        """Forget the claim, so that the next one finds the key new; False where it lapsed."""
        ...


@runtime_checkable
class AsyncReplayGuard(Protocol):
    """The asynchronous twin of `ReplayGuard`."""

    @property
    def lease(self) -> float:
        """How long a claim is held, in seconds."""
        ...

    @property
    def retention(self) -> float:
        """How long a completed key is remembered, in seconds."""
        ...

    async def claim(self, key: str) -> Claim:
        """Claim *key*, or say who was there before."""
        ...

    async def complete(self, key: str, token: str) -> bool:
        """Remember *key* as handled; False where the claim lapsed and somebody else holds it."""
        ...

    async def release(self, key: str, token: str) -> bool:
        """Forget the claim, so that the next one finds the key new; False where it lapsed."""
        ...


AnyReplayGuard: TypeAlias = ReplayGuard | AsyncReplayGuard


def check_times(lease: float, retention: float) -> None:
    """Refuse a lease or a retention that no guard can keep.

    Raises:
        ConfigurationError: One is not positive, or the lease is the longer one.
    """
    if not 0 < lease <= retention:
        raise ConfigurationError("a replay guard needs 0 < lease <= retention (both in seconds)")


def _call(function: Callable[..., Any], *arguments: str) -> Any:
    if inspect.iscoroutinefunction(function):
        raise TypeError("the replay guard is asynchronous: use the asynchronous methods")
    return function(*arguments)


async def _call_async(guard: AnyReplayGuard, function: Callable[..., Any], *arguments: str) -> Any:
    if inspect.iscoroutinefunction(function):
        return await function(*arguments)
    if getattr(guard, "blocking", True):
        return await anyio.to_thread.run_sync(function, *arguments)
    return function(*arguments)


@attrs.frozen
class Lease:
    """A claim that is held: complete it or release it, once.

    Attributes:
        guard: The guard that gave it.
        key: The key that is claimed.
    """

    guard: AnyReplayGuard
    key: str
    _token: str = attrs.field(repr=False)

    def complete(self) -> bool:
        """Remember the key as handled."""
        return cast("bool", _call(self.guard.complete, self.key, self._token))

    def release(self) -> bool:
        """Give the claim back."""
        return cast("bool", _call(self.guard.release, self.key, self._token))

    async def complete_async(self) -> bool:
        """Remember the key as handled."""
        return cast(
            "bool", await _call_async(self.guard, self.guard.complete, self.key, self._token)
        )

    async def release_async(self) -> bool:
        """Give the claim back."""
        return cast(
            "bool", await _call_async(self.guard, self.guard.release, self.key, self._token)
        )


def _lease(guard: AnyReplayGuard, key: str, answer: Claim) -> Lease:
    if answer.state is ClaimState.NEW:
        return Lease(guard, key, answer.token)
    if answer.state is ClaimState.HANDLED:
        raise refuse("duplicate", "the delivery was handled before")
    raise refuse("in_progress", "the delivery is being handled")


def claim(guard: AnyReplayGuard, key: str) -> Lease:
    """Claim *key* of a guard, blocking.

    Raises:
        WebhookVerificationError: `duplicate`, `in_progress`, or `store_unavailable` whatever it was
            that the guard failed with.
    """
    try:
        answer = cast("Claim", _call(guard.claim, key))
    except Exception as error:
        raise refuse("store_unavailable", "the replay guard cannot be asked") from error
    return _lease(guard, key, answer)


async def claim_async(guard: AnyReplayGuard, key: str) -> Lease:
    """Claim *key* of a guard of either kind, off the event loop where it blocks.

    Raises:
        WebhookVerificationError: `duplicate`, `in_progress`, or `store_unavailable` whatever it was
            that the guard failed with.
    """
    try:
        answer = cast("Claim", await _call_async(guard, guard.claim, key))
    except Exception as error:
        raise refuse("store_unavailable", "the replay guard cannot be asked") from error
    return _lease(guard, key, answer)
