"""What the tests of webhooks share: vectors, signed deliveries, guards of every kind, a Redis."""

from __future__ import annotations

import base64
import json
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import attrs
import pytest

from openwop_webhooks import (
    Challenge,
    Delivery,
    MemoryReplayGuard,
    SQLiteReplayGuard,
    Verifier,
    sign,
)
from openwop_webhooks.dispatch import Dispatcher, EgressGuard, Outcome, Post

VECTORS = Path(__file__).resolve().parents[3] / "spec" / "vectors" / "webhooks"
NOW = 1_790_000_000
SECRET = "5f1d8a0c3b7e92645f1d8a0c3b7e92645f1d8a0c3b7e92645f1d8a0c3b7e9264"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "vectors(*names): the files of vectors that a test runs on")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marker = metafunc.definition.get_closest_marker("vectors")
    if marker is None:
        return
    if not VECTORS.is_dir():
        metafunc.parametrize(
            "vector", [pytest.param({}, marks=pytest.mark.skip("spec/vectors is not here"))]
        )
        return
    found = [
        pytest.param(vector, id=f"{name}/{vector['id']}")
        for name in marker.args
        for vector in json.loads((VECTORS / f"{name}.json").read_text())["vectors"]
    ]
    metafunc.parametrize("vector", found)


@attrs.frozen
class Signed:
    """A signed request, and what it says."""

    headers: dict[str, str]
    body: bytes

    def with_header(self, name: str, value: str) -> Signed:
        return attrs.evolve(self, headers={**self.headers, name: value})


@pytest.fixture
def now() -> int:
    return NOW


@pytest.fixture
def secret() -> str:
    return SECRET


@pytest.fixture
def signed() -> Callable[..., Signed]:
    """Make a signed delivery of the event with a sequence number."""

    def make(sequence: int = 7, *, run_id: str = "run-42", key: str = SECRET, **how: Any) -> Signed:
        event = {
            "eventId": f"event-{sequence:016}",
            "runId": run_id,
            "type": "node.completed",
            "payload": {"nodeId": "a"},
            "timestamp": "2026-09-21T14:13:20.000Z",
            "sequence": sequence,
        }
        body = json.dumps({"runId": run_id, "workspaceId": "ws-1", "event": event}).encode()
        how = {"webhook_id": "wh-1", "event_type": "node.completed", "timestamp": NOW, **how}
        return Signed(sign(body, key, **how), body)

    return make


@pytest.fixture
def challenge() -> Signed:
    """A signed endpoint challenge, with the secret of `challenge_verifier`."""
    from openwop_webhooks import sign_challenge

    body, headers = sign_challenge(
        "c0ffee", standard_secret(), standard_id="msg_0123456789abcdef", timestamp=NOW
    )
    return Signed(headers, body)


def standard_secret() -> str:
    return "whsec_" + base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
def whsec() -> str:
    return standard_secret()


@pytest.fixture
def make_verifier() -> Callable[..., Verifier]:
    """Make a verifier whose clock stands still, for both the plain and the whsec_ secret."""

    def make(secrets: Any = None, **how: Any) -> Verifier:
        how.setdefault("clock", lambda: NOW)
        return Verifier([SECRET, standard_secret()] if secrets is None else secrets, **how)

    return make


class BrokenGuard:
    """A guard whose store is down."""

    blocking = False
    lease = 60.0
    retention = 86400.0

    def claim(self, key: str) -> Any:
        raise ConnectionError("the store is down")

    complete = release = None


@pytest.fixture
def broken_guard() -> Any:
    return BrokenGuard()


@pytest.fixture
def broken_async_guard() -> Any:
    class BrokenAsyncGuard(BrokenGuard):
        async def claim(self, key: str) -> Any:
            raise ConnectionError("the store is down")

    return BrokenAsyncGuard()


@attrs.define
class Clock:
    """A clock that moves when it is told to."""

    now: float = float(NOW)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "sqlite"])
def guard(request: pytest.FixtureRequest, clock: Clock, tmp_path: Path) -> Iterator[Any]:
    """A guard on the clock of the test; leases of 60 s, retention of 1000 s."""
    if request.param == "memory":
        yield MemoryReplayGuard(lease=60, retention=1000, clock=clock)
        return
    made = SQLiteReplayGuard(tmp_path / "claims.db", lease=60, retention=1000, clock=clock)
    yield made
    made.close()


@pytest.fixture(scope="session")
def redis_port() -> Iterator[int]:
    """A Redis of our own on a free port; skips where redis-server or redis-py is not installed."""
    pytest.importorskip("redis", reason="redis-py is not installed")
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        program,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--daemonize",
        "no",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            for line in server.stdout:
                if "Ready to accept connections" in line:
                    break
            else:
                pytest.fail("redis-server did not start")
            yield port
        finally:
            server.terminate()
            server.stdout.read()


class Endpoint:
    """A subscriber in memory: answers with what it was told to, verifies what it accepts."""

    def __init__(self, secret: Any, clock: Any) -> None:
        self.verifier = Verifier(secret, clock=clock)
        self.answers: Iterator[Any] = iter(())
        self.posts: list[Post] = []
        self.found: list[Delivery | Challenge] = []

    def send(self, post: Post) -> Outcome:
        self.posts.append(post)
        found = self.verifier.verify(post.headers, post.body)
        self.found.append(found)
        answer = next(self.answers, 200)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, Outcome):
            return answer
        return Outcome(answer, found.answer() if isinstance(found, Challenge) else b"")

    @property
    def sequences(self) -> list[int | None]:
        return [each.sequence for each in self.found if isinstance(each, Delivery)]


@pytest.fixture
def endpoint(secret: str, whsec: str, clock: Any) -> Endpoint:
    return Endpoint([secret, whsec], clock)


@pytest.fixture
def dispatcher(endpoint: Endpoint, clock: Any) -> Callable[..., Dispatcher]:
    def make(**how: Any) -> Dispatcher:
        how.setdefault("guard", EgressGuard(resolver=lambda host, port: ["93.184.215.14"]))
        return Dispatcher(endpoint, clock=clock, **how)

    return make


@pytest.fixture(params=["blocking", "asyncio", "trio"])
def colour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def play(colour: str) -> Callable[[Callable[[], Any]], Any]:
    def run(function: Callable[[], Any]) -> Any:
        return anyio.run(function, backend="trio" if colour == "trio" else "asyncio")

    return run
