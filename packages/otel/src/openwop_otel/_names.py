"""The names of attributes, span events and instruments, in one place.

HTTP, server, URL and error names are those of the OpenTelemetry semantic conventions.  Names under
`openwop.` are the protocol's own where it has one (v1.md §20); the instruments of this package are
under `openwop.client.` and `openwop.webhook.`, because the protocol gives the others to hosts.
"""

from __future__ import annotations

from typing import Final

SCOPE: Final = "openwop_otel"

# Semantic conventions.
ERROR_TYPE: Final = "error.type"
EXCEPTION_MESSAGE: Final = "exception.message"
EXCEPTION_TYPE: Final = "exception.type"
HTTP_METHOD: Final = "http.request.method"
HTTP_RESEND_COUNT: Final = "http.request.resend_count"
HTTP_STATUS: Final = "http.response.status_code"
SERVER_ADDRESS: Final = "server.address"
SERVER_PORT: Final = "server.port"
URL_FULL: Final = "url.full"
URL_TEMPLATE: Final = "url.template"

# The protocol's (v1.md §20).
EVENT_SEQ: Final = "openwop.event_seq"
EVENT_TYPE: Final = "openwop.event_type"
INTERRUPT_ID: Final = "openwop.interrupt_id"
INTERRUPT_KIND: Final = "openwop.interrupt_kind"
NODE_ATTEMPT: Final = "openwop.node_attempt"
NODE_ID: Final = "openwop.node_id"
NODE_TYPE: Final = "openwop.node_type"
PROTOCOL_VERSION: Final = "openwop.protocol_version"
REPLAY_FROM_SEQ: Final = "openwop.replay.from_seq"
REPLAY_MODE: Final = "openwop.replay.mode"
REPLAY_SOURCE: Final = "openwop.replay.source_run_id"
RUN_ID: Final = "openwop.run_id"
WORKFLOW_ID: Final = "openwop.workflow_id"

# This package's.
CANCELLED: Final = "openwop.cancelled"
DECISION_ACTION: Final = "openwop.decision.action"
DECISION_OUTCOME: Final = "openwop.decision.outcome"
DELAY: Final = "openwop.retry.delay"
ERROR_CODE: Final = "openwop.error.code"
EVENT_COUNT: Final = "openwop.stream.events"
HOST_SPAN_ID: Final = "openwop.host.span_id"
HOST_TRACE_ID: Final = "openwop.host.trace_id"
LINK_KIND: Final = "openwop.link"
OPERATION: Final = "openwop.operation"
PAYLOAD: Final = "openwop.event.payload"
REASON: Final = "openwop.retry.reason"
RECONNECTS: Final = "openwop.stream.reconnects"
REPLAYED: Final = "openwop.idempotent_replay"
REQUEST_BODY: Final = "openwop.request.body"
RESPONSE_BODY: Final = "openwop.response.body"
RETRY_ATTEMPT: Final = "openwop.retry.attempt"
RUN_OUTCOME: Final = "openwop.run.outcome"
SERVICE: Final = "openwop.service"
STREAM: Final = "openwop.stream"
SUBSCRIPTION_ID: Final = "openwop.webhook.subscription_id"
WEBHOOK_OUTCOME: Final = "openwop.webhook.outcome"

# Span events.
ON_DECISION: Final = "openwop.decision"
ON_EVENT: Final = "openwop.event"
ON_GAP: Final = "openwop.stream.gap"
ON_POLL: Final = "openwop.stream.poll"
ON_RECONNECT: Final = "openwop.stream.reconnect"
ON_RETRY: Final = "openwop.retry"

LIMIT: Final = 256
"""The longest text taken from a host or a caller into an attribute that is no content."""


def bounded(value: object) -> str | None:
    """Return *value* as an attribute takes it; None where it is no text."""
    if not isinstance(value, str):
        return None
    return value if len(value) <= LIMIT else value[:LIMIT]
