"""What events carry.  Replays: where a replay left its source."""

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

__all__ = ["ReplayDivergedAtRefusalPayload", "ReplayDivergedPayload"]


_REPLAY_DIVERGED_PAYLOAD: Final[frozenset[str]] = frozenset(
    [
        "atSequence",
        "divergenceKind",
        "divergencePoint",
        "originalEventId",
        "replayEventId",
        "sourceRunId",
    ]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ReplayDivergedPayload(Payload):
    """What `replay.diverged` carries.

    Attributes:
        source_run_id: The run that is replayed. Required.
        at_sequence: The sequence in the source at which they part. Required.
        original_event_id: The event of the source.
        divergence_kind: In what they differ.
        divergence_point: The type of the event at which they part.
        replay_event_id: The event of the replay; some hosts send it.

    Section: v1-events.md §3.5; v2-events.md, "Replay".
    """

    source_run_id: str | None = attrs.field(default=None, metadata=on_wire("sourceRunId"))
    at_sequence: int | None = attrs.field(default=None, metadata=on_wire("atSequence"))
    original_event_id: str | None = attrs.field(default=None, metadata=on_wire("originalEventId"))
    divergence_kind: Literal["output", "missing", "extra", "type-mismatch"] | str | None = (
        attrs.field(default=None, metadata=on_wire("divergenceKind"))
    )
    divergence_point: str | None = attrs.field(default=None, metadata=on_wire("divergencePoint"))
    replay_event_id: str | None = attrs.field(default=None, metadata=on_wire("replayEventId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ReplayDivergedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ReplayDivergedPayload")
        get = data.get
        source_run_id = get("sourceRunId")
        if source_run_id is not None and type(source_run_id) is not str:
            raise mismatch("ReplayDivergedPayload.sourceRunId", "str", source_run_id)
        at_sequence = get("atSequence")
        if at_sequence is not None and type(at_sequence) is not int:
            at_sequence = as_integer(at_sequence, "ReplayDivergedPayload.atSequence")
        original_event_id = get("originalEventId")
        if original_event_id is not None and type(original_event_id) is not str:
            raise mismatch("ReplayDivergedPayload.originalEventId", "str", original_event_id)
        divergence_kind = get("divergenceKind")
        if divergence_kind is not None and type(divergence_kind) is not str:
            raise mismatch("ReplayDivergedPayload.divergenceKind", "str", divergence_kind)
        divergence_point = get("divergencePoint")
        if divergence_point is not None and type(divergence_point) is not str:
            raise mismatch("ReplayDivergedPayload.divergencePoint", "str", divergence_point)
        replay_event_id = get("replayEventId")
        if replay_event_id is not None and type(replay_event_id) is not str:
            raise mismatch("ReplayDivergedPayload.replayEventId", "str", replay_event_id)
        self = blank(cls)
        fields = self.__dict__
        fields["source_run_id"] = source_run_id
        fields["at_sequence"] = at_sequence
        fields["original_event_id"] = original_event_id
        fields["divergence_kind"] = divergence_kind
        fields["divergence_point"] = divergence_point
        fields["replay_event_id"] = replay_event_id
        known = _REPLAY_DIVERGED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_REPLAY_DIVERGED_AT_REFUSAL_PAYLOAD: Final[frozenset[str]] = frozenset(
    [
        "atSequence",
        "nodeId",
        "originalEnvelopeKind",
        "originalEventId",
        "refusalReason",
        "replayEnvelopeKind",
        "sourceRunId",
    ]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ReplayDivergedAtRefusalPayload(Payload):
    """What `replay.diverged-at-refusal` carries.

    Attributes:
        source_run_id: The run that is replayed. Required.
        at_sequence: The sequence in the source at which they part. Required.
        original_event_id: The event of the source.
        node_id: The node, as the workflow names it.
        original_envelope_kind: What the source got. Required.
        replay_envelope_kind: What the replay got. Required.
        refusal_reason: Why the model refused.

    Section: v1-events.md §3.5; v2-events.md, "Replay".
    """

    source_run_id: str | None = attrs.field(default=None, metadata=on_wire("sourceRunId"))
    at_sequence: int | None = attrs.field(default=None, metadata=on_wire("atSequence"))
    original_event_id: str | None = attrs.field(default=None, metadata=on_wire("originalEventId"))
    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    original_envelope_kind: Literal["valid", "refusal"] | str | None = attrs.field(
        default=None, metadata=on_wire("originalEnvelopeKind")
    )
    replay_envelope_kind: Literal["valid", "refusal"] | str | None = attrs.field(
        default=None, metadata=on_wire("replayEnvelopeKind")
    )
    refusal_reason: str | None = attrs.field(default=None, metadata=on_wire("refusalReason"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "ReplayDivergedAtRefusalPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "ReplayDivergedAtRefusalPayload")
        get = data.get
        source_run_id = get("sourceRunId")
        if source_run_id is not None and type(source_run_id) is not str:
            raise mismatch("ReplayDivergedAtRefusalPayload.sourceRunId", "str", source_run_id)
        at_sequence = get("atSequence")
        if at_sequence is not None and type(at_sequence) is not int:
            at_sequence = as_integer(at_sequence, "ReplayDivergedAtRefusalPayload.atSequence")
        original_event_id = get("originalEventId")
        if original_event_id is not None and type(original_event_id) is not str:
            raise mismatch(
                "ReplayDivergedAtRefusalPayload.originalEventId", "str", original_event_id
            )
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("ReplayDivergedAtRefusalPayload.nodeId", "str", node_id)
        original_envelope_kind = get("originalEnvelopeKind")
        if original_envelope_kind is not None and type(original_envelope_kind) is not str:
            raise mismatch(
                "ReplayDivergedAtRefusalPayload.originalEnvelopeKind", "str", original_envelope_kind
            )
        replay_envelope_kind = get("replayEnvelopeKind")
        if replay_envelope_kind is not None and type(replay_envelope_kind) is not str:
            raise mismatch(
                "ReplayDivergedAtRefusalPayload.replayEnvelopeKind", "str", replay_envelope_kind
            )
        refusal_reason = get("refusalReason")
        if refusal_reason is not None and type(refusal_reason) is not str:
            raise mismatch("ReplayDivergedAtRefusalPayload.refusalReason", "str", refusal_reason)
        self = blank(cls)
        fields = self.__dict__
        fields["source_run_id"] = source_run_id
        fields["at_sequence"] = at_sequence
        fields["original_event_id"] = original_event_id
        fields["node_id"] = node_id
        fields["original_envelope_kind"] = original_envelope_kind
        fields["replay_envelope_kind"] = replay_envelope_kind
        fields["refusal_reason"] = refusal_reason
        known = _REPLAY_DIVERGED_AT_REFUSAL_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self
