"""What it costs to import a generated client, beside the HTTP library that it sends with.

Run it with `python benchmarks/bench_codegen_import.py`.  A client of 300 operations in 30
resources, with a model for each, is generated and imported in interpreters of their own.  What is
measured is the processor's time, of which a busy machine makes little more, and of many runs the
least.  The floor is `import httpx`, which every client needs before it can send.  The program fails
where the import takes longer than its limit, or where it defines a model.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from openwop_codegen.cli import plain_config
from openwop_codegen.generate import generate, write
from openwop_codegen.project import write_project

IMPORT_LIMIT = 0.3
"""Seconds for `from many import Client`, an interpreter's own start not counted."""

OPERATIONS = 300
PACKAGE = "many"
STEPS = {
    "import httpx": "import httpx",
    "import many": "import many",
    "from many import Client": "from many import Client",
    "a client": "from many import Client; Client('http://x.test', load_plugins=False)",
    "a client and one resource": (
        "from many import Client; Client('http://x.test', load_plugins=False).group_07.get_007"
    ),
}


def document() -> dict[str, Any]:
    """Return a description of 300 operations, ten under each of 30 tags."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    for number in range(OPERATIONS):
        name = f"Thing{number:03}"
        schemas[name] = {
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": {"type": "string"},
                "createdAt": {"type": "string", "format": "date-time"},
                "labels": {"type": "array", "items": {"type": "string"}},
                "next": {"$ref": f"#/components/schemas/Thing{(number // 10) * 10:03}"},
            },
        }
        answer = {"schema": {"$ref": f"#/components/schemas/{name}"}}
        paths[f"/things/{number}/{{id}}"] = {
            "get": {
                "operationId": f"get_{number:03}",
                "tags": [f"group_{number % 30:02}"],
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer"}},
                ],
                "responses": {
                    "200": {"description": "It.", "content": {"application/json": answer}}
                },
            }
        }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Many", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def generated(folder: Path) -> Path:
    """Generate the client below *folder* and return where it is found."""
    source = folder / "many.json"
    source.write_text(json.dumps(document()), encoding="utf-8")
    config = plain_config(source, PACKAGE, folder)
    made = generate(config)
    write(config, made.files)
    write_project(config, made.api, folder)
    return folder / "src"


def seconds(code: str, path: Path, rounds: int) -> float:
    """Return the least processor time that *code* took in an interpreter of its own."""
    environment = {**os.environ, "PYTHONPATH": str(path)}
    times: list[float] = []
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True, env=environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times)


def defined(path: Path) -> list[str]:
    """Return the modules of models that making a client imports; there should be none."""
    code = f"{STEPS['a client']}; import sys; print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(path)}
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, env=environment, stdout=subprocess.PIPE, text=True
    )
    return [name for name in done.stdout.split() if name.startswith(f"{PACKAGE}._generated.models")]


def main() -> int:
    """Measure, print a line for each step, and tell whether the limits hold."""
    parser = argparse.ArgumentParser(description="Measure the import of a generated client.")
    parser.add_argument("--rounds", type=int, default=15, help="how many runs of each")
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        path = generated(Path(folder))
        for code in STEPS.values():  # compiles what is imported
            seconds(code, path, 1)
        start = seconds("pass", path, rounds)
        taken = {what: seconds(code, path, rounds) - start for what, code in STEPS.items()}
        models = defined(path)
    floor = taken["import httpx"]
    for what, time in taken.items():
        print(f"{what:28} {time * 1000:6.0f} ms  {time / floor:5.2f} of import httpx")
    print(f"modules of models imported: {len(models)}")
    kept = taken["from many import Client"] < IMPORT_LIMIT and not models
    verdict = "kept" if kept else "NOT KEPT"
    print(f"limit: {IMPORT_LIMIT * 1000:.0f} ms for the client, and no model: {verdict}")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
