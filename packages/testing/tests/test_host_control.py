"""Cancelling, pausing and resuming, and repeating a request under its key, in both majors."""

from __future__ import annotations

import uuid

import pytest

from openwop.wire import ConnectError, Timeouts, TransportError, TransportTimeout
from openwop_testing import FakeHost, Workflow

PLAIN = Workflow("plain").node("a")
SLOW = Workflow("slow").delay("wait", 30).node("after")
GATED = Workflow("gated").approval("gate")


@pytest.fixture
def host():
    return FakeHost(workflows=[PLAIN, SLOW, GATED])


def key():
    return {"Idempotency-Key": str(uuid.uuid4())}


def tail(caller, run, count):
    return [event["type"] for event in caller.log(run)[-count:]]


@pytest.mark.obligation("H1-11d")
def test_cancelling_ends_what_is_going_on(host, caller):
    run = caller.start("slow")

    answer = caller.post(f"{run}/cancel", {"reason": "enough"})

    assert (200, "cancelled") == (answer.status, answer.json["status"])
    assert ["node.cancelled", "run.cancelled"] == tail(caller, run, 2)
    assert "enough" == caller.log(run)[-1]["payload"]["reason"]
    assert "cancelled" == caller.status(run)


@pytest.mark.obligation("H2-12")
def test_cancelling_again_is_natural_in_major_1_and_a_conflict_in_major_2(host, v1, v2):
    answers = []
    for caller in (v1, v2):
        run = caller.start("gated")
        caller.post(f"{run}/cancel")
        answers.append(caller.post(f"{run}/cancel"))

    assert [200, 409] == [answer.status for answer in answers]
    assert "run_terminal" == answers[1].code


def test_a_finished_run_cannot_be_cancelled(host, caller):
    answer = caller.post(f"{caller.start('plain')}/cancel")

    assert (409, "run_terminal") == (answer.status, answer.code)


@pytest.mark.obligation("H2-12", "H2-12b")
def test_a_bulk_cancel_answers_each_run_for_itself(host, caller):
    waiting, done = caller.start("gated"), caller.start("plain")
    ids = [caller.snapshot(run)["runId"] for run in (waiting, done)]

    answer = caller.post("/runs:bulk-cancel", {"runIds": [ids[1], "run-none", ids[0], ids[0]]})

    assert 200 == answer.status
    assert [
        (False, "run_terminal"),
        (False, "not_found"),
        (True, "cancelled"),
        (True, "cancelled"),
    ] == [
        (item["ok"], item["status"] if item["ok"] else item["error"]["error"])
        for item in answer.json["results"]
    ]


@pytest.mark.parametrize("ids", [[], [""], ["x"] * 101])
def test_a_bulk_cancel_has_bounds(caller, ids):
    answer = caller.post("/runs:bulk-cancel", {"runIds": ids})

    assert (400, "validation_error") == (answer.status, answer.code)
    if len(ids) > 100:
        assert 100 == answer.json["details"]["maxRunIds"]


@pytest.mark.obligation("H1-11a")
def test_a_pause_waits_for_the_node_that_is_running(host, caller):
    run = caller.start("slow")

    answer = caller.post(f"{run}:pause", {"reason": "lunch"})
    meanwhile = caller.status(run)
    host.clock.advance(30)

    assert (202, "paused") == (answer.status, answer.json["status"])
    assert ("running", "paused") == (meanwhile, caller.status(run))
    assert ["node.completed", "run.paused"] == tail(caller, run, 2)
    assert ("lunch", "drain-current-node") == (
        (payload := caller.log(run)[-1]["payload"])["reason"],
        payload["drainPolicy"],
    )


@pytest.mark.obligation("H1-11c")
def test_an_immediate_pause_cuts_the_attempt_and_resuming_starts_a_fresh_one(host, caller):
    run = caller.start("slow")
    host.clock.advance(10)

    caller.post(f"{run}:pause", {"drainPolicy": "immediate"})
    host.clock.advance(1000)
    paused = caller.status(run)
    resumed = caller.post(f"{run}:resume")
    events = caller.finished(run)

    assert ("paused", 202, "running") == (paused, resumed.status, resumed.json["status"])
    kinds = [(event["type"], event["payload"].get("attempt")) for event in events]
    assert [
        ("run.paused", None),
        ("run.resumed", None),
        ("node.started", 1),
        ("node.completed", None),
    ] == kinds[2:6]
    assert 1_040_000 == events[-1]["payload"]["durationMs"]


