"""What docs/releasing.md promises of a release is what its tools look at."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RELEASE = runpy.run_path(str(ROOT / "tools" / "release.py"))
EXTRAS = runpy.run_path(str(ROOT / "tools" / "extras.py"))


def projects() -> dict[str, dict[str, Any]]:
    return {
        path.parent.name: tomllib.loads(path.read_text("utf-8"))["project"]
        for path in ROOT.glob("packages/*/pyproject.toml")
    }


def test_each_package_and_each_extra_is_tried_in_an_environment_of_its_own() -> None:
    promised = {project["name"] for project in projects().values()}
    promised |= {
        f"{project['name']}[{extra}]"
        for project in projects().values()
        for extra in project.get("optional-dependencies", {})
    }

    assert sorted(promised) == sorted(EXTRAS["CASES"])


def test_each_case_installs_what_it_is_about() -> None:
    for case, (wheels, _) in EXTRAS["CASES"].items():
        assert case.partition("[")[0] == wheels[-1]


def test_the_materials_of_a_package_are_listed_with_its_siblings() -> None:
    ours = {project["name"]: folder for folder, project in projects().items()}

    for folder, project in projects().items():
        names = {re.split(r"[=>\[ ]", line)[0] for line in project["dependencies"]}
        siblings = {ours[name] for name in names & set(ours)}

        assert siblings <= set(RELEASE["SIBLINGS"][folder])


def test_builds_that_differ_in_one_byte_or_one_file_are_told_apart() -> None:
    first = {"a.whl": b"1", "b.whl": b"2"}

    compared = RELEASE["compared"]

    assert [] == compared(first, dict(first))
    assert ["b.whl"] == compared(first, {"a.whl": b"1", "b.whl": b"3"})
    assert ["b.whl", "c.whl"] == compared(first, {"a.whl": b"1", "c.whl": b"2"})


def test_the_pythons_that_extras_are_tried_on_are_those_of_the_classifiers() -> None:
    classifiers = projects()["core"]["classifiers"]

    assert [f"Programming Language :: Python :: {python}" for python in EXTRAS["PYTHONS"]] == [
        line for line in classifiers if "Python :: 3." in line
    ]


def test_an_audit_that_looked_nothing_up_is_no_audit() -> None:
    findings = runpy.run_path(str(ROOT / "tools" / "audit.py"))["findings"]
    ours = {"name": "openwop", "skip_reason": "distribution marked as editable"}
    sound = {"name": "a", "version": "1", "vulns": []}
    hole = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["3"]}]}
    unknown = {"name": "c", "skip_reason": "Dependency not found"}

    assert (1, []) == findings({"dependencies": [ours, sound]})
    assert (1, ["b 2: PYSEC-1, mended in 3"]) == findings({"dependencies": [ours, hole]})
    assert "c: not looked up: Dependency not found" in findings({"dependencies": [unknown]})[1]
    assert (0, 1) == (findings({"dependencies": [ours]})[0], len(findings({"dependencies": []})[1]))
