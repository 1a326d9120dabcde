"""Dispatchers: the queue, the guard and a sender put together, blocking or asynchronous."""

from __future__ import annotations

import hmac
import json
import logging
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypedDict, Unpack

import anyio
import anyio.to_thread

from openwop.errors import ConfigurationError
from openwop_webhooks.errors import EndpointUnverifiedError, WebhookUrlRejectedError
from openwop_webhooks.signing import make_secret, sign_challenge

from .breaker import BreakerPolicy, BreakerState
from .egress import EgressGuard, Target
from .policy import Attempt, DeadLetter, DeliveryPolicy, Subscription, SubscriptionOptions
from .queue import DeliveryQueue, Render
from .sender import AsyncSender, Outcome, PinnedSender, Post, Sender, ThreadedSender

__all__ = ["AsyncDispatcher", "Dispatcher", "DispatcherOptions"]

_log = logging.getLogger("openwop.webhooks")
_CHALLENGE_TIMEOUT = 10.0


class DispatcherOptions(TypedDict, total=False):
    """The settings of a dispatcher of either kind."""

    policy: DeliveryPolicy
    breaker: BreakerPolicy | None
    guard: EgressGuard
    clock: Callable[[], float]
    render: Render | None
    user_agent: str


class _Base:
    """What the two dispatchers have in common: everything but waiting."""

    def __init__(self, options: DispatcherOptions) -> None:
        self._user_agent = options.get("user_agent", "openwop-webhook-dispatcher/1")
        self._guard = options.get("guard") or EgressGuard()
        self._clock = options.get("clock", time.time)
        self.queue = DeliveryQueue(
            options.get("policy"),
            breaker=options.get("breaker", BreakerPolicy()),
            render=options.get("render"),
            user_agent=self._user_agent,
        )

    def add(self, subscription: Subscription) -> None:
        """Deliver to *subscription* from now on, without asking its endpoint.

        Args:
            subscription: The subscription, as read from the host's own storage.

        Raises:
            WebhookUrlRejectedError: Its URL is not one to post to.
            ConfigurationError: Its id is taken, or its secret cannot sign what it chose.
        """
        self._guard.check_url(subscription.url)
        self.queue.add(subscription)

    def unregister(self, subscription_id: str) -> bool:
        """Stop delivering to a subscription at once and forget its dead letters.

        Returns:
            False where there was none.
        """
        return self.queue.remove(subscription_id)

    def rotate_secret(
        self, subscription_id: str, secret: str, *, overlap: float = 86400.0
    ) -> tuple[float, float]:
        """Replace a subscription's secret; both sign for *overlap* seconds (v2 section 17.2).

        Args:
            subscription_id: The subscription.
            secret: The new `whsec_` secret.
            overlap: How long the previous secret goes on, in seconds.

        Returns:
            When the secret was replaced and when the previous one ends, in seconds of the clock.

        Raises:
            KeyError: There is no such subscription.
            ConfigurationError: The subscription or the secret is not of the Standard Webhooks form.
        """
        now = self._clock()
        self.queue.rotate(subscription_id, secret, now=now, overlap=overlap)
        return now, now + overlap

    def state(self, subscription_id: str) -> BreakerState:
        """Return the state of a subscription's circuit; `failed` is for good.

        Raises:
            KeyError: There is no such subscription.
        """
        return self.queue.state(subscription_id, self._clock())

    def dead_letters(self, subscription_id: str) -> list[DeadLetter]:
        """Return what could not be delivered to a subscription, newest first.

        Raises:
            KeyError: There is no such subscription.
        """
        return self.queue.dead_letters(subscription_id, now=self._clock())

    def _publish(
        self,
        event: Mapping[str, Any] | bytes,
        run_id: str | None,
        workspace: str | None,
        tenant: str | None,
        tags: Iterable[str],
        replayed: bool,
    ) -> list[str]:
        return self.queue.publish(
            event,
            now=self._clock(),
            run_id=run_id,
            workspace=workspace,
            tenant=tenant,
            tags=tags,
            replayed=replayed,
        )

    def _settle(self, attempt: Attempt, outcome: Outcome | Exception) -> bool:
        status = outcome.status if isinstance(outcome, Outcome) else None
        delivered = self.queue.settle(attempt, status, now=self._clock())
        if not delivered:
            # The text of an exception may hold the URL, which may hold a secret.
            why = status if status is not None else type(outcome).__name__
            _log.info(
                "webhook delivery %s to %s failed (attempt %d: %s)",
                attempt.delivery_id,
                attempt.subscription_id,
                attempt.number,
                why,
            )
        return delivered

    def _new(
        self,
        url: str,
        events: Iterable[str],
        subscription_id: str | None,
        secret: str | None,
        options: SubscriptionOptions,
    ) -> Subscription:
        subscription = Subscription(
            id=subscription_id or f"wh_{secrets.token_hex(12)}",
            url=url,
            secret=secret or make_secret(),
            events=events,
            **options,
        )
        if subscription.standard and secret is None:
            raise ConfigurationError("the Standard Webhooks form needs the subscriber's own secret")
        return subscription

    def _challenge(self, subscription: Subscription, target: Target) -> tuple[str, Post]:
        challenge = secrets.token_urlsafe(24)
        body, headers = sign_challenge(
            challenge,
            subscription.secret,
            standard_id=f"msg_{secrets.token_hex(12)}",
            timestamp=int(self._clock()),
        )
        shared = {"Content-Type": "application/json", "User-Agent": self._user_agent}
        post = Post(target, {**shared, **headers}, body, _CHALLENGE_TIMEOUT, reads_body=True)
        return challenge, post

    def _check_echo(self, challenge: str, outcome: Outcome | Exception) -> None:
        if isinstance(outcome, Exception):
            raise EndpointUnverifiedError("the endpoint gave no answer to its challenge")
        if not 200 <= outcome.status < 300:
            raise EndpointUnverifiedError(
                f"the endpoint answered its challenge with {outcome.status}"
            )
        try:
            echoed = json.loads(outcome.body)["challenge"]
        except (ValueError, LookupError, TypeError, RecursionError):
            echoed = None
        if not isinstance(echoed, str) or not hmac.compare_digest(
            echoed.encode("utf-8", "replace"), challenge.encode()
        ):
            raise EndpointUnverifiedError("the endpoint did not echo its challenge")


