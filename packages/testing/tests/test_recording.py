"""Real traffic is recorded without its secrets, and plays again with the timing it had."""

from __future__ import annotations

import asyncio
import itertools
import json
from contextlib import closing

import pytest
import trio
from hypothesis import given, strategies as st

import openwop
from openwop.transports import HttpxTransport
from openwop.wire import (
    ConnectError,
    Headers,
    OpenResponse,
    Request,
    Timeouts,
    TransportError,
    TransportTimeout,
)
from openwop_testing import FakeHost, Workflow
from openwop_testing.cassettes import Cassette, Exchange
from openwop_testing.recorder import Recorder
from openwop_testing.redaction import STAND_IN, Redaction
from openwop_testing.replaying import NotRecordedError, Replay
from openwop_testing.transport_contract import TransportContract

KEY = "hk_test_of_the_recording"
SECRET = "whsec_0123456789abcdef0123456789abcdef"
RELEASE = Workflow("release").delay("build", 45).approval("gate", title="Ship it?").node("ship")


@pytest.fixture
def host():
    return FakeHost(api_key=KEY, workflows=[RELEASE])


@pytest.fixture
def tape(tmp_path):
    return tmp_path / "tape.jsonl"


def recorded(host, tape, work, **options):
    with Recorder(tape, **options) as recorder:
        transport = recorder.transport(host.transport())
        with openwop.Client(host.base_url, api_key=KEY, transport=transport) as client:
            return work(client)


def played(tape, work, **options):
    replay = Replay(tape, **options)
    with openwop.Client(
        replay.base_url, api_key="hk_test_another", transport=replay.transport()
    ) as client:
        found = work(client)
    replay.verify()
    return found


def approve_once(client):
    run = client.runs.start("release", inputs={"version": "1.2"})
    seen = []
    with run.events() as events:
        for event in events:
            seen.append((event.sequence, event.type))
            if event.type == "interrupt.requested":
                run.approve()
    return seen, run.result()


def ask(host, method="GET", path="/v1/workflows/release", body=None, **options):
    headers = Headers({"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"})
    content = None if body is None else json.dumps(body).encode()
    return Request(method, host.base_url + path, headers, content, **options)


def exchange(**members):
    members = {"method": "GET", "target": "/v1/x", "request_headers": [], "at": 0.0} | members
    return Exchange(**({"request_body": None} | members))


def one(tape, **members):
    Cassette("http://recorded.test", [exchange(**members)]).save(tape)
    return Replay(tape)


def test_a_recording_plays_again_for_the_client_that_made_it(host, tape):
    assert recorded(host, tape, approve_once) == played(tape, approve_once)


def test_the_time_between_events_is_that_of_the_recording(host, tape):
    recorded(host, tape, approve_once)
    replay = Replay(tape)
    began, moments = replay.clock.now(), {}

    with openwop.Client(replay.base_url, api_key="any", transport=replay.transport()) as client:
        run = client.runs.start("release", inputs={"version": "1.2"})
        with run.events() as events:
            for event in events:
                moments[event.type] = round(replay.clock.now() - began)
                if event.type == "interrupt.requested":
                    break

    assert (0, 45) == (moments["run.started"], moments["interrupt.requested"])


def test_no_credential_is_in_the_file(host, tape):
    recorded(host, tape, approve_once)

    text = tape.read_text()
    assert KEY not in text
    assert "Bearer redacted-" in text


def test_no_token_in_a_path_is_in_the_file_and_another_plays(host, tape):
    tokens = []

    def decide(client):
        run = client.runs.start("release")
        with run.events() as events:
            next(event for event in events if event.type == "interrupt.requested")
        tokens.append("another" if tokens else host.token(run.id, "gate"))
        return client.interrupts.inspect(tokens[-1]).kind

    assert "approval" == recorded(host, tape, decide)
    assert tokens[0] not in tape.read_text()
    assert "approval" == played(tape, decide)


def test_a_secret_in_a_body_is_not_in_the_file_and_another_plays(host, tape):
    def register(secret):
        def work(client):
            url = "https://example.org/hook"
            return client.webhooks.register(
                url=url, events=["run.completed"], secret=secret
            ).webhook_id

        return work

    made = recorded(host, tape, register(SECRET))
    assert SECRET not in tape.read_text()
    assert made == played(tape, register("whsec_" + "f" * 40))


def test_what_a_caller_calls_secret_is_in_the_file_nowhere(host, tape):
    def work(client):
        return client.runs.start("release", inputs={"customer": "Acme Corp"}).id

    recorded(host, tape, work, secrets=["Acme Corp"])

    assert "Acme" not in tape.read_text()
    assert played(tape, work)


