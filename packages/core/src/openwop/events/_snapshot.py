"""The event that stands for a frame of a `values` stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from openwop._generated.events import RunEvent
from openwop._generated.models import RunSnapshot
from openwop.runtime import structure
from openwop.runtime._operation import UNSET

__all__ = ["StateSnapshot"]


class StateSnapshot(RunEvent):
    """The run as it was after a transition; what streams in mode `values` carry.

    It is no entry of the log.  Its `payload` is a `RunSnapshot`.

    Section: v1.md §11.2; v2.md §12.2.
    """

    __slots__ = ("_strict", "_variant")
    TYPE = "state.snapshot"

    _strict: bool
    _variant: str

    @classmethod
    def of(
        cls,
        raw: Mapping[str, Any],
        *,
        sequence: int | None,
        strict: bool = False,
        major: str = "",
    ) -> StateSnapshot:
        """Return the event for a snapshot as it came.

        Args:
            raw: The snapshot.
            sequence: The id of the frame.
            strict: Whether every deviation raises.
            major: The major of the host.
        """
        run = raw.get("runId")
        event = cls(raw, sequence=sequence, run_id=run if isinstance(run, str) else None, body=raw)
        event._strict, event._variant = strict, major
        if strict:
            event._payload = event._structured(strict=True, variant=major)
        return event

    @property
    def payload(self) -> RunSnapshot:
        """The run as it was."""
        if self._payload is UNSET:
            self._payload = self._structured(strict=self._strict, variant=self._variant)
        return cast("RunSnapshot", self._payload)

    @property
    def status(self) -> str:
        """The status of the run."""
        value = self.raw.get("status")
        return value if isinstance(value, str) else ""

    def _structured(self, *, strict: bool, variant: str) -> RunSnapshot:
        return structure(RunSnapshot, self.raw, strict=strict, variant=variant)
