"""The page of docs that says how the sweep went."""

from __future__ import annotations

import datetime as dt
import platform
import re
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from statistics import median

from tools.sweep.documents import PACKAGES
from tools.sweep.ours import Row

__all__ = ["page", "share"]

_HEAD = "| generator | documents | generated | whole | imports | mypy --strict | seconds, median |"
_COLUMNS = ("generated", "whole", "imports", "typed")


def share(rows: Sequence[Row], name: str) -> str:
    """Return how many of *rows* have *name* true."""
    good = sum(bool(row.get(name)) for row in rows)
    return f"{good} of {len(rows)} ({100 * good / max(len(rows), 1):.1f} %)"


def _line(name: str, rows: Sequence[Row]) -> str:
    taken = [row["seconds"] for row in rows if row.get("generated")]
    middle = f"{median(taken):.1f}" if taken else "-"
    cells = [name, str(len(rows)), *(share(rows, column) for column in _COLUMNS), middle]
    return f"| {' | '.join(cells)} |"


def _table(lines: Sequence[str]) -> list[str]:
    return [_HEAD, "|---|---|---|---|---|---|---|", *lines, ""]


def _misses(rows: Sequence[Row]) -> list[str]:
    lines: list[str] = []
    for row in rows:
        reasons = [row["why"]] if row.get("why") else list(row.get("lost", ()))[:3]
        if row.get("mypy"):
            reasons.append(f"mypy: {row['mypy']}")
        lines += [f"- `{row['document']}`: `{one.replace('`', '')}`" for one in reasons]
    return lines


def page(
    ours: Sequence[Row],
    peers: Mapping[str, Sequence[Row]],
    calls: Mapping[str, Row],
    environment: str,
    earlier: int = 0,
) -> str:
    """Return the page.

    Args:
        ours: What was found of our generator.
        peers: What was found of others, by their names; on some of the same documents.
        calls: What was found of calls, by document.
        environment: The command that was run.
        earlier: How many of our rows were found with an earlier state of the generator.
    """
    slowest = sorted((row for row in ours if row.get("generated")), key=lambda row: -row["seconds"])
    said = ", ".join(f"`{one.name}` {one.version}" for one in PACKAGES)
    lines = [
        "# The generator on real documents",
        "",
        f"Written by `{environment} -- --table docs/codegen-sweep.md` on",
        f"{dt.datetime.now(dt.UTC).date().isoformat()}, of what `{environment}`, `{environment} --",
        f"--round-trip` and `{environment} -- --peers 16` found with Python",
        f"{platform.python_version()} and mypy {version('mypy')} on a machine that did other work",
        "as well: times are for comparing rows, not for quoting.",
        "",
        f"The documents are those of OpenAPI 3.0 and 3.1 in the npm packages {said}:",
        "of the first GitHub's own description, of the second all, and of the last a sample of",
        f"{PACKAGES[-1].count} by the hashes of their names, so that everybody gets the same ones.",
        "None is in this repository.",
        "",
        "- *generated*: a package came out.",
        "- *whole*: ours reports nothing that it drops or types as less than it says, and has as",
        "  many methods as the document has operations; of others, only operations are counted.",
        "- *imports*: every module of it imports, with warnings as errors for ours.",
        "- *mypy --strict*: without a finding, in an environment with what the package requires.",
        "",
        *_table([_line("openwop-codegen", ours)]),
    ]
    if earlier:
        lines += [
            f"{earlier} of the {len(ours)} were swept with an earlier state of the generator",
            "of the same day; each one that missed there was swept again.",
            "",
        ]
    misses = _misses(ours)
    if misses:
        lines += ["Every miss, with its reason:", "", *misses, ""]
    lines += ["The longest took:", ""]
    lines += [
        f"- `{row['document']}`: {row['seconds']:.1f} s for {row['operations']} operations and "
        f"{row['types']} types"
        for row in slowest[:5]
    ]
    lines.append("")
    if peers:
        lines += ["## Other generators", ""]
        lines += [
            "The others are slower to run, so they get the first documents of the sample, among",
            "them the three large ones; each line is of the same documents.",
            "",
        ]
        names = set.intersection(*({row["document"] for row in rows} for rows in peers.values()))
        peers = {
            name: [row for row in rows if row["document"] in names] for name, rows in peers.items()
        }
        same = [row for row in ours if row["document"] in names]
        told = [_line("openwop-codegen", same)]
        told += [_line(name, rows) for name, rows in peers.items()]
        lines += _table(told)
        for name, rows in peers.items():
            failed = [row for row in rows if not row["generated"] or not row["imports"]]
            if failed:
                lines += [f"Neither generated nor importing with {name}:", ""]
                lines += [
                    f"- `{row['document']}`: `{str(row.get('why', ''))[:160].replace('`', '')}`"
                    for row in failed
                ]
                lines += [""]
            found = next((row for row in rows if row.get("mypy")), None)
            if found:
                said = re.sub(r"^.*/", "", str(found["mypy"])).replace("`", "")
                lines += [f"What mypy says first of a client of {name}: `{said}`", ""]
    if calls:
        lines += ["## Every call", ""]
        lines += [
            "Each operation is called four times, by the blocking and by the asynchronous client,",
            "with every argument and with the required ones, against a service that validates",
            "path, query, headers and body by the document with `openapi-schema-validator`.",
            "It answers with an example that the document allows;",
            "what is decoded has to be what was sent, both ways.",
            "",
            "| document | calls | as expected |",
            "|---|---|---|",
        ]
        lines += [
            f"| `{name}` | {row['calls']} | {row['calls'] - len(row['misses'])} |"
            for name, row in calls.items()
        ]
        missed = [
            f"- `{one[:300].replace('`', '')}`" for r in calls.values() for one in r["misses"]
        ]
        lines += ["", *(["Not as expected:", "", *missed] if missed else [])]
    return "\n".join(lines).rstrip() + "\n"
