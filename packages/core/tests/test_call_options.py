"""What a single call may add, replace and take away, and what its answer tells of time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, ClassVar

import attrs
import pytest

from openwop.runtime import (
    UNSET,
    ApiResponse,
    ConfigurationError,
    ErrorClasses,
    Model,
    Operation,
    Parameter,
    Route,
)
from openwop.runtime.service import Envelope, Service, ServiceClient
from openwop.wire import Headers, OpenResponse, Request


@attrs.frozen(kw_only=True, repr=False)
class Toy(Model):
    """A toy."""

    name: str


class Whole:
    """A body in one piece."""

    def __iter__(self) -> Iterator[bytes]:
        yield b'{"name": "bear"}'

    def close(self) -> None:
        """Do nothing."""


class Wire:
    """A transport that takes everything, and half a second for it."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.time = 0.0

    def now(self) -> float:
        """Return the time."""
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let the time pass."""
        self.time += seconds

    def send(self, request: Request) -> OpenResponse:
        """Take *request*."""
        self.requests.append(request)
        self.time += 0.5
        return OpenResponse(200, Headers(), Whole())

    def close(self) -> None:
        """Do nothing."""


def client(**more: Any) -> tuple[ServiceClient, Wire]:
    class Client(ServiceClient):
        _service: ClassVar[Service] = Service(
            name="toys", errors=ErrorClasses(), base_url="http://toys.test", **more
        )

    wire = Wire()
    return Client(transport=wire, load_plugins=False, api_key="k", headers=HEADERS), wire


HEADERS: dict[str, Any] = {"X-Mine": "1", "X-Other": "2"}
NAME = Parameter("name", "name", "body")
BODY = Parameter("body", "body", "payload")


def operation(*parameters: Parameter, body: Any = "json", **more: Any) -> Operation[Toy]:
    route = Route("POST", "/toys", parameters, body=body, **more)
    return Operation("makeToy", "toys.make", {"": route}, Toy)


@pytest.mark.parametrize(
    ("asked", "arguments", "body"),
    [
        (operation(NAME), {"name": "a"}, {"name": "b", "size": 1}),
        (operation(NAME), {}, {"name": "b", "size": 1}),
        (operation(BODY), {"body": {"name": "a", "x": 0}}, {"name": "b", "x": 0, "size": 1}),
        (operation(BODY), {"body": Toy(name="a")}, {"name": "b", "size": 1}),
        (operation(BODY), {}, {"name": "b", "size": 1}),
        (operation(NAME, optional_body=True), {}, {"name": "b", "size": 1}),
    ],
    ids=["member", "nothing", "payload", "model", "no payload", "optional"],
)  # fmt: skip
def test_a_call_may_add_and_replace_members_of_its_body(
    asked: Operation[Toy], arguments: dict[str, Any], body: dict[str, Any]
) -> None:
    made, wire = client()

    made.perform(asked, arguments, {"extra_body": {"name": "b", "size": 1}})

    assert json.loads(wire.requests[0].body or b"") == body


def test_what_is_added_stands_inside_the_envelope() -> None:
    made, wire = client(envelope=Envelope("/", "json"))

    with pytest.raises(Exception, match="expected an object with 'json'"):
        made.perform(operation(NAME), {"name": "a"}, {"extra_body": {"size": 1}})

    assert json.loads(wire.requests[0].body or b"") == {"json": {"name": "a", "size": 1}}


def test_a_form_takes_additions_too() -> None:
    made, wire = client()

    made.perform(operation(NAME, body="form"), {"name": "a"}, {"extra_body": {"size": 1}})

    assert wire.requests[0].body == b"name=a&size=1"


@pytest.mark.parametrize("body", ["none", "bytes", "text"])
def test_a_body_without_members_takes_none(body: Any) -> None:
    made, wire = client()
    parameters = () if body == "none" else (BODY,)

    with pytest.raises(ConfigurationError, match="extra_body"):
        made.perform(operation(*parameters, body=body), {}, {"extra_body": {"a": 1}})

    assert wire.requests == []


def test_every_header_can_be_removed_for_one_call_or_for_a_client() -> None:
    made, wire = client()
    removed: dict[str, Any] = {"user-agent": UNSET, "X-Mine": UNSET, "Accept": UNSET}

    made.perform(operation(NAME), {}, {"extra_headers": {**removed, "X-New": "3"}})
    made.with_options(headers=removed).perform(operation(NAME), {}, {})
    made.perform(operation(NAME), {}, {"extra_headers": {"Authorization": UNSET}})

    one, other, bare = (dict(request.headers.items()) for request in wire.requests)
    assert {name.lower() for name in one} == {
        "content-type", "x-other", "x-new", "authorization",
    }  # fmt: skip
    assert {name.lower() for name in other} == {"content-type", "x-other", "authorization"}
    assert "authorization" not in {name.lower() for name in bare}


def test_an_answer_tells_how_long_its_last_attempt_took() -> None:
    made, _ = client()

    answer: Any = made._copied(mode="raw").perform(operation(NAME), {"name": "a"}, {})
    with_stream: Any = made._copied(mode="streamed").perform(operation(NAME), {"name": "a"}, {})

    assert isinstance(answer, ApiResponse)
    assert (answer.elapsed, with_stream.elapsed) == (0.5, 0.5)
    with_stream.close()
