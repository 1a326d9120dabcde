"""What `auth=` and `api_key=` take, and what they refuse without telling the key."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from openwop.runtime import AuthProvider, errors
from openwop.runtime._auth import (
    KeyFunction,
    StaticKey,
    check_key,
    credential_headers,
    credential_plan,
    to_provider,
)
from openwop.wire import Request

REQUEST = Request("GET", "https://h/")


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("", "is empty"),
        ("hk_s3cr3t\n", "strip it"),
        ("\rhk_s3cr3t", "strip it"),
        (" hk_s3cr3t", "strip it"),
        ("hk_s3cr3t\x00", "strip it"),
        ("hk_s3cr3t\nX-Injected: 1", "strip it"),
        ("hk_s3cr3té", "strip it"),
        (b"hk_s3cr3t", "must be a str, not bytes"),
        (None, "must be a str, not NoneType"),
    ],
)
def test_a_key_that_cannot_be_sent_is_refused_and_not_told(key: Any, says: str) -> None:
    with pytest.raises(errors.ConfigurationError, match=says) as caught:
        check_key(key, "api_key")

    assert "api_key" in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


def test_a_key_is_a_bearer_token() -> None:
    provider = to_provider("hk_s3cr3t", "api_key")

    assert isinstance(provider, StaticKey)
    assert credential_headers(provider.credential(REQUEST, None)) == {
        "Authorization": "Bearer hk_s3cr3t"
    }
    assert "s3cr3t" not in repr(provider)


def test_a_function_is_asked_each_time(bench: Any) -> None:
    keys = iter(["one", "two"])
    provider = to_provider(lambda: next(keys))

    assert isinstance(provider, KeyFunction)
    assert repr(provider) == "KeyFunction(<lambda>)"
    assert bench.play(credential_plan(provider, REQUEST, None)).result == "one"
    assert bench.play(credential_plan(provider, REQUEST, "one")).result == "two"


class Signing:
    """A provider of headers."""

    def credential(self, request: Request, refused: Any) -> Any:
        return {"X-Signature": f"{request.method} {refused}"}


def test_a_provider_sees_the_request_and_what_was_refused(bench: Any) -> None:
    provider = Signing()

    assert isinstance(provider, AuthProvider)
    assert to_provider(provider) is provider
    done = bench.play(credential_plan(provider, REQUEST, "old"))
    assert credential_headers(done.result) == {"X-Signature": "GET old"}


def test_no_credential_is_no_header() -> None:
    assert credential_headers(None) == {}


@pytest.mark.parametrize("wrong", [7, object(), ["key"]])
def test_anything_else_is_refused(wrong: Any) -> None:
    with pytest.raises(errors.ConfigurationError, match="auth must be a key, a function"):
        to_provider(wrong)


@pytest.mark.parametrize("given", ["", "key\n", 7])
def test_what_a_function_gives_is_checked(bench: Any, given: Any) -> None:
    done = bench.play(credential_plan(to_provider(lambda: given), REQUEST, None))

    assert isinstance(done.error, errors.ConfigurationError)
    assert "the credential that auth= gave" in str(done.error)


async def coroutine_key() -> str:
    await anyio.lowlevel.checkpoint()
    return "async"


def test_an_asynchronous_client_takes_a_coroutine_function(
    async_colour: Any, make_script: Any, make_operation: Any
) -> None:
    script = make_script()
    client = async_colour.client(script, auth=coroutine_key)

    async_colour.perform(client, make_operation())

    assert script.requests[0].headers["authorization"] == "Bearer async"


def test_a_blocking_client_refuses_a_coroutine_function(
    sync_colour: Any, make_script: Any, make_operation: Any
) -> None:
    script = make_script()
    client = sync_colour.client(script, auth=coroutine_key)

    with pytest.raises(errors.ConfigurationError, match="use AsyncClient"):
        sync_colour.perform(client, make_operation())

    assert script.requests == []


def test_an_error_of_the_provider_is_the_callers_own(
    colour: Any, make_script: Any, make_operation: Any
) -> None:
    def broken() -> str:
        raise LookupError("the vault is closed")

    client = colour.client(make_script(), auth=broken)

    with pytest.raises(LookupError, match="the vault is closed"):
        colour.perform(client, make_operation())
