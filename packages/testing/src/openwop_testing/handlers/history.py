"""Forks, diffs, ancestry, annotations, artifacts, bundles and evaluations of runs.

See v1.md sections 7.3, 7.4, 14, 15 and 24; v2.md sections 11.2, 15 and 16.
"""

from __future__ import annotations

from typing import Final

from openwop_testing import evals
from openwop_testing._json import JsonObject, as_list, as_object, clone, compact
from openwop_testing.answers import Answer, json_answer
from openwop_testing.clock import timestamp
from openwop_testing.engine.diff import difference
from openwop_testing.engine.fork import fork
from openwop_testing.engine.run import Run
from openwop_testing.handlers.options import overlay_shape, refuse_options
from openwop_testing.handlers.runs import find_run, visible
from openwop_testing.ids import split_bound, unproject
from openwop_testing.pipeline import Call, Handler
from openwop_testing.problems import Problem, invalid, not_found
from openwop_testing.shapes import check, integer, member, object_of, string

__all__ = ["HANDLERS"]

_LARGEST_BUNDLE: Final = 8 * 1024 * 1024


def _fork(call: Call) -> Answer:
    call.credential.require("runs:read")
    source = find_run(call)
    shape = object_of(
        {
            "mode": member("replay", "branch"),
            "fromSeq": integer(0),
            "runOptionsOverlay": overlay_shape(call.major),
        },
        required=("mode",),
    )
    check(shape, call.body)
    body = as_object(call.body)
    mode, overlay = body["mode"], as_object(body.get("runOptionsOverlay"))
    if mode not in as_list(call.host.capabilities.get("replay.modes")):
        raise Problem(
            501 if call.major == 1 else 422,
            "capability_not_provided",
            f"The host does not fork in mode {mode}.",
            details={"capability": "replay.modes"},
        )
    if mode == "replay" and overlay:
        raise invalid("A replay takes no overlay.", field="runOptionsOverlay")
    if mode == "branch" and "fromSeq" not in body:
        raise invalid("A branch says where it begins.", field="fromSeq")
    from_seq = int(body.get("fromSeq", 0))
    _check_range(call, source, from_seq)
    refuse_options(call, as_object(overlay.get("configurable")) or None, source.workflow)
    run = fork(call.host.engine, source, mode, from_seq, overlay, major=call.major)
    answer = call.wire.created(run, run.status if not run.terminal else "pending")
    answer.pop("statusUrl")
    answer.update(sourceRunId=call.wire.run_id(source), mode=mode, fromSeq=from_seq)
    if answer["status"] in {"paused", "cancelling"}:
        answer["status"] = "running"
    return json_answer(answer, 201)


def _check_range(call: Call, source: Run, from_seq: int) -> None:
    if from_seq and from_seq >= len(source.log):
        raise Problem(
            422,
            "fork_point_invalid",
            "The run has no such event.",
            details={"sourceRunId": call.wire.run_id(source), "fromSeq": from_seq},
        )
    days = call.host.capabilities.get("replay.retention.days")
    ended = source.projection.completed_at
    if days is not None and ended is not None and call.host.clock.now() - ended > days * 86_400:
        raise Problem(
            410,
            "run_expired",
            "The events of the run are kept no longer.",
            details={"sourceRunId": call.wire.run_id(source), "fromSeq": from_seq},
        )


def _diff(call: Call) -> Answer:
    run = find_run(call)
    given = call.query.get("against")
    if not given:
        raise invalid("against names the other run.", field="against")
    tenant, bare = split_bound(unproject(given) if call.major == 2 else given)
    if call.major == 2 and tenant not in {None, call.credential.tenant}:
        raise Problem(403, "id_tenant_mismatch", "The id belongs to another tenant.")
    other = call.host.engine.runs.get(bare)
    if other is None or not visible(call, other):
        raise not_found("The other run")
    return json_answer(difference(call.wire, run, other))


def _ancestry(call: Call) -> Answer:
    run = find_run(call)
    host_id = str(
        call.host.capabilities.get("multiAgent.executionModel.crossHostCausation.hostId")
        or "fake-host"
    )
    parent: JsonObject | None = None
    if run.parent is not None:
        parent = {
            "runId": call.wire.run_id(run, run.parent.run_id),
            "hostId": host_id,
            "cause": run.parent.cause,
        }
    return json_answer({"runId": call.wire.run_id(run), "hostId": host_id, "parent": parent})


_SIGNAL = object_of(
    {
        "kind": member("rating", "correction", "label", "flag"),
        "rating": integer(1, 5),
        "label": string(),
        "correction": string(),
    },
    required=("kind",),
)
_ANNOTATION = object_of(
    {
        "signal": _SIGNAL,
        "target": object_of({"eventId": string(), "nodeId": string()}),
        "note": string(),
    },
    required=("signal",),
)


