"""What a newcomer gets wrong, and what a host must not get away with, over a socket."""

from __future__ import annotations

import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import anyio
import pytest

import openwop

Answer = tuple[int, str, bytes]


class Server:
    """Answers every request alike, and remembers the paths."""

    def __init__(self) -> None:
        self.answer: Answer = (200, "application/json", b"{}")
        self.paths: list[str] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: object) -> None:
                return

            def do_GET(self) -> None:
                server.paths.append(self.path)
                status, kind, body = server.answer
                if self.path == "/.well-known/openwop":
                    status, kind = 200, "application/json"
                    body = b'{"protocolVersion": "1.0", "supportedEnvelopes": []}'
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture(params=["sync", "asyncio", "trio"])
def use(request: pytest.FixtureRequest, server: Server) -> Callable[..., Any]:
    def run(function: Callable[[Any], Any], **options: Any) -> Any:
        options.setdefault("api_key", "hk_test")
        if request.param == "sync":
            with openwop.Client(server.url, **options) as client:
                return function(client)

        async def main() -> Any:
            async with openwop.AsyncClient(server.url, **options) as client:
                outcome = function(client)
                return await outcome if isinstance(outcome, Awaitable) else outcome

        return anyio.run(main, backend=request.param)

    return run


@pytest.fixture(params=[openwop.Client, openwop.AsyncClient])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv("OPENWOP_BASE_URL", raising=False)
    monkeypatch.delenv("OPENWOP_API_KEY", raising=False)
    return request.param


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (None, "OPENWOP_BASE_URL"),
        ("", "base_url is empty"),
        ("   ", "base_url is empty"),
        ("https://api.example.com/v1", "bare origin, https://api.example.com:"),
        ("https://api.example.com/v1/", "bare origin, https://api.example.com:"),
        ("https://api.example.com/base/v2", "bare origin, https://api.example.com/base:"),
        ("api.example.com", "needs a scheme and a host"),
        ("https://", "needs a scheme and a host"),
        ("https://host:port", "needs a scheme and a host"),
        ("https://user:pass@host", "pass the credential as api_key="),
        ("https://host?x=1", "query or a fragment"),
        ("ftp://host", "scheme 'ftp'"),
        ("https://ho st", "space"),
    ],
)
def test_a_base_url_that_cannot_be_right_is_refused_with_the_remedy(
    kind: Any, url: str | None, message: str
) -> None:
    with pytest.raises(openwop.ConfigurationError, match=message) as caught:
        kind(url)

    assert isinstance(caught.value, ValueError)
    assert "user:pass" not in str(caught.value)


@pytest.mark.parametrize(
    "key", ["hk_live_secret\n", " hk_live_secret", "hk_live_secret\r\nX: y", "schlüssel-é", ""]
)
def test_a_key_that_no_header_can_carry_is_refused_and_not_shown(kind: Any, key: str) -> None:
    with pytest.raises(openwop.ConfigurationError, match="api_key") as caught:
        kind("https://host", api_key=key)

    assert "hk_live" not in str(caught.value)


def test_a_key_and_auth_together_are_refused(kind: Any) -> None:
    with pytest.raises(openwop.ConfigurationError, match="not both"):
        kind("https://host", api_key="a", auth="b")