@pytest.mark.parametrize("loop", [asyncio.run, trio.run], ids=["asyncio", "trio"])
def test_asynchronous_clients_record_and_play_too(host, tape, loop):
    async def work(base_url, transport):
        async with openwop.AsyncClient(base_url, api_key=KEY, transport=transport) as client:
            run = await client.runs.start("release")
            seen = []
            async with run.events() as events:
                async for event in events:
                    seen.append(event.type)
                    if event.type == "interrupt.requested":
                        await run.approve()
            return seen

    async def main():
        with Recorder(tape) as recorder:
            transport = recorder.async_transport(host.async_transport())
            first = await work(host.base_url, transport)
        replay = Replay(tape)
        again = await work(replay.base_url, replay.async_transport())
        replay.verify()
        return first, again

    first, again = loop(main) if loop is trio.run else loop(main())
    assert first == again
    assert "run.completed" == first[-1]


def test_a_host_on_a_port_is_recorded_by_the_clients_own_transport(host, tape):
    with (
        host.serve(virtual_time=True) as url,
        Recorder(tape) as recorder,
        closing(recorder.transport()) as transport,
        openwop.Client(url, api_key=KEY, transport=transport) as client,
    ):
        first = approve_once(client)

    assert first == played(tape, approve_once)


def test_a_request_that_was_not_recorded_says_what_is_left(host, tape):
    recorded(host, tape, lambda client: client.runs.start("release"))

    replay = Replay(tape)
    with pytest.raises(NotRecordedError, match=r"GET /v1/nothing is not in the recording"):
        replay.transport().send(ask(replay, path="/v1/nothing"))


def test_a_request_with_another_body_says_both(tape):
    replay = one(tape, method="POST", request_body=b'{"a": 1}', status=200, end="complete")

    with pytest.raises(NotRecordedError, match=r'another body: \{"a": 1\}, not \{"a": 2\}'):
        replay.transport().send(ask(replay, "POST", "/v1/x", {"a": 2}))


def test_a_body_may_be_written_another_way(tape):
    replay = one(tape, method="POST", request_body=b'{ "b":2, "a":1 }', status=204, end="complete")

    answer = replay.transport().send(ask(replay, "POST", "/v1/x", {"a": 1, "b": 2}))
    assert 204 == answer.status_code


def test_bodies_need_not_be_the_same_where_a_test_says_so(tape):
    Cassette("http://r.test", [exchange(request_body=b"{}", status=200, end="complete")]).save(tape)
    replay = Replay(tape, bodies=False)

    answer = replay.transport().send(ask(replay, "GET", "/v1/x", {"a": 2}))
    assert 200 == answer.status_code


def test_what_was_never_asked_for_fails_the_verification(tape):
    replay = one(tape, status=200, end="complete")

    with pytest.raises(AssertionError, match=r"never asked for:\n  GET /v1/x -> 200"):
        replay.verify()
    assert ["GET /v1/x -> 200"] == [str(each) for each in replay.unplayed]


def test_the_same_request_gets_its_answers_in_order(tape):
    answers = [exchange(status=status, end="complete") for status in (503, 200)]
    Cassette("http://recorded.test", answers).save(tape)
    replay = Replay(tape)

    transport = replay.transport()
    seen = [transport.send(ask(replay, path="/v1/x")).status_code for _ in range(2)]
    assert [503, 200] == seen
    assert [503, 200] == [each.status for each in replay.played]


@pytest.mark.parametrize("error", [ConnectError, TransportTimeout, TransportError])
def test_a_broken_exchange_breaks_again_at_its_moment(tape, error):
    class Breaking:
        def send(self, request):
            host.clock.advance(7)
            raise error("no luck", sent=True)

        def close(self): ...

        def now(self):
            return host.clock.now()

        def sleep(self, seconds): ...

    host = FakeHost()
    with Recorder(tape) as recorder, pytest.raises(error):
        recorder.transport(Breaking()).send(ask(host))

    replay = Replay(tape)
    began = replay.clock.now()
    with pytest.raises(error, match="no luck") as caught:
        replay.transport().send(ask(replay))
    assert (error, True) == (type(caught.value), caught.value.sent)
    assert 7 == replay.clock.now() - began


def test_a_broken_body_breaks_again_after_the_same_bytes(tape):
    replay = one(
        tape,
        status=200,
        chunks=[(1.0, b"one "), (2.0, b"two ")],
        end="TransportError",
        end_at=3.0,
        message="reset",
    )
    began = replay.clock.now()

    body = iter(replay.transport().send(ask(replay, path="/v1/x")).body)
    assert (b"one ", 1.0) == (next(body), replay.clock.now() - began)
    assert (b"two ", 2.0) == (next(body), replay.clock.now() - began)
    with pytest.raises(TransportError, match="reset"):
        next(body)
    assert 3.0 == replay.clock.now() - began


