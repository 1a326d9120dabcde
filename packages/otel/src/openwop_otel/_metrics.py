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
    "Key",
    "Tally",
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


class Tally:
    """Calls in flight and attempts made, by attributes, which a reader collects when it likes.

    There is one for each provider, which every plugin that measures there adds to: of two observed
    instruments of one name a meter keeps the first.  It is bounded as an SDK's own sums are.
    """

    __slots__ = ("_active", "_attempts", "_lock")

    def __init__(self) -> None:
        self._active: dict[Key, int] = {}
        self._attempts: dict[Key, int] = {}
        self._lock = threading.Lock()

    def begin(self, key: Key) -> None:
        """Count a call that begins.

        Args:
            key: The attributes of the call.
        """
        with self._lock:
            _add(self._active, key, 1)

    def end(self, key: Key, outcome: Key, attempts: int) -> None:
        """Count a call that has ended.

        Args:
            key: The attributes with which it began.
            outcome: The attributes with which it ended.
            attempts: How many requests it sent.
        """
        with self._lock:
            _add(self._active, key, -1)
            if attempts:
                _add(self._attempts, outcome, attempts)

    def active(self, options: CallbackOptions) -> Iterable[Observation]:
        """Return the calls that are in flight now."""
        del options
        return self._observations(self._active)

    def attempts(self, options: CallbackOptions) -> Iterable[Observation]:
        """Return the attempts made until now."""
        del options
        return self._observations(self._attempts)

    def _observations(self, sums: dict[Key, int]) -> Iterable[Observation]:
        with self._lock:
            found = list(sums.items())
        return [Observation(number, dict(key)) for key, number in found]


def _add(sums: dict[Key, int], key: Key, number: int) -> None:
    try:
        sums[key] += number
    except KeyError:
        kept = key if len(sums) < _MOST_POINTS else _OVERFLOW
        sums[kept] = sums.get(kept, 0) + number


_shared: WeakKeyDictionary[MeterProvider, Tally] = WeakKeyDictionary()
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
            tally = _shared.get(provider)
            if tally is None:
                tally = _shared[provider] = Tally()
                _observe(meter, tally)
        self.tally = tally
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


def _observe(meter: Meter, tally: Tally) -> None:
    meter.create_observable_up_down_counter(
        "openwop.client.active_calls",
        [tally.active],
        unit="{call}",
        description="Calls and streams that are in flight.",
    )
    meter.create_observable_counter(
        "openwop.client.call.attempts",
        [tally.attempts],
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
