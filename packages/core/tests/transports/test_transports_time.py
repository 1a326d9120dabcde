"""The bounds of the transports hold by the wall clock, down to a host that trickles."""

from __future__ import annotations

import time
from typing import Any

import pytest

from openwop.wire import Request, Timeouts, TransportTimeout

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
SOONER = Timeouts(0.2, 0.2)


# Time --------------------------------------------------------------------------------------------


HEAD = b"HTTP/1.1 200 OK\r\nX-Filler: " + b"x" * 60 + b"\r\nContent-Length: 100\r\n\r\n"


@pytest.mark.parametrize("stream", [False, True])
def test_a_head_that_trickles_in_ends_in_time(timed_own: Any, server: Any, stream: bool) -> None:
    def play(connection: Any) -> None:
        connection.request()
        connection.trickle(HEAD)

    server.play = play

    assert (
        timed_own.fails(server.get(timeouts=SOONER, stream=stream), TransportTimeout).sent is True
    )


def test_a_body_that_trickles_in_ends_in_time(timed: Any, server: Any) -> None:
    """A ready blocking client is bounded between its chunks, and a byte is a chunk."""

    def play(connection: Any) -> None:
        connection.request()
        connection.send(HEAD)
        connection.trickle(b"y" * 100)

    server.play = play

    timed.fails(server.get(timeouts=SOONER), TransportTimeout)


def test_a_head_that_never_comes_ends_in_time(timed: Any, server: Any) -> None:
    def play(connection: Any) -> None:
        connection.request()
        connection.hang()

    server.play = play

    timed.fails(server.get(timeouts=SOONER), TransportTimeout)


def test_the_head_of_a_stream_has_a_bound_of_its_own(timed: Any, server: Any) -> None:
    def play(connection: Any) -> None:
        connection.request()
        connection.hang()

    server.play = play

    timed.fails(server.get(timeouts=Timeouts(head=0.2, idle=20), stream=True), TransportTimeout)


def test_a_silence_in_a_stream_may_be_longer_than_its_head_took(timed: Any, server: Any) -> None:
    def play(connection: Any) -> None:
        connection.request()
        connection.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\na")
        time.sleep(0.3)
        connection.send(b"b")

    server.play = play

    body = timed.send(server.get(timeouts=Timeouts(head=0.15, idle=5), stream=True))[2]

    assert body == b"ab"


def hang_after_a_byte(connection: Any) -> None:
    connection.request()
    connection.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\na")
    connection.hang()


def test_a_stream_on_which_nothing_comes_is_ended_by_its_idle_bound(
    timed: Any, server: Any
) -> None:
    server.play = hang_after_a_byte

    timed.fails(server.get(timeouts=Timeouts(5, None, 0.2), stream=True), TransportTimeout)


def test_a_stream_on_which_nothing_comes_is_ended_by_its_deadline(
    timed_own: Any, server: Any
) -> None:
    """A ready blocking client is bounded only between its chunks."""
    server.play = hang_after_a_byte

    timed_own.fails(server.get(timeouts=Timeouts(5, 0.2, None), stream=True), TransportTimeout)


def test_a_deadline_ends_a_stream_that_keeps_itself_alive(timed: Any, server: Any) -> None:
    def play(connection: Any) -> None:
        connection.request()
        connection.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        connection.trickle(b":\n" * 100)

    server.play = play

    timed.fails(server.get(timeouts=Timeouts(5, 0.2, 45), stream=True), TransportTimeout)


def test_the_error_answer_to_a_streamed_request_has_the_bound_of_the_head(
    timed_own: Any, server: Any
) -> None:
    def play(connection: Any) -> None:
        connection.request()
        connection.send(b"HTTP/1.1 503 Down\r\nContent-Length: 100\r\n\r\n")
        connection.trickle(b"y" * 100)

    server.play = play

    timed_own.fails(server.get(timeouts=Timeouts(0.2, None, 45), stream=True), TransportTimeout)


def test_an_upload_that_nobody_takes_ends_in_time(timed_own: Any, server: Any) -> None:
    server.play = lambda connection: connection.hang()
    request = Request("POST", server.url, body=b"x" * 40_000_000, timeouts=SOONER)

    assert timed_own.fails(request, TransportTimeout).sent is True


def test_an_upload_that_trickles_out_ends_in_time(timed_own: Any, server: Any) -> None:
    def play(connection: Any) -> None:
        while connection.sock.recv(20_000) and not connection.over.wait(0.02):
            pass

    server.play = play
    request = Request("POST", server.url, body=b"x" * 40_000_000, timeouts=SOONER)

    timed_own.fails(request, TransportTimeout)


# httpcore leaves a socket to the collector where a cancellation meets its handshake.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_handshake_that_never_ends_was_not_sent(timed_own: Any, server: Any) -> None:
    server.play = lambda connection: connection.hang()
    url = server.url.replace("http", "https")

    assert timed_own.fails(Request("GET", url, timeouts=SOONER), TransportTimeout).sent is False


def test_a_wait_for_a_connection_was_not_sent(some: Any, server: Any) -> None:
    def play(connection: Any) -> None:
        connection.request()
        connection.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\na")
        connection.hang()

    server.play = play
    first, second = server.get(stream=True), server.get(timeouts=Timeouts(0.2, 0.2))

    async def use_async(transport: Any) -> Any:
        held = await transport.send(first)
        try:
            with pytest.raises(TransportTimeout) as caught:
                await transport.send(second)
        finally:
            await held.aclose()
        return caught.value

    def use(transport: Any) -> Any:
        held = transport.send(first)
        try:
            with pytest.raises(TransportTimeout) as caught:
                transport.send(second)
        finally:
            held.close()
        return caught.value

    error = some.run(use_async if some.is_async else use, max_connections=1)

    assert error.sent is False


def test_without_bounds_nothing_is_bounded(some: Any, server: Any) -> None:
    def play(connection: Any) -> None:
        connection.request()
        time.sleep(0.2)
        connection.send(OK)

    server.play = play

    assert some.send(server.get(timeouts=Timeouts()))[2] == b"ok"
