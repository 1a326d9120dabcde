"""Agents: their inventory, deployments, roster and organisation (v1.md 7.7, v2.md 19)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import attrs

from openwop_testing._json import JsonObject, as_list, clone
from openwop_testing.problems import Problem, invalid, not_found

__all__ = ["AgentStore", "Deployment"]

STATES: Final = ("draft", "test", "staged", "active", "paused", "deprecated", "rolled-back")


@attrs.define(eq=False)
class Deployment:
    """One version of an agent that is deployed somewhere."""

    agent_id: str
    version: str
    state: str = "active"
    channels: list[str] = attrs.field(factory=list[str])
    canary: int | None = None
    rollback: str | None = None
    eval_run: str | None = None

    def document(self) -> JsonObject:
        """Return the deployment record."""
        record: JsonObject = {
            "agentId": self.agent_id,
            "version": self.version,
            "state": self.state,
        }
        if self.channels:
            record["channels"] = list(self.channels)
        optional = {
            "canaryPercent": self.canary,
            "rollbackPointer": self.rollback,
            "evalRunId": self.eval_run,
        }
        record.update({name: value for name, value in optional.items() if value is not None})
        return record


class AgentStore:
    """The agents of one host."""

    def __init__(self) -> None:
        self._agents: dict[tuple[str, str], JsonObject] = {}
        self._deployments: dict[str, list[Deployment]] = {}
        self._roster: dict[tuple[str, str], JsonObject] = {}
        self._charts: dict[str, JsonObject] = {}
        self._gated: set[str] = set()

    def add(
        self,
        agent_id: str,
        *,
        persona: str = "",
        label: str = "",
        model_class: str = "chat",
        tools: tuple[str, ...] = (),
        tenant: str = "acme",
        pack: str = "local.agents",
        pack_version: str = "1.0.0",
        **members: Any,
    ) -> None:
        """Add an agent to the inventory.

        Args:
            agent_id: Its id, 3 to 256 characters.
            persona: Who it is.
            label: What it is called.
            model_class: The class of model it runs on.
            tools: The tools it may use.
            tenant: Whose agent it is.
            pack: The pack it came in.
            pack_version: The version of that pack.
            **members: Further members of its inventory entry.
        """
        self._agents[(tenant, agent_id)] = {
            "agentId": agent_id,
            "persona": persona or agent_id,
            "label": label or agent_id,
            "modelClass": model_class,
            "packName": pack,
            "packVersion": pack_version,
            "toolAllowlist": list(tools),
            "hasHandoffSchemas": False,
            **members,
        }

    def inventory(self, tenant: str) -> list[JsonObject]:
        """Return the agents of a tenant, by id."""
        found = [agent for (owner, _), agent in self._agents.items() if owner == tenant]
        return sorted(found, key=lambda agent: str(agent["agentId"]))

    def get(self, tenant: str, agent_id: str) -> JsonObject:
        """Return an agent.

        Raises:
            Problem: 404: there is none that the tenant may see.
        """
        agent = self._agents.get((tenant, agent_id))
        if agent is None:
            raise not_found("The agent")
        return agent

    def deploy(
        self,
        agent_id: str,
        version: str,
        *,
        state: str = "active",
        channels: tuple[str, ...] = (),
        canary: int | None = None,
    ) -> Deployment:
        """Deploy a version of an agent.

        Args:
            agent_id: The agent.
            version: The version.
            state: Its state.
            channels: The channels that lead to it.
            canary: The share of runs it gets, in percent.
        """
        deployment = Deployment(agent_id, version, state, list(channels), canary)
        self._deployments.setdefault(agent_id, []).append(deployment)
        return deployment

    def require_eval(self, agent_id: str) -> None:
        """Let an agent be promoted only after an evaluation that it passed."""
        self._gated.add(agent_id)

    def eval_gated(self, agent_id: str) -> bool:
        """Tell whether a promotion needs a passed evaluation."""
        return agent_id in self._gated

    def deployments(self, agent_id: str) -> list[Deployment]:
        """Return the deployments of an agent, by version."""
        return sorted(self._deployments.get(agent_id, []), key=lambda entry: entry.version)

    def deployment(self, agent_id: str, version: str) -> Deployment:
        """Return one deployment.

        Raises:
            Problem: 404: there is none.
        """
        for entry in self._deployments.get(agent_id, []):
            if entry.version == version:
                return entry
        raise not_found("The deployment")

    def resolve(self, agent_id: str, channel: str) -> Deployment | None:
        """Return the active deployment that a channel leads to."""
        for entry in reversed(self.deployments(agent_id)):
            if channel in entry.channels and entry.state == "active":
                return entry
        return None

    def transition(
        self, agent_id: str, body: Mapping[str, Any]
    ) -> tuple[Deployment, str, JsonObject]:
        """Move a deployment; return it with the event that tells of it.

        Raises:
            Problem: The transition is not one that this deployment can make.
        """
        entry = self.deployment(agent_id, body["version"])
        verb, before = body["transition"], entry.state
        named: JsonObject = {"agentId": agent_id}
        if verb == "promote":
            return self._promote(entry, body, named)
        if verb == "rollback":
            return self._roll_back(entry, body, named)
        if verb == "adjust-canary":
            if "canaryPercent" not in body:
                raise invalid("adjust-canary needs canaryPercent.", field="canaryPercent")
            given = entry.canary or 0
            entry.canary = int(body["canaryPercent"])
            event = {"version": entry.version, "fromPercent": given, "toPercent": entry.canary}
            return entry, "deployment.canary.adjusted", {**named, **event}
        wanted = {"pause": "paused", "deprecate": "deprecated"}[verb]
        if before not in {"active", "staged", "paused"} or before == wanted:
            raise invalid(f"A deployment that is {before} cannot be {wanted}.", field="transition")
        entry.state = wanted
        event = {"version": entry.version, "fromState": before, "toState": wanted}
        return entry, "deployment.state.changed", {**named, **event}

    def _promote(
        self, entry: Deployment, body: Mapping[str, Any], named: JsonObject
    ) -> tuple[Deployment, str, JsonObject]:
        target = str(body.get("toState", "active"))
        if entry.state in {"deprecated", "rolled-back"}:
            raise invalid(f"A deployment that is {entry.state} is not promoted.", field="version")
        channel = body.get("channel")
        former = self.resolve(entry.agent_id, channel) if channel else None
        if channel is not None and channel not in entry.channels:
            entry.channels.append(channel)
        if former is not None and former is not entry and channel is not None:
            former.channels.remove(channel)
            entry.rollback = former.version
        entry.state = target
        if "canaryPercent" in body:
            entry.canary = int(body["canaryPercent"])
        if "evalRunId" in body:
            entry.eval_run = str(body["evalRunId"])
        event: JsonObject = {**named, "toVersion": entry.version, "toState": target}
        if former is not None and former is not entry:
            event["fromVersion"] = former.version
        for name in ("channel", "canaryPercent", "evalRunId"):
            if name in body:
                event[name] = body[name]
        return entry, "deployment.promoted", event

    def _roll_back(
        self, entry: Deployment, body: Mapping[str, Any], named: JsonObject
    ) -> tuple[Deployment, str, JsonObject]:
        if entry.rollback is None:
            raise Problem(400, "no_active_deployment", "There is no deployment to go back to.")
        target = self.deployment(entry.agent_id, entry.rollback)
        target.channels.extend(entry.channels)
        target.state = "active"
        entry.channels.clear()
        entry.state = "rolled-back"
        event: JsonObject = {
            **named,
            "fromVersion": entry.version,
            "toVersion": target.version,
            "rollbackPointer": target.version,
        }
        if "reason" in body:
            event["reason"] = body["reason"]
        return target, "deployment.rolled-back", event

    def enlist(
        self, roster_id: str, agent_id: str, *, tenant: str = "acme", **members: Any
    ) -> None:
        """Add a member to the roster.

        Args:
            roster_id: Its id, `host:<name>`.
            agent_id: The agent that it is.
            tenant: Whose roster it is.
            **members: Further members of the entry, such as `workflows` or `enabled`.
        """
        self._roster[(tenant, roster_id)] = {
            "rosterId": roster_id,
            "persona": members.pop("persona", agent_id),
            "agentRef": members.pop("agentRef", {"agentId": agent_id}),
            "owner": {"tenantId": tenant},
            **members,
        }

    def roster(self, tenant: str) -> list[JsonObject]:
        """Return the roster of a tenant, by id."""
        found = [entry for (owner, _), entry in self._roster.items() if owner == tenant]
        return sorted(found, key=lambda entry: str(entry["rosterId"]))

    def member(self, tenant: str, roster_id: str) -> JsonObject:
        """Return a member of the roster.

        Raises:
            Problem: 404: there is none that the tenant may see.
        """
        entry = self._roster.get((tenant, roster_id))
        if entry is None:
            raise not_found("The roster entry")
        return entry

    def organise(self, chart: Mapping[str, Any], *, tenant: str = "acme") -> None:
        """Set the organisation chart of a tenant: its departments and members."""
        self._charts[tenant] = {"owner": {"tenantId": tenant}, **clone(dict(chart))}

    def chart(self, tenant: str) -> JsonObject:
        """Return the organisation chart of a tenant."""
        empty: JsonObject = {"owner": {"tenantId": tenant}, "departments": [], "members": []}
        return self._charts.get(tenant, empty)

    def department(self, tenant: str, department_id: str, *, recursive: bool) -> JsonObject:
        """Return a department with its members, and with those below it.

        Raises:
            Problem: 404: there is none.
        """
        chart = self.chart(tenant)
        departments = {entry["departmentId"]: entry for entry in as_list(chart["departments"])}
        if department_id not in departments:
            raise not_found("The department")
        inside = {department_id}
        grew = recursive
        while grew:
            below = {
                name
                for name, entry in departments.items()
                if entry.get("parentDepartmentId") in inside
            }
            grew = not below <= inside
            inside |= below
        members = [entry for entry in as_list(chart["members"]) if entry["departmentId"] in inside]
        roles = {
            role["roleId"]: role["name"]
            for name in inside
            for role in as_list(departments[name].get("roles"))
        }
        held = sorted({roles[entry["roleId"]] for entry in members if entry["roleId"] in roles})
        return {
            "department": departments[department_id],
            "members": members,
            "responsibilities": held,
        }
