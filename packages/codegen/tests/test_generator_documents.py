"""What real documents hold that nobody would write into a test: each was met in one of them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openwop_codegen.cli import main

Making = Callable[[dict[str, Any]], Path]


@pytest.fixture
def made(tmp_path: Path) -> Making:
    """Return what generates a document's client, without a loss, and returns its sources."""

    def make(document: dict[str, Any]) -> Path:
        source = tmp_path / "api.json"
        source.write_text(json.dumps(document), encoding="utf-8")
        out = tmp_path / "out"
        assert main(["generate", str(source), "--package", "met", "-o", str(out), "--strict"]) == 0
        return out / "src"

    return make


def told(source: Path, code: str) -> str:
    """Return what *code* prints where every module of the client has been imported."""
    lines = [
        f"import sys; sys.path.insert(0, {str(source)!r})",
        "import importlib, pkgutil, warnings; warnings.simplefilter('error')",
        "import met",
        "for one in pkgutil.walk_packages(met.__path__, 'met.'): importlib.import_module(one.name)",
        "client = met.Client('http://x.example', api_key='k', load_plugins=False)",
        code,
    ]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.stdout.strip()


def api(tag: str = "things", doc: str = "", **operation: Any) -> dict[str, Any]:
    """Return a document of one operation."""
    found = {"operationId": "getThing", "tags": [tag], "responses": {"204": {"description": "ok"}}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "tags": [{"name": tag, "description": doc}],
        "paths": {"/things": {"get": {**found, **operation}}},
    }


@pytest.mark.parametrize("doc", ['The "quoted"', "A back\\slash", 'Has """ in it', "Ends in \\"])
def test_the_description_of_a_tag_may_hold_anything(made: Making, doc: str) -> None:
    source = made(api(doc=doc))

    assert told(source, "print(type(client).things.__doc__)").startswith(doc[:3])


@pytest.mark.parametrize("tag", ["resources", "raw resources", "AsyncResources"])
def test_a_tag_may_be_called_like_the_class_that_gathers_resources(made: Making, tag: str) -> None:
    source = made(api(tag=tag))

    name = tag.replace(" ", "_").replace("AsyncR", "async_r")
    assert told(source, f"print(hasattr(client.{name}, 'get_thing'))") == "True"
    assert told(source, "print(met.client.face.Resources.__module__)") == "met._generated.client"


def test_an_operation_may_be_called_like_the_type_that_it_answers_with(made: Making) -> None:
    document = api()
    schemas = {name: {"type": "object", "properties": {"a": {}}} for name in ("OCR", "JSON")}
    document["components"] = {"schemas": schemas}
    for name in schemas:
        answer = {"schema": {"$ref": f"#/components/schemas/{name}"}}
        document["paths"][f"/{name}"] = {
            "get": {
                "operationId": name.lower(),
                "tags": ["things"],
                "responses": {
                    "200": {"description": "ok", "content": {"application/json": answer}},
                    "400": {"description": "no", "content": {"application/json": {"schema": {}}}},
                },
            }
        }
    source = made(document)

    code = "from met._generated.operations import things as ops; print(ops.OCR_.id, ops.JSON_.id)"
    assert told(source, code) == "ocr json"


def test_an_extension_among_webhooks_is_no_webhook(made: Making) -> None:
    document = api()
    answers = {"200": {"description": "ok"}}
    document["x-webhooks"] = {"x-kept-out": True, "born": {"post": {"responses": answers}}}

    source = made(document)

    assert "born" in (source / "met" / "_generated" / "webhooks.py").read_text()


def test_the_answer_to_a_head_request_is_nothing_whatever_is_described(made: Making) -> None:
    document = api()
    answers = {"200": {"description": "ok", "content": {"application/json": {"schema": {}}}}}
    document["paths"]["/things"]["head"] = {
        "operationId": "probe",
        "tags": ["things"],
        "responses": answers,
    }

    source = made(document)

    code = "from met._generated.operations import things as ops; print(ops.PROBE.routes[''].answer)"
    assert told(source, code) == "none"


def test_to_make_a_client_imports_no_model_and_no_resource(made: Making) -> None:
    document = api()
    thing = {"type": "object", "properties": {"a": {"type": "string"}}}
    answer = {"description": "ok", "content": {"application/json": {"schema": thing}}}
    document["paths"]["/things"]["get"]["responses"]["200"] = answer
    source = made(document)

    code = (
        f"import sys; sys.path.insert(0, {str(source)!r}); import met\n"
        "met.Client('http://x.example', api_key='k', load_plugins=False)\n"
        "families = ('models.', 'resources.', 'operations.', 'params.')\n"
        "made = [name.partition('._generated.')[2] for name in sys.modules]\n"
        "print([name for name in made if name.startswith(families)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
