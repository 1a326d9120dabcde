"""Nodes: each step of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop._generated.events._base import RunEvent

if TYPE_CHECKING:
    from openwop._generated.payloads.nodes import (
        DispatchFannedOutPayload,
        DispatchJoinedPayload,
        NodeCancelledPayload,
        NodeCompletedPayload,
        NodeDispatchedPayload,
        NodeFailedPayload,
        NodeResumedPayload,
        NodeRetriedPayload,
        NodeSkippedPayload,
        NodeStartedPayload,
        NodeSuspendedPayload,
        NodeSuspendFailedPayload,
    )

__all__ = [
    "DispatchFannedOut",
    "DispatchJoined",
    "NodeCancelled",
    "NodeCompleted",
    "NodeDispatched",
    "NodeFailed",
    "NodeResumed",
    "NodeRetried",
    "NodeSkipped",
    "NodeStarted",
    "NodeSuspendFailed",
    "NodeSuspended",
]


class NodeStarted(RunEvent):
    """A node began to execute.

    Stream modes: debug.

    Section: v1-events.md §3.2; v2-events.md, "Nodes".
    """

    __slots__ = ()
    TYPE = "node.started"
    PAYLOAD = "openwop._generated.payloads.nodes:NodeStartedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> NodeStartedPayload:
            """What `node.started` carries."""
            ...


class NodeCompleted(RunEvent):
    """A node finished and published its outputs.

    Stream modes: updates, values, debug.

    Section: v1-events.md §3.2; v2-events.md, "Nodes".
    """

    __slots__ = ()
    TYPE = "node.completed"
    PAYLOAD = "openwop._generated.payloads.nodes:NodeCompletedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> NodeCompletedPayload:
            """What `node.completed` carries."""
            ...


class NodeFailed(RunEvent):
    """A node failed for good, after whatever retries it had.

    Stream modes: updates, values, debug.

    Section: v1-events.md §3.2; v2-events.md, "Nodes".
    """

    __slots__ = ()
    TYPE = "node.failed"
    PAYLOAD = "openwop._generated.payloads.nodes:NodeFailedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> NodeFailedPayload:
            """What `node.failed` carries."""
            ...


class NodeSuspended(RunEvent):
    """A node waits for a human, an event or a timer.

    Stream modes: updates, values, debug.

    Section: v1-events.md §3.2; v2-events.md, "Nodes".
    """

    __slots__ = ()
    TYPE = "node.suspended"
    PAYLOAD = "openwop._generated.payloads.nodes:NodeSuspendedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> NodeSuspendedPayload:
            """What `node.suspended` carries."""
            ...


class NodeSuspendFailed(RunEvent):
    """A node wanted to wait but the suspension could not be stored.

    Stream modes: debug.

    Section: v1-events.md §3.2; v2-events.md, "Nodes".
    """

    __slots__ = ()
    TYPE = "node.suspend-failed"
    PAYLOAD = "openwop._generated.payloads.nodes:NodeSuspendFailedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> NodeSuspendFailedPayload:
            """What `node.suspend-failed` carries."""
            ...


class NodeResumed(RunEvent):
    """A waiting node goes on with the value that resolved it.

    Stream modes: debug.

    Section: v1-events.md §3.2; v2-events.md, "Nodes".
    """

    __slots__ = ()
    TYPE = "node.resumed"
    PAYLOAD = "openwop._generated.payloads.nodes:NodeResumedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> NodeResumedPayload:
            """What `node.resumed` carries."""
            ...


class NodeRetried(RunEvent):
    """A node is about to be attempted again.

    Stream modes: debug.

    Section: v1-events.md §3.2; v2-events.md, "Nodes".
    """

    __slots__ = ()
    TYPE = "node.retried"
    PAYLOAD = "openwop._generated.payloads.nodes:NodeRetriedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> NodeRetriedPayload:
            """What `node.retried` carries."""
            ...


class NodeSkipped(RunEvent):
    """A node will not run: its branch was not taken, or it is disabled.

    Stream modes: updates, values, debug.

    Section: v1-events.md §3.2; v2-events.md, "Nodes".
    """

    __slots__ = ()
    TYPE = "node.skipped"
    PAYLOAD = "openwop._generated.payloads.nodes:NodeSkippedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> NodeSkippedPayload:
            """What `node.skipped` carries."""
            ...


class NodeCancelled(RunEvent):
    """A node was stopped while it was running.

    Stream modes: debug in major 1; updates, values, debug in major 2.

    Section: v1-events.md §3.2; v2-events.md, "Nodes".
    """

    __slots__ = ()
    TYPE = "node.cancelled"
    PAYLOAD = "openwop._generated.payloads.nodes:NodeCancelledPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> NodeCancelledPayload:
            """What `node.cancelled` carries."""
            ...


class NodeDispatched(RunEvent):
    """A dispatching node sent work to a child run.

    Stream modes: updates, values, debug.

    Section: v1-events.md §3.2; v2-events.md, "Nodes".
    """

    __slots__ = ()
    TYPE = "node.dispatched"
    PAYLOAD = "openwop._generated.payloads.nodes:NodeDispatchedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> NodeDispatchedPayload:
            """What `node.dispatched` carries."""
            ...


class DispatchFannedOut(RunEvent):
    """A dispatch started several children in parallel.

    Spelled `core.dispatch.fanOut` in major 1. Only the last releases of major 1 have it. Stream
    modes: debug.

    Section: v1-events.md §3.7; v2-events.md, "Nodes".
    """

    __slots__ = ()
    TYPE = "dispatch.fanned-out"
    PAYLOAD = "openwop._generated.payloads.nodes:DispatchFannedOutPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> DispatchFannedOutPayload:
            """What `dispatch.fanned-out` carries."""
            ...


class DispatchJoined(RunEvent):
    """The wait for parallel children was decided.

    Spelled `core.dispatch.join` in major 1. Only the last releases of major 1 have it. Stream
    modes: debug.

    Section: v1-events.md §3.7; v2-events.md, "Nodes".
    """

    __slots__ = ()
    TYPE = "dispatch.joined"
    PAYLOAD = "openwop._generated.payloads.nodes:DispatchJoinedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> DispatchJoinedPayload:
            """What `dispatch.joined` carries."""
            ...
