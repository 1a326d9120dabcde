"""What the bot may decide by itself."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ["Rules"]


@dataclass(frozen=True)
class Rules:
    """The rules of the team.

    Attributes:
        frozen: Nothing ships.
        trusted: The services that ship without a human.
    """

    frozen: bool = False
    trusted: frozenset[str] = field(default_factory=frozenset[str])

    def verdict(self, service: str) -> str:
        """Return `accept`, `reject`, or `wait` where a human has to say."""
        if self.frozen:
            return "reject"
        return "accept" if service in self.trusted else "wait"
