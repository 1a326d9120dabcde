"""Clients of any service from data: keys, envelopes, errors, waits, verbs and resumed streams."""

from __future__ import annotations

import json
import math
import pickle
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import attrs
import pytest

from openwop.runtime import (
    ErrorClasses,
    Operation,
    Parameter,
    RetryPolicy,
    Route,
    StreamInterruptedError,
    errors as base,
)
from openwop.runtime._service import restored
from openwop.runtime.service import (
    Envelope,
    Service,
    ServiceClient,
    ServiceStatusError,
    StreamRule,
)
from openwop.wire import Headers, OpenResponse, Request, TransportError


class OwnStatusError(ServiceStatusError):
    """The status error of the services in these tests."""


ERRORS = ErrorClasses(status=OwnStatusError, server=OwnStatusError, by_status={})
URL = "http://toys.test/v9"
SERVICE = Service(name="toys", errors=ERRORS, base_url=URL, env_api_key="TOYS_KEY")


class Body:
    """The chunks of a body; an error among them is raised."""

    def __init__(self, chunks: list[bytes | TransportError]) -> None:
        self.chunks = list(chunks)

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self.chunks:
            if isinstance(chunk, TransportError):
                raise chunk
            yield chunk

    def close(self) -> None:
        """Do nothing."""


