"""Starting, following, waiting and answering, on both twins, both majors, and three loops."""

from __future__ import annotations

from typing import Any

import pytest

import openwop
from openwop_testing import Workflow


def release() -> Workflow:
    return (
        Workflow("release")
        .node("build", outputs={"image": "app:1"})
        .approval("gate", title="Ship it?", actions=["accept", "reject"])
        .node("ship", outputs={"shipped": True})
    )


def test_a_run_goes_from_start_to_result_through_an_approval(world: Any) -> None:
    world.host.workflows.add(release())

    async def scenario(client: Any) -> Any:
        run = await world.it(client.runs.start("release"))
        seen = []
        async with world.opened(run.events()) as events:
            async for event in world.each(events):
                seen.append(event.type)
                if event.type == "interrupt.requested":
                    decision = await world.it(run.approve())
                    assert decision.outcome == "won"
        return seen, await world.it(run.result(timeout=60))

    seen, outputs = world.run(scenario)

    assert seen[0] == "run.started"
    assert seen[-1] == "run.completed"
    assert outputs == {"shipped": True}


def test_wait_tells_a_run_that_needs_a_human_from_one_that_is_finished(world: Any) -> None:
    world.host.workflows.add(release())

    async def scenario(client: Any) -> Any:
        run = await world.it(client.runs.start("release"))
        waiting = await world.it(run.wait())
        await world.it(run.approve())
        done = await world.it(run.wait("terminal"))
        return waiting.status, done.status

    assert ("waiting-approval", "completed") == world.run(scenario)


def test_wait_gives_up_on_time_and_the_run_goes_on(world: Any) -> None:
    world.host.workflows.add(release())

    async def scenario(client: Any) -> Any:
        run = await world.it(client.runs.start("release"))
        with pytest.raises(openwop.WaitTimeoutError) as caught:
            await world.it(run.wait("terminal", timeout=5))
        await world.it(run.approve())
        return caught.value, await world.it(run.result())

    error, outputs = world.run(scenario)

    assert isinstance(error, TimeoutError)
    assert error.status == "waiting-approval"
    assert error.run_id is not None
    assert outputs == {"shipped": True}


def test_result_of_a_run_that_waits_names_the_nodes_and_the_verb(world: Any) -> None:
    world.host.workflows.add(release())

    async def scenario(client: Any) -> Any:
        run = await world.it(client.runs.start("release"))
        with pytest.raises(openwop.RunNeedsInputError, match=r"approve\(\) or reject\(\)") as info:
            await world.it(run.result())
        return info.value

    error = world.run(scenario)

    assert error.node_ids == ("gate",)
    assert error.snapshot.status == "waiting-approval"


def test_result_of_a_failed_run_carries_its_snapshot_and_code(world: Any) -> None:
    world.host.workflows.add(Workflow("broken").fail("boom", code="out_of_paint", message="No red"))

    async def scenario(client: Any) -> Any:
        run = await world.it(client.runs.start("broken"))
        with pytest.raises(openwop.RunFailedError, match="out_of_paint: No red") as caught:
            await world.it(run.result())
        return caught.value

    error = world.run(scenario)

    assert error.code == "out_of_paint"
    assert error.snapshot.status == "failed"


def test_result_of_a_cancelled_run_says_so(world: Any) -> None:
    world.host.workflows.add(release())

    async def scenario(client: Any) -> Any:
        run = await world.it(client.runs.start("release"))
        await world.it(run.wait())
        cancelled = await world.it(run.cancel("changed my mind"))
        with pytest.raises(openwop.RunCancelledError):
            await world.it(run.result())
        return cancelled.status

    assert world.run(scenario) in {"cancelling", "cancelled"}


def test_result_never_takes_variables_for_outputs(world: Any) -> None:
    world.host.workflows.add(
        Workflow("quiet").variable("secret", "string", default="x").node("only")
    )

    async def scenario(client: Any) -> Any:
        run = await world.it(client.runs.start("quiet"))
        return await world.it(run.result())

    assert {} == world.run(scenario)


def test_a_rejected_approval_fails_the_run(world: Any) -> None:
    world.host.workflows.add(release())

    async def scenario(client: Any) -> Any:
        run = await world.it(client.runs.start("release"))
        await world.it(run.wait())
        await world.it(run.reject(feedback="not today"))
        with pytest.raises(openwop.RunFailedError):
            await world.it(run.result())
        return True

    assert world.run(scenario)


def test_pending_interrupts_say_what_is_asked(world: Any) -> None:
    world.host.workflows.add(release())

    async def scenario(client: Any) -> Any:
        run = await world.it(client.runs.start("release"))
        await world.it(run.wait())
        return await world.it(run.pending_interrupts())

    (interrupt,) = world.run(scenario)

    assert interrupt.node_id == "gate"
    assert interrupt.kind == "approval"
    assert interrupt.title == "Ship it?"
    assert interrupt.actions == ("accept", "reject")


