"""Nodes that compute, wait or fail."""

from __future__ import annotations

from typing import Any, Final

from openwop_testing._json import JsonObject, as_object, clone, is_number
from openwop_testing.engine.context import NodeContext
from openwop_testing.engine.effects import NodeError, NodeFunction, Outputs, Program, Wait
from openwop_testing.engine.nodes.agents import memory_action
from openwop_testing.engine.nodes.channels import write_channel

__all__ = ["TYPES"]

LONGEST_DELAY_MS: Final = 60_000


def _noop(context: NodeContext) -> Outputs:
    """Complete at once."""
    del context
    return {}


def _identity(context: NodeContext) -> Outputs:
    """Give back what came in."""
    action = context.config.get("memoryAction")
    if isinstance(action, str):
        return memory_action(context, action)
    if context.config.get("emitDuplicateMessageId"):
        for _ in range(2):
            write_channel(context, "messages", {"messageId": "duplicate", "content": "once"})
    outputs: JsonObject = {}
    if "payload" in context.inputs:
        outputs["payload"] = context.inputs["payload"]
    return outputs


def _delay_ms(context: NodeContext) -> float:
    """Return the delay, wherever the definition says it (v1.md D-40)."""
    places: list[Any] = [context.inputs.get("delayMs")]
    places += [context.config.get(name) for name in ("delayMs", "ms", "durationMs")]
    given = next((value for value in places if value is not None), 0)
    if not is_number(given) or not 0 <= given <= LONGEST_DELAY_MS:
        raise NodeError(
            "node_config_invalid", f"A delay is a number of 0 to {LONGEST_DELAY_MS} milliseconds."
        )
    return float(given)


def _delay(context: NodeContext) -> Program:
    """Wait on the run's clock."""
    yield Wait(_delay_ms(context) / 1000)
    return {}


def _fail(context: NodeContext) -> Outputs:
    """Fail; with `times`, only that many attempts."""
    config = context.config
    times = config.get("times")
    if times is not None and context.attempt >= int(times):
        return as_object(clone(config.get("outputs")))
    raise NodeError(
        str(config.get("code", "conformance_test_failure")),
        str(config.get("message", "Intentional conformance failure")),
        retryable=bool(config.get("retryable", times is not None)),
        details=as_object(config.get("details")),
    )


TYPES: dict[str, NodeFunction] = {
    "core.noop": _noop,
    "core.identity": _identity,
    "core.delay": _delay,
    "core.fail": _fail,
}
