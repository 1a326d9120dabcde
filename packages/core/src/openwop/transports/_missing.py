"""Libraries that an extra brings."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

__all__ = ["need"]


def need(library: str, wanted_by: str) -> ModuleType:
    """Import a library that an extra of the same name brings.

    Args:
        library: The library.
        wanted_by: What needs it.

    Raises:
        ImportError: It is not installed; the message says how to get it.
    """
    try:
        return import_module(library)
    except ImportError as exc:
        msg = (
            f"{wanted_by} needs {library}, which is not installed: pip install 'openwop[{library}]'"
        )
        raise ImportError(msg) from exc
