"""What the host sends: signed deliveries, retries, dead letters, rotation, callbacks; triggers."""

from __future__ import annotations

import base64
import json

import pytest

from openwop_testing import FakeHost, Workflow
from openwop_webhooks import Verifier, make_secret

URL = "https://hooks.example.com/in"
PLAIN = Workflow("plain").node("a")
GATED = Workflow("gated").approval("gate")


@pytest.fixture
def host():
    return FakeHost(workflows=[PLAIN, GATED])


def register(caller, events=("run.completed",), **members):
    body = {"url": URL, "events": list(events), **members}
    if caller.major == 1:
        body.setdefault("tenantId", "main")
    return caller.post("/webhooks", body)


def path_of(answer):
    return "/webhooks/" + answer.json["webhookId"].replace("/", "~2F")


def query(caller):
    return "?tenantId=main" if caller.major == 1 else ""


def verified(host, secret, made):
    verifier = Verifier(secret, clock=host.clock.now)
    return verifier.verify(made.headers, made.body)


def run_plain(caller, **body):
    return caller.finished(caller.start("plain", **body))


@pytest.mark.obligation("H1-14c", "H2-15e")
def test_a_delivery_is_signed_so_that_a_verifier_accepts_it(host, caller):
    secret = register(caller).json["secret"]

    events = run_plain(caller)

    [made] = host.deliveries
    assert (URL, events[-1]) == (made.url, made.event)
    assert verified(host, secret, made).event_type == "run.completed"
    assert made.json["workspaceId"] == "main"


@pytest.mark.parametrize(
    ("majors", "families"), [({1, 2}, {"OpenWOP", "X-openwop"}), ({2}, {"OpenWOP"})]
)
@pytest.mark.obligation("H1-14c", "H2-15e")
def test_a_host_signs_in_the_families_of_its_majors(caller_for, majors, families):
    host = FakeHost(majors=majors, workflows=[PLAIN])
    caller = caller_for(host, max(majors))
    register(caller)
    run_plain(caller)

    names = {name for name, _ in host.deliveries[0].headers.items_raw()}
    found = {name.removesuffix("-Signature") for name in names if name.endswith("-Signature")}
    assert families == found


TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


def test_a_delivery_names_the_span_of_the_request_that_started_its_run(host, caller):
    register(caller)
    told = {"traceparent": PARENT, "tracestate": "a=1"}
    answer = caller.post("/runs", {"workflowId": "plain"}, headers=told)
    caller.finished(answer.json["statusUrl"].removeprefix("/v1"))

    [made] = host.deliveries
    assert (PARENT, "a=1") == (made.headers["traceparent"], made.headers["tracestate"])
    assert TRACE == answer.headers["traceparent"].split("-")[1]


def test_every_attempt_of_a_delivery_names_the_same_span(host, v2):
    register(v2)
    host.deliveries.respond(503, times=2)
    answer = v2.post("/runs", {"workflowId": "plain"}, headers={"traceparent": PARENT})
    v2.finished(answer.json["statusUrl"])
    host.clock.advance(3600)

    assert [PARENT] * 3 == [made.headers["traceparent"] for made in host.deliveries]


def test_the_deliveries_of_a_child_run_belong_to_the_trace_of_its_parent(host, v2):
    host.workflows.add(Workflow("outer").sub_workflow("inside", "plain"))
    register(v2)
    answer = v2.post("/runs", {"workflowId": "outer"}, headers={"traceparent": PARENT})
    v2.finished(answer.json["statusUrl"])

    runs = [made.json["runId"] for made in host.deliveries]
    assert (2, 2) == (len(runs), len(set(runs)))
    assert {PARENT} == {made.headers["traceparent"] for made in host.deliveries}


@pytest.mark.parametrize(
    "header",
    [
        "",
        "what",
        f"00-{TRACE}-b7ad6b7169203331-01-more",
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-b7ad6b7169203331-01",
        PARENT.upper(),
    ],
    ids=["none", "noise", "longer", "no-trace", "no-span", "version", "upper-case"],
)
def test_a_run_whose_request_names_no_trace_begins_one(host, v2, header):
    register(v2)
    told = {"traceparent": header, "tracestate": "a=1"}
    answer = v2.post("/runs", {"workflowId": "plain"}, headers=told)
    v2.finished(answer.json["statusUrl"])

    [made] = host.deliveries
    begun = answer.headers["traceparent"].split("-")[1]
    assert begun == made.headers["traceparent"].split("-")[1]
    assert TRACE != begun
    assert "tracestate" not in made.headers


