"""OpenTelemetry for openwop: spans, metrics and trace context, found by their entry point.

    pip install openwop[otel]

is all it takes.  `Tracing` sets anything for one client, `WebhookTracing` traces the receiver of
webhooks, and `RunRenderer` draws a run's events as spans.
"""

from __future__ import annotations

from ._content import Redact as Redact, blank_secrets as blank_secrets
from ._plugin import Tracing as Tracing
from ._render import RunRenderer as RunRenderer
from .webhooks import WebhookTracing as WebhookTracing

__all__ = ["Redact", "RunRenderer", "Tracing", "WebhookTracing", "blank_secrets"]
