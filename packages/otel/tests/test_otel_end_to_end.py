"""Parenting over real sockets, and life beside other instrumentations."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from opentelemetry import trace
from opentelemetry.trace import SpanKind

import openwop
from openwop_otel import Tracing
from openwop_testing import FakeHost, Workflow
from openwop_webhooks import Delivery, Verifier, make_secret
from openwop_webhooks.adapters.wsgi import WSGIEndpoint
from openwop_webhooks.dispatch import EgressGuard


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def served(app: Any) -> Iterator[int]:
    """Serve a WSGI application; gives its port."""
    with make_server("127.0.0.1", 0, app, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def test_a_users_span_leads_to_the_host_and_back_into_the_handler_of_its_webhook(
    telemetry: Any, installed_receivers: Any
) -> None:
    secret = make_secret()
    inside: list[tuple[str | None, Any]] = []
    done = threading.Event()

    def handle(delivery: Delivery) -> None:
        inside.append((delivery.run_id, trace.get_current_span().get_span_context()))
        done.set()

    tracer = telemetry.tracer_provider.get_tracer("mine")
    host = FakeHost(
        start=time.time(),
        workflows=[Workflow("plain").node("a")],
        egress=EgressGuard(allow_http=True, allow_private=True),
    )
    endpoint = WSGIEndpoint(Verifier(secret), handle)  # nothing is wrapped: installed is enough
    carried: list[str] = []

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        carried.append(environ["HTTP_TRACEPARENT"])
        return endpoint(environ, start_response)

    with host.serve() as url, served(app) as port:
        # The host's clock began when the host was made; serving it took a moment since.
        host.clock.advance(max(0.0, time.time() - host.clock.now()))
        plugins = [telemetry.tracing()]
        with openwop.Client(
            url, api_key=host.api_key, plugins=plugins, load_plugins=False
        ) as client:
            client.webhooks.register(
                url=f"http://127.0.0.1:{port}/hooks", events=["run.completed"], secret=secret
            )
            with tracer.start_as_current_span("order") as order:
                run = client.runs.start("plain")
            run.wait(timeout=30)
            assert done.wait(30)
    endpoint.receiver.close()

    mine = order.get_span_context()
    call = telemetry.the("openwop runs.create")
    assert (mine.trace_id, mine.span_id) == (call.get_span_context().trace_id, call.parent.span_id)
    trace_id, span_id = host.calls.of("createRun")[0].headers["traceparent"].split("-")[1:3]
    assert (mine.trace_id, call.get_span_context().span_id) == (int(trace_id, 16), int(span_id, 16))
    assert [[trace_id, span_id]] == [given.split("-")[1:3] for given in carried]
    span = telemetry.the("openwop webhook.delivery")
    assert [(run.id, span.get_span_context())] == inside
    (link,) = span.links
    assert (int(trace_id, 16), int(span_id, 16)) == (link.context.trace_id, link.context.span_id)
    assert mine.trace_id != span.get_span_context().trace_id


@pytest.fixture
def httpx_instrumented(telemetry: Any) -> Iterator[None]:
    found = pytest.importorskip("opentelemetry.instrumentation.httpx")
    instrumentor = found.HTTPXClientInstrumentor()
    instrumentor.instrument(
        tracer_provider=telemetry.tracer_provider, meter_provider=telemetry.meter_provider
    )
    yield
    instrumentor.uninstrument()


@pytest.mark.usefixtures("httpx_instrumented")
def test_beside_the_http_librarys_instrumentation_each_attempt_is_below_its_call(
    telemetry: Any, host: Any
) -> None:
    host.faults.fail("createRun", status=503, times=1, retry_after=0)

    with host.serve() as url:
        client = openwop.Client(
            url, api_key=host.api_key, plugins=[telemetry.tracing()], load_plugins=False
        )
        with client:
            client.runs.create(workflow_id="plain")

    call = telemetry.the("openwop runs.create").get_span_context()
    attempts = [span for span in telemetry.spans if span.name != "openwop runs.create"]
    assert {call.span_id} == {span.parent.span_id for span in attempts}
    # The host continues from the attempt, whose header replaced ours and did not join it.
    told = [recorded.headers["traceparent"].split("-")[2] for recorded in host.calls]
    assert told == [format(span.get_span_context().span_id, "016x") for span in attempts]
    assert 3 == len(attempts)  # discovery, the 503, and the answer
    names = {
        metric.name
        for scope in telemetry.reader.get_metrics_data().resource_metrics[0].scope_metrics
        if scope.scope.name == "openwop_otel"
        for metric in scope.metrics
    }
    assert all(name.startswith("openwop.client.") for name in names)


def test_the_instrumentor_and_the_installed_plugin_are_one(telemetry: Any, host: Any) -> None:
    pytest.importorskip("opentelemetry.instrumentation.instrumentor")
    from openwop_otel.instrumentor import OpenWOPInstrumentor
    from openwop_otel.plugin import plugin

    assert isinstance(plugin, Tracing)
    instrumentor = OpenWOPInstrumentor()
    instrumentor.instrument(
        tracer_provider=telemetry.tracer_provider, meter_provider=telemetry.meter_provider
    )
    try:
        with openwop.Client(
            host.base_url, api_key=host.api_key, transport=host.transport()
        ) as client:
            client.runs.create(workflow_id="plain")
            assert SpanKind.CLIENT is telemetry.the("openwop runs.create").kind
            instrumentor.uninstrument()
            client.runs.create(workflow_id="plain")
            assert 1 == len(telemetry.spans)
    finally:
        if instrumentor.is_instrumented_by_opentelemetry:
            instrumentor.uninstrument()
        plugin.use()
        plugin.enabled = True


def test_the_launcher_is_told_what_is_instrumented() -> None:
    pytest.importorskip("opentelemetry.instrumentation.instrumentor")
    from importlib.metadata import entry_points

    (entry,) = [e for e in entry_points(group="opentelemetry_instrumentor") if e.name == "openwop"]

    assert ("openwop >= 0.1",) == tuple(entry.load()().instrumentation_dependencies())


def test_the_entry_point_of_openwop_names_the_plugin_that_the_instrumentor_turns() -> None:
    from importlib.metadata import entry_points

    (entry,) = [e for e in entry_points(group="openwop") if e.name == "otel"]
    from openwop_otel.plugin import plugin

    assert plugin is entry.load()
