"""What can be read about a run besides: v1.md sections 7.4, 15, 24; v2.md sections 11.2, 15, 16."""

from __future__ import annotations

from openwop_wire.case import (
    INVALID,
    V1_RUN,
    V1_RUN_PATH,
    V2_RUN,
    V2_RUN_PATH,
    Case,
    Fault,
    Wire,
    both_runs,
)

_ANCESTRY = "multiAgent.executionModel.crossHostCausation.ancestryEndpointSupported"

CASES: tuple[Case, ...] = (
    Case(
        "diffRun",
        "runs.diff",
        {},
        v1=Wire(
            "GET",
            f"/v1/runs/{V1_RUN_PATH}:diff?against=other%2F2",
            arguments={"run_id": V1_RUN, "against": "other/2"},
            answer={"a": "a", "b": "b", "divergedAtSeq": None, "eventDiffs": [], "stateDiff": {}},
            sees={"a": "a", "diverged_at_seq": None, "event_diffs": []},
            optional=True,
            fault=INVALID,
        ),
        v2=Wire(
            "GET",
            f"/runs/{V2_RUN_PATH}:diff?against=acme~2Fr-2222222222222222",
            arguments={"run_id": V2_RUN, "against": "acme/r-2222222222222222"},
            answer={
                "a": V2_RUN,
                "b": "acme/r-2222222222222222",
                "divergedAtSeq": 3,
                "eventDiffs": [{"seq": 3, "op": "changed", "aEvent": {}, "bEvent": {}}],
                "stateDiff": {"status": ["completed", "failed"]},
                "truncated": True,
            },
            sees={
                "diverged_at_seq": 3,
                "event_diffs.0.op": "changed",
                "state_diff.status": ["completed", "failed"],
                "truncated": True,
            },
            optional=True,
            fault=Fault(403, "id_tenant_mismatch", "PermissionDeniedError"),
        ),
    ),
    both_runs(
        "getRunAncestry",
        "runs.ancestry",
        "GET",
        "/runs/{run}/ancestry",
        gates=(_ANCESTRY, _ANCESTRY),
        answer={
            "runId": "x",
            "hostId": "h1",
            "parent": {"runId": "p", "hostId": "h2", "cause": "core.dispatch"},
        },
        sees={"host_id": "h1", "parent.cause": "core.dispatch", "parent.run_id": "p"},
    ),
    both_runs(
        "getEvalSummary",
        "runs.eval_summary",
        "GET",
        "/runs/{run}/eval-summary",
        gates=("agents.evalSuite.supported", "agents.evalSuite"),
        answer={
            "suiteId": "s",
            "suiteVersion": "1.0.0",
            "aggregateScore": 0.75,
            "passed": True,
            "taskCount": 2,
            "passedCount": 2,
            "tasks": [
                {
                    "taskId": "t",
                    "score": 0.5,
                    "passed": True,
                    "safetyFindings": [{"kind": "pii", "severity": "low"}],
                }
            ],
            "regression": {"baselineRunId": "b", "scoreDelta": -0.25},
        },
        sees={
            "aggregate_score": 0.75,
            "tasks.0.task_id": "t",
            "tasks.0.safety_findings.0.severity": "low",
            "regression.score_delta": -0.25,
        },
        fault=Fault(409, "run_state_conflict", "ConflictError"),
    ),
    both_runs(
        "createAnnotation",
        "annotations.create",
        "POST",
        "/runs/{run}/annotations",
        {
            "signal": {"kind": "rating", "rating": 4},
            "target": {"nodeId": "n1"},
            "note": "good",
        },
        gates=("feedback.supported", "feedback"),
        body={
            "signal": {"kind": "rating", "rating": 4},
            "target": {"nodeId": "n1"},
            "note": "good",
        },
        key=True,
        status=201,
        answer={
            "annotationId": "a1",
            "target": {"runId": "x", "nodeId": "n1"},
            "signal": {"kind": "rating", "rating": 4},
            "actor": {"principalRef": "p1"},
            "note": "good",
            "createdAt": "2026-10-01T00:00:00Z",
        },
        sees={"annotation_id": "a1", "target.node_id": "n1", "actor.principal_ref": "p1"},
        fault=INVALID,
    ),
    both_runs(
        "listAnnotations",
        "annotations.list",
        "GET",
        "/runs/{run}/annotations",
        gates=("feedback.supported", "feedback"),
        answer={
            "annotations": [
                {
                    "annotationId": "a1",
                    "target": {"runId": "x"},
                    "signal": {"kind": "flag"},
                    "actor": {"principalRef": "p1"},
                    "createdAt": "2026-10-01T00:00:00Z",
                }
            ]
        },
        sees={"annotations.0.signal.kind": "flag"},
    ),
    both_runs(
        "getArtifact",
        "artifacts.get",
        "GET",
        "/runs/{run}/artifacts/a%2F1%3Fx",
        {"artifact_id": "a/1?x"},
        answer={"anything": [1, None]},
        sees={"": {"anything": [1, None]}},
    ),
    Case(
        "getDebugBundle",
        "runs.debug_bundle",
        {"run_id": V1_RUN},
        v1=Wire(
            "GET",
            f"/v1/runs/{V1_RUN_PATH}/debug-bundle",
            gate="debugBundle.supported",
            answer={
                "bundleVersion": "1",
                "generatedAt": "2026-10-01T00:00:00Z",
                "host": {"name": "h", "version": "1", "vendor": "v"},
                "run": {"runId": "x", "workflowId": "w", "status": "completed"},
                "events": [],
                "redactionApplied": True,
                "redactionMode": "mask",
                "truncated": False,
            },
            sees={"host.name": "h", "run.status": "completed", "redaction_mode": "mask"},
        ),
    ),
    Case(
        "getRunCompensation",
        "runs.compensation",
        {"run_id": V2_RUN},
        v2=Wire(
            "GET",
            f"/runs/{V2_RUN_PATH}/compensation",
            gate="compensation",
            answer={
                "runId": V2_RUN,
                "status": "manual-intervention",
                "plan": [{"nodeId": "n", "order": 0, "irreversibleEffect": True}],
                "attempts": [
                    {
                        "nodeId": "n",
                        "attempt": 1,
                        "outcome": "failed",
                        "at": "2026-10-01T00:00:00Z",
                        "reason": "no",
                    }
                ],
            },
            sees={
                "status": "manual-intervention",
                "plan.0.irreversible_effect": True,
                "attempts.0.reason": "no",
            },
        ),
    ),
    Case(
        "getRunEffects",
        "runs.effects",
        {"run_id": V2_RUN},
        v2=Wire(
            "GET",
            f"/runs/{V2_RUN_PATH}/effects",
            gate="idempotency",
            answer={
                "runId": V2_RUN,
                "effects": [
                    {
                        "effectId": "acme/e-1111111111111111",
                        "nodeId": "n",
                        "attempt": 1,
                        "keying": "activity-recipe",
                        "state": "completed",
                        "at": "2026-10-01T00:00:00Z",
                        "providerKey": "k",
                    }
                ],
            },
            sees={"effects.0.effect_id": "acme/e-1111111111111111", "effects.0.provider_key": "k"},
        ),
    ),
)