@pytest.mark.parametrize(
    ("decide", "message"),
    [
        (lambda run: run.request_changes("bluer"), "does not offer 'refine'"),
        (lambda run: run.approve("elsewhere"), "node elsewhere of run .* does not wait"),
        (lambda run: run.resolve({"action": "explode"}), "does not offer 'explode'"),
        (lambda run: run.answer("yes"), "does not wait"),
    ],
    ids=["action not offered", "node that does not wait", "made-up action", "wrong verb"],
)
def test_a_decision_that_cannot_be_right_is_refused_before_it_is_sent(
    world: Any, decide: Any, message: str
) -> None:
    world.host.workflows.add(release())

    async def scenario(client: Any) -> Any:
        run = await world.it(client.runs.start("release"))
        await world.it(run.wait())
        with pytest.raises(openwop.ConfigurationError, match=message):
            await world.it(decide(run))
        return len(world.host.calls.of("resolveInterruptByRun"))

    assert 0 == world.run(scenario)


def test_an_unchecked_decision_is_left_to_the_host(world: Any) -> None:
    world.host.workflows.add(release())

    async def scenario(client: Any) -> Any:
        run = await world.it(client.runs.start("release"))
        await world.it(run.wait())
        with pytest.raises(openwop.BadRequestError):
            await world.it(run.resolve({"action": "explode"}, "gate", check=False))
        return (await world.it(run.snapshot())).status

    assert "waiting-approval" == world.run(scenario)


def test_the_second_of_two_decisions_is_told_so(world: Any) -> None:
    world.host.workflows.add(release().approval("second", title="Really?"))

    async def scenario(client: Any) -> Any:
        run = await world.it(client.runs.start("release"))
        await world.it(run.wait())
        await world.it(run.approve("gate"))
        with pytest.raises(openwop.InterruptAlreadyResolvedError):
            await world.it(run.approve("gate", check=False))
        return True

    assert world.run(scenario)


def test_one_answer_fits_one_question_and_a_mapping_fits_several(world: Any) -> None:
    world.host.workflows.add(
        Workflow("ask")
        .clarification("one", {"colour": "Which colour?"})
        .clarification("two", {"size": "Which size?", "cut": "Which cut?"})
    )

    async def scenario(client: Any) -> Any:
        run = await world.it(client.runs.start("ask"))
        await world.it(run.wait())
        await world.it(run.answer("blue"))
        await world.it(run.wait())
        with pytest.raises(openwop.ConfigurationError, match="size, cut"):
            await world.it(run.answer("large"))
        with pytest.raises(openwop.ConfigurationError, match="length is not asked"):
            await world.it(run.answer({"length": 3}))
        await world.it(run.answer({"size": "large", "cut": "slim"}))
        return await world.it(run.wait("terminal"))

    assert "completed" == world.run(scenario).status


def test_edited_artifacts_and_requested_changes_reach_the_log(world: Any) -> None:
    actions = ["accept", "refine", "edit-accept"]
    world.host.workflows.add(
        Workflow("draft")
        .approval("first", title="Good?", actions=actions)
        .approval("second", title="Good now?", actions=actions)
    )

    async def scenario(client: Any) -> Any:
        run = await world.it(client.runs.start("draft"))
        await world.it(run.wait())
        await world.it(run.request_changes("shorter", scope="section", section_path="intro"))
        await world.it(run.wait())
        waiting = await world.it(run.pending_interrupts())
        await world.it(run.accept_edited({"text": "short"}, waiting[0].node_id))
        return await world.events(run.events("debug"))

    resolved = [e.raw_payload for e in world.run(scenario) if e.type == "interrupt.resolved"]

    values = [payload.get("resumeValue") or payload for payload in resolved]
    assert values[0]["refineFeedback"] == {
        "scope": "section",
        "sectionPath": "intro",
        "text": "shorter",
    }
    assert values[1]["editedArtifactData"] == {"text": "short"}


def test_attaching_to_a_known_run_sends_nothing(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = client.runs.attach("acme/run-0123456789abcdef")
        return run.id

    assert "acme/run-0123456789abcdef" == world.run(scenario)
    assert 0 == len(world.host.calls)


def test_starting_sends_one_key_of_its_own(world: Any) -> None:
    world.host.workflows.add(release())

    async def scenario(client: Any) -> Any:
        await world.it(client.runs.start("release"))
        await world.it(client.runs.start("release"))

    world.run(scenario)

    first, second = world.host.calls.of("createRun")
    assert first.idempotency_key != second.idempotency_key
    assert len(first.idempotency_key) >= 22


def test_a_start_waits_as_told_and_keeps_its_key(world: Any) -> None:
    world.host.workflows.add(release())
    world.host.faults.fail("createRun", status=503, times=1, retry_after=30)

    async def scenario(client: Any) -> Any:
        await world.it(client.runs.start("release"))

    world.run(scenario)

    first, second = world.host.calls.of("createRun")
    assert first.idempotency_key == second.idempotency_key
    assert [30.0] == world.host.clock.slept


def test_a_client_without_a_key_may_discover_and_is_told_what_it_lacks_for_more(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENWOP_API_KEY", raising=False)

    async def scenario(client: Any) -> Any:
        await world.it(client.discovery.capabilities())
        with pytest.raises(openwop.ConfigurationError, match="OPENWOP_API_KEY"):
            await world.it(client.runs.get("acme/run-0123456789abcdef"))

    world.run(scenario, api_key=None)

    assert ["getCapabilities"] == world.host.calls.operations
