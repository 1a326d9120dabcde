"""Streams and polls: modes, batches, resumption and their ends, in both majors."""

from __future__ import annotations

import json

import pytest

from openwop.wire import Headers, Timeouts, TransportError, TransportTimeout
from openwop_testing import FakeHost, Workflow
from openwop_testing.waiting import DeadlockError

PLAIN = Workflow("plain").node("a").node("b", outputs={"x": 1})
SLOW = Workflow("slow").node("a").delay("wait", 40).node("b")
GATED = Workflow("gated").approval("gate", "Ship it?").node("after")


@pytest.fixture
def host():
    return FakeHost(workflows=[PLAIN, SLOW, GATED])


@pytest.mark.obligation("H1-07a")
def test_updates_is_the_mode_of_a_stream_that_names_none(host, caller):
    run = caller.start("plain")

    stream = caller.get(f"{run}/events")

    assert "text/event-stream" == stream.headers["Content-Type"]
    assert ["run.started", "node.completed", "node.completed", "run.completed"] == stream.types
    assert stream.types == [frame["event"] for frame in stream.frames]


@pytest.mark.obligation("H1-07c")
def test_the_id_of_a_frame_is_the_sequence(host, caller):
    frames = caller.get(f"{caller.start('plain')}/events").frames

    assert ["0", "2", "4", "5"] == [frame["id"] for frame in frames]
    assert [0, 2, 4, 5] == [frame["data"]["sequence"] for frame in frames]


@pytest.mark.obligation("H1-09a")
def test_values_shows_the_snapshot_of_each_moment_to_late_subscribers_too(host, caller):
    run = caller.start("plain")

    frames = caller.get(f"{run}/events?streamMode=values").frames

    assert {"state.snapshot"} == {frame["event"] for frame in frames}
    assert ["running"] * 5 + ["completed"] == [frame["data"]["status"] for frame in frames]
    assert "b" not in frames[1]["data"]["nodeStates"]
    assert caller.snapshot(run) == frames[-1]["data"]


@pytest.mark.parametrize(
    "mode", ["values,updates", "updates,values", "nonsense", "updates,", "", "updates, debug"]
)
@pytest.mark.obligation("H1-07b", "H2-09g")
def test_a_mode_that_is_none_or_does_not_mix_is_refused(host, caller, mode):
    answer = caller.get(
        f"{caller.start('plain')}/events?streamMode={mode}", headers={"Accept": "text/event-stream"}
    )

    if mode == "":
        assert 200 == answer.status
        return
    assert (400, "unsupported_stream_mode") == (answer.status, answer.code)
    assert ["updates", "values", "messages", "debug"] == answer.json["details"]["supported"]


@pytest.mark.obligation("H2-09a")
def test_mixed_modes_send_an_event_once_and_label_it_as_the_major_wants(host, v1, v2):
    one, two = (c.get(f"{c.start('plain')}/events?streamMode=updates,debug") for c in (v1, v2))

    assert 6 == len(one.frames) == len(two.frames)
    assert one.types == [frame["event"] for frame in one.frames]
    assert ["updates", "debug", "updates", "debug", "updates", "updates"] == [
        frame["event"] for frame in two.frames
    ]


def test_messages_of_a_run_without_ai_is_an_empty_stream_that_ends(host, caller):
    assert b"" == caller.get(f"{caller.start('plain')}/events?streamMode=messages").body


@pytest.mark.obligation("H1-07e", "H2-09d")
def test_a_resumed_stream_begins_strictly_after_the_last_id(host, caller):
    run = caller.start("plain")

    stream = caller.get(f"{run}/events?streamMode=debug", headers={"Last-Event-ID": "2"})

    assert [3, 4, 5] == [frame["data"]["sequence"] for frame in stream.frames]


@pytest.mark.parametrize("mode", ["updates", "values", "debug", "messages"])
@pytest.mark.parametrize("last", ["5", "99"])
@pytest.mark.obligation("H1-07g", "H2-09e")
def test_resuming_a_finished_run_at_its_end_closes_without_a_frame(host, caller, mode, last):
    run = caller.start("plain")

    stream = caller.get(f"{run}/events?streamMode={mode}", headers={"Last-Event-ID": last})

    assert (200, b"") == (stream.status, stream.body)


