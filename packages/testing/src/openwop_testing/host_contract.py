"""What every host must do, as checks that run against a URL, and as a program.

    openwop_testing.host_contract.check_host("http://127.0.0.1:3737", api_key="hk_test_...")
    python -m openwop_testing.host_contract http://127.0.0.1:3737 --api-key hk_test_...

The checks start the protocol's published fixtures (`conformance-noop` and others); what a host does
not advertise or hold is skipped with a reason, never passed.  See v1.md section 27 and v2.md 25.2.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast
from urllib.parse import urljoin

import attrs

from openwop.sse import EventDecoder
from openwop.wire import Clock, Headers, Request, Timeouts, Transport
from openwop_testing._json import JsonObject, as_list, as_object
from openwop_testing.engine.log import TERMINAL
from openwop_testing.ids import project
from openwop_testing.report import Report, Result

__all__ = ["CHECKS", "check_host", "main"]

_FIRST: Final = 1
_BOUND: Final = Timeouts(head=20, total=30, idle=45)


class _SkipError(Exception):
    """The host does not claim what a check is about."""


@attrs.frozen
class _Reply:
    status: int
    headers: Headers
    body: bytes

    @property
    def json(self) -> JsonObject:
        try:
            return as_object(json.loads(self.body))
        except ValueError as error:
            raise AssertionError(f"the answer of {self.status} is not JSON") from error

    @property
    def code(self) -> str:
        return str(self.json.get("error"))

    @property
    def events(self) -> list[JsonObject]:
        """The documents of an event stream, batches unpacked."""
        decoder = EventDecoder()
        documents: list[JsonObject] = []
        for event in decoder.feed(self.body):
            data = json.loads(event.data)
            documents.extend(as_object(each) for each in (as_list(data) or [data]))
        return documents


class _Host:
    """The host that is checked, in one major."""

    def __init__(
        self, url: str, api_key: str, major: int, transport: Transport, document: JsonObject
    ) -> None:
        self.url = url.rstrip("/")
        self.major = major
        self.document = document
        self._key = api_key
        self._transport = transport

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
        stream: bool = False,
    ) -> Request:
        given: dict[str, str] = {"Accept": "application/json"}
        if self.major > _FIRST:
            given["OpenWOP-Version"] = f"{self.major}.0"
        used = self._key if key is None else key
        if used:
            given["Authorization"] = f"Bearer {used}"
        content = None
        if body is not None:
            given["Content-Type"] = "application/json"
            content = json.dumps(body).encode()
        if stream:
            given["Accept"] = "text/event-stream"
        url = urljoin(self.url + "/", path)
        given.update(headers or {})
        return Request(method, url, Headers(given), content, _BOUND, stream)

    def send(self, method: str, path: str, body: Any = None, **options: Any) -> _Reply:
        """Send a request and read its answer to the end."""
        response = self._transport.send(self.request(method, path, body, **options))
        try:
            return _Reply(response.status_code, response.headers, b"".join(response.body))
        finally:
            response.close()

    def path(self, path: str) -> str:
        return f"/v1{path}" if self.major == _FIRST else path

    def get(self, path: str, **options: Any) -> _Reply:
        return self.send("GET", self.path(path), **options)

    def post(self, path: str, body: Any = None, **options: Any) -> _Reply:
        return self.send("POST", self.path(path), body, **options)

    def needs(self, *workflows: str) -> None:
        """Skip a check that starts a workflow which the host does not hold."""
        held = as_list(self.document.get("fixtures"))
        for name in workflows:
            if name not in held:
                raise _SkipError(f"the host does not list the fixture {name}")

    def offers(self, path: str) -> bool:
        value: Any = self.document
        for name in path.split("."):
            value = as_object(value).get(name)
        if isinstance(value, dict):
            return as_object(cast("Any", value)).get("supported") is not False
        return bool(value)

    def start(self, workflow: str, **body: Any) -> str:
        """Start a run and return its path, without the prefix of the major."""
        self.needs(workflow)
        reply = self.post("/runs", {"workflowId": workflow, **body})
        assert reply.status == 201, f"createRun answered {reply.status} {reply.code}"
        return self.run_path(reply.json["runId"])

    def run_path(self, run_id: str) -> str:
        return f"/runs/{run_id if self.major == _FIRST else project(run_id)}"

    def until(self, run: str, *wanted: str, seconds: float = 20.0) -> JsonObject:
        """Return the snapshot once the run has one of these statuses."""
        deadline = self.now() + seconds
        while True:
            snapshot = self.get(run).json
            if snapshot.get("status") in wanted:
                return snapshot
            status = snapshot.get("status")
            assert self.now() < deadline, f"the run is {status}, not {' or '.join(wanted)}"
            self.pause(0.05)

    def now(self) -> float:
        return self._transport.now() if isinstance(self._transport, Clock) else time.monotonic()

    def pause(self, seconds: float) -> None:
        if isinstance(self._transport, Clock):
            self._transport.sleep(seconds)
        else:
            time.sleep(seconds)

    def log(self, run: str, last: int | None = None) -> list[JsonObject]:
        """Read a finished run's log by polls."""
        name = "lastSequence" if self.major == _FIRST else "afterSequence"
        query = "" if last is None else f"&{name}={last}"
        return as_list(self.get(f"{run}/events/poll?timeout=1{query}").json.get("events"))

    def stream(self, run: str, query: str = "", last: int | None = None) -> _Reply:
        headers = {} if last is None else {"Last-Event-ID": str(last)}
        return self.get(f"{run}/events{query}", headers=headers, stream=True)


