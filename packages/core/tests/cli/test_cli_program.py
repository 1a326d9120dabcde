"""The program around the commands: help, extras that are missing, what siblings contribute."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import EntryPoint
from typing import Any

import pytest
import typer

from openwop.cli import _program, exits, main
from openwop.errors import (
    APIConnectionError,
    CapabilityNotSupportedError,
    ConfigurationError,
    NotFoundError,
    OpenWOPError,
    ProtocolVersionError,
    RunCancelledError,
    RunFailedError,
    RunNeedsInputError,
    StreamStalledError,
    WaitTimeoutError,
)

COMMANDS = [
    "doctor", "capabilities", "run", "decide", "runs list", "runs get", "runs watch",
    "runs cancel", "runs pause", "runs resume", "runs fork", "runs diff", "profile add",
    "profile list", "profile use", "profile remove", "webhooks listen", "webhooks verify", "host",
]  # fmt: skip


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_importing_the_package_imports_neither_typer_nor_rich() -> None:
    done = python(
        "import sys, openwop, openwop.cli; openwop.Client; "
        "sys.exit(sorted({'typer', 'rich', 'click'} & set(sys.modules)) or 0)"
    )

    assert (0, "") == (done.returncode, done.stderr)


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_the_extra_it_says_what_to_install(missing: str) -> None:
    done = python(
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from openwop.cli import main; sys.exit(main(['doctor']))"
    )

    assert 2 == done.returncode
    assert 'pip install "openwop[cli]"' in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_json(cli: Any, command: str) -> None:
    said = cli(*command.split(), "--help")

    assert 0 == said.code
    assert "--json" in said.out
    assert "Args:" not in said.out


def test_the_program_lists_its_commands_and_those_of_siblings(cli: Any) -> None:
    said = cli("--help")

    for name in {command.split()[0] for command in COMMANDS} | {"codegen"}:
        assert name in said.out


def test_version_is_printed(cli: Any) -> None:
    said = cli("--version")

    assert (0, True) == (said.code, said.out.startswith("openwop "))


@pytest.mark.parametrize(
    ("name", "requirement"),
    [
        ("webhooks", "openwop[webhooks]"),
        ("host", "openwop[testing]"),
        ("codegen", "openwop-codegen"),
    ],
)
def test_the_command_of_a_missing_sibling_says_what_to_install(
    cli: Any, monkeypatch: pytest.MonkeyPatch, name: str, requirement: str
) -> None:
    monkeypatch.setattr(_program, "entry_points", lambda group: [])

    said = cli(name, "anything", "--at-all")
    as_json = cli(name, "--json")

    assert (2, 2) == (said.code, as_json.code)
    assert f'pip install "{requirement}"' in said.err
    assert requirement in as_json.error["message"]


def test_a_sibling_that_cannot_be_loaded_takes_no_other_command_along(
    cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = EntryPoint("extra", "no_such_module_anywhere:app", "openwop.cli")
    monkeypatch.setattr(_program, "entry_points", lambda group: [broken])

    assert 0 == cli("--help").code
    assert 0 == cli("doctor").code
    said = cli("extra")
    assert (2, True) == (said.code, "cannot be loaded" in said.err)


def test_a_package_contributes_a_command_by_its_entry_point(
    cli: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = typer.Typer()

    @app.command()
    def extra() -> None:
        typer.echo("contributed")

    entry = EntryPoint("extra", "anywhere:app", "openwop.cli")
    monkeypatch.setattr(EntryPoint, "load", lambda self: app)
    monkeypatch.setattr(_program, "entry_points", lambda group: [entry])

    assert "contributed" in cli("extra").out


@pytest.mark.parametrize(
    "shell",
    [
        "bash",
        pytest.param("zsh", marks=pytest.mark.slow),
        pytest.param("fish", marks=pytest.mark.slow),
    ],
)
def test_there_is_completion_for_shells(shell: str) -> None:
    done = python(
        "import sys; from openwop.cli import main; sys.exit(main([]))",
        _OPENWOP_COMPLETE=f"complete_{shell}",
        COMP_WORDS="openwop runs ",
        COMP_CWORD="2",
        _TYPER_COMPLETE_ARGS="openwop runs ",
        _TYPER_COMPLETE_FISH_ACTION="get-args",
    )

    assert "watch" in done.stdout, done.stderr


def test_profiles_are_completed(cli: Any) -> None:
    from openwop.cli.session import _complete_profile

    cli("profile", "add", "prod", "--base-url", "https://a.example", "--no-key", known=False)

    assert (["prod"], []) == (list(_complete_profile("pr")), list(_complete_profile("x")))


def test_every_kind_of_error_has_its_exit() -> None:
    expected: dict[OpenWOPError, int] = {
        ConfigurationError("x"): 2,
        RunFailedError("x"): 1,
        RunCancelledError("x"): 1,
        RunNeedsInputError("x"): 3,
        NotFoundError.__new__(NotFoundError): 4,
        APIConnectionError.__new__(APIConnectionError): 5,
        StreamStalledError("x"): 5,
        CapabilityNotSupportedError("x"): 6,
        ProtocolVersionError("x"): 6,
        WaitTimeoutError("x"): 7,
    }

    assert list(expected.values()) == [int(exits.exit_of(error)) for error in expected]


def test_a_wrong_command_line_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert 2 == main(["no-such-command"])
    assert 2 == main(["runs", "get"])
    assert "Usage" in capsys.readouterr().err


def test_the_log_is_for_the_time_of_a_command(cli: Any) -> None:
    loud = cli("runs", "list", "-vv")
    quiet = cli("runs", "list")

    assert "GET http://openwop.test/runs" in loud.err
    assert "" == quiet.err
    assert isinstance(json.loads(cli("runs", "list", "--json", "-vv").out), list)
