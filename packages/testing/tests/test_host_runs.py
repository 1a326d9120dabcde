"""Runs: their creation, their log, their snapshots and their end, in both majors."""

from __future__ import annotations

import pytest

from openwop_testing import FakeHost, NodeContext, NodeError, Workflow

STEPS = Workflow("steps").node("a").node("b", outputs={"x": 1}).node("c", outputs={"y": 2})


def kinds(events):
    return [(event["type"], event.get("nodeId")) for event in events]


@pytest.mark.obligation("H1-04c", "H2-08c")
def test_a_chain_runs_its_nodes_in_edge_order(host, caller):
    host.workflows.add(STEPS)

    run = caller.start("steps")

    assert kinds(caller.finished(run)) == [
        ("run.started", None),
        ("node.started", "a"),
        ("node.completed", "a"),
        ("node.started", "b"),
        ("node.completed", "b"),
        ("node.started", "c"),
        ("node.completed", "c"),
        ("run.completed", None),
    ]


@pytest.mark.obligation("H1-04b", "H2-08b")
def test_sequences_begin_at_zero_and_have_no_gap(host, caller):
    host.workflows.add(STEPS)

    events = caller.finished(caller.start("steps"))

    assert list(range(len(events))) == [event["sequence"] for event in events]


@pytest.mark.obligation("H1-04a")
def test_creation_never_answers_a_terminal_status(host, caller):
    host.workflows.add(STEPS)

    answer = caller.post("/runs", {"workflowId": "steps"})

    assert (answer.status, answer.json["status"]) == (201, "pending")


@pytest.mark.obligation("H2-08")
def test_the_outputs_of_a_run_are_those_of_its_last_node(host, caller):
    host.workflows.add(STEPS)

    last = caller.finished(caller.start("steps"))[-1]

    assert last["payload"]["outputs"] == {"y": 2}


def test_the_outputs_of_a_run_are_those_of_its_primary_node(host, caller):
    host.workflows.add(
        Workflow("primary").node("a", outputs={"kept": True}, primary=True).node("b")
    )

    last = caller.finished(caller.start("primary"))[-1]

    assert last["payload"]["outputs"] == {"kept": True}


@pytest.mark.obligation("H2-03a")
def test_ids_are_bound_to_their_tenant_in_major_2_and_bare_in_major_1(host, v1, v2):
    host.workflows.add(STEPS)
    run = v1.start("steps")
    bare = run.rpartition("/")[2]

    assert bare == v1.snapshot(run)["runId"]
    assert f"acme/{bare}" == v2.snapshot(f"/runs/acme~2F{bare}")["runId"]


@pytest.mark.parametrize("form", ["acme~2F{}", "acme%2F{}", "acme%2f{}", "{}"])
@pytest.mark.obligation("H2-03a")
def test_every_form_of_an_id_is_understood_on_a_path_of_major_2(host, v2, form):
    host.workflows.add(STEPS)
    bare = v2.start("steps").rpartition("~2F")[2]

    assert v2.get("/runs/" + form.format(bare)).status == 200


@pytest.mark.obligation("H2-03c")
def test_a_bare_id_is_refused_where_only_major_2_is_served(caller_for):
    host = FakeHost(majors={2}, workflows=[STEPS])
    caller = caller_for(host, 2)
    bare = caller.start("steps").rpartition("~2F")[2]

    answer = caller.get(f"/runs/{bare}")

    assert (answer.status, answer.code) == (400, "validation_error")


@pytest.mark.obligation("H2-03b")
def test_an_id_of_another_tenant_is_refused_before_it_is_looked_up(host, v2):
    answer = v2.get("/runs/other~2Frun-0000000000000000")

    assert (answer.status, answer.code) == (403, "id_tenant_mismatch")


def test_an_unknown_workflow_is_a_bad_request(caller):
    answer = caller.post("/runs", {"workflowId": "nowhere"})

    assert (answer.status, answer.code) == (400, "validation_error")


@pytest.mark.obligation("H1-03a", "H2-04b")
def test_a_member_that_the_request_does_not_have_is_refused(host, caller):
    host.workflows.add(STEPS)

    answer = caller.post("/runs", {"workflowId": "steps", "colour": "blue"})

    assert (answer.status, answer.json["details"]["field"]) == (400, "colour")


def test_inputs_become_variables_over_the_defaults(host, caller):
    host.workflows.add(
        Workflow("vars").variable("a", default="x").variable("b", "number", default=1).node("n")
    )

    run = caller.start("vars", inputs={"b": 2, "c": [3]})

    assert caller.snapshot(run)["variables"] == {"a": "x", "b": 2, "c": [3]}


