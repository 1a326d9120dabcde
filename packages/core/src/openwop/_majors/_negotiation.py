"""Which protocol major a host speaks, decided from one answer to a discovery call.

The table is that of v2.md sections 2.4 and 2.5; `decide` is a pure function so that every row of
it is a vector.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias, cast

import attrs

__all__ = ["Verdict", "decide", "major_of"]

Outcome: TypeAlias = Literal["major", "again", "fallback", "unsupported", "too_old", "foreign"]


@attrs.frozen
class Verdict:
    """What an answer to the discovery call means.

    Attributes:
        outcome: `major`: speak `major`.  `again`: the answer contradicts itself; ask once more.
            `fallback`: the host has no major 2; ask again without the header.  `unsupported`: no
            common major.  `too_old`: the host wants a newer client.  `foreign`: this is no
            discovery document.
        major: The major to speak, where there is one.
        versions: The versions that the host lists.
        minimum_client: The oldest client that the host serves, where it said so.
    """

    outcome: Outcome
    major: int | None = None
    versions: tuple[str, ...] = ()
    minimum_client: str | None = None


def major_of(version: object) -> int | None:
    """Return the leading number of a version, or None where there is none."""
    if not isinstance(version, str):
        return None
    head = version.strip().partition(".")[0]
    return int(head) if head.isascii() and head.isdigit() and len(head) < 10 else None


def _versions(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(item for item in cast("list[object]", value) if isinstance(item, str))


def _members(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _is_record(value: object) -> bool:
    return {"status", "since"} <= set(_members(value))


def _looks_like(document: Mapping[str, Any]) -> int | None:
    """Tell the major from the shape of the root, for a header that a proxy lost."""
    if "preferredVersion" in document or any(_is_record(value) for value in document.values()):
        return 2
    known = ("supportedEnvelopes", "schemaVersions", "limits", "capabilities", "protocolVersion")
    return 1 if any(name in document for name in known) else None


def decide(status: int, header: str | None, document: object, *, repeated: bool = False) -> Verdict:
    """Return what one answer to the discovery call means.

    Args:
        status: The HTTP status.
        header: The `OpenWOP-Version` header of the answer, where it has one.
        document: The JSON of the body; None where the body is none.
        repeated: Whether this answer is the second one after `again`.
    """
    body = _members(document)
    details = _members(body.get("details"))
    if status == 406:
        versions = _versions(details.get("protocolVersions"))
        if any(major_of(version) == 1 for version in versions):
            return Verdict("fallback", 1, versions)
        return Verdict("unsupported", None, versions)
    if status == 426:
        minimum = details.get("minClientVersion")
        return Verdict("too_old", minimum_client=minimum if isinstance(minimum, str) else None)
    if status != 200 or not body:
        return Verdict("foreign")
    return _decide_document(major_of(header), body, repeated=repeated)


def _decide_document(answered: int | None, body: Mapping[str, Any], *, repeated: bool) -> Verdict:
    shape = _looks_like(body)
    versions = _versions(body.get("protocolVersions"))
    single = body.get("protocolVersion")
    if not versions and isinstance(single, str):
        versions = (single,)
    majors = {major_of(version) for version in versions}
    if 2 in majors:
        if answered == 2 or (answered is None and shape == 2):
            return Verdict("major", 2, versions)
        # A host that lists 2 but answers as 1 gets one more chance to mean it.
        if not repeated:
            return Verdict("again", None, versions)
        return Verdict("major", 1, versions)
    if 1 in majors:
        return Verdict("major", 1, versions)
    if versions:
        return Verdict("unsupported", None, versions)
    return Verdict("foreign") if shape is None else Verdict("major", shape)
