"""Other generators on the same documents: each a black box, in an environment of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import attrs
from tools.sweep.documents import Document
from tools.sweep.ours import Row, cleared, type_checked

__all__ = ["PEERS", "Peer", "peer_rows"]

_IMPORT = """
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
top = importlib.import_module(sys.argv[2])
for module in pkgutil.walk_packages(top.__path__, sys.argv[2] + "."):
    importlib.import_module(module.name)
"""


@attrs.frozen
class Peer:
    """Another generator.

    Attributes:
        name: What it is called.
        requires: What is installed for it, and for what it generates.
        command: The arguments of its command, by the document, the output and the package.
        operation: What matches in the text of a module for each operation.
    """

    name: str
    requires: Sequence[str]
    command: Callable[[Path, Path, str], Sequence[str]]
    operation: str


def _python_client(document: Path, out: Path, package: str) -> Sequence[str]:
    settings = out / "settings.json"
    settings.write_text(json.dumps({"package_name_override": package}), encoding="utf-8")
    where = ["--path", str(document), "--config", str(settings)]
    return ["generate", *where, "--meta", "none", "--output-path", str(out / package)]


def _generator(document: Path, out: Path, package: str) -> Sequence[str]:
    # Without --skip-validate-spec it refuses many documents that it can generate from.
    where = ["-i", str(document), "-o", str(out), "--package-name", package]
    return ["generate", "-g", "python", *where, "--skip-validate-spec"]


PEERS = (
    Peer(
        "openapi-python-client",
        ("openapi-python-client==0.29.1", "mypy==2.4.1", "types-python-dateutil"),
        _python_client,
        r"^def sync_detailed\(",
    ),
    Peer(
        "openapi-generator-cli",
        (
            "openapi-generator-cli==7.26.0",
            "mypy==2.4.1",
            "pydantic>=2",
            "python-dateutil",
            "types-python-dateutil",
            "typing-extensions",
            "urllib3>=2.1,<3",
        ),
        _generator,
        r"^    def \w+_with_http_info\(",
    ),
)


def _environment(peer: Peer, work: Path) -> Path:
    """Return the folder of the commands of *peer*, installed where it is not there yet."""
    folder = work / "peers" / peer.name
    if not (folder / "ready").is_file():
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "-q", "--clear", str(folder)], check=True)
        where = ["--python", str(folder / "bin" / "python")]
        subprocess.run([*uv, "pip", "install", "-q", *where, *peer.requires], check=True)
        (folder / "ready").touch()
    return folder / "bin"


def _run(command: Sequence[str], seconds: float, bin_folder: Path) -> str:
    """Run *command* and return why it failed; nothing where it did not."""
    path = f"{bin_folder}{os.pathsep}{os.environ['PATH']}"
    inherited = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            env={**inherited, "PATH": path},
        )
    except subprocess.TimeoutExpired:
        return f"took more than {seconds:g} s"
    if done.returncode == 0:
        return ""
    lines = [line for line in (done.stderr + done.stdout).splitlines() if line.strip()]
    return (lines or ["no word"])[-1][:300]


def _made(peer: Peer, document: Document, out: Path, bin_folder: Path, seconds: float) -> Row:
    package = document.key
    command = [str(bin_folder / peer.name), *peer.command(document.path, out, package)]
    started = time.perf_counter()
    why = _run(command, seconds, bin_folder)
    row: Row = {"document": document.name, "seconds": round(time.perf_counter() - started, 2)}
    home = out / package
    there = not why and home.is_dir()
    row |= {"generated": there, "whole": False, "imports": False, "typed": False}
    if not there:
        return {**row, "why": why or "nothing was written"}
    found = sum(
        len(re.findall(peer.operation, path.read_text("utf-8"), re.MULTILINE))
        for path in home.rglob("*.py")
    )
    row |= {"operations": found, "whole": found == document.operations()}
    arguments = [str(bin_folder / "python"), "-c", _IMPORT, str(out), package]
    why = _run(arguments, seconds, bin_folder)
    return {**row, "imports": not why, **({"why": why} if why else {})}


def peer_rows(
    peer: Peer, documents: Sequence[Document], work: Path, seconds: float, batch: int = 6
) -> list[Row]:
    """Return how *documents* fared with *peer*; what is known already is not done again.

    Args:
        peer: The generator.
        documents: The documents.
        work: The folder that keeps rows and environments.
        seconds: How long each step of a document may take.
        batch: How many packages one run of mypy checks.
    """
    bin_folder = _environment(peer, work)
    home = work / "rows" / peer.name
    home.mkdir(parents=True, exist_ok=True)
    waiting: list[tuple[Document, Row]] = []

    def check() -> None:
        folder = work / "peers" / f"{peer.name}-mypy"
        folder.mkdir(exist_ok=True)
        sources = [(one.key, work / "clients" / peer.name / one.key) for one, _ in waiting]
        found = type_checked(sources, folder, seconds * 4, str(bin_folder / "python"))
        for one, row in waiting:
            row |= found[one.key]
            (home / f"{one.key}.json").write_text(json.dumps(row, indent=1), encoding="utf-8")
            cleared(work / "clients" / peer.name / one.key)
        waiting.clear()

    for document in documents:
        file = home / f"{document.key}.json"
        if file.is_file():
            continue
        out = cleared(work / "clients" / peer.name / document.key)
        row = _made(peer, document, out, bin_folder, seconds)
        if not row["generated"]:
            print(f"{peer.name}: {document.name}: {row['why']}", flush=True)
            file.write_text(json.dumps(row, indent=1), encoding="utf-8")
            continue
        waiting.append((document, row))
        if len(waiting) >= batch:
            check()
    if waiting:
        check()
    return [json.loads((home / f"{one.key}.json").read_text("utf-8")) for one in documents]
