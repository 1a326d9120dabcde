"""Trace a run into a collector on this machine, over OTLP, and print what the collector got.

The collector here is forty lines; any other takes its place through `OTEL_EXPORTER_OTLP_ENDPOINT`.
Needs `openwop[otel]`, opentelemetry-sdk and opentelemetry-exporter-otlp-proto-http.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

import openwop
from openwop_otel import Tracing


class Collector(ThreadingHTTPServer):
    """Takes spans over OTLP/HTTP and keeps them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.spans: list[Span] = []

    @property
    def url(self) -> str:
        """Where exporters send to."""
        return f"http://127.0.0.1:{self.server_port}/v1/traces"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = ExportTraceServiceRequest.FromString(body)
        collector = cast("Collector", self.server)
        for resource in request.resource_spans:
            for scope in resource.scope_spans:
                collector.spans.extend(scope.spans)
        self.send_response(200)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as inherited
        """Stay quiet."""


@contextmanager
def collecting() -> Generator[Collector]:
    """Run a collector for the time of a `with` block."""
    collector = Collector()
    thread = threading.Thread(target=collector.serve_forever, daemon=True)
    thread.start()
    try:
        yield collector
    finally:
        collector.shutdown()
        collector.server_close()
        thread.join()


def show(spans: list[Span], parent: bytes = b"", depth: int = 0) -> None:
    """Print spans below each other, in the order in which they began."""
    for span in sorted(spans, key=lambda span: span.start_time_unix_nano):
        if span.parent_span_id == parent:
            print("  " * depth + span.name, *(f"[{event.name}]" for event in span.events))
            show(spans, span.span_id, depth + 1)


def main() -> None:
    with collecting() as collector:
        endpoint = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT")
        provider = TracerProvider()
        exporter = OTLPSpanExporter() if endpoint else OTLPSpanExporter(collector.url)
        provider.add_span_processor(BatchSpanProcessor(exporter))
        tracer: trace.Tracer = provider.get_tracer("tracing-example")

        tracing = Tracing(tracer_provider=provider, render_runs=True)
        with openwop.Client(plugins=[tracing]) as client, tracer.start_as_current_span("release"):
            run = client.runs.start("publish-notes", inputs={"notes": "Faster, and in blue."})
            with run.events("debug") as events:
                for event in events:
                    if event.type == "interrupt.requested":
                        run.approve()
        provider.shutdown()
        show(collector.spans)


if __name__ == "__main__":
    main()
