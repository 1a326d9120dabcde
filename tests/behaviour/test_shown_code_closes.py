"""Code that is shown reads its streams inside `with`, since a loop may be left early."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHOWN = ("README.md", "docs", "examples", "packages/*/README.md", "packages/core/src")
OPENS = {"events", "stream", "start_many"}
ENTERS = {"enter_context", "enter_async_context", "closing", "aclosing"}
BARE = re.compile(r"\bfor\s[^\n]*\sin\s[^\n]*\.(?:events|stream|start_many)\(")


def files(suffix: str) -> list[Path]:
    found: list[Path] = []
    for pattern in SHOWN:
        for path in ROOT.glob(pattern):
            found += path.rglob(f"*{suffix}") if path.is_dir() else [path]
    return sorted(
        path for path in found if path.suffix == suffix and "_generated" not in path.parts
    )


def left_to_chance(tree: ast.AST) -> Iterator[int]:
    """Give the lines on which a stream is opened that nothing is bound to close."""
    entered: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.With, ast.AsyncWith)):
            entered.update(item.context_expr for item in node.items)
        if isinstance(node, ast.Call):
            function = node.func
            name = function.attr if isinstance(function, ast.Attribute) else ""
            if name in ENTERS or (isinstance(function, ast.Name) and function.id in ENTERS):
                entered.update(node.args)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in OPENS
            and node not in entered
        ):
            yield node.lineno


def test_programs_that_are_shown_open_streams_in_with_only() -> None:
    programs = [path for path in files(".py") if not path.is_relative_to(ROOT / "packages")]
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in programs
        for line in left_to_chance(ast.parse(path.read_text("utf-8")))
    ]

    assert [] == found
    assert len(programs) > 20


@pytest.mark.parametrize("suffix", [".md", ".py"])
def test_no_page_and_no_docstring_loops_over_a_bare_stream(suffix: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {loop.group()}"
        for path in files(suffix)
        for loop in BARE.finditer(path.read_text("utf-8"))
    ]

    assert [] == found


@pytest.mark.parametrize(
    "source",
    [
        "for event in run.events(): print(event)",
        "async def f():\n    async for event in client.runs.stream('r'): break",
        "events = run.events()\nnext(events)",
        "list(client.runs.start_many(specs))",
    ],
)
def test_the_search_finds_what_it_is_for(source: str) -> None:
    assert list(left_to_chance(ast.parse(source)))
