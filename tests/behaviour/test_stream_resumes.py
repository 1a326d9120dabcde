"""A stream loses nothing and repeats nothing, whatever breaks in between."""

from __future__ import annotations

import random
from typing import Any

import pytest

import openwop
from openwop.runtime import RetryPolicy
from openwop_testing import Workflow


def sequences(events: list[Any]) -> list[int]:
    return [event.sequence for event in events]


async def follow(world: Any, client: Any, mode: str = "debug", **options: Any) -> tuple[Any, Any]:
    """Start a run, follow it to its end, and return the handle and what came."""
    run = await world.start(client)
    return run, await world.events(run.events(mode, **options))


def breaks(world: Any, kind: str, after: int, times: int = 1) -> None:
    if kind == "truncate":
        world.host.faults.truncate(at_byte=after * 100 + 37, times=times)
    else:
        getattr(world.host.faults, kind)(after=after, times=times)


@pytest.mark.parametrize("mode", ["debug", "updates", "updates,messages", "updates,debug"])
@pytest.mark.parametrize("after", [0, 1, 3])
@pytest.mark.parametrize("kind", ["cut", "close", "truncate"])
def test_a_broken_stream_resumes_without_loss_or_repetition(
    world: Any, kind: str, after: int, mode: str
) -> None:
    breaks(world, kind, after)

    async def scenario(client: Any) -> Any:
        run, events = await follow(world, client, mode)
        return run.id, events, await world.events(client.runs.stream(run.id, mode=mode))

    run_id, events, calm = world.run(scenario)

    assert sequences(calm) == sequences(events)
    assert [event.to_dict() for event in calm] == [event.to_dict() for event in events]
    assert events[-1].type == "run.completed"
    if "debug" in mode:
        assert [event["sequence"] for event in world.log(run_id)] == sequences(events)
    world.host.verify()


def test_a_reconnection_names_the_last_event_that_came(world: Any) -> None:
    world.host.faults.cut(after=3)

    async def scenario(client: Any) -> Any:
        await follow(world, client)

    world.run(scenario)

    first, second = world.host.calls.of("streamRunEvents")
    assert "Last-Event-ID" not in first.headers
    assert "2" == second.headers["Last-Event-ID"]


def test_a_frame_cut_anywhere_is_read_again_as_a_whole(colour: str, world: Any) -> None:
    places = random.Random(4).sample(range(1, 2400), 40)

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        log = [event["sequence"] for event in world.finished(run.id)]
        seen = []
        for place in places:
            world.host.faults.truncate(at_byte=place)
            seen.append(sequences(await world.events(run.events("debug"))))
        return log, seen

    log, seen = world.run(scenario)

    assert [log] * len(places) == seen


@pytest.mark.parametrize("after", [0, 1, 4])
@pytest.mark.parametrize("kind", ["duplicate", "reorder"])
def test_debug_brings_every_event_once_and_in_order(world: Any, kind: str, after: int) -> None:
    breaks(world, kind, after)

    async def scenario(client: Any) -> Any:
        return await follow(world, client)

    run, events = world.run(scenario)

    assert [event["sequence"] for event in world.log(run.id)] == sequences(events)
    world.host.verify()


@pytest.mark.parametrize("mode", ["updates", "messages", "updates,messages", "values"])
def test_an_event_that_comes_twice_is_handed_out_once(world: Any, mode: str) -> None:
    world.host.faults.duplicate(after=1)

    async def scenario(client: Any) -> Any:
        run, events = await follow(world, client, mode)
        return events, await world.events(run.events(mode))

    events, calm = world.run(scenario)

    assert [event.to_dict() for event in calm] == [event.to_dict() for event in events]
    world.host.verify()


def test_a_gap_in_debug_is_read_from_the_log_before_anything_later(world: Any) -> None:
    world.host.faults.reorder(after=2)

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        world.finished(run.id)
        return await world.events(run.events("debug"))

    world.run(scenario)

    (poll,) = world.host.calls.of("pollRunEvents")
    name = "lastSequence" if world.major == 1 else "afterSequence"
    assert "1" == poll.query[name]


