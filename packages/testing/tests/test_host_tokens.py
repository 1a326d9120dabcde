"""Signed tokens: what they open, for how long, and what voids them."""

from __future__ import annotations

import pytest

from openwop_testing import FakeHost, Workflow

GATED = Workflow("gated").node("a", outputs={"n": 1}).approval("gate").node("after")


@pytest.fixture
def host():
    return FakeHost(workflows=[GATED])


@pytest.mark.obligation("H1-10e", "H2-11e")
def test_a_token_stands_for_its_bearer(host, caller):
    run = caller.start("gated")
    caller.status(run)
    token = host.token(run.replace("~2F", "/"), "gate", major=caller.major)
    caller.key = ""

    seen = caller.get(f"/interrupts/{token}")
    answered = caller.post(f"/interrupts/{token}", {"resumeValue": {"action": "accept"}})
    late = caller.get(f"/interrupts/{token}")

    assert (200, "approval") == (seen.status, seen.json["kind"])
    assert (200, "completed") == (answered.status, answered.json["status"])
    assert (409, "interrupt_already_resolved") == (late.status, late.code)


def test_an_inspecting_token_only_looks(host, caller):
    run = caller.start("gated")
    caller.status(run)
    token = host.token(run.replace("~2F", "/"), "gate", major=caller.major, intent="inspect")

    answer = caller.post(f"/interrupts/{token}", {"resumeValue": {"action": "accept"}})

    assert (403, "forbidden", 200) == (
        answer.status,
        answer.code,
        caller.get(f"/interrupts/{token}").status,
    )


@pytest.mark.obligation("H1-10e")
def test_a_token_expires(host, caller):
    run = caller.start("gated")
    caller.status(run)
    token = host.token(run.replace("~2F", "/"), "gate", major=caller.major)

    host.clock.advance(30 * 60)

    answer = caller.get(f"/interrupts/{token}")
    assert (410, "interrupt_expired") == (answer.status, answer.code)


def test_a_token_never_outlives_its_question(host, caller):
    host.workflows.add(Workflow("hurry").approval("gate", timeout=60).node("x", rule="any_failed"))
    run = caller.start("hurry")
    caller.status(run)
    token = host.token(run.replace("~2F", "/"), "gate", major=caller.major)

    host.clock.advance(60)

    assert caller.get(f"/interrupts/{token}").status in {409, 410}


@pytest.mark.obligation("H1-10e")
def test_a_cancelled_run_voids_its_tokens(host, caller):
    run = caller.start("gated")
    caller.status(run)
    token = host.token(run.replace("~2F", "/"), "gate", major=caller.major)
    caller.post(f"{run}/cancel")

    answer = caller.get(f"/interrupts/{token}")

    assert (409, "interrupt_already_resolved") == (answer.status, answer.code)


@pytest.mark.parametrize("change", ["drop", "flip", "none"])
@pytest.mark.obligation("H2-11a", "H1-10i", "H2-11e")
def test_a_token_that_was_changed_is_none(host, v1, v2, change):
    run = v1.start("gated")
    v1.status(run)
    answers = []
    for caller in (v1, v2):
        token = host.token(run, "gate", major=caller.major)
        broken = {
            "drop": token[:-4],
            "flip": token[:20] + ("A" if token[20] != "A" else "B") + token[21:],
            "none": "nonsense",
        }[change]
        answers.append(caller.get(f"/interrupts/{broken}"))

    assert [(404, "interrupt_not_found"), (401, "interrupt_token_invalid")] == [
        (answer.status, answer.code) for answer in answers
    ]


def test_a_token_of_major_1_still_resolves_in_major_2(host, v1, v2):
    run = v1.start("gated")
    v1.status(run)
    token = host.token(run, "gate", major=1)

    assert 200 == v2.post(f"/interrupts/{token}", {"resumeValue": {"action": "accept"}}).status
