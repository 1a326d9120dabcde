"""What the host's state looks like on the wire of one major.

Everything that differs between the majors in a document is here: the form of ids, the spelling of
event types, the closed shapes of major 2 (v2.md sections 6, 10 and 12; v1-to-v2.md).
"""

from __future__ import annotations

from typing import Any

import attrs

from openwop_testing._json import JsonObject, as_object, clone
from openwop_testing.clock import timestamp
from openwop_testing.engine.log import LogEvent, modern
from openwop_testing.engine.projection import Projection
from openwop_testing.engine.run import Run
from openwop_testing.ids import bind, bind_payload, project

__all__ = ["Wire"]

_CLOSED_IN_2 = {
    "node.completed": ("nodeId", "outputs", "durationMs"),
    "node.started": ("nodeId", "typeId", "attempt"),
}


@attrs.frozen
class Wire:
    """Renders for one major.

    Attributes:
        major: The protocol major.
        compensation: Whether snapshots tell what was undone.
    """

    major: int
    compensation: bool = False

    def run_id(self, run: Run, run_id: str | None = None) -> str:
        """Return a run's id as bodies carry it."""
        bare = run_id or run.run_id
        return bare if self.major == 1 else bind(run.owner.tenant, bare)

    def path(self, run: Run, rest: str = "") -> str:
        """Return the path of a run's resource."""
        if self.major == 1:
            return f"/v1/runs/{run.run_id}{rest}"
        return f"/runs/{project(self.run_id(run))}{rest}"

    def created(self, run: Run, status: str) -> JsonObject:
        """Return the answer to a creation (v1.md section 7.2)."""
        return {
            "runId": self.run_id(run),
            "status": status,
            "eventsUrl": self.path(run, "/events"),
            "statusUrl": self.path(run),
        }

    def event_type(self, event_type: str) -> str:
        """Return this major's spelling of an event type."""
        return event_type if self.major == 1 else modern(event_type)

    def event(self, run: Run, event: LogEvent) -> JsonObject:
        """Return the event document."""
        document: JsonObject = {
            "eventId": event.event_id,
            "runId": self.run_id(run),
            "type": self.event_type(event.type),
            "payload": self.payload(run, event),
            "timestamp": timestamp(event.at),
            "sequence": event.sequence,
            "schemaVersion": 1,
            "engineVersion": (str(run.engine_version) if self.major == 1 else run.engine_version),
        }
        if event.node_id is not None:
            document["nodeId"] = event.node_id
        if event.causation_id is not None:
            document["causationId"] = event.causation_id
        return document

    def payload(self, run: Run, event: LogEvent) -> JsonObject:
        """Return the payload of an event."""
        if self.major == 1:
            return event.payload
        payload = event.payload if event.modern is None else event.modern
        payload = bind_payload(run.owner.tenant, payload)
        kept = _CLOSED_IN_2.get(event.type)
        if kept is not None:
            payload = {name: payload[name] for name in kept if name in payload}
        if event.type == "run.started":
            payload = {
                **payload,
                "engineVersion": run.engine_version,
                "owner": self.owner(run),
            }
        return payload

    def owner(self, run: Run) -> JsonObject:
        """Return whose run it is."""
        owner: JsonObject = {"tenant": run.owner.tenant, "workspace": run.owner.workspace}
        if self.major == 1:
            owner["principal"] = run.owner.principal
        else:
            owner["subject"] = run.owner.subject()
        return owner

    def snapshot(self, run: Run, state: Projection | None = None) -> JsonObject:
        """Return the run as *state* has it; without one, as it is now."""
        state = state or run.projection
        document: JsonObject = {
            "runId": self.run_id(run),
            "workflowId": run.workflow_id,
            "status": state.status,
            "owner": self.owner(run),
            "nodeStates": self._node_states(run, state),
            "variables": clone(state.variables),
            "engineVersion": str(run.engine_version) if self.major == 1 else run.engine_version,
            "eventLogSchemaVersion": self.major + 1,
        }
        if self.major == 2:
            document["inputs"] = run.masked(run.options.inputs)
            if run.forked_from is not None:
                document["parentRunId"] = self.run_id(run, run.forked_from.run_id)
        if state.waiting:
            document["currentNodeId"] = next(iter(state.waiting))
        for name, moment in (("startedAt", state.started_at), ("completedAt", state.completed_at)):
            if moment is not None:
                document[name] = timestamp(moment)
        if self.compensation:
            document["compensationStatus"] = "none"
        optional: dict[str, Any] = {
            "channels": state.channels or None,
            "error": state.error,
            "tags": run.options.tags,
            "metadata": run.options.metadata,
            "configurable": run.options.configurable,
            "agent": state.agent,
            "runOrchestrator": state.orchestrator,
            "metrics": {"openwopCost": state.cost} if state.cost else None,
        }
        document.update(
            {name: clone(value) for name, value in optional.items() if value is not None}
        )
        return document

    def _node_states(self, run: Run, state: Projection) -> JsonObject:
        shown: JsonObject = {}
        for name, entry in state.node_states.items():
            copied = as_object(clone(entry))
            shown[name] = copied if self.major == 1 else bind_payload(run.owner.tenant, copied)
        return shown

    def annotation(self, run: Run, annotation: JsonObject) -> JsonObject:
        """Return an annotation as this major shows it."""
        shown = as_object(clone(annotation))
        shown["target"]["runId"] = self.run_id(run)
        return shown

    def etag(self, run: Run) -> str:
        """Return the strong validator of a run's snapshot: it changes with every event."""
        return f'"{self.major}.{run.run_id}.{len(run.log)}"'
