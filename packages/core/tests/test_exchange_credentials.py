"""Credentials and redirects of one logical call, played by hand."""

from __future__ import annotations

from typing import Any

import pytest

from openwop.runtime import errors
from openwop.runtime._operation import Parameter
from openwop.wire import (
    Response,
)

OK = Response(200, {}, b"{}")
DOWN = Response(503, {}, b"")
REFUSED = Response(401, {}, b'{"error":"unauthenticated"}')
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def fails(exc: BaseException | None, cls: type[Any]) -> Any:
    """Return *exc*, which must be a *cls*, typed."""
    assert type(exc) is cls, repr(exc)
    return exc


# Credentials --------------------------------------------------------------------------------------


class Rotating:
    """A provider that gives another token each time one was refused."""

    def __init__(self, *tokens: Any) -> None:
        self.tokens = list(tokens)
        self.asked: list[Any] = []

    def credential(self, request: Any, refused: Any) -> Any:
        self.asked.append(refused)
        if refused is not None and len(self.tokens) > 1:
            del self.tokens[0]
        return self.tokens[0]


def authorizations(done: Any) -> list[str | None]:
    return [request.headers.get("authorization") for request in done.requests]


def test_a_key_goes_as_a_bearer_token(bench: Any, make_operation: Any) -> None:
    done = bench.call(make_operation(), OK, auth="k")

    assert authorizations(done) == ["Bearer k"]


def test_a_401_is_repeated_once_with_another_credential(bench: Any, make_operation: Any) -> None:
    provider = Rotating("old", "new")

    done = bench.call(make_operation("POST"), REFUSED, OK, auth=provider)

    assert done.result is OK
    assert authorizations(done) == ["Bearer old", "Bearer new"]
    assert provider.asked == [None, "old"]
    assert done.slept == []


def test_a_401_is_repeated_once_only(bench: Any, make_operation: Any) -> None:
    provider = Rotating("a", "b", "c", "d")

    done = bench.call(make_operation(), REFUSED, REFUSED, auth=provider)

    error = fails(done.error, errors.AuthenticationError)
    assert authorizations(done) == ["Bearer a", "Bearer b"]
    assert error.attempts == 2


def test_a_401_is_repeated_once_in_a_call_whatever_happens_between(
    bench: Any, make_operation: Any
) -> None:
    provider = Rotating("a", "b", "c", "d")

    done = bench.call(make_operation(), REFUSED, DOWN, REFUSED, auth=provider)

    fails(done.error, errors.AuthenticationError)
    assert authorizations(done) == ["Bearer a", "Bearer b", "Bearer b"]


@pytest.mark.parametrize("auth", ["key", lambda: "key", Rotating("key"), Rotating("key", None)])
def test_a_401_is_not_repeated_without_another_credential(
    bench: Any, make_operation: Any, auth: Any
) -> None:
    done = bench.call(make_operation(), REFUSED, auth=auth)

    fails(done.error, errors.AuthenticationError)
    assert len(done.requests) == 1


def test_a_401_without_a_credential_is_not_repeated(bench: Any, make_operation: Any) -> None:
    done = bench.call(make_operation(), REFUSED)

    fails(done.error, errors.AuthenticationError)


def test_a_provider_may_give_headers_instead_of_a_token(bench: Any, make_operation: Any) -> None:
    provider = Rotating({"X-Signature": "s1"}, {"X-Signature": "s2"})

    done = bench.call(make_operation(), REFUSED, OK, auth=provider)

    assert [request.headers["x-signature"] for request in done.requests] == ["s1", "s2"]


def test_headers_of_a_provider_that_cannot_be_sent_are_refused(
    bench: Any, make_operation: Any
) -> None:
    done = bench.call(make_operation(), auth=Rotating({"X-Signature": "s3cr3t\n"}))

    error = fails(done.error, errors.ConfigurationError)
    assert "the credential that auth= gave" in str(error)
    assert "s3cr3t" not in str(error)


def test_an_authorization_of_the_caller_comes_before_auth(bench: Any, make_operation: Any) -> None:
    provider = Rotating("a", "b")

    done = bench.call(
        make_operation(credential="required"),
        REFUSED,
        auth=provider,
        options={"extra_headers": {"Authorization": "Basic abc"}},
    )

    assert authorizations(done) == ["Basic abc"]
    assert provider.asked == []


def test_an_operation_without_credentials_carries_none(bench: Any, make_operation: Any) -> None:
    done = bench.call(make_operation(credential="none"), OK, auth="k")

    assert authorizations(done) == [None]


def test_a_provider_that_has_none_is_told_what_is_needed(bench: Any, make_operation: Any) -> None:
    done = bench.call(make_operation(credential="required"), auth=Rotating(None))

    assert "things.get needs a credential" in str(fails(done.error, errors.ConfigurationError))


def test_an_authorization_header_stands_for_the_key(bench: Any, make_operation: Any) -> None:
    done = bench.call(
        make_operation(credential="required"), OK, headers={"authorization": "Bearer x"}
    )

    assert authorizations(done) == ["Bearer x"]


# Redirects ----------------------------------------------------------------------------------------


