"""JSON in the one form that RFC 8785 gives it, for hashing."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, cast

__all__ = ["canonical_json"]

_LARGEST: Final = 2**53


def canonical_json(value: Any) -> bytes:
    """Return *value* as RFC 8785 writes it: members sorted, no spaces, numbers as ECMAScript does.

    Args:
        value: JSON data.

    Raises:
        ValueError: A number is not finite, an integer is beyond 2**53, a string has a lone
            surrogate, or a value is no JSON data.
    """
    return "".join(_pieces(value)).encode("utf-8")


def _pieces(value: Any) -> list[str]:
    if value is None:
        return ["null"]
    if value is True:
        return ["true"]
    if value is False:
        return ["false"]
    if isinstance(value, str):
        return [_string(value)]
    if isinstance(value, int):
        if not -_LARGEST <= value <= _LARGEST:
            msg = "an integer beyond 2**53 has no canonical form"
            raise ValueError(msg)
        return [str(int(value))]
    if isinstance(value, float):
        return [_number(value)]
    if isinstance(value, Mapping):
        members = cast("Mapping[Any, Any]", value)
        out: list[str] = []
        # Sorted by UTF-16 code units, which differs from code points beyond the first plane.
        for name in sorted(members, key=lambda key: str(key).encode("utf-16-be", "surrogatepass")):
            if not isinstance(name, str):
                msg = "a member's name is no string"
                raise TypeError(msg)
            out += [",", _string(name), ":", *_pieces(members[name])]
        return ["{", *out[1:], "}"]
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        parts: list[str] = []
        for item in cast("Sequence[Any]", value):
            parts += [",", *_pieces(item)]
        return ["[", *parts[1:], "]"]
    msg = f"{type(value).__name__} is no JSON data"
    raise TypeError(msg)


def _string(text: str) -> str:
    if any("\ud800" <= character <= "\udfff" for character in text):
        msg = "a string has a lone surrogate"
        raise ValueError(msg)
    return json.dumps(text, ensure_ascii=False)


def _number(value: float) -> str:
    """Write a number as ECMAScript's Number.prototype.toString does."""
    if not math.isfinite(value):
        msg = "a number that is not finite has no canonical form"
        raise ValueError(msg)
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    # repr gives the shortest digits that read back the same, as ECMAScript wants; only the layout
    # differs.
    digits_of = Decimal(repr(abs(value))).as_tuple()
    digits = "".join(map(str, digits_of.digits))
    point = len(digits) + cast("int", digits_of.exponent)
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        text = digits + "0" * (point - len(digits))
    elif 0 < point <= 21:
        text = f"{digits[:point]}.{digits[point:]}"
    elif -6 < point <= 0:
        text = f"0.{'0' * -point}{digits}"
    else:
        exponent = point - 1
        mantissa = digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")
        text = f"{mantissa}e{'+' if exponent > 0 else '-'}{abs(exponent)}"
    return sign + text