@pytest.mark.obligation("H2-09b")
def test_resumed_values_begin_with_a_fresh_snapshot(host, caller):
    run = caller.start("plain")

    stream = caller.get(f"{run}/events?streamMode=values", headers={"Last-Event-ID": "1"})

    assert [("state.snapshot", "5", "completed")] == [
        (frame["event"], frame["id"], frame["data"]["status"]) for frame in stream.frames
    ]


@pytest.mark.parametrize("last", ["-1", "x", "1.5", "²"])
@pytest.mark.obligation("H2-09c")
def test_a_last_id_that_is_no_sequence_is_refused(host, caller, last):
    answer = caller.get(f"{caller.start('plain')}/events", headers={"Last-Event-ID": last})

    assert (400, "validation_error") == (answer.status, answer.code)


def test_a_batch_carries_an_array_under_its_highest_sequence(host, caller):
    run = caller.start("plain")

    frames = caller.get(f"{run}/events?streamMode=debug&bufferMs=100").frames

    assert [("batch", "5", [0, 1, 2, 3, 4, 5])] == [
        (frame["event"], frame["id"], [event["sequence"] for event in frame["data"]])
        for frame in frames
    ]


@pytest.mark.obligation("H1-07f", "H2-09h")
def test_a_batch_is_sent_when_its_time_is_up(host, caller):
    run = caller.start("slow")

    frames = caller.get(f"{run}/events?bufferMs=5000").frames

    assert [[0, 2], [4, 6, 7]] == [[e["sequence"] for e in frame["data"]] for frame in frames]


@pytest.mark.obligation("H1-07f", "H2-09h")
def test_a_suspension_is_never_held_back_in_a_batch(host, caller):
    run = caller.start("gated")

    body = iter(caller.transport.send(caller.request("GET", f"{run}/events?bufferMs=5000")).body)
    first = next(body)

    assert b"node.suspended" in first
    assert b"interrupt.requested" not in first


@pytest.mark.parametrize("value", ["5001", "-1", "fast"])
def test_a_buffer_out_of_bounds_is_refused(host, caller, value):
    answer = caller.get(f"{caller.start('plain')}/events?bufferMs={value}")

    assert (400, "bufferMs") == (answer.status, answer.json["details"]["field"])


@pytest.mark.obligation("H1-07d", "H2-09f")
def test_a_stream_of_a_waiting_run_stays_open_with_keep_alives(host, caller):
    run = caller.start("slow")
    began = host.clock.now()

    stream = caller.get(f"{run}/events")

    assert 2 == stream.body.count(b":keepalive\n\n")
    assert 40 == host.clock.now() - began
    assert [] == host.clock.slept


@pytest.mark.obligation("H1-07h")
def test_two_subscribers_see_the_same_events(host, caller):
    run = caller.start("gated")
    bodies = [
        iter(caller.transport.send(caller.request("GET", f"{run}/events")).body) for _ in range(2)
    ]
    seen = [next(body) for body in bodies]

    caller.post(f"{run}/interrupts/gate", {"resumeValue": {"action": "accept"}})
    seen = [start + b"".join(body) for start, body in zip(seen, bodies, strict=True)]

    assert seen[0] == seen[1]
    assert b"run.completed" in seen[0]


def test_a_stream_that_is_read_to_the_end_leaves_nothing_behind(host, caller):
    run = caller.start("plain")
    caller.get(f"{run}/events")

    [known] = host.engine.runs.values()
    assert [] == known.memo["streams"]


def test_a_bound_on_the_whole_answer_ends_a_stream_that_does_not_end(host, caller):
    run = caller.start("gated")

    with pytest.raises(TransportTimeout):
        caller.get(f"{run}/events", timeouts=Timeouts(total=100))

    assert 100 == pytest.approx(host.clock.now() - host.calls[-1].at)


def test_waiting_for_somebody_who_never_comes_is_reported_and_not_endless(host, caller):
    run = caller.start("gated")

    with pytest.raises(DeadlockError, match="waiting at 'gate'"):
        caller.get(f"{run}/events")


@pytest.mark.parametrize("fault", ["cut", "close", "truncate"])
def test_a_broken_stream_is_resumed_without_loss(host, caller, fault):
    run = caller.start("plain")
    if fault == "truncate":
        host.faults.truncate(at_byte=500)
    else:
        getattr(host.faults, fault)(after=2)
    request = caller.request("GET", f"{run}/events?streamMode=debug")

    body = b""
    try:
        for part in caller.transport.send(request).body:
            body += part
        broke = False
    except TransportError:
        broke = True

    assert (fault != "close") == broke
    whole = [json.loads(line[6:]) for line in body.split(b"\n") if line.endswith(b"}")]
    last = whole[-1]["sequence"]
    rest = caller.get(f"{run}/events?streamMode=debug", headers={"Last-Event-ID": str(last)})
    assert [0, 1, 2, 3, 4, 5] == [e["sequence"] for e in whole] + [
        frame["data"]["sequence"] for frame in rest.frames
    ]
    assert 500 == len(body) or fault != "truncate"
    host.verify()


