"""Starting many runs: bounded, gentle to the host, and resumable by keys."""

from __future__ import annotations

from openwop._fanout._async import AsyncRunStarts
from openwop._fanout._spec import RunSpec, StartResult
from openwop._fanout._sync import RunStarts

__all__ = ["AsyncRunStarts", "RunSpec", "RunStarts", "StartResult"]
