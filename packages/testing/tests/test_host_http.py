"""The host as an HTTP server: versions, keys, scopes, limits, headers, discovery."""

from __future__ import annotations

import re

import pytest

from openwop_testing import FakeHost, Workflow
from openwop_testing.pipeline import UnknownOperationError

PLAIN = Workflow("plain").node("a")
DISCOVERY = "/.well-known/openwop"


@pytest.fixture
def host():
    return FakeHost(workflows=[PLAIN])


def version(value):
    return {"OpenWOP-Version": value}


@pytest.mark.parametrize(
    ("majors", "asked", "served"),
    [
        ({1, 2}, None, "1.11"),
        ({1, 2}, "2.0", "2.0"),
        ({1, 2}, "2", "2.0"),
        ({1, 2}, "1", "1.11"),
        ({2}, None, "2.0"),
        ({2}, "2.0", "2.0"),
    ],
)
@pytest.mark.obligation("H1-01a", "H2-01a")
def test_discovery_speaks_the_major_that_is_asked_for(caller_for, majors, asked, served):
    caller = caller_for(FakeHost(majors=majors), 1, "")

    answer = caller.get(DISCOVERY, headers=version(asked) if asked else {})

    assert (200, served) == (answer.status, answer.headers["OpenWOP-Version"])
    assert (served == "1.11") == ("supportedTransports" in answer.json)


@pytest.mark.parametrize(("majors", "asked"), [({1, 2}, "3.0"), ({2}, "1.0"), ({2}, "two")])
@pytest.mark.obligation("H2-02a")
def test_a_major_that_is_not_served_is_refused(caller_for, majors, asked):
    answer = caller_for(FakeHost(majors=majors), 1).get(DISCOVERY, headers=version(asked))

    assert (406, "protocol_version_unsupported") == (answer.status, answer.code)
    assert ("2.0" in answer.json["details"]["protocolVersions"]) == (2 in majors)


def test_a_host_from_before_major_2_ignores_its_headers(caller_for):
    answer = caller_for(FakeHost(majors={1}), 1).get(DISCOVERY, headers=version("2.0"))

    assert 200 == answer.status
    assert "OpenWOP-Version" not in answer.headers
    assert "protocolVersions" not in answer.json


@pytest.mark.obligation("H2-02b")
def test_a_versioned_path_takes_no_other_version(host, v1):
    answer = v1.get("/workflows/plain", headers=version("2.0"))

    assert (400, "protocol_version_mismatch") == (answer.status, answer.code)


def test_major_1_is_not_served_without_its_prefix(host, v1):
    answer = v1.send("GET", "!/workflows/plain", headers=version("1"))

    assert (400, "protocol_version_mismatch") == (answer.status, answer.code)


def test_an_unversioned_path_without_a_header_is_major_2(host, v1):
    assert "2.0" == v1.send("GET", "!/workflows/plain").headers["OpenWOP-Version"]


def test_a_host_without_major_1_has_no_versioned_paths(caller_for):
    answer = caller_for(FakeHost(majors={2}, workflows=[PLAIN]), 1).get("/workflows/plain")

    assert (404, "2.0") == (answer.status, answer.headers["OpenWOP-Version"])


@pytest.mark.parametrize(
    ("sent", "status"),
    [("2.40.9", 426), ("1.99", 426), ("2.46", 200), ("3.0.0", 200), ("latest", 200), ("", 200)],
)
@pytest.mark.obligation("H2-02c")
def test_a_client_below_the_floor_is_told_so(caller_for, sent, status):
    caller = caller_for(FakeHost(minimum_client_version="2.46"), 2)

    answer = caller.get(DISCOVERY, headers={"OpenWOP-Client-Version": sent})

    assert status == answer.status
    if status == 426:
        assert "2.46" == answer.json["details"]["minClientVersion"]


