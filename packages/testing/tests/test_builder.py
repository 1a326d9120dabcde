"""Workflows written in Python: what each step of the builder does in a run."""

from __future__ import annotations

import pytest

from openwop_testing import FakeHost, Workflow


def test_a_message_is_streamed_chunk_by_chunk(host, caller):
    usage = {"promptTokens": 3, "completionTokens": 2, "costUsd": 0.25}
    host.workflows.add(
        Workflow("talk").ai_message("say", ["Hello, ", "you."], seconds_per_chunk=2, usage=usage)
    )
    run = caller.start("talk")

    frames = caller.get(f"{run}/events?streamMode=messages").frames
    log = caller.log(run)
    first, last = (event for event in log if event["type"] == "output.chunk")
    spent = [event["payload"] for event in log if event["type"] == "provider.usage"]

    assert ["Hello, ", "you."] == [frame["data"]["chunk"] for frame in frames]
    assert (False, True) == (first["payload"]["isLast"], last["payload"]["isLast"])
    assert "stop" == last["payload"]["meta"]["finishReason"]
    assert [(3, 2, 0.25)] == [
        (each["inputTokens"], each["outputTokens"], each["costEstimateUsd"]) for each in spent
    ]
    assert {"text": "Hello, you."} == log[-1]["payload"]["outputs"]
    assert 4.0 == host.clock.now() - 1_767_225_600.0


def test_a_message_without_text_is_a_mistake():
    with pytest.raises(ValueError, match="at least one chunk"):
        Workflow("talk").ai_message("say", [])


def test_a_sub_workflow_takes_variables_down_and_back_up(host, caller):
    host.workflows.add(
        Workflow("inner")
        .variable("question")
        .variable("answer")
        .node("think", variables={"answer": "42"})
    )
    host.workflows.add(
        Workflow("outer")
        .variable("asked", default="Why?")
        .variable("told")
        .sub_workflow("ask", "inner", inputs={"question": "asked"}, outputs={"told": "answer"})
    )
    run = caller.start("outer")
    caller.finished(run)

    child = next(each for each in host.engine.runs.values() if each.workflow_id == "inner")
    assert "Why?" == child.variables["question"]
    assert "42" == caller.snapshot(run)["variables"]["told"]


@pytest.mark.parametrize(
    ("members", "status"), [({}, "failed"), ({"onChildFailure": "continue"}, "completed")]
)
def test_what_a_failing_child_does_to_its_parent_is_said_by_the_step(host, caller, members, status):
    host.workflows.add(Workflow("inner").fail("broken"))
    host.workflows.add(Workflow("outer").sub_workflow("call", "inner", **members))
    run = caller.start("outer")
    caller.finished(run)

    assert status == caller.status(run)


def test_a_parent_need_not_wait_for_its_child(caller_for):
    host = FakeHost(workflows=[Workflow("inner").delay("sleep", 30)])
    host.workflows.add(Workflow("outer").sub_workflow("call", "inner", wait=False))
    caller = caller_for(host, 2)
    end = caller.finished(caller.start("outer"))[-1]

    host.clock.advance(60)
    child = next(each for each in host.engine.runs.values() if each.workflow_id == "inner")
    assert ("run.completed", 0) == (end["type"], end["payload"]["durationMs"])
    assert ("completed", 30_000) == (child.status, child.log[-1].payload["durationMs"])
