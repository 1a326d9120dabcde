"""Interrupts: who may answer what, and what an answer does, in both majors."""

from __future__ import annotations

import pytest

from openwop_testing import FakeHost, Workflow

GATED = Workflow("gated").approval("gate", "Ship it?").node("after", outputs={"shipped": True})
ALL = Workflow("all").approval("gate", actions=["accept", "reject", "refine", "edit-accept", "ask"])
QUESTION = Workflow("question").clarification(
    "ask", {"q1": "Which colour?"}, schemas={"q1": {"type": "string"}}
)
EVENT = Workflow("event").external_event(
    "wait", "order.paid", {"orderId": "7", "status": "paid"}, timeout=60
)


@pytest.fixture
def host():
    return FakeHost(workflows=[GATED, ALL, QUESTION, EVENT])


def answer(caller, run, value, node="gate"):
    return caller.post(f"{run}/interrupts/{node}", {"resumeValue": value})


def of_type(events, event_type):
    return [event["payload"] for event in events if event["type"] == event_type]


@pytest.mark.obligation("H1-10a")
def test_a_gate_suspends_the_run_at_its_node(host, caller):
    run = caller.start("gated")

    shown = caller.snapshot(run)

    assert ("waiting-approval", "gate") == (shown["status"], shown["currentNodeId"])
    assert ["node.suspended", "interrupt.requested", "approval.requested"] == [
        event["type"] for event in caller.log(run)[2:]
    ]


def test_an_accept_lets_the_run_go_on(host, caller):
    run = caller.start("gated")

    reply = answer(caller, run, {"action": "accept"})

    assert (200, "gate") == (reply.status, reply.json["nodeId"])
    assert [
        "interrupt.resolved",
        "approval.received",
        "node.resumed",
        "node.completed",
        "node.started",
        "node.completed",
        "run.completed",
    ] == [event["type"] for event in caller.log(run)[5:]]


@pytest.mark.obligation("H1-10d")
def test_whoever_decides_is_named(host, v1):
    unnamed, named = v1.start("gated"), v1.start("gated")

    answer(v1, unnamed, {"action": "accept"})
    answer(v1, named, {"action": "accept", "decidedBy": "user:bo"})

    assert ["user:acme", "user:bo"] == [
        of_type(v1.log(run), "approval.received")[0]["decidedBy"] for run in (unnamed, named)
    ]


@pytest.mark.obligation("H2-11b")
def test_a_rejection_fails_the_run(host, caller):
    run = caller.start("gated")

    answer(caller, run, {"action": "reject"})

    assert ("failed", "approval_rejected") == (
        caller.snapshot(run)["status"],
        caller.snapshot(run)["error"]["code"],
    )
    assert "gate" == of_type(caller.log(run), "run.failed")[0]["failedNodeId"]


@pytest.mark.obligation("H2-11b")
def test_an_edge_can_route_a_rejection(host, caller):
    host.workflows.add(
        Workflow("routed").approval("gate").node("apology", rule="any_failed", outputs={"no": 1})
    )
    run = caller.start("routed")

    answer(caller, run, {"action": "reject"})

    assert {"no": 1} == of_type(caller.log(run), "run.completed")[0]["outputs"]


@pytest.mark.parametrize(
    "value",
    [
        {"action": "publish"},
        {"action": "timeout"},
        {"action": "refine"},
        {"action": "refine", "refineFeedback": {"text": "no scope"}},
        {"action": "refine", "refineFeedback": {"scope": "whole", "mood": "bad"}},
        {"action": "edit-accept"},
        {"action": "accept", "colour": "blue"},
        {},
        "accept",
        None,
    ],
)
@pytest.mark.obligation("H1-10c", "H2-11f")
def test_a_decision_that_the_gate_does_not_allow_leaves_it_open(host, caller, value):
    run = caller.start("all")

    reply = answer(caller, run, value)

    assert (400, "validation_error") == (reply.status, reply.code)
    assert "waiting-approval" == caller.status(run)


