"""Runs: v1.md sections 7.2 and 7.3, v2.md sections 9 to 12."""

from __future__ import annotations

from openwop_wire.case import (
    INVALID,
    MISSING,
    V1_RUN,
    V1_RUN_PATH,
    V2_RUN,
    V2_RUN_PATH,
    Case,
    Fault,
    Wire,
    both_runs,
)

_OWNER = {
    "tenant": "acme",
    "subject": {
        "issuer": "urn:openwop:legacy",
        "subjectId": "u1",
        "tenant": "acme",
        "lane": "api-key",
        "kind": "user",
    },
}
_V2_SNAPSHOT = {
    "runId": V2_RUN,
    "workflowId": "release",
    "status": "waiting-approval",
    "owner": _OWNER,
    "eventLogSchemaVersion": 3,
    "engineVersion": 7,
    "currentNodeId": "gate",
    "variables": {"n": 1},
    "parentRunId": "acme/r-0000000000000000",
    "tags": ["t"],
    "metrics": {"openwopCost": {"usd": 0.5, "tokens": {"input": 3, "output": 4}}},
}
_EVENT = {
    "eventId": "e-0000000000000001",
    "runId": V2_RUN,
    "type": "agent.tool-called",
    "payload": {"toolName": "search", "callId": "c1"},
    "timestamp": "2026-10-01T00:00:00Z",
    "sequence": 4,
    "schemaVersion": 1,
}

CREATE = Case(
    "createRun",
    "runs.create",
    {
        "workflow_id": "release",
        "inputs": {"tag": "v1.2.3", "none": None},
        "tenant_id": "acme",
        "scope_id": "s-1",
        "callback_url": "https://c.example/cb",
        "residency": {"region": "eu"},
        "tags": ["a", "b"],
        "metadata": {"k": "v"},
        "configurable": {"recursionLimit": 9, "model": "m-1", "temperature": 0.5},
        "dedup": True,
        "force_engine_version": 3,
    },
    v1=Wire(
        "POST",
        "/v1/runs",
        status=201,
        body={
            "workflowId": "release",
            "inputs": {"tag": "v1.2.3", "none": None},
            "tenantId": "acme",
            "scopeId": "s-1",
            "callbackUrl": "https://c.example/cb",
            "residency": {"region": "eu"},
            "tags": ["a", "b"],
            "metadata": {"k": "v"},
            "configurable": {"recursionLimit": 9, "model": "m-1", "temperature": 0.5},
        },
        headers={"x-dedup": "enforce", "x-force-engine-version": "3"},
        key=True,
        answer={"runId": V1_RUN, "status": "pending", "eventsUrl": "/v1/runs/x/events"},
        sees={"run_id": V1_RUN, "status": "pending", "events_url": "/v1/runs/x/events"},
        fault=Fault(409, "run_already_active", "ConflictError"),
    ),
    v2=Wire(
        "POST",
        "/runs",
        arguments={
            "fixture_runs": {"task": V2_RUN},
            "run_secrets": [{"ref": "run:api", "value": "0123456789abcdef"}],
        },
        status=201,
        body={
            "workflowId": "release",
            "inputs": {"tag": "v1.2.3", "none": None},
            "tenantId": "acme",
            "scopeId": "s-1",
            "callbackUrl": "https://c.example/cb",
            "residency": {"region": "eu"},
            "tags": ["a", "b"],
            "metadata": {"k": "v"},
            "fixtureRuns": {"task": V2_RUN},
            "runSecrets": [{"ref": "run:api", "value": "0123456789abcdef"}],
            "configurable": {
                "version": 1,
                "run": {"recursionLimit": 9},
                "ai": {"model": "m-1", "temperature": 0.5},
            },
        },
        headers={"openwop-dedup": "enforce", "openwop-force-engine-version": "3"},
        key=True,
        answer={
            "runId": V2_RUN,
            "status": "running",
            "eventsUrl": f"/runs/{V2_RUN_PATH}/events",
            "statusUrl": f"/runs/{V2_RUN_PATH}",
        },
        sees={"run_id": V2_RUN, "status": "running", "status_url": f"/runs/{V2_RUN_PATH}"},
        fault=Fault(422, "capability_required", "UnprocessableEntityError"),
    ),
)

