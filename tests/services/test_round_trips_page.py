"""What the sweep over real documents counts, chooses and writes down."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
pytest.importorskip("openapi_schema_validator")


@pytest.fixture
def documents(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(REPOSITORY))
    return importlib.import_module("tools.sweep.documents")


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(REPOSITORY))
    return importlib.import_module("tools.sweep.table")


def kept(folder: Path, count: int) -> None:
    """Write *count* documents and what is none where a package would have been downloaded to."""
    home = folder / "packages" / "made-up-1.0" / "package" / "api"
    home.mkdir(parents=True)
    for number in range(count):
        document = {"openapi": "3.0.0", "info": {"title": str(number)}, "paths": {}}
        (home / f"d{number}.json").write_text(json.dumps(document))
    (home / "again.json").write_text((home / "d0.json").read_text())
    (home / "old.json").write_text(json.dumps({"swagger": "2.0", "paths": {}}))


def test_the_sample_is_the_same_every_time_and_has_each_text_once(
    documents: ModuleType, tmp_path: Path
) -> None:
    kept(tmp_path, 20)
    source = documents.Source("made-up", "1.0", r"api/.*\.json", 7)
    whole = documents.Source("made-up", "1.0", r"api/.*\.json", None)

    first, second = (documents.sample(tmp_path, 0, [source]) for _ in range(2))

    assert [one.name for one in first] == [one.name for one in second]
    assert (7, 20) == (len(first), len(documents.sample(tmp_path, 0, [whole])))
    assert len({one.key for one in first}) == 7


def test_operations_are_counted_behind_references_too(
    documents: ModuleType, tmp_path: Path
) -> None:
    item: dict[str, Any] = {"get": {}, "post": {}, "parameters": [], "x-more": {}}
    paths = {"/a": item, "/b": {"$ref": "#/paths/~1a"}, "/c": None}
    target = tmp_path / "api.json"
    target.write_text(json.dumps({"openapi": "3.1.0", "paths": paths}))

    assert documents.Document("api", target).operations() == 4


def test_the_page_has_every_miss_with_its_reason(table: ModuleType) -> None:
    good = {
        "document": "good", "generated": True, "whole": True, "imports": True, "typed": True,
        "seconds": 1.0, "operations": 3, "types": 2, "lost": [],
    }  # fmt: skip
    lossy = {**good, "document": "lossy", "whole": False, "lost": ["a field is dropped"]}
    broken = {"document": "broken", "generated": False, "why": "GeneratorError: no"}
    calls = {"good": {"calls": 6, "misses": ["things.get: the body is missing"]}}

    page = table.page([good, lossy, broken], {"other": [good]}, calls, "tox -e sweep")

    assert "| openwop-codegen | 3 | 2 of 3 (66.7 %) | 1 of 3 (33.3 %) |" in page
    assert "- `lossy`: `a field is dropped`" in page
    assert "- `broken`: `GeneratorError: no`" in page
    assert "| other | 1 | 1 of 1 (100.0 %) |" in page
    assert "| `good` | 6 | 5 |" in page
    assert "- `things.get: the body is missing`" in page
