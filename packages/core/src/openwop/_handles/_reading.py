"""What a handle reads of its run, as plans: the snapshot, the log, and what waits.

Each call of the client within a plan is an `Invoke`, a whole logical call of its own, so that
plugins see it as such and its errors come back to the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final, cast

from openwop._decisions import Interrupt
from openwop._generated.events import RunEvent
from openwop._generated.models import RunSnapshot
from openwop._handles._log import LogView
from openwop.runtime._effects import Plan, invoke

__all__ = ["TERMINAL", "Reading", "is_waiting"]

TERMINAL: Final = frozenset({"completed", "failed", "cancelled"})
_LEAST: Final = 0.05
"""The least that a read gets, in seconds: with no time left it is still tried once."""


def is_waiting(status: str) -> bool:
    """Tell whether a run of *status* waits for somebody."""
    return status.startswith("waiting-")


class Reading:
    """The plans of one handle that read.

    Args:
        client: The client, in either colour.
        run_id: The run.
    """

    def __init__(self, client: Any, run_id: str) -> None:
        self._client = client
        self.run_id = run_id
        self.log = LogView(run_id)

    def snapshot(self, left: float | None = None) -> Plan[RunSnapshot]:
        """Read the run as it is now.

        Args:
            left: Seconds that it may take; None for what the client's calls may.
        """
        bound = {} if left is None else {"deadline": max(left, _LEAST)}
        read = partial(self._client.runs.get, self.run_id, **bound)
        return cast("RunSnapshot", (yield from invoke(read)))

    def read_log(self, wait: float, left: float | None = None) -> Plan[bool]:
        """Read on in the log; returns whether anything new was there.

        Args:
            wait: For how long the host may wait for something new, in seconds.
            left: Seconds that it may take; None for as long as it takes, since the deadline of a
                client is meant for calls that answer.
        """
        position = self.log.position
        answer = yield from invoke(
            partial(
                self._client.runs.poll_events,
                self.run_id,
                after=position,
                wait=wait,
                deadline=None if left is None else max(left, _LEAST),
            )
        )
        for event in cast("list[RunEvent]", answer.events or []):
            self.log.fold(event)
        return self.log.position != position

    def listener(self, mode: str, after: int | None) -> Callable[[RunEvent], None] | None:
        """Return what a stream tells its events to; None where it would leave out interrupts.

        Args:
            mode: The modes of the stream.
            after: The sequence after which it begins.
        """
        whole = after is None and {"updates", "debug"} & {part.strip() for part in mode.split(",")}
        return self.log.fold if whole else None

    def catch_up(self) -> Plan[None]:
        """Read the log to its end without waiting for more.

        A poll that would find nothing waits a second, so the last event known is asked for again:
        there is always an answer at once.
        """
        while self.log.terminal is None:
            position = self.log.position
            after = None if position is None or position == 0 else position - 1
            answer = yield from invoke(
                partial(self._client.runs.poll_events, self.run_id, after=after, wait=1.0)
            )
            for event in cast("list[RunEvent]", answer.events or []):
                self.log.fold(event)
            if self.log.position == position:
                return

    def whole_log(self) -> Plan[list[RunEvent]]:
        """Read the log from its beginning to its end, without waiting for more."""
        events: list[RunEvent] = []
        position: int | None = None
        while True:
            # The last event known is asked for again: so there is always an answer at once.
            after = None if position is None or position == 0 else position - 1
            answer = yield from invoke(
                partial(self._client.runs.poll_events, self.run_id, after=after, wait=1.0)
            )
            new = list(_newer(answer.events or [], position))
            if not new:
                return events
            events.extend(new)
            position = new[-1].sequence
            if new[-1].TERMINAL:
                return events

    # -- what waits -----------------------------------------------------------------------------

    def pending(self) -> Plan[list[Interrupt]]:
        """Return what waits for somebody."""
        snapshot = yield from self.snapshot()
        return (yield from self.pending_of(snapshot))

    def pending_of(self, snapshot: RunSnapshot) -> Plan[list[Interrupt]]:
        """Return what waits in a run that is as *snapshot* says."""
        if snapshot.status in TERMINAL:
            return []
        yield from self.catch_up()
        found = list(self.log.pending.values())
        if found or not is_waiting(snapshot.status):
            return found
        return _from_snapshot(self.run_id, snapshot)


def _newer(events: list[RunEvent], position: int | None) -> Iterator[RunEvent]:
    """Yield the events behind *position*; those without a sequence cannot be told apart."""
    for event in events:
        sequence = event.sequence
        if sequence is not None and (position is None or sequence > position):
            yield event


def _from_snapshot(run_id: str, snapshot: RunSnapshot) -> list[Interrupt]:
    """Return what a snapshot says about waiting, for hosts whose log does not."""
    extra = snapshot.to_dict().get("interrupt")
    if isinstance(extra, Mapping):
        members = cast("Mapping[str, Any]", extra)
        node = members.get("nodeId") or snapshot.current_node_id
        payload = members.get("payload")
        inner: Mapping[str, Any] = (
            cast("Mapping[str, Any]", payload) if isinstance(payload, Mapping) else {}
        )
        if isinstance(node, str):
            described: Mapping[str, Any] = (
                inner if "kind" in inner else {"kind": members.get("kind"), "data": inner}
            )
            return [Interrupt.from_payload(run_id, node, described)]
    if snapshot.current_node_id is not None:
        kind = {
            "waiting-approval": "approval",
            "waiting-input": "clarification",
            "waiting-external": "external-event",
        }.get(snapshot.status, "")
        return [Interrupt.of_kind(kind, run_id=run_id, node_id=snapshot.current_node_id)]
    return []
