"""Write the asynchronous twins of the hand-written blocking modules, by substitution over tokens.

The logic of both colours is in plans; what stands in these modules is signatures and docstrings.
They are written once, blocking, and the other colour is derived here.

    python tools/twins.py           write the twins
    python tools/twins.py --check   fail where a twin is not what it would be written as
"""

from __future__ import annotations

import argparse
import difflib
import io
import subprocess
import sys
import tokenize
from pathlib import Path

CORE = Path(__file__).resolve().parent.parent / "packages" / "core" / "src" / "openwop"
PAIRS = {
    CORE / "_client" / "_sync.py": CORE / "_client" / "_async.py",
    CORE / "_handles" / "_sync.py": CORE / "_handles" / "_async.py",
    CORE / "_client" / "_runs_sync.py": CORE / "_client" / "_runs_async.py",
    CORE / "_client" / "_host_sync.py": CORE / "_client" / "_host_async.py",
    CORE / "registry" / "_sync.py": CORE / "registry" / "_async.py",
}
# Names that differ between the colours; a name stands for itself wherever it is a whole token.
NAMES = {
    "BaseClient": "BaseAsyncClient",
    "Client": "AsyncClient",
    "EventStream": "AsyncEventStream",
    "Host": "AsyncHost",
    "HostEventStream": "AsyncHostEventStream",
    "Iterator": "AsyncIterator",
    "PackResolver": "AsyncPackResolver",
    "RawResources": "AsyncRawResources",
    "RegistryClient": "AsyncRegistryClient",
    "Resources": "AsyncResources",
    "RunHandle": "AsyncRunHandle",
    "RunStarts": "AsyncRunStarts",
    "Runs": "AsyncRuns",
    "StreamedResources": "AsyncStreamedResources",
    "Transport": "AsyncTransport",
    "_host_sync": "_host_async",
    "_runs_sync": "_runs_async",
    "_sync": "_async",
    "drive": "drive_async",
    "results": "results_async",
}
# Methods that wait, and so become coroutine functions; every call of one is awaited.
WAITS = {
    "_drive", "accept_edited", "ancestry", "answer", "approve", "cancel", "create", "debug_bundle",
    "diff", "drive_async", "escalate", "fork", "get", "pause", "pending_interrupts", "reject",
    "request_changes", "resolve", "result", "resume", "snapshot", "start", "wait", "eval_summary",
    "drive",
    # of a registry
    "_run", "deprecate", "discovery", "export_packs", "fetch", "keychain", "list_packs",
    "pack_index", "packs_by_type", "public_key", "publish", "rotate_key", "search_packs",
    "signature", "undeprecate", "unpublish", "unyank", "version_manifest", "yank",
}  # fmt: skip
# Calls of methods with such a name that do not wait, by what stands before the last dot.
PLAIN = {"_plans", "log", "kwargs", "options"}
# Words in docstrings and comments.
PROSE = {
    "blocking and thread-safe": "on asyncio and trio",
    "The blocking": "The asynchronous",
    "beyond the operations of the protocol, blocking": (
        "beyond the operations of the protocol, asynchronous"
    ),
    "inside `with`": "inside `async with`",
    "<RunHandle": "<AsyncRunHandle",
    "An iterator": "An asynchronous iterator",
    "with client.runs.start_many(specs) as results:\n                for": (
        "async with client.runs.start_many(specs) as results:\n                async for"
    ),
    "client.runs.drive(run, {": "await client.runs.drive(run, {",
}


def derive(text: str) -> str:
    """Return the asynchronous twin of a blocking module."""
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    inserts: dict[tuple[int, int], str] = {}
    replacements: dict[tuple[int, int], tuple[tuple[int, int], str]] = {}
    for index, token in enumerate(tokens):
        if token.type == tokenize.NAME:
            following = tokens[index + 1].string
            if token.string == "def" and tokens[index + 1].string in WAITS:
                inserts[token.start] = "async "
            elif token.string in WAITS | set(NAMES) and following == "(":
                start = _start_of_call(tokens, index)
                if start is not None and (NAMES.get(token.string, token.string) in WAITS):
                    inserts[start] = "await "
            if token.string in NAMES and not _is_member(tokens, index):
                replacements[token.start] = (token.end, NAMES[token.string])
        elif token.type in {tokenize.STRING, tokenize.COMMENT}:
            prose = token.string
            bare = prose.strip("\"'")
            if bare in NAMES:
                prose = prose.replace(bare, NAMES[bare])
            for old, new in PROSE.items():
                prose = prose.replace(old, new)
            if prose != token.string:
                replacements[token.start] = (token.end, prose)
    lines = text.splitlines(keepends=True)
    edits = [(start, start, word) for start, word in inserts.items()]
    edits += [(start, end, word) for start, (end, word) in replacements.items()]
    for start, end, word in sorted(edits, key=lambda e: (e[0], e[1] != e[0]), reverse=True):
        head = lines[start[0] - 1][: start[1]]
        tail = lines[end[0] - 1][end[1] :]
        lines[start[0] - 1 : end[0]] = [head + word + tail]
        lines = "".join(lines).splitlines(keepends=True)
    return "".join(lines)


def _is_member(tokens: list[tokenize.TokenInfo], index: int) -> bool:
    """Tell whether the function named at *index* is a method, which keeps its name."""
    name, before = tokens[index].string, tokens[index - 1].string
    return name.islower() and not name.startswith("_") and before in {".", "def"}


def _start_of_call(tokens: list[tokenize.TokenInfo], index: int) -> tuple[int, int] | None:
    """Return where the expression of the call at *index* begins; None where it does not wait."""
    first = index
    if tokens[index - 1].string == "def":
        return None
    while tokens[first - 1].string == "." and tokens[first - 2].type == tokenize.NAME:
        first -= 2
    owner = tokens[index - 2].string if first != index else ""
    if owner in PLAIN or (owner == "" and tokens[index].string not in NAMES):
        return None
    return tokens[first].start


def formatted(text: str, path: Path) -> str:
    """Return *text* as ruff sorts its imports and formats it."""
    for task in (["check", "--select", "I", "--fix", "--quiet"], ["format"]):
        command = [sys.executable, "-m", "ruff", *task, "--stdin-filename", str(path), "-"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
        text = done.stdout
    return text


def main() -> int:
    """Write or check the twins."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail where a twin has drifted")
    check = parser.parse_args().check
    drifted = 0
    for source, target in PAIRS.items():
        wanted = formatted(derive(source.read_text("utf-8")), target)
        found = target.read_text("utf-8") if target.exists() else ""
        if wanted == found:
            continue
        drifted += 1
        if check:
            sys.stdout.writelines(
                difflib.unified_diff(
                    found.splitlines(keepends=True),
                    wanted.splitlines(keepends=True),
                    str(target.name),
                    f"{target.name} as derived from {source.name}",
                )
            )
        else:
            target.write_text(wanted, "utf-8")
            print(f"wrote {target.name}")
    return 1 if check and drifted else 0


if __name__ == "__main__":
    raise SystemExit(main())
