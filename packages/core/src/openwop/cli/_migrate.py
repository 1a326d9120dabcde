"""`openwop migrate`: move code from the protocol's own Python client to this package."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from openwop.cli.exits import Exit
from openwop.cli.output import safe, text
from openwop.cli.session import Session, command
from openwop.errors import ConfigurationError

__all__ = ["add_to"]

_SKIPPED: Final = frozenset({".git", ".hg", ".tox", ".venv", "venv", "__pycache__", "node_modules"})
_STYLES: Final = {"+": "green", "-": "red", "@": "cyan"}


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "migrate")(migrate)


def migrate(
    session: Session,
    paths: Annotated[list[Path], typer.Argument(metavar="PATH", help="Files, or folders of them.")],
    write: Annotated[bool, typer.Option("--write", help="Change the files.")] = False,
) -> int:
    """Move code from openwop-client to openwop: imports, the client, its methods and arguments.

    Shows what would change; --write does it. What cannot be told from the text is left, and noted
    with its line. Ends with 1 where there is something left to look at.
    """
    try:
        from openwop.cli._migrating import migrate as moved
    except ModuleNotFoundError as error:
        msg = (
            f'migrate needs {error.name}, which is not installed: pip install "openwop[cli]" '
            '(from a checkout: pip install "./packages/core[cli]")'
        )
        raise ConfigurationError(msg) from error
    found: list[dict[str, Any]] = []
    for file in _files(paths):
        try:
            before = file.read_bytes().decode("utf-8")
            result = moved(before)
        except Exception as error:  # noqa: BLE001  # a file that is no Python stops no other
            said = str(error).partition("\n")[0]
            found.append(_entry(file, 0, [{"line": 1, "text": f"cannot be read: {said}"}]))
            continue
        notes = [{"line": note.line, "text": note.text} for note in result.notes]
        if result.text == before and not notes:
            continue
        found.append(_entry(file, result.calls, notes))
        if write and result.text != before:
            file.write_bytes(result.text.encode())
        if not session.json and not write:
            _show(session, file, before, result.text)
    _report(session, found, write=write)
    return Exit.FAILED if any(entry["notes"] for entry in found) else Exit.OK


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*.py")):
                if not _SKIPPED & set(file.relative_to(path).parts):
                    yield file
        elif path.is_file():
            yield path
        else:
            msg = f"{path} is neither a file nor a folder; check the path"
            raise ConfigurationError(msg)


def _entry(file: Path, calls: int, notes: list[dict[str, Any]]) -> dict[str, Any]:
    return {"file": str(file), "calls": calls, "notes": notes}


def _show(session: Session, file: Path, before: str, after: str) -> None:
    lines = difflib.unified_diff(
        before.splitlines(), after.splitlines(), str(file), str(file), lineterm=""
    )
    for line in lines:
        session.put(text(line, _STYLES.get(line[:1], "")))


def _report(session: Session, found: list[dict[str, Any]], *, write: bool) -> None:
    if session.json:
        session.document({"written": write, "files": found})
        return
    for entry in found:
        for note in entry["notes"]:
            session.tell(f"{entry['file']}:{note['line']}: {safe(note['text'])}", style="magenta")
    calls = sum(entry["calls"] for entry in found)
    done = "changed" if write else "would be changed; --write does it"
    session.tell(f"{len(found)} files, {calls} calls {done}", style="dim")
