"""What a run's log says, folded as far as it has been read: what waits, and how it ended."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any, Final, cast

from openwop._decisions import Interrupt, Progress
from openwop._generated.events import RunEvent

__all__ = ["LogView"]

_REQUESTS: Final = frozenset(
    {"interrupt.requested", "approval.requested", "clarification.requested"}
)
# After one of these the node no longer waits.
_ENDS: Final = frozenset(
    {
        "interrupt.resolved",
        "clarification.resolved",
        "node.resumed",
        "node.completed",
        "node.failed",
        "node.cancelled",
        "node.skipped",
    }
)


class LogView:
    """The part of a run's log that a handle has seen.

    Args:
        run_id: The run.
    """

    def __init__(self, run_id: str) -> None:
        self._run_id = run_id
        self.position: int | None = None
        self.terminal: RunEvent | None = None
        self.pending: dict[str, Interrupt] = {}
        self.progress: dict[str, Progress] = {}
        self._ids: dict[str, str] = {}
        self._votes: dict[str, set[str]] = {}
        self._lock = threading.Lock()

    def fold(self, event: RunEvent) -> None:
        """Take *event* into account; one that was seen before changes nothing.

        A stream in another thread may tell the same events as the poll of this one.
        """
        with self._lock:
            self._fold(event)

    def _fold(self, event: RunEvent) -> None:
        if event.sequence is not None:
            if self.position is not None and event.sequence <= self.position:
                return
            self.position = event.sequence
        raw = event.raw_payload
        payload: Mapping[str, Any] = (
            cast("Mapping[str, Any]", raw) if isinstance(raw, Mapping) else {}
        )
        node = event.node_id or payload.get("nodeId")
        if event.TERMINAL:
            self.terminal = event
            self.pending.clear()
        elif not isinstance(node, str):
            return
        elif event.type == "node.suspended":
            self._suspend(node, payload)
        elif event.type in _REQUESTS:
            self._request(node, event.type, payload)
        elif event.type == "approval.granted":
            progress = Progress.of(payload.get("quorumProgress")) or self._counted(node, payload)
            if progress is not None:
                self.progress[node] = progress
        elif event.type in _ENDS:
            self.pending.pop(node, None)
            self._votes.pop(node, None)

    def _counted(self, node: str, payload: Mapping[str, Any]) -> Progress | None:
        """Count the votes of a gate whose events carry no count, as those of major 2 do not.

        A repeated vote of one voter is one vote.
        """
        waiting, voter = self.pending.get(node), payload.get("resolvedBy")
        required = waiting.data.get("requiredApprovals") if waiting is not None else None
        if voter is None or not isinstance(required, int):
            return None
        voters = self._votes.setdefault(node, set())
        voters.add(json.dumps(voter, sort_keys=True))
        return Progress(len(voters), required)

    def _suspend(self, node: str, payload: Mapping[str, Any]) -> None:
        found = payload.get("interruptId")
        if isinstance(found, str):
            self._ids[node] = found
            waiting = self.pending.get(node)
            if waiting is not None:
                waiting.interrupt_id = waiting.interrupt_id or found
        kind = payload.get("kind")
        if node not in self.pending and isinstance(kind, str):
            self.pending[node] = Interrupt.of_kind(
                kind,
                run_id=self._run_id,
                node_id=node,
                key=payload.get("key") or "",
                interrupt_id=self._ids.get(node),
            )

    def _request(self, node: str, event_type: str, payload: Mapping[str, Any]) -> None:
        """Note a request; the canonical event says more than its older twins."""
        if "kind" in payload:
            self.pending[node] = Interrupt.from_payload(
                self._run_id, node, payload, self._ids.get(node)
            )
            return
        known = self.pending.get(node)
        if known is not None and known.data:
            return
        kind = event_type.partition(".")[0]
        self.pending[node] = Interrupt.of_kind(
            kind,
            run_id=self._run_id,
            node_id=node,
            key=known.key if known else "",
            interrupt_id=payload.get("interruptId") or self._ids.get(node),
            data=dict(payload),
        )