CREATE_EVAL = Case(
    "createRun",
    "runs.create",
    {"mode": "eval", "eval_suite_ref": "suite:x", "agent_id": "agent-1"},
    v1=Wire(
        "POST",
        "/v1/runs",
        status=201,
        body={"mode": "eval", "evalSuiteRef": "suite:x", "agentId": "agent-1"},
        key=True,
        answer={"runId": "r1", "status": "pending", "eventsUrl": "/e"},
        sees={"run_id": "r1"},
        fault=Fault(501, "capability_not_provided", "CapabilityNotSupportedError"),
    ),
    v2=Wire(
        "POST",
        "/runs",
        arguments={"eval_modes": ["golden", "regression"], "baseline_run_id": V2_RUN},
        status=201,
        body={
            "mode": "eval",
            "evalSuiteRef": "suite:x",
            "agentId": "agent-1",
            "evalModes": ["golden", "regression"],
            "baselineRunId": V2_RUN,
        },
        key=True,
        answer={"runId": V2_RUN, "status": "pending", "eventsUrl": "/e"},
        sees={"run_id": V2_RUN},
        fault=Fault(422, "capability_not_provided", "CapabilityNotSupportedError"),
    ),
)

CASES: tuple[Case, ...] = (
    CREATE,
    CREATE_EVAL,
    Case(
        "listRuns",
        "runs.list",
        {"limit": 2, "cursor": "c 1", "workflow_id": "release", "status": "waiting-approval"},
        v2=Wire(
            "GET",
            "/runs?limit=2&cursor=c%201&workflowId=release&status=waiting-approval",
            answer={"runs": [_V2_SNAPSHOT], "nextCursor": "n"},
            sees={"runs.0.run_id": V2_RUN, "next_cursor": "n"},
            gate="runList",
            fault=INVALID,
        ),
    ),
    Case(
        "getRun",
        "runs.get",
        {"if_none_match": '"7"'},
        v1=Wire(
            "GET",
            f"/v1/runs/{V1_RUN_PATH}",
            arguments={"run_id": V1_RUN},
            headers={"if-none-match": '"7"'},
            answer={
                "runId": V1_RUN,
                "workflowId": "release",
                "status": "failed",
                "engineVersion": "7",
                "eventLogSchemaVersion": 2,
                "error": {"code": "boom", "message": "It broke"},
                "owner": {"tenant": "acme", "principal": "p1"},
            },
            sees={
                "run_id": V1_RUN,
                "status": "failed",
                "error.code": "boom",
                "owner.principal": "p1",
                "engine_version": 7,
            },
        ),
        v2=Wire(
            "GET",
            f"/runs/{V2_RUN_PATH}",
            arguments={"run_id": V2_RUN},
            headers={"if-none-match": '"7"'},
            answer=_V2_SNAPSHOT,
            sees={
                "run_id": V2_RUN,
                "status": "waiting-approval",
                "current_node_id": "gate",
                "owner.subject.lane": "api-key",
                "parent_run_id": "acme/r-0000000000000000",
                "metrics.openwop_cost.tokens.output": 4,
                "engine_version": 7,
            },
            fault=Fault(403, "id_tenant_mismatch", "PermissionDeniedError"),
        ),
    ),
    Case(
        "streamRunEvents",
        "runs.stream",
        {"mode": "updates,debug", "buffer_ms": 250, "after": 3},
        v1=Wire(
            "GET",
            f"/v1/runs/{V1_RUN_PATH}/events?streamMode=updates%2Cdebug&bufferMs=250",
            arguments={"run_id": V1_RUN},
            headers={"last-event-id": "3"},
            accept="text/event-stream",
            answer=(
                b'id: 4\nevent: agent.toolCalled\ndata: {"eventId":"e4","runId":"r","type":'
                b'"agent.toolCalled","payload":{},"timestamp":"2026-10-01T00:00:00Z",'
                b'"sequence":4}\n\n'
                b'id: 5\nevent: run.completed\ndata: {"eventId":"e5","runId":"r","type":'
                b'"run.completed","payload":{},"timestamp":"2026-10-01T00:00:00Z",'
                b'"sequence":5}\n\n'
            ),
            answer_type="text/event-stream",
            sees={
                "0.type": "agent.tool-called",
                "0.raw_type": "agent.toolCalled",
                "0.sequence": 4,
                "1.type": "run.completed",
            },
            fault=Fault(400, "unsupported_stream_mode", "BadRequestError"),
        ),
        v2=Wire(
            "GET",
            f"/runs/{V2_RUN_PATH}/events?streamMode=updates%2Cdebug&bufferMs=250&resumable=true",
            arguments={"run_id": V2_RUN},
            headers={"last-event-id": "3"},
            accept="text/event-stream",
            answer=(
                b'id: 5\nevent: batch\ndata: [{"eventId":"e-0000000000000004","runId":"a/b",'
                b'"type":"agent.tool-called","payload":{},"timestamp":"2026-10-01T00:00:00Z",'
                b'"sequence":4,"schemaVersion":1},{"eventId":"e-0000000000000005","runId":"a/b",'
                b'"type":"run.completed","payload":{"outputs":{}},"timestamp":'
                b'"2026-10-01T00:00:00Z","sequence":5,"schemaVersion":1}]\n\n'
            ),
            answer_type="text/event-stream",
            sees={"0.type": "agent.tool-called", "0.sequence": 4, "1.type": "run.completed"},
            fault=Fault(400, "unsupported_stream_mode", "BadRequestError"),
        ),
    ),
    Case(
        "pollRunEvents",
        "runs.poll_events",
        {"after": 3, "wait": 1.5},
        v1=Wire(
            "GET",
            f"/v1/runs/{V1_RUN_PATH}/events/poll?lastSequence=3&timeout=2",
            arguments={"run_id": V1_RUN},
            answer={"events": [{**_EVENT, "type": "agent.toolCalled"}], "isComplete": True},
            sees={
                "events.0.type": "agent.tool-called",
                "events.0.raw_type": "agent.toolCalled",
                "is_complete": True,
                "is_terminal": True,
            },
        ),
        v2=Wire(
            "GET",
            f"/runs/{V2_RUN_PATH}/events/poll?afterSequence=3&timeout=2",
            arguments={"run_id": V2_RUN},
            answer={
                "runId": V2_RUN,
                "events": [_EVENT],
                "lastSequence": 9,
                "status": "running",
                "isTerminal": False,
            },
            sees={
                "events.0.sequence": 4,
                "last_sequence": 9,
                "status": "running",
                "is_terminal": False,
            },
            fault=Fault(500, "event_type_unmapped", "InternalServerError"),
        ),
    ),
    Case(
        "cancelRun",
        "runs.cancel",
        {"reason": "enough"},
        v1=Wire(
            "POST",
            f"/v1/runs/{V1_RUN_PATH}/cancel",
            arguments={"run_id": V1_RUN},
            body={"reason": "enough"},
            key=True,
            answer={"runId": V1_RUN, "status": "cancelling"},
            sees={"status": "cancelling"},
            fault=MISSING,
        ),
        v2=Wire(
            "POST",
            f"/runs/{V2_RUN_PATH}/cancel",
            arguments={"run_id": V2_RUN},
            body={"reason": "enough"},
            key=True,
            answer={"runId": V2_RUN, "status": "cancelled"},
            sees={"run_id": V2_RUN, "status": "cancelled"},
            fault=Fault(409, "run_terminal", "ConflictError"),
        ),
    ),
    Case(
        "bulkCancelRuns",
        "runs.bulk_cancel",
        {"reason": "enough"},
        v1=Wire(
            "POST",
            "/v1/runs:bulk-cancel",
            arguments={"run_ids": ["r1", "r2"]},
            body={"runIds": ["r1", "r2"], "reason": "enough"},
            key=True,
            answer={
                "results": [
                    {"runId": "r1", "ok": True, "status": "cancelled"},
                    {"runId": "r2", "ok": False, "error": {"error": "run_terminal"}},
                ]
            },
            sees={"results.0.ok": True, "results.1.error.error": "run_terminal"},
            fault=INVALID,
        ),
        v2=Wire(
            "POST",
            "/runs:bulk-cancel",
            arguments={"run_ids": [V2_RUN]},
            body={"runIds": [V2_RUN], "reason": "enough"},
            key=True,
            answer={
                "results": [
                    {
                        "runId": V2_RUN,
                        "ok": False,
                        "error": {"error": "run_forbidden", "message": "no"},
                    }
                ]
            },
            sees={"results.0.run_id": V2_RUN, "results.0.error.message": "no"},
            fault=INVALID,
        ),
    ),
    both_runs(
        "pauseRun",
        "runs.pause",
        "POST",
        "/runs/{run}:pause",
        {"reason": "lunch", "drain_policy": "immediate"},
        body={"reason": "lunch", "drainPolicy": "immediate"},
        key=True,
        status=202,
        answer={"runId": "x", "status": "paused", "pausedAt": "2026-10-01T00:00:00Z"},
        sees={"status": "paused", "paused_at": "2026-10-01T00:00:00Z"},
        gates=("runs.pauseResume.supported", ""),
        fault=Fault(409, "run_state_conflict", "ConflictError"),
    ),
    both_runs(
        "resumeRun",
        "runs.resume",
        "POST",
        "/runs/{run}:resume",
        {"reason": "back"},
        body={"reason": "back"},
        key=True,
        status=202,
        answer={"runId": "x", "status": "running", "resumedAt": "2026-10-01T00:00:00Z"},
        sees={"status": "running", "resumed_at": "2026-10-01T00:00:00Z"},
        gates=("runs.pauseResume.supported", ""),
        fault=Fault(409, "run_state_conflict", "ConflictError"),
    ),
    Case(
        "forkRun",
        "runs.fork",
        {"mode": "branch", "from_seq": 4},
        v1=Wire(
            "POST",
            f"/v1/runs/{V1_RUN_PATH}:fork",
            arguments={
                "run_id": V1_RUN,
                "run_options_overlay": {
                    "tags": ["x"],
                    "configurable": {"recursionLimit": 2, "acme.key": 1},
                },
            },
            body={
                "mode": "branch",
                "fromSeq": 4,
                "runOptionsOverlay": {
                    "tags": ["x"],
                    "configurable": {"recursionLimit": 2, "acme.key": 1},
                },
            },
            key=True,
            status=201,
            answer={
                "runId": "r2",
                "sourceRunId": V1_RUN,
                "mode": "branch",
                "status": "pending",
                "eventsUrl": "/v1/runs/r2/events",
                "fromSeq": 4,
            },
            sees={"run_id": "r2", "source_run_id": V1_RUN, "from_seq": 4},
            gate="replay.supported",
            fault=Fault(422, "validation_error", "UnprocessableEntityError"),
        ),
        v2=Wire(
            "POST",
            f"/runs/{V2_RUN_PATH}:fork",
            arguments={"run_id": V2_RUN, "run_options_overlay": {"tags": ["x"]}},
            body={"mode": "branch", "fromSeq": 4, "runOptionsOverlay": {"tags": ["x"]}},
            key=True,
            status=201,
            answer={
                "runId": "acme/r-2222222222222222",
                "sourceRunId": V2_RUN,
                "mode": "branch",
                "status": "running",
                "eventsUrl": "/runs/acme~2Fr-2222222222222222/events",
            },
            sees={"run_id": "acme/r-2222222222222222", "mode": "branch"},
            gate="replay",
            fault=Fault(422, "fork_point_invalid", "UnprocessableEntityError"),
        ),
    ),
)
