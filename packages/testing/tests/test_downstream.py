"""A project of somebody else, tested with what is installed: in the `wheels` task, the wheels."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3] / "examples" / "downstream"


def test_a_downstream_project_passes_its_own_tests(tmp_path):
    """
    It is copied away first, so that it finds nothing of this repository but what is installed.
    """
    if not PROJECT.is_dir():
        pytest.skip("the examples are not beside these tests")
    folder = tmp_path / "downstream"
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    program = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        program,
        cwd=folder,
        env={**environment, "PYTEST_ADDOPTS": "", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert 0 == done.returncode, done.stdout + done.stderr
    assert re.search(r"^\d{2} passed", done.stdout, re.MULTILINE), done.stdout


def test_a_downstream_project_needs_nothing_of_ours_for_its_tests_but_openwop_testing():
    if not PROJECT.is_dir():
        pytest.skip("the examples are not beside these tests")
    document = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))
    imported = {
        name
        for path in PROJECT.glob("tests/*.py")
        for name in re.findall(r"^(?:from|import) (\w+)", path.read_text("utf-8"), re.MULTILINE)
    }

    names = [line.partition(">")[0] for line in document["dependency-groups"]["test"]]
    assert ["openwop-testing", "trio"] == names
    assert {"openwop", "openwop_testing", "openwop_webhooks", "release_bot", "pytest"} == (
        imported - set(sys.stdlib_module_names)
    )
