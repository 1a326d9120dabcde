"""Which deliveries are due, and what becomes of them: a state machine that does no I/O.

It is told the time and the outcome of attempts, and says which attempts to make and when to ask
again.  So a test host drives it on a virtual clock and a real host on an event loop.
"""

from __future__ import annotations

import heapq
import itertools
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias, cast

import attrs

from openwop.errors import ConfigurationError
from openwop_webhooks._keys import SigningKey
from openwop_webhooks.errors import PayloadUnprojectableError
from openwop_webhooks.signing import encode_delivery, message_id, sign

from .breaker import BreakerPolicy, BreakerState, CircuitBreaker
from .policy import Attempt, DeadLetter, DeadLetterReason, DeliveryPolicy, Subscription

__all__ = ["DeliveryQueue", "Render"]

Render: TypeAlias = Callable[[Subscription, Mapping[str, Any]], Mapping[str, Any]]
"""Puts an event into the vocabulary of a subscription, or raises PayloadUnprojectableError."""


@attrs.define
class _Pending:
    """A delivery that is not settled."""

    delivery_id: str
    standard_id: str
    run_id: str
    event_id: str
    event_type: str
    body: bytes = attrs.field(repr=False)
    attempts: int = 0
    last_status: int | None = None


@attrs.define
class _Lane:
    """One subscription with its circuit and its waiting deliveries; one attempt at a time."""

    subscription: Subscription
    breaker: CircuitBreaker
    waiting: list[tuple[float, int, _Pending]] = attrs.Factory(list[tuple[float, int, _Pending]])
    flying: _Pending | None = None
    dead: deque[DeadLetter] = attrs.Factory(deque[DeadLetter])


