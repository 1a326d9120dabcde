"""A run: its definition, its log, and what the engine has to remember between two steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import attrs

from openwop_testing._json import JsonObject, as_list, as_object, clone
from openwop_testing.clock import RunClock, Timer
from openwop_testing.engine.effects import Program, Suspend
from openwop_testing.engine.log import LogEvent
from openwop_testing.engine.projection import Projection
from openwop_testing.ids import Mint
from openwop_testing.tracing import TraceContext

__all__ = ["Edge", "Interrupt", "Node", "Options", "Owner", "Parent", "Run"]

Listener: TypeAlias = Callable[[LogEvent], None]
ENDED: Final = frozenset({"completed", "failed", "skipped", "cancelled"})


@attrs.frozen
class Owner:
    """Whose run it is.

    Attributes:
        tenant: The isolation boundary.
        workspace: The part of the tenant, where it has parts.
        principal: Who acted, as an opaque id.
        test: Whether a test key made it: test data and live data never meet.
    """

    tenant: str
    workspace: str
    principal: str
    test: bool = True

    def subject(self, principal: str = "") -> JsonObject:
        """Return the subject that major 2 shows for a principal of this owner (v2.md 7.6)."""
        return {
            "issuer": "urn:openwop:fake-host",
            "subjectId": "".join(
                "-" if mark.isspace() or mark == "/" else mark
                for mark in principal or self.principal
            ),
            "tenant": self.tenant,
            "lane": "api-key",
            "kind": "user",
        }


@attrs.frozen
class Options:
    """What the caller gave at creation; never changed afterwards (v1.md section 10)."""

    inputs: JsonObject = attrs.field(factory=dict[str, Any])
    configurable: JsonObject | None = None
    tags: list[str] | None = None
    metadata: JsonObject | None = None
    scope_id: str | None = None
    engine_version: int | None = None
    callback_url: str | None = None


@attrs.frozen
class Parent:
    """Where a run comes from: the run that started it, or the one that it was forked from."""

    run_id: str
    cause: str
    node_id: str = ""
    propagate_cancel: bool = True


@attrs.frozen
class Edge:
    """One edge of the graph, with its defaults filled in."""

    source: str
    target: str
    condition: JsonObject | None
    rule: str


@attrs.define(eq=False)
class Interrupt:
    """A question that a node asked.

    Attributes:
        interrupt_id: Its id.
        node_id: The node that asks.
        key: Its key, asked once per run.
        ask: What is asked.
        requested_at: The run clock's time of asking.
        state: `pending`, `resolved`, `cancelled` (with its run), `gone` (with a parent run) or
            `expired`.
        votes: The last vote of each voter, for quorum.
        seen: The ids of external events that have been taken in.
        timer: Ends the wait.
    """

    interrupt_id: str
    node_id: str
    key: str
    ask: Suspend
    requested_at: float
    state: str = "pending"
    votes: dict[str, JsonObject] = attrs.field(factory=dict[str, JsonObject])
    seen: set[str] = attrs.field(factory=set[str])
    timer: Timer | None = None

    def payload(self) -> JsonObject:
        """Return the closed interrupt payload (v1.md section 13.1)."""
        payload: JsonObject = {"kind": self.ask.kind, "key": self.key, "data": self.ask.data}
        if self.ask.resume_schema is not None:
            payload["resumeSchema"] = self.ask.resume_schema
        if self.ask.timeout_ms:
            payload["timeoutMs"] = self.ask.timeout_ms
        return payload


@attrs.define(eq=False)
class Node:
    """A node of one run.

    Attributes:
        definition: The node as the workflow declares it.
        status: `pending`, `running`, `suspended` or how it ended.
        attempt: The current attempt, from 0.
        tries: How many attempts failed since it was last started.
        outputs: What it returned.
        error: Why it failed.
        program: The generator that is running.
        timer: What wakes it.
        started_at: The run clock's time of its start.
        questions: How many interrupts it raised.
        joined: The child run it waits for.
        child_id: The child run that its start announces.
        held: What to do when the paused run goes on.
    """

    definition: JsonObject
    status: str = "pending"
    attempt: int = 0
    tries: int = 0
    outputs: JsonObject = attrs.field(factory=dict[str, Any])
    error: JsonObject | None = None
    program: Program | None = None
    timer: Timer | None = None
    started_at: float = 0.0
    questions: int = 0
    joined: str | None = None
    child_id: str | None = None
    held: Callable[[], None] | None = None

    @property
    def id(self) -> str:
        """The node's id."""
        return str(self.definition["id"])

    @property
    def type_id(self) -> str:
        """The node's type."""
        return str(self.definition["typeId"])

    @property
    def config(self) -> JsonObject:
        """The node's configuration."""
        return as_object(self.definition.get("config"))

    @property
    def settings(self) -> JsonObject:
        """The node's own settings."""
        return as_object(self.definition.get("settings"))

    @property
    def ended(self) -> bool:
        """Whether the node has reached a terminal state."""
        return self.status in ENDED


