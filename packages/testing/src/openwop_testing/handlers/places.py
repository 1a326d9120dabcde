"""Content, workspace files, the audit log and triggers.

See v1.md sections 7.6, 7.10, 7.11, 19 and 22; v2.md sections 18 and 20.
"""

from __future__ import annotations

import re
from typing import Final

from openwop_testing._json import JsonObject, as_list, as_object, clone
from openwop_testing.answers import Answer, json_answer
from openwop_testing.handlers.paging import page_of
from openwop_testing.ids import bind, project
from openwop_testing.pipeline import Call, Handler
from openwop_testing.problems import Problem, invalid, not_found
from openwop_testing.shapes import (
    Check,
    array,
    boolean,
    check,
    integer,
    member,
    object_of,
    open_object,
    string,
)

__all__ = ["HANDLERS"]

_LOCALE: Final = r"^[a-z]{2}(-[A-Z]{2})?$"
_PAGE = object_of(
    {
        "pageId": string(minimum=1),
        "slug": string(pattern=r"^[a-z][a-z0-9-]*$"),
        "name": string(minimum=1),
        "status": member("draft", "published"),
        "sectionOrder": array(string(minimum=1)),
        "seo": open_object(),
    },
    required=("pageId", "slug", "name", "status", "sectionOrder"),
)
_SECTION = object_of(
    {"locale": string(pattern=_LOCALE), "data": open_object()}, required=("locale", "data")
)
_SETTINGS = object_of(
    {
        "baseLocale": string(pattern=_LOCALE),
        "supportedLocales": array(string(pattern=_LOCALE)),
        "autoTranslateOnPublish": boolean(),
    },
    required=("baseLocale", "supportedLocales", "autoTranslateOnPublish"),
)


def _settings(call: Call, tenant: str) -> JsonObject:
    content = as_object(call.host.capabilities.get("content"))
    return call.host.content.settings_of(
        tenant, str(content.get("baseLocale", "en")), as_list(content.get("supportedLocales"))
    )


def _negotiate(header: str, offered: list[str], base: str) -> str:
    """Return the best language for an Accept-Language header, however odd that is."""
    wanted: list[tuple[float, int, str]] = []
    for index, part in enumerate(header.split(",")):
        name, _, weight = part.strip().partition(";")
        hit = re.fullmatch(r"\s*q=(0(?:\.\d+)?|1(?:\.0+)?)\s*", weight) if weight else None
        quality = float(hit[1]) if hit else (1.0 if not weight else 0.0)
        if re.fullmatch(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*", name):
            wanted.append((-quality, index, name.lower()))
    for quality, _, name in sorted(wanted):
        if not quality:
            continue
        for candidate in offered:
            exact = candidate.lower() == name
            if exact or candidate.lower().partition("-")[0] == name.partition("-")[0]:
                return candidate
    return base


def _get_page(call: Call) -> Answer:
    content = call.host.content
    for (tenant, _), page in content.pages.items():
        if page["slug"] != call.params["slug"] or page["status"] != "published":
            continue
        settings = _settings(call, tenant)
        base = settings["baseLocale"]
        locale = _negotiate(
            call.headers.get("Accept-Language", ""), [base, *settings["supportedLocales"]], base
        )
        shown = {name: page[name] for name in ("pageId", "slug", "name", "seo") if name in page}
        document: JsonObject = {
            "version": "1",
            "generatedAt": call.host.clock.timestamp(),
            "locale": locale,
            "slug": page["slug"],
            "page": shown,
            "sections": content.rendered(tenant, page, locale, base),
        }
        headers = {
            "Content-Language": locale,
            "Cache-Control": "public, max-age=300, stale-while-revalidate=3600",
            "Vary": "Accept-Language, Accept-Encoding",
        }
        return json_answer(document, headers=headers)
    raise not_found("The page")


def _list_pages(call: Call) -> Answer:
    tenant = call.credential.tenant
    pages = call.host.content.pages
    return json_answer([clone(page) for (owner, _), page in pages.items() if owner == tenant])


def _create_page(call: Call) -> Answer:
    check(_PAGE, call.body)
    page = as_object(call.body)
    key = (call.credential.tenant, page["pageId"])
    if key in call.host.content.pages:
        raise invalid("There is a page of this id.", field="pageId")
    call.host.content.pages[key] = page
    return json_answer(clone(page), 201)


def _delete_page(call: Call) -> Answer:
    removed = call.host.content.pages.pop((call.credential.tenant, call.params["slug"]), None)
    if removed is None:
        raise not_found("The page")
    return Answer(204)


def _put_section(call: Call) -> Answer:
    check(_SECTION, call.body)
    body, tenant = as_object(call.body), call.credential.tenant
    page = call.host.content.pages.get((tenant, call.params["pageId"]))
    if page is None or call.params["sectionId"] not in page["sectionOrder"]:
        raise not_found("The section")
    settings = _settings(call, tenant)
    if body["locale"] not in {settings["baseLocale"], *settings["supportedLocales"]}:
        raise invalid("The language is not one of the settings.", field="locale")
    section = call.host.content.put_section(
        tenant,
        call.params["pageId"],
        call.params["sectionId"],
        body["locale"],
        as_object(body["data"]),
        settings["baseLocale"],
    )
    return json_answer(clone(section))


def _get_settings(call: Call) -> Answer:
    return json_answer(clone(_settings(call, call.credential.tenant)))


def _put_settings(call: Call) -> Answer:
    check(_SETTINGS, call.body)
    body = as_object(call.body)
    if body["baseLocale"] in body["supportedLocales"]:
        raise invalid("The base is not among the others.", field="supportedLocales")
    call.host.content.settings[call.credential.tenant] = clone(body)
    return json_answer(clone(body))


_PATH: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,255}")
_FILE = object_of({"content": string(), "contentType": string(minimum=1)}, required=("content",))


