"""Decisions: typed by kind, checked before they are sent, and never made twice."""

from __future__ import annotations

from typing import Any

import pytest

import openwop
from openwop_testing import Workflow
from openwop_testing.idempotency import IdempotencyTable

QUORUM = {"requiredRole": "owner", "quorum": 2, "title": "All agree?", "actions": ["accept"]}


def gated(**options: Any) -> Workflow:
    return (
        Workflow("gated")
        .approval("gate", title="Ship it?", **options)
        .approval("second", title="Really?")
        .node("after", outputs={"shipped": True})
    )


def every_kind() -> dict[str, tuple[Workflow, type[openwop.Interrupt]]]:
    def asks(kind: str, data: dict[str, Any]) -> Workflow:
        return Workflow("asks").node("gate", "core.interrupt", config={"kind": kind, "data": data})

    return {
        "approval": (gated(), openwop.ApprovalInterrupt),
        "clarification": (
            Workflow("asks").clarification("gate", {"size": "Which size?"}),
            openwop.ClarificationInterrupt,
        ),
        "external-event": (
            Workflow("asks").external_event("gate", "payment.settled", {"order": "o-1"}),
            openwop.ExternalEventInterrupt,
        ),
        "custom": (asks("custom", {"customKind": "weigh"}), openwop.CustomInterrupt),
        "low-confidence": (
            asks("low-confidence", {"agentId": "agent-a", "threshold": 0.8, "observed": 0.3}),
            openwop.LowConfidenceInterrupt,
        ),
        "conversation.exchange": (
            asks("conversation.exchange", {"conversationId": "c-1", "prompt": "And then?"}),
            openwop.ConversationInterrupt,
        ),
    }


async def waiting(world: Any, client: Any, workflow: Workflow | None = None) -> Any:
    run = await world.start(client, workflow or gated())
    await world.it(run.wait())
    return run


def resolutions(world: Any, run: Any) -> list[Any]:
    return [e["payload"] for e in world.log(run.id) if e["type"] == "interrupt.resolved"]


@pytest.mark.parametrize("kind", list(every_kind()))
def test_what_waits_has_the_class_of_its_kind_and_a_typed_request(world: Any, kind: str) -> None:
    workflow, expected = every_kind()[kind]

    async def scenario(client: Any) -> Any:
        run = await waiting(world, client, workflow)
        return await world.it(run.pending_interrupts())

    (interrupt,) = world.run(scenario)

    assert expected is type(interrupt)
    assert ("gate", kind) == (interrupt.node_id, interrupt.kind)
    assert interrupt.data == {**interrupt.request.to_dict(), **interrupt.data}


def test_a_kind_of_tomorrow_is_an_interrupt_all_the_same() -> None:
    interrupt = openwop.Interrupt.from_payload("r", "n", {"kind": "telepathy", "key": "k"})

    assert openwop.Interrupt is type(interrupt)
    assert ("telepathy", "k", {}) == (interrupt.kind, interrupt.key, interrupt.data)


def test_a_request_of_the_wrong_shape_is_said_when_it_is_looked_at() -> None:
    interrupt = openwop.Interrupt.from_payload("r", "n", {"kind": "approval", "data": {"title": 7}})

    with pytest.raises(openwop.APIResponseValidationError, match="node n of run r"):
        _ = interrupt.request  # type: ignore[attr-defined]


