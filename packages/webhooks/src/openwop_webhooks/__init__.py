"""Receive, verify and send signed OpenWOP webhooks.

Receivers need a `Verifier` and an adapter of `openwop_webhooks.adapters`, or a `Receiver` where no
adapter fits.  `Subscription` registers at a host and keeps the secret; `listen` is for development.
Hosts need `openwop_webhooks.dispatch`; tests of receivers need `sign`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop.runtime.lazy import attach

from .delivery import Challenge as Challenge, Delivery as Delivery
from .errors import (
    EndpointUnverifiedError as EndpointUnverifiedError,
    PayloadUnprojectableError as PayloadUnprojectableError,
    WebhookUrlRejectedError as WebhookUrlRejectedError,
    WebhookVerificationError as WebhookVerificationError,
)
from .guards import (
    AsyncRedisReplayGuard as AsyncRedisReplayGuard,
    AsyncReplayGuard as AsyncReplayGuard,
    Claim as Claim,
    ClaimState as ClaimState,
    MemoryReplayGuard as MemoryReplayGuard,
    RedisReplayGuard as RedisReplayGuard,
    ReplayGuard as ReplayGuard,
    SQLiteReplayGuard as SQLiteReplayGuard,
)
from .observers import ReceiverObserver as ReceiverObserver
from .receiver import Answer as Answer, Receiver as Receiver
from .signing import (
    encode_delivery as encode_delivery,
    fingerprint as fingerprint,
    make_secret as make_secret,
    message_id as message_id,
    sign as sign,
    sign_challenge as sign_challenge,
)
from .verifier import Verifier as Verifier

if TYPE_CHECKING:
    from .listening import (
        AsyncListener as AsyncListener,
        Forwarded as Forwarded,
        Forwarding as Forwarding,
        Listener as Listener,
        StartedRuns as StartedRuns,
        listen as listen,
        listen_async as listen_async,
    )
    from .subscriptions import (
        AnySecretStore as AnySecretStore,
        AsyncSecretStore as AsyncSecretStore,
        AsyncSubscription as AsyncSubscription,
        FileSecretStore as FileSecretStore,
        MemorySecretStore as MemorySecretStore,
        SecretStore as SecretStore,
        Subscription as Subscription,
    )

# What needs the client is imported when somebody looks: a receiver needs none of it.
__getattr__, __dir__ = attach(
    __name__,
    {
        "AsyncListener": "openwop_webhooks.listening",
        "Forwarded": "openwop_webhooks.listening",
        "Forwarding": "openwop_webhooks.listening",
        "Listener": "openwop_webhooks.listening",
        "StartedRuns": "openwop_webhooks.listening",
        "listen": "openwop_webhooks.listening",
        "listen_async": "openwop_webhooks.listening",
        "AnySecretStore": "openwop_webhooks.subscriptions",
        "AsyncSecretStore": "openwop_webhooks.subscriptions",
        "AsyncSubscription": "openwop_webhooks.subscriptions",
        "FileSecretStore": "openwop_webhooks.subscriptions",
        "MemorySecretStore": "openwop_webhooks.subscriptions",
        "SecretStore": "openwop_webhooks.subscriptions",
        "Subscription": "openwop_webhooks.subscriptions",
    },
)

__all__ = [
    "Answer",
    "AnySecretStore",
    "AsyncListener",
    "AsyncRedisReplayGuard",
    "AsyncReplayGuard",
    "AsyncSecretStore",
    "AsyncSubscription",
    "Challenge",
    "Claim",
    "ClaimState",
    "Delivery",
    "EndpointUnverifiedError",
    "FileSecretStore",
    "Forwarded",
    "Forwarding",
    "Listener",
    "MemoryReplayGuard",
    "MemorySecretStore",
    "PayloadUnprojectableError",
    "Receiver",
    "ReceiverObserver",
    "RedisReplayGuard",
    "ReplayGuard",
    "SQLiteReplayGuard",
    "SecretStore",
    "StartedRuns",
    "Subscription",
    "Verifier",
    "WebhookUrlRejectedError",
    "WebhookVerificationError",
    "encode_delivery",
    "fingerprint",
    "listen",
    "listen_async",
    "make_secret",
    "message_id",
    "sign",
    "sign_challenge",
]
