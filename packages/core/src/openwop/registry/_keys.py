"""Keys, signatures and who may sign what (v1.md section 21).

Trust is per registry: a key counts where the registry's discovery document lists it for the
namespace of the pack, where a rotation proof leads to it from such a key, or where the caller
trusts it outright.  When a key was valid matters for when a version was published: what an old key
signed in its time stays good.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import attrs

from openwop.audit import canonical_json
from openwop.errors import ConfigurationError
from openwop.registry._archive import Archive
from openwop.registry._errors import PackIntegrityError, PackNamespaceError, PackSignatureError
from openwop.registry._models import Keychain, KeychainKey, RegistryDocument, Signing

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

__all__ = [
    "Covers",
    "Keyring",
    "TrustedKey",
    "VerifiedSignature",
    "check_integrity",
    "integrity_of",
    "keyring",
    "load_public_key",
    "rotated_key",
    "rotation_proof",
    "sign",
    "verify_signature",
]

Covers: TypeAlias = Literal["tarball", "manifest"]

_SPKI: Final = bytes.fromhex("302a300506032b6570032100")
_PREFIX: Final = "sha256-"
_METHODS: Final = frozenset({"ed25519", "manual"})
_FOREVER: Final = dt.datetime.max.replace(tzinfo=dt.UTC)
_NEVER: Final = dt.datetime.min.replace(tzinfo=dt.UTC)


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
    digest = _decoded(expected.removeprefix(_PREFIX))
    if not expected.startswith(_PREFIX) or digest is None or len(digest) != 32:
        why = "which is not sha256- and the base64 of 32 bytes"
        if digest is not None and digest.strip() == hashlib.sha256(tarball).hexdigest().encode():
            why = "which is the base64 of the hexadecimal text; it must be that of the raw digest"
        msg = f"{where} is {expected!r}, {why}"
    else:
        msg = f"the tarball has the digest {found}, but {where} promises {expected}"
    raise PackIntegrityError(msg)


def _decoded(text: str | bytes) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


# -- keys -----------------------------------------------------------------------------------------


def load_public_key(key: str | bytes) -> bytes:
    """Return the 32 bytes of an Ed25519 public key.

    Args:
        key: The bytes themselves, PEM, or base64 of the DER form or of the bytes.

    Raises:
        ConfigurationError: It is no Ed25519 public key.
    """
    if isinstance(key, bytes):
        if len(key) == 32:
            return key
        if len(key) == 44 and key.startswith(_SPKI):
            return key[12:]
        try:
            key = key.decode("ascii")
        except UnicodeDecodeError:
            key = ""
    lines = [line.strip() for line in key.splitlines()]
    der = _decoded("".join(line for line in lines if not line.startswith("-----")))
    if der is not None and len(der) == 32:
        return der
    if der is not None and len(der) == 44 and der.startswith(_SPKI):
        return der[12:]
    msg = "the key is no Ed25519 public key: PEM, base64 of the DER form, or 32 bytes"
    raise ConfigurationError(msg)


def _as_tuple(names: Iterable[str]) -> tuple[str, ...]:
    if isinstance(names, str):  # one name is easily taken for a list of them
        return (names,)
    return tuple(names)


@attrs.frozen
class TrustedKey:
    """A key whose signatures count, for what, and for when.

    Attributes:
        key_id: The id of the key.
        public_key: Its 32 bytes.
        namespaces: The names it may sign: `vendor.acme` and `vendor.acme.*` both stand for
            everything below, `*` for all.
        valid_from: Since when it signs; None for always.
        valid_until: Until when it signs; None for ever.
        origin: Who vouches for it.
    """

    key_id: str
    public_key: bytes = attrs.field(converter=load_public_key, repr=False)
    namespaces: tuple[str, ...] = attrs.field(converter=_as_tuple)
    valid_from: dt.datetime | None = None
    valid_until: dt.datetime | None = None
    origin: Literal["caller", "registry", "rotation"] = "caller"

    def permits(self, pack: str) -> bool:
        """Tell whether the key may sign a pack of this name."""
        return any(_covers(namespace, pack) for namespace in self.namespaces)

    def valid_at(self, when: dt.datetime) -> bool:
        """Tell whether the key was valid at an instant, its ends included."""
        return (self.valid_from or _NEVER) <= when <= (self.valid_until or _FOREVER)


def _covers(namespace: str, pack: str) -> bool:
    if namespace == "*":
        return True
    stem = namespace.removesuffix(".*").rstrip(".")
    return bool(stem) and (pack == stem or pack.startswith(f"{stem}."))


def instant(text: str | None) -> dt.datetime | None:
    """Return the instant that an RFC 3339 text names; None where there is none to name."""
    if text is None:
        return None
    found = dt.datetime.fromisoformat(text)
    return found if found.tzinfo is not None else found.replace(tzinfo=dt.UTC)


@attrs.frozen
class Keyring:
    """The keys that count for one pack.

    Attributes:
        keys: The keys.
        problems: Why others were left out.
    """

    keys: tuple[TrustedKey, ...]
    problems: tuple[str, ...] = ()


def keyring(
    pack: str,
    document: RegistryDocument | None,
    keychain: Keychain | None = None,
    trusted: Iterable[TrustedKey] = (),
) -> Keyring:
    """Return the keys whose signatures count for a pack.

    Args:
        pack: The name of the pack.
        document: The discovery document of the registry that the pack is from.
        keychain: The keychain of the pack's namespace: it may bound keys of the document, and adds
            those to which a rotation proof leads.
        trusted: Keys that the caller trusts.

    Section: v1.md §21.
    """
    problems: list[str] = []
    keys = list(trusted)
    for entry in (document.signing_keys or []) if document is not None else []:
        if (entry.algorithm or "ed25519").lower() != "ed25519":
            problems.append(f"key {entry.name} is for {entry.algorithm}")
            continue
        try:
            keys.append(
                TrustedKey(
                    entry.name,
                    entry.public_key or "",
                    entry.permitted_namespaces or (),
                    instant(entry.valid_from),
                    instant(entry.valid_until),
                    "registry",
                )
            )
        except ValueError as exc:
            problems.append(f"key {entry.name}: {exc}")
    if keychain is not None:
        if _covers(keychain.namespace or pack, pack):
            keys = _rotated(pack, keys, keychain, problems)
        else:
            problems.append(f"the keychain is of {keychain.namespace}")
    return Keyring(tuple(keys), tuple(problems))


def _rotated(
    pack: str, keys: list[TrustedKey], keychain: Keychain, problems: list[str]
) -> list[TrustedKey]:
    """Return *keys* bounded by a keychain, and what its rotation proofs lead to from them."""
    found = list(keys)
    waiting: list[tuple[KeychainKey, TrustedKey]] = []
    for entry in keychain.keys:
        key = _from_keychain(entry, pack, problems)
        if key is None:
            continue
        same = [one for one in found if one.public_key == key.public_key and one.permits(pack)]
        for one in same:
            bounded = found[found.index(one)] = _bounded(one, key)
            if one.key_id != entry.kid:  # the keychain's own name for it
                found.append(attrs.evolve(bounded, key_id=entry.kid))
        if not same:
            waiting.append((entry, key))
    progress = True
    while waiting and progress:
        progress = False
        for pair in list(waiting):
            entry, key = pair
            before = [
                one for one in found if one.key_id == entry.rotated_from and one.permits(pack)
            ]
            if any(_proves(old, entry, key) for old in before):
                found.append(key)
                waiting.remove(pair)
                progress = True
    problems += [f"key {entry.kid} has no proof from a key that counts" for entry, _ in waiting]
    return found


def _from_keychain(entry: KeychainKey, pack: str, problems: list[str]) -> TrustedKey | None:
    if (entry.algorithm or "ed25519").lower() != "ed25519":
        problems.append(f"key {entry.kid} is for {entry.algorithm}")
        return None
    try:
        return TrustedKey(
            entry.kid,
            entry.public_key or "",
            (pack,),
            instant(entry.valid_from),
            instant(entry.valid_until),
            "rotation",
        )
    except ValueError as exc:
        problems.append(f"key {entry.kid}: {exc}")
        return None


def _bounded(key: TrustedKey, other: TrustedKey) -> TrustedKey:
    """Return *key*, valid only while *other* is too."""
    return attrs.evolve(
        key,
        valid_from=max(filter(None, (key.valid_from, other.valid_from)), default=None),
        valid_until=min(filter(None, (key.valid_until, other.valid_until)), default=None),
    )


def _proves(old: TrustedKey, entry: KeychainKey, key: TrustedKey) -> bool:
    """Tell whether *old* handed over to *key*, in its time."""
    proof = _decoded(entry.rotation_proof or "")
    if proof is None or key.valid_from is None or not old.valid_at(key.valid_from):
        return False
    signed = _rotation_text(entry.kid, entry.public_key or "", entry.valid_from or "")
    return _verifies(old.public_key, proof, signed)


def _rotation_text(kid: str, public_key: str, valid_from: str) -> bytes:
    return f"{kid}{public_key}{valid_from}".encode()


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


def _ed25519(key: bytes) -> Ed25519PublicKey:
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError as exc:
        msg = "verifying signatures needs cryptography: pip install 'openwop[verify]'"
        raise ConfigurationError(msg) from exc
    return Ed25519PublicKey.from_public_bytes(key)


def _verifies(key: bytes, signature: bytes, message: bytes) -> bool:
    public = _ed25519(key)
    from cryptography.exceptions import InvalidSignature

    try:
        public.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _signature_bytes(signature: bytes) -> bytes:
    """Return the 64 bytes of a detached signature that came raw or as base64 text."""
    if len(signature) == 64:
        return signature
    found = _decoded(b"".join(signature.split()))
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
    if _verifies(key.public_key, signature, archive.tarball):
        return "tarball"
    if _verifies(key.public_key, signature, archive.manifest_bytes):
        return "manifest"
    try:
        canonical = canonical_json(archive.manifest)
    except (ValueError, TypeError):
        return None
    return "manifest" if _verifies(key.public_key, signature, canonical) else None


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
    return base64.b64encode(old_key.sign(_rotation_text(kid, public_key, valid_from))).decode()


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
    text = base64.b64encode(_SPKI + load_public_key(public_key)).decode()
    return KeychainKey(
        kid=kid,
        algorithm="ed25519",
        public_key=text,
        valid_from=valid_from,
        valid_until=valid_until,
        rotated_from=rotated_from,
        rotation_proof=rotation_proof(old_key, kid=kid, public_key=text, valid_from=valid_from),
    )