def _annotate(call: Call) -> Answer:
    run = find_run(call)
    check(_ANNOTATION, call.body)
    body = as_object(call.body)
    signal, target = as_object(body["signal"]), as_object(body.get("target"))
    kind = signal["kind"]
    for name in ("rating", "label", "correction"):
        if (name in signal) != (name == kind):
            wanted = "is needed" if name == kind else "does not belong"
            raise invalid(f"{name} {wanted} here.", field=f"signal.{name}")
    if kind not in as_list(call.host.capabilities.get("feedback.signals")):
        raise invalid("The host does not take that signal.", field="signal.kind")
    if "eventId" in target and target["eventId"] not in {event.event_id for event in run.log}:
        raise invalid("The run has no such event.", field="target.eventId")
    if "nodeId" in target and target["nodeId"] not in run.nodes:
        raise invalid("The run has no such node.", field="target.nodeId")
    annotation: JsonObject = {
        "annotationId": call.host.mint.new("ann"),
        "target": {"runId": run.run_id, **target},
        "signal": signal,
        "actor": {"principalRef": call.credential.principal},
        "createdAt": call.host.clock.timestamp(),
    }
    if "note" in body:
        annotation["note"] = body["note"]
    run.annotations.append(annotation)
    for stream in list(run.memo.get("streams", [])):
        stream.notify(annotation)
    return json_answer(call.wire.annotation(run, annotation), 201)


def _annotations(call: Call) -> Answer:
    run = find_run(call)
    return json_answer(
        {"annotations": [call.wire.annotation(run, entry) for entry in run.annotations]}
    )


def _artifact(call: Call) -> Answer:
    run = find_run(call)
    artifact = run.artifacts.get(call.params["artifactId"])
    if artifact is None:
        raise not_found("The artifact")
    if call.major == 2 and "application/a2a+json" in call.headers.get("Accept", ""):
        document = {
            "artifactId": artifact["artifactId"],
            "name": artifact["artifactType"],
            "parts": [{"kind": "data", "data": clone(artifact["data"])}],
        }
        headers = {"Content-Type": "application/a2a+json"}
        return Answer(200, headers, compact(document).encode())
    return json_answer(clone(artifact))


_BUNDLE_STATUS: Final = {
    "waiting-input": "waiting-clarification",
    "waiting-external": "running",
    "paused": "running",
    "cancelling": "running",
}


def _bundle(call: Call) -> Answer:
    run = find_run(call)
    snapshot = call.wire.snapshot(run)
    snapshot["status"] = _BUNDLE_STATUS.get(run.status, run.status)
    for state in as_object(snapshot["nodeStates"]).values():
        # The events have them; twice would leave room for half of the log.
        state.pop("outputs", None)
    events: list[JsonObject] = []
    for event in run.log:
        document = call.wire.event(run, event)
        document["data"] = document.pop("payload")
        events.append(document)
    implementation = as_object(call.host.capabilities.get("implementation"))
    bundle: JsonObject = {
        "bundleVersion": "1.0",
        "generatedAt": call.host.clock.timestamp(),
        "host": {
            "name": implementation.get("name", "openwop-fake-host"),
            "version": str(implementation.get("version", "0")),
        },
        "run": snapshot,
        "redactionApplied": bool(run.sensitive),
        "redactionMode": "mask",
    }
    if run.projection.completed_at is not None:
        snapshot["endedAt"] = timestamp(run.projection.completed_at)
    size, kept = len(compact(bundle)), 0
    for document in events:
        size += len(compact(document)) + 1
        if size > _LARGEST_BUNDLE:
            break
        kept += 1
    bundle["events"] = events[:kept]
    bundle["metrics"] = {"nodeCount": len(run.nodes), "eventCount": kept}
    if kept < len(events):
        bundle.update(truncated=True, truncatedReason="events_truncated_to_size_cap")
    return json_answer(bundle, headers={"Cache-Control": "no-store"})


def _eval_summary(call: Call) -> Answer:
    run = find_run(call)
    if run.workflow_id != evals.WORKFLOW_ID:
        raise not_found("The evaluation")
    if not run.terminal:
        raise Problem(
            409,
            "run_state_conflict",
            "The evaluation is still running.",
            details={"runStatus": run.status},
        )
    [node] = run.nodes.values()
    return json_answer(evals.summary(node.config))


def _effects(call: Call) -> Answer:
    run = find_run(call)
    rows: list[JsonObject] = []
    for effect in as_list(run.memo.get("effect_ledger", [])):
        shown: JsonObject = clone(effect)
        shown["effectId"] = f"{run.owner.tenant}/{shown['effectId']}"
        rows.append(shown)
    return json_answer({"runId": call.wire.run_id(run), "effects": rows})


def _compensation(call: Call) -> Answer:
    run = find_run(call)
    # No node type of this host has an inverse: there is never anything to undo.
    return json_answer(
        {"runId": call.wire.run_id(run), "status": "none", "plan": [], "attempts": []}
    )


HANDLERS: dict[str, Handler] = {
    "forkRun": _fork,
    "diffRun": _diff,
    "getRunAncestry": _ancestry,
    "createAnnotation": _annotate,
    "listAnnotations": _annotations,
    "getArtifact": _artifact,
    "getDebugBundle": _bundle,
    "getEvalSummary": _eval_summary,
    "getRunEffects": _effects,
    "getRunCompensation": _compensation,
}