@pytest.mark.parametrize(
    "value",
    [
        {"action": "refine", "refineFeedback": {"scope": "whole", "text": "shorter"}},
        {"action": "edit-accept", "editedArtifactData": {"title": "New"}},
    ],
)
def test_a_decision_is_recorded_with_its_companion(host, caller, value):
    run = caller.start("all")

    answer(caller, run, value)

    received = of_type(caller.log(run), "approval.received")[0]
    assert value == {name: received[name] for name in value}
    assert "completed" == caller.status(run)


@pytest.mark.obligation("H1-10f")
def test_asking_back_does_not_decide(host, caller):
    run = caller.start("all")
    before = len(caller.log(run))

    reply = answer(caller, run, {"action": "ask", "feedback": "Why?"})

    assert (200, "waiting-approval", before) == (
        reply.status,
        reply.json["status"],
        len(caller.log(run)),
    )


@pytest.mark.parametrize(
    ("value", "action"),
    [
        ({"decision": "approved"}, "accept"),
        ({"decision": "rejected"}, "reject"),
        ({"decision": "rejected", "feedback": "again"}, "refine"),
    ],
)
def test_decisions_in_older_words_are_understood(host, v1, value, action):
    run = v1.start("all")

    answer(v1, run, value)

    assert [action] == [p["action"] for p in of_type(v1.log(run), "approval.received")]


@pytest.mark.obligation("H1-10b", "H2-11d")
def test_the_second_of_two_answers_loses(host, caller):
    run = caller.start("gated")
    answer(caller, run, {"action": "accept"})

    late = answer(caller, run, {"action": "accept"})

    assert (409, "interrupt_already_resolved") == (late.status, late.code)


@pytest.mark.obligation("H2-11a", "H1-10i")
def test_a_node_that_asks_nothing_takes_no_answer(host, v1, v2):
    one = answer(v1, v1.start("gated"), {}, node="nowhere")
    two = answer(v2, v2.start("gated"), {}, node="after")

    assert (404, "interrupt_not_found") == (one.status, one.code)
    assert (404, "not_found") == (two.status, two.code)


@pytest.mark.obligation("H2-11a", "H1-10i")
def test_a_cancelled_run_takes_no_answer(host, v1, v2):
    codes = []
    for caller in (v1, v2):
        run = caller.start("gated")
        caller.post(f"{run}/cancel")
        codes.append(answer(caller, run, {"action": "accept"}))

    assert [(422, "interrupt_cancelled"), (409, "interrupt_already_resolved")] == [
        (reply.status, reply.code) for reply in codes
    ]


@pytest.mark.parametrize("body", [{}, {"resumeValue": 1, "extra": 2}, {"value": 1}])
def test_the_body_of_an_answer_is_closed(host, caller, body):
    reply = caller.post(f"{caller.start('gated')}/interrupts/gate", body)

    assert (400, "validation_error") == (reply.status, reply.code)


@pytest.mark.obligation("H2-11b")
def test_a_gate_without_an_answer_in_time_counts_as_rejected(host, caller):
    host.workflows.add(Workflow("hurry").approval("gate", timeout=90))
    run = caller.start("hurry")

    events = caller.finished(run)

    assert 90_000 == events[-1]["payload"]["durationMs"]
    assert ["timeout"] == [p["action"] for p in of_type(events, "approval.received")]
    assert "approval_rejected" == caller.snapshot(run)["error"]["code"]


@pytest.mark.obligation("H2-11c")
def test_only_listed_approvers_decide(host, caller):
    host.workflows.add(Workflow("named").approval("gate", approvers=["user:bo"]))
    run = caller.start("named")

    refused = answer(caller, run, {"action": "accept"})
    taken = answer(caller, run, {"action": "accept", "decidedBy": "user:bo"})

    assert (403, "forbidden", 200) == (refused.status, refused.code, taken.status)


def vote(caller, run, action, by):
    return answer(caller, run, {"action": action, "decidedBy": by}).json["status"]


