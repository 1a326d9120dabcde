"""Webhook deliveries in traces: a span for the handler, linked to the span that sent the delivery.

A delivery arrives long after the call that caused it and may be one of many, so its trace is linked
and not continued.  The header is believed only on deliveries whose signature was good.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar, cast
from weakref import WeakKeyDictionary, WeakSet

from opentelemetry import metrics, propagate, trace
from opentelemetry.context import Context
from opentelemetry.metrics import MeterProvider
from opentelemetry.propagators.textmap import TextMapPropagator
from opentelemetry.trace import (
    Link,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TracerProvider,
)

from . import _names as names
from ._logs import add_trace_ids
from ._metrics import webhook_counter
from ._plugin import installed_version
from ._settings import switched_off
from ._span import error_type

__all__ = ["WebhookTracing", "is_settled"]

V = TypeVar("V")
H = TypeVar("H", bound=Callable[..., Any])

_log = logging.getLogger("openwop.otel")
_WANTED: Final = frozenset({"traceparent", "tracestate", "baggage"})
_LONGEST: Final = 8192
_left_alone: WeakSet[Any] = WeakSet()


def is_settled(verifier: object) -> bool:
    """Tell whether `WebhookTracing.wrap` was asked about *verifier*, so that nothing is added."""
    if isinstance(verifier, _TracedVerifier):
        return True
    try:
        return verifier in _left_alone
    except TypeError:  # of a class that can be neither hashed nor referred to
        return False


class WebhookTracing:
    """Counts verifications by outcome and gives each delivery's handler a span.

    Every receiver of `openwop-webhooks` gets one by itself, as the environment says.  One of your
    own takes its place for one receiver, with any adapter, or watches a verifier that is called by
    hand:

        verifier, handler = WebhookTracing(tracer_provider=mine).wrap(verifier, handler)
        app = Starlette(routes=[webhook_route("/hooks", verifier, handler)])

    Args:
        enabled: False leaves everything as it is; None asks the environment, as `Tracing` does.
        tracer_provider: Where spans go; the global one by default.
        meter_provider: Where metrics go; the global one by default.
        propagator: What reads the trace context of a delivery; the global one by default.

    Section: v1.md §18, §20.
    """

    def __init__(
        self,
        *,
        enabled: bool | None = None,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        propagator: TextMapPropagator | None = None,
    ) -> None:
        self.enabled = (not switched_off()) if enabled is None else enabled
        self._origins: WeakKeyDictionary[Any, SpanContext] = WeakKeyDictionary()
        self.use(
            tracer_provider=tracer_provider, meter_provider=meter_provider, propagator=propagator
        )
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
            propagator: What reads the trace context of a delivery.
        """
        ours = installed_version()
        self._tracer = trace.get_tracer(names.SCOPE, ours, tracer_provider)
        self._counter = webhook_counter(metrics.get_meter(names.SCOPE, ours, meter_provider))
        self._extract: Callable[[Mapping[str, str], Context], Context] = (
            propagate.extract if propagator is None else propagator.extract
        )

    def wrap(self, verifier: V, handler: H) -> tuple[V, H]:
        """Return *verifier* and *handler* with tracing around them, for any adapter to be given.

        Args:
            verifier: What tells authentic deliveries.
            handler: Called with each delivery, sync or async.
        """
        if not self.enabled:
            with suppress(TypeError):
                _left_alone.add(verifier)
            return verifier, handler
        return cast("V", _TracedVerifier(self, verifier)), self._handler(handler)

    # -- as the observer of a receiver ----------------------------------------------------------

    def refused(self, reason: str) -> None:
        """Count a request that a receiver refused.

        Args:
            reason: Why; a duplicate is refused too.
        """
        if self.enabled:
            self._count(reason)

    def challenged(self) -> None:
        """Count a challenge that a receiver answered."""
        if self.enabled:
            self._count("challenge")

    @contextmanager
    def handling(self, delivery: Any, headers: object) -> Generator[None]:
        """Surround the handler of a delivery that a receiver has claimed.

        Args:
            delivery: The delivery.
            headers: What it came with.
        """
        if not self.enabled:
            yield
            return
        self._count("accepted")
        span = self._start(delivery, self._origin(headers))
        try:
            with trace.use_span(span, record_exception=False, set_status_on_exception=False):
                yield
        except BaseException as error:
            _fail(span, error)
            raise
        span.end()

    # -- verification ---------------------------------------------------------------------------

    @contextmanager
    def judging(self, headers: object) -> Generator[Callable[[object], None]]:
        """Surround the verification of one request; counts how it ended.

        Args:
            headers: The headers, in any form that a verifier takes.

        Yields:
            A function to call with what the verifier returned.
        """
        found: list[object] = []
        try:
            yield found.append
        except Exception as error:
            self._count(str(getattr(error, "reason", "error")))
            raise
        for item in found:
            if hasattr(item, "answer"):
                self._count("challenge")
                continue
            self._count("accepted")
            origin = self._origin(headers)
            if origin is not None:
                self._origins[item] = origin

    def _count(self, outcome: str) -> None:
        try:
            self._counter.add(1, {names.WEBHOOK_OUTCOME: outcome})
        except Exception:  # noqa: BLE001  # telemetry must not fail what it observes
            _log.debug("a webhook verification could not be counted", exc_info=True)

    def _origin(self, headers: object) -> SpanContext | None:
        """Return the span that a delivery comes from, as its headers say."""
        try:
            carrier = _trace_headers(headers)
            if "traceparent" not in carrier:
                return None
            context = self._extract(carrier, Context())
            found = trace.get_current_span(context).get_span_context()
        except Exception:  # noqa: BLE001
            _log.debug("the trace context of a delivery could not be read", exc_info=True)
            return None
        return found if found.is_valid else None

    # -- handling -------------------------------------------------------------------------------

    def _handler(self, handler: H) -> H:
        call = getattr(handler, "__call__", None)  # noqa: B004  # the method, not whether it is there
        if inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(call):

            async def traced_async(delivery: Any) -> Any:
                return await self._rest(
                    self._start(delivery, self._origins.get(delivery)), handler(delivery)
                )

            return cast("H", traced_async)

        def traced(delivery: Any) -> Any:
            span = self._start(delivery, self._origins.get(delivery))
            try:
                with trace.use_span(span, record_exception=False, set_status_on_exception=False):
                    result = handler(delivery)
            except BaseException as error:
                _fail(span, error)
                raise
            if inspect.isawaitable(result):  # a router that met an async function
                return self._rest(span, result)
            span.end()
            return result

        return cast("H", traced)

    async def _rest(self, span: Span, awaitable: Awaitable[Any]) -> Any:
        """Finish a handler in its span."""
        try:
            with trace.use_span(span, record_exception=False, set_status_on_exception=False):
                result = await awaitable
        except BaseException as error:
            _fail(span, error)
            raise
        span.end()
        return result

    def _start(self, delivery: Any, origin: SpanContext | None) -> Span:
        """Start the span of a handler, below whatever the web framework has made current."""
        links = [Link(origin, {names.LINK_KIND: "webhook"})] if origin is not None else None
        return self._tracer.start_span(
            "openwop webhook.delivery",
            kind=SpanKind.CONSUMER,
            links=links,
            attributes=_delivery_attributes(delivery),
        )