class DeliveryQueue:
    """Decides what to send to whom and when, for any number of subscriptions.

    Not thread-safe: whoever drives it holds a lock or a loop.

    Args:
        policy: How often a delivery is tried.
        breaker: When deliveries to an endpoint are held back; None to never do so.
        user_agent: The `User-Agent` of deliveries.
        render: Puts an event into a subscription's vocabulary; None to send it as it is.
    """

    def __init__(
        self,
        policy: DeliveryPolicy | None = None,
        *,
        breaker: BreakerPolicy | None = BreakerPolicy(),  # noqa: B008  # frozen
        user_agent: str = "openwop-webhook-dispatcher/1",
        render: Render | None = None,
    ) -> None:
        self.policy = policy or DeliveryPolicy()
        self._breaker = breaker
        self._user_agent = user_agent
        self._render = render
        self._lanes: dict[str, _Lane] = {}
        self._order = itertools.count()

    # Subscriptions

    def add(self, subscription: Subscription) -> None:
        """Deliver to *subscription* from now on.

        Raises:
            ConfigurationError: Its id is taken, or its secret cannot sign what it chose.
        """
        if subscription.id in self._lanes:
            raise ConfigurationError(f"there is a subscription {subscription.id!r} already")
        key = SigningKey(subscription.secret)
        if subscription.standard and not key.is_standard:
            raise ConfigurationError("only a whsec_ secret signs the Standard Webhooks form")
        # Without a breaker an endpoint may fail for ever, so its policy is one that never fires.
        never = BreakerPolicy(failures=2**62, fatal_failures=2**62, fatal_window=0.0)
        self._lanes[subscription.id] = _Lane(subscription, CircuitBreaker(self._breaker or never))

    def remove(self, subscription_id: str) -> bool:
        """Forget a subscription with its deliveries and dead letters.

        Returns:
            False where there was none.
        """
        return self._lanes.pop(subscription_id, None) is not None

    def rotate(self, subscription_id: str, secret: str, *, now: float, overlap: float) -> None:
        """Sign with another secret; for *overlap* seconds the present one signs too.

        Args:
            subscription_id: The subscription, which chose the Standard Webhooks form.
            secret: The new secret.
            now: The time.
            overlap: How long the previous secret goes on, in seconds.  A second rotation within
                that time ends the oldest secret at once.

        Raises:
            KeyError: There is no such subscription.
            ConfigurationError: It did not choose that form, whose header alone can carry two
                signatures, or the secret does not fit it.
        """
        subscription = self._lanes[subscription_id].subscription
        if not (subscription.standard and SigningKey(secret).is_standard):
            raise ConfigurationError("rotation needs the Standard Webhooks form and its secrets")
        subscription.previous_secret = subscription.secret
        subscription.previous_until = now + overlap
        subscription.secret = secret

    def subscription(self, subscription_id: str) -> Subscription:
        """Return a subscription.

        Raises:
            KeyError: There is none of this id.
        """
        return self._lanes[subscription_id].subscription

    def state(self, subscription_id: str, now: float) -> BreakerState:
        """Return the state of a subscription's circuit; `failed` is for good.

        Raises:
            KeyError: There is no such subscription.
        """
        return self._lanes[subscription_id].breaker.state(now)

    def __iter__(self) -> Iterator[Subscription]:
        """Iterate over the subscriptions."""
        return iter([lane.subscription for lane in self._lanes.values()])

    @property
    def pending(self) -> int:
        """How many deliveries wait or are under way."""
        return sum(len(lane.waiting) + (lane.flying is not None) for lane in self._lanes.values())

    # Deliveries

    def publish(
        self,
        event: Mapping[str, Any] | bytes,
        *,
        now: float,
        run_id: str | None,
        workspace: str | None = None,
        tenant: str | None = None,
        tags: Iterable[str] = (),
        replayed: bool = False,
    ) -> list[str]:
        """Queue an event for every subscription that wants it.

        Args:
            event: The event, as a mapping or as the very JSON bytes of the run's stream.
            now: The time.
            run_id: The run; None for a host event.
            workspace: The workspace of the run.
            tenant: The tenant of the run.
            tags: The tags of the run.
            replayed: Whether a replay fork emits it again as fixed history: that is never
                delivered.

        Returns:
            The ids of the deliveries that were queued.
        """
        if replayed:
            return []
        document = cast(
            "Mapping[str, Any]", json.loads(event) if isinstance(event, bytes) else event
        )
        event_type, own = str(document.get("type", "")), frozenset(tags)
        queued: list[str] = []
        for lane in self._lanes.values():
            if lane.subscription.wants(event_type, workspace=workspace, tenant=tenant, tags=own):
                pending = self._pending(lane.subscription, document, run_id)
                if self._enqueue(lane, pending, event, document, run_id, workspace, now):
                    queued.append(pending.delivery_id)
        return queued

    def due(self, now: float, *, limit: int | None = None) -> list[Attempt]:
        """Take the attempts to make now, at most one per subscription.

        Each must be settled before the subscription's next one is due.

        Args:
            now: The time.
            limit: How many to take at most; those that waited longest first.
        """
        ready = sorted(
            (at, lane.subscription.id)
            for lane in self._lanes.values()
            if (at := self._due_at(lane)) is not None and at <= now
        )
        attempts: list[Attempt] = []
        for _, name in ready[:limit]:
            lane = self._lanes[name]
            lane.flying = heapq.heappop(lane.waiting)[2]
            lane.flying.attempts += 1
            attempts.append(self._attempt(lane.subscription, lane.flying, now))
        return attempts

    def next_due(self) -> float | None:
        """Return when `due` has something to give; None while nothing waits."""
        times = [at for lane in self._lanes.values() if (at := self._due_at(lane)) is not None]
        return min(times, default=None)

    def settle(self, attempt: Attempt, status: int | None, *, now: float) -> bool:
        """Say what became of an attempt.

        Args:
            attempt: What `due` gave.
            status: The HTTP status of the answer; None where none came.  Anything but a 2xx is a
                failure, a redirect too.
            now: The time.

        Returns:
            Whether it was delivered.
        """
        delivered = status is not None and 200 <= status < 300
        lane = self._lanes.get(attempt.subscription_id)
        if lane is None or lane.flying is None or lane.flying.delivery_id != attempt.delivery_id:
            return delivered  # unregistered meanwhile
        pending, lane.flying = lane.flying, None
        pending.last_status = status if status is not None else pending.last_status
        if delivered:
            lane.breaker.succeeded()
            return True
        lane.breaker.failed(now)
        if lane.breaker.state(now) == "failed":
            for other in (pending, *(entry[2] for entry in sorted(lane.waiting))):
                self._give_up(lane, other, "retries_exhausted", now)
            lane.waiting.clear()
        elif pending.attempts >= self.policy.max_attempts:
            self._give_up(lane, pending, "retries_exhausted", now)
        else:
            self._wait(lane, pending, now + self.policy.wait_after(pending.attempts))
        return False

    def dead_letters(self, subscription_id: str, *, now: float) -> list[DeadLetter]:
        """Return a subscription's dead letters, newest first.

        Raises:
            KeyError: There is no such subscription.
        """
        dead = self._lanes[subscription_id].dead
        while dead and dead[0].expires_at <= now:
            dead.popleft()
        return list(reversed(dead))

    # What is behind it

    def _enqueue(
        self,
        lane: _Lane,
        pending: _Pending,
        event: Mapping[str, Any] | bytes,
        document: Mapping[str, Any],
        run_id: str | None,
        workspace: str | None,
        now: float,
    ) -> bool:
        if self._render is not None:
            try:
                event = self._render(lane.subscription, document)
            except PayloadUnprojectableError:
                self._give_up(lane, pending, "payload_unprojectable", now)
                return False
        pending.event_type = pending.event_type if isinstance(event, bytes) else str(event["type"])
        pending.body = encode_delivery(event, run_id=run_id, workspace=workspace)
        state = lane.breaker.state(now)
        # Best effort drops what happens while the circuit is open; durable delivery waits for it.
        held_back = state == "failed" or (state == "open" and not self.policy.dead_letters)
        if held_back or len(lane.waiting) >= self.policy.max_pending:
            self._give_up(lane, pending, "retries_exhausted", now)
            return False
        self._wait(lane, pending, now)
        return True

    def _pending(
        self, subscription: Subscription, event: Mapping[str, Any], run_id: str | None
    ) -> _Pending:
        event_id, position = str(event.get("eventId", "")), event.get("sequence")
        within = position if run_id is not None and isinstance(position, int) else event_id
        standard_id = message_id(subscription.id, run_id or "", within)
        owner, bound, _ = subscription.id.partition("/")
        return _Pending(
            delivery_id=f"{owner}/{standard_id}" if bound else standard_id,
            standard_id=standard_id,
            run_id=run_id or "",
            event_id=event_id,
            event_type=str(event.get("type", "")),
            body=b"",
        )

    def _wait(self, lane: _Lane, pending: _Pending, at: float) -> None:
        heapq.heappush(lane.waiting, (at, next(self._order), pending))

    def _due_at(self, lane: _Lane) -> float | None:
        if lane.flying is not None or not lane.waiting:
            return None
        return max(lane.waiting[0][0], lane.breaker.reopens_at)

    def _attempt(self, subscription: Subscription, pending: _Pending, now: float) -> Attempt:
        overlaps = now < subscription.previous_until
        headers = {
            "Content-Type": "application/json",
            "User-Agent": self._user_agent,
            **sign(
                pending.body,
                subscription.secret,
                webhook_id=subscription.id,
                event_type=pending.event_type,
                timestamp=int(now),
                families=subscription.families,
                standard_id=pending.standard_id if subscription.standard else None,
                previous_secret=subscription.previous_secret if overlaps else None,
            ),
        }
        return Attempt(
            delivery_id=pending.delivery_id,
            subscription_id=subscription.id,
            url=subscription.url,
            headers=headers,
            body=pending.body,
            number=pending.attempts,
            timeout=self.policy.timeout,
        )

    def _give_up(
        self, lane: _Lane, pending: _Pending, reason: DeadLetterReason, now: float
    ) -> None:
        if not self.policy.dead_letters:
            return
        lane.dead.append(
            DeadLetter(
                delivery_id=pending.delivery_id,
                subscription_id=lane.subscription.id,
                run_id=pending.run_id,
                event_id=pending.event_id,
                event_type=pending.event_type,
                attempts=pending.attempts,
                dead_lettered_at=now,
                expires_at=now + self.policy.retention,
                reason=reason,
                last_status=pending.last_status,
            )
        )
