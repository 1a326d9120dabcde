"""Agents, tools, prompts, content, files, audit, proposals, host events and the other resources."""

from __future__ import annotations

import pytest

from openwop_testing import FakeHost, Workflow

PLAIN = Workflow("plain").node("a")
TEMPLATE = {
    "templateId": "greet",
    "version": "1.0.0",
    "kind": "system",
    "text": "Hello {{name}}, {{n}} times.",
    "variables": [
        {"name": "name", "type": "string", "required": True},
        {"name": "n", "type": "number", "required": False, "defaultValue": 2},
    ],
    "tags": ["a", "b"],
}


@pytest.fixture
def host():
    host = FakeHost(workflows=[PLAIN])
    host.agents.add("acme.writer", persona="Writer", tools=("acme:search",))
    host.agents.add("acme.critic", model_class="reasoning")
    host.agents.add("other.agent", tenant="other")
    return host


@pytest.mark.obligation("H1-18b", "H2-19")
def test_agents_are_listed_by_id_and_only_to_their_tenant(caller):
    answer = caller.get("/agents").json

    assert (["acme.critic", "acme.writer"], 2) == (
        [agent["agentId"] for agent in answer["agents"]],
        answer["total"],
    )
    assert ["acme:search"] == caller.get("/agents/acme.writer").json["toolAllowlist"]
    hidden, missing = caller.get("/agents/other.agent"), caller.get("/agents/none")
    assert (404, hidden.body) == (hidden.status, missing.body)


def test_a_promotion_moves_a_channel_and_a_rollback_moves_it_back(host, caller):
    host.agents.deploy("acme.writer", "1.0.0", channels=("stable",))
    host.agents.deploy("acme.writer", "2.0.0", state="staged")
    path = "/agents/acme.writer/deployments"

    promoted = caller.post(path, {"version": "2.0.0", "transition": "promote", "channel": "stable"})
    listed = caller.get(path).json
    back = caller.post(path, {"version": "2.0.0", "transition": "rollback"})

    assert ("active", ["stable"], "1.0.0") == (
        promoted.json["state"],
        promoted.json["channels"],
        promoted.json["rollbackPointer"],
    )
    assert ["1.0.0", "2.0.0"] == [entry["version"] for entry in listed]
    assert ("1.0.0", ["stable"]) == (back.json["version"], back.json["channels"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"version": "1.0.0", "transition": "adjust-canary", "canaryPercent": 20}, 200),
        ({"version": "1.0.0", "transition": "adjust-canary"}, 400),
        ({"version": "1.0.0", "transition": "pause"}, 200),
        ({"version": "1.0.0", "transition": "rollback"}, 400),
        ({"version": "9.9.9", "transition": "pause"}, 404),
        ({"version": "1.0.0", "transition": "fly"}, 400),
    ],
)
def test_a_deployment_moves_only_as_it_can(host, caller, body, status):
    host.agents.deploy("acme.writer", "1.0.0", channels=("stable",))

    assert status == caller.post("/agents/acme.writer/deployments", body).status


def test_a_transition_needs_the_scope_of_its_verb(host, caller):
    host.agents.deploy("acme.writer", "1.0.0")
    host.keys.add("hk_test_ops", scopes=["deploy:pause"])
    caller.key = "hk_test_ops"
    path = "/agents/acme.writer/deployments"

    assert 403 == caller.post(path, {"version": "1.0.0", "transition": "promote"}).status
    assert 200 == caller.post(path, {"version": "1.0.0", "transition": "pause"}).status


def test_a_gated_promotion_needs_a_passed_evaluation(host, v1, v2):
    host.agents.deploy("acme.writer", "1.0.0", state="staged")
    host.agents.require_eval("acme.writer")
    host.evals.add("acme.evals.x", [{"taskId": "t", "score": 1}])
    path = "/agents/acme.writer/deployments"
    body = {"version": "1.0.0", "transition": "promote"}
    refused = [caller.post(path, body) for caller in (v1, v2)]
    suite = {"mode": "eval", "evalSuiteRef": "acme.evals.x", "agentId": "acme.writer"}
    run = v1.post("/runs", suite).json["runId"]

    taken = v1.post(path, {**body, "evalRunId": run})

    assert [(403, "eval_gate_unmet"), (422, "eval_gate_unmet")] == [
        (answer.status, answer.code) for answer in refused
    ]
    assert 200 == taken.status


