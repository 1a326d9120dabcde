"""Questions to humans and to other systems: raising them, checking answers, settling them.

See v1.md section 13, v2.md section 14 and v1-events.md section 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openwop_testing._json import JsonObject, as_list, as_object, clone, is_list, is_object
from openwop_testing.clock import timestamp
from openwop_testing.engine import votes
from openwop_testing.engine.effects import Decision, Suspend
from openwop_testing.engine.run import Interrupt, Node, Run
from openwop_testing.problems import Problem, invalid

if TYPE_CHECKING:
    from openwop_testing.engine.scheduler import Engine

__all__ = ["expire", "find", "key_of", "resolve", "suspend"]


def key_of(node: Node) -> str:
    """Return the key of the node's next interrupt, which is the same in a fork of the run."""
    return f"{node.id}:{node.questions}"


def suspend(engine: Engine, run: Run, node: Node, ask: Suspend) -> None:
    """Raise an interrupt and let the node wait for its answer."""
    key = key_of(node)
    node.questions += 1
    node.status = "suspended"
    interrupt = Interrupt(run.mint.new("int"), node.id, key, ask, run.clock.now())
    run.interrupts[node.id] = interrupt
    suspended: JsonObject = {
        "nodeId": node.id,
        "interruptId": interrupt.interrupt_id,
        "kind": ask.kind,
        "key": key,
    }
    if ask.reason:
        suspended["reason"] = ask.reason
    event = run.emit("node.suspended", suspended, node=node.id)
    interrupt.interrupt_id = str(event.payload["interruptId"])
    run.emit("interrupt.requested", clone(interrupt.payload()), node=node.id)
    _announce(run, interrupt)
    if ask.timeout_ms:
        interrupt.timer = run.clock.after(
            ask.timeout_ms / 1000, lambda: expire(engine, run, interrupt), gives_up=True
        )


_ASKING = frozenset(
    {
        "node.suspended",
        "interrupt.requested",
        "interrupt.resolved",
        "approval.requested",
        "approval.received",
        "approval.granted",
        "approval.rejected",
        "approval.overridden",
        "clarification.requested",
        "clarification.resolved",
        "node.resumed",
    }
)


def skip_known(run: Run, node: Node) -> None:
    """Pass over a question whose answer is known: it is not asked again in a fork."""
    node.questions += 1
    copied = run.catching_up.get(node.id, [])
    while copied and copied[0].type in _ASKING:
        resumed = copied.pop(0).type == "node.resumed"
        if resumed:
            break


_LEGACY_ACTIONS = {"edit-accept": "edit"}


def _announce(run: Run, interrupt: Interrupt) -> None:
    """Log the older twin of the request; a governed gate has none."""
    ask, node = interrupt.ask, interrupt.node_id
    if ask.kind == "approval" and ask.governed is None:
        twin: JsonObject = {
            "nodeId": node,
            "artifactId": ask.data["artifactId"],
            "artifactType": ask.data["artifactType"],
            "actions": [_LEGACY_ACTIONS.get(action, action) for action in ask.data["actions"]],
            "interruptId": interrupt.interrupt_id,
            "title": ask.data["title"],
        }
        for name in ("approversList", "requiredApprovals"):
            if name in ask.data:
                twin[name] = clone(ask.data[name])
        run.emit("approval.requested", twin, node=node, modern=clone(interrupt.payload()))
    elif ask.kind == "clarification":
        run.emit(
            "clarification.requested",
            {
                "nodeId": node,
                "questions": clone(ask.data["questions"]),
                "interruptId": interrupt.interrupt_id,
            },
            node=node,
            modern=clone(interrupt.payload()),
        )


def find(run: Run, node_id: str, *, major: int) -> Interrupt:
    """Return the open interrupt of a node.

    Raises:
        Problem: There is none, or none any more (v1.md section 13.3, v2.md section 14).
    """
    interrupt = run.interrupts.get(node_id)
    if interrupt is None:
        code = "interrupt_not_found" if major == 1 else "not_found"
        raise Problem(404, code, f"Node {node_id!r} of this run has asked nothing.")
    refuse_closed(interrupt, major=major)
    return interrupt


def refuse_closed(interrupt: Interrupt, *, major: int) -> None:
    """Refuse an interrupt that takes no answer any more.

    Raises:
        Problem: It has been resolved, or is void.
    """
    if interrupt.state == "pending":
        return
    if major == 1 and interrupt.state == "gone":
        raise Problem(410, "interrupt_gone", "The interrupt is void: a parent run was cancelled.")
    if major == 1 and interrupt.state == "cancelled":
        raise Problem(422, "interrupt_cancelled", "The run was cancelled while it waited.")
    raise Problem(409, "interrupt_already_resolved", "The interrupt takes no answer any more.")


def resolve(
    engine: Engine, run: Run, interrupt: Interrupt, value: Any, *, by: str, major: int
) -> None:
    """Take an answer: it settles the interrupt, or is one vote of several.

    Raises:
        Problem: The answer is not one that the interrupt allows; it stays open.
    """
    if run.paused:
        raise Problem(
            409,
            "run_state_conflict",
            "The run is paused; resume it first.",
            details={"runStatus": run.status},
        )
    ask = interrupt.ask
    if ask.kind == "approval":
        verdict = votes.take(run, interrupt, value, by, engine.clock.now(), major=major)
        if verdict is None:
            return
        value, by = verdict
    elif ask.kind == "clarification":
        value = _answers(ask, value)
    elif ask.kind == "external-event":
        value = _external(interrupt, value, major=major)
    check_schema(ask.resume_schema, value, "resumeValue")
    _settle(engine, run, interrupt, value, by)


