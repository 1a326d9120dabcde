"""Every adapter, through its framework's own test client."""

from __future__ import annotations

import asyncio
import base64
import json
import types
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from openwop_webhooks import Delivery, Verifier


class Got(NamedTuple):
    """What came back, as far as a host can see."""

    status: int
    body: bytes
    content_type: str


Post = Callable[..., Got]
Make = Callable[[Verifier, Any], Post]
OK, REFUSED, LATER = Got(200, b"", ""), Got(400, b"", ""), Got(503, b"", "")


def with_wsgi(verifier: Verifier, handler: Any) -> Iterator[Post]:
    testing = pytest.importorskip("werkzeug.test")
    from openwop_webhooks.adapters.wsgi import WSGIEndpoint

    endpoint = WSGIEndpoint(verifier, handler)
    client = testing.Client(endpoint)

    def post(sent: Any, method: str = "POST") -> Got:
        answer = client.open("/", method=method, headers=sent.headers, data=sent.body)
        return Got(answer.status_code, answer.data, answer.headers.get("Content-Type", ""))

    yield post
    endpoint.receiver.close()


def with_asgi(verifier: Verifier, handler: Any) -> Iterator[Post]:
    import httpx

    from openwop_webhooks.adapters.asgi import ASGIEndpoint

    endpoint = ASGIEndpoint(verifier, handler)

    async def ask(sent: Any, method: str) -> Got:
        transport = httpx.ASGITransport(endpoint)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            answer = await client.request(method, "/", headers=sent.headers, content=sent.body)
        return Got(answer.status_code, answer.content, answer.headers.get("Content-Type", ""))

    yield lambda sent, method="POST": asyncio.run(ask(sent, method))


def starlette_client(app: Any) -> Any:
    import warnings

    with warnings.catch_warnings():
        # The test client prefers a successor of httpx, and says so when it is imported.
        warnings.simplefilter("ignore", DeprecationWarning)
        testclient = pytest.importorskip("starlette.testclient")
        return testclient.TestClient(app)


def through_starlette(app: Any) -> Iterator[Post]:
    with starlette_client(app) as client:

        def post(sent: Any, method: str = "POST") -> Got:
            answer = client.request(method, "/openwop", headers=sent.headers, content=sent.body)
            return Got(answer.status_code, answer.content, answer.headers.get("Content-Type", ""))

        yield post


def with_starlette(verifier: Verifier, handler: Any) -> Iterator[Post]:
    applications = pytest.importorskip("starlette.applications")
    from openwop_webhooks.adapters.starlette import webhook_route

    route = webhook_route("/openwop", verifier, handler)
    yield from through_starlette(applications.Starlette(routes=[route]))


def with_fastapi_response(verifier: Verifier, handler: Any) -> Iterator[Post]:
    fastapi = pytest.importorskip("fastapi")
    from openwop_webhooks.adapters.fastapi import WebhookResponse

    app = fastapi.FastAPI()
    receive = WebhookResponse(verifier, handler)

    def openwop(response=fastapi.Depends(receive)):  # noqa: B008
        return response

    app.post("/openwop", response_model=None)(openwop)
    yield from through_starlette(app)


def with_fastapi_route(verifier: Verifier, handler: Any) -> Iterator[Post]:
    fastapi = pytest.importorskip("fastapi")
    from openwop_webhooks.adapters.fastapi import current_delivery, delivery_route

    router = fastapi.APIRouter(route_class=delivery_route(verifier))

    def operation(delivery=fastapi.Depends(current_delivery)):  # noqa: B008
        handler(delivery)
        return {"not": "sent"}

    router.post("/openwop")(operation)
    app = fastapi.FastAPI()
    app.include_router(router)
    yield from through_starlette(app)


def with_fastapi_asgi(verifier: Verifier, handler: Any) -> Iterator[Post]:
    fastapi = pytest.importorskip("fastapi")
    from openwop_webhooks.adapters.fastapi import webhook_route

    app = fastapi.FastAPI()
    app.router.routes.append(webhook_route("/openwop", verifier, handler))
    yield from through_starlette(app)


