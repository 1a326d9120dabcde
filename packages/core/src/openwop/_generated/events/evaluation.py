"""Evaluation, deployment, proposals and imports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openwop._generated.events._base import RunEvent

if TYPE_CHECKING:
    from openwop._generated.payloads.evaluation import (
        DeploymentCanaryAdjustedPayload,
        DeploymentPromotedPayload,
        DeploymentRolledBackPayload,
        DeploymentStateChangedPayload,
        EvalCompletedPayload,
        EvalScoredPayload,
        EvalStartedPayload,
        ImportAppliedPayload,
        ProposalActivatedPayload,
        ProposalCreatedPayload,
    )

__all__ = [
    "DeploymentCanaryAdjusted",
    "DeploymentPromoted",
    "DeploymentRolledBack",
    "DeploymentStateChanged",
    "EvalCompleted",
    "EvalScored",
    "EvalStarted",
    "ImportApplied",
    "ProposalActivated",
    "ProposalCreated",
]


class EvalStarted(RunEvent):
    """An evaluation run began on its suite.

    Stream modes: updates, values, debug. Sent by hosts that advertise `agents.evalSuite`.

    Section: v1-events.md §3.9; v2-events.md, "Evaluation, deployment, proposals, portability".
    """

    __slots__ = ()
    TYPE = "eval.started"
    PAYLOAD = "openwop._generated.payloads.evaluation:EvalStartedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> EvalStartedPayload:
            """What `eval.started` carries."""
            ...


class EvalScored(RunEvent):
    """One task of an evaluation got its score.

    Stream modes: updates, values, debug. Sent by hosts that advertise `agents.evalSuite`.

    Section: v1-events.md §3.9; v2-events.md, "Evaluation, deployment, proposals, portability".
    """

    __slots__ = ()
    TYPE = "eval.scored"
    PAYLOAD = "openwop._generated.payloads.evaluation:EvalScoredPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> EvalScoredPayload:
            """What `eval.scored` carries."""
            ...


class EvalCompleted(RunEvent):
    """An evaluation run has its verdict.

    Stream modes: updates, values, debug. Sent by hosts that advertise `agents.evalSuite`.

    Section: v1-events.md §3.9; v2-events.md, "Evaluation, deployment, proposals, portability".
    """

    __slots__ = ()
    TYPE = "eval.completed"
    PAYLOAD = "openwop._generated.payloads.evaluation:EvalCompletedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> EvalCompletedPayload:
            """What `eval.completed` carries."""
            ...


class DeploymentPromoted(RunEvent):
    """A version of an agent was promoted.

    Stream modes: updates, values, debug. Sent by hosts that advertise `agents.deployment`.

    Section: v1-events.md §3.9; v2-events.md, "Evaluation, deployment, proposals, portability".
    """

    __slots__ = ()
    TYPE = "deployment.promoted"
    PAYLOAD = "openwop._generated.payloads.evaluation:DeploymentPromotedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> DeploymentPromotedPayload:
            """What `deployment.promoted` carries."""
            ...


class DeploymentRolledBack(RunEvent):
    """An agent went back to an earlier version.

    Stream modes: updates, values, debug. Sent by hosts that advertise `agents.deployment`.

    Section: v1-events.md §3.9; v2-events.md, "Evaluation, deployment, proposals, portability".
    """

    __slots__ = ()
    TYPE = "deployment.rolled-back"
    PAYLOAD = "openwop._generated.payloads.evaluation:DeploymentRolledBackPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> DeploymentRolledBackPayload:
            """What `deployment.rolled-back` carries."""
            ...


class DeploymentCanaryAdjusted(RunEvent):
    """The share of work that a canary version gets was changed.

    Spelled `deployment.canary.adjusted` in major 1. Stream modes: updates, values, debug. Sent by
    hosts that advertise `agents.deployment`.

    Section: v1-events.md §3.9; v2-events.md, "Evaluation, deployment, proposals, portability".
    """

    __slots__ = ()
    TYPE = "deployment.canary-adjusted"
    PAYLOAD = "openwop._generated.payloads.evaluation:DeploymentCanaryAdjustedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> DeploymentCanaryAdjustedPayload:
            """What `deployment.canary-adjusted` carries."""
            ...


class DeploymentStateChanged(RunEvent):
    """A version of an agent moved to another state.

    Spelled `deployment.state.changed` in major 1. Stream modes: updates, values, debug. Sent by
    hosts that advertise `agents.deployment`.

    Section: v1-events.md §3.9; v2-events.md, "Evaluation, deployment, proposals, portability".
    """

    __slots__ = ()
    TYPE = "deployment.state-changed"
    PAYLOAD = "openwop._generated.payloads.evaluation:DeploymentStateChangedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> DeploymentStateChangedPayload:
            """What `deployment.state-changed` carries."""
            ...


class ProposalCreated(RunEvent):
    """The host proposes a change that it learned from runs.

    Stream modes: updates, values, debug in major 1; debug in major 2. Sent by hosts that
    advertise `agents.proposals`.

    Section: v1-events.md §3.9; v2-events.md, "Evaluation, deployment, proposals, portability".
    """

    __slots__ = ()
    TYPE = "proposal.created"
    PAYLOAD = "openwop._generated.payloads.evaluation:ProposalCreatedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ProposalCreatedPayload:
            """What `proposal.created` carries."""
            ...


class ProposalActivated(RunEvent):
    """A proposal was approved and installed.

    Stream modes: updates, values, debug in major 1; debug in major 2. Sent by hosts that
    advertise `agents.proposals`.

    Section: v1-events.md §3.9; v2-events.md, "Evaluation, deployment, proposals, portability".
    """

    __slots__ = ()
    TYPE = "proposal.activated"
    PAYLOAD = "openwop._generated.payloads.evaluation:ProposalActivatedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ProposalActivatedPayload:
            """What `proposal.activated` carries."""
            ...


class ImportApplied(RunEvent):
    """An export bundle was imported.

    Stream modes: updates, values, debug in major 1; debug in major 2. Sent by hosts that
    advertise `portability`.

    Section: v1-events.md §3.4; v2-events.md, "Evaluation, deployment, proposals, portability".
    """

    __slots__ = ()
    TYPE = "import.applied"
    PAYLOAD = "openwop._generated.payloads.evaluation:ImportAppliedPayload"

    if TYPE_CHECKING:

        @property
        def payload(self) -> ImportAppliedPayload:
            """What `import.applied` carries."""
            ...