def moved(location: str, status: int = 307) -> Response:
    return Response(status, {"Location": location})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_get_follows_a_redirect_with_its_credential_within_the_origin(
    bench: Any, make_operation: Any, status: int
) -> None:
    done = bench.call(make_operation(), moved("/elsewhere?x=1", status), OK, auth="k")

    assert done.result is OK
    assert done.requests[1].url == "https://api.example.com/elsewhere?x=1"
    assert authorizations(done) == ["Bearer k", "Bearer k"]


@pytest.mark.parametrize(
    "target",
    [
        "https://other.example.com/a",
        "https://api.example.com:444/a",
        "//other.example.com/a",
        "https://api.example.com.evil.net/a",
        "https://api.example.com@evil.net/a",
    ],
)
def test_nothing_secret_follows_a_redirect_to_another_origin(
    bench: Any, make_operation: Any, target: str
) -> None:
    done = bench.call(
        make_operation(),
        moved(target),
        OK,
        auth="k",
        headers={"X-Api-Key": "s3cr3t", "Cookie": "s3cr3t", "X-Plain": "seen"},
    )

    follower = done.requests[1]
    assert follower.headers["x-plain"] == "seen"
    assert "s3cr3t" not in "".join(follower.headers.values())
    assert authorizations(done) == ["Bearer k", None]
    assert "@" not in follower.shown_url


def test_a_credential_does_not_come_back_with_a_second_redirect(
    bench: Any, make_operation: Any
) -> None:
    away, back = moved("https://other.example.com/a"), moved("https://api.example.com/b")

    done = bench.call(make_operation(), away, back, OK, auth="k")

    assert authorizations(done) == ["Bearer k", None, None]


@pytest.mark.parametrize("target", ["https://api.example.com:443/b", "https://API.example.com/b"])
def test_the_same_origin_may_be_written_differently(
    bench: Any, make_operation: Any, target: str
) -> None:
    done = bench.call(make_operation(), moved(target), OK, auth="k")

    assert authorizations(done) == ["Bearer k", "Bearer k"]


@pytest.mark.parametrize(
    "target",
    [
        "http://api.example.com/a",
        "ftp://api.example.com/a",
        "javascript:alert(1)",
        "https://[bad",
        "https://api.example.com:99999/a",
    ],
)
def test_a_redirect_that_may_not_be_followed_is_an_error(
    bench: Any, make_operation: Any, target: str
) -> None:
    done = bench.call(make_operation(), moved(target), auth="k")

    error = fails(done.error, errors.APIStatusError)
    assert error.status_code == 307
    assert "the redirect was not followed" in str(error)


def test_a_redirect_from_http_to_https_is_followed_without_the_credential(
    bench: Any, make_operation: Any
) -> None:
    bench.core.base_url = "http://api.example.com"

    done = bench.call(make_operation(), moved("https://api.example.com/a"), OK, auth="k")

    assert authorizations(done) == ["Bearer k", None]


def test_a_redirect_to_no_host_is_not_followed(bench: Any, make_operation: Any) -> None:
    bench.core.base_url = "http://api.example.com"

    done = bench.call(make_operation(), moved("https:///a"))

    fails(done.error, errors.APIStatusError)


@pytest.mark.parametrize("status", [307, 308])
def test_a_post_follows_within_its_origin_with_its_body_and_key(
    bench: Any, make_operation: Any, status: int
) -> None:
    post = make_operation("POST", "/things", parameters=(Parameter("a", "a", "body"),), body="json")

    done = bench.call(post, moved("/b", status), OK, arguments={"a": 1}, auth="k")

    one, two = done.requests
    assert (two.method, two.body) == ("POST", one.body)
    assert two.headers["idempotency-key"] == one.headers["idempotency-key"]


@pytest.mark.parametrize(
    "answer", [moved("/b", 301), moved("/b", 302), moved("/b", 303), moved("https://o.net/b", 308)]
)
def test_a_post_is_not_turned_into_a_get_nor_sent_to_another_origin(
    bench: Any, make_operation: Any, answer: Response
) -> None:
    done = bench.call(make_operation("POST"), answer, auth="k")

    fails(done.error, errors.APIStatusError)
    assert len(done.requests) == 1


def test_redirects_end_after_five(bench: Any, make_operation: Any) -> None:
    done = bench.call(make_operation(), *[moved("/again")] * 6)

    assert fails(done.error, errors.APIStatusError).status_code == 307
    assert len(done.requests) == 6


def test_a_redirect_without_a_target_is_an_error(bench: Any, make_operation: Any) -> None:
    done = bench.call(make_operation(), Response(302))

    assert fails(done.error, errors.APIStatusError).status_code == 302


def test_redirects_are_one_attempt(bench: Any, make_operation: Any) -> None:
    done = bench.call(make_operation(), moved("/b"), DOWN, moved("/b"), OK)

    assert done.result is OK
    assert done.slept == [0.25]


def test_a_redirect_from_a_path_with_a_secret_is_not_shown(bench: Any, make_operation: Any) -> None:
    token = make_operation(
        path="/tokens/{id}",
        parameters=(Parameter("id", "id", "path", required=True, secret=True),),
    )

    done = bench.call(
        token, moved("https://o.net:81/tokens/s3cr3t"), OK, arguments={"id": "s3cr3t"}
    )

    assert [request.shown_url for request in done.requests] == [
        "https://api.example.com/tokens/[redacted]",
        "https://o.net:81/[redacted]",
    ]
