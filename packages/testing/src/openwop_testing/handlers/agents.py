"""Agents, tools and prompts (v1.md sections 7.7 to 7.9; v2.md sections 19 and 20)."""

from __future__ import annotations

from typing import Any, Final

from openwop_testing._json import JsonObject, as_list, as_object, clone, digest
from openwop_testing.answers import Answer, json_answer
from openwop_testing.handlers.discovery import matches
from openwop_testing.handlers.paging import page_of
from openwop_testing.pipeline import Call, Handler
from openwop_testing.problems import Problem, invalid, not_found
from openwop_testing.prompts import Entry, version_key
from openwop_testing.shapes import (
    Check,
    any_value,
    array,
    boolean,
    check,
    integer,
    member,
    number,
    object_of,
    open_object,
    string,
)

__all__ = ["HANDLERS"]


def _list_agents(call: Call) -> Answer:
    found = call.host.agents.inventory(call.credential.tenant)
    return json_answer({"agents": clone(found), "total": len(found)})


def _get_agent(call: Call) -> Answer:
    return json_answer(clone(call.host.agents.get(call.credential.tenant, call.params["agentId"])))


def _deployments(call: Call) -> Answer:
    agent_id = call.params["agentId"]
    call.host.agents.get(call.credential.tenant, agent_id)
    return json_answer([entry.document() for entry in call.host.agents.deployments(agent_id)])


_TRANSITION: Final = object_of(
    {
        "version": string(minimum=1),
        "transition": member("promote", "pause", "deprecate", "rollback", "adjust-canary"),
        "toState": member(
            "draft", "test", "staged", "active", "paused", "deprecated", "rolled-back"
        ),
        "channel": string(minimum=1, maximum=64),
        "canaryPercent": integer(0, 100),
        "evalRunId": string(minimum=1),
        "reason": string(maximum=512),
    },
    required=("version", "transition"),
)
_VERB_SCOPE: Final = {
    "promote": "deploy:promote",
    "adjust-canary": "deploy:promote",
    "rollback": "deploy:rollback",
    "pause": "deploy:pause",
    "deprecate": "deploy:pause",
}


def _transition(call: Call) -> Answer:
    check(_TRANSITION, call.body)
    body = as_object(call.body)
    agent_id = call.params["agentId"]
    call.host.agents.get(call.credential.tenant, agent_id)
    call.credential.require(_VERB_SCOPE[body["transition"]])
    if body["transition"] == "promote":
        _check_eval(call, body)
    try:
        entry, event, payload = call.host.agents.transition(agent_id, body)
    except Problem as problem:
        if call.major == 2 and problem.code == "no_active_deployment":
            raise invalid(problem.message, field="transition") from problem
        raise
    call.host.tell_runs(agent_id, event, payload)
    return json_answer(entry.document())


def _check_eval(call: Call, body: JsonObject) -> None:
    """Refuse a promotion that needs a passed evaluation and does not have one."""
    if not call.host.agents.eval_gated(call.params["agentId"]):
        return
    given = str(body.get("evalRunId", ""))
    run = call.host.engine.runs.get(given.rpartition("/")[2])
    passed = run is not None and run.status == "completed"
    if run is not None and passed:
        passed = bool(next(iter(run.nodes.values())).outputs.get("passed"))
    if not passed:
        details = {"evalRunId": given} if given else {}
        raise Problem(
            403 if call.major == 1 else 422,
            "eval_gate_unmet",
            "The promotion needs an evaluation that was passed.",
            details=details,
        )


def _roster(call: Call) -> Answer:
    found = call.host.agents.roster(call.credential.tenant)
    return json_answer({"roster": clone(found), "total": len(found)})


def _roster_entry(call: Call) -> Answer:
    entry = call.host.agents.member(call.credential.tenant, call.params["rosterId"])
    return json_answer(clone(entry))


def _org_chart(call: Call) -> Answer:
    return json_answer(clone(call.host.agents.chart(call.credential.tenant)))


def _department(call: Call) -> Answer:
    recursive = call.query.get("recursive", "true") != "false"
    view = call.host.agents.department(
        call.credential.tenant, call.params["departmentId"], recursive=recursive
    )
    return json_answer(clone(view))


_COMPACT: Final = (
    "toolId",
    "source",
    "safetyTier",
    "title",
    "description",
    "inputSchema",
)


def _view(call: Call) -> str:
    view = call.query.get("view", "standard")
    offered = call.host.capabilities.has("toolCatalog.compactView")
    return "compact" if view == "compact" and offered else "standard"


def _shown(call: Call, tool: JsonObject) -> JsonObject:
    if _view(call) == "compact":
        return {name: tool[name] for name in _COMPACT if name in tool}
    if call.major == 1:
        tool.pop("annotations", None)
    return tool


def _list_tools(call: Call) -> Answer:
    tools = call.host.tools.visible(call.credential.tenant, call.credential.scopes)
    source = call.query.get("source")
    shown = [_shown(call, tool) for tool in tools if source in {None, tool["source"]}]
    return json_answer({"tools": shown} if _view(call) == "compact" else shown)


