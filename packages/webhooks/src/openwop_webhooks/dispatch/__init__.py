"""Sending deliveries, for hosts (v1 section 18, v2 section 17).

`Dispatcher` and `AsyncDispatcher` put together a `DeliveryQueue`, which decides, an `EgressGuard`,
which says where a host may post to, and a sender.  Hosts with a scheduler of their own drive the
queue themselves.
"""

from __future__ import annotations

from .breaker import (
    BreakerPolicy as BreakerPolicy,
    BreakerState as BreakerState,
    CircuitBreaker as CircuitBreaker,
)
from .dispatcher import (
    AsyncDispatcher as AsyncDispatcher,
    Dispatcher as Dispatcher,
    DispatcherOptions as DispatcherOptions,
)
from .egress import EgressGuard as EgressGuard, Resolver as Resolver, Target as Target
from .policy import (
    Attempt as Attempt,
    DeadLetter as DeadLetter,
    DeadLetterReason as DeadLetterReason,
    DeliveryPolicy as DeliveryPolicy,
    Subscription as Subscription,
    SubscriptionOptions as SubscriptionOptions,
)
from .queue import DeliveryQueue as DeliveryQueue, Render as Render
from .sender import (
    AsyncSender as AsyncSender,
    Outcome as Outcome,
    PinnedSender as PinnedSender,
    Post as Post,
    Sender as Sender,
    ThreadedSender as ThreadedSender,
)

__all__ = [
    "AsyncDispatcher",
    "AsyncSender",
    "Attempt",
    "BreakerPolicy",
    "BreakerState",
    "CircuitBreaker",
    "DeadLetter",
    "DeadLetterReason",
    "DeliveryPolicy",
    "DeliveryQueue",
    "Dispatcher",
    "DispatcherOptions",
    "EgressGuard",
    "Outcome",
    "PinnedSender",
    "Post",
    "Render",
    "Resolver",
    "Sender",
    "Subscription",
    "SubscriptionOptions",
    "Target",
    "ThreadedSender",
]
