"""Draw the picture of `docs/tracing.md`: a real trace, from exported spans, as a waterfall.

    python packages/otel/tests/programs/waterfall.py docs/images/tracing-waterfall.svg

It serves the fake host on a port, runs a workflow against it that a human has to approve, lets the
first request fail and the stream break, and draws what the exporter was given.  With `--otlp URL`
a viewer gets the same trace; `docs/images/tracing-viewer.png` was made so.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult

import openwop
from openwop_otel import Tracing
from openwop_testing import FakeHost, Workflow

WIDTH, LABELS, ROW, TOP = 1180, 400, 26, 66
COLOURS = {"CLIENT": "#2f6db3", "INTERNAL": "#4d9a62", "CONSUMER": "#a35fb0"}
MARKS = {"openwop.retry": "#d98200", "openwop.stream.reconnect": "#d98200"}


class Lines(SpanExporter):
    """Keeps spans as the JSON lines that an exporter to a file would write."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.lines += [span.to_json(indent=None) for span in spans]
        return SpanExportResult.SUCCESS


def record(*others: SpanExporter) -> list[str]:
    """Run the workflow and return its trace, one JSON document per span.

    Args:
        others: What else is given the trace.
    """
    exporter = Lines()
    provider = TracerProvider(resource=Resource.create({"service.name": "releases"}))
    for each in (exporter, *others):
        provider.add_span_processor(SimpleSpanProcessor(each))
    host = FakeHost(
        start=time.time(),
        workflows=[
            Workflow("release")
            .delay("build", 0.4)
            .approval("gate", title="Ship it?")
            .delay("ship", 0.3)
        ],
    )
    host.faults.fail("createRun", status=503, times=1, retry_after=0)
    host.faults.cut(after=4)
    tracing = Tracing(enabled=True, tracer_provider=provider, render_runs=True)
    tracer = provider.get_tracer("program")
    with (
        host.serve() as url,
        openwop.Client(url, api_key=host.api_key, plugins=[tracing], load_plugins=False) as client,
        tracer.start_as_current_span("release 7.2"),
    ):
        # The host's clock began when the host was made; serving it took a moment since.
        host.clock.advance(max(0.0, time.time() - host.clock.now()))
        run = client.runs.start("release")
        with run.events(mode="debug") as events:
            for event in events:
                if event.type == "interrupt.requested":
                    with tracer.start_as_current_span("ask a human"):
                        run.approve("gate")
    provider.shutdown()
    return exporter.lines


def seconds(timestamp: str) -> float:
    """Return a timestamp of an exported span in seconds."""
    return datetime.fromisoformat(timestamp).timestamp()


def ordered(spans: list[dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """Return spans as a tree is read, each with its depth."""
    known = {span["context"]["span_id"] for span in spans}
    below: dict[str | None, list[dict[str, Any]]] = {}
    for span in sorted(spans, key=lambda item: item["start_time"]):
        parent = span["parent_id"] if span["parent_id"] in known else None
        below.setdefault(parent, []).append(span)
    found: list[tuple[int, dict[str, Any]]] = []

    def visit(parent: str | None, depth: int) -> None:
        for span in below.get(parent, []):
            found.append((depth, span))
            visit(span["context"]["span_id"], depth + 1)

    visit(None, 0)
    return found


def draw(lines: list[str]) -> str:
    """Return the waterfall of exported spans as SVG.

    Args:
        lines: The spans, one JSON document each.
    """
    spans = [json.loads(line) for line in lines]
    rows = ordered(spans)
    begin = min(seconds(span["start_time"]) for span in spans)
    end = max(seconds(span["end_time"]) for span in spans)
    scale = (WIDTH - LABELS - 90) / max(end - begin, 1e-6)
    height = TOP + ROW * len(rows) + 20
    title = f"{rows[0][1]['name']}: {len(rows)} spans in {end - begin:.2f} s"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"',
        f'  width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="13">',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="16" y="26" font-size="15" font-weight="bold">{escape(title)}</text>',
    ]
    for tick in range(5):
        x = LABELS + (end - begin) * scale * tick / 4
        parts.append(
            f'<line x1="{x:.1f}" y1="{TOP - 14}" x2="{x:.1f}" y2="{height - 12}" stroke="#e3e3e3"/>'
            f'<text x="{x + 3:.1f}" y="{TOP - 18}" fill="#777777" font-size="11">'
            f"{(end - begin) * tick / 4 * 1000:.0f} ms</text>"
        )
    for number, (depth, span) in enumerate(rows):
        parts += row(span, depth, TOP + number * ROW, begin, scale)
    return "\n".join([*parts, "</svg>", ""])


def row(span: dict[str, Any], depth: int, y: int, begin: float, scale: float) -> list[str]:
    """Return one line of the waterfall: a label, a bar, and a mark for each retry or reconnect."""
    start, stop = seconds(span["start_time"]), seconds(span["end_time"])
    x, width = LABELS + (start - begin) * scale, max((stop - start) * scale, 2)
    kind = span["kind"].removeprefix("SpanKind.")
    ours = span["name"].startswith("openwop")
    colour = COLOURS.get(kind, "#777777") if ours else "#777777"
    took = f"{(stop - start) * 1000:.0f} ms"
    node = span["attributes"].get("openwop.node_id")
    label = f"{span['name']} ({node})" if node and kind == "INTERNAL" else span["name"]
    parts = [
        f'<text x="{16 + depth * 18}" y="{y + 13}">{escape(label)}</text>',
        f'<rect x="{x:.1f}" y="{y + 2}" width="{width:.1f}" height="14" rx="2" fill="{colour}"/>',
        f'<text x="{x + width + 5:.1f}" y="{y + 13}" fill="#555555" font-size="11">{took}</text>',
    ]
    for event in span["events"]:
        mark = MARKS.get(event["name"])
        if mark is not None:
            at = LABELS + (seconds(event["timestamp"]) - begin) * scale
            reason = event["attributes"].get("openwop.retry.reason", "")
            parts.append(
                f'<path d="M {at:.1f} {y} l 5 9 l -5 9 l -5 -9 z" fill="{mark}">'
                f"<title>{escape(event['name'])}: {escape(str(reason))}</title></path>"
            )
    return parts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=Path, help="the SVG file to write")
    parser.add_argument("--otlp", help="a collector to send the trace to: its address for traces")
    arguments = parser.parse_args()
    others: list[SpanExporter] = []
    if arguments.otlp:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        others = [OTLPSpanExporter(arguments.otlp)]
    arguments.output.write_text(draw(record(*others)), encoding="utf-8")


if __name__ == "__main__":
    main()
