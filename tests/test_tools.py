"""The small programs in tools/ that tox and the release lean on."""

from __future__ import annotations

import runpy
import zipfile
from pathlib import Path
from typing import Any

import pytest

TOOLS = Path(__file__).resolve().parents[1] / "tools"


def tool(name: str) -> dict[str, Any]:
    return runpy.run_path(str(TOOLS / f"{name}.py"))


def report(folder: Path, environment: str, attributes: str) -> None:
    home = folder / environment / "tmp"
    home.mkdir(parents=True)
    (home / "pytest.xml").write_text(f"<testsuites><testsuite {attributes}/></testsuites>")


def test_the_summary_adds_up_what_pytest_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report(tmp_path, "py311", 'tests="10" failures="1" errors="0" skipped="2" time="1.5"')
    report(tmp_path, "wheels", 'tests="4" failures="0" errors="1" skipped="0" time="0.25"')

    tool("summary")["main"](tmp_path)

    assert capsys.readouterr().out.splitlines() == [
        "py311: 1 failed, 7 passed, 2 skipped in 1.50s",
        "wheels: 1 error, 3 passed in 0.25s",
        f"{'=' * 15} 1 failed, 1 error, 10 passed, 2 skipped in 1.75s {'=' * 15}",
    ]


def test_the_summary_says_so_when_no_tests_ran(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tool("summary")["main"](tmp_path)

    assert " no tests ran in 0.00s " in capsys.readouterr().out


GOOD_WHEEL = ("openwop/__init__.py", "openwop/py.typed", "openwop-1.dist-info/licenses/LICENSE")


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        (GOOD_WHEEL, None),
        ((*GOOD_WHEEL, "tests/test_x.py"), "not of the package"),
        ((*GOOD_WHEEL, "openwop/tests/test_x.py"), "not of the package"),
        (GOOD_WHEEL[::2], "no py.typed"),
        (GOOD_WHEEL[:2], "no licence"),
    ],
)
def test_a_wheel_is_installed_only_when_it_holds_what_it_should(
    files: tuple[str, ...], complaint: str | None, tmp_path: Path
) -> None:
    wheel = tmp_path / "openwop-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for file in files:
            archive.writestr(file, "")
    check = tool("install_wheels")["_check_contents"]

    if complaint is None:
        check("openwop", wheel)
    else:
        with pytest.raises(SystemExit, match=complaint):
            check("openwop", wheel)


def test_wheels_are_not_installed_when_one_is_missing(tmp_path: Path) -> None:
    (tmp_path / "openwop-1-py3-none-any.whl").touch()

    with pytest.raises(SystemExit, match="expected one wheel for each of"):
        tool("install_wheels")["main"](tmp_path)


def test_an_unknown_benchmark_is_named_beside_the_known_ones() -> None:
    with pytest.raises(SystemExit, match="no benchmark is called nonsense; there are "):
        tool("bench")["main"](["nonsense"])
