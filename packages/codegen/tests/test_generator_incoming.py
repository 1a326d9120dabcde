"""Webhooks and callbacks: what a service sends by itself becomes typed readers and tables."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openwop_codegen.build import build
from openwop_codegen.cli import main, plain_config
from openwop_codegen.compare import compare
from openwop_codegen.diagnostics import Report

FED = {
    "type": "object",
    "required": ["when"],
    "properties": {"when": {"type": "string", "format": "date-time"}},
}


def sent(schema: Any, medium: str = "application/json", **more: Any) -> dict[str, Any]:
    """Return an operation that the service performs, with a body of *schema*."""
    return {
        "requestBody": {"content": {medium: {"schema": schema}}},
        "responses": {"202": {"description": "Taken."}},
        **more,
    }


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "https://pets.example"}],
    "paths": {
        "/pets": {
            "post": {
                "operationId": "addPet",
                "tags": ["pets"],
                "responses": {"204": {"description": "ok"}},
                "callbacks": {
                    "onFed": {
                        "{$request.body#/url}": {"post": sent({"$ref": "#/components/schemas/Fed"})}
                    },
                    "onNote": {"$ref": "#/components/callbacks/Note"},
                },
            }
        }
    },
    "webhooks": {
        "pet-born": {
            "parameters": [{"name": "X-Event", "in": "header", "schema": {"type": "string"}}],
            "post": sent(
                {
                    "type": "object",
                    "required": ["id"],
                    "properties": {
                        "id": {"type": "integer"},
                        "fed": {"$ref": "#/components/schemas/Fed"},
                    },
                },
                summary="A pet was born.",
            ),
        },
        "pet-moved": {
            "post": sent({"anyOf": [{"$ref": "#/components/schemas/Fed"}, {"type": "null"}]}),
            "put": {"responses": {}},
        },
    },
    "components": {
        "schemas": {"Fed": FED},
        "callbacks": {
            "Note": {"{$request.query.at}": {"post": sent({"type": "string"}, "text/plain")}}
        },
    },
}


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return the module of webhooks of the generated package."""
    source = tmp_path / "hooks.json"
    source.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    out = tmp_path / "out"
    assert main(["generate", str(source), "--package", "hooked_client", "-o", str(out)]) == 0
    monkeypatch.syspath_prepend(str(out / "src"))
    yield importlib.import_module("hooked_client.webhooks")
    for name in [name for name in sys.modules if name.startswith("hooked_client")]:
        del sys.modules[name]


def test_every_webhook_and_callback_has_a_typed_reader_and_stands_in_a_table(made: Any) -> None:
    assert set(made.WEBHOOKS) == {"pet-born", "pet-moved.post", "pet-moved.put"}
    assert set(made.CALLBACKS) == {"addPet.onFed", "addPet.onNote"}
    assert made.CALLBACKS["addPet.onFed"] is made.ADD_PET_ON_FED
    assert made.ADD_PET_ON_FED.address == "{$request.body#/url}"
    assert made.PET_MOVED_PUT.method == "PUT"
    assert {"WEBHOOKS", "CALLBACKS", "PET_BORN"} <= set(made.__all__)


def test_a_payload_is_read_as_the_model_of_its_schema(made: Any) -> None:
    born = made.PET_BORN.parse(b'{"id": 7, "fed": {"when": "2026-05-01T10:00:00Z"}}')

    assert (born.id, born.fed.when.year) == (7, 2026)
    assert made.PET_MOVED_POST.parse("null") is None
    assert made.PET_MOVED_PUT.parse(b"") is None


def test_a_body_that_is_no_json_is_handed_out_as_text_and_reported(
    made: Any, tmp_path: Path
) -> None:
    assert made.ADD_PET_ON_NOTE.parse(b"hello") == "hello"

    report = Report()
    build(plain_config(tmp_path / "hooks.json", "hooked_client", tmp_path), report)
    (found,) = report.of("warning")
    assert found.kind == "free-typed"
    assert "/components/callbacks/Note" in found.where


def test_the_source_documents_what_comes_with_a_webhook(made: Any) -> None:
    source = Path(sys.modules["hooked_client._generated.webhooks"].__file__ or "")
    text = source.read_text(encoding="utf-8")

    assert "A pet was born." in text
    assert "Carries `header X-Event`." in text
    assert "Answers: 202: Taken." in text


def test_a_webhook_without_a_method_is_reported_as_dropped(workshop: Any) -> None:
    document = workshop.document(webhooks={"empty": {"summary": "nothing"}})

    result = workshop.generate(document)

    assert [finding.kind for finding in result.report.of("warning")] == ["dropped"]


def test_a_comparison_tells_what_changed_in_what_is_sent(tmp_path: Path) -> None:
    other = json.loads(json.dumps(DOCUMENT))
    del other["webhooks"]["pet-born"]
    other["webhooks"]["pet-gone"] = {"post": sent({"type": "integer"})}
    other["webhooks"]["pet-moved"]["put"] = sent({"type": "integer"})
    apis = []
    for name, document in (("old", DOCUMENT), ("new", other)):
        source = tmp_path / f"{name}.json"
        source.write_text(json.dumps(document), encoding="utf-8")
        apis.append(build(plain_config(source, "hooked_client", tmp_path), Report()))

    changes = {(one.where, one.breaking): one.message for one in compare(*apis)}

    assert changes["pet-born", True] == "the webhook is gone"
    assert changes["pet-gone", False] == "a new webhook"
    assert changes["pet-moved.put", True] == "has a payload now"


def test_webhooks_of_several_variants_are_one_reader(workshop: Any) -> None:
    first = workshop.document(webhooks={"moved": {"post": sent({"type": "integer"})}})
    second = workshop.document(
        webhooks={"moved": {"post": sent({"type": "string"})}, "new": {"post": sent({})}}
    )

    api = workshop.generate(first, second).api

    assert api.incoming["moved"].variants == ("1", "2")
    assert api.incoming["new"].variants == ("2",)
