"""Reading an error table, and the module that it becomes."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import yaml

__all__ = ["emit_error_table", "load_error_table"]


def load_error_table(path: Path) -> dict[str, dict[str, Any]]:
    """Return the codes of the table at *path*, a YAML file, by code."""
    source = cast("dict[str, Any]", yaml.safe_load(path.read_text(encoding="utf-8")))
    return cast("dict[str, dict[str, Any]]", source["codes"])


def _literal(text: str) -> str:
    """Return *text* as a string literal whose lines fit."""
    pieces = textwrap.wrap(text, 80, drop_whitespace=False, break_on_hyphens=False)
    return repr(text) if len(pieces) == 1 else f"({' '.join(repr(piece) for piece in pieces)})"


def emit_error_table(
    codes: Mapping[str, Mapping[str, Any]], variants: tuple[str, ...], service: str
) -> str:
    """Return the source of the module that holds *codes*.

    Args:
        codes: The codes, as `load_error_table` gives them.
        variants: The variants of the service, oldest first.
        service: The name of the service, for the docstring.
    """
    lines = [
        f'"""The error codes of {service}: what each means, and what to do about it."""',
        "",
        "from __future__ import annotations",
        "",
        "from collections.abc import Mapping",
        "from typing import Final, NamedTuple",
        "",
        '__all__ = ["ERROR_CODES", "ErrorCode"]',
        "",
        "",
        "class ErrorCode(NamedTuple):",
        f'    """What {service} says about one error code.',
        "",
        "    Attributes:",
        "        statuses: The HTTP statuses that carry it, in any version; none where it is seen",
        "            only in the error of a run or a node.",
        "        retryable: Per version, whether the same request may be repeated; a version that",
        "            does not say, or does not know the code, is absent.",
        "        wait: True where the state passes by itself: wait, then repeat with the same key.",
        "        category: The code of the newest version that means the same.",
        "        majors: The versions that know it.",
        "        meaning: What happened.",
        "        remedy: What a caller should do.",
        '    """',
        "",
        "    statuses: tuple[int, ...]",
        "    retryable: Mapping[str, bool]",
        "    wait: bool",
        "    category: str",
        "    majors: tuple[str, ...]",
        "    meaning: str",
        "    remedy: str",
        "",
        "",
        "ERROR_CODES: Final[Mapping[str, ErrorCode]] = {",
    ]
    for code, entry in codes.items():
        statuses = sorted({s for listed in entry["status"].values() for s in listed})
        retryable = {
            v: entry["retryable"][f"v{v}"]
            for v in variants
            if entry["retryable"].get(f"v{v}") is not None
        }
        lines += [
            f"    {code!r}: ErrorCode(",
            f"        {tuple(statuses)!r},",
            f"        {retryable!r},",
            f"        {bool(entry.get('wait', False))!r},",
            f"        {entry.get('category', code)!r},",
            f"        {tuple(str(v) for v in entry['majors'])!r},",
            f"        {_literal(entry['meaning'])},",
            f"        {_literal(entry['remedy'])},",
            "    ),",
        ]
    lines += ["}", f'"""Every code that {service} registers, by code."""', ""]
    return "\n".join(lines)
