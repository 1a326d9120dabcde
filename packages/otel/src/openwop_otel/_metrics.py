"""The instruments: names, units and boundaries in the style of the semantic conventions."""

from __future__ import annotations

from typing import Final

from opentelemetry.metrics import Counter, Meter

__all__ = ["ClientInstruments", "webhook_counter"]

# The boundaries of the conventions for HTTP, carried on for calls that wait and streams that last.
_SECONDS: Final = (
    *(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0),
    *(30.0, 60.0, 300.0, 900.0, 3600.0),
)
_RUN_SECONDS: Final = (0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 21600.0, 86400.0)


class ClientInstruments:
    """What is measured of a client's calls.

    Args:
        meter: Makes the instruments.
    """

    def __init__(self, meter: Meter) -> None:
        self.duration = meter.create_histogram(
            "openwop.client.call.duration",
            unit="s",
            description="How long a logical call took, with its retries, waits and stream.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self.attempts = meter.create_counter(
            "openwop.client.call.attempts",
            unit="{attempt}",
            description="Requests that calls sent, retries and reconnects included.",
        )
        self.retries = meter.create_counter(
            "openwop.client.call.retries",
            unit="{retry}",
            description="Requests that were repeated, by reason.",
        )
        self.active = meter.create_up_down_counter(
            "openwop.client.active_calls",
            unit="{call}",
            description="Calls and streams that are in flight.",
        )
        self.reconnects = meter.create_counter(
            "openwop.client.stream.reconnects",
            unit="{reconnect}",
            description="Connections of streams that were made anew, by reason.",
        )
        self.events = meter.create_counter(
            "openwop.client.stream.events",
            unit="{event}",
            description="Events that streams handed out.",
        )
        self.first_event = meter.create_histogram(
            "openwop.client.stream.time_to_first_event",
            unit="s",
            description="From the start of a stream to its first event.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self.run = meter.create_histogram(
            "openwop.client.run.duration",
            unit="s",
            description="How long runs took whose streams were read from their first event to "
            "their last.",
            explicit_bucket_boundaries_advisory=_RUN_SECONDS,
        )


def webhook_counter(meter: Meter) -> Counter:
    """Return the counter of webhook verifications by outcome.

    Args:
        meter: Makes the instrument.
    """
    return meter.create_counter(
        "openwop.webhook.verifications",
        unit="{delivery}",
        description="Webhook requests that were judged, by outcome.",
    )
