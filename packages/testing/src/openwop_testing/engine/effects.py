"""What a node may ask of the engine while it runs.

A node type is a function of a `NodeContext` that returns its outputs, or a generator that yields
effects and returns its outputs.  It never waits and never touches the log of another run.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from openwop_testing._json import JsonObject

if TYPE_CHECKING:
    from openwop_testing.engine.context import NodeContext

__all__ = [
    "CapError",
    "Decision",
    "Effect",
    "Join",
    "NodeError",
    "NodeFunction",
    "Outputs",
    "Program",
    "Spawn",
    "Suspend",
    "Wait",
]


class NodeError(Exception):
    """The node cannot go on.

    Args:
        code: The error code, as it goes into `node.failed`.
        message: What happened, without secrets.
        retryable: Whether a further attempt may succeed.
        details: What goes under `details`.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        retryable: bool = False,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable
        self.details = dict(details or {})

    def document(self) -> JsonObject:
        """Return the error object of an event payload."""
        document: JsonObject = {"code": self.code, "message": self.message}
        if self.details:
            document["details"] = self.details
        document["retryable"] = self.retryable
        return document


class CapError(NodeError):
    """The node ran into a cap: it is logged as a breach, and the run ends.

    Args:
        kind: The kind of cap, as `cap.breached` names it.
        limit: The limit.
        observed: What exceeded it.
    """

    def __init__(self, kind: str, limit: int, observed: int) -> None:
        super().__init__("loop_limit_exceeded", f"The cap on {kind} is {limit}.")
        self.kind = kind
        self.limit = limit
        self.observed = observed


@attrs.frozen
class Wait:
    """Go on when *seconds* have passed on the run's clock."""

    seconds: float


@attrs.frozen
class Suspend:
    """Go on when somebody has answered; the effect returns the `Decision`.

    Attributes:
        kind: The interrupt's kind.
        data: What it asks, as the kind wants it.
        resume_schema: A JSON Schema for the answer.
        timeout_ms: How long the question stands, in milliseconds; 0 for ever.
        reason: Why the node stopped, where the kind does not say it.
        governed: Whether the governed gate's vocabulary and rules apply.
    """

    kind: str
    data: JsonObject
    resume_schema: JsonObject | None = None
    timeout_ms: int = 0
    reason: str = ""
    governed: JsonObject | None = None


@attrs.frozen
class Decision:
    """How a question ended.

    Attributes:
        value: The resume value, normalised.
        by: Who decided.
        timed_out: True where nobody answered in time.
    """

    value: Any = None
    by: str = ""
    timed_out: bool = False


@attrs.frozen
class Spawn:
    """Start a child run; the effect returns its id.

    Attributes:
        workflow_id: The child's workflow.
        variables: What the child's variables begin with, over its defaults.
        omit: Names of the child's variables that begin unset, whatever their default.
        cause: `core.subWorkflow` or `core.dispatch`.
        propagate_cancel: Whether the child is cancelled with its parent.
        run_id: The child's id, where it has been announced.
    """

    workflow_id: str
    variables: JsonObject
    omit: frozenset[str] = frozenset()
    cause: str = "core.subWorkflow"
    propagate_cancel: bool = True
    run_id: str = ""


@attrs.frozen
class Join:
    """Go on when the child run has ended; the effect returns its run."""

    run_id: str


Effect: TypeAlias = Wait | Suspend | Spawn | Join
Outputs: TypeAlias = JsonObject
Program: TypeAlias = Generator[Effect, Any, "Outputs | None"]
NodeFunction: TypeAlias = "Callable[[NodeContext], Program | Outputs | None]"
