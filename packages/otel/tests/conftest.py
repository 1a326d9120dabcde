"""What the tests of tracing share: a host in memory, and exporters that keep what they get."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import entry_points
from typing import Any, Self

import attrs
import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import openwop
from openwop.wire import OpenResponse, Request
from openwop_otel import Tracing, WebhookTracing
from openwop_testing import FakeHost, Workflow


@attrs.frozen
class Telemetry:
    """Where spans and metrics of one test go."""

    tracer_provider: TracerProvider
    meter_provider: MeterProvider
    exporter: InMemorySpanExporter
    reader: InMemoryMetricReader

    @property
    def spans(self) -> list[ReadableSpan]:
        """The spans that have ended, in that order."""
        return list(self.exporter.get_finished_spans())

    def named(self, name: str) -> list[ReadableSpan]:
        """The spans of one name."""
        return [span for span in self.spans if span.name == name]

    def the(self, name: str) -> ReadableSpan:
        """The one span of a name."""
        (span,) = self.named(name)
        return span

    def points(self, metric: str) -> list[Any]:
        """The data points of one metric."""
        data = self.reader.get_metrics_data()
        return [
            point
            for resource in (data.resource_metrics if data is not None else [])
            for scope in resource.scope_metrics
            for found in scope.metrics
            if found.name == metric
            for point in found.data.data_points
        ]

    def tracing(self, **options: Any) -> Tracing:
        """Return a plugin that sends everything here."""
        return Tracing(
            tracer_provider=self.tracer_provider, meter_provider=self.meter_provider, **options
        )


@pytest.fixture
def telemetry() -> Iterator[Telemetry]:
    exporter = InMemorySpanExporter()
    tracer_provider = TracerProvider(shutdown_on_exit=False)
    tracer_provider.add_span_processor(SimpleSpanProcessor(exporter))
    reader = InMemoryMetricReader()
    meter_provider = MeterProvider([reader], shutdown_on_exit=False)
    yield Telemetry(tracer_provider, meter_provider, exporter, reader)
    tracer_provider.shutdown()
    meter_provider.shutdown()


@pytest.fixture
def installed_receivers(
    telemetry: Telemetry, monkeypatch: pytest.MonkeyPatch
) -> Iterator[WebhookTracing]:
    """What every receiver of webhooks gets by itself, sending everything to this test."""
    from openwop_otel.receiver import tracing
    from openwop_webhooks import observers

    if not any(point.name == "otel" for point in entry_points(group=observers.GROUP)):
        pytest.skip("openwop-otel was installed before it watched receivers: install it again")
    monkeypatch.setattr(tracing, "enabled", True)
    tracing.use(tracer_provider=telemetry.tracer_provider, meter_provider=telemetry.meter_provider)
    yield tracing
    tracing.use()


@pytest.fixture
def host() -> FakeHost:
    return FakeHost(
        workflows=[
            Workflow("plain").node("a").node("b"),
            Workflow("asks").node("a").approval("gate").node("b"),
        ]
    )


@pytest.fixture
def client(host: FakeHost, telemetry: Telemetry) -> Iterator[openwop.Client]:
    with make_client(host, telemetry.tracing()) as client:
        yield client


def make_client(host: FakeHost, *plugins: object, **options: Any) -> openwop.Client:
    """Return a client of *host* with these plugins and no installed one."""
    options.setdefault("load_plugins", False)
    return openwop.Client(
        host.base_url,
        api_key=host.api_key,
        transport=host.transport(),
        plugins=list(plugins),
        **options,
    )


def make_async_client(host: FakeHost, *plugins: object, **options: Any) -> openwop.AsyncClient:
    """Return an async client of *host* with these plugins and no installed one."""
    options.setdefault("load_plugins", False)
    return openwop.AsyncClient(
        host.base_url,
        api_key=host.api_key,
        transport=host.async_transport(),
        plugins=list(plugins),
        **options,
    )


class ScriptedTransport:
    """Answers each request as a function says: status, JSON or chunks, and headers."""

    def __init__(self, answer: Callable[[Request], tuple[int, Any, dict[str, str]]]) -> None:
        self.answer = answer
        self.requests: list[Request] = []

    def send(self, request: Request) -> OpenResponse:
        self.requests.append(request)
        status, content, headers = self.answer(request)
        kind = "application/json" if isinstance(content, dict) else "text/event-stream"
        chunks = [json.dumps(content).encode()] if isinstance(content, dict) else content
        return OpenResponse(status, {"Content-Type": kind, **headers}, _Chunks(chunks))

    def close(self) -> None:
        """Nothing is open."""


class _Chunks:
    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def scripted(telemetry: Telemetry) -> Callable[..., openwop.Client]:
    """Make a client, forced to major 2, whose host is a function."""

    def make(answer: Any, *plugins: object, **options: Any) -> openwop.Client:
        return openwop.Client(
            "http://openwop.test",
            api_key="hk_test_openwop",
            transport=ScriptedTransport(answer),
            plugins=list(plugins) or [telemetry.tracing()],
            load_plugins=False,
            protocol=2,
            **options,
        )

    return make


@pytest.fixture
def new_client() -> Callable[..., openwop.Client]:
    return make_client


@pytest.fixture
def new_async_client() -> Callable[..., openwop.AsyncClient]:
    return make_async_client


class Collector:
    """An ordinary OTLP/HTTP receiver: decodes what is posted and keeps it.

    Attributes:
        url: Where exporters send to.
        spans: The spans, each with the name of the scope that made it.
        metrics: The metrics, likewise.
        failing: The status that is answered instead of taking anything.
    """

    def __init__(self) -> None:
        self.spans: list[tuple[str, Any]] = []
        self.metrics: list[tuple[str, Any]] = []
        self.failing = 0
        self.refused = 0
        self._lock = threading.Lock()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                status, answer = collector.take(self.path, body)
                self.send_response(status)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def take(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Take one export request; returns the status and the body to answer."""
        from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2
        from opentelemetry.proto.collector.trace.v1 import trace_service_pb2

        if self.failing:
            self.refused += 1
            return self.failing, b""
        if path == "/v1/traces":
            traces = trace_service_pb2.ExportTraceServiceRequest.FromString(body)
            with self._lock:
                self.spans += [
                    (scope.scope.name, span)
                    for resource in traces.resource_spans
                    for scope in resource.scope_spans
                    for span in scope.spans
                ]
            return 200, trace_service_pb2.ExportTraceServiceResponse().SerializeToString()
        if path == "/v1/metrics":
            measured = metrics_service_pb2.ExportMetricsServiceRequest.FromString(body)
            with self._lock:
                self.metrics += [
                    (scope.scope.name, metric)
                    for resource in measured.resource_metrics
                    for scope in resource.scope_metrics
                    for metric in scope.metrics
                ]
            return 200, metrics_service_pb2.ExportMetricsServiceResponse().SerializeToString()
        return 200, b""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as running:
        yield running
