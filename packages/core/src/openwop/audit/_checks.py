"""What can be checked of an answer, of entries, and of an exported bundle."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

import attrs

from openwop.audit._canonical import canonical_json
from openwop.audit._chain import chain_findings, entry_hash, merkle_root
from openwop.errors import ConfigurationError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from openwop._generated.models import AuditVerification, Capabilities

__all__ = [
    "AuditReport",
    "Finding",
    "check_answer",
    "check_bundle",
    "check_entries",
    "public_key",
]

Kind: TypeAlias = Literal[
    "shape",
    "order",
    "range",
    "signature",
    "rewind",
    "contradiction",
    "anomaly",
    "chain",
    "root",
    "key",
    "version",
]
Scheme: TypeAlias = Literal["raw", "hex", "canonical"]

_NOTHING: Final[Mapping[str, Any]] = {}
_SPKI: Final = bytes.fromhex("302a300506032b6570032100")


@attrs.frozen
class Finding:
    """One thing that is wrong.

    Attributes:
        kind: What kind of thing.
        message: What it is, in words.
        at_sequence: Where in the log, where it is somewhere.
    """

    kind: Kind
    message: str
    at_sequence: int | None = None


@attrs.frozen
class AuditReport:
    """What a check found.

    Attributes:
        findings: What is wrong; nothing where the log is sound.
        checked: How many checkpoints were verified by their signature.
        scheme: Over what the signatures are: the `raw` bytes of the root, its `hex` text, or the
            `canonical` JSON of the checkpoint.  None where there was none.
        known: The checkpoints seen, id to sequence and root, to be passed as `known` next time.
    """

    findings: tuple[Finding, ...]
    checked: int = 0
    scheme: Scheme | None = None
    known: Mapping[str, tuple[int, str]] = attrs.field(factory=dict[str, "tuple[int, str]"])

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def __str__(self) -> str:
        if self.ok:
            return f"the audit log is sound ({self.checked} checkpoints verified)"
        return "; ".join(finding.message for finding in self.findings)


def _members(value: object) -> Mapping[str, Any]:
    """Return *value* where it is an object, else an empty one."""
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else _NOTHING


def _items(value: object) -> list[Any]:
    """Return *value* where it is an array, else an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def _document(value: Any) -> Mapping[str, Any]:
    """Return what a model, or a document, says by its names on the wire."""
    return _members(cast("object", value) if isinstance(value, Mapping) else value.to_dict())


def _ed25519(key: bytes) -> Ed25519PublicKey:
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError as exc:
        msg = (
            "checking signatures needs cryptography, which is not installed: pip install "
            "'openwop[verify]'"
        )
        raise ConfigurationError(msg) from exc
    return Ed25519PublicKey.from_public_bytes(key)


def _key_bytes(key: str | bytes) -> bytes:
    """Return the 32 bytes of a key given raw, or as base64 of its DER form."""
    if isinstance(key, bytes) and len(key) == 32:
        return key
    try:
        der = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError) as exc:
        msg = "public_key is neither 32 bytes nor the base64 of a DER key"
        raise ConfigurationError(msg) from exc
    if len(der) == 32:
        return der
    if len(der) != 44 or not der.startswith(_SPKI):
        msg = "public_key is no Ed25519 key in SubjectPublicKeyInfo form (44 bytes)"
        raise ConfigurationError(msg)
    return der[12:]


def public_key(capabilities: Capabilities | Mapping[str, Any]) -> str | None:
    """Return the key by which a host signs checkpoints, from its discovery document.

    Args:
        capabilities: What `discovery.capabilities` returned, or the document itself.

    Returns:
        The key as base64, or None where the host advertises none.
    """
    document = _document(capabilities)
    places: tuple[tuple[str, ...], ...] = (
        ("auditLogIntegrity",),
        ("auth", "auditLogIntegrity"),
        ("capabilities", "auth", "auditLogIntegrity"),
    )
    for place in places:
        found: Any = document
        for name in place:
            found = _members(found).get(name)
        key = _members(found).get("checkpointPublicKey")
        if isinstance(key, str):
            return key
    return None


def _signed_bytes(checkpoint: Mapping[str, Any]) -> dict[Scheme, Callable[[], bytes]]:
    """Return the readings of what a signature covers, the reference implementation's first."""
    root = str(checkpoint.get("merkleRoot", ""))
    rest = {name: value for name, value in checkpoint.items() if name != "signature"}
    return {
        "raw": lambda: bytes.fromhex(root),
        "hex": lambda: root.encode("ascii"),
        "canonical": lambda: canonical_json(rest),
    }


