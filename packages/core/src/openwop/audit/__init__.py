"""Checking an audit log yourself, without taking the host's word for it (v1.md section 19).

    from openwop import audit

    answer = client.audit.verify(from_seq=0, to_seq=999)
    key = audit.public_key(client.discovery.capabilities())
    report = audit.check_answer(answer, public_key=key, known=stored)
    if not report.ok:
        print(report)

Signatures need the extra `verify` (the `cryptography` library).
"""

from __future__ import annotations

from openwop.audit._canonical import canonical_json
from openwop.audit._chain import entry_hash, merkle_root
from openwop.audit._checks import (
    AuditReport,
    Finding,
    check_answer,
    check_bundle,
    check_entries,
    public_key,
)

__all__ = [
    "AuditReport",
    "Finding",
    "canonical_json",
    "check_answer",
    "check_bundle",
    "check_entries",
    "entry_hash",
    "merkle_root",
    "public_key",
]
