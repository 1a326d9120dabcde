"""Agents, tools, prompts, content, files, audit, proposals, host events and the other resources."""

from __future__ import annotations

import base64
import gzip
import io
import json
import tarfile

import pytest

from openwop_testing import FakeHost, Workflow, ed25519
from openwop_testing.audit import INTERVAL, merkle_root
from openwop_testing.problems import Problem
from openwop_testing.stores import Plugin

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


def fill(host, count=2 * INTERVAL + 3):
    for index in range(count):
        host.audit.record("test", "user:a", f"target-{index}", n=index)


def audit(caller, last):
    return caller.get(f"/audit/verify?fromSeq=0&toSeq={last}").json


def key_of(caller):
    document = caller.get("/.well-known/openwop").json
    integrity = (
        document["auth"]["auditLogIntegrity"]
        if caller.major == 1
        else document["auditLogIntegrity"]
    )
    return base64.b64decode(integrity["checkpointPublicKey"])


def test_the_audit_log_holds_under_its_published_key(host, caller):
    fill(host)

    answer = audit(caller, 100)

    assert (True, True, []) == (
        answer["chainValid"],
        answer["checkpointsValid"],
        answer["anomalies"],
    )
    assert [INTERVAL - 1, 2 * INTERVAL - 1] == [
        point["atSequence"] for point in answer["checkpoints"]
    ]
    der = key_of(caller)
    for point in answer["checkpoints"]:
        root, signature = bytes.fromhex(point["merkleRoot"]), base64.b64decode(point["signature"])
        assert ed25519.verify(der[12:], root, signature)
        assert not ed25519.verify(der[12:], root[::-1], signature)


def test_the_signatures_are_those_that_everybody_makes(host, v1):
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    fill(host)
    key = load_der_public_key(key_of(v1))

    for point in audit(v1, 100)["checkpoints"]:
        key.verify(base64.b64decode(point["signature"]), bytes.fromhex(point["merkleRoot"]))


def test_a_tampered_log_is_seen(host, v1, v2):
    fill(host)
    host.audit.tamper(5, actor="user:mallory")

    one, two = audit(v1, 100), audit(v2, 100)

    assert (False, False, [6]) == (
        one["chainValid"],
        one["checkpointsValid"],
        [anomaly["atSeq"] for anomaly in one["anomalies"]],
    )
    assert ["chain-break", "merkle-mismatch"] == [entry["kind"] for entry in two["anomalies"]]


def test_what_callers_do_is_audited_without_its_content(host, caller):
    caller.start("plain", inputs={"secret": "hush"})
    caller.get("/workflows/plain")

    [entry] = host.audit.entries
    assert ("createRun", "user:acme") == (entry["action"], entry["actor"])
    assert "hush" not in json.dumps(entry)


@pytest.mark.parametrize("query", ["", "fromSeq=0", "fromSeq=2&toSeq=1", "fromSeq=-1&toSeq=1"])
def test_a_range_of_the_audit_log_is_named(host, caller, query):
    fill(host, 3)

    assert 400 == caller.get(f"/audit/verify?{query}").status
    assert 404 == caller.get("/audit/verify?fromSeq=90&toSeq=91").status


@pytest.mark.parametrize("count", range(6))
def test_a_merkle_root_moves_an_odd_leaf_up(count):
    import hashlib

    def sha(text):
        return hashlib.sha256(text.encode()).hexdigest()

    a, b, c, d, e = (sha(mark) for mark in "abcde")
    expected = [
        sha(""),
        a,
        sha(a + b),
        sha(sha(a + b) + c),
        sha(sha(a + b) + sha(c + d)),
        sha(sha(sha(a + b) + sha(c + d)) + e),
    ]

    assert expected[count] == merkle_root([a, b, c, d, e][:count])


