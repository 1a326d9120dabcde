"""What this package raises: one error for whatever a sender got wrong, one for a refused URL.

OpenWOPError
  WebhookVerificationError     a request that is not, or not now, a delivery to handle
  WebhookUrlRejectedError      a subscriber's URL that a host must not post to
  EndpointUnverifiedError      an endpoint that did not echo its challenge
  PayloadUnprojectableError    an event that cannot be put into its subscriber's vocabulary
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from openwop.errors import OpenWOPError

__all__ = [
    "EndpointUnverifiedError",
    "PayloadUnprojectableError",
    "Reason",
    "WebhookUrlRejectedError",
    "WebhookVerificationError",
]

Reason: TypeAlias = Literal[
    "body_not_bytes",
    "body_too_large",
    "duplicate",
    "header_conflict",
    "in_progress",
    "malformed_body",
    "malformed_headers",
    "malformed_signature",
    "malformed_timestamp",
    "missing_signature",
    "missing_timestamp",
    "signature_mismatch",
    "store_unavailable",
    "timestamp_too_new",
    "timestamp_too_old",
    "unknown_algorithm",
    "unknown_subscription",
]

_STATUS: dict[str, int] = {
    "body_too_large": 413,
    "duplicate": 200,
    "in_progress": 503,
    "store_unavailable": 503,
}


class WebhookVerificationError(OpenWOPError):
    """A request is not a delivery that may be handled now; `reason` says why, for logs only.

    The reason must not reach the sender: answer `status_code` with an empty body, the same for
    every reason that has the same status.  Neither secrets nor bodies appear in the message.

    Args:
        message: What is wrong, in words.
        reason: The same for machines.  `duplicate` (already handled), `in_progress` (being handled
            elsewhere) and `store_unavailable` (the replay guard cannot say) concern authentic
            deliveries; every other reason means that nothing in the request may be believed.
    """

    def __init__(self, message: str = "", *, reason: Reason = "signature_mismatch") -> None:
        super().__init__(message)
        self.reason: Reason = reason

    @property
    def status_code(self) -> int:
        """The HTTP status to answer with."""
        return _STATUS.get(self.reason, 400)


class WebhookUrlRejectedError(OpenWOPError):
    """A webhook URL names a place that a host must not send to (v1 section 18, v2 section 17).

    Args:
        message: What is wrong with the URL.
    """

    code = "webhook_url_rejected"


class EndpointUnverifiedError(OpenWOPError):
    """An endpoint did not echo the challenge of its registration (v2 section 17.2).

    Args:
        message: What came instead.
    """

    code = "webhook_endpoint_unverified"


class PayloadUnprojectableError(OpenWOPError):
    """An event cannot be rendered for a subscription; its delivery goes to the dead letters.

    Args:
        message: What cannot be rendered.
    """

    code = "payload_unprojectable"