def _get_tool(call: Call) -> Answer:
    for tool in call.host.tools.visible(call.credential.tenant, call.credential.scopes):
        if tool["toolId"] == call.params["toolId"]:
            return json_answer(_shown(call, tool))
    raise not_found("The tool")


_VARIABLE: Final = object_of(
    {
        "name": string(minimum=1),
        "type": member("string", "number", "boolean", "array", "object"),
        "required": boolean(),
        "source": member("input", "variable", "secret", "context"),
        "extractPath": string(),
        "defaultValue": any_value(),
        "description": string(),
    },
    required=("name", "type", "required"),
)
_TEMPLATE: Final[Check] = object_of(
    {
        "templateId": string(pattern=r"^[a-z0-9][a-z0-9._-]{0,127}$"),
        "version": string(minimum=1),
        "kind": member("system", "user", "few-shot", "schema-hint"),
        "text": string(maximum=65_536),
        "name": string(maximum=200),
        "description": string(maximum=2000),
        "variables": array(_VARIABLE),
        "modelHints": object_of(
            {
                "modelClass": string(),
                "temperature": number(0, 2),
                "maxTokens": integer(1),
                "envelopeType": string(),
            }
        ),
        "tags": array(string(maximum=64), maximum=32),
        "meta": open_object(),
    },
    required=("templateId", "version", "kind", "text"),
)


def _matching(call: Call, entry: Entry) -> bool:
    template = entry.template
    wanted = {value for name, value in call.queries if name == "tag"}
    model = as_object(template.get("modelHints")).get("modelClass")
    return (
        call.query.get("kind", template["kind"]) == template["kind"]
        and call.query.get("source", entry.source) == entry.source
        and call.query.get("modelClass", model) == model
        and wanted <= set(as_list(template.get("tags")))
    )


def _list_prompts(call: Call) -> Answer:
    found = [
        clone(entry.template)
        for entry in call.host.prompts.visible(call.credential.tenant)
        if _matching(call, entry)
    ]
    return json_answer(page_of(call, "prompts", "items", found, default=50, most=200))


def _check_template(call: Call) -> JsonObject:
    check(_TEMPLATE, call.body)
    template = as_object(call.body)
    version_key(template["version"])
    return template


def _create_prompt(call: Call) -> Answer:
    entry = call.host.prompts.create(call.credential.tenant, _check_template(call))
    prefix = "/v1" if call.major == 1 else ""
    return Answer(201, {"Location": f"{prefix}/prompts/{entry.template_id}"})


def _get_prompt(call: Call) -> Answer:
    entry = call.host.prompts.find(
        call.credential.tenant,
        call.params["templateId"],
        call.query.get("version"),
        call.query.get("libraryId"),
    )
    validator = f'"{digest(entry.template)}"'
    pinned = "version" in call.query
    headers = {
        "ETag": validator,
        "Cache-Control": "private, max-age=31536000, immutable" if pinned else "private, no-cache",
    }
    if matches(call, validator):
        return Answer(304, headers)
    return json_answer(clone(entry.template), headers=headers)


def _update_prompt(call: Call) -> Answer:
    entry = call.host.prompts.update(
        call.credential.tenant, call.params["templateId"], _check_template(call)
    )
    return json_answer(clone(entry.template))


def _delete_prompt(call: Call) -> Answer:
    call.host.prompts.delete(
        call.credential.tenant, call.params["templateId"], call.query.get("version")
    )
    return Answer(204)


_RENDER: Final = object_of(
    {
        "ref": any_value(),
        "variables": open_object(),
        "contentTrust": member("trusted", "untrusted"),
    },
    required=("ref", "variables"),
)


def _render_prompt(call: Call) -> Answer:
    check(_RENDER, call.body)
    body = as_object(call.body)
    try:
        rendered = call.host.prompts.render(
            call.credential.tenant, body["ref"], as_object(body["variables"])
        )
    except Problem as problem:
        if call.major == 2 and problem.code.startswith("prompt_"):
            # Major 2 has no codes of their own for these.
            raise invalid(problem.message, **problem.details) from problem
        raise
    document: dict[str, Any] = {
        "hash": rendered.hash,
        "refs": list(rendered.refs),
        "variableHashes": rendered.variables,
    }
    if call.host.capabilities.get("prompts.observability") == "full":
        document["composed"] = rendered.text
    if "contentTrust" in body:
        document["contentTrust"] = body["contentTrust"]
    return json_answer(document)


HANDLERS: dict[str, Handler] = {
    "listAgents": _list_agents,
    "getAgent": _get_agent,
    "listAgentDeployments": _deployments,
    "transitionAgentDeployment": _transition,
    "listAgentRoster": _roster,
    "getAgentRosterEntry": _roster_entry,
    "getAgentOrgChart": _org_chart,
    "getAgentOrgChartDepartment": _department,
    "listTools": _list_tools,
    "getTool": _get_tool,
    "listPromptTemplates": _list_prompts,
    "createPromptTemplate": _create_prompt,
    "getPromptTemplate": _get_prompt,
    "updatePromptTemplate": _update_prompt,
    "deletePromptTemplate": _delete_prompt,
    "renderPromptTemplate": _render_prompt,
}
