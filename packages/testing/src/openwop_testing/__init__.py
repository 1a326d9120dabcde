"""A faithful OpenWOP host in memory, and pytest fixtures on top of it.

Names are loaded when somebody first looks: pytest imports the package at the start of every run, of
those too that never make a host.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop.runtime.lazy import attach

if TYPE_CHECKING:
    from openwop_testing.builder import Workflow as Workflow
    from openwop_testing.engine.context import NodeContext as NodeContext
    from openwop_testing.engine.effects import (
        NodeError as NodeError,
        Suspend as Suspend,
        Wait as Wait,
    )
    from openwop_testing.host import FakeHost as FakeHost

__all__ = ["FakeHost", "NodeContext", "NodeError", "Suspend", "Wait", "Workflow"]

__getattr__, __dir__ = attach(
    __name__,
    {
        "FakeHost": "openwop_testing.host",
        "NodeContext": "openwop_testing.engine.context",
        "NodeError": "openwop_testing.engine.effects",
        "Suspend": "openwop_testing.engine.effects",
        "Wait": "openwop_testing.engine.effects",
        "Workflow": "openwop_testing.builder",
    },
)
