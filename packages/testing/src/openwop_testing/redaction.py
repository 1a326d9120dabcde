"""Takes the secrets out of recorded traffic, each replaced by a stand-in of its own.

One secret has one stand-in throughout a recording, so that what belonged together still does: the
token that an answer gave is the token that a later request uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from openwop.wire import is_secret_header

__all__ = ["STAND_IN", "Redaction"]

STAND_IN = re.compile(r"redacted-[0-9]+")

# A place of a secret is a group; what has no group only looks like such a place.
_MEMBER = re.compile(
    rb'"[A-Za-z_-]*(?:token|secret|password|api_?key|credential|authorization|cookie)"'
    rb'\s*:\s*"((?:[^"\\]|\\.)+)"',
    re.IGNORECASE,
)
_IN_URL = re.compile(
    rb"/runs/[^/\"\s]+/interrupts/|"
    rb"(?:/interrupts/|[?&][a-z_-]*(?:token|secret|key|sig|signature)=)([^/\"\\\s?&#]+)",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_LONG, _SHORT = 12, 6


class Redaction:
    """What is secret in one recording.

    Args:
        secrets: Texts that are secret wherever they stand.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._stand_ins: dict[bytes, bytes] = {}
        self._spellings: dict[bytes, bytes] = {}
        self._pattern: re.Pattern[bytes] | None = None
        for secret in secrets:
            self._learn(secret.encode(), telling=True)

    def _learn(self, secret: bytes, *, telling: bool) -> None:
        """Note that these bytes are secret, and elsewhere too where they are *telling*."""
        if not secret or STAND_IN.fullmatch(secret.decode("latin-1")) is not None:
            return
        number = len(self._stand_ins) + 1
        stand_in = self._stand_ins.setdefault(secret, b"redacted-%d" % number)
        if telling:
            self._spellings[secret] = stand_in
            self._spellings[quote(secret, safe="").encode()] = stand_in
            self._pattern = None

    def learn_headers(self, headers: Iterable[tuple[str, str]]) -> None:
        """Note what is secret in headers."""
        for name, value in headers:
            if is_secret_header(name):
                secret = _split(value)[1].encode()
                self._learn(secret, telling=_telling(secret))

    def learn_body(self, body: bytes) -> None:
        """Note what is secret in a body, or in any other text: members of JSON, parts of URLs."""
        for pattern in (_MEMBER, _IN_URL):
            for found in pattern.finditer(body):
                secret = found[1] or b""
                self._learn(secret, telling=_telling(secret))

    def headers(self, headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return headers without secrets."""
        return [(name, self._header(name, value)) for name, value in headers]

    def _header(self, name: str, value: str) -> str:
        if not is_secret_header(name):
            return self.text(value)
        scheme, secret = _split(value)
        return scheme + self._stand_ins.get(secret.encode(), b"redacted-0").decode()

    def text(self, text: str) -> str:
        """Return a text without secrets."""
        return self.chunks([text.encode()])[0].decode()

    def chunks(self, chunks: Sequence[bytes]) -> list[bytes]:
        """Return the pieces of one body without secrets, even one that pieces divide.

        The piece in which a secret begins gets the whole of its stand-in.
        """
        whole = b"".join(chunks)
        marks = self._marks(whole)
        edges: list[int] = []
        for chunk in chunks:
            edges.append((edges[-1] if edges else 0) + len(chunk))
        pieces: list[bytes] = []
        at = 0
        for edge in edges:
            piece = bytearray()
            while marks and marks[0][0] < edge:
                start, end, stand_in = marks.pop(0)
                piece += whole[at:start] + stand_in
                at = end
            if at < edge:
                piece += whole[at:edge]
                at = edge
            pieces.append(bytes(piece))
        return pieces

    def _marks(self, whole: bytes) -> list[tuple[int, int, bytes]]:
        """Return where the secrets of a body stand, in order, each with its stand-in."""
        marks: dict[int, tuple[int, bytes]] = {}
        for pattern in (_MEMBER, _IN_URL):
            for found in pattern.finditer(whole):
                stand_in = self._stand_ins.get(found[1])
                if stand_in is not None:
                    marks[found.start(1)] = (found.end(1), stand_in)
        for found in self._everywhere().finditer(whole):
            marks.setdefault(found.start(), (found.end(), self._spellings[found[0]]))
        ordered: list[tuple[int, int, bytes]] = []
        for start in sorted(marks):
            end, stand_in = marks[start]
            if not ordered or start >= ordered[-1][1]:
                ordered.append((start, end, stand_in))
        return ordered

    def _everywhere(self) -> re.Pattern[bytes]:
        if self._pattern is None:
            longest = sorted(self._spellings, key=len, reverse=True)
            self._pattern = re.compile(b"|".join(map(re.escape, longest)) or b"(?!)")
        return self._pattern


def _telling(secret: bytes) -> bool:
    """Tell whether a secret is no ordinary word, so that it is the secret wherever it stands."""
    return len(secret) >= _LONG or (
        len(secret) >= _SHORT and any(48 <= byte <= 57 for byte in secret)
    )


def _split(value: str) -> tuple[str, str]:
    """Return the scheme of a credential, with the space after it, and what is secret of it."""
    scheme, space, secret = value.partition(" ")
    return (scheme + space, secret) if space and _SCHEME.fullmatch(scheme) else ("", value)