@pytest.mark.obligation("H1-11b")
def test_pausing_twice_and_resuming_what_runs_are_conflicts(host, caller):
    run = caller.start("slow")
    early = caller.post(f"{run}:resume")
    caller.post(f"{run}:pause", {"drainPolicy": "immediate"})
    again = caller.post(f"{run}:pause")

    assert [(409, "running"), (409, "paused")] == [
        (answer.status, answer.json["details"]["runStatus"]) for answer in (early, again)
    ]
    assert ("pausedAt" in again.json["details"]) == (caller.major == 1)


@pytest.mark.parametrize("verb", ["pause", "resume"])
@pytest.mark.obligation("H2-12")
def test_a_finished_run_is_neither_paused_nor_resumed(host, v1, v2, verb):
    one, two = (c.post(f"{c.start('plain')}:{verb}") for c in (v1, v2))

    assert (409, "completed") == (one.status, one.json["details"]["runStatus"])
    assert (409, "run_terminal") == (two.status, two.code)


def test_pausing_a_waiting_run_keeps_its_question(host, v1, v2):
    refused = v1.post(f"{v1.start('gated')}:pause")
    run = v2.start("gated")
    taken = v2.post(f"{run}:pause")
    held = v2.post(f"{run}/interrupts/gate", {"resumeValue": {"action": "accept"}})
    v2.post(f"{run}:resume")
    after = v2.post(f"{run}/interrupts/gate", {"resumeValue": {"action": "accept"}})

    assert (409, 202, 409, 200) == (refused.status, taken.status, held.status, after.status)
    assert "completed" == v2.status(run)


@pytest.mark.obligation("H1-11d")
def test_a_paused_run_can_be_cancelled(host, caller):
    run = caller.start("slow")
    caller.post(f"{run}:pause", {"drainPolicy": "immediate"})

    assert (200, "cancelled") == (
        caller.post(f"{run}/cancel").status,
        caller.status(run),
    )


def test_a_host_that_does_not_pause_has_no_such_operation(caller_for):
    host = FakeHost(capabilities={"runs": False}, workflows=[SLOW])
    caller = caller_for(host, 1)

    answer = caller.post(f"{caller.start('slow')}:pause")

    assert (404, "not_found") == (answer.status, answer.code)


@pytest.mark.obligation("H1-05a", "H2-05")
def test_a_repeated_request_is_answered_from_the_table(host, caller):
    header, body = key(), {"workflowId": "plain"}

    first = caller.post("/runs", body, headers=header)
    second = caller.post("/runs", body, headers=header)

    assert (first.status, first.body) == (second.status, second.body)
    assert [None, "true"] == [a.headers.get("OpenWOP-Idempotent-Replay") for a in (first, second)]
    assert 1 == len(host.engine.runs)


@pytest.mark.obligation("H1-05b", "H2-05")
def test_a_key_stands_for_one_request(host, caller):
    header = key()
    caller.post("/runs", {"workflowId": "plain"}, headers=header)

    answer = caller.post("/runs", {"workflowId": "slow"}, headers=header)

    assert (409, "idempotency_key_mismatch") == (answer.status, answer.code)
    assert 1 == len(host.engine.runs)


@pytest.mark.obligation("H1-05d")
def test_a_key_is_told_apart_by_tenant_and_operation(host, caller, caller_for):
    header, body = key(), {"workflowId": "gated"}
    host.keys.add("hk_test_other", tenant="other")
    other = caller_for(host, caller.major, "hk_test_other")

    run = caller.post("/runs", body, headers=header).json["statusUrl"].removeprefix("/v1")
    assert 201 == other.post("/runs", body, headers=header).status
    assert 200 == caller.post(f"{run}/cancel", headers=header).status
    assert 2 == len(host.engine.runs)


