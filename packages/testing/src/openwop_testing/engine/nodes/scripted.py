"""Nodes for workflows that are written in Python: scripted outputs, and functions."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, cast

from openwop_testing._json import JsonObject, as_object, clone, is_number
from openwop_testing.engine.context import NodeContext
from openwop_testing.engine.effects import (
    Effect,
    NodeError,
    NodeFunction,
    Outputs,
    Program,
    Wait,
)

__all__ = ["FUNCTION", "STEP", "TYPES", "of_function"]

STEP = "local.test.step"
FUNCTION = "local.test.function"


def _step(context: NodeContext) -> Program:
    """Take the time, set the variables, spend what was scripted, and give the outputs."""
    config = context.config
    if is_number(config.get("seconds")):
        yield Wait(float(config["seconds"]))
    for name, value in as_object(config.get("variables")).items():
        context.set_variable(name, clone(value))
    usage = as_object(config.get("usage"))
    if usage:
        context.emit("provider.usage", {**usage, "nodeId": context.node_id})
    outputs: JsonObject = clone(as_object(config.get("outputs")))
    return outputs


def of_function(function: Callable[[NodeContext], Any]) -> NodeFunction:
    """Return a node that runs a Python function.

    The function gets the `NodeContext` and returns the outputs, or yields effects on the way.
    What it raises fails the node: a `NodeError` with its own code, anything else with
    `sandbox_invocation_error`.
    """

    def run(context: NodeContext) -> Program:
        if context.config.get("effect"):
            recorded = context.recorded_effect()
            if recorded is not None:
                return recorded
            if context.run.replaying:
                raise NodeError(
                    "replay_source_missing",
                    "The source run has no recorded outcome of this side effect.",
                    details={"nodeId": context.node_id, "attempt": context.attempt},
                )
            context.claim_effect()
        try:
            result = function(context)
            if isinstance(result, Generator):
                result = yield from cast("Generator[Effect, Any, Any]", result)
        except NodeError:
            raise
        except Exception as error:
            raise NodeError(
                "sandbox_invocation_error", f"{type(error).__name__}: {error}"
            ) from error
        outputs: Outputs = as_object(result)
        return outputs

    return run


TYPES: dict[str, NodeFunction] = {STEP: _step}
