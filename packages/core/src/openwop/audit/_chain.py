"""The hash chain of an audit log, and the Merkle roots over it (v1.md section 19)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from openwop.audit._canonical import canonical_json

__all__ = ["chain_findings", "entry_hash", "merkle_root"]


def entry_hash(entry: Mapping[str, Any]) -> str:
    """Return the hash of an audit entry: SHA-256 over its canonical JSON, as hexadecimal text.

    Args:
        entry: The entry as the host stores it, its `prevHash` included.

    Raises:
        ValueError: The entry has a value without a canonical form.
    """
    return hashlib.sha256(canonical_json(entry)).hexdigest()


def merkle_root(hashes: Sequence[str]) -> str:
    """Return the Merkle root over entry hashes.

    A parent is the SHA-256 of its children's hexadecimal texts, one after the other; an odd node
    moves up unchanged; the root of nothing is the SHA-256 of the empty string.

    Args:
        hashes: The hashes of the entries since the checkpoint before, as hexadecimal text.
    """
    if not hashes:
        return hashlib.sha256(b"").hexdigest()
    level = list(hashes)
    while len(level) > 1:
        paired = [
            hashlib.sha256((level[i] + level[i + 1]).encode("ascii")).hexdigest()
            for i in range(0, len(level) - 1, 2)
        ]
        level = [*paired, level[-1]] if len(level) % 2 else paired
    return level[0]


def chain_findings(entries: Sequence[Mapping[str, Any]]) -> list[tuple[int, str]]:
    """Return where a chain of entries is broken, as pairs of sequence and what is wrong.

    Args:
        entries: Entries in the order of their `atSequence`; the first may be any of the log.
    """
    found: list[tuple[int, str]] = []
    previous: Mapping[str, Any] | None = None
    for entry in entries:
        sequence = entry.get("atSequence")
        if not isinstance(sequence, int) or isinstance(sequence, bool):
            found.append((-1, "an entry has no atSequence"))
            previous = None
            continue
        given = entry.get("prevHash")
        if previous is not None:
            before = previous["atSequence"]
            if sequence != before + 1:
                found.append((sequence, f"entry {sequence} follows {before}: something is missing"))
            elif given != entry_hash(previous):
                found.append((sequence, f"entry {sequence} does not follow from {before}"))
        elif sequence == 0 and given is not None:
            found.append((sequence, "the first entry of the log names one before it"))
        previous = entry
    return found
