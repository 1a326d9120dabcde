"""What can be set, by argument and by environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final

__all__ = ["CONTENT", "EVENTS", "RENDER", "flag", "switched_off"]

DISABLED: Final = "OPENWOP_OTEL_DISABLED"
CONTENT: Final = "OPENWOP_OTEL_CAPTURE_CONTENT"
EVENTS: Final = "OPENWOP_OTEL_EVENTS"
RENDER: Final = "OPENWOP_OTEL_RENDER_RUNS"

_SDK_DISABLED: Final = "OTEL_SDK_DISABLED"
_INSTRUMENTATIONS: Final = "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS"
_YES: Final = frozenset({"1", "true", "yes", "on"})


def flag(name: str, environ: Mapping[str, str] | None = None) -> bool:
    """Tell whether the environment variable *name* is set to a yes."""
    found = (os.environ if environ is None else environ).get(name, "")
    return found.strip().lower() in _YES


def switched_off(environ: Mapping[str, str] | None = None) -> bool:
    """Tell whether the environment turns tracing off.

    `OPENWOP_OTEL_DISABLED` is ours.  `OTEL_SDK_DISABLED` and the list of instrumentations that are
    not wanted are OpenTelemetry's; whoever sets them expects to be heard on either route.
    """
    source = os.environ if environ is None else environ
    if flag(DISABLED, source) or flag(_SDK_DISABLED, source):
        return True
    unwanted = {name.strip() for name in source.get(_INSTRUMENTATIONS, "").split(",")}
    return bool(unwanted & {"openwop", "*"})
