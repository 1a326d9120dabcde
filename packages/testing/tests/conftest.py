"""Shared by the tests of the fake host: a raw caller, and an oracle that sees every answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

from openwop.wire import Headers, Request, Timeouts
from openwop_testing import FakeHost

HERE = Path(__file__).resolve().parent


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known by which a test cites what it shows."""
    config.addinivalue_line(
        "markers", "obligation(*ids): shows these obligations of hosts (obligations.json)"
    )


@attrs.frozen
class Reply:
    """An answer, read to its end."""

    status: int
    headers: Headers
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return self.json["error"]

    @property
    def frames(self) -> list[dict[str, Any]]:
        """The frames of a stream: `event`, `id` and parsed `data`."""
        frames = []
        for block in self.body.decode().split("\n\n"):
            lines = [line for line in block.splitlines() if line and not line.startswith(":")]
            if lines:
                frame: dict[str, Any] = dict(line.split(": ", 1) for line in lines)
                frame["data"] = json.loads(frame["data"])
                frames.append(frame)
        return frames

    @property
    def types(self) -> list[str]:
        """The event types of a stream or a poll."""
        if self.headers["Content-Type"].startswith("text/event-stream"):
            return [frame["data"]["type"] for frame in self.frames]
        return [event["type"] for event in self.json["events"]]


class Caller:
    """Sends raw requests in one major, through the in-process transport."""

    def __init__(self, host: FakeHost, major: int, key: str | None = None) -> None:
        self.host = host
        self.major = major
        self.key = host.api_key if key is None else key
        self.transport = host.transport()

    def path(self, path: str) -> str:
        """Return a path of this major."""
        return path if self.major == 2 or path.startswith("/.well-known") else f"/v1{path}"

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        raw: bytes | None = None,
        timeouts: Timeouts | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Request:
        """Return a request; a path that begins with `!` is taken as it is."""
        target = path[1:] if path.startswith("!") else self.path(path)
        given: dict[str, str] = {}
        if self.key:
            given["Authorization"] = f"Bearer {self.key}"
        if self.major == 2:
            given["OpenWOP-Version"] = "2.0"
        content = raw if raw is not None else (None if body is None else json.dumps(body).encode())
        if content is not None:
            given["Content-Type"] = "application/json"
        return Request(
            method,
            self.host.base_url + target,
            Headers({**given, **(headers or {})}),
            content,
            timeouts or Timeouts(),
        )

    def send(self, method: str, path: str, body: Any = None, **options: Any) -> Reply:
        """Send a request and read its answer to the end."""
        response = self.transport.send(self.request(method, path, body, **options))
        try:
            return Reply(response.status_code, response.headers, b"".join(response.body))
        finally:
            response.close()

    def get(self, path: str, **options: Any) -> Reply:
        return self.send("GET", path, **options)

    def post(self, path: str, body: Any = None, **options: Any) -> Reply:
        return self.send("POST", path, body, **options)

    def start(self, workflow_id: str, **body: Any) -> str:
        """Start a run and return its path, without the major's prefix."""
        reply = self.post("/runs", {"workflowId": workflow_id, **body})
        assert reply.status == 201, reply.body
        url: str = reply.json["statusUrl"]
        return url.removeprefix("/v1")

    def snapshot(self, run: str) -> Any:
        return self.get(run).json

    def status(self, run: str) -> str:
        return self.snapshot(run)["status"]

    def log(self, run: str) -> list[dict[str, Any]]:
        """Return what is in the log now, without letting time pass."""
        bare = run.rpartition("/")[2].rpartition("~2F")[2]
        known = self.host.engine.runs[bare]
        from openwop_testing.render import Wire

        return [Wire(self.major).event(known, event) for event in known.log]

    def finished(self, run: str) -> list[dict[str, Any]]:
        """Let the run come to its end, and return its whole log."""
        reply = self.get(f"{run}/events?streamMode=debug")
        return [frame["data"] for frame in reply.frames]


@pytest.fixture
def host() -> FakeHost:
    """A host without workflows."""
    return FakeHost()


@pytest.fixture
def v1(host: FakeHost) -> Caller:
    """A caller of major 1."""
    return Caller(host, 1)


@pytest.fixture
def v2(host: FakeHost) -> Caller:
    """A caller of major 2."""
    return Caller(host, 2)


@pytest.fixture(params=[1, 2], ids=["v1", "v2"])
def caller(host: FakeHost, request: pytest.FixtureRequest) -> Caller:
    """A caller of each major in turn."""
    return Caller(host, request.param)


@pytest.fixture
def caller_for() -> Callable[..., Caller]:
    """Make a caller for a host of the test's own."""
    return Caller


@pytest.fixture(scope="session")
def fixtures_folder() -> Path:
    """The protocol's published workflow definitions."""
    folder = HERE.parents[3] / "shared" / "protocol" / "v1" / "fixtures"
    if not folder.is_dir():
        pytest.skip("the protocol's published fixtures are not beside this checkout")
    return folder
