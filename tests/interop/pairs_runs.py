"""Discovery, runs, interrupts, webhooks and triggers in the words of both clients."""

from __future__ import annotations

from typing import Final

from pair import (
    SECRET,
    V2_RUN,
    Pair,
    of,
    on_run,
)

PAIRS: Final[tuple[Pair, ...]] = (
    Pair("getCapabilities", "discovery.capabilities", {}, "discovery_capabilities"),
    Pair("getOpenApiSpec", "discovery.openapi", {}, "discovery_openapi"),
    Pair(
        "getWorkflow", "workflows.get", {"workflow_id": "rel:notes"}, "workflows_get", ["rel:notes"]
    ),
    Pair(
        "createRun",
        "runs.create",
        {
            "workflow_id": "release",
            "inputs": {"a": None},
            "tenant_id": "acme",
            "scope_id": "s-1",
            "callback_url": "https://c.example/cb",
            "tags": ["a"],
            "metadata": {"k": "v"},
            "dedup": True,
            "configurable": {"recursionLimit": 9},
        },
        "runs_create",
        [
            of(
                "CreateRunRequest",
                workflowId="release",
                inputs={"a": None},
                tenantId="acme",
                scopeId="s-1",
                callbackUrl="https://c.example/cb",
                tags=["a"],
                metadata={"k": "v"},
                configurable={"recursionLimit": 9},
            )
        ],
        {"dedup": True},
        (1,),
    ),
    Pair(
        "createRun",
        "runs.create",
        {
            "mode": "eval",
            "eval_suite_ref": "suite:x",
            "agent_id": "agent-1",
            "eval_modes": ["regression"],
            "baseline_run_id": V2_RUN,
            "residency": {"region": "eu"},
            "configurable": {"recursionLimit": 9},
            "dedup": True,
        },
        "runs_create",
        [
            of(
                "CreateRunRequest",
                mode="eval",
                evalSuiteRef="suite:x",
                agentId="agent-1",
                evalModes=["regression"],
                baselineRunId=V2_RUN,
                residency={"region": "eu"},
                configurable=of("RunConfigurable", run={"recursionLimit": 9}),
            )
        ],
        {"dedup": True},
        (2,),
    ),
    Pair(
        "listRuns",
        "runs.list",
        {"limit": 2, "cursor": "c 1", "workflow_id": "release", "status": "running"},
        "runs_list",
        [],
        {"limit": 2, "cursor": "c 1", "workflow_id": "release", "status": "running"},
        (2,),
    ),
    *on_run("getRun", "runs.get", "runs_get"),
    *on_run(
        "streamRunEvents",
        "runs.stream",
        "runs_events",
        {"mode": "updates,debug", "buffer_ms": 250, "after": 3},
        [],
        {"stream_mode": ["updates", "debug"], "buffer_ms": 250, "last_event_id": "3"},
    ),
    *on_run(
        "pollRunEvents",
        "runs.poll_events",
        "runs_poll_events",
        {"after": 3, "wait": 5},
        [],
        {"last_sequence": 3, "timeout_seconds": 5},
        (1,),
    ),
    *on_run(
        "pollRunEvents",
        "runs.poll_events",
        "runs_poll_events",
        {"after": 3, "wait": 5},
        [],
        {"after_sequence": 3, "timeout_seconds": 5},
        (2,),
    ),
    *on_run(
        "cancelRun",
        "runs.cancel",
        "runs_cancel",
        {"reason": "enough"},
        [of("CancelRunRequest", reason="enough")],
    ),
    Pair(
        "bulkCancelRuns",
        "runs.bulk_cancel",
        {"run_ids": [V2_RUN], "reason": "enough"},
        "runs_bulk_cancel",
        [of("BulkCancelRunsRequest", runIds=[V2_RUN], reason="enough")],
    ),
    *on_run(
        "pauseRun",
        "runs.pause",
        "runs_pause",
        {"reason": "lunch", "drain_policy": "immediate"},
        [of("PauseRunRequest", reason="lunch", drainPolicy="immediate")],
    ),
    *on_run(
        "resumeRun",
        "runs.resume",
        "runs_resume",
        {"reason": "back"},
        [of("ResumeRunRequest", reason="back")],
    ),
    *on_run(
        "forkRun",
        "runs.fork",
        "runs_fork",
        {"mode": "branch", "from_seq": 4, "run_options_overlay": {"tags": ["x"]}},
        [of("ForkRunRequest", fromSeq=4, mode="branch", runOptionsOverlay={"tags": ["x"]})],
    ),
    *on_run("diffRun", "runs.diff", "runs_diff", {"against": "acme/r-2"}, ["acme/r-2"]),
    *on_run("getRunAncestry", "runs.ancestry", "runs_ancestry"),
    *on_run("getEvalSummary", "runs.eval_summary", "runs_eval_summary"),
    *on_run("getDebugBundle", "runs.debug_bundle", "runs_debug_bundle", majors=(1,)),
    *on_run("getRunCompensation", "runs.compensation", "runs_compensation", majors=(2,)),
    *on_run("getRunEffects", "runs.effects", "runs_effects", majors=(2,)),
    *on_run(
        "getArtifact", "artifacts.get", "runs_get_artifact", {"artifact_id": "a/1?x"}, ["a/1?x"]
    ),
    *on_run(
        "createAnnotation",
        "annotations.create",
        "create_annotation",
        {"signal": {"kind": "flag"}, "target": {"nodeId": "n"}, "note": "good"},
        [
            of(
                "CreateAnnotationRequest",
                signal={"kind": "flag"},
                target={"nodeId": "n"},
                note="good",
            )
        ],
    ),
    *on_run("listAnnotations", "annotations.list", "list_annotations"),
    *on_run(
        "resolveInterruptByRun",
        "interrupts.resolve",
        "interrupts_resolve_by_run",
        {"node_id": "gate:1/x", "resume_value": {"action": "accept"}},
        ["gate:1/x", of("ResolveInterruptRequest", resumeValue={"action": "accept"})],
    ),
    Pair(
        "inspectInterruptByToken",
        "interrupts.inspect",
        {"token": "a/+.b"},
        "interrupts_inspect_by_token",
        ["a/+.b"],
    ),
    Pair(
        "resolveInterruptByToken",
        "interrupts.resolve_by_token",
        {"token": "a/+.b", "resume_value": {"action": "reject"}},
        "interrupts_resolve_by_token",
        ["a/+.b", of("ResolveInterruptRequest", resumeValue={"action": "reject"})],
    ),
    Pair(
        "registerWebhook",
        "webhooks.register",
        {"url": "https://a.example/h", "events": ["run.completed"], "tags": ["t"]},
        "webhooks_register",
        [
            of(
                "RegisterWebhookRequest",
                url="https://a.example/h",
                events=["run.completed"],
                tags=["t"],
            )
        ],
    ),
    Pair(
        "unregisterWebhook",
        "webhooks.unregister",
        {"webhook_id": "w1", "workspace": "team"},
        "webhooks_unregister",
        ["w1", "team"],
        majors=(1,),
    ),
    Pair(
        "unregisterWebhook",
        "webhooks.unregister",
        {"webhook_id": "acme/w-1"},
        "webhooks_unregister",
        ["acme/w-1"],
        majors=(2,),
    ),
    Pair(
        "rotateWebhookSecret",
        "webhooks.rotate_secret",
        {"webhook_id": "w1", "workspace": "team", "secret": SECRET},
        "webhooks_rotate_secret",
        ["w1", "team", of("RotateWebhookSecretRequest", secret=SECRET)],
        majors=(1,),
    ),
    Pair(
        "rotateWebhookSecret",
        "webhooks.rotate_secret",
        {"webhook_id": "acme/w-1", "secret": SECRET},
        "webhooks_rotate_secret",
        ["acme/w-1", of("RotateWebhookSecretRequest", secret=SECRET)],
        majors=(2,),
    ),
    Pair(
        "listWebhookDeadLetters",
        "webhooks.dead_letters",
        {"webhook_id": "acme/w-1", "limit": 5, "cursor": "c"},
        "webhooks_dead_letters",
        ["acme/w-1"],
        {"limit": 5, "cursor": "c"},
        (2,),
    ),
    Pair(
        "createTriggerSubscription",
        "triggers.create",
        {"source": "webhook", "workflow_id": "w", "dedup_enabled": False},
        "create_trigger_subscription",
        [
            of(
                "TriggerSubscriptionRegistration",
                source="webhook",
                workflowId="w",
                dedupEnabled=False,
            )
        ],
    ),
    Pair(
        "listTriggerDeadLetters",
        "triggers.dead_letters",
        {"subscription_id": "acme/t-1", "limit": 5, "cursor": "c"},
        "trigger_dead_letters",
        ["acme/t-1"],
        {"limit": 5, "cursor": "c"},
        (2,),
    ),
)