@pytest.mark.parametrize("inputs", [{}, {"n": "one"}, {"n": True}, {"n": None}])
@pytest.mark.obligation("H1-03c")
def test_a_required_input_must_be_there_and_of_its_type(host, caller, inputs):
    host.workflows.add(Workflow("typed").variable("n", "number", required=True).node("a"))

    answer = caller.post("/runs", {"workflowId": "typed", "inputs": inputs})

    assert (answer.status, answer.json["details"]["field"]) == (400, "inputs.n")


@pytest.mark.obligation("H1-17a")
def test_a_sensitive_variable_shows_nowhere(host, caller):
    host.workflows.add(
        Workflow("secret")
        .variable("key", sensitive=True)
        .node("n", run=lambda context: context.set_variable("key", "new-hush"))
    )

    run = caller.start("secret", inputs={"key": "hush"})
    caller.finished(run)

    assert b"hush" not in caller.get(run).body + caller.get(f"{run}/events?streamMode=debug").body
    assert caller.snapshot(run)["variables"]["key"] == "[REDACTED]"


def test_a_failing_node_fails_the_run_with_the_same_error(host, caller):
    host.workflows.add(Workflow("bad").fail("boom", "acme.broken", "It broke.").node("never"))

    run = caller.start("bad")
    events = caller.finished(run)

    assert kinds(events) == [
        ("run.started", None),
        ("node.started", "boom"),
        ("node.failed", "boom"),
        ("run.failed", None),
    ]
    assert caller.snapshot(run)["error"] == {"code": "acme.broken", "message": "It broke."}
    assert events[-1]["payload"]["failedNodeId"] == "boom"


def test_a_retryable_failure_is_retried_as_often_as_allowed(host, caller):
    host.workflows.add(Workflow("flaky").fail("f", times=2, retries=2, outputs={"ok": 1}))

    events = caller.finished(caller.start("flaky"))

    assert [e["payload"]["attempt"] for e in events if e["type"] == "node.retried"] == [1, 2]
    assert (events[-1]["type"], events[-1]["payload"]["outputs"]) == ("run.completed", {"ok": 1})


def test_retries_that_do_not_suffice_fail_the_node_once(host, caller):
    host.workflows.add(Workflow("flaky").fail("f", times=3, retries=2))

    events = caller.finished(caller.start("flaky"))

    failed = [event for event in events if event["type"] == "node.failed"]
    assert [event["payload"]["attempts"] for event in failed] == [3]


def test_a_retry_waits_on_the_runs_clock(host, caller):
    def flaky(context: NodeContext):
        if context.attempt < 1:
            raise NodeError("acme.flaky", "Not yet.", retryable=True)

    host.workflows.add(Workflow("slow").node("f", run=flaky, retries=1, retry_delay=7))

    last = caller.finished(caller.start("slow"))[-1]

    assert (last["type"], last["payload"]["durationMs"]) == ("run.completed", 7000)


def test_a_python_function_that_raises_fails_its_node(host, caller):
    def broken(context: NodeContext):
        raise KeyError("gone")

    host.workflows.add(Workflow("py").node("f", run=broken))

    run = caller.start("py")
    caller.finished(run)

    error = caller.snapshot(run)["error"]
    assert (error["code"], error["message"]) == ("sandbox_invocation_error", "KeyError: 'gone'")


def test_only_the_branch_whose_condition_holds_is_taken(host, caller):
    host.workflows.add(
        Workflow("branching")
        .variable("colour", default="red")
        .node("start")
        .branch(
            ("variables.colour == 'red'", lambda arm: arm.node("red")),
            ("variables.colour == 'blue'", lambda arm: arm.node("blue")),
            otherwise=lambda arm: arm.node("other"),
        )
        .node("end", outputs={"done": True})
    )

    events = caller.finished(caller.start("branching", inputs={"colour": "blue"}))

    assert [e["nodeId"] for e in events if e["type"] == "node.skipped"] == ["red", "other"]
    assert [e["nodeId"] for e in events if e["type"] == "node.completed"] == [
        "start",
        "blue",
        "end",
    ]


def test_the_step_after_parallel_arms_waits_for_all_of_them(host, caller):
    host.workflows.add(
        Workflow("fan")
        .node("start")
        .parallel(lambda arm: arm.node("slow", seconds=5), lambda arm: arm.node("fast", seconds=1))
        .node("end")
    )

    events = caller.finished(caller.start("fan"))

    assert [e["nodeId"] for e in events if e["type"] == "node.completed"] == [
        "start",
        "fast",
        "slow",
        "end",
    ]
    assert events[-1]["payload"]["durationMs"] == 5000


