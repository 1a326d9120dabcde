"""Docstrings: what the documents say, wrapped and escaped for Python source."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

import attrs

from openwop.runtime.model import Limits

__all__ = ["docstring", "sentence", "shown_default", "shown_limits", "wrapped"]

_WIDTH = 100


def clean(text: str) -> str:
    """Return *text* on one line, with nothing in it that ends a docstring."""
    return re.sub(r"\s+", " ", text).strip().replace('"""', "'''")


def sentence(text: str) -> str:
    """Return *text* with a full stop at its end, where it has no mark there."""
    text = clean(text)
    return text if not text or text[-1] in ".!?:" else f"{text}."


def wrapped(text: str, indent: str, *, hanging: str = "") -> list[str]:
    """Return *text* in lines, each behind *indent* and all but the first behind *hanging* too."""
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def docstring(
    summary: str,
    paragraphs: Iterable[str] = (),
    sections: Sequence[tuple[str, Sequence[str]]] = (),
    *,
    indent: str = "    ",
) -> list[str]:
    """Return the lines of a docstring.

    Args:
        summary: Its first line; what does not fit there becomes the first paragraph.
        paragraphs: What follows.
        sections: Headings with their entries; an entry without a heading stands alone.
        indent: What every line begins with.
    """
    summary = sentence(summary)
    body: list[str] = []
    room = _WIDTH - len(indent) - 6
    if len(summary) > room:
        head, rest = _first_sentence(summary, room)
        summary = head
        if rest:
            body += ["", *wrapped(rest, indent)]
    for paragraph in paragraphs:
        if paragraph:
            body += ["", *wrapped(clean(paragraph), indent)]
    for heading, entries in sections:
        if entries:
            body += ["", f"{indent}{heading}:"]
            for entry in entries:
                body += wrapped(clean(entry), f"{indent}    ", hanging="    ")
    raw = "r" if any("\\" in line for line in (summary, *body)) else ""
    opening = f'{indent}{raw}"""{_spaced(summary)}'
    if not body:
        return [f'{opening}"""']
    return [opening, *body, f'{indent}"""']


def _spaced(summary: str) -> str:
    return f" {summary}" if summary.startswith('"') else summary


def _first_sentence(text: str, room: int) -> tuple[str, str]:
    """Return a first line of at most *room* characters, and what is left of *text*."""
    match = re.match(rf"(.{{10,{room}}}?[.!?])\s+(.*)", text)
    if match:
        return match[1], match[2]
    for mark in ("; ", ": ", ", "):
        at = text.rfind(mark, 10, room - 1)
        if at > 0:
            rest = text[at + len(mark) :]
            return f"{text[:at]}.", rest[0].upper() + rest[1:]
    at = text.rfind(" ", 10, room - 3)
    return f"{text[:at]} ...", f"... {text[at + 1 :]}"


def shown_default(value: Any) -> str:
    """Return a documented default as documentation shows it."""
    if value is None or value == {} or value == []:
        return ""
    return f"`{json.dumps(value)}`" if not isinstance(value, str) else f"`{value}`"


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)


def _between(low: float | None, high: float | None, unit: tuple[str, str] | None) -> str:
    def counted(value: float) -> str:
        return f"{_number(value)} {unit[0] if value == 1 else unit[1]}" if unit else _number(value)

    if low is not None and high is not None:
        return f"exactly {counted(low)}" if low == high else f"{_number(low)} to {counted(high)}"
    if low is not None:
        return f"at least {counted(low)}"
    return f"at most {counted(high)}" if high is not None else ""


def shown_limits(limits: Limits) -> str:
    """Return *limits* in words; empty where there are none worth a word."""
    parts = [
        _between(limits.minimum, limits.maximum, None),
        _between(
            limits.min_length if limits.min_length != 1 else None,
            limits.max_length,
            ("character", "characters"),
        ),
        _between(limits.min_items, limits.max_items, ("entry", "entries")),
    ]
    if limits.min_length == 1 and limits.max_length is None:
        parts.append("not empty")
    if limits.exclusive_minimum is not None:
        parts.append(f"more than {_number(limits.exclusive_minimum)}")
    if limits.exclusive_maximum is not None:
        parts.append(f"less than {_number(limits.exclusive_maximum)}")
    if limits.multiple_of is not None:
        parts.append(f"a multiple of {_number(limits.multiple_of)}")
    if limits.pattern is not None and len(limits.pattern) <= 60:
        parts.append(f"matching `{limits.pattern}`")
    if limits.items is not None:
        each = shown_limits(attrs.evolve(limits.items, items=None))
        if each:
            parts.append(f"each {each}")
    return ", ".join(part for part in parts if part)
