"""Obligations of the checklists that no other test shows."""

from __future__ import annotations

import pytest

from openwop_testing import FakeHost, Workflow

PLAIN = Workflow("plain").node("a")
GATED = Workflow("gated").approval("gate", timeout=60)
KEY = {"Idempotency-Key": "0123456789abcdef01234567"}
REFUSED = {
    "providerId": "github",
    "packName": "core.two",
    "code": "connection_provider_conflict",
    "heldBy": "core.one",
}
DISCOVERY = "!/.well-known/openwop"


@pytest.fixture
def host():
    return FakeHost(workflows=[PLAIN, GATED])


@pytest.mark.obligation("H1-01e")
def test_the_limits_are_those_that_the_host_keeps_to(host, caller):
    document = caller.get(DISCOVERY).json
    limits = document.get("capabilities", document)["limits"]

    assert {
        "clarificationRounds",
        "schemaRounds",
        "envelopesPerTurn",
        "maxNodeExecutions",
        "maxRunDurationMs",
        "maxLoopIterations",
        "maxRequestBodyBytes",
    } <= set(limits)
    too_large = b'"' + b"x" * limits["maxRequestBodyBytes"] + b'"'
    assert 413 == caller.send("POST", "/runs", raw=too_large).status


@pytest.mark.parametrize("tags", [["x"] * 101, [""], ["x" * 257], "x", [7]])
@pytest.mark.obligation("H1-03e")
def test_tags_have_limits(caller, tags):
    answer = caller.post("/runs", {"workflowId": "plain", "tags": tags})

    assert (400, "validation_error") == (answer.status, answer.code)


@pytest.mark.obligation("H1-03e")
def test_metadata_is_an_object(caller):
    answer = caller.post("/runs", {"workflowId": "plain", "metadata": ["x"]})

    assert (400, "validation_error") == (answer.status, answer.code)


@pytest.mark.obligation("H1-05h", "H2-05c")
def test_a_passing_refusal_is_not_given_again(host, caller):
    host.limiter.limit = 1
    caller.get("/workflows/plain")
    refused = caller.post("/runs", {"workflowId": "plain"}, headers=KEY)
    host.clock.advance(60)

    again = caller.post("/runs", {"workflowId": "plain"}, headers=KEY)

    assert [429, 201] == [refused.status, again.status]
    assert not {"openwop-idempotent-replay"} & {name.lower() for name in dict(again.headers)}


@pytest.mark.obligation("H1-05h", "H2-05c")
def test_a_refusal_of_somebody_who_may_decide_later_is_not_given_again(host, caller):
    host.workflows.add(Workflow("few").approval("gate", approvers=["user:ann"]))
    run = caller.start("few")
    caller.status(run)
    body = {"resumeValue": {"action": "accept", "decidedBy": "user:bob"}}
    refused = caller.post(f"{run}/interrupts/gate", body, headers=KEY)
    [known] = host.engine.runs.values()
    known.interrupts["gate"].ask.data["approversList"].append("user:bob")

    again = caller.post(f"{run}/interrupts/gate", body, headers=KEY)

    assert [403, 200] == [refused.status, again.status]


@pytest.mark.obligation("H2-02d")
def test_every_answer_names_the_version_that_it_speaks(host, v1, v2):
    run = v2.start("plain")
    etag = v2.get(run).headers["ETag"]
    answers = [
        v2.get(DISCOVERY),
        v2.post("/runs", {"workflowId": "none"}),
        v2.get(run, headers={"If-None-Match": etag}),
        v2.get(f"{run}/events"),
        v2.get(f"{run}/events/poll?timeout=1"),
        v2.get("/workflows/none"),
        v2.get(run, headers={"Authorization": "Bearer none"}),
    ]

    assert [200, 400, 304, 200, 200, 404, 401] == [answer.status for answer in answers]
    assert {"2.0"} == {answer.headers["OpenWOP-Version"] for answer in answers}
    assert "1.11" == v1.get("/workflows/none").headers["OpenWOP-Version"]


@pytest.mark.obligation("H2-01d")
def test_whoever_names_no_version_is_given_the_older_major_while_there_is_one(v2, caller_for):
    alone = caller_for(FakeHost(majors={2}), 2).get(DISCOVERY).json
    both = v2.get(DISCOVERY).json

    assert ("1.11", ["1.11", "2.0"]) == (both["preferredVersion"], both["protocolVersions"])
    assert ("2.0", ["2.0"]) == (alone["preferredVersion"], alone["protocolVersions"])


@pytest.mark.obligation("H2-07b")
def test_a_snapshot_of_major_2_names_its_owner_and_the_era_of_its_log(v2):
    snapshot = v2.snapshot(v2.start("plain"))

    assert {"issuer", "subjectId", "tenant", "lane", "kind"} <= set(snapshot["owner"]["subject"])
    assert 3 == snapshot["eventLogSchemaVersion"]


@pytest.mark.obligation("H2-03d")
def test_links_are_projected_and_bare_ids_understood_while_both_majors_are_served(v2):
    answer = v2.post("/runs", {"workflowId": "plain"}).json
    bare = answer["runId"].rpartition("/")[2]

    assert f"acme~2F{bare}" in answer["statusUrl"]
    assert f"acme~2F{bare}" in answer["eventsUrl"]
    assert 200 == v2.get(f"/runs/{bare}").status


@pytest.mark.obligation("H1-10j", "H2-11g")
def test_a_question_that_nobody_answers_in_time_is_over(host, caller):
    run = caller.start("gated")
    caller.status(run)

    host.clock.advance(61)

    late = caller.post(f"{run}/interrupts/gate", {"resumeValue": {"action": "accept"}})
    assert "failed" == caller.status(run)
    assert late.status in {409, 410}


@pytest.mark.obligation("H2-17c")
def test_a_provider_is_found_under_the_pack_that_defines_it(host, v2):
    host.connections.append({"id": "github", "source": "pack", "packName": "core.one"})
    host.connection_refusals.append(REFUSED)

    listed = v2.get("/connections/providers").json

    assert ["github"] == [entry["id"] for entry in listed["providers"]]
    assert ["core.two"] == [entry["packName"] for entry in listed["refusals"]]
    assert 404 == v2.get("/connections/providers/github?pack=core.two").status
