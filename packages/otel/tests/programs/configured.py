"""The same with an SDK that the program sets up itself, and a span of its own around it all."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

tracer_provider = TracerProvider()
tracer_provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(tracer_provider)
metrics.set_meter_provider(MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())]))

with trace.get_tracer("program").start_as_current_span("order"):
    runpy.run_path(str(Path(__file__).with_name("plain.py")), run_name="__main__")

tracer_provider.shutdown()
metrics.get_meter_provider().shutdown()  # type: ignore[attr-defined]
sys.stdout.flush()
