"""Agents: what they think, call, decide and remember."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop._generated.events._base import RunEvent

if TYPE_CHECKING:
    from openwop._generated.payloads.agents import (
        AgentDecidedPayload,
        AgentHandoffPayload,
        AgentInvocationCompletedPayload,
        AgentInvocationStartedPayload,
        AgentMemoryConsolidatedPayload,
        AgentPromptResolvedPayload,
        AgentReasonedPayload,
        AgentReasoningDeltaPayload,
        AgentToolCalledPayload,
        AgentToolReturnedPayload,
        AgentVerifiedPayload,
        CommitmentFiredPayload,
        GoalClosedPayload,
        GoalEvaluatedPayload,
        OrchestratorDecidedPayload,
        RosterRunInitiatedPayload,
        WorkflowChainConfidenceEscalatedPayload,
        WorkflowChainEventPayload,
    )

__all__ = [
    "AgentDecided",
    "AgentHandoff",
    "AgentInvocationCompleted",
    "AgentInvocationStarted",
    "AgentMemoryConsolidated",
    "AgentPromptResolved",
    "AgentReasoned",
    "AgentReasoningDelta",
    "AgentToolCalled",
    "AgentToolReturned",
    "AgentVerified",
    "CommitmentFired",
    "GoalClosed",
    "GoalEvaluated",
    "OrchestratorDecided",
    "RosterRunInitiated",
    "WorkflowChainConfidenceEscalated",
    "WorkflowChainEvent",
]


class AgentInvocationStarted(RunEvent):
    """An agent was set to work.

    Spelled `agent.invocation.started` in major 1. Stream modes: debug. Sent by hosts that
    advertise `agents.liveRuntime`.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    __slots__ = ()
    TYPE = "agent.invocation-started"
    PAYLOAD = "openwop._generated.payloads.agents:AgentInvocationStartedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> AgentInvocationStartedPayload:
            """What `agent.invocation-started` carries."""
            ...


class AgentInvocationCompleted(RunEvent):
    """An agent's work ended.

    Spelled `agent.invocation.completed` in major 1. Stream modes: debug. Sent by hosts that
    advertise `agents.liveRuntime`.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    __slots__ = ()
    TYPE = "agent.invocation-completed"
    PAYLOAD = "openwop._generated.payloads.agents:AgentInvocationCompletedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> AgentInvocationCompletedPayload:
            """What `agent.invocation-completed` carries."""
            ...


class AgentReasoned(RunEvent):
    """An agent finished a block of reasoning.

    Stream modes: debug. Sent by hosts that advertise `agents`.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    __slots__ = ()
    TYPE = "agent.reasoned"
    PAYLOAD = "openwop._generated.payloads.agents:AgentReasonedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> AgentReasonedPayload:
            """What `agent.reasoned` carries."""
            ...


class AgentReasoningDelta(RunEvent):
    """A piece of an agent's reasoning, as it comes.

    Spelled `agent.reasoning.delta` in major 1. Stream modes: debug. Sent by hosts that advertise
    `agents.reasoning.streaming`.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    __slots__ = ()
    TYPE = "agent.reasoning-delta"
    PAYLOAD = "openwop._generated.payloads.agents:AgentReasoningDeltaPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> AgentReasoningDeltaPayload:
            """What `agent.reasoning-delta` carries."""
            ...


class AgentToolCalled(RunEvent):
    """An agent called a tool.

    Spelled `agent.toolCalled` in major 1. Stream modes: debug.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    __slots__ = ()
    TYPE = "agent.tool-called"
    PAYLOAD = "openwop._generated.payloads.agents:AgentToolCalledPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> AgentToolCalledPayload:
            """What `agent.tool-called` carries."""
            ...


class AgentToolReturned(RunEvent):
    """A tool answered an agent's call.

    Spelled `agent.toolReturned` in major 1. Stream modes: debug.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    __slots__ = ()
    TYPE = "agent.tool-returned"
    PAYLOAD = "openwop._generated.payloads.agents:AgentToolReturnedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> AgentToolReturnedPayload:
            """What `agent.tool-returned` carries."""
            ...


class AgentHandoff(RunEvent):
    """An agent passed control to another.

    Stream modes: debug.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    __slots__ = ()
    TYPE = "agent.handoff"
    PAYLOAD = "openwop._generated.payloads.agents:AgentHandoffPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> AgentHandoffPayload:
            """What `agent.handoff` carries."""
            ...


class AgentDecided(RunEvent):
    """An agent took a decision.

    Stream modes: debug.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    __slots__ = ()
    TYPE = "agent.decided"
    PAYLOAD = "openwop._generated.payloads.agents:AgentDecidedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> AgentDecidedPayload:
            """What `agent.decided` carries."""
            ...


class AgentVerified(RunEvent):
    """A verifier judged a result.

    Stream modes: debug. Sent by hosts that advertise `multiAgent.executionModel`.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    __slots__ = ()
    TYPE = "agent.verified"
    PAYLOAD = "openwop._generated.payloads.agents:AgentVerifiedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> AgentVerifiedPayload:
            """What `agent.verified` carries."""
            ...


