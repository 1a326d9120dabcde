from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import openwop
from openwop_otel import Tracing

spans = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(spans))

with openwop.Client(plugins=[Tracing(tracer_provider=provider)]) as client:
    run = client.runs.start("tag-photo", inputs={"photo": "cat.jpg"})
    run.result(timeout=30)

for span in spans.get_finished_spans():
    print(span.name)

# prints
# openwop runs.create
# openwop runs.get
# openwop runs.poll_events