def test_equal_bodies_with_members_in_another_order_are_one_request(host, caller):
    header = key()
    one = caller.send("POST", "/runs", raw=b'{"workflowId":"plain","tags":[]}', headers=header)
    two = caller.send("POST", "/runs", raw=b'{"tags": [], "workflowId": "plain"}', headers=header)

    assert one.body == two.body


@pytest.mark.obligation("H1-05c", "H2-05c")
def test_an_invalid_request_is_never_given_again(host, caller):
    header = key()
    bad = caller.post("/runs", {"workflowId": "plain", "tags": "x"}, headers=header)
    good = caller.post("/runs", {"workflowId": "plain"}, headers=header)

    assert [400, 201] == [bad.status, good.status]


@pytest.mark.obligation("H1-05f")
def test_a_final_refusal_is_given_again(host, caller):
    header, run = key(), caller.start("plain")
    first = caller.post(f"{run}/cancel", headers=header)
    second = caller.post(f"{run}/cancel", headers=header)

    assert [409, 409] == [first.status, second.status]
    assert "true" == second.headers["OpenWOP-Idempotent-Replay"]


@pytest.mark.obligation("H1-05e")
def test_a_key_is_forgotten_after_a_day(host, caller):
    header, body = key(), {"workflowId": "plain"}
    caller.post("/runs", body, headers=header)
    host.clock.advance(24 * 3600)

    caller.post("/runs", body, headers=header)

    assert 2 == len(host.engine.runs)


@pytest.mark.parametrize("value", ["short", "with space in the middle of it", "x" * 129])
@pytest.mark.obligation("H2-04")
def test_a_key_outside_the_grammar_is_refused_in_major_2(host, v2, value):
    answer = v2.post("/runs", {"workflowId": "plain"}, headers={"Idempotency-Key": value})

    assert (400, "idempotency_key_invalid") == (answer.status, answer.code)


@pytest.mark.parametrize(("value", "status"), [("short", 201), ("x" * 255, 201), ("x" * 256, 400)])
def test_a_key_of_major_1_has_up_to_255_characters(host, v1, value, status):
    answer = v1.post("/runs", {"workflowId": "plain"}, headers={"Idempotency-Key": value})

    assert status == answer.status


def test_a_lost_answer_has_done_its_work(host, caller):
    header, body = key(), {"workflowId": "plain"}
    host.faults.lose("createRun")

    with pytest.raises(TransportError) as lost:
        caller.post("/runs", body, headers=header)
    again = caller.post("/runs", body, headers=header)

    assert lost.value.sent
    assert (201, "true") == (again.status, again.headers["OpenWOP-Idempotent-Replay"])
    assert 1 == len(host.engine.runs)


def test_a_refused_connection_has_sent_nothing(host, caller):
    host.faults.refuse("createRun")

    with pytest.raises(ConnectError) as refused:
        caller.post("/runs", {"workflowId": "plain"})

    assert not refused.value.sent
    assert 0 == len(host.engine.runs)


def test_a_request_that_hangs_ends_at_its_bound(host, caller):
    host.faults.hang("createRun")
    began = host.clock.now()

    with pytest.raises(TransportTimeout):
        caller.post("/runs", {"workflowId": "plain"}, timeouts=Timeouts(total=30))

    assert 30 == host.clock.now() - began


def test_a_scripted_error_is_met_as_often_as_it_says(host, caller):
    host.faults.fail("createRun", status=503, times=2, retry_after=30)

    answers = [caller.post("/runs", {"workflowId": "plain"}) for _ in range(3)]

    assert [(503, "30"), (503, "30"), (201, None)] == [
        (answer.status, answer.headers.get("Retry-After")) for answer in answers
    ]
    assert "service_unavailable" == answers[0].code
    host.verify()


def test_a_fault_that_nobody_met_is_reported(host):
    host.faults.fail("forkRun", status=503)
    host.faults.cut(after=3)

    with pytest.raises(AssertionError, match=r"forkRun: 503(.|\n)*streamRunEvents: cut after 3"):
        host.verify()
