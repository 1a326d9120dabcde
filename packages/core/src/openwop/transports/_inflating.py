"""Compressed bodies, taken apart piece by piece.

httpx would do it, but not say that a body ended too early, and not bound what one chunk may grow
to: a kilobyte of gzip can hold a megabyte.
"""

from __future__ import annotations

import zlib
from typing import Any, Final

from openwop.wire import TransportError

__all__ = ["ENCODINGS", "Inflater"]

ENCODINGS: Final = "gzip, deflate"
"""What is asked for; what other encodings a machine could undo depends on what is installed."""

_PIECE: Final = 256 * 1024
_GZIP: Final = b"\x1f\x8b"
_ENVELOPE: Final = 2
"""How many bytes it takes to tell the formats apart."""


def _format_of(lead: bytes) -> int:
    """Return zlib's number for the format of a body that begins with *lead*."""
    if lead == _GZIP:
        return zlib.MAX_WBITS | 16
    if lead[0] & 15 == zlib.DEFLATED and int.from_bytes(lead, "big") % 31 == 0:
        return zlib.MAX_WBITS
    return -zlib.MAX_WBITS  # some services send deflate without its envelope


class Inflater:
    """Takes one body in gzip or deflate apart."""

    def __init__(self) -> None:
        self._inner: Any = None
        self._held = b""
        self._waiting = b""

    @property
    def waiting(self) -> bool:
        """Whether there is more to come of what was fed."""
        return bool(self._waiting)

    def feed(self, chunk: bytes) -> bytes:
        """Return the next piece of what *chunk* and the bytes before it hold.

        Args:
            chunk: Bytes of the body; none to get what is waiting.

        Raises:
            TransportError: The body is broken.
        """
        data = self._held + self._waiting + chunk
        self._held = self._waiting = b""
        following = self._inner is not None and self._inner.eof
        if self._inner is None or following:
            if len(data) < _ENVELOPE:
                self._held = data
                return b""
            if following and data[:_ENVELOPE] != _GZIP:
                raise _broken()
            self._inner = zlib.decompressobj(_format_of(data[:_ENVELOPE]))
        try:
            piece = bytes(self._inner.decompress(data, _PIECE))
        except zlib.error as exc:
            raise _broken() from exc
        self._waiting = self._inner.unused_data or self._inner.unconsumed_tail
        return piece

    def end(self) -> None:
        """Note the end of the body.

        Raises:
            TransportError: It ended too early.
        """
        if self._held or (self._inner is not None and not self._inner.eof):
            msg = "the compressed body ended too early"
            raise TransportError(msg)


def _broken() -> TransportError:
    return TransportError("the compressed body is broken")
