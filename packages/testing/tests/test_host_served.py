"""The served host: real sockets and real time, by httpx and as a program."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from openwop_testing import FakeHost, Workflow, serving

PLAIN = Workflow("plain").node("a", outputs={"x": 1})
BRIEF = Workflow("brief").delay("wait", 0.4)
SLOW = Workflow("slow").delay("wait", 60)
GATED = Workflow("gated").approval("gate")
PATIENT = Workflow("patient").delay("wait", 30).approval("gate", timeout=3600)


@pytest.fixture
def host():
    return FakeHost(workflows=[PLAIN, BRIEF, SLOW, GATED, PATIENT])


def client(url, key):
    return httpx.Client(
        base_url=url, headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=10
    )


def start(http, workflow):
    answer = http.post("/v1/runs", json={"workflowId": workflow})
    assert 201 == answer.status_code
    return answer.json()["statusUrl"]


def test_a_served_host_answers_as_it_does_in_process(host):
    with host.serve() as url, client(url, host.api_key) as http:
        run = start(http, "plain")
        snapshot = http.get(run).json()
        stream = http.get(run + "/events")

    assert "completed" == snapshot["status"]
    assert "text/event-stream" == stream.headers["content-type"].partition(";")[0]
    assert 3 == stream.text.count("\nid: ")


def test_an_escaped_id_arrives_as_it_was_sent(host):
    with host.serve() as url, client(url, host.api_key) as http:
        bare = start(http, "plain").rpartition("/")[2]
        answers = [http.get(f"/runs/acme{slash}{bare}") for slash in ("~2F", "%2F")]

    assert [200, 200] == [answer.status_code for answer in answers]


def test_events_come_while_they_happen(host):
    with host.serve() as url, client(url, host.api_key) as http:
        run = start(http, "brief")
        seen = []
        with http.stream("GET", run + "/events") as stream:
            for line in stream.iter_lines():
                if line.startswith("event: "):
                    seen.append((line[7:], time.monotonic()))

    assert ["run.started", "node.completed", "run.completed"] == [name for name, _ in seen]
    assert 0.1 < seen[1][1] - seen[0][1] < 5


def test_answers_leave_without_waiting_for_acknowledgements(host, monkeypatch):
    # An answer is two writes; with Nagle's algorithm the second waits 40 ms for the client.
    servers = []

    class Watched(serving._Server):
        def __init__(self, config):
            super().__init__(config)
            servers.append(self)

    monkeypatch.setattr(serving, "_Server", Watched)
    with host.serve() as url, client(url, host.api_key) as http:
        start(http, "plain")
        [connection] = servers[0].server_state.connections
        open_socket = connection.transport.get_extra_info("socket")

        assert open_socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_virtual_time_skips_what_somebody_watches(host):
    with host.serve(virtual_time=True) as url, client(url, host.api_key) as http:
        run = start(http, "slow")
        began = time.monotonic()
        stream = http.get(run + "/events").text

    assert "run.completed" in stream
    assert time.monotonic() - began < 10


def test_virtual_time_leaves_people_the_time_to_decide(host):
    with host.serve(virtual_time=True) as url, client(url, host.api_key) as http:
        run = start(http, "patient")
        with http.stream("GET", run + "/events") as stream:
            next(line for line in stream.iter_lines() if "interrupt.requested" in line)
            time.sleep(0.2)
            assert "waiting-approval" == http.get(run).json()["status"]


def test_a_watcher_sees_what_another_caller_decides(host):
    with host.serve() as url, client(url, host.api_key) as http:
        run = start(http, "gated")
        with http.stream("GET", run + "/events") as stream:
            lines = stream.iter_lines()
            for line in lines:
                if "interrupt.requested" in line:
                    break
            body = {"resumeValue": {"action": "accept"}}
            with client(url, host.api_key) as other:
                answered = other.post(run + "/interrupts/gate", json=body)
            rest = list(lines)

    assert 200 == answered.status_code
    assert "event: run.completed" in rest


def test_a_poll_ends_when_its_time_is_up(host):
    with host.serve() as url, client(url, host.api_key) as http:
        run = start(http, "gated")
        last = len(host.engine.runs[run.rpartition("/")[2]].log) - 1
        answer = http.get(f"{run}/events/poll?timeout=1&lastSequence={last}")

    assert ([], False) == (answer.json()["events"], answer.json()["isComplete"])


def test_a_path_that_no_host_has_is_not_found(host):
    with host.serve() as url, client(url, host.api_key) as http:
        answer = http.get("/nowhere")

    assert (404, "not_found") == (answer.status_code, answer.json()["error"])


def test_faults_break_real_connections(host):
    host.faults.lose("createRun")
    with host.serve() as url, client(url, host.api_key) as http:
        with pytest.raises(httpx.RemoteProtocolError):
            http.post("/v1/runs", json={"workflowId": "plain"})
        run = start(http, "plain")
        host.faults.cut(after=1)
        with pytest.raises(httpx.RemoteProtocolError):
            http.get(run + "/events")

    assert 2 == len(host.engine.runs)


def test_a_host_can_be_served_again(host):
    for _ in range(2):
        with host.serve() as url, client(url, host.api_key) as http:
            assert 200 == http.get("/.well-known/openwop").status_code


@pytest.fixture
def program(tmp_path):
    """Start the program, and end it whatever happens."""
    (tmp_path / "plain.json").write_text(json.dumps(PLAIN.build()))
    started = []

    def run(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "openwop_testing.server", "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_program_says_where_it_is_and_ends_when_told(program, number):
    process = program("--workflows", ".", "--api-key", "hk_test_mine", "--majors", "1,2")
    line = process.stdout.readline().split()
    words = dict(word.split("=", 1) for word in line if "=" in word)

    with client(words["url"], words["key"]) as http:
        run = start(http, "plain")
        status = http.get(run).json()["status"]
    process.send_signal(number)
    rest, errors = process.communicate(timeout=20)

    assert ["openwop-fake-host", "ready"] == line[:2]
    assert ("hk_test_mine", "completed") == (words["key"], status)
    assert (0, "", "") == (process.returncode, rest, errors)


def test_an_open_stream_does_not_keep_the_program_alive(program, tmp_path):
    (tmp_path / "slow.json").write_text(json.dumps(SLOW.build()))
    process = program("--workflows", ".")
    words = dict(w.split("=", 1) for w in process.stdout.readline().split() if "=" in w)

    with client(words["url"], words["key"]) as http:
        run = start(http, "slow")
        with http.stream("GET", run + "/events") as stream:
            next(stream.iter_lines())
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=20)

    assert (0, "") == (process.returncode, errors)


@pytest.mark.parametrize("arguments", [["--workflows", "nowhere"], ["--workflows", "."]])
def test_the_program_names_what_it_cannot_load(program, tmp_path, arguments):
    (tmp_path / "bad.json").write_text("{")
    process = program(*arguments)

    _, errors = process.communicate(timeout=20)

    assert 2 == process.returncode
    assert arguments[1] in errors or "bad.json" in errors