def test_a_lost_answer_is_asked_for_again_under_the_same_key_and_won(world: Any) -> None:
    world.host.faults.lose("resolveInterruptByRun")

    async def scenario(client: Any) -> Any:
        run = await waiting(world, client)
        return run, await world.it(run.approve("gate"))

    run, decision = world.run(scenario)

    assert ("won", "gate") == (decision.outcome, decision.node_id)
    first, second = world.host.calls.of("resolveInterruptByRun")
    assert first.idempotency_key == second.idempotency_key
    assert 1 == len(resolutions(world, run))


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that keeps no answers: it lost its table, or never had one."""
    monkeypatch.setattr(IdempotencyTable, "keep", lambda *args: None)


@pytest.mark.usefixtures("forgetful")
def test_a_decision_that_the_log_shows_under_our_name_is_won(world: Any) -> None:
    world.host.faults.lose("resolveInterruptByRun")

    async def scenario(client: Any) -> Any:
        run = await waiting(world, client)
        return run, await world.it(run.approve("gate", decided_by="user:acme"))

    run, decision = world.run(scenario)

    assert "won" == decision.outcome
    assert 1 == len(resolutions(world, run))


@pytest.mark.usefixtures("forgetful")
def test_a_decision_without_a_name_cannot_be_told_from_another_like_it(world: Any) -> None:
    world.host.faults.lose("resolveInterruptByRun")

    async def scenario(client: Any) -> Any:
        run = await waiting(world, client)
        return await world.it(run.approve("gate"))

    assert "unknown" == world.run(scenario).outcome


class Meddler:
    """Somebody else, who decides between two attempts of ours."""

    def __init__(self, world: Any, value: dict[str, Any]) -> None:
        self._world, self._value, self.done = world, value, False

    @openwop.hookimpl
    def openwop_retry(self, call: Any) -> None:
        if call.operation_id == "resolveInterruptByRun" and not self.done:
            self.done = True
            host = self._world.host
            (run,) = host.engine.runs.values()
            from openwop_testing.engine.suspension import resolve

            interrupt = run.interrupts["gate"]
            resolve(host.engine, run, interrupt, self._value, by="user:eve", major=run.major)


@pytest.mark.parametrize(
    "theirs",
    [
        {"action": "accept", "decidedAt": "2026-01-01T00:00:00Z", "decidedBy": "user:eve"},
        {"action": "reject", "decidedAt": "2026-01-01T00:00:00Z", "decidedBy": "user:acme"},
    ],
    ids=["another name", "another value"],
)
def test_a_decision_of_somebody_else_is_not_taken_for_ours(
    world: Any, theirs: dict[str, Any]
) -> None:
    world.host.faults.fail("resolveInterruptByRun", status=503)
    meddler = Meddler(world, theirs)

    async def scenario(client: Any) -> Any:
        run = await waiting(world, client)
        return await world.it(run.approve("gate", decided_by="user:acme"))

    assert "unknown" == world.run(scenario, plugins=[meddler], load_plugins=False).outcome
    assert meddler.done


THEIRS = {"action": "accept", "decidedAt": "2026-01-01T00:00:00Z", "decidedBy": "user:eve"}


@pytest.mark.parametrize("refusal", ["429", "no connection"])
def test_a_race_that_is_lost_after_a_refusal_is_lost(world: Any, refusal: str) -> None:
    """What was refused, or never left, cannot have been taken: there is nothing to be unsure of."""
    if refusal == "429":
        world.host.faults.fail("resolveInterruptByRun", status=429)
    else:
        world.host.faults.refuse("resolveInterruptByRun")
    meddler = Meddler(world, THEIRS)

    async def scenario(client: Any) -> Any:
        run = await waiting(world, client)
        with pytest.raises(openwop.InterruptAlreadyResolvedError) as caught:
            await world.it(run.approve("gate", decided_by="user:acme"))
        return caught.value

    error = world.run(scenario, plugins=[meddler], load_plugins=False)

    assert (2, False, True) == (error.attempts, error.ambiguous, meddler.done)


def test_a_race_that_is_lost_after_a_time_out_is_looked_up(world: Any) -> None:
    world.host.faults.hang("resolveInterruptByRun")
    meddler = Meddler(world, THEIRS)

    async def scenario(client: Any) -> Any:
        run = await waiting(world, client)
        return await world.it(run.approve("gate", decided_by="user:acme"))

    decision = world.run(scenario, plugins=[meddler], load_plugins=False)

    assert ("unknown", True) == (decision.outcome, meddler.done)


def test_a_plain_loss_of_a_race_is_an_error_and_asks_nothing(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await waiting(world, client)
        await world.it(run.approve("gate"))
        world.host.calls.clear()
        with pytest.raises(openwop.InterruptAlreadyResolvedError):
            await world.it(run.approve("gate", check=False))
        return world.host.calls.operations

    assert ["resolveInterruptByRun"] == world.run(scenario)


def test_a_vote_that_does_not_settle_a_gate_leaves_it_waiting(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await waiting(world, client, gated(required=2))
        first = await world.it(run.approve("gate", decided_by="user:ann"))
        still = await world.it(run.pending_interrupts())
        await world.it(run.approve("gate", decided_by="user:bob"))
        after = await world.it(run.pending_interrupts())
        return first, [item.node_id for item in still], [item.node_id for item in after]

    first, still, after = world.run(scenario)

    assert ("won", "waiting-approval") == (first.outcome, first.status)
    assert ["gate"] == still
    assert ["second"] == after


def test_the_progress_of_a_quorum_is_told(world: Any) -> None:
    governed = Workflow("governed").node(
        "gate", "core.openwop.governance.approvalGate", config=QUORUM
    )

    async def scenario(client: Any) -> Any:
        run = await waiting(world, client, governed)
        first = await world.it(run.approve(decided_by="user:ann"))
        second = await world.it(run.approve(decided_by="user:bob"))
        return first, second, await world.it(run.wait("terminal"))

    first, second, done = world.run(scenario)

    assert openwop.Progress(1, 2) == first.progress
    assert second.progress is None
    assert "completed" == done.status


def test_a_repeated_vote_of_one_voter_is_counted_once(world: Any) -> None:
    governed = Workflow("governed").node(
        "gate", "core.openwop.governance.approvalGate", config=QUORUM
    )

    async def scenario(client: Any) -> Any:
        run = await waiting(world, client, governed)
        return [await world.it(run.approve(decided_by="user:ann")) for _ in range(2)]

    assert [openwop.Progress(1, 2)] * 2 == [vote.progress for vote in world.run(scenario)]


def test_escalating_asks_and_keeps_the_gate_open(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await waiting(world, client, gated(actions=["accept", "ask"]))
        decision = await world.it(run.escalate("gate", feedback="What does it cost?"))
        return decision, await world.it(run.pending_interrupts())

    decision, pending = world.run(scenario)

    assert "waiting-approval" == decision.status
    assert ["gate"] == [item.node_id for item in pending]


def test_an_external_event_is_delivered_by_resolving(world: Any) -> None:
    workflow = Workflow("pays").external_event("paid", "payment.settled", {"order": "o-1"})

    async def scenario(client: Any) -> Any:
        run = await waiting(world, client, workflow)
        (interrupt,) = await world.it(run.pending_interrupts())
        event = {"order": "o-1", "amount": 12}
        await world.it(run.resolve({"eventPayload": event}))
        return interrupt.request, await world.it(run.wait("terminal"))

    request, done = world.run(scenario)

    assert ("payment.settled", {"order": "o-1"}) == (request.event_type, request.correlation)
    assert "completed" == done.status


def test_a_token_decides_without_a_key(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await waiting(world, client)
        token = world.host.token(run.id, "gate", major=world.major)
        seen = await world.it(client.interrupts.inspect(token))
        value = {"action": "accept", "decidedAt": "2026-01-01T00:00:00Z"}
        await world.it(client.interrupts.resolve_by_token(token, resume_value=value))
        return seen, await world.it(run.pending_interrupts())

    seen, pending = world.run(scenario)

    assert "approval" == seen.kind
    assert ["second"] == [item.node_id for item in pending]
    for operation in ("inspectInterruptByToken", "resolveInterruptByToken"):
        (call,) = world.host.calls.of(operation)
        assert "Authorization" not in call.headers


def test_a_token_that_was_used_or_is_too_old_says_so(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await waiting(world, client)
        token = world.host.token(run.id, "gate", major=world.major)
        late = world.host.token(run.id, "gate", major=world.major, lifetime=5)
        world.host.clock.advance(6)
        with pytest.raises(openwop.InterruptExpiredError):
            await world.it(client.interrupts.inspect(late))
        await world.it(run.approve("gate"))
        value = {"action": "accept", "decidedAt": "2026-01-01T00:00:00Z"}
        with pytest.raises(openwop.InterruptAlreadyResolvedError) as caught:
            await world.it(client.interrupts.resolve_by_token(token, resume_value=value))
        return token, caught.value

    token, error = world.run(scenario)

    assert token not in str(error) + repr(error) + repr(error.request)


SCHEMA = {
    "type": "object",
    "properties": {"answers": {"$ref": "#/$defs/answers"}},
    "$defs": {"answers": {"type": "object", "properties": {"size": {"type": "integer"}}}},
}


def sized(schema: dict[str, Any] | None = None, of: dict[str, Any] | None = None) -> Workflow:
    question = {"id": "size", "question": "Which size?", **({"schema": of} if of else {})}
    config = {"questions": [question], **({"resumeSchema": schema} if schema else {})}
    return Workflow("sized").node("gate", "core.clarificationGate", config=config)


@pytest.mark.parametrize(
    "workflow",
    [sized(SCHEMA), sized(of={"type": "integer"})],
    ids=["of the whole answer", "of one question"],
)
def test_an_answer_is_held_to_the_schema_of_the_host_before_it_is_sent(
    world: Any, workflow: Workflow
) -> None:
    pytest.importorskip("jsonschema")

    async def scenario(client: Any) -> Any:
        run = await waiting(world, client, workflow)
        with pytest.raises(openwop.ConfigurationError, match="does not fit its schema") as caught:
            await world.it(run.answer("hunter2"))
        sent = len(world.host.calls.of("resolveInterruptByRun"))
        with pytest.raises(openwop.BadRequestError):
            await world.it(run.answer("hunter2", check=False))
        await world.it(run.answer(42))
        return caught.value, sent, await world.it(run.wait("terminal"))

    error, sent, done = world.run(scenario)

    assert "hunter2" not in str(error)
    assert 0 == sent
    assert "completed" == done.status


def nested(levels: int) -> dict[str, Any]:
    """A schema in which every level asks twice for the next: small to send, endless to check."""
    names = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(levels)}
    return {"$ref": "#/$defs/d0", "$defs": {**names, f"d{levels}": {"type": "string"}}}


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "https://schemas.example.com/elsewhere.json"},
        {"$ref": "#"},
        {"type": 7},
        {"pattern": "^(a+)+$"},
        {"patternProperties": {"(a+)+$": False}, "additionalProperties": False},
        nested(40),
        {"allOf": [{"const": n} for n in range(3000)]},
    ],
    ids=["elsewhere", "itself", "no schema", "a pattern", "patterned names", "a bomb", "too large"],
)
def test_a_schema_that_cannot_be_checked_here_is_left_to_the_host(schema: dict[str, Any]) -> None:
    pytest.importorskip("jsonschema")
    interrupt = openwop.Interrupt.from_payload(
        "r", "n", {"kind": "custom", "data": {"customKind": "x"}, "resumeSchema": schema}
    )
    from openwop._decisions import check_value

    check_value(interrupt, "a" * 50 + "!")


def test_without_the_extra_the_schema_is_left_to_the_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from openwop._decisions import _schema

    monkeypatch.setattr(_schema, "_maker", lambda: None)

    _schema.check_schema({"type": "integer"}, "seven", "the answer")


def test_forks_diffs_and_ancestors_are_reached_from_the_handle(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, Workflow("plain").node("one").node("two"))
        await world.it(run.wait("terminal"))
        forked = await world.it(run.fork("replay"))
        done = await world.it(forked.wait("terminal"))
        diff = await world.it(run.diff(forked))
        by_id = await world.it(run.diff(forked.id))
        return run.id, forked.id, done, diff, by_id

    first, second, done, diff, by_id = world.run(scenario)

    assert first != second
    assert "completed" == done.status
    assert diff.event_diffs == by_id.event_diffs == []
    assert diff.diverged_at_seq is None
