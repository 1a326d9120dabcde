"""Forks, diffs, ancestry, annotations, artifacts, bundles and evaluations."""

from __future__ import annotations

import itertools

import pytest

from openwop_testing import FakeHost, NodeContext, Workflow

GATED = Workflow("gated").node("a", outputs={"n": 1}).approval("gate").node("after")
COUNTER = itertools.count()


def effects():
    """Return a workflow with an effect, and how often it happened."""
    done = []

    def act(context: NodeContext):
        done.append(context.node_id)
        return {"times": len(done)}

    flow = Workflow("acting").node("before").node("act", run=act, effect=True).node("after")
    return flow, done


@pytest.fixture
def host():
    return FakeHost(workflows=[GATED])


def accept(caller, run, node="gate"):
    body = {"resumeValue": {"action": "accept"}}
    assert 200 == caller.post(f"{run}/interrupts/{node}", body).status


def fork(caller, run, **body):
    answer = caller.post(f"{run}:fork", body)
    assert 201 == answer.status, answer.body
    bare = answer.json["runId"].rpartition("/")[2]
    return f"/runs/{bare}" if caller.major == 1 else f"/runs/acme~2F{bare}", answer.json


def essence(events):
    return [(event["type"], event["payload"]) for event in events]


@pytest.mark.obligation("H1-10g", "H1-12d")
def test_a_replay_takes_the_decision_that_was_made(host, caller):
    run = caller.start("gated")
    accept(caller, run)

    replay, answer = fork(caller, run, mode="replay")
    events = caller.finished(replay)

    assert ("replay", 0) == (answer["mode"], answer["fromSeq"])
    assert "run.completed" == events[-1]["type"]
    assert "interrupt.requested" not in [event["type"] for event in events]
    source = caller.snapshot(run)["nodeStates"]["gate"]["outputs"]
    assert source == caller.snapshot(replay)["nodeStates"]["gate"]["outputs"]


@pytest.mark.obligation("H1-12a", "H2-13a")
def test_a_fork_copies_the_history_before_its_point(host, caller):
    run = caller.start("gated")
    accept(caller, run)
    source = caller.log(run)

    branch, _ = fork(caller, run, mode="branch", fromSeq=5)
    copied = caller.log(branch)

    assert essence(source[:5]) == essence(copied[:5])
    assert not {event["eventId"] for event in source} & {event["eventId"] for event in copied}
    assert list(range(len(copied))) == [event["sequence"] for event in copied]


def test_a_branch_asks_again(host, caller):
    run = caller.start("gated")
    accept(caller, run)

    branch, _ = fork(caller, run, mode="branch", fromSeq=5)
    waiting = caller.status(branch)
    caller.post(f"{branch}/interrupts/gate", {"resumeValue": {"action": "reject"}})

    assert ("waiting-approval", "failed", "completed") == (
        waiting,
        caller.status(branch),
        caller.status(run),
    )


@pytest.mark.parametrize("point", range(14))
def test_a_fork_at_any_point_comes_to_the_same_end(host, v1, point):
    run = v1.start("gated")
    accept(v1, run)
    length = len(v1.log(run))
    if point >= length:
        assert 422 == v1.post(f"{run}:fork", {"mode": "replay", "fromSeq": point}).status
        return

    replay, _ = fork(v1, run, mode="replay", fromSeq=point)

    assert ("completed", {}) == (
        v1.finished(replay)[-1]["type"].removeprefix("run."),
        v1.finished(replay)[-1]["payload"]["outputs"],
    )
    assert v1.snapshot(run)["variables"] == v1.snapshot(replay)["variables"]


@pytest.mark.obligation("H1-12c", "H1-12d", "H2-13e")
def test_a_replay_does_nothing_to_the_world_and_a_branch_does_it_again(host, caller):
    flow, done = effects()
    host.workflows.add(flow)
    run = caller.start("acting")
    caller.finished(run)

    replay, _ = fork(caller, run, mode="replay")
    after_replay = len(done)
    fork(caller, run, mode="branch", fromSeq=0)

    assert (1, 2) == (after_replay, len(done))
    assert {"times": 1} == caller.snapshot(replay)["nodeStates"]["act"]["outputs"]


