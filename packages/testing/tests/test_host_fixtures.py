"""The protocol's published workflow definitions, executed as v1-workflows.md section 10 says."""

from __future__ import annotations

import json

import pytest

from openwop_testing import FakeHost
from openwop_testing.conformance import PROGRAMS, seed
from openwop_testing.engine.log import UPDATES

STREAM = {
    "id": "stream-text",
    "config": {
        "tokens": ["Hello", " ", "world", "!"],
        "delayMsPerToken": 10,
        "finishReason": "stop",
        "usage": {"promptTokens": 5, "completionTokens": 4, "totalTokens": 9},
    },
}
STARTS = {
    "conformance-identity": {"inputs": {"payload": {"a": [1, {"b": None}]}}},
    "conformance-idempotent": {"inputs": {"nonce": "n"}},
    "conformance-run-duration-breach": {"configurable": {"runTimeoutMs": 1000}},
    "conformance-cap-breach": {"configurable": {"recursionLimit": 5}},
    "conformance-stream-text": {"configurable": {"mockProvider": STREAM}},
}
ANSWERS = {
    "conformance-approval": {"action": "accept"},
    "conformance-interrupt-auth-required": {"action": "accept"},
    "conformance-clarification": {"answers": {"q1": "blue"}},
    "conformance-interrupt-external-event": {
        "eventPayload": {"orderId": "fixture-order-1", "status": "completed"}
    },
    "conformance-agent-low-confidence": {"decision": {"kind": "stub-low-conf"}},
    "conformance-conversation-capability-negotiation": {"text": "hello"},
    "conformance-multi-agent-confidence-escalation": {"answers": {"guidance": "stop"}},
}
FAILING = {
    "conformance-failure": "conformance_test_failure",
    "conformance-cap-breach": "recursion_limit_exceeded",
    "conformance-run-duration-breach": "run_timeout",
    "conformance-capability-missing": "capability_not_provided",
    "conformance-model-capability-insufficient": "capability_not_provided",
    "conformance-dispatch-deterministic-fail-child": "hvmap_1b_failed_fixture",
    "conformance-envelope-retry-exhausted": "envelope_invalid",
    "conformance-envelope-truncation-cap-exhaustion": "envelope_truncation_unrecoverable",
    "conformance-envelope-refusal": "envelope_refusal",
}
REFUSED = {"conformance-wasm-pack-roundtrip", "conformance-wasm-pack-memory-cap-breach"}
WAITING = {
    "conformance-interrupt-quorum": "waiting-approval",
    "conformance-interrupt-parent-child-cancel": "running",
    "conformance-interrupt-parent-child-cancel-child": "waiting-approval",
    "conformance-subworkflow-mid-run-mutation": "running",
    "conformance-subworkflow-mid-run-mutation-child": "waiting-approval",
    "conformance-orchestrator-low-confidence": "waiting-approval",
}


@pytest.fixture
def host(fixtures_folder):
    host = FakeHost()
    seed(host, fixtures_folder)
    return host


@pytest.fixture
def begin(host, v1):
    """Start a fixture as its section says, and let it come to rest."""

    def start(name):
        host.services.models.program("structured-call", PROGRAMS.get(name, []))
        return v1.start(name, **STARTS.get(name, {}))

    return start


@pytest.fixture
def finish(host, v1, begin):
    """Run a fixture to its end and return its path and log."""

    def run(name):
        path = begin(name)
        if name in ANSWERS:
            [node] = v1.snapshot(path)["nodeStates"].keys() & set(
                host.engine.runs[path.rpartition("/")[2]].interrupts
            )
            reply = v1.post(f"{path}/interrupts/{node}", {"resumeValue": ANSWERS[name]})
            assert 200 == reply.status, reply.body
        return path, v1.finished(path)

    return run


def of_type(events, *types):
    return [event["payload"] for event in events if event["type"] in types]


def pytest_generate_tests(metafunc):
    if "fixture_name" in metafunc.fixturenames:
        from pathlib import Path

        folder = Path(__file__).resolve().parents[4] / "shared" / "protocol" / "v1" / "fixtures"
        metafunc.parametrize("fixture_name", sorted(path.stem for path in folder.glob("*.json")))


