"""The audit log: a hash chain with signed checkpoints (v1.md section 19).

Entries are chained by the SHA-256 of the canonical JSON of the entry before.  Every so many entries
a Merkle root over the entry hashes since the last checkpoint is signed with Ed25519, over the raw
bytes of the root, as the protocol's reference does.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any, Final

import attrs

from openwop_testing import ed25519
from openwop_testing._json import JsonObject, canonical

if TYPE_CHECKING:
    from openwop_testing.clock import VirtualClock

__all__ = ["AuditLog", "Checkpoint"]

INTERVAL: Final = 16
_DER_PREFIX: Final = bytes.fromhex("302a300506032b6570032100")


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def merkle_root(leaves: list[str]) -> str:
    """Return the root over hexadecimal leaf hashes; an odd one moves up as it is."""
    if not leaves:
        return _sha("")
    level: list[str] = list(leaves)
    while len(level) > 1:
        pairs: list[list[str]] = [level[index : index + 2] for index in range(0, len(level), 2)]
        level = [_sha(pair[0] + pair[1]) if len(pair) == 2 else pair[0] for pair in pairs]
    return level[0]


@attrs.frozen
class Checkpoint:
    """A signed root over the entries since the checkpoint before."""

    name: str
    at_sequence: int
    first: int
    root: str
    key: ed25519.SigningKey = attrs.field(repr=False)

    def document(self) -> JsonObject:
        """Return the checkpoint as the protocol writes it."""
        return {
            "checkpoint": self.name,
            "atSequence": self.at_sequence,
            "merkleRoot": self.root,
            "signature": base64.b64encode(self.key.sign(bytes.fromhex(self.root))).decode(),
        }


class AuditLog:
    """What callers did to a host.

    Args:
        clock: The host's clock.
        seed: The 32 bytes of the signing key.
    """

    def __init__(self, clock: VirtualClock, seed: bytes) -> None:
        self._clock = clock
        self._key = ed25519.SigningKey(seed)
        self.entries: list[JsonObject] = []
        self.checkpoints: list[Checkpoint] = []

    @property
    def public_key(self) -> str:
        """The key that checkpoints verify under: base64 of its DER form."""
        return base64.b64encode(_DER_PREFIX + self._key.public).decode()

    def record(self, action: str, actor: str, target: str, **details: Any) -> None:
        """Append an entry, and a checkpoint where one is due."""
        previous = self._hash(self.entries[-1]) if self.entries else None
        self.entries.append(
            {
                "action": action,
                "actor": actor,
                "atSequence": len(self.entries),
                "details": details,
                "occurredAt": self._clock.timestamp(),
                "prevHash": previous,
                "target": target,
            }
        )
        if len(self.entries) % INTERVAL == 0:
            self.checkpoint()

    def checkpoint(self) -> None:
        """Seal what has been appended since the last checkpoint."""
        first = self.checkpoints[-1].at_sequence + 1 if self.checkpoints else 0
        if first >= len(self.entries):
            return
        root = merkle_root([self._hash(entry) for entry in self.entries[first:]])
        last = len(self.entries) - 1
        name = f"checkpoint-{len(self.checkpoints) + 1}"
        self.checkpoints.append(Checkpoint(name, last, first, root, self._key))

    def verify(self, first: int, last: int, *, major: int) -> JsonObject:
        """Return what checking a range of entries finds.

        Args:
            first: The first entry.
            last: The last entry, included.
            major: The major that asks.
        """
        anomalies: list[JsonObject] = []
        for sequence in range(first, min(last, len(self.entries) - 1) + 1):
            expected = self._hash(self.entries[sequence - 1]) if sequence else None
            actual = self.entries[sequence]["prevHash"]
            if expected != actual:
                anomaly: JsonObject = {
                    "atSeq": sequence,
                    "expectedPrevHash": expected or "",
                    "actualPrevHash": actual or "",
                }
                if major == 2:
                    anomaly["kind"] = "chain-break"
                anomalies.append(anomaly)
        inside = [point for point in self.checkpoints if first <= point.at_sequence <= last]
        valid = True
        for point in inside:
            entries = self.entries[point.first : point.at_sequence + 1]
            root = merkle_root([self._hash(entry) for entry in entries])
            if root != point.root:
                valid = False
                if major == 2:
                    anomalies.append(
                        {
                            "atSeq": point.at_sequence,
                            "kind": "merkle-mismatch",
                            "checkpoint": point.name,
                        }
                    )
        return {
            "fromSeq": first,
            "toSeq": last,
            "chainValid": not anomalies,
            "checkpointsValid": valid,
            "checkpoints": [point.document() for point in inside],
            "anomalies": anomalies,
        }

    def tamper(self, sequence: int, **changes: Any) -> None:
        """Change an entry behind the chain's back, as an intruder would."""
        self.entries[sequence].update(changes)

    @staticmethod
    def _hash(entry: JsonObject) -> str:
        return _sha(canonical(entry))