class _TracedVerifier:
    """A verifier whose judgements are counted; everything else is the verifier's own."""

    def __init__(self, tracing: WebhookTracing, verifier: Any) -> None:
        self._tracing = tracing
        self._verifier = verifier

    def __getattr__(self, name: str) -> Any:
        return getattr(self._verifier, name)

    def __repr__(self) -> str:
        return repr(self._verifier)

    def authenticate(self, headers: object, body: bytes) -> Any:
        """Do what the verifier does, and count it."""
        with self._tracing.judging(headers) as found:
            result = self._verifier.authenticate(headers, body)
            found(result)
        return result

    def verify(self, headers: object, body: bytes) -> Any:
        """Do what the verifier does, and count it."""
        with self._tracing.judging(headers) as found:
            result = self._verifier.verify(headers, body)
            found(result)
        return result

    async def verify_async(self, headers: object, body: bytes) -> Any:
        """Do what the verifier does, and count it."""
        with self._tracing.judging(headers) as found:
            result = await self._verifier.verify_async(headers, body)
            found(result)
        return result


def _fail(span: Span, error: BaseException) -> None:
    """End the span of a handler that failed, or was cancelled."""
    kind = error_type(error)
    span.set_attribute(names.ERROR_TYPE, kind)
    if isinstance(error, Exception):
        span.set_status(Status(StatusCode.ERROR, kind))
    span.end()


def _trace_headers(headers: object) -> dict[str, str]:
    """Return the trace headers among *headers*, which may be a mapping or pairs, text or bytes."""
    items = getattr(headers, "items", None)
    pairs = items() if callable(items) else headers
    found: dict[str, str] = {}
    for name, value in cast("Iterable[tuple[Any, Any]]", pairs):
        key = _text(name).lower()
        if key in _WANTED and key not in found:
            text = _text(value)
            if len(text) <= _LONGEST:
                found[key] = text
    return found


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _delivery_attributes(delivery: Any) -> dict[str, str | int]:
    found: dict[str, str | int] = {}
    for name, attribute in (
        ("event_type", names.EVENT_TYPE),
        ("run_id", names.RUN_ID),
        ("subscription_id", names.SUBSCRIPTION_ID),
    ):
        try:
            text = names.bounded(getattr(delivery, name, None))
            if text:
                found[attribute] = text
        except Exception:  # noqa: BLE001  # what was signed may still be no delivery
            return found
    sequence = getattr(delivery, "sequence", None)
    if isinstance(sequence, int):
        found[names.EVENT_SEQ] = sequence
    return found
