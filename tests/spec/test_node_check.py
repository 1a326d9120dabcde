"""The vectors hold in another language, and the program that says so can say otherwise."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SPEC = Path(__file__).resolve().parents[2] / "spec"
PROGRAM = SPEC / "check" / "node" / "check.mjs"
VECTORS = SPEC / "vectors"


def _node() -> str | None:
    """Return a Node of version 20 or later: of this environment, or of the machine."""
    beside = str(Path(sys.executable).parent)
    program = shutil.which("node", path=beside) or shutil.which("node")
    if program is None:
        return None
    shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.", shown.stdout)
    return program if version and int(version[1]) >= 20 else None


NODE = _node()
pytestmark = pytest.mark.skipif(NODE is None, reason="Node 20 or later is not installed")


def check(*arguments: str) -> tuple[int, list[str]]:
    """Run the program and return its status and its lines."""
    assert NODE is not None
    command = [NODE, str(PROGRAM), *arguments]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=120)
    assert done.stderr == ""
    # Not splitlines(): what is shown may hold line separators of Unicode.
    return done.returncode, done.stdout.removesuffix("\n").split("\n")


def tables() -> Iterator[Path]:
    return iter(sorted(VECTORS.rglob("*.json")))


def test_every_vector_passes_and_is_reported_by_its_id() -> None:
    expected = {
        f"ok   {path.relative_to(VECTORS).with_suffix('').as_posix()}/{vector['id']}"
        for path in tables()
        for vector in json.loads(path.read_text(encoding="utf-8"))["vectors"]
    }

    status, lines = check()

    assert [line for line in lines if line.startswith("FAIL")] == []
    assert set(lines[:-1]) == expected
    assert lines[-1] == f"{len(expected)} passed, 0 failed"
    assert status == 0


def test_a_topic_can_be_checked_alone() -> None:
    status, lines = check("--topic", "sse")

    assert status == 0
    assert lines[:-1]
    assert all(line.startswith("ok   sse/") for line in lines[:-1])


def _spoil(value: Any) -> Any:
    """Return another value of the same kind."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return value + "x"
        case list():
            return [*value, "x"]
        case dict() if value:
            name = next(iter(value))
            return {**value, name: _spoil(value[name])}
        case _:
            return {"int": "7"}


# What a vector of each table expects; a file's own name comes before that of its topic.
EXPECTATIONS = {
    "audit/canonical": ("text",),
    "audit/checkpoints": ("scheme",),
    "audit/entries": ("hash",),
    "audit/roots": ("root",),
    "codec/decode": ("value", "refused"),
    "codec/encode": ("text",),
    "discovery/gates": ("advertised",),
    "discovery/negotiation": ("expected",),
    "errors": ("category",),
    "events/read": ("event",),
    "events/strict": ("path",),
    "events/wrong": ("path",),
    "ids/percent": ("segment",),
    "ids/project": ("projected",),
    "ids/unproject": ("bound",),
    "retry/ambiguity": ("expected",),
    "retry/decisions": ("expected",),
    "retry/retry-after": ("seconds",),
    "sse": ("events", "last_event_id", "retry"),
    "webhooks": ("expect",),
    "webhooks/dedup": ("same",),
    "webhooks/egress": ("allowed",),
    "webhooks/signing": ("headers",),
}


@pytest.mark.parametrize(
    "table", [pytest.param(path, id=str(path.relative_to(VECTORS))) for path in tables()]
)
def test_a_wrong_expectation_in_any_table_is_found(table: Path, tmp_path: Path) -> None:
    name = table.relative_to(VECTORS).with_suffix("").as_posix()
    members = EXPECTATIONS.get(name) or EXPECTATIONS[name.partition("/")[0]]
    content = json.loads(table.read_text(encoding="utf-8"))
    spoiled: set[str] = set()
    for vector in content["vectors"]:
        member = next((member for member in members if member in vector), None)
        if member is not None:
            vector[member] = _spoil(vector[member])
            spoiled.add(f"{name}/{vector['id']}")
    copy = tmp_path / table.relative_to(VECTORS)
    copy.parent.mkdir()
    copy.write_text(json.dumps(content), encoding="utf-8")

    status, lines = check("--vectors", str(tmp_path), "--failures")

    assert spoiled
    assert {line.removeprefix("FAIL ").partition(": ")[0] for line in lines[:-1]} == spoiled
    assert status == 1


def _write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


VECTOR = {"id": "a", "wire": "", "events": [], "last_event_id": "", "retry": None}


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        (
            "tea/one.json",
            '{"topic": "tea", "vectors": [{"id": "a"}]}',
            "the topic tea is not known",
        ),
        ("sse/one.json", "{", "the file is no JSON"),
        ("sse/one.json", '{"topic": "sse", "vectors": []}', "no table of sse vectors"),
        ("sse/one.json", '{"topic": "codec", "vectors": [{"id": "a"}]}', "no table of sse vectors"),
        ("sse/one.json", '{"topic": "sse", "vectors": [{"wire": ""}]}', "the id is missing"),
        (
            "sse/one.json",
            json.dumps({"topic": "sse", "vectors": [VECTOR, VECTOR]}),
            "not the only one",
        ),
        ("codec/one.json", '{"topic": "codec", "vectors": [{"id": "a"}]}', "no check for one"),
    ],
)
def test_what_it_cannot_check_is_a_failure(
    tmp_path: Path, name: str, text: str, problem: str
) -> None:
    _write(tmp_path, name, text)

    status, lines = check("--vectors", str(tmp_path), "--failures")

    assert status == 1
    assert problem in lines[0]


def test_nothing_to_check_is_a_failure(tmp_path: Path) -> None:
    assert check("--vectors", str(tmp_path)) == (1, ["0 passed, 0 failed"])
    assert check("--topic", "tea")[0] == 1
