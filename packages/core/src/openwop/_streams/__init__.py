"""A run's events as a stream that resumes by itself."""

from __future__ import annotations

from openwop._streams._shells import AsyncEventStream, EventStream

__all__ = ["AsyncEventStream", "EventStream"]
