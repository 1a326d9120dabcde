"""Audit, proposals, host events, plugins, connections, packs and compensation."""

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


@pytest.fixture
def host():
    return FakeHost(workflows=[PLAIN])


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


@pytest.mark.obligation("H1-17b")
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


@pytest.mark.obligation("H2-16b")
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


@pytest.mark.obligation("H2-16c")
def test_a_cursor_that_is_known_no_longer_asks_for_a_fresh_start(host, v2):
    known = v2.post("/host/events/test", {"delivery": "durable"}).json["eventId"]
    host.events.forget()

    answer = v2.get("/host/events", headers={"Last-Event-ID": known})

    assert (409, "host_event_resync_required") == (answer.status, answer.code)


@pytest.mark.obligation("H2-16a")
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
@pytest.mark.obligation("H2-16d")
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


@pytest.mark.obligation("H2-17a")
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


@pytest.mark.obligation("H2-13c")
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
    ids=[
        "no gzip",
        "no tar",
        "no manifest",
        "half a manifest",
        "manifest of an array",
        "path out of it",
        "another name",
        "scope",
        "name",
        "version",
        "another digest",
    ],
)
def test_a_pack_that_is_none_is_refused(v1, body, options, code):
    answer = publish(v1, body, **options)

    assert (400, code) == (answer.status, answer.code)


@pytest.mark.obligation("H2-14")
def test_a_run_has_nothing_to_undo_where_compensation_is_offered(caller_for):
    host = FakeHost(capabilities={"compensation": {"supported": True}}, workflows=[PLAIN])
    v2 = caller_for(host, 2)

    run = v2.start("plain")

    assert "none" == v2.get(f"{run}/compensation").json["status"]
    assert "none" == v2.snapshot(run)["compensationStatus"]
