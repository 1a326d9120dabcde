"""Webhooks for development without a tunnel: a host's event streams, forwarded as deliveries.

`listen` and `listen_async` follow runs and forward each event, signed as a host signs, to a handler
or to an endpoint on this machine.  `Listener` and `AsyncListener` do so beside a program.
"""

from __future__ import annotations

from .forwarding import Forwarded as Forwarded, Forwarding as Forwarding
from .shells import (
    AsyncListener as AsyncListener,
    Listener as Listener,
    listen as listen,
    listen_async as listen_async,
)
from .started import StartedRuns as StartedRuns

__all__ = [
    "AsyncListener",
    "Forwarded",
    "Forwarding",
    "Listener",
    "StartedRuns",
    "listen",
    "listen_async",
]
