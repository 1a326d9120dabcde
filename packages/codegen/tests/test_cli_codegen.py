"""`openwop codegen`: the generator by way of the program."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("typer", minversion="0.24", reason="the extra `cli` is not installed")
pytest.importorskip("rich", reason="the extra `cli` is not installed")

from openwop.cli import main


def test_arguments_and_the_exit_status_are_handed_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "codegen.toml"

    codes = [main(["codegen", "init", "--package", "x_client", "-o", str(target)]) for _ in "ab"]

    assert [0, 2] == codes
    assert 'service = "x"' in target.read_text("utf-8")
    assert "is there already" in capsys.readouterr().err


def test_help_is_that_of_the_generator(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["codegen", "generate", "--help"])
    assert "--package" in capsys.readouterr().out


def test_without_arguments_it_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert 0 == main(["codegen"])
    assert "openwop-codegen" in capsys.readouterr().out
