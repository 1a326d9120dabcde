"""The two colours of a subscription; a test pins that they offer the same."""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

import anyio

from openwop_webhooks._keys import fingerprint
from openwop_webhooks._steps import run, run_async
from openwop_webhooks.guards import AnyReplayGuard
from openwop_webhooks.verifier import Verifier

from .plans import SubscriptionPlans
from .stores import AnySecretStore, SecretStore

if TYPE_CHECKING:
    from openwop import AsyncClient, Client

__all__ = ["AsyncSubscription", "Subscription"]

_log = logging.getLogger("openwop.webhooks")
_LEAVING = 10.0


class _Known:
    """What both colours tell."""

    _plans: SubscriptionPlans

    @property
    def verifier(self) -> Verifier:
        """The verifier for the endpoint; it follows every rotation, and is the same throughout."""
        return self._plans.verifier

    @property
    def webhook_id(self) -> str:
        """The id of the subscription at the host.

        Raises:
            ConfigurationError: It is not registered.
        """
        return self._plans.registered.webhook_id or ""

    @property
    def fingerprint(self) -> str:
        """Eight hex characters by which the current secret may be named in logs.

        Raises:
            ConfigurationError: It is not registered.
        """
        return fingerprint(self._plans.registered.secret or "")

    @property
    def previous_until(self) -> float | None:
        """Until when the previous secret is accepted, in Unix seconds; None without an overlap."""
        record = self._plans.record
        return None if record is None else record.previous_until

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._plans.describe()}>"


