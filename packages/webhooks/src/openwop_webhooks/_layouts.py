"""Readers of headers whose names are known already: the usual delivery in the usual order.

One sender writes the same headers in the same order each time.  So a reader is made for the names
that an authentic delivery came with: it compares all names at once and takes the values by their
place, where looking at each name by itself would cost half as much as the signature.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, cast

from ._fields import STANDARD, V1, V2

__all__ = ["Reader", "names_of", "nothing", "reader_of"]

Reader: TypeAlias = Callable[[Any], "tuple[Any, ...] | None"]
"""Takes the headers and returns, unchecked but for the agreement of two families, the signature,
the timestamp, the algorithm and the subscription, then the three of Standard Webhooks where they
came; None where the names are not the reader's, or the families disagree."""

_KNOWN = frozenset((*V2, *V1, *STANDARD))
_MOST = 64


def nothing(headers: object) -> None:
    """Read nothing: the reader before there is one."""


def names_of(headers: object) -> tuple[type, object] | None:
    """Return what tells the headers that one reader reads from all others.

    Args:
        headers: The headers; a dict, or a list of pairs.
    """
    if type(headers) is dict:
        return dict, tuple(cast("dict[Any, Any]", headers))
    if type(headers) is list:
        return list, tuple([name for name, _ in cast("list[tuple[Any, Any]]", headers)])
    return None


def reader_of(headers: object) -> Reader | None:
    """Return a reader of headers with the names of these, or None where they need `read_fields`.

    Only complete families have one, with or without a complete set of Standard Webhooks headers.

    Args:
        headers: The headers; a dict, or a list of pairs of text or, as ASGI gives them, of bytes.
    """
    found = names_of(headers)
    if found is None:
        return None
    kind, names = found[0], list(cast("tuple[Any, ...]", found[1]))
    if len(names) > _MOST:
        return None
    binary = all(isinstance(name, bytes) for name in names)
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        text: object = name.decode("latin-1") if binary else name
        if not isinstance(text, str):
            return None
        key = text.lower()
        if key in _KNOWN and places.setdefault(key, place) != place:
            return None
    families = [family for family in (V2, V1) if all(name in places for name in family)]
    standard = STANDARD if all(name in places for name in STANDARD) else ()
    wanted = [name for family in families for name in family]
    if not families or len(wanted) + len(standard) != len(places):
        return None
    both = zip(*families, strict=True) if len(families) == 2 else ()
    twins = [(places[one], places[other]) for one, other in both]
    return _reader(kind is dict, names, twins, [places[n] for n in (*families[0][:4], *standard)])


def _reader(
    is_dict: bool, names: list[Any], twins: list[tuple[int, int]], taken: list[int]
) -> Reader:
    # Taken apart by one statement, pairs cost a quarter of what a dict of them would, and a dict
    # half of what looking up costs.  The statement depends on how many there are, so it is written
    # here: of numbers alone, and only for names that an authentic delivery came with.
    places = range(len(names))
    keys = ", ".join(f"n{place}" for place in places)
    if is_dict:
        apart = f"({keys},) = headers; ({', '.join(f'v{place}' for place in places)},)"
    else:
        apart = f"({', '.join(f'(n{place}, v{place})' for place in places)},)"
    differ = "".join(f" or v{one} != v{other}" for one, other in twins)
    source = (
        f"def read(headers):\n"
        f"    if len(headers) != {len(names)}: return None\n"
        f"    {apart} = headers{'.values()' if is_dict else ''}\n"
        f"    if [{keys}] != names{differ}: return None\n"
        f"    return {', '.join(f'v{place}' for place in taken)}\n"
    )
    scope: dict[str, Any] = {"names": names}
    exec(source, scope)  # noqa: S102  # see above
    return cast("Reader", scope["read"])
