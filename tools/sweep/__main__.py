"""Generate a client of every document of the sample, and tell how that went.

    python -m tools.sweep [--work DIR] [--limit N] [--jobs N] [--seconds S] [--no-types]
    python -m tools.sweep --round-trip      calls every operation of the three large documents
    python -m tools.sweep --peers 30        runs other generators on the first 30 documents
    python -m tools.sweep --table FILE      writes the page of docs from what was found

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

from tools.sweep.documents import THREE, Document, sample
from tools.sweep.ours import Row, cleared, imported, in_time, made, type_checked
from tools.sweep.peers import PEERS, peer_rows
from tools.sweep.round_trip import round_trip
from tools.sweep.table import page, share

import openwop
import openwop_codegen

_LEAST = {"whole": 0.95, "imports": 1.0, "typed": 0.98}  # the shares that make a sweep pass
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


def _calls(sweep: Sweep, documents: list[Document]) -> int:
    """Call every operation of the large ones of *documents*, and say what went wrong."""
    wrong = 0
    for document in documents:
        if document.name not in THREE:
            continue
        out = cleared(sweep.work / "called" / document.key)
        row = in_time(made, document, out, seconds=sweep.seconds)
        if row.get("generated"):
            arguments = (document.read(), out / "src", document.key)
            row = in_time(round_trip, *arguments, seconds=sweep.seconds * 4)
        row = {"document": document.name, "calls": 0, "misses": [row.get("why")], **row}
        (sweep.work / "rows" / "calls").mkdir(parents=True, exist_ok=True)
        file = sweep.work / "rows" / "calls" / f"{document.key}.json"
        file.write_text(json.dumps(row, indent=1), encoding="utf-8")
        print(f"{document.name}: {row['calls']} calls, {len(row['misses'])} not as expected")
        for one in row["misses"]:
            print(f"  {one}", flush=True)
        wrong += len(row["misses"])
    return 1 if wrong else 0


def _page(sweep: Sweep, documents: list[Document], command: str) -> str:
    """Return the page of docs, of the rows that there are."""
    home = sweep.work / "rows"

    def kept(folder: str) -> list[Row]:
        files = [home / folder / f"{one.key}.json" for one in documents]
        return [json.loads(file.read_text("utf-8")) for file in files if file.is_file()]

    rows = kept(".")
    earlier = sum(row["digest"] != sweep.digest for row in rows)
    if earlier:
        print(f"{earlier} of {len(rows)} rows were found with an earlier generator")
    calls = {row["document"]: row for row in kept("calls")}
    peers = {peer.name: found for peer in PEERS if (found := kept(peer.name))}
    return page(rows, peers, calls, command, earlier)


def main() -> int:
    """Sweep, print a line for every miss, and the shares."""
    parser = argparse.ArgumentParser(prog="sweep", description="Generate clients of documents.")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "openwop-sweep")
    parser.add_argument("--limit", type=int, default=0, help="at most so many documents")
    parser.add_argument("--only", default="", help="documents whose names have this text")
    parser.add_argument("--jobs", type=int, default=1, help="so many documents at a time")
    parser.add_argument("--seconds", type=float, default=300.0, help="for each step of a document")
    parser.add_argument("--no-types", action="store_true", help="without mypy")
    parser.add_argument("--round-trip", action="store_true", help="call every operation of three")
    parser.add_argument("--peers", type=int, default=0, metavar="N", help="run other generators")
    parser.add_argument("--table", type=Path, metavar="FILE", help="write what was found there")
    arguments = parser.parse_args()
    work = arguments.work.resolve()
    documents = [one for one in sample(work, arguments.limit) if arguments.only in one.name]
    sweep = Sweep(work, arguments.seconds)
    if arguments.table:
        arguments.table.write_text(_page(sweep, documents, "tox -e sweep"), encoding="utf-8")
        return 0
    if arguments.round_trip:
        return _calls(sweep, documents)
    if arguments.peers:
        for peer in PEERS:
            rows = peer_rows(peer, documents[: arguments.peers], work, arguments.seconds)
            for name in ("generated", "whole", "imports", "typed"):
                print(f"{peer.name}: {name}: {share(rows, name)}")
        return 0
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
    kept = all(
        sum(bool(row.get(name)) for row in rows) >= least * len(rows)
        for name, least in _LEAST.items() if name != "typed" or not arguments.no_types
    )  # fmt: skip
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
