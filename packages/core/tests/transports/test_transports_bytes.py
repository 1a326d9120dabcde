"""What the transports send and read, and what becomes of an exchange that breaks."""

from __future__ import annotations

import gzip
import socket
import time
from typing import Any

import httpx
import pytest

from openwop.transports import HttpxTransport
from openwop.wire import ConnectError, Request, Timeouts, TransportError

# Bytes there and back ----------------------------------------------------------------------------


def test_a_request_goes_out_as_it_is(own: Any, server: Any) -> None:
    request = Request("POST", f"{server.url}/a%2Fb?c=d%20e", {"X-A": "1"}, b"body")

    status, headers, body = own.send(request)

    first, sent, received = server.seen[0]
    assert (status, headers["content-length"], body) == (200, "2", b"ok")
    assert first == "POST /a%2Fb?c=d%20e HTTP/1.1"
    assert received == b"body"
    assert set(sent) == {"host", "x-a", "content-length", "accept-encoding"}
    assert sent["host"] == f"127.0.0.1:{server.port}"


def test_a_ready_client_adds_what_its_owner_gave_it(server: Any) -> None:
    client = httpx.Client(verify=False, headers={"X-Owner": "1"}, cookies={"c": "1"})
    with client:
        HttpxTransport(client).send(server.get()).close()

    _, sent, _ = server.seen[0]
    assert (sent["x-owner"], sent["cookie"], sent["x-test"]) == ("1", "c=1", "1")


def test_an_accept_encoding_of_the_callers_is_kept(own: Any, server: Any) -> None:
    own.send(Request("GET", server.url, {"Accept-Encoding": "identity"}))

    assert server.seen[0][1]["accept-encoding"] == "identity"


def test_a_connection_is_used_again(sender: Any, server: Any) -> None:
    sender.send(server.get(), server.get(), server.get())

    assert (server.connections, len(server.seen)) == (1, 3)


def test_repeated_headers_and_odd_letters_come_through(some: Any, server: Any) -> None:
    server.play = server.always(
        b"HTTP/1.1 200 OK\r\nX-A: 1\r\nX-A: 2\r\nX-B: caf\xe9\r\nContent-Length: 0\r\n\r\n"
    )

    _, headers, body = some.send(server.get())

    assert (headers["x-a"], headers["x-b"], body) == ("1, 2", "caf\xe9", b"")
    assert [pair for pair in headers.items_raw() if pair[0] == "X-A"] == [
        ("X-A", "1"),
        ("X-A", "2"),
    ]


@pytest.mark.parametrize(
    "wire",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde",
        b"HTTP/1.0 200 OK\r\n\r\nabcde",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcde",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"
        + gzip.compress(b"abcde"),
    ],
    ids=["chunked", "length", "http-1.0", "until-close", "gzip"],
)
def test_a_body_is_read_however_it_is_framed(sender: Any, server: Any, wire: bytes) -> None:
    server.play = server.once(wire)

    assert sender.send(server.get())[2] == b"abcde"


def test_the_chunks_of_a_stream_come_as_they_are_sent(some: Any, server: Any) -> None:
    def play(connection: Any) -> None:
        connection.request()
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
        connection.hang()

    server.play = play

    assert some.send(server.get(stream=True, timeouts=Timeouts(5)), chunks=1)[2] == b"a"


def test_a_stream_that_is_left_early_gives_its_connection_up(sender: Any, server: Any) -> None:
    frame = b"1\r\nx\r\n"
    server.play = server.once(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + frame * 50)

    sender.send(server.get(stream=True), server.get(stream=True), chunks=1)

    assert server.connections == 2


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_client_is_trusted_with_redirects(sender: Any, server: Any, status: int) -> None:
    server.play = server.always(
        b"HTTP/1.1 %d Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n" % status
    )

    assert sender.send(server.get())[0] == status
    assert len(server.seen) == 1


# What breaks -------------------------------------------------------------------------------------


def test_a_host_that_is_not_there_is_a_connect_error_and_nothing_was_sent(sender: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]

    error = sender.fails(Request("GET", f"http://127.0.0.1:{port}/"), ConnectError)

    assert error.sent is False


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"SSH-2.0-OpenSSH_9.0\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    ],
    ids=["no-head", "half-head", "short", "short-chunk", "bad-chunk", "no-http", "bad-gzip"],
)
def test_an_exchange_that_breaks_is_a_transport_error(
    sender: Any, server: Any, wire: bytes
) -> None:
    if repr(sender) == "sync-urllib3-ready" and wire.endswith(b"Content-"):
        pytest.skip("urllib3 itself takes half a head for a whole one")
    server.play = server.once(wire)

    error = sender.fails(server.get(), TransportError)

    assert error.sent is True
    assert type(error.__cause__).__module__.startswith(
        ("httpx", "ssl", "anyio", "builtins", "http", "urllib3", "aiohttp")
    )


@pytest.mark.parametrize("after", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"])
def test_a_reset_is_a_transport_error(sender: Any, server: Any, after: bytes) -> None:
    def play(connection: Any) -> None:
        connection.request()
        if after:
            connection.send(after)
            time.sleep(0.05)  # or the reset overtakes the bytes
        connection.reset()

    server.play = play

    assert sender.fails(server.get(), TransportError).sent is True


@pytest.mark.parametrize(
    "wrong", [{"url": "http://127.0.0.1:s3cr3t/"}, {"headers": {"X": "s3cr3t\n"}}]
)
def test_what_a_library_refuses_to_send_is_told_without_its_value(
    some: Any, server: Any, wrong: dict[str, Any]
) -> None:
    request = Request(**{"method": "GET", "url": server.url, **wrong})

    error = some.fails(request, TransportError)

    assert str(error) == "the request is not valid HTTP"
    assert error.sent is False


def test_no_type_of_a_library_crosses_but_as_a_cause(sender: Any, server: Any) -> None:
    server.play = server.once(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")

    error = sender.fails(server.get(), TransportError)
    status, headers, body = sender.send(Request("GET", f"{server.url}/"), chunks=1)

    assert type(error).__mro__[:2] == (TransportError, Exception)
    assert isinstance(error.__cause__, sender.broken)
    assert {type(value).__module__ for value in (status, headers, body)} == {
        "builtins",
        "openwop.wire",
    }
