"""Every call that both clients have."""

from __future__ import annotations

from typing import Final

import pairs_library
import pairs_runs
from pair import Pair

PAIRS: Final[tuple[Pair, ...]] = pairs_runs.PAIRS + pairs_library.PAIRS

__all__ = ["PAIRS", "Pair"]
