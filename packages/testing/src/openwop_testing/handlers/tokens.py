"""Interrupts by token: the token stands for the caller (v1.md section 13, v2.md section 14)."""

from __future__ import annotations

from openwop_testing._json import JsonObject, as_object, clone
from openwop_testing.answers import Answer, json_answer
from openwop_testing.engine import suspension
from openwop_testing.engine.run import Interrupt, Run
from openwop_testing.pipeline import Call, Handler
from openwop_testing.problems import Problem
from openwop_testing.shapes import any_value, check, object_of

__all__ = ["HANDLERS"]

_RESOLVE = object_of({"resumeValue": any_value()}, required=("resumeValue",))


def _find(call: Call) -> tuple[Run, Interrupt, JsonObject]:
    claims = call.host.tokens.read(call.params["token"], major=call.major)
    run = call.host.engine.runs.get(str(claims.get("runId")))
    interrupt = None if run is None else run.interrupts.get(str(claims.get("nodeId")))
    if run is None or interrupt is None:
        raise Problem(404, "interrupt_not_found", "The interrupt was not found.")
    if interrupt.interrupt_id != claims.get("interruptId"):
        raise Problem(409, "interrupt_already_resolved", "The question was asked anew since.")
    if interrupt.state == "cancelled":
        raise Problem(409, "interrupt_already_resolved", "The run has ended.")
    suspension.refuse_closed(interrupt, major=call.major)
    if run.clock.now() * 1000 >= claims["expiresAt"]:
        raise Problem(410, "interrupt_expired", "The token has expired.")
    return run, interrupt, claims


def _inspect(call: Call) -> Answer:
    _, interrupt, _ = _find(call)
    return json_answer(clone(interrupt.payload()), headers={"Cache-Control": "no-store"})


def _resolve(call: Call) -> Answer:
    check(_RESOLVE, call.body)
    run, interrupt, claims = _find(call)
    if claims.get("intent") != "resolve":
        raise Problem(403, "forbidden", "The token only lets its bearer look.")
    suspension.resolve(
        call.host.engine,
        run,
        interrupt,
        as_object(call.body)["resumeValue"],
        by=f"token:{interrupt.interrupt_id}",
        major=call.major,
    )
    return json_answer(
        {"runId": call.wire.run_id(run), "nodeId": interrupt.node_id, "status": run.status}
    )


HANDLERS: dict[str, Handler] = {
    "inspectInterruptByToken": _inspect,
    "resolveInterruptByToken": _resolve,
}