@pytest.mark.parametrize(
    ("rule", "failing", "expected"),
    [
        ("all_success", True, "run.failed"),
        ("any_success", True, "run.failed"),
        ("any_failed", True, "run.completed"),
        ("all_complete", True, "run.completed"),
        ("any_failed", False, "run.completed"),
    ],
)
def test_a_failure_ends_the_run_unless_an_edge_handles_it(host, caller, rule, failing, expected):
    flow = Workflow("handled")
    flow = flow.fail("first") if failing else flow.node("first")
    host.workflows.add(flow.node("handler", rule=rule))

    events = caller.finished(caller.start("handled"))

    assert expected == events[-1]["type"]
    handled = [e["type"] for e in events if e.get("nodeId") == "handler"]
    wanted = {True: ["node.started", "node.completed"], False: ["node.skipped"]}
    if expected == "run.completed":
        assert wanted[failing] == handled


def test_a_loop_goes_back_until_its_condition_fails(host, caller):
    def count(context: NodeContext):
        context.set_variable("n", context.variables["n"] + 1)

    host.workflows.add(
        Workflow("loop")
        .variable("n", "number", default=0)
        .node("work", run=count)
        .node("check")
        .loop("check", "work", when="variables.n < 3")
    )

    run = caller.start("loop")
    caller.finished(run)

    assert caller.snapshot(run)["variables"]["n"] == 3


def test_a_loop_that_does_not_end_is_stopped(host, caller):
    host.workflows.add(Workflow("forever").node("a").node("b").loop("b", "a", when="true"))

    run = caller.start("forever")
    events = caller.finished(run)

    assert caller.snapshot(run)["error"]["code"] == "loop_limit_exceeded"
    assert (
        next(e for e in events if e["type"] == "workflow.loopback-limit")["payload"]["iterations"]
        == 6
    )


@pytest.mark.obligation("H1-16a")
def test_too_many_nodes_breach_the_cap_before_the_run_fails(host, v1):
    flow = Workflow("long")
    for index in range(6):
        flow.node(f"n{index}")
    host.workflows.add(flow)

    run = v1.start("long", configurable={"recursionLimit": 5})
    events = v1.finished(run)

    assert [e["type"] for e in events[-3:]] == ["node.completed", "cap.breached", "run.failed"]
    assert events[-2]["payload"] == {
        "kind": "node-executions",
        "limit": 5,
        "observed": 6,
        "nodeId": "n5",
    }
    assert v1.snapshot(run)["error"]["code"] == "recursion_limit_exceeded"


@pytest.mark.obligation("H1-16b")
def test_a_cap_cannot_be_raised_above_the_hosts(caller_for):
    host = FakeHost(
        capabilities={"limits": {"maxNodeExecutions": 2}},
        workflows=[STEPS],
    )
    caller = caller_for(host, 2)

    run = caller.start("steps", configurable={"version": 1, "run": {"recursionLimit": 50}})
    caller.finished(run)

    assert caller.snapshot(run)["error"]["code"] == "recursion_limit_exceeded"


@pytest.mark.obligation("H1-16a")
def test_a_run_that_takes_too_long_times_out(host, caller):
    host.workflows.add(Workflow("slow").delay("wait", 30))
    options = (
        {"runTimeoutMs": 1000}
        if caller.major == 1
        else {"version": 1, "run": {"runTimeoutMs": 1000}}
    )

    run = caller.start("slow", configurable=options)
    events = caller.finished(run)

    breach = events[-2 - (events[-2]["type"] == "node.cancelled")]["payload"]
    assert (breach["kind"], breach["limit"]) == ("run-duration", 1000)
    assert breach["observed"] > 1000
    assert caller.snapshot(run)["error"]["code"] == "run_timeout"


def test_tags_metadata_and_options_show_on_the_snapshot(host, v1):
    host.workflows.add(STEPS)
    given = {"tags": ["a", "b"], "metadata": {"k": [1]}, "configurable": {"x-mine": 1}}

    shown = v1.snapshot(v1.start("steps", **given))

    assert given == {name: shown[name] for name in given}


@pytest.mark.obligation("H1-09b", "H2-07")
def test_the_validator_of_a_snapshot_changes_with_every_event(host, caller):
    host.workflows.add(Workflow("gated").approval("gate"))
    run = caller.start("gated")
    before = caller.get(run).headers["ETag"]

    unchanged = caller.get(run, headers={"If-None-Match": before})
    caller.post(f"{run}/interrupts/gate", {"resumeValue": {"action": "accept"}})
    after = caller.get(run, headers={"If-None-Match": before})

    assert (unchanged.status, unchanged.body) == (304, b"")
    assert (after.status, after.json["status"]) == (200, "completed")


