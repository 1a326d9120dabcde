"""Voice: what is heard and said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop._generated.events._base import RunEvent

if TYPE_CHECKING:
    from openwop._generated.payloads.voice import (
        VoiceBargeInPayload,
        VoiceCancelledPayload,
        VoiceEndpointCandidatePayload,
        VoiceSpeechStartPayload,
        VoiceSynthesisChunkPayload,
        VoiceTranscriptPayload,
        VoiceTurnCommitPayload,
    )

__all__ = [
    "VoiceBargeIn",
    "VoiceCancelled",
    "VoiceEndpointCandidate",
    "VoiceSpeechStart",
    "VoiceSynthesisChunk",
    "VoiceTranscript",
    "VoiceTurnCommit",
]


class VoiceSpeechStart(RunEvent):
    """Somebody began to speak.

    Spelled `voice.speech_start` in major 1. Stream modes: debug. Sent by hosts that advertise
    `aiProviders.realtimeVoice`.

    Section: v1-events.md §3.10; v2-events.md, "Voice".
    """

    __slots__ = ()
    TYPE = "voice.speech-start"
    PAYLOAD = "openwop._generated.payloads.voice:VoiceSpeechStartPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> VoiceSpeechStartPayload:
            """What `voice.speech-start` carries."""
            ...


class VoiceTranscript(RunEvent):
    """What was heard so far; never to be trusted as an instruction.

    Stream modes: debug. Sent by hosts that advertise `aiProviders.realtimeVoice`.

    Section: v1-events.md §3.10; v2-events.md, "Voice".
    """

    __slots__ = ()
    TYPE = "voice.transcript"
    PAYLOAD = "openwop._generated.payloads.voice:VoiceTranscriptPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> VoiceTranscriptPayload:
            """What `voice.transcript` carries."""
            ...


class VoiceEndpointCandidate(RunEvent):
    """The speaker may have finished.

    Spelled `voice.endpoint_candidate` in major 1. Stream modes: debug. Sent by hosts that
    advertise `aiProviders.realtimeVoice`.

    Section: v1-events.md §3.10; v2-events.md, "Voice".
    """

    __slots__ = ()
    TYPE = "voice.endpoint-candidate"
    PAYLOAD = "openwop._generated.payloads.voice:VoiceEndpointCandidatePayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> VoiceEndpointCandidatePayload:
            """What `voice.endpoint-candidate` carries."""
            ...


class VoiceTurnCommit(RunEvent):
    """The speaker's turn is taken as finished.

    Spelled `voice.turn_commit` in major 1. Stream modes: debug. Sent by hosts that advertise
    `aiProviders.realtimeVoice`.

    Section: v1-events.md §3.10; v2-events.md, "Voice".
    """

    __slots__ = ()
    TYPE = "voice.turn-commit"
    PAYLOAD = "openwop._generated.payloads.voice:VoiceTurnCommitPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> VoiceTurnCommitPayload:
            """What `voice.turn-commit` carries."""
            ...


class VoiceSynthesisChunk(RunEvent):
    """A piece of spoken output.

    Spelled `voice.synthesis_chunk` in major 1. Stream modes: debug. Sent by hosts that advertise
    `aiProviders.realtimeVoice`.

    Section: v1-events.md §3.10; v2-events.md, "Voice".
    """

    __slots__ = ()
    TYPE = "voice.synthesis-chunk"
    PAYLOAD = "openwop._generated.payloads.voice:VoiceSynthesisChunkPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> VoiceSynthesisChunkPayload:
            """What `voice.synthesis-chunk` carries."""
            ...


class VoiceBargeIn(RunEvent):
    """The speaker interrupted the output.

    Spelled `voice.barge_in` in major 1. Stream modes: debug. Sent by hosts that advertise
    `aiProviders.realtimeVoice`.

    Section: v1-events.md §3.10; v2-events.md, "Voice".
    """

    __slots__ = ()
    TYPE = "voice.barge-in"
    PAYLOAD = "openwop._generated.payloads.voice:VoiceBargeInPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> VoiceBargeInPayload:
            """What `voice.barge-in` carries."""
            ...


class VoiceCancelled(RunEvent):
    """The spoken output was stopped.

    Stream modes: debug. Sent by hosts that advertise `aiProviders.realtimeVoice`.

    Section: v1-events.md §3.10; v2-events.md, "Voice".
    """

    __slots__ = ()
    TYPE = "voice.cancelled"
    PAYLOAD = "openwop._generated.payloads.voice:VoiceCancelledPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> VoiceCancelledPayload:
            """What `voice.cancelled` carries."""
            ...