def test_every_fixture_comes_to_the_end_that_is_written(host, v1, finish, begin, fixture_name):
    if fixture_name in REFUSED:
        answer = v1.post("/runs", {"workflowId": fixture_name})
        assert (422, "capability_required") == (answer.status, answer.code)
        return
    if fixture_name in WAITING:
        assert WAITING[fixture_name] == v1.status(begin(fixture_name))
        return

    run, events = finish(fixture_name)

    assert [0] == [event["sequence"] for event in events if event["type"] == "run.started"]
    error = v1.snapshot(run).get("error", {}).get("code")
    assert FAILING.get(fixture_name) == error
    assert ("failed" if error else "completed") == v1.status(run)


@pytest.mark.obligation("H1-20")
def test_fixtures_are_given_back_verbatim(host, v1, fixtures_folder, fixture_name):
    text = (fixtures_folder / f"{fixture_name}.json").read_text("utf-8")

    assert json.loads(text) == v1.get(f"/workflows/{fixture_name}").json


@pytest.mark.obligation("H1-20")
def test_seeding_again_changes_nothing(host, v1, fixtures_folder):
    before = v1.get("/.well-known/openwop").json

    seed(host, fixtures_folder)

    assert before == v1.get("/.well-known/openwop").json


@pytest.mark.parametrize(
    ("fixture", "expected"),
    [
        ("conformance-noop", ["run.started", "node.completed", "run.completed"]),
        ("conformance-failure", ["run.started", "node.failed", "run.failed"]),
        (
            "conformance-multi-node",
            ["run.started", *["node.completed"] * 3, "run.completed"],
        ),
        (
            "conformance-clarification",
            [
                "run.started",
                "node.suspended",
                "interrupt.requested",
                "clarification.requested",
                "interrupt.resolved",
                "clarification.resolved",
                "node.completed",
                "run.completed",
            ],
        ),
    ],
)
def test_the_updates_of_a_fixture_come_in_the_published_order(finish, fixture, expected):
    _, events = finish(fixture)

    assert expected == [event["type"] for event in events if event["type"] in UPDATES]


def test_an_identity_keeps_its_payload(v1, finish):
    run, _ = finish("conformance-identity")

    assert STARTS["conformance-identity"]["inputs"] == v1.snapshot(run)["variables"]


def test_a_capability_that_is_missing_is_named(v1, finish):
    run, _ = finish("conformance-capability-missing")

    assert "conformance.never-provided" in v1.snapshot(run)["error"]["message"]


def test_expired_entries_of_a_channel_go_when_it_is_written(v1, finish):
    run, _ = finish("conformance-channel-ttl")

    [entry] = v1.snapshot(run)["variables"]["events"]
    assert ("d", True) == (entry["value"], isinstance(entry["_ts"], int | float))


def test_a_message_is_taken_once(v1, finish):
    run, _ = finish("conformance-message-reducer")

    assert 1 == len(v1.snapshot(run)["variables"]["messages"])


@pytest.mark.parametrize(
    ("fixture", "variable", "value"),
    [
        ("conformance-subworkflow-parent", "childOutcome", "child-completed"),
        ("conformance-dispatch-output-mapping", "parentResult", "done"),
        ("conformance-multi-agent-handoff", "parentResult", "handoff-complete"),
        ("conformance-dispatch-cross-worker-handoff", "sharedVar", "hello"),
    ],
)
def test_what_a_child_made_reaches_its_parent(v1, finish, fixture, variable, value):
    run, _ = finish(fixture)

    assert value == v1.snapshot(run)["variables"][variable]


def children(host, run):
    return [host.engine.runs[child] for child in host.engine.runs[run.rpartition("/")[2]].children]


@pytest.mark.parametrize(
    ("fixture", "variable", "value"),
    [
        ("conformance-subworkflow-input-mapping", "receivedPrdId", ["prd-1"]),
        ("conformance-subworkflow-input-mapping-no-default", "receivedPrdId", []),
        ("conformance-dispatch-input-mapping", "childGreeting", ["Alice"]),
        ("conformance-dispatch-input-mapping-no-default", "childGreeting", []),
        ("conformance-dispatch-cross-worker-handoff", "input", ["hello"]),
        (
            "conformance-dispatch-per-worker-override",
            "input",
            ["default-x-value", "shared-value"],
        ),
    ],
)
def test_what_a_parent_maps_reaches_its_children(host, v1, finish, fixture, variable, value):
    run, _ = finish(fixture)

    shown = [v1.snapshot(f"/runs/{child.run_id}")["variables"] for child in children(host, run)]
    assert value == [bag[variable] for bag in shown if variable in bag]