@pytest.mark.obligation("H1-01d", "H2-01c")
def test_discovery_is_cached_by_its_validator(caller):
    first = caller.get(DISCOVERY)

    second = caller.get(DISCOVERY, headers={"If-None-Match": first.headers["ETag"]})

    assert (304, b"") == (second.status, second.body)
    assert "OpenWOP-Version" in second.headers


def test_the_validator_of_discovery_changes_with_the_capabilities(host, caller):
    before = caller.get(DISCOVERY).headers["ETag"]

    host.capabilities.change({"testing": {"mockProviders": ["other"]}})

    assert before != caller.get(DISCOVERY).headers["ETag"]


@pytest.mark.obligation("H1-01b")
def test_discovery_lists_the_workflows(host, caller):
    assert ["plain"] == caller.get(DISCOVERY).json["fixtures"]


@pytest.mark.obligation("H2-01b")
def test_records_of_major_2_carry_no_flag(v2):
    document = v2.get(DISCOVERY).json

    assert not re.search(r"'(supported|tier)':", repr(document))
    assert "stable" == document["eventLog"]["status"]
    assert document["preferredVersion"] == document["protocolVersions"][0]


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Basic abc", "Bearer wrong", "hk_test_openwop"]
)
@pytest.mark.obligation("H1-02a")
def test_without_a_good_key_nothing_is_told(host, caller, authorization):
    caller.key = ""
    given = {} if authorization is None else {"Authorization": authorization}

    answer = caller.get("/runs/run-none", headers=given)

    assert (401, "unauthenticated") == (answer.status, answer.code)


def test_a_revoked_or_expired_key_is_refused_from_the_next_request_on(host, v1, v2):
    host.keys.revoke(host.api_key)
    revoked = [caller.get("/workflows/plain") for caller in (v1, v2)]
    host.keys.revoke(host.api_key, state="expired")
    expired = v1.get("/workflows/plain")

    assert [(401, "key_revoked"), (401, "credential_revoked"), (401, "key_expired")] == [
        (answer.status, answer.code) for answer in [*revoked, expired]
    ]


def test_no_scope_implies_another(host, caller):
    host.keys.add("hk_test_narrow", scopes=["runs:create", "runs:cancel"])
    caller.key = "hk_test_narrow"
    run = caller.start("plain")

    answer = caller.get(run)

    assert (403, "forbidden") == (answer.status, answer.code)
    assert "runs:read" == answer.json["details"]["scopeRequired"]


@pytest.mark.obligation("H1-02c")
def test_a_run_of_another_tenant_or_workspace_does_not_exist(host, v1, caller_for):
    run = v1.start("plain")
    host.keys.add("hk_test_a", tenant="other")
    host.keys.add("hk_test_b", workspace="other")

    answers = [caller_for(host, 1, key).get(run) for key in ("hk_test_a", "hk_test_b")]
    missing = v1.get("/runs/run-0000000000000000")

    assert {(404, missing.body)} == {(answer.status, answer.body) for answer in answers}


@pytest.mark.obligation("H1-02b", "H2-18")
def test_a_rate_limit_is_decided_before_the_scope(host, v1, v2):
    host.limiter.limit = 1
    host.keys.add("hk_test_narrow", scopes=[], principal="n")
    v1.key = v2.key = "hk_test_narrow"

    first, second = v1.get("/runs/x"), v1.get("/runs/x")
    third = v2.get("/runs/x")

    assert [403, 429, 429] == [first.status, second.status, third.status]
    assert ("60", 60_000) == (
        second.headers["Retry-After"],
        second.json["details"]["retryAfterMs"],
    )
    assert "retryAfterMs" not in third.json["details"]


@pytest.mark.obligation("H1-18a")
def test_test_keys_and_live_keys_do_not_see_each_others_runs(host, caller, caller_for):
    host.keys.add("hk_live_1")
    live = caller_for(host, caller.major, "hk_live_1")

    of_test, of_live = caller.start("plain"), live.start("plain")

    assert [404, 404] == [live.get(of_test).status, caller.get(of_live).status]
    assert [200, 200] == [caller.get(of_test).status, live.get(of_live).status]


