"""The instruments: names, units and boundaries in the style of the semantic conventions.

An SDK takes some ten microseconds for one measurement, so what every call would have to measure
besides its duration is counted here and read when a reader collects.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias
from weakref import WeakKeyDictionary

from opentelemetry import metrics
from opentelemetry.metrics import (
    CallbackOptions,
    Counter,
    Meter,
    MeterProvider,
    NoOpMeterProvider,
    Observation,
)

from . import _names as names

__all__ = [
    "ClientInstruments",
    "Counts",
    "Key",
    "current_provider",
    "key_of",
    "webhook_counter",
]

Key: TypeAlias = tuple[tuple[str, str | int | bool], ...]
"""The attributes of one data point."""

# The boundaries of the conventions for HTTP, carried on for calls that wait and streams that last.
_SECONDS: Final = (
    *(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0),
    *(30.0, 60.0, 300.0, 900.0, 3600.0),
)
_RUN_SECONDS: Final = (0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 21600.0, 86400.0)
_MOST_POINTS: Final = 2000
_OVERFLOW: Final[Key] = (("otel.metric.overflow", True),)


class Counts:
    """Sums by attributes, which a reader collects when it likes; bounded like an SDK's own."""

    __slots__ = ("_lock", "_sums")

    def __init__(self) -> None:
        self._sums: dict[Key, int] = {}
        self._lock = threading.Lock()

    def add(self, number: int, key: Key) -> None:
        """Add *number* to the sum of *key*."""
        with self._lock:
            sums = self._sums
            if key not in sums and len(sums) >= _MOST_POINTS:
                key = _OVERFLOW
            sums[key] = sums.get(key, 0) + number

    def observe(self, options: CallbackOptions) -> Iterable[Observation]:
        """Return the sums as they are now."""
        del options
        with self._lock:
            found = list(self._sums.items())
        return [Observation(number, dict(key)) for key, number in found]


class _Shared:
    """The sums of one provider, which every plugin that measures there adds to.

    Of two observed instruments of one name a meter keeps the first, so there must be only one.
    """

    __slots__ = ("active", "attempts")

    def __init__(self) -> None:
        self.active = Counts()
        self.attempts = Counts()


_shared: WeakKeyDictionary[MeterProvider, _Shared] = WeakKeyDictionary()
_lock = threading.Lock()


class ClientInstruments:
    """What is measured of a client's calls.

    Args:
        provider: Where metrics go; what the API offers while no SDK is there measures nothing.
        version: The version of this package.
        schema: The address of the conventions' schema.
    """

    def __init__(self, provider: MeterProvider, version: str, schema: str) -> None:
        self.is_real = not type(provider).__module__.startswith("opentelemetry.metrics")
        if not self.is_real:
            provider = NoOpMeterProvider()
        meter = provider.get_meter(names.SCOPE, version, schema)
        with _lock:
            shared = _shared.get(provider)
            if shared is None:
                shared = _shared[provider] = _Shared()
                _observe(meter, shared)
        self.active = shared.active
        self.attempts = shared.attempts
        self.duration = meter.create_histogram(
            "openwop.client.call.duration",
            unit="s",
            description="How long a logical call took, with its retries, waits and stream.",
            explicit_bucket_boundaries_advisory=_SECONDS,
        )
        self.retries = meter.create_counter(
            "openwop.client.call.retries",
            unit="{retry}",
            description="Requests that were repeated, by reason.",
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


def _observe(meter: Meter, shared: _Shared) -> None:
    meter.create_observable_up_down_counter(
        "openwop.client.active_calls",
        [shared.active.observe],
        unit="{call}",
        description="Calls and streams that are in flight.",
    )
    meter.create_observable_counter(
        "openwop.client.call.attempts",
        [shared.attempts.observe],
        unit="{attempt}",
        description="Requests that calls sent, retries and reconnects included.",
    )


def current_provider(own: MeterProvider | None) -> MeterProvider:
    """Return where metrics go now: to *own*, or to the global provider as it is at the moment."""
    return metrics.get_meter_provider() if own is None else own


def key_of(attributes: Mapping[str, str | int | bool]) -> Key:
    """Return *attributes* as the key of a sum."""
    return tuple(attributes.items())


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
