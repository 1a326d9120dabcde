"""Generate a client of every document of the sample, and tell how that went.

    python -m tools.sweep [--work DIR] [--limit N] [--jobs N] [--seconds S] [--no-types]

Every row is kept in the working folder, so that a sweep that was stopped goes on where it stood;
what was found with another generator is found anew.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.sweep.documents import Document, sample
from tools.sweep.ours import Row, cleared, imported, in_time, made, type_checked

import openwop
import openwop_codegen

_BATCH = 1500  # operations and types in one run of mypy


def digest() -> str:
    """Return what tells this generator and this runtime from others."""
    found = hashlib.sha256()
    for package in (openwop_codegen, openwop):
        home = Path(str(package.__file__)).parent
        folders = [home] if package is openwop_codegen else [home / "runtime"]
        for folder in folders:
            for path in sorted(folder.rglob("*.py")):
                found.update(path.read_bytes())
    return found.hexdigest()[:16]


class Sweep:
    """One sweep of our generator over documents.

    Args:
        work: The folder that keeps rows and clients.
        seconds: How long each step of a document may take.
    """

    def __init__(self, work: Path, seconds: float) -> None:
        self.work = work
        self.seconds = seconds
        self.digest = digest()

    def _file(self, document: Document) -> Path:
        return self.work / "rows" / f"{document.key}.json"

    def known(self, document: Document) -> Row:
        """Return what was found of *document* with this generator."""
        file = self._file(document)
        row: Row = json.loads(file.read_text("utf-8")) if file.is_file() else {}
        return row if row.get("digest") == self.digest else {}

    def keep(self, document: Document, row: Row) -> None:
        """Keep *row*."""
        file = self._file(document)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(row, indent=1), encoding="utf-8")

    def folder(self, document: Document) -> Path:
        """Return where the client of *document* is written."""
        return self.work / "clients" / document.key

    def make(self, document: Document) -> Row:
        """Generate and import the client of *document*."""
        row = self.known(document)
        if row and ("typed" in row or not row.get("imports") or self.folder(document).is_dir()):
            return row
        out = cleared(self.folder(document))
        row = {"document": document.name, "digest": self.digest, "generated": False, "whole": False}
        row |= in_time(made, document, out, seconds=self.seconds)
        if row["generated"]:
            row["imports"] = False
            row |= in_time(imported, out / "src", document.key, seconds=self.seconds)
        self.keep(document, row)
        if "why" in row or not row["whole"]:
            print(f"{document.name}: {row.get('why') or row['lost'][0]}", flush=True)
        return row

    def check(self, documents: list[Document]) -> None:
        """Type-check the clients of *documents* in one run."""
        rows = type_checked(
            [(one.key, self.folder(one) / "src") for one in documents], self.work, self.seconds * 4
        )
        for document in documents:
            row = self.known(document) | rows[document.key]
            self.keep(document, row)
            if not row["typed"]:
                print(f"{document.name}: {row['errors']} of mypy: {row['mypy']}", flush=True)
            shutil.rmtree(self.folder(document), ignore_errors=True)


def share(rows: list[Row], name: str) -> str:
    """Return how many of *rows* have *name* true."""
    good = sum(bool(row.get(name)) for row in rows)
    return f"{good} of {len(rows)} ({100 * good / max(len(rows), 1):.1f} %)"


def main() -> int:
    """Sweep, print a line for every miss, and the shares."""
    parser = argparse.ArgumentParser(prog="sweep", description="Generate clients of documents.")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "openwop-sweep")
    parser.add_argument("--limit", type=int, default=0, help="at most so many documents")
    parser.add_argument("--only", default="", help="documents whose names have this text")
    parser.add_argument("--jobs", type=int, default=1, help="so many documents at a time")
    parser.add_argument("--seconds", type=float, default=300.0, help="for each step of a document")
    parser.add_argument("--no-types", action="store_true", help="without mypy")
    arguments = parser.parse_args()
    work = arguments.work.resolve()
    documents = [one for one in sample(work, arguments.limit) if arguments.only in one.name]
    sweep = Sweep(work, arguments.seconds)
    started = time.perf_counter()
    waiting: list[Document] = []
    weight = 0
    with ThreadPoolExecutor(arguments.jobs) as pool:
        for document, row in zip(documents, pool.map(sweep.make, documents), strict=True):
            if arguments.no_types or not row.get("generated") or "typed" in row:
                continue
            waiting.append(document)
            weight += row["operations"] + row["types"]
            if weight > _BATCH:
                sweep.check(waiting)
                waiting, weight = [], 0
        if waiting:
            sweep.check(waiting)
    rows = [sweep.known(document) for document in documents]
    for name in ("generated", "whole", "imports", *(() if arguments.no_types else ("typed",))):
        print(f"{name}: {share(rows, name)}")
    print(f"{len(rows)} documents in {time.perf_counter() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
