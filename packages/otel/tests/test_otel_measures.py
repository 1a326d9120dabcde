"""Metrics and log records of calls, and what content may be seen in either."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from hypothesis import given, strategies as st

import openwop
from openwop_otel import blank_secrets
from openwop_otel._content import REDACTED, Capture
from openwop_otel._settings import switched_off

BASE = {
    "openwop.operation": "runs.create",
    "server.address": "openwop.test",
}


def test_calls_are_timed_and_their_attempts_and_retries_counted(
    client: openwop.Client, telemetry: Any, host: Any
) -> None:
    host.faults.fail("createRun", status=503, times=2, retry_after=1)

    client.runs.create(workflow_id="plain")

    done = {**BASE, "http.response.status_code": 201}
    (duration,) = telemetry.points("openwop.client.call.duration")
    assert (1, done) == (duration.count, dict(duration.attributes))
    (attempts,) = telemetry.points("openwop.client.call.attempts")
    assert (3, done) == (attempts.value, dict(attempts.attributes))
    (retries,) = telemetry.points("openwop.client.call.retries")
    assert (2, {**BASE, "openwop.retry.reason": "503"}) == (retries.value, dict(retries.attributes))


def test_calls_in_flight_are_counted_up_and_down(client: openwop.Client, telemetry: Any) -> None:
    run = client.runs.start("plain")

    def active() -> dict[str, int]:
        points = telemetry.points("openwop.client.active_calls")
        return {point.attributes["openwop.operation"]: point.value for point in points}

    with run.events() as events:
        next(events)
        assert {"runs.create": 0, "runs.stream": 1} == active()
    assert {"runs.create": 0, "runs.stream": 0} == active()


def test_a_failed_call_is_counted_under_its_class_and_the_protocols_code(
    client: openwop.Client, telemetry: Any
) -> None:
    with pytest.raises(openwop.NotFoundError):
        client.runs.get("nope")

    (point,) = telemetry.points("openwop.client.call.duration")
    assert "openwop.NotFoundError" == point.attributes["error.type"]
    assert "not_found" == point.attributes["openwop.error.code"]


def test_a_code_that_only_this_host_knows_is_no_label_of_a_metric(
    scripted: Any, telemetry: Any
) -> None:
    client = scripted(lambda request: (404, {"error": "x-77-unheard-of", "message": "no"}, {}))

    with pytest.raises(openwop.NotFoundError):
        client.runs.get("r")

    (point,) = telemetry.points("openwop.client.call.duration")
    assert "openwop.error.code" not in point.attributes
    span = telemetry.the("openwop runs.get")
    assert "x-77-unheard-of" == span.attributes["openwop.error.code"]


def test_instruments_have_units_of_the_conventions_and_boundaries_for_long_streams(
    client: openwop.Client, telemetry: Any
) -> None:
    client.runs.create(workflow_id="plain")

    (duration,) = telemetry.points("openwop.client.call.duration")
    assert (0.005, 3600.0) == (duration.explicit_bounds[0], duration.explicit_bounds[-1])
    data = telemetry.reader.get_metrics_data()
    assert data is not None
    units = {m.name: m.unit for m in data.resource_metrics[0].scope_metrics[0].metrics}
    assert {
        "openwop.client.active_calls": "{call}",
        "openwop.client.call.attempts": "{attempt}",
        "openwop.client.call.duration": "s",
    } == units


# -- logs -----------------------------------------------------------------------------------------


def test_log_records_of_a_call_carry_the_ids_of_its_span(
    client: openwop.Client, telemetry: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "openwop")

    client.runs.create(workflow_id="plain")

    found = telemetry.the("openwop runs.create").get_span_context()
    record = next(r for r in caplog.records if r.name == "openwop" and "POST" in r.getMessage())
    assert format(found.trace_id, "032x") == record.otelTraceID  # type: ignore[attr-defined]
    assert format(found.span_id, "016x") == record.otelSpanID  # type: ignore[attr-defined]
    assert record.otelTraceSampled is True  # type: ignore[attr-defined]


def test_a_record_outside_a_span_has_the_same_fields(
    client: openwop.Client, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("openwop").warning("by itself")

    (record,) = caplog.records
    found = (record.otelTraceID, record.otelSpanID, record.otelTraceSampled)  # type: ignore[attr-defined]
    assert ("0", "0", False) == found


# -- content --------------------------------------------------------------------------------------


def everything(telemetry: Any) -> str:
    """Return all that was recorded, as text."""
    spans = [span.to_json() for span in telemetry.spans]
    data = telemetry.reader.get_metrics_data()
    return "\n".join([*spans, "" if data is None else data.to_json()])


def test_neither_inputs_nor_credentials_nor_messages_are_recorded_unless_asked_for(
    client: openwop.Client, telemetry: Any, host: Any
) -> None:
    host.faults.fail("createRun", status=503, times=1, retry_after=0, message="about Ada Lovelace")
    run = client.runs.start(
        "asks", inputs={"name": "Ada Lovelace"}, metadata={"who": "Ada Lovelace"}
    )
    run.wait()
    run.approve(feedback="Ada Lovelace agrees")
    with run.events() as events:
        list(events)
    with pytest.raises(openwop.BadRequestError):
        client.runs.create(workflow_id="Ada Lovelace")

    recorded = everything(telemetry).replace('"openwop.workflow_id": "Ada Lovelace"', "")

    assert "Ada" not in recorded
    assert host.api_key not in recorded


def test_content_is_recorded_when_asked_for_without_secrets_and_within_bounds(
    new_client: Any, telemetry: Any, host: Any
) -> None:
    inputs = {"name": "Ada", "apiToken": "t0p", "note": "x" * 5000, "header": "Bearer abcdefgh123"}

    with new_client(host, telemetry.tracing(capture_content=True)) as client:
        client.runs.create(workflow_id="plain", inputs=inputs)

    span = telemetry.the("openwop runs.create")
    body = span.attributes["openwop.request.body"]
    assert body.startswith('{"workflowId":"plain","inputs":{"name":"Ada","apiToken":"[REDACTED]"')
    assert len(body) < 2100
    assert "t0p" not in body
    assert "abcdefgh123" not in everything(telemetry)
    assert "runId" in json.loads(span.attributes["openwop.response.body"])
    assert host.api_key not in everything(telemetry)


def test_a_redaction_of_the_users_own_is_applied_last_and_fails_closed(
    new_client: Any, telemetry: Any, host: Any
) -> None:
    def redact(value: Any) -> Any:
        if "inputs" in value:
            return {**value, "inputs": "hidden"}
        raise LookupError("not mine")

    tracing = telemetry.tracing(capture_content=True, redact=redact)
    with new_client(host, tracing) as client:
        client.runs.create(workflow_id="plain", inputs={"name": "Ada"})

    found = telemetry.the("openwop runs.create").attributes
    assert "hidden" == json.loads(found["openwop.request.body"])["inputs"]
    assert "openwop.response.body" not in found


def test_the_message_of_an_error_is_content(new_client: Any, telemetry: Any, host: Any) -> None:
    with (
        new_client(host, telemetry.tracing(capture_content=True)) as client,
        pytest.raises(openwop.NotFoundError),
    ):
        client.runs.get("nope")

    (event,) = telemetry.the("openwop runs.get").events
    assert "404 not_found" in event.attributes["exception.message"]


def test_a_body_that_is_no_json_is_told_by_its_size() -> None:
    assert "<3 bytes>" == Capture(100, None).body(b"\xff\xfe\xfd")
    assert Capture(100, None).body(b"") is None


def test_the_limit_of_content_must_be_positive() -> None:
    with pytest.raises(ValueError, match="content_limit"):
        Capture(0, None)


def test_counts_of_tokens_are_no_secrets() -> None:
    value = {"totalTokens": 7, "token": None, "nextToken": "abc", "list": [{"password": "p"}]}

    assert {
        "totalTokens": 7,
        "token": None,
        "nextToken": REDACTED,
        "list": [{"password": REDACTED}],
    } == blank_secrets(value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(value=JSON, name=st.sampled_from(["password", "api_key", "Authorization", "client-secret"]))
def test_what_stands_under_a_secrets_name_never_shows_however_deep(value: Any, name: str) -> None:
    secret = "SECRET-" + "9" * 20

    shown = Capture(100_000, None).value(
        [value, {"in": [{name: secret, "also": {name: [secret]}}]}]
    )

    assert shown is not None
    assert secret not in shown


@given(value=JSON, limit=st.integers(min_value=1, max_value=50))
def test_content_never_exceeds_its_limit_by_more_than_a_remark(value: Any, limit: int) -> None:
    shown = Capture(limit, None).value(value)

    assert shown is not None
    assert len(shown) <= limit + 30


def test_content_nested_deeper_than_the_parser_goes_is_left_out() -> None:
    assert Capture(100, None).body(b"[" * 200_000) == "<200000 bytes>"
    deep: Any = "SECRET"
    for _ in range(100):
        deep = [deep]

    assert "SECRET" not in (Capture(1000, None).value(deep) or "")


# -- switches -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, False),
        ({"OPENWOP_OTEL_DISABLED": "true"}, True),
        ({"OPENWOP_OTEL_DISABLED": "0"}, False),
        ({"OTEL_SDK_DISABLED": "TRUE"}, True),
        ({"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "requests, openwop"}, True),
        ({"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "*"}, True),
        ({"OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "openwop-x,httpx"}, False),
    ],
)
def test_the_environment_switches_tracing_off(environ: dict[str, str], expected: bool) -> None:
    assert expected == switched_off(environ)


def test_the_environment_asks_for_more(monkeypatch: pytest.MonkeyPatch, telemetry: Any) -> None:
    monkeypatch.setenv("OPENWOP_OTEL_EVENTS", "1")
    monkeypatch.setenv("OPENWOP_OTEL_RENDER_RUNS", "yes")
    monkeypatch.setenv("OPENWOP_OTEL_CAPTURE_CONTENT", "on")

    tracing = telemetry.tracing()

    assert (True, True) == (tracing.events, tracing.renders)
    assert tracing.capture is not None


# -- sums -----------------------------------------------------------------------------------------


def test_two_plugins_that_measure_to_one_provider_add_up(
    new_client: Any, telemetry: Any, host: Any
) -> None:
    for _ in range(2):
        with new_client(host, telemetry.tracing()) as client:
            client.runs.create(workflow_id="plain")

    (attempts,) = telemetry.points("openwop.client.call.attempts")
    assert 2 == attempts.value


def test_sums_are_bounded_and_what_is_over_is_still_counted() -> None:
    from openwop_otel._metrics import Tally

    tally = Tally()
    for number in range(2500):
        tally.end((("n", number),), (("n", number),), 1)

    found = list(tally.attempts(None))  # type: ignore[arg-type]
    assert 2001 == len(found)
    assert (500, {"otel.metric.overflow": True}) == (found[-1].value, dict(found[-1].attributes))


def test_calls_that_end_in_other_threads_leave_none_in_flight() -> None:
    import threading

    from openwop_otel._metrics import Tally

    tally = Tally()

    def work() -> None:
        for _ in range(2000):
            tally.begin((("a", 1),))
            tally.end((("a", 1),), (("b", 2),), 3)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    (active,) = tally.active(None)  # type: ignore[arg-type]
    (attempts,) = tally.attempts(None)  # type: ignore[arg-type]
    assert (0, 24_000) == (active.value, attempts.value)
