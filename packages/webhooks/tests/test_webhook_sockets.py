"""Every adapter behind a real server: bytes over a socket, as a host sends them."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import subprocess
import sys
import threading
import types
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from openwop_webhooks import Delivery, Verifier


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


@contextlib.contextmanager
def serve_wsgi(app: Any) -> Iterator[int]:
    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def serve_asgi(app: Any) -> Iterator[int]:
    uvicorn = pytest.importorskip("uvicorn")
    ready, ports = threading.Event(), []

    class Server(uvicorn.Server):  # type: ignore[misc, name-defined]
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            ports.append(self.servers[0].sockets[0].getsockname()[1])
            ready.set()

        def install_signal_handlers(self) -> None:
            pass

    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="critical", ws="none")
    server = Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    try:
        assert ready.wait(30)
        yield ports[0]
    finally:
        server.should_exit = True
        thread.join()


@contextlib.contextmanager
def serve_aiohttp(verifier: Verifier, handler: Any) -> Iterator[int]:
    web = pytest.importorskip("aiohttp.web")
    from openwop_webhooks.adapters.aiohttp import webhook_handler

    ready, ports, stops = threading.Event(), [], []

    async def run() -> None:
        app = web.Application()
        app.router.add_post("/openwop", webhook_handler(verifier, handler))
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        stop = asyncio.Event()
        stops.append((asyncio.get_running_loop(), stop))
        ports.append(runner.addresses[0][1])
        ready.set()
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        assert ready.wait(30)
        yield ports[0]
    finally:
        loop, stop = stops[0]
        loop.call_soon_threadsafe(stop.set)
        thread.join()


def wsgi(verifier: Verifier, handler: Any) -> Any:
    from openwop_webhooks.adapters.wsgi import WSGIEndpoint

    return serve_wsgi(WSGIEndpoint(verifier, handler))


def asgi(verifier: Verifier, handler: Any) -> Any:
    from openwop_webhooks.adapters.asgi import ASGIEndpoint

    return serve_asgi(ASGIEndpoint(verifier, handler))


def starlette(verifier: Verifier, handler: Any) -> Any:
    applications = pytest.importorskip("starlette.applications")
    from openwop_webhooks.adapters.starlette import webhook_route

    return serve_asgi(applications.Starlette(routes=[webhook_route("/openwop", verifier, handler)]))


def fastapi(verifier: Verifier, handler: Any) -> Any:
    module = pytest.importorskip("fastapi")
    from openwop_webhooks.adapters.fastapi import WebhookResponse

    app = module.FastAPI()
    receive = WebhookResponse(verifier, handler)

    def openwop(response=module.Depends(receive)):  # noqa: B008
        return response

    app.post("/openwop", response_model=None)(openwop)
    return serve_asgi(app)


def flask(verifier: Verifier, handler: Any) -> Any:
    module = pytest.importorskip("flask")
    from openwop_webhooks.adapters.flask import webhook

    app = module.Flask("receiver")
    app.post("/openwop")(webhook(verifier)(lambda delivery: handler(delivery)))
    return serve_wsgi(app)


def django(verifier: Verifier, handler: Any) -> Any:
    pytest.importorskip("django")
    from django import setup
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application
    from django.urls import clear_url_caches, path, set_urlconf

    from openwop_webhooks.adapters.django import webhook

    urls: Any = types.ModuleType("openwop_socket_urls")
    urls.urlpatterns = [path("openwop", webhook(verifier)(handler))]
    if not settings.configured:
        settings.configure(
            ALLOWED_HOSTS=["*"],
            MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
            ROOT_URLCONF=urls,
            SECRET_KEY="x",
        )
        setup()
    settings.ROOT_URLCONF = urls
    clear_url_caches()
    set_urlconf(None)
    return serve_wsgi(get_wsgi_application())


SERVERS: dict[str, Callable[[Verifier, Any], Any]] = {
    "aiohttp": serve_aiohttp,
    "asgi": asgi,
    "django": django,
    "fastapi": fastapi,
    "flask": flask,
    "starlette": starlette,
    "wsgi": wsgi,
}


def ask(port: int, headers: dict[str, str], body: Any, **how: Any) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        connection.request("POST", "/openwop", body, headers, **how)
        answer = connection.getresponse()
        return answer.status, answer.read()


@pytest.fixture(params=sorted(SERVERS))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_over_a_socket_deliveries_are_handled_once_and_forgeries_refused(
    name: str, make_verifier: Callable[..., Verifier], signed: Any, challenge: Any
) -> None:
    seen: list[Delivery] = []
    sent = signed()
    forged = sent.with_header("OpenWOP-Signature", "sha256=" + "0" * 64)
    with SERVERS[name](make_verifier(), seen.append) as port:
        answers = [
            ask(port, sent.headers, sent.body),
            ask(port, sent.headers, sent.body),
            ask(port, forged.headers, forged.body),
            ask(port, {}, b""),
        ]
        status, echoed = ask(port, challenge.headers, challenge.body)

    assert [(200, b""), (200, b""), (400, b""), (400, b"")] == answers
    assert (200, {"challenge": "c0ffee"}) == (status, json.loads(echoed))
    assert [7] == [delivery.sequence for delivery in seen]


def test_over_a_socket_a_declared_body_over_the_limit_is_not_read(
    name: str, make_verifier: Callable[..., Verifier], signed: Any
) -> None:
    sent = signed()
    with SERVERS[name](make_verifier(max_body=100), pytest.fail) as port:
        assert (413, b"") == ask(port, sent.headers, sent.body)


@pytest.mark.parametrize("chunked", ["aiohttp", "asgi", "fastapi", "starlette"])
def test_over_a_socket_a_chunked_body_is_held_to_the_limit(
    chunked: str, make_verifier: Callable[..., Verifier], signed: Any
) -> None:
    seen: list[Delivery] = []
    small, large = signed(), signed(run_id="r" * 2000)
    with SERVERS[chunked](make_verifier(max_body=1000), seen.append) as port:
        answers = [
            ask(port, sent.headers, iter([sent.body[:50], sent.body[50:]]), encode_chunked=True)
            for sent in (small, large)
        ]

    assert [(200, b""), (413, b"")] == answers
    assert 1 == len(seen)


def test_the_package_imports_no_framework_by_itself() -> None:
    program = (
        "import sys, openwop_webhooks, openwop_webhooks.dispatch\n"
        "named = {'flask', 'django', 'starlette', 'fastapi', 'aiohttp', 'redis'}\n"
        "print(sorted(named & set(sys.modules)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert "[]" == told.stdout.strip()
