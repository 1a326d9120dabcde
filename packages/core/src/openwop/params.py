"""Arguments as typed dictionaries, for the nested objects that methods take.

The keys are the names on the wire.  Where a method takes one of them it takes the model of the
same name without `Param` too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop.runtime.lazy import attach

if TYPE_CHECKING:
    from openwop._generated.params import *  # noqa: F403  # pyright: ignore[reportWildcardImportFromLibrary]
else:
    from openwop._generated import params as _params

    __all__ = _params.__all__
    __getattr__, __dir__ = attach(__name__, dict.fromkeys(__all__, _params.__name__))
