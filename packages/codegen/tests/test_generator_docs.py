"""The user's guide names everything that can be configured and everything that is reported."""

from __future__ import annotations

import re
from pathlib import Path

import attrs
import pytest

from openwop_codegen.config import (
    ClientConfig,
    Config,
    EnvelopeConfig,
    Extensions,
    OperationConfig,
    Override,
    PagingConfig,
    StreamConfig,
)

ROOT = Path(__file__).parents[3]
SOURCES = ROOT / "packages" / "codegen" / "src" / "openwop_codegen"
INTERNAL = {"base_client", "base_async_client", "catalogue", "kinds", "owned", "variant_word"}
"""Settings of openwop's own client, which a document never needs."""


@pytest.fixture(scope="module")
def guide() -> str:
    """Return the words of the guide, where the tests run in a checkout."""
    path = ROOT / "docs" / "codegen.md"
    if not path.is_file():
        pytest.skip("the documentation is not beside these tests")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "cls",
    [
        ClientConfig, Config, EnvelopeConfig, Extensions, OperationConfig, Override, PagingConfig,
        StreamConfig,
    ],
)  # fmt: skip
def test_every_setting_stands_in_the_guide(guide: str, cls: type[attrs.AttrsInstance]) -> None:
    words = set(re.findall(r"[a-z_]+", guide))

    missing = {field.name for field in attrs.fields(cls)} - words - INTERNAL

    assert missing == set()


def test_every_kind_of_finding_stands_in_the_guide(guide: str) -> None:
    call = re.compile(r"report\.(?:note|warn)\(\s*[^,]+?,\s*\"([a-z-]+)\"")
    kinds = {
        kind for path in SOURCES.glob("*.py") for kind in call.findall(path.read_text("utf-8"))
    }

    assert {"dropped", "media", "merged"} <= kinds
    assert {kind for kind in kinds if f"`{kind}`" not in guide} == set()
