"""What cannot be left out of each call: the members that the references mark with a star."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from openwop_wire.case import Case

# Arguments that are required in every major that has the operation.
_NEEDED: Final[dict[str, str]] = {
    "getCapabilities": "",
    "getOpenApiSpec": "",
    "getWorkflow": "workflow_id",
    # `workflowId` is required unless the mode is `eval`, so neither can be a required argument.
    "createRun": "",
    "listRuns": "",
    "getRun": "run_id",
    "streamRunEvents": "run_id",
    "pollRunEvents": "run_id",
    "cancelRun": "run_id",
    "bulkCancelRuns": "run_ids",
    "pauseRun": "run_id",
    "resumeRun": "run_id",
    "forkRun": "run_id mode",
    "diffRun": "run_id against",
    "getRunAncestry": "run_id",
    "getEvalSummary": "run_id",
    "getDebugBundle": "run_id",
    "getRunCompensation": "run_id",
    "getRunEffects": "run_id",
    "createAnnotation": "run_id signal",
    "listAnnotations": "run_id",
    "getArtifact": "run_id artifact_id",
    "resolveInterruptByRun": "run_id node_id resume_value",
    "inspectInterruptByToken": "token",
    "resolveInterruptByToken": "token resume_value",
    "registerWebhook": "url events",
    "unregisterWebhook": "webhook_id",
    "rotateWebhookSecret": "webhook_id secret",
    "listWebhookDeadLetters": "webhook_id",
    "createTriggerSubscription": "source workflow_id",
    "listTriggerDeadLetters": "subscription_id",
    "verifyAuditLog": "from_seq to_seq",
    "listAgents": "",
    "getAgent": "agent_id",
    "listAgentDeployments": "agent_id",
    "transitionAgentDeployment": "agent_id version transition",
    "listAgentRoster": "",
    "getAgentRosterEntry": "roster_id",
    "getAgentOrgChart": "",
    "getAgentOrgChartDepartment": "department_id",
    "listTools": "",
    "getTool": "tool_id",
    "listPromptTemplates": "",
    "createPromptTemplate": "template_id version kind text",
    "getPromptTemplate": "template_id",
    "updatePromptTemplate": "template_id version kind text",
    "deletePromptTemplate": "template_id",
    "renderPromptTemplate": "ref variables",
    "getContentPage": "slug",
    "listContentPages": "",
    "createContentPage": "page_id slug name status section_order",
    "deleteContentPage": "slug",
    "putContentSection": "page_id section_id locale data",
    "getContentSettings": "",
    "putContentSettings": "base_locale supported_locales auto_translate_on_publish",
    "listWorkspaceFiles": "",
    "getWorkspaceFile": "path",
    "putWorkspaceFile": "path content",
    "deleteWorkspaceFile": "path",
    "getA2ATaskState": "task_id",
    "getEffectSeamManifest": "",
    "streamHostEvents": "",
    "emitTestHostEvent": "delivery",
    "getUiPluginFrame": "pack_name plugin_id",
    "dispatchUiPluginRequest": "pack_name plugin_id message",
    "listProposals": "",
    "submitProposal": "kind artifact",
    "getProposal": "proposal_id",
    "reviseProposal": "proposal_id",
    "archiveProposal": "proposal_id",
    "applyProposal": "proposal_id",
    "rejectProposal": "proposal_id",
    "listConnectionProviders": "",
    "resolveConnectionProvider": "provider_id",
    "putTestPackTarball": "name version tarball",
    "getTestPackTarball": "name version",
    "getTestPackSignature": "name version",
    "deleteTestPackVersion": "name version",
}


def needed(case: Case, major: int) -> frozenset[str]:
    """Return the arguments without which nothing can be sent to a host of *major*."""
    return frozenset(_NEEDED[case.operation].split())


def spare(case: Case, major: int) -> list[str]:
    """Return the arguments of the row that may be left out."""
    return sorted(set(case.given(major)) - needed(case, major))


def operations() -> Iterable[str]:
    """Return the operations that are listed here."""
    return _NEEDED