def test_a_trace_of_a_later_version_is_continued_by_what_is_known_of_it(host, v2):
    register(v2)
    later = f"cc-{TRACE}-b7ad6b7169203331-01-what-comes"
    answer = v2.post("/runs", {"workflowId": "plain"}, headers={"traceparent": later})
    v2.finished(answer.json["statusUrl"])

    assert PARENT == host.deliveries[0].headers["traceparent"]


@pytest.mark.obligation("H1-14e")
def test_the_secret_is_shown_once_and_only_where_the_host_made_it(host, v1, v2):
    made = register(v1).json
    given = register(v2, secret="my-own-secret").json

    assert (64, 8) == (len(made["secret"]), len(made["secretFingerprint"]))
    assert "secret" not in given


def test_ids_and_names_are_those_of_the_subscribers_major(host, v1, v2):
    register(v1, ["runOrchestrator.decided", "run.started"])
    register(v2, ["run.started"])

    v1.start("plain")
    v1.get("/workflows/plain")

    one, two = sorted(host.deliveries, key=lambda made: "/" in made.json["runId"])
    assert two.json["runId"] == f"acme/{one.json['runId']}"
    assert two.event["payload"]["owner"]["subject"]["tenant"] == "acme"


def test_only_what_was_subscribed_to_is_delivered(host, caller):
    register(caller, ["run.started", "node.completed"], tags=["wanted"])

    run_plain(caller, tags=["other"])
    run_plain(caller, tags=["wanted", "more"])

    assert ["run.started", "node.completed"] == host.deliveries.types


@pytest.mark.obligation("H1-14b")
def test_runs_of_others_are_not_delivered(host, caller, caller_for):
    host.keys.add("hk_test_other", tenant="other")
    host.keys.add("hk_test_side", workspace="side")
    register(caller)

    for key in ("hk_test_other", "hk_test_side"):
        other = caller_for(host, caller.major, key)
        other.start("plain")
        other.get("/workflows/plain")

    assert [] == list(host.deliveries)


@pytest.mark.obligation("H2-15d")
def test_nothing_is_delivered_after_unregistering(host, caller):
    answer = register(caller)

    gone = caller.send("DELETE", path_of(answer) + query(caller))
    run_plain(caller)
    again = caller.send("DELETE", path_of(answer) + query(caller))

    assert (204, [], 404) == (gone.status, list(host.deliveries), again.status)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/in",
        "https://localhost/in",
        "https://127.0.0.1/in",
        "https://10.1.2.3/in",
        "https://169.254.169.254/latest",
        "https://[::1]/in",
        "https://metadata.google.internal/",
        "https://2130706433/in",
        "ftp://hooks.example.com",
    ],
)
@pytest.mark.obligation("H1-14a")
def test_a_url_of_no_public_place_is_refused(caller, url):
    answer = register(caller, url=url)

    assert (400, "webhook_url_rejected") == (answer.status, answer.code)


@pytest.mark.parametrize(
    "members", [{"events": []}, {"events": ["Run Completed"]}, {"extra": 1}, {"tags": "x"}]
)
def test_a_registration_that_is_none_is_refused(caller, members):
    body = {"url": URL, "events": ["run.completed"], **members}

    answer = caller.post("/webhooks", body)

    assert (400, "validation_error") == (answer.status, answer.code)


def test_a_workspace_of_somebody_else_is_refused(v1):
    answer = register(v1, tenantId="elsewhere")

    assert (403, "forbidden") == (answer.status, answer.code)


@pytest.mark.obligation("H1-14d")
def test_major_1_tries_once(host, v1):
    register(v1)
    host.deliveries.respond(503)

    run_plain(v1)
    host.clock.advance(3600)

    assert [503] == [made.status for made in host.deliveries]


