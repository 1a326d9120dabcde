"""What models are written with: the base class, and what their members and unions say of the wire.

Generated models import from here, and so may a hand-written one:

    @attrs.frozen(kw_only=True, repr=False)
    class Ticket(Model):
        ticket_id: str = attrs.field(metadata=on_wire("ticketId"))
        labels: list[str] | None = None
"""

from __future__ import annotations

from openwop.runtime._model import (
    JSON,
    FileInput,
    JSONInput,
    Limits,
    Model,
    Tagged,
    Unwrapped,
    Within,
    on_wire,
)
from openwop.runtime._operation import UNSET, Unset

__all__ = [
    "JSON",
    "UNSET",
    "FileInput",
    "JSONInput",
    "Limits",
    "Model",
    "Tagged",
    "Unset",
    "Unwrapped",
    "Within",
    "on_wire",
]
