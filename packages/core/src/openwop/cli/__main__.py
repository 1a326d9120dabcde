"""`python -m openwop.cli`."""

from __future__ import annotations

import sys

from openwop.cli import main

if __name__ == "__main__":
    sys.exit(main())
