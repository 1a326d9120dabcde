"""Whole packages: what the command line makes of a document, and what stays the user's."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from openwop_codegen.cli import main, plain_config
from openwop_codegen.config import load_config
from openwop_codegen.diagnostics import GeneratorError
from openwop_codegen.generate import differences, generate
from openwop_codegen.project import stale_readme

REPOSITORY = Path(__file__).parents[3]
SHARED = REPOSITORY.parent / "shared" / "protocol"
PUBLISHED = {
    "oxp": (SHARED / "oxp" / "openapi.json", 3),
    "ethos": (SHARED / "ethos" / "openapi.json", 221),
    "ethos-typed": (SHARED / "ethos" / "openapi.typed.json", 222),
}

PET = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
PETS: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "https://pets.example/{stage}", "variables": {"stage": {"default": "v1"}}}],
    "security": [{"key": []}],
    "paths": {
        "/pets": {
            "get": {
                "operationId": "listPets",
                "tags": ["pets"],
                "parameters": [
                    {"name": "cursor", "in": "query", "schema": {"type": "string"}},
                    {"name": "timeout", "in": "query", "schema": {"type": "integer"}},
                ],
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Page"}}
                        },
                    },
                    "default": {
                        "description": "no",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Fault"}}
                        },
                    },
                },
            }
        },
        "/pets/{id}": {
            "delete": {
                "operationId": "pets.toys.remove",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
                ],
                "responses": {"204": {"description": "gone"}},
            }
        },
    },
    "components": {
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Pet-Key"}},
        "schemas": {
            "Pet": PET,
            "Page": {
                "type": "object",
                "required": ["pets"],
                "properties": {
                    "pets": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}},
                    "nextCursor": {"type": "string"},
                },
            },
            "Fault": {"type": "object", "properties": {"reason": {"type": "string"}}},
        },
    },
}


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """Return a document of pets."""
    target = tmp_path / "pets.json"
    target.write_text(json.dumps(PETS), encoding="utf-8")
    return target


def python(code: str, *paths: Path) -> str:
    """Return what *code* prints in an interpreter of its own that finds packages in *paths*."""
    lines = [f"import sys; sys.path[:0] = {[str(path) for path in paths]!r}", code]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_one_command_makes_a_package_that_imports(pets: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"

    assert main(["generate", str(pets), "--package", "pets_client", "-o", str(out)]) == 0

    names = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}
    assert {"README.md", "pyproject.toml", "src/pets_client/py.typed"} <= names
    printed = python(
        "import pets_client as p, json\n"
        "c = p.Client(api_key='k', load_plugins=False)\n"
        "print(c, hasattr(c.pets, 'list'), hasattr(c.pets.toys, 'remove'))\n"
        "print(issubclass(p.NotFoundError, p.PetsError))\n"
        "from pets_client.models import Pet; print(Pet.from_dict({'id': 1}).id)",
        out / "src",
    )
    assert "<Client https://pets.example/v1> True True" in printed
    assert printed.endswith("1")


def test_the_same_document_gives_the_same_bytes_and_check_says_so(
    pets: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    command = [str(pets), "--package", "pets_client", "-o", str(out)]
    main(["generate", *command])
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}

    assert main(["generate", *command]) == main(["check", *command]) == 0

    assert before == {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_what_the_user_wrote_stays_and_what_is_generated_does_not(
    pets: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    command = [str(pets), "--package", "pets_client", "-o", str(out)]
    main(["generate", *command])
    own = out / "src" / "pets_client" / "client.py"
    made = out / "src" / "pets_client" / "_generated" / "face.py"
    text = f"{own.read_text(encoding='utf-8')}\nMINE = 1\n"
    own.write_text(text, encoding="utf-8")
    made.write_text("broken", encoding="utf-8")

    assert main(["check", *command]) == 1
    assert main(["generate", *command]) == 0

    assert text == own.read_text(encoding="utf-8")
    assert "broken" != made.read_text(encoding="utf-8")


def test_adding_a_member_changes_only_the_files_that_hold_it(pets: Path, tmp_path: Path) -> None:
    config = plain_config(pets, "pets_client", tmp_path / "out")
    before = generate(config).files
    document = json.loads(pets.read_text(encoding="utf-8"))
    document["components"]["schemas"]["Pet"]["properties"]["name"] = {"type": "string"}
    pets.write_text(json.dumps(document), encoding="utf-8")

    after = generate(config).files

    assert {"models/pets.py"} == {name for name in after if before.get(name) != after[name]}


def test_keys_servers_pages_and_typed_errors_come_from_the_document(
    pets: Path, tmp_path: Path
) -> None:
    files = generate(plain_config(pets, "pets_client", tmp_path)).files

    assert 'carrier="header:X-Pet-Key"' in files["service.py"]
    assert 'base_url="https://pets.example/v1"' in files["service.py"]
    assert "Pager[Pet, Page]" in files["resources/pets.py"]
    assert "errors={0: Fault}" in files["operations/pets.py"]
    assert "timeout_: int | None = None" in files["resources/pets.py"]


def test_an_overlay_adds_removes_and_selects(pets: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "overlay.yaml"
    actions = [
        {"target": "$.paths['/pets'].get.parameters[?(@.name == 'timeout')]", "remove": True},
        {"target": "$.paths.*.delete", "update": {"operationId": "pets.release"}},
        {"target": "$..Pet.properties", "update": {"age": {"type": "integer"}}},
    ]
    text = json.dumps({"overlay": "1.0.0", "info": {"title": "o", "version": "1"},
                       "actions": actions})  # fmt: skip
    overlay.write_text(text, encoding="utf-8")
    config = attrs.evolve(plain_config(pets, "pets_client", tmp_path), overlays=(overlay,))

    files = generate(config, strict=True).files

    assert "timeout_" not in files["resources/pets.py"]
    assert "def release(" in files["resources/pets.py"]
    assert "age: int | None = None" in files["models/pets.py"]


@pytest.mark.parametrize(
    ("target", "message"),
    [("paths", "begins with"), ("$.paths[", "not understood"), (None, "has no target")],
)
def test_a_target_that_is_none_is_named_with_its_place(
    pets: Path, tmp_path: Path, target: str | None, message: str
) -> None:
    overlay = tmp_path / "overlay.json"
    action = {} if target is None else {"target": target}
    overlay.write_text(json.dumps({"overlay": "1.0.0", "actions": [action]}), encoding="utf-8")
    config = attrs.evolve(plain_config(pets, "pets_client", tmp_path), overlays=(overlay,))

    with pytest.raises(GeneratorError, match=message) as caught:
        generate(config)

    assert "overlay.json#/actions/0" in str(caught.value)


def test_a_target_that_selects_nothing_stops_a_strict_generation(
    pets: Path, tmp_path: Path
) -> None:
    overlay = tmp_path / "overlay.json"
    actions = [{"target": "$.nothing", "remove": True}]
    overlay.write_text(json.dumps({"overlay": "1.0.0", "actions": actions}), encoding="utf-8")
    command = [str(pets), "--package", "pets_client", "-o", str(tmp_path / "out")]

    assert main(["generate", *command, "--overlay", str(overlay), "--strict"]) == 2


def test_two_operations_of_one_id_both_become_methods(pets: Path, tmp_path: Path) -> None:
    document = json.loads(pets.read_text(encoding="utf-8"))
    document["paths"]["/other"] = {"get": {"operationId": "listPets", "tags": ["pets"],
                                           "responses": {"204": {"description": "x"}}}}  # fmt: skip
    pets.write_text(json.dumps(document), encoding="utf-8")

    api = generate(plain_config(pets, "pets_client", tmp_path)).api

    assert {"list", "get_other"} == {one.name for one in api.resources["pets"].methods}


def test_diff_tells_what_breaks_from_what_does_not(
    pets: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(pets.read_text(encoding="utf-8"))
    document["components"]["schemas"]["Pet"]["properties"]["name"] = {"type": "string"}
    same = tmp_path / "compatible.json"
    same.write_text(json.dumps(document), encoding="utf-8")
    del document["paths"]["/pets/{id}"]
    document["paths"]["/pets"]["get"]["parameters"][0]["required"] = True
    worse = tmp_path / "breaking.json"
    worse.write_text(json.dumps(document), encoding="utf-8")

    assert main(["diff", str(pets), str(same)]) == 0
    assert "compatible: Pet: a new member name" in capsys.readouterr().out
    assert main(["diff", str(pets), str(worse)]) == 1
    printed = capsys.readouterr().out
    assert "breaking: pets.toys.remove: the method is gone" in printed
    assert "breaking: pets.list: the argument cursor is required now" in printed


def test_init_writes_a_configuration_that_works(pets: Path, tmp_path: Path) -> None:
    target = tmp_path / "codegen.toml"
    command = ["generate", str(pets), "--package", "pets_client", "-o", str(tmp_path / "out")]

    assert main(["init", "--package", "pets_client", "-o", str(target)]) == 0
    assert main([*command, "--config", str(target)]) == 0
    assert main(["init", "--package", "pets_client", "-o", str(target)]) == 2


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, kind, text = 200, "application/json", json.dumps(PETS)
        if self.path == "/page":
            kind, text = "text/html", "<!doctype html><title>Reference</title>"
        elif self.headers.get("Authorization") != "Bearer t0ken":
            status, text = 401, "{}"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def host() -> Iterator[str]:
    """Return the URL of a service that gives its document to those with a token."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_document_is_fetched_with_a_token(host: str, tmp_path: Path) -> None:
    target = tmp_path / "got.json"

    assert main(["fetch", f"{host}/spec", "--bearer", "t0ken", "-o", str(target)]) == 0

    assert json.loads(target.read_text(encoding="utf-8")) == PETS


