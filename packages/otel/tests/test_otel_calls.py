"""Spans of calls that answer: one per logical call, whatever it takes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
import trio
from opentelemetry import baggage, context, trace
from opentelemetry.trace import SpanKind, StatusCode

import openwop
from openwop_otel import Tracing

PLACE = {"server.address": "openwop.test", "server.port": 80}


def parent_of(header: str) -> tuple[str, str]:
    """Return the trace id and the span id that a traceparent names."""
    _, trace_id, span_id, _ = header.split("-")
    return trace_id, span_id


def ids(span: Any) -> tuple[str, str]:
    """Return the trace id and the span id of a span, as they travel."""
    found = span.get_span_context()
    return format(found.trace_id, "032x"), format(found.span_id, "016x")


def test_a_call_is_one_client_span_with_http_and_protocol_attributes(
    client: openwop.Client, telemetry: Any
) -> None:
    created = client.runs.create(workflow_id="plain")

    span = telemetry.the("openwop runs.create")
    assert span.kind is SpanKind.CLIENT
    assert span.status.status_code is StatusCode.UNSET
    found = dict(span.attributes)
    assert ids(span)[0] == found.pop("openwop.host.trace_id")
    assert len(found.pop("openwop.host.span_id")) == 16
    assert found == {
        **PLACE,
        "openwop.operation": "runs.create",
        "openwop.protocol_version": "2",
        "openwop.workflow_id": "plain",
        "openwop.run_id": created.run_id,
        "http.request.method": "POST",
        "http.response.status_code": 201,
        "url.full": "http://openwop.test/runs",
        "url.template": "/runs",
    }


def test_the_call_that_finds_out_the_major_belongs_to_the_span_of_the_first_call(
    client: openwop.Client, telemetry: Any, host: Any
) -> None:
    client.runs.create(workflow_id="plain")

    assert [span.name for span in telemetry.spans] == ["openwop runs.create"]
    expected = ids(telemetry.the("openwop runs.create"))
    assert ["getCapabilities", "createRun"] == host.calls.operations
    assert [expected] * 2 == [parent_of(call.headers["traceparent"]) for call in host.calls]


def test_retries_are_events_of_one_span_and_every_attempt_names_it(
    client: openwop.Client, telemetry: Any, host: Any
) -> None:
    host.faults.fail("createRun", status=503, times=1, retry_after=3)
    host.faults.refuse("createRun", times=1)

    client.runs.create(workflow_id="plain")

    span = telemetry.the("openwop runs.create")
    retries = [dict(event.attributes) for event in span.events if event.name == "openwop.retry"]
    assert {
        "openwop.retry.reason": "503",
        "openwop.retry.attempt": 1,
        "openwop.retry.delay": 3.0,
    } == (retries[0])
    assert ["503", "connect"] == [retry["openwop.retry.reason"] for retry in retries]
    assert 2 == span.attributes["http.request.resend_count"]
    sent = host.calls.of("createRun")
    assert {ids(span)} == {parent_of(call.headers["traceparent"]) for call in sent}


def test_a_call_is_a_child_of_the_span_that_is_current_and_leaves_it_current(
    client: openwop.Client, telemetry: Any
) -> None:
    tracer = telemetry.tracer_provider.get_tracer("mine")

    with tracer.start_as_current_span("mine") as mine:
        client.runs.create(workflow_id="plain")
        assert mine is trace.get_current_span()

    assert mine.get_span_context().span_id == telemetry.the("openwop runs.create").parent.span_id


def test_baggage_travels_with_every_attempt(client: openwop.Client, host: Any) -> None:
    token = context.attach(baggage.set_baggage("tenant", "blue"))
    try:
        client.runs.create(workflow_id="plain")
    finally:
        context.detach(token)

    assert {"tenant=blue"} == {call.headers["baggage"] for call in host.calls}


def test_a_traceparent_that_the_caller_sets_is_sent_as_it_is(
    client: openwop.Client, host: Any
) -> None:
    own = f"00-{'a' * 32}-{'b' * 16}-01"

    client.runs.create(workflow_id="plain", extra_headers={"traceparent": own})

    assert own == host.calls.of("createRun")[0].headers["traceparent"]


def test_another_propagator_replaces_the_global_one(
    new_client: Callable[..., openwop.Client], telemetry: Any, host: Any
) -> None:
    from opentelemetry.propagators.textmap import TextMapPropagator

    class Own(TextMapPropagator):
        fields = frozenset({"x-own"})

        def extract(self, carrier: Any, context: Any = None, getter: Any = None) -> Any:
            raise AssertionError("a client extracts nothing")

        def inject(self, carrier: Any, context: Any = None, setter: Any = None) -> None:
            span = trace.get_current_span(context)
            carrier["x-own"] = format(span.get_span_context().span_id, "016x")
            carrier["x-bad"] = "two\nlines"

    with new_client(host, telemetry.tracing(propagator=Own())) as client:
        client.runs.create(workflow_id="plain")

    call = host.calls.of("createRun")[0]
    assert ids(telemetry.the("openwop runs.create"))[1] == call.headers["x-own"]
    assert "traceparent" not in call.headers
    assert "x-bad" not in call.headers


# -- errors ---------------------------------------------------------------------------------------


def test_an_error_is_told_by_its_class_and_code_and_not_by_its_message(
    client: openwop.Client, telemetry: Any
) -> None:
    with pytest.raises(openwop.NotFoundError) as caught:
        client.runs.get("nope")

    span = telemetry.the("openwop runs.get")
    assert span.status.status_code is StatusCode.ERROR
    assert "openwop.NotFoundError: not_found" == span.status.description
    assert "openwop.NotFoundError" == span.attributes["error.type"]
    assert "not_found" == span.attributes["openwop.error.code"]
    assert 404 == span.attributes["http.response.status_code"]
    assert caught.value.trace_id == span.attributes["openwop.host.trace_id"]
    assert [{"exception.type": "openwop.NotFoundError"}] == [
        dict(e.attributes) for e in span.events
    ]


def test_an_attempt_that_brings_nothing_back_ends_the_span_with_its_error(
    new_client: Callable[..., openwop.Client], telemetry: Any, host: Any
) -> None:
    host.faults.refuse("getRun", times=1)
    once = openwop.RetryPolicy(attempts=1)

    client = new_client(host, telemetry.tracing(), retry=once)
    with pytest.raises(openwop.APIConnectionError):
        client.runs.get("r")

    span = telemetry.the("openwop runs.get")
    assert "openwop.APIConnectionError" == span.attributes["error.type"]
    assert "http.response.status_code" not in span.attributes


def test_the_hosts_span_is_linked_where_the_host_answers_in_a_trace_of_its_own(
    scripted: Any, telemetry: Any
) -> None:
    theirs = {"traceparent": f"00-{'c' * 32}-{'d' * 16}-01"}
    snapshot = {"runId": "r", "workflowId": "w", "status": "completed"}
    client = scripted(lambda request: (200, snapshot, theirs))

    client.runs.get("r")

    span = telemetry.the("openwop runs.get")
    assert "c" * 32 == span.attributes["openwop.host.trace_id"]
    assert "d" * 16 == span.attributes["openwop.host.span_id"]
    (link,) = span.links
    assert int("c" * 32, 16) == link.context.trace_id
    assert {"openwop.link": "host"} == dict(link.attributes)


# -- links ----------------------------------------------------------------------------------------


def test_a_fork_links_to_the_call_that_started_its_source(scripted: Any, telemetry: Any) -> None:
    ids = iter(["source", "fork"])
    client = scripted(lambda request: (201, {"runId": next(ids), "status": "pending"}, {}))

    client.runs.create(workflow_id="plain")
    client.runs.fork("source", mode="branch", from_seq=3)

    span = telemetry.the("openwop runs.fork")
    (link,) = span.links
    source = telemetry.the("openwop runs.create").get_span_context()
    assert (source.trace_id, source.span_id) == (link.context.trace_id, link.context.span_id)
    assert {"openwop.link": "fork", "openwop.run_id": "source"} == dict(link.attributes)
    assert "source" == span.attributes["openwop.replay.source_run_id"]
    assert "branch" == span.attributes["openwop.replay.mode"]
    assert 3 == span.attributes["openwop.replay.from_seq"]
    assert "fork" == span.attributes["openwop.run_id"]


def test_resuming_a_run_that_another_process_started_has_no_link(
    scripted: Any, telemetry: Any
) -> None:
    client = scripted(lambda request: (202, {"runId": "r", "status": "running"}, {}))

    client.runs.resume("r")

    assert () == tuple(telemetry.the("openwop runs.resume").links)


def test_a_decision_is_an_event_and_links_to_the_call_that_started_the_run(
    client: openwop.Client, telemetry: Any
) -> None:
    run = client.runs.start("asks")
    run.wait()
    run.approve(feedback="fine by me")

    span = telemetry.the("openwop interrupts.resolve")
    (link,) = span.links
    created = telemetry.the("openwop runs.create")
    assert created.get_span_context().span_id == link.context.span_id
    assert {"openwop.link": "resume", "openwop.run_id": run.id} == dict(link.attributes)
    (event,) = span.events
    assert "openwop.decision" == event.name
    assert {
        "openwop.decision.action": "accept",
        "openwop.decision.outcome": "accepted",
        "openwop.node_id": "gate",
    } == dict(event.attributes)


def test_a_decision_that_comes_too_late_says_so(client: openwop.Client, telemetry: Any) -> None:
    run = client.runs.start("asks")
    run.wait()
    run.approve()

    with pytest.raises(openwop.InterruptAlreadyResolvedError):
        run.approve("gate", check=False)

    event = telemetry.named("openwop interrupts.resolve")[1].events[0]
    assert "already_resolved" == event.attributes["openwop.decision.outcome"]


# -- tasks and threads ----------------------------------------------------------------------------


async def _in_two_tasks(make: Any, telemetry: Any, host: Any, gather: Any) -> None:
    tracer = telemetry.tracer_provider.get_tracer("mine")

    async def work(name: str) -> None:
        with tracer.start_as_current_span(name):
            created = await client.runs.create(workflow_id="plain")
            await client.runs.get(created.run_id)

    async with make(host, telemetry.tracing()) as client:
        await gather(work, ["one", "two"])


def _assert_two_families(telemetry: Any) -> None:
    for name in ("one", "two"):
        mine = telemetry.the(name).get_span_context()
        names = [s.name for s in telemetry.spans if s.parent and s.parent.span_id == mine.span_id]
        assert ["openwop runs.create", "openwop runs.get"] == names


def test_asyncio_tasks_keep_their_traces_apart(
    new_async_client: Any, telemetry: Any, host: Any
) -> None:
    async def gather(work: Any, names: list[str]) -> None:
        await asyncio.gather(*(work(name) for name in names))

    asyncio.run(_in_two_tasks(new_async_client, telemetry, host, gather))

    _assert_two_families(telemetry)


def test_trio_tasks_keep_their_traces_apart(
    new_async_client: Any, telemetry: Any, host: Any
) -> None:
    async def gather(work: Any, names: list[str]) -> None:
        async with trio.open_nursery() as nursery:
            for name in names:
                nursery.start_soon(work, name)

    trio.run(_in_two_tasks, new_async_client, telemetry, host, gather)

    _assert_two_families(telemetry)


def test_threads_keep_their_traces_apart(client: openwop.Client, telemetry: Any) -> None:
    tracer = telemetry.tracer_provider.get_tracer("mine")

    def work(name: str) -> None:
        with tracer.start_as_current_span(name):
            created = client.runs.create(workflow_id="plain")
            client.runs.get(created.run_id)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    _assert_two_families(telemetry)


def test_a_cancelled_call_ends_its_span_without_calling_it_a_failure(
    new_async_client: Any, telemetry: Any, host: Any
) -> None:
    host.faults.hang("getRun", times=1)

    async def main() -> None:
        async with new_async_client(host, telemetry.tracing(), timeout=None) as client:
            await client.discovery.capabilities()
            task = asyncio.ensure_future(client.runs.get("r"))
            while not host.calls.of("getRun"):  # noqa: ASYNC110  # virtual time: no sleeping
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(main())

    span = telemetry.the("openwop runs.get")
    assert span.status.status_code is StatusCode.UNSET
    assert span.attributes["openwop.cancelled"] is True
    assert "cancelled" == span.attributes["error.type"]


# -- one span, or none ----------------------------------------------------------------------------


def test_two_plugins_on_one_client_give_one_span_and_the_one_given_last_has_it(
    new_client: Callable[..., openwop.Client], telemetry: Any, host: Any
) -> None:
    first = telemetry.tracing()
    last = telemetry.tracing(capture_content=True)

    with new_client(host, first, last) as client:
        client.runs.create(workflow_id="plain")

    assert "openwop.request.body" in telemetry.the("openwop runs.create").attributes
    (attempts,) = telemetry.points("openwop.client.call.attempts")
    assert 1 == attempts.value


def test_a_plugin_that_is_switched_off_silences_the_installed_one_for_its_client(
    new_client: Callable[..., openwop.Client], telemetry: Any, host: Any
) -> None:
    with new_client(host, telemetry.tracing(), Tracing(enabled=False)) as client:
        client.runs.create(workflow_id="plain")

    assert [] == telemetry.spans
    assert [] == telemetry.points("openwop.client.call.duration")
    assert not any("traceparent" in call.headers for call in host.calls)


def test_a_client_works_without_any_sdk(
    new_client: Callable[..., openwop.Client], host: Any
) -> None:
    with new_client(host, Tracing(enabled=True)) as client:
        run = client.runs.start("plain")
        assert {} == run.result()

    assert not any("traceparent" in call.headers for call in host.calls)


class _Broken:
    """Raises whatever is asked of it."""

    def fail(self) -> Any:
        raise RuntimeError("broken")

    def __getattr__(self, name: str) -> Any:
        def fail(*args: Any, **kwargs: Any) -> Any:
            raise RuntimeError(f"{name} is broken")

        return fail


@pytest.mark.parametrize("part", ["tracer", "instruments", "runs"])
def test_nothing_that_breaks_in_tracing_reaches_the_caller(
    new_client: Callable[..., openwop.Client],
    telemetry: Any,
    host: Any,
    part: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    tracing = telemetry.tracing(events=True)

    with new_client(host, tracing) as client:
        # Broken only now: older versions of pluggy look at every property of a plugin.
        if part == "instruments":
            monkeypatch.setattr(Tracing, part, property(_Broken.fail))
        else:
            monkeypatch.setattr(tracing, part, _Broken())
        run = client.runs.start("asks")
        run.wait()
        run.approve()
        with run.events() as events:
            assert "run.completed" == [event.type for event in events][-1]

    said = [r for r in caplog.records if r.name == "openwop.otel" and r.levelname == "WARNING"]
    assert 1 == len(said)


def test_an_exporter_that_raises_changes_nothing(
    new_client: Callable[..., openwop.Client], host: Any, caplog: pytest.LogCaptureFixture
) -> None:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter

    class Raising(SpanExporter):
        seen = 0

        def export(self, spans: Any) -> Any:
            Raising.seen += 1
            raise RuntimeError("the collector is gone")

    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(Raising()))

    with new_client(host, Tracing(enabled=True, tracer_provider=provider)) as client:
        assert "completed" == client.runs.start("plain").wait().status

    assert 0 < Raising.seen


def test_a_provider_without_an_exporter_changes_nothing(
    new_client: Callable[..., openwop.Client], host: Any
) -> None:
    from opentelemetry.sdk.trace import TracerProvider

    provider = TracerProvider(shutdown_on_exit=False)

    with new_client(host, Tracing(enabled=True, tracer_provider=provider)) as client:
        assert "completed" == client.runs.start("plain").wait().status


def test_runs_are_remembered_up_to_a_bound() -> None:
    from opentelemetry.trace import SpanContext, TraceFlags

    from openwop_otel._links import RunContexts

    runs = RunContexts(most=2)
    spans = [SpanContext(1, n, is_remote=False, trace_flags=TraceFlags(1)) for n in (1, 2, 3)]
    for number, span in enumerate(spans):
        runs.remember("http://h", f"r{number}", span)

    assert 2 == len(runs)
    assert runs.link("http://h", "r0", "fork") is None
    assert runs.link("http://other", "r2", "fork") is None
    found = runs.link("http://h", "r2", "fork")
    assert found is not None
    assert 3 == found[0].context.span_id