def test_a_key_of_the_environment_with_a_newline_names_its_variable(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENWOP_API_KEY", "hk_live_secret\n")

    with pytest.raises(openwop.ConfigurationError, match="OPENWOP_API_KEY"):
        kind("https://host")


@pytest.mark.parametrize(
    "options",
    [
        {"timeout": 0},
        {"timeout": "30"},
        {"deadline": -1},
        {"protocol": 3},
        {"validation": "lax"},
        {"transport": object()},
    ],
    ids=lambda options: next(iter(options)),
)
def test_a_setting_that_makes_no_sense_is_named(kind: Any, options: dict[str, Any]) -> None:
    with pytest.raises(openwop.ConfigurationError, match=next(iter(options))):
        kind("https://host", **options)


@pytest.mark.parametrize("run_id", ["", ".", ".."])
def test_a_run_id_that_would_reach_another_address_is_refused(
    server: Server, use: Callable[..., Any], run_id: str
) -> None:
    with pytest.raises(openwop.ConfigurationError, match="run_id"):
        use(lambda client: client.runs.get(run_id))

    assert [path for path in server.paths if "runs" in path] == []


@pytest.mark.parametrize(
    ("run_id", "segment"),
    [("a/b", "a%2Fb"), ("x?y", "x%3Fy"), ("x#y", "x%23y"), ("a b", "a%20b"), ("%2F", "%252F")],
)
def test_a_run_id_with_special_characters_stays_one_segment(
    server: Server, use: Callable[..., Any], run_id: str, segment: str
) -> None:
    server.answer = (
        200,
        "application/json",
        json.dumps({"runId": run_id, "workflowId": "wf", "status": "running"}).encode(),
    )

    snapshot = use(lambda client: client.runs.get(run_id))

    assert snapshot.run_id == run_id
    assert server.paths[-1] == f"/v1/runs/{segment}"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((200, "text/html", b"<!doctype html><title>App</title>"), "web page"),
        ((200, "application/json", b'{"runId": "a", "stat'), "expected JSON"),
        ((200, "application/json", b""), "empty body"),
        ((200, "application/json", b"[1, 2]"), "expected object, got array"),
        (
            (200, "application/json", b'{"runId": 7, "workflowId": "w", "status": "running"}'),
            r"RunSnapshot\.runId: expected str, got int",
        ),
        (
            (200, "application/json", b'{"status": "running", "workflowId": "w"}'),
            r"RunSnapshot\.runId",
        ),
        ((200, "application/json", b'{"runId": "' + b"x" * 5000 + b'"}'), "max_response_bytes"),
    ],
    ids=["HTML", "truncated JSON", "empty", "array", "wrong type", "missing id", "over the limit"],
)
def test_an_answer_that_is_none_is_a_typed_error(
    server: Server, use: Callable[..., Any], answer: Answer, message: str
) -> None:
    server.answer = answer

    with pytest.raises(openwop.APIResponseValidationError, match=message) as caught:
        use(lambda client: client.runs.get("a"), max_response_bytes=4000)

    assert caught.value.status_code == 200


def test_an_error_page_is_an_error_of_its_status(server: Server, use: Callable[..., Any]) -> None:
    server.answer = (502, "text/html", b"<h1>Bad gateway</h1>")

    with pytest.raises(openwop.InternalServerError, match="text/html") as caught:
        use(lambda client: client.runs.get("a"), retry=openwop.RetryPolicy(attempts=1))

    assert caught.value.status_code == 502
    assert caught.value.code == ""


def test_the_key_is_in_no_representation_and_no_error(
    server: Server, use: Callable[..., Any]
) -> None:
    server.answer = (401, "application/json", b'{"error": "unauthenticated", "message": "no"}')

    def call(client: Any) -> Any:
        assert "hk_live_secret" not in repr(client)
        assert "hk_live_secret" not in repr(vars(client))
        return client.runs.get("a")

    with pytest.raises(openwop.AuthenticationError) as caught:
        use(call, api_key="hk_live_secret")

    assert "hk_live_secret" not in repr(caught.value) + str(caught.value)
    assert "hk_live_secret" not in repr(vars(caught.value))
    assert "authorization" not in caught.value.request.headers


@pytest.mark.parametrize(
    ("inputs", "where"),
    [
        ({"rows": [1, {"at": object()}]}, "inputs.rows[1].at"),
        ({"price": float("nan")}, "inputs.price"),
        ({"blob": b"bytes"}, "inputs.blob"),
    ],
    ids=["an object", "not a number", "bytes"],
)
def test_what_json_cannot_hold_is_named_with_its_place(inputs: dict[str, Any], where: str) -> None:
    client = openwop.Client("https://host.test", api_key="hk_test_abc123", protocol=2)
    with client, pytest.raises(openwop.ConfigurationError) as caught:
        client.runs.start("x", inputs=inputs)
    assert str(caught.value).startswith(f"runs.create: {where} cannot be written as JSON")
