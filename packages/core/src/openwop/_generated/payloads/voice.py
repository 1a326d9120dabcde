"""What events carry.  Voice: what is heard and said."""

# ruff: noqa: PYI051  # the listed values are there for editors; any other is read too
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, Self

import attrs

from openwop.runtime._model import on_wire
from openwop.runtime._payload import (
    Payload,
    as_members,
    blank,
    check_payload,
    set_extra,
    undeclared,
)
from openwop.runtime._structure import as_integer, mismatch

__all__ = [
    "VoiceBargeInPayload",
    "VoiceCancelledPayload",
    "VoiceEndpointCandidatePayload",
    "VoiceSpeechStartPayload",
    "VoiceSynthesisChunkPayload",
    "VoiceTranscriptPayload",
    "VoiceTurnCommitPayload",
]


_VOICE_SPEECH_START_PAYLOAD: Final[frozenset[str]] = frozenset(["atMs"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class VoiceSpeechStartPayload(Payload):
    """What `voice.speech-start` carries.

    Attributes:
        at_ms: When, in milliseconds from the beginning of the session. Required.

    Section: v1-events.md §3.10; v2-events.md, "Voice".
    """

    at_ms: int | None = attrs.field(default=None, metadata=on_wire("atMs"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "VoiceSpeechStartPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "VoiceSpeechStartPayload")
        get = data.get
        at_ms = get("atMs")
        if at_ms is not None and type(at_ms) is not int:
            at_ms = as_integer(at_ms, "VoiceSpeechStartPayload.atMs")
        self = blank(cls)
        fields = self.__dict__
        fields["at_ms"] = at_ms
        known = _VOICE_SPEECH_START_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_VOICE_TRANSCRIPT_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["atMs", "committedPrefix", "contentTrust", "formatted", "isFinal", "stability", "text"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class VoiceTranscriptPayload(Payload):
    """What `voice.transcript` carries.

    Attributes:
        text: What was heard. Required.
        is_final: Whether the text will not change any more. Required.
        committed_prefix: The part that will not change any more.
        stability: How likely the text is to stay, from 0 to 1.
        formatted: Whether punctuation and casing were added.
        at_ms: When, in milliseconds from the beginning of the session. Required.
        content_trust: Whether the content may be trusted. Required.

    Section: v1-events.md §3.10; v2-events.md, "Voice".
    """

    text: str | None = None
    is_final: bool | None = attrs.field(default=None, metadata=on_wire("isFinal"))
    committed_prefix: str | None = attrs.field(default=None, metadata=on_wire("committedPrefix"))
    stability: float | None = None
    formatted: bool | None = None
    at_ms: int | None = attrs.field(default=None, metadata=on_wire("atMs"))
    content_trust: Literal["untrusted"] | str | None = attrs.field(
        default=None, metadata=on_wire("contentTrust")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "VoiceTranscriptPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "VoiceTranscriptPayload")
        get = data.get
        text = get("text")
        if text is not None and type(text) is not str:
            raise mismatch("VoiceTranscriptPayload.text", "str", text)
        is_final = get("isFinal")
        if is_final is not None and type(is_final) is not bool:
            raise mismatch("VoiceTranscriptPayload.isFinal", "bool", is_final)
        committed_prefix = get("committedPrefix")
        if committed_prefix is not None and type(committed_prefix) is not str:
            raise mismatch("VoiceTranscriptPayload.committedPrefix", "str", committed_prefix)
        stability = get("stability")
        if stability is not None and type(stability) is not float and type(stability) is not int:
            raise mismatch("VoiceTranscriptPayload.stability", "number", stability)
        formatted = get("formatted")
        if formatted is not None and type(formatted) is not bool:
            raise mismatch("VoiceTranscriptPayload.formatted", "bool", formatted)
        at_ms = get("atMs")
        if at_ms is not None and type(at_ms) is not int:
            at_ms = as_integer(at_ms, "VoiceTranscriptPayload.atMs")
        content_trust = get("contentTrust")
        if content_trust is not None and type(content_trust) is not str:
            raise mismatch("VoiceTranscriptPayload.contentTrust", "str", content_trust)
        self = blank(cls)
        fields = self.__dict__
        fields["text"] = text
        fields["is_final"] = is_final
        fields["committed_prefix"] = committed_prefix
        fields["stability"] = stability
        fields["formatted"] = formatted
        fields["at_ms"] = at_ms
        fields["content_trust"] = content_trust
        known = _VOICE_TRANSCRIPT_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_VOICE_ENDPOINT_CANDIDATE_PAYLOAD: Final[frozenset[str]] = frozenset(["atMs", "confidence"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class VoiceEndpointCandidatePayload(Payload):
    """What `voice.endpoint-candidate` carries.

    Attributes:
        at_ms: When, in milliseconds from the beginning of the session. Required.
        confidence: How sure it is, from 0 to 1.

    Section: v1-events.md §3.10; v2-events.md, "Voice".
    """

    at_ms: int | None = attrs.field(default=None, metadata=on_wire("atMs"))
    confidence: float | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "VoiceEndpointCandidatePayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "VoiceEndpointCandidatePayload")
        get = data.get
        at_ms = get("atMs")
        if at_ms is not None and type(at_ms) is not int:
            at_ms = as_integer(at_ms, "VoiceEndpointCandidatePayload.atMs")
        confidence = get("confidence")
        if confidence is not None and type(confidence) is not float and type(confidence) is not int:
            raise mismatch("VoiceEndpointCandidatePayload.confidence", "number", confidence)
        self = blank(cls)
        fields = self.__dict__
        fields["at_ms"] = at_ms
        fields["confidence"] = confidence
        known = _VOICE_ENDPOINT_CANDIDATE_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_VOICE_TURN_COMMIT_PAYLOAD: Final[frozenset[str]] = frozenset(["atMs", "finalText"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class VoiceTurnCommitPayload(Payload):
    """What `voice.turn-commit` carries.

    Attributes:
        at_ms: When, in milliseconds from the beginning of the session. Required.
        final_text: What was said in the turn. Required.

    Section: v1-events.md §3.10; v2-events.md, "Voice".
    """

    at_ms: int | None = attrs.field(default=None, metadata=on_wire("atMs"))
    final_text: str | None = attrs.field(default=None, metadata=on_wire("finalText"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "VoiceTurnCommitPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "VoiceTurnCommitPayload")
        get = data.get
        at_ms = get("atMs")
        if at_ms is not None and type(at_ms) is not int:
            at_ms = as_integer(at_ms, "VoiceTurnCommitPayload.atMs")
        final_text = get("finalText")
        if final_text is not None and type(final_text) is not str:
            raise mismatch("VoiceTurnCommitPayload.finalText", "str", final_text)
        self = blank(cls)
        fields = self.__dict__
        fields["at_ms"] = at_ms
        fields["final_text"] = final_text
        known = _VOICE_TURN_COMMIT_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_VOICE_SYNTHESIS_CHUNK_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["base64", "durationMs", "final", "mimeType", "seq", "streamRef", "url"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class VoiceSynthesisChunkPayload(Payload):
    """What `voice.synthesis-chunk` carries.

    Attributes:
        seq: The number of the piece, from 0. Required.
        mime_type: The media type of the sound. Required.
        duration_ms: How long it took, in milliseconds.
        url: Where the sound can be fetched.
        stream_ref: A reference to the stream that carries the sound.
        base64: The sound itself, when it is small.
        final: True on the last piece.

    Section: v1-events.md §3.10; v2-events.md, "Voice".
    """

    seq: int | None = None
    mime_type: str | None = attrs.field(default=None, metadata=on_wire("mimeType"))
    duration_ms: int | None = attrs.field(default=None, metadata=on_wire("durationMs"))
    url: str | None = None
    stream_ref: str | None = attrs.field(default=None, metadata=on_wire("streamRef"))
    base64: str | None = None
    final: bool | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "VoiceSynthesisChunkPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "VoiceSynthesisChunkPayload")
        get = data.get
        seq = get("seq")
        if seq is not None and type(seq) is not int:
            seq = as_integer(seq, "VoiceSynthesisChunkPayload.seq")
        mime_type = get("mimeType")
        if mime_type is not None and type(mime_type) is not str:
            raise mismatch("VoiceSynthesisChunkPayload.mimeType", "str", mime_type)
        duration_ms = get("durationMs")
        if duration_ms is not None and type(duration_ms) is not int:
            duration_ms = as_integer(duration_ms, "VoiceSynthesisChunkPayload.durationMs")
        url = get("url")
        if url is not None and type(url) is not str:
            raise mismatch("VoiceSynthesisChunkPayload.url", "str", url)
        stream_ref = get("streamRef")
        if stream_ref is not None and type(stream_ref) is not str:
            raise mismatch("VoiceSynthesisChunkPayload.streamRef", "str", stream_ref)
        base64 = get("base64")
        if base64 is not None and type(base64) is not str:
            raise mismatch("VoiceSynthesisChunkPayload.base64", "str", base64)
        final = get("final")
        if final is not None and type(final) is not bool:
            raise mismatch("VoiceSynthesisChunkPayload.final", "bool", final)
        self = blank(cls)
        fields = self.__dict__
        fields["seq"] = seq
        fields["mime_type"] = mime_type
        fields["duration_ms"] = duration_ms
        fields["url"] = url
        fields["stream_ref"] = stream_ref
        fields["base64"] = base64
        fields["final"] = final
        known = _VOICE_SYNTHESIS_CHUNK_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_VOICE_BARGE_IN_PAYLOAD: Final[frozenset[str]] = frozenset(["atMs"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class VoiceBargeInPayload(Payload):
    """What `voice.barge-in` carries.

    Attributes:
        at_ms: When, in milliseconds from the beginning of the session. Required.

    Section: v1-events.md §3.10; v2-events.md, "Voice".
    """

    at_ms: int | None = attrs.field(default=None, metadata=on_wire("atMs"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "VoiceBargeInPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "VoiceBargeInPayload")
        get = data.get
        at_ms = get("atMs")
        if at_ms is not None and type(at_ms) is not int:
            at_ms = as_integer(at_ms, "VoiceBargeInPayload.atMs")
        self = blank(cls)
        fields = self.__dict__
        fields["at_ms"] = at_ms
        known = _VOICE_BARGE_IN_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_VOICE_CANCELLED_PAYLOAD: Final[frozenset[str]] = frozenset(["atMs", "reason"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class VoiceCancelledPayload(Payload):
    """What `voice.cancelled` carries.

    Attributes:
        at_ms: When, in milliseconds from the beginning of the session. Required.
        reason: Why.

    Section: v1-events.md §3.10; v2-events.md, "Voice".
    """

    at_ms: int | None = attrs.field(default=None, metadata=on_wire("atMs"))
    reason: Literal["barge-in", "explicit"] | str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "VoiceCancelledPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "VoiceCancelledPayload")
        get = data.get
        at_ms = get("atMs")
        if at_ms is not None and type(at_ms) is not int:
            at_ms = as_integer(at_ms, "VoiceCancelledPayload.atMs")
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("VoiceCancelledPayload.reason", "str", reason)
        self = blank(cls)
        fields = self.__dict__
        fields["at_ms"] = at_ms
        fields["reason"] = reason
        known = _VOICE_CANCELLED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self
