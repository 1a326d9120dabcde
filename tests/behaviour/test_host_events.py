"""The stream of a host's own events: resumed by id, without an end, and honest about what is gone.

A script of answers stands in for the host where it has to be cut, forgetful or malformed.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

import openwop
from openwop.events import ChannelPresence, HeartbeatEvaluated, HostTestDurableTriggered
from openwop.wire import AsyncOpenResponse, OpenResponse, Request, TransportError

pytestmark = pytest.mark.parametrize("major", [2], ids=["v2"])


def durable(number: int) -> bytes:
    document = {
        "eventId": f"he-{number}",
        "type": "host-test.durable-triggered",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "delivery": "durable",
        "payload": {},
    }
    return f"id: he-{number}\nevent: {document['type']}\ndata: {json.dumps(document)}\n\n".encode()


def ephemeral(number: int) -> bytes:
    document = {
        "eventId": f"pr-{number}",
        "type": "channel.presence",
        "timestamp": "2026-01-01T00:00:00.000Z",
        "delivery": "ephemeral",
        "payload": {},
    }
    return f"event: channel.presence\ndata: {json.dumps(document)}\n\n".encode()


HEARTBEAT = b'event: heartbeat.evaluated\ndata: {"heartbeatId": "h-1", "outcome": "quiet"}\n\n'


class Body:
    def __init__(self, parts: list[Any]) -> None:
        self._parts = list(parts)

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> bytes:
        if not self._parts:
            raise StopIteration
        part = self._parts.pop(0)
        if isinstance(part, Exception):
            raise part
        return part

    def __aiter__(self) -> Any:
        return self

    async def __anext__(self) -> bytes:
        try:
            return next(self)
        except StopIteration:
            raise StopAsyncIteration from None

    def close(self) -> None: ...
    async def aclose(self) -> None: ...


class Script:
    """Answers each connection to the stream of host events with the next of *answers*."""

    def __init__(self, world: Any, answers: list[Any]) -> None:
        host = world.host
        self._inner = host.transport() if world.colour == "sync" else host.async_transport()
        self.now, self.sleep = self._inner.now, self._inner.sleep
        self._answers = list(answers)
        self.requests: list[Request] = []

    def answer(self, request: Request) -> tuple[int, dict[str, str], Body]:
        self.requests.append(request)
        given = self._answers.pop(0) if self._answers else []
        if isinstance(given, tuple):
            status, document = given
            return (
                status,
                {"Content-Type": "application/json"},
                Body([json.dumps(document).encode()]),
            )
        return 200, {"Content-Type": "text/event-stream"}, Body(given)


class SyncScript(Script):
    def send(self, request: Request) -> OpenResponse:
        if "/host/events" in request.url:
            return OpenResponse(*self.answer(request))
        return self._inner.send(request)

    def close(self) -> None: ...


class AsyncScript(Script):
    async def send(self, request: Request) -> AsyncOpenResponse:
        if "/host/events" in request.url:
            return AsyncOpenResponse(*self.answer(request))
        return await self._inner.send(request)

    async def aclose(self) -> None: ...


def follow(world: Any, answers: list[Any], count: int, **options: Any) -> tuple[Any, list[Any]]:
    """Read *count* events; return the script and the events."""
    script = (SyncScript if world.colour == "sync" else AsyncScript)(world, answers)

    async def scenario(client: Any) -> Any:
        async with world.opened(client.host.events(**options)) as events:
            return [await world.first(events) for _ in range(count)]

    return script, world.run(scenario, transport=script)


def ids(events: list[Any]) -> list[Any]:
    return [event.event_id for event in events]


def cursors(script: Script) -> list[Any]:
    return [request.headers.get("Last-Event-ID") for request in script.requests]


def test_events_come_in_their_classes(world: Any) -> None:
    _, events = follow(world, [[durable(1), ephemeral(1), HEARTBEAT]], 3)

    kinds = [HostTestDurableTriggered, ChannelPresence, HeartbeatEvaluated]
    assert kinds == [type(event) for event in events]


def test_a_broken_stream_goes_on_behind_the_last_durable_event(world: Any) -> None:
    broken = TransportError("the connection was reset")
    answers = [
        [durable(1), ephemeral(1), broken],
        [durable(2)],
        [ephemeral(2), durable(3)],
    ]

    script, events = follow(world, answers, 5)

    assert ["he-1", "pr-1", "he-2", "pr-2", "he-3"] == ids(events)
    assert [None, "he-1", "he-2"] == cursors(script)
    assert all("resumable=true" in request.url for request in script.requests)


def test_a_durable_event_that_comes_twice_is_handed_out_once(world: Any) -> None:
    _, events = follow(world, [[durable(1), durable(1)], [durable(1), durable(2)]], 2)

    assert ["he-1", "he-2"] == ids(events)


def test_following_begins_behind_the_given_event(world: Any) -> None:
    script, _ = follow(world, [[durable(8)]], 1, after="he-7")

    assert ["he-7"] == cursors(script)


def test_a_place_that_the_host_no_longer_knows_is_given_up_and_said(world: Any) -> None:
    told: list[str] = []
    gone = (409, {"error": "host_event_resync_required", "message": "Too old."})

    script, events = follow(
        world,
        [[durable(1)], gone, [durable(9)]],
        2,
        on_resync=lambda: told.append("resync"),
    )

    assert ["he-1", "he-9"] == ids(events)
    assert [None, "he-1", None] == cursors(script)
    assert ["resync"] == told


def test_a_given_place_that_is_too_old_is_given_up_as_well(world: Any) -> None:
    gone = (409, {"error": "host_event_resync_required", "message": "Too old."})

    script, events = follow(world, [gone, [durable(9)]], 1, after="he-1")

    assert ["he-9"] == ids(events)
    assert ["he-1", None] == cursors(script)


def test_any_other_refusal_is_an_error(world: Any) -> None:
    with pytest.raises(openwop.PermissionDeniedError):
        follow(world, [(403, {"error": "forbidden", "message": "No."})], 1)


def test_without_reconnecting_the_stream_ends_with_its_connection(world: Any) -> None:
    script = (SyncScript if world.colour == "sync" else AsyncScript)(world, [[durable(1)]])

    async def scenario(client: Any) -> Any:
        return await world.events(client.host.events(reconnect=False))

    events = world.run(scenario, transport=script)

    assert ["he-1"] == ids(events)
    assert "resumable" not in script.requests[0].url


def test_a_host_that_closes_every_connection_at_once_is_given_up(world: Any) -> None:
    with pytest.raises(openwop.StreamInterruptedError, match="closes every connection"):
        follow(world, [], 1)


def test_silence_is_limited_here_too(world: Any) -> None:
    stalled = TransportError("the connection was reset")

    with pytest.raises(openwop.StreamStalledError, match="no event came for 5 s"):
        follow(world, [[b": keep\n\n", stalled]] * 60, 1, silence=5)


def test_a_frame_of_the_wrong_shape_is_an_invalid_answer(world: Any) -> None:
    for data in (b"data: {oops\n\n", b"data: [1]\n\n"):
        with pytest.raises(openwop.APIResponseValidationError):
            follow(world, [[data]], 1)


def test_major_1_has_no_such_stream(colour: str, world: Any) -> None:
    old = type(world)(colour, 1)

    async def scenario(client: Any) -> Any:
        with pytest.raises(openwop.CapabilityNotSupportedError, match="major 2"):
            await old.events(client.host.events())

    old.run(scenario)


def test_events_of_the_host_itself_are_followed_from_where_the_last_reader_stopped(
    world: Any,
) -> None:
    async def scenario(client: Any) -> Any:
        receipts = [
            await world.it(client.host.emit_test_event(delivery="durable")) for _ in range(3)
        ]
        first, *rest = [receipt.event_id for receipt in receipts]
        async with world.opened(client.host.events(after=first)) as events:
            return rest, [(await world.first(events)).event_id for _ in rest]

    rest, seen = world.run(scenario)

    assert rest == seen
