"""What the README shows runs as it stands, and its tables list what there is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from openwop_testing import FakeHost, control, plugin

README = Path(__file__).resolve().parents[1] / "README.md"
TEXT = README.read_text("utf-8")
IN_PROCESS, IN_PYTEST, RECORDED = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


def test_the_first_example_runs():
    exec(compile(IN_PROCESS, str(README), "exec", dont_inherit=True), {})


def test_the_example_of_the_fixtures_passes(tmp_path):
    """
    In a process of its own: nothing but the entry point brings the plugin.
    """
    (tmp_path / "test_readme_example.py").write_text(IN_PYTEST)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--strict-markers"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert 0 == done.returncode, done.stdout + done.stderr
    assert "1 passed" in done.stdout


def test_the_example_of_recordings_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with FakeHost(api_key="hk_test_openwop").serve() as url:
        exec(compile(RECORDED, str(README), "exec", dont_inherit=True), {"url": url})

    assert "hk_test_openwop" not in (tmp_path / "discovery.jsonl").read_text("utf-8")


def test_every_path_that_scripts_a_host_is_listed():
    listed = re.findall(r"^\| `(GET|POST|DELETE) /_fake/([a-z/]+)`", TEXT, re.MULTILINE)

    assert len(listed) == len(set(listed))
    assert set(control._ACTIONS) == set(listed)


def test_every_member_of_a_fault_is_named():
    [row] = [line for line in TEXT.splitlines() if line.startswith("| `POST /_fake/faults`")]
    kinds = [kind for kind in control.FAULTS if f"`{kind}`" not in TEXT]

    assert [] == kinds
    for name in ("status", "retryAfter", "atByte", "seconds", "skip", "rate", "seed", "inARow"):
        assert f"`{name}`" in row


def test_every_fixture_and_option_is_named():
    names = {name for name in vars(plugin) if name.startswith("openwop_")}

    assert {name for name in names if f"`{name}`" not in TEXT} == set()
    for option in ("--openwop-live", "--openwop-seed", "--openwop-block-network"):
        assert f"`{option}" in TEXT