def with_flask(verifier: Verifier, handler: Any) -> Iterator[Post]:
    flask = pytest.importorskip("flask")
    from openwop_webhooks.adapters.flask import webhook

    app = flask.Flask("receiver")

    def handle(delivery: Delivery) -> None:
        assert "receiver" == flask.current_app.name
        assert "/openwop" == flask.request.path
        handler(delivery)

    app.post("/openwop")(webhook(verifier)(handle))
    client = app.test_client()

    def post(sent: Any, method: str = "POST") -> Got:
        answer = client.open("/openwop", method=method, headers=sent.headers, data=sent.body)
        return Got(answer.status_code, answer.data, answer.headers.get("Content-Type", ""))

    yield post


def configure_django(view: Any) -> None:
    import django
    from django.conf import settings
    from django.urls import clear_url_caches, path

    urls: Any = types.ModuleType("openwop_test_urls")
    urls.urlpatterns = [path("openwop", view)]
    if not settings.configured:
        settings.configure(
            ALLOWED_HOSTS=["*"],
            MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
            ROOT_URLCONF=urls,
            SECRET_KEY="x",
        )
        django.setup()
    settings.ROOT_URLCONF = urls
    clear_url_caches()
    from django.urls import set_urlconf

    set_urlconf(urls)


def through_django(view: Any) -> Iterator[Post]:
    from django.test import Client

    configure_django(view)
    client = Client(enforce_csrf_checks=True)

    def post(sent: Any, method: str = "POST") -> Got:
        answer = client.generic(
            method, "/openwop", sent.body, "application/json", headers=sent.headers
        )
        return Got(answer.status_code, answer.content, answer.headers.get("Content-Type", ""))

    yield post


def with_django(verifier: Verifier, handler: Any) -> Iterator[Post]:
    pytest.importorskip("django")
    from openwop_webhooks.adapters.django import webhook

    yield from through_django(webhook(verifier)(handler))


def with_django_inline(verifier: Verifier, handler: Any) -> Iterator[Post]:
    pytest.importorskip("django")
    from openwop_webhooks.adapters.django import webhook

    yield from through_django(webhook(verifier, answer_within=None)(handler))


def with_django_async(verifier: Verifier, handler: Any) -> Iterator[Post]:
    pytest.importorskip("django")
    from django.test import AsyncClient

    from openwop_webhooks.adapters.django import webhook

    async def handle(delivery: Delivery) -> None:
        handler(delivery)

    configure_django(webhook(verifier)(handle))

    async def ask(sent: Any, method: str) -> Got:
        client = AsyncClient(enforce_csrf_checks=True)
        answer = await client.generic(
            method, "/openwop", sent.body, "application/json", headers=sent.headers
        )
        return Got(answer.status_code, answer.content, answer.headers.get("Content-Type", ""))

    yield lambda sent, method="POST": asyncio.run(ask(sent, method))


def with_aiohttp(verifier: Verifier, handler: Any) -> Iterator[Post]:
    web = pytest.importorskip("aiohttp.web")
    from aiohttp.test_utils import TestClient, TestServer

    from openwop_webhooks.adapters.aiohttp import webhook_handler

    receive = webhook_handler(verifier, handler)

    async def ask(sent: Any, method: str) -> Got:
        app = web.Application()
        app.router.add_route("*", "/openwop", receive)
        async with TestClient(TestServer(app)) as client:
            # aiohttp adds a media type of its own to what has a body, so the test sends one.
            headers = {"Content-Type": "application/json", **sent.headers}
            answer = await client.request(method, "/openwop", headers=headers, data=sent.body)
            body = await answer.read()
            told = answer.headers.get("Content-Type", "")
        return Got(answer.status, body, "" if told == "application/octet-stream" else told)

    yield lambda sent, method="POST": asyncio.run(ask(sent, method))


def through_lambda(verifier: Verifier, handler: Any, make_event: Any) -> Iterator[Post]:
    from openwop_webhooks.adapters.aws_lambda import lambda_handler

    function = lambda_handler(verifier, handler)

    def post(sent: Any, method: str = "POST") -> Got:
        answer = function(json.loads(json.dumps(make_event(sent, method))), None)
        assert answer["isBase64Encoded"] is False
        body = answer["body"].encode()
        return Got(answer["statusCode"], body, answer["headers"].get("Content-Type", ""))

    yield post


