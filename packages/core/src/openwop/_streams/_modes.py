"""Stream modes: which are legal, and what each admits when the log is read without a filter."""

from __future__ import annotations

from typing import Final

from openwop._generated.events import MODES as ADMITTED
from openwop.errors import ConfigurationError

__all__ = ["MODES", "STATUS_TERMINAL", "admits", "parse_mode"]

MODES: Final = ("updates", "values", "messages", "debug")
STATUS_TERMINAL: Final = frozenset({"completed", "failed", "cancelled"})


def parse_mode(mode: str) -> frozenset[str]:
    """Return the modes that *mode* names, joined by commas.

    Raises:
        ConfigurationError: A mode does not exist, or `values` is joined with another
            (v1.md section 11.3).
    """
    names = [name.strip() for name in mode.split(",")]
    for name in names:
        if name not in MODES:
            msg = f"mode {name!r} does not exist; the modes are {', '.join(MODES)}"
            raise ConfigurationError(msg)
    modes = frozenset(names)
    if "values" in modes and len(modes) > 1:
        msg = f"mode {mode!r}: 'values' is not combined with another mode"
        raise ConfigurationError(msg)
    return modes


def admits(modes: frozenset[str], event_type: str, major: str) -> bool:
    """Tell whether a stream in *modes* carries events of *event_type* (v1.md section 11.2).

    Args:
        modes: The modes.
        event_type: The type in its newest spelling.
        major: The major of the host.
    """
    if "debug" in modes:
        return True
    return any(event_type in ADMITTED[mode][major] for mode in modes if mode in ADMITTED)
