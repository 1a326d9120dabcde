"""Where credentials come from: rotating keys, OAuth 2, signatures; renewed once, never shown."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import parse_qs

import anyio
import pytest

import openwop
from openwop import OAuth2ClientCredentials
from openwop.wire import AsyncOpenResponse, OpenResponse, Request, TransportError

TOKEN_URL = "https://login.example.com/oauth/token"
SECRET = "s3cr3t/with:marks"


class Body:
    def __init__(self, data: bytes) -> None:
        self._parts = [data]

    def __iter__(self) -> Any:
        return iter(self._parts)

    def __aiter__(self) -> Any:
        return self

    async def __anext__(self) -> bytes:
        if not self._parts:
            raise StopAsyncIteration
        return self._parts.pop()

    def close(self) -> None: ...
    async def aclose(self) -> None: ...


class Login:
    """The host's transport, and a token endpoint beside it."""

    def __init__(self, world: Any, lifetime: int | None = 3600) -> None:
        self.host = world.host
        self._inner = (
            world.host.transport() if world.colour == "sync" else world.host.async_transport()
        )
        self.now, self.sleep = self._inner.now, self._inner.sleep
        self._lifetime = lifetime
        self.requests: list[Request] = []
        self.failures: list[Any] = []
        self.issued: list[str] = []

    def answer(self, request: Request) -> tuple[int, dict[str, str], Body]:
        self.requests.append(request)
        status, document = 200, self.issue()
        if self.failures:
            status, document = self.failures.pop(0)
            if status == 0:
                raise TransportError("the connection was reset")
        return status, {"Content-Type": "application/json"}, Body(json.dumps(document).encode())

    def issue(self) -> dict[str, Any]:
        token = f"hk_test_token_{len(self.issued)}"
        self.issued.append(token)
        self.host.keys.add(token)
        lifetime = {} if self._lifetime is None else {"expires_in": self._lifetime}
        return {"access_token": token, "token_type": "Bearer", **lifetime}


class SyncLogin(Login):
    def send(self, request: Request) -> OpenResponse:
        if request.url == TOKEN_URL:
            return OpenResponse(*self.answer(request))
        return self._inner.send(request)

    def close(self) -> None: ...


class AsyncLogin(Login):
    async def send(self, request: Request) -> AsyncOpenResponse:
        if request.url == TOKEN_URL:
            await anyio.lowlevel.checkpoint()
            return AsyncOpenResponse(*self.answer(request))
        return await self._inner.send(request)

    async def aclose(self) -> None: ...


@pytest.fixture
def login(world: Any) -> Login:
    return SyncLogin(world) if world.colour == "sync" else AsyncLogin(world)


def provider(login: Login, **options: Any) -> OAuth2ClientCredentials:
    return OAuth2ClientCredentials(
        TOKEN_URL, "my-id", SECRET, clock=login.host.clock.now, **options
    )


def run(world: Any, login: Login, scenario: Any, auth: Any) -> Any:
    return world.run(scenario, api_key=None, auth=auth, transport=login)


async def list_a_run(world: Any, client: Any) -> Any:
    run = await world.start(client)
    return await world.it(client.runs.get(run.id))


def test_a_token_is_asked_for_once_and_used_for_many_calls(world: Any, login: Login) -> None:
    async def scenario(client: Any) -> Any:
        for _ in range(3):
            await list_a_run(world, client)

    run(world, login, scenario, provider(login, scope="runs:create runs:read"))

    (request,) = login.requests
    form = parse_qs((request.body or b"").decode())
    assert {"grant_type": ["client_credentials"], "scope": ["runs:create runs:read"]} == form
    pair = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
    assert "my-id:s3cr3t%2Fwith%3Amarks" == pair
    assert {"Bearer hk_test_token_0"} == {
        call.headers.get("Authorization")
        for call in world.host.calls
        if call.operation_id != "getCapabilities"
    }


def test_id_and_secret_may_go_in_the_form(world: Any, login: Login) -> None:
    auth = provider(login, authentication="post", audience="openwop", extra={"resource": "x"})

    run(world, login, lambda client: list_a_run(world, client), auth)

    form = parse_qs((login.requests[0].body or b"").decode())
    assert ["my-id"] == form["client_id"]
    assert [SECRET] == form["client_secret"]
    assert (["openwop"], ["x"]) == (form["audience"], form["resource"])
    assert "Authorization" not in login.requests[0].headers


def test_a_token_is_replaced_before_it_ends(world: Any, login: Login) -> None:
    async def scenario(client: Any) -> Any:
        await list_a_run(world, client)
        world.host.clock.advance(3600 - 31)
        await list_a_run(world, client)
        before = len(login.issued)
        world.host.clock.advance(2)
        await list_a_run(world, client)
        return before, len(login.issued)

    assert (1, 2) == run(world, login, scenario, provider(login))


def test_a_token_that_is_refused_is_replaced_once(world: Any, login: Login) -> None:
    async def scenario(client: Any) -> Any:
        await list_a_run(world, client)
        world.host.keys.revoke(login.issued[0])
        await list_a_run(world, client)
        return len(login.issued)

    assert 2 == run(world, login, scenario, provider(login))