def test_a_child_keeps_what_it_was_given_when_the_parent_changes(host, v1, begin):
    run = begin("conformance-subworkflow-mid-run-mutation")
    [child] = children(host, run)
    host.engine.runs[run.rpartition("/")[2]].set_variable("currentPrdId", "mutated")

    v1.post(f"/runs/{child.run_id}/interrupts/child-gate", {"resumeValue": {"action": "accept"}})

    assert ("completed", "seeded-id") == (child.status, child.variables["receivedPrdId"])
    assert "completed" == v1.status(run)


@pytest.mark.obligation("H1-11e")
def test_cancelling_a_parent_cancels_the_child_and_voids_its_question(host, v1, begin):
    run = begin("conformance-interrupt-parent-child-cancel")
    [child] = children(host, run)
    path = f"/runs/{child.run_id}"
    waiting = v1.status(path)

    v1.post(f"{run}/cancel")
    late = v1.post(f"{path}/interrupts/child-gate", {"resumeValue": {"action": "accept"}})

    assert ("waiting-approval", "cancelled") == (waiting, v1.status(path))
    assert {"reason": "parent-cancelled", "parentRunId": run.rpartition("/")[2]}.items() <= v1.log(
        path
    )[-1]["payload"].items()
    assert (410, "interrupt_gone") == (late.status, late.code)


def test_dispatched_children_are_announced_and_not_inlined(finish):
    _, events = finish("conformance-orchestrator-dispatch")

    assert 2 == len(of_type(events, "runOrchestrator.decided"))
    [dispatched] = of_type(events, "node.dispatched")
    assert ("conformance-noop", "completed") == (
        dispatched["childWorkflowId"],
        dispatched["childStatus"],
    )
    assert {"supervisor", "dispatch", None} == {event.get("nodeId") for event in events}


def test_a_supervisor_that_ends_at_once_dispatches_nothing(v1, finish):
    run, events = finish("conformance-orchestrator-terminate")

    assert [] == of_type(events, "node.dispatched")
    assert "core.conformance.terminate-supervisor" == v1.snapshot(run)["runOrchestrator"]["agentId"]


def test_a_chain_of_events_is_causally_linked(finish):
    _, events = finish("conformance-multi-agent-handoff")

    decided = next(event for event in events if event["type"] == "runOrchestrator.decided")
    chain = [event for event in events if event["type"] == "core.workflowChain.event"]
    assert ["dispatch.began", "dispatch.succeeded", "child.completed", "output.harvested"] == [
        event["payload"]["phase"] for event in chain
    ]
    assert [decided["eventId"], *(event["eventId"] for event in chain[:-1])] == [
        event["causationId"] for event in chain
    ]
    assert ["parentResult"] == chain[-1]["payload"]["harvestedKeys"]


def test_without_the_execution_model_there_is_no_chain(fixtures_folder, caller_for):
    host = FakeHost(capabilities={"multiAgent": False})
    seed(host, fixtures_folder)
    caller = caller_for(host, 1)

    events = caller.finished(caller.start("conformance-multi-agent-handoff"))

    assert [] == of_type(events, "core.workflowChain.event")


def test_a_decision_of_low_confidence_is_escalated_before_anything_is_dispatched(v1, begin):
    run = begin("conformance-multi-agent-confidence-escalation")

    events = v1.log(run)

    assert "waiting-input" == v1.status(run)
    [escalated] = of_type(events, "core.workflowChain.confidence-escalated")
    assert (0.3, 0.5, "clarify") == (
        escalated["confidence"],
        escalated["floor"],
        escalated["escalationKind"],
    )
    assert [] == of_type(events, "core.workflowChain.event", "node.dispatched")


def test_a_supervisor_of_low_confidence_decides_only_once_it_is_ratified(v1, begin):
    run = begin("conformance-orchestrator-low-confidence")
    before = v1.log(run)

    v1.post(
        f"{run}/interrupts/supervisor",
        {"resumeValue": {"kind": "next-worker", "nextWorkerIds": ["conformance-noop"]}},
    )

    assert [] == of_type(before, "runOrchestrator.decided")
    assert ["low-confidence"] == [p["reason"] for p in of_type(before, "node.suspended")]
    assert 1 == len(of_type(v1.finished(run), "node.dispatched"))


def test_a_majority_of_three_is_counted(v1, begin):
    run = begin("conformance-interrupt-quorum")

    states = [
        v1.post(
            f"{run}/interrupts/gate", {"resumeValue": {"action": "accept", "decidedBy": by}}
        ).json["status"]
        for by in ("a", "b", "c")
    ]

    assert ["waiting-approval", "waiting-approval", "completed"] == states


