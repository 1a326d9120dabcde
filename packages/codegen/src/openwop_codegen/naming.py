"""Names of operations that nobody named: from dotted ids, tags and paths, whatever their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from openwop_codegen.diagnostics import Report
from openwop_codegen.names import snake

__all__ = ["CLIENT_NAMES", "Candidate", "automatic_names"]

CLIENT_NAMES = frozenset({
    "aclose", "close", "delete", "get", "open_stream", "paginate", "patch", "perform", "post",
    "put", "request", "with_options", "with_raw_response", "with_streaming_response",
})  # fmt: skip
"""Names that a client has already, so that no resource may take them."""


@attrs.frozen
class Candidate:
    """An operation that wants a name.

    Attributes:
        id: Its id.
        tag: The tag it stands under; `default` for none.
        path: Its path.
        where: Where it is described, for messages.
    """

    id: str
    tag: str
    path: str
    where: str


def _parts(one: Candidate) -> tuple[str, str]:
    """Return the resource of an operation and the whole name of its method."""
    if "." in one.id.strip("."):
        *above, last = [part for part in one.id.split(".") if part]
        return ".".join(snake(part) for part in above), snake(last)
    if one.tag != "default":
        above = [part for part in one.tag.split(".") if part.strip()]
        resource = ".".join(snake(part) for part in above) or "api"
    else:
        literal = [p for p in one.path.split("/") if p and "{" not in p and not _is_version(p)]
        resource = snake(literal[0]) if literal else "api"
    return resource, snake(one.id)


def _is_version(text: str) -> bool:
    return text.lower() == "api" or (text[:1] in "vV" and text[1:].replace(".", "").isdigit())


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _short(resource: str, method: str) -> str:
    """Return *method* without the words of its resource: `list_pets` in `pets` is `list`."""
    said = {_singular(word) for word in resource.replace(".", "_").split("_")}
    words = method.strip("_").split("_")
    kept = [word for word in words if _singular(word) not in said]
    return snake("_".join(kept)) if kept else method


def automatic_names(candidates: Iterable[Candidate], report: Report) -> dict[str, str]:
    """Return a dotted name for each operation.

    Args:
        candidates: The operations without a name.
        report: What takes the findings.
    """
    ordered = sorted(candidates, key=lambda one: one.id)
    whole = {one.id: _parts(one) for one in ordered}
    resources = _resources({resource for resource, _ in whole.values()})
    placed = {op: (resources[resource], method) for op, (resource, method) in whole.items()}
    short = {op: (home, _short(home, method)) for op, (home, method) in placed.items()}
    counts: dict[tuple[str, str], int] = {}
    for name in short.values():
        counts[name] = counts.get(name, 0) + 1
    chosen = {op: name if counts[name] == 1 else placed[op] for op, name in short.items()}
    taken: dict[tuple[str, str], str] = {}
    for inner in sorted(_above(home for home, _ in chosen.values())):
        parent, dot, last = inner.rpartition(".")
        if dot:  # a resource below another is an attribute of it, like a method
            taken[parent, last] = ""
    names: dict[str, str] = {}
    where = {one.id: one.where for one in ordered}
    for op, (home, method) in sorted(chosen.items()):
        wanted, number = method, 2
        while (home, wanted) in taken:
            wanted = f"{method}_{number}"
            number += 1
        if wanted != method:
            report.note(where[op], "renamed", f"{home}.{method} is taken, so this is {wanted}")
        taken[home, wanted] = op
        names[op] = f"{home}.{wanted}"
    return names


def _above(resources: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for name in resources:
        parts = name.split(".")
        found |= {".".join(parts[:depth]) for depth in range(1, len(parts) + 1)}
    return found


def _resources(wanted: set[str]) -> Mapping[str, str]:
    """Return each resource under a name that no client and no other resource has."""
    names: dict[str, str] = {}
    modules: dict[str, str] = {}
    for name in sorted(wanted):
        first, dot, rest = name.partition(".")
        made = f"{first}_{dot}{rest}" if first in CLIENT_NAMES else name
        while modules.setdefault(made.replace(".", "_"), made) != made:
            made = f"{made}_"
        names[name] = made
    return names
