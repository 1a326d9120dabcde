"""The durable log: its entries, the catalogue of types, and what each stream mode lets through.

The log is kept in the vocabulary of major 1 (v1-events.md); `MODERN` names the types that major 2
spells otherwise (v1-to-v2.md).
"""

from __future__ import annotations

from typing import Final

import attrs

from openwop_testing._json import JsonObject

__all__ = ["LEGACY", "MODERN", "TERMINAL", "UPDATES", "LogEvent", "modern"]

TERMINAL: Final = frozenset({"run.completed", "run.failed", "run.cancelled"})

UPDATES: Final = frozenset(
    {
        *TERMINAL,
        "run.started",
        "run.paused",
        "run.resumed",
        "workspace.updated",
        "node.completed",
        "node.failed",
        "node.skipped",
        "node.suspended",
        "node.dispatched",
        "approval.requested",
        "approval.received",
        "clarification.requested",
        "clarification.resolved",
        "interrupt.requested",
        "interrupt.resolved",
        "artifact.created",
        "eval.started",
        "eval.scored",
        "eval.completed",
        "deployment.promoted",
        "deployment.rolled-back",
        "deployment.canary.adjusted",
        "deployment.state.changed",
        "proposal.created",
        "proposal.activated",
        "goal.evaluated",
        "goal.closed",
        "import.applied",
    }
)

MODERN: Final[dict[str, str]] = {
    "run.resuming": "run.resume-started",
    "run.dead_lettered": "run.dead-lettered",
    "replay.divergedAtRefusal": "replay.diverged-at-refusal",
    "agent.reasoning.delta": "agent.reasoning-delta",
    "agent.promptResolved": "agent.prompt-resolved",
    "model.capability.substituted": "model.capability-substituted",
    "model.capability.insufficient": "model.capability-insufficient",
    "envelope.retry.attempted": "envelope.retry-attempted",
    "envelope.retry.exhausted": "envelope.retry-exhausted",
    "envelope.nlToFormat.engaged": "envelope.nl-to-format-engaged",
    "envelope.recovery.applied": "envelope.recovery-applied",
    "agent.toolCalled": "agent.tool-called",
    "agent.toolReturned": "agent.tool-returned",
    "agent.invocation.started": "agent.invocation-started",
    "agent.invocation.completed": "agent.invocation-completed",
    "deployment.canary.adjusted": "deployment.canary-adjusted",
    "deployment.state.changed": "deployment.state-changed",
    "roster.run.initiated": "roster.run-initiated",
    "tool.session.opened": "tool.session-opened",
    "tool.session.closed": "tool.session-closed",
    "trigger.subscription.state.changed": "trigger.subscription-state-changed",
    "trigger.delivery.attempted": "trigger.delivery-attempted",
    "budget.threshold.crossed": "budget.threshold-crossed",
    "runOrchestrator.decided": "orchestrator.decided",
    "core.dispatch.fanOut": "dispatch.fanned-out",
    "core.dispatch.join": "dispatch.joined",
    "agent.memory.consolidated": "agent.memory-consolidated",
    "core.workflowChain.event": "workflow-chain.event",
    "core.workflowChain.confidence-escalated": "workflow-chain.confidence-escalated",
    "connector.auth_expired": "connector.auth-expired",
    "voice.speech_start": "voice.speech-start",
    "voice.endpoint_candidate": "voice.endpoint-candidate",
    "voice.turn_commit": "voice.turn-commit",
    "voice.synthesis_chunk": "voice.synthesis-chunk",
    "voice.barge_in": "voice.barge-in",
    "compensation.manual_intervention_required": "compensation.manual-intervention-required",
}
LEGACY: Final[dict[str, str]] = {new: old for old, new in MODERN.items()}


def modern(event_type: str) -> str:
    """Return major 2's spelling of an event type."""
    return MODERN.get(event_type, event_type)


@attrs.frozen(eq=False)
class LogEvent:
    """One entry of a run's log, with bare ids and the names of major 1.

    Attributes:
        event_id: The entry's own id.
        run_id: The run it belongs to.
        type: The event type.
        payload: What the type carries; never changed once it is in the log.
        at: The Unix time of the entry, in seconds.
        sequence: Its place in the log; the first is 0.
        node_id: The node it is about, where it is about one.
        causation_id: The event or delivery that caused it.
        modern: The payload in major 2, where it is not the same with other ids.
    """

    event_id: str
    run_id: str
    type: str
    payload: JsonObject
    at: float
    sequence: int
    node_id: str | None = None
    causation_id: str | None = None
    modern: JsonObject | None = None
