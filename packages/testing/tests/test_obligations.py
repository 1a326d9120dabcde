"""Every obligation of a host is shown by a test that cites it."""

from __future__ import annotations

import ast
import json
from pathlib import Path

HERE = Path(__file__).resolve().parent
OBLIGATIONS = {
    entry["id"]: entry for entry in json.loads((HERE / "obligations.json").read_text("utf-8"))
}


def citations():
    """Return which tests cite which obligation."""
    cited: dict[str, list[str]] = {}
    for path in sorted(HERE.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and "obligation" in ast.unparse(decorator.func):
                    for argument in decorator.args:
                        cited.setdefault(ast.literal_eval(argument), []).append(
                            f"{path.name}::{node.name}"
                        )
    return cited


def test_every_obligation_is_cited_and_every_citation_is_one():
    cited = citations()

    assert [] == sorted(set(OBLIGATIONS) - set(cited))
    assert [] == sorted(set(cited) - set(OBLIGATIONS))


def test_every_row_of_both_checklists_has_obligations():
    rows = {entry["section"] for entry in OBLIGATIONS.values()}

    wanted = {f"v1.md 27.{n}" for n in range(1, 21)} | {f"v2.md 25.2.{n}" for n in range(1, 20)}
    assert wanted == rows


def test_each_obligation_says_something_of_its_own():
    said = [entry["says"] for entry in OBLIGATIONS.values()]

    assert len(said) == len(set(said))
