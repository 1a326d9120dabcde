"""Nodes that write channels, and the writing itself (v1-workflows.md section 4)."""

from __future__ import annotations

from typing import Any

from openwop_testing._json import JsonObject, as_list, as_object, clone
from openwop_testing.clock import timestamp
from openwop_testing.engine.channels import REDUCERS, declaration
from openwop_testing.engine.context import NodeContext
from openwop_testing.engine.effects import NodeError, NodeFunction, Outputs

__all__ = ["TYPES", "write_channel"]


def write_channel(context: NodeContext, channel: str, value: Any) -> Any:
    """Write a channel and return what it folds to.

    Raises:
        NodeError: The node may not write it.
    """
    run = context.run
    declared = declaration(run.workflow, channel)
    access = declared.get("access", "public")
    writers = as_object(access).get("writers")
    agent = as_object(context.node.definition.get("agent")).get("agentId")
    if writers is not None and not {context.node_id, agent} & set(as_list(writers)):
        raise NodeError(
            "channel_access_denied",
            f"Node {context.node_id!r} may not write channel {channel!r}.",
        )
    reducer = str(declared.get("reducer") or context.config.get("reducer") or "replace")
    if reducer not in REDUCERS and not reducer.startswith("vendor."):
        raise NodeError("node_config_invalid", f"There is no reducer {reducer!r}.")
    payload: JsonObject = {
        "channel": channel,
        "value": "[REDACTED]" if declared.get("sensitive") else clone(value),
        "reducer": reducer,
        "writtenAt": timestamp(run.clock.now()),
        "nodeId": context.node_id,
    }
    if "schemaVersion" in declared:
        payload["schemaVersion"] = declared["schemaVersion"]
    shown = dict(payload)
    if reducer == "message":
        # The published pattern of major 1 lacks this reducer (v1.md D-39); a vendor's name is
        # what it lets through.
        shown["reducer"] = "vendor.openwop.message"
    run.emit("channel.written", shown, node=context.node_id, modern=payload)
    folded = clone(run.projection.channels[channel])
    run.variables[channel] = folded
    return folded


def _channel_write(context: NodeContext) -> Outputs:
    """Write a channel."""
    config = context.config
    channel = config.get("channelName")
    if not isinstance(channel, str) or not channel:
        raise NodeError("node_config_invalid", "A channel write names its channel.")
    inputs = context.inputs
    value = inputs["value"] if "value" in inputs else config.get("value")
    write_channel(context, channel, value)
    return {}


TYPES: dict[str, NodeFunction] = {"core.channelWrite": _channel_write}
