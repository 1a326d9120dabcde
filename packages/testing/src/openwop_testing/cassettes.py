"""Recorded traffic, as a file: one exchange with a host per line, when each byte of it came.

The first line says what the file is.  All moments are in seconds: of a request since the recording
began, of anything else since its request.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import attrs

from openwop_testing.redaction import Redaction

__all__ = ["Cassette", "Exchange"]

_FORMAT: Final = "openwop-cassette"
_VERSION: Final = 1

Pairs = list[tuple[str, str]]


@attrs.define
class Exchange:
    """One request and all that came of it.

    Attributes:
        method: The HTTP method.
        target: Path and query, as sent.
        request_headers: The headers that were sent.
        request_body: The body that was sent.
        at: When it was sent, since the recording began.
        status: The status of the answer; 0 where none came.
        headers: The headers of the answer.
        head_at: When the head of the answer had come.
        chunks: The pieces of the body, and when each had come.
        end: How it ended: `complete`, `closed` by the client, or the name of a transport's error.
        end_at: When it ended.
        message: What the error said.
        sent: Whether the error left open that the request was sent.
    """

    method: str
    target: str
    request_headers: Pairs
    request_body: bytes | None
    at: float
    status: int = 0
    headers: Pairs = attrs.field(factory=Pairs)
    head_at: float = 0.0
    chunks: list[tuple[float, bytes]] = attrs.field(factory=list[tuple[float, bytes]])
    end: str = "closed"
    end_at: float = 0.0
    message: str = ""
    sent: bool = True

    def __str__(self) -> str:
        return f"{self.method} {self.target} -> {self.status or self.end}"

    def learn_secrets(self, redaction: Redaction) -> None:
        """Tell *redaction* what is secret here."""
        for headers in (self.request_headers, self.headers):
            redaction.learn_headers(headers)
        body = b"".join(data for _, data in self.chunks)
        for text in (self.target.encode(), self.request_body or b"", body):
            redaction.learn_body(text)

    def without_secrets(self, redaction: Redaction) -> Exchange:
        """Return a copy with a stand-in for every secret."""
        pieces = redaction.chunks([data for _, data in self.chunks])
        return attrs.evolve(
            self,
            target=redaction.text(self.target),
            request_headers=redaction.headers(self.request_headers),
            request_body=None
            if self.request_body is None
            else redaction.chunks([self.request_body])[0],
            headers=redaction.headers(self.headers),
            chunks=[(at, piece) for (at, _), piece in zip(self.chunks, pieces, strict=True)],
            message=redaction.text(self.message),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the exchange as it stands in the file."""
        document: dict[str, Any] = {
            "at": round(self.at, 6),
            "method": self.method,
            "target": self.target,
            "requestHeaders": self.request_headers,
            "requestBody": None if self.request_body is None else _shown(self.request_body),
        }
        if self.status:
            document["status"] = self.status
            document["headAt"] = round(self.head_at, 6)
            document["headers"] = self.headers
            document["chunks"] = [[round(at, 6), _shown(data)] for at, data in self.chunks]
        document["end"] = self.end
        document["endAt"] = round(self.end_at, 6)
        if self.message:
            document["message"] = self.message
            document["sent"] = self.sent
        return document

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Exchange:
        """Return the exchange of a line of the file."""
        body = document["requestBody"]
        return cls(
            method=document["method"],
            target=document["target"],
            request_headers=[(name, value) for name, value in document["requestHeaders"]],
            request_body=None if body is None else _hidden(body),
            at=document["at"],
            status=document.get("status", 0),
            headers=[(name, value) for name, value in document.get("headers", [])],
            head_at=document.get("headAt", 0.0),
            chunks=[(at, _hidden(data)) for at, data in document.get("chunks", [])],
            end=document["end"],
            end_at=document["endAt"],
            message=document.get("message", ""),
            sent=document.get("sent", True),
        )


@attrs.define
class Cassette:
    """A recording.

    Attributes:
        origin: Scheme and authority of the host.
        exchanges: What was asked and answered, in the order of the requests.
    """

    origin: str = ""
    exchanges: list[Exchange] = attrs.field(factory=list[Exchange])

    def save(self, path: Path | str, secrets: Iterable[str] = ()) -> None:
        """Write the file, without the secrets.

        Args:
            path: The file.
            secrets: Texts that are secret besides those that are found to be.
        """
        redaction = Redaction(secrets)
        for exchange in self.exchanges:
            exchange.learn_secrets(redaction)
        lines: list[dict[str, Any]] = [{_FORMAT: _VERSION, "origin": self.origin}]
        lines += [exchange.without_secrets(redaction).to_json() for exchange in self.exchanges]
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        Path(path).write_text(text, encoding="utf-8", newline="\n")

    @classmethod
    def load(cls, path: Path | str) -> Cassette:
        """Read a file.

        Raises:
            ValueError: It is no recording, or one of another version.
        """
        # Not splitlines: JSON may hold the other characters that end a line for Python.
        lines = Path(path).read_text(encoding="utf-8").rstrip("\n").split("\n")
        try:
            head: Any = json.loads(lines[0])
            if head[_FORMAT] != _VERSION:
                raise ValueError(f"{path} is a recording of version {head[_FORMAT]}")
            exchanges = [Exchange.from_json(json.loads(line)) for line in lines[1:]]
            return cls(str(head["origin"]), exchanges)
        except (KeyError, TypeError, json.JSONDecodeError) as exc:
            raise ValueError(f"{path} is no recording of this package") from exc


def _shown(data: bytes) -> Any:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _hidden(shown: Any) -> bytes:
    return shown.encode() if isinstance(shown, str) else base64.b64decode(shown["base64"])
