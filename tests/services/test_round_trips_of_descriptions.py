"""Every generated call of a description reaches a service that validates by it, and comes back."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import openwop.runtime.errors
from openwop_codegen.cli import main

REPOSITORY = Path(__file__).resolve().parents[2]
OXP = REPOSITORY / "spec" / "oxp" / "openapi.yaml"
pytest.importorskip("openapi_schema_validator")


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Find the tools of the repository."""
    if not OXP.is_file():
        pytest.skip("the descriptions are not beside these tests")
    monkeypatch.syspath_prepend(str(REPOSITORY))


def outcomes(folder: Path, document: dict[str, Any], package: str) -> list[tuple[str, str]]:
    """Return what came of every call of the client of *document*."""
    source = folder / "api.json"
    source.write_text(json.dumps(document), encoding="utf-8")
    assert main(["generate", str(source), "--package", package, "-o", str(folder / "out")]) == 0
    sys.path.insert(0, str(folder / "out" / "src"))
    importlib.invalidate_caches()
    try:
        return list(
            importlib.import_module("tools.sweep.round_trip").round_trips(document, package)
        )
    finally:
        sys.path.pop(0)


def parameter(name: str, place: str, schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "in": place, "required": place == "path", "schema": schema, **more}


TEXTS = {"type": "array", "items": {"type": "string"}, "minItems": 2}
POINT = {
    "type": "object",
    "required": ["x"],
    "properties": {"x": {"type": "integer"}, "y": {"type": "boolean"}},
}
THING = {
    "type": "object",
    "required": ["id", "kind"],
    "properties": {
        "id": {"type": "string", "pattern": "^t-[0-9]{3}$"},
        "kind": {"type": "string", "enum": ["big", "small"]},
        "madeAt": {"type": "string", "format": "date-time"},
        "inner": {"$ref": "#/components/schemas/Thing"},
        "either": {"oneOf": [{"type": "integer"}, POINT]},
        "made-by": {"type": "string", "readOnly": True},
        "secret": {"type": "string", "writeOnly": True},
    },
}


def styles() -> dict[str, Any]:
    """Return a document with every place and style, and every kind of body."""
    thing = {"schema": {"$ref": "#/components/schemas/Thing"}}
    answers = {"200": {"description": "ok", "content": {"application/json": thing}}}
    parameters = [
        parameter("id", "path", {"type": "integer"}),
        parameter("tags", "path", TEXTS),
        parameter("many", "query", TEXTS),
        parameter("joined", "query", TEXTS, explode=False),
        parameter("piped", "query", TEXTS, style="pipeDelimited", explode=False),
        parameter("deep", "query", POINT, style="deepObject"),
        parameter("flag", "query", {"type": "boolean"}),
        parameter("X-Trace", "header", {"type": "string"}),
        parameter("session", "cookie", {"type": "string"}),
    ]
    bodies = {
        "json": "application/json",
        "form": "application/x-www-form-urlencoded",
        "multipart": "multipart/form-data",
    }
    flat = {"name": {"type": "string"}, "size": {"type": "integer"}, "labels": TEXTS}
    paths: dict[str, Any] = {
        "/things/{id}/{tags}": {
            "get": {"operationId": "things.get", "parameters": parameters, "responses": answers}
        }
    }
    for name, medium in bodies.items():
        schema = thing["schema"] if name == "json" else {"type": "object", "properties": flat}
        body = {"required": True, "content": {medium: {"schema": schema}}}
        paths[f"/{name}"] = {"post": {"requestBody": body, "responses": answers}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Styles", "version": "1"},
        "paths": paths,
        "components": {"schemas": {"Thing": THING}},
    }


def test_every_call_of_oxp_is_what_its_description_allows(tmp_path: Path) -> None:
    document = yaml.safe_load(OXP.read_text(encoding="utf-8"))

    found = outcomes(tmp_path, document, "called_oxp")

    assert [one for one in found if one[1]] == []
    assert len(found) == 6


def test_every_place_style_and_body_arrives_as_it_was_given(tmp_path: Path) -> None:
    found = outcomes(tmp_path, styles(), "called_styles")

    assert [one for one in found if one[1]] == []
    assert len(found) == 8


def test_a_call_that_the_document_does_not_allow_is_told(tmp_path: Path) -> None:
    """The service of these tests is not one that lets everything by."""
    generated = styles()
    source = tmp_path / "api.json"
    source.write_text(json.dumps(generated), encoding="utf-8")
    main(["generate", str(source), "--package", "called_wrong", "-o", str(tmp_path / "out")])
    stricter = styles()
    query = stricter["paths"]["/things/{id}/{tags}"]["get"]["parameters"]
    stricter["paths"]["/things/{id}/{tags}"]["get"]["parameters"] = [
        one for one in query if one["name"] != "flag"
    ]
    stricter["paths"]["/form"]["post"]["requestBody"]["content"] = {"application/json": {}}
    sys.path.insert(0, str(tmp_path / "out" / "src"))
    importlib.invalidate_caches()
    round_trips = importlib.import_module("tools.sweep.round_trip").round_trips
    mock = importlib.import_module("tools.sweep.mock")
    schemas = importlib.import_module("tools.sweep.schemas").Schemas(stricter)
    try:
        client = importlib.import_module("called_wrong").Client(
            "http://mock.test", transport=(service := mock.Mock(schemas, "")), load_plugins=False
        )
        found = dict(round_trips(stricter, "called_wrong"))
    finally:
        sys.path.pop(0)
    service.expected = next(one for one in mock.described(schemas) if one.method == "GET")

    with pytest.raises(openwop.runtime.errors.APIStatusError):
        client.things.get(1, ["a", "b"], flag=True)
    assert service.said == "flag is no query parameter"
    assert any("is not among the media types" in wrong for wrong in found.values())