def _scheme_of(checkpoint: Mapping[str, Any], key: Ed25519PublicKey) -> Scheme | None:
    """Return the reading under which a signature verifies, or None."""
    from cryptography.exceptions import InvalidSignature

    try:
        signature = base64.b64decode(str(checkpoint.get("signature", "")), validate=True)
    except (binascii.Error, ValueError):
        return None
    if len(signature) != 64:
        return None
    for scheme, covered in _signed_bytes(checkpoint).items():
        try:
            key.verify(signature, covered())
        except (InvalidSignature, ValueError, TypeError):
            continue
        return scheme
    return None


def _first_scheme(checkpoint: Mapping[str, Any], keys: Sequence[Ed25519PublicKey]) -> Scheme | None:
    """Return the reading under which a signature verifies by one of *keys*, or None."""
    for key in keys:
        scheme = _scheme_of(checkpoint, key)
        if scheme is not None:
            return scheme
    return None


class _Checkpoints:
    """Checks checkpoints one after the other."""

    def __init__(
        self,
        keys: Sequence[Ed25519PublicKey],
        known: Mapping[str, tuple[int, str]],
        id_name: str = "checkpoint",
    ) -> None:
        self._keys = keys
        self._known = known
        self._id_name = id_name
        self.findings: list[Finding] = []
        self.seen: dict[str, tuple[int, str]] = {}
        self.checked = 0
        self.scheme: Scheme | None = None
        self._last: int | None = None

    def take(self, checkpoint: Mapping[str, Any]) -> None:
        """Check one checkpoint."""
        name = checkpoint.get(self._id_name)
        at, root = checkpoint.get("atSequence"), checkpoint.get("merkleRoot")
        if not isinstance(name, str) or not isinstance(at, int) or not isinstance(root, str):
            self.findings.append(Finding("shape", "a checkpoint lacks its id, sequence or root"))
            return
        if self._last is not None and at <= self._last:
            self._add("order", f"checkpoint {name} at {at} does not come after {self._last}", at)
        self._last = at
        before = self._known.get(name)
        if before is not None and before != (at, root):
            self._add("rewind", f"checkpoint {name} is not what it was: the log was rewritten", at)
        self.seen[name] = (at, root)
        if not self._keys:
            return
        scheme = _first_scheme(checkpoint, self._keys)
        if scheme is None:
            self._add("signature", f"the signature of checkpoint {name} does not verify", at)
            return
        self.checked += 1
        self.scheme = self.scheme or scheme

    def missing(self, first: int, last: int) -> None:
        """Note checkpoints that were there before and are not any more."""
        for name, (at, _) in self._known.items():
            if first <= at <= last and name not in self.seen:
                self._add("rewind", f"checkpoint {name} at {at} has disappeared", at)

    def _add(self, kind: Kind, message: str, at: int) -> None:
        self.findings.append(Finding(kind, message, at))


def check_answer(
    answer: AuditVerification | Mapping[str, Any],
    *,
    public_key: str | bytes | Sequence[str | bytes] | None,
    known: Mapping[str, tuple[int, str]] | None = None,
) -> AuditReport:
    """Check what `audit.verify` answered.

    Args:
        answer: The answer.
        public_key: The key of the host's checkpoints, or several while it rotates; None leaves the
            signatures unchecked.
        known: The checkpoints of earlier reports: a log that was rewritten contradicts them.

    Returns:
        What is wrong, if anything.

    Raises:
        ConfigurationError: The key is no Ed25519 key, or the extra `verify` is missing.
    """
    document = _document(answer)
    first, last = document.get("fromSeq"), document.get("toSeq")
    checks = _Checkpoints(_keys(public_key), known or {})
    if not isinstance(first, int) or not isinstance(last, int) or first > last:
        return AuditReport((Finding("shape", "the answer names no range"),))
    checkpoints = document.get("checkpoints")
    for item in _items(checkpoints):
        if not isinstance(item, Mapping):
            checks.findings.append(Finding("shape", "a checkpoint is no object"))
            continue
        checkpoint = _members(cast("object", item))
        checks.take(checkpoint)
        at = checkpoint.get("atSequence")
        if isinstance(at, int) and not first <= at <= last:
            checks.findings.append(
                Finding("range", f"a checkpoint at {at} is outside {first} to {last}", at)
            )
    checks.missing(first, last)
    findings = [*checks.findings, *_own_word(document)]
    return AuditReport(
        tuple(findings), checks.checked, checks.scheme, {**(known or {}), **checks.seen}
    )


