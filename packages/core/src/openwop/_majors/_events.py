"""Names of event types on their way to a host: written in either spelling, sent in the host's."""

from __future__ import annotations

from functools import cache
from typing import Final

from openwop._generated.events import SPELLINGS

__all__ = ["to_host"]

_OLD: Final = "1"


@cache
def _back() -> dict[str, str]:
    return {newest: old for old, newest in SPELLINGS.items()}


def to_host(name: str, variant: str) -> str:
    """Return the type *name*, in any spelling, as a host of a major spells it.

    Args:
        name: The type.
        variant: The major in use.
    """
    newest = SPELLINGS.get(name, name)
    return _back().get(newest, newest) if variant == _OLD else newest
