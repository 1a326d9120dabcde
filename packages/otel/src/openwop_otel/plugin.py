"""The installed plugin: what the entry point in the group `openwop` gives to every new client.

The environment is read once, when the first client of a process is made.  Where it turns tracing
off, the plugin has no hooks at all, and calls do not pay for it.
"""

from __future__ import annotations

from typing import Final

from ._plugin import Tracing
from ._settings import switched_off

__all__ = ["SwitchedOff", "plugin"]


class SwitchedOff:
    """A plugin without hooks."""


plugin: Final[Tracing | SwitchedOff] = SwitchedOff() if switched_off() else Tracing()
"""The plugin of every client that loads the installed plugins."""
