"""References: across files and addresses, by anchor and by id, and with members beside them."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openwop_codegen.cli import main
from openwop_codegen.diagnostics import GeneratorError

PET = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}


@pytest.fixture
def elsewhere() -> Iterator[dict[str, Any]]:
    """Serve documents by path on a socket; `asked` lists what was asked for."""
    files: dict[str, Any] = {"asked": []}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            files["asked"].append(self.path)
            body = json.dumps(files[self.path]).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    files["url"] = f"http://127.0.0.1:{server.server_port}"
    yield files
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_reference_to_another_address_wants_permission_and_is_named(workshop: Any) -> None:
    remote = "https://schemas.example/pet.json#/Pet"

    with pytest.raises(GeneratorError) as caught:
        workshop.models({"Thing": {"type": "object", "properties": {"pet": {"$ref": remote}}}})

    message = str(caught.value)
    assert "#/components/schemas/Thing/properties/pet" in message
    assert "https://schemas.example/pet.json is elsewhere; --allow-remote fetches it" in message


def test_a_reference_that_is_no_web_address_is_refused_whatever_is_allowed(workshop: Any) -> None:
    with pytest.raises(GeneratorError, match="no http address"):
        workshop.models({"Thing": {"$ref": "ftp://x.example/a"}}, extra="allow_remote = true")


def test_what_is_elsewhere_is_fetched_once_with_what_it_refers_to(
    workshop: Any, elsewhere: dict[str, Any]
) -> None:
    elsewhere["/a/pets.json"] = {"Pet": PET, "Pets": {"$ref": "../b/list.json"}}
    elsewhere["/b/list.json"] = {"type": "array", "items": {"$ref": "/a/pets.json#/Pet"}}
    url = f"{elsewhere['url']}/a/pets.json"
    thing = {
        "type": "object",
        "required": ["one", "all"],
        "properties": {"one": {"$ref": f"{url}#/Pet"}, "all": {"$ref": f"{url}#/Pets"}},
    }

    text = workshop.models({"Thing": thing}, extra="allow_remote = true")

    assert "one: Pet\n" in text
    assert "all: list[Pet]\n" in text
    assert sorted(elsewhere["asked"]) == ["/a/pets.json", "/b/list.json"]


def test_the_documents_of_a_running_service_refer_to_each_other(
    elsewhere: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere["/api/openapi.json"] = {
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1"},
        "paths": {
            "/pets": {
                "get": {
                    "operationId": "listPets",
                    "responses": {
                        "200": {
                            "description": "ok",
                            "content": {
                                "application/json": {"schema": {"$ref": "schemas.json#/Pet"}}
                            },
                        }
                    },
                }
            }
        },
    }
    elsewhere["/api/schemas.json"] = {"Pet": PET}
    url = f"{elsewhere['url']}/api/openapi.json"
    command = ["generate", url, "--package", "far_client", "-o", str(tmp_path)]

    assert main(command) == 2
    assert "--allow-remote fetches it" in capsys.readouterr().err

    assert main([*command, "--allow-remote"]) == 0
    made = tmp_path / "src" / "far_client" / "_generated"
    assert "class Pet(Model)" in (made / "models" / "pets.py").read_text(encoding="utf-8")
    service = (made / "service.py").read_text(encoding="utf-8")
    assert f'base_url="{elsewhere["url"]}"' in service


def test_anchors_and_ids_are_found_in_the_document_and_in_others(workshop: Any) -> None:
    schemas = {
        "Cat": {"$anchor": "cat", **PET},
        "Dog": {"$id": "https://schemas.example/dog", **PET},
        "Cow": {"$id": "cow", **PET},
        "Thing": {
            "type": "object",
            "required": ["cat", "dog", "cow", "owl"],
            "properties": {
                "cat": {"$ref": "#cat"},
                "dog": {"$ref": "https://schemas.example/dog"},
                "cow": {"$ref": "cow"},
                "owl": {"$ref": "other.yaml#owl"},
            },
        },
    }
    other = {"birds": [{"$anchor": "owl", "title": "Owl", **PET}]}

    files = workshop.generate(workshop.document(schemas=schemas), other=other).files
    text = "".join(text for name, text in files.items() if name.startswith("models/"))

    for line in ("cat: Cat", "dog: Dog", "cow: Cow"):
        assert f"{line}\n" in text
    assert "owl: " in text


def test_an_anchor_that_is_not_there_is_named(workshop: Any) -> None:
    with pytest.raises(GeneratorError, match="the anchor nowhere, which is not there"):
        workshop.models({"Thing": {"$ref": "#nowhere"}})


def test_a_dynamic_reference_leads_to_the_outermost_anchor(workshop: Any) -> None:
    tree = {
        "$dynamicAnchor": "node",
        "type": "object",
        "required": ["children"],
        "properties": {"children": {"type": "array", "items": {"$dynamicRef": "#node"}}},
    }

    assert "children: list[Tree]\n" in workshop.models({"Tree": tree})


def test_members_beside_a_reference_are_added_in_31_and_ignored_in_30(workshop: Any) -> None:
    thing = {
        "$ref": "#/components/schemas/Pet",
        "required": ["name"],
        "properties": {"name": {"type": "string"}},
    }
    new = workshop.document(schemas={"Pet": PET, "Thing": thing})
    old = {**new, "openapi": "3.0.3"}

    added = workshop.generate(new).api.declarations
    ignored = workshop.generate(old).api.declarations

    assert {field.wire for field in added["Thing"].fields} == {"id", "name"}
    assert {field.wire for field in added["Pet"].fields} == {"id"}
    assert "Thing" not in ignored


def test_what_else_stands_beside_a_reference_is_reported(workshop: Any) -> None:
    schemas = {"Pet": PET, "Thing": {"$ref": "#/components/schemas/Pet", "required": ["id"]}}

    report = workshop.generate(workshop.document(schemas=schemas)).report

    assert any("beside a reference" in one.message for one in report.of("note"))


def test_a_component_that_only_refers_takes_no_name_from_its_target(workshop: Any) -> None:
    schemas = {"Alias": {"$ref": "#/components/schemas/Pet"}, "Pet": PET}

    assert set(workshop.generate(workshop.document(schemas=schemas)).api.declarations) == {"Pet"}
