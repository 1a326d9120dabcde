"""Our generator: a client made of a document, imported whole, and type-checked among others."""

from __future__ import annotations

import importlib
import multiprocessing
import pkgutil
import re
import shutil
import subprocess
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tools.sweep.documents import Document

import openwop
from openwop_codegen.cli import plain_config
from openwop_codegen.generate import generate, write
from openwop_codegen.project import write_project

__all__ = ["Row", "cleared", "imported", "in_time", "made", "type_checked"]

Row = dict[str, Any]


def _say(pipe: Connection, function: Callable[..., Row], arguments: Sequence[Any]) -> None:
    try:
        pipe.send(function(*arguments))
    except BaseException as exc:  # noqa: BLE001  # whatever it is, it is the finding
        frames = traceback.extract_tb(exc.__traceback__)
        where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
        pipe.send({"why": f"{type(exc).__name__}: {exc}"[:400] + where})


def in_time(function: Callable[..., Row], *arguments: Any, seconds: float) -> Row:
    """Return what *function* returns in an interpreter of its own, or `why` it did not.

    Args:
        function: A function of a module.
        arguments: What it is called with.
        seconds: How long it may take.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tools.sweep.ours"])
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_say, args=(there, function, arguments))
    process.start()
    there.close()
    try:
        if not here.poll(seconds):
            process.kill()
            return {"why": f"took more than {seconds:g} s"}
        result: Row = here.recv()
    except EOFError:
        result = {"why": "the interpreter died"}
    finally:
        process.join(10)
        here.close()
    return result


def made(document: Document, out: Path) -> Row:
    """Generate the client of *document* below *out* and return how that went."""
    started = time.perf_counter()
    config = plain_config(document.path, document.key, out)
    result = generate(config)
    write(config, result.files)
    write_project(config, result.api, out)
    seconds = time.perf_counter() - started
    methods = sum(len(one.methods) for one in result.api.resources.values())
    lost = [str(one).replace(str(document.path.parent), "") for one in result.report.of("warning")]
    there = document.operations()
    if methods != there:
        lost.append(f"{there} operations, {methods} methods")
    return {
        "generated": True,
        "seconds": round(seconds, 2),
        "operations": methods,
        "types": len(result.api.declarations),
        "lost": lost,
        "whole": not lost,
    }


def imported(source: Path, package: str) -> Row:
    """Import every module of *package*, which lies in *source*, with no warning let by."""
    warnings.simplefilter("error")
    sys.path.insert(0, str(source))
    importlib.invalidate_caches()
    top = importlib.import_module(package)
    for found in pkgutil.walk_packages(top.__path__, f"{package}."):
        importlib.import_module(found.name)
    for family in ("models", "params"):
        module = importlib.import_module(f"{package}.{family}")
        for name in module.__all__:
            getattr(module, name)
    return {"imports": True}


def type_checked(
    sources: Sequence[tuple[str, Path]],
    work: Path,
    seconds: float,
    python: str = sys.executable,
) -> dict[str, Row]:
    """Return how each package fared with `mypy --strict`, several of them in one run.

    Args:
        sources: The names of the packages and the folders that they lie in.
        work: The folder that keeps mypy's cache.
        seconds: How long it may take.
        python: The interpreter whose mypy checks, and that finds what the packages require.
    """
    folders = [str(folder) for _, folder in sources]
    home = [str(Path(openwop.__file__).resolve().parents[1])] if python == sys.executable else []
    settings = work / "mypy.ini"
    paths = ":".join([*folders, *home])
    settings.write_text(f"[mypy]\nstrict = true\nmypy_path = {paths}\n", encoding="utf-8")
    command = [python, "-m", "mypy", "--config-file", str(settings), "--no-error-summary"]
    command += ["--cache-dir", str(work / "mypy"), "--show-absolute-path"]
    for name, _ in sources:
        command += ["-p", name]
    started = time.perf_counter()
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=seconds, check=False, cwd=work
        )
    except subprocess.TimeoutExpired:
        if len(sources) == 1:
            return {sources[0][0]: {"typed": False, "mypy": f"took more than {seconds:g} s"}}
        return {
            key: row for one in sources for key, row in type_checked([one], work, seconds).items()
        }
    taken = round((time.perf_counter() - started) / len(sources), 2)
    errors: dict[str, list[str]] = {name: [] for name, _ in sources}
    stray: list[str] = []
    for line in [*done.stdout.splitlines(), *done.stderr.splitlines()]:
        owner = next((name for name, folder in sources if line.startswith(str(folder))), None)
        if owner is not None and ": error:" in line:
            errors[owner].append(re.sub(r"^.*?/src/[^/]*/", "", line))
        elif line and ": note:" not in line:
            stray.append(line)
    if done.returncode not in {0, 1} or (stray and not any(errors.values())):
        if len(sources) > 1:
            return _one_by_one(sources, work, seconds, python)
        errors[sources[0][0]] += stray[:3] or ["mypy failed"]
    return {
        name: {"typed": not errors[name], "mypy_seconds": taken, "errors": len(errors[name]),
               **({"mypy": errors[name][0][:300]} if errors[name] else {})}
        for name, _ in sources
    }  # fmt: skip


def _one_by_one(
    sources: Sequence[tuple[str, Path]], work: Path, seconds: float, python: str
) -> dict[str, Row]:
    parts = (type_checked([one], work, seconds, python) for one in sources)
    return {key: row for part in parts for key, row in part.items()}


def cleared(folder: Path) -> Path:
    """Return *folder*, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
