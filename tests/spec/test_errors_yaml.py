"""What spec/openwop/errors.yaml says is what the references say, and the table follows it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from openwop._generated.error_codes import ERROR_CODES
from openwop_codegen.errors_table import load_error_table

ROOT = Path(__file__).resolve().parents[2]
CODES = load_error_table(ROOT / "spec" / "openwop" / "errors.yaml")
PROTOCOL = ROOT.parent / "shared" / "protocol"
RETRYABLE = {
    "internal_error",
    "pack_registry_unreachable",
    "rate_limited",
    "residency_unavailable",
    "runner_unavailable",
    "service_unavailable",
    "upstream_unavailable",
}

needs_references = pytest.mark.skipif(
    not PROTOCOL.is_dir(), reason="the protocol's references are not beside this checkout"
)


def vectors(name: str) -> list[Any]:
    path = ROOT / "spec" / "vectors" / "errors" / name
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["vectors"]
    return [pytest.param(vector, id=vector["id"]) for vector in found]


@pytest.mark.parametrize("vector", vectors("codes-v2.json"))
def test_a_registered_code_of_major_2_has_its_status_and_category(vector: dict[str, Any]) -> None:
    entry = CODES[vector["code"]]

    assert 2 in entry["majors"]
    assert vector["status"] == entry["status"]["v2"]
    assert vector["retryable"] is entry["retryable"]["v2"]
    assert vector["category"] == ERROR_CODES[vector["code"]].category
    assert vector.get("wait", False) is ERROR_CODES[vector["code"]].wait


@pytest.mark.parametrize("vector", vectors("codes-v1.json"))
def test_a_code_of_major_1_has_what_is_stated_of_it(vector: dict[str, Any]) -> None:
    entry = CODES[vector["code"]]

    assert 1 in entry["majors"]
    if "status" in vector:
        assert set(vector["status"]) == set(entry["status"]["v1"])
    if "retryable" in vector:
        assert vector["retryable"] is entry["retryable"]["v1"]
    assert vector["category"] == ERROR_CODES[vector["code"]].category
    assert vector.get("wait", False) is ERROR_CODES[vector["code"]].wait


def test_seven_codes_of_major_2_may_be_repeated_and_no_other() -> None:
    found = {code for code, entry in CODES.items() if entry["retryable"].get("v2")}

    assert found == RETRYABLE


def test_one_code_asks_to_wait_and_repeat_with_the_same_key() -> None:
    assert [code for code, row in ERROR_CODES.items() if row.wait] == ["idempotency_in_flight"]


@needs_references
def test_the_registry_of_major_2_is_complete() -> None:
    text = (PROTOCOL / "v2.md").read_text("utf-8")
    table = text[text.index("| Code | HTTP | Retry |") : text.index("\\* Registered non-retriable")]
    listed = set(re.findall(r"^\| (\w+) \| \d", table, re.MULTILINE))

    assert {code for code, entry in CODES.items() if 2 in entry["majors"]} == listed
    assert len(listed) == 126


@needs_references
def test_codes_that_major_2_carries_on_are_codes_of_both_majors() -> None:
    text = (PROTOCOL / "v1-to-v2.md").read_text("utf-8")
    carried = re.findall(r"^\| error code \| (\w+) \| (\w+) \| same", text, re.MULTILINE)

    assert [pair for pair in carried if CODES[pair[0]]["majors"] != [1, 2]] == []
    assert len(carried) == 75


@needs_references
def test_every_code_that_the_reference_of_major_1_tabulates_is_here() -> None:
    text = (PROTOCOL / "v1.md").read_text("utf-8")
    table = text[text.index("### 5.3") : text.index("\n## 6.")]
    first = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    named = {code for cell in first for code in re.findall(r"`(\w+)`", cell)}

    assert {code for code in named if 1 not in CODES.get(code, {"majors": []})["majors"]} == set()


@needs_references
def test_only_stated_pairings_become_categories() -> None:
    """
    The mapping marks most pairings as inferred; those stay opaque, and are listed as likely.
    """
    text = (PROTOCOL / "v1-to-v2.md").read_text("utf-8")
    rows = re.findall(
        r"^\| error code \| ([\w, ]+) \| (\w+) \| renamed \| (.*?) \|", text, re.MULTILINE
    )
    stated = {c.strip(): new for old, new, why in rows if "stated" in why for c in old.split(",")}
    guessed = {
        c.strip(): new for old, new, why in rows if "inferred" in why for c in old.split(",")
    }

    assert {code: CODES[code].get("category") for code in stated} == stated
    assert {code: CODES[code].get("likely") for code in guessed} == guessed
    assert [code for code in guessed if ERROR_CODES[code].category != code] == []


@pytest.mark.parametrize("code", CODES)
def test_a_code_says_what_happened_and_what_to_do(code: str) -> None:
    entry = CODES[code]
    row = ERROR_CODES[code]

    assert row.meaning.endswith(".")
    assert row.remedy.endswith(".")
    assert row.meaning == entry["meaning"]
    assert row.remedy == entry["remedy"]
    assert row.majors == tuple(str(major) for major in entry["majors"])
    assert row.category in CODES
    assert entry.get("likely", code) in CODES
    assert set(entry["status"]) == {f"v{major}" for major in entry["majors"]}
    assert set(entry["retryable"]) == {f"v{major}" for major in entry["majors"]}


def test_the_table_is_as_long_as_the_specification() -> None:
    assert set(CODES) == set(ERROR_CODES)
