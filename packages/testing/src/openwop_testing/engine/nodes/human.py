"""Nodes that ask: approvals, clarifications, and interrupts of every kind (v1.md section 13)."""

from __future__ import annotations

from openwop_testing._json import JsonObject, as_object, clone
from openwop_testing.engine.context import NodeContext
from openwop_testing.engine.effects import (
    Decision,
    NodeError,
    NodeFunction,
    Outputs,
    Program,
    Suspend,
)
from openwop_testing.engine.projection import WAITING_STATUS
from openwop_testing.engine.votes import artifact_id

__all__ = ["TYPES"]

_APPROVAL_DATA = (
    "description",
    "artifactData",
    "requiredApprovals",
    "approversList",
    "approverGroupRefs",
    "approverRoleRefs",
    "audience",
    "rejectionPolicy",
    "overrideBypassesQuorum",
    "onTimeout",
)


def _approval_data(context: NodeContext) -> JsonObject:
    config = context.config
    data: JsonObject = {
        "artifactId": config.get("artifactId") or artifact_id(context.run.run_id, context.node_id),
        "artifactType": config.get("artifactType", "openwop.approval"),
        "title": config.get("title", context.node.definition.get("name", context.node_id)),
        "actions": list(config.get("actions", ["accept", "reject"])),
    }
    for name in _APPROVAL_DATA:
        if name in config:
            data[name] = clone(config[name])
    if "artifactData" not in data and "artifactData" in context.inputs:
        data["artifactData"] = context.inputs["artifactData"]
    return data


def _timeout_ms(config: JsonObject) -> int:
    if "timeoutSec" in config:
        return int(config["timeoutSec"] * 1000)
    return int(config.get("timeoutMs") or 0)


def _outcome(decision: Decision) -> Outputs:
    """Return the outputs of a gate that was decided, or fail it: rejection is no consent."""
    if decision.timed_out:
        raise NodeError(
            "approval_rejected", "Nobody decided in time.", details={"reason": "timeout"}
        )
    value = as_object(decision.value)
    if value.get("action") == "reject":
        details = {"decidedBy": decision.by}
        raise NodeError("approval_rejected", "The approval was rejected.", details=details)
    outputs: JsonObject = clone(value)
    outputs["decidedBy"] = decision.by
    return outputs


def _approval_gate(context: NodeContext) -> Program:
    """Wait for a decision about something."""
    config = context.config
    decision: Decision = yield Suspend(
        "approval",
        _approval_data(context),
        resume_schema=config.get("resumeSchema"),
        timeout_ms=_timeout_ms(config),
    )
    return _outcome(decision)


def _governed_gate(context: NodeContext) -> Program:
    """Wait for a decision under governance: roles, quorum, audited overrides (13.9)."""
    config = context.config
    if not (config.get("requiredRole") or config.get("requiredScope")):
        raise NodeError(
            "node_config_invalid", "A governed gate names a requiredRole or a requiredScope."
        )
    data = _approval_data(context)
    data["requiredApprovals"] = int(config.get("quorum") or data.get("requiredApprovals") or 1)
    decision: Decision = yield Suspend(
        "approval",
        data,
        resume_schema=config.get("resumeSchema"),
        timeout_ms=_timeout_ms(config),
        governed={"override": config.get("override")},
    )
    return _outcome(decision)


def _answered(decision: Decision) -> Decision:
    if decision.timed_out:
        raise NodeError("interrupt_expired", "Nobody answered in time.")
    return decision


def _clarification_gate(context: NodeContext) -> Program:
    """Wait for answers to questions."""
    config = context.config
    data: JsonObject = {"questions": clone(config.get("questions", []))}
    if "contextType" in config:
        data["contextType"] = config["contextType"]
    decision: Decision = yield Suspend(
        "clarification",
        data,
        resume_schema=config.get("resumeSchema"),
        timeout_ms=_timeout_ms(config),
    )
    return {"answers": clone(as_object(_answered(decision).value)["answers"])}


def _interrupt(context: NodeContext) -> Program:
    """Wait for whatever the configuration asks for."""
    config = context.config
    kind = str(config.get("kind", "custom"))
    if kind not in WAITING_STATUS:
        raise NodeError("node_config_invalid", f"{kind!r} is not a kind of interrupt.")
    data = as_object(clone(config.get("data")))
    if kind == "approval":
        data = {**_approval_data(context), **data}
    elif kind == "custom":
        data.setdefault("customKind", "custom")
    decision: Decision = yield Suspend(
        kind, data, resume_schema=config.get("resumeSchema"), timeout_ms=_timeout_ms(config)
    )
    if kind == "approval":
        return _outcome(decision)
    value = _answered(decision).value
    if kind == "external-event":
        return {"event": clone(as_object(value).get("eventPayload", value))}
    if kind == "clarification":
        return {"answers": clone(as_object(value)["answers"])}
    return {"value": clone(value)}


TYPES: dict[str, NodeFunction] = {
    "core.approvalGate": _approval_gate,
    "core.clarificationGate": _clarification_gate,
    "core.interrupt": _interrupt,
    "core.openwop.governance.approvalGate": _governed_gate,
}