def _settle(engine: Engine, run: Run, interrupt: Interrupt, value: Any, by: str) -> None:
    node = run.nodes[interrupt.node_id]
    interrupt.state = "resolved"
    if interrupt.timer is not None:
        interrupt.timer.cancel()
    record = interrupt.interrupt_id
    modern = votes.resolution(run, interrupt, value, by)
    run.emit(
        "interrupt.resolved",
        {
            "nodeId": node.id,
            "interruptId": record,
            "kind": interrupt.ask.kind,
            "resumeValue": clone(value),
            "resolvedBy": by,
            "resolvedAt": timestamp(run.clock.now()),
        },
        node=node.id,
        modern=modern,
    )
    if interrupt.ask.kind == "approval" and interrupt.ask.governed is None:
        twin = votes.received(node.id, value, by)
        run.emit("approval.received", twin, node=node.id, modern=modern)
    elif interrupt.ask.kind == "clarification":
        run.emit(
            "clarification.resolved",
            {"nodeId": node.id, "answers": clone(value["answers"]), "answeredBy": by},
            node=node.id,
            modern=modern,
        )
    run.memo.setdefault("decisions", {})[interrupt.key] = Decision(value, by)
    node.status = "running"
    run.emit(
        "node.resumed",
        {"nodeId": node.id, "interruptId": record, "resumeValue": clone(value)},
        node=node.id,
    )
    engine.resume(run, node, Decision(value, by))


def expire(engine: Engine, run: Run, interrupt: Interrupt) -> None:
    """End a wait that took too long: nobody's silence is a consent."""
    if interrupt.state != "pending" or run.terminal:
        return
    if run.paused:
        node = run.nodes[interrupt.node_id]
        node.held = lambda: expire(engine, run, interrupt)
        return
    interrupt.state = "expired"
    node = run.nodes[interrupt.node_id]
    kind = interrupt.ask.kind
    resolved: JsonObject = {
        "nodeId": node.id,
        "interruptId": interrupt.interrupt_id,
        "kind": kind,
        "reason": "timeout",
        "resolvedAt": timestamp(run.clock.now()),
    }
    if kind == "approval":
        resolved["outcome"] = "rejected"
    modern: JsonObject = {
        "nodeId": node.id,
        "interruptId": interrupt.interrupt_id,
        "kind": kind,
        "reason": "timeout",
    }
    if kind == "approval":
        modern.update(action="timeout", decision="rejected")
    run.emit("interrupt.resolved", resolved, node=node.id, modern=modern)
    if kind == "approval" and interrupt.ask.governed is None:
        twin: JsonObject = {"nodeId": node.id, "action": "timeout"}
        run.emit("approval.received", twin, node=node.id, modern=modern)
    node.status = "running"
    engine.resume(run, node, Decision(timed_out=True))


def _answers(ask: Suspend, value: Any) -> JsonObject:
    """Return the answers as a map by question id; a list of pairs is accepted too."""
    given = as_object(value).get("answers")
    if is_list(given):
        given = {
            str(as_object(entry).get("id")): as_object(entry).get("answer")
            for entry in as_list(given)
        }
    if not is_object(given):
        raise invalid(
            "The resume value of a clarification is {answers: {id: value}}.", field="resumeValue"
        )
    answers = as_object(given)
    questions = {question["id"]: question for question in as_list(ask.data["questions"])}
    missing = [name for name in questions if name not in answers]
    unknown = [name for name in answers if name not in questions]
    if missing or unknown:
        raise invalid(
            "Every question wants one answer, and no other is taken.",
            field="resumeValue.answers",
            missing=missing,
            unknown=unknown,
        )
    for name, question in questions.items():
        check_schema(question.get("schema"), answers[name], f"resumeValue.answers.{name}")
    return {**as_object(value), "answers": answers}


def _external(interrupt: Interrupt, value: Any, *, major: int) -> Any:
    """Check that an event is the one that was waited for: its correlation is contained in it."""
    given = as_object(value)
    event = as_object(given.get("eventPayload", given))
    places = [event, as_object(event.get("correlation")), as_object(given.get("correlation"))]
    for name, wanted in as_object(interrupt.ask.data.get("correlation")).items():
        if not any(name in place and place[name] == wanted for place in places):
            raise Problem(
                # The published fixture wants 422 of major 1; major 2 binds the code to 400.
                422 if major == 1 else 400,
                "validation_error",
                "The event does not carry the correlation that is waited for.",
                details={"field": f"resumeValue.eventPayload.{name}"},
            )
    return value


def check_schema(schema: Any, value: Any, where: str) -> None:
    """Check *value* against a JSON Schema of the workflow's author.

    Raises:
        Problem: 400 `validation_error` with the first violation.
    """
    if not is_object(schema):
        return
    from openwop_testing.schemas import first_violation

    violation = first_violation(as_object(schema), value)
    if violation is not None:
        raise invalid(f"{where} does not fit its schema: {violation}", field=where)
