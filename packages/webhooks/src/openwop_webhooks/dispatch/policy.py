"""What a host promises about deliveries, and the records that it keeps of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias, TypedDict

import attrs

from openwop.errors import ConfigurationError
from openwop_webhooks.signing import Family

__all__ = [
    "Attempt",
    "DeadLetter",
    "DeadLetterReason",
    "DeliveryPolicy",
    "Subscription",
    "SubscriptionOptions",
]

DeadLetterReason: TypeAlias = Literal["retries_exhausted", "payload_unprojectable"]


@attrs.frozen
class DeliveryPolicy:
    """How often a delivery is tried and what becomes of it then.

    The defaults are major 1's best effort: one attempt, and what fails is dropped.  `durable()` is
    what major 2 asks for (v2 section 17.3).

    Attributes:
        max_attempts: How many attempts a delivery gets.
        backoff: How the wait between attempts grows.
        delay: The first wait, in seconds.
        max_delay: The longest wait, in seconds.
        timeout: How long an attempt may take, in seconds.
        dead_letters: Whether what cannot be delivered is kept rather than dropped.
        retention: How long a dead letter is kept, in seconds.
        max_pending: How many deliveries may wait for one subscription.
    """

    max_attempts: int = 1
    backoff: Literal["none", "fixed", "exponential"] = "exponential"
    delay: float = 1.0
    max_delay: float = 300.0
    timeout: float = 5.0
    dead_letters: bool = False
    retention: float = 7 * 86400.0
    max_pending: int = 10_000

    def __attrs_post_init__(self) -> None:
        if self.max_attempts < 1 or self.max_pending < 1 or self.timeout <= 0:
            raise ConfigurationError("a delivery policy needs attempts, room and time")

    @classmethod
    def durable(cls, *, max_attempts: int = 5, retention_days: int = 7) -> DeliveryPolicy:
        """Return a policy that retries and keeps dead letters.

        Args:
            max_attempts: How many attempts a delivery gets.
            retention_days: How long a dead letter is kept.
        """
        return cls(max_attempts=max_attempts, dead_letters=True, retention=retention_days * 86400.0)

    def wait_after(self, attempt: int) -> float:
        """Return the seconds to wait after the attempt of this number, counted from one."""
        if self.backoff == "none":
            return 0.0
        if self.backoff == "fixed":
            return self.delay
        # The exponent is bounded because a float is: 2.0 ** 1024 is an OverflowError.
        return min(self.max_delay, self.delay * 2.0 ** min(attempt - 1, 64))


def _names(several: Iterable[str]) -> frozenset[str]:
    return frozenset(several)


class SubscriptionOptions(TypedDict, total=False):
    """The fields of a `Subscription` that a registration may leave out."""

    workspace: str | None
    tenant: str | None
    tags: Iterable[str]
    standard: bool
    families: tuple[Family, ...]


@attrs.define
class Subscription:
    """One registered endpoint.

    Attributes:
        id: The subscription, as its subscriber knows it.
        url: Where deliveries go.
        secret: What signs them.
        events: The event types to deliver, in the spelling of the events; empty for every type.
        workspace: The workspace whose runs are delivered; None for runs of any.
        tenant: The tenant whose runs are delivered.
        tags: Deliver only runs with one of these tags; empty for all runs.
        standard: Whether the Standard Webhooks form was chosen.
        families: The header families to send.
        previous_secret: The secret before the last rotation.
        previous_until: When the previous secret stops signing, by the dispatcher's clock.
    """

    id: str
    url: str = attrs.field(repr=False)
    secret: str = attrs.field(repr=False)
    events: frozenset[str] = attrs.field(default=frozenset(), converter=_names)
    workspace: str | None = None
    tenant: str | None = None
    tags: frozenset[str] = attrs.field(default=frozenset(), converter=_names)
    standard: bool = False
    families: tuple[Family, ...] = ("v1", "v2")
    previous_secret: str | None = attrs.field(default=None, repr=False)
    previous_until: float = float("-inf")

    def wants(
        self, event_type: str, *, workspace: str | None, tenant: str | None, tags: frozenset[str]
    ) -> bool:
        """Tell whether an event is for this subscription (v1 section 18, scope)."""
        return (
            (not self.events or event_type in self.events)
            and tenant == self.tenant
            and (self.workspace is None or workspace == self.workspace)
            and (not self.tags or bool(self.tags & tags))
        )


@attrs.frozen
class Attempt:
    """One request to make, signed and ready.

    Attributes:
        delivery_id: The delivery; the same for each of its attempts.
        subscription_id: The subscription.
        url: Where to post.
        headers: Every header but those that HTTP itself needs.
        body: The bytes to send.
        number: Which attempt of the delivery this is, from one.
        timeout: How long it may take, in seconds.
    """

    delivery_id: str
    subscription_id: str
    url: str = attrs.field(repr=False)
    headers: Mapping[str, str] = attrs.field(repr=False)
    body: bytes = attrs.field(repr=False)
    number: int
    timeout: float


@attrs.frozen
class DeadLetter:
    """A delivery that was given up, without its content (v2 section 17).

    Attributes:
        delivery_id: The delivery.
        subscription_id: The subscription.
        run_id: The run; empty for a host event.
        event_id: The event.
        event_type: Its type.
        attempts: How many attempts were made.
        dead_lettered_at: When it was given up, in seconds of the dispatcher's clock.
        expires_at: When this record goes.
        reason: Why it was given up.
        last_status: The last HTTP status that the endpoint gave, if it gave one.
    """

    delivery_id: str
    subscription_id: str
    run_id: str
    event_id: str
    event_type: str
    attempts: int
    dead_lettered_at: float
    expires_at: float
    reason: DeadLetterReason
    last_status: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the record with its names on the wire; times as ISO 8601 in UTC."""
        record: dict[str, Any] = {
            "deliveryId": self.delivery_id,
            "webhookId": self.subscription_id,
            "runId": self.run_id,
            "eventId": self.event_id,
            "eventType": self.event_type,
            "attempts": self.attempts,
            "deadLetteredAt": _iso(self.dead_lettered_at),
            "expiresAt": _iso(self.expires_at),
            "reason": self.reason,
        }
        if self.last_status is not None:
            record["lastStatus"] = self.last_status
        return record


def _iso(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