@pytest.mark.obligation("H2-13b")
def test_an_effect_without_a_recorded_outcome_fails_the_replay(host, caller):
    node = Workflow("early").approval("gate").node("act", run=lambda c: {}, effect=True)
    host.workflows.add(node)
    run = caller.start("early")
    caller.post(f"{run}/cancel")

    branch, _ = fork(caller, run, mode="replay")
    waiting = caller.status(branch)
    accept(caller, branch)

    assert "waiting-approval" == waiting
    assert "replay_source_missing" == caller.snapshot(branch)["error"]["code"]


def test_a_replay_that_differs_says_so_and_goes_on(host, v1):
    flow = Workflow("drifting").node("a", run=lambda context: {"n": next(COUNTER)}).node("b")
    host.workflows.add(flow)
    run = v1.start("drifting")
    v1.finished(run)

    replay, _ = fork(v1, run, mode="replay")
    events = v1.finished(replay)

    [diverged] = [event["payload"] for event in events if event["type"] == "replay.diverged"]
    assert (run.rpartition("/")[2], 2, "output") == (
        diverged["sourceRunId"],
        diverged["atSequence"],
        diverged["divergenceKind"],
    )
    assert "run.completed" == events[-1]["type"]


@pytest.mark.obligation("H2-13a")
def test_a_fork_belongs_to_whom_its_source_belonged(host, v2):
    run = v2.start("gated", tags=["x"])

    replay, _ = fork(v2, run, mode="replay")

    source, shown = v2.snapshot(run), v2.snapshot(replay)
    assert (source["owner"], source["tags"], source["runId"]) == (
        shown["owner"],
        shown["tags"],
        shown["parentRunId"],
    )


def test_a_branch_may_change_the_options(host, v1):
    run = v1.start("gated", tags=["old"], configurable={"x-mine": 1})

    branch, _ = fork(
        v1,
        run,
        mode="branch",
        fromSeq=0,
        runOptionsOverlay={"tags": ["new"], "configurable": {"x-other": 2}},
    )

    shown = v1.snapshot(branch)
    assert (["new"], {"x-mine": 1, "x-other": 2}) == (shown["tags"], shown["configurable"])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"mode": "replay", "runOptionsOverlay": {"tags": []}}, 400, "validation_error"),
        ({"mode": "branch"}, 400, "validation_error"),
        ({"mode": "replay", "fromSeq": -1}, 400, "validation_error"),
        ({"mode": "copy"}, 400, "validation_error"),
        ({"mode": "replay", "extra": 1}, 400, "validation_error"),
        ({"mode": "replay", "fromSeq": 999}, 422, "fork_point_invalid"),
    ],
)
@pytest.mark.obligation("H1-12b", "H2-13d")
def test_a_fork_that_cannot_be_is_refused(host, caller, body, status, code):
    if body.get("runOptionsOverlay") == {"tags": []}:
        body["runOptionsOverlay"]["tags"] = ["x"]

    answer = caller.post(f"{caller.start('gated')}:fork", body)

    assert (status, code) == (answer.status, answer.code)


def test_a_fork_needs_both_scopes(host, caller):
    run = caller.start("gated")
    host.keys.add("hk_test_narrow", scopes=["runs:create"])
    caller.key = "hk_test_narrow"

    answer = caller.post(f"{run}:fork", {"mode": "replay"})

    assert (403, "runs:read") == (answer.status, answer.json["details"]["scopeRequired"])


@pytest.mark.obligation("H1-15a")
def test_a_host_without_replay_says_so(caller_for):
    host = FakeHost(capabilities={"replay": False}, workflows=[GATED])
    answers = []
    for major in (1, 2):
        caller = caller_for(host, major)
        answers.append(caller.post(f"{caller.start('gated')}:fork", {"mode": "replay"}))

    assert [(501, "capability_not_provided"), (404, "not_found")] == [
        (answer.status, answer.code) for answer in answers
    ]