Check: TypeAlias = Callable[[_Host], None]


def discovery_needs_no_key(host: _Host) -> None:
    """Discovery answers anybody, with the versions that it serves."""
    reply = host.send("GET", "/.well-known/openwop", key="")
    assert reply.status == 200
    assert reply.json.get("protocolVersion") or reply.json.get("protocolVersions")


def discovery_is_revalidated(host: _Host) -> None:
    """A matching validator is answered with 304 and no body."""
    first = host.send("GET", "/.well-known/openwop")
    validator = first.headers.get("etag")
    if validator is None and host.major == _FIRST:
        raise _SkipError("the host sends no validator, which major 1 allows")
    assert validator is not None, "discovery has no ETag"
    again = host.send("GET", "/.well-known/openwop", headers={"If-None-Match": validator})
    assert (again.status, again.body) == (304, b"")


def every_answer_names_its_version(host: _Host) -> None:
    """Every answer of major 2, errors included, says which version it is of."""
    if host.major == _FIRST:
        raise _SkipError("major 1 asks for no version header")
    for path in ("/.well-known/openwop", "/runs/nowhere~2Frun-0000000000000000", "/runs"):
        version = host.send("GET", path).headers.get("openwop-version", "")
        assert version.startswith("2."), f"{path} answered with version {version!r}"


def an_unserved_version_is_refused(host: _Host) -> None:
    """A major that is not listed is answered with 406 and the list."""
    if host.major == _FIRST:
        raise _SkipError("major 1 knows no negotiation")
    reply = host.send("GET", "/.well-known/openwop", headers={"OpenWOP-Version": "9.0"})
    assert (reply.status, reply.code) == (406, "protocol_version_unsupported")
    assert as_object(reply.json.get("details")).get("protocolVersions")


def a_key_is_needed(host: _Host) -> None:
    """Without a good key the answer is 401, whatever is asked for."""
    for key in ("", "hk_test_nobody_has_this_key"):
        reply = host.get("/runs/run-0000000000000000", key=key)
        assert reply.status == 401, f"answered {reply.status}"


def errors_are_closed_envelopes(host: _Host) -> None:
    """An error has a code, a message, and nothing beside them but details."""
    for reply in (host.get("/workflows/nowhere-at-all"), host.post("/runs", {"workflowId": 7})):
        assert reply.status >= 400
        document = reply.json
        assert set(document) <= {"error", "message", "details"}, f"it has {sorted(document)}"
        assert isinstance(document.get("error"), str)
        assert document.get("message")


def a_missing_run_is_not_found(host: _Host) -> None:
    """A run that does not exist is a 404."""
    reply = host.get("/runs/run-0000000000000000")
    if host.major > _FIRST and reply.status == 400:
        # A host of major 2 alone takes bound ids only; whose tenant we are shows on a run.
        host.needs("conformance-noop")
        run_id = host.post("/runs", {"workflowId": "conformance-noop"}).json["runId"]
        tenant = run_id.rpartition("/")[0]
        reply = host.get(host.run_path(f"{tenant}/run-0000000000000000"))
    assert (reply.status, reply.code) == (404, "not_found")


