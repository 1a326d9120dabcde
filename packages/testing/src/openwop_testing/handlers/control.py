"""Cancelling, pausing, resuming and answering runs (v1.md sections 13, 16 and 17; v2.md 11, 14)."""

from __future__ import annotations

from openwop_testing._json import JsonObject, as_object, is_list
from openwop_testing.answers import Answer, json_answer
from openwop_testing.clock import timestamp
from openwop_testing.engine import lifecycle, suspension
from openwop_testing.engine.run import Run
from openwop_testing.handlers.runs import find_run, visible
from openwop_testing.ids import split_bound
from openwop_testing.pipeline import Call, Handler
from openwop_testing.problems import Problem, invalid
from openwop_testing.shapes import any_value, array, check, member, object_of, string

__all__ = ["HANDLERS"]

_MOST_RUNS = 100
_CANCEL = object_of({"reason": string()})
_BULK = object_of(
    {
        "runIds": array(string(minimum=1, maximum=257), minimum=1),
        "reason": string(maximum=512),
    },
    required=("runIds",),
)
_PAUSE = object_of({"reason": string(), "drainPolicy": member("immediate", "drain-current-node")})
_RESUME = object_of({"reason": string()})
_RESOLVE = object_of({"resumeValue": any_value()}, required=("resumeValue",))


def _cancel(call: Call) -> Answer:
    run = find_run(call)
    check(_CANCEL, call.body)
    if run.terminal and run.status != "cancelled":
        raise _ended(run)
    if run.terminal and call.major == 2:
        raise _ended(run)
    _do_cancel(call, run, as_object(call.body).get("reason"))
    return json_answer({"runId": call.wire.run_id(run), "status": run.status})


def _do_cancel(call: Call, run: Run, reason: str | None) -> None:
    lifecycle.cancel(call.host.engine, run, reason=reason, by=call.credential.principal)


def _ended(run: Run) -> Problem:
    return Problem(409, "run_terminal", "The run has ended.", details={"runStatus": run.status})


def _bulk_cancel(call: Call) -> Answer:
    check(_BULK, call.body)
    body = as_object(call.body)
    if len(body["runIds"]) > _MOST_RUNS:
        raise invalid(f"At most {_MOST_RUNS} runs at once.", field="runIds", maxRunIds=_MOST_RUNS)
    results = [_cancel_one(call, run_id, body.get("reason")) for run_id in body["runIds"]]
    return json_answer({"results": results})


def _cancel_one(call: Call, run_id: str, reason: str | None) -> JsonObject:
    tenant, bare = split_bound(run_id)
    run = call.host.engine.runs.get(bare)
    foreign = call.major == 2 and tenant not in {None, call.credential.tenant}
    if foreign or run is None or not visible(call, run):
        problem = Problem(404, "not_found", "The run was not found.")
    elif run.terminal and run.status != "cancelled":
        problem = _ended(run)
    else:
        _do_cancel(call, run, reason)
        return {"runId": run_id, "ok": True, "status": run.status}
    return {"runId": run_id, "ok": False, "error": problem.body()}


def _state_conflict(call: Call, run: Run, message: str) -> Problem:
    if call.major == 2 and run.terminal:
        return _ended(run)
    details: JsonObject = {"runStatus": run.status}
    if call.major == 1 and run.paused_at is not None:
        details["pausedAt"] = timestamp(run.paused_at)
    return Problem(409, "run_state_conflict", message, details=details)


def _pause(call: Call) -> Answer:
    run = find_run(call)
    check(_PAUSE, call.body)
    body = as_object(call.body)
    pausable = not run.terminal and not run.paused and run.pause_wanted is None
    if not pausable or (call.major == 1 and run.status.startswith("waiting-")):
        raise _state_conflict(call, run, f"A run that is {run.status} cannot be paused now.")
    policy = body.get("drainPolicy", "drain-current-node")
    offered = call.host.capabilities.get("runs.pauseResume.drainPolicies")
    if is_list(offered) and policy not in offered:
        raise invalid("The host does not offer that drain policy.", field="drainPolicy")
    lifecycle.pause(call.host.engine, run, reason=body.get("reason"), policy=policy)
    answer: JsonObject = {"runId": call.wire.run_id(run), "status": "paused"}
    if run.paused_at is not None:
        answer["pausedAt"] = timestamp(run.paused_at)
    return json_answer(answer, 202)


def _resume(call: Call) -> Answer:
    run = find_run(call)
    check(_RESUME, call.body)
    if not run.paused:
        raise _state_conflict(call, run, f"A run that is {run.status} cannot be resumed.")
    at = lifecycle.resume(call.host.engine, run)
    return json_answer({"runId": call.wire.run_id(run), "status": "running", "resumedAt": at}, 202)


def _resolve(call: Call) -> Answer:
    run = find_run(call)
    check(_RESOLVE, call.body)
    node_id = call.params["nodeId"]
    interrupt = suspension.find(run, node_id, major=call.major)
    suspension.resolve(
        call.host.engine,
        run,
        interrupt,
        as_object(call.body)["resumeValue"],
        by=call.credential.principal,
        major=call.major,
    )
    return json_answer({"runId": call.wire.run_id(run), "nodeId": node_id, "status": run.status})


HANDLERS: dict[str, Handler] = {
    "cancelRun": _cancel,
    "bulkCancelRuns": _bulk_cancel,
    "pauseRun": _pause,
    "resumeRun": _resume,
    "resolveInterruptByRun": _resolve,
}
