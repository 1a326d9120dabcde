"""Models, prompts and the envelopes around their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop._generated.events._base import RunEvent

if TYPE_CHECKING:
    from openwop._generated.payloads.models import (
        EnvelopeNlToFormatEngagedPayload,
        EnvelopeRecoveryAppliedPayload,
        EnvelopeRefusalPayload,
        EnvelopeRetryAttemptedPayload,
        EnvelopeRetryExhaustedPayload,
        EnvelopeTruncatedPayload,
        ModelCapabilityInsufficientPayload,
        ModelCapabilitySubstitutedPayload,
        PromptComposedPayload,
        ProviderUsagePayload,
    )

__all__ = [
    "EnvelopeNlToFormatEngaged",
    "EnvelopeRecoveryApplied",
    "EnvelopeRefusal",
    "EnvelopeRetryAttempted",
    "EnvelopeRetryExhausted",
    "EnvelopeTruncated",
    "ModelCapabilityInsufficient",
    "ModelCapabilitySubstituted",
    "PromptComposed",
    "ProviderUsage",
]


class ProviderUsage(RunEvent):
    """What one call of a model provider consumed.

    Stream modes: debug. Sent by hosts that advertise `providerUsage`.

    Section: v1-events.md §3.6; v2-events.md, "Models, prompts, AI envelopes".
    """

    __slots__ = ()
    TYPE = "provider.usage"
    PAYLOAD = "openwop._generated.payloads.models:ProviderUsagePayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ProviderUsagePayload:
            """What `provider.usage` carries."""
            ...


class PromptComposed(RunEvent):
    """A prompt was put together for a model call.

    Stream modes: debug. Sent by hosts that advertise `prompts`.

    Section: v1-events.md §3.6; v2-events.md, "Models, prompts, AI envelopes".
    """

    __slots__ = ()
    TYPE = "prompt.composed"
    PAYLOAD = "openwop._generated.payloads.models:PromptComposedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> PromptComposedPayload:
            """What `prompt.composed` carries."""
            ...


class ModelCapabilitySubstituted(RunEvent):
    """Another model was used because the chosen one cannot do what the node needs.

    Spelled `model.capability.substituted` in major 1. Stream modes: debug. Sent by hosts that
    advertise `modelCapabilities`.

    Section: v1-events.md §3.6; v2-events.md, "Models, prompts, AI envelopes".
    """

    __slots__ = ()
    TYPE = "model.capability-substituted"
    PAYLOAD = "openwop._generated.payloads.models:ModelCapabilitySubstitutedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ModelCapabilitySubstitutedPayload:
            """What `model.capability-substituted` carries."""
            ...


class ModelCapabilityInsufficient(RunEvent):
    """No model at hand can do what the node needs; the node fails next.

    Spelled `model.capability.insufficient` in major 1. Stream modes: debug. Sent by hosts that
    advertise `modelCapabilities`.

    Section: v1-events.md §3.6; v2-events.md, "Models, prompts, AI envelopes".
    """

    __slots__ = ()
    TYPE = "model.capability-insufficient"
    PAYLOAD = "openwop._generated.payloads.models:ModelCapabilityInsufficientPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ModelCapabilityInsufficientPayload:
            """What `model.capability-insufficient` carries."""
            ...


class EnvelopeRetryAttempted(RunEvent):
    """A model's answer was not usable and is asked for again.

    Spelled `envelope.retry.attempted` in major 1. Stream modes: debug. Sent by hosts that
    advertise `envelopes.reliability`.

    Section: v1-events.md §3.8; v2-events.md, "Models, prompts, AI envelopes".
    """

    __slots__ = ()
    TYPE = "envelope.retry-attempted"
    PAYLOAD = "openwop._generated.payloads.models:EnvelopeRetryAttemptedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> EnvelopeRetryAttemptedPayload:
            """What `envelope.retry-attempted` carries."""
            ...


class EnvelopeRetryExhausted(RunEvent):
    """No attempt gave a usable answer; the node fails next.

    Spelled `envelope.retry.exhausted` in major 1. Stream modes: debug. Sent by hosts that
    advertise `envelopes.reliability`.

    Section: v1-events.md §3.8; v2-events.md, "Models, prompts, AI envelopes".
    """

    __slots__ = ()
    TYPE = "envelope.retry-exhausted"
    PAYLOAD = "openwop._generated.payloads.models:EnvelopeRetryExhaustedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> EnvelopeRetryExhaustedPayload:
            """What `envelope.retry-exhausted` carries."""
            ...


class EnvelopeRefusal(RunEvent):
    """The model refused; that is never retried.

    Stream modes: debug. Sent by hosts that advertise `envelopes.reliability`.

    Section: v1-events.md §3.8; v2-events.md, "Models, prompts, AI envelopes".
    """

    __slots__ = ()
    TYPE = "envelope.refusal"
    PAYLOAD = "openwop._generated.payloads.models:EnvelopeRefusalPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> EnvelopeRefusalPayload:
            """What `envelope.refusal` carries."""
            ...


class EnvelopeTruncated(RunEvent):
    """The model's answer was cut off.

    Stream modes: debug. Sent by hosts that advertise `envelopes.reliability`.

    Section: v1-events.md §3.8; v2-events.md, "Models, prompts, AI envelopes".
    """

    __slots__ = ()
    TYPE = "envelope.truncated"
    PAYLOAD = "openwop._generated.payloads.models:EnvelopeTruncatedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> EnvelopeTruncatedPayload:
            """What `envelope.truncated` carries."""
            ...


class EnvelopeNlToFormatEngaged(RunEvent):
    """Prose was turned into the wanted format by a second model call.

    Spelled `envelope.nlToFormat.engaged` in major 1. Stream modes: debug. Sent by hosts that
    advertise `envelopes.reliability`.

    Section: v1-events.md §3.8; v2-events.md, "Models, prompts, AI envelopes".
    """

    __slots__ = ()
    TYPE = "envelope.nl-to-format-engaged"
    PAYLOAD = "openwop._generated.payloads.models:EnvelopeNlToFormatEngagedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> EnvelopeNlToFormatEngagedPayload:
            """What `envelope.nl-to-format-engaged` carries."""
            ...


class EnvelopeRecoveryApplied(RunEvent):
    """A malformed answer was repaired by lenient parsing.

    Spelled `envelope.recovery.applied` in major 1. Stream modes: debug. Sent by hosts that
    advertise `envelopes.reliability`.

    Section: v1-events.md §3.8; v2-events.md, "Models, prompts, AI envelopes".
    """

    __slots__ = ()
    TYPE = "envelope.recovery-applied"
    PAYLOAD = "openwop._generated.payloads.models:EnvelopeRecoveryAppliedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> EnvelopeRecoveryAppliedPayload:
            """What `envelope.recovery-applied` carries."""
            ...
