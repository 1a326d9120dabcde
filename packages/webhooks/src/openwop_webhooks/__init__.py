"""Receive, verify and send signed OpenWOP webhooks.

Receivers need a `Verifier` and an adapter of `openwop_webhooks.adapters`, or a `Receiver` where no
adapter fits.  Hosts need `openwop_webhooks.dispatch`; tests of receivers need `sign`.
"""

from __future__ import annotations

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

__all__ = [
    "Answer",
    "AsyncRedisReplayGuard",
    "AsyncReplayGuard",
    "Challenge",
    "Claim",
    "ClaimState",
    "Delivery",
    "EndpointUnverifiedError",
    "MemoryReplayGuard",
    "PayloadUnprojectableError",
    "Receiver",
    "RedisReplayGuard",
    "ReplayGuard",
    "SQLiteReplayGuard",
    "Verifier",
    "WebhookUrlRejectedError",
    "WebhookVerificationError",
    "encode_delivery",
    "fingerprint",
    "make_secret",
    "message_id",
    "sign",
    "sign_challenge",
]
