"""Faults of one call among several, and faults at random that a seed repeats."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

import openwop
from openwop_testing import FakeHost, Workflow
from openwop_testing.mischief import KINDS, Mischief

FLOW = Workflow("flow").node("a").node("b").node("c", outputs={"done": True})


def client_of(host, **options):
    return openwop.Client(
        host.base_url,
        api_key=host.api_key,
        transport=host.transport(),
        load_plugins=False,
        **options,
    )


def test_a_fault_can_wait_for_a_later_call(host, caller):
    host.faults.fail("getWorkflow", status=503, skip=2)
    host.faults.fail("getWorkflow", status=500, skip=1)

    statuses = [caller.get("/workflows/none").status for _ in range(5)]

    assert [404, 500, 503, 404, 404] == statuses
    host.verify()


@pytest.mark.parametrize("kind", ["refuse", "lose"])
def test_an_answer_can_be_lost_on_a_later_call(kind):
    host = FakeHost(workflows=[FLOW])
    getattr(host.faults, kind)("createRun", skip=1)

    with client_of(host) as client:
        client.runs.start("flow")
        client.runs.start("flow")

    first, second, third = host.calls.of("createRun")
    assert first.idempotency_key != second.idempotency_key == third.idempotency_key
    assert 2 == len(host.engine.runs)


def test_a_fault_can_wait_for_a_later_stream():
    host = FakeHost(workflows=[FLOW])
    host.faults.cut(after=1, skip=1)

    with client_of(host) as client:
        for expected in (1, 3):  # one connection, then two more
            with client.runs.start("flow").events() as events:
                assert "run.completed" == [event.type for event in events][-1]
            assert expected == len(host.calls.of("streamRunEvents"))


def told(seed):
    """What befalls a client that does the same as ever."""
    host = FakeHost(workflows=[FLOW], seed=seed)
    mischief = host.faults.at_random(0.5)
    with client_of(host) as client:
        for _ in range(6):
            handle = client.runs.start("flow")
            with handle.events() as events:
                sequences = [event.sequence for event in events if event.sequence is not None]
            assert sorted(set(sequences)) == sequences
            assert {"done": True} == handle.result()
    assert 6 == len(host.engine.runs)
    return mischief.befallen


def test_the_same_seed_brings_the_same_faults_and_a_client_survives_them():
    first, again, other = told(3), told(3), told(4)

    assert first == again
    assert first != other
    assert len(first) > 5


@given(
    seed=st.integers(0, 1 << 32),
    rate=st.floats(0.01, 1),
    most=st.integers(1, 4),
    operations=st.lists(st.sampled_from(["createRun", "getRun"]), min_size=1, max_size=60),
)
def test_what_befalls_an_operation_does_not_depend_on_the_others(seed, rate, most, operations):
    together = Mischief(seed, rate=rate, in_a_row=most)
    alone = {name: Mischief(seed, rate=rate, in_a_row=most) for name in set(operations)}
    streaks = dict.fromkeys(operations, 0)

    for name in operations:
        drawn = together.request(name)
        assert alone[name].request(name) == drawn
        streaks[name] = streaks[name] + 1 if drawn is not None else 0
        assert streaks[name] <= most


@given(seed=st.integers(0, 1 << 32), kind=st.sampled_from(KINDS))
def test_only_what_was_asked_for_happens(seed, kind):
    mischief = Mischief(seed, rate=1, kinds=[kind], operations=["streamRunEvents"])

    drawn = {mischief.request("streamRunEvents"), mischief.stream("streamRunEvents")}

    assert {kind} == {one.kind for one in drawn if one is not None}
    assert mischief.request("getRun") is mischief.stream("getRun") is None


@pytest.mark.parametrize(
    "options", [{"rate": 0}, {"rate": 1.5}, {"kinds": ["explode"]}, {"kinds": []}]
)
def test_faults_that_cannot_be_drawn_are_refused(host, options):
    with pytest.raises(ValueError, match=r"rate|kinds"):
        host.faults.at_random(**options)


def test_what_befell_whom_is_told(host, caller):
    mischief = host.faults.at_random(1, kinds=["fail"], seed=9)

    answers = [caller.get("/workflows/none") for _ in range(3)]

    assert [True, True, False] == [answer.status in {429, 502, 503, 504} for answer in answers]
    assert 404 == answers[2].status
    expected = ", ".join(
        f"getWorkflow #{number}: {answer.status}" for number, answer in enumerate(answers[:2], 1)
    )
    assert f"seed 9: {expected}" == str(mischief)
    host.faults.clear()
    assert 404 == caller.get("/workflows/none").status


def keyed(caller):
    key = {"Idempotency-Key": "0123456789abcdef01234567"}
    return lambda: caller.post("/runs", {"workflowId": "flow"}, headers=key)


@pytest.mark.obligation("H1-05g", "H2-05b")
def test_a_key_whose_request_is_worked_on_is_told_so(host, caller):
    host.workflows.add(FLOW)
    host.faults.delay("createRun", 30)
    seen = []
    ask = keyed(caller)
    host.clock.house.after(12, lambda: seen.append(ask()))

    first = ask()
    again = ask()

    [meanwhile] = seen
    assert (409, "idempotency_in_flight", "18") == (
        meanwhile.status,
        meanwhile.code,
        meanwhile.headers["Retry-After"],
    )
    details = {"retryAfter": 18} if caller.major == 1 else None
    assert details == meanwhile.json.get("details")
    assert (201, first.body) == (again.status, again.body)
    assert 1 == len(host.engine.runs)


def test_a_client_that_repeats_too_soon_waits_and_gets_the_answer_of_the_first():
    host = FakeHost(workflows=[FLOW])
    host.faults.delay("createRun", 30)

    with client_of(host, timeout=10) as client:
        handle = client.runs.start("flow")

    assert [handle.id.rpartition("/")[2]] == list(host.engine.runs)
    assert 3 == len(host.calls.of("createRun"))
    assert 1 == len({call.idempotency_key for call in host.calls.of("createRun")})


def test_an_answer_can_be_late_without_a_key(host, caller):
    host.faults.delay("getWorkflow", 5)
    before = host.clock.now()

    answer = caller.get("/workflows/none")

    assert (404, 5.0) == (answer.status, host.clock.now() - before)
