"""A whole client over a socket: its deadline holds against a host that trickles."""

from __future__ import annotations

import time
from typing import Any

import pytest

from openwop.runtime import RetryPolicy, errors
from openwop.runtime._drivers import AsyncIO, SyncIO


def call(timed_own: Any, server: Any, operation: Any, sync_colour: Any, **options: Any) -> Any:
    """Perform *operation* with a client of the transport's colour."""
    given = {"id": "a"}
    colour = type(sync_colour)(timed_own.colour)

    def client(transport: Any, io: Any) -> Any:
        made = colour.client(io=io(transport), retry=RetryPolicy(attempts=2, initial=0))
        made._core.base_url = server.url
        return made

    async def use_async(transport: Any) -> Any:
        return await client(transport, AsyncIO).perform(operation, given, options)

    def use(transport: Any) -> Any:
        return client(transport, SyncIO).perform(operation, given, options)

    return timed_own.run(use_async if timed_own.is_async else use)


def trickle(connection: Any) -> None:
    connection.request()
    connection.trickle(b"HTTP/1.1 200 OK\r\nX-Filler: xxxxxxxxxxxxx\r\nContent-Length: 2\r\n\r\n{}")


def test_a_deadline_ends_a_call_whose_head_trickles_in_for_fourteen_seconds(
    timed_own: Any, server: Any, make_operation: Any, sync_colour: Any
) -> None:
    server.play = trickle

    begun = time.monotonic()
    with pytest.raises(errors.DeadlineExceededError) as caught:
        call(timed_own, server, make_operation(), sync_colour, deadline=0.5)

    assert 0.4 < time.monotonic() - begun < 2
    assert isinstance(caught.value.last_error, errors.APITimeoutError)
    assert caught.value.attempts == 1


def test_a_timeout_ends_one_attempt_and_the_next_may_do_better(
    timed_own: Any, server: Any, make_operation: Any, sync_colour: Any
) -> None:
    def play(connection: Any) -> None:
        if server.connections == 1:
            trickle(connection)
        else:
            server.always(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")(connection)

    server.play = play

    assert call(timed_own, server, make_operation(), sync_colour, timeout=0.3) == {}
    assert server.connections == 2


def test_a_timeout_of_the_call_is_a_timeout_error(
    timed_own: Any, server: Any, make_operation: Any, sync_colour: Any
) -> None:
    server.play = trickle

    with pytest.raises(errors.APITimeoutError, match=r"within 0\.2 s"):
        call(timed_own, server, make_operation("PATCH"), sync_colour, timeout=0.2)
