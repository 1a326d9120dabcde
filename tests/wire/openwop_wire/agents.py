"""Agents and tools: v1.md sections 7.7 and 7.8, v2.md sections 19 and 20."""

from __future__ import annotations

from openwop_wire.case import INVALID, MISSING, Case, Fault, Wire, both

_ENTRY = {
    "agentId": "acme:reviewer/1",
    "persona": "Reviewer",
    "label": "R",
    "modelClass": "reasoning",
    "packName": "acme.pack",
    "packVersion": "1.0.0",
    "toolAllowlist": ["mcp:search"],
    "hasHandoffSchemas": False,
    "memoryShape": {"scratchpad": True, "conversation": False, "longTerm": False},
}
_DEPLOYMENT = {
    "agentId": "a1",
    "version": "1.2.0",
    "state": "active",
    "canaryPercent": 10,
    "channels": ["prod"],
}
_ROSTER_ENTRY = {
    "rosterId": "host:ada",
    "persona": "Ada",
    "agentRef": {"agentId": "acme:reviewer", "version": "1.0.0"},
    "owner": {"tenantId": "acme"},
    "workflows": ["release"],
    "enabled": True,
}
_ROSTER = ("agents.roster.supported", "agents.roster")
_CHART = ("agents.orgChart.supported", "agents.orgChart")
_MANIFEST = ("agents.manifestRuntime.supported", "agents.manifestRuntime")
_DEPLOYMENTS = ("agents.deployment.supported", "agents.deployment")
_TOOLS = ("toolCatalog.supported", "toolCatalog")
_TOOL = {"toolId": "mcp:search", "source": "mcp", "safetyTier": "read", "title": "Search"}
_TRANSITION = {
    "method": "POST",
    "body": {
        "version": "1.2.0",
        "transition": "adjust-canary",
        "toState": "active",
        "channel": "prod",
        "canaryPercent": 10,
        "evalRunId": "acme/r-1111111111111111",
        "reason": "fine",
    },
    "key": True,
    "answer": _DEPLOYMENT,
    "sees": {"agent_id": "a1", "state": "active", "canary_percent": 10, "channels": ["prod"]},
}

CASES: tuple[Case, ...] = (
    both(
        "listAgents",
        "agents.list",
        "GET",
        "/agents",
        gates=_MANIFEST,
        answer={"agents": [_ENTRY], "total": 1},
        sees={"total": 1, "agents.0.agent_id": "acme:reviewer/1"},
        fault=MISSING,
    ),
    both(
        "getAgent",
        "agents.get",
        "GET",
        "/agents/acme%3Areviewer%2F1",
        {"agent_id": "acme:reviewer/1"},
        gates=_MANIFEST,
        answer=_ENTRY,
        sees={"persona": "Reviewer", "memory_shape.scratchpad": True, "has_handoff_schemas": False},
    ),
    both(
        "listAgentDeployments",
        "agents.list_deployments",
        "GET",
        "/agents/a1/deployments",
        {"agent_id": "a1"},
        gates=_DEPLOYMENTS,
        answer=[_DEPLOYMENT],
        sees={"0.version": "1.2.0", "0.state": "active"},
    ),
    Case(
        "transitionAgentDeployment",
        "agents.transition_deployment",
        {
            "agent_id": "a1",
            "version": "1.2.0",
            "transition": "adjust-canary",
            "to_state": "active",
            "channel": "prod",
            "canary_percent": 10,
            "eval_run_id": "acme/r-1111111111111111",
            "reason": "fine",
        },
        v1=Wire(
            target="/v1/agents/a1/deployments",
            gate=_DEPLOYMENTS[0],
            fault=Fault(403, "eval_gate_unmet", "PermissionDeniedError"),
            **_TRANSITION,
        ),
        v2=Wire(
            target="/agents/a1/deployments",
            gate=_DEPLOYMENTS[1],
            fault=Fault(422, "eval_gate_unmet", "UnprocessableEntityError"),
            **_TRANSITION,
        ),
    ),
    both(
        "listAgentRoster",
        "agents.list_roster",
        "GET",
        "/agents/roster",
        gates=_ROSTER,
        answer={"roster": [_ROSTER_ENTRY], "total": 1},
        sees={"roster.0.roster_id": "host:ada", "total": 1},
    ),
    both(
        "getAgentRosterEntry",
        "agents.get_roster_entry",
        "GET",
        "/agents/roster/host%3Aada",
        {"roster_id": "host:ada"},
        gates=_ROSTER,
        answer=_ROSTER_ENTRY,
        sees={"agent_ref.version": "1.0.0", "owner.tenant_id": "acme", "enabled": True},
    ),
    both(
        "getAgentOrgChart",
        "agents.org_chart",
        "GET",
        "/agents/org-chart",
        gates=_CHART,
        answer={
            "owner": {"tenantId": "acme"},
            "departments": [
                {"departmentId": "d1", "name": "D", "roles": [{"roleId": "r1", "name": "R"}]}
            ],
            "members": [
                {"rosterId": "host:ada", "departmentId": "d1", "roleId": "r1", "reportsTo": None}
            ],
        },
        sees={"departments.0.roles.0.role_id": "r1", "members.0.reports_to": None},
    ),
    both(
        "getAgentOrgChartDepartment",
        "agents.org_chart_department",
        "GET",
        "/agents/org-chart/d%2F1?recursive=true",
        {"department_id": "d/1", "recursive": True},
        gates=_CHART,
        answer={
            "department": {"departmentId": "d/1", "name": "D", "roles": []},
            "members": [],
            "responsibilities": ["ship"],
        },
        sees={"department.name": "D", "responsibilities": ["ship"]},
    ),
    Case(
        "listTools",
        "tools.list",
        {},
        v1=Wire(
            "GET",
            "/v1/tools?view=compact&source=mcp",
            arguments={"view": "compact", "source": "mcp"},
            gate=_TOOLS[0],
            answer={"tools": [_TOOL]},
            sees={"0.tool_id": "mcp:search"},
        ),
        v2=Wire(
            "GET",
            "/tools?view=standard",
            arguments={"view": "standard"},
            gate=_TOOLS[1],
            answer=[{**_TOOL, "annotations": {"readOnlyHint": True}}],
            sees={"0.tool_id": "mcp:search", "0.annotations.read_only_hint": True},
            fault=INVALID,
        ),
    ),
    both(
        "getTool",
        "tools.get",
        "GET",
        "/tools/mcp%3Asearch%2Fweb?view=standard",
        {"tool_id": "mcp:search/web", "view": "standard"},
        gates=_TOOLS,
        answer={
            **_TOOL,
            "auth": {"scopes": ["s"], "credentialRef": True},
            "replayPolicy": "idempotent",
            "costHint": "low",
            "inputSchema": {"type": "object"},
        },
        sees={
            "safety_tier": "read",
            "auth.scopes": ["s"],
            "replay_policy": "idempotent",
            "input_schema": {"type": "object"},
        },
    ),
)
