"""Runs in a process of its own, where the other client is importable: goes through all that it has.

    python journey.py URL KEY MAJOR

Every method of theirs is called on the served fake host, in an order in which each has something to
work on; what a call returns feeds the next ones.  It prints as JSON which methods answered, and
what the others raised.
"""

from __future__ import annotations

import itertools
import json
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any

import openwop_client as theirs

URL, KEY, MAJOR = sys.argv[1], sys.argv[2], int(sys.argv[3])
CLIENT = theirs.OpenwopClient(URL, KEY)
ANSWERED: list[str] = []
RAISED: dict[str, str] = {}
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"


def do(method: str, *values: Any, **named: Any) -> Any:
    """Call a method of theirs, note how it went, and return what it brought."""
    try:
        result = getattr(CLIENT, method)(*values, **named)
        if isinstance(result, Iterator):
            result = list(itertools.islice(result, 100))
    except Exception as error:
        RAISED[method] = f"{type(error).__name__}: {error}"
        return None
    ANSWERED.append(method)
    return result


def at(value: Any, name: str) -> Any:
    """Return a member of a model or of a mapping of theirs."""
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


def script(path: str, body: Any) -> Any:
    """Script the host, or do what their client has no method for."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
    if not path.startswith("/v1/"):
        headers["OpenWOP-Version"] = "2.0"
    request = urllib.request.Request(URL + path, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read() or b"null")


def start(workflow: str, **options: Any) -> str:
    made = do("runs_create", theirs.CreateRunRequest(workflowId=workflow, **options))
    return str(at(made, "runId"))


def runs() -> None:
    done = start("making", inputs={"who": "you"}, tags=["t"])
    events = do("runs_events", done, stream_mode="debug") or []
    made = [at(event, "payload") for event in events if at(event, "type") == "artifact.created"]
    do("runs_get", done)
    do("runs_poll_events", done, timeout_seconds=1)
    do("runs_ancestry", done)
    do("runs_get_artifact", done, made[0]["artifactId"] if made else "none")
    fork = do("runs_fork", done, theirs.ForkRunRequest(fromSeq=1, mode="branch"))
    do("runs_diff", done, str(at(fork, "runId")))
    signal = {"kind": "rating", "rating": 4}
    do("create_annotation", done, theirs.CreateAnnotationRequest(signal=signal))
    do("list_annotations", done)
    suite = {"mode": "eval", "evalSuiteRef": "acme.evals.basic", "agentId": "acme.writer"}
    scored = script(("/v1" if MAJOR == 1 else "") + "/runs", suite)["runId"]
    do("runs_eval_summary", scored)
    slow = start("slow")
    do("runs_pause", slow, theirs.PauseRunRequest(reason="lunch", drainPolicy="immediate"))
    do("runs_resume", slow)
    do("runs_cancel", slow)
    do("runs_bulk_cancel", theirs.BulkCancelRunsRequest(runIds=[start("gated")]))
    if MAJOR == 1:
        do("runs_debug_bundle", done)
    else:
        do("runs_list", limit=2)
        do("runs_compensation", done)
        do("runs_effects", done)


def decisions() -> None:
    accept = theirs.ResolveInterruptRequest(resumeValue={"action": "accept"})
    do("interrupts_resolve_by_run", start("gated"), "gate", accept)
    where = {"runId": start("gated"), "nodeId": "gate", "major": MAJOR}
    token = script("/_fake/tokens", where)["token"]
    do("interrupts_inspect_by_token", token)
    do("interrupts_resolve_by_token", token, accept)


def library() -> None:
    do("workflows_get", "gated")
    do("discovery_capabilities")
    do("discovery_openapi")
    do("agents_list")
    do("agents_get", "acme.writer")
    do("agents_list_deployments", "acme.writer")
    move = theirs.AgentDeploymentTransition(version="2.0.0", transition="promote")
    do("agents_transition_deployment", "acme.writer", move)
    do("agents_list_roster")
    do("agents_get_roster_entry", "host:ada")
    do("agents_get_org_chart")
    do("agents_get_org_chart_department", "d1", recursive=True)
    do("tools_list")
    do("tools_list_compact")
    do("tools_get", "acme:search")
    template = theirs.PromptTemplate(templateId="hi", version="1.0.0", kind="user", text="Hi")
    do("prompts_create", template)
    do("prompts_list", theirs.ListPromptsRequest(kind="user"))
    do("prompts_get", "hi")
    newer = theirs.PromptTemplate(templateId="hi", version="1.1.0", kind="user", text="Hello")
    do("prompts_update", "hi", newer)
    do("prompts_render", theirs.RenderPromptRequest(ref="prompt:hi@1.1.0", variables={}))
    do("prompts_delete", "hi")


def places() -> None:
    settings = theirs.LocalizedContentLanguageSettings("en", ["de"], False)
    do("content_put_settings", settings)
    do("content_get_settings")
    page = theirs.LocalizedContentPage("p1", "home", "Home", "published", ["s1"])
    do("content_create_page", page)
    section = theirs.PutContentSectionRequest(locale="en", data={"title": "Hello"})
    do("content_put_section", "p1", "s1", section)
    do("content_list_pages")
    do("content_get_page", "home", accept_language="en")
    do("content_delete_page", "p1")
    registration = theirs.TriggerSubscriptionRegistration(source="form", workflowId="gated")
    trigger = do("create_trigger_subscription", registration)
    hook = theirs.RegisterWebhookRequest("https://hooks.example.com/in", ["run.completed"])
    made = do("webhooks_register", hook)
    if made is None:  # they did not understand the answer, and cannot name what they made
        made = script("/webhooks", standard())
    name = at(made, "webhookId") or at(made, "subscriptionId")
    if MAJOR == 1:
        file = theirs.PutWorkspaceFileRequest(content="text", contentType="text/plain")
        do("put_workspace_file", "notes/a.txt", file)
        do("get_workspace_file", "notes/a.txt")
        do("list_workspace_files", prefix="notes/")
        do("delete_workspace_file", "notes/a.txt")
        # Registered in major 2: in major 1 nothing can be that can be rotated.
        rotated = script("/webhooks", standard())["webhookId"].rpartition("/")[2]
        new = theirs.RotateWebhookSecretRequest(secret=SECRET)
        do("webhooks_rotate_secret", rotated, "main", new)
        do("webhooks_unregister", name.rpartition("/")[2], "main")
        return
    rotated = script("/webhooks", standard())["webhookId"]
    do("webhooks_rotate_secret", rotated, theirs.RotateWebhookSecretRequest(secret=SECRET))
    do("webhooks_dead_letters", name)
    do("webhooks_unregister", name)
    do("trigger_dead_letters", at(at(trigger, "subscription"), "subscriptionId"))


def standard() -> dict[str, Any]:
    """Return the registration of an endpoint of the form whose secret can be rotated."""
    return {
        "url": "https://hooks.example.com/standard",
        "events": ["run.completed"],
        "signatureAlgorithms": ["v1", "standard-webhooks-1"],
        "secret": SECRET.replace("3", "2"),
    }


def newer() -> None:
    do("connection_providers_list")
    do("connection_providers_resolve", "github")
    do("host_effect_seams")
    emitted = do("host_emit_test_event", "durable")
    do("host_emit_test_event", "durable")
    after = str(at(emitted, "eventId"))
    stream = CLIENT.host_events(last_event_id=after, reconnect=False)
    if next(stream, None) is not None:
        ANSWERED.append("host_events")
    stream.close()
    do("host_ui_plugin_frame", "acme.pack", "editor")
    asked = theirs.UiPluginRequest(id=1, method="artifact.read", params={})
    do("host_dispatch_ui_plugin_request", "acme.pack", "editor", asked)
    artifact = {"templateId": "p", "version": "1.0.0", "kind": "user"}
    ids = [
        at(
            do(
                "proposals_submit",
                theirs.SubmitProposalRequest("prompt-template", {**artifact, "text": t}),
            ),
            "id",
        )
        for t in ("One.", "Two.", "Three.")
    ]
    do("proposals_list", limit=5)
    do("proposals_revise", ids[0], theirs.ReviseProposalRequest(title="Better"))
    shown = do("proposals_get", ids[0])
    do("proposals_apply", ids[0], artifact_digest=at(shown, "artifactDigest"))
    do("proposals_reject", ids[1], reason="No.")
    do("proposals_archive", ids[2])


def main() -> int:
    """Go through everything."""
    parts = [library, runs, decisions, places] + ([newer] if MAJOR == 2 else [])
    for part in parts:
        part()
    do("audit_verify", 0, 16)
    everything = {
        name
        for name in dir(theirs.OpenwopClient)
        if not name.startswith("_") and callable(getattr(theirs.OpenwopClient, name))
    }
    print(
        json.dumps(
            {
                "missed": sorted(everything - set(ANSWERED) - set(RAISED)),
                "raised": RAISED,
                "answered": sorted(set(ANSWERED)),
            }
        )
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
