"""What came of a decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias, cast

import attrs

__all__ = ["Decision", "Outcome", "Progress"]

Outcome: TypeAlias = Literal["won", "unknown"]


@attrs.frozen
class Progress:
    """How far a decision of several people has come.

    Attributes:
        granted: How many have agreed.
        required: How many have to.
    """

    granted: int
    required: int

    @classmethod
    def of(cls, value: object) -> Progress | None:
        """Return the progress that a member `quorumProgress` tells; None where it is none."""
        if not isinstance(value, Mapping):
            return None
        members = cast("Mapping[str, object]", value)
        granted, required = members.get("granted"), members.get("required")
        if isinstance(granted, int) and isinstance(required, int):
            return cls(granted, required)
        return None


@attrs.frozen
class Decision:
    """What came of a decision.

    Attributes:
        outcome: `won`: the host took it.  `unknown`: the answer got lost, and somebody has decided
            since; whether it was this decision cannot be told.
        node_id: The node that it was for.
        status: The status of the run right after, where the host told.
        progress: How far a decision of several people has come, where the host told.
    """

    outcome: Outcome
    node_id: str
    status: str | None = None
    progress: Progress | None = None
