"""What published hosts really answer, one test a row, over a socket, in both colours."""

from __future__ import annotations

import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import anyio
import pytest

import openwop

RUN = "run-1"
Answer = tuple[int, dict[str, str], Any]


class Host:
    """A host that answers by a table, as real ones do."""

    def __init__(self, protocol_version: str = "HTTP/1.1") -> None:
        self.routes: dict[str, Answer | Callable[[Any], Answer]] = {}
        self.seen: list[tuple[str, str, dict[str, str], bytes]] = []
        host = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *args: object) -> None:
                return

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                path = self.path.partition("?")[0]
                headers = {name.lower(): value for name, value in self.headers.items()}
                host.seen.append((self.command, self.path, headers, body))
                found = host.routes.get(f"{self.command} {path}")
                status, extra, content = (
                    found(self)
                    if callable(found)
                    else found
                    if found is not None
                    else (
                        404,
                        {},
                        {"error": "not_found", "message": f"No route for {path}"},
                    )
                )
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                if "Content-Type" not in extra:
                    self.send_header("Content-Type", "application/json")
                for name, value in extra.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = _serve  # noqa: N815  # names of the standard library

        Handler.protocol_version = protocol_version
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.routes["GET /.well-known/openwop"] = (
            200,
            {},
            {"protocolVersion": "1.0", "supportedEnvelopes": [], "schemaVersions": {}},
        )
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def snapshot(self, status: str = "completed", **more: Any) -> None:
        document = {"runId": RUN, "workflowId": "wf", "status": status, **more}
        self.routes[f"GET /v1/runs/{RUN}"] = (200, {}, document)

    def sse(self, *frames: str) -> None:
        text = "".join(f"{frame}\n\n" for frame in frames)
        self.routes[f"GET /v1/runs/{RUN}/events"] = (
            200,
            {"Content-Type": "text/event-stream"},
            text.encode(),
        )

    def poll(self, **members: Any) -> None:
        self.routes[f"GET /v1/runs/{RUN}/events/poll"] = (200, {}, members)


def event(name: str, sequence: int, **more: Any) -> dict[str, Any]:
    return {
        "eventId": f"event-{sequence}",
        "runId": RUN,
        "type": name,
        "sequence": sequence,
        "timestamp": "2026-01-01T00:00:00Z",
        "payload": {},
        **more,
    }


@pytest.fixture
def host() -> Iterator[Host]:
    made = Host()
    yield made
    made.close()


Use = Callable[[Callable[[Any], Any]], Any]


@pytest.fixture(params=["sync", "asyncio", "trio"])
def use(request: pytest.FixtureRequest, host: Host) -> Use:
    """Run a function on a client in one colour; what it returns is awaited where it can be."""

    def run(function: Callable[[Any], Any], **options: Any) -> Any:
        if request.param == "sync":
            with openwop.Client(host.url, api_key="hk_test", **options) as client:
                return function(client)

        async def main() -> Any:
            async with openwop.AsyncClient(host.url, api_key="hk_test", **options) as client:
                outcome = function(client)
                if isinstance(outcome, Awaitable):
                    return await outcome
                return [item async for item in outcome]

        return anyio.run(main, backend=request.param)

    return run


def read(stream: Any) -> Any:
    """Return a stream as a list: at once where it blocks, else for `use` to read."""
    return list(stream) if hasattr(stream, "__iter__") else stream


def test_a_created_run_without_an_events_url_is_a_created_run(host: Host, use: Use) -> None:
    host.routes["POST /v1/runs"] = (201, {}, {"runId": RUN, "status": "pending"})

    created = use(lambda client: client.runs.create(workflow_id="wf"))

    assert created.run_id == RUN
    assert created.status == "pending"


def test_a_relative_events_url_and_extra_members_are_kept(host: Host, use: Use) -> None:
    host.routes["POST /v1/runs"] = (
        201,
        {},
        {
            "runId": RUN,
            "status": "completed",
            "eventsUrl": f"/v1/runs/{RUN}/events",
            "workflowId": "wf",
            "startedAt": "2026-01-01T00:00:00Z",
        },
    )

    created = use(lambda client: client.runs.create(workflow_id="wf"))

    assert created.status == "completed"
    assert created.to_dict()["eventsUrl"] == f"/v1/runs/{RUN}/events"
    assert created.to_dict()["workflowId"] == "wf"


def test_a_snapshot_with_nulls_and_undeclared_members_reads(host: Host, use: Use) -> None:
    interrupt = {"kind": "approval", "nodeId": "gate", "payload": {"title": "Ship?"}}
    host.snapshot(
        "waiting-approval", endedAt=None, inputs={"a": 1}, interrupt=interrupt, workspace=[]
    )

    snapshot = use(lambda client: client.runs.get(RUN))

    assert snapshot.status == "waiting-approval"
    assert snapshot.to_dict()["interrupt"] == interrupt
    assert snapshot.to_dict()["workspace"] == []


