"""What events carry.  Tools, connectors, triggers, budgets and permissions."""

# ruff: noqa: PYI051  # the listed values are there for editors; any other is read too
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, Self

import attrs

from openwop.runtime._model import on_wire
from openwop.runtime._payload import (
    Payload,
    as_members,
    as_strings,
    blank,
    check_payload,
    nested,
    set_extra,
    undeclared,
)
from openwop.runtime._structure import as_integer, mismatch

__all__ = [
    "AuthorizationDecidedPayload",
    "BudgetConsumedPayload",
    "BudgetExhaustedPayload",
    "BudgetReservedPayload",
    "BudgetThresholdCrossedPayload",
    "ConnectorAuthExpiredPayload",
    "ConnectorAuthorizedPayload",
    "EffectiveBudget",
    "EgressDecidedPayload",
    "NegotiationDecidedPayload",
    "ToolSessionClosedPayload",
    "ToolSessionOpenedPayload",
    "TriggerDeliveryAttemptedPayload",
    "TriggerSubscriptionStateChangedPayload",
]


_EFFECTIVE_BUDGET: Final[frozenset[str]] = frozenset(
    ["maxCostUsd", "maxRetries", "maxTokens", "maxToolCalls"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class EffectiveBudget(Payload):
    """What a run may spend.

    Attributes:
        max_tokens: The most tokens.
        max_cost_usd: The most money, in US dollars.
        max_tool_calls: The most tool calls.
        max_retries: The most retries.

    Section: v1-events.md §3.9; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    max_tokens: int | None = attrs.field(default=None, metadata=on_wire("maxTokens"))
    max_cost_usd: float | None = attrs.field(default=None, metadata=on_wire("maxCostUsd"))
    max_tool_calls: int | None = attrs.field(default=None, metadata=on_wire("maxToolCalls"))
    max_retries: int | None = attrs.field(default=None, metadata=on_wire("maxRetries"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "EffectiveBudget", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "EffectiveBudget")
        get = data.get
        max_tokens = get("maxTokens")
        if max_tokens is not None and type(max_tokens) is not int:
            max_tokens = as_integer(max_tokens, "EffectiveBudget.maxTokens")
        max_cost_usd = get("maxCostUsd")
        if (
            max_cost_usd is not None
            and type(max_cost_usd) is not float
            and type(max_cost_usd) is not int
        ):
            raise mismatch("EffectiveBudget.maxCostUsd", "number", max_cost_usd)
        max_tool_calls = get("maxToolCalls")
        if max_tool_calls is not None and type(max_tool_calls) is not int:
            max_tool_calls = as_integer(max_tool_calls, "EffectiveBudget.maxToolCalls")
        max_retries = get("maxRetries")
        if max_retries is not None and type(max_retries) is not int:
            max_retries = as_integer(max_retries, "EffectiveBudget.maxRetries")
        self = blank(cls)
        fields = self.__dict__
        fields["max_tokens"] = max_tokens
        fields["max_cost_usd"] = max_cost_usd
        fields["max_tool_calls"] = max_tool_calls
        fields["max_retries"] = max_retries
        known = _EFFECTIVE_BUDGET
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_TOOL_SESSION_OPENED_PAYLOAD: Final[frozenset[str]] = frozenset(["sessionId", "toolId"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ToolSessionOpenedPayload(Payload):
    """What `tool.session-opened` carries.

    Attributes:
        session_id: The session. Required.
        tool_id: The tool. Required.

    Section: v1-events.md §3.6; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    session_id: str | None = attrs.field(default=None, metadata=on_wire("sessionId"))
    tool_id: str | None = attrs.field(default=None, metadata=on_wire("toolId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ToolSessionOpenedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ToolSessionOpenedPayload")
        get = data.get
        session_id = get("sessionId")
        if session_id is not None and type(session_id) is not str:
            raise mismatch("ToolSessionOpenedPayload.sessionId", "str", session_id)
        tool_id = get("toolId")
        if tool_id is not None and type(tool_id) is not str:
            raise mismatch("ToolSessionOpenedPayload.toolId", "str", tool_id)
        self = blank(cls)
        fields = self.__dict__
        fields["session_id"] = session_id
        fields["tool_id"] = tool_id
        known = _TOOL_SESSION_OPENED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_TOOL_SESSION_CLOSED_PAYLOAD: Final[frozenset[str]] = frozenset(["outcome", "sessionId", "toolId"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ToolSessionClosedPayload(Payload):
    """What `tool.session-closed` carries.

    Attributes:
        session_id: The session. Required.
        tool_id: The tool. Required.
        outcome: How it ended. Required.

    Section: v1-events.md §3.6; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    session_id: str | None = attrs.field(default=None, metadata=on_wire("sessionId"))
    tool_id: str | None = attrs.field(default=None, metadata=on_wire("toolId"))
    outcome: Literal["completed", "failed", "cancelled"] | str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ToolSessionClosedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ToolSessionClosedPayload")
        get = data.get
        session_id = get("sessionId")
        if session_id is not None and type(session_id) is not str:
            raise mismatch("ToolSessionClosedPayload.sessionId", "str", session_id)
        tool_id = get("toolId")
        if tool_id is not None and type(tool_id) is not str:
            raise mismatch("ToolSessionClosedPayload.toolId", "str", tool_id)
        outcome = get("outcome")
        if outcome is not None and type(outcome) is not str:
            raise mismatch("ToolSessionClosedPayload.outcome", "str", outcome)
        self = blank(cls)
        fields = self.__dict__
        fields["session_id"] = session_id
        fields["tool_id"] = tool_id
        fields["outcome"] = outcome
        known = _TOOL_SESSION_CLOSED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_CONNECTOR_AUTHORIZED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["credentialRef", "provider", "scopes"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ConnectorAuthorizedPayload(Payload):
    """What `connector.authorized` carries.

    Attributes:
        provider: The provider. Required.
        credential_ref: A reference to the credential; never the credential. Required.
        scopes: What was granted.

    Section: v1-events.md §3.6; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    provider: str | None = None
    credential_ref: str | None = attrs.field(default=None, metadata=on_wire("credentialRef"))
    scopes: list[str] | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "ConnectorAuthorizedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "ConnectorAuthorizedPayload")
        get = data.get
        provider = get("provider")
        if provider is not None and type(provider) is not str:
            raise mismatch("ConnectorAuthorizedPayload.provider", "str", provider)
        credential_ref = get("credentialRef")
        if credential_ref is not None and type(credential_ref) is not str:
            raise mismatch("ConnectorAuthorizedPayload.credentialRef", "str", credential_ref)
        scopes = get("scopes")
        if scopes is not None:
            scopes = as_strings(scopes, "ConnectorAuthorizedPayload.scopes")
        self = blank(cls)
        fields = self.__dict__
        fields["provider"] = provider
        fields["credential_ref"] = credential_ref
        fields["scopes"] = scopes
        known = _CONNECTOR_AUTHORIZED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_CONNECTOR_AUTH_EXPIRED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["credentialRef", "provider", "reason"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ConnectorAuthExpiredPayload(Payload):
    """What `connector.auth-expired` carries.

    Attributes:
        provider: The provider. Required.
        credential_ref: A reference to the credential; never the credential. Required.
        reason: Why.

    Section: v1-events.md §3.6; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    provider: str | None = None
    credential_ref: str | None = attrs.field(default=None, metadata=on_wire("credentialRef"))
    reason: str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "ConnectorAuthExpiredPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "ConnectorAuthExpiredPayload")
        get = data.get
        provider = get("provider")
        if provider is not None and type(provider) is not str:
            raise mismatch("ConnectorAuthExpiredPayload.provider", "str", provider)
        credential_ref = get("credentialRef")
        if credential_ref is not None and type(credential_ref) is not str:
            raise mismatch("ConnectorAuthExpiredPayload.credentialRef", "str", credential_ref)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("ConnectorAuthExpiredPayload.reason", "str", reason)
        self = blank(cls)
        fields = self.__dict__
        fields["provider"] = provider
        fields["credential_ref"] = credential_ref
        fields["reason"] = reason
        known = _CONNECTOR_AUTH_EXPIRED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_EGRESS_DECIDED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["auditCorrelationId", "credentialId", "decision", "destination", "reason"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class EgressDecidedPayload(Payload):
    """What `egress.decided` carries.

    Attributes:
        decision: The decision. Required.
        destination: The host and port, without path or query. Required.
        credential_id: The credential that was used.
        reason: Why.
        audit_correlation_id: What ties the event to the audit log.

    Section: v1-events.md §3.6; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    decision: Literal["allowed", "denied", "downgraded", "approval-required"] | str | None = None
    destination: str | None = None
    credential_id: str | None = attrs.field(default=None, metadata=on_wire("credentialId"))
    reason: (
        Literal[
            "ok",
            "out-of-audience",
            "expired",
            "ssrf-blocked",
            "provenance-unevaluable",
            "scope-denied",
            "policy-denied",
        ]
        | str
        | None
    ) = None
    audit_correlation_id: str | None = attrs.field(
        default=None, metadata=on_wire("auditCorrelationId")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "EgressDecidedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "EgressDecidedPayload")
        get = data.get
        decision = get("decision")
        if decision is not None and type(decision) is not str:
            raise mismatch("EgressDecidedPayload.decision", "str", decision)
        destination = get("destination")
        if destination is not None and type(destination) is not str:
            raise mismatch("EgressDecidedPayload.destination", "str", destination)
        credential_id = get("credentialId")
        if credential_id is not None and type(credential_id) is not str:
            raise mismatch("EgressDecidedPayload.credentialId", "str", credential_id)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("EgressDecidedPayload.reason", "str", reason)
        audit_correlation_id = get("auditCorrelationId")
        if audit_correlation_id is not None and type(audit_correlation_id) is not str:
            raise mismatch("EgressDecidedPayload.auditCorrelationId", "str", audit_correlation_id)
        self = blank(cls)
        fields = self.__dict__
        fields["decision"] = decision
        fields["destination"] = destination
        fields["credential_id"] = credential_id
        fields["reason"] = reason
        fields["audit_correlation_id"] = audit_correlation_id
        known = _EGRESS_DECIDED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_AUTHORIZATION_DECIDED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["action", "allowed", "principal", "reason", "resource"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class AuthorizationDecidedPayload(Payload):
    """What `authorization.decided` carries.

    Attributes:
        principal: Who asked. Required.
        action: The reviewer's action. Required.
        resource: On what. Required.
        allowed: Whether it was allowed. Required.
        reason: Why.

    Section: v1-events.md §3.5; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    principal: str | None = None
    action: str | None = None
    resource: str | None = None
    allowed: bool | None = None
    reason: str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "AuthorizationDecidedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "AuthorizationDecidedPayload")
        get = data.get
        principal = get("principal")
        if principal is not None and type(principal) is not str:
            raise mismatch("AuthorizationDecidedPayload.principal", "str", principal)
        action = get("action")
        if action is not None and type(action) is not str:
            raise mismatch("AuthorizationDecidedPayload.action", "str", action)
        resource = get("resource")
        if resource is not None and type(resource) is not str:
            raise mismatch("AuthorizationDecidedPayload.resource", "str", resource)
        allowed = get("allowed")
        if allowed is not None and type(allowed) is not bool:
            raise mismatch("AuthorizationDecidedPayload.allowed", "bool", allowed)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("AuthorizationDecidedPayload.reason", "str", reason)
        self = blank(cls)
        fields = self.__dict__
        fields["principal"] = principal
        fields["action"] = action
        fields["resource"] = resource
        fields["allowed"] = allowed
        fields["reason"] = reason
        known = _AUTHORIZATION_DECIDED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_TRIGGER_SUBSCRIPTION_STATE_CHANGED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["fromState", "reason", "source", "subscriptionId", "toState"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class TriggerSubscriptionStateChangedPayload(Payload):
    """What `trigger.subscription-state-changed` carries.

    Attributes:
        subscription_id: The subscription. Required.
        source: Where it comes from. Required.
        from_state: The state before. Required.
        to_state: The state after. Required.
        reason: Why.

    Section: v1-events.md §3.9; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    subscription_id: str | None = attrs.field(default=None, metadata=on_wire("subscriptionId"))
    source: (
        Literal["webhook", "schedule", "queue", "email", "form", "stream", "change"] | str | None
    ) = None
    from_state: Literal["active", "paused", "failed", "dead-lettered"] | str | None = attrs.field(
        default=None, metadata=on_wire("fromState")
    )
    to_state: Literal["active", "paused", "failed", "dead-lettered"] | str | None = attrs.field(
        default=None, metadata=on_wire("toState")
    )
    reason: (
        Literal[
            "retry-exhausted",
            "operator-paused",
            "signature-invalid",
            "backpressure",
            "source-removed",
            "provenance-unevaluable",
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
                "TriggerSubscriptionStateChangedPayload",
                data,
                variant,
            )
        if not isinstance(data, dict):
            data = as_members(data, "TriggerSubscriptionStateChangedPayload")
        get = data.get
        subscription_id = get("subscriptionId")
        if subscription_id is not None and type(subscription_id) is not str:
            raise mismatch(
                "TriggerSubscriptionStateChangedPayload.subscriptionId", "str", subscription_id
            )
        source = get("source")
        if source is not None and type(source) is not str:
            raise mismatch("TriggerSubscriptionStateChangedPayload.source", "str", source)
        from_state = get("fromState")
        if from_state is not None and type(from_state) is not str:
            raise mismatch("TriggerSubscriptionStateChangedPayload.fromState", "str", from_state)
        to_state = get("toState")
        if to_state is not None and type(to_state) is not str:
            raise mismatch("TriggerSubscriptionStateChangedPayload.toState", "str", to_state)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("TriggerSubscriptionStateChangedPayload.reason", "str", reason)
        self = blank(cls)
        fields = self.__dict__
        fields["subscription_id"] = subscription_id
        fields["source"] = source
        fields["from_state"] = from_state
        fields["to_state"] = to_state
        fields["reason"] = reason
        known = _TRIGGER_SUBSCRIPTION_STATE_CHANGED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_TRIGGER_DELIVERY_ATTEMPTED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["attempt", "dedupKey", "outcome", "runId", "subscriptionId"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class TriggerDeliveryAttemptedPayload(Payload):
    """What `trigger.delivery-attempted` carries.

    Attributes:
        subscription_id: The subscription. Required.
        dedup_key: What tells repeated deliveries apart. Required.
        attempt: Which attempt this is, from 1. Required.
        outcome: How it ended. Required.
        run_id: The run that was started.

    Section: v1-events.md §3.9; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    subscription_id: str | None = attrs.field(default=None, metadata=on_wire("subscriptionId"))
    dedup_key: str | None = attrs.field(default=None, metadata=on_wire("dedupKey"))
    attempt: int | None = None
    outcome: Literal["delivered", "retrying", "dead-lettered"] | str | None = None
    run_id: str | None = attrs.field(default=None, metadata=on_wire("runId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "TriggerDeliveryAttemptedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "TriggerDeliveryAttemptedPayload")
        get = data.get
        subscription_id = get("subscriptionId")
        if subscription_id is not None and type(subscription_id) is not str:
            raise mismatch("TriggerDeliveryAttemptedPayload.subscriptionId", "str", subscription_id)
        dedup_key = get("dedupKey")
        if dedup_key is not None and type(dedup_key) is not str:
            raise mismatch("TriggerDeliveryAttemptedPayload.dedupKey", "str", dedup_key)
        attempt = get("attempt")
        if attempt is not None and type(attempt) is not int:
            attempt = as_integer(attempt, "TriggerDeliveryAttemptedPayload.attempt")
        outcome = get("outcome")
        if outcome is not None and type(outcome) is not str:
            raise mismatch("TriggerDeliveryAttemptedPayload.outcome", "str", outcome)
        run_id = get("runId")
        if run_id is not None and type(run_id) is not str:
            raise mismatch("TriggerDeliveryAttemptedPayload.runId", "str", run_id)
        self = blank(cls)
        fields = self.__dict__
        fields["subscription_id"] = subscription_id
        fields["dedup_key"] = dedup_key
        fields["attempt"] = attempt
        fields["outcome"] = outcome
        fields["run_id"] = run_id
        known = _TRIGGER_DELIVERY_ATTEMPTED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_BUDGET_RESERVED_PAYLOAD: Final[frozenset[str]] = frozenset(["effectiveBudget", "scope"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class BudgetReservedPayload(Payload):
    """What `budget.reserved` carries.

    Attributes:
        effective_budget: What the run may spend. Required.
        scope: What it covers. Required.

    Section: v1-events.md §3.9; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    effective_budget: EffectiveBudget | None = attrs.field(
        default=None, metadata=on_wire("effectiveBudget")
    )
    scope: Literal["run", "workflow", "agent", "project"] | str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "BudgetReservedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "BudgetReservedPayload")
        get = data.get
        effective_budget = get("effectiveBudget")
        if effective_budget is not None:
            effective_budget = nested(
                EffectiveBudget, effective_budget, "BudgetReservedPayload.effectiveBudget"
            )
        scope = get("scope")
        if scope is not None and type(scope) is not str:
            raise mismatch("BudgetReservedPayload.scope", "str", scope)
        self = blank(cls)
        fields = self.__dict__
        fields["effective_budget"] = effective_budget
        fields["scope"] = scope
        known = _BUDGET_RESERVED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_BUDGET_CONSUMED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["consumed", "dimension", "limit", "remaining"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class BudgetConsumedPayload(Payload):
    """What `budget.consumed` carries.

    Attributes:
        dimension: Which part of the budget. Required.
        consumed: What has been spent, in the unit of the dimension. Required.
        limit: The limit, in the unit of the dimension. Required.
        remaining: What is left, in the unit of the dimension.

    Section: v1-events.md §3.9; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    dimension: Literal["tokens", "cost", "toolCalls", "retries"] | str | None = None
    consumed: float | None = None
    limit: float | None = None
    remaining: float | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "BudgetConsumedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "BudgetConsumedPayload")
        get = data.get
        dimension = get("dimension")
        if dimension is not None and type(dimension) is not str:
            raise mismatch("BudgetConsumedPayload.dimension", "str", dimension)
        consumed = get("consumed")
        if consumed is not None and type(consumed) is not float and type(consumed) is not int:
            raise mismatch("BudgetConsumedPayload.consumed", "number", consumed)
        limit = get("limit")
        if limit is not None and type(limit) is not float and type(limit) is not int:
            raise mismatch("BudgetConsumedPayload.limit", "number", limit)
        remaining = get("remaining")
        if remaining is not None and type(remaining) is not float and type(remaining) is not int:
            raise mismatch("BudgetConsumedPayload.remaining", "number", remaining)
        self = blank(cls)
        fields = self.__dict__
        fields["dimension"] = dimension
        fields["consumed"] = consumed
        fields["limit"] = limit
        fields["remaining"] = remaining
        known = _BUDGET_CONSUMED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_BUDGET_THRESHOLD_CROSSED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["consumed", "dimension", "limit", "percent"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class BudgetThresholdCrossedPayload(Payload):
    """What `budget.threshold-crossed` carries.

    Attributes:
        dimension: Which part of the budget. Required.
        consumed: What has been spent, in the unit of the dimension. Required.
        limit: The limit, in the unit of the dimension. Required.
        percent: How much of the limit is spent, in percent. Required.

    Section: v1-events.md §3.9; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    dimension: Literal["tokens", "cost", "toolCalls", "retries"] | str | None = None
    consumed: float | None = None
    limit: float | None = None
    percent: float | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "BudgetThresholdCrossedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "BudgetThresholdCrossedPayload")
        get = data.get
        dimension = get("dimension")
        if dimension is not None and type(dimension) is not str:
            raise mismatch("BudgetThresholdCrossedPayload.dimension", "str", dimension)
        consumed = get("consumed")
        if consumed is not None and type(consumed) is not float and type(consumed) is not int:
            raise mismatch("BudgetThresholdCrossedPayload.consumed", "number", consumed)
        limit = get("limit")
        if limit is not None and type(limit) is not float and type(limit) is not int:
            raise mismatch("BudgetThresholdCrossedPayload.limit", "number", limit)
        percent = get("percent")
        if percent is not None and type(percent) is not float and type(percent) is not int:
            raise mismatch("BudgetThresholdCrossedPayload.percent", "number", percent)
        self = blank(cls)
        fields = self.__dict__
        fields["dimension"] = dimension
        fields["consumed"] = consumed
        fields["limit"] = limit
        fields["percent"] = percent
        known = _BUDGET_THRESHOLD_CROSSED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_BUDGET_EXHAUSTED_PAYLOAD: Final[frozenset[str]] = frozenset(["consumed", "dimension", "limit"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class BudgetExhaustedPayload(Payload):
    """What `budget.exhausted` carries.

    Attributes:
        dimension: Which part of the budget. Required.
        consumed: What has been spent, in the unit of the dimension. Required.
        limit: The limit, in the unit of the dimension. Required.

    Section: v1-events.md §3.9; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    dimension: Literal["tokens", "cost", "toolCalls", "retries"] | str | None = None
    consumed: float | None = None
    limit: float | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "BudgetExhaustedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "BudgetExhaustedPayload")
        get = data.get
        dimension = get("dimension")
        if dimension is not None and type(dimension) is not str:
            raise mismatch("BudgetExhaustedPayload.dimension", "str", dimension)
        consumed = get("consumed")
        if consumed is not None and type(consumed) is not float and type(consumed) is not int:
            raise mismatch("BudgetExhaustedPayload.consumed", "number", consumed)
        limit = get("limit")
        if limit is not None and type(limit) is not float and type(limit) is not int:
            raise mismatch("BudgetExhaustedPayload.limit", "number", limit)
        self = blank(cls)
        fields = self.__dict__
        fields["dimension"] = dimension
        fields["consumed"] = consumed
        fields["limit"] = limit
        known = _BUDGET_EXHAUSTED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_NEGOTIATION_DECIDED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["at", "floor", "outcome", "peerDigest", "protocol", "reason", "requested", "version"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class NegotiationDecidedPayload(Payload):
    """What `negotiation.decided` carries.

    Attributes:
        protocol: Which protocol. Required.
        outcome: How it ended. Required.
        at: When it was decided. Required.
        reason: Why.
        version: The version that was agreed on.
        floor: The lowest version that the host accepts.
        peer_digest: A digest that stands for the peer.
        requested: The version that the peer asked for.

    Section: v2-events.md, "Tools, connectors, triggers, budget, authorization, interop".
    """

    protocol: Literal["a2a", "mcp"] | str | None = None
    outcome: Literal["accepted", "refused"] | str | None = None
    at: str | None = None
    reason: Literal["below-floor", "unauthenticated", "unsupported", "ok"] | str | None = None
    version: str | None = None
    floor: str | None = None
    peer_digest: str | None = attrs.field(default=None, metadata=on_wire("peerDigest"))
    requested: str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "NegotiationDecidedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "NegotiationDecidedPayload")
        get = data.get
        protocol = get("protocol")
        if protocol is not None and type(protocol) is not str:
            raise mismatch("NegotiationDecidedPayload.protocol", "str", protocol)
        outcome = get("outcome")
        if outcome is not None and type(outcome) is not str:
            raise mismatch("NegotiationDecidedPayload.outcome", "str", outcome)
        at = get("at")
        if at is not None and type(at) is not str:
            raise mismatch("NegotiationDecidedPayload.at", "str", at)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("NegotiationDecidedPayload.reason", "str", reason)
        version = get("version")
        if version is not None and type(version) is not str:
            raise mismatch("NegotiationDecidedPayload.version", "str", version)
        floor = get("floor")
        if floor is not None and type(floor) is not str:
            raise mismatch("NegotiationDecidedPayload.floor", "str", floor)
        peer_digest = get("peerDigest")
        if peer_digest is not None and type(peer_digest) is not str:
            raise mismatch("NegotiationDecidedPayload.peerDigest", "str", peer_digest)
        requested = get("requested")
        if requested is not None and type(requested) is not str:
            raise mismatch("NegotiationDecidedPayload.requested", "str", requested)
        self = blank(cls)
        fields = self.__dict__
        fields["protocol"] = protocol
        fields["outcome"] = outcome
        fields["at"] = at
        fields["reason"] = reason
        fields["version"] = version
        fields["floor"] = floor
        fields["peer_digest"] = peer_digest
        fields["requested"] = requested
        known = _NEGOTIATION_DECIDED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self
