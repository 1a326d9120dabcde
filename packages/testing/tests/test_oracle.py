"""The oracle that every answer of the whole run is held to sees what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from openwop_testing import FakeHost, Workflow
from openwop_testing.answers import json_answer

GATED = Workflow("gated").approval("gate")


@pytest.fixture
def host():
    return FakeHost(workflows=[GATED])


def lie(host, operation, answer):
    host._pipeline._handlers = {**host._pipeline._handlers, operation: lambda call: answer}


@pytest.mark.obligation("H2-18b")
@pytest.mark.parametrize(
    ("operation", "path", "answer"),
    [
        ("getWorkflow", "/workflows/gated", json_answer({"id": 5})),
        ("getWorkflow", "/workflows/gated", json_answer({"error": "gone"}, 404)),
        (
            "getWorkflow",
            "/workflows/gated",
            json_answer({"error": "forbidden", "message": "No"}, 404),
        ),
        ("getRun", "/runs/x", json_answer({"runId": "r", "status": "ripe"})),
    ],
    ids=["answer", "error", "status", "member"],
)
def test_an_answer_that_is_wrong_is_seen(host, v1, watch, operation, path, answer):
    if operation == "getRun":
        path = v1.start("gated")
    lie(host, operation, answer)

    v1.get(path)

    assert [] != watch.take()


@pytest.mark.parametrize("mode", ["updates", "debug"])
def test_an_event_that_is_wrong_is_seen(host, caller, watch, mode):
    run = caller.start("gated")
    known = host.engine.runs[run.rpartition("/")[2].rpartition("~2F")[2]]
    known.emit("node.completed", {"nodeId": 7})

    caller.post(f"{run}/cancel", {})
    caller.get(f"{run}/events?streamMode={mode}")

    assert [] != watch.take()


def test_an_event_of_the_host_that_is_wrong_is_seen(host, watch):
    stream = host.events.open("acme", "main", None)
    host.events.emit("host-test.durable-triggered", {"x": 1}, tenant="acme")
    stream.read()

    assert [] != watch.take()


def test_what_a_poll_brings_later_is_seen_too(host, v1, watch):
    run = v1.start("gated")
    seen = len(v1.log(run))
    host.engine.runs[run.rpartition("/")[2]].clock.after(
        1, lambda: host.engine.runs[run.rpartition("/")[2]].emit("node.completed", {"nodeId": 7})
    )

    v1.get(f"{run}/events/poll?lastSequence={seen - 1}&timeout=5")

    assert [] != watch.take()


def test_what_is_wrong_once_is_wrong_again(host, v1, watch):
    lie(host, "getWorkflow", json_answer({"id": 5}))

    for _ in range(2):
        v1.get("/workflows/gated")
        assert 1 == len(watch.take())


def test_what_differs_in_its_ids_only_is_looked_at_once_where_that_is_enough(v1, oracle):
    body = v1.get(v1.start("gated")).body
    other = v1.get(v1.start("gated")).body
    oracle.exact = False  # until the next answer, which says it anew
    oracle.answer(1, "getRun", 200, body)
    before = oracle.checked

    oracle.answer(1, "getRun", 200, other)
    oracle.answer(1, "getRun", 200, body.replace(b"waiting-approval", b"running"))

    assert body != other
    assert 1 == oracle.checked - before


def test_a_frame_without_data_is_no_event(oracle):
    before = oracle.checked

    oracle.frame(1, b": keepalive")
    oracle.host_frame(b"")

    assert before == oracle.checked


PROGRAM = """
from openwop.wire import Headers, Request, Timeouts
from openwop_testing import FakeHost
from openwop_testing.answers import json_answer

host = FakeHost()
wrong = json_answer({"supportedEnvelopes": 7})
host._pipeline._handlers = {**host._pipeline._handlers, "getCapabilities": lambda call: wrong}
url = f"{host.base_url}/.well-known/openwop"
host.handle(Request("GET", url, Headers(), None, Timeouts()))
"""


def test_a_host_in_a_program_of_its_own_is_watched_too(tmp_path):
    report = tmp_path / "report"
    report.touch()
    environment = {**os.environ, "OPENWOP_WATCH": str(report)}

    subprocess.run([sys.executable, "-c", PROGRAM], env=environment, check=True)

    assert "" != report.read_text()
