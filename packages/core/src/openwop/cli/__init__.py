"""The command line, `openwop`; it needs the extra `cli`.

    openwop doctor
    openwop run publish-notes --input notes="Faster, and in blue." --follow

Sibling packages contribute commands through the entry-point group `openwop.cli`: the name of an
entry point is the command, and what it loads is a `typer.Typer`.  They build on
`openwop.cli.session`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]

_NEEDED = ("rich", "typer")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: The arguments; those of the process where not given.

    Returns:
        The exit status, one of `openwop.cli.exits.Exit`.
    """
    try:
        from openwop.cli._program import run
    except ModuleNotFoundError as error:
        needed = (error.name or "").partition(".")[0]
        if needed not in _NEEDED:
            raise
        sys.stderr.write(
            f"openwop: the command line needs {needed}, which is not installed, because the "
            "extra `cli` was left out. Install it:\n"
            '  pip install "openwop[cli]"\n'
            '  pip install "./packages/core[cli]"   (from a checkout)\n'
        )
        return 2
    return run(argv)
