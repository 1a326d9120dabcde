"""State, artifacts, output and log lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop._generated.events._base import RunEvent

if TYPE_CHECKING:
    from openwop._generated.payloads.state import (
        ArtifactCreatedPayload,
        ChannelWrittenPayload,
        ContextSummarizedPayload,
        LogAppendedPayload,
        OutputChunkPayload,
        VariableChangedPayload,
        VersionPinnedPayload,
        WorkspaceUpdatedPayload,
    )

__all__ = [
    "ArtifactCreated",
    "ChannelWritten",
    "ContextSummarized",
    "LogAppended",
    "OutputChunk",
    "VariableChanged",
    "VersionPinned",
    "WorkspaceUpdated",
]


class ChannelWritten(RunEvent):
    """A value was written to a typed channel.

    Stream modes: debug.

    Section: v1-events.md §3.4; v2-events.md, "State, output, log".
    """

    __slots__ = ()
    TYPE = "channel.written"
    PAYLOAD = "openwop._generated.payloads.state:ChannelWrittenPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ChannelWrittenPayload:
            """What `channel.written` carries."""
            ...


class ArtifactCreated(RunEvent):
    """An artifact was stored.

    Stream modes: updates, values, debug.

    Section: v1-events.md §3.4; v2-events.md, "State, output, log".
    """

    __slots__ = ()
    TYPE = "artifact.created"
    PAYLOAD = "openwop._generated.payloads.state:ArtifactCreatedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ArtifactCreatedPayload:
            """What `artifact.created` carries."""
            ...


class OutputChunk(RunEvent):
    """A piece of a model's output, in the order of generation.

    Stream modes: messages, debug.

    Section: v1-events.md §3.4; v2-events.md, "State, output, log".
    """

    __slots__ = ()
    TYPE = "output.chunk"
    PAYLOAD = "openwop._generated.payloads.state:OutputChunkPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> OutputChunkPayload:
            """What `output.chunk` carries."""
            ...


class VariableChanged(RunEvent):
    """A workflow variable got another value; a sensitive one is masked.

    Stream modes: debug.

    Section: v1-events.md §3.4; v2-events.md, "State, output, log".
    """

    __slots__ = ()
    TYPE = "variable.changed"
    PAYLOAD = "openwop._generated.payloads.state:VariableChangedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> VariableChangedPayload:
            """What `variable.changed` carries."""
            ...


class LogAppended(RunEvent):
    """A node wrote a log line.

    Stream modes: debug.

    Section: v1-events.md §3.4; v2-events.md, "State, output, log".
    """

    __slots__ = ()
    TYPE = "log.appended"
    PAYLOAD = "openwop._generated.payloads.state:LogAppendedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> LogAppendedPayload:
            """What `log.appended` carries."""
            ...


class VersionPinned(RunEvent):
    """The run read a change version for the first time and keeps it.

    Stream modes: debug.

    Section: v1-events.md §3.4; v2-events.md, "State, output, log".
    """

    __slots__ = ()
    TYPE = "version.pinned"
    PAYLOAD = "openwop._generated.payloads.state:VersionPinnedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> VersionPinnedPayload:
            """What `version.pinned` carries."""
            ...


class WorkspaceUpdated(RunEvent):
    """A file of the workspace was written or deleted.

    Stream modes: updates, values, debug. Sent by hosts that advertise `workspace`.

    Section: v1-events.md §3.4; v2-events.md, "State, output, log".
    """

    __slots__ = ()
    TYPE = "workspace.updated"
    PAYLOAD = "openwop._generated.payloads.state:WorkspaceUpdatedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> WorkspaceUpdatedPayload:
            """What `workspace.updated` carries."""
            ...


class ContextSummarized(RunEvent):
    """Older turns of a context were replaced by a summary.

    Only the last releases of major 1 have it. Stream modes: debug. Sent by hosts that advertise
    `contextBudget.summarization`.

    Section: v1-events.md §3.6; v2-events.md, "State, output, log".
    """

    __slots__ = ()
    TYPE = "context.summarized"
    PAYLOAD = "openwop._generated.payloads.state:ContextSummarizedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ContextSummarizedPayload:
            """What `context.summarized` carries."""
            ...