def test_history_that_is_kept_no_longer_is_gone(caller_for):
    host = FakeHost(capabilities={"replay": {"retention": {"days": 7}}}, workflows=[GATED])
    caller = caller_for(host, 2)
    run = caller.start("gated")
    accept(caller, run)
    host.clock.advance(8 * 86_400)

    answer = caller.post(f"{run}:fork", {"mode": "replay"})

    assert (410, "run_expired") == (answer.status, answer.code)


def test_a_dispatch_loop_can_be_forked_in_the_middle(host, v1, fixtures_folder):
    from openwop_testing.conformance import seed

    seed(host, fixtures_folder)
    run = v1.start("conformance-dispatch-cross-worker-handoff")
    source = v1.finished(run)

    for point in range(1, len(source)):
        replay, _ = fork(v1, run, mode="replay", fromSeq=point)
        events = v1.finished(replay)
        assert "run.completed" == events[-1]["type"], point
        assert "hello" == v1.snapshot(replay)["variables"]["sharedVar"]
        assert len(source) - 1 == events[-1]["sequence"], point


def test_a_refusal_in_a_replay_ends_it(host, v1, fixtures_folder):
    from openwop_testing.conformance import PROGRAMS, seed

    seed(host, fixtures_folder)
    name = "conformance-phase4-replay-divergence"
    host.services.models.program("structured-call", PROGRAMS[name])
    run = v1.start(name)
    v1.finished(run)

    replay, _ = fork(v1, run, mode="replay")
    events = v1.finished(replay)

    assert "replay_diverged_at_refusal" == v1.snapshot(replay)["error"]["code"]
    [diverged] = [e["payload"] for e in events if e["type"] == "replay.divergedAtRefusal"]
    assert ("valid", "refusal") == (
        diverged["originalEnvelopeKind"],
        diverged["replayEnvelopeKind"],
    )


@pytest.mark.obligation("H1-13a")
def test_a_diff_of_equal_runs_is_empty(host, caller):
    flow = Workflow("plain").node("a").node("b")
    host.workflows.add(flow)
    one, two = caller.start("plain"), caller.start("plain")
    against = two.rpartition("/")[2]

    diff = caller.get(f"{one}:diff?against={against}").json

    assert (None, [], {}) == (diff["divergedAtSeq"], diff["eventDiffs"], diff["stateDiff"])
    assert "truncated" not in diff


@pytest.mark.obligation("H1-13a")
def test_a_diff_names_what_was_added_removed_and_changed(host, caller):
    short = Workflow("plain").variable("x").node("a", outputs={"n": 1})
    host.workflows.add(short)
    one = caller.start("plain", inputs={"x": "1"})
    caller.status(one)
    host.workflows.add(Workflow("plain").variable("x").node("a", outputs={"n": 1}).node("b"))
    two = caller.start("plain", inputs={"x": "1"})
    caller.status(two)
    one_id, two_id = (run.rpartition("/")[2] for run in (one, two))

    there = caller.get(f"{one}:diff?against={two_id}").json
    back = caller.get(f"{two}:diff?against={one_id}").json

    assert [(3, "changed"), (4, "added"), (5, "added")] == [
        (entry["seq"], entry["op"]) for entry in there["eventDiffs"]
    ]
    assert [(3, "changed"), (4, "removed"), (5, "removed")] == [
        (entry["seq"], entry["op"]) for entry in back["eventDiffs"]
    ]
    assert 3 == there["divergedAtSeq"]


def test_a_diff_of_a_run_that_goes_on_is_marked(host, caller):
    one, two = caller.start("gated"), caller.start("gated")

    assert caller.get(f"{one}:diff?against={two.rpartition('/')[2]}").json["truncated"] is True