def _own_word(document: Mapping[str, Any]) -> list[Finding]:
    """Return what the host itself reports, and where its words contradict each other."""
    found: list[Finding] = []
    anomalies = _items(document.get("anomalies"))
    valid = document.get("chainValid")
    breaks = 0
    for item in anomalies:
        members = _members(item)
        at = members.get("atSeq")
        kind = members.get("kind") or "chain-break"
        breaks += kind in {"chain-break", "hash-mismatch", "missing-entry"}
        where = at if isinstance(at, int) else None
        found.append(Finding("anomaly", f"the host reports {kind} at {at}", where))
    if valid is True and breaks:
        found.append(Finding("contradiction", "the host calls a chain valid that it finds broken"))
    if valid is False and not anomalies:
        found.append(Finding("contradiction", "the host calls the chain broken and says not where"))
    if document.get("checkpointsValid") is False:
        found.append(Finding("signature", "the host calls its own checkpoints invalid"))
    return found


def _keys(given: str | bytes | Sequence[str | bytes] | None) -> list[Ed25519PublicKey]:
    if given is None:
        return []
    several = [given] if isinstance(given, (str, bytes)) else list(given)
    return [_ed25519(_key_bytes(key)) for key in several]


def check_entries(
    entries: Sequence[Mapping[str, Any]],
    checkpoints: Sequence[Mapping[str, Any]] = (),
    *,
    public_key: str | bytes | Sequence[str | bytes] | None = None,
) -> AuditReport:
    """Check the entries of an exported log: their chain, and the roots of checkpoints over them.

    Args:
        entries: The entries in order.
        checkpoints: The checkpoints in order; each root covers the entries since the one before.
        public_key: The key of the checkpoints; None leaves the signatures unchecked.

    Returns:
        What is wrong, if anything.

    Raises:
        ConfigurationError: The key is no Ed25519 key, or the extra `verify` is missing.
    """
    findings = [Finding("chain", message, at) for at, message in chain_findings(entries)]
    checks = _Checkpoints(_keys(public_key), {})
    hashes = {
        entry["atSequence"]: entry_hash(entry)
        for entry in entries
        if isinstance(entry.get("atSequence"), int)
    }
    start = 0
    for checkpoint in checkpoints:
        checks.take(checkpoint)
        at = checkpoint.get("atSequence")
        if not isinstance(at, int):
            continue
        if any(n not in hashes for n in range(start, at + 1)):
            start = at + 1  # entries that were not given cannot be checked
            continue
        since = merkle_root([hashes[n] for n in range(start, at + 1)])
        whole = merkle_root([hashes[n] for n in sorted(hashes) if n <= at])
        if checkpoint.get("merkleRoot") not in {since, whole}:
            name = checkpoint.get("checkpoint") or checkpoint.get("checkpointId")
            findings.append(Finding("root", f"the root of checkpoint {name} is another", at))
        start = at + 1
    return AuditReport((*findings, *checks.findings), checks.checked, checks.scheme, checks.seen)


def check_bundle(bundle: Mapping[str, Any]) -> AuditReport:
    """Check an exported bundle of checkpoints.

    Args:
        bundle: The bundle.

    Returns:
        What is wrong, if anything.

    Raises:
        ConfigurationError: The extra `verify` is missing.
    """
    if str(bundle.get("bundleVersion")) not in {"1", "1.0"}:
        return AuditReport((Finding("version", "the version of the bundle is not known"),))
    key = _members(bundle.get("signingKey"))
    pem = key.get("publicKeyPEM")
    if not isinstance(pem, str) or key.get("algorithm") != "ed25519":
        return AuditReport((Finding("key", "the bundle names no Ed25519 key"),))
    findings: list[Finding] = []
    key_id = hashlib.sha256(pem.encode("utf-8")).hexdigest()[:16]
    if key.get("keyId") != key_id:
        findings.append(Finding("key", "the id of the key is not that of the key"))
    loaded = _from_pem(pem)
    if loaded is None:
        return AuditReport((*findings, Finding("key", "the key cannot be read")))
    checks = _Checkpoints([loaded], {}, "checkpointId")
    for item in _items(bundle.get("checkpoints")):
        checkpoint = _members(cast("object", item))
        checks.take(checkpoint)
        if checkpoint.get("signingKeyId") != key.get("keyId"):
            name = checkpoint.get("checkpointId")
            findings.append(Finding("key", f"checkpoint {name} is signed by another key"))
    return AuditReport((*findings, *checks.findings), checks.checked, checks.scheme, checks.seen)


def _from_pem(pem: str) -> Ed25519PublicKey | None:
    body = "".join(line for line in pem.splitlines() if line and not line.startswith("-----"))
    try:
        return _ed25519(_key_bytes(body))
    except ConfigurationError as exc:
        if isinstance(exc.__cause__, ImportError):
            raise
        return None