def test_what_waits_is_found_in_the_snapshot_where_the_log_does_not_tell(
    host: Host, use: Use
) -> None:
    host.snapshot(
        "waiting-approval",
        interrupt={"kind": "approval", "nodeId": "gate", "payload": {"title": "Ship?"}},
    )
    host.poll(events=[], isComplete=False)

    (interrupt,) = use(lambda client: client.runs.attach(RUN).pending_interrupts())

    assert interrupt.node_id == "gate"
    assert interrupt.kind == "approval"
    assert interrupt.title == "Ship?"


def test_frames_with_seq_and_neither_id_nor_payload_are_events(host: Host, use: Use) -> None:
    host.sse(
        f'id: 0\nevent: run.started\ndata: {{"type":"run.started","seq":0,"runId":"{RUN}"}}',
        f'id: 1\nevent: run.completed\ndata: {{"type":"run.completed","seq":1,"runId":"{RUN}"}}',
    )

    events = use(lambda client: read(client.runs.stream(RUN)))

    assert [item.type for item in events] == ["run.started", "run.completed"]
    assert [item.sequence for item in events] == [0, 1]
    assert events[0].event_id is None
    assert events[0].raw_payload == {}


def test_frames_with_both_spellings_of_which_one_is_null_are_events(host: Host, use: Use) -> None:
    document = {
        **event("run.completed", 3, nodeId=None, payload=None),
        "seq": 3,
        "data": {"outputs": {"a": 1}},
    }
    host.sse(f"id: 3\ndata: {json.dumps(document)}")

    (done,) = use(lambda client: read(client.runs.stream(RUN)))

    assert done.sequence == 3
    assert done.node_id is None
    assert done.payload.outputs == {"a": 1}


def test_the_same_host_may_say_seq_on_the_stream_and_sequence_on_the_poll(
    host: Host, use: Use
) -> None:
    host.sse(f'id: 4\ndata: {{"type":"run.completed","seq":4,"runId":"{RUN}"}}')
    host.poll(events=[event("run.completed", 4)], isComplete=True)

    (streamed,) = use(lambda client: read(client.runs.stream(RUN)))
    polled = use(lambda client: client.runs.poll_events(RUN))

    assert streamed.sequence == polled.events[0].sequence == 4


def test_the_stream_asks_for_server_sent_events(host: Host, use: Use) -> None:
    host.sse(f'id: 0\ndata: {{"type":"run.completed","seq":0,"runId":"{RUN}"}}')

    use(lambda client: read(client.runs.stream(RUN)))

    (headers,) = [h for _, path, h, _ in host.seen if path.partition("?")[0].endswith("/events")]
    assert headers["accept"] == "text/event-stream"


def test_a_stream_answered_as_json_is_read_to_its_end_by_poll(host: Host, use: Use) -> None:
    host.routes[f"GET /v1/runs/{RUN}/events"] = (200, {}, {"events": [event("run.started", 0)]})
    host.poll(events=[event("run.started", 0), event("run.completed", 1)], isComplete=True)

    events = use(lambda client: read(client.runs.stream(RUN)))

    assert [item.type for item in events] == ["run.started", "run.completed"]
    assert "/events/poll" in host.seen[-1][1]


@pytest.mark.parametrize(
    "end",
    [
        {"isTerminal": True, "runStatus": "completed", "lastEventSeq": 1},
        {"isComplete": False, "isTerminal": True},
        {"runStatus": "completed"},
        {"isComplete": True},
    ],
    ids=["no isComplete", "isComplete false beside isTerminal", "status alone", "as specified"],
)
def test_the_end_of_a_poll_is_told_in_any_of_the_ways_seen(
    host: Host, use: Use, end: dict[str, Any]
) -> None:
    host.routes[f"GET /v1/runs/{RUN}/events"] = (405, {}, {"error": "x", "message": "no stream"})
    host.poll(events=[], **end)

    events = use(lambda client: read(client.runs.stream(RUN)))

    assert events == []


def test_a_resolve_answer_without_a_node_is_a_decision(host: Host, use: Use) -> None:
    host.routes[f"POST /v1/runs/{RUN}/interrupts/gate"] = (
        200,
        {},
        {"runId": RUN, "status": "running"},
    )

    decision = use(lambda client: client.runs.attach(RUN).approve("gate", check=False))

    assert decision.outcome == "won"
    assert decision.node_id == "gate"
    assert decision.status == "running"


def test_an_unknown_workflow_may_be_404(host: Host, use: Use) -> None:
    host.routes["POST /v1/runs"] = (
        404,
        {},
        {"error": "workflow_not_found", "message": "no such workflow"},
    )

    with pytest.raises(openwop.NotFoundError) as caught:
        use(lambda client: client.runs.start("missing"))

    assert caught.value.code == "workflow_not_found"


