"""Creating and reading runs (v1.md sections 7.2, 9, 11 and 12; v2.md sections 9 to 12)."""

from __future__ import annotations

from openwop_testing import evals
from openwop_testing._json import JsonObject
from openwop_testing.answers import Answer, Later, json_answer
from openwop_testing.engine.run import Run
from openwop_testing.handlers.discovery import matches
from openwop_testing.handlers.options import check_body, options_of
from openwop_testing.pipeline import Call, Handler
from openwop_testing.problems import Problem, invalid, not_found
from openwop_testing.streams import RunStream, parse_modes

__all__ = ["HANDLERS", "find_run"]

_CLAIM_WAIT = 5


def find_run(call: Call, name: str = "runId") -> Run:
    """Return the run that a path parameter names, if the caller may see it.

    Raises:
        Problem: 404: it does not exist, or belongs to somebody else.
    """
    run = call.host.engine.runs.get(call.params[name])
    if run is None or not visible(call, run):
        raise not_found("The run")
    return run


def visible(call: Call, run: Run) -> bool:
    """Tell whether the caller may see a run."""
    owner, caller = run.owner, call.credential
    same_place = owner.tenant == caller.tenant and owner.workspace == caller.workspace
    return same_place and owner.test == caller.test


def _create(call: Call) -> Answer:
    body = check_body(call)
    if body.get("mode") == "eval":
        return _evaluate(call, body)
    workflow = call.host.workflows.get(body["workflowId"])
    if workflow is None:
        raise invalid(f"There is no workflow {body['workflowId']!r}.", field="workflowId")
    options = options_of(call, workflow)
    call.host.workflows.refuse_gated(workflow, call.host.capabilities)
    _claim(call, options.scope_id)
    run = call.host.engine.create(workflow, call.credential.owner, options, major=call.major)
    return json_answer(call.wire.created(run, run.status), 201)


def _evaluate(call: Call, body: JsonObject) -> Answer:
    host = call.host
    if not host.capabilities.has("agents.evalSuite"):
        raise Problem(
            501 if call.major == 1 else 422,
            "capability_not_provided",
            "The host runs no evaluations.",
            details={"capability": "agents.evalSuite"},
        )
    suite = host.evals.find(body["evalSuiteRef"])
    if suite is None:
        raise invalid("There is no such evaluation suite.", field="evalSuiteRef")
    workflow = evals.workflow(suite)
    options = options_of(call, workflow)
    run = host.engine.create(workflow, call.credential.owner, options, major=call.major)
    return json_answer(call.wire.created(run, run.status), 201)


def _claim(call: Call, scope_id: str | None) -> None:
    """Refuse a second active run of a scope, where the caller asked for that."""
    name = "X-Dedup" if call.major == 1 else "OpenWOP-Dedup"
    if call.headers.get(name, "").strip().lower() != "enforce" or scope_id is None:
        return
    for run in call.host.engine.runs.values():
        if run.terminal or run.options.scope_id != scope_id:
            continue
        if run.owner.tenant == call.credential.tenant:
            details: JsonObject = {
                "activeRunId": call.wire.run_id(run),
                "activeHost": "cloud",
            }
            if call.major == 1:
                details["retryAfter"] = _CLAIM_WAIT
            raise Problem(
                409,
                "run_already_active",
                "A run of this scope is active.",
                details=details,
                retry_after=_CLAIM_WAIT,
            )


def _list(call: Call) -> Answer:
    most = int(call.host.capabilities.get("runList.maxPageSize") or 100)
    limit = min(call.integer("limit", 1) or most, most)
    filters = {name: call.query[name] for name in ("workflowId", "status") if name in call.query}
    shown = [
        run
        for run in reversed(call.host.engine.runs.values())
        if visible(call, run)
        and filters.get("workflowId", run.workflow_id) == run.workflow_id
        and filters.get("status", run.status) == run.status
    ]
    start = call.host.cursors.read("runs", call.query.get("cursor"))
    page = shown[start : start + limit]
    document: JsonObject = {"runs": [call.wire.snapshot(run) for run in page]}
    if start + limit < len(shown):
        document["nextCursor"] = call.host.cursors.write("runs", start + limit)
    return json_answer(document)


def _get(call: Call) -> Answer:
    run = find_run(call)
    validator = call.wire.etag(run)
    headers = {"ETag": validator, "Cache-Control": "private, no-cache"}
    conditional = call.major == 2 or call.host.capabilities.has("restTransport.conditionalRunGet")
    if conditional and matches(call, validator):
        return Answer(304, headers)
    return json_answer(call.wire.snapshot(run), headers=headers)


def _stream(call: Call) -> Answer:
    run = find_run(call)
    modes = parse_modes(call.query.get("streamMode"))
    buffer_ms = call.integer("bufferMs", 0, 5000) or 0
    given = call.headers.get("Last-Event-ID")
    after: int | None = None
    if given is not None:
        if not given.isascii() or not given.isdigit():
            raise invalid("Last-Event-ID is a sequence.", field="Last-Event-ID")
        after = int(given)
    stream = RunStream(
        call.wire,
        run,
        modes=modes,
        buffer_ms=buffer_ms,
        after=after,
        keep_alive=call.host.keep_alive,
        fault=call.host.faults.take_stream(call.route.operation_id),
    )
    headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    return Answer(200, headers, stream=stream)


def _poll(call: Call) -> Answer:
    run = find_run(call)
    if call.major == 1:
        after = call.integer("lastSequence", 0)
        if after is None:
            after = call.integer("since", 0)
    else:
        after = call.integer("afterSequence", 0)
    wait = call.integer("timeout", 1, 60) or 30
    start = 0 if after is None else after + 1
    later = Later(
        until=lambda: run.terminal or len(run.log) > start,
        clock=run.clock,
        deadline=run.clock.now() + wait,
        finish=lambda: json_answer(_page(call, run, start)),
        what=f"a poll of run {run.run_id} ({run.status})",
    )
    return Answer(later=later)


def _page(call: Call, run: Run, start: int) -> JsonObject:
    events = [call.wire.event(run, event) for event in run.log[start:]]
    last = len(run.log) - 1
    if call.major == 2:
        return {
            "runId": call.wire.run_id(run),
            "events": events,
            "lastSequence": last,
            "status": run.status,
            "isTerminal": run.terminal,
        }
    return {
        "events": events,
        "isComplete": run.terminal,
        "runId": run.run_id,
        "lastEventSeq": last,
        "runStatus": run.status,
        "isTerminal": run.terminal,
    }


HANDLERS: dict[str, Handler] = {
    "createRun": _create,
    "listRuns": _list,
    "getRun": _get,
    "streamRunEvents": _stream,
    "pollRunEvents": _poll,
}
