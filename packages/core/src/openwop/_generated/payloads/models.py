"""What events carry.  Models, prompts and the envelopes around their answers."""

# ruff: noqa: PYI051  # the listed values are there for editors; any other is read too
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, Self

import attrs

from openwop.runtime._model import JSON, on_wire
from openwop.runtime._payload import (
    Payload,
    as_members,
    as_string_map,
    as_strings,
    blank,
    check_payload,
    set_extra,
    undeclared,
)
from openwop.runtime._structure import as_integer, mismatch

__all__ = [
    "EnvelopeNlToFormatEngagedPayload",
    "EnvelopeRecoveryAppliedPayload",
    "EnvelopeRefusalPayload",
    "EnvelopeRetryAttemptedPayload",
    "EnvelopeRetryExhaustedPayload",
    "EnvelopeTruncatedPayload",
    "ModelCapabilityInsufficientPayload",
    "ModelCapabilitySubstitutedPayload",
    "PromptComposedPayload",
    "ProviderUsagePayload",
]


_PROVIDER_USAGE_PAYLOAD: Final[frozenset[str]] = frozenset(
    [
        "cacheHit",
        "cacheReadTokens",
        "cacheWriteTokens",
        "costEstimateUsd",
        "currency",
        "inputTokens",
        "model",
        "nodeId",
        "outputTokens",
        "provider",
        "totalTokens",
        "traceId",
    ]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ProviderUsagePayload(Payload):
    """What `provider.usage` carries.

    Attributes:
        provider: The provider. Required.
        model: The model. Required.
        input_tokens: Tokens that were sent. Required.
        output_tokens: Tokens that were generated. Required.
        total_tokens: Tokens in all.
        cost_estimate_usd: The estimated cost, in US dollars.
        currency: The currency of the estimate, a three-letter code.
        cache_hit: Whether the provider answered from its cache.
        cache_read_tokens: Tokens read from the provider's cache.
        cache_write_tokens: Tokens written to the provider's cache.
        node_id: The node, as the workflow names it.
        trace_id: The trace, 32 hexadecimal digits.

    Section: v1-events.md §3.6; v2-events.md, "Models, prompts, AI envelopes".
    """

    provider: str | None = None
    model: str | None = None
    input_tokens: int | None = attrs.field(default=None, metadata=on_wire("inputTokens"))
    output_tokens: int | None = attrs.field(default=None, metadata=on_wire("outputTokens"))
    total_tokens: int | None = attrs.field(default=None, metadata=on_wire("totalTokens"))
    cost_estimate_usd: float | None = attrs.field(default=None, metadata=on_wire("costEstimateUsd"))
    currency: str | None = None
    cache_hit: bool | None = attrs.field(default=None, metadata=on_wire("cacheHit"))
    cache_read_tokens: int | None = attrs.field(default=None, metadata=on_wire("cacheReadTokens"))
    cache_write_tokens: int | None = attrs.field(default=None, metadata=on_wire("cacheWriteTokens"))
    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    trace_id: str | None = attrs.field(default=None, metadata=on_wire("traceId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ProviderUsagePayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ProviderUsagePayload")
        get = data.get
        provider = get("provider")
        if provider is not None and type(provider) is not str:
            raise mismatch("ProviderUsagePayload.provider", "str", provider)
        model = get("model")
        if model is not None and type(model) is not str:
            raise mismatch("ProviderUsagePayload.model", "str", model)
        input_tokens = get("inputTokens")
        if input_tokens is not None and type(input_tokens) is not int:
            input_tokens = as_integer(input_tokens, "ProviderUsagePayload.inputTokens")
        output_tokens = get("outputTokens")
        if output_tokens is not None and type(output_tokens) is not int:
            output_tokens = as_integer(output_tokens, "ProviderUsagePayload.outputTokens")
        total_tokens = get("totalTokens")
        if total_tokens is not None and type(total_tokens) is not int:
            total_tokens = as_integer(total_tokens, "ProviderUsagePayload.totalTokens")
        cost_estimate_usd = get("costEstimateUsd")
        if (
            cost_estimate_usd is not None
            and type(cost_estimate_usd) is not float
            and type(cost_estimate_usd) is not int
        ):
            raise mismatch("ProviderUsagePayload.costEstimateUsd", "number", cost_estimate_usd)
        currency = get("currency")
        if currency is not None and type(currency) is not str:
            raise mismatch("ProviderUsagePayload.currency", "str", currency)
        cache_hit = get("cacheHit")
        if cache_hit is not None and type(cache_hit) is not bool:
            raise mismatch("ProviderUsagePayload.cacheHit", "bool", cache_hit)
        cache_read_tokens = get("cacheReadTokens")
        if cache_read_tokens is not None and type(cache_read_tokens) is not int:
            cache_read_tokens = as_integer(
                cache_read_tokens, "ProviderUsagePayload.cacheReadTokens"
            )
        cache_write_tokens = get("cacheWriteTokens")
        if cache_write_tokens is not None and type(cache_write_tokens) is not int:
            cache_write_tokens = as_integer(
                cache_write_tokens, "ProviderUsagePayload.cacheWriteTokens"
            )
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("ProviderUsagePayload.nodeId", "str", node_id)
        trace_id = get("traceId")
        if trace_id is not None and type(trace_id) is not str:
            raise mismatch("ProviderUsagePayload.traceId", "str", trace_id)
        self = blank(cls)
        fields = self.__dict__
        fields["provider"] = provider
        fields["model"] = model
        fields["input_tokens"] = input_tokens
        fields["output_tokens"] = output_tokens
        fields["total_tokens"] = total_tokens
        fields["cost_estimate_usd"] = cost_estimate_usd
        fields["currency"] = currency
        fields["cache_hit"] = cache_hit
        fields["cache_read_tokens"] = cache_read_tokens
        fields["cache_write_tokens"] = cache_write_tokens
        fields["node_id"] = node_id
        fields["trace_id"] = trace_id
        known = _PROVIDER_USAGE_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_PROMPT_COMPOSED_PAYLOAD: Final[frozenset[str]] = frozenset(
    [
        "causationHostId",
        "composed",
        "contentTrust",
        "hash",
        "kind",
        "nodeId",
        "refs",
        "systemPrompt",
        "userPrompt",
        "variableBindings",
        "variableHashes",
    ]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class PromptComposedPayload(Payload):
    """What `prompt.composed` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        refs: The prompt templates that went into it. Required.
        kind: Of which kind. Required.
        hash: A digest of the composed prompt. Required.
        composed: The composed prompt, with full observability only.
        system_prompt: The system part, with full observability only.
        user_prompt: The user part, with full observability only.
        variable_bindings: The values of the template's variables, with full observability only.
        variable_hashes: A digest per variable.
        content_trust: Whether the content may be trusted.
        causation_host_id: The host of the event that caused this one, when it is another host.

    Section: v1-events.md §3.6; v2-events.md, "Models, prompts, AI envelopes".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    refs: list[str] | None = None
    kind: Literal["system+user", "system-only", "user-only", "agent-reasoning"] | str | None = None
    hash: str | None = None
    composed: str | None = None
    system_prompt: str | None = attrs.field(default=None, metadata=on_wire("systemPrompt"))
    user_prompt: str | None = attrs.field(default=None, metadata=on_wire("userPrompt"))
    variable_bindings: dict[str, JSON] | None = attrs.field(
        default=None, metadata=on_wire("variableBindings")
    )
    variable_hashes: dict[str, str] | None = attrs.field(
        default=None, metadata=on_wire("variableHashes")
    )
    content_trust: Literal["trusted", "untrusted"] | str | None = attrs.field(
        default=None, metadata=on_wire("contentTrust")
    )
    causation_host_id: str | None = attrs.field(default=None, metadata=on_wire("causationHostId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "PromptComposedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "PromptComposedPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("PromptComposedPayload.nodeId", "str", node_id)
        refs = get("refs")
        if refs is not None:
            refs = as_strings(refs, "PromptComposedPayload.refs")
        kind = get("kind")
        if kind is not None and type(kind) is not str:
            raise mismatch("PromptComposedPayload.kind", "str", kind)
        hash_ = get("hash")
        if hash_ is not None and type(hash_) is not str:
            raise mismatch("PromptComposedPayload.hash", "str", hash_)
        composed = get("composed")
        if composed is not None and type(composed) is not str:
            raise mismatch("PromptComposedPayload.composed", "str", composed)
        system_prompt = get("systemPrompt")
        if system_prompt is not None and type(system_prompt) is not str:
            raise mismatch("PromptComposedPayload.systemPrompt", "str", system_prompt)
        user_prompt = get("userPrompt")
        if user_prompt is not None and type(user_prompt) is not str:
            raise mismatch("PromptComposedPayload.userPrompt", "str", user_prompt)
        variable_bindings = get("variableBindings")
        if variable_bindings is not None and type(variable_bindings) is not dict:
            raise mismatch("PromptComposedPayload.variableBindings", "object", variable_bindings)
        variable_hashes = get("variableHashes")
        if variable_hashes is not None:
            variable_hashes = as_string_map(variable_hashes, "PromptComposedPayload.variableHashes")
        content_trust = get("contentTrust")
        if content_trust is not None and type(content_trust) is not str:
            raise mismatch("PromptComposedPayload.contentTrust", "str", content_trust)
        causation_host_id = get("causationHostId")
        if causation_host_id is not None and type(causation_host_id) is not str:
            raise mismatch("PromptComposedPayload.causationHostId", "str", causation_host_id)
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["refs"] = refs
        fields["kind"] = kind
        fields["hash"] = hash_
        fields["composed"] = composed
        fields["system_prompt"] = system_prompt
        fields["user_prompt"] = user_prompt
        fields["variable_bindings"] = variable_bindings
        fields["variable_hashes"] = variable_hashes
        fields["content_trust"] = content_trust
        fields["causation_host_id"] = causation_host_id
        known = _PROMPT_COMPOSED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_MODEL_CAPABILITY_SUBSTITUTED_PAYLOAD: Final[frozenset[str]] = frozenset(
    [
        "fallbackModel",
        "fallbackProvider",
        "missingCapabilities",
        "nodeId",
        "originalModel",
        "originalProvider",
    ]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ModelCapabilitySubstitutedPayload(Payload):
    """What `model.capability-substituted` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        original_provider: The provider that had been chosen. Required.
        original_model: The model that had been chosen. Required.
        fallback_provider: The provider that is used. Required.
        fallback_model: The model that is used. Required.
        missing_capabilities: What the model cannot do. Required.

    Section: v1-events.md §3.6; v2-events.md, "Models, prompts, AI envelopes".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    original_provider: str | None = attrs.field(default=None, metadata=on_wire("originalProvider"))
    original_model: str | None = attrs.field(default=None, metadata=on_wire("originalModel"))
    fallback_provider: str | None = attrs.field(default=None, metadata=on_wire("fallbackProvider"))
    fallback_model: str | None = attrs.field(default=None, metadata=on_wire("fallbackModel"))
    missing_capabilities: list[str] | None = attrs.field(
        default=None, metadata=on_wire("missingCapabilities")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "ModelCapabilitySubstitutedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "ModelCapabilitySubstitutedPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("ModelCapabilitySubstitutedPayload.nodeId", "str", node_id)
        original_provider = get("originalProvider")
        if original_provider is not None and type(original_provider) is not str:
            raise mismatch(
                "ModelCapabilitySubstitutedPayload.originalProvider", "str", original_provider
            )
        original_model = get("originalModel")
        if original_model is not None and type(original_model) is not str:
            raise mismatch("ModelCapabilitySubstitutedPayload.originalModel", "str", original_model)
        fallback_provider = get("fallbackProvider")
        if fallback_provider is not None and type(fallback_provider) is not str:
            raise mismatch(
                "ModelCapabilitySubstitutedPayload.fallbackProvider", "str", fallback_provider
            )
        fallback_model = get("fallbackModel")
        if fallback_model is not None and type(fallback_model) is not str:
            raise mismatch("ModelCapabilitySubstitutedPayload.fallbackModel", "str", fallback_model)
        missing_capabilities = get("missingCapabilities")
        if missing_capabilities is not None:
            missing_capabilities = as_strings(
                missing_capabilities, "ModelCapabilitySubstitutedPayload.missingCapabilities"
            )
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["original_provider"] = original_provider
        fields["original_model"] = original_model
        fields["fallback_provider"] = fallback_provider
        fields["fallback_model"] = fallback_model
        fields["missing_capabilities"] = missing_capabilities
        known = _MODEL_CAPABILITY_SUBSTITUTED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_MODEL_CAPABILITY_INSUFFICIENT_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["fallbackAttempted", "missingCapabilities", "model", "nodeId", "provider"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ModelCapabilityInsufficientPayload(Payload):
    """What `model.capability-insufficient` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        provider: The provider. Required.
        model: The model. Required.
        missing_capabilities: What the model cannot do. Required.
        fallback_attempted: Whether another model was tried.

    Section: v1-events.md §3.6; v2-events.md, "Models, prompts, AI envelopes".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    provider: str | None = None
    model: str | None = None
    missing_capabilities: list[str] | None = attrs.field(
        default=None, metadata=on_wire("missingCapabilities")
    )
    fallback_attempted: bool | None = attrs.field(
        default=None, metadata=on_wire("fallbackAttempted")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "ModelCapabilityInsufficientPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "ModelCapabilityInsufficientPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("ModelCapabilityInsufficientPayload.nodeId", "str", node_id)
        provider = get("provider")
        if provider is not None and type(provider) is not str:
            raise mismatch("ModelCapabilityInsufficientPayload.provider", "str", provider)
        model = get("model")
        if model is not None and type(model) is not str:
            raise mismatch("ModelCapabilityInsufficientPayload.model", "str", model)
        missing_capabilities = get("missingCapabilities")
        if missing_capabilities is not None:
            missing_capabilities = as_strings(
                missing_capabilities, "ModelCapabilityInsufficientPayload.missingCapabilities"
            )
        fallback_attempted = get("fallbackAttempted")
        if fallback_attempted is not None and type(fallback_attempted) is not bool:
            raise mismatch(
                "ModelCapabilityInsufficientPayload.fallbackAttempted", "bool", fallback_attempted
            )
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["provider"] = provider
        fields["model"] = model
        fields["missing_capabilities"] = missing_capabilities
        fields["fallback_attempted"] = fallback_attempted
        known = _MODEL_CAPABILITY_INSUFFICIENT_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_ENVELOPE_RETRY_ATTEMPTED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["attempt", "nodeId", "previousError", "reason"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class EnvelopeRetryAttemptedPayload(Payload):
    """What `envelope.retry-attempted` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        attempt: Which attempt this is; the first one emits nothing. Required.
        reason: Why. Required.
        previous_error: What the attempt before failed with.

    Section: v1-events.md §3.8; v2-events.md, "Models, prompts, AI envelopes".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    attempt: int | None = None
    reason: (
        Literal[
            "schema-violation",
            "truncation",
            "type-drift",
            "type-mismatch",
            "refusal",
            "parse-error",
            "unknown",
        ]
        | str
        | None
    ) = None
    previous_error: str | None = attrs.field(default=None, metadata=on_wire("previousError"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "EnvelopeRetryAttemptedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "EnvelopeRetryAttemptedPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("EnvelopeRetryAttemptedPayload.nodeId", "str", node_id)
        attempt = get("attempt")
        if attempt is not None and type(attempt) is not int:
            attempt = as_integer(attempt, "EnvelopeRetryAttemptedPayload.attempt")
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("EnvelopeRetryAttemptedPayload.reason", "str", reason)
        previous_error = get("previousError")
        if previous_error is not None and type(previous_error) is not str:
            raise mismatch("EnvelopeRetryAttemptedPayload.previousError", "str", previous_error)
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["attempt"] = attempt
        fields["reason"] = reason
        fields["previous_error"] = previous_error
        known = _ENVELOPE_RETRY_ATTEMPTED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_ENVELOPE_RETRY_EXHAUSTED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["finalError", "finalReason", "nodeId", "totalAttempts"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class EnvelopeRetryExhaustedPayload(Payload):
    """What `envelope.retry-exhausted` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        total_attempts: How many attempts were made. Required.
        final_reason: Why the last attempt was not usable. Required.
        final_error: What the last attempt failed with.

    Section: v1-events.md §3.8; v2-events.md, "Models, prompts, AI envelopes".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    total_attempts: int | None = attrs.field(default=None, metadata=on_wire("totalAttempts"))
    final_reason: (
        Literal[
            "schema-violation",
            "truncation",
            "type-drift",
            "type-mismatch",
            "refusal",
            "parse-error",
            "unknown",
        ]
        | str
        | None
    ) = attrs.field(default=None, metadata=on_wire("finalReason"))
    final_error: str | None = attrs.field(default=None, metadata=on_wire("finalError"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "EnvelopeRetryExhaustedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "EnvelopeRetryExhaustedPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("EnvelopeRetryExhaustedPayload.nodeId", "str", node_id)
        total_attempts = get("totalAttempts")
        if total_attempts is not None and type(total_attempts) is not int:
            total_attempts = as_integer(
                total_attempts, "EnvelopeRetryExhaustedPayload.totalAttempts"
            )
        final_reason = get("finalReason")
        if final_reason is not None and type(final_reason) is not str:
            raise mismatch("EnvelopeRetryExhaustedPayload.finalReason", "str", final_reason)
        final_error = get("finalError")
        if final_error is not None and type(final_error) is not str:
            raise mismatch("EnvelopeRetryExhaustedPayload.finalError", "str", final_error)
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["total_attempts"] = total_attempts
        fields["final_reason"] = final_reason
        fields["final_error"] = final_error
        known = _ENVELOPE_RETRY_EXHAUSTED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_ENVELOPE_REFUSAL_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["model", "nodeId", "provider", "refusalText", "safetyCategory"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class EnvelopeRefusalPayload(Payload):
    """What `envelope.refusal` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        provider: The provider. Required.
        model: The model. Required.
        refusal_text: What the model said, redacted.
        safety_category: What kind of safety rule it was.

    Section: v1-events.md §3.8; v2-events.md, "Models, prompts, AI envelopes".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    provider: str | None = None
    model: str | None = None
    refusal_text: str | None = attrs.field(default=None, metadata=on_wire("refusalText"))
    safety_category: str | None = attrs.field(default=None, metadata=on_wire("safetyCategory"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "EnvelopeRefusalPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "EnvelopeRefusalPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("EnvelopeRefusalPayload.nodeId", "str", node_id)
        provider = get("provider")
        if provider is not None and type(provider) is not str:
            raise mismatch("EnvelopeRefusalPayload.provider", "str", provider)
        model = get("model")
        if model is not None and type(model) is not str:
            raise mismatch("EnvelopeRefusalPayload.model", "str", model)
        refusal_text = get("refusalText")
        if refusal_text is not None and type(refusal_text) is not str:
            raise mismatch("EnvelopeRefusalPayload.refusalText", "str", refusal_text)
        safety_category = get("safetyCategory")
        if safety_category is not None and type(safety_category) is not str:
            raise mismatch("EnvelopeRefusalPayload.safetyCategory", "str", safety_category)
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["provider"] = provider
        fields["model"] = model
        fields["refusal_text"] = refusal_text
        fields["safety_category"] = safety_category
        known = _ENVELOPE_REFUSAL_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_ENVELOPE_TRUNCATED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["model", "nodeId", "outputTokenCount", "partialPayloadAvailable", "provider", "stopReason"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class EnvelopeTruncatedPayload(Payload):
    """What `envelope.truncated` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        provider: The provider. Required.
        model: The model. Required.
        stop_reason: Why the output ended. Required.
        partial_payload_available: Whether something usable came before the cut.
        output_token_count: How many tokens came before the cut.

    Section: v1-events.md §3.8; v2-events.md, "Models, prompts, AI envelopes".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    provider: str | None = None
    model: str | None = None
    stop_reason: Literal["max_tokens", "length", "stop_sequence", "unknown"] | str | None = (
        attrs.field(default=None, metadata=on_wire("stopReason"))
    )
    partial_payload_available: bool | None = attrs.field(
        default=None, metadata=on_wire("partialPayloadAvailable")
    )
    output_token_count: int | None = attrs.field(default=None, metadata=on_wire("outputTokenCount"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "EnvelopeTruncatedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "EnvelopeTruncatedPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("EnvelopeTruncatedPayload.nodeId", "str", node_id)
        provider = get("provider")
        if provider is not None and type(provider) is not str:
            raise mismatch("EnvelopeTruncatedPayload.provider", "str", provider)
        model = get("model")
        if model is not None and type(model) is not str:
            raise mismatch("EnvelopeTruncatedPayload.model", "str", model)
        stop_reason = get("stopReason")
        if stop_reason is not None and type(stop_reason) is not str:
            raise mismatch("EnvelopeTruncatedPayload.stopReason", "str", stop_reason)
        partial_payload_available = get("partialPayloadAvailable")
        if partial_payload_available is not None and type(partial_payload_available) is not bool:
            raise mismatch(
                "EnvelopeTruncatedPayload.partialPayloadAvailable",
                "bool",
                partial_payload_available,
            )
        output_token_count = get("outputTokenCount")
        if output_token_count is not None and type(output_token_count) is not int:
            output_token_count = as_integer(
                output_token_count, "EnvelopeTruncatedPayload.outputTokenCount"
            )
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["provider"] = provider
        fields["model"] = model
        fields["stop_reason"] = stop_reason
        fields["partial_payload_available"] = partial_payload_available
        fields["output_token_count"] = output_token_count
        known = _ENVELOPE_TRUNCATED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_ENVELOPE_NL_TO_FORMAT_ENGAGED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["fallbackCalls", "nodeId", "originalEnvelopeType"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class EnvelopeNlToFormatEngagedPayload(Payload):
    """What `envelope.nl-to-format-engaged` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        original_envelope_type: The format that was wanted. Required.
        fallback_calls: How many further calls it took.

    Section: v1-events.md §3.8; v2-events.md, "Models, prompts, AI envelopes".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    original_envelope_type: str | None = attrs.field(
        default=None, metadata=on_wire("originalEnvelopeType")
    )
    fallback_calls: int | None = attrs.field(default=None, metadata=on_wire("fallbackCalls"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "EnvelopeNlToFormatEngagedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "EnvelopeNlToFormatEngagedPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("EnvelopeNlToFormatEngagedPayload.nodeId", "str", node_id)
        original_envelope_type = get("originalEnvelopeType")
        if original_envelope_type is not None and type(original_envelope_type) is not str:
            raise mismatch(
                "EnvelopeNlToFormatEngagedPayload.originalEnvelopeType",
                "str",
                original_envelope_type,
            )
        fallback_calls = get("fallbackCalls")
        if fallback_calls is not None and type(fallback_calls) is not int:
            fallback_calls = as_integer(
                fallback_calls, "EnvelopeNlToFormatEngagedPayload.fallbackCalls"
            )
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["original_envelope_type"] = original_envelope_type
        fields["fallback_calls"] = fallback_calls
        known = _ENVELOPE_NL_TO_FORMAT_ENGAGED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_ENVELOPE_RECOVERY_APPLIED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["byteOffset", "nodeId", "path"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class EnvelopeRecoveryAppliedPayload(Payload):
    """What `envelope.recovery-applied` carries.

    Attributes:
        node_id: The node, as the workflow names it. Required.
        path: How it was repaired. Required.
        byte_offset: Where the repair began.

    Section: v1-events.md §3.8; v2-events.md, "Models, prompts, AI envelopes".
    """

    node_id: str | None = attrs.field(default=None, metadata=on_wire("nodeId"))
    path: (
        Literal["direct", "jsonrepair", "markdown-fence", "brace-walker", "custom"] | str | None
    ) = None
    byte_offset: int | None = attrs.field(default=None, metadata=on_wire("byteOffset"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "EnvelopeRecoveryAppliedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "EnvelopeRecoveryAppliedPayload")
        get = data.get
        node_id = get("nodeId")
        if node_id is not None and type(node_id) is not str:
            raise mismatch("EnvelopeRecoveryAppliedPayload.nodeId", "str", node_id)
        path = get("path")
        if path is not None and type(path) is not str:
            raise mismatch("EnvelopeRecoveryAppliedPayload.path", "str", path)
        byte_offset = get("byteOffset")
        if byte_offset is not None and type(byte_offset) is not int:
            byte_offset = as_integer(byte_offset, "EnvelopeRecoveryAppliedPayload.byteOffset")
        self = blank(cls)
        fields = self.__dict__
        fields["node_id"] = node_id
        fields["path"] = path
        fields["byte_offset"] = byte_offset
        known = _ENVELOPE_RECOVERY_APPLIED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self