@pytest.mark.obligation("H2-15a")
def test_major_2_tries_again_and_then_keeps_a_dead_letter(host, v2):
    answer = register(v2)
    host.deliveries.respond(503, times=2)
    host.deliveries.respond(0)
    host.deliveries.respond(302, times=2)

    events = run_plain(v2)
    host.clock.advance(3600)
    host.clock.advance(7200)

    assert [503, 503, 0, 302, 302] == [made.status for made in host.deliveries]
    assert [1, 2, 3, 4, 5] == [made.attempt for made in host.deliveries]
    assert 1 == len({made.body for made in host.deliveries})
    [letter] = v2.get(path_of(answer) + "/dead-letters").json["deliveries"]
    assert (events[-1]["eventId"], 5, "retries_exhausted", 302) == (
        letter["eventId"],
        letter["attempts"],
        letter["reason"],
        letter["lastStatus"],
    )
    assert "payload" not in json.dumps(letter)


@pytest.mark.obligation("H1-14d")
def test_a_circuit_opens_after_four_failures_and_closes_again(host, v1):
    register(v1)
    host.deliveries.respond(500, times=4)

    for _ in range(6):
        run_plain(v1)
    opened = len(host.deliveries)
    host.clock.advance(3601)
    for _ in range(2):
        run_plain(v1)

    assert (4, [200, 200]) == (opened, [made.status for made in host.deliveries[4:]])


def standard(caller, secret=None):
    return register(
        caller,
        secret=secret or make_secret(standard=True),
        signatureAlgorithms=["v1", "standard-webhooks-1"],
    )


def test_an_endpoint_of_the_standard_form_echoes_its_challenge_first(host, v2):
    secret = make_secret(standard=True)

    answer = standard(v2, secret)
    run_plain(v2)

    assert (201, ["v1", "standard-webhooks-1"]) == (
        answer.status,
        answer.json["signatureAlgorithms"],
    )
    assert ["challenge", "webhook"] == [made.kind for made in host.deliveries]
    made = host.deliveries[1]
    assert made.headers["webhook-signature"].startswith("v1,")
    assert verified(host, secret, made).event_type == "run.completed"


@pytest.mark.parametrize("answer", [(200, b'{"challenge": "other"}'), (500, b""), (0, b"")])
@pytest.mark.obligation("H2-15b")
def test_an_endpoint_that_does_not_echo_is_not_subscribed(host, v2, answer):
    host.deliveries.route(URL, lambda made: answer)

    refused = standard(v2)
    host.deliveries.clear()
    run_plain(v2)

    assert (400, "webhook_endpoint_unverified") == (refused.status, refused.code)
    assert [] == list(host.deliveries)


@pytest.mark.parametrize("secret", ["plain", "whsec_c2hvcnQ=", "whsec_" + "!" * 40])
def test_the_standard_form_needs_a_secret_of_its_kind(v2, secret):
    assert 400 == standard(v2, secret).status


@pytest.mark.obligation("H2-15c")
def test_during_a_rotation_both_secrets_verify(host, v2):
    old, new = (make_secret(standard=True) for _ in range(2))
    answer = standard(v2, old)

    rotated = v2.post(path_of(answer) + "/rotate-secret", {"secret": new})
    run_plain(v2)
    host.clock.advance(3601)
    run_plain(v2)

    during, after = host.deliveries[1:]
    assert 200 == rotated.status
    assert 2 == len(during.headers["webhook-signature"].split())
    for secret in (old, new):
        assert verified_at(secret, during).event_type == "run.completed"
    assert verified_at(new, after).event_type == "run.completed"
    assert 1 == len(after.headers["webhook-signature"].split())


def verified_at(secret, made):
    return Verifier(secret, clock=lambda: made.at).verify(made.headers, made.body)


def test_a_subscription_of_the_older_form_cannot_be_rotated(v2):
    answer = register(v2)
    secret = "whsec_" + base64.b64encode(b"x" * 32).decode()

    refused = v2.post(path_of(answer) + "/rotate-secret", {"secret": secret})

    assert (400, "validation_error") == (refused.status, refused.code)


def test_a_webhook_of_another_tenant_looks_like_a_missing_one(host, v2, caller_for):
    answer = register(v2)
    host.keys.add("hk_test_other", tenant="other")
    other = caller_for(host, 2, "hk_test_other")
    bare = answer.json["webhookId"].rpartition("/")[2]

    foreign = other.send("DELETE", f"/webhooks/acme~2F{bare}")
    unbound = other.send("DELETE", f"/webhooks/{bare}")

    assert [(403, "id_tenant_mismatch"), (404, "not_found")] == [
        (answer.status, answer.code) for answer in (foreign, unbound)
    ]