class Wire:
    """A transport with answers at hand, and a clock that only counts."""

    def __init__(self, *answers: tuple[int, Mapping[str, str], Any]) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []
        self.slept: list[float] = []
        self.time = 0.0

    def now(self) -> float:
        """Return the time."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        self.slept.append(seconds)
        self.time += seconds

    def send(self, request: Request) -> OpenResponse:
        """Return the next answer."""
        self.requests.append(request)
        status, headers, body = self.answers.pop(0)
        chunks = body if isinstance(body, list) else [json.dumps(body).encode()]
        if body is None:
            chunks = []
        return OpenResponse(status, Headers(headers), Body(chunks))

    def close(self) -> None:
        """Do nothing."""


def client_of(wire: Wire, service: Service = SERVICE, **options: Any) -> ServiceClient:
    class Client(ServiceClient):
        _service: ClassVar[Service] = service

    return Client(transport=wire, load_plugins=False, **options)


OK = (200, {"content-type": "application/json"}, {"a": 1})


@pytest.mark.parametrize(
    ("carrier", "header", "value"),
    [
        ("bearer", "authorization", "Bearer k"),
        ("basic", "authorization", "Basic dTpw"),
        ("header:X-Key", "x-key", "k"),
        ("cookie:sid", "cookie", "sid=k"),
    ],
)
def test_a_key_travels_as_the_service_wants_it(carrier: str, header: str, value: str) -> None:
    wire = Wire(OK)
    key = "u:p" if carrier == "basic" else "k"

    client_of(wire, attrs.evolve(SERVICE, carrier=carrier), api_key=key).get("/a", cast_to=dict)

    assert value == wire.requests[0].headers[header]


def test_a_key_in_the_query_is_sent_and_never_shown() -> None:
    service = attrs.evolve(SERVICE, carrier="query:api key")
    wire = Wire((404, {}, {"message": "none"}))

    with pytest.raises(OwnStatusError) as caught:
        client_of(wire, service, api_key="s3/cret").get("/a", extra_query={"b": 1})

    assert wire.requests[0].url == "http://toys.test/v9/a?b=1&api%20key=s3%2Fcret"
    assert "s3" not in f"{caught.value!r} {caught.value} {caught.value.request}"


def test_a_key_that_the_caller_sets_by_hand_wins() -> None:
    service = attrs.evolve(SERVICE, carrier="header:X-Key")
    wire = Wire(OK)

    client_of(wire, service, api_key="a").get("/a", cast_to=dict, extra_headers={"X-Key": "b"})

    assert wire.requests[0].headers["x-key"] == "b"


def test_a_service_that_wants_a_key_refuses_a_client_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = attrs.evolve(SERVICE, key_required=True)
    monkeypatch.delenv("TOYS_KEY", raising=False)

    with pytest.raises(base.ConfigurationError, match="TOYS_KEY"):
        client_of(Wire(), service)

    monkeypatch.setenv("TOYS_KEY", "k")
    assert client_of(Wire(), service)._settings.provider is not None


@pytest.mark.parametrize(
    "options",
    [
        {"api_key": "a", "auth": "b"},
        {"validation": "loose"},
        {"timeout": 0},
        {"transport": object()},
        {"base_url": "nowhere"},
    ],
)
def test_what_a_client_cannot_be_made_of_is_refused(options: dict[str, Any]) -> None:
    class Client(ServiceClient):
        _service: ClassVar[Service] = SERVICE

    with pytest.raises(base.ConfigurationError):
        Client(**{"load_plugins": False, **options})


def test_an_argument_that_no_client_has_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="colour"):
        client_of(Wire(), colour="red")


def test_an_envelope_is_put_on_and_taken_off_where_it_belongs() -> None:
    service = attrs.evolve(SERVICE, envelope=Envelope("/rpc/", "json", "meta"))
    marked = {"json": {"n": "12"}, "meta": [[0, "n"]]}
    route = Route("POST", "/rpc/x", (Parameter("a", "a", "body"),), body="json")
    operation: Operation[Any] = Operation("x", "x", {"": route}, dict)
    wire = Wire((200, {}, marked), (200, {}, {"n": 1}), (200, {}, {"n": 1}))
    client = client_of(wire, service, api_key="k")

    assert client.perform(operation, {"a": 1}, {}) == {"n": 12}
    assert wire.requests[0].body == b'{"json":{"a":1}}'
    with pytest.raises(base.APIResponseValidationError, match="json"):
        client.perform(operation, {}, {})
    assert client.post("/plain", cast_to=dict, body={"a": 1}) == {"n": 1}
    assert wire.requests[2].body == b'{"a":1}'


@pytest.mark.parametrize(
    ("value", "marks", "expected"),
    [
        ({"a": ["7", "x"]}, [[0, "a", 0], [0, "a", 1]], {"a": [7, "x"]}),
        ({"a": 1, "b": None}, [[3, "b"]], {"a": 1}),
        ([1, 2], [[3, 0]], [None, 2]),
        ({"m": [["k", 1]]}, [[7, "m"]], {"m": {"k": 1}}),
        ({"m": [[1, 2]]}, [[7, "m"]], {"m": [[1, 2]]}),
        ({"d": "2026-01-01"}, [[1, "d"]], {"d": "2026-01-01"}),
        ({"a": 1}, [[0, "b"], [0, "a", "c"], [], "x", [9, "a"]], {"a": 1}),
        ("5", [[0]], 5),
    ],
)
def test_values_that_json_lacks_are_restored(value: Any, marks: list[Any], expected: Any) -> None:
    assert expected == restored(value, marks)


def test_what_is_no_number_comes_back_as_such() -> None:
    assert math.isnan(restored({"a": None}, [[2, "a"]])["a"])


@pytest.mark.parametrize(
    ("headers", "waits"),
    [
        ({"retry-after-ms": "250"}, [0.25]),
        ({"retry-after-ms": "250", "retry-after": "9"}, [0.25]),
        ({"retry-after-ms": "soon", "retry-after": "9"}, [9.0]),
        ({"retry-after": "1.5"}, [1.5]),
        ({"retry-after": "garbage"}, [0.0]),
        ({"retry-after": "-10"}, [0.0]),
    ],
)
def test_the_wait_that_is_asked_for_is_kept(headers: dict[str, str], waits: list[float]) -> None:
    wire = Wire((503, headers, None), OK)

    client_of(wire, retry=RetryPolicy(initial=0.0)).get("/a", cast_to=dict)

    assert waits == wire.slept


@pytest.mark.parametrize("asked", ["0", "61"])
def test_a_service_may_have_long_waits_ignored(asked: str) -> None:
    service = attrs.evolve(SERVICE, long_waits="backoff")
    wire = Wire((503, {"retry-after": asked}, None), OK)

    client_of(wire, service, retry=RetryPolicy(initial=0.0)).get("/a", cast_to=dict)

    assert wire.slept == [0.0]


def test_a_wait_over_the_bound_is_raised_at_once() -> None:
    wire = Wire((429, {"retry-after": "600"}, {"code": "slow"}))

    with pytest.raises(OwnStatusError) as caught:
        client_of(wire).get("/a")

    assert (600.0, "slow", []) == (caught.value.retry_after, caught.value.code, wire.slept)


@pytest.mark.parametrize(("unsafe", "sent"), [(False, 1), (True, 3)])
def test_a_post_is_repeated_only_under_the_policy_that_says_so(unsafe: bool, sent: int) -> None:
    wire = Wire(*[(500, {}, None)] * 3)

    with pytest.raises(OwnStatusError):
        client_of(wire, retry=RetryPolicy(initial=0.0, unsafe=unsafe)).post("/a", body={})

    assert sent == len(wire.requests)


def test_an_error_pickles_with_what_it_says() -> None:
    body = {"code": "C", "error": "bad", "action": "Do it.", "requestId": "r1"}

    with pytest.raises(OwnStatusError) as caught:
        client_of(Wire((418, {}, body))).get("/a")

    again = pickle.loads(pickle.dumps(caught.value))
    assert ("C", "Do it.", "r1") == (again.code, again.action, again.request_id)
    assert body == again.body
    assert str(again).endswith("Do it.")


@pytest.mark.parametrize(
    ("cast_to", "body", "expected"),
    [
        (dict, {"a": 1}, {"a": 1}),
        (list[int], [b"[1]"], [1]),
        (int | str, 5, 5),
        (str, [b"text"], "text"),
        (bytes, [b"\x00\x01"], b"\x00\x01"),
        (None, None, None),
    ],
)
def test_a_verb_by_hand_reads_what_it_is_told_to(cast_to: Any, body: Any, expected: Any) -> None:
    wire = Wire((200, {}, body))

    assert expected == client_of(wire).put("a/b", cast_to=cast_to)
    assert ("PUT", "http://toys.test/v9/a/b") == (wire.requests[0].method, wire.requests[0].url)


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        ({"body": {"a": 1}}, "application/json"),
        ({"form": {"a": 1}}, "application/x-www-form-urlencoded"),
        ({"content": b"x"}, "application/octet-stream"),
        ({"files": {"a": b"x"}}, "multipart/form-data"),
    ],
)
def test_a_verb_by_hand_sends_any_kind_of_body(options: dict[str, Any], kind: str) -> None:
    wire = Wire((204, {}, None))

    client_of(wire).patch("/a", **options)

    assert wire.requests[0].headers["content-type"].startswith(kind)


def test_a_verb_by_hand_takes_one_body_and_no_way_out_of_its_path() -> None:
    client = client_of(Wire())

    with pytest.raises(base.ConfigurationError, match="one of body="):
        client.post("/a", body={}, content=b"")
    with pytest.raises(base.ConfigurationError):
        client.delete("/a/../b")


EVENTS: Operation[Any] = Operation(
    "watch",
    "toys.watch",
    {"": Route("GET", "/w", (Parameter("after", "Last-Event-ID", "header"),), answer="sse",
               credential="none")},
    dict,
)  # fmt: skip
SSE = {"content-type": "text/event-stream"}


def frame(number: int) -> bytes:
    """Return an event, its data first and its id behind."""
    kind = "done" if number == 3 else "step"
    return f'data: {{"n": {number}, "type": "{kind}"}}\nid: {number}\n\n'.encode()


def watching(wire: Wire, rule: StreamRule, after: str | None = None) -> list[int]:
    service = attrs.evolve(SERVICE, streams={"watch": rule})
    client = client_of(wire, service, retry=RetryPolicy(attempts=2, initial=0.0))
    with client.open_stream(EVENTS, {"after": after}, {}) as events:
        return [event["n"] for event in events]


def test_a_broken_stream_is_resumed_and_gives_nothing_twice() -> None:
    wire = Wire(
        (200, SSE, [frame(1), frame(2)[:9], TransportError("cut")]),
        (200, SSE, [frame(1), frame(2), frame(3)]),
    )

    assert watching(wire, StreamRule()) == [1, 2, 3]
    assert [None, "1"] == [one.headers.get("last-event-id") for one in wire.requests]


def test_an_event_without_an_id_moves_no_position() -> None:
    wire = Wire(
        (200, SSE, [b'data: {"n": 0}\n\n', frame(1), b'data: {"n": 9}\n\n', TransportError("x")]),
        (200, SSE, [b'data: {"n": 0}\n\n', frame(2)]),
    )

    assert watching(wire, StreamRule()) == [0, 1, 9, 0, 2]
    assert wire.requests[1].headers["last-event-id"] == "1"


def test_an_endless_stream_goes_on_after_a_clean_end_until_it_is_told() -> None:
    wire = Wire((200, SSE, [frame(1)]), (200, SSE, [b"retry: 2500\n\n", frame(2)]),
                (200, SSE, [frame(3), frame(4)]))  # fmt: skip

    assert watching(wire, StreamRule(endless=True, until=("done",))) == [1, 2, 3]
    assert [0.0, 2.5] == wire.slept


def test_a_stream_that_brings_nothing_new_is_given_up_with_its_position() -> None:
    wire = Wire(*[(200, SSE, [frame(1)])] * 4)

    with pytest.raises(StreamInterruptedError) as caught:
        watching(wire, StreamRule(endless=True))

    assert ("1", 3) == (caught.value.last_event_id, len(wire.requests))


def test_a_stream_begins_where_the_caller_says() -> None:
    wire = Wire((200, SSE, [frame(2), frame(3)]))

    assert watching(wire, StreamRule(), after="2") == [3]
    assert wire.requests[0].headers["last-event-id"] == "2"
