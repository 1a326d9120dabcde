"""The tracing of every receiver of webhooks, found by the entry point `openwop.webhooks`.

The environment is read once, when the first receiver of a process is made.
"""

from __future__ import annotations

from typing import Final

from .webhooks import WebhookTracing, is_settled

__all__ = ["observe", "tracing"]

tracing: Final = WebhookTracing()
"""The observer of every receiver whose verifier nobody wrapped."""


def observe(verifier: object, handler: object) -> WebhookTracing | None:
    """Return what watches a receiver.

    Args:
        verifier: The receiver's verifier.
        handler: The receiver's handler.

    Returns:
        None where tracing is off, or where `WebhookTracing.wrap` has settled it for this verifier.
    """
    del handler
    return None if not tracing.enabled or is_settled(verifier) else tracing
