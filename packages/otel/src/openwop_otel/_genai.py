"""What the events of a run say about the use of models, as attributes.

The conventions for generative AI are still in development: when they rename something, the two
tables below change and nothing else does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeAlias

from . import _names as names

__all__ = ["COST", "GEN_AI", "Value", "usage_attributes"]

Value: TypeAlias = str | int | float | bool

GEN_AI: Final[Mapping[str, tuple[str, type[Any]]]] = {
    "provider": ("gen_ai.provider.name", str),
    "model": ("gen_ai.request.model", str),
    "inputTokens": ("gen_ai.usage.input_tokens", int),
    "outputTokens": ("gen_ai.usage.output_tokens", int),
    "cacheReadTokens": ("gen_ai.usage.cache_read.input_tokens", int),
    "cacheWriteTokens": ("gen_ai.usage.cache_creation.input_tokens", int),
}
"""Members of `provider.usage`, and the attribute and type of each."""

COST: Final[Mapping[str, tuple[str, type[Any]]]] = {
    "inputTokens": ("openwop.cost.tokens.input", int),
    "outputTokens": ("openwop.cost.tokens.output", int),
    "totalTokens": ("openwop.cost.tokens.total", int),
    "costEstimateUsd": ("openwop.cost.usd", float),
    "currency": ("openwop.cost.currency", str),
    "provider": ("openwop.cost.provider", str),
}
"""The same under the protocol's closed list of cost attributes (v1.md §20)."""


def usage_attributes(payload: Mapping[str, Any]) -> dict[str, Value]:
    """Return the attributes of a `provider.usage` payload; members of a wrong type are left out.

    Args:
        payload: The payload as it came.
    """
    found: dict[str, Value] = {}
    for table in (GEN_AI, COST):
        for member, (attribute, kind) in table.items():
            value = payload.get(member)
            if isinstance(value, bool):
                continue
            if kind is str:
                text = names.bounded(value)
                if text is not None:
                    found[attribute] = text
            elif isinstance(value, int) or (kind is float and isinstance(value, float)):
                found[attribute] = kind(value)
    if "costEstimateUsd" in payload and "openwop.cost.usd" in found:
        found["openwop.cost.estimated"] = True
    return found
