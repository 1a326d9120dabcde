"""One call's span, from before its first attempt until its stream has been read or closed."""

from __future__ import annotations

from time import perf_counter
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import urlsplit

import attrs
from opentelemetry import context as otel_context
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode, set_span_in_context

from openwop.runtime import Call, SDKError
from openwop.wire import Request, Response, TransportError

from . import _facts, _names as names
from ._links import KINDS
from ._metrics import ClientInstruments, Key, key_of

if TYPE_CHECKING:
    from ._plugin import Tracing
    from ._render import RunRenderer

__all__ = ["CallSpan", "Place"]

_STARTS_RUN: Final = frozenset({"runs.create", "runs.fork"})
Outcome: TypeAlias = tuple[dict[str, str | int | bool], Key]
_DECIDES: Final = frozenset({"interrupts.resolve", "interrupts.resolve_by_token"})


def error_type(error: BaseException) -> str:
    """Return the class of an error under the name by which its users know it."""
    kind = type(error)
    if not isinstance(error, Exception):
        return "cancelled"
    package = kind.__module__.partition(".")[0]
    if isinstance(error, SDKError):  # the public name, whichever module the class stands in
        return f"{package}.{kind.__qualname__}"
    return kind.__qualname__ if package == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


@attrs.frozen
class Place:
    """What the calls of one operation to one host have in common.

    Attributes:
        name: The name of their spans.
        attributes: What their spans begin with.
        base: What their data points say: few things, for each one costs and multiplies.
        key: The same as the key of a sum.
        done: What data points say besides, of calls that ended well, by status.
    """

    name: str
    attributes: dict[str, str | int | bool]
    base: dict[str, str | int | bool]
    key: Key
    done: dict[int | None, Outcome] = attrs.field(factory=dict[int | None, "Outcome"])

    @classmethod
    def of(cls, service: str, operation: str, base_url: str, stream: bool) -> Place:
        """Return the place of an operation.

        Args:
            service: The service's name.
            operation: The dotted name of the operation.
            base_url: The origin of the host.
            stream: Whether the answer is read as a stream.
        """
        parts = urlsplit(base_url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
        base: dict[str, str | int | bool] = {
            names.OPERATION: operation,
            names.SERVER_ADDRESS: parts.hostname or "",
        }
        if service != "openwop":
            base[names.SERVICE] = service
        attributes = base.copy()
        if port is not None:
            attributes[names.SERVER_PORT] = port
        if stream:
            attributes[names.STREAM] = True
        return cls(f"{service} {operation}", attributes, base, key_of(base))


class CallSpan:
    """The context manager that surrounds one call; none of its failures reaches the call.

    Args:
        owner: The plugin.
        call: The call.
    """

    # Defaults of the class, because a call that goes well needs few of them set.
    span: Span
    instruments: ClientInstruments
    place: Place
    connected = False
    recording = False
    count = 0
    reconnects = 0
    first: object = None
    last: object = None
    first_after = 0.0
    started = 0.0
    previous = ""
    request: Request | None = None
    response: Response | None = None
    renderer: RunRenderer | None = None
    token: Any = None

    def __init__(self, owner: Tracing, call: Call) -> None:
        self.owner = owner
        self.call = call

    # -- begin ----------------------------------------------------------------------------------

    def __enter__(self) -> None:
        try:
            self._begin()
        except Exception:  # noqa: BLE001  # tracing must not fail what it traces
            self.owner.failed()

    def _begin(self) -> None:
        owner, call = self.owner, self.call
        place = self.place = owner.place(call)
        attributes = place.attributes.copy()
        links = self._describe_target(attributes) if call.path_params else None
        self.instruments = instruments = owner.instruments
        self.span = span = owner.tracer.start_span(
            place.name, None, SpanKind.CLIENT, attributes, links
        )
        self.token = otel_context.attach(set_span_in_context(span))
        self.recording = span.is_recording()
        if instruments.is_real:
            instruments.tally.begin(place.key)
        if owner.renders and call.operation == "runs.stream":
            from ._render import RunRenderer

            self.renderer = RunRenderer(owner.tracer, capture=owner.capture)
        self.started = perf_counter()

    def _describe_target(self, attributes: dict[str, str | int | bool]) -> list[Link] | None:
        """Say which run and node the call is about; returns the links to what started the run."""
        call = self.call
        links = None
        run_id = call.source_run_id or call.run_id
        if run_id is not None:
            kind = KINDS.get(call.operation)
            if kind is not None:
                links = self.owner.runs.link(call.base_url, run_id, kind)
            if call.operation == "runs.fork":
                attributes[names.REPLAY_SOURCE] = run_id
            else:
                attributes[names.RUN_ID] = run_id
        node_id = call.path_params.get("nodeId")
        if node_id is not None:
            attributes[names.NODE_ID] = node_id
        return links

    # -- on the way -----------------------------------------------------------------------------

    def sending(self, request: Request) -> None:
        """Note a request that is about to be sent."""
        self.request = request
        call = self.call
        if not (call.is_stream and self.recording):
            return
        # A stream that asks for the log by poll fills a gap while its connection is open, and else
        # does without one; the same poll again is nothing new.
        if call.path_template.endswith("/poll"):
            if self.previous == "stream":
                self.span.add_event(names.ON_GAP)
            elif self.previous != "poll":
                self.span.add_event(names.ON_POLL)
            self.previous = "poll"
        else:
            self.previous = ""

    def answered(self, response: Response) -> None:
        """Note the answer to an attempt."""
        self.response = response
        call = self.call
        if call.is_stream and 200 <= response.status_code < 300:
            self.connected = True
            if response.headers.get("content-type", "").startswith("text/event-stream"):
                self.previous = "stream"

    def retrying(self, outcome: Response | TransportError, attempt: int, delay: float) -> None:
        """Note that another attempt or connection follows."""
        instruments = self.instruments
        reason = _facts.reason_of(outcome)
        if self.connected:
            self.reconnects += 1
            if reason == "200":
                reason = "closed"
            instruments.reconnects.add(1, {**self.place.base, names.REASON: reason})
        else:
            instruments.retries.add(1, {**self.place.base, names.REASON: reason})
        if self.recording:
            self.span.add_event(
                names.ON_RECONNECT if self.connected else names.ON_RETRY,
                {names.REASON: reason, names.RETRY_ATTEMPT: attempt, names.DELAY: delay},
            )

    def received(self, event: Any) -> None:
        """Note an item of the stream; only called where somebody asked for it."""
        if not self.count:
            self.first = event
            self.first_after = perf_counter() - self.started
        self.count += 1
        self.last = event
        if self.renderer is not None:
            self.renderer.feed(event)
        if self.recording and self.owner.events:
            self.span.add_event(names.ON_EVENT, self._event_attributes(event))

    def _event_attributes(self, event: Any) -> dict[str, str | int]:
        found: dict[str, str | int] = {}
        for name, attribute in (("type", names.EVENT_TYPE), ("node_id", names.NODE_ID)):
            text = names.bounded(getattr(event, name, None))
            if text is not None:
                found[attribute] = text
        sequence = getattr(event, "sequence", None)
        if isinstance(sequence, int):
            found[names.EVENT_SEQ] = sequence
        if self.owner.capture is not None:
            shown = self.owner.capture.value(getattr(event, "raw_payload", None))
            if shown is not None:
                found[names.PAYLOAD] = shown
        return found

    # -- end ------------------------------------------------------------------------------------

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.token is None:
            return
        try:
            # The reader's own exception, raised in its loop body, is no failure of the stream.
            own = error is not None and self.call.is_stream and isinstance(error, Exception)
            if own and not isinstance(error, (SDKError, TransportError)):
                error = None
            self._finish(error)
        except Exception:  # noqa: BLE001
            self.owner.failed()
        finally:
            otel_context.detach(self.token)
            self.token = None
            del self.call  # the call holds this: a cycle would leave both to the collector

    def _finish(self, error: BaseException | None) -> None:
        elapsed = perf_counter() - self.started
        if self.call.is_stream:
            self._take_received()
            if self.renderer is not None:
                self.renderer.close()
        try:
            if self.recording:
                self._describe(error)
        finally:
            # In the span's own context, so that exemplars find it.
            self.span.end()
            self._measure(elapsed, error)

    def _take_received(self) -> None:
        """Take what the stream itself counted, where no hook of ours saw each event."""
        counted: Any = getattr(self.call, "received", None)
        if counted is not None and not self.count and counted.count:
            self.count = counted.count
            self.first, self.last = counted.first, counted.last
            self.first_after = counted.first_after

    def _describe(self, error: BaseException | None) -> None:
        call, span, request, response = self.call, self.span, self.request, self.response
        found: dict[str, Any] = {}
        if call.variant:
            found[names.PROTOCOL_VERSION] = call.variant
        if request is not None:
            found[names.HTTP_METHOD] = request.method
            # Without the query, which may hold what a caller put there; user info is gone already.
            found[names.URL_FULL] = request.shown_url.partition("?")[0]
        if call.path_template:
            found[names.URL_TEMPLATE] = call.path_template
        if call.attempt > 1:
            found[names.HTTP_RESEND_COUNT] = call.attempt - 1
        if response is not None:
            found[names.HTTP_STATUS] = response.status_code
            # Asked with `in` first: a missing header is the usual case, and `get` is slow to miss.
            headers = response.headers
            if "idempotent-replayed" in headers:
                found[names.REPLAYED] = headers["idempotent-replayed"].lower() == "true"
            if "traceparent" in headers:
                self._note_host(response, found)
        if call.is_stream:
            if self.count or self.owner.counts_events:
                found[names.EVENT_COUNT] = self.count
            if self.reconnects:
                found[names.RECONNECTS] = self.reconnects
        self._describe_run(error, found)
        if self.owner.capture is not None:
            self._show_content(found)
        if error is not None:
            self._describe_error(error, found)
        span.set_attributes(found)

    def _note_host(self, response: Response, found: dict[str, Any]) -> None:
        """Note the span in which the host did its part, and link it where it is another trace's."""
        host = _facts.host_context(response)
        if host is None:
            return
        found[names.HOST_TRACE_ID] = format(host.trace_id, "032x")
        found[names.HOST_SPAN_ID] = format(host.span_id, "016x")
        if host.trace_id != self.span.get_span_context().trace_id:
            self.span.add_link(host, {names.LINK_KIND: "host"})

    def _describe_run(self, error: BaseException | None, found: dict[str, Any]) -> None:
        call, request = self.call, self.request
        body = request.body if request is not None else None
        if call.operation == "runs.create":
            workflow = _facts.workflow_of(body)
            if workflow is not None:
                found[names.WORKFLOW_ID] = workflow
        elif call.operation == "runs.fork":
            found.update(_facts.fork_attributes(body))
        elif call.operation in _DECIDES:
            self._note_decision(body, error)
        if call.operation in _STARTS_RUN and error is None and self.response is not None:
            run_id = _facts.created_run(self.response.body)
            if run_id is not None:
                found[names.RUN_ID] = run_id
                context = self.span.get_span_context()
                self.owner.runs.remember(call.base_url, run_id, context)

    def _note_decision(self, body: bytes | None, error: BaseException | None) -> None:
        attributes = {names.DECISION_OUTCOME: "accepted" if error is None else _lost(error)}
        action = _facts.action_of(body)
        if action is not None:
            attributes[names.DECISION_ACTION] = action
        node_id = self.call.path_params.get("nodeId")
        if node_id is not None:
            attributes[names.NODE_ID] = node_id
        self.span.add_event(names.ON_DECISION, attributes)

    def _show_content(self, found: dict[str, Any]) -> None:
        capture = self.owner.capture
        assert capture is not None
        if self.request is not None:
            shown = capture.body(self.request.body)
            if shown is not None:
                found[names.REQUEST_BODY] = shown
        if self.response is not None:
            shown = capture.body(self.response.body)
            if shown is not None:
                found[names.RESPONSE_BODY] = shown

    def _describe_error(self, error: BaseException, found: dict[str, Any]) -> None:
        kind = error_type(error)
        found[names.ERROR_TYPE] = kind
        if not isinstance(error, Exception):
            found[names.CANCELLED] = True
            return
        code = names.bounded(getattr(error, "code", None))
        if code:
            found[names.ERROR_CODE] = code
        trace_id = getattr(error, "trace_id", None)
        if trace_id and names.HOST_TRACE_ID not in found:
            found[names.HOST_TRACE_ID] = str(trace_id)
        # The message may quote what the host wrote about the inputs, so it counts as content.
        event = {names.EXCEPTION_TYPE: kind}
        if self.owner.capture is not None:
            event[names.EXCEPTION_MESSAGE] = self.owner.capture.text(str(error))
        self.span.add_event("exception", event)
        self.span.set_status(Status(StatusCode.ERROR, f"{kind}: {code}" if code else kind))

    def _measure(self, elapsed: float, error: BaseException | None) -> None:
        call, instruments, base = self.call, self.instruments, self.place.base
        if not instruments.is_real:
            return
        status = None if self.response is None else self.response.status_code
        found = self.place.done.get(status) if error is None else None
        if found is None:
            found = self._outcome(status, error)
        instruments.duration.record(elapsed, found[0])
        instruments.tally.end(self.place.key, found[1], call.attempt)
        if self.count:
            instruments.events.add(self.count, base)
            instruments.first_event.record(self.first_after, base)
            run = _facts.run_seconds(self.first, self.last)
            if run is not None:
                instruments.run.record(run[0], {**base, names.RUN_OUTCOME: run[1]})

    def _outcome(self, status: int | None, error: BaseException | None) -> Outcome:
        """Return how the call ended, as attributes; remembered where it ended well."""
        full = self.place.base.copy()
        if self.call.is_stream:
            full[names.STREAM] = True
        if status is not None:
            full[names.HTTP_STATUS] = status
        if error is None:
            found = self.place.done[status] = (full, key_of(full))
            return found
        full[names.ERROR_TYPE] = error_type(error)
        code = getattr(error, "code", None)
        if self.owner.is_known_code(code):
            full[names.ERROR_CODE] = str(code)
        return full, key_of(full)


def _lost(error: BaseException) -> str:
    """Return what came of a decision that was not accepted."""
    if not isinstance(error, Exception):
        return "cancelled"
    return {
        "InterruptAlreadyResolvedError": "already_resolved",
        "InterruptExpiredError": "expired",
    }.get(type(error).__name__, "refused" if hasattr(error, "status_code") else "unknown")
