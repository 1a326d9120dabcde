"""From arguments to the parts of a request: escaping, styles of queries, kinds of bodies."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from email import message_from_bytes
from enum import Enum
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given, strategies as st

from openwop.runtime import UNSET, Parameter, Route, to_wire
from openwop.runtime._build import Draft, build, text_of, unknown_arguments
from openwop.runtime.errors import ConfigurationError

VECTORS = Path(__file__).parents[3] / "spec" / "vectors" / "ids" / "percent.json"
PERCENT = json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"]
ID = Parameter("id", "thingId", "path", required=True)


class Colour(Enum):
    RED = "red"


class Size(str, Enum):  # noqa: UP042  # as users of older Pythons write it
    BIG = "big"


def built(
    route: Route,
    arguments: dict[str, Any],
    translate: Callable[[Parameter, Any], Any] = lambda parameter, value: value,
    **more: Any,
) -> Draft:
    return build(
        route, arguments, operation="things.do", translate=translate, to_wire=to_wire, **more
    )


def query(*parameters: Parameter, **arguments: Any) -> str:
    return built(Route("GET", "/things", parameters), arguments).target


# Paths -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vector", [pytest.param(v, id=v["id"]) for v in PERCENT])
def test_an_id_becomes_one_segment_of_the_path(vector: dict[str, Any]) -> None:
    route = Route("GET", "/things/{thingId}:verb", (ID,))

    if vector.get("refused"):
        with pytest.raises(ConfigurationError, match="would reach another address"):
            built(route, {"id": vector["value"]})
    else:
        draft = built(route, {"id": vector["value"]})
        assert draft.target == f"/things/{vector['segment']}:verb"
        assert draft.path_params == {"thingId": vector["value"]}


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(TEXT.filter(lambda text: text not in {"", ".", ".."}))
def test_any_id_is_one_segment_that_unescapes_to_it(text: str) -> None:
    route = Route("GET", "/things/{thingId}/parts", (ID,))
    parts = urlsplit(f"https://h{built(route, {'id': text}).target}")
    segments = parts.path.split("/")

    assert (parts.query, parts.fragment, len(segments)) == ("", "", 4)
    assert unquote(segments[2]) == text


@pytest.mark.parametrize(
    ("value", "segment"),
    [(7, "7"), (True, "true"), (date(2026, 1, 2), "2026-01-02"), (Size.BIG, "big")],
)
def test_a_scalar_has_a_place_in_a_path(value: Any, segment: str) -> None:
    assert built(Route("GET", "/t/{thingId}", (ID,)), {"id": value}).target == f"/t/{segment}"


@pytest.mark.parametrize("value", [["a"], {"a": 1}, b"a", object()])
def test_anything_else_has_no_place_in_a_path(value: Any) -> None:
    with pytest.raises(ConfigurationError, match="id must be a str, not"):
        built(Route("GET", "/t/{thingId}", (ID,)), {"id": value})


@pytest.mark.parametrize("arguments", [{}, {"id": None}, {"id": UNSET}])
def test_a_path_parameter_must_be_given(arguments: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"things\.do: id is required"):
        built(Route("GET", "/t/{thingId}", (ID,)), arguments)


def test_a_file_path_keeps_its_slashes() -> None:
    path = Parameter("path", "path", "path", required=True, kind="slashes")

    draft = built(Route("GET", "/files/{path}", (path,)), {"path": "a b/c?/d.md"})

    assert draft.target == "/files/a%20b/c%3F/d.md"


@pytest.mark.parametrize("text", ["", "/a", "a/", "a//b", "a/../b", "./a", ".."])
def test_a_file_path_that_would_leave_its_place_is_refused(text: str) -> None:
    path = Parameter("path", "path", "path", required=True, kind="slashes")

    with pytest.raises(ConfigurationError, match="empty part"):
        built(Route("GET", "/files/{path}", (path,)), {"path": text})


def test_a_secret_in_a_path_is_shown_nowhere() -> None:
    token = Parameter("token", "token", "path", required=True, secret=True)

    draft = built(Route("GET", "/tokens/{token}/use", (token,)), {"token": "tok_1"})

    assert draft.target == "/tokens/tok_1/use"
    assert draft.shown == "/tokens/[redacted]/use"
    assert draft.path_params == {"token": "[redacted]"}


def test_a_value_of_a_special_kind_is_translated_before_it_is_escaped() -> None:
    special = Parameter("id", "thingId", "path", required=True, kind="run-id")

    draft = built(
        Route("GET", "/t/{thingId}", (special,)),
        {"id": "a/b"},
        lambda parameter, value: f"{parameter.kind}={value}",
    )

    assert draft.target == "/t/run-id%3Da%2Fb"
    assert draft.path_params == {"thingId": "a/b"}


def test_what_a_translation_makes_empty_is_refused_too() -> None:
    special = Parameter("id", "thingId", "path", required=True, kind="run-id")

    with pytest.raises(ConfigurationError):
        built(Route("GET", "/t/{thingId}", (special,)), {"id": "a"}, lambda p, v: "..")


# Queries -----------------------------------------------------------------------------------------


def param(style: Any = "form", *, explode: bool = True, **more: Any) -> Parameter:
    return Parameter("q", "q", "query", style, explode=explode, **more)


@pytest.mark.parametrize(
    ("parameter", "value", "target"),
    [
        (param(), "a b&c=d/é", "/things?q=a%20b%26c%3Dd%2F%C3%A9"),
        (param(), "", "/things?q="),
        (param(), 7, "/things?q=7"),
        (param(), 7.0, "/things?q=7"),
        (param(), 0.25, "/things?q=0.25"),
        (param(), True, "/things?q=true"),
        (param(), False, "/things?q=false"),
        (param(), Colour.RED, "/things?q=red"),
        (param(), datetime(2026, 1, 2, tzinfo=UTC), "/things?q=2026-01-02T00%3A00%3A00%2B00%3A00"),
        (param(), None, "/things"),
        (param(), UNSET, "/things"),
        (param(), ["a", "b"], "/things?q=a&q=b"),
        (param(), [], "/things"),
        (param(explode=False), ["a", "b"], "/things?q=a%2Cb"),
        (param(explode=False), [], "/things"),
        (param("spaceDelimited", explode=False), ["a", "b"], "/things?q=a%20b"),
        (param("pipeDelimited", explode=False), ["a", "b"], "/things?q=a%7Cb"),
        (param(), {"a": 1, "b": None}, "/things?a=1"),
        (param(explode=False), {"a": 1, "b": True}, "/things?q=a%2C1%2Cb%2Ctrue"),
        (param("deepObject"), {"a": 1, "b c": 2}, "/things?q%5Ba%5D=1&q%5Bb%20c%5D=2"),
        (param("json"), {"a": [1]}, "/things?q=%7B%22a%22%3A%5B1%5D%7D"),
    ],
)
def test_a_query_parameter_is_written_in_its_style(
    parameter: Parameter, value: Any, target: str
) -> None:
    assert query(parameter, q=value) == target


def test_a_required_query_parameter_must_be_given() -> None:
    with pytest.raises(ConfigurationError, match="q is required"):
        query(param(required=True))


def test_extra_query_parameters_are_added_and_replace() -> None:
    draft = built(
        Route("GET", "/things", (param(), Parameter("r", "r", "query"))),
        {"q": "1", "r": "2"},
        extra_query={"q": ["3", "4"], "s": True, "t": None},
    )

    assert draft.target == "/things?r=2&q=3&q=4&s=true"
    assert draft.shown == draft.target


@given(st.dictionaries(st.text("abc", min_size=1), TEXT, max_size=4))
def test_any_text_in_a_query_can_be_read_back(given_: dict[str, str]) -> None:
    draft = built(Route("GET", "/things"), {}, extra_query=given_)

    assert dict(parse_qsl(urlsplit(draft.target).query, keep_blank_values=True)) == given_


def test_a_query_parameter_of_a_special_kind_is_translated() -> None:
    special = param(kind="event-types")

    draft = built(
        Route("GET", "/things", (special,)), {"q": "a"}, lambda p, value: [value, value.upper()]
    )

    assert draft.target == "/things?q=a&q=A"


# Headers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "accept"),
    [
        ("json", "application/json"),
        ("none", "application/json"),
        ("sse", "text/event-stream"),
        ("ndjson", "application/x-ndjson"),
        ("bytes", "*/*"),
        ("text", "text/plain, */*;q=0.5"),
    ],
)
def test_what_is_accepted_follows_from_the_answer(answer: Any, accept: str) -> None:
    assert built(Route("GET", "/t", answer=answer), {}).headers == {"Accept": accept}


def test_an_operation_may_accept_something_of_its_own() -> None:
    route = Route("GET", "/t", accept="application/a2a+json")

    assert built(route, {}).headers == {"Accept": "application/a2a+json"}


def test_header_and_cookie_parameters_are_sent_where_they_are_given() -> None:
    route = Route(
        "GET",
        "/t",
        (
            Parameter("a", "X-A", "header"),
            Parameter("b", "X-B", "header", kind="upper"),
            Parameter("c", "X-C", "header"),
            Parameter("d", "d", "cookie"),
            Parameter("e", "e", "cookie"),
        ),
    )

    draft = built(
        route, {"a": 7, "b": "x", "d": "1", "e": True}, lambda parameter, value: value.upper()
    )

    assert draft.headers == {
        "Accept": "application/json",
        "X-A": "7",
        "X-B": "X",
        "Cookie": "d=1; e=true",
    }


# Bodies ------------------------------------------------------------------------------------------


def body(kind: Any, *parameters: Parameter, **route: Any) -> Route:
    return Route("POST", "/t", parameters, body=kind, **route)


def member(name: str, **more: Any) -> Parameter:
    return Parameter(name, name, "body", **more)


def payload(**more: Any) -> Parameter:
    return Parameter("body", "body", "payload", **more)


def test_members_make_one_json_object() -> None:
    route = body("json", member("a"), member("b", nullable=True), member("c"), member("d"))

    draft = built(route, {"a": {"x": (1, 2)}, "b": None, "c": None, "d": UNSET})

    assert draft.body == b'{"a":{"x":[1,2]},"b":null}'
    assert draft.headers["Content-Type"] == "application/json"


def test_a_member_of_a_special_kind_is_translated() -> None:
    draft = built(body("json", member("a", kind="upper")), {"a": "x"}, lambda p, v: v.upper())

    assert draft.body == b'{"a":"X"}'


def test_a_required_member_must_be_given() -> None:
    with pytest.raises(ConfigurationError, match="a is required"):
        built(body("json", member("a", required=True)), {})


@pytest.mark.parametrize("value", [float("nan"), object(), b"bytes"])
def test_what_has_no_form_in_json_is_refused(value: Any) -> None:
    with pytest.raises(ConfigurationError):
        built(body("json", member("a")), {"a": value})


def test_a_payload_is_the_whole_body() -> None:
    draft = built(body("json", payload(), content_type="application/x+json"), {"body": [1, 2]})

    assert draft.body == b"[1,2]"
    assert draft.headers["Content-Type"] == "application/x+json"


def test_a_payload_may_be_absent_unless_it_is_required() -> None:
    draft = built(body("json", payload()), {})

    assert draft.body is None
    assert "Content-Type" not in draft.headers
    with pytest.raises(ConfigurationError, match="body is required"):
        built(body("json", payload(required=True)), {})


def test_a_form_is_encoded_as_one() -> None:
    draft = built(body("form", member("a"), member("b")), {"a": "x y", "b": [1, True]})

    assert draft.body == b"a=x+y&b=1&b=true"
    assert draft.headers["Content-Type"] == "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("kind", "value", "expected", "content_type"),
    [
        ("bytes", b"\x00\xff", b"\x00\xff", "application/octet-stream"),
        ("bytes", bytearray(b"a"), b"a", "application/octet-stream"),
        ("bytes", memoryview(b"a"), b"a", "application/octet-stream"),
        ("text", "é", b"\xc3\xa9", "text/plain; charset=utf-8"),
    ],
)
def test_bytes_and_text_are_sent_as_they_are(
    kind: Any, value: Any, expected: bytes, content_type: str
) -> None:
    draft = built(body(kind, payload()), {"body": value})

    assert draft.body == expected
    assert draft.headers["Content-Type"] == content_type


@pytest.mark.parametrize(("kind", "value"), [("bytes", 7), ("form", 7), ("multipart", "x")])
def test_a_payload_of_another_type_is_refused(kind: Any, value: Any) -> None:
    with pytest.raises(ConfigurationError, match="the body must be"):
        built(body(kind, payload()), {"body": value})


def parts_of(draft: Draft) -> list[tuple[Any, Any, Any, Any]]:
    """Return name, file name, media type and content of each part, as another parser reads them."""
    assert draft.body is not None
    head = f"Content-Type: {draft.headers['Content-Type']}\r\n\r\n".encode()
    message = message_from_bytes(head + draft.body)
    assert message.is_multipart()
    return [
        (
            part.get_param("name", header="content-disposition"),
            part.get_filename(),
            part["content-type"],
            part.get_payload(decode=True),
        )
        for part in message.get_payload()
    ]


class Named(io.BytesIO):
    name = "/srv/me/photo.png"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text é", [("a", None, None, "text é".encode())]),
        (7, [("a", None, None, b"7")]),
        (True, [("a", None, None, b"true")]),
        (False, [("a", None, None, b"false")]),
        (b"\x00\r\n\xff", [("a", "a", "application/octet-stream", b"\x00\r\n\xff")]),
        (Named(b"png"), [("a", "photo.png", "application/octet-stream", b"png")]),
        (io.StringIO("txt"), [("a", "a", "application/octet-stream", b"txt")]),
        (("f.txt", "x"), [("a", "f.txt", None, b"x")]),
        (("f.png", b"x"), [("a", "f.png", "application/octet-stream", b"x")]),
        (("f.png", b"x", "image/png"), [("a", "f.png", "image/png", b"x")]),
        ({"x": 1}, [("a", None, "application/json", b'{"x":1}')]),
        ([b"x", "y"], [("a", "a", "application/octet-stream", b"x"), ("a", None, None, b"y")]),
        ([], []),
    ],
)
def test_a_multipart_body_has_a_part_per_value(value: Any, expected: list[Any]) -> None:
    route = body("multipart", member("first"), member("a"))

    draft = built(route, {"first": "1", "a": value})

    assert parts_of(draft) == [("first", None, None, b"1"), *expected]


def test_a_part_has_the_media_type_of_the_description() -> None:
    draft = built(body("multipart", member("a", content_type="image/png")), {"a": b"x"})

    assert parts_of(draft) == [("a", "a", "image/png", b"x")]


def test_a_multipart_payload_is_a_mapping() -> None:
    assert parts_of(built(body("multipart", payload()), {"body": {"a": 1}})) == [
        ("a", None, None, b"1")
    ]


def test_names_cannot_break_out_of_a_part() -> None:
    draft = built(body("multipart", payload()), {"body": {'a"\r\nX: y': ("f\n.txt", b"x")}})

    assert draft.body is not None
    assert b'name="a%22%0D%0AX: y"; filename="f%0A.txt"' in draft.body


@pytest.mark.parametrize("value", [object(), {"a": float("nan")}])
def test_a_part_that_cannot_be_written_is_refused(value: Any) -> None:
    with pytest.raises(ConfigurationError):
        built(body("multipart", member("a")), {"a": value})


@pytest.mark.parametrize(
    "route",
    [
        Route("GET", "/t/{body}", (Parameter("body", "body", "path"),)),
        Route("GET", "/t/{body}", (Parameter("body", "body", "path", kind="slashes"),)),
        Route("GET", "/t", (Parameter("body", "body", "query"),)),
        body("form", member("body")),
        body("text", payload()),
        body("multipart", member("body")),
    ],
)
def test_half_of_a_surrogate_pair_is_refused_wherever_it_stands(route: Route) -> None:
    with pytest.raises(ConfigurationError):
        built(route, {"body": "a\ud800"}, lambda parameter, value: value)


# The rest ----------------------------------------------------------------------------------------


def test_arguments_without_a_place_are_found() -> None:
    route = Route("GET", "/t/{thingId}", (ID,))

    assert unknown_arguments(route, {"id": "a", "b": 1, "c": None, "d": UNSET}) == ["b"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e20, "100000000000000000000"),
        (float("inf"), "inf"),
        (date(2026, 1, 2), "2026-01-02"),
        (Colour.RED, "red"),
        (Path("a/b"), "a/b"),
    ],
)
def test_a_scalar_is_written_as_it_reads(value: Any, text: str) -> None:
    assert text_of(value) == text
