"""Digests and detached signatures of tarballs: made, and verified (v1.md section 21)."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import attrs

from openwop.audit import canonical_json
from openwop.registry._archive import Archive
from openwop.registry._errors import PackIntegrityError, PackNamespaceError, PackSignatureError
from openwop.registry._keys import (
    SPKI,
    Keyring,
    TrustedKey,
    decoded,
    instant,
    load_public_key,
    rotation_text,
    verifies,
)
from openwop.registry._models import KeychainKey, Signing

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = [
    "Covers",
    "VerifiedSignature",
    "check_integrity",
    "integrity_of",
    "rotated_key",
    "rotation_proof",
    "sign",
    "verify_signature",
]

Covers: TypeAlias = Literal["tarball", "manifest"]

_PREFIX: Final = "sha256-"
_METHODS: Final = frozenset({"ed25519", "manual"})


# -- integrity ------------------------------------------------------------------------------------


def integrity_of(tarball: bytes) -> str:
    """Return the digest of a tarball as registries write it.

    Args:
        tarball: The bytes of the tarball.

    Returns:
        `sha256-` and the base64 of the 32 bytes of the digest.

    Section: v1.md §21, D-55.
    """
    return _PREFIX + base64.b64encode(hashlib.sha256(tarball).digest()).decode()


def check_integrity(tarball: bytes, expected: str, *, where: str = "integrity") -> str:
    """Check that a tarball is the one that a digest speaks of.

    Args:
        tarball: The bytes of the tarball.
        expected: The digest, as `integrity_of` writes it.
        where: Where the digest comes from, for the message.

    Returns:
        The digest of the tarball.

    Raises:
        PackIntegrityError: It is another tarball, or *expected* is no such digest.

    Section: v1.md §21, D-55.
    """
    found = integrity_of(tarball)
    if hmac.compare_digest(found.encode(), expected.encode()):
        return found
    digest = decoded(expected.removeprefix(_PREFIX))
    if not expected.startswith(_PREFIX) or digest is None or len(digest) != 32:
        why = "which is not sha256- and the base64 of 32 bytes"
        if digest is not None and digest.strip() == hashlib.sha256(tarball).hexdigest().encode():
            why = "which is the base64 of the hexadecimal text; it must be that of the raw digest"
        msg = f"{where} is {expected!r}, {why}"
    else:
        msg = f"the tarball has the digest {found}, but {where} promises {expected}"
    raise PackIntegrityError(msg)


# -- signatures -----------------------------------------------------------------------------------


@attrs.frozen
class VerifiedSignature:
    """A signature that was verified.

    Attributes:
        key: The key that made it.
        covers: What it covers: the `tarball`, or only its `manifest`.  In the second case the
            contents are vouched for by the registry's digest alone.
    """

    key: TrustedKey
    covers: Covers


def _signature_bytes(signature: bytes) -> bytes:
    """Return the 64 bytes of a detached signature that came raw or as base64 text."""
    if len(signature) == 64:
        return signature
    found = decoded(b"".join(signature.split()))
    if found is None or len(found) != 64:
        msg = f"the signature has {len(signature)} bytes; it is 64 bytes, or base64 of them"
        raise PackSignatureError(msg)
    return found


def verify_signature(
    archive: Archive,
    signature: bytes,
    keys: Keyring,
    *,
    pack: str,
    signing: Signing | None = None,
    published_at: str | None = None,
    now: float,
) -> VerifiedSignature:
    """Verify the detached signature of a pack.

    The sources disagree on what a signature covers (D-19): the tarball is tried first, then
    `pack.json` as it is in the tarball, then its canonical form.

    Args:
        archive: The tarball, read.
        signature: The signature: 64 bytes, or base64 of them.
        keys: The keys that count.
        pack: The name of the pack.
        signing: What the version manifest says of the signing; a key that it names must be the
            one that signed.
        published_at: When the version was published, which decides whether a key was valid; the
            registry's word.  Without it, the key must be valid now.
        now: The time as Unix seconds.

    Raises:
        PackNamespaceError: The key that signed may not sign packs of this name.
        PackSignatureError: No key that counts made the signature, or it was not valid then.

    Section: v1.md §21, D-19.
    """
    raw = _signature_bytes(signature)
    if signing is not None and (signing.method or "ed25519").lower() not in _METHODS:
        msg = f"{pack} is signed by {signing.method}, which cannot be verified here"
        raise PackSignatureError(msg, pack=pack)
    when = dt.datetime.fromtimestamp(now, dt.UTC)
    try:
        published = instant(published_at)
    except ValueError:
        published = None
    if published is not None:
        when = min(published, when)
    candidates = _named(keys, signing, pack)
    made_by: TrustedKey | None = None
    for key in candidates:
        covers = _covered(archive, raw, key)
        if covers is None:
            continue
        if key.permits(pack) and key.valid_at(when):
            return VerifiedSignature(key, covers)
        # A key may be listed twice, so the search goes on.
        made_by = key if made_by is None or not made_by.permits(pack) else made_by
    if made_by is None:
        more = f" ({'; '.join(keys.problems)})" if keys.problems else ""
        msg = f"the signature of {pack} is by none of {len(candidates)} keys that may count{more}"
        raise PackSignatureError(msg, pack=pack)
    if not made_by.permits(pack):
        permitted = ", ".join(made_by.namespaces) or "nothing"
        msg = f"{pack} is signed by key {made_by.key_id}, which may sign {permitted}"
        raise PackNamespaceError(msg, pack=pack)
    msg = f"{pack} is signed by key {made_by.key_id}, which was not valid at {when.isoformat()}"
    raise PackSignatureError(msg, pack=pack)


def _named(keys: Keyring, signing: Signing | None, pack: str) -> tuple[TrustedKey, ...]:
    """Return the keys that may have signed: the one that the manifest names, or all."""
    if signing is None:
        return keys.keys
    wanted = signing.key_id or signing.public_key_ref
    found = tuple(key for key in keys.keys if key.key_id == wanted)
    # `publicKeyRef` is a path in a pack's own manifest, so it may name no key at all.
    if found or signing.key_id is None:
        return found or keys.keys
    more = f" ({'; '.join(keys.problems)})" if keys.problems else ""
    msg = f"{pack} names key {wanted}, for which nobody vouches{more}"
    raise PackSignatureError(msg, pack=pack)


def _covered(archive: Archive, signature: bytes, key: TrustedKey) -> Covers | None:
    if verifies(key.public_key, signature, archive.tarball):
        return "tarball"
    if verifies(key.public_key, signature, archive.manifest_bytes):
        return "manifest"
    try:
        canonical = canonical_json(archive.manifest)
    except (ValueError, TypeError):
        return None
    return "manifest" if verifies(key.public_key, signature, canonical) else None


# -- signing --------------------------------------------------------------------------------------


def sign(private_key: Ed25519PrivateKey, tarball: bytes) -> bytes:
    """Return the detached signature of a tarball.

    Args:
        private_key: The key, of the `cryptography` library.
        tarball: The bytes of the tarball.

    Section: v1.md §21, D-19.
    """
    return private_key.sign(tarball)


def rotation_proof(
    old_key: Ed25519PrivateKey, *, kid: str, public_key: str, valid_from: str
) -> str:
    """Return the proof by which an old key hands over to a new one.

    Args:
        old_key: The old key, of the `cryptography` library.
        kid: The id of the new key.
        public_key: The new public key, letter by letter as the keychain will have it.
        valid_from: Since when the new key signs, letter by letter likewise.

    Returns:
        Base64 of the old key's signature over the three, joined.

    Section: v1.md §21.
    """
    return base64.b64encode(old_key.sign(rotation_text(kid, public_key, valid_from))).decode()


def rotated_key(
    old_key: Ed25519PrivateKey,
    *,
    rotated_from: str,
    kid: str,
    public_key: str | bytes,
    valid_from: str,
    valid_until: str | None = None,
) -> KeychainKey:
    """Return the entry of a keychain for a new key, with the proof that the old key gives it.

    Args:
        old_key: The old private key, of the `cryptography` library.
        rotated_from: The id of the old key.
        kid: The id of the new key.
        public_key: The new public key, in any form that `load_public_key` takes.
        valid_from: Since when the new key signs, as RFC 3339; within the old key's time.
        valid_until: Until when it signs.

    Raises:
        ConfigurationError: *public_key* is no Ed25519 public key.

    Section: v1.md §21.
    """
    text = base64.b64encode(SPKI + load_public_key(public_key)).decode()
    return KeychainKey(
        kid=kid,
        algorithm="ed25519",
        public_key=text,
        valid_from=valid_from,
        valid_until=valid_until,
        rotated_from=rotated_from,
        rotation_proof=rotation_proof(old_key, kid=kid, public_key=text, valid_from=valid_from),
    )