def test_the_bounds_of_a_request_hold_in_a_recording(tape):
    replay = one(tape, status=200, head_at=60.0, end="complete", end_at=60.0)

    with pytest.raises(TransportTimeout):
        replay.transport().send(ask(replay, path="/v1/x", timeouts=Timeouts(head=5)))


def test_nobody_can_read_on_where_the_recording_ends(tape):
    replay = one(tape, status=200, chunks=[(0.0, b"one")], end="closed")

    body = iter(replay.transport().send(ask(replay, path="/v1/x")).body)
    assert b"one" == next(body)
    with pytest.raises(NotRecordedError, match="read no further"):
        next(body)


def test_bytes_that_are_no_text_come_back_as_they_were(tape):
    data = bytes(range(256))
    replay = one(tape, status=200, chunks=[(0.0, data)], request_body=None, end="complete")

    assert [data] == list(replay.transport().send(ask(replay, path="/v1/x")).body)


def test_headers_that_came_twice_come_as_one(tape):
    headers = [("Vary", "Accept"), ("vary", "Origin")]
    replay = one(tape, status=200, headers=headers, end="complete")

    answer = replay.transport().send(ask(replay, path="/v1/x"))
    assert "Accept, Origin" == answer.headers["Vary"]


def test_a_recording_is_one_line_per_exchange(host, tape):
    recorded(host, tape, approve_once)

    head, *lines = [json.loads(line) for line in tape.read_text().split("\n")[:-1]]
    assert {"openwop-cassette": 1, "origin": host.base_url} == head
    assert [f"{line['method']} {line['target']}" for line in lines] == [
        str(each).partition(" ->")[0] for each in Cassette.load(tape).exchanges
    ]


@pytest.mark.parametrize("text", ["", "{}", "[]", "no JSON", '{"openwop-cassette": 2}'])
def test_another_file_is_no_recording(tape, text):
    tape.write_text(text)

    with pytest.raises(ValueError, match="recording"):
        Replay(tape)


def test_an_ordinary_word_that_is_a_secret_once_stays_a_word_elsewhere():
    body = b'{"credential": "active", "status": "active"}'
    redaction = Redaction()
    redaction.learn_body(body)

    assert [b'{"credential": "redacted-1", "status": "active"}'] == redaction.chunks([body])


def test_one_secret_has_one_stand_in_wherever_it_stands():
    redaction = Redaction()
    redaction.learn_body(b'{"token": "t0ken of all"}')
    redaction.learn_headers([("Authorization", "Bearer t0ken of all")])

    assert "/v1/x?a=redacted-1" == redaction.text("/v1/x?a=t0ken%20of%20all")
    assert [("Authorization", "Bearer redacted-1")] == redaction.headers(
        [("Authorization", "Bearer t0ken of all")]
    )


@given(
    st.lists(st.sampled_from([b"plain ", b'"token":"', b"s3cret-value", b'"', b" ", b"\xc3\xa4"])),
    st.lists(st.integers(0, 60)),
)
def test_no_secret_survives_wherever_the_pieces_of_a_body_divide_it(parts, cuts):
    redaction = Redaction(["s3cret-value"])
    whole = b"".join(parts)
    edges = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    chunks = [whole[start:end] for start, end in itertools.pairwise(edges)]
    redaction.learn_body(whole)

    pieces = redaction.chunks(chunks)

    assert redaction.chunks([whole]) == [b"".join(pieces)]
    assert len(chunks) == len(pieces)
    assert b"s3cret-value" not in b"".join(pieces)


def test_stand_ins_are_not_secrets_of_another_recording():
    redaction = Redaction(["redacted-7"])

    assert "redacted-7" == redaction.text("redacted-7")
    assert STAND_IN.fullmatch("redacted-7")


class TestRecordingTransport(TransportContract):
    """What records is a transport like any other."""

    @pytest.fixture
    def transport(self, tmp_path):
        recorder = Recorder(tmp_path / "contract.jsonl")
        transport = recorder.transport()
        yield transport
        transport.close()


def test_a_transport_without_a_clock_is_recorded_by_the_machines(tape):
    class Plain:
        def send(self, request):
            return OpenResponse(204, Headers(), Nothing())

        def close(self): ...

    class Nothing:
        def __iter__(self):
            return iter(())

        def close(self): ...

    with Recorder(tape) as recorder:
        transport = recorder.transport(Plain())
        transport.sleep(0.0)
        list(transport.send(ask(FakeHost())).body)

    assert ["complete"] == [each.end for each in Cassette.load(tape).exchanges]


def test_a_recording_closes_the_transports_that_it_made(tmp_path, monkeypatch):
    closed = []
    monkeypatch.setattr(
        "openwop_testing.recorder.HttpxTransport.close", lambda self: closed.append(self)
    )
    with Recorder(tmp_path / "tape.jsonl") as recorder:
        recorder.transport()
        recorder.transport(HttpxTransport())  # is whoever's made it

    assert 1 == len(closed)
