"""Streams of events that resume by themselves."""

from __future__ import annotations

from openwop._streams._shells import (
    AsyncEventStream,
    AsyncHostEventStream,
    EventStream,
    HostEventStream,
)

__all__ = ["AsyncEventStream", "AsyncHostEventStream", "EventStream", "HostEventStream"]
