"""Names: from the wire's to Python's, without depending on the order of a document."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Callable, Iterable

__all__ = [
    "FIELD_RESERVED",
    "PARAMETER_RESERVED",
    "RUNTIME_NAMES",
    "constant",
    "pascal",
    "snake",
    "unique",
]

_WORDS = re.compile(r"[A-Z]+(?![a-z0-9])|[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z0-9]+|[A-Z]+|[0-9]+")

FIELD_RESERVED = frozenset({
    "attrs", "bool", "bytes", "dict", "dt", "extra", "float", "from_dict", "int", "list", "object",
    "on_wire", "self", "str", "to_dict", "tuple",
})  # fmt: skip
"""Names that a model's member would hide from the annotations after it, or from `Model`."""

PARAMETER_RESERVED = frozenset({"ops", "options", "self"})
"""Names that the body of a generated method uses itself."""


def _words(text: str) -> list[str]:
    text = re.sub(r"[^0-9A-Za-z]+", " ", text)
    # OAuth2Token is OAuth2 and Token, and HTTPServer HTTP and Server.
    return [word for part in text.split() for word in _WORDS.findall(part)]


def _legal(name: str, prefix: str) -> str:
    if not name:
        return prefix
    return f"{prefix}_{name}" if name[0].isdigit() else name


def snake(text: str, *, reserved: Iterable[str] = ()) -> str:
    """Return *text* in snake_case as a legal name outside *reserved*."""
    name = _legal("_".join(word.lower() for word in _words(text)), "field")
    return f"{name}_" if keyword.iskeyword(name) or name in reserved else name


def pascal(text: str) -> str:
    """Return *text* in PascalCase; what is in it already stays as it is."""
    parts = re.sub(r"[^0-9A-Za-z]+", " ", text).split()
    name = "".join(part[0].upper() + part[1:] for part in parts)
    if not name:
        return "Value"
    if name[0].isdigit():
        name = f"Type{name}"
    if name in _TAKEN or hasattr(builtins, name) or keyword.iskeyword(name):
        return f"{name}_"
    return name


_TAKEN = frozenset({
    "Annotated", "Any", "JSON", "JSONInput", "Limits", "Literal", "Mapping", "Model", "Sequence",
    "Tagged", "TypeAlias", "TypedDict", "UNSET", "UUID", "Union", "Unset", "Unwrapped",
})  # fmt: skip


RUNTIME_NAMES = frozenset({
    "AsyncPager", "AsyncStream", "BaseAsyncClient", "BaseClient", "CallOptions", "MutationOptions",
    "Operation", "Pager", "Paging", "Parameter", "Required", "Route", "Stream", "Unpack", "Within",
})  # fmt: skip
"""Names that generated modules import from the runtime, so that no type may take them."""


def constant(text: str) -> str:
    """Return *text* as the name of a constant."""
    return snake(text).strip("_").upper()


def unique(wires: Iterable[str], make: Callable[[str], str]) -> dict[str, str]:
    """Return a name for each of *wires*; those that meet are told apart by numbers.

    The one that already is its own name keeps it; the others are numbered in the order of their
    text, so that the order in the document does not matter.

    Args:
        wires: The names on the wire.
        make: Makes one name.
    """
    wanted: dict[str, list[str]] = {}
    for wire in wires:
        wanted.setdefault(make(wire), []).append(wire)
    names: dict[str, str] = {}
    for name, those in wanted.items():
        ordered = sorted(those, key=lambda wire: (wire != name, wire))
        names[ordered[0]] = name
        number = 2
        for wire in ordered[1:]:
            while f"{name}_{number}" in wanted or f"{name}_{number}" in names.values():
                number += 1
            names[wire] = f"{name}_{number}"
    return names