def bodies_are_closed(host: _Host) -> None:
    """A member that a request does not have is refused."""
    host.needs("conformance-noop")
    reply = host.post("/runs", {"workflowId": "conformance-noop", "xUnknownMember": True})
    assert (reply.status, reply.code) == (400, "validation_error")


def an_unknown_workflow_is_refused(host: _Host) -> None:
    """A workflow that is not there starts nothing."""
    reply = host.post("/runs", {"workflowId": "nowhere-at-all"})
    assert reply.status in {400, 404}
    assert "runId" not in reply.json


def a_creation_is_never_terminal(host: _Host) -> None:
    """The answer to a creation has a status that may still change."""
    host.needs("conformance-noop")
    reply = host.post("/runs", {"workflowId": "conformance-noop"})
    allowed = {"pending", "running", "waiting-approval", "waiting-input", "waiting-external"}
    assert reply.status == 201
    assert reply.json.get("status") in allowed, f"the status is {reply.json.get('status')}"


def a_log_begins_at_zero_and_ends_once(host: _Host) -> None:
    """`run.started` is first, at sequence 0; one terminal event is last; sequences only grow."""
    run = host.start("conformance-multi-node")
    host.until(run, "completed")
    log = host.log(run)
    sequences = [int(event["sequence"]) for event in log]
    types = [event.get("type") for event in log]
    assert (types[0], sequences[0]) == ("run.started", 0)
    assert sequences == sorted(set(sequences))
    assert [name for name in types if name in TERMINAL] == [types[-1]]


def nodes_complete_in_order(host: _Host) -> None:
    """A chain completes in the order of its edges."""
    run = host.start("conformance-multi-node")
    host.until(run, "completed")
    done = [e.get("nodeId") for e in host.log(run) if e.get("type") == "node.completed"]
    assert done == ["a", "b", "c"]


def polls_are_repeatable_and_never_past_the_end(host: _Host) -> None:
    """Two polls answer the same; a cursor past the end is an empty answer, not an error."""
    run = host.start("conformance-noop")
    host.until(run, "completed")
    assert host.log(run) == host.log(run)
    assert host.log(run, 10_000) == []


def a_stream_shows_updates_and_ends_by_itself(host: _Host) -> None:
    """Without a mode a stream shows updates, and the host closes it after the terminal event."""
    run = host.start("conformance-noop")
    reply = host.stream(run)
    assert reply.headers["content-type"].partition(";")[0] == "text/event-stream"
    types = [event["type"] for event in reply.events]
    assert types == ["run.started", "node.completed", "run.completed"]


