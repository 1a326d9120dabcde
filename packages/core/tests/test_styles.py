"""How arguments are written where OpenAPI gives them a style."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import attrs
import pytest

from openwop.runtime import ConfigurationError, Model, Parameter, Route
from openwop.runtime._build import Draft, build
from openwop.runtime._codec import to_wire


@attrs.frozen(kw_only=True, repr=False)
class Colour(Model):
    """Red, green, blue."""

    R: int
    G: int


RGB = {"R": 100, "G": 200}


def built(route: Route, **arguments: Any) -> Draft:
    return build(
        route,
        arguments,
        operation="things.do",
        translate=lambda parameter, value: value,
        to_wire=to_wire,
    )


def at(location: Any, style: Any = "simple", *, explode: bool = False, **more: Any) -> Parameter:
    return Parameter("c", "c", location, style, explode=explode, **more)


@pytest.mark.parametrize(
    ("style", "explode", "value", "segment"),
    [
        ("simple", False, "blue", "blue"),
        ("simple", False, ["blue", "b/k"], "blue,b%2Fk"),
        ("simple", False, RGB, "R,100,G,200"),
        ("simple", True, RGB, "R=100,G=200"),
        ("simple", True, Colour(R=1, G=2), "R=1,G=2"),
        ("label", False, "blue", ".blue"),
        ("label", False, ["a", "b"], ".a,b"),
        ("label", True, ["a", "b"], ".a.b"),
        ("label", False, RGB, ".R,100,G,200"),
        ("label", True, RGB, ".R=100.G=200"),
        ("matrix", False, "b e", ";c=b%20e"),
        ("matrix", False, ["a", "b"], ";c=a,b"),
        ("matrix", True, ["a", "b"], ";c=a;c=b"),
        ("matrix", False, RGB, ";c=R,100,G,200"),
        ("matrix", True, RGB, ";R=100;G=200"),
        ("json", False, {"a": [1]}, "%7B%22a%22%3A%5B1%5D%7D"),
        ("json", False, "a", "%22a%22"),
    ],
)
def test_a_path_parameter_is_written_in_its_style(
    style: Any, explode: bool, value: Any, segment: str
) -> None:
    route = Route("GET", "/t/{c}", (at("path", style, explode=explode, many=True),))

    assert built(route, c=value).target == f"/t/{segment}"


def test_a_uuid_has_a_place_in_a_path() -> None:
    one = UUID(int=1)

    assert built(Route("GET", "/t/{c}", (at("path"),)), c=one).target == f"/t/{one}"


@pytest.mark.parametrize(
    ("style", "value"), [("simple", []), ("simple", [".."]), ("label", "."), ("simple", {})]
)
def test_an_array_that_would_reach_another_address_is_refused(style: Any, value: Any) -> None:
    with pytest.raises(ConfigurationError, match="would reach another address"):
        built(Route("GET", "/t/{c}", (at("path", style, many=True),)), c=value)


@pytest.mark.parametrize("value", [b"raw", object()])
def test_what_has_no_text_has_no_place_in_a_path_of_many(value: Any) -> None:
    with pytest.raises(ConfigurationError):
        built(Route("GET", "/t/{c}", (at("path", many=True),)), c=value)


@pytest.mark.parametrize(
    ("parameter", "value", "query"),
    [
        (at("query", "deepObject"), {"a": {"b": [1, 2]}}, "c[a][b]=1&c[a][b]=2"),
        (at("query", "deepObject"), {"a": [{"b": 1}]}, "c[a][b]=1"),
        (at("query", "deepObject"), ["x", "y"], "c[0]=x&c[1]=y"),
        (at("query", "form", explode=True), Colour(R=1, G=2), "R=1&G=2"),
        (at("query", "form", explode=True), {"a": {"b": 1}}, 'a={"b":1}'),
        (at("query", "form", explode=True), [{"b": 1}, None], 'c={"b":1}&c=null'),
        (at("query", "form", explode=True), iter(["a", "b"]), "c=a&c=b"),
        (at("query", "pipeDelimited"), RGB, "c=R|100|G|200"),
        (at("query", "json"), Colour(R=1, G=2), 'c={"R":1,"G":2}'),
    ],
    ids=range(9),
)  # fmt: skip
def test_a_query_parameter_with_members_is_written_in_its_style(
    parameter: Parameter, value: Any, query: str
) -> None:
    from urllib.parse import unquote

    assert unquote(built(Route("GET", "/t", (parameter,)), c=value).target) == f"/t?{query}"


def test_a_parameter_may_keep_what_urls_reserve_but_never_end_the_query() -> None:
    kept = Parameter("c", "c", "query", "form", reserved=True)
    other = Parameter("d", "d", "query", "form")

    target = built(Route("GET", "/t", (kept, other)), c="a/b?c&d=e#f", d="a/b").target

    assert target == "/t?c=a/b?c%26d%3De%23f&d=a%2Fb"


@pytest.mark.parametrize(
    ("style", "explode", "value", "text"),
    [
        ("simple", False, ["a", "b"], "a,b"),
        ("simple", False, RGB, "R,100,G,200"),
        ("simple", True, RGB, "R=100,G=200"),
        ("json", False, {"a": 1}, '{"a":1}'),
        ("simple", False, True, "true"),
    ],
)
def test_a_header_is_written_in_its_style(style: Any, explode: bool, value: Any, text: str) -> None:
    route = Route("GET", "/t", (at("header", style, explode=explode),))

    assert built(route, c=value).headers["c"] == text


@pytest.mark.parametrize(
    ("explode", "value", "text"),
    [(True, ["a", "b"], "c=a; c=b"), (False, ["a", "b"], "c=a,b"), (False, RGB, "c=R,100,G,200")],
)
def test_a_cookie_is_written_in_its_style(explode: bool, value: Any, text: str) -> None:
    route = Route("GET", "/t", (at("cookie", "form", explode=explode),))

    assert built(route, c=value).headers["Cookie"] == text


@pytest.mark.parametrize(
    ("style", "explode", "value", "body"),
    [
        ("simple", False, ["a", "b"], "c=a&c=b"),
        ("simple", False, {"a": 1}, "c=%7B%22a%22%3A1%7D"),
        ("simple", False, [{"a": 1}], "c=%7B%22a%22%3A1%7D"),
        ("deepObject", True, {"a": {"b": 1}}, "c%5Ba%5D%5Bb%5D=1"),
        ("form", False, ["a", "b"], "c=a%2Cb"),
        ("form", True, {"a": 1}, "a=1"),
        ("json", False, ["a"], "c=%5B%22a%22%5D"),
        ("simple", False, True, "c=true"),
    ],
)
def test_a_member_of_a_form_is_written_as_its_encoding_says(
    style: Any, explode: bool, value: Any, body: str
) -> None:
    route = Route("POST", "/t", (at("body", style, explode=explode),), body="form")

    assert built(route, c=value).body == body.encode()


@pytest.mark.parametrize(("optional", "body"), [(True, None), (False, b"{}")])
def test_an_optional_body_of_which_nothing_is_given_is_not_sent(
    optional: bool, body: bytes | None
) -> None:
    route = Route("GET", "/t", (at("body"),), body="json", optional_body=optional)

    draft = built(route)

    assert draft.body == body
    assert ("Content-Type" in draft.headers) is not optional
    assert built(route, c=1).body == b'{"c":1}'
