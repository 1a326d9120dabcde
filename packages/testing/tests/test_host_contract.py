"""The host contract holds for the fake host, and each check fails a host that breaks it."""

from __future__ import annotations

import json

import attrs
import pytest

from openwop_testing import FakeHost, Workflow
from openwop_testing.host_contract import CHECKS, check_host, main

FIXTURES = [
    Workflow("conformance-noop").node("noop", "core.noop"),
    Workflow("conformance-multi-node")
    .node("a", "core.noop")
    .node("b", "core.noop")
    .node("c", "core.noop"),
    Workflow("conformance-approval").approval("gate"),
    Workflow("conformance-failure").fail("fail"),
    Workflow("conformance-cancellable")
    .variable("delayMs", "number", default=30_000)
    .node(
        "wait",
        "core.delay",
        inputs={"delayMs": {"type": "variable", "variableName": "delayMs"}},
    ),
]


@pytest.fixture
def host():
    return FakeHost(workflows=FIXTURES)


def test_the_fake_host_keeps_the_contract_in_both_majors(host):
    report = check_host(host.base_url, api_key=host.api_key, transport=host.transport())

    assert [] == report.of("failed"), str(report)
    assert {"every_answer_names_its_version[v1]", "an_unserved_version_is_refused[v1]"} == set(
        report.of("skipped")
    )
    assert 2 * len(CHECKS) == len(report)


@pytest.mark.parametrize("majors", [{1}, {2}])
def test_a_host_of_one_major_is_checked_in_that_one(majors):
    host = FakeHost(majors=majors, workflows=FIXTURES)

    report = check_host(host.base_url, api_key=host.api_key, transport=host.transport())

    assert report.ok, str(report)
    assert len(CHECKS) == len(report)


def test_what_a_host_does_not_hold_is_skipped_with_a_reason():
    host = FakeHost()

    report = check_host(host.base_url, api_key=host.api_key, transport=host.transport())

    assert report.ok, str(report)
    assert len(report.of("skipped")) > len(report.of("passed"))
    assert all(result.reason for result in report if result.outcome == "skipped")


def test_the_program_reports_over_a_socket(host, capsys):
    with host.serve() as url:
        status = main([url, "--api-key", host.api_key, "--only", "a_key_creates_once"])

    assert (0, f"{url}: 2 passed, 0 failed, 0 skipped\n") == (status, capsys.readouterr().out)


class Body:
    def __init__(self, data):
        self._parts = iter([data])

    def __iter__(self):
        return self._parts

    def close(self):
        pass


class Tampering:
    """A transport that changes what the host answers, or what it is asked."""

    def __init__(self, host):
        self._host = host
        self._inner = host.transport()
        self.memory = {}

    def send(self, request):
        response = self._inner.send(self.asked(request))
        data = b"".join(response.body)
        status, headers, changed = self.answered(
            request, response.status_code, dict(response.headers), data
        )
        return attrs.evolve(response, status_code=status, headers=headers, body=Body(changed))

    def asked(self, request):
        return request

    def answered(self, request, status, headers, data):
        return status, headers, data

    def runs(self, request, workflow):
        """Tell whether a request is about a run of a workflow."""
        bare = path_of(request).split("/")[2].rpartition("~2F")[2]
        return self._host.engine.runs[bare].workflow_id == workflow

    def now(self):
        return self._inner.now()

    def sleep(self, seconds):
        self._inner.sleep(seconds)

    def close(self):
        self._inner.close()


def path_of(request):
    return request.url.partition("openwop.test")[2].partition("?")[0].removeprefix("/v1")


def answers(change):
    """Make a host of a function that changes answers: (path, request, status, headers, json)."""

    class Changed(Tampering):
        def answered(self, request, status, headers, data):
            document = None
            if headers.get("content-type", "").startswith("application/json") and data:
                document = json.loads(data)
            given = change(self, path_of(request), request, status, headers, document)
            if given is None:
                return status, headers, data
            status, document = given
            return status, headers, b"" if document is None else json.dumps(document).encode()

    return Changed


def streams(change):
    """Make a host of a function that changes the blocks of streams."""

    class Changed(Tampering):
        def answered(self, request, status, headers, data):
            if headers.get("content-type") == "text/event-stream":
                blocks = [block for block in data.split(b"\n\n") if block]
                data = b"".join(block + b"\n\n" for block in change(request, blocks))
            return status, headers, data

    return Changed


