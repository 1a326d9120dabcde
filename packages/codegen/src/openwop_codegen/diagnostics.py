"""What the generator has to say about a document: findings that name the place in it."""

from __future__ import annotations

from collections import Counter
from typing import Literal, TypeAlias

import attrs

__all__ = ["Finding", "GeneratorError", "Level", "Report"]

Level: TypeAlias = Literal["error", "warning", "note"]


class GeneratorError(Exception):
    """The generator cannot go on.

    Args:
        message: What is wrong.
        where: The document and the JSON pointer, where there is one.
    """

    def __init__(self, message: str, where: str = "") -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.where = where


@attrs.frozen(order=True)
class Finding:
    """One thing that was found in a document.

    Attributes:
        where: The document and the JSON pointer.
        kind: What sort of thing it is, as a short word: `dropped`, `free-typed`, `renamed`.
        message: What was found and what became of it.
        level: `error` stops the generation; `warning` means that something of the document is not
            expressed and stops it with `--strict`; `note` is for information.
    """

    where: str
    kind: str
    message: str
    level: Level = "note"

    def __str__(self) -> str:
        return f"{self.level}: {self.where}: {self.message}"


@attrs.define
class Report:
    """Collects findings.

    Attributes:
        findings: What was found, in the order of finding, each once.
    """

    findings: dict[Finding, None] = attrs.field(factory=dict[Finding, None])

    def note(self, where: str, kind: str, message: str) -> None:
        """Record something worth knowing that changes nothing."""
        self.findings[Finding(where, kind, message, "note")] = None

    def warn(self, where: str, kind: str, message: str) -> None:
        """Record that something of the document is not expressed as it stands."""
        self.findings[Finding(where, kind, message, "warning")] = None

    def error(self, where: str, kind: str, message: str) -> None:
        """Record something that makes the output wrong."""
        self.findings[Finding(where, kind, message, "error")] = None

    def of(self, *levels: Level) -> list[Finding]:
        """Return the findings of these *levels*, sorted by place."""
        return sorted(finding for finding in self.findings if finding.level in levels)

    def counts(self) -> Counter[str]:
        """Return how many findings there are of each kind."""
        return Counter(finding.kind for finding in self.findings)
