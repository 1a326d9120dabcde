"""The models: what the methods of a client return, and what some of them take.

Every one is an immutable attrs class with `from_dict`, `to_dict` and `extra`; enumerations and
unions are type aliases.  A model is imported when somebody first looks at it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop.runtime.lazy import attach

if TYPE_CHECKING:
    from openwop._generated.models import *  # noqa: F403  # pyright: ignore[reportWildcardImportFromLibrary]
else:
    from openwop._generated import models as _models

    __all__ = _models.__all__
    __getattr__, __dir__ = attach(__name__, dict.fromkeys(__all__, _models.__name__))