@pytest.mark.obligation("H1-13b")
def test_a_diff_needs_two_runs_that_the_caller_sees(host, v1, v2):
    run, other = v1.start("gated"), v2.start("gated")

    answers = [
        v1.get(f"{run}:diff"),
        v1.get(f"{run}:diff?against=run-none"),
        v2.get(f"{other}:diff?against=foreign~2Frun-0000000000000000"),
    ]

    assert [(400, "validation_error"), (404, "not_found"), (403, "id_tenant_mismatch")] == [
        (answer.status, answer.code) for answer in answers
    ]


def test_ancestry_names_the_run_that_started_this_one(host, caller):
    host.workflows.add(
        Workflow("parent").node("call", "core.subWorkflow", config={"workflowId": "gated"})
    )
    run = caller.start("parent")
    caller.status(run)
    child = caller.snapshot(run)["nodeStates"]["call"]["childRunId"]
    path = child if caller.major == 1 else child.replace("/", "~2F")

    of_child = caller.get(f"/runs/{path}/ancestry").json

    assert (caller.snapshot(run)["runId"], "core.subWorkflow") == (
        of_child["parent"]["runId"],
        of_child["parent"]["cause"],
    )
    assert caller.get(f"{run}/ancestry").json["parent"] is None


def test_feedback_is_listed_and_shown_live_but_not_logged(host, caller):
    run = caller.start("gated")
    body = iter(caller.transport.send(caller.request("GET", f"{run}/events")).body)
    next(body)
    before = len(caller.log(run))

    created = caller.post(
        f"{run}/annotations",
        {"signal": {"kind": "rating", "rating": 4}, "target": {"nodeId": "gate"}, "note": "ok"},
    )
    shown = next(body)

    assert 201 == created.status
    assert [created.json] == caller.get(f"{run}/annotations").json["annotations"]
    assert shown.startswith(b"event: run.annotated\n")
    assert before == len(caller.log(run))


def test_a_finished_run_takes_feedback_too(host, caller):
    run = caller.start("gated")
    caller.post(f"{run}/cancel")

    assert 201 == caller.post(f"{run}/annotations", {"signal": {"kind": "flag"}}).status


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"signal": {"kind": "rating"}},
        {"signal": {"kind": "rating", "rating": 6}},
        {"signal": {"kind": "flag", "rating": 1}},
        {"signal": {"kind": "label", "label": "x"}, "target": {"runId": "r"}},
        {"signal": {"kind": "flag"}, "target": {"nodeId": "nowhere"}},
        {"signal": {"kind": "flag"}, "target": {"eventId": "evt-none"}},
    ],
)
def test_feedback_that_is_none_is_refused(host, caller, body):
    answer = caller.post(f"{caller.start('gated')}/annotations", body)

    assert (400, "validation_error") == (answer.status, answer.code)


def test_a_host_without_feedback_says_so(caller_for):
    host = FakeHost(capabilities={"feedback": False}, workflows=[GATED])
    answers = []
    for major in (1, 2):
        caller = caller_for(host, major)
        answers.append(caller.get(f"{caller.start('gated')}/annotations"))

    assert [(501, "capability_not_provided"), (404, "not_found")] == [
        (answer.status, answer.code) for answer in answers
    ]


def test_an_artifact_is_announced_and_can_be_read(host, caller):
    def make(context: NodeContext):
        return {"id": context.store_artifact("acme.report", {"title": "Q3"})}

    host.workflows.add(Workflow("making").node("m", run=make))
    run = caller.start("making")
    created = next(e for e in caller.finished(run) if e["type"] == "artifact.created")
    name = created["payload"]["artifactId"]

    assert {"title": "Q3"} == caller.get(f"{run}/artifacts/{name}").json["data"]
    assert 404 == caller.get(f"{run}/artifacts/art-none").status