def test_a_stalled_stream_sends_not_even_keep_alives(host, caller):
    run = caller.start("gated")
    host.faults.stall(after=1)

    with pytest.raises(TransportTimeout, match="next bytes"):
        caller.get(f"{run}/events", timeouts=Timeouts(idle=45))

    assert 45 == host.clock.now() - host.calls[-1].at


def test_a_duplicated_and_a_reordered_event_come_as_scripted(host, caller):
    run = caller.start("plain")
    host.faults.duplicate(after=1)
    twice = caller.get(f"{run}/events").frames
    host.faults.reorder(after=1)
    swapped = caller.get(f"{run}/events").frames

    assert ["0", "2", "2", "4", "5"] == [frame["id"] for frame in twice]
    assert ["0", "4", "2", "5"] == [frame["id"] for frame in swapped]


def test_a_buffering_proxy_holds_everything_back_until_the_end(host, caller):
    run = caller.start("slow")
    host.faults.buffer()

    stream = caller.get(f"{run}/events")

    assert b":keepalive" not in stream.body
    assert 5 == len(stream.frames)


def test_a_poll_answers_at_once_what_is_there(host, caller):
    run = caller.start("plain")

    answer = caller.get(f"{run}/events/poll")

    assert [0, 1, 2, 3, 4, 5] == [event["sequence"] for event in answer.json["events"]]
    assert answer.json["isTerminal"] is True


@pytest.mark.obligation("H1-08c", "H2-10")
def test_a_poll_waits_for_the_next_event(host, caller):
    run = caller.start("slow")
    cursor = "lastSequence" if caller.major == 1 else "afterSequence"

    answer = caller.get(f"{run}/events/poll?{cursor}=3&timeout=60")

    assert 40 == host.clock.now() - host.calls[-1].at
    assert [4, 5, 6, 7] == [event["sequence"] for event in answer.json["events"]]


@pytest.mark.obligation("H1-08c")
def test_a_poll_with_nothing_to_tell_answers_when_its_time_is_up(host, caller):
    run = caller.start("slow")
    cursor = "lastSequence" if caller.major == 1 else "afterSequence"

    answer = caller.get(f"{run}/events/poll?{cursor}=3&timeout=7")

    assert 7 == pytest.approx(host.clock.now() - host.calls[-1].at)
    assert ([], False) == (answer.json["events"], answer.json["isTerminal"])


@pytest.mark.obligation("H1-08a", "H2-10", "H1-08d")
def test_a_poll_beyond_the_end_is_empty_and_complete(host, v1, v2):
    one = v1.get(f"{v1.start('plain')}/events/poll?lastSequence=500").json
    two = v2.get(f"{v2.start('plain')}/events/poll?afterSequence=500").json

    assert ([], True) == (one["events"], one["isComplete"])
    assert ([], 5, "completed", True) == (
        two["events"],
        two["lastSequence"],
        two["status"],
        two["isTerminal"],
    )


@pytest.mark.obligation("H1-08b")
def test_repeated_polls_answer_the_same(host, caller):
    run = caller.start("plain")

    assert caller.get(f"{run}/events/poll").json == caller.get(f"{run}/events/poll").json


@pytest.mark.parametrize("query", ["timeout=0", "timeout=61", "timeout=x"])
def test_a_poll_out_of_bounds_is_refused(host, caller, query):
    assert 400 == caller.get(f"{caller.start('plain')}/events/poll?{query}").status


def test_an_older_name_of_the_cursor_is_understood_in_major_1(host, v1):
    run = v1.start("plain")

    assert [5] == [e["sequence"] for e in v1.get(f"{run}/events/poll?since=4").json["events"]]


def test_a_closed_stream_lets_go_of_its_run(host, caller):
    run = caller.start("gated")
    response = caller.transport.send(caller.request("GET", f"{run}/events"))
    next(iter(response.body))

    response.close()
    response.close()

    [known] = host.engine.runs.values()
    assert [] == known.memo["streams"]
    assert Headers(response.headers)["Content-Type"] == "text/event-stream"
