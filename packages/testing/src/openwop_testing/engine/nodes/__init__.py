"""What the node types do (v1-workflows.md section 3)."""

from __future__ import annotations

from openwop_testing.engine.effects import NodeFunction
from openwop_testing.engine.nodes import (
    agents,
    ai,
    basic,
    channels,
    children,
    conformance,
    human,
    scripted,
)

__all__ = ["CORE"]

CORE: dict[str, NodeFunction] = {
    **basic.TYPES,
    **human.TYPES,
    **scripted.TYPES,
    **channels.TYPES,
    **children.TYPES,
    **ai.TYPES,
    **agents.TYPES,
    **conformance.TYPES,
}
