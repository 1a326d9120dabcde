"""Spans of streams: they last until the stream has been read, and never enter the loop body."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.trace import StatusCode

import openwop
from openwop.runtime import Call

counts_by_itself = pytest.mark.skipif(
    not hasattr(Call, "received"), reason="this core's streams do not count what they hand out"
)


def test_a_streams_span_lasts_until_its_last_event(client: openwop.Client, telemetry: Any) -> None:
    run = client.runs.start("plain")

    with run.events() as events:
        for event in events:
            last = event.type
            assert [] == telemetry.named("openwop runs.stream")

    assert "run.completed" == last
    span = telemetry.the("openwop runs.stream")
    assert span.status.status_code is StatusCode.UNSET
    assert span.attributes["openwop.stream"] is True
    assert run.id == span.attributes["openwop.run_id"]
    assert 200 == span.attributes["http.response.status_code"]


def test_a_streams_span_is_never_current_in_the_loop_body(
    client: openwop.Client, telemetry: Any
) -> None:
    run = client.runs.start("plain")
    tracer = telemetry.tracer_provider.get_tracer("mine")

    with tracer.start_as_current_span("mine") as mine, run.events() as events:
        for _ in events:
            assert mine is trace.get_current_span()
            with tracer.start_as_current_span("work"):
                pass

    mine_id = mine.get_span_context().span_id
    assert {mine_id} == {span.parent.span_id for span in telemetry.named("work")}
    assert mine_id == telemetry.the("openwop runs.stream").parent.span_id


def test_an_async_streams_span_is_never_current_in_the_loop_body(
    new_async_client: Any, telemetry: Any, host: Any
) -> None:
    async def main() -> None:
        async with new_async_client(host, telemetry.tracing()) as client:
            run = await client.runs.start("plain")
            async with run.events() as events:
                async for _ in events:
                    assert not trace.get_current_span().get_span_context().is_valid

    asyncio.run(main())

    assert telemetry.the("openwop runs.stream").parent is None


def test_two_streams_read_in_turn_keep_their_spans_apart(
    client: openwop.Client, telemetry: Any
) -> None:
    tracer = telemetry.tracer_provider.get_tracer("mine")
    runs = [client.runs.start("plain") for _ in range(2)]
    streams = []
    for number, run in enumerate(runs):
        with tracer.start_as_current_span(f"mine-{number}"):
            streams.append(run.events())
            next(streams[-1])

    for stream in reversed(streams):
        next(stream)
    for stream in streams:
        stream.close()

    spans = {s.attributes["openwop.run_id"]: s for s in telemetry.named("openwop runs.stream")}
    for number, run in enumerate(runs):
        mine = telemetry.the(f"mine-{number}").get_span_context()
        assert mine.span_id == spans[run.id].parent.span_id


def test_closing_a_stream_early_ends_its_span_without_an_error(
    client: openwop.Client, telemetry: Any
) -> None:
    run = client.runs.start("plain")

    with run.events() as events:
        next(events)

    assert telemetry.the("openwop runs.stream").status.status_code is StatusCode.UNSET


def test_an_exception_of_the_readers_own_is_no_failure_of_the_stream(
    client: openwop.Client, telemetry: Any
) -> None:
    run = client.runs.start("plain")

    def read() -> None:
        with run.events() as events:
            for event in events:
                raise ZeroDivisionError(event.type)

    with pytest.raises(ZeroDivisionError):
        read()

    span = telemetry.the("openwop runs.stream")
    assert span.status.status_code is StatusCode.UNSET
    assert "error.type" not in span.attributes


def test_a_cancelled_read_ends_the_span(new_async_client: Any, telemetry: Any, host: Any) -> None:
    async def main() -> None:
        async with new_async_client(host, telemetry.tracing()) as client:
            run = await client.runs.start("asks")
            seen: list[str] = []

            async def read() -> None:
                async with run.events() as events:
                    async for event in events:
                        seen.append(event.type)

            reader = asyncio.ensure_future(read())
            while "interrupt.requested" not in seen:  # noqa: ASYNC110  # virtual time
                await asyncio.sleep(0)
            for _ in range(5):
                await asyncio.sleep(0)
            reader.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reader

    asyncio.run(main())

    span = telemetry.the("openwop runs.stream")
    assert span.attributes["openwop.cancelled"] is True
    assert span.status.status_code is StatusCode.UNSET


def test_a_refused_stream_ends_its_span_with_the_error(
    client: openwop.Client, telemetry: Any
) -> None:
    with pytest.raises(openwop.NotFoundError), client.runs.stream("nope") as events:
        next(events)

    assert "openwop.NotFoundError" == telemetry.the("openwop runs.stream").attributes["error.type"]


@pytest.mark.parametrize(("fault", "reason"), [("cut", "broken"), ("close", "closed")])
def test_a_reconnect_is_an_event_and_is_not_counted_as_a_retry(
    client: openwop.Client, telemetry: Any, host: Any, fault: str, reason: str
) -> None:
    run = client.runs.start("asks")
    run.wait()
    getattr(host.faults, fault)(after=1)

    with run.events() as events:
        for event in events:
            if event.type == "interrupt.requested":
                run.approve("gate", check=False)

    span = telemetry.the("openwop runs.stream")
    found = [event for event in span.events if event.name == "openwop.stream.reconnect"]
    assert [reason] == [event.attributes["openwop.retry.reason"] for event in found]
    assert 1 == span.attributes["openwop.stream.reconnects"]
    (point,) = telemetry.points("openwop.client.stream.reconnects")
    assert (1, reason) == (point.value, point.attributes["openwop.retry.reason"])
    assert [] == telemetry.points("openwop.client.call.retries")


def frame(sequence: int, kind: str, **payload: Any) -> dict[str, Any]:
    return {
        "eventId": f"e{sequence}",
        "runId": "r",
        "sequence": sequence,
        "type": kind,
        "timestamp": f"2026-01-01T00:00:{sequence:02d}.000Z",
        "payload": payload,
    }


def wire(document: dict[str, Any]) -> bytes:
    text = json.dumps(document)
    return f"event: {document['type']}\nid: {document['sequence']}\ndata: {text}\n\n".encode()


def test_a_gap_that_is_filled_from_the_log_is_an_event(scripted: Any, telemetry: Any) -> None:
    log = [
        frame(0, "run.started", workflowId="w"),
        frame(1, "node.started", nodeId="a", typeId="t"),
        frame(2, "run.completed"),
    ]

    def host(request: Any) -> Any:
        if "/poll" in request.url:
            return 200, {"events": log[1:2], "isComplete": False}, {}
        return 200, [wire(log[0]), wire(log[2])], {}

    with scripted(host).runs.stream("r", mode="debug") as events:
        assert [0, 1, 2] == [event.sequence for event in events]

    span = telemetry.the("openwop runs.stream")
    assert ["openwop.stream.gap"] == [event.name for event in span.events]


def test_reading_by_poll_in_place_of_a_stream_is_an_event_once(
    scripted: Any, telemetry: Any
) -> None:
    log = [frame(0, "run.started", workflowId="w"), frame(1, "run.completed")]
    polls: list[str] = []

    def host(request: Any) -> Any:
        if "/poll" in request.url:
            polls.append(request.url)
            return 200, {"events": log[len(polls) - 1 : len(polls)], "isComplete": False}, {}
        return 405, {"error": "method_not_allowed", "message": "no streams here"}, {}

    with scripted(host).runs.stream("r") as events:
        assert [0, 1] == [event.sequence for event in events]

    span = telemetry.the("openwop runs.stream")
    assert 2 == len(polls)
    assert ["openwop.stream.poll"] == [event.name for event in span.events]


# -- what is counted ------------------------------------------------------------------------------


def test_no_hook_sees_single_events_unless_somebody_asks(telemetry: Any) -> None:
    assert not hasattr(telemetry.tracing(), "openwop_event")
    assert hasattr(telemetry.tracing(events=True), "openwop_event")
    assert hasattr(telemetry.tracing(render_runs=True), "openwop_event")
    assert not hasattr(telemetry.tracing(enabled=False, events=True), "openwop_event")


@pytest.mark.parametrize(
    "events", [True, pytest.param(False, marks=counts_by_itself)], ids=["hook", "stream"]
)
def test_events_are_counted_and_the_run_is_timed_by_the_hosts_clock(
    scripted: Any, telemetry: Any, events: bool
) -> None:
    log = [wire(frame(0, "run.started", workflowId="w")), wire(frame(7, "run.completed"))]
    client = scripted(lambda request: (200, log, {}), telemetry.tracing(events=events))

    with client.runs.stream("r") as stream:
        assert 2 == len(list(stream))

    assert 2 == telemetry.the("openwop runs.stream").attributes["openwop.stream.events"]
    (count,) = telemetry.points("openwop.client.stream.events")
    assert 2 == count.value
    (first,) = telemetry.points("openwop.client.stream.time_to_first_event")
    assert 1 == first.count
    (run,) = telemetry.points("openwop.client.run.duration")
    assert (1, 7.0) == (run.count, run.sum)
    assert "run.completed" == run.attributes["openwop.run.outcome"]


def test_a_stream_that_begins_in_the_middle_does_not_time_its_run(
    scripted: Any, telemetry: Any
) -> None:
    log = [wire(frame(5, "node.completed", nodeId="a")), wire(frame(7, "run.completed"))]
    client = scripted(lambda request: (200, log, {}), telemetry.tracing(events=True))

    with client.runs.stream("r", after=4) as stream:
        assert 2 == len(list(stream))

    assert [] == telemetry.points("openwop.client.run.duration")


def test_each_event_becomes_a_span_event_when_asked_for_without_its_payload(
    scripted: Any, telemetry: Any
) -> None:
    log = [wire(frame(0, "run.started", workflowId="w", inputs={"name": "Ada"}))]
    log.append(wire(frame(1, "run.completed")))
    client = scripted(lambda request: (200, log, {}), telemetry.tracing(events=True))

    with client.runs.stream("r") as stream:
        list(stream)

    found = [dict(event.attributes) for event in telemetry.the("openwop runs.stream").events]
    assert [
        {"openwop.event_type": "run.started", "openwop.event_seq": 0},
        {"openwop.event_type": "run.completed", "openwop.event_seq": 1},
    ] == found