def _owner(call: Call) -> tuple[str, str]:
    return call.credential.tenant, call.credential.workspace


def _path(call: Call) -> str:
    path = call.params["path"]
    if not _PATH.fullmatch(path):
        raise invalid("The path is not one of a file.", field="path")
    return path


def _list_files(call: Call) -> Answer:
    prefix = call.query.get("prefix", "")
    if len(prefix) > 256:
        raise invalid("A prefix has at most 256 characters.", field="prefix")
    files = call.host.files.list(_owner(call), prefix)
    # The schema of an item is that of a file, whose content it requires.
    return json_answer({"files": [{**entry, "content": ""} for entry in files]})


def _get_file(call: Call) -> Answer:
    entry = call.host.files.get(_owner(call), _path(call), call.integer("version", 1))
    if entry is None:
        raise not_found("The file")
    return json_answer(clone(entry), headers={"ETag": entry["etag"]})


def _put_file(call: Call) -> Answer:
    check(_FILE, call.body)
    body, path = as_object(call.body), _path(call)
    most = int(call.host.capabilities.get("workspace.maxFileBytes") or 1 << 20)
    size = len(body["content"].encode())
    if size > most:
        raise Problem(
            413,
            "workspace_too_large",
            "The file is too large.",
            details={"maxFileBytes": most, "requestedBytes": size},
        )
    current = call.host.files.get(_owner(call), path, None)
    given = call.headers.get("If-Match")
    if given is not None and (current is None or given not in {"*", current["etag"]}):
        details = {"currentVersion": current["version"]} if current else {}
        raise Problem(
            409, "workspace_conflict", "The file has changed since it was read.", details=details
        )
    entry = call.host.files.put(
        _owner(call),
        path,
        body["content"],
        body.get("contentType", "text/markdown"),
        call.host.clock.timestamp(),
    )
    _tell(call, path, entry["version"])
    return json_answer(clone(entry), headers={"ETag": entry["etag"]})


def _delete_file(call: Call) -> Answer:
    path = _path(call)
    version = call.host.files.delete(_owner(call), path)
    if version is None:
        raise not_found("The file")
    _tell(call, path, version)
    return Answer(204)


def _tell(call: Call, path: str, version: int) -> None:
    """Let the active runs of the workspace know."""
    for run in list(call.host.engine.runs.values()):
        owner = (run.owner.tenant, run.owner.workspace)
        if owner == _owner(call) and not run.terminal and run.log:
            run.emit("workspace.updated", {"path": path, "version": version})


_TASK_STATES: Final = {
    "pending": "submitted",
    "running": "working",
    "paused": "working",
    "cancelling": "working",
    "waiting-approval": "input-required",
    "waiting-input": "input-required",
    "waiting-external": "working",
    "completed": "completed",
    "failed": "failed",
    "cancelled": "canceled",
}


