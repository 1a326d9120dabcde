"""Identifiers: minting them, binding them to a tenant, and the projection onto a path segment.

See v2.md section 6.  Inside the host every id is bare, as major 1 shows it; major 2 sees it bound
to its tenant wherever the id is of a tenant-bound kind.
"""

from __future__ import annotations

import random
import re
from typing import Any

from openwop_testing._json import JsonObject, is_list, is_object

__all__ = ["Mint", "bind", "bind_payload", "project", "split_bound", "unproject"]

BARE = re.compile(r"[A-Za-z0-9._~-]{1,128}")
BOUND = re.compile(r"(?:anon:)?[A-Za-z0-9._~-]{1,128}/[A-Za-z0-9._~-]{1,128}")

_BOUND_MEMBERS = frozenset(
    {
        "runId",
        "childRunId",
        "parentRunId",
        "sourceRunId",
        "baselineRunId",
        "evalRunId",
        "enqueuedRunId",
        "interruptId",
        "subscriptionId",
        "effectId",
        "deliveryId",
    }
)
_BOUND_LISTS = frozenset({"mergeOrder", "sourceRunIds"})
_KEPT = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")
_ESCAPE = re.compile(rb"[~%]([0-9A-Fa-f]{2})")


class Mint:
    """Makes ids: opaque, unguessable enough for a test, and the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # reproducible on purpose

    def new(self, prefix: str) -> str:
        """Return a fresh id of 18 or more characters, within every grammar of section 6."""
        return f"{prefix}-{self._random.getrandbits(64):016x}"

    def hex(self, digits: int) -> str:
        """Return *digits* lowercase hexadecimal digits."""
        return f"{self._random.getrandbits(digits * 4):0{digits}x}"


def bind(tenant: str, bare: str) -> str:
    """Return the bound form of a bare id; a bound one is returned as it is."""
    return bare if "/" in bare else f"{tenant}/{bare}"


def split_bound(value: str) -> tuple[str | None, str]:
    """Return the tenant (None for a bare id) and the bare id."""
    tenant, slash, bare = value.rpartition("/")
    return (tenant if slash else None), bare


def project(value: str) -> str:
    """Return *value* as one path segment: `/` becomes `~2F`."""
    return "".join(chr(byte) if byte in _KEPT else f"~{byte:02X}" for byte in value.encode())


def unproject(segment: str) -> str:
    """Return the id that *segment* stands for; accepts `~2F` and `%2F` alike."""
    raw = _ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), segment.encode())
    return raw.decode("utf-8", "replace")


def bind_payload(tenant: str, payload: Any) -> Any:
    """Return *payload* with every member of a tenant-bound kind in its bound form.

    Only the members that the protocol names are touched, on the first level and in the plain
    lists of ids: what a workflow puts below `outputs`, `data` or `resumeValue` is its own.
    """
    if not is_object(payload):
        return payload
    bound: JsonObject = {}
    fields: JsonObject = payload  # pyright: ignore[reportUnknownVariableType]
    for name, value in fields.items():
        if name in _BOUND_MEMBERS and isinstance(value, str):
            bound[name] = bind(tenant, value)
        elif name in _BOUND_LISTS and is_list(value):
            entries: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
            bound[name] = [
                bind(tenant, item) if isinstance(item, str) else item for item in entries
            ]
        else:
            bound[name] = value
    return bound