def test_the_roster_and_the_organisation_are_described(host, caller):
    host.agents.enlist("host:ada", "acme.writer", workflows=["plain"], enabled=True)
    host.agents.organise(
        {
            "departments": [
                {"departmentId": "all", "name": "All", "roles": [{"roleId": "r", "name": "Lead"}]},
                {
                    "departmentId": "sub",
                    "name": "Sub",
                    "parentDepartmentId": "all",
                    "roles": [{"roleId": "w", "name": "Writing"}],
                },
            ],
            "members": [
                {"rosterId": "host:ada", "departmentId": "sub", "roleId": "w", "reportsTo": None}
            ],
        }
    )

    assert 1 == caller.get("/agents/roster").json["total"]
    assert "acme.writer" == caller.get("/agents/roster/host:ada").json["agentRef"]["agentId"]
    assert 2 == len(caller.get("/agents/org-chart").json["departments"])
    whole = caller.get("/agents/org-chart/all").json
    alone = caller.get("/agents/org-chart/all?recursive=false").json
    assert (1, ["Writing"], []) == (
        len(whole["members"]),
        whole["responsibilities"],
        alone["members"],
    )
    assert [404, 404] == [
        caller.get(path).status for path in ("/agents/org-chart/x", "/agents/roster/host:x")
    ]


@pytest.mark.obligation("H1-18b")
def test_tools_are_shown_to_whom_they_are_for(host, v1, v2):
    host.tools.add("acme:search", title="Search", annotations={"readOnlyHint": True})
    host.tools.add("other:secret", tenant="other")
    host.tools.add("acme:ops", scope="audit:read", source="mcp")
    host.keys.add("hk_test_narrow", scopes=["runs:read"])

    listed = [tool["toolId"] for tool in v1.get("/tools").json]
    compact = v2.get("/tools?view=compact").json
    only = v2.get("/tools?source=mcp").json
    v1.key = "hk_test_narrow"
    narrow = [tool["toolId"] for tool in v1.get("/tools").json]

    assert (["acme:ops", "acme:search"], ["acme:search"]) == (listed, narrow)
    assert ["acme:ops", "acme:search"] == [tool["toolId"] for tool in compact["tools"]]
    assert ["acme:ops"] == [tool["toolId"] for tool in only]
    assert "Search" == v2.get("/tools/acme%3Asearch").json["title"]
    assert 404 == v2.get("/tools/other%3Asecret").status


def test_a_template_is_stored_read_changed_and_deleted(caller):
    created = caller.post("/prompts", TEMPLATE)
    again = caller.post("/prompts", TEMPLATE)
    read = caller.get("/prompts/greet")
    cached = caller.get("/prompts/greet", headers={"If-None-Match": read.headers["ETag"]})
    lower = caller.send("PUT", "/prompts/greet", {**TEMPLATE, "version": "1.0.0-rc.1"})
    higher = caller.send("PUT", "/prompts/greet", {**TEMPLATE, "version": "1.1.0", "text": "Hi"})
    pinned = caller.get("/prompts/greet?version=1.0.0")
    newest = caller.get("/prompts/greet")
    deleted = caller.send("DELETE", "/prompts/greet")

    assert (201, caller.path("/prompts/greet")) == (created.status, created.headers["Location"])
    assert [409, 200, 304, 409, 200, 204, 404] == [
        answer.status
        for answer in (again, read, cached, lower, higher, deleted, caller.get("/prompts/greet"))
    ]
    assert (TEMPLATE, "Hi") == (pinned.json, newest.json["text"])
    assert "immutable" in pinned.headers["Cache-Control"]


def test_templates_are_listed_by_filter_and_page(host, caller):
    for index in range(5):
        host.prompts.add({**TEMPLATE, "templateId": f"t{index}", "tags": [str(index % 2), "x"]})

    first = caller.get("/prompts?limit=2").json
    rest = caller.get(f"/prompts?limit=200&cursor={first['nextCursor']}").json

    assert ["t0", "t1", "t2", "t3", "t4"] == [
        item["templateId"] for item in first["items"] + rest["items"]
    ]
    assert "nextCursor" not in rest
    assert ["t1", "t3"] == [
        item["templateId"] for item in caller.get("/prompts?tag=1&tag=x").json["items"]
    ]
    assert [] == caller.get("/prompts?kind=user").json["items"]
    assert 5 == len(caller.get("/prompts?source=host").json["items"])