def test_signatures_agree_with_the_vectors_of_rfc_8032():
    seed = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    key = ed25519.SigningKey(seed)

    assert "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a" == key.public.hex()
    assert (
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
        "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
    ) == key.sign(b"").hex()


def propose(v2, **members):
    return v2.post("/proposals", {"kind": "automation", "artifact": {"id": "x"}, **members})


def test_a_proposal_is_revised_and_applied_by_its_digest(host, v2):
    draft = propose(v2, title="T")
    path = f"/proposals/{draft.json['id']}"
    revised = v2.send("PATCH", path, {"artifact": {"id": "x", "n": 2}})
    stale = v2.post(path + ":apply", {"artifactDigest": draft.json["artifactDigest"]})
    applied = v2.post(path + ":apply", {"artifactDigest": revised.json["artifactDigest"]})
    closed = v2.post(path + ":reject", {})

    assert (201, "draft", "revised") == (
        draft.status,
        draft.json["state"],
        revised.json["state"],
    )
    assert (409, "proposal_stale") == (stale.status, stale.code)
    assert ("applied", "automation:x") == (
        applied.json["state"],
        applied.json["activation"]["installedArtifactRef"],
    )
    assert (409, "proposal_state_conflict") == (closed.status, closed.code)


def test_two_proposals_for_one_place_collide(host, v2):
    first, second = propose(v2).json, propose(v2, artifact={"id": "x", "other": 1}).json
    v2.post(f"/proposals/{first['id']}:apply", {})

    answer = v2.post(f"/proposals/{second['id']}:apply", {})

    assert (409, "proposal_install_conflict") == (answer.status, answer.code)


def test_a_proposal_that_repeats_another_says_so(v2):
    first = propose(v2).json

    assert first["id"] == propose(v2).json["duplicateOf"]


def test_an_approval_stands_between_a_proposal_and_its_effect(caller_for):
    host = FakeHost(capabilities={"agents": {"proposals": {"activation": "approval-gate"}}})
    v2 = caller_for(host, 2)
    path = f"/proposals/{propose(v2).json['id']}"

    asked = v2.post(path + ":apply", {})
    waiting = v2.get(path).json["state"]
    run = "/runs/" + asked.json["runId"].replace("/", "~2F")
    v2.get(run)
    v2.post(run + "/interrupts/approve", {"resumeValue": {"action": "accept"}})

    assert (202, "draft", "applied") == (asked.status, waiting, v2.get(path).json["state"])


def test_proposals_are_filtered_archived_and_kept_apart(host, v2, caller_for):
    one, two = propose(v2).json, propose(v2, kind="agent-pack").json
    archived = v2.send("DELETE", f"/proposals/{one['id']}")
    host.keys.add("hk_test_side", workspace="side")
    other = caller_for(host, 2, "hk_test_side")

    assert (200, "archived") == (archived.status, archived.json["state"])
    assert [two["id"]] == [p["id"] for p in v2.get("/proposals?state=draft").json["items"]]
    assert [two["id"]] == [p["id"] for p in v2.get("/proposals?kind=agent-pack").json["items"]]
    assert ([], 404) == (
        other.get("/proposals").json["items"],
        other.get(f"/proposals/{two['id']}").status,
    )


def frames(caller, count, headers=None):
    response = caller.transport.send(caller.request("GET", "/host/events", headers=headers))
    body = iter(response.body)
    try:
        return b"".join(next(body) for _ in range(count)).decode().split("\n\n")[:-1]
    finally:
        response.close()


def test_durable_messages_are_resumed_and_ephemeral_ones_are_not(host, v2):
    opened = v2.transport.send(v2.request("GET", "/host/events"))
    live = iter(opened.body)
    first = v2.post("/host/events/test", {"delivery": "durable"})
    second = v2.post("/host/events/test", {"delivery": "ephemeral"})
    third = v2.post("/host/events/test", {"delivery": "durable"})

    seen = next(live).decode()
    resumed = frames(v2, 1, {"Last-Event-ID": first.json["eventId"]})
    opened.close()

    assert [202, 202, 202] == [answer.status for answer in (first, second, third)]
    assert (3, 2) == (seen.count("event: "), seen.count("id: "))
    assert [third.json["eventId"]] == [frame.split("\n")[0][4:] for frame in resumed]


