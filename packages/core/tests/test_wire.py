"""What crosses the line to a transport: headers, requests, responses and the three errors."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given, strategies as st

from openwop.wire import (
    AsyncOpenResponse,
    ConnectError,
    Headers,
    OpenResponse,
    Request,
    Response,
    Timeouts,
    TransportError,
    TransportTimeout,
    is_secret_header,
)

NAMES = st.text("abcXYZ-", min_size=1, max_size=6)
PAIRS = st.lists(st.tuples(NAMES, st.text(max_size=5)), max_size=6)


def test_headers_are_found_in_any_case() -> None:
    headers = Headers({"Content-Type": "text/plain"})

    assert headers["content-TYPE"] == "text/plain"
    assert "CONTENT-type" in headers
    assert 7 not in headers
    assert list(headers) == ["content-type"]
    assert len(headers) == 1


def test_a_header_that_comes_twice_is_one_entry_and_two_pairs() -> None:
    headers = Headers([("Via", "a"), ("X", "1"), ("via", "b")])

    assert headers["via"] == "a, b"
    assert headers.items_raw() == (("Via", "a"), ("X", "1"), ("via", "b"))


def test_headers_equal_any_mapping_of_the_same_names_and_values() -> None:
    headers = Headers({"A": "1"})

    assert headers == Headers([("a", "1")])
    assert headers == {"a": "1"}
    assert headers != {"a": "2"}
    assert headers != 1
    assert hash(headers) == hash(Headers({"a": "1"}))


def test_merged_replaces_whatever_the_case_and_leaves_the_original() -> None:
    headers = Headers([("A", "1"), ("B", "2")])

    merged = headers.merged({"a": "3"})

    assert merged.items_raw() == (("B", "2"), ("a", "3"))
    assert headers["a"] == "1"
    assert headers.merged({}) is headers


def test_without_drops_every_pair_of_a_name() -> None:
    headers = Headers([("A", "1"), ("a", "2"), ("B", "3")])

    assert headers.without("A").items_raw() == (("B", "3"),)


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "Proxy-Authorization",
        "Cookie",
        "Set-Cookie",
        "X-Api-Key",
        "Idempotency-Key",
        "X-Auth-Token",
        "X-Session-Id",
        "Client-Secret",
        "X-Signature",
        "X-Password",
        "X-Credential",
    ],
)
def test_a_header_whose_name_suggests_a_secret_is_hidden(name: str) -> None:
    shown = repr(Headers({name: "s3cr3t", "Accept": "text/plain"}))

    assert is_secret_header(name)
    assert "s3cr3t" not in shown
    assert "[redacted]" in shown
    assert "text/plain" in shown


def test_a_header_of_another_name_is_shown() -> None:
    assert repr(Headers({"Accept": "a/b"})) == "Headers({'accept': 'a/b'})"


@given(PAIRS)
def test_headers_survive_a_pickle(pairs: list[tuple[str, str]]) -> None:
    headers = Headers(pairs)

    again = pickle.loads(pickle.dumps(headers))

    assert again == headers
    assert again.items_raw() == headers.items_raw()


@given(PAIRS, st.dictionaries(NAMES, st.text(max_size=5), max_size=3))
def test_merging_sets_exactly_what_is_given(
    pairs: list[tuple[str, str]], extra: dict[str, str]
) -> None:
    headers = Headers(pairs)
    wanted = Headers(extra)

    merged = headers.merged(extra)

    assert {name: merged[name] for name in wanted} == dict(wanted)
    assert {n: merged[n] for n in headers if n not in wanted} == {
        n: headers[n] for n in headers if n not in wanted
    }


def test_a_request_shows_neither_its_url_nor_its_body() -> None:
    request = Request(
        "POST",
        "https://h/interrupts/tok_1",
        {"Authorization": "Bearer s3cr3t"},
        b"s3cr3t",
        shown_url="https://h/interrupts/[redacted]",
    )

    shown = repr(request)

    assert "tok_1" not in shown
    assert "s3cr3t" not in shown
    assert "<6 bytes>" in shown
    assert "https://h/interrupts/[redacted]" in shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h/a@b", "https://h/a@b"),
        ("https://user:pw@h:81/a?b=c", "https://h:81/a?b=c"),
        ("https://h/a", "https://h/a"),
    ],
)
def test_a_request_shows_its_url_without_user_and_password(url: str, shown: str) -> None:
    assert Request("GET", url).shown_url == shown


def test_a_request_without_a_body_says_so() -> None:
    assert "body=None" in repr(Request("GET", "https://h/"))


def test_requests_and_responses_are_plain_data_that_pickles_and_copies() -> None:
    request = Request("GET", "https://h/", {"A": "1"}, b"x", Timeouts(1.0, 2.0, 3.0))
    response = Response(200, {"A": "1"}, b"x", "https://h/")

    assert pickle.loads(pickle.dumps(request)) == request
    assert pickle.loads(pickle.dumps(response)) == response
    assert copy.deepcopy(response) == response


def test_a_response_shows_the_size_of_its_body_only() -> None:
    shown = repr(Response(200, {"Set-Cookie": "s3cr3t"}, b"s3cr3t", "https://h/tok_1"))

    assert "s3cr3t" not in shown
    assert "tok_1" not in shown


def test_closing_an_open_response_closes_its_body(async_colour: Any, make_script: Any) -> None:
    script = make_script()
    _, _, body = script.open(Request("GET", "https://h/"))

    OpenResponse(200, {}, body).close()
    async_colour.run(AsyncOpenResponse(200, {}, body).aclose)

    assert body.closed == 2


@pytest.mark.parametrize(
    ("error", "sent"),
    [
        (TransportError("broke"), True),
        (TransportError("broke", sent=False), False),
        (TransportTimeout("late"), True),
        (TransportTimeout("late", sent=False), False),
        (ConnectError("nobody"), False),
        (ConnectError("nobody", sent=True), True),
    ],
)
def test_transport_errors_say_whether_anything_was_sent_and_pickle(
    error: TransportError, sent: bool
) -> None:
    again = pickle.loads(pickle.dumps(error))

    assert error.sent is sent
    assert (type(again), again.args, again.sent) == (type(error), error.args, sent)
