"""What structuring wire values has in common: the error that names the place, and the JSON kinds.

Generated code checks the kinds that it reads in straight lines (`if type(value) is not str: raise
mismatch(...)`), so that a good value costs no call.  Everything here runs when something is wrong,
or when a value needs more than one look.
"""

from __future__ import annotations

from typing import Any

__all__ = ["StructureError", "as_integer", "as_number", "kind_of", "mismatch", "missing"]


class StructureError(ValueError):
    """A value from the wire has not the shape that its description gives it.

    The message names the place and the kinds, never the value, which may be a secret.

    Args:
        path: The place, from the name of the model: `RunSnapshot.error.code`.
        expected: What the description asks for: `str`, `object`, `one of ...`.
        got: What stood there, as a kind: `int`, `null`, `nothing`.
    """

    def __init__(self, path: str, expected: str, got: str) -> None:
        super().__init__(path, expected, got)
        self.path = path
        self.expected = expected
        self.got = got

    def __str__(self) -> str:
        return f"{self.path}: expected {self.expected}, got {self.got}"

    def under(self, prefix: str) -> StructureError:
        """Return the same error with *prefix* in place of the model's name at the head of its path.

        A model structures its members by their own names; the model around it calls this to say
        where the member stands: `RunError.code` becomes `RunSnapshot.error.code`.
        """
        cut = len(self.path)
        for mark in ".[":
            found = self.path.find(mark)
            if 0 <= found < cut:
                cut = found
        return StructureError(prefix + self.path[cut:], self.expected, self.got)


_KINDS: dict[type[Any], str] = {
    type(None): "null",
    bool: "bool",
    dict: "object",
    float: "float",
    int: "int",
    list: "array",
    str: "str",
}


def kind_of(value: object) -> str:
    """Return what kind of JSON value *value* is, for a message.

    Returns:
        `null`, `bool`, `int`, `float`, `str`, `array` or `object`; for anything else the name
        of its type.
    """
    return _KINDS.get(type(value)) or type(value).__name__


def mismatch(path: str, expected: str, value: object) -> StructureError:
    """Return the error for *value* at *path*, which should have been *expected*."""
    return StructureError(path, expected, kind_of(value))


def missing(path: str, expected: str = "a value") -> StructureError:
    """Return the error for a required member at *path* that is not there."""
    return StructureError(path, expected, "nothing")


def as_integer(value: object, path: str) -> int:
    """Return *value* as an integer; JSON Schema counts `3.0` as one, a boolean never.

    Args:
        value: What the wire carried.
        path: The place, for the error.

    Raises:
        StructureError: It is no integer.
    """
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    raise mismatch(path, "int", value)


def as_number(value: object, path: str) -> float:
    """Return *value*, an integer or a float, as it is: an integer stays one.

    Args:
        value: What the wire carried.
        path: The place, for the error.

    Raises:
        StructureError: It is no number.
    """
    if type(value) is float or type(value) is int:
        return value
    raise mismatch(path, "number", value)
