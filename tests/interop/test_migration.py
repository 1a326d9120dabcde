"""`openwop migrate` says in our words what the pairs of the two clients say, pair by pair."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("libcst", reason="the extra `cli` is not installed")
pytest.importorskip("typer", minversion="0.24", reason="the extra `cli` is not installed")

from pairs import PAIRS, Pair

from openwop.cli._migrating import _parameters, migrate
from openwop.cli._migration_table import METHODS

ROOT = Path(__file__).resolve().parents[2]

# A dictionary with the wire's names, of which the note says so.
LOOKED_AT_BY_HAND = {("runs_create", (2,)), ("host_dispatch_ui_plugin_request", (2,))}


def words(value: Any) -> str:
    """Return a value as Python."""
    if isinstance(value, dict):
        if "@" in value:
            members = (f"{name}={words(item)}" for name, item in value.items() if name != "@")
            return f"{value['@']}({', '.join(members)})"
        return "{" + ", ".join(f"{name!r}: {words(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(words, value)) + "]"
    return repr(value)


def classes(value: Any) -> set[str]:
    """Return the request classes in a value."""
    if isinstance(value, dict):
        own = {value["@"]} if "@" in value else set()
        return own.union(*(classes(item) for item in value.values()))
    return set().union(*map(classes, value)) if isinstance(value, list) else set()


class Heard:
    """A client that notes the call that is made of it."""

    def __init__(self, path: str = "", said: list[tuple[str, dict[str, Any]]] | None = None):
        self.path = path
        self.said = [] if said is None else said

    def __getattr__(self, name: str) -> Heard:
        return Heard(f"{self.path}.{name}".lstrip("."), self.said)

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        taken = inspect.Signature(
            [
                inspect.Parameter(name, kind, default=None)
                for name, kind in _parameters(self.path).items()
            ]
        )
        self.said.append((self.path, dict(taken.bind(*args, **kwargs).arguments)))


def name_of(pair: Pair) -> str:
    return f"{pair.theirs}-{''.join(map(str, pair.majors))}-{len(pair.values)}"


@pytest.mark.parametrize("pair", PAIRS, ids=name_of)
def test_a_call_in_their_words_becomes_the_call_in_ours(pair: Pair) -> None:
    names = set().union(*map(classes, [*pair.values, *pair.named.values()]))
    given = [*map(words, pair.values), *(f"{k}={words(v)}" for k, v in pair.named.items())]
    imports = ", ".join(["OpenwopClient", *sorted(names)])

    moved = migrate(
        f"from openwop_client import {imports}\nclient.{pair.theirs}({', '.join(given)})\n"
    )

    if (pair.theirs, pair.majors) in LOOKED_AT_BY_HAND:
        assert any("dictionary" in note.text for note in moved.notes)
        return
    client = Heard()
    eval(moved.text.splitlines()[-1], {"client": client})
    assert [(pair.ours, dict(pair.arguments))] == client.said


def test_the_table_is_that_of_the_page_about_moving() -> None:
    page = (ROOT / "docs" / "how-to" / "moving.md").read_text("utf-8")

    assert METHODS == dict(re.findall(r"^\| `(\w+)` \| `([\w.]+)` \|", page, re.MULTILINE))
