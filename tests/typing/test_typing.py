"""The files of this folder say what users' type checkers must understand."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

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


@pytest.mark.slow
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_a_type_checker_understands_the_public_api(checker: str, tmp_path: Path) -> None:
    for file in FILES:
        (tmp_path / file.name).write_text(file.read_text("utf-8"), "utf-8")

    done = check(checker, tmp_path)

    assert 0 == done.returncode, done.stdout + done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_a_mistake_would_be_found(checker: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.py").write_text(WRONG)

    done = check(checker, tmp_path)

    assert 1 == done.returncode
    assert "int" in done.stdout
