"""`configurable` in the shape of the major in use: a flat map in 1, closed sections in 2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from openwop.errors import ConfigurationError

__all__ = ["flatten", "is_nested", "nest"]

_SECTIONS: Final = frozenset({"run", "ai", "distillation", "budget", "extensions"})
# Flat key of major 1 -> section and key of major 2 (v1-to-v2.md, `configurable`).
_PLACES: Final[Mapping[str, tuple[str, str]]] = {
    "recursionLimit": ("run", "recursionLimit"),
    "runTimeoutMs": ("run", "runTimeoutMs"),
    "maxLoopIterations": ("run", "maxLoopIterations"),
    "escalationThreshold": ("run", "escalationThreshold"),
    "model": ("ai", "model"),
    "temperature": ("ai", "temperature"),
    "maxTokens": ("ai", "maxTokens"),
    "promptOverrides": ("ai", "promptOverrides"),
    "mockProvider": ("ai", "mockProvider"),
    "reasoningVerbosity": ("ai", "reasoningVerbosity"),
    "ai.provider": ("ai", "provider"),
    "ai.model": ("ai", "model"),
    "ai.credentialRef": ("ai", "credentialRef"),
    "ai.maxRefusals": ("ai", "maxRefusals"),
    "distillation.tokenBudget": ("distillation", "tokenBudget"),
}
_BACK: Final[Mapping[tuple[str, str], str]] = {
    place: flat for flat, place in reversed(list(_PLACES.items()))
}
_VERBOSITY: Final = {"off": "none"}


def is_nested(value: Mapping[str, Any]) -> bool:
    """Tell whether *value* has the shape of major 2."""
    if "version" in value:
        return True
    sections = set(value) & (_SECTIONS - {"budget"})
    return (
        bool(sections)
        and set(value) <= _SECTIONS
        and all(isinstance(value[name], Mapping) for name in sections)
    )


def nest(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return *value*, written in either shape, as major 2 wants it.

    Raises:
        ConfigurationError: A key of major 1 has no place in major 2.
    """
    if is_nested(value):
        return {"version": 1, **value}
    nested: dict[str, dict[str, Any]] = {}
    for key, item in value.items():
        if key == "budget":
            nested["budget"] = item
            continue
        if key == "ai" and isinstance(item, Mapping):
            nested.setdefault("ai", {}).update(cast("Mapping[str, Any]", item))
            continue
        place = _PLACES.get(key)
        if place is None:
            msg = (
                f"configurable[{key!r}] has no place in protocol major 2; write it under "
                "configurable['extensions'][<org>], as the host documents"
            )
            raise ConfigurationError(msg)
        section, name = place
        if name == "reasoningVerbosity":
            item = _VERBOSITY.get(item, item)
        nested.setdefault(section, {})[name] = item
    return {"version": 1, **nested}


def flatten(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return *value*, written in either shape, as major 1 wants it."""
    if not is_nested(value):
        return dict(value)
    flat: dict[str, Any] = {}
    for section, members in value.items():
        if section == "version":
            continue
        if section == "budget":
            flat["budget"] = members
            continue
        for name, item in cast("Mapping[str, Any]", members).items():
            if section == "extensions" and isinstance(item, Mapping):
                for inner, leaf in cast("Mapping[str, Any]", item).items():
                    flat[f"{name}.{inner}"] = leaf
                continue
            if name == "reasoningVerbosity" and item == "none":
                item = "off"
            flat[_BACK.get((section, name), f"{section}.{name}")] = item
    return flat
