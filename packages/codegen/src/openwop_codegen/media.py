"""Media types: how each is read and written, and which of several is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from openwop_codegen.diagnostics import Report
from openwop_codegen.loader import Place

__all__ = [
    "answer_kind",
    "body_kind",
    "chosen_medium",
    "main_kind",
    "other_bodies",
    "streams_beside",
]

AnswerKind: TypeAlias = Literal["none", "json", "text", "bytes", "sse", "ndjson"]


def chosen_medium(
    owner: Place, report: Report, *, stream: bool = False, wanted: str = ""
) -> tuple[str, Place] | None:
    """Return the media type to use among those that *owner* offers, with its place.

    Args:
        owner: A request body or a response.
        report: What takes the findings.
        stream: True to prefer a stream.
        wanted: The one to use where it is offered.
    """
    offered = dict(owner.items("content"))
    if not offered:
        return None
    if wanted in offered:
        return wanted, offered[wanted]
    for medium, place in offered.items():
        if stream and answer_kind(medium) in {"sse", "ndjson"}:
            return medium, place
    medium = min(offered, key=lambda one: (preference(one), list(offered).index(one)))
    others = [one for one in offered if one != medium]
    if others and any(body_kind(one) != body_kind(medium) for one in others):
        report.note(owner.where, "media", f"{medium} is used, not {', '.join(others)}")
    return medium, offered[medium]


def other_bodies(body: Place) -> list[str]:
    """Return the media types of *body* that say something else than the one that is used.

    One of each kind, where its schema is another one; the same fields in another form are not.
    """
    chosen = chosen_medium(body, Report())
    if chosen is None:
        return []
    found: dict[str, str] = {}
    for medium, media in body.items("content"):
        kind = body_kind(medium)
        is_other = kind != body_kind(chosen[0]) and kind in {"json", "form", "multipart"}
        if is_other and media.get("schema") != chosen[1].get("schema"):
            found.setdefault(kind, medium)
    return list(found.values())


def streams_beside(operation: Place) -> bool:
    """Tell whether a success of *operation* may be a stream or something else."""
    kinds = {
        answer_kind(medium) in {"sse", "ndjson"}
        for status, response in operation.items("responses")
        if status.startswith("2")
        for medium, _ in response.follow().items("content")
    }
    return len(kinds) == 2


def body_kind(medium: str) -> str:
    """Return how a request body of the media type *medium* is written."""
    base = medium.partition(";")[0].strip().lower()
    if base == "application/json" or base.endswith("+json") or base in {"*/*", "application/*"}:
        return "json"
    if base == "application/x-www-form-urlencoded":
        return "form"
    if base.startswith("multipart/"):
        return "multipart"
    return "text" if base.startswith("text/") else "bytes"


def answer_kind(medium: str) -> str:
    """Return how an answer of the media type *medium* is read."""
    base = medium.partition(";")[0].strip().lower()
    if base == "text/event-stream":
        return "sse"
    if base in {"application/x-ndjson", "application/jsonl", "application/x-jsonlines"}:
        return "ndjson"
    kind = body_kind(medium)
    return kind if kind in {"json", "text"} else "bytes"


def preference(medium: str) -> int:
    """Return how far behind others *medium* stands."""
    if medium.partition(";")[0].strip().lower() == "application/json":
        return 0
    order = ("json", "form", "multipart", "text", "bytes")
    return 1 + order.index(body_kind(medium))


def main_kind(kinds: Mapping[str, object], *, streams: bool = False) -> AnswerKind:
    """Return the kind of an operation that answers in several.

    Args:
        kinds: The kinds.
        streams: True to prefer a stream.
    """
    order: tuple[AnswerKind, ...] = ("json", "sse", "ndjson", "text", "bytes")
    if streams:
        order = ("sse", "ndjson", *order)
    for kind in order:
        if kinds.get(kind) is not None:
            return kind
    return "none"
