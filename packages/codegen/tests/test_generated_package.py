"""A generated package in the hands of its user: installed, run by its README, generated again."""

from __future__ import annotations

import http.server
import importlib.util
import json
import os
import re
import site
import subprocess
import sys
import threading
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from openwop_codegen.cli import main

TOY = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
}


def answer(schema: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"200": {"description": "ok", "content": content}}


def toys() -> dict[str, Any]:
    """Return a document with a namespace per kind of call."""
    ref = {"$ref": "#/components/schemas/Toy"}
    page = {
        "type": "object",
        "properties": {"toys": {"type": "array", "items": ref}, "nextCursor": {"type": "string"}},
    }
    cursor = {"name": "cursor", "in": "query", "schema": {"type": "string"}}
    number = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Toys", "version": "1"},
        "servers": [{"url": "http://127.0.0.1:9"}],
        "paths": {
            "/toys": {
                "get": {
                    "operationId": "toys.list", "parameters": [cursor], "responses": answer(page),
                }
            },
            "/shelves/{id}": {
                "get": {
                    "operationId": "shelves.get", "parameters": [number], "responses": answer(ref),
                }
            },
            "/makers": {
                "post": {
                    "operationId": "makers.create",
                    "requestBody": {
                        "required": True, "content": {"application/json": {"schema": ref}},
                    },
                    "responses": answer(ref),
                }
            },
        },
        "webhooks": {"moved": {"post": {"responses": {}}}},
        "components": {"schemas": {"Toy": TOY}},
    }  # fmt: skip


def generated(folder: Path, document: dict[str, Any], *, out: str = "out") -> Path:
    source = folder / "toys.json"
    source.write_text(json.dumps(document), encoding="utf-8")
    project = folder / out
    assert main(["generate", str(source), "--package", "toys_client", "-o", str(project)]) == 0
    return project


def texts(project: Path) -> dict[str, str]:
    return {
        path.relative_to(project).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(project.rglob("*"))
        if path.is_file()
    }


@pytest.mark.slow
@pytest.mark.skipif(
    not all(map(importlib.util.find_spec, ("hatchling", "ensurepip"))),
    reason="hatchling or ensurepip is missing",
)
def test_pip_installs_the_package_where_there_is_no_network(tmp_path: Path) -> None:
    project = generated(tmp_path, toys())
    environment = tmp_path / "venv"
    venv.EnvBuilder(with_pip=True).create(environment)
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ours = [path for path in site.getsitepackages() if Path(path).is_dir()]
    inner = next(path for path in environment.rglob("site-packages") if not path.is_symlink())
    lines = [f"import site; site.addsitedir({path!r})" for path in ours]
    (inner / "outer.pth").write_text("\n".join(lines), encoding="utf-8")

    command = [str(python), "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    done = subprocess.run(
        [*command, "--no-build-isolation", "--disable-pip-version-check", str(project)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr

    code = (
        "import toys_client, importlib.metadata as m, pathlib\n"
        "home = pathlib.Path(toys_client.__file__).parent\n"
        "print(m.version('toys-client'), (home / 'py.typed').is_file())\n"
        "print(toys_client.Client(load_plugins=False), home.is_relative_to(VENV))\n"
    )
    told = subprocess.run(
        [str(python), "-c", f"VENV = {str(environment.resolve())!r}\n{code}"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert told.stderr == ""
    assert told.stdout.split("\n")[0] == "0.1.0 True"
    assert told.stdout.split("\n")[1] == "<Client http://127.0.0.1:9> True"


@pytest.fixture
def shop() -> Iterator[str]:
    """Serve toys on a socket."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            toy = {"id": 1, "name": "bear"}
            body = json.dumps({"toys": [toy]} if self.path == "/toys" else toy).encode()
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_every_example_of_the_readme_runs(tmp_path: Path, shop: str) -> None:
    project = generated(tmp_path, toys())
    readme = (project / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    names = re.findall(r"^### (\w+)", readme, re.MULTILINE)

    code = [
        "import sys",
        f"sys.path.insert(0, {str(project / 'src')!r})",
        *(block.replace("https://api.example.com", shop) for block in blocks),
        "client.close()",
    ]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "\n".join(code)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.stderr == ""
    assert names == ["makers", "shelves", "toys"]
    assert done.stdout.count("bear") == 3
    assert "moved POST" in done.stdout


def test_a_small_change_of_the_document_gives_a_small_difference(tmp_path: Path) -> None:
    before = texts(generated(tmp_path, toys()))
    changed = toys()
    changed["components"]["schemas"]["Toy"]["properties"]["colour"] = {"type": "string"}
    after = texts(generated(tmp_path, changed, out="other"))

    assert set(before) == set(after)
    lines = {
        name: len(set(after[name].splitlines()) ^ set(before[name].splitlines()))
        for name in before
        if before[name] != after[name]
    }
    made = "src/toys_client/_generated"
    assert set(lines) <= {
        f"{made}/models/shared.py", f"{made}/params/shared.py", f"{made}/params/makers.py",
        f"{made}/resources/makers.py", f"{made}/operations/makers.py",
    }  # fmt: skip
    assert sum(lines.values()) <= 24


def test_a_new_operation_changes_nothing_of_the_other_namespaces(tmp_path: Path) -> None:
    before = texts(generated(tmp_path, toys()))
    changed = toys()
    changed["paths"]["/pens"] = {"get": {"operationId": "pens.list", "responses": {}}}
    after = texts(generated(tmp_path, changed, out="other"))

    touched = {name for name in after if before.get(name) != after[name]}
    made = "src/toys_client/_generated"
    assert touched == {
        "README.md", f"{made}/client.py", f"{made}/operations/pens.py",
        f"{made}/resources/pens.py", f"{made}/views/pens.py",
    }  # fmt: skip


def test_what_the_user_owns_survives_and_a_file_of_its_own_is_left_alone(tmp_path: Path) -> None:
    project = generated(tmp_path, toys())
    home = project / "src" / "toys_client"
    own = {
        home / "client.py": "# mine\n",
        home / "extras.py": "# mine too\n",
        project / "pyproject.toml": "# and mine\n",
        project / "README.md": "# My words\n",
    }
    for path, text in own.items():
        path.write_text(text, encoding="utf-8")
    changed = toys()
    del changed["paths"]["/makers"]

    generated(tmp_path, changed)

    assert {path: path.read_text(encoding="utf-8") for path in own} == own
    assert not (home / "_generated" / "resources" / "makers.py").exists()
