"""Conversations and memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop._generated.events._base import RunEvent

if TYPE_CHECKING:
    from openwop._generated.payloads.conversations import (
        ConversationClosedPayload,
        ConversationExchangedPayload,
        ConversationOpenedPayload,
        MemoryCompactedPayload,
        MemoryWrittenPayload,
    )

__all__ = [
    "ConversationClosed",
    "ConversationExchanged",
    "ConversationOpened",
    "MemoryCompacted",
    "MemoryWritten",
]


class ConversationOpened(RunEvent):
    """A conversation began.

    Stream modes: debug. Sent by hosts that advertise `conversationPrimitive`.

    Section: v1-events.md §3.7; v2-events.md, "Conversation and memory".
    """

    __slots__ = ()
    TYPE = "conversation.opened"
    PAYLOAD = "openwop._generated.payloads.conversations:ConversationOpenedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ConversationOpenedPayload:
            """What `conversation.opened` carries."""
            ...


class ConversationExchanged(RunEvent):
    """A turn of a conversation was taken.

    Stream modes: debug. Sent by hosts that advertise `conversationPrimitive`.

    Section: v1-events.md §3.7; v2-events.md, "Conversation and memory".
    """

    __slots__ = ()
    TYPE = "conversation.exchanged"
    PAYLOAD = "openwop._generated.payloads.conversations:ConversationExchangedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ConversationExchangedPayload:
            """What `conversation.exchanged` carries."""
            ...


class ConversationClosed(RunEvent):
    """A conversation ended; nothing of it follows.

    Stream modes: debug. Sent by hosts that advertise `conversationPrimitive`.

    Section: v1-events.md §3.7; v2-events.md, "Conversation and memory".
    """

    __slots__ = ()
    TYPE = "conversation.closed"
    PAYLOAD = "openwop._generated.payloads.conversations:ConversationClosedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ConversationClosedPayload:
            """What `conversation.closed` carries."""
            ...


class MemoryWritten(RunEvent):
    """An entry was written to a memory.

    Stream modes: debug. Sent by hosts that advertise `memory.attribution.emitsWriteEvents`.

    Section: v1-events.md §3.6; v2-events.md, "Conversation and memory".
    """

    __slots__ = ()
    TYPE = "memory.written"
    PAYLOAD = "openwop._generated.payloads.conversations:MemoryWrittenPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> MemoryWrittenPayload:
            """What `memory.written` carries."""
            ...


class MemoryCompacted(RunEvent):
    """Entries of a memory were folded into one.

    Stream modes: debug. Sent by hosts that advertise `memory.compaction`.

    Section: v1-events.md §3.6; v2-events.md, "Conversation and memory".
    """

    __slots__ = ()
    TYPE = "memory.compacted"
    PAYLOAD = "openwop._generated.payloads.conversations:MemoryCompactedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> MemoryCompactedPayload:
            """What `memory.compacted` carries."""
            ...
