"""A run as it is watched: its events folded into nodes, costs and the last lines of its log.

Pure: it is fed events and the time, and prints nothing.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, cast

import attrs

from openwop._generated.events import RunEvent
from openwop.cli.output import safe

__all__ = ["Line", "NodeView", "RunView"]

_KEPT: Final = 200
_NODES: Final = {
    "node.started": "running",
    "node.dispatched": "running",
    "node.completed": "done",
    "node.failed": "failed",
    "node.suspended": "waiting",
    "node.resumed": "running",
    "node.retried": "retrying",
    "node.skipped": "skipped",
    "node.cancelled": "cancelled",
}
_RUNS: Final = {
    "run.started": "running",
    "run.completed": "completed",
    "run.failed": "failed",
    "run.cancelled": "cancelled",
    "run.paused": "paused",
    "run.resumed": "running",
}
_OVER: Final = frozenset({"completed", "failed", "cancelled"})


@attrs.define
class NodeView:
    """One node.

    Attributes:
        node_id: Its id.
        status: What it does now.
        began: When it began, in seconds of the host's clock.
        seconds: How long it took, once it is over.
        attempts: How often it was tried.
        tokens: Model tokens that it spent.
        usd: US dollars that it spent.
        note: What it waits for, or why it failed.
    """

    node_id: str
    status: str = "pending"
    began: float | None = None
    seconds: float | None = None
    attempts: int = 0
    tokens: int = 0
    usd: float = 0.0
    note: str = ""


@attrs.frozen
class Line:
    """One event, for people.

    Attributes:
        sequence: Its position in the log.
        type: Its type.
        node_id: The node; empty where there is none.
        detail: What is worth knowing of it.
    """

    sequence: int | None
    type: str
    node_id: str
    detail: str


@attrs.define
class RunView:
    """What is known of a run from its events.

    Attributes:
        run_id: The run.
        workflow_id: Its workflow, once that is known.
        status: What it does now.
        nodes: Its nodes, in the order in which they began.
        lines: The last events.
        count: How many events there were.
        waiting: What waits for somebody: a title by node.
        input_tokens: Model tokens that were sent.
        output_tokens: Model tokens that were generated.
        usd: US dollars that were spent; None while no event says.
        outputs: What the run put out, once it has.
        error: Why it failed, once it has.
        lock: Held while it changes: a live view reads it from another thread.
    """

    run_id: str
    workflow_id: str = ""
    status: str = "pending"
    nodes: dict[str, NodeView] = attrs.field(factory=dict[str, NodeView])
    lines: deque[Line] = attrs.field(factory=lambda: deque[Line](maxlen=_KEPT))
    count: int = 0
    waiting: dict[str, str] = attrs.field(factory=dict[str, str])
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float | None = None
    outputs: Mapping[str, Any] | None = None
    error: str = ""
    lock: Any = attrs.field(factory=threading.Lock, repr=False, eq=False)
    _first: float | None = None
    _last: float | None = None
    _seen: float = 0.0

    @property
    def is_over(self) -> bool:
        """Whether the run has ended."""
        return self.status in _OVER

    def elapsed(self, now: float) -> float:
        """Return for how long the run has been going, in seconds.

        Args:
            now: The time of the clock that `feed` is given.
        """
        if self._first is None or self._last is None:
            return 0.0
        since = 0.0 if self.is_over else max(0.0, now - self._seen)
        return self._last - self._first + since

    def node_seconds(self, node: NodeView, now: float) -> float | None:
        """Return for how long a node has been at work, in seconds; None where it has not begun."""
        if node.seconds is not None:
            return node.seconds
        if node.began is None or self._last is None or self.is_over:
            return None
        return self._last - node.began + max(0.0, now - self._seen)

    def feed(self, event: RunEvent, now: float) -> Line:
        """Take an event in.

        Args:
            event: The event.
            now: The time, in seconds of any steady clock.

        Returns:
            The event as a line.
        """
        with self.lock:
            return self._feed(event, now)

    def _feed(self, event: RunEvent, now: float) -> Line:
        payload = _mapping(event.raw_payload)
        at = _seconds(event.raw.get("timestamp"))
        if at is not None:
            self._first = at if self._first is None else self._first
            self._last = at
        self._seen = now
        self.count += 1
        node_id = str(event.node_id or payload.get("nodeId") or "")
        kind = event.type
        if kind in _RUNS:
            self._run(kind, payload)
        elif kind in _NODES and node_id:
            self._node(kind, node_id, payload, at)
        elif kind == "provider.usage":
            self._spent(node_id, payload)
        elif kind == "interrupt.requested" and node_id:
            self._asked(node_id, payload)
        elif kind == "interrupt.resolved":
            self._settle(node_id)
        line = Line(event.sequence, kind, safe(node_id), _detail(kind, payload))
        self.lines.append(line)
        return line

    def _run(self, kind: str, payload: Mapping[str, Any]) -> None:
        self.status = _RUNS[kind]
        if kind == "run.started":
            self.workflow_id = str(payload.get("workflowId") or self.workflow_id)
        if kind == "run.completed":
            self.outputs = _mapping(payload.get("outputs"))
        if kind == "run.failed":
            self.error = _error(payload)
        if self.is_over:
            self.waiting.clear()
            for node in self.nodes.values():
                if node.status in {"running", "waiting", "retrying"}:
                    node.status = "cancelled" if kind == "run.cancelled" else node.status

    def _node(self, kind: str, node_id: str, payload: Mapping[str, Any], at: float | None) -> None:
        node = self.nodes.setdefault(node_id, NodeView(node_id))
        if kind == "node.started":
            node.began, node.seconds = at, None
        # A host may or may not say `started` again for another try.
        if kind == "node.retried" or (kind == "node.started" and node.status != "retrying"):
            node.attempts += 1
        node.status = _NODES[kind]
        if kind in {"node.completed", "node.failed", "node.cancelled"}:
            took = payload.get("durationMs")
            if isinstance(took, (int, float)) and took:
                node.seconds = took / 1000
            else:
                node.seconds = at - node.began if at is not None and node.began is not None else 0.0
            node.note = _error(payload) if kind == "node.failed" else ""
            self._settle(node_id)

    def _spent(self, node_id: str, payload: Mapping[str, Any]) -> None:
        sent, made = _number(payload.get("inputTokens")), _number(payload.get("outputTokens"))
        self.input_tokens += int(sent)
        self.output_tokens += int(made)
        cost = payload.get("costEstimateUsd")
        if isinstance(cost, (int, float)):
            self.usd = (self.usd or 0.0) + cost
        if node_id:
            node = self.nodes.setdefault(node_id, NodeView(node_id, "running"))
            node.tokens += int(sent + made)
            node.usd += _number(cost)

    def _asked(self, node_id: str, payload: Mapping[str, Any]) -> None:
        self.waiting[node_id] = _asking(payload)
        node = self.nodes.setdefault(node_id, NodeView(node_id))
        node.status, node.note = "waiting", self.waiting[node_id]
        self.status = "waiting"

    def _settle(self, node_id: str) -> None:
        self.waiting.pop(node_id, None)
        node = self.nodes.get(node_id)
        if node is not None and node.status == "waiting":
            node.status, node.note = "running", ""
        if self.status == "waiting" and not self.waiting:
            self.status = "running"


def _detail(kind: str, payload: Mapping[str, Any]) -> str:
    """Return what is worth knowing of an event, as one line."""
    if kind in {"node.failed", "run.failed"}:
        return _error(payload)
    if kind == "interrupt.requested":
        return _asking(payload)
    if kind == "provider.usage":
        cost = payload.get("costEstimateUsd")
        paid = f", ${cost:.4f}" if isinstance(cost, (int, float)) else ""
        return safe(
            f"{payload.get('provider')}/{payload.get('model')}: {payload.get('inputTokens')} in, "
            f"{payload.get('outputTokens')} out{paid}"
        )
    if kind in {"node.completed", "run.completed"}:
        took = payload.get("durationMs")
        return f"{took / 1000:.1f} s" if isinstance(took, (int, float)) else ""
    for word in ("message", "chunk", "text", "toolName", "variableName", "reason"):
        if isinstance(payload.get(word), str):
            return safe(payload[word])
    return ""


def _asking(payload: Mapping[str, Any]) -> str:
    data = _mapping(payload.get("data"))
    title = data.get("title")
    if not isinstance(title, str):
        questions = data.get("questions")
        items = cast("list[object]", questions) if isinstance(questions, list) else []
        title = "; ".join(str(_mapping(item).get("question") or "") for item in items)
    kind = str(payload.get("kind") or "interrupt")
    return safe(f"{kind}: {title}" if title else kind)


def _error(payload: Mapping[str, Any]) -> str:
    error = _mapping(payload.get("error"))
    return safe(": ".join(str(error[word]) for word in ("code", "message") if error.get(word)))


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def _seconds(value: object) -> float | None:
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value).timestamp()
    except ValueError:
        return None
