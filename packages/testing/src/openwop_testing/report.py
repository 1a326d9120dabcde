"""The outcome of a contract suite: one line per check, and whether all of them hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

import attrs

__all__ = ["Outcome", "Report", "Result"]

Outcome: TypeAlias = Literal["passed", "failed", "skipped"]


@attrs.frozen
class Result:
    """What one check found.

    Attributes:
        check: The check.
        outcome: Whether it held; `skipped` where the subject does not claim what it checks.
        reason: Why it failed or was skipped.
    """

    check: str
    outcome: Outcome
    reason: str = ""


class Report:
    """What a suite found, check by check.

    Args:
        subject: What was checked.
    """

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self._results: list[Result] = []

    def add(self, result: Result) -> None:
        """Add the outcome of a check."""
        self._results.append(result)

    def __iter__(self) -> Iterator[Result]:
        return iter(self._results)

    def __len__(self) -> int:
        return len(self._results)

    def of(self, outcome: Outcome) -> list[str]:
        """Return the checks that had an outcome."""
        return [result.check for result in self._results if result.outcome == outcome]

    @property
    def ok(self) -> bool:
        """Whether no check failed."""
        return not self.of("failed")

    def __str__(self) -> str:
        counts = ", ".join(
            f"{len(self.of(outcome))} {outcome}" for outcome in ("passed", "failed", "skipped")
        )
        lines = [f"{self.subject}: {counts}"]
        for result in self._results:
            reason = f": {result.reason}" if result.reason else ""
            if result.outcome != "passed":
                lines.append(f"  {result.outcome:7} {result.check}{reason}")
        return "\n".join(lines)