class Dispatcher(_Base):
    """Delivers when it is told to: for test hosts on a virtual clock, and for simple hosts.

    Args:
        sender: What sends; an HTTP client of its own by default.
        policy: How often a delivery is tried; major 1's best effort by default.
        breaker: When deliveries to an endpoint are held back; None to never do so.
        guard: Where it may post to; only the public Internet by default.
        clock: Unix seconds.
        render: Puts an event into a subscription's vocabulary; None to send it as it is.
        user_agent: The `User-Agent` of deliveries.
    """

    def __init__(self, sender: Sender | None = None, **options: Unpack[DispatcherOptions]) -> None:
        super().__init__(options)
        self._sender: Sender = sender or PinnedSender()

    def register(
        self,
        url: str,
        events: Iterable[str],
        *,
        subscription_id: str | None = None,
        secret: str | None = None,
        **options: Unpack[SubscriptionOptions],
    ) -> Subscription:
        """Register an endpoint; one that chose the Standard Webhooks form is challenged first.

        Args:
            url: Where to deliver to.
            events: The event types to deliver; empty for every type.
            subscription_id: The id to give it; a fresh one by default.
            secret: The subscriber's secret; a fresh one by default.
            **options: Further fields of `Subscription`.

        Returns:
            The subscription, with its secret.

        Raises:
            WebhookUrlRejectedError: The URL is not one to post to.
            EndpointUnverifiedError: The endpoint did not echo its challenge.
            ConfigurationError: The secret does not fit what was chosen.
        """
        target = self._guard.resolve(url)
        subscription = self._new(url, events, subscription_id, secret, options)
        if subscription.standard:
            challenge, post = self._challenge(subscription, target)
            self._check_echo(challenge, self._send(post))
        self.queue.add(subscription)
        return subscription

    def publish(
        self,
        event: Mapping[str, Any] | bytes,
        *,
        run_id: str | None,
        workspace: str | None = None,
        tenant: str | None = None,
        tags: Iterable[str] = (),
        replayed: bool = False,
    ) -> list[str]:
        """Queue an event for every subscription that wants it; `run_due` sends it.

        Args:
            event: The event, as a mapping or as the very JSON bytes of the run's stream.
            run_id: The run; None for a host event.
            workspace: The workspace of the run.
            tenant: The tenant of the run.
            tags: The tags of the run.
            replayed: Whether a replay fork emits it again as fixed history: that is never
                delivered.

        Returns:
            The ids of the deliveries that were queued.
        """
        return self._publish(event, run_id, workspace, tenant, tags, replayed)

    def run_due(self) -> int:
        """Make every attempt that is due by the clock, and those that fall due meanwhile.

        Returns:
            How many attempts were made.
        """
        made = 0
        while attempts := self.queue.due(self._clock()):
            for attempt in attempts:
                self._settle(attempt, self._attempt(attempt))
            made += len(attempts)
        return made

    def _attempt(self, attempt: Attempt) -> Outcome | Exception:
        try:
            target = self._guard.resolve(attempt.url)
        except WebhookUrlRejectedError as error:
            return error
        return self._send(Post(target, attempt.headers, attempt.body, attempt.timeout))

    def _send(self, post: Post) -> Outcome | Exception:
        try:
            return self._sender.send(post)
        except Exception as error:  # noqa: BLE001  # whatever it was, no answer came
            return error


