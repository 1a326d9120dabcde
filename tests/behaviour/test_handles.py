"""What a handle does besides following and deciding."""

from __future__ import annotations

from typing import Any

import pytest

import openwop
from openwop_testing import NodeContext, Wait, Workflow


def slow(seconds: float = 100.0) -> Workflow:
    def wait(context: NodeContext) -> Any:
        yield Wait(seconds)
        return {"waited": seconds}

    return Workflow("slow").node("first").node("wait", run=wait).node("last", outputs={"ok": True})


def test_a_paused_run_stands_still_until_it_is_resumed(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, slow())
        await world.it(run.pause("lunch", drain_policy="immediate"))
        with pytest.raises(openwop.WaitTimeoutError) as caught:
            await world.it(run.wait("terminal", timeout=500))
        with pytest.raises(openwop.ConflictError):
            await world.it(run.pause())
        await world.it(run.resume())
        return caught.value.status, await world.it(run.result())

    assert ("paused", {"ok": True}) == world.run(scenario)


def test_a_wait_reads_on_while_the_host_fails_for_now(world: Any) -> None:
    world.host.faults.fail("pollRunEvents", status=503, times=2)
    world.host.faults.fail("getRun", status=503, times=2)

    async def scenario(client: Any) -> Any:
        run = await world.start(client, slow())
        return (await world.it(run.wait("terminal"))).status

    assert "completed" == world.run(scenario)


def test_a_host_without_a_poll_is_looked_at_less_and_less_often(world: Any) -> None:
    world.host.faults.fail("pollRunEvents", status=404, code="not_found", times=1000)

    async def scenario(client: Any) -> Any:
        run = await world.start(client, slow())
        return (await world.it(run.wait("terminal"))).status

    assert "completed" == world.run(scenario)
    assert [0.25, 0.5, 1.0, 2.0, 4.0, 5.0, 5.0] == world.host.clock.slept[:7]
    world.host.faults.clear()


@pytest.mark.parametrize("hung", ["getRun", "pollRunEvents"])
def test_a_wait_gives_up_on_time_although_the_host_hangs(world: Any, hung: str) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, slow())
        world.host.faults.hang(hung, times=9)
        began = world.host.clock.now()
        with pytest.raises(openwop.WaitTimeoutError, match="within 7 s") as caught:
            await world.it(run.wait("terminal", timeout=7))
        world.host.faults.clear()
        return world.host.clock.now() - began, caught.value.run_id == run.id

    seconds, named = world.run(scenario)

    assert 6.9 < seconds < 7.2
    assert named


def test_a_wait_is_no_call_that_the_deadline_of_the_client_is_for(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, slow())
        return await world.it(run.result())

    assert {"ok": True} == world.run(scenario, deadline=5.0)


def test_an_unknown_run_is_not_waited_for(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = client.runs.attach("acme/run-0123456789abcdef" if world.major == 2 else "nothing")
        with pytest.raises(openwop.NotFoundError):
            await world.it(run.wait())

    world.run(scenario)


def test_waiting_asks_the_host_to_wait_and_never_sleeps(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, slow())
        return await world.it(run.result())

    assert {"ok": True} == world.run(scenario)
    assert [] == world.host.clock.slept
    assert len(world.host.calls) < 16


def test_a_wait_for_something_that_does_not_exist_is_refused(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = client.runs.attach("acme/run-0123456789abcdef")
        with pytest.raises(openwop.ConfigurationError, match="'terminal', 'input' or 'either'"):
            await world.it(run.wait("forever"))

    world.run(scenario)


def test_result_after_following_reads_nothing_again(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        await world.events(run.events())
        world.host.calls.clear()
        return await world.it(run.result()), world.host.calls.operations

    assert ({"done": True}, ["getRun"]) == world.run(scenario)


def test_a_branch_runs_the_rest_anew(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, Workflow("two").node("a").node("b", outputs={"n": 1}))
        await world.it(run.wait("terminal"))
        branch = await world.it(run.fork("branch", 1))
        outputs = await world.it(branch.result())
        return run.id, branch.id, outputs, await world.it(branch.ancestry())

    source, branch, outputs, ancestry = world.run(scenario)

    assert source != branch
    assert {"n": 1} == outputs
    assert branch == ancestry.run_id
    assert ancestry.parent is None  # a branch is nobody's child


def test_a_debug_bundle_is_had_from_hosts_of_major_1(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, Workflow("one").node("only"))
        await world.it(run.wait("terminal"))
        try:
            return (await world.it(run.debug_bundle())).bundle_version
        except openwop.CapabilityNotSupportedError as exc:
            return str(exc)

    found = world.run(scenario)

    assert found
    if world.major == 2:
        assert "major 1 only" in found


def test_starting_where_a_run_is_active_may_attach_to_it(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        first = await world.start(client, slow())
        world.host.workflows.add(slow())
        one = await world.it(client.runs.start("slow", scope_id="order-7"))
        with pytest.raises(openwop.ConflictError) as caught:
            await world.it(
                client.runs.start(
                    "slow", scope_id="order-7", dedup=True, retry=openwop.RetryPolicy(attempts=1)
                )
            )
        same = await world.it(
            client.runs.start(
                "slow", scope_id="order-7", dedup="attach", retry=openwop.RetryPolicy(attempts=1)
            )
        )
        return first.id, one.id, caught.value.active_run_id, same.id

    first, one, active, same = world.run(scenario)

    assert one == active == same
    assert first != one


def test_a_handle_shows_its_run(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        return repr(client.runs.attach("run-1"))

    kind = "RunHandle" if world.colour == "sync" else "AsyncRunHandle"
    assert f"<{kind} run-1>" == world.run(scenario)
