"""The asynchronous transport on httpx spreads many requests at once over several small pools."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from openwop.transports import AsyncHttpxTransport, _httpx_common as common
from openwop.wire import Request, Timeouts, TransportError, TransportTimeout


def hold(connection: Any) -> None:
    """Begin a body, and leave it open."""
    connection.request()
    connection.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\na")
    connection.hang()


@pytest.fixture(params=["asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


def counts(transport: AsyncHttpxTransport) -> list[int]:
    assert transport._pools is not None
    return transport._pools._busy


def test_requests_at_once_go_to_pools_that_are_not_busy_and_all_may_be_open(
    server: Any, backend: str
) -> None:
    server.play = hold

    async def use() -> tuple[list[int], list[int], bool]:
        transport = AsyncHttpxTransport(verify=False)
        held = [await transport.send(server.get(stream=True)) for _ in range(20)]
        during = list(counts(transport))
        for opened in held:
            await opened.aclose()
            await opened.aclose()
        after = list(counts(transport))
        await transport.aclose()
        assert transport._pools is not None
        return during, after, all(client.is_closed for client in transport._pools.clients)

    during, after, closed = anyio.run(use, backend=backend)

    assert (during, after, closed) == ([8, 8, 4], [0, 0, 0], True)
    assert server.connections == 20


def test_the_pools_together_keep_the_limit_of_connections(server: Any, backend: str) -> None:
    server.play = hold

    async def use() -> TransportError:
        transport = AsyncHttpxTransport(verify=False, max_connections=17)
        held = [await transport.send(server.get(stream=True)) for _ in range(17)]
        with pytest.raises(TransportTimeout) as caught:
            await transport.send(server.get(timeouts=Timeouts(0.2, 0.2)))
        assert sum(counts(transport)) == 17
        for opened in held:
            await opened.aclose()
        await transport.aclose()
        return caught.value

    assert anyio.run(use, backend=backend).sent is False
    assert server.connections == 17


def test_a_request_that_fails_is_not_counted_on(backend: str) -> None:
    async def use() -> list[int]:
        transport = AsyncHttpxTransport(verify=False)
        with pytest.raises(TransportError):
            await transport.send(Request("GET", "http://127.0.0.1:1/", timeouts=Timeouts(5, 5)))
        await transport.aclose()
        return counts(transport)

    assert anyio.run(use, backend=backend) == [0]


@pytest.mark.parametrize("most", [1, 7, 8, 16, 17, 100, 1000])
def test_the_shares_of_the_connections_add_up(most: int) -> None:
    settings = common.Settings(verify=False, max_connections=most)
    shares = common.shares_of(settings)

    found = [common.make_client("Client", settings, share=share)[1] for share in range(shares)]

    assert sum(client._transport._pool._max_connections for client in found) == most
    for client in found:
        client.close()
