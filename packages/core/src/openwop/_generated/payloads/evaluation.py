"""What events carry.  Evaluation, deployment, proposals and imports."""

# ruff: noqa: PYI051  # the listed values are there for editors; any other is read too
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, Self

import attrs

from openwop.runtime._model import on_wire
from openwop.runtime._payload import (
    Payload,
    as_members,
    as_string_map,
    as_strings,
    blank,
    check_payload,
    nested,
    set_extra,
    undeclared,
)
from openwop.runtime._structure import as_integer, mismatch

__all__ = [
    "DeploymentCanaryAdjustedPayload",
    "DeploymentPromotedPayload",
    "DeploymentRolledBackPayload",
    "DeploymentStateChangedPayload",
    "EvalCompletedPayload",
    "EvalScoredPayload",
    "EvalStartedPayload",
    "ImportAppliedPayload",
    "ImportCounts",
    "ProposalActivatedPayload",
    "ProposalCreatedPayload",
]


_IMPORT_COUNTS: Final[frozenset[str]] = frozenset(["created", "failed", "skipped", "updated"])


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ImportCounts(Payload):
    """How many entries of a bundle were created, updated, skipped and failed.

    Attributes:
        created: Entries that were new.
        updated: Entries that replaced older ones.
        skipped: Entries that were left alone.
        failed: Entries that could not be imported.

    Section: v1-events.md §3.4; v2-events.md, "Evaluation, deployment, proposals, portability".
    """

    created: int | None = None
    updated: int | None = None
    skipped: int | None = None
    failed: int | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ImportCounts", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ImportCounts")
        get = data.get
        created = get("created")
        if created is not None and type(created) is not int:
            created = as_integer(created, "ImportCounts.created")
        updated = get("updated")
        if updated is not None and type(updated) is not int:
            updated = as_integer(updated, "ImportCounts.updated")
        skipped = get("skipped")
        if skipped is not None and type(skipped) is not int:
            skipped = as_integer(skipped, "ImportCounts.skipped")
        failed = get("failed")
        if failed is not None and type(failed) is not int:
            failed = as_integer(failed, "ImportCounts.failed")
        self = blank(cls)
        fields = self.__dict__
        fields["created"] = created
        fields["updated"] = updated
        fields["skipped"] = skipped
        fields["failed"] = failed
        known = _IMPORT_COUNTS
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_EVAL_STARTED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["baselineRunId", "fixtureRuns", "modes", "suiteId", "suiteVersion", "taskCount"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class EvalStartedPayload(Payload):
    """What `eval.started` carries.

    Attributes:
        suite_id: The suite. Required.
        suite_version: The suite's version. Required.
        task_count: How many tasks there are. Required.
        modes: How the tasks are judged. Required.
        baseline_run_id: The run that results are compared with.
        fixture_runs: Recorded runs to evaluate, by task id. Major 2 only.

    Section: v1-events.md §3.9; v2-events.md, "Evaluation, deployment, proposals, portability".
    """

    suite_id: str | None = attrs.field(default=None, metadata=on_wire("suiteId"))
    suite_version: str | None = attrs.field(default=None, metadata=on_wire("suiteVersion"))
    task_count: int | None = attrs.field(default=None, metadata=on_wire("taskCount"))
    modes: (
        list[Literal["golden", "rubric", "adversarial", "regression", "live-shadow"] | str] | None
    ) = None
    baseline_run_id: str | None = attrs.field(default=None, metadata=on_wire("baselineRunId"))
    fixture_runs: dict[str, str] | None = attrs.field(default=None, metadata=on_wire("fixtureRuns"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "EvalStartedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "EvalStartedPayload")
        get = data.get
        suite_id = get("suiteId")
        if suite_id is not None and type(suite_id) is not str:
            raise mismatch("EvalStartedPayload.suiteId", "str", suite_id)
        suite_version = get("suiteVersion")
        if suite_version is not None and type(suite_version) is not str:
            raise mismatch("EvalStartedPayload.suiteVersion", "str", suite_version)
        task_count = get("taskCount")
        if task_count is not None and type(task_count) is not int:
            task_count = as_integer(task_count, "EvalStartedPayload.taskCount")
        modes = get("modes")
        if modes is not None:
            modes = as_strings(modes, "EvalStartedPayload.modes")
        baseline_run_id = get("baselineRunId")
        if baseline_run_id is not None and type(baseline_run_id) is not str:
            raise mismatch("EvalStartedPayload.baselineRunId", "str", baseline_run_id)
        fixture_runs = get("fixtureRuns")
        if fixture_runs is not None:
            fixture_runs = as_string_map(fixture_runs, "EvalStartedPayload.fixtureRuns")
        self = blank(cls)
        fields = self.__dict__
        fields["suite_id"] = suite_id
        fields["suite_version"] = suite_version
        fields["task_count"] = task_count
        fields["modes"] = modes
        fields["baseline_run_id"] = baseline_run_id
        fields["fixture_runs"] = fixture_runs
        known = _EVAL_STARTED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_EVAL_SCORED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["costUsd", "latencyMs", "passed", "safetyFindingCount", "schemaValid", "score", "taskId"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class EvalScoredPayload(Payload):
    """What `eval.scored` carries.

    Attributes:
        task_id: The task. Required.
        score: The score, from 0 to 1. Required.
        passed: Whether it passed. Required.
        cost_usd: The cost, in US dollars.
        latency_ms: How long it took, in milliseconds.
        schema_valid: Whether the output fits its schema.
        safety_finding_count: How many safety findings there were.

    Section: v1-events.md §3.9; v2-events.md, "Evaluation, deployment, proposals, portability".
    """

    task_id: str | None = attrs.field(default=None, metadata=on_wire("taskId"))
    score: float | None = None
    passed: bool | None = None
    cost_usd: float | None = attrs.field(default=None, metadata=on_wire("costUsd"))
    latency_ms: int | None = attrs.field(default=None, metadata=on_wire("latencyMs"))
    schema_valid: bool | None = attrs.field(default=None, metadata=on_wire("schemaValid"))
    safety_finding_count: int | None = attrs.field(
        default=None, metadata=on_wire("safetyFindingCount")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "EvalScoredPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "EvalScoredPayload")
        get = data.get
        task_id = get("taskId")
        if task_id is not None and type(task_id) is not str:
            raise mismatch("EvalScoredPayload.taskId", "str", task_id)
        score = get("score")
        if score is not None and type(score) is not float and type(score) is not int:
            raise mismatch("EvalScoredPayload.score", "number", score)
        passed = get("passed")
        if passed is not None and type(passed) is not bool:
            raise mismatch("EvalScoredPayload.passed", "bool", passed)
        cost_usd = get("costUsd")
        if cost_usd is not None and type(cost_usd) is not float and type(cost_usd) is not int:
            raise mismatch("EvalScoredPayload.costUsd", "number", cost_usd)
        latency_ms = get("latencyMs")
        if latency_ms is not None and type(latency_ms) is not int:
            latency_ms = as_integer(latency_ms, "EvalScoredPayload.latencyMs")
        schema_valid = get("schemaValid")
        if schema_valid is not None and type(schema_valid) is not bool:
            raise mismatch("EvalScoredPayload.schemaValid", "bool", schema_valid)
        safety_finding_count = get("safetyFindingCount")
        if safety_finding_count is not None and type(safety_finding_count) is not int:
            safety_finding_count = as_integer(
                safety_finding_count, "EvalScoredPayload.safetyFindingCount"
            )
        self = blank(cls)
        fields = self.__dict__
        fields["task_id"] = task_id
        fields["score"] = score
        fields["passed"] = passed
        fields["cost_usd"] = cost_usd
        fields["latency_ms"] = latency_ms
        fields["schema_valid"] = schema_valid
        fields["safety_finding_count"] = safety_finding_count
        known = _EVAL_SCORED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_EVAL_COMPLETED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["aggregateScore", "passed", "passedCount", "regressionVsBaseline", "taskCount"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class EvalCompletedPayload(Payload):
    """What `eval.completed` carries.

    Attributes:
        aggregate_score: The score over all tasks, from 0 to 1. Required.
        passed: Whether it passed. Required.
        task_count: How many tasks there are. Required.
        passed_count: How many tasks passed. Required.
        regression_vs_baseline: The score's change against the baseline, from -1 to 1.

    Section: v1-events.md §3.9; v2-events.md, "Evaluation, deployment, proposals, portability".
    """

    aggregate_score: float | None = attrs.field(default=None, metadata=on_wire("aggregateScore"))
    passed: bool | None = None
    task_count: int | None = attrs.field(default=None, metadata=on_wire("taskCount"))
    passed_count: int | None = attrs.field(default=None, metadata=on_wire("passedCount"))
    regression_vs_baseline: float | None = attrs.field(
        default=None, metadata=on_wire("regressionVsBaseline")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "EvalCompletedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "EvalCompletedPayload")
        get = data.get
        aggregate_score = get("aggregateScore")
        if (
            aggregate_score is not None
            and type(aggregate_score) is not float
            and type(aggregate_score) is not int
        ):
            raise mismatch("EvalCompletedPayload.aggregateScore", "number", aggregate_score)
        passed = get("passed")
        if passed is not None and type(passed) is not bool:
            raise mismatch("EvalCompletedPayload.passed", "bool", passed)
        task_count = get("taskCount")
        if task_count is not None and type(task_count) is not int:
            task_count = as_integer(task_count, "EvalCompletedPayload.taskCount")
        passed_count = get("passedCount")
        if passed_count is not None and type(passed_count) is not int:
            passed_count = as_integer(passed_count, "EvalCompletedPayload.passedCount")
        regression_vs_baseline = get("regressionVsBaseline")
        if (
            regression_vs_baseline is not None
            and type(regression_vs_baseline) is not float
            and type(regression_vs_baseline) is not int
        ):
            raise mismatch(
                "EvalCompletedPayload.regressionVsBaseline", "number", regression_vs_baseline
            )
        self = blank(cls)
        fields = self.__dict__
        fields["aggregate_score"] = aggregate_score
        fields["passed"] = passed
        fields["task_count"] = task_count
        fields["passed_count"] = passed_count
        fields["regression_vs_baseline"] = regression_vs_baseline
        known = _EVAL_COMPLETED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_DEPLOYMENT_PROMOTED_PAYLOAD: Final[frozenset[str]] = frozenset(
    [
        "agentId",
        "approvalGateId",
        "canaryPercent",
        "channel",
        "evalRunId",
        "fromVersion",
        "toState",
        "toVersion",
    ]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class DeploymentPromotedPayload(Payload):
    """What `deployment.promoted` carries.

    Attributes:
        agent_id: The agent. Required.
        from_version: The version before.
        to_version: The version after. Required.
        to_state: The state after. Required.
        channel: The channel.
        canary_percent: The share of work that the version gets, from 0 to 100.
        eval_run_id: The evaluation run that opened the gate.
        approval_gate_id: The approval gate that was passed.

    Section: v1-events.md §3.9; v2-events.md, "Evaluation, deployment, proposals, portability".
    """

    agent_id: str | None = attrs.field(default=None, metadata=on_wire("agentId"))
    from_version: str | None = attrs.field(default=None, metadata=on_wire("fromVersion"))
    to_version: str | None = attrs.field(default=None, metadata=on_wire("toVersion"))
    to_state: (
        Literal["draft", "test", "staged", "active", "paused", "deprecated", "rolled-back"]
        | str
        | None
    ) = attrs.field(default=None, metadata=on_wire("toState"))
    channel: str | None = None
    canary_percent: int | None = attrs.field(default=None, metadata=on_wire("canaryPercent"))
    eval_run_id: str | None = attrs.field(default=None, metadata=on_wire("evalRunId"))
    approval_gate_id: str | None = attrs.field(default=None, metadata=on_wire("approvalGateId"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "DeploymentPromotedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "DeploymentPromotedPayload")
        get = data.get
        agent_id = get("agentId")
        if agent_id is not None and type(agent_id) is not str:
            raise mismatch("DeploymentPromotedPayload.agentId", "str", agent_id)
        from_version = get("fromVersion")
        if from_version is not None and type(from_version) is not str:
            raise mismatch("DeploymentPromotedPayload.fromVersion", "str", from_version)
        to_version = get("toVersion")
        if to_version is not None and type(to_version) is not str:
            raise mismatch("DeploymentPromotedPayload.toVersion", "str", to_version)
        to_state = get("toState")
        if to_state is not None and type(to_state) is not str:
            raise mismatch("DeploymentPromotedPayload.toState", "str", to_state)
        channel = get("channel")
        if channel is not None and type(channel) is not str:
            raise mismatch("DeploymentPromotedPayload.channel", "str", channel)
        canary_percent = get("canaryPercent")
        if canary_percent is not None and type(canary_percent) is not int:
            canary_percent = as_integer(canary_percent, "DeploymentPromotedPayload.canaryPercent")
        eval_run_id = get("evalRunId")
        if eval_run_id is not None and type(eval_run_id) is not str:
            raise mismatch("DeploymentPromotedPayload.evalRunId", "str", eval_run_id)
        approval_gate_id = get("approvalGateId")
        if approval_gate_id is not None and type(approval_gate_id) is not str:
            raise mismatch("DeploymentPromotedPayload.approvalGateId", "str", approval_gate_id)
        self = blank(cls)
        fields = self.__dict__
        fields["agent_id"] = agent_id
        fields["from_version"] = from_version
        fields["to_version"] = to_version
        fields["to_state"] = to_state
        fields["channel"] = channel
        fields["canary_percent"] = canary_percent
        fields["eval_run_id"] = eval_run_id
        fields["approval_gate_id"] = approval_gate_id
        known = _DEPLOYMENT_PROMOTED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_DEPLOYMENT_ROLLED_BACK_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["agentId", "fromVersion", "reason", "rollbackPointer", "toVersion"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class DeploymentRolledBackPayload(Payload):
    """What `deployment.rolled-back` carries.

    Attributes:
        agent_id: The agent. Required.
        from_version: The version before. Required.
        to_version: The version after. Required.
        rollback_pointer: Where to roll back to. Required.
        reason: Why.

    Section: v1-events.md §3.9; v2-events.md, "Evaluation, deployment, proposals, portability".
    """

    agent_id: str | None = attrs.field(default=None, metadata=on_wire("agentId"))
    from_version: str | None = attrs.field(default=None, metadata=on_wire("fromVersion"))
    to_version: str | None = attrs.field(default=None, metadata=on_wire("toVersion"))
    rollback_pointer: str | None = attrs.field(default=None, metadata=on_wire("rollbackPointer"))
    reason: str | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "DeploymentRolledBackPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "DeploymentRolledBackPayload")
        get = data.get
        agent_id = get("agentId")
        if agent_id is not None and type(agent_id) is not str:
            raise mismatch("DeploymentRolledBackPayload.agentId", "str", agent_id)
        from_version = get("fromVersion")
        if from_version is not None and type(from_version) is not str:
            raise mismatch("DeploymentRolledBackPayload.fromVersion", "str", from_version)
        to_version = get("toVersion")
        if to_version is not None and type(to_version) is not str:
            raise mismatch("DeploymentRolledBackPayload.toVersion", "str", to_version)
        rollback_pointer = get("rollbackPointer")
        if rollback_pointer is not None and type(rollback_pointer) is not str:
            raise mismatch("DeploymentRolledBackPayload.rollbackPointer", "str", rollback_pointer)
        reason = get("reason")
        if reason is not None and type(reason) is not str:
            raise mismatch("DeploymentRolledBackPayload.reason", "str", reason)
        self = blank(cls)
        fields = self.__dict__
        fields["agent_id"] = agent_id
        fields["from_version"] = from_version
        fields["to_version"] = to_version
        fields["rollback_pointer"] = rollback_pointer
        fields["reason"] = reason
        known = _DEPLOYMENT_ROLLED_BACK_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_DEPLOYMENT_CANARY_ADJUSTED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["agentId", "fromPercent", "toPercent", "version"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class DeploymentCanaryAdjustedPayload(Payload):
    """What `deployment.canary-adjusted` carries.

    Attributes:
        agent_id: The agent. Required.
        version: The version. Required.
        from_percent: The share before, in percent. Required.
        to_percent: The share after, in percent. Required.

    Section: v1-events.md §3.9; v2-events.md, "Evaluation, deployment, proposals, portability".
    """

    agent_id: str | None = attrs.field(default=None, metadata=on_wire("agentId"))
    version: str | None = None
    from_percent: int | None = attrs.field(default=None, metadata=on_wire("fromPercent"))
    to_percent: int | None = attrs.field(default=None, metadata=on_wire("toPercent"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "DeploymentCanaryAdjustedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "DeploymentCanaryAdjustedPayload")
        get = data.get
        agent_id = get("agentId")
        if agent_id is not None and type(agent_id) is not str:
            raise mismatch("DeploymentCanaryAdjustedPayload.agentId", "str", agent_id)
        version = get("version")
        if version is not None and type(version) is not str:
            raise mismatch("DeploymentCanaryAdjustedPayload.version", "str", version)
        from_percent = get("fromPercent")
        if from_percent is not None and type(from_percent) is not int:
            from_percent = as_integer(from_percent, "DeploymentCanaryAdjustedPayload.fromPercent")
        to_percent = get("toPercent")
        if to_percent is not None and type(to_percent) is not int:
            to_percent = as_integer(to_percent, "DeploymentCanaryAdjustedPayload.toPercent")
        self = blank(cls)
        fields = self.__dict__
        fields["agent_id"] = agent_id
        fields["version"] = version
        fields["from_percent"] = from_percent
        fields["to_percent"] = to_percent
        known = _DEPLOYMENT_CANARY_ADJUSTED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_DEPLOYMENT_STATE_CHANGED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["agentId", "fromState", "toState", "version"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class DeploymentStateChangedPayload(Payload):
    """What `deployment.state-changed` carries.

    Attributes:
        agent_id: The agent. Required.
        version: The version. Required.
        from_state: The state before. Required.
        to_state: The state after. Required.

    Section: v1-events.md §3.9; v2-events.md, "Evaluation, deployment, proposals, portability".
    """

    agent_id: str | None = attrs.field(default=None, metadata=on_wire("agentId"))
    version: str | None = None
    from_state: (
        Literal["draft", "test", "staged", "active", "paused", "deprecated", "rolled-back"]
        | str
        | None
    ) = attrs.field(default=None, metadata=on_wire("fromState"))
    to_state: (
        Literal["draft", "test", "staged", "active", "paused", "deprecated", "rolled-back"]
        | str
        | None
    ) = attrs.field(default=None, metadata=on_wire("toState"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload(
                "openwop._generated.payloads", "DeploymentStateChangedPayload", data, variant
            )
        if not isinstance(data, dict):
            data = as_members(data, "DeploymentStateChangedPayload")
        get = data.get
        agent_id = get("agentId")
        if agent_id is not None and type(agent_id) is not str:
            raise mismatch("DeploymentStateChangedPayload.agentId", "str", agent_id)
        version = get("version")
        if version is not None and type(version) is not str:
            raise mismatch("DeploymentStateChangedPayload.version", "str", version)
        from_state = get("fromState")
        if from_state is not None and type(from_state) is not str:
            raise mismatch("DeploymentStateChangedPayload.fromState", "str", from_state)
        to_state = get("toState")
        if to_state is not None and type(to_state) is not str:
            raise mismatch("DeploymentStateChangedPayload.toState", "str", to_state)
        self = blank(cls)
        fields = self.__dict__
        fields["agent_id"] = agent_id
        fields["version"] = version
        fields["from_state"] = from_state
        fields["to_state"] = to_state
        known = _DEPLOYMENT_STATE_CHANGED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_PROPOSAL_CREATED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["duplicateOf", "kind", "proposalId", "sourceRunIds"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ProposalCreatedPayload(Payload):
    """What `proposal.created` carries.

    Attributes:
        proposal_id: The proposal. Required.
        kind: Of which kind. Required.
        source_run_ids: The runs that it was learned from.
        duplicate_of: The proposal that says the same.

    Section: v1-events.md §3.9; v2-events.md, "Evaluation, deployment, proposals, portability".
    """

    proposal_id: str | None = attrs.field(default=None, metadata=on_wire("proposalId"))
    kind: (
        Literal["agent-pack", "workflow-chain-pack", "prompt-template", "automation"] | str | None
    ) = None
    source_run_ids: list[str] | None = attrs.field(default=None, metadata=on_wire("sourceRunIds"))
    duplicate_of: str | None = attrs.field(default=None, metadata=on_wire("duplicateOf"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ProposalCreatedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ProposalCreatedPayload")
        get = data.get
        proposal_id = get("proposalId")
        if proposal_id is not None and type(proposal_id) is not str:
            raise mismatch("ProposalCreatedPayload.proposalId", "str", proposal_id)
        kind = get("kind")
        if kind is not None and type(kind) is not str:
            raise mismatch("ProposalCreatedPayload.kind", "str", kind)
        source_run_ids = get("sourceRunIds")
        if source_run_ids is not None:
            source_run_ids = as_strings(source_run_ids, "ProposalCreatedPayload.sourceRunIds")
        duplicate_of = get("duplicateOf")
        if duplicate_of is not None and type(duplicate_of) is not str:
            raise mismatch("ProposalCreatedPayload.duplicateOf", "str", duplicate_of)
        self = blank(cls)
        fields = self.__dict__
        fields["proposal_id"] = proposal_id
        fields["kind"] = kind
        fields["source_run_ids"] = source_run_ids
        fields["duplicate_of"] = duplicate_of
        known = _PROPOSAL_CREATED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_PROPOSAL_ACTIVATED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["approvalId", "installedArtifactRef", "kind", "proposalId"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ProposalActivatedPayload(Payload):
    """What `proposal.activated` carries.

    Attributes:
        proposal_id: The proposal. Required.
        kind: Of which kind. Required.
        approval_id: The approval, or null when none was needed.
        installed_artifact_ref: What was installed. Required.

    Section: v1-events.md §3.9; v2-events.md, "Evaluation, deployment, proposals, portability".
    """

    proposal_id: str | None = attrs.field(default=None, metadata=on_wire("proposalId"))
    kind: (
        Literal["agent-pack", "workflow-chain-pack", "prompt-template", "automation"] | str | None
    ) = None
    approval_id: str | None = attrs.field(default=None, metadata=on_wire("approvalId"))
    installed_artifact_ref: str | None = attrs.field(
        default=None, metadata=on_wire("installedArtifactRef")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ProposalActivatedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ProposalActivatedPayload")
        get = data.get
        proposal_id = get("proposalId")
        if proposal_id is not None and type(proposal_id) is not str:
            raise mismatch("ProposalActivatedPayload.proposalId", "str", proposal_id)
        kind = get("kind")
        if kind is not None and type(kind) is not str:
            raise mismatch("ProposalActivatedPayload.kind", "str", kind)
        approval_id = get("approvalId")
        if approval_id is not None and type(approval_id) is not str:
            raise mismatch("ProposalActivatedPayload.approvalId", "str", approval_id)
        installed_artifact_ref = get("installedArtifactRef")
        if installed_artifact_ref is not None and type(installed_artifact_ref) is not str:
            raise mismatch(
                "ProposalActivatedPayload.installedArtifactRef", "str", installed_artifact_ref
            )
        self = blank(cls)
        fields = self.__dict__
        fields["proposal_id"] = proposal_id
        fields["kind"] = kind
        fields["approval_id"] = approval_id
        fields["installed_artifact_ref"] = installed_artifact_ref
        known = _PROPOSAL_ACTIVATED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self


_IMPORT_APPLIED_PAYLOAD: Final[frozenset[str]] = frozenset(
    ["bundleOrigin", "counts", "secretsToRebind"]
)


@attrs.frozen(kw_only=True, repr=False, slots=False)
class ImportAppliedPayload(Payload):
    """What `import.applied` carries.

    Attributes:
        bundle_origin: The host that the bundle came from. Required.
        counts: What became of its entries. Required.
        secrets_to_rebind: Secrets that must be given again; names only.

    Section: v1-events.md §3.4; v2-events.md, "Evaluation, deployment, proposals, portability".
    """

    bundle_origin: str | None = attrs.field(default=None, metadata=on_wire("bundleOrigin"))
    counts: ImportCounts | None = None
    secrets_to_rebind: list[str] | None = attrs.field(
        default=None, metadata=on_wire("secretsToRebind")
    )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], *, strict: bool = False, variant: str = "") -> Self:
        """Return the payload that *data* is; `Payload.from_dict` says more."""
        if strict:
            check_payload("openwop._generated.payloads", "ImportAppliedPayload", data, variant)
        if not isinstance(data, dict):
            data = as_members(data, "ImportAppliedPayload")
        get = data.get
        bundle_origin = get("bundleOrigin")
        if bundle_origin is not None and type(bundle_origin) is not str:
            raise mismatch("ImportAppliedPayload.bundleOrigin", "str", bundle_origin)
        counts = get("counts")
        if counts is not None:
            counts = nested(ImportCounts, counts, "ImportAppliedPayload.counts")
        secrets_to_rebind = get("secretsToRebind")
        if secrets_to_rebind is not None:
            secrets_to_rebind = as_strings(
                secrets_to_rebind, "ImportAppliedPayload.secretsToRebind"
            )
        self = blank(cls)
        fields = self.__dict__
        fields["bundle_origin"] = bundle_origin
        fields["counts"] = counts
        fields["secrets_to_rebind"] = secrets_to_rebind
        known = _IMPORT_APPLIED_PAYLOAD
        set_extra(self, {} if known.issuperset(data) else undeclared(data, known))
        return self
