"""Pages of lists (v2.md section 1)."""

from __future__ import annotations

from typing import Any

from openwop_testing._json import JsonObject
from openwop_testing.pipeline import Call

__all__ = ["page_of"]


def page_of(
    call: Call, resource: str, member: str, items: list[Any], *, default: int, most: int
) -> JsonObject:
    """Return one page of *items*, as the caller's `limit` and `cursor` ask.

    Args:
        call: The request.
        resource: What the cursor is for.
        member: The member that holds the items.
        items: Everything there is.
        default: The size of a page.
        most: The largest size; a larger one is clamped.
    """
    limit = min(call.integer("limit", 1) or default, most)
    start = call.host.cursors.read(resource, call.query.get("cursor"))
    document: JsonObject = {member: items[start : start + limit]}
    if start + limit < len(items):
        document["nextCursor"] = call.host.cursors.write(resource, start + limit)
    return document
