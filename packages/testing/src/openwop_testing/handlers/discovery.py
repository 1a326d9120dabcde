"""Discovery and workflow definitions (v1.md sections 6 and 7.1, v2.md sections 3 and 11.1)."""

from __future__ import annotations

from openwop_testing.answers import Answer, json_answer
from openwop_testing.pipeline import Call, Handler
from openwop_testing.problems import not_found

__all__ = ["HANDLERS", "matches"]


def matches(call: Call, validator: str) -> bool:
    """Tell whether the caller already has what *validator* stands for."""
    given = call.headers.get("If-None-Match", "")
    return validator in {part.strip() for part in given.split(",")} or given.strip() == "*"


def _capabilities(call: Call) -> Answer:
    document = call.host.capabilities.discovered(call.major, call.host.workflows.ids())
    validator = document.etag
    headers = {"ETag": validator, "Cache-Control": "public, max-age=300"}
    if call.major == 1:
        headers["Capabilities-Etag"] = validator
    if len(call.host.capabilities.majors) > 1:
        headers["Vary"] = "Accept, OpenWOP-Version"
    if matches(call, validator):
        return Answer(304, headers)
    return Answer(200, {"Content-Type": "application/json", **headers}, document.body)


def _workflow(call: Call) -> Answer:
    workflow = call.host.workflows.get(call.params["workflowId"])
    if workflow is None:
        raise not_found("The workflow")
    return json_answer(workflow)


def _openapi(call: Call) -> Answer:
    from openwop_testing.openapi import describe

    return json_answer(describe(call.major))


HANDLERS: dict[str, Handler] = {
    "getCapabilities": _capabilities,
    "getOpenApiSpec": _openapi,
    "getWorkflow": _workflow,
}