def test_runs_are_listed_newest_first_and_in_pages(host, v2):
    host.workflows.add(STEPS)
    started = [v2.snapshot(v2.start("steps"))["runId"] for _ in range(5)]

    first = v2.get("/runs?limit=3").json
    second = v2.get(f"/runs?limit=3&cursor={first['nextCursor']}").json

    listed = [run["runId"] for run in first["runs"] + second["runs"]]
    assert started[::-1] == listed
    assert "nextCursor" not in second


def test_a_list_is_filtered(host, v2):
    host.workflows.add(STEPS)
    host.workflows.add(Workflow("gated").approval("gate"))
    v2.start("steps")
    waiting = v2.snapshot(v2.start("gated"))["runId"]

    by_status = v2.get("/runs?status=waiting-approval").json["runs"]
    by_workflow = v2.get("/runs?workflowId=gated").json["runs"]

    assert [waiting] == [run["runId"] for run in by_status]
    assert [waiting] == [run["runId"] for run in by_workflow]


def test_a_foreign_cursor_is_refused(v2):
    assert (
        (answer := v2.get("/runs?cursor=bm9uc2Vuc2U")).status,
        answer.code,
    ) == (400, "validation_error")


@pytest.mark.obligation("H1-02d", "H1-06a", "H2-06")
def test_a_second_active_run_of_a_scope_is_refused_where_asked(host, caller):
    host.workflows.add(Workflow("gated").approval("gate"))
    header = {"X-Dedup" if caller.major == 1 else "OpenWOP-Dedup": "enforce"}
    body = {"workflowId": "gated", "scopeId": "one"}
    first = caller.post("/runs", body, headers=header)

    second = caller.post("/runs", body, headers=header)
    elsewhere = caller.post("/runs", {**body, "scopeId": "two"}, headers=header)
    unasked = caller.post("/runs", body)

    assert (second.status, second.code) == (409, "run_already_active")
    assert first.json["runId"] == second.json["details"]["activeRunId"]
    assert second.headers["Retry-After"] == "5"
    assert [elsewhere.status, unasked.status] == [201, 201]


def test_a_scope_is_free_again_once_its_run_has_ended(host, caller):
    host.workflows.add(STEPS)
    header = {"X-Dedup" if caller.major == 1 else "OpenWOP-Dedup": "enforce"}
    body = {"workflowId": "steps", "scopeId": "one"}

    assert [caller.post("/runs", body, headers=header).status for _ in range(2)] == [201, 201]


@pytest.mark.obligation("H1-06b")
def test_a_forced_engine_version_shows_and_is_for_test_keys_only(host, v1, caller_for):
    host.workflows.add(STEPS)
    host.keys.add("hk_live_1")
    header = {"X-Force-Engine-Version": "3"}
    body = {"workflowId": "steps"}

    forced = v1.post("/runs", body, headers=header).json["statusUrl"]
    outside = v1.post("/runs", body, headers={"X-Force-Engine-Version": "9"})
    live = caller_for(host, 1, "hk_live_1").post("/runs", body, headers=header)

    assert v1.get("!" + forced).json["engineVersion"] == "3"
    assert (
        outside.status,
        outside.code,
        outside.json["details"],
    ) == (400, "unsupported_force_engine_version", {"min": 1, "max": 3})
    assert (live.status, live.code) == (403, "force_engine_version_forbidden")


@pytest.mark.obligation("H1-03b", "H2-04c")
def test_the_workflows_own_schema_guards_its_options(host, v1):
    schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"recursionLimit": {"type": "integer", "minimum": 1}},
    }
    host.workflows.add(Workflow("strict", configurable=schema).node("a"))

    refused = v1.post("/runs", {"workflowId": "strict", "configurable": {"other": 1}})
    taken = v1.post("/runs", {"workflowId": "strict", "configurable": {"recursionLimit": 5}})

    assert [(refused.status, refused.code), taken.status] == [(400, "validation_error"), 201]
    assert schema == v1.get("/workflows/strict").json["configurableSchema"]


def test_two_runs_of_the_same_seed_have_the_same_ids(caller_for):
    hosts = [FakeHost(workflows=[STEPS], seed=7) for _ in range(2)]

    first, second = (
        caller_for(host, 1).finished(caller_for(host, 1).start("steps")) for host in hosts
    )

    assert first == second