class Subscription(_Known):
    """A subscription to a host's events: registered, kept, rotated and unregistered.

    A service makes one, mounts its `verifier`, calls `register()` when it starts, and leaves the
    subscription in place when it ends: what happens in between is delivered when it is back, as far
    as the host repeats.  A script uses it inside `with`, which unregisters at the end.

    The store is written before the host is asked, so a program that dies in the middle goes on with
    the same idempotency key.  One process at a time may change a subscription; any number may
    verify with its secret.

    Args:
        client: The client of the host.
        url: Where deliveries are to be posted; https.
        events: The types of events, in either major's spelling.
        store: Where secrets are kept; the memory of this process by default.
        name: The name under which the store keeps it.
        tags: Only runs with one of these tags; empty for every run.
        workspace: The workspace, for hosts of major 1; major 2 takes it from the credential.
        standard: Whether to have deliveries signed in the Standard Webhooks form as well (major
            2).  The endpoint must then be up, with this verifier, when `register()` is called: the
            host challenges it.  In return the secret is known before the first delivery, and is
            rotated in place.
        verifier: A verifier to follow the subscription; by default one is made.
        replay_guard: The replay guard of the verifier that is made.
        clock: Unix seconds.

    Raises:
        ConfigurationError: An argument makes no sense.

    Section: v1.md §18, v2.md §17.
    """

    def __init__(
        self,
        client: Client,
        *,
        url: str,
        events: Sequence[str],
        store: SecretStore | None = None,
        name: str = "default",
        tags: Sequence[str] = (),
        workspace: str | None = None,
        standard: bool = False,
        verifier: Verifier | None = None,
        replay_guard: AnyReplayGuard | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._plans = SubscriptionPlans(
            client,
            url=url,
            events=events,
            store=store,
            name=name,
            tags=tags,
            workspace=workspace,
            standard=standard,
            verifier=verifier,
            replay_guard=replay_guard,
            clock=clock,
        )
        self._lock = threading.Lock()

    def register(self) -> str:
        """Register, or go on with what the store keeps; safe to call again.

        It reads the store anew, so a process that only verifies follows by it what another one
        rotated.  A kept subscription that was for something else (another URL, other events) is
        replaced: the new one is registered, then the old one unregistered, and deliveries of both
        are accepted in between and handled once.

        Returns:
            The id of the subscription.

        Raises:
            BadRequestError: The host refuses the URL or a type of event, or the endpoint did not
                echo the challenge.
            CapabilityNotSupportedError: The host has no webhooks, or not in the Standard Webhooks
                form.
            APIResponseValidationError: The host told no id or no secret.
            ConfigurationError: The store keeps something else under this name.

        Section: v1.md §18, v2.md §17.
        """
        with self._lock:
            return run(self._plans.register())

    def rotate(self) -> None:
        """Put another secret in the place of this one, and lose no delivery by it.

        Where the host rotates, both secrets are accepted until the end of its overlap.  Elsewhere
        (nearly all of major 1) a new subscription is registered and the old one unregistered.  If
        that last step fails, its error is raised with the new secret in place already; `register`
        tries the step again.

        Raises:
            ConfigurationError: The subscription is not registered.
            APIConnectionError: The outcome is not known; `rotate` again goes on with the same
                secret, which the verifier accepts already.

        Section: v1.md §18, v2.md §17.
        """
        with self._lock:
            run(self._plans.rotate())

    def unregister(self) -> None:
        """Remove the subscription from the host and from the store; safe to call again.

        Section: v1.md §18, v2.md §17.
        """
        with self._lock:
            run(self._plans.unregister())

    def __enter__(self) -> Self:
        self.register()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.unregister()
        except Exception:
            if error is None:
                raise
            _log.exception("a webhook could not be unregistered")


class AsyncSubscription(_Known):
    """The asynchronous twin of `Subscription`, on asyncio and trio.

    Args:
        client: The client of the host.
        url: Where deliveries are to be posted; https.
        events: The types of events, in either major's spelling.
        store: Where secrets are kept; the memory of this process by default.  One that blocks is
            asked in threads.
        name: The name under which the store keeps it.
        tags: Only runs with one of these tags; empty for every run.
        workspace: The workspace, for hosts of major 1; major 2 takes it from the credential.
        standard: Whether to have deliveries signed in the Standard Webhooks form as well (major
            2).  The endpoint must then be up, with this verifier, when `register()` is called.
        verifier: A verifier to follow the subscription; by default one is made.
        replay_guard: The replay guard of the verifier that is made.
        clock: Unix seconds.

    Raises:
        ConfigurationError: An argument makes no sense.

    Section: v1.md §18, v2.md §17.
    """

    def __init__(
        self,
        client: AsyncClient,
        *,
        url: str,
        events: Sequence[str],
        store: AnySecretStore | None = None,
        name: str = "default",
        tags: Sequence[str] = (),
        workspace: str | None = None,
        standard: bool = False,
        verifier: Verifier | None = None,
        replay_guard: AnyReplayGuard | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._plans = SubscriptionPlans(
            client,
            url=url,
            events=events,
            store=store,
            name=name,
            tags=tags,
            workspace=workspace,
            standard=standard,
            verifier=verifier,
            replay_guard=replay_guard,
            clock=clock,
        )
        self._lock = anyio.Lock()

    async def register(self) -> str:
        """Register, or go on with what the store keeps; safe to call again.

        Returns:
            The id of the subscription.

        Raises:
            BadRequestError: The host refuses the URL or a type of event, or the endpoint did not
                echo the challenge.
            CapabilityNotSupportedError: The host has no webhooks, or not in the Standard Webhooks
                form.
            APIResponseValidationError: The host told no id or no secret.
            ConfigurationError: The store keeps something else under this name.

        Section: v1.md §18, v2.md §17.
        """
        async with self._lock:
            return await run_async(self._plans.register())

    async def rotate(self) -> None:
        """Put another secret in the place of this one, and lose no delivery by it.

        Raises:
            ConfigurationError: The subscription is not registered.
            APIConnectionError: The outcome is not known; `rotate` again goes on with the same
                secret, which the verifier accepts already.

        Section: v1.md §18, v2.md §17.
        """
        async with self._lock:
            await run_async(self._plans.rotate())

    async def unregister(self) -> None:
        """Remove the subscription from the host and from the store; safe to call again.

        Section: v1.md §18, v2.md §17.
        """
        async with self._lock:
            await run_async(self._plans.unregister())

    async def __aenter__(self) -> Self:
        await self.register()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            # A subscription must not stay behind because the program was cancelled.
            bound = math.inf if error is None else _LEAVING
            with anyio.move_on_after(bound, shield=error is not None) as scope:
                await self.unregister()
            if scope.cancelled_caught:
                _log.warning("a webhook could not be unregistered within %s s", _LEAVING)
        except Exception:
            if error is None:
                raise
            _log.exception("a webhook could not be unregistered")
