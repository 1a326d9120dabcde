"""`openwop host`: the fake host as a command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("typer", minversion="0.24", reason="the extra `cli` is not installed")
pytest.importorskip("rich", reason="the extra `cli` is not installed")

from openwop import Client
from openwop.cli import main
from openwop_testing import FakeHost
from openwop_testing.cli import demo_workflows

KEY = "hk_test_canary_of_the_host"


@pytest.fixture
def served() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The command as a process, and the URL that it serves."""
    with subprocess.Popen(
        [sys.executable, "-m", "openwop.cli", "host", "--port", "0", "--key-env", "K", "--json"],
        env={**os.environ, "K": KEY, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert KEY not in line
        yield json.loads(line)["url"], process
        process.kill()


def test_the_command_serves_workflows_to_try_things_with(
    served: tuple[str, subprocess.Popen[str]],
) -> None:
    url, process = served
    with Client(url, api_key=KEY, load_plugins=False) as client:
        outputs = client.runs.start("hello", {"name": "Ada"}).result(timeout=60)

    assert {"greeting": "hello, Ada"} == outputs
    process.send_signal(signal.SIGTERM)
    assert 0 == process.wait(60)


def test_each_demo_workflow_does_what_it_says() -> None:
    host = FakeHost(workflows=demo_workflows())
    with Client(
        host.base_url, api_key=host.api_key, transport=host.transport(), load_plugins=False
    ) as client:
        asking = client.runs.start("publish-notes", {"notes": "x"})
        states = {
            "hello": client.runs.start("hello").wait().status,
            "publish-notes": asking.wait().status,
            "broken-build": client.runs.start("broken-build").wait().status,
        }
        asking.approve()

        assert {"published": True} == asking.result()
    assert {
        "hello": "completed",
        "publish-notes": "waiting-approval",
        "broken-build": "failed",
    } == states


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("--majors", "3"), "--majors is '3'"),
        (("--workflows", "no-such-folder"), "is no folder"),
        (("--key-env", "NOT_SET_ANYWHERE"), "is not set"),
    ],
)
def test_what_cannot_be_served_ends_with_2_and_says_why(
    capsys: pytest.CaptureFixture[str], argv: tuple[str, ...], told: str
) -> None:
    code = main(["host", "--port", "0", *argv])

    assert (2, True) == (code, told in capsys.readouterr().err)


def test_a_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        code = main(["host", "--port", str(taken.getsockname()[1])])

    assert 2 == code
    assert "--port 0 picks another" in capsys.readouterr().err


def test_a_folder_with_a_file_that_is_no_definition_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "wrong.json").write_text("{}", "utf-8")

    code = main(["host", "--port", "0", "--workflows", str(tmp_path)])

    assert (2, True) == (code, "wrong.json" in capsys.readouterr().err)


def test_the_announcement_says_what_to_type_next(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def announced(fake: FakeHost, port: int, *, announce: Any, **options: Any) -> None:
        announce("http://127.0.0.1:3737")

    monkeypatch.setattr("openwop_testing.cli.serve_forever", announced)
    monkeypatch.setenv("COLUMNS", "200")

    code = main(["host"])

    shown = capsys.readouterr().out
    assert 0 == code
    assert "export OPENWOP_BASE_URL=http://127.0.0.1:3737" in shown
    assert "openwop run hello --follow" in shown
