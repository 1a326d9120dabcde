"""Whether a discovery document advertises what an operation needs: the table in spec/."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from openwop._majors._capabilities import advertises, family

VECTORS = Path(__file__).parents[3] / "spec" / "vectors" / "discovery" / "gates.json"
TABLE = json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"]


@pytest.mark.parametrize("vector", [pytest.param(v, id=v["id"]) for v in TABLE])
def test_a_gate_is_open_as_the_table_says(vector: dict[str, Any]) -> None:
    assert advertises(vector["document"], vector["gate"]) is vector["advertised"]


def test_a_family_is_found_at_the_root_or_in_the_old_wrapper() -> None:
    assert family({"a": 1, "capabilities": {"a": 2}}, "a") == 1
    assert family({"capabilities": {"a": 2}}, "a") == 2
    assert family({}, "a") is None
