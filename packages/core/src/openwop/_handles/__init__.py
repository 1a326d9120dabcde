"""Handles on runs: what a started, forked or attached run offers, in both colours."""

from __future__ import annotations

from openwop._handles._async import AsyncRunHandle
from openwop._handles._sync import RunHandle

__all__ = ["AsyncRunHandle", "RunHandle"]