def with_lambda_rest(verifier: Verifier, handler: Any) -> Iterator[Post]:
    yield from through_lambda(
        verifier,
        handler,
        lambda sent, method: {
            "version": "1.0",
            "httpMethod": method,
            "headers": sent.headers,
            "multiValueHeaders": {name: [value] for name, value in sent.headers.items()},
            "body": sent.body.decode(),
            "isBase64Encoded": False,
        },
    )


def with_lambda_http(verifier: Verifier, handler: Any) -> Iterator[Post]:
    yield from through_lambda(
        verifier,
        handler,
        lambda sent, method: {
            "version": "2.0",
            "requestContext": {"http": {"method": method, "path": "/openwop"}},
            "headers": {name.lower(): value for name, value in sent.headers.items()},
            "body": base64.b64encode(sent.body).decode(),
            "isBase64Encoded": True,
        },
    )


ADAPTERS = {
    name.removeprefix("with_"): value
    for name, value in sorted(globals().items())
    if name.startswith("with_")
}
ROUTED = {"starlette", "fastapi_asgi", "fastapi_response", "fastapi_route", "flask"}


@pytest.fixture(params=sorted(ADAPTERS))
def adapter(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def connect(adapter: str) -> Iterator[Make]:
    """Put a handler behind the adapter, and give a function that posts to it."""
    running: list[Iterator[Post]] = []

    def make(verifier: Verifier, handler: Any) -> Post:
        running.append(iter(ADAPTERS[adapter](verifier, handler)))
        return next(running[-1])

    yield make
    for each in running:
        for _ in each:
            pytest.fail("an adapter was set up twice")


def test_a_delivery_reaches_the_handler_once(
    connect: Make, make_verifier: Callable[..., Verifier], signed: Any
) -> None:
    seen: list[Delivery] = []
    post = connect(make_verifier(), seen.append)

    assert [OK, OK, OK] == [post(signed()), post(signed()), post(signed(timestamp=1_790_000_009))]
    assert [("run-42", 7, "wh-1")] == [(d.run_id, d.sequence, d.subscription_id) for d in seen]


def test_whatever_is_wrong_the_answer_is_one(
    connect: Make, make_verifier: Callable[..., Verifier], signed: Any
) -> None:
    post = connect(make_verifier(), lambda delivery: pytest.fail("not authentic"))
    sent = signed()

    assert [REFUSED] * 4 == [
        post(sent.with_header("OpenWOP-Signature", "x")),
        post(sent.with_header("X-openwop-Timestamp", "1")),
        post(signed(key="another")),
        post(type(sent)({}, sent.body)),
    ]


def test_a_challenge_is_echoed(
    connect: Make, make_verifier: Callable[..., Verifier], challenge: Any
) -> None:
    post = connect(make_verifier(), lambda delivery: pytest.fail("no delivery"))

    status, body, content_type = post(challenge)

    assert (200, {"challenge": "c0ffee"}) == (status, json.loads(body))
    assert "application/json" == content_type.partition(";")[0]


def test_too_large_a_body_is_a_413(
    connect: Make, make_verifier: Callable[..., Verifier], signed: Any
) -> None:
    post = connect(make_verifier(max_body=20), lambda delivery: pytest.fail("too large"))

    assert Got(413, b"", "") == post(signed())


def test_a_store_that_is_down_is_a_503(
    connect: Make, make_verifier: Callable[..., Verifier], signed: Any, broken_guard: Any
) -> None:
    verifier = make_verifier(replay_guard=broken_guard)

    assert LATER == connect(verifier, lambda delivery: pytest.fail("unclaimed"))(signed())


def test_a_failed_delivery_is_a_503_and_comes_again(
    connect: Make, make_verifier: Callable[..., Verifier], signed: Any
) -> None:
    seen: list[Delivery] = []

    def handle(delivery: Delivery) -> None:
        seen.append(delivery)
        if len(seen) == 1:
            raise RuntimeError

    post = connect(make_verifier(), handle)

    assert [LATER, OK] == [post(signed()), post(signed())]
    assert 2 == len(seen)


def test_only_a_post_is_a_delivery(
    connect: Make, adapter: str, make_verifier: Callable[..., Verifier], signed: Any
) -> None:
    post = connect(make_verifier(), lambda delivery: pytest.fail("no delivery"))

    assert (405 if adapter in ROUTED else 400) == post(signed(), "PUT").status


def test_bytes_that_are_not_utf8_are_verified_as_they_are(
    connect: Make, adapter: str, make_verifier: Callable[..., Verifier], signed: Any, secret: str
) -> None:
    """
    A body in no text encoding reaches the verifier byte for byte: it verifies, and is no delivery.
    """
    from openwop_webhooks import sign

    if adapter == "lambda_rest":
        pytest.skip("the event carries text")
    body = bytes(range(256))
    headers = sign(body, secret, webhook_id="w", event_type="e", timestamp=1_790_000_000)
    verifier = make_verifier()
    seen: list[bytes] = []

    class Watching(Verifier):
        def authenticate(self, headers: object, body: bytes) -> Any:
            seen.append(body)
            return verifier.authenticate(headers, body)

    post = connect(Watching(secret), lambda delivery: None)

    assert REFUSED == post(type(signed())(headers, body))
    assert [body] == seen


def test_a_lambda_event_that_is_no_base64_is_refused(make_verifier: Any) -> None:
    from openwop_webhooks.adapters.aws_lambda import lambda_handler

    function = lambda_handler(make_verifier(), print)
    event = {"httpMethod": "POST", "body": "%%%", "isBase64Encoded": True, "headers": None}

    assert [400, 400, 400] == [
        function(each, None)["statusCode"] for each in (event, {}, {"httpMethod": "POST"})
    ]


def test_an_asgi_endpoint_says_that_it_has_nothing_to_start(make_verifier: Any) -> None:
    from openwop_webhooks.adapters.asgi import ASGIEndpoint

    said: list[str] = []
    asked = iter(["lifespan.startup", "lifespan.shutdown"])

    async def receive() -> dict[str, Any]:
        return {"type": next(asked)}

    async def send(message: Any) -> None:
        said.append(message["type"])

    asyncio.run(ASGIEndpoint(make_verifier(), print)({"type": "lifespan"}, receive, send))

    assert ["lifespan.startup.complete", "lifespan.shutdown.complete"] == said


def test_an_asgi_endpoint_answers_nobody_when_the_host_is_gone(make_verifier: Any) -> None:
    from openwop_webhooks.adapters.asgi import ASGIEndpoint

    said: list[Any] = []
    asked = iter([{"type": "http.request", "body": b"{", "more_body": True},
                  {"type": "http.disconnect"}])  # fmt: skip

    async def receive() -> dict[str, Any]:
        return next(asked)

    async def send(message: Any) -> None:
        said.append(message)

    scope = {"type": "http", "method": "POST", "headers": []}
    asyncio.run(ASGIEndpoint(make_verifier(), print)(scope, receive, send))

    assert [] == said


def test_an_asgi_endpoint_closes_a_websocket(make_verifier: Any) -> None:
    from openwop_webhooks.adapters.asgi import ASGIEndpoint

    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        said.append(message["type"])

    asyncio.run(ASGIEndpoint(make_verifier(), print)({"type": "websocket"}, receive, send))

    assert ["websocket.close"] == said


def test_a_wsgi_body_without_a_length_is_read_where_the_server_ends_it(
    make_verifier: Any, signed: Any
) -> None:
    import io

    from openwop_webhooks.adapters.wsgi import WSGIEndpoint

    seen: list[Delivery] = []
    endpoint = WSGIEndpoint(make_verifier(), seen.append, answer_within=None)
    sent = signed()
    environ = {
        "REQUEST_METHOD": "POST",
        "wsgi.input": io.BytesIO(sent.body),
        "wsgi.input_terminated": True,
        **{f"HTTP_{name.upper().replace('-', '_')}": v for name, v in sent.headers.items()},
    }
    statuses: list[str] = []

    for ends in (True, False):
        environ["wsgi.input_terminated"] = ends
        environ["wsgi.input"].seek(0)
        endpoint(environ, lambda status, headers: statuses.append(status))

    assert ["200 OK", "400 Bad Request"] == statuses
    assert 1 == len(seen)
