"""Trace ids in the log records of openwop, under the names that OpenTelemetry gives them."""

from __future__ import annotations

import logging
from typing import Final

from opentelemetry import trace

__all__ = ["TraceIds", "add_trace_ids", "remove_trace_ids"]

# A filter of a logger does not see the records of the loggers below it, so each one is named.
LOGGERS: Final = ("openwop", "openwop.otel", "openwop.webhooks")


class TraceIds(logging.Filter):
    """Adds `otelTraceID`, `otelSpanID` and `otelTraceSampled` to every record, and drops none.

    Outside a span they are `0`, `0` and False, as OpenTelemetry's own logging instrumentation has
    them, so that one format string serves both.  What that one has set already stays.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the ids of the current span to *record*."""
        if not hasattr(record, "otelTraceID"):
            found = trace.get_current_span().get_span_context()
            valid = found.is_valid
            record.otelTraceID = format(found.trace_id, "032x") if valid else "0"
            record.otelSpanID = format(found.span_id, "016x") if valid else "0"
            record.otelTraceSampled = bool(found.trace_flags.sampled) if valid else False
        return True


_FILTER: Final = TraceIds("openwop")


def add_trace_ids() -> None:
    """Have every record of the `openwop` loggers carry trace ids; once or often is the same."""
    for name in LOGGERS:
        logging.getLogger(name).addFilter(_FILTER)


def remove_trace_ids() -> None:
    """Undo `add_trace_ids`."""
    for name in LOGGERS:
        logging.getLogger(name).removeFilter(_FILTER)