def test_a_wrong_key_may_be_called_invalid_credential(host: Host, use: Use) -> None:
    host.routes[f"GET /v1/runs/{RUN}"] = (
        401,
        {},
        {"error": "invalid_credential", "message": "bad key"},
    )

    with pytest.raises(openwop.AuthenticationError, match="API key") as caught:
        use(lambda client: client.runs.get(RUN))

    assert caught.value.code == "invalid_credential"


def test_pausing_a_paused_run_may_be_accepted_again(host: Host, use: Use) -> None:
    host.routes[f"POST /v1/runs/{RUN}:pause"] = (202, {}, {"runId": RUN, "status": "paused"})

    first = use(lambda client: client.runs.pause(RUN))
    again = use(lambda client: client.runs.pause(RUN))

    assert first.status == again.status == "paused"


def test_an_operation_without_a_route_is_a_capability_that_is_missing(host: Host, use: Use) -> None:
    with pytest.raises(openwop.CapabilityNotSupportedError, match=r"replay\.supported") as caught:
        use(lambda client: client.runs.fork(RUN, mode="replay"))

    assert caught.value.response is not None
    assert "No route for" in str(caught.value)


@pytest.mark.parametrize("place", ["root", "wrapper", "both"])
def test_capability_families_are_found_wherever_they_stand(
    host: Host, use: Use, place: str
) -> None:
    families = {"replay": {"supported": True, "modes": ["replay"]}}
    document: dict[str, Any] = {"protocolVersion": "1.0", "supportedEnvelopes": []}
    if place in {"root", "both"}:
        document |= families
    if place in {"wrapper", "both"}:
        document["capabilities"] = families
    host.routes["GET /.well-known/openwop"] = (200, {}, document)

    # The host advertises replay, so its 404 means that the run is missing, and nothing else.
    with pytest.raises(openwop.NotFoundError):
        use(lambda client: client.runs.fork(RUN, mode="replay"))


def test_a_workflow_that_needs_what_the_host_lacks_says_what(host: Host, use: Use) -> None:
    details = {"requiredCapability": "dispatch", "offendingTypeId": "core.dispatch", "nodeId": "d"}
    host.routes["POST /v1/runs"] = (
        422,
        {},
        {"error": "capability_required", "message": "needs dispatch", "details": details},
    )

    with pytest.raises(openwop.UnprocessableEntityError) as caught:
        use(lambda client: client.runs.start("wf"))

    assert caught.value.code == "capability_required"
    assert caught.value.details == details


def test_a_host_on_http_1_0_is_a_host(use: Use, host: Host) -> None:
    old = Host("HTTP/1.0")
    try:
        old.snapshot("running")
        old.sse(f'id: 0\ndata: {{"type":"run.completed","seq":0,"runId":"{RUN}"}}')
        with openwop.Client(old.url, api_key="hk_test") as client:
            first = client.runs.get(RUN)
            with client.runs.stream(RUN) as events:
                types = [item.type for item in events]
    finally:
        old.close()

    assert first.status == "running"
    assert types == ["run.completed"]


@pytest.mark.parametrize(
    ("route", "answer", "call", "path"),
    [
        (
            "POST /v1/runs",
            {"runId": RUN, "status": "pending"},
            lambda client: client.runs.create(workflow_id="wf"),
            "RunCreated.eventsUrl",
        ),
        (
            f"GET /v1/runs/{RUN}/events/poll",
            {"events": [], "isTerminal": True},
            lambda client: client.runs.poll_events(RUN),
            "isComplete",
        ),
        (
            f"POST /v1/runs/{RUN}/interrupts/gate",
            {"runId": RUN, "status": "running"},
            lambda client: client.interrupts.resolve(RUN, "gate", resume_value={}),
            "nodeId",
        ),
    ],
    ids=["created", "poll", "resolve"],
)
def test_strict_validation_raises_on_what_tolerant_takes(
    host: Host,
    use: Callable[..., Any],
    route: str,
    answer: Any,
    call: Callable[[Any], Any],
    path: str,
) -> None:
    host.routes[route] = (200, {}, answer)

    with pytest.raises(openwop.APIResponseValidationError, match=path):
        use(call, validation="strict")


@pytest.mark.parametrize("validation", ["tolerant", "strict"])
def test_a_wrong_type_in_a_member_that_is_there_is_an_error_in_both(
    host: Host, use: Callable[..., Any], validation: str
) -> None:
    host.snapshot(7)  # type: ignore[arg-type]

    with pytest.raises(
        openwop.APIResponseValidationError, match=r"RunSnapshot\.status: expected .*, got int"
    ):
        use(lambda client: client.runs.get(RUN), validation=validation)
