"""A faithful OpenWOP host in memory, and pytest fixtures on top of it."""

from __future__ import annotations

from openwop_testing.host import FakeHost

__all__ = ["FakeHost"]
