"""The models of Ethos."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop.runtime.lazy import attach

if TYPE_CHECKING:
    from ethos_client._generated.models import *  # noqa: F403
else:
    from ethos_client._generated import models as _made

    __all__ = _made.__all__
    __getattr__, __dir__ = attach(__name__, dict.fromkeys(__all__, _made.__name__))