def lists_version_twice(self, path, request, status, headers, document):
    if path == "/.well-known/openwop" and "authorization" not in request.headers:
        if self.memory.setdefault("seen", 0) >= 2:
            return 401, {"error": "unauthenticated", "message": "No."}
        self.memory["seen"] += 1
    return None


def log_change(edit):
    def change(self, path, request, status, headers, document):
        if path.endswith("/events/poll") and document.get("events"):
            return status, {**document, "events": edit(document["events"], request)}
        return None

    return answers(change)


def swapped_completions(events, request):
    done = [event for event in events if event["type"] == "node.completed"]
    if len(done) == 3:
        done[0]["nodeId"], done[2]["nodeId"] = done[2]["nodeId"], done[0]["nodeId"]
    return events


class ForgetsKeys(Tampering):
    def asked(self, request):
        seen = (request.headers.get("Idempotency-Key"), request.body)
        if path_of(request) == "/runs" and seen in self.memory:
            return attrs.evolve(request, headers=request.headers.without("Idempotency-Key"))
        self.memory[seen] = True
        return request


class ForgetsBodies(Tampering):
    def asked(self, request):
        if path_of(request) == "/runs" and b'"tags": ["other"]' in (request.body or b""):
            body = json.loads(request.body)
            body.pop("tags")
            return attrs.evolve(request, body=json.dumps(body).encode())
        return request


class IgnoresLastId(Tampering):
    def asked(self, request):
        last = request.headers.get("Last-Event-ID")
        if last not in {None, "7"} and self.runs(request, "conformance-multi-node"):
            return attrs.evolve(request, headers=request.headers.without("Last-Event-ID"))
        return request


class RepeatsTheEnd(Tampering):
    def asked(self, request):
        last = request.headers.get("Last-Event-ID")
        if last == "3" and self.runs(request, "conformance-noop"):
            return attrs.evolve(request, headers=request.headers.merged({"Last-Event-ID": "2"}))
        return request


class TakesAnyVersion(Tampering):
    def asked(self, request):
        if request.headers.get("OpenWOP-Version") == "9.0":
            headers = request.headers.merged({"OpenWOP-Version": "2.0"})
            return attrs.evolve(request, headers=headers)
        return request


class TakesUnknownMembers(Tampering):
    def asked(self, request):
        if b"xUnknownMember" in (request.body or b""):
            return attrs.evolve(request, body=b'{"workflowId": "conformance-noop"}')
        return request


class TakesUnknownWorkflows(Tampering):
    def asked(self, request):
        if path_of(request) == "/runs" and b"nowhere-at-all" in (request.body or b""):
            return attrs.evolve(request, body=b'{"workflowId": "conformance-noop"}')
        return request


class TakesUnknownModes(Tampering):
    def asked(self, request):
        return attrs.evolve(request, url=request.url.replace("streamMode=nonsense", "x=1"))


class TakesAnyDecision(Tampering):
    def asked(self, request):
        if b"explode" in (request.body or b""):
            return attrs.evolve(request, body=b'{"resumeValue": {"action": "accept"}}')
        return request


class IgnoresCancels(Tampering):
    def send(self, request):
        if path_of(request).endswith("/cancel") and b"enough" in (request.body or b""):
            request = attrs.evolve(
                request, method="GET", url=request.url.removesuffix("/cancel"), body=None
            )
        return super().send(request)


class PausesAgain(Tampering):
    def answered(self, request, status, headers, data):
        if path_of(request).endswith(":pause") and status == 409:
            return 202, headers, b'{"runId": "r", "status": "paused"}'
        return status, headers, data


def no_304(wanted):
    class Changed(Tampering):
        def asked(self, request):
            if ("well-known" in request.url) == wanted:
                return attrs.evolve(request, headers=request.headers.without("If-None-Match"))
            return request

    return Changed


class LetsAnybodyIn(Tampering):
    def asked(self, request):
        if path_of(request) == "/runs/run-0000000000000000":
            key = f"Bearer {self._host.api_key}"
            return attrs.evolve(request, headers=request.headers.merged({"Authorization": key}))
        return request


def nameless(self, path, request, status, headers, document):
    if status == 404 and path == "/runs/run-0000000000000000":
        return 404, {"error": "gone_fishing", "message": "No."}
    return None


def open_envelope(self, path, request, status, headers, document):
    if status == 404 and path == "/workflows/nowhere-at-all":
        return status, {**document, "hint": "x"}
    return None


def unversioned(self, path, request, status, headers, document):
    if path.startswith("/runs/nowhere"):
        headers.pop("openwop-version", None)
    return