def test_an_agent_reasons_calls_its_tool_hands_off_and_decides(finish):
    _, events = finish("conformance-agent-reasoning")

    family = [event for event in events if event["type"].startswith("agent.")]
    assert [
        "agent.reasoned",
        "agent.toolCalled",
        "agent.toolReturned",
        "agent.handoff",
        "agent.decided",
    ] == [event["type"] for event in family]
    assert family[1]["payload"]["callId"] == family[2]["payload"]["callId"]
    assert {"x": 1} == family[1]["payload"]["inputs"] == family[2]["payload"]["outcome"]


def test_deltas_add_up_to_the_reasoning(finish):
    _, events = finish("conformance-agent-reasoning-streaming")

    deltas = of_type(events, "agent.reasoning.delta")
    [reasoned] = of_type(events, "agent.reasoned")
    assert [0, 1, 2] == [delta["sequence"] for delta in deltas]
    assert reasoned["reasoning"] == "".join(delta["delta"] for delta in deltas)


def test_an_agent_of_low_confidence_waits_for_an_operator(v1, begin):
    run = begin("conformance-agent-low-confidence")

    assert "waiting-approval" == v1.status(run)
    assert ["agent.decided", "node.suspended"] == [
        event["type"] for event in v1.log(run) if event["type"] != "interrupt.requested"
    ][-2:]


def test_the_agent_of_a_node_shows_on_the_snapshot(v1, finish):
    identity, _ = finish("conformance-agent-identity")
    packed, _ = finish("conformance-agent-pack-provenance")

    assert {"agentId": "core.conformance.identity-agent", "modelClass": "chat"} == v1.snapshot(
        identity
    )["agent"]
    assert (
        "core.conformance.agent-pack.installed-agent"
        == (v1.snapshot(packed)["agent"]["sourceManifestId"])
    )


def test_memory_is_read_back_expires_and_isolates(v1, finish):
    bags = {
        name: v1.snapshot(finish(f"conformance-agent-memory-{name}")[0])["variables"]
        for name in ("roundtrip", "ttl", "redaction", "cross-tenant")
    }

    assert "remembered" == bags["roundtrip"]["memoryReadback"]["content"]
    assert ["fresh"] == [entry["content"] for entry in bags["ttl"]["memoryList"]]
    assert "[REDACTED:conformance-test-secret]" in bags["redaction"]["memoryReadback"]["content"]
    assert [] == bags["cross-tenant"]["crossTenantProbe"]


def test_a_conversation_opens_exchanges_and_closes(v1, finish):
    _, once = finish("conformance-conversation-lifecycle")
    run, thrice = finish("conformance-conversation-replay")

    kinds = ["conversation.opened", "conversation.exchanged", "conversation.closed"]
    assert kinds == [e["type"] for e in once if e["type"].startswith("conversation.")]
    assert [0, 1, 2] == [p["turnIndex"] for p in of_type(thrice, "conversation.exchanged")]
    assert 3 == len(v1.snapshot(run)["channels"]["conversation"])


def test_a_conversation_is_no_clarification(finish):
    _, events = finish("conformance-conversation-vs-clarification")

    assert [] == [event for event in events if event["type"].startswith("clarification.")]


@pytest.mark.obligation("H1-15b")
def test_a_host_without_conversations_refuses_them(fixtures_folder, caller_for):
    host = FakeHost(capabilities={"conversationPrimitive": False})
    seed(host, fixtures_folder)

    answer = caller_for(host, 1).post(
        "/runs", {"workflowId": "conformance-conversation-capability-negotiation"}
    )

    assert (422, "capability_required", "conversationPrimitive") == (
        answer.status,
        answer.code,
        answer.json["details"]["requiredCapability"],
    )


def test_each_prompt_is_resolved_and_composed_once(finish):
    _, one = finish("conformance-prompt-end-to-end")
    _, five = finish("conformance-prompt-all-four-kinds")

    assert ["prompt:conformance.prompt.writer-system@1.0.0"] == [
        ref for p in of_type(one, "prompt.composed") for ref in p["refs"]
    ]
    assert 1 == len(of_type(one, "agent.promptResolved"))
    assert 5 == len(of_type(five, "prompt.composed")) == len(of_type(five, "agent.promptResolved"))
    assert {"system", "user", "schema-hint", "few-shot"} == {
        p["kind"] for p in of_type(five, "agent.promptResolved")
    }


