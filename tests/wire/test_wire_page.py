"""The table of operations in the documentation is complete and up to date."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest
from openwop_wire.table import CASES, PLACES

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def tool() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "tools" / "operations_table.py"))


def test_the_page_is_what_the_tool_writes(tool: dict[str, Any]) -> None:
    assert 0 == tool["main"](["--check"])


def test_a_page_that_was_edited_is_found(
    tool: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "operations.md"

    assert 0 == tool["main"]([], target)
    assert 0 == tool["main"](["--check"], target)
    target.write_text(target.read_text(encoding="utf-8").replace("createRun", "makeRun"))
    assert 1 == tool["main"](["--check"], target)
    assert "out of date" in capsys.readouterr().err


def test_every_operation_has_a_row_and_every_row_an_operation(tool: dict[str, Any]) -> None:
    known = {(operation.id, operation.name) for operation in tool["operations"]()}

    assert known == {(case.operation, case.call) for case in CASES}
    assert "**nothing**" not in tool["page"]()


def test_the_page_names_the_module_that_really_holds_the_row(tool: dict[str, Any]) -> None:
    named = {
        operation: f"tests/wire/openwop_wire/{module}"
        for operation, module in tool["rows"]().items()
    }

    assert PLACES == named