def finished_at_once(self, path, request, status, headers, document):
    if path == "/runs" and status == 201 and "idempotency-key" not in request.headers:
        return status, {**document, "status": "completed"}
    return None


def second_wins(self, path, request, status, headers, document):
    if path.endswith("/interrupts/gate") and status == 409:
        return 200, {"runId": "r", "nodeId": "gate", "status": "running"}
    return None


def other_error(self, path, request, status, headers, document):
    if document and document.get("status") == "failed":
        return status, {**document, "error": {"code": "other", "message": "x"}}
    return None


def anonymous(events, request):
    for event in events:
        if event["type"] == "approval.received":
            event["payload"].pop("decidedBy", None)
            event["payload"].pop("resolvedBy", None)
    return events


class Rewrites(Tampering):
    """Changes the payloads of a fork's history."""

    def answered(self, request, status, headers, data):
        path = path_of(request)
        if path.endswith("/events/poll"):
            bare = path.split("/")[2].rpartition("~2F")[2]
            if self._host.engine.runs[bare].forked_from is not None:
                document = json.loads(data)
                document["events"][1]["payload"]["nodeId"] = "other"
                data = json.dumps(document).encode()
        return status, headers, data


def later_start(events, request):
    if len(events) == 8 and "Sequence=" not in request.url:
        events[0]["sequence"] = 1
    return events


class Drifts(Tampering):
    """Answers a little less to every second poll of a noop run."""

    def answered(self, request, status, headers, data):
        if path_of(request).endswith("/events/poll") and "Sequence=" not in request.url:
            document = json.loads(data)
            if self.runs(request, "conformance-noop"):
                self.memory["polls"] = self.memory.get("polls", 0) + 1
                if self.memory["polls"] % 2 == 0:
                    document["events"].pop()
                data = json.dumps(document).encode()
        return status, headers, data


def without_completion(request, blocks):
    if "streamMode" in request.url or "Last-Event-ID" in request.headers:
        return blocks
    return [block for block in blocks if b"event: node.completed" not in block]


def renamed_events(request, blocks):
    plain = "streamMode=debug" in request.url and "Last-Event-ID" not in request.headers
    if not plain or len(blocks) != 8:
        return blocks
    return [block.replace(b'"eventId":"evt-', b'"eventId":"zzz-') for block in blocks]


BROKEN = {
    "discovery_needs_no_key": answers(lists_version_twice),
    "discovery_is_revalidated": no_304(True),
    "every_answer_names_its_version": answers(unversioned),
    "an_unserved_version_is_refused": TakesAnyVersion,
    "a_key_is_needed": LetsAnybodyIn,
    "errors_are_closed_envelopes": answers(open_envelope),
    "a_missing_run_is_not_found": answers(nameless),
    "bodies_are_closed": TakesUnknownMembers,
    "an_unknown_workflow_is_refused": TakesUnknownWorkflows,
    "a_creation_is_never_terminal": answers(finished_at_once),
    "a_log_begins_at_zero_and_ends_once": log_change(later_start),
    "nodes_complete_in_order": log_change(swapped_completions),
    "polls_are_repeatable_and_never_past_the_end": Drifts,
    "a_stream_shows_updates_and_ends_by_itself": streams(without_completion),
    "a_stream_resumes_after_the_last_id": IgnoresLastId,
    "a_finished_stream_resumed_at_its_end_is_empty": RepeatsTheEnd,
    "debug_holds_everything_that_a_poll_does": streams(renamed_events),
    "unknown_modes_are_refused": TakesUnknownModes,
    "a_key_creates_once": ForgetsKeys,
    "a_key_stands_for_one_body": ForgetsBodies,
    "a_gate_waits_and_one_answer_wins": answers(second_wins),
    "a_decision_is_attributed": log_change(anonymous),
    "a_decision_that_is_not_offered_is_refused": TakesAnyDecision,
    "a_run_can_be_cancelled": IgnoresCancels,
    "a_pause_is_accepted_once": PausesAgain,
    "a_failure_shows_everywhere": answers(other_error),
    "a_snapshot_is_revalidated": no_304(False),
    "a_fork_keeps_the_history": Rewrites,
}


def test_every_check_has_a_broken_subject():
    assert set(CHECKS) == set(BROKEN)


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_host_fails_its_check_alone(host, name):
    report = check_host(
        host.base_url, api_key=host.api_key, transport=BROKEN[name](host), majors=[2]
    )

    assert [f"{name}[v2]"] == report.of("failed"), str(report)
