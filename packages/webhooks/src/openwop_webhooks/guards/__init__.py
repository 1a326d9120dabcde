"""Replay guards: who is handling a delivery, and which deliveries are handled already.

A guard gives each key to one claimant at a time.  A claim is held for `lease` seconds, so that a
delivery whose handler died with its process is handled when the host sends it again; a completed
key is remembered for `retention` seconds.  Guards are claimed by threads, tasks and processes at
the same time and decide between them atomically.
"""

from __future__ import annotations

from ._base import (
    DEFAULT_LEASE as DEFAULT_LEASE,
    DEFAULT_RETENTION as DEFAULT_RETENTION,
    AnyReplayGuard as AnyReplayGuard,
    AsyncReplayGuard as AsyncReplayGuard,
    Claim as Claim,
    ClaimState as ClaimState,
    Lease as Lease,
    ReplayGuard as ReplayGuard,
    claim as claim,
    claim_async as claim_async,
)
from .memory import MemoryReplayGuard as MemoryReplayGuard
from .redis import (
    AsyncRedisReplayGuard as AsyncRedisReplayGuard,
    RedisReplayGuard as RedisReplayGuard,
)
from .sqlite import SQLiteReplayGuard as SQLiteReplayGuard

__all__ = [
    "DEFAULT_LEASE",
    "DEFAULT_RETENTION",
    "AnyReplayGuard",
    "AsyncRedisReplayGuard",
    "AsyncReplayGuard",
    "Claim",
    "ClaimState",
    "Lease",
    "MemoryReplayGuard",
    "RedisReplayGuard",
    "ReplayGuard",
    "SQLiteReplayGuard",
    "claim",
    "claim_async",
]