class AgentPromptResolved(RunEvent):
    """The prompt of one slot of an agent was chosen.

    Spelled `agent.promptResolved` in major 1. Stream modes: debug. Sent by hosts that advertise
    `prompts`.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    __slots__ = ()
    TYPE = "agent.prompt-resolved"
    PAYLOAD = "openwop._generated.payloads.agents:AgentPromptResolvedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> AgentPromptResolvedPayload:
            """What `agent.prompt-resolved` carries."""
            ...


class AgentMemoryConsolidated(RunEvent):
    """Entries of an agent's memory were merged.

    Spelled `agent.memory.consolidated` in major 1. Stream modes: debug. Sent by hosts that
    advertise `agents.memoryConsolidation`.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    __slots__ = ()
    TYPE = "agent.memory-consolidated"
    PAYLOAD = "openwop._generated.payloads.agents:AgentMemoryConsolidatedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> AgentMemoryConsolidatedPayload:
            """What `agent.memory-consolidated` carries."""
            ...


class OrchestratorDecided(RunEvent):
    """A supervisor chose what happens next.

    Spelled `runOrchestrator.decided` in major 1. Stream modes: debug.

    Section: v1-events.md §3.7; v2-events.md, "Agents".
    """

    __slots__ = ()
    TYPE = "orchestrator.decided"
    PAYLOAD = "openwop._generated.payloads.agents:OrchestratorDecidedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> OrchestratorDecidedPayload:
            """What `orchestrator.decided` carries."""
            ...


class WorkflowChainEvent(RunEvent):
    """A step in the life of a child that a supervisor dispatched.

    Spelled `core.workflowChain.event` in major 1. Stream modes: debug. Sent by hosts that
    advertise `multiAgent.executionModel`.

    Section: v1-events.md §3.7; v2-events.md, "Agents".
    """

    __slots__ = ()
    TYPE = "workflow-chain.event"
    PAYLOAD = "openwop._generated.payloads.agents:WorkflowChainEventPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> WorkflowChainEventPayload:
            """What `workflow-chain.event` carries."""
            ...


class WorkflowChainConfidenceEscalated(RunEvent):
    """A supervisor was not sure enough, and a human is asked.

    Spelled `core.workflowChain.confidence-escalated` in major 1. Stream modes: debug. Sent by
    hosts that advertise `multiAgent.executionModel`.

    Section: v1-events.md §3.7; v2-events.md, "Agents".
    """

    __slots__ = ()
    TYPE = "workflow-chain.confidence-escalated"
    PAYLOAD = "openwop._generated.payloads.agents:WorkflowChainConfidenceEscalatedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> WorkflowChainConfidenceEscalatedPayload:
            """What `workflow-chain.confidence-escalated` carries."""
            ...


class RosterRunInitiated(RunEvent):
    """A standing agent of the roster started this run.

    Spelled `roster.run.initiated` in major 1. Stream modes: debug. Sent by hosts that advertise
    `agents.roster`.

    Section: v1-events.md §3.9; v2-events.md, "Agents".
    """

    __slots__ = ()
    TYPE = "roster.run-initiated"
    PAYLOAD = "openwop._generated.payloads.agents:RosterRunInitiatedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> RosterRunInitiatedPayload:
            """What `roster.run-initiated` carries."""
            ...


class GoalEvaluated(RunEvent):
    """A goal was checked against what the run has reached.

    Stream modes: updates, values, debug in major 1; debug in major 2. Sent by hosts that
    advertise `agents.goals`.

    Section: v1-events.md §3.9; v2-events.md, "Agents".
    """

    __slots__ = ()
    TYPE = "goal.evaluated"
    PAYLOAD = "openwop._generated.payloads.agents:GoalEvaluatedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> GoalEvaluatedPayload:
            """What `goal.evaluated` carries."""
            ...


class GoalClosed(RunEvent):
    """A goal will not be pursued further.

    Stream modes: updates, values, debug in major 1; debug in major 2. Sent by hosts that
    advertise `agents.goals`.

    Section: v1-events.md §3.9; v2-events.md, "Agents".
    """

    __slots__ = ()
    TYPE = "goal.closed"
    PAYLOAD = "openwop._generated.payloads.agents:GoalClosedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> GoalClosedPayload:
            """What `goal.closed` carries."""
            ...


class CommitmentFired(RunEvent):
    """Something that an agent had promised to do came due.

    Stream modes: debug. Sent by hosts that advertise `agents.commitments`.

    Section: v1-events.md §3.6; v2-events.md, "Agents".
    """

    __slots__ = ()
    TYPE = "commitment.fired"
    PAYLOAD = "openwop._generated.payloads.agents:CommitmentFiredPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> CommitmentFiredPayload:
            """What `commitment.fired` carries."""
            ...
