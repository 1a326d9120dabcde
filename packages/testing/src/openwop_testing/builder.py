"""Workflows written in Python: a chain of steps that reads like the run it makes.

    Workflow("approve-release")
        .node("build", outputs={"image": "app:7"})
        .approval("gate", title="Ship it?")
        .node("ship")

Each step follows the one before it.  `parallel` and `branch` take functions that add the steps of
each arm, and the step after them joins the arms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self, TypeAlias

import attrs

from openwop_testing._json import JsonObject, clone
from openwop_testing.engine.context import NodeContext
from openwop_testing.engine.effects import NodeFunction
from openwop_testing.engine.nodes import scripted

__all__ = ["Arm", "Workflow"]

Arm: TypeAlias = "Callable[[Workflow], Workflow]"
Condition: TypeAlias = "str | Mapping[str, Any] | None"


@attrs.frozen
class _Tail:
    """A step whose successor is still to come."""

    node_id: str
    condition: Condition = None


class Workflow:
    """Builds a workflow definition, and keeps the Python functions of its nodes.

    Args:
        workflow_id: Its id: lowercase letters, digits, `_` and `-`.
        name: Its name; without one, the id.
        version: Its version.
        description: What it is for.
        configurable: A JSON Schema that `configurable` must fit.
        timeout: How long a run may take, in seconds of its clock.
    """

    def __init__(
        self,
        workflow_id: str,
        *,
        name: str = "",
        version: str = "1.0",
        description: str = "",
        configurable: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> None:
        self.id = workflow_id
        self._name = name or workflow_id
        self._version = version
        self._description = description
        self._configurable = configurable
        self._settings: JsonObject = {"timeout": round((timeout or 0) * 1000)}
        self._nodes: list[JsonObject] = []
        self._edges: list[JsonObject] = []
        self._variables: list[JsonObject] = []
        self._channels: JsonObject = {}
        self._functions: dict[str, NodeFunction] = {}
        self._tails: list[_Tail] = []
        self._join: str | None = None

    def variable(
        self,
        name: str,
        type: str = "string",  # noqa: A002  # the protocol's word
        *,
        default: Any = None,
        required: bool = False,
        sensitive: bool = False,
    ) -> Self:
        """Declare a variable, which a run's input of the same name sets.

        Args:
            name: Its name.
            type: `string`, `number`, `boolean`, `object` or `array`.
            default: Its value without an input.
            required: Whether a run without the input is refused.
            sensitive: Whether its value is masked wherever it would show.
        """
        declared: JsonObject = {"name": name, "type": type, "required": required}
        if default is not None:
            declared["defaultValue"] = default
        if sensitive:
            declared["sensitive"] = True
        self._variables.append(declared)
        return self

    def channel(self, name: str, reducer: str, **options: Any) -> Self:
        """Declare a channel.

        Args:
            name: Its name.
            reducer: How writes are folded: `replace`, `append`, `merge`, `counter`, ...
            **options: Further members of the declaration, such as `maxSize`.
        """
        self._channels[name] = {"reducer": reducer, **options}
        return self

    def node(
        self,
        node_id: str,
        type: str = "",  # noqa: A002  # the protocol's word
        *,
        outputs: Mapping[str, Any] | None = None,
        variables: Mapping[str, Any] | None = None,
        usage: Mapping[str, Any] | None = None,
        seconds: float | None = None,
        run: Callable[[NodeContext], Any] | None = None,
        effect: bool = False,
        config: Mapping[str, Any] | None = None,
        inputs: Mapping[str, Any] | None = None,
        retries: int | None = None,
        retry_delay: float = 0.0,
        when: Condition = None,
        rule: str | None = None,
        primary: bool = False,
        **members: Any,
    ) -> Self:
        """Add a step.

        Args:
            node_id: Its id.
            type: Its node type; without one, a step that does what the other arguments say.
            outputs: What it gives.
            variables: Workflow variables that it sets.
            usage: What it spends: a `provider.usage` payload.
            seconds: How long it takes, on the run's clock.
            run: A function that does it: gets the `NodeContext`, returns the outputs, and may
                yield effects.
            effect: Whether the function does something to the world: a replay then takes its
                recorded outcome and does not run it.
            config: The node's configuration.
            inputs: Its input ports: a port document, or a plain value.
            retries: How many further attempts a retryable failure gets.
            retry_delay: Seconds before each of them.
            when: Runs only if this holds: an expression over `variables`, `inputs` and
                `nodes.<id>.outputs`.
            rule: The trigger rule over what comes before.
            primary: Whether its outputs are the run's.
            **members: Further members of the node, such as `agent` or `disabled`.
        """
        settings: JsonObject = {}
        if retries is not None:
            settings = {"maxRetries": retries, "retryDelayMs": round(retry_delay * 1000)}
        given: JsonObject = dict(config or {})
        scripts = {
            "outputs": outputs,
            "variables": variables,
            "usage": usage,
            "seconds": seconds,
        }
        given.update({name: clone(value) for name, value in scripts.items() if value is not None})
        if effect:
            given["effect"] = True
        if run is not None:
            self._functions[node_id] = scripted.of_function(run)
            type = type or scripted.FUNCTION  # noqa: A001
        node: JsonObject = {
            "id": node_id,
            "typeId": type or scripted.STEP,
            "name": members.pop("name", node_id),
            "position": {"x": 200 * len(self._nodes), "y": 0},
            "config": given,
            "inputs": {name: _port(value) for name, value in (inputs or {}).items()},
            **({"settings": settings} if settings else {}),
            **({"outputRole": "primary"} if primary else {}),
            **members,
        }
        self._nodes.append(node)
        self._link(node_id, when, rule or self._join)
        return self

    def delay(self, node_id: str, seconds: float) -> Self:
        """Add a wait of *seconds* on the run's clock; at most 60."""
        return self.node(node_id, "core.delay", config={"delayMs": round(seconds * 1000)})

    def fail(
        self,
        node_id: str,
        code: str = "conformance_test_failure",
        message: str = "Intentional conformance failure",
        *,
        times: int | None = None,
        retries: int | None = None,
        outputs: Mapping[str, Any] | None = None,
    ) -> Self:
        """Add a step that fails.

        Args:
            node_id: Its id.
            code: The error code.
            message: The error message.
            times: How many attempts fail before one succeeds; without it, every one does.
            retries: How many further attempts it gets.
            outputs: What it gives once it succeeds.
        """
        config: JsonObject = {"code": code, "message": message}
        if times is not None:
            config["times"] = times
        return self.node(node_id, "core.fail", config=config, retries=retries, outputs=outputs)

    def approval(
        self,
        node_id: str,
        title: str = "",
        *,
        actions: Sequence[str] = ("accept", "reject"),
        required: int | None = None,
        approvers: Sequence[str] | None = None,
        policy: str | None = None,
        timeout: float | None = None,
        artifact: Any = None,
        rule: str | None = None,
        **config: Any,
    ) -> Self:
        """Add a gate that waits for a decision.

        Args:
            node_id: Its id.
            title: What is asked.
            actions: What may be decided: `accept`, `reject`, `refine`, `edit-accept`, `ask`.
            required: How many accepts it takes.
            approvers: Who may decide.
            policy: What rejections do: `single-veto` or `majority`.
            timeout: Seconds after which it counts as rejected.
            artifact: What is decided about.
            rule: The trigger rule over what comes before.
            **config: Further members of the configuration.
        """
        known = {
            "requiredApprovals": required,
            "approversList": list(approvers) if approvers is not None else None,
            "rejectionPolicy": policy,
            "timeoutMs": None if timeout is None else round(timeout * 1000),
            "artifactData": artifact,
        }
        given = {"title": title or node_id, "actions": list(actions), **config}
        given.update({name: value for name, value in known.items() if value is not None})
        return self.node(node_id, "core.approvalGate", config=given, rule=rule)

    def clarification(
        self,
        node_id: str,
        question: str | Mapping[str, str],
        *,
        schemas: Mapping[str, Mapping[str, Any]] | None = None,
        timeout: float | None = None,
    ) -> Self:
        """Add a gate that waits for answers.

        Args:
            node_id: Its id.
            question: The question, called `answer`; or several by id.
            schemas: JSON Schemas of the answers, by question id.
            timeout: Seconds after which the node fails.
        """
        asked = {"answer": question} if isinstance(question, str) else question
        questions = [
            {
                "id": name,
                "question": text,
                **({"schema": dict(schemas[name])} if schemas and name in schemas else {}),
            }
            for name, text in asked.items()
        ]
        config: JsonObject = {"questions": questions}
        if timeout is not None:
            config["timeoutMs"] = round(timeout * 1000)
        return self.node(node_id, "core.clarificationGate", config=config)

    def external_event(
        self,
        node_id: str,
        event_type: str,
        correlation: Mapping[str, Any],
        *,
        timeout: float | None = None,
    ) -> Self:
        """Add a wait for an event of another system.

        Args:
            node_id: Its id.
            event_type: The type of the event.
            correlation: What the event must carry to be the one.
            timeout: Seconds after which the node fails.
        """
        data = {"eventType": event_type, "correlation": dict(correlation)}
        config: JsonObject = {"kind": "external-event", "data": data}
        if timeout is not None:
            config["timeoutMs"] = round(timeout * 1000)
        return self.node(node_id, "core.interrupt", config=config)

    def ai_message(
        self,
        node_id: str,
        chunks: Sequence[str],
        *,
        seconds_per_chunk: float = 0.0,
        finish_reason: str = "stop",
        usage: Mapping[str, Any] | None = None,
    ) -> Self:
        """Add a model's answer, streamed chunk by chunk; its output `text` is the whole.

        Args:
            node_id: Its id.
            chunks: The pieces of text, in order; at least one.
            seconds_per_chunk: How long each takes, on the run's clock.
            finish_reason: Why it ends, as the last chunk says.
            usage: What it spends: `promptTokens`, `completionTokens`, `totalTokens`, `costUsd`.
        """
        if not chunks:
            raise ValueError(f"workflow {self.id!r}: a message has at least one chunk")
        config: JsonObject = {
            "tokens": list(chunks),
            "delayMsPerToken": round(seconds_per_chunk * 1000),
            "finishReason": finish_reason,
        }
        if usage is not None:
            config["usage"] = dict(usage)
        return self.node(node_id, "core.ai.callPrompt", config=config)

    def sub_workflow(
        self,
        node_id: str,
        workflow_id: str,
        *,
        inputs: Mapping[str, str] | None = None,
        outputs: Mapping[str, str] | None = None,
        wait: bool = True,
        **config: Any,
    ) -> Self:
        """Add a run of another workflow, which is a run of its own.

        Args:
            node_id: Its id.
            workflow_id: The other workflow.
            inputs: Variables of the child that variables of this run set, child first.
            outputs: Variables of this run that variables of the child set, this run's first.
            wait: Whether the step lasts until the child has ended.
            **config: Further members of the configuration, such as `onChildFailure`.
        """
        given: JsonObject = {"workflowId": workflow_id, "waitForCompletion": wait, **config}
        if inputs is not None:
            given["inputMapping"] = dict(inputs)
        if outputs is not None:
            given["outputMapping"] = dict(outputs)
        return self.node(node_id, "core.subWorkflow", config=given)

    def parallel(self, *arms: Arm) -> Self:
        """Add arms that run side by side; the next step waits for all of them.

        Args:
            *arms: Functions that add the steps of an arm to the workflow they are given.
        """
        return self._fan([(None, arm) for arm in arms], join=None)

    def branch(self, *cases: tuple[str, Arm], otherwise: Arm | None = None) -> Self:
        """Add arms of which those run whose condition holds; the next step waits for one.

        Args:
            *cases: Pairs of a condition and a function that adds the steps of the arm.
            otherwise: Adds the steps of the arm that runs when no condition holds.
        """
        arms: list[tuple[Condition, Arm]] = [*cases]
        if otherwise is not None:
            none = " and ".join(f"not ({condition})" for condition, _ in cases)
            arms.append((none, otherwise))
        return self._fan(arms, join="any_success")

    def _fan(self, arms: Sequence[tuple[Condition, Arm]], *, join: str | None) -> Self:
        if not self._tails:
            raise ValueError(f"workflow {self.id!r}: arms follow a step, and there is none yet")
        before = list(self._tails)
        ends: list[_Tail] = []
        for condition, arm in arms:
            self._tails = [_Tail(tail.node_id, condition) for tail in before]
            self._join = None
            arm(self)
            ends.extend(self._tails)
        self._tails = ends
        self._join = join
        return self

    def _link(self, node_id: str, when: Condition, rule: str | None) -> None:
        for tail in self._tails:
            edge: JsonObject = {
                "id": f"e{len(self._edges) + 1}",
                "sourceNodeId": tail.node_id,
                "targetNodeId": node_id,
            }
            condition = when if when is not None else tail.condition
            if isinstance(condition, str):
                edge["condition"] = {"type": "expression", "expression": condition}
            elif condition is not None:
                edge["condition"] = dict(condition)
            if rule is not None:
                edge["triggerRule"] = rule
            self._edges.append(edge)
        self._tails = [_Tail(node_id)]
        self._join = None

    def loop(self, source: str, target: str, *, when: str) -> Self:
        """Add an edge back: from *source* to *target* again, while *when* holds."""
        self._edges.append(
            {
                "id": f"e{len(self._edges) + 1}",
                "sourceNodeId": source,
                "targetNodeId": target,
                "condition": {"type": "expression", "expression": when},
            }
        )
        return self

    @property
    def functions(self) -> dict[str, NodeFunction]:
        """The Python functions of its nodes, by node id."""
        return dict(self._functions)

    def build(self) -> JsonObject:
        """Return the definition, as the protocol writes it."""
        definition: JsonObject = {
            "id": self.id,
            "name": self._name,
            "version": self._version,
            "nodes": clone(self._nodes),
            "edges": clone(self._edges),
            "triggers": [{"id": "manual", "type": "manual", "enabled": True}],
            "variables": clone(self._variables),
            "metadata": {},
            "settings": dict(self._settings),
        }
        if self._description:
            definition["description"] = self._description
        if self._channels:
            definition["channels"] = clone(self._channels)
        if self._configurable is not None:
            definition["configurableSchema"] = clone(dict(self._configurable))
        return definition

    def __repr__(self) -> str:
        return f"<Workflow {self.id!r}: {', '.join(str(node['id']) for node in self._nodes)}>"


def _port(value: Any) -> JsonObject:
    if isinstance(value, Mapping) and "type" in value:
        port: JsonObject = clone(dict(value))  # pyright: ignore[reportUnknownArgumentType]
        return port
    return {"type": "static", "value": clone(value)}
