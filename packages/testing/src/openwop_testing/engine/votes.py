"""Approvals: the actions of a gate, their companions, and quorum (v1.md 13.2, 13.8; v2.md 14)."""

from __future__ import annotations

import hashlib
from typing import Any

from openwop_testing._json import JsonObject, as_list, as_object, clone, is_object
from openwop_testing.clock import timestamp
from openwop_testing.engine.run import Interrupt, Run
from openwop_testing.problems import Problem, invalid

__all__ = ["received", "resolution", "take"]

_COMPANIONS = {"refine": "refineFeedback", "edit-accept": "editedArtifactData"}
_MEMBERS = frozenset(
    {
        "action",
        "decidedBy",
        "decidedAt",
        "feedback",
        "comment",
        "refineFeedback",
        "editedArtifactData",
        "decision",
        "override",
        "reason",
    }
)


def take(
    run: Run, interrupt: Interrupt, value: Any, by: str, now: float, *, major: int
) -> tuple[JsonObject, str] | None:
    """Check a decision and count it.

    Returns:
        The decision that settles the gate and who is named for it; None where the gate stays open.

    Raises:
        Problem: The gate does not offer the action, its companion is missing, or the caller may
            not decide.
    """
    ask = interrupt.ask
    if not is_object(value):
        raise _refused("An approval is decided with an object that names an action.", interrupt)
    decision = _normalise(as_object(value))
    action = decision.get("action")
    offered = as_list(ask.data.get("actions"))
    override = ask.governed is not None and decision.get("override") is True
    if action not in offered:
        raise _refused(f"The gate offers {', '.join(offered)}.", interrupt, field="action")
    unknown = sorted(set(decision) - _MEMBERS)
    if unknown:
        raise _refused(
            "The decision has members that no decision has.", interrupt, field=unknown[0]
        )
    companion = _COMPANIONS.get(str(action))
    if companion is not None and companion not in decision:
        raise _refused(f"{action} needs {companion}.", interrupt, field=companion)
    if action == "refine":
        _check_feedback(decision["refineFeedback"], interrupt)
    voter = str(decision.get("decidedBy") or by)
    _check_eligible(ask.data, voter)
    decision["decidedBy"] = voter
    decision.setdefault("decidedAt", timestamp(now))
    if action == "ask":
        return None
    return _count(run, interrupt, decision, voter, override=override, major=major)


def _refused(message: str, interrupt: Interrupt, field: str = "") -> Problem:
    details = {"field": f"resumeValue.{field}" if field else "resumeValue"}
    if interrupt.ask.governed is not None:
        return Problem(400, "INVALID_RESUME_VALUE", message, details=details)
    return invalid(message, **details)


def _normalise(value: JsonObject) -> JsonObject:
    """Return the decision in today's words (v1.md section 13.2, last sentence)."""
    decision: JsonObject = clone(value)
    if "action" not in decision and decision.get("decision") in {"approved", "rejected"}:
        if decision.pop("decision") == "approved":
            decision["action"] = "accept"
        elif isinstance(decision.get("feedback"), str):
            decision["action"] = "refine"
            decision["refineFeedback"] = {"scope": "whole", "text": decision.pop("feedback")}
        else:
            decision["action"] = "reject"
    if "refineFeedback" in decision:
        decision.pop("feedback", None)
    return decision


def _check_feedback(feedback: Any, interrupt: Interrupt) -> None:
    fields = as_object(feedback)
    if fields.get("scope") not in {"whole", "section", "items"}:
        raise _refused(
            "refineFeedback has a scope: whole, section or items.",
            interrupt,
            field="refineFeedback.scope",
        )
    unknown = sorted(set(fields) - {"scope", "sectionPath", "itemIds", "tags", "text"})
    if unknown:
        raise _refused(
            "refineFeedback has members that it never has.",
            interrupt,
            field=f"refineFeedback.{unknown[0]}",
        )


def _check_eligible(data: JsonObject, voter: str) -> None:
    approvers = as_list(data.get("approversList"))
    if approvers and voter not in approvers:
        raise Problem(403, "forbidden", "This gate is decided by the approvers that it lists.")


def _count(
    run: Run, interrupt: Interrupt, decision: JsonObject, voter: str, *, override: bool, major: int
) -> tuple[JsonObject, str] | None:
    ask = interrupt.ask
    required = int(ask.data.get("requiredApprovals", 1))
    if required <= 1 and ask.governed is None:
        return decision, voter
    interrupt.votes[voter] = decision
    accepts = sum(vote["action"] in {"accept", "edit-accept"} for vote in interrupt.votes.values())
    rejects = len(interrupt.votes) - accepts
    if ask.governed is not None:
        _log_governed(run, interrupt, decision, voter, accepts, required, override=override)
    if override and ask.data.get("overrideBypassesQuorum"):
        return decision, voter
    if decision["action"] not in {"accept", "edit-accept"}:
        electorate = max(len(as_list(ask.data.get("approversList"))), required)
        veto = ask.data.get("rejectionPolicy", "single-veto") != "majority"
        return (decision, voter) if veto or rejects * 2 > electorate else None
    if accepts >= required:
        named = voter if major == 2 else f"quorum:{accepts}-of-{required}"
        return decision, named if required > 1 else voter
    return None


def _log_governed(
    run: Run,
    interrupt: Interrupt,
    decision: JsonObject,
    voter: str,
    accepts: int,
    required: int,
    *,
    override: bool,
) -> None:
    gate: JsonObject = {"gateId": interrupt.node_id, "principal": voter}
    modern = resolution(run, interrupt, decision, voter)
    node = interrupt.node_id
    if override:
        reason = str(decision.get("reason", ""))
        if not reason:
            raise _refused("An override states its reason.", interrupt, field="reason")
        modern["decision"] = "overridden"
        run.emit("approval.overridden", {**gate, "reason": reason}, node=node, modern=modern)
    elif decision["action"] in {"accept", "edit-accept"}:
        gate["quorumProgress"] = {"granted": accepts, "required": required}
        run.emit("approval.granted", gate, node=node, modern=modern)
    else:
        if "reason" in decision:
            gate["reason"] = str(decision["reason"])
        run.emit("approval.rejected", gate, node=node, modern=modern)


def resolution(run: Run, interrupt: Interrupt, value: Any, by: str) -> JsonObject:
    """Return the one payload that major 2 gives to every event of a resolution."""
    payload: JsonObject = {
        "nodeId": interrupt.node_id,
        "interruptId": interrupt.interrupt_id,
        "kind": interrupt.ask.kind,
        "resumeValue": clone(value),
        "resolvedBy": run.owner.subject(by),
    }
    if interrupt.ask.kind == "approval":
        decision = as_object(value)
        payload["action"] = decision["action"]
        payload["decision"] = "rejected" if decision["action"] == "reject" else "granted"
        for name in ("refineFeedback", "editedArtifactData"):
            if name in decision:
                payload[name] = clone(decision[name])
    return payload


def received(node_id: str, decision: JsonObject, by: str) -> JsonObject:
    """Return the payload of `approval.received` for a settled decision."""
    payload: JsonObject = {"nodeId": node_id, "action": decision["action"], "decidedBy": by}
    for name in ("decidedAt", "comment", "refineFeedback", "editedArtifactData"):
        if name in decision:
            payload[name] = clone(decision[name])
    if "feedback" in decision:
        payload["feedback"] = decision["feedback"]
    return payload


def artifact_id(run_id: str, node_id: str) -> str:
    """Return a stable id for the artifact that a gate without one is about."""
    return "art-" + hashlib.sha256(f"{run_id}:{node_id}".encode()).hexdigest()[:16]
