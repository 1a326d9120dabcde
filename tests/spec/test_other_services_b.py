"""The descriptions of OXP and Ethos are valid, and complete in what a generator leans on."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml

SPEC = Path(__file__).resolve().parents[2] / "spec"
DOCUMENTS = {name: SPEC / name / "openapi.yaml" for name in ("oxp", "ethos")}


def operations(name: str) -> dict[str, dict[str, Any]]:
    file = DOCUMENTS[name]
    found: dict[str, dict[str, Any]] = {}
    for path, item in yaml.safe_load(file.read_text(encoding="utf-8"))["paths"].items():
        if "$ref" in item:
            group, pointer = item["$ref"].split("#")
            assert unquote(pointer) == "/" + path.replace("/", "~1")
            item = yaml.safe_load((file.parent / group).read_text(encoding="utf-8"))[path]
        for method, operation in item.items():
            found[f"{method.upper()} {path}"] = operation
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_description_is_valid_openapi(name: str) -> None:
    validator = pytest.importorskip("openapi_spec_validator").OpenAPIV31SpecValidator
    document = yaml.safe_load(DOCUMENTS[name].read_text(encoding="utf-8"))

    errors = list(validator(document, base_uri=DOCUMENTS[name].as_uri()).iter_errors())

    assert not errors


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_operation_has_its_own_id_and_says_what_it_does(name: str) -> None:
    described = operations(name)

    assert len(described) == len({operation["operationId"] for operation in described.values()})
    assert not [
        place
        for place, operation in described.items()
        if not all(operation.get(key) for key in ("summary", "description", "tags", "responses"))
    ]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_tag_is_introduced_and_used(name: str) -> None:
    document = yaml.safe_load(DOCUMENTS[name].read_text(encoding="utf-8"))

    used = {tag for operation in operations(name).values() for tag in operation["tags"]}

    assert used == {tag["name"] for tag in document["tags"]}


def test_every_ethos_method_has_its_input_and_output_in_the_envelope() -> None:
    methods = {
        place.removeprefix("POST /rpc/"): operation
        for place, operation in operations("ethos").items()
        if "/rpc/" in place
    }

    for path, operation in methods.items():
        taken = operation["requestBody"]["content"]["application/json"]["schema"]
        returned = operation["responses"]["200"]["content"]["application/json"]["schema"]
        assert path.replace("/", ".") == operation["operationId"]
        assert (taken["required"], returned["required"]) == (["json"], ["json"])
        assert {"json", "meta"} == set(taken["properties"]) == set(returned["properties"])


def test_an_ethos_list_that_pages_has_the_members_it_pages_by() -> None:
    paged = {
        operation["operationId"]: operation["x-openwop-paging"]
        for operation in operations("ethos").values()
        if "x-openwop-paging" in operation
    }

    assert set(paged) == {"sessions.list", "personalities.list", "memory.list", "memory.history"}
    assert {rule["items"] for rule in paged.values()} == {"items", "entries"}