class AsyncDispatcher(_Base):
    """Delivers by itself on asyncio or trio, to many endpoints at a time and to each in turn.

    Run it as a task: `task_group.start_soon(dispatcher.run)`.  A slow endpoint delays no other
    while fewer than *outstanding* of them are slow.

    Args:
        sender: What sends; an HTTP client of its own, in threads, by default.
        outstanding: How many attempts may be under way at once.
        policy: How often a delivery is tried; major 1's best effort by default.
        breaker: When deliveries to an endpoint are held back; None to never do so.
        guard: Where it may post to; only the public Internet by default.
        clock: Unix seconds.
        render: Puts an event into a subscription's vocabulary; None to send it as it is.
        user_agent: The `User-Agent` of deliveries.

    Raises:
        ConfigurationError: *outstanding* is below the protocol's floor of eight.
    """

    def __init__(
        self,
        sender: AsyncSender | None = None,
        *,
        outstanding: int = 32,
        **options: Unpack[DispatcherOptions],
    ) -> None:
        super().__init__(options)
        if outstanding < 8:
            raise ConfigurationError("at least 8 subscriptions must be served at once")
        self._sender: AsyncSender = sender or ThreadedSender(PinnedSender())
        self._outstanding = outstanding
        self._flying = 0
        self._changed = anyio.Event()

    async def register(
        self,
        url: str,
        events: Iterable[str],
        *,
        subscription_id: str | None = None,
        secret: str | None = None,
        **options: Unpack[SubscriptionOptions],
    ) -> Subscription:
        """Register an endpoint; one that chose the Standard Webhooks form is challenged first.

        Args:
            url: Where to deliver to.
            events: The event types to deliver; empty for every type.
            subscription_id: The id to give it; a fresh one by default.
            secret: The subscriber's secret; a fresh one by default.
            **options: Further fields of `Subscription`.

        Returns:
            The subscription, with its secret.

        Raises:
            WebhookUrlRejectedError: The URL is not one to post to.
            EndpointUnverifiedError: The endpoint did not echo its challenge.
            ConfigurationError: The secret does not fit what was chosen.
        """
        target = await anyio.to_thread.run_sync(self._guard.resolve, url)
        subscription = self._new(url, events, subscription_id, secret, options)
        if subscription.standard:
            challenge, post = self._challenge(subscription, target)
            self._check_echo(challenge, await self._send(post))
        self.queue.add(subscription)
        return subscription

    def publish(
        self,
        event: Mapping[str, Any] | bytes,
        *,
        run_id: str | None,
        workspace: str | None = None,
        tenant: str | None = None,
        tags: Iterable[str] = (),
        replayed: bool = False,
    ) -> list[str]:
        """Queue an event for every subscription that wants it; never waits.

        Args:
            event: The event, as a mapping or as the very JSON bytes of the run's stream.
            run_id: The run; None for a host event.
            workspace: The workspace of the run.
            tenant: The tenant of the run.
            tags: The tags of the run.
            replayed: Whether a replay fork emits it again as fixed history: that is never
                delivered.

        Returns:
            The ids of the deliveries that were queued.
        """
        queued = self._publish(event, run_id, workspace, tenant, tags, replayed)
        self._changed.set()
        return queued

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with anyio.create_task_group() as tasks:
            while True:
                self._changed = anyio.Event()
                self._start(tasks.start_soon)
                with anyio.move_on_after(self._pause()):
                    await self._changed.wait()

    async def run_due(self) -> int:
        """Make every attempt that is due by the clock, and those that fall due meanwhile.

        Returns:
            How many attempts were made.
        """
        made = started = 0
        while True:
            async with anyio.create_task_group() as tasks:
                started = self._start(tasks.start_soon)
            if not started:
                return made
            made += started

    def _start(self, start_soon: Callable[..., object]) -> int:
        attempts = self.queue.due(self._clock(), limit=self._outstanding - self._flying)
        for attempt in attempts:
            self._flying += 1
            start_soon(self._attempt, attempt)
        return len(attempts)

    def _pause(self) -> float:
        due = self.queue.next_due()
        if due is None or self._flying >= self._outstanding:
            return float("inf")
        return max(0.0, due - self._clock())

    async def _attempt(self, attempt: Attempt) -> None:
        outcome: Outcome | Exception = TimeoutError()
        try:
            with anyio.move_on_after(attempt.timeout):
                outcome = await self._post(attempt)
        finally:
            self._flying -= 1
            self._settle(attempt, outcome)
            self._changed.set()

    async def _post(self, attempt: Attempt) -> Outcome | Exception:
        try:
            # A resolver may take as long as it likes, so it counts against the attempt's time.
            target = await anyio.to_thread.run_sync(
                self._guard.resolve, attempt.url, abandon_on_cancel=True
            )
        except WebhookUrlRejectedError as error:
            return error
        return await self._send(Post(target, attempt.headers, attempt.body, attempt.timeout))

    async def _send(self, post: Post) -> Outcome | Exception:
        try:
            return await self._sender.send(post)
        except Exception as error:  # noqa: BLE001  # whatever it was, no answer came
            return error