def test_an_artifact_is_given_to_agents_in_their_own_form(host, v2):
    host.workflows.add(
        Workflow("making").node(
            "m", "conformance.artifact.emit", config={"artifactType": "acme.x", "data": {"a": 1}}
        )
    )
    run = v2.start("making")
    v2.status(run)
    [name] = next(iter(host.engine.runs.values())).artifacts

    answer = v2.get(f"{run}/artifacts/{name}", headers={"Accept": "application/a2a+json"})

    assert ("application/a2a+json", name) == (
        answer.headers["Content-Type"],
        answer.json["artifactId"],
    )


def test_a_bundle_holds_the_whole_log(host, v1):
    run = v1.start("gated")
    v1.status(run)

    answer = v1.get(f"{run}/debug-bundle")

    assert "no-store" == answer.headers["Cache-Control"]
    log = v1.log(run)
    assert [event["payload"] for event in log] == [event["data"] for event in answer.json["events"]]
    assert (len(log), "waiting-approval") == (
        answer.json["metrics"]["eventCount"],
        answer.json["run"]["status"],
    )


def test_a_bundle_that_would_be_too_large_is_cut(host, v1):
    host.workflows.add(
        Workflow("large")
        .node("a", outputs={"x": "y" * 5_000_000})
        .node("b", outputs={"x": "y" * 5_000_000})
    )
    run = v1.start("large")
    v1.status(run)

    bundle = v1.get(f"{run}/debug-bundle").json

    assert (True, "events_truncated_to_size_cap") == (
        bundle["truncated"],
        bundle["truncatedReason"],
    )
    assert 0 < len(bundle["events"]) < len(v1.log(run))


TASKS = [
    {"taskId": "one", "score": 1, "costUsd": 0.5},
    {"taskId": "two", "score": 0.25, "seconds": 3},
]


def test_an_evaluation_scores_its_tasks_in_order(host, caller):
    host.evals.add("acme.evals.basic", TASKS)
    body = {"mode": "eval", "evalSuiteRef": "acme.evals.basic", "agentId": "acme.agent"}
    run = caller.post("/runs", body).json["statusUrl"].removeprefix("/v1")
    early = caller.get(f"{run}/eval-summary")

    events = caller.finished(run)

    kinds = [event["type"] for event in events if event["type"].startswith("eval.")]
    assert ["eval.started", "eval.scored", "eval.scored", "eval.completed"] == kinds
    summary = caller.get(f"{run}/eval-summary").json
    assert (409, 0.625, True, 2, 1, 0.5) == (
        early.status,
        summary["aggregateScore"],
        summary["passed"],
        summary["taskCount"],
        summary["passedCount"],
        summary["totalCostUsd"],
    )


def test_only_an_evaluation_has_a_summary(host, caller):
    assert 404 == caller.get(f"{caller.start('gated')}/eval-summary").status


def test_an_evaluation_names_its_suite_and_agent(caller):
    answers = [
        caller.post("/runs", body)
        for body in (
            {"mode": "eval"},
            {"mode": "eval", "evalSuiteRef": "none.evals.none", "agentId": "acme.agent"},
        )
    ]

    assert [400, 400] == [answer.status for answer in answers]


def test_a_host_without_evaluations_says_so(caller_for):
    host = FakeHost(capabilities={"agents": {"evalSuite": False}})
    body = {"mode": "eval", "evalSuiteRef": "a.evals.b", "agentId": "acme.agent"}

    answers = [caller_for(host, major).post("/runs", body) for major in (1, 2)]

    assert [(501, "capability_not_provided"), (422, "capability_not_provided")] == [
        (answer.status, answer.code) for answer in answers
    ]


@pytest.mark.obligation("H2-14")
def test_effects_are_listed_without_their_content(host, v2):
    flow, _ = effects()
    host.workflows.add(flow)
    run = v2.start("acting")
    v2.finished(run)

    [row] = v2.get(f"{run}/effects").json["effects"]

    assert ("act", 0, "completed", True) == (
        row["nodeId"],
        row["attempt"],
        row["state"],
        row["effectId"].startswith("acme/"),
    )
