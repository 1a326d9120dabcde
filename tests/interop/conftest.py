"""Makes the table of pairs importable."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
for folder in (HERE, HERE.parent / "wire"):
    sys.path.insert(0, str(folder))
