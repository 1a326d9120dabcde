"""Subscriptions at a host: register, keep the secret, rotate it, unregister.

`Subscription` and `AsyncSubscription` do it through an OpenWOP client, keep what they know in a
store that outlives the process, and hand out a `Verifier` that follows every rotation.
"""

from __future__ import annotations

from .shells import AsyncSubscription as AsyncSubscription, Subscription as Subscription
from .stores import (
    AnySecretStore as AnySecretStore,
    AsyncSecretStore as AsyncSecretStore,
    FileSecretStore as FileSecretStore,
    MemorySecretStore as MemorySecretStore,
    SecretStore as SecretStore,
)

__all__ = [
    "AnySecretStore",
    "AsyncSecretStore",
    "AsyncSubscription",
    "FileSecretStore",
    "MemorySecretStore",
    "SecretStore",
    "Subscription",
]
