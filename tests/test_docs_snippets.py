"""Every snippet of the documentation runs as it stands, and prints what it says it prints."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from openwop_codegen.cli import main as generator
from openwop_testing import FakeHost
from openwop_testing.server import load

ROOT = Path(__file__).resolve().parents[1]
SNIPPETS = ROOT / "docs" / "snippets"
APART = ("test_", "generated_")  # what the test at the end of this file runs in its own way
PROGRAMS = sorted(path for path in SNIPPETS.glob("*.py") if not path.stem.startswith(APART))
TESTS = sorted(SNIPPETS.glob("test_*.py"))
INCLUDED = re.compile(r"^ *--8<--\n *(\S+)\n *--8<--$", re.MULTILINE)
README_BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
PRINTS = "# prints\n"
KEY = "hk_test_docs"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where a host serves the workflows of the examples."""
    host = FakeHost(api_key=KEY)
    load(ROOT / "examples" / "workflows", host)
    with host.serve(virtual_time=True) as url:
        yield url
    host.close()


@pytest.fixture
def newcomer(address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The environment of somebody who runs a snippet: an address, a key and a folder."""
    monkeypatch.setenv("OPENWOP_BASE_URL", address)
    monkeypatch.setenv("OPENWOP_API_KEY", KEY)
    monkeypatch.setenv("WEBHOOK_SECRET", "a-secret-of-the-subscription")
    monkeypatch.syspath_prepend(str(SNIPPETS))
    monkeypatch.chdir(tmp_path)
    return address


def expected_of(source: str) -> re.Pattern[str]:
    """Return what a snippet says it prints, if anything; `...` in a line stands for anything."""
    _, _, tail = source.partition(PRINTS)
    lines = [line.removeprefix("#").removeprefix(" ") for line in tail.splitlines()]
    wanted = [re.escape(line).replace(r"\.\.\.", ".*?") for line in lines]
    return re.compile("\n".join(wanted) + "\n?")


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_snippet_runs_and_prints_what_it_says(
    path: Path, newcomer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = set(sys.modules)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        runpy.run_path(str(path), run_name="__main__")

    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(SNIPPETS)):
            del sys.modules[name]
    printed = capsys.readouterr().out
    assert expected_of(path.read_text("utf-8")).fullmatch(printed), printed


@pytest.mark.slow
def test_the_snippets_that_are_tests_pass_in_a_pytest_of_their_own(tmp_path: Path) -> None:
    """One process for all of them, with the settings of somebody who has none."""
    settings = tmp_path / "pytest.ini"
    settings.write_text("[pytest]\nfilterwarnings = error\n")
    options = ["-q", "-p", "no:cacheprovider", "-c", str(settings), "--noconftest"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *map(str, TESTS)],
        cwd=SNIPPETS,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_ADDOPTS": ""},
        capture_output=True,
        check=False,
        text=True,
        timeout=120,
    )

    assert 0 == done.returncode, done.stdout + done.stderr
    assert re.search(r"^\d+ passed", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("page", ["README.md", "packages/core/README.md"])
def test_the_python_of_a_readme_runs_as_it_stands(
    page: str, newcomer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only the address and the key of the example give way to those of the host."""
    blocks = README_BLOCK.findall((ROOT / page).read_text("utf-8"))
    names: dict[str, object] = {"__name__": "__main__"}
    printed: list[str] = []
    for block in blocks:
        source = block.replace("https://api.example.com", newcomer).replace("hk_test_abc123", KEY)
        exec(compile(source, page, "exec", dont_inherit=True), names)
        printed.append(capsys.readouterr().out)

    lines = printed[0].splitlines()
    assert any(line.endswith(" run.completed") for line in lines)
    assert "Faster, and in blue." in lines[-1]


def test_every_snippet_is_on_a_page_and_every_page_includes_what_there_is() -> None:
    pages = [*ROOT.glob("docs/**/*.md"), ROOT / "examples" / "README.md"]
    included = {name for page in pages for name in INCLUDED.findall(page.read_text("utf-8"))}
    snippets = {path.relative_to(ROOT).as_posix() for path in SNIPPETS.glob("*.*")}

    assert set() == {name for name in included if not (ROOT / name).is_file()}
    assert set() == snippets - included


def test_a_snippet_that_prints_something_else_is_noticed() -> None:
    pattern = expected_of("print(1)\n\n# prints\n# run ... ended\n# 1\n")

    assert pattern.fullmatch("run 17 ended\n1\n")
    assert not pattern.fullmatch("run 17 ended\n2\n")
    assert not pattern.fullmatch("run 17 ended\n")


class _Pets(BaseHTTPRequestHandler):
    """Answers for every pet."""

    def do_GET(self) -> None:
        body = b'{"name": "Rex", "age": 7}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as inherited
        """Stay quiet."""


def test_the_client_that_the_page_generates_is_used_as_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    document = str(SNIPPETS / "pets.json")
    assert 0 == generator(["generate", document, "--package", "pets_client", "-o", str(tmp_path)])
    capsys.readouterr()
    monkeypatch.syspath_prepend(str(tmp_path / "src"))
    source = (SNIPPETS / "generated_pets.py").read_text("utf-8")
    with HTTPServer(("127.0.0.1", 0), _Pets) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        here = source.replace("https://pets.example.com", f"http://127.0.0.1:{server.server_port}")
        try:
            exec(compile(here, "generated_pets.py", "exec", dont_inherit=True), {})
        finally:
            server.shutdown()
            for name in [name for name in sys.modules if name.startswith("pets_client")]:
                del sys.modules[name]

    assert expected_of(source).fullmatch(capsys.readouterr().out)
