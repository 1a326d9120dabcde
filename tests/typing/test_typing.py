"""The files of this folder say what users' type checkers must understand."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

from openwop._generated.events import CATALOGUE

HERE = Path(__file__).parent
FILES = sorted(path for path in HERE.glob("*.py") if not path.name.startswith("test_"))
PYRIGHT = {
    "typeCheckingMode": "strict",
    "pythonVersion": "3.11",
    "reportUnnecessaryIsInstance": False,  # what an assertion about a union is written with
}

WRONG = """
import openwop

def f(client: openwop.Client) -> int:
    return client.runs.start("my-wf").result()
"""


def check(checker: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Check what is in *folder* as a user's project: with none of our own settings."""
    if importlib.util.find_spec(checker) is None:
        pytest.skip(f"{checker} is not installed here; the environment `types` has it")
    command = [sys.executable, "-m", checker]
    if checker == "mypy":
        command += ["--strict", "--config-file", "", "--cache-dir", str(folder / "cache"), "."]
    else:
        (folder / "pyrightconfig.json").write_text(json.dumps(PYRIGHT))
        command += ["--pythonpath", sys.executable]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


def every_event() -> str:
    """Return a program that holds each type of the specification to its own payload."""
    lines = ["from typing import assert_type", "", "import openwop.events as e", ""]
    for number, name in enumerate(sorted(CATALOGUE.types)):
        event = CATALOGUE.class_for(name)
        payload = event.PAYLOAD.rpartition(":")[2]
        lines += [
            "",
            f"def narrows_{number}(event: e.RunEvent) -> None:",
            "    match event:",
            f"        case e.{event.__name__}():",
            f"            assert_type(event.payload, e.{payload})",
            "        case _:",
            "            pass",
            f"    if isinstance(event, e.{event.__name__}):",
            f"        assert_type(event.payload, e.{payload})",
            "",
        ]
    return "\n".join(lines)


@pytest.mark.slow
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_a_type_checker_understands_the_public_api_and_every_event(
    checker: str, tmp_path: Path
) -> None:
    for file in FILES:
        (tmp_path / file.name).write_text(file.read_text("utf-8"), "utf-8")
    (tmp_path / "every_event.py").write_text(every_event(), "utf-8")

    done = check(checker, tmp_path)

    assert 0 == done.returncode, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_a_mistake_would_be_found(checker: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text(WRONG)
    swapped = every_event().replace("e.RunFailedPayload)", "e.RunStartedPayload)")
    (tmp_path / "every_event.py").write_text(swapped)

    done = check(checker, tmp_path)

    assert 1 == done.returncode
    assert "int" in done.stdout
    assert 2 == sum("RunFailedPayload" in line for line in done.stdout.splitlines())
