"""`/_fake/*`: what a test in another language scripts a served host with.

These paths are the fake host's own and no part of the protocol.  They take and give JSON, need no
key, and answer 400 with `{"error", "message"}` where a request is none.

    GET    /_fake/state                          majors, time, number of runs
    POST   /_fake/workflows     a definition     let the host run it
    POST   /_fake/clock/advance {seconds}        let time pass
    GET    /_fake/calls                          the requests that came in
    DELETE /_fake/calls                          forget them
    POST   /_fake/faults        {kind, ...}      script a fault; see `FAULTS`
    GET    /_fake/faults                         what nobody has met yet, and what random ones did
    DELETE /_fake/faults                         forget them
    POST   /_fake/verify                         409 where a fault was not met
    GET    /_fake/deliveries                     the webhooks that were sent
    POST   /_fake/deliveries    {status, times}  what their endpoints answer next
    POST   /_fake/keys          {key, ...}       let another key in
    POST   /_fake/capabilities  families         change what the host offers
    POST   /_fake/models        {nodeId, answers} script the mock model
    POST   /_fake/tokens        {runId, nodeId}  a token for an open interrupt
    POST   /_fake/triggers      {subscriptionId, payload}  let an outside event happen
    POST   /_fake/reset                          forget runs, calls, faults and deliveries
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from openwop_testing._json import JsonObject, as_list, as_object, parse
from openwop_testing.answers import Answer, json_answer
from openwop_testing.mischief import KINDS
from openwop_testing.pipeline import Incoming
from openwop_testing.recording import RecordedCall
from openwop_testing.shapes import (
    Check,
    any_value,
    array,
    check,
    integer,
    member,
    number,
    object_of,
    open_object,
    string,
)

if TYPE_CHECKING:
    from openwop_testing.host import FakeHost

__all__ = ["PREFIX", "control"]

PREFIX: Final = "/_fake/"

FAULTS: Final = (
    "fail",
    "answer",
    "refuse",
    "lose",
    "hang",
    "delay",
    "cut",
    "close",
    "stall",
    "duplicate",
    "reorder",
    "truncate",
    "buffer",
    "random",
)
_SHAPES: Final[dict[str, Check]] = {
    "workflows": open_object(),
    "clock/advance": object_of({"seconds": number(0)}, required=("seconds",)),
    "faults": object_of(
        {
            "kind": member(*FAULTS),
            "operationId": string(minimum=1),
            "status": integer(100, 599),
            "code": string(minimum=1),
            "message": string(minimum=1),
            "details": open_object(),
            "retryAfter": integer(0),
            "body": string(),
            "headers": open_object(),
            "times": integer(1),
            "skip": integer(0),
            "seconds": number(0),
            "after": integer(0),
            "atByte": integer(0),
            "rate": number(0),
            "seed": integer(0),
            "kinds": array(member(*KINDS)),
            "operations": array(string(minimum=1)),
            "inARow": integer(1),
        },
        required=("kind",),
    ),
    "deliveries": object_of({"status": integer(0, 599), "times": integer(1)}, required=("status",)),
    "keys": object_of(
        {
            "key": string(minimum=1),
            "tenant": string(minimum=1),
            "workspace": string(minimum=1),
            "principal": string(minimum=1),
            "scopes": array(string()),
            "state": member("active", "revoked", "expired"),
        },
        required=("key",),
    ),
    "capabilities": open_object(),
    "models": object_of(
        {"nodeId": string(minimum=1), "answers": array(any_value())},
        required=("nodeId", "answers"),
    ),
    "tokens": object_of(
        {
            "runId": string(minimum=1),
            "nodeId": string(minimum=1),
            "major": integer(1, 2),
            "intent": member("resolve", "inspect"),
            "lifetime": number(0),
        },
        required=("runId", "nodeId"),
    ),
    "triggers": object_of(
        {"subscriptionId": string(minimum=1), "payload": any_value(), "signed": any_value()},
        required=("subscriptionId", "payload"),
    ),
    "verify": open_object(),
    "reset": open_object(),
}


def _bad(message: str, status: int = 400) -> Answer:
    return json_answer({"error": "fake_host", "message": message}, status)


def control(host: FakeHost, request: Incoming) -> Answer:
    """Answer a request below `/_fake/`.

    Args:
        host: The host that is scripted.
        request: The request; its path begins with `PREFIX`.
    """
    from openwop_testing.problems import Problem

    path = request.url.partition("?")[0].removeprefix(PREFIX)
    action = _ACTIONS.get((request.method, path))
    if action is None:
        known = ", ".join(sorted(f"{method} {PREFIX}{name}" for method, name in _ACTIONS))
        return _bad(f"The fake host knows {known}.", 404)
    body: Any = {}
    if request.body:
        try:
            body = parse(request.body)
        except ValueError:
            return _bad("The body is not JSON.")
    try:
        if request.method == "POST":
            check(_SHAPES[path], body)
        with host.lock:
            answer = action(host, as_object(body))
            host.engine.settle()
            host.outbound.pump()
            host.waits.active()
            host.waits.changed()
    except (Problem, ValueError, KeyError, AssertionError) as error:
        return _bad(str(error))
    return answer


def _state(host: FakeHost, body: JsonObject) -> Answer:
    del body
    return json_answer(
        {
            "majors": sorted(host.capabilities.majors),
            "now": host.clock.timestamp(),
            "runs": len(host.engine.runs),
            "workflows": sorted(host.workflows.ids()),
            "calls": len(host.calls),
        }
    )


def _workflow(host: FakeHost, body: JsonObject) -> Answer:
    return json_answer({"id": host.workflows.add(body)}, 201)


def _advance(host: FakeHost, body: JsonObject) -> Answer:
    host.clock.advance(float(body["seconds"]))
    return json_answer({"now": host.clock.timestamp()})


def _call(call: RecordedCall) -> JsonObject:
    return {
        "operationId": call.operation_id,
        "method": call.method,
        "path": call.path,
        "query": call.query,
        "major": call.major,
        "status": call.status,
        "body": call.body,
        "idempotencyKey": call.idempotency_key,
        "headers": {name: value for name, value in call.headers.items() if name != "authorization"},
    }


def _calls(host: FakeHost, body: JsonObject) -> Answer:
    del body
    return json_answer({"calls": [_call(call) for call in host.calls]})


def _forget_calls(host: FakeHost, body: JsonObject) -> Answer:
    del body
    host.calls.clear()
    return Answer(204)


def _fault(host: FakeHost, body: JsonObject) -> Answer:
    kind, faults = body["kind"], host.faults
    if kind == "random":
        names = {"rate": "rate", "seed": "seed", "kinds": "kinds", "operations": "operations"}
        names["inARow"] = "in_a_row"
        drawn = faults.at_random(**{names[key]: body[key] for key in names if key in body})
        return json_answer({"seed": drawn.seed}, 201)
    times, skip = int(body.get("times", 1)), int(body.get("skip", 0))
    if kind in {"fail", "answer", "refuse", "lose", "hang", "delay"}:
        if "operationId" not in body:
            return _bad("operationId names the operation that meets the fault.")
        name = body["operationId"]
        if kind == "fail":
            faults.fail(
                name,
                status=int(body.get("status", 500)),
                code=body.get("code"),
                times=times,
                skip=skip,
                retry_after=body.get("retryAfter"),
                message=body.get("message", "A scripted fault."),
                details=body.get("details"),
            )
        elif kind == "answer":
            headers = {key: str(value) for key, value in as_object(body.get("headers")).items()}
            faults.answer(
                name,
                str(body.get("body", "")).encode(),
                status=int(body.get("status", 200)),
                headers=headers or None,
                times=times,
                skip=skip,
            )
        elif kind == "delay":
            faults.delay(name, float(body.get("seconds", 1)), times=times, skip=skip)
        else:
            getattr(faults, kind)(name, times=times, skip=skip)
        return Answer(204)
    options: dict[str, Any] = {
        "times": times,
        "skip": skip,
        "operation_id": body.get("operationId", "streamRunEvents"),
    }
    if kind == "truncate":
        options["at_byte"] = int(body.get("atByte", 0))
    elif kind != "buffer":
        options["after"] = int(body.get("after", 0))
    getattr(faults, kind)(**options)
    return Answer(204)


def _faults(host: FakeHost, body: JsonObject) -> Answer:
    del body
    drawn = host.faults.mischief
    befallen = {} if drawn is None else {"seed": drawn.seed, "befallen": drawn.befallen}
    return json_answer({"unmet": host.faults.unmet(), **befallen})


def _forget_faults(host: FakeHost, body: JsonObject) -> Answer:
    del body
    host.faults.clear()
    return Answer(204)


def _verify(host: FakeHost, body: JsonObject) -> Answer:
    del body
    unmet = host.faults.unmet()
    return json_answer({"unmet": unmet}, 409 if unmet else 200)


def _deliveries(host: FakeHost, body: JsonObject) -> Answer:
    del body
    shown = [
        {
            "url": made.url,
            "kind": made.kind,
            "attempt": made.attempt,
            "status": made.status,
            "headers": dict(made.headers.items()),
            "body": made.body.decode(),
        }
        for made in host.deliveries
    ]
    return json_answer({"deliveries": shown})


def _respond(host: FakeHost, body: JsonObject) -> Answer:
    host.deliveries.respond(int(body["status"]), times=int(body.get("times", 1)))
    return Answer(204)


def _key(host: FakeHost, body: JsonObject) -> Answer:
    given = {name: value for name, value in body.items() if name != "key"}
    host.keys.add(body["key"], **given)
    return Answer(204)


def _capabilities(host: FakeHost, body: JsonObject) -> Answer:
    host.capabilities.change(body)
    return Answer(204)


def _models(host: FakeHost, body: JsonObject) -> Answer:
    host.services.models.program(body["nodeId"], as_list(body["answers"]))
    return Answer(204)


def _token(host: FakeHost, body: JsonObject) -> Answer:
    token = host.token(
        body["runId"],
        body["nodeId"],
        major=int(body.get("major", 2)),
        intent=body.get("intent", "resolve"),
        lifetime=float(body.get("lifetime", 1800)),
    )
    return json_answer({"token": token}, 201)


def _trigger(host: FakeHost, body: JsonObject) -> Answer:
    from openwop_testing._json import compact

    name, payload = body["subscriptionId"], body["payload"]
    signature = None
    if body.get("signed", True):
        signature = host.triggers.sign(name, compact(payload).encode())
    run_id = host.triggers.deliver(name, payload, signature=signature)
    return json_answer({"runId": run_id})


def _reset(host: FakeHost, body: JsonObject) -> Answer:
    del body
    host.reset()
    return Answer(204)


_ACTIONS: Final[dict[tuple[str, str], Callable[[FakeHost, JsonObject], Answer]]] = {
    ("GET", "state"): _state,
    ("POST", "workflows"): _workflow,
    ("POST", "clock/advance"): _advance,
    ("GET", "calls"): _calls,
    ("DELETE", "calls"): _forget_calls,
    ("POST", "faults"): _fault,
    ("GET", "faults"): _faults,
    ("DELETE", "faults"): _forget_faults,
    ("POST", "verify"): _verify,
    ("GET", "deliveries"): _deliveries,
    ("POST", "deliveries"): _respond,
    ("POST", "keys"): _key,
    ("POST", "capabilities"): _capabilities,
    ("POST", "models"): _models,
    ("POST", "tokens"): _token,
    ("POST", "triggers"): _trigger,
    ("POST", "reset"): _reset,
}
