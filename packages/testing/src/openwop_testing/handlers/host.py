"""What belongs to the host itself: host events, effect seams, plugins, connections, proposals.

All of it is major 2's (v2.md sections 15, 21, 22 and 23).
"""

from __future__ import annotations

from typing import Any, Final

from openwop_testing._json import JsonObject, as_list, as_object, clone, digest
from openwop_testing.answers import Answer, json_answer
from openwop_testing.handlers.paging import page_of
from openwop_testing.hostevents import test_event
from openwop_testing.pipeline import Call, Handler
from openwop_testing.problems import Problem, invalid, not_found
from openwop_testing.render import Wire
from openwop_testing.shapes import any_value, check, integer, member, object_of, open_object, string

__all__ = ["HANDLERS"]


def _seams(call: Call) -> Answer:
    implementation = as_object(call.host.capabilities.get("implementation"))
    name = str(implementation.get("name", "openwop-fake-host"))
    build = digest(implementation)
    return json_answer(
        {
            "manifestVersion": "1",
            "host": {"name": name, "build": {"kind": "artifact-sha256", "id": build}},
            "seams": [
                {
                    "seam": "python.function",
                    "kind": "other",
                    "guarded": True,
                    "guardedBy": "recorded outcomes",
                    "branchReFires": True,
                    "note": "Functions of scripted nodes that are marked as effects.",
                },
                {
                    "seam": "webhooks.delivery",
                    "kind": "webhook-fanout",
                    "guarded": True,
                    "guardedBy": "the replay mark of a run",
                    "branchReFires": True,
                },
            ],
        }
    )


def _stream(call: Call) -> Answer:
    stream = call.host.events.open(
        call.credential.tenant, call.credential.workspace, call.headers.get("Last-Event-ID")
    )
    headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
    return Answer(200, headers, stream=stream)


_TEST = object_of(
    {"delivery": member("durable", "ephemeral"), "workspaceId": string(minimum=1)},
    required=("delivery",),
)


def _test(call: Call) -> Answer:
    check(_TEST, call.body)
    credential = call.credential
    document = test_event(call.host, as_object(call.body), credential.tenant, credential.workspace)
    return json_answer({"eventId": document["eventId"], "type": document["type"]}, 202)


def _frame(call: Call) -> Answer:
    plugin = call.host.plugins.get((call.params["packName"], call.params["pluginId"]))
    if plugin is None:
        raise not_found("The plugin")
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": (
            "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; "
            "style-src 'unsafe-inline'; connect-src 'none'"
        ),
        "Cache-Control": "no-store",
    }
    return Answer(200, headers, plugin.html.encode())


_METHODS: Final = (
    "artifact.read",
    "artifact.write",
    "host.toast",
    "host.navigate",
    "host.announce",
)
_RPC = object_of(
    {
        "message": object_of(
            {
                "openwop": member("ui-plugin/1"),
                "type": member("request"),
                "id": integer(0),
                "method": string(minimum=1),
                "params": open_object(),
            },
            required=("openwop", "type", "id", "method"),
        )
    },
    required=("message",),
)


def _rpc(call: Call) -> Answer:
    check(_RPC, call.body)
    plugin = call.host.plugins.get((call.params["packName"], call.params["pluginId"]))
    if plugin is None:
        raise not_found("The plugin")
    message = as_object(as_object(call.body)["message"])
    answer: JsonObject = {"openwop": "ui-plugin/1", "type": "response", "id": message["id"]}
    allowed = as_list(call.host.capabilities.get("uiPlugins.hostApi"))
    method = plugin.methods.get(message["method"])
    if method is None or message["method"] not in allowed:
        answer.update(ok=False, error={"code": "method_not_allowed"})
        return json_answer(answer)
    try:
        result: Any = method(as_object(message.get("params")))
    except Problem as problem:
        error: JsonObject = {"code": problem.code, "message": problem.message, **problem.details}
        answer.update(ok=False, error=error)
        return json_answer(answer)
    answer.update(ok=True, result=clone(result))
    return json_answer(answer)


