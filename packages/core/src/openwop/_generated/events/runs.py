"""Runs: their beginning, their pauses and their end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop._generated.events._base import RunEvent

if TYPE_CHECKING:
    from openwop._generated.payloads.runs import (
        CapBreachedPayload,
        RunCancelledPayload,
        RunCompletedPayload,
        RunDeadLetteredPayload,
        RunFailedPayload,
        RunPausedPayload,
        RunRestoredFromSnapshotPayload,
        RunResumedPayload,
        RunResumeStartedPayload,
        RunStartedPayload,
        WorkflowLoopbackLimitPayload,
        WorkflowRestoredPayload,
        WorkflowStalledPayload,
    )

__all__ = [
    "CapBreached",
    "RunCancelled",
    "RunCompleted",
    "RunDeadLettered",
    "RunFailed",
    "RunPaused",
    "RunRestoredFromSnapshot",
    "RunResumeStarted",
    "RunResumed",
    "RunStarted",
    "WorkflowLoopbackLimit",
    "WorkflowRestored",
    "WorkflowStalled",
]


class RunStarted(RunEvent):
    """The run left the queue; the first entry of every log.

    Stream modes: updates, values, debug.

    Section: v1-events.md §3.1; v2-events.md, "Run lifecycle".
    """

    __slots__ = ()
    TYPE = "run.started"
    PAYLOAD = "openwop._generated.payloads.runs:RunStartedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> RunStartedPayload:
            """What `run.started` carries."""
            ...


class RunCompleted(RunEvent):
    """The run reached its end and has its outputs; nothing follows it.

    The last event of its run. Stream modes: updates, values, debug.

    Section: v1-events.md §3.1; v2-events.md, "Run lifecycle".
    """

    __slots__ = ()
    TYPE = "run.completed"
    PAYLOAD = "openwop._generated.payloads.runs:RunCompletedPayload"
    TERMINAL = True

    if TYPE_CHECKING:

        @property
        def payload(self) -> RunCompletedPayload:
            """What `run.completed` carries."""
            ...


class RunFailed(RunEvent):
    """The run ended in an error; nothing of the run itself follows.

    The last event of its run. Stream modes: updates, values, debug.

    Section: v1-events.md §3.1; v2-events.md, "Run lifecycle".
    """

    __slots__ = ()
    TYPE = "run.failed"
    PAYLOAD = "openwop._generated.payloads.runs:RunFailedPayload"
    TERMINAL = True

    if TYPE_CHECKING:

        @property
        def payload(self) -> RunFailedPayload:
            """What `run.failed` carries."""
            ...


class RunCancelled(RunEvent):
    """The run was cancelled by a caller, by its parent or by the host.

    The last event of its run. Stream modes: updates, values, debug.

    Section: v1-events.md §3.1; v2-events.md, "Run lifecycle".
    """

    __slots__ = ()
    TYPE = "run.cancelled"
    PAYLOAD = "openwop._generated.payloads.runs:RunCancelledPayload"
    TERMINAL = True

    if TYPE_CHECKING:

        @property
        def payload(self) -> RunCancelledPayload:
            """What `run.cancelled` carries."""
            ...


class RunResumeStarted(RunEvent):
    """An explicit resume was handed to an engine.

    Spelled `run.resuming` in major 1. Stream modes: debug.

    Section: v1-events.md §3.1; v2-events.md, "Run lifecycle".
    """

    __slots__ = ()
    TYPE = "run.resume-started"
    PAYLOAD = "openwop._generated.payloads.runs:RunResumeStartedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> RunResumeStartedPayload:
            """What `run.resume-started` carries."""
            ...


class RunPaused(RunEvent):
    """The run came to rest because a caller paused it or a cap asked for a checkpoint.

    Stream modes: updates, values, debug.

    Section: v1-events.md §3.1; v2-events.md, "Run lifecycle".
    """

    __slots__ = ()
    TYPE = "run.paused"
    PAYLOAD = "openwop._generated.payloads.runs:RunPausedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> RunPausedPayload:
            """What `run.paused` carries."""
            ...


class RunResumed(RunEvent):
    """The run left its pause and goes on.

    Stream modes: updates, values, debug.

    Section: v1-events.md §3.1; v2-events.md, "Run lifecycle".
    """

    __slots__ = ()
    TYPE = "run.resumed"
    PAYLOAD = "openwop._generated.payloads.runs:RunResumedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> RunResumedPayload:
            """What `run.resumed` carries."""
            ...


class RunRestoredFromSnapshot(RunEvent):
    """An engine started cold and read the state of the run from a snapshot.

    Stream modes: debug.

    Section: v1-events.md §3.1; v2-events.md, "Run lifecycle".
    """

    __slots__ = ()
    TYPE = "run.restored-from-snapshot"
    PAYLOAD = "openwop._generated.payloads.runs:RunRestoredFromSnapshotPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> RunRestoredFromSnapshotPayload:
            """What `run.restored-from-snapshot` carries."""
            ...


class RunDeadLettered(RunEvent):
    """The host gave the run up after its last attempt and set it aside for an operator.

    Spelled `run.dead_lettered` in major 1. Stream modes: debug. Sent by hosts that advertise
    `deadLetter`.

    Section: v1-events.md §3.1; v2-events.md, "Run lifecycle".
    """

    __slots__ = ()
    TYPE = "run.dead-lettered"
    PAYLOAD = "openwop._generated.payloads.runs:RunDeadLetteredPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> RunDeadLetteredPayload:
            """What `run.dead-lettered` carries."""
            ...


class WorkflowRestored(RunEvent):
    """A fresh engine took the workflow over and restored its state.

    Stream modes: debug.

    Section: v1-events.md §3.5; v2-events.md, "Run lifecycle".
    """

    __slots__ = ()
    TYPE = "workflow.restored"
    PAYLOAD = "openwop._generated.payloads.runs:WorkflowRestoredPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> WorkflowRestoredPayload:
            """What `workflow.restored` carries."""
            ...


class WorkflowLoopbackLimit(RunEvent):
    """A review loop was sent back more often than its limit allows.

    Stream modes: debug.

    Section: v1-events.md §3.5; v2-events.md, "Run lifecycle".
    """

    __slots__ = ()
    TYPE = "workflow.loopback-limit"
    PAYLOAD = "openwop._generated.payloads.runs:WorkflowLoopbackLimitPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> WorkflowLoopbackLimitPayload:
            """What `workflow.loopback-limit` carries."""
            ...


class WorkflowStalled(RunEvent):
    """The host noticed that a run makes no progress.

    Stream modes: debug.

    Section: v1-events.md §3.5; v2-events.md, "Run lifecycle".
    """

    __slots__ = ()
    TYPE = "workflow.stalled"
    PAYLOAD = "openwop._generated.payloads.runs:WorkflowStalledPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> WorkflowStalledPayload:
            """What `workflow.stalled` carries."""
            ...


class CapBreached(RunEvent):
    """A limit of the host or of the run was exceeded; the run fails next.

    Stream modes: debug.

    Section: v1-events.md §3.5; v2-events.md, "Run lifecycle".
    """

    __slots__ = ()
    TYPE = "cap.breached"
    PAYLOAD = "openwop._generated.payloads.runs:CapBreachedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> CapBreachedPayload:
            """What `cap.breached` carries."""
            ...
