"""Keys, and who may sign what (v1.md section 21).

Trust is per registry: a key counts where the registry's discovery document lists it for the
namespace of the pack, where a rotation proof leads to it from such a key, or where the caller
trusts it outright.  When a key was valid matters for when a version was published: what an old key
signed in its time stays good.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Literal

import attrs

from openwop.errors import ConfigurationError
from openwop.registry._models import Keychain, KeychainKey, RegistryDocument

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

__all__ = [
    "SPKI",
    "Keyring",
    "TrustedKey",
    "decoded",
    "instant",
    "keyring",
    "load_public_key",
    "rotation_text",
    "verifies",
]

SPKI: Final = bytes.fromhex("302a300506032b6570032100")
_FOREVER: Final = dt.datetime.max.replace(tzinfo=dt.UTC)
_NEVER: Final = dt.datetime.min.replace(tzinfo=dt.UTC)


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
        if len(key) == 44 and key.startswith(SPKI):
            return key[12:]
        try:
            key = key.decode("ascii")
        except UnicodeDecodeError:
            key = ""
    lines = [line.strip() for line in key.splitlines()]
    der = decoded("".join(line for line in lines if not line.startswith("-----")))
    if der is not None and len(der) == 32:
        return der
    if der is not None and len(der) == 44 and der.startswith(SPKI):
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
    proof = decoded(entry.rotation_proof or "")
    if proof is None or key.valid_from is None or not old.valid_at(key.valid_from):
        return False
    signed = rotation_text(entry.kid, entry.public_key or "", entry.valid_from or "")
    return verifies(old.public_key, proof, signed)


def decoded(text: str | bytes) -> bytes | None:
    """Return what base64 stands for; None where it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _ed25519(key: bytes) -> Ed25519PublicKey:
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError as exc:
        msg = (
            "verifying signatures needs cryptography, which is not installed: pip install "
            "'openwop[verify]'"
        )
        raise ConfigurationError(msg) from exc
    return Ed25519PublicKey.from_public_bytes(key)


def verifies(key: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether a signature by the public key *key* is over *message*."""
    public = _ed25519(key)
    from cryptography.exceptions import InvalidSignature

    try:
        public.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def rotation_text(kid: str, public_key: str, valid_from: str) -> bytes:
    """Return what a rotation proof is a signature of."""
    return f"{kid}{public_key}{valid_from}".encode()
