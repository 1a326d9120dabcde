"""Ed25519 signatures by RFC 8032, in plain Python.

A test host signs a checkpoint now and then: a few milliseconds each, and no compiled dependency for
everybody who only wants fixtures.  It is not constant in time, and guards nothing but test data.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Final, TypeAlias

__all__ = ["SigningKey", "verify"]

Point: TypeAlias = tuple[int, int, int, int]

_P: Final = 2**255 - 19
_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_D: Final = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT: Final = pow(2, (_P - 1) // 4, _P)
_NEUTRAL: Final[Point] = (0, 1, 1, 0)


def _sha512(data: bytes) -> int:
    return int.from_bytes(hashlib.sha512(data).digest(), "little")


def _add(one: Point, two: Point) -> Point:
    a = (one[1] - one[0]) * (two[1] - two[0]) % _P
    b = (one[1] + one[0]) * (two[1] + two[0]) % _P
    c = 2 * one[3] * two[3] * _D % _P
    d = 2 * one[2] * two[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % _P, g * h % _P, f * g % _P, e * h % _P)


def _times(scalar: int, point: Point) -> Point:
    result = _NEUTRAL
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def _recover(y: int, sign: int) -> int | None:
    """Return the x of a point with this y and this parity, or None."""
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (not x and sign):
        return None
    return _P - x if x & 1 != sign else x


def _base() -> Point:
    y = 4 * pow(5, _P - 2, _P) % _P
    x = _recover(y, 0)
    assert x is not None
    return (x, y, 1, x * y % _P)


_BASE: Final = _base()


def _encode(point: Point) -> bytes:
    inverse = pow(point[2], _P - 2, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _decode(data: bytes) -> Point | None:
    number = int.from_bytes(data, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    x = _recover(y, sign)
    return None if x is None else (x, y, 1, x * y % _P)


@lru_cache(maxsize=64)
def _public(scalar: int) -> bytes:
    # Milliseconds in plain Python; most hosts of a test run have the same seed.
    return _encode(_times(scalar, _BASE))


class SigningKey:
    """A private key.

    Attributes:
        public: The 32 bytes of its public key.

    Args:
        seed: The 32 bytes that it is made from.
    """

    def __init__(self, seed: bytes) -> None:
        if len(seed) != 32:
            raise ValueError("a seed has 32 bytes")
        digest = hashlib.sha512(seed).digest()
        scalar = int.from_bytes(digest[:32], "little")
        self._scalar = scalar & ((1 << 254) - 8) | 1 << 254
        self._prefix = digest[32:]
        self.public = _public(self._scalar)

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature of *message*."""
        nonce = _sha512(self._prefix + message) % _ORDER
        head = _encode(_times(nonce, _BASE))
        challenge = _sha512(head + self.public + message) % _ORDER
        return head + ((nonce + challenge * self._scalar) % _ORDER).to_bytes(32, "little")


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether *signature* is that of *message* under a public key.

    Args:
        public: The 32 bytes of the key.
        message: What was signed.
        signature: The 64 bytes of the signature.
    """
    if len(public) != 32 or len(signature) != 64:
        return False
    key, head = _decode(public), _decode(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or head is None or scalar >= _ORDER:
        return False
    challenge = _sha512(signature[:32] + public + message) % _ORDER
    return _encode(_times(scalar, _BASE)) == _encode(_add(head, _times(challenge, key)))
