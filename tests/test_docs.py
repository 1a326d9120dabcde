"""The documentation says what is so: generated pages, install commands, where readers are led."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PROSE = [
    ROOT / "README.md",
    *sorted((ROOT / "packages").glob("*/README.md")),
    *sorted(DOCS.rglob("*.md")),
    ROOT / "llms.txt",
]
INSTALL = re.compile(r"pip install (?:-q )?[\"']?openwop\b")
CHECKOUT = re.compile(r"pip install (?:-q )?[\"']?\.{1,2}/\S*packages/|from a checkout")
COMMANDS = [
    "python3 -m venv .venv && .venv/bin/pip install -q tox && .venv/bin/tox run -e quickstart",
    "python3 -m venv .venv && .venv/bin/pip install -q tox && .venv/bin/tox run",
]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_the_page_of_errors_is_what_the_classes_and_the_codes_say() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "errors_page.py"), "--check"],
        capture_output=True,
        check=False,
        text=True,
    )

    assert 0 == done.returncode, done.stderr


@pytest.mark.parametrize("path", PROSE, ids=name_of)
def test_who_reads_pip_install_openwop_also_reads_how_from_a_checkout(path: Path) -> None:
    """The names are not registered: whoever follows the page must get there all the same."""
    text = path.read_text("utf-8")

    assert not INSTALL.search(text) or CHECKOUT.search(text)


def test_the_first_two_commands_of_the_readme_are_the_two_commands() -> None:
    text = (ROOT / "README.md").read_text("utf-8")

    assert COMMANDS == re.findall(r"^    (\S.*)$", text, re.MULTILINE)[:2]


@pytest.mark.parametrize("package", ["core", "codegen", "otel", "testing", "webhooks"])
def test_the_readme_leads_to_every_package(package: str) -> None:
    assert f"(packages/{package}/README.md)" in (ROOT / "README.md").read_text("utf-8")


def test_every_page_is_in_the_navigation() -> None:
    """`tox run -e docs` says so too; this says it without building the site."""
    navigation = (ROOT / "mkdocs.yml").read_text("utf-8").partition("\nnav:")[2]
    listed = set(re.findall(r"- ([\w./*-]+\.md)$", navigation, re.MULTILINE))

    missing = [
        uri
        for path in DOCS.rglob("*.md")
        if (uri := path.relative_to(DOCS).as_posix()) not in listed
        and not any(path.match(pattern) for pattern in listed if "*" in pattern)
    ]

    assert [] == missing


def test_the_reference_names_what_there_is() -> None:
    """Every name of `openwop.__all__` that is a class or function has its place."""
    import openwop

    pages = "".join(path.read_text("utf-8") for path in (DOCS / "reference").glob("*.md"))
    errors = (DOCS / "errors.md").read_text("utf-8")
    places = re.findall(r"^::: ([\w.]+)$", pages, re.MULTILINE)
    modules = {"audit", "errors", "events", "models", "params", "registry", "runtime", "sse"}
    plain = {"ERROR_CODES", "UNSET", "__version__", "hookimpl", "hookspec"}
    wire = {"AsyncTransport", "Request", "Response", "Transport"}  # ::: openwop.wire
    public = set(openwop.__all__) - modules - plain - wire - {"transports", "wire"}

    assert "openwop.wire" in places
    assert [] == [
        name
        for name in sorted(public)
        if f"openwop.{name}" not in places and f">{name}<" not in errors
    ]


def test_the_site_needs_nothing_from_the_network() -> None:
    settings = (ROOT / "mkdocs.yml").read_text("utf-8")

    assert "  - offline\n" in settings
    assert "  font: false\n" in settings
    assert [] == re.findall(r"https?://", settings)


def test_each_method_of_the_older_client_has_its_row() -> None:
    """The pairs that `tox run -e interop` compares are the rows of the page about moving."""
    page = (DOCS / "how-to" / "moving.md").read_text("utf-8")
    rows = set(re.findall(r"^\| `(\w+)` \| `([\w.]+)`", page, re.MULTILINE))
    pairs: set[tuple[str, str]] = set()
    for file in ("pairs_runs.py", "pairs_library.py"):
        tree = ast.parse((ROOT / "tests" / "interop" / file).read_text("utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            words = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
            names = [word for word in words if isinstance(word, str)]
            if isinstance(call.func, ast.Name) and call.func.id in {"Pair", "on_run"}:
                pairs.add((names[2], names[1]))

    assert len(pairs) > 60
    assert [] == sorted(pairs - rows)


def test_the_groups_of_the_site_are_ours_to_install() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]

    assert {"mkdocs-material", "mkdocstrings-python"} == {
        re.split(r"[>=]", line)[0] for line in groups["docs"]
    }


@pytest.mark.slow
def test_the_project_of_the_first_hour_is_green(tmp_path: Path) -> None:
    """What the page has its reader write is written, and tested as the page says, in a process."""
    page = (DOCS / "first-hour.md").read_text("utf-8")
    files = re.findall(r"^cat > (\S+) <<'PY'\n(.*?)^PY$", page, re.MULTILINE | re.DOTALL)
    for name, text in files:
        (tmp_path / name).write_text(text, "utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        text=True,
    )

    assert ["greeting.py", "test_greeting.py"] == [name for name, _ in files]
    assert 0 == done.returncode, done.stdout + done.stderr
    assert "3 passed" in done.stdout
