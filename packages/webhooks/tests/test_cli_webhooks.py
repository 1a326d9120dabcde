"""`openwop webhooks`: listening without a tunnel, and verifying what was kept."""

from __future__ import annotations

import http.server
import json
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("typer", minversion="0.24", reason="the extra `cli` is not installed")
pytest.importorskip("rich", reason="the extra `cli` is not installed")
pytest.importorskip("openwop_testing", reason="the fake host is not installed")

from openwop.cli._program import run
from openwop.cli.session import Surroundings
from openwop_testing import FakeHost, Workflow
from openwop_webhooks import Delivery, Verifier, encode_delivery, make_secret, sign, sign_challenge

SECRET = "canary-" + "5c" * 28
EVENT = {
    "eventId": "e1",
    "runId": "run-1",
    "type": "run.completed",
    "payload": {"outputs": {}},
    "timestamp": "2026-01-01T00:00:00.000Z",
    "sequence": 4,
}


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No settings from outside."""
    for name in [name for name in os.environ if name.startswith("OPENWOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def host() -> Iterator[FakeHost]:
    """A host with a run to follow."""
    made = FakeHost(workflows=[Workflow("quick").node("only", outputs={"x": 1}, primary=True)])
    yield made
    made.close()


@pytest.fixture
def endpoint() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """An endpoint on this machine, and what it was sent."""
    taken: list[tuple[dict[str, str], bytes]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            taken.append((dict(self.headers.items()), body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hooks", taken
        finally:
            server.shutdown()
            thread.join()


def started(host: FakeHost, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Surroundings]:
    monkeypatch.setenv("OPENWOP_BASE_URL", host.base_url)
    monkeypatch.setenv("OPENWOP_API_KEY", host.api_key)
    around = Surroundings(transport=host.transport())
    assert 0 == run(["run", "quick", "--json"], around)
    return f"acme/{next(iter(host.engine.runs))}", around


def test_events_of_a_run_are_posted_signed_to_the_endpoint(
    host: FakeHost,
    endpoint: tuple[str, list[tuple[dict[str, str], bytes]]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url, taken = endpoint
    run_id, around = started(host, monkeypatch)
    monkeypatch.setenv("OPENWOP_WEBHOOK_SECRET", SECRET)
    capsys.readouterr()

    code = run(["webhooks", "listen", "--forward-to", url, "--run", run_id, "--json"], around)

    said = capsys.readouterr()
    verified = [Verifier(SECRET).verify(headers, body) for headers, body in taken]
    lines = [json.loads(line) for line in said.out.splitlines()]
    assert 0 == code
    assert all(isinstance(delivery, Delivery) for delivery in verified)
    assert "run.completed" == lines[-1]["type"]
    assert len(lines) == len(taken)
    assert SECRET not in said.out + said.err


def test_only_the_events_that_were_asked_for_are_posted(
    host: FakeHost,
    endpoint: tuple[str, list[tuple[dict[str, str], bytes]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, taken = endpoint
    run_id, around = started(host, monkeypatch)
    monkeypatch.setenv("OPENWOP_WEBHOOK_SECRET", SECRET)

    code = run(
        ["webhooks", "listen", "--forward-to", url, "--run", run_id, "--event", "run.*"], around
    )

    types = [json.loads(body)["event"]["type"] for _, body in taken]
    assert (0, ["run.started", "run.completed"]) == (code, types)


def test_without_a_secret_one_is_made_and_kept_for_its_owner(
    host: FakeHost,
    endpoint: tuple[str, list[tuple[dict[str, str], bytes]]],
    monkeypatch: pytest.MonkeyPatch,
    settings: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url, taken = endpoint
    run_id, around = started(host, monkeypatch)
    file = settings / "kept" / "secret"
    argv = ["webhooks", "listen", "--forward-to", url, "--run", run_id, "--secret-file", str(file)]

    code = run(argv, around)

    secret = file.read_text("utf-8").strip()
    said = capsys.readouterr()
    assert 0 == code
    assert isinstance(Verifier(secret).verify(*taken[0]), Delivery)
    assert secret not in said.out + said.err
    assert str(file) in said.err
    if os.name == "posix":
        assert 0o600 == stat.S_IMODE(file.stat().st_mode)


def test_all_active_runs_are_followed_until_ctrl_c(
    host: FakeHost,
    endpoint: tuple[str, list[tuple[dict[str, str], bytes]]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url, taken = endpoint
    _, around = started(host, monkeypatch)  # over before we listen: history
    monkeypatch.setenv("OPENWOP_WEBHOOK_SECRET", SECRET)
    looks: list[float] = []

    class Pause:
        def wait(self, seconds: float) -> None:
            looks.append(seconds)
            if len(looks) == 1:
                host_run = run(["run", "quick", "--json"], around)
                assert 0 == host_run
                return
            raise KeyboardInterrupt

    from openwop_webhooks.listening import Listener

    wait = Listener.wait
    monkeypatch.setattr(Listener, "wait", lambda self, timeout=None: wait(self, 30))
    monkeypatch.setattr("openwop_webhooks.cli._pause", Pause)

    code = run(["webhooks", "listen", "--forward-to", url], around)

    runs = {json.loads(body)["runId"] for _, body in taken}
    assert 130 == code
    assert {f"acme/{list(host.engine.runs)[1]}"} == runs
    assert "Stopped listening" in capsys.readouterr().err


def test_another_machine_is_refused(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_id, around = started(host, monkeypatch)
    monkeypatch.setenv("OPENWOP_WEBHOOK_SECRET", SECRET)

    code = run(
        ["webhooks", "listen", "--forward-to", "http://192.0.2.1/x", "--run", run_id], around
    )

    assert (2, True) == (code, "this machine alone" in capsys.readouterr().err)


def kept(folder: Path, headers: dict[str, str], body: bytes, *, as_json: bool = False) -> list[str]:
    lines = "\r\n".join(f"{name}: {value}" for name, value in headers.items())
    (folder / "headers").write_text(json.dumps(headers) if as_json else lines, "utf-8")
    (folder / "body").write_bytes(body)
    return ["--headers", str(folder / "headers"), "--body", str(folder / "body")]


def signed(at: int = 1767225600, secret: str = SECRET) -> tuple[dict[str, str], bytes]:
    body = encode_delivery(EVENT, run_id="run-1")
    return sign(body, secret, webhook_id="w", event_type="run.completed", timestamp=at), body


@pytest.mark.parametrize("as_json", [False, True], ids=["lines", "json"])
def test_an_authentic_delivery_is_said_to_be_one(
    settings: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    as_json: bool,
) -> None:  # fmt: skip
    monkeypatch.setenv("OPENWOP_WEBHOOK_SECRET", SECRET)
    argv = kept(settings, *signed(), as_json=as_json)

    code = run(["webhooks", "verify", *argv, "--at", "1767225601", "--json"])

    told = json.loads(capsys.readouterr().out)
    assert 0 == code
    assert ("run.completed", 4, "run-1") == (told["type"], told["sequence"], told["run_id"])


@pytest.mark.parametrize(
    ("at", "secret", "reason"),
    [(1767225601, "another-" + "0" * 56, "signature_mismatch"), (1767229999, SECRET, "timestamp")],
    ids=["wrong secret", "too old"],
)
def test_what_is_not_authentic_ends_with_1_and_the_reason(
    settings: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    at: int, secret: str, reason: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("OPENWOP_WEBHOOK_SECRET", secret)

    code = run(["webhooks", "verify", *kept(settings, *signed()), "--at", str(at), "--json"])

    said = capsys.readouterr()
    assert 1 == code
    assert reason in json.loads(said.out)["reason"]
    assert secret not in said.out + said.err


def test_a_challenge_is_told_apart(
    settings: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secret = make_secret(standard=True)
    monkeypatch.setenv("OPENWOP_WEBHOOK_SECRET", secret)
    body, headers = sign_challenge("abc", secret, timestamp=1767225600, standard_id="msg_1")

    code = run(["webhooks", "verify", *kept(settings, headers, body), "--at", "1767225601"])

    assert (0, True) == (code, "challenge" in capsys.readouterr().out)


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--headers", "absent"], "check the path"),
        (["--headers", "absent", "--secret-file", "no-file"], "check the path"),
    ],
)
def test_what_cannot_be_read_ends_with_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], argv: list[str], told: str
) -> None:
    monkeypatch.setenv("OPENWOP_WEBHOOK_SECRET", SECRET)

    code = run(["webhooks", "verify", *argv])

    assert (2, True) == (code, told in capsys.readouterr().err)


def test_without_a_secret_it_says_where_to_put_it(capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["webhooks", "verify", "--headers", "absent"])

    assert (2, True) == (code, "OPENWOP_WEBHOOK_SECRET" in capsys.readouterr().err)
