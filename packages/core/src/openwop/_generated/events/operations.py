"""Tools, connectors, triggers, budgets and permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop._generated.events._base import HostEvent, RunEvent

if TYPE_CHECKING:
    from openwop._generated.payloads.operations import (
        AuthorizationDecidedPayload,
        BudgetConsumedPayload,
        BudgetExhaustedPayload,
        BudgetReservedPayload,
        BudgetThresholdCrossedPayload,
        ConnectorAuthExpiredPayload,
        ConnectorAuthorizedPayload,
        EgressDecidedPayload,
        NegotiationDecidedPayload,
        ToolSessionClosedPayload,
        ToolSessionOpenedPayload,
        TriggerDeliveryAttemptedPayload,
        TriggerSubscriptionStateChangedPayload,
    )

__all__ = [
    "AuthorizationDecided",
    "BudgetConsumed",
    "BudgetExhausted",
    "BudgetReserved",
    "BudgetThresholdCrossed",
    "ConnectorAuthExpired",
    "ConnectorAuthorized",
    "EgressDecided",
    "NegotiationDecided",
    "ToolSessionClosed",
    "ToolSessionOpened",
    "TriggerDeliveryAttempted",
    "TriggerSubscriptionStateChanged",
]


class ToolSessionOpened(RunEvent):
    """A session with a tool began.

    Spelled `tool.session.opened` in major 1. Stream modes: debug. Sent by hosts that advertise
    `toolCatalog.sessionLifecycle`.

    Section: v1-events.md §3.6; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    __slots__ = ()
    TYPE = "tool.session-opened"
    PAYLOAD = "openwop._generated.payloads.operations:ToolSessionOpenedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ToolSessionOpenedPayload:
            """What `tool.session-opened` carries."""
            ...


class ToolSessionClosed(RunEvent):
    """A session with a tool ended.

    Spelled `tool.session.closed` in major 1. Stream modes: debug. Sent by hosts that advertise
    `toolCatalog.sessionLifecycle`.

    Section: v1-events.md §3.6; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    __slots__ = ()
    TYPE = "tool.session-closed"
    PAYLOAD = "openwop._generated.payloads.operations:ToolSessionClosedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ToolSessionClosedPayload:
            """What `tool.session-closed` carries."""
            ...


class ConnectorAuthorized(RunEvent):
    """A connector was given access.

    Stream modes: debug. Sent by hosts that advertise `oauth`.

    Section: v1-events.md §3.6; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    __slots__ = ()
    TYPE = "connector.authorized"
    PAYLOAD = "openwop._generated.payloads.operations:ConnectorAuthorizedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ConnectorAuthorizedPayload:
            """What `connector.authorized` carries."""
            ...


class ConnectorAuthExpired(RunEvent):
    """The access of a connector ran out.

    Spelled `connector.auth_expired` in major 1. Stream modes: debug. Sent by hosts that advertise
    `oauth`.

    Section: v1-events.md §3.6; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    __slots__ = ()
    TYPE = "connector.auth-expired"
    PAYLOAD = "openwop._generated.payloads.operations:ConnectorAuthExpiredPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ConnectorAuthExpiredPayload:
            """What `connector.auth-expired` carries."""
            ...


class EgressDecided(RunEvent):
    """The host allowed or refused an outgoing request.

    Stream modes: debug. Sent by hosts that advertise `httpClient.egressPolicy`.

    Section: v1-events.md §3.6; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    __slots__ = ()
    TYPE = "egress.decided"
    PAYLOAD = "openwop._generated.payloads.operations:EgressDecidedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> EgressDecidedPayload:
            """What `egress.decided` carries."""
            ...


class AuthorizationDecided(RunEvent):
    """The host allowed or refused an action of somebody.

    Stream modes: debug. Sent by hosts that advertise `authorization`.

    Section: v1-events.md §3.5; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    __slots__ = ()
    TYPE = "authorization.decided"
    PAYLOAD = "openwop._generated.payloads.operations:AuthorizationDecidedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> AuthorizationDecidedPayload:
            """What `authorization.decided` carries."""
            ...


class TriggerSubscriptionStateChanged(RunEvent):
    """A trigger subscription moved to another state.

    Spelled `trigger.subscription.state.changed` in major 1. Stream modes: debug. Sent by hosts
    that advertise `triggerBridge`.

    Section: v1-events.md §3.9; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    __slots__ = ()
    TYPE = "trigger.subscription-state-changed"
    PAYLOAD = "openwop._generated.payloads.operations:TriggerSubscriptionStateChangedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> TriggerSubscriptionStateChangedPayload:
            """What `trigger.subscription-state-changed` carries."""
            ...


class TriggerDeliveryAttempted(RunEvent):
    """The host tried to deliver an outside event.

    Spelled `trigger.delivery.attempted` in major 1. Stream modes: debug. Sent by hosts that
    advertise `triggerBridge`.

    Section: v1-events.md §3.9; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    __slots__ = ()
    TYPE = "trigger.delivery-attempted"
    PAYLOAD = "openwop._generated.payloads.operations:TriggerDeliveryAttemptedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> TriggerDeliveryAttemptedPayload:
            """What `trigger.delivery-attempted` carries."""
            ...


class BudgetReserved(RunEvent):
    """The run was given its budget.

    Stream modes: debug. Sent by hosts that advertise `budget`.

    Section: v1-events.md §3.9; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    __slots__ = ()
    TYPE = "budget.reserved"
    PAYLOAD = "openwop._generated.payloads.operations:BudgetReservedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> BudgetReservedPayload:
            """What `budget.reserved` carries."""
            ...


class BudgetConsumed(RunEvent):
    """Some of the budget was spent.

    Stream modes: debug. Sent by hosts that advertise `budget`.

    Section: v1-events.md §3.9; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    __slots__ = ()
    TYPE = "budget.consumed"
    PAYLOAD = "openwop._generated.payloads.operations:BudgetConsumedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> BudgetConsumedPayload:
            """What `budget.consumed` carries."""
            ...


class BudgetThresholdCrossed(RunEvent):
    """A warning level of the budget was crossed.

    Spelled `budget.threshold.crossed` in major 1. Stream modes: debug. Sent by hosts that
    advertise `budget`.

    Section: v1-events.md §3.9; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    __slots__ = ()
    TYPE = "budget.threshold-crossed"
    PAYLOAD = "openwop._generated.payloads.operations:BudgetThresholdCrossedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> BudgetThresholdCrossedPayload:
            """What `budget.threshold-crossed` carries."""
            ...


class BudgetExhausted(RunEvent):
    """A part of the budget is used up.

    Stream modes: debug. Sent by hosts that advertise `budget`.

    Section: v1-events.md §3.9; v2-events.md, "Tools, connectors, triggers, budget, authorization,
    interop".
    """

    __slots__ = ()
    TYPE = "budget.exhausted"
    PAYLOAD = "openwop._generated.payloads.operations:BudgetExhaustedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> BudgetExhaustedPayload:
            """What `budget.exhausted` carries."""
            ...


class NegotiationDecided(RunEvent, HostEvent):
    """A version of an interoperability protocol was agreed on with a peer, or refused.

    Unknown in major 1. Stream modes: debug.

    Section: v2-events.md, "Tools, connectors, triggers, budget, authorization, interop".
    """

    __slots__ = ()
    TYPE = "negotiation.decided"
    PAYLOAD = "openwop._generated.payloads.operations:NegotiationDecidedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> NegotiationDecidedPayload:
            """What `negotiation.decided` carries."""
            ...
