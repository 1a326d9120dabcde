"""How commands say things: tables for people, JSON for programs, no control characters."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

__all__ = ["STYLES", "as_json", "mark_of", "safe", "style_of", "table", "text"]

# Named colours alone: a terminal's own theme makes them readable on light and on dark.
STYLES: Final[Mapping[str, str]] = {
    "completed": "green",
    "done": "green",
    "ok": "green",
    "failed": "bold red",
    "fail": "bold red",
    "cancelled": "red",
    "running": "cyan",
    "retrying": "magenta",
    "warn": "magenta",
    "paused": "magenta",
    "skipped": "dim",
    "skip": "dim",
    "pending": "dim",
}
_MARKS: Final[Mapping[str, str]] = {
    "completed": "\u2713",
    "done": "\u2713",
    "ok": "\u2713",
    "failed": "\u2717",
    "fail": "\u2717",
    "cancelled": "\u2717",
    "running": "\u25b8",
    "retrying": "\u21bb",
    "warn": "!",
    "waiting": "?",
    "skipped": "-",
    "skip": "-",
}


def style_of(status: str) -> str:
    """Return the style of a status."""
    return "bold magenta" if status.startswith("waiting") else STYLES.get(status, "")


def mark_of(status: str) -> str:
    """Return the sign of a status, which tells it apart without colours too."""
    return _MARKS.get("waiting" if status.startswith("waiting") else status, "\u00b7")


def safe(value: object) -> str:
    """Return *value* as text that moves no cursor: a host's words are not commands.

    Args:
        value: What to show.
    """
    shown = value if isinstance(value, str) else as_json(value)
    return "".join(
        " " if char in "\n\t" else "\ufffd" if unicodedata.category(char) in _HIDDEN else char
        for char in shown
    )


_HIDDEN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Cn"})


def text(value: object, style: str = "") -> Text:
    """Return *value* as one line that nothing in it can restyle."""
    return Text(safe(value), style=style)


def as_json(value: object, *, indent: int | None = None) -> str:
    """Return *value* as JSON in ASCII, which any terminal shows as it is."""
    return json.dumps(value, indent=indent, default=str)


def table(
    console: Console,
    columns: Mapping[str, str],
    rows: Iterable[Mapping[str, Any]],
    *,
    narrow: Iterable[str] = (),
    empty: str = "nothing to show",
) -> None:
    """Print rows; on a narrow terminal only the columns that matter most.

    Args:
        console: Where to.
        columns: The heading of each member.
        rows: The rows; a member `status` gives a row its colour.
        narrow: The members to show where there are fewer than 80 columns; all without it.
        empty: What to say where there are no rows.
    """
    several = list(rows)
    if not several:
        console.print(text(empty, "dim"))
        return
    kept = set(narrow) if console.width < 80 and narrow else set(columns)
    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name, heading in columns.items():
        if name in kept:
            # An id that is cut is no use to anybody: it folds, and other text is cut.
            shown.add_column(heading, overflow="fold" if name in {"id", "run_id"} else "ellipsis")
    for row in several:
        status = str(row.get("status") or "")
        shown.add_row(
            *(
                text(
                    "" if row.get(name) is None else row[name],
                    style_of(status) if name in {"status", "mark"} else "",
                )
                for name in columns
                if name in kept
            )
        )
    console.print(shown)
