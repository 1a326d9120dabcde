"""The page of the command line says what the program does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("typer", minversion="0.24", reason="the extra `cli` is not installed")
pytest.importorskip("rich", reason="the extra `cli` is not installed")

import typer

from openwop.cli._program import app
from openwop.cli.exits import Exit

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "cli.md").read_text("utf-8")


def commands(group: Any, context: Any, prefix: str = "openwop") -> set[str]:
    found: set[str] = set()
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        inner = hasattr(command, "list_commands")
        found |= commands(command, context, f"{prefix} {name}") if inner else {f"{prefix} {name}"}
    return found


def test_every_command_is_on_the_page_and_every_command_of_the_page_is_one() -> None:
    listed = {
        re.match(r"openwop(?: [a-z]+)+", text).group()  # type: ignore[union-attr]
        for text in re.findall(r"^\| `([^`]+)` \|", PAGE, re.MULTILINE)
    }

    assert commands(typer.main.get_command(app), None) == listed


def test_every_exit_status_is_on_the_page() -> None:
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)}

    assert {int(code) for code in Exit} == listed


def test_every_picture_of_the_page_is_there() -> None:
    pictures = re.findall(r"\((images/[^)]+)\)", PAGE)

    assert len(pictures) > 3
    assert [] == [name for name in pictures if not (ROOT / "docs" / name).is_file()]


def test_the_pictures_hold_nothing_from_elsewhere() -> None:
    for picture in (ROOT / "docs" / "images").glob("cli-*.svg"):
        text = picture.read_text("utf-8")
        assert "url(http" not in text
        assert "@font-face" not in text


def test_every_picture_is_one_that_the_script_draws_again() -> None:
    script = (ROOT / "tools" / "screenshots_cli.py").read_text("utf-8")
    drawn = set(re.findall(r'^    "(cli-[\w-]+)": ', script, re.MULTILINE))

    assert {path.stem for path in (ROOT / "docs" / "images").glob("cli-*.svg")} == drawn