@pytest.mark.obligation("H1-10h")
def test_a_quorum_counts_distinct_voters(host, caller):
    host.workflows.add(Workflow("many").approval("gate", required=3, policy="majority"))
    run = caller.start("many")

    votes = [vote(caller, run, "accept", by) for by in ("a", "a", "b", "c")]

    assert ["waiting-approval"] * 3 + ["completed"] == votes
    assert 1 == len(of_type(caller.log(run), "interrupt.resolved"))


def test_a_majority_of_rejections_closes_a_quorum(host, caller):
    host.workflows.add(Workflow("many").approval("gate", required=3, policy="majority"))
    run = caller.start("many")

    votes = [vote(caller, run, "reject", by) for by in ("a", "b")]

    assert ["waiting-approval", "failed"] == votes


def test_a_single_veto_closes_a_quorum(host, caller):
    host.workflows.add(Workflow("many").approval("gate", required=3))
    run = caller.start("many")

    assert ["waiting-approval", "failed"] == [
        vote(caller, run, "accept", "a"),
        vote(caller, run, "reject", "b"),
    ]


def test_a_clarification_takes_an_answer_to_each_question(host, caller):
    run = caller.start("question")
    waiting = caller.status(run)

    reply = answer(caller, run, {"answers": {"q1": "blue"}}, node="ask")

    assert ("waiting-input", 200) == (waiting, reply.status)
    last = caller.log(run)[-1]
    assert {"answers": {"q1": "blue"}} == last["payload"]["outputs"]


def test_answers_as_a_list_are_understood(host, v1):
    run = v1.start("question")

    answer(v1, run, {"answers": [{"id": "q1", "answer": "blue"}]}, node="ask")

    assert {"q1": "blue"} == of_type(v1.log(run), "clarification.resolved")[0]["answers"]


@pytest.mark.parametrize(
    "value", [{}, {"answers": {}}, {"answers": {"q1": 7}}, {"answers": {"q1": "x", "q2": "y"}}, 1]
)
@pytest.mark.obligation("H1-10c")
def test_answers_that_do_not_fit_leave_the_question_open(host, caller, value):
    run = caller.start("question")

    reply = answer(caller, run, value, node="ask")

    assert (400, "validation_error", "waiting-input") == (
        reply.status,
        reply.code,
        caller.status(run),
    )


def test_an_external_event_must_carry_the_correlation(host, caller):
    run = caller.start("event")
    waiting = caller.status(run)

    wrong = answer(caller, run, {"eventPayload": {"orderId": "8", "status": "paid"}}, node="wait")
    right = answer(
        caller, run, {"eventPayload": {"orderId": "7", "status": "paid", "sum": 3}}, node="wait"
    )

    assert "waiting-external" == waiting
    assert (422 if caller.major == 1 else 400, "validation_error") == (wrong.status, wrong.code)
    assert (200, "completed") == (right.status, right.json["status"])


def test_an_external_event_that_does_not_come_fails_the_run(host, caller):
    run = caller.start("event")

    assert "run.failed" == caller.finished(run)[-1]["type"]
    assert "interrupt_expired" == caller.snapshot(run)["error"]["code"]


def test_a_resume_schema_guards_any_kind(host, caller):
    config = {
        "kind": "custom",
        "data": {"customKind": "acme.form"},
        "resumeSchema": {"type": "object", "required": ["n"]},
    }
    host.workflows.add(Workflow("form").node("f", "core.interrupt", config=config))
    run = caller.start("form")

    wrong, right = answer(caller, run, {}, node="f"), answer(caller, run, {"n": 1}, node="f")

    assert [400, 200] == [wrong.status, right.status]


def test_a_schema_never_reaches_outside_itself(host, caller):
    config = {
        "kind": "custom",
        "data": {"customKind": "acme.form"},
        "resumeSchema": {"$ref": "https://example.com/schema.json"},
    }
    host.workflows.add(Workflow("form").node("f", "core.interrupt", config=config))

    reply = answer(caller, caller.start("form"), {}, node="f")

    assert 400 == reply.status
    assert "outside itself" in reply.json["message"]