def test_a_cursor_that_is_known_no_longer_asks_for_a_fresh_start(host, v2):
    known = v2.post("/host/events/test", {"delivery": "durable"}).json["eventId"]
    host.events.forget()

    answer = v2.get("/host/events", headers={"Last-Event-ID": known})

    assert (409, "host_event_resync_required") == (answer.status, answer.code)


def test_host_events_stay_within_their_tenant(host, v2, caller_for):
    host.keys.add("hk_test_other", tenant="other")
    other = caller_for(host, 2, "hk_test_other")
    opened = other.transport.send(other.request("GET", "/host/events"))
    body = iter(opened.body)
    v2.post("/host/events/test", {"delivery": "durable"})

    assert b":keepalive\n\n" == next(body)
    opened.close()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"delivery": "both"}, 400),
        ({}, 400),
        ({"delivery": "durable", "workspaceId": "elsewhere"}, 403),
    ],
)
def test_a_test_event_that_is_none_is_refused(v2, body, status):
    assert status == v2.post("/host/events/test", body).status


def test_durable_host_events_go_to_webhooks_and_others_cannot(host, v2):
    url = "https://hooks.example.com/in"
    taken = v2.post("/webhooks", {"url": url, "events": ["host-test.durable-triggered"]})
    refused = v2.post("/webhooks", {"url": url, "events": ["host-test.ephemeral-triggered"]})

    v2.post("/host/events/test", {"delivery": "durable"})

    assert (201, 400) == (taken.status, refused.status)
    assert ["host-test.durable-triggered"] == host.deliveries.types
    assert {"hostEvent"} == set(host.deliveries[0].json)


def test_a_heartbeat_has_a_shape_of_its_own(host, v2):
    opened = v2.transport.send(v2.request("GET", "/host/events"))
    document = {"heartbeatId": "h", "status": "ok", "changed": False}
    host.events.heartbeat("heartbeat.evaluated", document)

    frame = next(iter(opened.body)).decode()
    opened.close()

    assert f"event: heartbeat.evaluated\ndata: {json.dumps(document, separators=(',', ':'))}" in (
        frame
    )


def rpc(v2, method, **members):
    message = {"openwop": "ui-plugin/1", "type": "request", "id": 3, "method": method, **members}
    return v2.post("/host/ui-plugins/acme.pack/editor/rpc", {"message": message})


def test_a_plugin_is_framed_and_may_call_only_what_it_declared(host, v2):
    def write(params):
        if params.get("version") != 2:
            raise Problem(409, "artifact_conflict", "Stale.", details={"currentVersion": 2})
        return {"version": 3}

    methods = {"artifact.write": write, "host.navigate": lambda params: None}
    host.plugins["acme.pack", "editor"] = Plugin("<!doctype html><p>Hi", methods)

    frame = v2.get("/host/ui-plugins/acme.pack/editor/frame")
    answers = [
        rpc(v2, "artifact.write", params={"version": 2}).json,
        rpc(v2, "artifact.write", params={"version": 1}).json,
        rpc(v2, "artifact.read").json,
        rpc(v2, "host.navigate").json,
    ]

    policy = frame.headers["Content-Security-Policy"]
    assert ("sandbox allow-scripts" in policy, "allow-same-origin" in policy) == (True, False)
    assert {"version": 3} == answers[0]["result"]
    assert [None, "artifact_conflict", "method_not_allowed", "method_not_allowed"] == [
        answer.get("error", {}).get("code") for answer in answers
    ]
    assert 404 == v2.get("/host/ui-plugins/acme.pack/none/frame").status


