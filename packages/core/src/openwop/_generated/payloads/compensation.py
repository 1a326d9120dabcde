"""What events carry.  Compensation: undoing what a failed run had done."""

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
    "CompensationCompletedPayload",
    "CompensationFailedPayload",
    "CompensationManualInterventionRequiredPayload",
    "CompensationPausedPayload",
    "CompensationRequestedPayload",
    "CompensationStartedPayload",
]


_COMPENSATION_REQUESTED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["attempt", "compensationId", "effectId", "nodeId", "orderingModel"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class CompensationRequestedPayload(Payload):
    """What `compensation.requested` carries.

    Attributes:
        compensation_id: The compensation.
        node_id: The node, as the workflow names it.
        effect_id: The effect.
        attempt: Which attempt this is.
        ordering_model: In what order effects are undone.

    Section: v1-events.md §3.9; v2-events.md, "Compensation".
    """

    compensation_id: str | None = attrs.field(default=None, metadata=on_wire("compensationId"))
    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    effect_id: str | None = attrs.field(default=None, metadata=on_wire("effectId"))
    attempt: int | None = None
    ordering_model: Literal["reverse-completion", "dependency-graph"] | str | None = attrs.field(
        default=None, metadata=on_wire("orderingModel")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "CompensationRequestedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "CompensationRequestedPayload")
        get = data.get
        compensation_id = get("compensationId")
        if compensation_id is not None and type(compensation_id) is not str:
            raise mismatch("CompensationRequestedPayload.compensationId", "str", compensation_id)
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("CompensationRequestedPayload.nodeId", "str", node_id)
        effect_id = get("effectId")
        if effect_id is not None and type(effect_id) is not str:
            raise mismatch("CompensationRequestedPayload.effectId", "str", effect_id)
        attempt = get("attempt")
        if attempt is not None and type(attempt) is not int:
            attempt = as_integer(attempt, "CompensationRequestedPayload.attempt")
        ordering_model = get("orderingModel")
        if ordering_model is not None and type(ordering_model) is not str:
            raise mismatch("CompensationRequestedPayload.orderingModel", "str", ordering_model)
        self = blank(cls)
        fields = self.__dict__
        fields["compensation_id"] = compensation_id
        fields["node_id"] = node_id
        fields["effect_id"] = effect_id
        fields["attempt"] = attempt
        fields["ordering_model"] = ordering_model
        known = _COMPENSATION_REQUESTED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_COMPENSATION_STARTED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["attempt", "compensationId", "effectId", "nodeId", "orderingModel"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class CompensationStartedPayload(Payload):
    """What `compensation.started` carries.

    Attributes:
        compensation_id: The compensation.
        node_id: The node, as the workflow names it.
        effect_id: The effect.
        attempt: Which attempt this is.
        ordering_model: In what order effects are undone.

    Section: v1-events.md §3.9; v2-events.md, "Compensation".
    """

    compensation_id: str | None = attrs.field(default=None, metadata=on_wire("compensationId"))
    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    effect_id: str | None = attrs.field(default=None, metadata=on_wire("effectId"))
    attempt: int | None = None
    ordering_model: Literal["reverse-completion", "dependency-graph"] | str | None = attrs.field(
        default=None, metadata=on_wire("orderingModel")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "CompensationStartedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "CompensationStartedPayload")
        get = data.get
        compensation_id = get("compensationId")
        if compensation_id is not None and type(compensation_id) is not str:
            raise mismatch("CompensationStartedPayload.compensationId", "str", compensation_id)
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("CompensationStartedPayload.nodeId", "str", node_id)
        effect_id = get("effectId")
        if effect_id is not None and type(effect_id) is not str:
            raise mismatch("CompensationStartedPayload.effectId", "str", effect_id)
        attempt = get("attempt")
        if attempt is not None and type(attempt) is not int:
            attempt = as_integer(attempt, "CompensationStartedPayload.attempt")
        ordering_model = get("orderingModel")
        if ordering_model is not None and type(ordering_model) is not str:
            raise mismatch("CompensationStartedPayload.orderingModel", "str", ordering_model)
        self = blank(cls)
        fields = self.__dict__
        fields["compensation_id"] = compensation_id
        fields["node_id"] = node_id
        fields["effect_id"] = effect_id
        fields["attempt"] = attempt
        fields["ordering_model"] = ordering_model
        known = _COMPENSATION_STARTED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_COMPENSATION_COMPLETED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["attempt", "compensationId", "effectId", "nodeId", "orderingModel"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class CompensationCompletedPayload(Payload):
    """What `compensation.completed` carries.

    Attributes:
        compensation_id: The compensation.
        node_id: The node, as the workflow names it.
        effect_id: The effect.
        attempt: Which attempt this is.
        ordering_model: In what order effects are undone.

    Section: v1-events.md §3.9; v2-events.md, "Compensation".
    """

    compensation_id: str | None = attrs.field(default=None, metadata=on_wire("compensationId"))
    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    effect_id: str | None = attrs.field(default=None, metadata=on_wire("effectId"))
    attempt: int | None = None
    ordering_model: Literal["reverse-completion", "dependency-graph"] | str | None = attrs.field(
        default=None, metadata=on_wire("orderingModel")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "CompensationCompletedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "CompensationCompletedPayload")
        get = data.get
        compensation_id = get("compensationId")
        if compensation_id is not None and type(compensation_id) is not str:
            raise mismatch("CompensationCompletedPayload.compensationId", "str", compensation_id)
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("CompensationCompletedPayload.nodeId", "str", node_id)
        effect_id = get("effectId")
        if effect_id is not None and type(effect_id) is not str:
            raise mismatch("CompensationCompletedPayload.effectId", "str", effect_id)
        attempt = get("attempt")
        if attempt is not None and type(attempt) is not int:
            attempt = as_integer(attempt, "CompensationCompletedPayload.attempt")
        ordering_model = get("orderingModel")
        if ordering_model is not None and type(ordering_model) is not str:
            raise mismatch("CompensationCompletedPayload.orderingModel", "str", ordering_model)
        self = blank(cls)
        fields = self.__dict__
        fields["compensation_id"] = compensation_id
        fields["node_id"] = node_id
        fields["effect_id"] = effect_id
        fields["attempt"] = attempt
        fields["ordering_model"] = ordering_model
        known = _COMPENSATION_COMPLETED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_COMPENSATION_FAILED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["attempt", "compensationId", "effectId", "nodeId", "orderingModel", "reason"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class CompensationFailedPayload(Payload):
    """What `compensation.failed` carries.

    Attributes:
        compensation_id: The compensation.
        node_id: The node, as the workflow names it.
        effect_id: The effect.
        attempt: Which attempt this is.
        ordering_model: In what order effects are undone.
        reason: Why.

    Section: v1-events.md §3.9; v2-events.md, "Compensation".
    """

    compensation_id: str | None = attrs.field(default=None, metadata=on_wire("compensationId"))
    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    effect_id: str | None = attrs.field(default=None, metadata=on_wire("effectId"))
    attempt: int | None = None
    ordering_model: Literal["reverse-completion", "dependency-graph"] | str | None = attrs.field(
        default=None, metadata=on_wire("orderingModel")
    )
    reason: (
        Literal[
            "retries-exhausted",
            "approval-denied",
            "authority-denied",
            "dead-lettered",
            "operator-terminated",
        ]
        | str
        | None
    ) = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "CompensationFailedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "CompensationFailedPayload")
        get = data.get
        compensation_id = get("compensationId")
        if compensation_id is not None and type(compensation_id) is not str:
            raise mismatch("CompensationFailedPayload.compensationId", "str", compensation_id)
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("CompensationFailedPayload.nodeId", "str", node_id)
        effect_id = get("effectId")
        if effect_id is not None and type(effect_id) is not str:
            raise mismatch("CompensationFailedPayload.effectId", "str", effect_id)
        attempt = get("attempt")
        if attempt is not None and type(attempt) is not int:
            attempt = as_integer(attempt, "CompensationFailedPayload.attempt")
        ordering_model = get("orderingModel")
        if ordering_model is not None and type(ordering_model) is not str:
            raise mismatch("CompensationFailedPayload.orderingModel", "str", ordering_model)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("CompensationFailedPayload.reason", "str", reason)
        self = blank(cls)
        fields = self.__dict__
        fields["compensation_id"] = compensation_id
        fields["node_id"] = node_id
        fields["effect_id"] = effect_id
        fields["attempt"] = attempt
        fields["ordering_model"] = ordering_model
        fields["reason"] = reason
        known = _COMPENSATION_FAILED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_COMPENSATION_PAUSED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["attempt", "compensationId", "effectId", "nodeId", "orderingModel", "reason"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class CompensationPausedPayload(Payload):
    """What `compensation.paused` carries.

    Attributes:
        compensation_id: The compensation.
        node_id: The node, as the workflow names it.
        effect_id: The effect.
        attempt: Which attempt this is.
        ordering_model: In what order effects are undone.
        reason: Why.

    Section: v1-events.md §3.9; v2-events.md, "Compensation".
    """

    compensation_id: str | None = attrs.field(default=None, metadata=on_wire("compensationId"))
    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    effect_id: str | None = attrs.field(default=None, metadata=on_wire("effectId"))
    attempt: int | None = None
    ordering_model: Literal["reverse-completion", "dependency-graph"] | str | None = attrs.field(
        default=None, metadata=on_wire("orderingModel")
    )
    reason: (
        Literal[
            "retries-exhausted",
            "approval-denied",
            "authority-denied",
            "dead-lettered",
            "operator-terminated",
        ]
        | str
        | None
    ) = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "CompensationPausedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "CompensationPausedPayload")
        get = data.get
        compensation_id = get("compensationId")
        if compensation_id is not None and type(compensation_id) is not str:
            raise mismatch("CompensationPausedPayload.compensationId", "str", compensation_id)
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("CompensationPausedPayload.nodeId", "str", node_id)
        effect_id = get("effectId")
        if effect_id is not None and type(effect_id) is not str:
            raise mismatch("CompensationPausedPayload.effectId", "str", effect_id)
        attempt = get("attempt")
        if attempt is not None and type(attempt) is not int:
            attempt = as_integer(attempt, "CompensationPausedPayload.attempt")
        ordering_model = get("orderingModel")
        if ordering_model is not None and type(ordering_model) is not str:
            raise mismatch("CompensationPausedPayload.orderingModel", "str", ordering_model)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("CompensationPausedPayload.reason", "str", reason)
        self = blank(cls)
        fields = self.__dict__
        fields["compensation_id"] = compensation_id
        fields["node_id"] = node_id
        fields["effect_id"] = effect_id
        fields["attempt"] = attempt
        fields["ordering_model"] = ordering_model
        fields["reason"] = reason
        known = _COMPENSATION_PAUSED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_COMPENSATION_MANUAL_INTERVENTION_REQUIRED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["attempt", "compensationId", "effectId", "nodeId", "orderingModel", "reason"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class CompensationManualInterventionRequiredPayload(Payload):
    """What `compensation.manual-intervention-required` carries.

    Attributes:
        compensation_id: The compensation.
        node_id: The node, as the workflow names it.
        effect_id: The effect.
        attempt: Which attempt this is.
        ordering_model: In what order effects are undone.
        reason: Why.

    Section: v1-events.md §3.9; v2-events.md, "Compensation".
    """

    compensation_id: str | None = attrs.field(default=None, metadata=on_wire("compensationId"))
    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    effect_id: str | None = attrs.field(default=None, metadata=on_wire("effectId"))
    attempt: int | None = None
    ordering_model: Literal["reverse-completion", "dependency-graph"] | str | None = attrs.field(
        default=None, metadata=on_wire("orderingModel")
    )
    reason: (
        Literal[
            "retries-exhausted",
            "approval-denied",
            "authority-denied",
            "dead-lettered",
            "operator-terminated",
        ]
        | str
        | None
    ) = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads",
                "CompensationManualInterventionRequiredPayload",
                data,
                variant,
            )
        if not isinstance(data, dict):
            data = as_members(data, "CompensationManualInterventionRequiredPayload")
        get = data.get
        compensation_id = get("compensationId")
        if compensation_id is not None and type(compensation_id) is not str:
            raise mismatch(
                "CompensationManualInterventionRequiredPayload.compensationId",
                "str",
                compensation_id,
            )
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("CompensationManualInterventionRequiredPayload.nodeId", "str", node_id)
        effect_id = get("effectId")
        if effect_id is not None and type(effect_id) is not str:
            raise mismatch(
                "CompensationManualInterventionRequiredPayload.effectId", "str", effect_id
            )
        attempt = get("attempt")
        if attempt is not None and type(attempt) is not int:
            attempt = as_integer(attempt, "CompensationManualInterventionRequiredPayload.attempt")
        ordering_model = get("orderingModel")
        if ordering_model is not None and type(ordering_model) is not str:
            raise mismatch(
                "CompensationManualInterventionRequiredPayload.orderingModel", "str", ordering_model
            )
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("CompensationManualInterventionRequiredPayload.reason", "str", reason)
        self = blank(cls)
        fields = self.__dict__
        fields["compensation_id"] = compensation_id
        fields["node_id"] = node_id
        fields["effect_id"] = effect_id
        fields["attempt"] = attempt
        fields["ordering_model"] = ordering_model
        fields["reason"] = reason
        known = _COMPENSATION_MANUAL_INTERVENTION_REQUIRED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self