def test_gaps_in_updates_are_normal_and_cost_nothing(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        return (await follow(world, client, "updates"))[1]

    events = world.run(scenario)

    assert sequences(events) != list(range(len(events)))
    assert 0 == len(world.host.calls.of("pollRunEvents"))


def test_a_hole_in_the_log_itself_is_no_reason_to_stop(world: Any) -> None:
    """Some hosts begin to count at another number; the log is then as whole as it gets."""
    body = b"".join(
        b'id: %d\nevent: node.started\ndata: {"type": "node.started", "sequence": %d}\n\n' % (n, n)
        for n in (5, 6, 9)
    )
    end = b'id: 10\ndata: {"type": "run.completed", "sequence": 10, "payload": {}}\n\n'
    sse = {"Content-Type": "text/event-stream"}
    world.host.faults.answer("streamRunEvents", body + end, headers=sse)
    world.host.faults.answer("pollRunEvents", b'{"events": []}', times=2)

    async def scenario(client: Any) -> Any:
        run = client.runs.attach("acme/run-0123456789abcdef" if world.major == 2 else "r-1")
        return await world.events(run.events("debug"))

    assert [5, 6, 9, 10] == sequences(world.run(scenario))


def test_following_begins_behind_the_given_sequence(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        return await world.events(run.events("debug", after=3))

    events = world.run(scenario)

    assert events[0].sequence == 4
    assert "3" == world.host.calls.of("streamRunEvents")[0].headers["Last-Event-ID"]


def test_the_last_event_id_is_that_of_the_event_handed_out_not_of_what_is_buffered(
    world: Any,
) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        world.finished(run.id)
        async with world.opened(run.events("debug")) as events:
            first = await world.first(events)
            where = events.last_event_id
        rest = await world.events(run.events("debug", after=int(where)))
        return run, [first, *rest]

    run, events = world.run(scenario)

    assert [event["sequence"] for event in world.log(run.id)] == sequences(events)


def test_a_batch_that_was_read_in_part_is_resumed_in_its_middle(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        world.finished(run.id)
        async with world.opened(run.events("debug", buffer_ms=5000)) as events:
            first = await world.first(events)
            where = events.last_event_id
        return first.sequence, where

    assert (0, "0") == world.run(scenario)


def test_batches_arrive_unpacked(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        batched = await world.events(run.events("debug", buffer_ms=2000))
        return batched, await world.events(run.events("debug"))

    batched, single = world.run(scenario)

    assert sequences(single) == sequences(batched)
    assert "2000" == world.host.calls.of("streamRunEvents")[0].query["bufferMs"]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_refused_reconnection_is_tried_again(world: Any, status: int) -> None:
    world.host.faults.cut(after=2)

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        async with world.opened(run.events("debug")) as events:
            first = await world.first(events)
            world.host.faults.fail("streamRunEvents", status=status, times=4)
            return run, [first, *[event async for event in world.each(events)]]

    run, events = world.run(scenario)

    assert [event["sequence"] for event in world.log(run.id)] == sequences(events)
    world.host.verify()


def test_a_reconnection_waits_as_long_as_the_host_asks(world: Any) -> None:
    world.host.faults.cut(after=2)

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        async with world.opened(run.events("debug")) as events:
            await world.first(events)
            world.host.faults.fail("streamRunEvents", status=429, retry_after=17)
            async for _ in world.each(events):
                pass

    world.run(scenario)

    assert 17.0 in world.host.clock.slept


def test_a_wait_longer_than_the_policy_allows_is_not_begun(world: Any) -> None:
    world.host.faults.cut(after=2)

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        async with world.opened(run.events("debug")) as events:
            await world.first(events)
            world.host.faults.fail("streamRunEvents", status=503, retry_after=3600)
            with pytest.raises(openwop.InternalServerError) as caught:
                async for _ in world.each(events):
                    pass
        return caught.value

    assert 3600.0 == world.run(scenario).retry_after


def test_a_host_that_does_not_come_back_is_given_up_after_ten_failures(world: Any) -> None:
    world.host.faults.cut(after=2)

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        async with world.opened(run.events("debug")) as events:
            await world.first(events)
            world.host.faults.refuse("streamRunEvents", times=10)
            with pytest.raises(openwop.StreamInterruptedError, match="could not be won back") as e:
                async for _ in world.each(events):
                    pass
        return e.value

    error = world.run(scenario)

    assert error.last_event_id == "1"
    assert isinstance(error.__cause__, openwop.APIConnectionError)
    world.host.verify()


def test_a_policy_with_more_attempts_is_more_patient_with_a_stream_too(world: Any) -> None:
    world.host.faults.cut(after=2)
    policy = openwop.RetryPolicy(attempts=13, initial=0.0)

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        async with world.opened(run.events("debug", retry=policy)) as events:
            await world.first(events)
            world.host.faults.refuse("streamRunEvents", times=12)
            return run.id, [event.sequence async for event in world.each(events)]

    run_id, sequences = world.run(scenario)

    assert [event["sequence"] for event in world.log(run_id)][1:] == sequences
    world.host.verify()


def test_pauses_between_failures_grow_and_vary(world: Any) -> None:
    world.host.faults.cut(after=1)

    async def scenario(client: Any) -> Any:
        client._core.uniform = lambda: 1.0
        run = await world.start(client)
        async with world.opened(run.events("debug")) as events:
            await world.first(events)
            world.host.faults.refuse("streamRunEvents", times=8)
            async for _ in world.each(events):
                pass

    world.run(scenario)

    assert [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0, 30.0] == world.host.clock.slept


def test_the_first_connection_follows_the_retry_policy_of_the_call(world: Any) -> None:
    world.host.faults.fail("streamRunEvents", status=503, times=2)

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        with pytest.raises(openwop.InternalServerError):
            await world.events(run.events(retry=RetryPolicy(attempts=1)))
        return await world.events(run.events(retry=RetryPolicy(attempts=2)))

    assert world.run(scenario)[-1].type == "run.completed"
    world.host.verify()


def test_an_unknown_run_is_said_at_once(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = client.runs.attach("acme/run-0123456789abcdef" if world.major == 2 else "nothing")
        with pytest.raises(openwop.NotFoundError):
            await world.events(run.events())

    world.run(scenario)

    assert 1 == len(world.host.calls.of("streamRunEvents"))


@pytest.mark.parametrize("kind", ["cut", "close"])
def test_a_stream_that_may_not_reconnect_says_that_it_was_interrupted(
    world: Any, kind: str
) -> None:
    breaks(world, kind, 1)

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        seen = []
        with pytest.raises(openwop.StreamInterruptedError, match="reconnect=True"):  # noqa: PT012
            async with world.opened(run.events("debug", reconnect=False)) as events:
                async for event in world.each(events):
                    seen.append(event.sequence)
        return seen

    assert [0] == world.run(scenario)


def test_a_clean_close_before_the_end_is_checked_against_the_run(world: Any) -> None:
    world.host.faults.close(after=2)

    async def scenario(client: Any) -> Any:
        return await follow(world, client, "updates")

    _, events = world.run(scenario)

    assert events[-1].type == "run.completed"
    operations = world.host.calls.operations
    assert ["streamRunEvents", "getRun", "streamRunEvents"] == operations[-3:]


def test_a_clean_close_of_a_finished_run_reads_the_rest_from_its_log(world: Any) -> None:
    world.host.faults.close(after=2)

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        world.finished(run.id)
        return await world.events(run.events("updates")), await world.events(run.events("updates"))

    broken, calm = world.run(scenario)

    assert [event.to_dict() for event in calm] == [event.to_dict() for event in broken]


def test_resuming_a_finished_run_with_nothing_left_ends_at_once(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        last = world.finished(run.id)[-1]["sequence"]
        return await world.events(run.events("debug", after=last))

    assert [] == world.run(scenario)


def test_an_attempt_to_read_the_run_is_repeated_like_a_connection(world: Any) -> None:
    world.host.faults.close(after=2)
    world.host.faults.fail("getRun", status=503, times=5)

    async def scenario(client: Any) -> Any:
        return (await follow(world, client, "updates"))[1]

    assert world.run(scenario)[-1].type == "run.completed"
    world.host.verify()


def test_every_connection_may_break_and_all_is_read(world: Any) -> None:
    for after in (1, 0, 2, 0, 0, 3, 1):
        world.host.faults.cut(after=after)

    async def scenario(client: Any) -> Any:
        return await follow(world, client)

    run, events = world.run(scenario)

    assert [event["sequence"] for event in world.log(run.id)] == sequences(events)
    world.host.verify()


def test_the_pause_between_connections_is_the_one_that_the_host_names(world: Any) -> None:
    sse = {"Content-Type": "text/event-stream"}
    first = b'retry: 4321\nid: 0\ndata: {"type": "run.started", "sequence": 0}\n\n'

    async def scenario(client: Any) -> Any:
        run = await world.start(client, Workflow("brief").delay("wait", 60).node("only"))
        world.host.faults.answer("streamRunEvents", first, headers=sse)
        return await world.events(run.events("debug"))

    events = world.run(scenario)

    assert events[-1].type == "run.completed"
    assert 4.321 in world.host.clock.slept


def test_major_2_is_told_that_the_stream_may_be_resumed(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        await world.events(run.events())
        await world.events(run.events(reconnect=False))

    world.run(scenario)

    resumable = [call.query.get("resumable") for call in world.host.calls.of("streamRunEvents")]
    assert (["true", None] if world.major == 2 else [None, None]) == resumable