def test_connection_providers_are_read_at_both_addresses(host, v2):
    host.connections.append({"id": "github", "source": "builtin"})

    for path in ("/connection-providers", "/connections/providers"):
        assert ["github"] == [entry["id"] for entry in v2.get(path).json["providers"]]
        assert "builtin" == v2.get(path + "/github").json["source"]
        missing = v2.get(path + "/none")
        assert (404, "connection_provider_unresolved") == (missing.status, missing.code)


def test_effect_seams_are_all_guarded(v2):
    assert {True} == {seam["guarded"] for seam in v2.get("/host/effect-seams").json["seams"]}


def tarball(name="core.test", version="1.0.0", entries=None):
    raw = io.BytesIO()
    files = {"pack.json": json.dumps({"name": name, "version": version}).encode()}
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for path, content in (entries if entries is not None else files).items():
            info = tarfile.TarInfo(path)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return gzip.compress(raw.getvalue(), mtime=0)


def publish(v1, body, name="core.test", version="1.0.0", **headers):
    given = {"Content-Type": "application/tar+gzip", **headers}
    return v1.send("PUT", f"/packs-test/{name}/-/{version}.tgz", raw=body, headers=given)


def test_a_pack_is_published_read_and_taken_back(v1):
    body = tarball()
    first, again = publish(v1, body), publish(v1, body)
    other = publish(v1, tarball(entries={"pack.json": b'{"name":"core.test","version":"1.0.0"} '}))
    read = v1.get("/packs-test/core.test/-/1.0.0.tgz")
    signature = v1.get("/packs-test/core.test/-/1.0.0.sig")
    gone = v1.send("DELETE", "/packs-test/core.test/-/1.0.0")

    assert [201, 200, 409, 200, 404, 204] == [
        answer.status for answer in (first, again, other, read, signature, gone)
    ]
    assert (body, f'"{first.json["tarballSha256"]}"') == (read.body, read.headers["ETag"])
    assert "signature_not_available" == signature.code


def test_a_pack_cannot_be_taken_back_for_ever(host, v1):
    publish(v1, tarball())
    host.clock.advance(72 * 3600 + 1)

    answer = v1.send("DELETE", "/packs-test/core.test/-/1.0.0")

    assert (400, "unpublish_window_expired") == (answer.status, answer.code)


@pytest.mark.parametrize(
    ("body", "options", "code"),
    [
        (b"junk", {}, "tarball_gunzip_failed"),
        (gzip.compress(b"junk"), {}, "tarball_tar_parse_failed"),
        (tarball(entries={"a": b"x"}), {}, "tarball_manifest_missing"),
        (tarball(entries={"pack.json": b"{"}), {}, "tarball_manifest_not_json"),
        (tarball(entries={"pack.json": b"[]"}), {}, "invalid_manifest"),
        (tarball(entries={"../pack.json": b"{}"}), {}, "tarball_path_traversal"),
        (tarball(name="core.other"), {}, "manifest_mismatch"),
        (tarball(), {"name": "acme.test"}, "invalid_pack_scope"),
        (tarball(), {"name": "core.Test"}, "invalid_pack_name"),
        (tarball(), {"version": "one"}, "invalid_version"),
        (tarball(), {"X-Pack-Sha256": "sha256-x"}, "pack_integrity_failure"),
    ],
)
def test_a_pack_that_is_none_is_refused(v1, body, options, code):
    answer = publish(v1, body, **options)

    assert (400, code) == (answer.status, answer.code)


def test_a_run_has_nothing_to_undo_where_compensation_is_offered(caller_for):
    host = FakeHost(capabilities={"compensation": {"supported": True}}, workflows=[PLAIN])
    v2 = caller_for(host, 2)

    run = v2.start("plain")

    assert "none" == v2.get(f"{run}/compensation").json["status"]
    assert "none" == v2.snapshot(run)["compensationStatus"]
