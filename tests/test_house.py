"""The rules of the house that no other tool checks."""

from __future__ import annotations

import ast
import importlib
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = {
    "core": ("openwop", "openwop"),
    "otel": ("openwop-otel", "openwop_otel"),
    "webhooks": ("openwop-webhooks", "openwop_webhooks"),
    "testing": ("openwop-testing", "openwop_testing"),
    "codegen": ("openwop-codegen", "openwop_codegen"),
}
LONGEST_FILE = 600
DISTRIBUTIONS = {"opentelemetry": "opentelemetry-api", "yaml": "pyyaml"}
MACHINE_PATHS = re.compile(r"(?<![\w./-])/(?:work|root|home/(?!(?:user|you|app)\b)\w+|Users/\w+)/")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def tracked(*patterns: str) -> list[Path]:
    """Return the files that git tracks, or all there are where the sources came without git."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    if listing.returncode != 0:
        skipped = {".git", ".tox", ".venv", "__pycache__"}
        found = [path for pattern in patterns for path in ROOT.rglob(pattern)]
        return [path for path in found if not skipped & set(path.relative_to(ROOT).parts)]
    return [path for name in listing.stdout.splitlines() if (path := ROOT / name).is_file()]


def metadata(package: str) -> dict[str, Any]:
    project = tomllib.loads((ROOT / "packages" / package / "pyproject.toml").read_text("utf-8"))
    return project["project"]


def test_no_hand_written_python_file_is_over_600_lines() -> None:
    hand_written = [path for path in tracked("*.py") if "_generated" not in path.parts]

    sizes = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines())
        for path in hand_written
    }

    assert len(sizes) > 0
    assert {} == {name: size for name, size in sizes.items() if size > LONGEST_FILE}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_typed_and_has_a_readme_and_the_licence(package: str) -> None:
    folder = ROOT / "packages" / package
    _, module = PACKAGES[package]

    assert (folder / "src" / module / "py.typed").is_file()
    assert len((folder / "README.md").read_text("utf-8").splitlines()) > 5
    assert (ROOT / "LICENSE").read_bytes() == (folder / "LICENSE").read_bytes()


def test_the_packages_folder_holds_the_packages_and_nothing_else() -> None:
    found = {path.parent.name for path in (ROOT / "packages").glob("*/pyproject.toml")}

    assert set(PACKAGES) == found
    assert {metadata(package)["name"] for package in found} == {
        name for name, _ in PACKAGES.values()
    }


def test_all_packages_are_of_one_version() -> None:
    versions = {package: metadata(package)["version"] for package in PACKAGES}

    assert 1 == len(set(versions.values())), versions


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_pins_its_siblings_exactly(package: str) -> None:
    project = metadata(package)
    extras = project.get("optional-dependencies", {}).values()
    requirements = [*project["dependencies"], *(line for extra in extras for line in extra)]
    ours = {name for name, _ in PACKAGES.values()}

    siblings = [
        line for line in requirements if re.split(r"[^\w-]", line, maxsplit=1)[0].lower() in ours
    ]

    assert package == "core" or siblings
    assert [
        line
        for line in siblings
        if line.partition("==")[2] != project["version"]
        # An extra of the package itself needs no pin: `all` is made of such.
        and not line.startswith(f"{project['name']}[")
    ] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_supports_python_from_311_on_without_an_upper_bound(package: str) -> None:
    project = metadata(package)

    assert ">=3.11" == project["requires-python"]
    assert [name for name in project["classifiers"] if "Python :: 3." in name] == [
        f"Programming Language :: Python :: 3.{minor}" for minor in (11, 12, 13)
    ]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_declares_every_library_that_it_imports(package: str) -> None:
    project = metadata(package)
    extras = project.get("optional-dependencies", {})
    optional = {_distribution(line) for extra in extras.values() for line in extra}
    required = {_distribution(line) for line in project["dependencies"]}
    # The plugin is imported by pytest alone, and trio only where it is already running.
    peers = {"testing": {"pytest", "trio"}}.get(package, set())
    imported = _third_party_imports(ROOT / "packages" / package / "src")

    assert [] == sorted(imported - required - optional - peers)
    assert package == "otel" or imported & required


def test_no_file_names_a_path_of_one_machine() -> None:
    offenders: list[str] = []
    for path in tracked("*"):
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        offenders += [
            f"{path.relative_to(ROOT)}: {match.group()}" for match in MACHINE_PATHS.finditer(text)
        ]

    assert [] == offenders


@pytest.mark.parametrize(
    ("before", "parts", "found"),
    [
        ("see ", ("work", "main"), True),
        ('"', ("home", "alice", "src"), True),
        ("", ("home", "you", "src"), False),
        ("under the net", ("work", "main"), False),
    ],
)
def test_the_search_for_machine_paths_knows_one(
    before: str, parts: tuple[str, ...], found: bool
) -> None:
    text = f"{before}/{'/'.join(parts)}"

    assert (MACHINE_PATHS.search(text) is not None) is found


def test_every_link_of_a_markdown_page_to_a_file_leads_to_one() -> None:
    broken: list[str] = []
    for page in tracked("*.md"):
        for target in LINK.findall(_without_code(page.read_text("utf-8"))):
            if re.match(r"[a-z][a-z0-9+.-]*:|#", target):
                continue
            if not (page.parent / target.partition("#")[0]).exists():
                broken.append(f"{page.relative_to(ROOT)}: {target}")

    assert [] == broken


def test_every_changelog_fragment_says_what_users_can_do_now() -> None:
    kinds = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")
    fragments = [path for path in tracked("changelog.d/*.md") if path.name != "README.md"]

    assert [] == [path.name for path in fragments if not path.read_text("utf-8").startswith(kinds)]


@pytest.mark.parametrize("package", PACKAGES)
def test_the_tests_run_against_the_packages_they_mean(package: str) -> None:
    _, module = PACKAGES[package]
    file = importlib.import_module(module).__file__

    assert file is not None
    if os.environ.get("OPENWOP_EXPECT_INSTALLED") == "1":
        assert Path(file).is_relative_to(sys.prefix)
        assert not Path(file).is_relative_to(ROOT / "packages")
    else:
        assert Path(file).is_relative_to(ROOT / "packages")


def _without_code(markdown: str) -> str:
    """Return *markdown* without fenced blocks and inline code, where brackets are not links."""
    prose = re.sub(r"^( *)(```|~~~).*?^\1\2", "", markdown, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", prose)


def _distribution(requirement: str) -> str:
    return re.split(r"[^\w-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def _third_party_imports(folder: Path) -> set[str]:
    """Return the distributions that some module of *folder* imports, at its top or later."""
    modules: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                modules.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                modules.add(node.module)
    tops = {module.partition(".")[0] for module in modules} - set(sys.stdlib_module_names)
    itself = {path.name for path in folder.iterdir()}
    return {DISTRIBUTIONS.get(top, top.replace("_", "-")) for top in tops - itself}
