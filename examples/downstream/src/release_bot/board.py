"""A board of what happens to releases, kept from the webhooks of the host."""

from __future__ import annotations

from collections.abc import Mapping

from openwop_webhooks import Challenge, Verifier

__all__ = ["Board"]

_STATES = {
    "run.started": "started",
    "interrupt.requested": "needs a human",
    "run.completed": "shipped",
    "run.failed": "not shipped",
}


class Board:
    """The last known state of each release.

    Args:
        verifier: Tells what the host sent from what somebody else did.
    """

    EVENTS = tuple(_STATES)

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier
        self.states: dict[str, str] = {}
        self.history: list[str] = []

    def take(self, headers: Mapping[str, str], body: bytes) -> bytes:
        """Take one webhook in, and return the body to answer with.

        Raises:
            WebhookVerificationError: It is not the host's, or too old, or was here before.
        """
        received = self._verifier.verify(headers, body)
        if isinstance(received, Challenge):
            return received.answer()
        state = _STATES.get(received.event_type)
        if state is not None and received.run_id is not None:
            self.states[received.run_id] = state
            self.history.append(state)
        return b""
