"""JSON to values and back, with one result whichever parser is installed.

The standard library parses unless msgspec is installed (the extra `speed`).  Everything that a
parser could see differently is settled here and pinned by `spec/vectors/codec`: the text is UTF-8
(RFC 8259, section 8.1), one leading BOM is passed over, a number that no double holds, `NaN` and
`Infinity` are refused, integers stay integers whatever their size, a lone surrogate escape is kept,
the last of equal keys wins, and nesting ends at `MAX_DEPTH`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import accumulate
from math import isinf
from typing import Any, Final, Literal, NoReturn, TypeAlias

__all__ = ["BACKENDS", "MAX_DEPTH", "InvalidJSONError", "dumps", "loads", "use"]

Parser: TypeAlias = "Callable[[bytes | str], Any]"
Backend: TypeAlias = Literal["json", "msgspec"]
Reason: TypeAlias = Literal["depth", "empty", "encoding", "number", "syntax"]

BACKENDS: Final[tuple[Backend, ...]] = ("json", "msgspec")

MAX_DEPTH: Final = 128
"""How many arrays and objects may stand inside each other.

Parsers recurse, and so does what comes after them: without a bound of ours, the depth that passes
would depend on the parser, the Python version and the depth of the caller's stack.
"""

_WHITESPACE: Final = " \t\n\r"
_BOM: Final = "\ufeff"
_BEFORE_A_VALUE: Final = frozenset((*_WHITESPACE, _BOM))
_PLAIN: Final = bytes(set(range(256)) - set(b'[]{}"'))
_QUOTED: Final = re.compile(rb'"[^"]*+"?')
_STEPS: Final = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_REASONS: Final[dict[Reason, str]] = {
    "depth": f"nested deeper than {MAX_DEPTH} levels",
    "empty": "empty",
    "encoding": "not UTF-8",
    "number": "holds a number out of range",
    "syntax": "malformed",
}


class InvalidJSONError(ValueError):
    """A text is not JSON, or is JSON that no parser of ours takes.  Never holds the text.

    Args:
        reason: What is wrong.
        position: Where, in bytes from the start of the text, or None where that is not known.
    """

    def __init__(self, reason: Reason, position: int | None = None) -> None:
        where = "" if position is None else f" at byte {position}"
        super().__init__(f"the JSON is {_REASONS[reason]}{where}")
        self.reason: Reason = reason
        self.position = position

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.reason, self.position)


def loads(data: bytes | str) -> Any:
    """Return the value that a JSON text stands for.

    Args:
        data: The text, as UTF-8 or decoded.

    Returns:
        Dictionaries, lists, strings, integers, floats, booleans and None.

    Raises:
        InvalidJSONError: The text is not JSON, holds a number out of range, or nests too deep.
    """
    # A text with no more brackets than levels cannot nest too deep, and counting costs next to
    # nothing.
    if len(data) > MAX_DEPTH and _is_deep(data):
        raise InvalidJSONError("depth")
    return (_parse or _choose())(data)


def dumps(value: object) -> bytes:
    """Return *value* as compact JSON in UTF-8, with nothing escaped that need not be.

    The standard library writes, whatever is installed: msgspec would turn NaN to null and dates to
    strings without a word, and what a client sends is small.

    Args:
        value: Dictionaries with string keys, lists, tuples, strings, numbers, booleans and None.

    Raises:
        TypeError: Something in *value* has no JSON form.
        ValueError: *value* holds NaN or an infinity, contains itself, or nests too deep.
    """
    try:
        text = _encode(value)
    except RecursionError:
        text = ""
    if not text:
        raise ValueError("the value nests too deep to be written as JSON")
    try:
        return text.encode()
    except UnicodeEncodeError:
        # A lone surrogate has no UTF-8 form; its escape is what `loads` reads it back from.
        return _encode_ascii(value).encode("ascii")


def use(backend: Backend | None) -> None:
    """Choose the parser of this process; None lets the next `loads` choose as the first one does.

    Raises:
        ImportError: msgspec is asked for and not installed.
    """
    global _parse  # noqa: PLW0603  # one choice per process is the point
    _parse = None if backend is None else _PARSERS[backend]()


def _choose() -> Parser:
    """Choose msgspec where it is installed, and the standard library elsewhere."""
    try:
        use("msgspec")
    except ImportError:
        use("json")
    assert _parse is not None
    return _parse


def _is_deep(data: bytes | str) -> bool:
    """Tell whether a text of any length nests deeper than `MAX_DEPTH`, without parsing it."""
    if isinstance(data, str):
        if data.count("[") + data.count("{") <= MAX_DEPTH:
            return False
        data = data.encode("utf-8", "surrogatepass")
    elif data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return False
    # Escaped quotes go first, then everything but brackets and quotes, then what stands in quotes.
    # A text that is no JSON may come out wrong; the parser will not take it either way.
    bare = data.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _PLAIN)
    steps = map(_STEPS.__getitem__, _QUOTED.sub(b"", bare))
    return max(accumulate(steps), default=0) > MAX_DEPTH


def _refuse_constant(_name: str) -> NoReturn:
    """Refuse `NaN` and its kin, which the standard library would take."""
    raise InvalidJSONError("syntax")


def _finite(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise InvalidJSONError("number")
    return number


_DECODER: Final = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)
_encode: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode
_encode_ascii: Final = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode


def _parse_with_json(data: bytes | str) -> Any:
    """Parse with the standard library, by which every other parser is measured."""
    skipped = 0
    try:
        text = data if isinstance(data, str) else str(data, "utf-8")
        start = 0
        if text[:1] in _BEFORE_A_VALUE:
            if text[0] == _BOM:
                skipped = len(_BOM.encode())
                text = text[1:]
            start = len(text) - len(text.lstrip(_WHITESPACE))
        value, end = _DECODER.raw_decode(text, start)
        if end == len(text) or not (rest := text[end:].lstrip(_WHITESPACE)):
            return value
        failure = InvalidJSONError("syntax", skipped + _width(text) - _width(rest))
    except InvalidJSONError as error:
        failure = error
    except json.JSONDecodeError as error:
        reason: Reason = "syntax" if error.doc.strip(_WHITESPACE) else "empty"
        failure = InvalidJSONError(reason, skipped + _width(error.doc[: error.pos]))
    except UnicodeDecodeError as error:
        failure = InvalidJSONError("encoding", error.start)
    except RecursionError:
        failure = InvalidJSONError("depth")
    except ValueError:
        # Python bounds the digits of an integer that it converts, since the time grows with their
        # square.
        failure = InvalidJSONError("number")
    # Raised out here because the errors above hold the whole text, and would be its context.
    raise failure


def _width(text: str) -> int:
    """Return how many bytes *text* takes in UTF-8."""
    return len(text.encode("utf-8", "surrogatepass"))


def _json_parser() -> Parser:
    return _parse_with_json


def _msgspec_parser() -> Parser:
    import msgspec

    decode = msgspec.json.Decoder().decode
    # What msgspec takes it takes as the standard library does; what it refuses (a lone surrogate, a
    # BOM, an error whose place is to be named) the standard library decides.
    refusals = (msgspec.MsgspecError, RecursionError, UnicodeError)

    def parse(data: bytes | str) -> Any:
        try:
            return decode(data)
        except refusals:
            pass
        return _parse_with_json(data)

    return parse


_PARSERS: Final[dict[Backend, Callable[[], Parser]]] = {
    "json": _json_parser,
    "msgspec": _msgspec_parser,
}
_parse: Parser | None = None
