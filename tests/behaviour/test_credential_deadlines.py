"""A deadline ends the wait for a credential too, in calls and in streams, and harms nobody else."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import anyio
import pytest

import openwop

DEADLINE = 0.3
FAR = 15.0
"""Seconds that are far beyond the deadline, and far below the time-out of a request for a token."""


class Login:
    """A token endpoint that can be made to hang, and a host that answers whoever has a token."""

    def __init__(self) -> None:
        self.asked = 0
        self.hang: Callable[[int], str] = lambda _number: ""
        """How the request of a number hangs: not, `silent`, `dripping` or `released`."""
        self.arrived = threading.Semaphore(0)
        """Counts the requests for a token that have come."""
        self.release = threading.Event()
        """Set to let go of what hangs until it is `released`."""
        self.over = threading.Event()
        login = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                login.asked += 1
                kind = login.hang(login.asked)
                login.arrived.release()
                with contextlib.suppress(OSError):
                    if kind == "silent":
                        login.over.wait(FAR)
                    elif kind == "released":
                        login.release.wait(FAR)
                    elif kind == "dripping":
                        self.drip()
                    self.say({"access_token": "hk_test_fresh", "token_type": "Bearer"})

            def do_GET(self) -> None:
                assert self.headers["Authorization"] == "Bearer hk_test_fresh"
                self.say({"runId": "acme/r", "workflowId": "w", "status": "completed"})

            def drip(self) -> None:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                while not login.over.wait(0.02):
                    self.wfile.write(b" ")

            def say(self, document: dict[str, Any]) -> None:
                body = json.dumps(document).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def provider(self) -> openwop.OAuth2ClientCredentials:
        return openwop.OAuth2ClientCredentials(f"{self.url}/token", "my-id", "s3cr3t")

    def close(self) -> None:
        self.over.set()
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def login() -> Iterator[Login]:
    made = Login()
    yield made
    made.close()


@pytest.fixture(params=["asyncio", "trio"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def it(value: Any) -> Any:
    return await value if hasattr(value, "__await__") else value


async def the_call(client: Any) -> None:
    await it(client.runs.get("acme/r", deadline=DEADLINE))


async def the_stream(client: Any) -> None:
    events = client.runs.stream("acme/r", deadline=DEADLINE)
    try:
        if hasattr(events, "__next__"):
            next(events)
        else:
            await anext(events)
    finally:
        assert events.closed


def outcome(colour: str, url: str, auth: Any, attempt: Any) -> tuple[Any, float]:
    """Return the error of *attempt* on a client of *colour*, and the seconds that it took."""

    async def main() -> tuple[Any, float]:
        began = time.monotonic()
        if colour == "sync":
            with (
                openwop.Client(url, auth=auth, protocol=2) as client,
                pytest.raises(openwop.OpenWOPError) as caught,
            ):
                await attempt(client)
        else:
            async with openwop.AsyncClient(url, auth=auth, protocol=2) as async_client:
                with pytest.raises(openwop.OpenWOPError) as caught:
                    await attempt(async_client)
        return caught.value, time.monotonic() - began

    return anyio.run(main, backend="trio" if colour == "trio" else "asyncio")


@pytest.mark.parametrize("attempt", [the_call, the_stream])
@pytest.mark.parametrize("how", ["silent", "dripping"])
@pytest.mark.parametrize("colour", ["sync", "asyncio", "trio"])
def test_a_deadline_ends_the_request_for_a_token(
    login: Login, colour: str, how: str, attempt: Any
) -> None:
    login.hang = lambda _number: how

    error, seconds = outcome(colour, login.url, login.provider(), attempt)

    assert isinstance(error, openwop.DeadlineExceededError)
    assert "passed while waiting for a credential" in str(error)
    assert seconds < FAR


@pytest.mark.parametrize("attempt", [the_call, the_stream])
def test_a_deadline_ends_the_wait_for_a_provider_of_the_caller(
    login: Login, backend: str, attempt: Any
) -> None:
    async def never() -> str:
        await anyio.sleep(60)
        raise AssertionError

    error, seconds = outcome(backend, login.url, never, attempt)

    assert isinstance(error, openwop.DeadlineExceededError)
    assert seconds < FAR


@pytest.mark.parametrize("attempt", [the_call, the_stream])
def test_a_function_that_blocks_is_waited_for_and_the_deadline_said_then(
    login: Login, attempt: Any
) -> None:
    def slow() -> str:
        login.over.wait(DEADLINE * 1.5)
        return "hk_test_late"

    error, _ = outcome("sync", login.url, slow, attempt)

    assert isinstance(error, openwop.DeadlineExceededError)


async def one(client: Any, kept: list[Any], **options: Any) -> None:
    try:
        kept.append((await it(client.runs.get("acme/r", **options))).status)
    except openwop.DeadlineExceededError as error:
        kept.append(type(error).__name__)


def test_tasks_go_on_where_the_one_that_asks_for_a_token_runs_out_of_time(
    login: Login, backend: str
) -> None:
    login.hang = lambda number: "silent" if number == 1 else ""
    hurried: list[str] = []
    patient: list[str] = []

    async def main() -> None:
        async with (
            openwop.AsyncClient(login.url, auth=login.provider(), protocol=2) as client,
            anyio.create_task_group() as group,
        ):
            group.start_soon(lambda: one(client, hurried, deadline=DEADLINE))
            await anyio.to_thread.run_sync(login.arrived.acquire)
            for _ in range(5):
                group.start_soon(one, client, patient)

    anyio.run(main, backend=backend)

    assert ["DeadlineExceededError"] == hurried
    assert ["completed"] * 5 == patient
    assert 2 == login.asked


def test_a_task_that_runs_out_of_time_leaves_the_request_for_a_token_to_the_others(
    login: Login, backend: str
) -> None:
    login.hang = lambda _number: "released"
    hurried: list[str] = []
    patient: list[str] = []

    async def main() -> None:
        async with (
            openwop.AsyncClient(login.url, auth=login.provider(), protocol=2) as client,
            anyio.create_task_group() as group,
        ):
            group.start_soon(one, client, patient)
            await anyio.to_thread.run_sync(login.arrived.acquire)
            group.start_soon(one, client, patient)
            await one(client, hurried, deadline=DEADLINE)
            assert not patient
            login.release.set()

    anyio.run(main, backend=backend)

    assert ["DeadlineExceededError"] == hurried
    assert ["completed"] * 2 == patient
    assert 1 == login.asked


def test_threads_go_on_where_the_one_that_asks_for_a_token_runs_out_of_time(login: Login) -> None:
    login.hang = lambda number: "silent" if number == 1 else ""

    with (
        openwop.Client(login.url, auth=login.provider(), protocol=2) as client,
        ThreadPoolExecutor(4) as pool,
    ):
        hurried = pool.submit(client.runs.get, "acme/r", deadline=DEADLINE)
        login.arrived.acquire()
        patient = [pool.submit(client.runs.get, "acme/r") for _ in range(3)]

        with pytest.raises(openwop.DeadlineExceededError):
            hurried.result()
        assert ["completed"] * 3 == [found.result().status for found in patient]
    assert 2 == login.asked


def test_a_thread_that_runs_out_of_time_leaves_the_request_for_a_token_to_the_others(
    login: Login,
) -> None:
    login.hang = lambda _number: "released"

    with (
        openwop.Client(login.url, auth=login.provider(), protocol=2) as client,
        ThreadPoolExecutor(2) as pool,
    ):
        patient = pool.submit(client.runs.get, "acme/r")
        login.arrived.acquire()
        with pytest.raises(openwop.DeadlineExceededError, match="waiting for a credential"):
            client.runs.get("acme/r", deadline=DEADLINE)
        assert not patient.done()
        login.release.set()

        assert "completed" == patient.result().status
    assert 1 == login.asked
