"""A run's events drawn as spans."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, strategies as st
from opentelemetry.trace import StatusCode

import openwop
from openwop.events import UnknownEvent
from openwop_otel import RunRenderer
from openwop_otel._genai import usage_attributes

SECOND = 1_000_000_000


def event(at: float, kind: str, /, **payload: Any) -> Any:
    """Return an event *at* seconds after the start of 2026."""
    raw = {
        "runId": "r",
        "type": kind,
        "timestamp": f"2026-01-01T00:{int(at) // 60:02d}:{at % 60:06.3f}Z",
        "payload": payload,
    }
    made = UnknownEvent(
        raw, type=kind, run_id="r", timestamp=raw["timestamp"], node_id=payload.get("nodeId")
    )
    return _Terminal(made) if kind in {"run.completed", "run.failed"} else made


class _Terminal:
    """An event that is the last of its log."""

    TERMINAL = True

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def render(telemetry: Any, *events: Any, **options: Any) -> list[Any]:
    renderer = RunRenderer(telemetry.tracer_provider.get_tracer("test"), **options)
    for item in events:
        renderer.feed(item)
    renderer.close()
    return telemetry.spans


def seconds(span: Any) -> float:
    return (span.end_time - span.start_time) / SECOND


def test_a_run_becomes_a_span_with_its_nodes_below_it_by_the_hosts_clock(telemetry: Any) -> None:
    render(
        telemetry,
        event(0, "run.started", workflowId="w"),
        event(1, "node.started", nodeId="a", typeId="core.llm", attempt=0),
        event(3, "node.completed", nodeId="a"),
        event(4, "run.completed"),
    )

    run, node = telemetry.the("openwop.run"), telemetry.the("openwop.node.core.llm")
    assert (4.0, 2.0) == (seconds(run), seconds(node))
    assert run.get_span_context().span_id == node.parent.span_id
    assert {
        "openwop.run_id": "r",
        "openwop.workflow_id": "w",
        "openwop.run.outcome": "run.completed",
    } == dict(run.attributes)
    assert {
        "openwop.node_id": "a",
        "openwop.node_type": "core.llm",
        "openwop.node_attempt": 0,
    } == dict(node.attributes)


def test_a_node_that_is_retried_has_a_span_for_each_attempt(telemetry: Any) -> None:
    render(
        telemetry,
        event(0, "run.started"),
        event(1, "node.started", nodeId="a", typeId="t"),
        event(2, "node.retried", nodeId="a", attempt=1, delayMs=500, lastError={"code": "flaky"}),
        event(4, "node.failed", nodeId="a", error={"code": "broken"}),
        event(5, "run.failed", error={"code": "node_failed", "message": "secret inputs"}),
    )

    first, second = telemetry.named("openwop.node.t.attempt")
    assert (1.0, 1.5) == (seconds(first), seconds(second))
    assert [0, 1] == [span.attributes["openwop.node_attempt"] for span in (first, second)]
    node = telemetry.the("openwop.node.t")
    assert {node.get_span_context().span_id} == {first.parent.span_id, second.parent.span_id}
    assert ["flaky", "broken", "broken"] == [
        span.attributes["error.type"] for span in (first, second, node)
    ]
    run = telemetry.the("openwop.run")
    assert (StatusCode.ERROR, "node_failed") == (run.status.status_code, run.status.description)
    assert "secret" not in run.to_json()


def test_an_interrupt_is_one_span_from_the_suspension_to_the_answer(telemetry: Any) -> None:
    render(
        telemetry,
        event(0, "run.started"),
        event(0, "node.started", nodeId="g", typeId="gate"),
        event(1, "node.suspended", nodeId="g", interruptId="i", kind="approval"),
        event(1, "interrupt.requested", nodeId="g", kind="approval"),
        event(9, "interrupt.resolved", nodeId="g", interruptId="i"),
        event(9, "node.resumed", nodeId="g"),
        event(10, "node.completed", nodeId="g"),
        event(10, "run.completed"),
    )

    span = telemetry.the("openwop.interrupt")
    assert 8.0 == seconds(span)
    assert telemetry.the("openwop.node.gate").get_span_context().span_id == span.parent.span_id
    assert {
        "openwop.interrupt_id": "i",
        "openwop.interrupt_kind": "approval",
        "openwop.node_id": "g",
    } == dict(span.attributes)


def test_without_the_start_of_a_node_its_duration_tells_when_it_began(telemetry: Any) -> None:
    render(
        telemetry,
        event(0, "run.started"),
        event(9, "node.completed", nodeId="a", durationMs=4000),
        event(10, "run.completed"),
    )

    assert 4.0 == seconds(telemetry.the("openwop.node"))


def test_the_use_of_models_lands_on_the_node_and_adds_up(telemetry: Any) -> None:
    usage = {"provider": "acme", "model": "m-1", "inputTokens": 10, "outputTokens": 2}
    render(
        telemetry,
        event(0, "run.started"),
        event(0, "node.started", nodeId="a", typeId="t"),
        event(1, "provider.usage", nodeId="a", **usage, costEstimateUsd=0.5, currency="USD"),
        event(2, "provider.usage", nodeId="a", **usage, totalTokens=12),
        event(3, "node.completed", nodeId="a"),
    )

    assert {
        "gen_ai.provider.name": "acme",
        "gen_ai.request.model": "m-1",
        "gen_ai.usage.input_tokens": 20,
        "gen_ai.usage.output_tokens": 4,
        "openwop.cost.provider": "acme",
        "openwop.cost.tokens.input": 20,
        "openwop.cost.tokens.output": 4,
        "openwop.cost.tokens.total": 12,
        "openwop.cost.usd": 0.5,
        "openwop.cost.currency": "USD",
        "openwop.cost.estimated": True,
        "openwop.node_id": "a",
        "openwop.node_type": "t",
    } == dict(telemetry.the("openwop.node.t").attributes)


def test_usage_of_the_wrong_type_is_left_out() -> None:
    assert {} == usage_attributes({"inputTokens": "7", "model": 3, "outputTokens": True})


def test_a_cap_that_is_reached_is_an_event_of_the_run(telemetry: Any) -> None:
    render(
        telemetry,
        event(0, "run.started"),
        event(1, "cap.breached", kind="run-duration", limit=10, observed=11),
        event(1, "run.failed", error={"code": "cap_exceeded"}),
    )

    (found,) = telemetry.the("openwop.run").events
    assert "cap.breached" == found.name
    assert {
        "openwop.cap_kind": "run-duration",
        "openwop.cap_limit": 10,
        "openwop.cap_observed": 11,
    } == dict(found.attributes)


def test_what_is_open_when_the_stream_ends_is_ended_at_the_last_event(telemetry: Any) -> None:
    render(
        telemetry,
        event(0, "run.started"),
        event(1, "node.started", nodeId="a", typeId="t"),
        event(2, "node.retried", nodeId="a", attempt=1),
        event(3, "node.suspended", nodeId="a", kind="approval"),
    )

    assert {"openwop.run", "openwop.node.t", "openwop.node.t.attempt", "openwop.interrupt"} == {
        span.name for span in telemetry.spans
    }
    assert 3.0 == seconds(telemetry.the("openwop.run"))


KINDS = st.sampled_from(
    [
        *("run.started", "node.started", "node.completed", "node.failed", "node.retried"),
        *("node.suspended", "node.resumed", "interrupt.requested", "interrupt.resolved"),
        *("node.skipped", "provider.usage", "cap.breached", "run.completed", "new.kind"),
    ]
)
ODD = (
    st.none()
    | st.integers()
    | st.text(max_size=3)
    | st.dictionaries(st.text(), st.none(), max_size=1)
)


@given(
    steps=st.lists(
        st.tuples(
            KINDS,
            st.sampled_from(["a", "b"]),
            st.dictionaries(
                st.sampled_from(["attempt", "delayMs", "durationMs", "error", "kind", "typeId"]),
                ODD,
            ),
        ),
        max_size=12,
    )
)
def test_whatever_a_host_sends_every_span_is_ended_and_none_ends_before_it_began(
    steps: list[tuple[str, str, dict[str, Any]]],
) -> None:
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

    open_spans: set[int] = set()
    durations: list[int] = []

    class Watch(SpanProcessor):
        def on_start(self, span: Any, parent_context: Any = None) -> None:
            open_spans.add(span.get_span_context().span_id)

        def on_end(self, span: Any) -> None:
            open_spans.remove(span.get_span_context().span_id)
            durations.append(span.end_time - span.start_time)

    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(Watch())
    renderer = RunRenderer(provider.get_tracer("test"))

    for number, (kind, node, payload) in enumerate(steps):
        renderer.feed(event(number, kind, **{"nodeId": node, **payload}))
    renderer.close()

    assert set() == open_spans
    assert all(duration >= 0 for duration in durations)


def test_a_stream_is_drawn_below_its_own_span_when_asked_for(
    new_client: Any, telemetry: Any, host: Any
) -> None:
    with new_client(host, telemetry.tracing(render_runs=True)) as client:
        run = client.runs.start("asks")
        run.wait()
        run.approve()
        with run.events(mode="debug") as events:
            list(events)

    drawn, stream = telemetry.the("openwop.run"), telemetry.the("openwop runs.stream")
    assert stream.get_span_context().span_id == drawn.parent.span_id
    assert stream.get_span_context().trace_id == drawn.get_span_context().trace_id
    below = [
        span.name
        for span in telemetry.spans
        if span.parent and span.parent.span_id == drawn.get_span_context().span_id
    ]
    assert 3 == len(below)
    assert "openwop.node.core.approvalGate" in below
    assert "approval" == telemetry.the("openwop.interrupt").attributes["openwop.interrupt_kind"]


@pytest.mark.parametrize("captures", [True, False])
def test_payloads_are_drawn_only_when_content_is_asked_for(
    new_client: Any, telemetry: Any, host: Any, captures: bool
) -> None:
    tracing = telemetry.tracing(render_runs=True, capture_content=captures)
    with new_client(host, tracing) as client:
        run: openwop.RunHandle = client.runs.start("plain", inputs={"name": "Ada"})
        with run.events() as events:
            list(events)

    assert captures == ("Ada" in telemetry.the("openwop.run").to_json())
