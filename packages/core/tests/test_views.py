"""Paged lists in the views: one request, for the page that is asked for."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator

import anyio
import pytest

import openwop
from openwop.models import RunList
from openwop.wire import AsyncOpenResponse, OpenResponse, Request

PAGE = {
    "runs": [{"runId": "t/r-1", "workflowId": "w", "status": "running"}],
    "nextCursor": "c-2",
}


class Page:
    def __init__(self) -> None:
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        return iter([json.dumps(PAGE).encode()])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield json.dumps(PAGE).encode()

    def close(self) -> None:
        self.closed = True

    async def aclose(self) -> None:
        self.closed = True


class Paging:
    """Answers every request with the same page."""

    def __init__(self) -> None:
        self.urls: list[str] = []
        self.bodies: list[Page] = []
        self.headers = {"Content-Type": "application/json", "OpenWOP-Version": "2.0"}

    def next_body(self, request: Request) -> Page:
        self.urls.append(request.url.removeprefix("http://host.test"))
        self.bodies.append(Page())
        return self.bodies[-1]


class Blocking(Paging):
    def send(self, request: Request) -> OpenResponse:
        return OpenResponse(200, self.headers, self.next_body(request))

    def close(self) -> None:
        """Nothing is open."""


class Waiting(Paging):
    async def send(self, request: Request) -> AsyncOpenResponse:
        return AsyncOpenResponse(200, self.headers, self.next_body(request))

    async def aclose(self) -> None:
        """Nothing is open."""


@pytest.fixture
def blocking() -> Blocking:
    return Blocking()


@pytest.fixture
def client(blocking: Blocking) -> Iterator[openwop.Client]:
    with openwop.Client(
        "http://host.test", api_key="k" * 20, transport=blocking, protocol=2
    ) as client:
        yield client


def test_the_raw_view_of_a_paged_list_answers_one_page(
    client: openwop.Client, blocking: Blocking
) -> None:
    response = client.with_raw_response.runs.list(cursor="c-1", limit=1)

    assert (200, 1) == (response.status_code, response.attempts)
    assert isinstance(response.parsed, RunList)
    assert "c-2" == response.parsed.next_cursor
    assert ["/runs?limit=1&cursor=c-1"] == blocking.urls


def test_the_streamed_view_of_a_paged_list_reads_nothing_until_asked(
    client: openwop.Client, blocking: Blocking
) -> None:
    listed = client.with_streaming_response.runs.list()
    assert [] == blocking.urls

    with listed as response:
        page = response.parse()

    assert "c-2" == page.next_cursor
    assert blocking.bodies[0].closed


def test_the_asynchronous_views_do_the_same() -> None:
    transport = Waiting()

    async def main() -> tuple[openwop.ApiResponse[RunList], RunList]:
        async with openwop.AsyncClient(
            "http://host.test", api_key="k" * 20, transport=transport, protocol=2
        ) as client:
            raw = await client.with_raw_response.runs.list(limit=1)
            async with client.with_streaming_response.runs.list(limit=2) as response:
                return raw, await response.parse()

    raw, page = anyio.run(main)

    assert raw.parsed == page
    assert ["/runs?limit=1", "/runs?limit=2"] == transport.urls
