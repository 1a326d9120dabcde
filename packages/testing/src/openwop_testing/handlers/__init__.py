"""What each operation does."""

from __future__ import annotations

from openwop_testing.handlers import (
    agents,
    control,
    discovery,
    history,
    host,
    packs,
    places,
    runs,
    tokens,
    webhooks,
)
from openwop_testing.pipeline import Handler

__all__ = ["HANDLERS"]

HANDLERS: dict[str, Handler] = {
    **discovery.HANDLERS,
    **runs.HANDLERS,
    **control.HANDLERS,
    **history.HANDLERS,
    **tokens.HANDLERS,
    **webhooks.HANDLERS,
    **agents.HANDLERS,
    **places.HANDLERS,
    **host.HANDLERS,
    **packs.HANDLERS,
}
