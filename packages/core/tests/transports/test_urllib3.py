"""What is particular to the transport on urllib3: how it reads and writes heads, and its pools."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("urllib3", reason="the extra `urllib3` is not installed")

import urllib3

from openwop.transports import Urllib3Transport, _urllib3_pools
from openwop.wire import Request, Timeouts, Transport, TransportError

SOON = Timeouts(5, 5)


@pytest.fixture
def sender(make_sender: Callable[..., Any]) -> Any:
    return make_sender("sync", "urllib3")


def answer(sender: Any, server: Any, wire: bytes, method: str = "GET") -> Any:
    server.play = server.once(wire)
    return sender.send(Request(method, f"{server.url}/a", timeouts=SOON))


# Heads of answers --------------------------------------------------------------------------------


def test_answers_in_between_are_passed_over(sender: Any, server: Any) -> None:
    early = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"

    status, headers, body = answer(
        sender, server, early + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    )

    assert (status, dict(headers), body) == (200, {"content-length": "2"}, b"ok")


def test_a_header_may_go_on_in_the_next_line(sender: Any, server: Any) -> None:
    wire = b"HTTP/1.1 200 OK\r\nX-Long: one\r\n\t two\r\nX-B:  b \r\nContent-Length: 0\r\n\r\n"

    _, headers, _ = answer(sender, server, wire)

    assert (headers["x-long"], headers["x-b"]) == ("one two", "b")


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nno header\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nName : space\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n: no name\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nok",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/2.0 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: 1\r\n" * 300 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" * 40,
    ],
    ids=[
        "no-colon",
        "space-before-colon",
        "no-name",
        "two-lengths",
        "negative-length",
        "two-digits",
        "http-2",
        "too-many",
        "too-long",
        "endless-interim",
    ],
)
def test_a_head_that_cannot_be_read_is_an_error(sender: Any, server: Any, head: bytes) -> None:
    with pytest.raises(TransportError) as caught:
        answer(sender, server, head)

    assert type(caught.value) is TransportError
    assert caught.value.sent is True


def test_a_length_that_is_said_twice_is_one_length(sender: Any, server: Any) -> None:
    wire = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok"

    assert answer(sender, server, wire)[2] == b"ok"


@pytest.mark.parametrize(
    ("method", "status"), [("HEAD", b"200 OK"), ("GET", b"204 No"), ("GET", b"304 Not Modified")]
)
def test_an_answer_without_a_body_ends_with_its_head(
    sender: Any, server: Any, method: str, status: bytes
) -> None:
    server.play = server.always(b"HTTP/1.1 " + status + b"\r\nContent-Length: 5\r\n\r\n")
    request = Request(method, f"{server.url}/a", timeouts=SOON)

    assert sender.send(request, request)[2] == b""
    assert server.connections == 1


def test_a_host_of_http_1_0_may_keep_its_connection(sender: Any, server: Any) -> None:
    server.play = server.always(
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok"
    )

    sender.send(server.get(), server.get())

    assert server.connections == 1


# Heads of requests -------------------------------------------------------------------------------


def test_a_query_needs_no_path(sender: Any, server: Any) -> None:
    sender.send(Request("GET", f"{server.url}?a=b", timeouts=SOON))

    assert server.seen[0][0] == "GET /?a=b HTTP/1.1"


def test_a_header_that_comes_twice_goes_out_twice(sender: Any, server: Any) -> None:
    raw: list[bytes] = []

    def play(connection: Any) -> None:
        while b"\r\n\r\n" not in connection.buffer:
            connection.buffer += connection.sock.recv(65536)
        raw.append(connection.buffer)
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    server.play = play

    sender.send(Request("GET", f"{server.url}/a", [("X-A", "1"), ("X-A", "2")], timeouts=SOON))

    assert b"X-A: 1\r\nX-A: 2\r\n" in raw[0]


def test_a_mutation_without_a_body_says_that_it_has_none(sender: Any, server: Any) -> None:
    sender.send(Request("POST", f"{server.url}/a", timeouts=SOON))

    assert server.seen[0][1]["content-length"] == "0"


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "GE T"},
        {"headers": {"X": "a\r\nY: b"}},
        {"headers": {"X\r\nY": "b"}},
        {"headers": {"X": "\u20ac"}},
        {"url": "ftp://127.0.0.1/"},
        {"url": "http:///path"},
        {"url": "http://user:s3cr3t@127.0.0.1/"},
    ],
    ids=["method", "value", "name", "letter", "scheme", "host", "user"],
)
def test_what_would_not_stay_in_its_place_is_not_sent(
    sender: Any, server: Any, wrong: dict[str, Any]
) -> None:
    request = Request(**{"method": "GET", "url": server.url, "timeouts": SOON, **wrong})

    with pytest.raises(TransportError) as caught:
        sender.send(request)

    assert caught.value.sent is False
    assert "s3cr3t" not in str(caught.value)
    assert server.seen == []


# Pools -------------------------------------------------------------------------------------------


def test_a_connection_that_was_idle_for_long_is_not_used_again(
    sender: Any, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_urllib3_pools, "_KEEPALIVE", 0.0)

    sender.send(server.get(), server.get())

    assert server.connections == 2


def test_pools_of_many_origins_are_given_up_in_time(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_urllib3_pools, "_MAX_POOLS", 2)
    transport = Urllib3Transport(verify=False)

    for host in ("127.0.0.1", "localhost", "127.0.0.1", "LOCALHOST", "127.0.0.1"):
        url = f"http://{host}:{server.port}/a"
        opened = transport.send(Request("GET", url, timeouts=SOON))
        assert b"".join(opened.body) == b"ok"
        opened.close()

    assert transport._pools is not None
    assert len(transport._pools._found) <= 2
    transport.close()


def test_a_ready_manager_adds_what_its_owner_gave_it(server: Any) -> None:
    manager = urllib3.PoolManager(headers={"X-Owner": "1", "X-Test": "theirs"})

    transport = Urllib3Transport(manager)
    transport.send(server.get()).close()
    transport.close()

    _, sent, _ = server.seen[0]
    assert (sent["x-owner"], sent["x-test"]) == ("1", "1")
    manager.clear()


def test_a_manager_of_another_kind_is_refused() -> None:
    with pytest.raises(TypeError, match=r"takes a urllib3\.PoolManager, not a object"):
        Urllib3Transport(object())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "more", [{"proxy": "http://h"}, {"trust_env": False}, {"max_connections": 3}, {"verify": False}]
)
def test_a_ready_manager_has_its_own_settings(more: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="has its own settings"):
        Urllib3Transport(urllib3.PoolManager(), **more)


@pytest.mark.parametrize("proxy", ["nonsense://me:s3cr3t@host", "http://", "http://[s3cr3t"])
def test_a_proxy_that_cannot_be_used_is_refused_without_being_told(proxy: str) -> None:
    with pytest.raises(ValueError, match="the proxy is no URL that can be used") as caught:
        Urllib3Transport(proxy=proxy)

    assert "s3cr3t" not in str(caught.value)


def test_a_proxy_that_wants_a_password_gets_it(sender: Any, server: Any) -> None:
    proxy = server.url.replace("http://", "http://me:s3cr3t@")

    sender.send(Request("GET", "http://api.invalid/", timeouts=SOON), proxy=proxy)

    assert server.seen[0][1]["proxy-authorization"] == "Basic bWU6czNjcjN0"


def test_without_the_library_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "urllib3", None)

    with pytest.raises(ImportError, match=r"pip install 'openwop\[urllib3\]'"):
        Urllib3Transport()


def test_it_is_a_transport() -> None:
    assert isinstance(Urllib3Transport(), Transport)