def test_a_token_that_stays_refused_is_an_authentication_error(world: Any, login: Login) -> None:
    world.host.faults.fail("createRun", status=401, times=2)

    async def scenario(client: Any) -> Any:
        with pytest.raises(openwop.AuthenticationError):
            await list_a_run(world, client)
        return len(login.issued)

    assert 2 == run(world, login, scenario, provider(login))


@pytest.mark.parametrize("failure", [(0, None), (503, {}), (429, {})])
def test_an_endpoint_that_fails_for_now_is_asked_again(
    world: Any, login: Login, failure: Any
) -> None:
    """Nothing of the call itself was sent, so even one that may not be repeated is tried again."""
    login.failures = [failure, failure]

    run(world, login, lambda client: list_a_run(world, client), provider(login))

    assert 3 == len(login.requests)
    assert 1 == len(world.host.calls.of("createRun"))


@pytest.mark.parametrize(
    ("failure", "message"),
    [
        ((401, {"error": "invalid_client"}), "401: invalid_client"),
        ((400, {"error": "invalid_scope"}), "400: invalid_scope"),
        ((200, {"access_token": "x", "token_type": "mac"}), "without a bearer token"),
        ((200, {}), "without a bearer token"),
        ((200, []), "without a bearer token"),
    ],
)
def test_a_refusal_of_the_client_is_said_without_the_secret(
    world: Any, login: Login, failure: Any, message: str
) -> None:
    login.failures = [failure]

    async def scenario(client: Any) -> Any:
        with pytest.raises(openwop.ConfigurationError, match=message) as caught:
            await list_a_run(world, client)
        return caught.value

    auth = provider(login)
    error = run(world, login, scenario, auth)

    assert SECRET not in str(error) + repr(auth) + repr(login.requests)
    assert 1 == len(login.requests)


@pytest.mark.parametrize("colour", ["asyncio", "trio"])
def test_calls_at_the_same_time_share_one_request_for_a_token(world: Any, login: Login) -> None:
    async def scenario(client: Any) -> Any:
        async with anyio.create_task_group() as group:
            for _ in range(10):
                group.start_soon(list_a_run, world, client)

    run(world, login, scenario, provider(login))

    assert 1 == len(login.requests)


@pytest.mark.parametrize("colour", ["sync"])
def test_threads_share_one_request_for_a_token(world: Any, login: Login) -> None:
    async def scenario(client: Any) -> Any:
        world.host.workflows.add(openwop_workflow())
        specs = [openwop.RunSpec("item") for _ in range(20)]
        with client.runs.start_many(specs) as results:
            return [result.ok for result in results]

    assert all(run(world, login, scenario, provider(login)))
    assert 1 == len(login.requests)


def openwop_workflow() -> Any:
    from openwop_testing import Workflow

    return Workflow("item").node("only")


@pytest.mark.parametrize("colour", ["asyncio", "trio"])
def test_a_cancelled_request_for_a_token_leaves_no_lock_behind(world: Any, login: Login) -> None:
    async def scenario(client: Any) -> Any:
        world.host.workflows.add(openwop_workflow())
        await client.discovery.capabilities()
        with anyio.CancelScope() as scope:
            scope.cancel()
            await client.runs.start("item")
        await client.runs.start("item")

    run(world, login, scenario, provider(login))

    assert login.issued


def test_the_secret_may_come_from_a_function(world: Any, login: Login) -> None:
    async def aread() -> str:
        return SECRET

    def read() -> str:
        return SECRET

    auth = OAuth2ClientCredentials(
        TOKEN_URL,
        "my-id",
        read if world.colour == "sync" else aread,  # type: ignore[arg-type]
        authentication="post",
    )

    run(world, login, lambda client: list_a_run(world, client), auth)

    assert [SECRET] == parse_qs((login.requests[0].body or b"").decode())["client_secret"]


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        (("login.example.com", "id", "s"), {}),
        (("https://user@login.example.com/", "id", "s"), {}),
        ((TOKEN_URL, "", "s"), {}),
        ((TOKEN_URL, "id", "s"), {"authentication": "tls"}),
    ],
)
def test_arguments_that_cannot_be_are_refused_at_once(arguments: Any, options: Any) -> None:
    with pytest.raises(ValueError, match=r"token_url|client_id|authentication"):
        OAuth2ClientCredentials(*arguments, **options)


class Signed:
    """Signs each request with a key of its own, over the method, the URL and the body."""

    def __init__(self, key: str, secret: bytes) -> None:
        self._key, self._secret = key, secret

    def credential(self, request: Request, refused: Any) -> dict[str, str]:
        signed = f"{request.method} {request.url}".encode() + (request.body or b"")
        signature = hmac.new(self._secret, signed, hashlib.sha256).hexdigest()
        return {"Authorization": f"Bearer {self._key}", "X-Signature": signature}


def test_a_provider_may_sign_each_request(world: Any) -> None:
    async def scenario(client: Any) -> Any:
        await list_a_run(world, client)

    world.run(scenario, api_key=None, auth=Signed(world.host.api_key, b"k"))

    signatures = [
        call.headers["X-Signature"]
        for call in world.host.calls
        if call.operation_id in {"createRun", "getRun"}
    ]
    assert 2 == len(set(signatures))
