"""A faithful OpenWOP host in memory, and pytest fixtures on top of it."""

from __future__ import annotations

from openwop_testing.builder import Workflow
from openwop_testing.engine.context import NodeContext
from openwop_testing.engine.effects import NodeError, Suspend, Wait
from openwop_testing.host import FakeHost

__all__ = ["FakeHost", "NodeContext", "NodeError", "Suspend", "Wait", "Workflow"]
