"""The operations that the host serves: their routes, scopes and gates (v1.md 7, v2.md 11 to 24)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import attrs

__all__ = ["ROUTES", "Match", "Route", "match"]


@attrs.frozen
class Route:
    """One operation.

    Attributes:
        operation_id: Its name in the protocol.
        method: The HTTP method.
        v1: The path template in major 1; empty where that major lacks it.
        v2: The path template in major 2; empty where that major lacks it.
        scope: The scope that the credential needs; empty where no credential is asked for.
        gate: The capability that must be advertised, as a dotted path.
        ungated: The status that an ungated host of major 1 answers.
        idempotent: Whether an Idempotency-Key is honoured.
    """

    operation_id: str
    method: str
    v1: str
    v2: str
    scope: str = ""
    gate: str = ""
    ungated: int = 404
    idempotent: bool = False

    def template(self, major: int) -> str:
        """Return the path template of a major; empty where it lacks the operation."""
        return self.v1 if major == 1 else self.v2


def _both(
    operation_id: str,
    method: str,
    path: str,
    scope: str = "",
    gate: str = "",
    *,
    ungated: int = 404,
    idempotent: bool = False,
) -> Route:
    return Route(
        operation_id, method, f"/v1{path}", path, scope, gate, ungated, idempotent=idempotent
    )


def _table() -> Iterator[Route]:
    discovery = "/.well-known/openwop"
    yield Route("getCapabilities", "GET", discovery, discovery)
    yield _both("getOpenApiSpec", "GET", "/openapi.json")
    yield _both("getWorkflow", "GET", "/workflows/{workflowId}", "manifest:read")
    yield _both("createRun", "POST", "/runs", "runs:create", idempotent=True)
    yield Route("listRuns", "GET", "", "/runs", "runs:read", "runList")
    yield _both("bulkCancelRuns", "POST", "/runs:bulk-cancel", "runs:cancel", idempotent=True)
    yield _both("getRun", "GET", "/runs/{runId}", "runs:read")
    yield _both("streamRunEvents", "GET", "/runs/{runId}/events", "runs:read")
    yield _both("pollRunEvents", "GET", "/runs/{runId}/events/poll", "runs:read")
    yield _both("cancelRun", "POST", "/runs/{runId}/cancel", "runs:cancel", idempotent=True)
    pausing = "runs.pauseResume"
    yield _both("pauseRun", "POST", "/runs/{runId}:pause", "runs:cancel", pausing, idempotent=True)
    yield _both(
        "resumeRun", "POST", "/runs/{runId}:resume", "runs:cancel", pausing, idempotent=True
    )
    yield _both(
        "forkRun",
        "POST",
        "/runs/{runId}:fork",
        "runs:create",
        "replay",
        ungated=501,
        idempotent=True,
    )
    yield _both("diffRun", "GET", "/runs/{runId}:diff", "runs:read")
    yield _both(
        "getRunAncestry",
        "GET",
        "/runs/{runId}/ancestry",
        "runs:read",
        "multiAgent.executionModel.crossHostCausation.ancestryEndpointSupported",
    )
    annotations = "/runs/{runId}/annotations"
    yield _both(
        "createAnnotation",
        "POST",
        annotations,
        "runs:annotate",
        "feedback",
        ungated=501,
        idempotent=True,
    )
    yield _both("listAnnotations", "GET", annotations, "runs:read", "feedback", ungated=501)
    yield _both("getArtifact", "GET", "/runs/{runId}/artifacts/{artifactId}", "artifacts:read")
    yield Route(
        "getDebugBundle", "GET", "/v1/runs/{runId}/debug-bundle", "", "runs:read", "debugBundle"
    )
    yield _both(
        "getEvalSummary", "GET", "/runs/{runId}/eval-summary", "runs:read", "agents.evalSuite"
    )
    yield Route("getRunEffects", "GET", "", "/runs/{runId}/effects", "runs:read", "idempotency")
    yield from _resources()
    yield from _host_resources()
    yield _both("inspectInterruptByToken", "GET", "/interrupts/{token}")
    yield _both("resolveInterruptByToken", "POST", "/interrupts/{token}", idempotent=True)
    yield _both(
        "resolveInterruptByRun",
        "POST",
        "/runs/{runId}/interrupts/{nodeId}",
        "approvals:respond",
        idempotent=True,
    )


def _resources() -> Iterator[Route]:
    manage = "webhooks:manage"
    yield _both("registerWebhook", "POST", "/webhooks", manage, "webhooks", idempotent=True)
    yield _both("unregisterWebhook", "DELETE", "/webhooks/{webhookId}", manage, "webhooks")
    yield _both(
        "rotateWebhookSecret",
        "POST",
        "/webhooks/{webhookId}/rotate-secret",
        manage,
        "webhooks.secretRotation",
        idempotent=True,
    )
    yield Route(
        "listWebhookDeadLetters",
        "GET",
        "",
        "/webhooks/{webhookId}/dead-letters",
        manage,
        "webhooks.deadLetter",
    )
    yield _both(
        "createTriggerSubscription",
        "POST",
        "/trigger-subscriptions",
        manage,
        "triggerBridge.ingestion.registrationEndpoint",
        ungated=501,
        idempotent=True,
    )
    yield _both(
        "listTriggerDeadLetters",
        "GET",
        "/trigger-subscriptions/{subscriptionId}/dead-letters",
        manage,
        "triggerBridge.deadLetter",
    )
    yield _both("verifyAuditLog", "GET", "/audit/verify", "audit:read", "auditLogIntegrity")
    read = "runs:read"
    yield _both("listAgents", "GET", "/agents", read, "agents.manifestRuntime")
    yield _both("listAgentRoster", "GET", "/agents/roster", read, "agents.roster")
    yield _both("getAgentRosterEntry", "GET", "/agents/roster/{rosterId}", read, "agents.roster")
    chart = "/agents/org-chart"
    yield _both("getAgentOrgChart", "GET", chart, read, "agents.orgChart")
    department = chart + "/{departmentId}"
    yield _both("getAgentOrgChartDepartment", "GET", department, read, "agents.orgChart")
    yield _both("getAgent", "GET", "/agents/{agentId}", read, "agents.manifestRuntime")
    deployed = "/agents/{agentId}/deployments"
    yield _both("listAgentDeployments", "GET", deployed, read, "agents.deployment")
    yield _both(
        "transitionAgentDeployment",
        "POST",
        deployed,
        "deploy:*",
        "agents.deployment",
        idempotent=True,
    )
    yield _both("listTools", "GET", "/tools", read, "toolCatalog")
    yield _both("getTool", "GET", "/tools/{toolId}", read, "toolCatalog")
    yield from _library()


def _library() -> Iterator[Route]:
    reading, writing = "prompts.endpointsSupported", "prompts.mutableLibrary"
    may, must = "prompts:read", "prompts:write"
    one = "/prompts/{templateId}"
    yield _both("listPromptTemplates", "GET", "/prompts", may, reading, ungated=501)
    yield _both(
        "createPromptTemplate", "POST", "/prompts", must, writing, ungated=501, idempotent=True
    )
    yield _both("getPromptTemplate", "GET", one, may, reading, ungated=501)
    yield _both("updatePromptTemplate", "PUT", one, must, writing, ungated=501, idempotent=True)
    yield _both("deletePromptTemplate", "DELETE", one, must, writing, ungated=501)
    yield _both("renderPromptTemplate", "POST", "/prompts:render", may, reading, ungated=501)
    pages, may, must = "/content/pages", "content:read", "content:write"
    yield _both("listContentPages", "GET", pages, may, "content", ungated=501)
    yield _both("createContentPage", "POST", pages, must, "content", ungated=501)
    yield _both("getContentPage", "GET", pages + "/{slug}", "", "content", ungated=501)
    yield _both("deleteContentPage", "DELETE", pages + "/{slug}", must, "content", ungated=501)
    section = pages + "/{pageId}/sections/{sectionId}"
    yield _both("putContentSection", "PUT", section, must, "content", ungated=501)
    settings = "/content/settings"
    yield _both("getContentSettings", "GET", settings, may, "content", ungated=501)
    yield _both("putContentSettings", "PUT", settings, must, "content", ungated=501)


def _host_resources() -> Iterator[Route]:
    files, may, must = "/v1/host/workspace/files", "workspace:read", "workspace:write"
    one = files + "/{path+}"
    gate = "workspace"
    yield Route("listWorkspaceFiles", "GET", files, "", may, gate, 501)
    yield Route("getWorkspaceFile", "GET", one, "", may, gate, 501)
    yield Route("putWorkspaceFile", "PUT", one, "", must, gate, 501, idempotent=True)
    yield Route("deleteWorkspaceFile", "DELETE", one, "", must, gate, 501, idempotent=True)
    read = "runs:read"
    task = "/v1/host/sample/a2a/tasks/{taskId}"
    yield Route("getA2ATaskState", "GET", task, "", read, "a2a.durableTasks", 501)
    pack = "/v1/packs-test/{name}/-/{version}"
    publish, testing = "packs:publish", "packs.testMode"
    yield Route("putTestPackTarball", "PUT", pack + ".tgz", "", publish, testing)
    yield Route("getTestPackTarball", "GET", pack + ".tgz", "", "packs:read", testing)
    yield Route("getTestPackSignature", "GET", pack + ".sig", "", "packs:read", testing)
    yield Route("deleteTestPackVersion", "DELETE", pack, "", publish, testing)
    compensation = "/runs/{runId}/compensation"
    yield Route("getRunCompensation", "GET", "", compensation, read, "compensation")
    yield Route("getEffectSeamManifest", "GET", "", "/host/effect-seams", read, "replay")
    yield Route("streamHostEvents", "GET", "", "/host/events", read, "hostEvents")
    yield Route(
        "emitTestHostEvent",
        "POST",
        "",
        "/host/events/test",
        "webhooks:manage",
        "hostEvents",
        idempotent=True,
    )
    plugin = "/host/ui-plugins/{packName}/{pluginId}"
    served, manifest = "uiPlugins.served", "manifest:read"
    yield Route("getUiPluginFrame", "GET", "", plugin + "/frame", manifest, served)
    yield Route("dispatchUiPluginRequest", "POST", "", plugin + "/rpc", manifest, served)
    for path in ("/connection-providers", "/connections/providers"):
        # Both addresses are in use (v2.md D12).
        gate = "connections.providerRead"
        yield Route("listConnectionProviders", "GET", "", path, manifest, gate)
        one = path + "/{providerId}"
        yield Route("resolveConnectionProvider", "GET", "", one, manifest, gate)
    gate, create, path = "agents.proposals", "runs:create", "/proposals"
    one = path + "/{proposalId}"
    drafts = gate + ".clientDrafts"
    yield Route("listProposals", "GET", "", path, read, gate)
    yield Route("submitProposal", "POST", "", path, create, drafts, idempotent=True)
    yield Route("applyProposal", "POST", "", one + ":apply", create, gate, idempotent=True)
    yield Route("rejectProposal", "POST", "", one + ":reject", create, gate)
    yield Route("getProposal", "GET", "", one, read, gate)
    yield Route("reviseProposal", "PATCH", "", one, create, gate)
    yield Route("archiveProposal", "DELETE", "", one, create, gate)


ROUTES: Final[tuple[Route, ...]] = tuple(_table())


@attrs.frozen
class Match:
    """A route and the path parameters that a request gives it, still escaped."""

    route: Route
    params: dict[str, str]


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)(\+?)\}", template)
    text = ""
    for index in range(0, len(parts) - 1, 3):
        wild = ".+" if parts[index + 2] else "[^/]+"
        if parts[index + 1] in {"runId", "proposalId"}:
            # A custom verb follows a colon, which neither id holds unescaped.
            wild = "[^/:]+"
        text += re.escape(parts[index]) + f"(?P<{parts[index + 1]}>{wild})"
    return re.compile(text + re.escape(parts[-1]))


_PATTERNS = {
    major: [(_pattern(route.template(major)), route) for route in ROUTES if route.template(major)]
    for major in (1, 2)
}


def match(major: int, method: str, path: str) -> tuple[Match | None, bool]:
    """Find the route of a request.

    Args:
        major: The protocol major.
        method: The HTTP method.
        path: The path, still escaped.

    Returns:
        The match, or None; and whether the path exists with another method.
    """
    found = False
    for pattern, route in _PATTERNS[major]:
        hit = pattern.fullmatch(path)
        if hit is None:
            continue
        if route.method == method:
            return Match(route, hit.groupdict()), True
        found = True
    return None, found