def test_a_template_of_the_host_cannot_be_changed(host, caller):
    host.prompts.add(TEMPLATE)

    answers = [
        caller.send("PUT", "/prompts/greet", {**TEMPLATE, "version": "2.0.0"}),
        caller.send("DELETE", "/prompts/greet"),
    ]

    assert [(403, "forbidden")] * 2 == [(answer.status, answer.code) for answer in answers]


@pytest.mark.obligation("H1-18b", "H2-19")
def test_a_template_of_another_tenant_does_not_exist(host, caller, caller_for):
    caller.post("/prompts", TEMPLATE)
    host.keys.add("hk_test_other", tenant="other")

    other = caller_for(host, caller.major, "hk_test_other")

    assert (404, []) == (
        other.get("/prompts/greet").status,
        other.get("/prompts").json["items"],
    )


def render(caller, ref="prompt:greet", **variables):
    return caller.post("/prompts:render", {"ref": ref, "variables": variables})


def test_a_prompt_is_rendered_to_a_digest(host, caller):
    host.prompts.add(TEMPLATE)

    one, same = render(caller, name="Ada").json, render(caller, name="Ada", n=2).json
    other = render(caller, name="Bo").json

    assert one["hash"] == same["hash"] != other["hash"]
    assert (["prompt:greet@1.0.0"], {"name", "n"}) == (one["refs"], set(one["variableHashes"]))
    assert "composed" not in one


def test_a_prompt_is_shown_where_the_host_shows_it(caller_for):
    host = FakeHost(capabilities={"prompts": {"observability": "full"}})
    host.prompts.add(TEMPLATE)

    answer = render(caller_for(host, 2), name="Ada").json

    assert "Hello Ada, 2 times." == answer["composed"]


@pytest.mark.parametrize(
    ("ref", "variables", "code"),
    [
        ("prompt:greet", {}, "prompt_variable_unresolved"),
        ("prompt:greet", {"name": 7}, "prompt_variable_type_mismatch"),
        ("greet", {"name": "x"}, "prompt_ref_invalid"),
    ],
)
def test_a_prompt_that_cannot_be_rendered_says_why(host, v1, v2, ref, variables, code):
    host.prompts.add(TEMPLATE)

    one, two = (render(caller, ref, **variables) for caller in (v1, v2))

    assert [(400, code), (400, "validation_error")] == [
        (answer.status, answer.code) for answer in (one, two)
    ]


def test_a_template_that_two_libraries_hold_must_be_named(host, v1):
    host.prompts.add(TEMPLATE)
    host.prompts.add(TEMPLATE, library="second")

    ambiguous = v1.get("/prompts/greet")

    assert (400, "prompt_ref_ambiguous") == (ambiguous.status, ambiguous.code)
    assert 200 == v1.get("/prompts/greet?libraryId=second").status


PAGE = {
    "pageId": "p1",
    "slug": "about",
    "name": "About",
    "status": "published",
    "sectionOrder": ["s1"],
}


def test_a_page_is_served_in_the_language_that_is_asked_for(caller):
    caller.post("/content/pages", PAGE)
    path = "/content/pages/p1/sections/s1"
    caller.send("PUT", path, {"locale": "en", "data": {"title": "Hi", "link": "/x"}})
    caller.send("PUT", path, {"locale": "de", "data": {"title": "Hallo"}})
    caller.key = ""

    shown = {
        language: caller.get("/content/pages/about", headers={"Accept-Language": language})
        for language in ("de-AT, en;q=0.5", "en", "xx", ";;;q=", "")
    }

    german = shown["de-AT, en;q=0.5"]
    assert ("de", {"title": "Hallo", "link": "/x"}) == (
        german.headers["Content-Language"],
        german.json["sections"][0]["data"],
    )
    assert {"en"} == {
        answer.json["locale"] for language, answer in shown.items() if answer is not german
    }


def test_a_draft_is_not_served(caller):
    caller.post("/content/pages", {**PAGE, "status": "draft"})

    assert 404 == caller.get("/content/pages/about").status
    assert ["draft"] == [page["status"] for page in caller.get("/content/pages").json]