def _task(call: Call) -> Answer:
    from openwop_testing.handlers.runs import visible

    run = call.host.engine.runs.get(call.params["taskId"])
    if run is None or not visible(call, run):
        raise not_found("The task")
    document: JsonObject = {
        "taskId": run.run_id,
        "runId": run.run_id,
        "state": _TASK_STATES[run.status],
        "updatedAt": call.host.clock.timestamp(),
    }
    kinds = [kind for kind in run.projection.waiting.values() if kind != "external-event"]
    if kinds and kinds[0] in {"approval", "clarification"}:
        document["interruptKind"] = kinds[0]
    return json_answer(document)


def _verify_audit(call: Call) -> Answer:
    first, last = call.integer("fromSeq", 0), call.integer("toSeq", 0)
    if first is None or last is None or last < first:
        raise invalid("fromSeq and toSeq name a range.", field="toSeq")
    if first >= len(call.host.audit.entries):
        raise not_found("The range")
    return json_answer(call.host.audit.verify(first, last, major=call.major))


def _trigger_shape(major: int) -> Check:
    sources = (
        ("webhook", "email", "form")
        if major == 1
        else (
            "webhook",
            "email",
            "form",
            "stream",
            "change",
        )
    )
    return object_of(
        {
            "source": member(*sources),
            "workflowId": string(minimum=1),
            "dedupEnabled": boolean(),
            "retryPolicy": object_of(
                {"maxAttempts": integer(1), "backoff": member("none", "fixed", "exponential")}
            ),
            "verification": object_of({"mode": member("required", "best-effort", "none")}),
            "inputMapping": open_object(),
        },
        required=("source", "workflowId"),
    )


_TRIGGER = {major: _trigger_shape(major) for major in (1, 2)}


def _create_trigger(call: Call) -> Answer:
    check(_TRIGGER[call.major], call.body)
    body = as_object(call.body)
    if call.host.workflows.get(body["workflowId"]) is None:
        raise invalid("There is no such workflow.", field="workflowId")
    trigger = call.host.triggers.add(body, call.credential.owner)
    subscription = trigger.document()
    name = trigger.subscription_id
    if call.major == 2:
        subscription["subscriptionId"] = bind(call.credential.tenant, name)
    binding: JsonObject = {}
    segment = name if call.major == 1 else project(subscription["subscriptionId"])
    if trigger.source in {"webhook", "form"}:
        binding["ingestUrl"] = f"{call.host.base_url}/host/fake/triggers/{segment}"
    elif trigger.source == "email":
        binding["ingestAddress"] = f"{name}@triggers.openwop.test"
    if trigger.source == "webhook":
        binding["secretFingerprint"] = subscription["secretFingerprint"]
        binding["secret"] = trigger.secret
    return json_answer({"subscription": subscription, "binding": binding}, 201)


def _trigger_dead_letters(call: Call) -> Answer:
    trigger = call.host.triggers.get(call.params["subscriptionId"])
    if trigger is None or trigger.owner.tenant != call.credential.tenant:
        raise not_found("The subscription")
    letters = [clone(entry) for entry in reversed(trigger.dead)]
    if call.major == 2:
        for entry in letters:
            entry["subscriptionId"] = bind(call.credential.tenant, entry["subscriptionId"])
    most = int(call.host.capabilities.get("triggerBridge.deadLetter.maxPageSize") or 100)
    resource = f"trigger:{trigger.subscription_id}"
    return json_answer(page_of(call, resource, "deliveries", letters, default=most, most=most))


HANDLERS: dict[str, Handler] = {
    "getContentPage": _get_page,
    "listContentPages": _list_pages,
    "createContentPage": _create_page,
    "deleteContentPage": _delete_page,
    "putContentSection": _put_section,
    "getContentSettings": _get_settings,
    "putContentSettings": _put_settings,
    "listWorkspaceFiles": _list_files,
    "getWorkspaceFile": _get_file,
    "putWorkspaceFile": _put_file,
    "deleteWorkspaceFile": _delete_file,
    "getA2ATaskState": _task,
    "verifyAuditLog": _verify_audit,
    "createTriggerSubscription": _create_trigger,
    "listTriggerDeadLetters": _trigger_dead_letters,
}