@pytest.mark.parametrize(
    ("fixture", "expected"),
    [
        ("conformance-envelope-retry-attempted", ["retry.attempted"]),
        ("conformance-envelope-retry-exhausted", ["retry.attempted"] * 2 + ["retry.exhausted"]),
        ("conformance-envelope-truncated", ["truncated", "retry.attempted"]),
        (
            "conformance-envelope-truncation-cap-exhaustion",
            ["truncated", "retry.attempted"] * 2 + ["truncated", "retry.exhausted"],
        ),
        ("conformance-envelope-refusal", ["refusal"]),
        ("conformance-envelope-recovery-applied", ["recovery.applied"]),
        (
            "conformance-envelope-nl-to-format-engaged",
            ["retry.attempted"] * 2 + ["nlToFormat.engaged"],
        ),
    ],
)
def test_the_trouble_of_structured_calls_is_told_in_order(finish, fixture, expected):
    _, events = finish(fixture)

    told = [e["type"].removeprefix("envelope.") for e in events]
    assert expected == [name for name in told if name in set(expected) | {"refusal"}]
    types = [event["type"] for event in events]
    if "node.failed" in types:
        last = max(index for index, name in enumerate(types) if name.startswith("envelope."))
        assert last < types.index("node.failed")


def test_a_refusal_is_not_quoted(v1, finish):
    run, _ = finish("conformance-envelope-refusal")

    assert b'"No."' not in v1.get(f"{run}/events?streamMode=debug").body + v1.get(run).body


def test_a_streamed_text_comes_in_order_and_ends_once(v1, begin):
    run = begin("conformance-stream-text")

    frames = v1.get(f"{run}/events?streamMode=messages").frames

    assert ["ai.message.chunk"] * 4 == [frame["event"] for frame in frames]
    assert ["Hello", " ", "world", "!"] == [frame["data"]["chunk"] for frame in frames]
    assert [False, False, False, True] == [frame["data"]["isLast"] for frame in frames]
    meta = frames[-1]["data"]["meta"]
    assert ("stop", 4) == (meta["finishReason"], meta["usage"]["completionTokens"])


@pytest.mark.obligation("H1-06b")
def test_mock_providers_are_for_test_keys_and_known_names(host, v1, caller_for):
    host.keys.add("hk_live_1")
    body = {"workflowId": "conformance-stream-text", **STARTS["conformance-stream-text"]}

    live = caller_for(host, 1, "hk_live_1").post("/runs", body)
    unknown = v1.post("/runs", {**body, "configurable": {"mockProvider": {"id": "other"}}})

    assert (403, "mock_provider_forbidden") == (live.status, live.code)
    assert (400, "unsupported_mock_provider") == (unknown.status, unknown.code)


@pytest.mark.obligation("H1-17a")
def test_a_secret_shows_as_a_digest_only(host, v1, finish):
    run, _ = finish("openwop-smoke-byok-roundtrip")

    secret = host.services.secrets["openwop-conformance-canary-secret"]
    shown = v1.snapshot(run)["variables"]["resolve-secret"]
    assert len(secret) == shown["secretLength"]
    body = v1.get(run).body + v1.get(f"{run}/events?streamMode=debug").body
    assert secret.encode() not in body


def test_only_allowed_cost_attributes_are_kept(host, finish):
    run, _ = finish("openwop-smoke-cost-emit")

    kept = host.engine.runs[run.rpartition("/")[2]].memo["span_attributes"]["emit-cost"]
    assert 7 == len(kept)
    assert "openwop.cost.evil" not in kept


@pytest.mark.parametrize("which", ["max", "min", "current"])
def test_a_forced_engine_version_makes_no_difference_to_a_run(host, v1, which):
    bounds = host.capabilities.get("testing.forceEngineVersionRange")
    version = {"min": bounds["min"], "max": bounds["max"], "current": 2}[which]

    body = {"workflowId": "conformance-version-fold"}
    started = v1.post("/runs", body, headers={"X-Force-Engine-Version": str(version)})
    run = started.json["statusUrl"].removeprefix("/v1")

    assert v1.get(f"{run}/events/poll?lastSequence=0&timeout=1").json["events"]
    assert ("completed", str(version)) == (
        v1.status(run),
        v1.snapshot(run)["engineVersion"],
    )


@pytest.mark.parametrize(
    ("scenario", "status"),
    [("happy-path", "completed"), ("auth-required", "waiting-input"), ("rejected", "failed")],
)
def test_an_a2a_peer_answers_as_its_scenario_says(v1, scenario, status):
    run = v1.start("conformance-a2a-task-roundtrip", inputs={"driftScenario": scenario})

    assert status == v1.status(run)