@pytest.mark.parametrize(
    ("path", "message"), [("spec", "--bearer TOKEN or --cookie"), ("page", "a web page")]
)
def test_what_comes_in_place_of_a_document_is_said(
    host: str, path: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fetch", f"{host}/{path}"]) == 2

    assert message in capsys.readouterr().err


def test_a_running_service_is_a_source(host: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = ["generate", f"{host}/spec", "--bearer", "t0ken", "--package", "pets_client"]

    assert main([*command, "-o", str(out)]) == 0
    assert (out / "src" / "pets_client" / "_generated" / "face.py").is_file()


@pytest.mark.parametrize("name", ["oxp", "ethos"])
def test_the_example_clients_are_what_their_descriptions_say(name: str) -> None:
    path = REPOSITORY / "spec" / name / "codegen.toml"
    if not path.is_file():
        pytest.skip("the descriptions are not beside these tests")
    config = load_config(path)

    result = generate(config, strict=True)

    assert differences(config, result.files) == []
    assert stale_readme(config, result.api, config.project) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_a_published_document_generates_whole_imports_and_type_checks(
    name: str, tmp_path: Path
) -> None:
    document, count = PUBLISHED[name]
    if not document.is_file():
        pytest.skip("the published documents are not beside this checkout")
    api = pytest.importorskip("mypy.api")
    command = ["generate", str(document), "--package", "made", "-o", str(tmp_path), "--strict"]

    assert main(command) == 0

    result = generate(plain_config(document, "made", tmp_path))
    source = tmp_path / "src"
    assert count == sum(len(one.methods) for one in result.api.resources.values())
    imported = "import made, made.models, made.params; c = made.Client\nprint(c.__name__)"
    assert python(imported, source) == "Client"
    settings = tmp_path / "mypy.ini"
    settings.write_text(f"[mypy]\nstrict = true\nmypy_path = {source}\n", encoding="utf-8")
    where = ["--config-file", str(settings), "--cache-dir", str(tmp_path / "cache"), "-p", "made"]
    said, _, code = api.run(where)
    assert (0, True) == (code, said.startswith("Success")), said


def test_names_that_a_model_needs_itself_are_left_to_it(pets: Path, tmp_path: Path) -> None:
    document = json.loads(pets.read_text(encoding="utf-8"))
    members = {name: {"type": "string"} for name in ("self", "attrs", "onWire", "zeta")}
    document["components"]["schemas"]["Pet"]["properties"].update(members)
    pets.write_text(json.dumps(document), encoding="utf-8")
    main(["generate", str(pets), "--package", "pets_client", "-o", str(tmp_path / "out")])

    printed = python(
        "from pets_client.models import Pet\n"
        "p = Pet.from_dict({'id': 1, 'self': 'a', 'attrs': 'b', 'onWire': 'c', 'zeta': 'd'})\n"
        "print(p.self_, p.attrs_, p.on_wire_, p.zeta)",
        tmp_path / "out" / "src",
    )

    assert printed == "a b c d"


def test_numbers_with_a_fraction_are_listed_as_numbers(pets: Path, tmp_path: Path) -> None:
    document = json.loads(pets.read_text(encoding="utf-8"))
    rate = {"type": "number", "enum": [0.5, 1, 2.5]}
    document["components"]["schemas"]["Pet"]["properties"]["rate"] = rate
    pets.write_text(json.dumps(document), encoding="utf-8")

    files = generate(plain_config(pets, "pets_client", tmp_path), strict=True).files

    assert "rate: float | None = None" in files["models/pets.py"]


def test_a_type_with_the_name_of_a_class_of_the_runtime_gets_another(
    pets: Path, tmp_path: Path
) -> None:
    text = pets.read_text(encoding="utf-8").replace('"Page"', '"Operation"')
    pets.write_text(text.replace("schemas/Page", "schemas/Operation"), encoding="utf-8")

    files = generate(plain_config(pets, "pets_client", tmp_path)).files

    assert "LIST: Operation[Operation_] = Operation(" in files["operations/pets.py"]
