"""Ids in paths: ordinary escaping in major 1, the projection of v2.md section 6 in major 2."""

from __future__ import annotations

from typing import Final

__all__ = ["project", "unproject"]

_KEPT: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
_HEX: Final = frozenset("0123456789abcdefABCDEF")


def project(bound: str) -> str:
    """Return the path segment of a tenant-bound id.

    Letters, digits, `.`, `_` and `-` stay; every other byte of the UTF-8 form becomes `~` and two
    capital hexadecimal digits.  A value without a slash that carries `~2F` or `%2F` is a segment
    copied from a link: it is taken apart first, so that nothing is escaped twice.

    Args:
        bound: The id as a body gave it, `tenant/opaque`.
    """
    if "/" not in bound and ("~2f" in (low := bound.lower()) or "%2f" in low):
        bound = unproject(bound)
    return "".join(chr(byte) if byte in _KEPT else f"~{byte:02X}" for byte in bound.encode("utf-8"))


def unproject(segment: str) -> str:
    """Return the id that a path segment stands for; `~XX` and `%XX` are read alike, once.

    Args:
        segment: The segment as it stands in a path.

    Raises:
        ValueError: The bytes are no UTF-8.
    """
    raw = bytearray()
    position = 0
    while position < len(segment):
        character = segment[position]
        digits = segment[position + 1 : position + 3]
        if character in "~%" and len(digits) == 2 and _HEX.issuperset(digits):
            raw.append(int(digits, 16))
            position += 3
        else:
            raw += character.encode("utf-8")
            position += 1
    return raw.decode("utf-8")