def test_pages_settings_and_sections_are_checked(caller):
    caller.post("/content/pages", PAGE)
    settings = {"baseLocale": "en", "supportedLocales": ["en"], "autoTranslateOnPublish": False}

    answers = [
        caller.post("/content/pages", PAGE),
        caller.send("PUT", "/content/settings", settings),
        caller.send("PUT", "/content/pages/p1/sections/s1", {"locale": "xx", "data": {}}),
        caller.send("PUT", "/content/pages/p1/sections/none", {"locale": "en", "data": {}}),
    ]

    assert [400, 400, 400, 404] == [answer.status for answer in answers]
    taken = caller.send("PUT", "/content/settings", {**settings, "supportedLocales": ["it"]})
    assert (
        ["it"]
        == taken.json["supportedLocales"]
        == (caller.get("/content/settings").json["supportedLocales"])
    )
    deleted = caller.send("DELETE", "/content/pages/p1")
    assert [204, 404] == [deleted.status, caller.send("DELETE", "/content/pages/p1").status]


def test_a_file_has_versions_and_refuses_a_stale_write(host, v1):
    host.workflows.add(Workflow("gated").approval("gate"))
    run = v1.start("gated")
    v1.status(run)
    path = "/host/workspace/files/notes/a.md"
    first = v1.send("PUT", path, {"content": "one"}).json
    second = v1.send("PUT", path, {"content": "two"}, headers={"If-Match": first["etag"]})
    stale = v1.send("PUT", path, {"content": "three"}, headers={"If-Match": first["etag"]})

    assert (200, 2, "text/markdown") == (
        second.status,
        second.json["version"],
        second.json["contentType"],
    )
    assert (409, "workspace_conflict", {"currentVersion": 2}) == (
        stale.status,
        stale.code,
        stale.json["details"],
    )
    assert ("two", "one") == (
        v1.get(path).json["content"],
        v1.get(path + "?version=1").json["content"],
    )
    assert [("notes/a.md", "")] == [
        (item["path"], item["content"])
        for item in v1.get("/host/workspace/files?prefix=notes").json["files"]
    ]
    updates = [e["payload"] for e in v1.log(run) if e["type"] == "workspace.updated"]
    assert [1, 2] == [payload["version"] for payload in updates]
    assert [204, 404] == [v1.send("DELETE", path).status, v1.get(path).status]


def test_a_file_that_is_too_large_is_refused(v1):
    answer = v1.send("PUT", "/host/workspace/files/big", {"content": "x" * 262_145})

    assert (413, "workspace_too_large") == (answer.status, answer.code)


@pytest.mark.parametrize("family", ["workspace", "content", "prompts", "a2a", "triggerBridge"])
@pytest.mark.obligation("H1-15a")
def test_what_is_not_offered_answers_501_in_major_1(caller_for, family):
    caller = caller_for(FakeHost(capabilities={family: False}), 1)
    path = {
        "workspace": "/host/workspace/files",
        "content": "/content/settings",
        "prompts": "/prompts",
        "a2a": "/host/sample/a2a/tasks/x",
        "triggerBridge": "/trigger-subscriptions",
    }[family]

    answer = caller.post(path, {}) if family == "triggerBridge" else caller.get(path)

    assert (501, "capability_not_provided") == (answer.status, answer.code)


@pytest.mark.parametrize(
    ("capabilities", "path"),
    [
        ({"agents": {"manifestRuntime": False}}, "/agents"),
        ({"agents": {"roster": False}}, "/agents/roster"),
        ({"agents": {"orgChart": False}}, "/agents/org-chart"),
        ({"toolCatalog": False}, "/tools"),
        ({"auditLogIntegrity": False}, "/audit/verify?fromSeq=0&toSeq=1"),
        ({"multiAgent": False}, "/runs/x/ancestry"),
        ({"debugBundle": False}, "/runs/x/debug-bundle"),
        ({"packs": False}, "/packs-test/core.x/-/1.0.0.tgz"),
    ],
)
@pytest.mark.obligation("H1-01c", "H1-15a")
def test_what_is_not_offered_answers_404_elsewhere(caller_for, capabilities, path):
    answer = caller_for(FakeHost(capabilities=capabilities), 1).get(path)

    assert (404, "not_found") == (answer.status, answer.code)


def test_a_task_shows_the_state_of_its_run(host, v1):
    host.workflows.add(Workflow("gated").approval("gate"))
    name = v1.start("gated").rpartition("/")[2]
    before = v1.get(f"/host/sample/a2a/tasks/{name}").json

    v1.post(f"/runs/{name}/cancel")

    assert ("input-required", "approval") == (before["state"], before["interruptKind"])
    assert "canceled" == v1.get(f"/host/sample/a2a/tasks/{name}").json["state"]
