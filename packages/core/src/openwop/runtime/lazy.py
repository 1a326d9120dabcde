"""Names that a package offers without importing what they live in until somebody looks."""

from __future__ import annotations

from openwop.runtime._lazy import attach

__all__ = ["attach"]
