"""What each mode carries, over SSE and by the long-poll that stands in for it."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest

import openwop
from openwop.events import OutputChunk, RunCompleted, StateSnapshot
from openwop_testing import Workflow

MODES = ["updates", "values", "messages", "debug", "updates,messages", "messages,debug"]


def sequences(events: list[Any]) -> list[int]:
    return [event.sequence for event in events]


def refuse(world: Any) -> None:
    world.host.faults.fail("streamRunEvents", status=415, code="unsupported_media_type")


def answer_json(world: Any) -> None:
    """A host that takes `Accept` loosely and gives the envelope of a poll."""
    body = json.dumps({"events": [], "isComplete": False}).encode()
    world.host.faults.answer("streamRunEvents", body)


def hold_back(world: Any) -> None:
    world.host.faults.buffer(times=2)


async def both(world: Any, client: Any, prepare: Any, mode: str) -> tuple[Any, Any, Any]:
    run = await world.start(client, seconds=50)  # longer than the watchdog waits for a byte
    prepare(world)
    instead = await world.events(run.events(mode))
    return run, instead, await world.events(run.events(mode))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("prepare", [refuse, answer_json, hold_back])
def test_a_poll_that_stands_in_shows_what_the_stream_would(
    world: Any, prepare: Any, mode: str
) -> None:
    async def scenario(client: Any) -> Any:
        return await both(world, client, prepare, mode)

    _, instead, stream = world.run(scenario)

    if mode == "values":  # the state of the moments at which somebody looked
        assert all(isinstance(event, StateSnapshot) for event in instead)
        assert stream[-1].raw == instead[-1].raw
    else:
        assert sequences(stream) == sequences(instead)
        assert [event.type for event in stream] == [event.type for event in instead]
        assert [event.payload for event in stream] == [event.payload for event in instead]
    assert world.host.calls.of("pollRunEvents")
    world.host.verify()


@pytest.mark.parametrize("status", [405, 406, 415, 501])
def test_every_answer_that_says_no_sse_here_leads_to_the_poll(world: Any, status: int) -> None:
    code = "capability_not_provided" if status == 501 else "unsupported_media_type"
    world.host.faults.fail("streamRunEvents", status=status, code=code)

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        return await world.events(run.events())

    assert world.run(scenario)[-1].type == "run.completed"
    assert 1 == len(world.host.calls.of("streamRunEvents"))
    assert world.host.calls.of("pollRunEvents")


def test_a_stream_by_poll_resumes_by_its_last_event_id(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        refuse(world)
        async with world.opened(run.events("debug")) as events:
            seen = [await world.first(events) for _ in range(3)]
            where = events.last_event_id
        rest = await world.events(run.events("debug", after=int(where)))
        return run, [*seen, *rest]

    run, events = world.run(scenario)

    assert [event["sequence"] for event in world.log(run.id)] == sequences(events)


def test_a_poll_is_tried_again_as_a_connection_would_be(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        refuse(world)
        world.host.faults.fail("pollRunEvents", status=503, times=6)
        world.host.faults.refuse("pollRunEvents", times=3)
        return run, await world.events(run.events("debug"))

    run, events = world.run(scenario)

    assert [event["sequence"] for event in world.log(run.id)] == sequences(events)
    world.host.verify()


def test_a_poll_gets_ten_seconds_more_than_it_asks_the_host_to_wait(world: Any) -> None:
    quiet = Workflow("quiet").delay("one", 58).delay("two", 58).node("last")

    async def scenario(client: Any) -> Any:
        run = await world.start(client, quiet)
        refuse(world)
        return await world.events(run.events())

    assert world.run(scenario)[-1].type == "run.completed"
    assert {"30"} == {call.query["timeout"] for call in world.host.calls.of("pollRunEvents")}
    assert [] == world.host.clock.slept


def test_a_host_whose_poll_does_not_wait_is_not_asked_without_a_pause(world: Any) -> None:
    empty = json.dumps({"events": []}).encode()

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        world.finished(run.id)
        refuse(world)
        world.host.faults.answer("pollRunEvents", empty, times=6)
        return await world.events(run.events())

    assert world.run(scenario)[-1].type == "run.completed"
    assert [0.25, 0.5, 1.0, 2.0, 4.0, 5.0] == world.host.clock.slept


def test_values_carries_snapshots_and_ends_at_a_terminal_one(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        return run.id, await world.events(run.events("values"))

    run_id, events = world.run(scenario)

    assert {"state.snapshot"} == {event.type for event in events}
    assert "completed" == events[-1].payload.status
    assert run_id == events[-1].payload.run_id
    assert all(event.payload.status == "running" for event in events[:-1])
    assert {StateSnapshot} == {type(event) for event in events}


def test_a_resumed_values_stream_does_not_show_the_same_state_twice(world: Any) -> None:
    for after in (1, 1, 0):
        world.host.faults.cut(after=after)

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        return await world.events(run.events("values"))

    states = [event.raw for event in world.run(scenario)]

    assert all(one != other for one, other in itertools.pairwise(states))


def test_messages_carries_the_parts_of_what_is_said_and_ends_with_the_run(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        return await world.events(run.events("messages"))

    events = world.run(scenario)

    assert all(isinstance(event, OutputChunk) for event in events)
    assert ["part 0", "part 1", "part 2"] == [event.payload.chunk for event in events]
    assert [False, False, True] == [event.payload.is_last for event in events]
    assert 1 == len(world.host.calls.of("getRun"))


def test_messages_of_a_run_in_which_nothing_is_said_is_empty(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        run = await world.start(client, Workflow("mute").node("only"))
        return await world.events(run.events("messages"))

    assert [] == world.run(scenario)


def test_messages_that_close_while_the_run_goes_on_are_followed_further(world: Any) -> None:
    world.host.faults.close(after=1)

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        return await world.events(run.events("messages"))

    assert ["part 0", "part 1", "part 2"] == [event.payload.chunk for event in world.run(scenario)]


def test_frames_without_an_id_of_their_own_are_new_each_time(world: Any) -> None:
    """The id of a frame is sticky; what has none, such as an annotation, is no repetition."""
    run_id = "acme/run-0123456789abcdef" if world.major == 2 else "r-1"
    chunk = b'event: ai.message.chunk\ndata: {"nodeId": "n", "chunk": "%s", "isLast": false}\n\n'
    body = b"id: 3\n" + chunk % b"one" + chunk % b"two" + chunk % b"three"
    end = b'id: 9\nevent: run.completed\ndata: {"type": "run.completed", "sequence": 9}\n\n'
    sse = {"Content-Type": "text/event-stream"}
    world.host.faults.answer("streamRunEvents", body + end, headers=sse)

    async def scenario(client: Any) -> Any:
        return await world.events(client.runs.stream(run_id, mode="updates,messages"))

    *chunks, last = world.run(scenario)

    assert ["one", "two", "three"] == [event.payload.chunk for event in chunks]
    assert [3, None, None] == sequences(chunks)
    assert isinstance(last, RunCompleted)


@pytest.mark.parametrize(
    ("mode", "message"),
    [
        ("values,updates", "'values' is not combined"),
        ("everything", "'everything' does not exist"),
        ("", "mode '' does not exist"),
    ],
)
def test_a_mode_that_cannot_be_is_refused_before_anything_is_sent(
    world: Any, mode: str, message: str
) -> None:
    async def scenario(client: Any) -> Any:
        with pytest.raises(openwop.ConfigurationError, match=message):
            client.runs.stream("acme/run-0123456789abcdef", mode=mode)

    world.run(scenario)

    assert 0 == len(world.host.calls)


def test_a_web_page_in_place_of_events_is_explained(world: Any) -> None:
    world.host.faults.answer(
        "streamRunEvents", b"<html></html>", headers={"Content-Type": "text/html"}
    )

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        with pytest.raises(openwop.APIResponseValidationError, match="bare origin"):
            await world.events(run.events())

    world.run(scenario)


def test_json_that_is_no_envelope_is_an_invalid_answer(world: Any) -> None:
    world.host.faults.answer("streamRunEvents", b'{"hello": "world"}')

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        with pytest.raises(openwop.APIResponseValidationError, match="expected events"):
            await world.events(run.events())

    world.run(scenario)


def test_an_answer_in_json_is_read_no_further_than_the_client_allows(world: Any) -> None:
    world.host.faults.answer("streamRunEvents", b"[" + b" " * 50_000)

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        with pytest.raises(openwop.APIResponseValidationError, match="max_response_bytes"):
            await world.events(run.events())

    world.run(scenario, max_response_bytes=40_000)


def test_a_frame_larger_than_can_be_taken_ends_the_stream(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from openwop._streams import _resuming
    from openwop.sse import EventDecoder

    monkeypatch.setattr(_resuming, "EventDecoder", lambda: EventDecoder(max_line=300))
    big = Workflow("big").node("only", outputs={"text": "x" * 1000})

    async def scenario(client: Any) -> Any:
        run = await world.start(client, big)
        with pytest.raises(openwop.StreamError, match="more than 300 bytes"):
            await world.events(run.events())

    world.run(scenario)


def test_a_frame_that_is_no_json_is_an_invalid_answer(world: Any) -> None:
    sse = {"Content-Type": "text/event-stream"}
    world.host.faults.answer("streamRunEvents", b"id: 7\ndata: {oops\n\n", headers=sse)

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        with pytest.raises(openwop.APIResponseValidationError, match="frame 7 carries no JSON"):
            await world.events(run.events())

    world.run(scenario)


def test_following_in_part_keeps_what_waits_for_a_human_known(world: Any) -> None:
    """A handle learns from its streams, but not from modes that leave interrupts out."""
    gated = Workflow("gated").node("first").approval("gate", title="Go?")

    async def scenario(client: Any) -> Any:
        run = await world.start(client, gated)
        async with world.opened(run.events("values")) as events:
            await world.first(events)
            await world.first(events)
            await world.first(events)
        return await world.it(run.pending_interrupts())

    (interrupt,) = world.run(scenario)

    assert ("gate", "Go?") == (interrupt.node_id, interrupt.title)


def test_an_object_that_is_no_event_is_an_invalid_answer(world: Any) -> None:
    sse = {"Content-Type": "text/event-stream"}
    world.host.faults.answer("streamRunEvents", b'data: {"status": "completed"}\n\n', headers=sse)

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        with pytest.raises(openwop.APIResponseValidationError, match="type: expected str"):
            await world.events(run.events())

    world.run(scenario)
