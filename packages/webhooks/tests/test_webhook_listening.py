"""Listening: a host's streams become signed deliveries to a local handler, in order, each once."""

from __future__ import annotations

import contextlib
import http.server
import inspect
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import anyio
import pytest

import openwop
from openwop.errors import CapabilityNotSupportedError, ConfigurationError, NotFoundError
from openwop_webhooks import (
    AsyncListener,
    Delivery,
    Forwarded,
    Forwarding,
    Listener,
    MemoryReplayGuard,
    Receiver,
    StartedRuns,
    Verifier,
    listen,
    listen_async,
    make_secret,
)

testing = pytest.importorskip("openwop_testing")
SECRET = make_secret(standard=True)


async def it(value: Any) -> Any:
    return await value if isinstance(value, Awaitable) else value


@pytest.fixture(params=[1, 2], ids=["major-1", "major-2"])
def major(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def make_host(*majors: int) -> Any:
    return testing.FakeHost(
        majors=majors, workflows=[testing.Workflow("wf").delay("a", 1).delay("b", 1)]
    )


@pytest.fixture
def connect(colour: str) -> Callable[..., Any]:
    def make(host: Any, **how: Any) -> Any:
        if colour == "blocking":
            return openwop.Client(
                host.base_url,
                api_key=host.api_key,
                transport=host.transport(),
                load_plugins=False,
                **how,
            )
        return openwop.AsyncClient(
            host.base_url,
            api_key=host.api_key,
            transport=host.async_transport(),
            load_plugins=False,
            **how,
        )

    return make


@pytest.fixture
def hear(colour: str) -> Callable[..., Any]:
    """Call the function of the test's colour."""
    return listen if colour == "blocking" else listen_async


async def finished(client: Any, workflow: str = "wf") -> Any:
    run = await it(client.runs.start(workflow))
    await it(run.wait("terminal"))
    return run


def test_a_run_reaches_the_handler_in_order_and_signed(
    major: int, connect: Any, hear: Any, play: Any
) -> None:
    host, got, told = make_host(major), list[Delivery](), list[Forwarded]()

    async def scenario() -> tuple[str, int]:
        client = connect(host)
        run = await finished(client)
        how = Forwarding(report=told.append, workspace="ws-1")
        return run.id, await it(hear(client, got.append, runs=[run], how=how))

    run_id, count = play(scenario)

    assert count == len(got) == len(told) > 4
    assert [each.sequence for each in got] == sorted(each.sequence or 0 for each in got)
    assert "run.started" == got[0].event.type
    assert "run.completed" == got[-1].event.type
    assert {(run_id, "ws-1", "listen")} == {
        (each.run_id, each.workspace, each.subscription_id) for each in got
    }
    assert f"run.completed  {run_id} #{got[-1].sequence} -> 200" == str(told[-1])


def test_listening_twice_handles_each_event_once(connect: Any, hear: Any, play: Any) -> None:
    host, got = make_host(2), list[Delivery]()
    receiver = Receiver(Verifier(SECRET, replay_guard=MemoryReplayGuard()), got.append)

    async def scenario() -> list[int]:
        client = connect(host)
        run = await finished(client)
        return [await it(hear(client, receiver, runs=[run], secret=SECRET)) for _ in range(2)]

    first, second = play(scenario)
    receiver.close()

    assert first == second == len(got)


def test_only_the_types_that_were_named_are_forwarded(connect: Any, hear: Any, play: Any) -> None:
    host, got = make_host(1), list[Delivery]()

    async def scenario() -> int:
        client = connect(host)
        run = await finished(client)
        how = Forwarding(events=["run.*", "node.completed"], standard=True)
        return int(await it(hear(client, got.append, runs=[run.id], how=how)))

    count = play(scenario)
    types = [each.event_type for each in got]

    assert count == len(types)
    assert {"run.started", "run.completed", "node.completed"} == set(types)


def test_an_asynchronous_handler_is_awaited(connect: Any, hear: Any, play: Any) -> None:
    host, got = make_host(2), list[Delivery]()

    async def handle(delivery: Delivery) -> None:
        await anyio.lowlevel.checkpoint()
        got.append(delivery)

    async def scenario() -> int:
        client = connect(host)
        return int(await it(hear(client, handle, runs=[await finished(client)])))

    assert play(scenario) == len(got) > 0


async def beside(listener: Any, during: Callable[[Any], Any]) -> None:
    if isinstance(listener, Listener):
        with listener:
            await it(during(listener))
    else:
        async with listener:
            await it(during(listener))


def test_runs_that_the_program_starts_are_followed(colour: str, connect: Any, play: Any) -> None:
    host, got, started = make_host(2), list[Delivery](), StartedRuns()
    kind = Listener if colour == "blocking" else AsyncListener

    async def scenario() -> list[str]:
        client = connect(host, plugins=[started])
        ids = [(await it(client.runs.start("wf"))).id]

        async def during(listener: Any) -> None:
            ids.append((await it(client.runs.start("wf"))).id)
            ids.append((await it(client.runs.fork(ids[0], mode="replay", from_seq=0))).run_id)
            assert await it(listener.wait())
            assert listener.count == len(got)

        listener: Any = kind(client, got.append, started=started)
        await beside(listener, during)
        return ids

    ids = play(scenario)

    assert ids == started.runs
    assert set(ids) == {each.run_id for each in got}
    assert 3 == [each.event.type for each in got].count("run.completed")


def test_a_failing_handler_gets_its_event_again(connect: Any, hear: Any, play: Any) -> None:
    host, calls, told = make_host(1), list[str](), list[Forwarded]()

    def handle(delivery: Delivery) -> None:
        calls.append(delivery.dedup_key)
        if calls.count(delivery.dedup_key) < 3:
            raise OSError("restarting")

    async def scenario() -> int:
        client = connect(host)
        run = await finished(client)
        how = Forwarding(events=["run.completed"], pause=0, report=told.append)
        return int(await it(hear(client, handle, runs=[run], how=how)))

    assert 1 == play(scenario)
    assert 3 == len(calls) == told[0].attempts
    assert 1 == len(set(calls))
    assert str(told[0]).endswith("-> 200 after 3 attempts")


def test_a_handler_that_never_takes_its_event_is_reported(
    connect: Any, hear: Any, play: Any, caplog: pytest.LogCaptureFixture
) -> None:
    host = make_host(1)

    def handle(delivery: Delivery) -> None:
        raise OSError("down")

    async def scenario() -> int:
        client = connect(host)
        run = await finished(client)
        how = Forwarding(events=["run.completed"], pause=0, attempts=2)
        return int(await it(hear(client, handle, runs=[run], how=how)))

    assert 0 == play(scenario)
    assert "-> 503 after 2 attempts: the handler failed" in caplog.text


@contextlib.contextmanager
def endpoint(*statuses: int) -> Iterator[tuple[str, list[Any]]]:
    """An HTTP server that answers with each status in turn, the last one ever after."""
    left, seen = list(statuses), list[Any]()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.append((self.path, list(self.headers.items()), body))
            self.send_response(left.pop(0) if len(left) > 1 else left[0])
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/openwop?x=1", seen
        finally:
            server.shutdown()
            thread.join()


def test_an_endpoint_gets_what_a_host_would_post(connect: Any, hear: Any, play: Any) -> None:
    host, told = make_host(2), list[Forwarded]()

    with endpoint(503, 200) as (url, seen):

        async def scenario() -> int:
            client = connect(host)
            run = await finished(client)
            how = Forwarding(pause=0, report=told.append, events=("run.*",), standard=True)
            return int(await it(hear(client, url, runs=[run], secret=SECRET, how=how)))

        count = play(scenario)

    assert (2, 2) == (count, told[0].attempts)
    verifier = Verifier(SECRET)
    found = [verifier.verify(headers, body) for _, headers, body in seen]
    assert ["run.started", "run.started", "run.completed"] == [
        each.event_type for each in found if isinstance(each, Delivery)
    ]
    assert {"/openwop?x=1"} == {path for path, _, _ in seen}
    identities = [dict(headers)["webhook-id"] for _, headers, _ in seen]
    assert identities[0] == identities[1] != identities[2]


@pytest.mark.parametrize(
    ("status", "said"),
    [(400, "know this secret"), (307, "redirects"), (404, "nothing takes"), (500, "not handled")],
)
def test_an_answer_that_is_no_success_says_what_to_look_at(status: int, said: str) -> None:
    host, told = make_host(1), list[Forwarded]()

    with endpoint(status) as (url, seen), make_client(host) as client:
        run = client.runs.start("wf")
        run.wait("terminal")
        how = Forwarding(events=["run.completed"], pause=0, attempts=3, report=told.append)

        assert 0 == listen(client, url, runs=[run], secret=SECRET, how=how)

    assert said in str(told[0])
    assert (3 if status == 500 else 1) == len(seen)


def make_client(host: Any) -> openwop.Client:
    return openwop.Client(
        host.base_url, api_key=host.api_key, transport=host.transport(), load_plugins=False
    )


def test_an_endpoint_that_is_not_there_is_reported_as_such() -> None:
    host, told = make_host(1), list[Forwarded]()
    with endpoint(200) as (url, _):
        pass

    with make_client(host) as client:
        run = client.runs.start("wf")
        run.wait("terminal")
        how = Forwarding(events=["run.completed"], pause=0, attempts=2, report=told.append)

        assert 0 == listen(client, url, runs=[run], secret=SECRET, how=how)

    assert "-> no answer after 2 attempts: ConnectionRefusedError" in str(told[0])


@pytest.mark.parametrize(
    ("target", "secret", "said"),
    [
        ("https://hooks.example.com/x", SECRET, "cannot find|this machine alone"),
        ("http://93.184.215.14/x", SECRET, "this machine alone"),
        ("http://0.0.0.0:8000/", SECRET, "this machine alone"),
        ("ftp://127.0.0.1/x", SECRET, "cannot forward"),
        ("127.0.0.1:8000", SECRET, "cannot forward"),
        ("http://127.0.0.1:8000/x", None, "needs secret="),
        (Receiver(Verifier(SECRET), print), None, "needs secret="),
        (Receiver(Verifier(SECRET), print), "another", "refuses what is signed"),
    ],
    # The secret is another one in each process, and has no place in an id anyway.
    ids=[
        "unknown host",
        "public address",
        "any address",
        "scheme",
        "no scheme",
        "url without a secret",
        "receiver without a secret",
        "another secret",
    ],
)
def test_a_target_that_cannot_be_right_is_refused_at_once(
    target: Any, secret: Any, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import openwop_webhooks.listening.forwarding as forwarding

    def resolve(host: str, port: int) -> list[str]:
        return ["93.184.215.14"] if host[-1].isalpha() else [host]

    monkeypatch.setattr(forwarding, "resolve_host", resolve)
    with (
        make_client(make_host(1)) as client,
        pytest.raises(ConfigurationError, match=said) as error,
    ):
        listen(client, target, runs=["r"], secret=secret)
    assert SECRET not in str(error.value)


@pytest.mark.parametrize("how", [{"attempts": 0}, {"pause": -1}])
def test_ways_of_forwarding_that_make_no_sense_are_refused(how: Any) -> None:
    with pytest.raises(ConfigurationError):
        Forwarding(**how)


def test_nothing_to_follow_and_no_id_are_refused(
    colour: str, connect: Any, hear: Any, play: Any
) -> None:
    host = make_host(1)

    async def scenario() -> None:
        client = connect(host)
        with pytest.raises(ConfigurationError, match="runs= or host_events"):
            await it(hear(client, print))
        with pytest.raises(ConfigurationError, match="id of a run"):
            await it(hear(client, print, runs=[""]))
        if colour != "blocking":
            with pytest.raises(ConfigurationError, match="async with"):
                AsyncListener(client, print).follow("r")

    play(scenario)


def test_a_run_that_does_not_exist_raises_what_the_stream_raises(
    connect: Any, hear: Any, play: Any
) -> None:
    host = make_host(1)

    async def scenario() -> None:
        with pytest.raises(NotFoundError):
            await it(hear(connect(host), print, runs=["run-that-is-not-there"]))

    play(scenario)


def test_major_1_has_no_events_of_the_host(connect: Any, hear: Any, play: Any) -> None:
    host = make_host(1)

    async def scenario() -> None:
        with pytest.raises(CapabilityNotSupportedError):
            await it(hear(connect(host), print, host_events=True))

    play(scenario)


def test_durable_events_of_the_host_are_forwarded_and_ephemeral_ones_are_not() -> None:
    first = {"eventId": "e-1", "type": "host-test.ephemeral-triggered", "delivery": "ephemeral"}
    second = {"eventId": "e-2", "type": "host-test.durable-triggered", "delivery": "durable"}
    from openwop.events import HostEvent
    from openwop_webhooks._steps import run
    from openwop_webhooks.listening.forwarding import Forwarder

    got: list[Delivery] = []
    forwarder = Forwarder(got.append, None, Forwarding(), lambda seconds: None)
    for document in (first, second):
        event = HostEvent.from_dict({**document, "payload": {}})
        run(forwarder.deliver(event, None, is_async=False))
    forwarder.close()

    assert [("e-2", True, None)] == [(d.event_id, d.is_host_event, d.run_id) for d in got]


def test_the_stream_of_the_host_reaches_the_handler() -> None:
    host, came, got = testing.FakeHost(majors=[2]), threading.Event(), list[Delivery]()

    def handle(delivery: Delivery) -> None:
        got.append(delivery)
        came.set()

    with (
        host.serve() as url,
        openwop.Client(url, api_key=host.api_key) as client,
        Listener(client, handle) as listener,
    ):
        listener.follow_host()
        for _ in range(200):  # what is emitted before the stream is open passes it by
            client.host.emit_test_event(delivery="ephemeral")
            client.host.emit_test_event(delivery="durable")
            if came.wait(0.1):
                break

    assert {"host-test.durable-triggered"} == {each.event_type for each in got}
    assert all(each.is_host_event for each in got)


def test_a_host_that_lacks_the_mode_debug_is_followed_in_updates(
    connect: Any, hear: Any, play: Any, caplog: pytest.LogCaptureFixture
) -> None:
    host, got = make_host(1), list[Delivery]()
    host.faults.fail("streamRunEvents", status=400, times=1)

    async def scenario() -> None:
        client = connect(host)
        await it(hear(client, got.append, runs=[await finished(client)]))

    play(scenario)

    assert "run.completed" == got[-1].event.type
    assert "node.started" not in {each.event.type for each in got}
    assert "mode debug" in caplog.text


def test_leaving_stops_a_run_that_has_no_end() -> None:
    workflow = testing.Workflow("waits").approval("ask")
    host, ready = testing.FakeHost(majors=[2], workflows=[workflow]), threading.Event()

    def handle(delivery: Delivery) -> None:
        if delivery.event.type == "interrupt.requested":
            ready.set()

    with host.serve() as url, openwop.Client(url, api_key=host.api_key) as client:
        run = client.runs.start("waits")
        with Listener(client, handle) as listener:
            listener.follow(run)
            listener.follow(run)
            assert ready.wait(20)
            assert not listener.wait(0.0)
    assert not [each for each in threading.enumerate() if each.name == "openwop-listen"]


def test_a_started_run_is_read_from_answers_alone_that_started_one() -> None:
    started, told = StartedRuns(), list[str]()
    end = started.tell(told.append)

    def answered(operation: str, status: int, body: Any) -> None:
        call = openwop.Call("openwop", operation, operation, {})
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        started.openwop_response(call, openwop.Response(status, {}, content))

    answered("runs.create", 201, {"runId": "a"})
    answered("runs.create", 201, {"runId": "a"})
    answered("runs.create", 409, {"runId": "b"})
    answered("runs.get", 200, {"runId": "c"})
    odd: Any
    for odd in (b"", b"{", [], {"runId": 3}, {"runId": ""}):
        answered("runs.create", 201, odd)
    end()
    answered("runs.fork", 201, {"runId": "d"})

    assert ["a"] == told
    assert ["a", "d"] == started.runs


def test_the_twins_offer_the_same() -> None:
    def shape(cls: type[Any]) -> dict[str, Any]:
        return {
            name.replace("aclose", "close"): [
                (p.name, p.kind, p.default) for p in inspect.signature(member).parameters.values()
            ]
            if inspect.isfunction(member)
            else type(member)
            for name, member in inspect.getmembers(cls)
            if not name.startswith("_") or name == "__init__"
        }

    assert shape(Listener) == shape(AsyncListener)
    assert (
        inspect.signature(listen).parameters.keys()
        == inspect.signature(listen_async).parameters.keys()
    )