def a_stream_resumes_after_the_last_id(host: _Host) -> None:
    """`Last-Event-ID` is exclusive: nothing is repeated and nothing is left out."""
    run = host.start("conformance-multi-node")
    whole = [event["sequence"] for event in host.stream(run, "?streamMode=debug").events]
    for last in (0, whole[len(whole) // 2]):
        rest = [e["sequence"] for e in host.stream(run, "?streamMode=debug", last).events]
        assert rest == [sequence for sequence in whole if sequence > last]


def a_finished_stream_resumed_at_its_end_is_empty(host: _Host) -> None:
    """Resuming a finished run at its end closes without an event."""
    run = host.start("conformance-noop")
    last = host.stream(run, "?streamMode=debug").events[-1]["sequence"]
    assert host.stream(run, "?streamMode=debug", last).events == []


def debug_holds_everything_that_a_poll_does(host: _Host) -> None:
    """The stream of mode debug is the log."""
    run = host.start("conformance-multi-node")
    streamed = host.stream(run, "?streamMode=debug").events
    assert [e["eventId"] for e in streamed] == [e["eventId"] for e in host.log(run)]


def unknown_modes_are_refused(host: _Host) -> None:
    """A mode that there is not, or that does not mix, is refused with what there is."""
    run = host.start("conformance-noop")
    for mode in ("nonsense", "values,updates"):
        reply = host.get(f"{run}/events?streamMode={mode}")
        assert (reply.status, reply.code) == (400, "unsupported_stream_mode")
        assert as_object(reply.json.get("details")).get("supported")


def a_key_creates_once(host: _Host) -> None:
    """The same key and body answer the first answer again, marked as such."""
    host.needs("conformance-noop")
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    body = {"workflowId": "conformance-noop"}
    first, second = (host.post("/runs", body, headers=headers) for _ in range(2))
    assert first.json.get("runId") == second.json.get("runId")
    assert second.headers.get("openwop-idempotent-replay") == "true"


def a_key_stands_for_one_body(host: _Host) -> None:
    """The same key with another body is refused, and starts nothing."""
    host.needs("conformance-noop")
    headers = {"Idempotency-Key": str(uuid.uuid4())}
    body = {"workflowId": "conformance-noop"}
    host.post("/runs", body, headers=headers)
    reply = host.post("/runs", {**body, "tags": ["other"]}, headers=headers)
    assert (reply.status, reply.code) == (409, "idempotency_key_mismatch")


def a_gate_waits_and_one_answer_wins(host: _Host) -> None:
    """A gate suspends its run; an accept lets it go on; the next answer is too late."""
    run = host.start("conformance-approval")
    snapshot = host.until(run, "waiting-approval")
    assert snapshot.get("currentNodeId") == "gate"
    body = {"resumeValue": {"action": "accept"}}
    first = host.post(f"{run}/interrupts/gate", body)
    second = host.post(f"{run}/interrupts/gate", body)
    assert first.status == 200
    assert second.status in ({404, 409} if host.major == _FIRST else {409})
    host.until(run, "completed")


def a_decision_is_attributed(host: _Host) -> None:
    """A decision is logged with the name of whoever made it."""
    run = host.start("conformance-approval")
    host.until(run, "waiting-approval")
    host.post(f"{run}/interrupts/gate", {"resumeValue": {"action": "accept"}})
    host.until(run, "completed")
    made = [e["payload"] for e in host.log(run) if e["type"] == "approval.received"]
    assert len(made) == 1
    assert made[0].get("decidedBy") or made[0].get("resolvedBy")


def a_decision_that_is_not_offered_is_refused(host: _Host) -> None:
    """An answer that a gate does not offer leaves it open."""
    run = host.start("conformance-approval")
    host.until(run, "waiting-approval")
    reply = host.post(f"{run}/interrupts/gate", {"resumeValue": {"action": "explode"}})
    assert reply.status in {400, 422}
    assert host.get(run).json["status"] == "waiting-approval"


def a_run_can_be_cancelled(host: _Host) -> None:
    """A cancel ends a run, and its log ends with that."""
    run = host.start("conformance-cancellable", inputs={"delayMs": 30_000})
    reply = host.post(f"{run}/cancel", {"reason": "enough"})
    assert reply.status == 200
    host.until(run, "cancelled")
    assert host.log(run)[-1]["type"] == "run.cancelled"


def a_pause_is_accepted_once(host: _Host) -> None:
    """A pause is answered with 202, a second one with 409; resuming lets the run go on."""
    if host.major == _FIRST and not host.offers("runs.pauseResume"):
        raise _SkipError("the host does not offer runs.pauseResume")
    run = host.start("conformance-cancellable", inputs={"delayMs": 30_000})
    host.until(run, "running")
    body = {"drainPolicy": "immediate"}
    first = host.post(f"{run}:pause", body)
    host.until(run, "paused")
    second = host.post(f"{run}:pause", body)
    resumed = host.post(f"{run}:resume", {})
    host.post(f"{run}/cancel", {})
    assert (first.status, second.status, resumed.status) == (202, 409, 202)
    assert as_object(second.json.get("details")).get("runStatus") == "paused"


def a_failure_shows_everywhere(host: _Host) -> None:
    """A run that fails has the same error on its snapshot as in its log."""
    run = host.start("conformance-failure")
    snapshot = host.until(run, "failed")
    last = host.log(run)[-1]
    assert last["type"] == "run.failed"
    assert as_object(snapshot.get("error")).get("code") == last["payload"]["error"]["code"]


def a_snapshot_is_revalidated(host: _Host) -> None:
    """Where a snapshot has a validator, a matching one is answered with 304."""
    run = host.start("conformance-noop")
    host.until(run, "completed")
    validator = host.get(run).headers.get("etag")
    if validator is None:
        raise _SkipError("the host sends no validator with snapshots")
    assert host.get(run, headers={"If-None-Match": validator}).status == 304


def a_fork_keeps_the_history(host: _Host) -> None:
    """A replay is a run of its own with the same beginning; its source is left alone."""
    if not host.offers("replay"):
        raise _SkipError("the host does not offer replay")
    run = host.start("conformance-multi-node")
    host.until(run, "completed")
    before = host.log(run)
    reply = host.post(f"{run}:fork", {"mode": "replay", "fromSeq": 3})
    assert reply.status == 201
    fork = host.run_path(reply.json["runId"])
    host.until(fork, "completed")
    copied = host.log(fork)
    assert [(e["type"], e["payload"]) for e in copied[:3]] == [
        (e["type"], e["payload"]) for e in before[:3]
    ]
    assert host.log(run) == before


_ALL: Final[tuple[Check, ...]] = (
    discovery_needs_no_key,
    discovery_is_revalidated,
    every_answer_names_its_version,
    an_unserved_version_is_refused,
    a_key_is_needed,
    errors_are_closed_envelopes,
    a_missing_run_is_not_found,
    bodies_are_closed,
    an_unknown_workflow_is_refused,
    a_creation_is_never_terminal,
    a_log_begins_at_zero_and_ends_once,
    nodes_complete_in_order,
    polls_are_repeatable_and_never_past_the_end,
    a_stream_shows_updates_and_ends_by_itself,
    a_stream_resumes_after_the_last_id,
    a_finished_stream_resumed_at_its_end_is_empty,
    debug_holds_everything_that_a_poll_does,
    unknown_modes_are_refused,
    a_key_creates_once,
    a_key_stands_for_one_body,
    a_gate_waits_and_one_answer_wins,
    a_decision_is_attributed,
    a_decision_that_is_not_offered_is_refused,
    a_run_can_be_cancelled,
    a_pause_is_accepted_once,
    a_failure_shows_everywhere,
    a_snapshot_is_revalidated,
    a_fork_keeps_the_history,
)
CHECKS: Final[dict[str, Check]] = {check.__name__: check for check in _ALL}


def _majors(url: str, transport: Transport) -> dict[int, JsonObject]:
    """Return the discovery document of each major that the host serves."""
    found: dict[int, JsonObject] = {}
    for major in (1, 2):
        host = _Host(url, "", major, transport, {})
        reply = host.send("GET", "/.well-known/openwop")
        if reply.status != 200:
            continue
        document = reply.json
        single = document.get("protocolVersion", "1.0")
        versions = as_list(document.get("protocolVersions")) or [single]
        if any(str(version).startswith(f"{major}.") for version in versions):
            found[major] = document
    return found


def check_host(
    url: str,
    *,
    api_key: str,
    transport: Transport | None = None,
    majors: Sequence[int] | None = None,
    only: Sequence[str] | None = None,
) -> Report:
    """Run the checks against a host, in every major that it serves, and report.

    Args:
        url: The host's origin.
        api_key: A test key with every scope.
        transport: How to reach it; by default httpx.
        majors: The majors to check; by default all that it serves.
        only: The checks to run, by name; by default all of them.
    """
    from openwop.transports import HttpxTransport

    used = transport or HttpxTransport()
    report = Report(url)
    try:
        served = _majors(url, used)
        if not served:
            report.add(Result("discovery", "failed", "the host serves no major that is known"))
        for major, document in served.items():
            if majors is not None and major not in majors:
                continue
            host = _Host(url, api_key, major, used, document)
            for name, check in CHECKS.items():
                if only is None or name in only:
                    report.add(_run(f"{name}[v{major}]", check, host))
    finally:
        if transport is None:
            used.close()
    return report


def _run(name: str, check: Check, host: _Host) -> Result:
    try:
        check(host)
    except _SkipError as skip:
        return Result(name, "skipped", str(skip))
    except Exception as error:  # noqa: BLE001  # whatever a host does wrong is a finding
        return Result(name, "failed", f"{type(error).__name__}: {error}".splitlines()[0])
    return Result(name, "passed")


def main(argv: Sequence[str] | None = None) -> int:
    """Check a host from the command line; 0 where nothing failed.

    Args:
        argv: The arguments; without them, those of the process.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(
        prog="python -m openwop_testing.host_contract", description="Check an OpenWOP host."
    )
    parser.add_argument("url", help="the host's origin")
    parser.add_argument("--api-key", required=True, help="a test key with every scope")
    parser.add_argument("--only", action="append", help="run one check; may be given several times")
    options = parser.parse_args(argv)
    report = check_host(options.url, api_key=options.api_key, only=options.only)
    print(report)  # noqa: T201  # what the program is for
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(main())
