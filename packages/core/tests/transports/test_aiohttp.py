"""What is particular to the transport on aiohttp: its loop, its session, its connections."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import anyio
import pytest

import openwop
from openwop.runtime._drivers import AsyncIO
from openwop.transports import AiohttpTransport
from openwop.wire import (
    AsyncTransport,
    Request,
    Timeouts,
    TransportError,
    UnusableTransportError,
)

aiohttp = pytest.importorskip("aiohttp", reason="the extra `aiohttp` is not installed")

SOON = Timeouts(5, 5)


@pytest.fixture
def sender(make_sender: Callable[..., Any]) -> Any:
    return make_sender("asyncio", "aiohttp")


@pytest.fixture
def ready(make_sender: Callable[..., Any]) -> Any:
    return make_sender("asyncio", "aiohttp", ready=True)


def test_on_trio_the_client_says_that_it_runs_on_asyncio_only(server: Any) -> None:
    async def use() -> None:
        transport = AiohttpTransport()
        async with openwop.AsyncClient(server.url, transport=transport, protocol=2) as client:
            await client.discovery.capabilities()

    with pytest.raises(openwop.ConfigurationError, match="runs on asyncio only") as caught:
        anyio.run(use, backend="trio")

    assert isinstance(caught.value.__cause__, UnusableTransportError)
    assert caught.value.__cause__.sent is False
    assert server.seen == []


def test_without_the_library_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiohttp", None)

    with pytest.raises(ImportError, match=r"pip install 'openwop\[aiohttp\]'"):
        AiohttpTransport()


def test_a_transport_serves_one_loop_after_the_other(server: Any) -> None:
    transport = AiohttpTransport(verify=False)

    async def use() -> bytes:
        opened = await transport.send(server.get())
        body = b"".join([chunk async for chunk in opened.body])
        await opened.aclose()
        await transport.aclose()
        return body

    assert [asyncio.run(use()), asyncio.run(use())] == [b"ok", b"ok"]


def test_a_connection_that_the_host_gave_up_is_not_tried_a_second_time(
    sender: Any, server: Any
) -> None:
    def play(connection: Any) -> None:
        connection.request()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        connection.request()  # and closes

    server.play = play

    async def use(transport: Any) -> TransportError:
        opened = await transport.send(server.get())
        assert b"".join([chunk async for chunk in opened.body]) == b"ok"
        await opened.aclose()
        with pytest.raises(TransportError) as caught:
            await transport.send(server.get())
        return caught.value

    assert sender.run(use).sent is True
    assert (server.connections, len(server.seen)) == (1, 2)


def test_cookies_are_not_kept(sender: Any, server: Any) -> None:
    server.play = server.always(b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n")

    sender.send(server.get(), server.get())

    assert "cookie" not in server.seen[1][1]


def test_a_large_body_goes_out_in_pieces_and_whole(sender: Any, server: Any) -> None:
    body = bytes(range(256)) * 1000

    sender.send(Request("POST", f"{server.url}/a", {"Content-Type": "x/y"}, body, SOON))

    _, headers, received = server.seen[0]
    assert received == body
    assert (headers["content-length"], headers["content-type"]) == ("256000", "x/y")
    assert "transfer-encoding" not in headers


def test_a_ready_session_adds_what_its_owner_gave_it(server: Any) -> None:
    async def use() -> None:
        async with aiohttp.ClientSession(headers={"X-Owner": "1", "X-Test": "theirs"}) as session:
            opened = await AiohttpTransport(session).send(server.get())
            await opened.aclose()

    anyio.run(use)

    _, sent, _ = server.seen[0]
    assert (sent["x-owner"], sent["x-test"]) == ("1", "1")


def test_a_session_of_another_kind_is_refused() -> None:
    with pytest.raises(TypeError, match=r"takes an aiohttp\.ClientSession, not a object"):
        AiohttpTransport(object())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "more", [{"proxy": "http://h"}, {"trust_env": False}, {"max_connections": 3}, {"verify": False}]
)
def test_a_ready_session_has_its_own_settings(ready: Any, more: dict[str, Any]) -> None:
    async def use(transport: Any) -> None:
        with pytest.raises(TypeError, match="has its own settings"):
            AiohttpTransport(transport._session, **more)

    ready.run(use)


def test_a_proxy_that_cannot_be_used_is_refused_without_being_told() -> None:
    with pytest.raises(ValueError, match="the proxy is no URL that can be used") as caught:
        AiohttpTransport(proxy="nonsense://me:s3cr3t@host")

    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_wants_a_password_gets_it(sender: Any, server: Any, scheme: str) -> None:
    server.play = server.once(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
    proxy = server.url.replace("http://", "http://me:s3cr%20t@")

    with suppress(TransportError):
        sender.send(Request("GET", f"{scheme}://api.invalid/", timeouts=SOON), proxy=proxy)

    assert server.seen[0][1]["proxy-authorization"] == "Basic bWU6czNjciB0"


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "http://", "http://user:s3cr3t@127.0.0.1/"])
def test_what_is_no_url_is_not_sent(sender: Any, url: str) -> None:
    with pytest.raises(TransportError) as caught:
        sender.send(Request("GET", url, timeouts=SOON))

    assert caught.value.sent is False
    assert "s3cr3t" not in str(caught.value)


def test_it_is_a_transport() -> None:
    transport = AiohttpTransport()

    assert isinstance(transport, AsyncTransport)
    assert not AsyncIO(transport).virtual