@pytest.mark.obligation("H1-12c", "H2-13e")
def test_a_replay_delivers_nothing_and_a_branch_what_it_does_itself(host, v1):
    register(v1, ["run.started", "node.completed", "run.completed"])
    run = v1.start("plain")
    v1.finished(run)
    host.deliveries.clear()

    v1.post(f"{run}:fork", {"mode": "replay"})
    v1.get("/workflows/plain")
    replayed = host.deliveries.types
    v1.post(f"{run}:fork", {"mode": "branch", "fromSeq": 1})
    v1.get("/workflows/plain")

    assert ([], ["node.completed", "run.completed"]) == (replayed, host.deliveries.types)


def test_a_callback_carries_a_token_that_answers(caller_for):
    host = FakeHost(capabilities={"interrupt": {"callbackDelivery": True}}, workflows=[GATED])
    for major in (1, 2):
        caller = caller_for(host, major)
        host.deliveries.clear()
        run = caller.start("gated", callbackUrl="https://hooks.example.com/ask")
        caller.status(run)

        [made] = host.deliveries
        caller.key = ""
        answer = caller.send(
            "POST", "!" + made.json["resolveUrl"], {"resumeValue": {"action": "accept"}}
        )

        assert ("callback", "gate", 200) == (made.kind, made.json["nodeId"], answer.status)


def test_a_callback_that_is_not_offered_is_refused_in_major_2(host, v2):
    answer = v2.post("/runs", {"workflowId": "gated", "callbackUrl": "https://hooks.example.com"})

    assert (400, "callbackUrl") == (answer.status, answer.json["details"]["field"])


def subscribe(caller, **members):
    return caller.post(
        "/trigger-subscriptions", {"source": "webhook", "workflowId": "plain", **members}
    )


def test_an_outside_event_starts_a_run_once(host, caller):
    answer = subscribe(caller)
    name = answer.json["subscription"]["subscriptionId"]
    payload = {"order": 7}
    signature = host.triggers.sign(name, b'{"order":7}')

    first = host.triggers.deliver(name, payload, signature=signature)
    second = host.triggers.deliver(name, payload, signature=signature)

    assert (201, first) == (answer.status, second)
    [run] = host.engine.runs.values()
    assert ({"order": 7}, "completed") == (run.options.inputs, run.status)
    assert run.log[0].causation_id is not None
    assert "trigger.delivery.attempted" == run.log[1].type


def test_an_outside_event_comes_in_at_the_address_of_its_trigger(host, caller):
    answer = subscribe(caller, inputMapping={"n": "$.order.id"})
    url = answer.json["binding"]["ingestUrl"].removeprefix(host.base_url)
    raw = b'{"order": {"id": 7}}'
    name = answer.json["subscription"]["subscriptionId"]

    taken = caller.send(
        "POST",
        "!" + url,
        raw=raw,
        headers={"X-openwop-Signature": host.triggers.sign(name, raw)},
    )

    assert (202, True) == (taken.status, taken.json["accepted"])
    assert {"n": 7} == next(iter(host.engine.runs.values())).options.inputs


@pytest.mark.obligation("H2-17b")
def test_a_forged_event_starts_nothing_and_is_kept_as_a_dead_letter(host, caller):
    answer = subscribe(caller)
    name = answer.json["subscription"]["subscriptionId"]

    assert host.triggers.deliver(name, {"a": 1}, signature="sha256=00") is None

    path = name.replace("/", "~2F")
    [letter] = caller.get(f"/trigger-subscriptions/{path}/dead-letters").json["deliveries"]
    assert ("verification_failed", name) == (letter["reason"], letter["subscriptionId"])
    assert {} == host.engine.runs


def test_the_secret_of_a_trigger_is_shown_once(host, caller):
    answer = subscribe(caller)

    assert "secret" in answer.json["binding"]
    assert "secret" not in answer.json["subscription"]


@pytest.mark.parametrize(
    "members", [{"source": "pigeon"}, {"workflowId": "none"}, {"retryPolicy": {"maxAttempts": 0}}]
)
def test_a_trigger_that_is_none_is_refused(caller, members):
    answer = subscribe(caller, **members)

    assert (400, "validation_error") == (answer.status, answer.code)
