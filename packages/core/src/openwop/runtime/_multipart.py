"""Bodies of `multipart/form-data` (RFC 7578)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from os import PathLike
from pathlib import Path, PurePath
from secrets import token_hex
from typing import Any, Final, Protocol, TypeGuard, cast

import attrs

from openwop.runtime import _json
from openwop.runtime.errors import ConfigurationError

__all__ = ["Part", "encode", "file_bytes"]

_BINARY: Final = (bytes, bytearray, memoryview)
_ESCAPES: Final = {'"': "%22", "\r": "%0D", "\n": "%0A"}


@attrs.frozen
class Part:
    """One member of the body.

    Attributes:
        name: The member's name.
        value: What was given: bytes, an open file or a path; text, a number or a boolean; a pair
            of file name and content, or a triple with the media type; JSON data; or a list of
            these.
        content_type: The media type that the description asks for; empty for the usual one.
    """

    name: str
    value: Any
    content_type: str = ""


class _Readable(Protocol):
    def read(self) -> Any: ...


def _is_readable(value: object) -> TypeGuard[_Readable]:
    return callable(getattr(value, "read", None))


def _quoted(text: str) -> str:
    for character, escape in _ESCAPES.items():
        text = text.replace(character, escape)
    return f'"{text}"'


def _content(value: Any, to_wire: Callable[[Any], Any], name: str) -> tuple[bytes, str, str]:
    """Return the bytes of a part, its usual media type, and a file name where it has one."""
    if isinstance(value, _BINARY):
        return bytes(cast("bytes", value)), "application/octet-stream", name
    if isinstance(value, bool):
        return (b"true" if value else b"false"), "", ""
    if isinstance(value, (str, int, float)):
        return str(value).encode(), "", ""
    if isinstance(value, PathLike):
        path = Path(cast("PathLike[str]", value))
        return path.read_bytes(), "application/octet-stream", path.name
    if _is_readable(value):
        data = value.read()
        file_name = getattr(value, "name", None)
        shown = PurePath(file_name).name if isinstance(file_name, str) else name
        encoded = data.encode() if isinstance(data, str) else bytes(data)
        return encoded, "application/octet-stream", shown
    return _json.dumps(to_wire(value)), "application/json", ""


def file_bytes(value: Any) -> bytes | None:
    """Return the content of a file that is a whole body; None where *value* is none.

    Args:
        value: Bytes, text, an open file or a path.
    """
    if isinstance(value, _BINARY):
        return bytes(cast("bytes", value))
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, PathLike):
        return Path(cast("PathLike[str]", value)).read_bytes()
    if _is_readable(value):
        data = value.read()
        return data.encode() if isinstance(data, str) else bytes(data)
    return None


def _is_file(value: object) -> bool:
    """Tell whether *value* is a pair of file name and content, or a triple with a media type."""
    if not isinstance(value, tuple):
        return False
    members = cast("tuple[object, ...]", value)
    return len(members) in {2, 3} and isinstance(members[0], str)


def _parts(part: Part) -> Iterable[Part]:
    """Return a part per element of a list, as forms have it."""
    given: object = part.value
    if not isinstance(given, (list, tuple)) or _is_file(cast("object", given)):
        return [part]
    return [attrs.evolve(part, value=item) for item in cast("Iterable[object]", given)]


def _encoded(part: Part, to_wire: Callable[[Any], Any]) -> bytes:
    value, kind, file_name = part.value, part.content_type, ""
    if _is_file(value):
        file_name, value = value[0], value[1]
        kind = part.value[2] if len(part.value) == 3 else kind
    data, usual, own_name = _content(value, to_wire, part.name)
    file_name = file_name or own_name
    kind = kind or usual
    head = f"Content-Disposition: form-data; name={_quoted(part.name)}"
    if file_name:
        head = f"{head}; filename={_quoted(file_name)}"
    if kind:
        head = f"{head}\r\nContent-Type: {kind}"
    return head.encode() + b"\r\n\r\n" + data


def encode(parts: Iterable[Part], to_wire: Callable[[Any], Any], where: str) -> tuple[bytes, str]:
    """Return the body for *parts*, and its media type with the boundary.

    Args:
        parts: The members, in the order in which they are sent.
        to_wire: Turns models and typed dictionaries into JSON data.
        where: The operation's Python name, for messages.

    Raises:
        ConfigurationError: A value has no form in a body.
    """
    boundary = token_hex(16)
    line = b"--" + boundary.encode()
    chunks: list[bytes] = []
    for given in parts:
        for part in _parts(given):
            try:
                data = _encoded(part, to_wire)
            except (TypeError, ValueError, OSError) as exc:
                if isinstance(exc, ConfigurationError):
                    raise
                msg = f"{where}: {part.name} cannot be written as a part of the body: {exc}"
                raise ConfigurationError(msg) from exc
            chunks += [line, b"\r\n", data, b"\r\n"]
    chunks += [line, b"--\r\n"]
    return b"".join(chunks), f"multipart/form-data; boundary={boundary}"
