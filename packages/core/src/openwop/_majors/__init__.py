"""The adapters: all that differs between the protocol's majors stands here and nowhere else."""

from __future__ import annotations

from openwop._majors._dialect import CLIENT_VERSION, OpenWOPDialect

__all__ = ["CLIENT_VERSION", "OpenWOPDialect"]
