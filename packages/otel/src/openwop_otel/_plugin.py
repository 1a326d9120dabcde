"""The plugin: openwop's hooks, turned into spans, metrics and propagation."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from opentelemetry import propagate, trace
from opentelemetry.context import get_current
from opentelemetry.metrics import MeterProvider
from opentelemetry.propagators.textmap import TextMapPropagator
from opentelemetry.trace import TracerProvider

from openwop import hookimpl
from openwop.runtime import Call, StashKey
from openwop.wire import Request, Response, TransportError

from . import _names as names
from ._content import Capture, Redact
from ._links import RunContexts
from ._logs import add_trace_ids
from ._metrics import ClientInstruments, current_provider
from ._settings import CONTENT, EVENTS, RENDER, flag, switched_off
from ._span import CallSpan, Place

__all__ = ["Tracing", "installed_version"]

_log = logging.getLogger("openwop.otel")
_MOST_PLACES: Final = 4096
_SCHEMA: Final = "https://opentelemetry.io/schemas/1.37.0"


class Tracing:
    """Spans, metrics and trace context for the calls of openwop clients.

    Installing the package gives every new client one of these with what is not given here taken
    from the environment.  Pass one of your own as `Client(plugins=[Tracing(...)])` to set anything
    for that client alone: it takes the place of the installed one, so there is still one span per
    call.  Nothing that it does can fail a call.

    Args:
        enabled: False turns tracing off for the clients that get this one; None asks
            `OPENWOP_OTEL_DISABLED`, `OTEL_SDK_DISABLED` and
            `OTEL_PYTHON_DISABLED_INSTRUMENTATIONS`.
        tracer_provider: Where spans go; the global one by default.
        meter_provider: Where metrics go; the global one by default.
        propagator: What writes the trace context into requests; the global one by default, which
            is W3C trace context and baggage unless it was set otherwise.
        capture_content: Whether bodies, payloads and the messages of errors are recorded, bounded
            and redacted; None asks `OPENWOP_OTEL_CAPTURE_CONTENT`, and no is the default.
        content_limit: The most characters of one recorded body or payload.
        redact: Applied to each JSON value before it is recorded, after secrets were blanked.
        events: Whether each item of a stream becomes a span event; None asks
            `OPENWOP_OTEL_EVENTS`, and no is the default.
        render_runs: Whether the events of a run's stream are drawn as spans of the run, its nodes,
            attempts and interrupts, for hosts that export none; None asks
            `OPENWOP_OTEL_RENDER_RUNS`, and no is the default.

    Raises:
        ValueError: *content_limit* is not positive.

    Section: v1.md §20.
    """

    def __init__(
        self,
        *,
        enabled: bool | None = None,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        propagator: TextMapPropagator | None = None,
        capture_content: bool | None = None,
        content_limit: int = 2048,
        redact: Redact | None = None,
        events: bool | None = None,
        render_runs: bool | None = None,
    ) -> None:
        self.enabled = (not switched_off()) if enabled is None else enabled
        self.events = flag(EVENTS) if events is None else events
        self.renders = flag(RENDER) if render_runs is None else render_runs
        wants_content = flag(CONTENT) if capture_content is None else capture_content
        capture = Capture(content_limit, redact)
        self.capture = capture if wants_content else None
        self.runs = RunContexts()
        self.counts_events = self.events or self.renders
        self._places: dict[tuple[str, str, str, bool], Place] = {}
        self._complained = False
        self.use(
            tracer_provider=tracer_provider, meter_provider=meter_provider, propagator=propagator
        )
        if self.enabled and self.counts_events:
            # A hook that is not there costs nothing, so it is there only for those who asked.
            self.openwop_event = hookimpl(self._event_hook())
        if self.enabled:
            add_trace_ids()

    def use(
        self,
        *,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        propagator: TextMapPropagator | None = None,
    ) -> None:
        """Send spans and metrics elsewhere from now on; what is not given is the global one.

        Args:
            tracer_provider: Where spans go.
            meter_provider: Where metrics go.
            propagator: What writes the trace context into requests.
        """
        ours = installed_version()
        self.tracer = trace.get_tracer(names.SCOPE, ours, tracer_provider, _SCHEMA)
        self._meter_provider = meter_provider
        self._measured: tuple[MeterProvider, ClientInstruments] | None = None
        self._propagator: Any = propagator

    # -- hooks ----------------------------------------------------------------------------------

    @hookimpl
    def openwop_call(self, call: Call) -> AbstractContextManager[None] | None:
        """Surround the call with its span, unless another of these has it already."""
        stash = call.stash
        if _CLAIM in stash:  # pluggy asks the one given last first
            return None
        if not self.enabled:
            stash[_CLAIM] = self
            return None
        span = stash[_CLAIM] = CallSpan(self, call)
        return span

    def _span_of(self, call: Call) -> CallSpan | None:
        """Return the span of *call*, where it has one of ours."""
        claim = call.stash.get(_CLAIM, None)
        return claim if type(claim) is CallSpan and claim.owner is self else None

    @hookimpl
    def openwop_request_headers(self, call: Call, request: Request) -> Mapping[str, str] | None:
        """Write the trace context into the attempt."""
        span = self._span_of(call)
        # A call without a span, such as the one that asks for the major, is part of another.
        if span is None and (not self.enabled or call.stash.setdefault(_CLAIM, self) is not self):
            return None
        carrier: dict[str, str] = {}
        try:
            if span is not None:
                span.sending(request)
            here = get_current()  # each propagator would look it up for itself
            if self._propagator is None:
                propagate.inject(carrier, here)
            else:
                self._propagator.inject(carrier, here)
        except Exception:  # noqa: BLE001  # tracing must not fail what it traces
            self.failed()
            return None
        if "traceparent" in request.headers:
            # The caller says by hand where this belongs; it stays so, with its state.
            carrier = {
                name: value
                for name, value in carrier.items()
                if name.lower() not in {"traceparent", "tracestate"}
            }
        for name, value in list(carrier.items()):
            # What a propagator of somebody's own may write would fail the call as a bad header.
            if not (value.isascii() and value.isprintable() and value == value.strip()):
                del carrier[name]
        return carrier or None

    @hookimpl
    def openwop_response(self, call: Call, response: Response) -> None:
        """Note the answer to an attempt."""
        span = self._span_of(call)
        if span is not None:
            try:
                span.answered(response)
            except Exception:  # noqa: BLE001
                self.failed()

    @hookimpl
    def openwop_retry(
        self, call: Call, outcome: Response | TransportError, attempt: int, delay: float
    ) -> None:
        """Note that another attempt follows."""
        span = self._span_of(call)
        if span is not None:
            try:
                span.retrying(outcome, attempt, delay)
            except Exception:  # noqa: BLE001
                self.failed()

    def _event_hook(self) -> Callable[[Call, object], None]:
        def openwop_event(call: Call, event: object) -> None:
            span = self._span_of(call)
            if span is not None:
                try:
                    span.received(event)
                except Exception:  # noqa: BLE001
                    self.failed()

        return openwop_event

    # -- for the spans --------------------------------------------------------------------------

    @property
    def instruments(self) -> ClientInstruments:
        """The instruments of the provider that is in use now."""
        provider = current_provider(self._meter_provider)
        measured = self._measured
        if measured is None or measured[0] is not provider:
            found = ClientInstruments(provider, installed_version(), _SCHEMA)
            measured = self._measured = (provider, found)
        return measured[1]

    def failed(self) -> None:
        """Say once that tracing itself failed; called where an exception is being handled."""
        level = logging.DEBUG if self._complained else logging.WARNING
        self._complained = True
        _log.log(level, "tracing failed and was left out; the call goes on", exc_info=True)

    def place(self, call: Call) -> Place:
        """Return what the calls of an operation to a host have in common."""
        wanted = (call.service, call.operation, call.base_url, call.is_stream)
        found = self._places.get(wanted)
        if found is None:
            found = Place.of(*wanted)
            if len(self._places) < _MOST_PLACES:
                self._places[wanted] = found
        return found

    @staticmethod
    def is_known_code(code: Any) -> bool:
        """Tell whether *code* is one of the protocol's, so that it may become a metric's label."""
        if not isinstance(code, str) or not code:
            return False
        from openwop import is_error_code

        return is_error_code(code)


_CLAIM: Final = StashKey["CallSpan | Tracing"]()


def installed_version() -> str:
    """Return the version of this package."""
    try:
        return version("openwop-otel")
    except PackageNotFoundError:  # a checkout on the path, not installed
        return "0"
