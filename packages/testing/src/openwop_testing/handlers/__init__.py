"""What each operation does."""

from __future__ import annotations

from openwop_testing.handlers import control, discovery, history, runs, tokens
from openwop_testing.pipeline import Handler

__all__ = ["HANDLERS"]

HANDLERS: dict[str, Handler] = {
    **discovery.HANDLERS,
    **runs.HANDLERS,
    **control.HANDLERS,
    **history.HANDLERS,
    **tokens.HANDLERS,
}
