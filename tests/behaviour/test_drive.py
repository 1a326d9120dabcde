"""Driving a run to its end with a function per kind of interrupt."""

from __future__ import annotations

from typing import Any

import pytest

import openwop
from openwop_testing import Workflow


def process() -> Workflow:
    return (
        Workflow("process")
        .clarification("ask", {"size": "Which size?", "colour": "Which colour?"})
        .approval("gate", title="Ship it?", actions=["accept", "reject", "refine"])
        .external_event("paid", "payment.settled", {"order": "o-1"})
        .node("after", outputs={"shipped": True})
    )


def test_a_run_is_driven_to_its_end_by_functions(world: Any) -> None:
    asked: list[Any] = []

    def settle(answer: Any) -> Any:
        def function(interrupt: openwop.Interrupt) -> Any:
            asked.append(interrupt)
            return answer

        return function

    async def scenario(client: Any) -> Any:
        run = await world.start(client, process())
        answers = {
            "clarification": settle({"size": 3, "colour": "red"}),
            "approval": settle("approve"),
            "external-event": settle({"eventPayload": {"order": "o-1"}}),
        }
        return await world.it(client.runs.drive(run, answers))

    outputs = world.run(scenario)

    assert {"shipped": True} == outputs
    assert ["ask", "gate", "paid"] == [interrupt.node_id for interrupt in asked]


@pytest.mark.parametrize("colour", ["asyncio", "trio"])
def test_functions_of_the_asynchronous_client_may_wait(world: Any) -> None:
    async def decide(interrupt: openwop.Interrupt) -> bool:
        assert isinstance(interrupt, openwop.ApprovalInterrupt)
        return True

    async def scenario(client: Any) -> Any:
        run = await world.start(client, Workflow("one").approval("gate").node("last"))
        return await client.runs.drive(run.id, {"approval": decide}, timeout=60)

    assert {} == world.run(scenario)


@pytest.mark.parametrize("colour", ["sync"])
def test_a_coroutine_function_for_the_blocking_client_is_refused(world: Any) -> None:
    async def decide(interrupt: openwop.Interrupt) -> bool:
        return True

    async def scenario(client: Any) -> Any:
        run = await world.start(client, Workflow("one").approval("gate").node("last"))
        with pytest.raises(openwop.ConfigurationError, match="AsyncClient"):
            client.runs.drive(run, {"approval": decide})

    world.run(scenario)


@pytest.mark.parametrize("no", [False, "reject", {"action": "reject", "feedback": "never"}])
def test_a_refusal_fails_the_run_and_says_so(world: Any, no: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, Workflow("one").approval("gate").node("last"))
        with pytest.raises(openwop.RunFailedError):
            await world.it(client.runs.drive(run, {"approval": lambda gate: no}))

    world.run(scenario)


def test_a_kind_without_a_function_is_named(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, process())
        with pytest.raises(openwop.RunNeedsInputError, match=r"ask.*answer\(\)") as caught:
            await world.it(client.runs.drive(run, {"approval": lambda gate: True}))
        return caught.value

    assert ("ask",) == world.run(scenario).node_ids


def test_one_function_may_be_for_every_other_kind(world: Any) -> None:
    given = {
        "ask": {"size": 1, "colour": "blue"},
        "gate": True,
        "paid": {"eventPayload": {"order": "o-1"}},
    }

    async def scenario(client: Any) -> Any:
        run = await world.start(client, process())
        return await world.it(client.runs.drive(run, {"*": lambda item: given[item.node_id]}))

    assert {"shipped": True} == world.run(scenario)


def test_a_revisited_node_is_asked_about_again(world: Any) -> None:
    """Each visit is a question of its own, with a key of its own."""
    keys: list[str] = []

    def decide(gate: openwop.Interrupt) -> str | dict[str, Any]:
        keys.append(gate.key)
        if len(keys) < 3:
            feedback = {"scope": "whole", "text": "again"}
            return {"action": "refine", "refineFeedback": feedback}
        return "accept"

    drafts = (
        Workflow("drafts")
        .node("draft")
        .approval("gate", title="Good?", actions=["accept", "refine"])
        .node("last", when="nodes.gate.outputs.action == 'accept'")
        .loop("gate", "draft", when="nodes.gate.outputs.action == 'refine'")
    )

    async def scenario(client: Any) -> Any:
        run = await world.start(client, drafts)
        await world.it(client.runs.drive(run, {"approval": decide}))
        return (await world.it(run.snapshot())).status

    assert "completed" == world.run(scenario)
    assert 3 == len(set(keys))


def test_a_gate_that_needs_others_is_asked_about_once_and_then_waited_for(world: Any) -> None:
    asked: list[str] = []

    async def scenario(client: Any) -> Any:
        run = await world.start(client, Workflow("vote").approval("gate", required=2).node("last"))

        def decide(gate: openwop.Interrupt) -> dict[str, Any]:
            asked.append(gate.node_id)
            return {"action": "accept", "decidedBy": "user:ann"}

        with pytest.raises(openwop.WaitTimeoutError, match="within 90 s"):
            await world.it(client.runs.drive(run, {"approval": decide}, timeout=90))
        await world.it(run.approve("gate", decided_by="user:bob"))
        return await world.it(client.runs.drive(run, {}))

    assert {} == world.run(scenario)
    assert ["gate"] == asked


def test_leaving_the_answer_to_somebody_else_is_waiting_for_them(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, Workflow("one").approval("gate").node("last"))
        with pytest.raises(openwop.WaitTimeoutError):
            await world.it(client.runs.drive(run, {"approval": lambda gate: None}, timeout=10))
        return (await world.it(run.snapshot())).status

    assert "waiting-approval" == world.run(scenario)


def test_somebody_who_is_quicker_is_no_error(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, Workflow("one").approval("gate").node("last"))

        def decide(gate: openwop.Interrupt) -> str:
            host = world.host
            (known,) = host.engine.runs.values()
            from openwop_testing.engine.suspension import resolve

            value = {"action": "accept", "decidedAt": "2026-01-01T00:00:00Z"}
            with host.lock:
                resolve(
                    host.engine,
                    known,
                    known.interrupts["gate"],
                    value,
                    by="user:eve",
                    major=known.major,
                )
            return "accept"

        return await world.it(client.runs.drive(run, {"approval": decide}))

    assert {} == world.run(scenario)


@pytest.mark.parametrize("wrong", ["explode", 7])
def test_an_answer_that_does_not_fit_is_refused_and_not_sent(world: Any, wrong: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, Workflow("one").approval("gate").node("last"))
        with pytest.raises(openwop.ConfigurationError):
            await world.it(client.runs.drive(run, {"approval": lambda gate: wrong}))

    world.run(scenario)

    assert 0 == len(world.host.calls.of("resolveInterruptByRun"))


def test_an_error_of_a_function_is_the_error_of_the_call(world: Any) -> None:
    def decide(gate: openwop.Interrupt) -> str:
        raise LookupError(gate.node_id)

    async def scenario(client: Any) -> Any:
        run = await world.start(client, Workflow("one").approval("gate").node("last"))
        with pytest.raises(LookupError, match="gate"):
            await world.it(client.runs.drive(run, {"approval": decide}))

    world.run(scenario)