@attrs.define(eq=False)
class Run:
    """One run and its durable log."""

    run_id: str
    workflow: JsonObject
    owner: Owner
    options: Options
    clock: RunClock
    mint: Mint
    major: int
    engine_version: int
    parent: Parent | None = None
    forked_from: Parent | None = None
    replaying: bool = False
    cause: str | None = None
    created_at: float = 0.0
    trace: TraceContext | None = None
    log: list[LogEvent] = attrs.field(factory=list[LogEvent])
    projection: Projection = attrs.field(factory=Projection)
    initial: Projection = attrs.field(factory=Projection)
    nodes: dict[str, Node] = attrs.field(factory=dict[str, Node])
    edges: list[Edge] = attrs.field(factory=list[Edge])
    variables: JsonObject = attrs.field(factory=dict[str, Any])
    sensitive: frozenset[str] = frozenset()
    interrupts: dict[str, Interrupt] = attrs.field(factory=dict[str, Interrupt])
    executions: int = 0
    loops: dict[str, int] = attrs.field(factory=dict[str, int])
    pause_wanted: JsonObject | None = None
    paused_at: float | None = None
    children: list[str] = attrs.field(factory=list[str])
    artifacts: dict[str, Any] = attrs.field(factory=dict[str, Any])
    annotations: list[JsonObject] = attrs.field(factory=list[JsonObject])
    listeners: list[Callable[[LogEvent], None]] = attrs.field(
        factory=list[Callable[[LogEvent], None]]
    )
    deadline: Timer | None = None
    recorded: dict[str, Any] = attrs.field(factory=dict[str, Any])
    catching_up: dict[str, list[LogEvent]] = attrs.field(factory=dict[str, list[LogEvent]])
    memo: JsonObject = attrs.field(factory=dict[str, Any])

    @property
    def workflow_id(self) -> str:
        """The id of the workflow that it runs."""
        return str(self.workflow["id"])

    @property
    def status(self) -> str:
        """The status that the log folds to."""
        return self.projection.status

    @property
    def terminal(self) -> bool:
        """Whether the run has ended."""
        return self.projection.terminal

    @property
    def paused(self) -> bool:
        """Whether the run is paused."""
        return self.projection.paused

    @property
    def active(self) -> bool:
        """Whether the run may go on: it is neither paused nor at its end."""
        return not (self.projection.terminal or self.projection.paused)

    def emit(
        self,
        event_type: str,
        payload: JsonObject,
        *,
        node: str | None = None,
        cause: str | None = None,
        modern: JsonObject | None = None,
    ) -> LogEvent:
        """Append an event to the log and fold it into the projection.

        A node that a fork cut off begins again; what it has in the copied history already is
        taken from there instead.
        """
        copied = self.catching_up.get(node or "")
        if copied:
            if copied[0].type == event_type:
                return copied.pop(0)
            copied.clear()
        event = LogEvent(
            event_id=self.mint.new("evt"),
            run_id=self.run_id,
            type=event_type,
            payload=payload,
            at=self.clock.now(),
            sequence=len(self.log),
            node_id=node,
            causation_id=cause,
            modern=modern,
        )
        self.append(event)
        return event

    def append(self, event: LogEvent) -> None:
        """Append a ready event to the log, fold it, and tell whoever listens."""
        if self.projection.terminal:
            raise AssertionError(f"{event.type} after the end of run {self.run_id}")
        self.log.append(event)
        self.projection.apply(event)
        for listener in list(self.listeners):
            listener(event)

    def set_variable(self, name: str, value: Any, *, node: str | None = None) -> None:
        """Change a workflow variable and record the change."""
        payload: JsonObject = {"name": name}
        if name in self.variables:
            payload["previous"] = self._shown(name, self.variables[name])
        payload["next"] = self._shown(name, value)
        if node is not None:
            payload["nodeId"] = node
        self.variables[name] = value
        self.emit("variable.changed", payload, node=node)

    def masked(self, values: JsonObject) -> JsonObject:
        """Return a copy of *values* by variable name, without what is sensitive."""
        return {name: self._shown(name, clone(value)) for name, value in values.items()}

    def _shown(self, name: str, value: Any) -> Any:
        return "[REDACTED]" if name in self.sensitive else value

    def running(self) -> list[Node]:
        """Return the nodes that have begun and not ended, suspended ones included."""
        return [node for node in self.nodes.values() if node.status in {"running", "suspended"}]

    def elapsed_ms(self) -> int:
        """Return the milliseconds since the run started."""
        started = self.projection.started_at
        return 0 if started is None else round((self.clock.now() - started) * 1000)

    def setting(self, name: str) -> Any:
        """Return one of the workflow's settings."""
        return as_object(self.workflow.get("settings")).get(name)


def edges_of(workflow: JsonObject) -> list[Edge]:
    """Return the edges of a definition, defaults filled in."""
    return [
        Edge(
            source=str(edge["sourceNodeId"]),
            target=str(edge["targetNodeId"]),
            condition=as_object(edge.get("condition")) or None,
            rule=str(edge.get("triggerRule", "all_success")),
        )
        for edge in as_list(workflow.get("edges"))
    ]
