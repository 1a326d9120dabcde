"""The optional resources, OXP and Ethos in spec/ have the shapes of the published documents."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "spec"
PUBLISHED = ROOT.parent / "shared" / "protocol"

Json: TypeAlias = Any

needs_published = pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason="the published documents are not beside this checkout"
)

# What does not change which documents are valid.
ANNOTATIONS = frozenset(
    {
        "title",
        "description",
        "examples",
        "example",
        "default",
        "discriminator",
        "$comment",
        "$id",
        "$schema",
        "$defs",
    }
)
SAFE_INTEGER = 2**53 - 1


@cache
def load(path: Path) -> Json:
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)


def follow(reference: str, file: Path) -> tuple[Json, Path]:
    name, _, pointer = reference.partition("#")
    target = (file.parent / name).resolve() if name else file
    node = load(target)
    for token in unquote(pointer).split("/")[1:]:
        node = node[token.replace("~1", "/").replace("~0", "~")]
    return node, target


def shape(node: Json, file: Path) -> Json:
    """The schema without references, annotations and spellings of the same thing."""
    if isinstance(node, list):
        return [shape(item, file) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return shape(*follow(node["$ref"], file))
    result = {
        key: {name: shape(part, file) for name, part in value.items()}
        if key == "properties"
        else shape(value, file)
        for key, value in node.items()
        if key not in ANNOTATIONS and not key.startswith("x-")
    }
    return plain_spelling(result)


def plain_spelling(schema: dict[str, Json]) -> dict[str, Json]:
    for key in ("required", "enum"):
        if key in schema:
            schema[key] = sorted(schema[key], key=str)
    if schema.get("additionalProperties") in (True, {}):
        del schema["additionalProperties"]
    if schema.get("propertyNames") == {"type": "string"}:
        del schema["propertyNames"]
    if schema.get("required") == []:
        del schema["required"]
    if schema.get("properties") == {}:
        del schema["properties"]
    if schema.get("format") == "password":  # a hint for whoever shows the value
        del schema["format"]
    for bound in ("minimum", "maximum"):
        if abs(schema.get(bound, 0)) == SAFE_INTEGER:
            del schema[bound]
    if "properties" in schema or "required" in schema:
        schema.setdefault("type", "object")
    if isinstance(schema.get("const"), str):
        schema.setdefault("type", "string")
    if isinstance(schema.get("const"), bool):
        schema.setdefault("type", "boolean")
    if isinstance(schema.get("const"), int) and not isinstance(schema.get("const"), bool):
        schema["type"] = "integer"
    options = schema.pop("oneOf", schema.pop("anyOf", None))
    if options is not None:
        schema = with_options(schema, options)
    for part in schema.pop("allOf", []):  # one conditional in a list of one
        schema.update(part)
    if isinstance(schema.get("type"), list):
        schema["type"] = sorted(schema["type"])
    return schema


def with_options(schema: dict[str, Json], options: list[Json]) -> dict[str, Json]:
    """Joins a nullable or a choice of bare types into one type list; sorts any other choice."""
    flat = [
        part
        for option in options
        for part in (option.get("options") if set(option) == {"options"} else [option])
    ]
    options = flat
    if {} in options:  # anything goes
        return schema
    null = {"type": "null"}
    rest = [option for option in options if option != null]
    if null in options and len(rest) == 1 and isinstance(rest[0].get("type"), str):
        return {**schema, **rest[0], "type": sorted([rest[0]["type"], "null"])}
    if all(set(option) == {"type"} for option in options):
        return {**schema, "type": sorted(option["type"] for option in options)}
    return {
        **schema,
        "options": sorted(options, key=lambda option: json.dumps(option, sort_keys=True)),
    }


def differences(published: Json, ours: Json, where: str = "") -> dict[str, tuple[Json, Json]]:
    if isinstance(published, dict) and isinstance(ours, dict):
        found: dict[str, tuple[Json, Json]] = {}
        for key in sorted({*published, *ours}):
            place = f"{where}.{key}" if where else key
            if key not in published or key not in ours:
                found[place] = (published.get(key), ours.get(key))
            else:
                found |= differences(published[key], ours[key], place)
        return found
    if isinstance(published, list) and isinstance(ours, list) and len(published) == len(ours):
        return {
            place: pair
            for index, both in enumerate(zip(published, ours, strict=True))
            for place, pair in differences(*both, f"{where}[{index}]").items()
        }
    return {} if published == ours else {where: (published, ours)}


@pytest.mark.parametrize(
    "change",
    [
        {"required": []},
        {"additionalProperties": True},
        {"properties": {"a": {"type": "integer"}}},
        {"properties": {"b": {"type": "string"}}},
        {"properties": {"a": {"type": "string", "enum": ["x"]}}},
    ],
)
def test_a_changed_shape_is_seen(change: Json) -> None:
    schema = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "string", "description": "A."}},
        "additionalProperties": False,
    }

    assert differences(shape(schema, SPEC), shape({**schema, **change}, SPEC))
    assert not differences(shape(schema, SPEC), shape({**schema, "title": "T"}, SPEC))


# ------------------------------------------------------------------------------------- OpenWOP

COMMON, FIRST, SECOND = "openwop/common", "openwop/v1/schemas", "openwop/v2/schemas"
SCHEMAS = {
    "agent-deployment": f"{COMMON}/agents.yaml#/AgentDeployment",
    "agent-deployment-transition": f"{COMMON}/agents.yaml#/AgentDeploymentTransition",
    "agent-inventory-response": f"{FIRST}/agents.yaml#/AgentInventory",
    "agent-org-chart": f"{COMMON}/agents.yaml#/OrgChart",
    "agent-roster-entry": f"{COMMON}/agents.yaml#/AgentRosterEntry",
    "agent-roster-response": f"{COMMON}/agents.yaml#/AgentRoster",
    "org-chart-responsibility-view": f"{COMMON}/agents.yaml#/OrgChartDepartmentView",
    "tool-descriptor": f"{FIRST}/tools.yaml#/ToolDescriptor",
    "prompt-kind": f"{COMMON}/prompts.yaml#/PromptKind",
    "prompt-ref": f"{COMMON}/prompts.yaml#/PromptRef",
    "prompt-template": f"{COMMON}/prompts.yaml#/PromptTemplate",
    "localized-content-language-settings": f"{COMMON}/content.yaml#/ContentSettings",
    "localized-content-page": f"{COMMON}/content.yaml#/ContentPage",
    "localized-content-page-response": f"{COMMON}/content.yaml#/LocalizedPage",
    "localized-content-section": f"{COMMON}/content.yaml#/ContentSection",
    "workspace-file": f"{FIRST}/workspace.yaml#/WorkspaceFile",
    "workspace-file-create": f"{FIRST}/workspace.yaml#/WorkspaceFileWrite",
    "a2a-task-state": f"{FIRST}/host.yaml#/A2ATaskState",
    "heartbeat-evaluated": f"{SECOND}/host.yaml#/HeartbeatEvaluated",
    "heartbeat-state-changed": f"{SECOND}/host.yaml#/HeartbeatStateChanged",
    "proposal": f"{SECOND}/proposals.yaml#/Proposal",
}
# Where spec/ differs on purpose, by the path of the difference.
EXPLAINED = {
    "tool-descriptor": {
        # `source` is required of every descriptor, so that the condition need not repeat it.
        "then.required",
    },
    "prompt-template": {
        # The condition asks for `source` before it applies; the consequence need not repeat it.
        "properties.meta.then.required",
    },
    "proposal": {
        # Major 2 adds the digest, and some of its hosts spell the installed artifact otherwise.
        "properties.artifactDigest",
        "properties.activation.properties.installedArtifact",
    },
}


@needs_published
@pytest.mark.parametrize("name", SCHEMAS)
def test_an_openwop_schema_has_the_published_shape(name: str) -> None:
    published = PUBLISHED / "v1" / "schemas" / f"{name}.schema.json"
    ours, file = follow(SCHEMAS[name], SPEC / "root")

    found = differences(shape(load(published), published), shape(ours, file))

    assert EXPLAINED.get(name, set()) == set(found), found


# ---------------------------------------------------------------------------------- operations

# operationId: method, path of major 1 (without /v1), path of major 2 where it differs
# ("-": the major lacks it), the majors in which an idempotency key is honoured.
OPERATIONS = """
listAgents                 GET    /agents = -
getAgent                   GET    /agents/{agentId} = -
listAgentDeployments       GET    /agents/{agentId}/deployments = -
transitionAgentDeployment  POST   /agents/{agentId}/deployments = 12
listAgentRoster            GET    /agents/roster = -
getAgentRosterEntry        GET    /agents/roster/{rosterId} = -
getAgentOrgChart           GET    /agents/org-chart = -
getAgentOrgChartDepartment GET    /agents/org-chart/{departmentId} = -
listTools                  GET    /tools = -
getTool                    GET    /tools/{toolId} = -
listPromptTemplates        GET    /prompts = -
createPromptTemplate       POST   /prompts = 12
getPromptTemplate          GET    /prompts/{templateId} = -
updatePromptTemplate       PUT    /prompts/{templateId} = 12
deletePromptTemplate       DELETE /prompts/{templateId} = -
renderPromptTemplate       POST   /prompts:render = -
getContentPage             GET    /content/pages/{slug} = -
deleteContentPage          DELETE /content/pages/{slug} = -
listContentPages           GET    /content/pages = -
createContentPage          POST   /content/pages = -
putContentSection          PUT    /content/pages/{pageId}/sections/{sectionId} = -
getContentSettings         GET    /content/settings = -
putContentSettings         PUT    /content/settings = -
listWorkspaceFiles         GET    /host/workspace/files - -
getWorkspaceFile           GET    /host/workspace/files/{path} - -
putWorkspaceFile           PUT    /host/workspace/files/{path} - 1
deleteWorkspaceFile        DELETE /host/workspace/files/{path} - 1
getA2ATaskState            GET    /host/sample/a2a/tasks/{taskId} - -
putTestPackTarball         PUT    /packs-test/{name}/-/{version}.tgz - -
getTestPackTarball         GET    /packs-test/{name}/-/{version}.tgz - -
deleteTestPackVersion      DELETE /packs-test/{name}/-/{version} - -
getTestPackSignature       GET    /packs-test/{name}/-/{version}.sig - -
getEffectSeamManifest      GET    - /host/effect-seams -
streamHostEvents           GET    - /host/events -
emitTestHostEvent          POST   - /host/events/test 2
getUiPluginFrame           GET    - /host/ui-plugins/{packName}/{pluginId}/frame -
dispatchUiPluginRequest    POST   - /host/ui-plugins/{packName}/{pluginId}/rpc -
listConnectionProviders    GET    - /connection-providers -
resolveConnectionProvider  GET    - /connection-providers/{providerId} -
listProposals              GET    - /proposals -
submitProposal             POST   - /proposals 2
getProposal                GET    - /proposals/{proposalId} -
reviseProposal             PATCH  - /proposals/{proposalId} -
archiveProposal            DELETE - /proposals/{proposalId} -
applyProposal              POST   - /proposals/{proposalId}:apply 2
rejectProposal             POST   - /proposals/{proposalId}:reject -
"""
TAGS = frozenset(
    {
        "agents",
        "tools",
        "prompts",
        "content",
        "workspace",
        "packs",
        "host",
        "proposals",
        "connections",
    }
)


def expected_operations(major: int) -> dict[str, tuple[str, str, bool]]:
    table: dict[str, tuple[str, str, bool]] = {}
    for line in OPERATIONS.strip().splitlines():
        name, method, first, second, keyed = line.split()
        path = (
            ("-" if first == "-" else f"/v1{first}") if major == 1 else second.replace("=", first)
        )
        if path != "-":
            table[name] = (method, path, str(major) in keyed)
    return table


def described_operations(major: int) -> dict[str, tuple[str, str, bool]]:
    root = SPEC / "openwop" / f"v{major}" / "openapi.yaml"
    table: dict[str, tuple[str, str, bool]] = {}
    for path, reference in load(root)["paths"].items():
        item, _ = follow(reference["$ref"], root)
        for method, operation in item.items():
            if method == "parameters" or operation["tags"][0] not in TAGS:
                continue
            keyed = {"$ref": "../parameters.yaml#/IdempotencyKey"} in operation.get(
                "parameters", []
            )
            table[operation["operationId"]] = (method.upper(), path, keyed)
    return table


@pytest.mark.parametrize("major", [1, 2])
def test_the_optional_operations_are_where_the_protocol_has_them(major: int) -> None:
    expected = expected_operations(major)

    described = described_operations(major)

    assert expected == described


# ----------------------------------------------------------------------------------------- OXP

OXP_EXPLAINED: dict[str, set[str]] = {
    # The published marks sit on the list, where they have no effect.
    "ToolDefinition": {"properties.requirements.properties.authorization.required"},
    # A message per parameter, as the protocol's pages say.
    "ValidationErrorResponse": {"properties.parameter_errors.additionalProperties"},
}
# CallToolResponse is not among them: the published union has its common members beside the choice,
# where a strict reader refuses `value` and `error`.  Here each member of the union is whole; the
# test of answers below tells them apart.
OXP_SCHEMAS = [
    "ToolId",
    "ToolVersion",
    "ToolSecret",
    "ToolDefinition",
    "CallToolRequest",
    "ServerErrorResponse",
    "ValidationErrorResponse",
    "ToolAuthorizationChallenge",
    "ToolError",
]


@needs_published
@pytest.mark.parametrize("name", OXP_SCHEMAS)
def test_an_oxp_schema_has_the_published_shape(name: str) -> None:
    published = PUBLISHED / "oxp" / "openapi.json"
    ours = SPEC / "oxp" / "openapi.yaml"
    place = f"#/components/schemas/{name}"

    found = differences(
        shape(*follow(place, published)),
        shape(*follow(place, ours)),
    )

    assert OXP_EXPLAINED.get(name, set()) == set(found), found


@needs_published
def test_every_published_oxp_schema_and_answer_is_described() -> None:
    published, ours = (
        load(PUBLISHED / "oxp" / "openapi.json"),
        load(SPEC / "oxp" / "openapi.yaml"),
    )

    assert {*OXP_SCHEMAS, "CallToolResponse"} == set(published["components"]["schemas"])
    assert {
        (path, method, operation["operationId"], *sorted(operation["responses"]))
        for path, item in published["paths"].items()
        for method, operation in item.items()
    } == {
        (path, method, operation["operationId"], *sorted(operation["responses"]))
        for path, item in ours["paths"].items()
        for method, operation in item.items()
    }


@pytest.mark.parametrize(
    ("answer", "valid"),
    [
        ({"call_id": "c", "success": True}, True),
        ({"call_id": "c", "success": True, "value": None, "duration": 1.5}, True),
        ({"call_id": "c", "success": True, "value": [1, {}]}, True),
        ({"call_id": "c", "success": False, "error": {"message": "no"}}, True),
        ({"call_id": "c", "success": False}, False),
        ({"call_id": "c", "success": False, "error": {"message": "no"}, "value": 1}, False),
        ({"call_id": "c", "success": True, "error": {"message": "no"}}, False),
        ({"success": True, "value": 1}, False),
    ],
)
def test_a_tool_result_is_told_apart_by_its_success(answer: Json, valid: bool) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    document = load(SPEC / "oxp" / "openapi.yaml")
    schema = {"$ref": "#/components/schemas/CallToolResponse", "components": document["components"]}

    assert valid == jsonschema.Draft202012Validator(schema).is_valid(answer)


# --------------------------------------------------------------------------------------- Ethos

ETHOS = SPEC / "ethos" / "openapi.yaml"
METHODS = [path for path in load(ETHOS)["paths"] if path.startswith("/rpc/")]


def in_envelope(content: Json) -> Json:
    return content["content"]["application/json"]["schema"]["properties"]["json"]


@needs_published
@pytest.mark.parametrize("path", METHODS)
def test_an_ethos_method_takes_and_returns_the_published_shapes(path: str) -> None:
    published = PUBLISHED / "ethos" / "openapi.typed.json"
    theirs = load(published)["paths"][path.removeprefix("/rpc")]["post"]
    item, file = follow(load(ETHOS)["paths"][path]["$ref"], ETHOS)
    ours = item["post"]

    taken = theirs["requestBody"]["content"]["application/json"]["schema"]
    returned = theirs["responses"]["200"]["content"]["application/json"]["schema"]
    found = {
        **differences(shape(taken, published), shape(in_envelope(ours["requestBody"]), file), "in"),
        **differences(
            shape(returned, published), shape(in_envelope(ours["responses"]["200"]), file), "out"
        ),
    }

    assert theirs["operationId"] == ours["operationId"]
    assert not found


@needs_published
def test_the_ethos_stream_carries_the_published_events() -> None:
    published = PUBLISHED / "ethos" / "sse-event.schema.json"
    ours = SPEC / "ethos" / "schemas" / "events.yaml"

    found = differences(shape(load(published), published), shape(*follow("#/SessionEvent", ours)))

    assert not found


@pytest.mark.parametrize(
    "union", ["events.yaml#/SessionEvent", "cards.yaml#/CardEnvelope", "memory.yaml#/MemoryUpdate"]
)
def test_each_member_of_an_ethos_union_is_named_by_its_tag(union: str) -> None:
    schema, file = follow(union, SPEC / "ethos" / "schemas" / "root")
    tag = schema["discriminator"]["propertyName"]

    named = {
        value: follow(reference, file)[0]["properties"][tag]["const"]
        for value, reference in schema["discriminator"]["mapping"].items()
    }

    assert named == {value: value for value in named}
    assert len(schema["oneOf"]) == len(named)