def _providers(call: Call) -> Answer:
    return json_answer(
        {
            "providers": [clone(entry) for entry in call.host.connections],
            "refusals": [clone(entry) for entry in call.host.connection_refusals],
        }
    )


def _provider(call: Call) -> Answer:
    pack = call.query.get("pack")
    for entry in call.host.connections:
        if entry["id"] == call.params["providerId"] and pack in {None, entry.get("packName")}:
            return json_answer(clone(entry))
    raise Problem(404, "connection_provider_unresolved", "Nothing defines that provider.")


_KIND = member("agent-pack", "workflow-chain-pack", "prompt-template", "automation")
_SUBMIT = object_of(
    {
        "kind": _KIND,
        "artifact": open_object(),
        "title": string(minimum=1),
        "rationale": string(minimum=1),
    },
    required=("kind", "artifact"),
)
_REVISE = object_of(
    {"artifact": open_object(), "title": string(minimum=1), "rationale": string(minimum=1)}
)
_APPLY = object_of({"artifactDigest": any_value()})
_REJECT = object_of({"reason": string()})


def _list_proposals(call: Call) -> Answer:
    shown = [
        clone(proposal)
        for proposal in call.host.proposals.visible(call.credential.owner)
        if call.query.get("state", proposal["state"]) == proposal["state"]
        and call.query.get("kind", proposal["kind"]) == proposal["kind"]
    ]
    return json_answer(page_of(call, "proposals", "items", shown, default=50, most=100))


def _submit(call: Call) -> Answer:
    check(_SUBMIT, call.body)
    body = as_object(call.body)
    if body["kind"] not in as_list(call.host.capabilities.get("agents.proposals.artifactKinds")):
        raise invalid("The host takes no proposals of that kind.", field="kind")
    extra = {name: body[name] for name in ("title", "rationale") if name in body}
    proposal = call.host.proposals.submit(
        body["kind"], as_object(body["artifact"]), call.credential.owner, **extra
    )
    return json_answer(clone(proposal), 201)


def _found(call: Call) -> JsonObject:
    return call.host.proposals.get(call.params["proposalId"], call.credential.owner)


def _get_proposal(call: Call) -> Answer:
    return json_answer(clone(_found(call)))


def _revise(call: Call) -> Answer:
    check(_REVISE, call.body)
    proposal = _found(call)
    call.host.proposals.revise(proposal, as_object(call.body))
    return json_answer(clone(proposal))


def _archive(call: Call) -> Answer:
    proposal = _found(call)
    call.host.proposals.close(proposal, "archived")
    return json_answer(clone(proposal))


def _apply(call: Call) -> Answer:
    check(_APPLY, call.body)
    proposal = _found(call)
    given = as_object(call.body).get("artifactDigest")
    run = call.host.proposals.apply(proposal, given, call.credential.owner)
    if run is not None:
        return json_answer({"runId": Wire(2).run_id(run)}, 202)
    return json_answer(clone(proposal))


def _reject(call: Call) -> Answer:
    check(_REJECT, call.body)
    proposal = _found(call)
    call.host.proposals.close(proposal, "rejected")
    return json_answer(clone(proposal))


HANDLERS: dict[str, Handler] = {
    "getEffectSeamManifest": _seams,
    "streamHostEvents": _stream,
    "emitTestHostEvent": _test,
    "getUiPluginFrame": _frame,
    "dispatchUiPluginRequest": _rpc,
    "listConnectionProviders": _providers,
    "resolveConnectionProvider": _provider,
    "listProposals": _list_proposals,
    "submitProposal": _submit,
    "getProposal": _get_proposal,
    "reviseProposal": _revise,
    "archiveProposal": _archive,
    "applyProposal": _apply,
    "rejectProposal": _reject,
}
