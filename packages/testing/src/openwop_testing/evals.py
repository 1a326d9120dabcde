"""Evaluations: suites of tasks that an agent is scored on (v1.md section 23)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from openwop_testing._json import JsonObject, as_list, clone
from openwop_testing.engine.context import NodeContext
from openwop_testing.engine.effects import NodeFunction, Outputs, Program, Wait

__all__ = ["TYPES", "Evals", "Suite", "summary"]

WORKFLOW_ID = "openwop-eval"


@attrs.frozen
class Suite:
    """A suite and the results that its tasks have.

    Attributes:
        suite_id: Its id: `<name>.evals.<name>`.
        version: Its version.
        tasks: The results in order, each with `taskId`, `score` and optionally `passed`,
            `costUsd`, `latencyMs`, `schemaValid`, `safetyFindings` and `seconds`.
        modes: The modes it runs in.
        pass_score: The score from which a task has passed.
    """

    suite_id: str
    version: str
    tasks: tuple[JsonObject, ...]
    modes: tuple[str, ...]
    pass_score: float


class Evals:
    """The suites of one host."""

    def __init__(self) -> None:
        self._suites: dict[str, Suite] = {}

    def add(
        self,
        suite_id: str,
        tasks: Iterable[Mapping[str, Any]],
        *,
        version: str = "1.0.0",
        modes: Sequence[str] = ("golden",),
        pass_score: float = 0.5,
    ) -> None:
        """Add a suite, with the results that its tasks will have.

        Args:
            suite_id: Its id: `<name>.evals.<name>`; also what `evalSuiteRef` names.
            tasks: The results, each with at least `taskId` and `score`.
            version: Its version.
            modes: The modes it runs in.
            pass_score: The score from which a task, and the suite, has passed.
        """
        results = tuple(clone(dict(task)) for task in tasks)
        self._suites[suite_id] = Suite(suite_id, version, results, tuple(modes), pass_score)

    def find(self, reference: str) -> Suite | None:
        """Return the suite that a reference names: its id, or a URI that ends in it."""
        name = reference.rpartition("/")[2].rpartition(":")[2].partition("@")[0]
        return self._suites.get(reference) or self._suites.get(name)


def workflow(suite: Suite) -> JsonObject:
    """Return the definition that an evaluation runs."""
    return {
        "id": WORKFLOW_ID,
        "name": f"Evaluation by {suite.suite_id}",
        "version": suite.version,
        "nodes": [
            {
                "id": "evaluate",
                "typeId": "local.test.evaluate",
                "name": "Evaluate",
                "position": {"x": 0, "y": 0},
                "config": {
                    "suiteId": suite.suite_id,
                    "version": suite.version,
                    "modes": list(suite.modes),
                    "passScore": suite.pass_score,
                    "tasks": clone(list(suite.tasks)),
                },
                "inputs": {},
            }
        ],
        "edges": [],
        "triggers": [],
        "variables": [],
        "metadata": {},
        "settings": {},
    }


def _passed(task: JsonObject, threshold: float) -> bool:
    return bool(task.get("passed", task["score"] >= threshold))


def summary(config: JsonObject) -> JsonObject:
    """Return the summary of an evaluation from the configuration of its node."""
    tasks = as_list(config["tasks"])
    threshold = float(config["passScore"])
    scores = [float(task["score"]) for task in tasks]
    aggregate = sum(scores) / len(scores) if scores else 0.0
    shown: list[JsonObject] = []
    for task in tasks:
        entry: JsonObject = {
            "taskId": task["taskId"],
            "score": task["score"],
            "passed": _passed(task, threshold),
        }
        for name in ("costUsd", "latencyMs", "schemaValid", "safetyFindings"):
            if name in task:
                entry[name] = clone(task[name])
        shown.append(entry)
    document: JsonObject = {
        "suiteId": config["suiteId"],
        "suiteVersion": config["version"],
        "aggregateScore": round(aggregate, 6),
        "passed": aggregate >= threshold,
        "taskCount": len(tasks),
        "passedCount": sum(entry["passed"] for entry in shown),
        "tasks": shown,
    }
    costs = [task["costUsd"] for task in tasks if "costUsd" in task]
    if costs:
        document["totalCostUsd"] = sum(costs)
    return document


def _evaluate(context: NodeContext) -> Program:
    """Score each task, and then the whole."""
    config = context.config
    result = summary(config)
    context.emit(
        "eval.started",
        {
            "suiteId": config["suiteId"],
            "suiteVersion": config["version"],
            "taskCount": result["taskCount"],
            "modes": list(config["modes"]),
        },
    )
    for task, scored in zip(as_list(config["tasks"]), result["tasks"], strict=True):
        if task.get("seconds"):
            yield Wait(float(task["seconds"]))
        event = {name: scored[name] for name in ("taskId", "score", "passed")}
        for name in ("costUsd", "latencyMs", "schemaValid"):
            if name in scored:
                event[name] = scored[name]
        if "safetyFindings" in scored:
            event["safetyFindingCount"] = len(scored["safetyFindings"])
        context.emit("eval.scored", event)
    whole = ("aggregateScore", "passed", "taskCount", "passedCount")
    context.emit("eval.completed", {name: result[name] for name in whole})
    outputs: Outputs = {"passed": result["passed"]}
    return outputs


TYPES: dict[str, NodeFunction] = {"local.test.evaluate": _evaluate}
