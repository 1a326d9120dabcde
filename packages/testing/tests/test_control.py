"""Scripting a served host from outside: over HTTP, from Node and with curl."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from openwop_testing import FakeHost, Workflow

GATED = Workflow("gated").approval("gate")
DRIVE = Path(__file__).resolve().parent / "languages" / "drive.mjs"


@pytest.fixture
def host():
    return FakeHost(workflows=[GATED])


@pytest.fixture
def http(host):
    with host.serve() as url:
        headers = {"Authorization": f"Bearer {host.api_key}"}
        with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=10) as client:
            yield client


def script(http, path, body):
    return http.post("/_fake/" + path, json=body)


def test_a_workflow_a_key_and_a_capability_can_be_added(http):
    added = script(http, "workflows", Workflow("other").node("a").build())
    script(http, "keys", {"key": "hk_test_second", "tenant": "second"})
    script(http, "capabilities", {"replay": False})

    state = http.get("/_fake/state").json()
    other = http.get("/v1/workflows/other", headers={"Authorization": "Bearer hk_test_second"})

    assert (201, ["gated", "other"], 200) == (
        added.status_code,
        state["workflows"],
        other.status_code,
    )
    assert "replay" not in http.get("/.well-known/openwop").json()


def test_time_can_be_made_to_pass(http):
    script(http, "workflows", Workflow("slow").delay("wait", 60).build())
    run = http.post("/v1/runs", json={"workflowId": "slow"}).json()["statusUrl"]
    before = http.get(run).json()["status"]

    script(http, "clock/advance", {"seconds": 60})

    assert ("running", "completed") == (before, http.get(run).json()["status"])


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "fail", "operationId": "getWorkflow", "status": 503, "code": "x_y", "times": 1},
        {"kind": "answer", "operationId": "getWorkflow", "status": 503, "body": "<html>"},
    ],
)
def test_a_fault_is_met_and_then_over(http, fault):
    script(http, "faults", fault)
    unmet = http.get("/_fake/faults").json()["unmet"]
    early = script(http, "verify", {})

    answers = [http.get("/v1/workflows/gated").status_code for _ in range(2)]

    assert (1, 409) == (len(unmet), early.status_code)
    assert [503, 200] == answers
    assert 200 == script(http, "verify", {}).status_code


@pytest.mark.parametrize("kind", ["cut", "close", "duplicate", "reorder", "truncate", "buffer"])
def test_streams_can_be_broken(http, kind):
    assert 204 == script(http, "faults", {"kind": kind, "after": 1, "atByte": 9}).status_code
    assert [kind] == [line.split()[1] for line in http.get("/_fake/faults").json()["unmet"]]
    http.delete("/_fake/faults")
    assert [] == http.get("/_fake/faults").json()["unmet"]


def test_faults_can_be_drawn_from_a_seed(http):
    drawn = {"kind": "random", "rate": 1, "seed": 5, "kinds": ["fail"], "inARow": 1}
    told = script(http, "faults", {**drawn, "operations": ["getWorkflow"]})

    statuses = [http.get("/v1/workflows/gated").status_code for _ in range(2)]

    seen = http.get("/_fake/faults").json()
    assert (201, {"seed": 5}, 200) == (told.status_code, told.json(), statuses[1])
    assert (5, [f"getWorkflow #1: {statuses[0]}"]) == (seen["seed"], seen["befallen"])
    assert [] == seen["unmet"]


def test_a_fault_can_wait_for_a_later_request(http):
    script(http, "faults", {"kind": "fail", "operationId": "getWorkflow", "status": 503, "skip": 1})

    statuses = [http.get("/v1/workflows/gated").status_code for _ in range(3)]

    assert [200, 503, 200] == statuses


def test_calls_are_told_without_the_key(host, http):
    http.get("/v1/workflows/gated")

    [call] = http.get("/_fake/calls").json()["calls"]

    assert ("getWorkflow", 200) == (call["operationId"], call["status"])
    assert host.api_key not in json.dumps(call)
    http.delete("/_fake/calls")
    assert [] == http.get("/_fake/calls").json()["calls"]


def test_a_token_a_trigger_and_deliveries_are_at_hand(http):
    version = {"OpenWOP-Version": "2.0"}
    hook = {"url": "https://hooks.example.com/in", "events": ["run.started"]}
    http.post("/webhooks", json=hook, headers=version)
    made = http.post(
        "/trigger-subscriptions", json={"source": "form", "workflowId": "gated"}, headers=version
    ).json()
    script(http, "deliveries", {"status": 503})
    started = script(
        http,
        "triggers",
        {"subscriptionId": made["subscription"]["subscriptionId"], "payload": {}},
    ).json()

    token = script(http, "tokens", {"runId": started["runId"], "nodeId": "gate"}).json()["token"]

    seen = http.get("/_fake/deliveries").json()["deliveries"]
    assert [("webhook", 503)] == [(each["kind"], each["status"]) for each in seen]
    assert (
        200
        == httpx.get(
            f"{http.base_url}/interrupts/{token}", headers=version, trust_env=False
        ).status_code
    )


def test_a_reset_forgets_what_happened(host, http):
    http.post("/v1/runs", json={"workflowId": "gated"})

    script(http, "reset", {})

    state = http.get("/_fake/state").json()
    assert (0, 0, ["gated"]) == (state["runs"], state["calls"], state["workflows"])


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("nowhere", {}, 404),
        ("clock/advance", {"seconds": -1}, 400),
        ("faults", {"kind": "explode"}, 400),
        ("faults", {"kind": "fail"}, 400),
        ("workflows", {"id": "x"}, 400),
        ("tokens", {"runId": "none", "nodeId": "none"}, 400),
    ],
)
def test_a_script_that_is_none_is_refused(http, path, body, status):
    answer = script(http, path, body)

    assert (status, "fake_host") == (answer.status_code, answer.json()["error"])


def test_the_mock_model_can_be_scripted(http):
    schema = {"type": "object", "required": ["ok"]}
    flow = Workflow("ask").node("call", "core.ai.structuredOutput", config={"outputSchema": schema})
    script(http, "workflows", flow.build())
    script(http, "models", {"nodeId": "call", "answers": ['{"ok": 7}']})

    run = http.post("/v1/runs", json={"workflowId": "ask"}).json()["statusUrl"]

    assert {"ok": 7} == http.get(run).json()["nodeStates"]["call"]["outputs"]["output"]


def node():
    program = shutil.which("node")
    if program is None:
        return None
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    return program if int(version.stdout.strip().lstrip("v").split(".")[0]) >= 20 else None


@pytest.mark.skipif(node() is None, reason="needs Node 20 or later")
def test_a_node_program_without_dependencies_drives_the_host():
    host = FakeHost()
    with host.serve() as url:
        done = subprocess.run(
            [node(), str(DRIVE), url, host.api_key],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert (0, "") == (done.returncode, done.stderr)
    assert done.stdout.startswith("ok ")


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_curl_drives_the_host(host):
    def curl(*arguments):
        done = subprocess.run(
            ["curl", "--silent", "--show-error", "--noproxy", "*", "--max-time", "20", *arguments],
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    json_body = ["-H", "Content-Type: application/json"]
    with host.serve() as url:
        key = ["-H", f"Authorization: Bearer {host.api_key}"]
        curl(
            *json_body, "-d", json.dumps(Workflow("c").node("a").build()), url + "/_fake/workflows"
        )
        made = json.loads(curl(*key, *json_body, "-d", '{"workflowId": "c"}', url + "/v1/runs"))
        events = curl("-N", *key, url + made["eventsUrl"])

    assert "event: run.completed" in events
