"""The examples of the README run as they stand, and a short run of the fuzzer finds nothing."""

from __future__ import annotations

import contextlib
import importlib.util
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openwop_webhooks import sign

README = Path(__file__).resolve().parents[1] / "README.md"
HOW_TO = Path(__file__).resolve().parents[3] / "docs" / "webhooks.md"
FUZZ = Path(__file__).resolve().parents[3] / "tests" / "soak" / "webhooks_fuzz.py"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
FRAMEWORKS = ("aiohttp", "django", "fastapi", "flask", "starlette")


@pytest.mark.parametrize("number", range(1, len(BLOCKS)))
def test_an_example_runs_after_the_first(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    for framework in FRAMEWORKS:
        if re.search(rf"from {framework}\b", BLOCKS[number]):
            pytest.importorskip(framework)
    monkeypatch.setenv("WEBHOOK_SECRET", secret)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "example"}

    with a_host_for(BLOCKS[number], monkeypatch):
        for block in (BLOCKS[0], BLOCKS[number]):
            exec(compile(block, f"README example {number}", "exec", dont_inherit=True), names)
        if "client" in names:
            names["client"].close()


@contextlib.contextmanager
def a_host_for(block: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Serve a host where an example makes a client, and say in the environment where it is."""
    if "openwop.Client(" not in block:
        yield
        return
    testing = pytest.importorskip("openwop_testing")
    workflow = testing.Workflow("my-wf").variable("foo", "string").delay("a", 0.01)
    host = testing.FakeHost(workflows=[workflow])
    with host.serve() as url:
        monkeypatch.setenv("OPENWOP_BASE_URL", url)
        monkeypatch.setenv("OPENWOP_API_KEY", host.api_key)
        yield


def test_the_example_of_listening_shows_what_it_forwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str, capsys: Any
) -> None:
    block = next(each for each in BLOCKS if "listen(client" in each)
    number = BLOCKS.index(block)
    test_an_example_runs_after_the_first(number, tmp_path, monkeypatch, secret)

    assert "run.completed  " in capsys.readouterr().out


def test_the_example_of_a_hand_over_keeps_each_delivery_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str, signed: Any, make_verifier: Any
) -> None:
    monkeypatch.setenv("WEBHOOK_SECRET", secret)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "example"}
    block = next(each for each in BLOCKS if "def hand_over" in each)
    exec(compile(BLOCKS[0] + block, "README", "exec", dont_inherit=True), names)
    sent = signed()

    for _ in range(2):
        names["hand_over"](make_verifier().verify(sent.headers, sent.body))

    inbox = sqlite3.connect("inbox.db")
    assert [(sent.body,)] == inbox.execute("SELECT body FROM inbox").fetchall()
    inbox.close()


def test_the_service_of_the_how_to_registers_receives_and_rotates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not HOW_TO.is_file():
        pytest.skip("docs is not here")
    testing = pytest.importorskip("openwop_testing")
    client_of = pytest.importorskip("starlette.testclient").TestClient
    block, *_ = re.findall(r"```python\n(.*?)```", HOW_TO.read_text(), re.DOTALL)
    monkeypatch.setenv("PUBLIC_URL", "https://hooks.example.com")
    monkeypatch.chdir(tmp_path)
    host = testing.FakeHost(workflows=[testing.Workflow("wf").delay("a", 0.01)])
    with host.serve() as url:
        monkeypatch.setenv("OPENWOP_BASE_URL", url)
        monkeypatch.setenv("OPENWOP_API_KEY", host.api_key)
        names: dict[str, Any] = {"__name__": "example"}
        exec(compile(block, "docs/webhooks.md", "exec", dont_inherit=True), names)
        with client_of(names["app"]) as service:
            first = names["subscription"].webhook_id
            service.portal.call(names["subscription"].rotate)
            body = b'{"runId":"r","event":{"type":"run.completed","sequence":1,"payload":{}}}'
            secret = names["subscription"]._plans.registered.secret
            headers = sign(body, secret, webhook_id="w", event_type="run.completed")

            answers = [service.post("/openwop", content=body, headers=headers) for _ in range(2)]

    assert [200, 200] == [answer.status_code for answer in answers]
    assert first != names["subscription"].webhook_id
    inbox = sqlite3.connect("state/inbox.db")
    assert [(body,)] == inbox.execute("SELECT body FROM inbox").fetchall()
    inbox.close()
    names["subscription"].verifier.replay_guard.close()


def test_the_observer_of_the_how_to_is_told_of_a_refusal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    if not HOW_TO.is_file():
        pytest.skip("docs is not here")
    _, block = re.findall(r"```python\n(.*?)```", HOW_TO.read_text(), re.DOTALL)
    names: dict[str, Any] = {"__name__": "example"}
    exec(compile(block, "docs/webhooks.md", "exec", dont_inherit=True), names)

    assert 400 == names["receiver"].receive({}, b"").status

    assert "refused: missing_signature" in capsys.readouterr().out


def test_a_short_run_of_the_fuzzer_finds_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    if not FUZZ.is_file():
        pytest.skip("tests/soak is not here")
    spec = importlib.util.spec_from_file_location("webhooks_fuzz", FUZZ)
    assert spec is not None
    assert spec.loader is not None
    fuzz = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fuzz)

    assert 0 == fuzz.run(20_000, 7)
    assert "none was misjudged" in capsys.readouterr().out