def test_a_rate_limit_ends_with_its_window(host, v1):
    host.limiter.limit = 1
    v1.get("/workflows/plain")

    host.clock.advance(60)

    assert 200 == v1.get("/workflows/plain").status


@pytest.mark.parametrize(
    ("raw", "headers", "status", "code"),
    [
        (b"{", {}, 400, "validation_error"),
        (b"\xff", {}, 400, "validation_error"),
        (b'{"workflowId": NaN}', {}, 400, "validation_error"),
        (b"[]", {}, 400, "validation_error"),
        (b"workflowId=plain", {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
        (b'"' + b"x" * 1_100_000 + b'"', {}, 413, "payload_too_large"),
    ],
)
@pytest.mark.obligation("H1-03d")
def test_a_body_that_is_none_is_refused(caller, raw, headers, status, code):
    answer = caller.send("POST", "/runs", raw=raw, headers=headers)

    assert (status, code) == (answer.status, answer.code)


@pytest.mark.obligation("H1-19")
def test_a_trace_is_continued(caller):
    trace = "0af7651916cd43dd8448eb211c80319c"
    sent = f"00-{trace}-b7ad6b7169203331-01"

    given = caller.get(DISCOVERY, headers={"traceparent": sent, "tracestate": "a=1"}).headers
    begun = caller.get(DISCOVERY).headers

    assert [trace, "01"] == [given["traceparent"].split("-")[index] for index in (1, 3)]
    assert sent != given["traceparent"]
    assert ("a=1", 32) == (given["tracestate"], len(begun["traceparent"].split("-")[1]))


def test_a_request_that_no_host_gets_is_a_mistake_of_the_test(caller):
    with pytest.raises(UnknownOperationError, match="createRun"):
        caller.get("/runz")


def test_a_request_to_another_origin_is_a_mistake_of_the_test(host, v1):
    elsewhere = FakeHost(base_url="http://elsewhere.test")

    with pytest.raises(AssertionError, match=r"http://openwop\.test"):
        v1.transport.send(type(v1)(elsewhere, 1).request("GET", DISCOVERY))


def test_calls_are_recorded_and_compare_readably(host, v1):
    v1.start("plain", tags=["x"])
    v1.get(DISCOVERY)

    call = host.calls[0]
    assert ("createRun", 1, 201) == (call.operation_id, call.major, call.status)
    assert {"workflowId": "plain", "tags": ["x"]} == call.body
    host.calls.assert_operations("createRun", "getCapabilities")
    with pytest.raises(AssertionError, match=r"\+getCapabilities"):
        host.calls.assert_operations("createRun")


def test_a_secret_does_not_show_in_a_representation(host, v1):
    v1.get(DISCOVERY)

    assert host.api_key not in repr(host.calls[0]) + repr(host) + str(host.calls)


def test_the_openapi_document_lists_what_is_served(caller):
    document = caller.get("/openapi.json").json

    assert caller.path("/runs/{runId}") in document["paths"]
    assert document["paths"][caller.path("/runs")]["post"]["operationId"] == "createRun"


@pytest.mark.parametrize("majors", [set(), {3}, {1, 3}])
def test_a_host_speaks_a_known_major(majors):
    with pytest.raises(ValueError, match="majors"):
        FakeHost(majors=majors)


@pytest.mark.parametrize(
    "change",
    [{"id": "Upper"}, {"nodes": []}, {"nodes": [{"id": "a"}]}, {"edges": [{"sourceNodeId": "b"}]}],
)
def test_a_definition_that_is_none_is_refused(host, change):
    with pytest.raises(ValueError, match="workflow"):
        host.workflows.add({**PLAIN.build(), **change})


@pytest.mark.obligation("H1-20")
def test_a_workflow_is_given_back_verbatim(host, caller):
    assert PLAIN.build() == caller.get("/workflows/plain").json
    assert 404 == caller.get("/workflows/none").status
