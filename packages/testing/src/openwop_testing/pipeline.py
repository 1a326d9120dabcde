"""From a request to an answer: version, route, credential, gate, body, idempotency, handler.

The order is the protocol's: a rate limit before a scope, a credential before existence, the
validity of a request before its effects (v1.md sections 4 and 5, v2.md section 2).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

import attrs

from openwop.wire import Headers
from openwop_testing._json import as_object, compact, digest, is_object, parse
from openwop_testing.answers import Answer, Later, json_answer
from openwop_testing.faults import Fault
from openwop_testing.idempotency import StoredAnswer, check_key
from openwop_testing.ids import BARE, BOUND, split_bound, unproject
from openwop_testing.keys import Credential
from openwop_testing.problems import Problem, invalid, not_found
from openwop_testing.recording import RecordedCall
from openwop_testing.render import Wire
from openwop_testing.routes import Route, match
from openwop_testing.tracing import TraceContext

if TYPE_CHECKING:
    from openwop_testing.host import FakeHost

__all__ = ["Call", "Incoming", "Pipeline", "UnknownOperationError"]

_VERSION = re.compile(r"([1-9][0-9]*)(?:\.(0|[1-9][0-9]*))?")
_CLIENT_VERSION = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))?")
TARBALL_TYPES = frozenset(
    {
        "application/tar+gzip",
        "application/gzip",
        "application/x-gzip",
        "application/octet-stream",
    }
)
_TENANT_BOUND = frozenset({"runId", "webhookId", "subscriptionId"})
INGEST = "/host/fake/triggers/"


@attrs.frozen
class Incoming:
    """A request, as a transport or a server hands it over."""

    method: str
    url: str
    headers: Headers
    body: bytes | None


class UnknownOperationError(AssertionError):
    """A request that no host of this protocol gets."""


@attrs.define(eq=False)
class Call:
    """A request on its way through the host.

    Attributes:
        host: The host.
        route: The operation.
        major: The protocol major.
        params: The path parameters; tenant-bound ids bare.
        query: The query parameters, the last of each name.
        queries: The query parameters, all of them.
        headers: The headers.
        body: The parsed body, `{}` where there was none.
        credential: Who asks; None where nobody had to say.
    """

    host: FakeHost
    route: Route
    major: int
    params: dict[str, str]
    query: dict[str, str]
    queries: list[tuple[str, str]]
    headers: Headers
    body: Any
    caller: Credential | None

    @property
    def wire(self) -> Wire:
        """What renders for the caller's major."""
        return Wire(self.major, compensation=self.host.capabilities.has("compensation"))

    @property
    def credential(self) -> Credential:
        """Who asks."""
        if self.caller is None:
            raise AssertionError(f"{self.route.operation_id} needs no credential")
        return self.caller

    def integer(self, name: str, low: int, high: int | None = None) -> int | None:
        """Return a query parameter as a whole number, or None where it is absent.

        Raises:
            Problem: 400 `validation_error`: it is not one, or out of bounds.
        """
        given = self.query.get(name)
        if given is None:
            return None
        if not given.isascii() or not given.isdigit():
            raise invalid(f"{name} is a whole number.", field=name)
        value = int(given)
        if value < low or (high is not None and value > high):
            bounds = f"at least {low}" if high is None else f"{low} to {high}"
            raise invalid(f"{name} is {bounds}.", field=name)
        return value


Handler = Callable[[Call], Answer]


class Pipeline:
    """Answers requests.

    Args:
        host: The host whose state they read and change.
        handlers: What each operation does.
    """

    def __init__(self, host: FakeHost, handlers: dict[str, Handler]) -> None:
        self._host = host
        self._handlers = handlers

    def answer(self, request: Incoming) -> Answer:
        """Answer one request; the caller holds the host's lock.

        Raises:
            UnknownOperationError: There is no such operation in any major.
        """
        host = self._host
        split = urlsplit(request.url)
        queries = parse_qsl(split.query, keep_blank_values=True)
        record = RecordedCall(
            method=request.method,
            path=split.path,
            query=dict(queries),
            headers=request.headers,
            body=_lenient(request.body),
            content=request.body,
            at=host.clock.now(),
        )
        host.calls.append(record)
        major = host.capabilities.preferred
        # What this request starts belongs to its trace.
        trace = host.engine.trace = TraceContext.of(request.headers, host.mint)
        try:
            major = self._major(split.path, request.headers)
            record.major = major
            answer = self._routed(request, split.path, queries, major, record)
        except Problem as problem:
            answer = _refusal(problem)
        finally:
            host.engine.trace = None
        self._finish(answer, trace, major)
        record.status = answer.status
        host.engine.settle()
        host.outbound.pump()
        if request.method != "GET":
            host.waits.active()
        host.waits.changed()
        return answer

    def _major(self, path: str, headers: Headers) -> int:
        capabilities = self._host.capabilities
        if 2 not in capabilities.majors:
            # A host from before major 2 knows nothing of its headers.
            if path.startswith("/v1/") or path == "/.well-known/openwop":
                return 1
            raise invalid("Only /.well-known/openwop has no version in its path.")
        wanted = headers.get("OpenWOP-Version")
        asked: int | None = None
        if wanted is not None:
            hit = _VERSION.fullmatch(wanted.strip())
            asked = int(hit[1]) if hit else -1
        if path.startswith("/v1/"):
            if asked not in {None, 1}:
                raise Problem(
                    400,
                    "protocol_version_mismatch",
                    "A path under /v1/ speaks major 1; leave the version header away.",
                )
            if 1 not in capabilities.majors:
                raise not_found("The path")
            return 1
        if asked is not None and asked not in capabilities.majors:
            raise Problem(
                406,
                "protocol_version_unsupported",
                "The host does not speak this version of the protocol.",
                details={"protocolVersions": capabilities.versions},
            )
        if path == "/.well-known/openwop":
            return asked or capabilities.preferred
        if asked == 1:
            raise Problem(400, "protocol_version_mismatch", "Major 1 is served under /v1/ only.")
        return 2

    def _ingest(self, path: str, request: Incoming) -> Answer | None:
        """Take an outside event in at the address of its trigger, which is the host's own."""
        if request.method != "POST" or not path.startswith(INGEST):
            return None
        name = unproject(path.removeprefix(INGEST))
        triggers = self._host.triggers
        if triggers.get(name) is None:
            raise not_found("The trigger")
        body = request.body or b""
        try:
            payload = parse(body)
        except ValueError as error:
            raise invalid("The body is not JSON in UTF-8.") from error
        run_id = triggers.deliver(
            name,
            payload,
            signature=request.headers.get("X-openwop-Signature"),
            dedup_key=request.headers.get("X-openwop-Delivery-Id"),
            body=body,
        )
        return json_answer({"accepted": run_id is not None}, 202)

    def _routed(
        self,
        request: Incoming,
        path: str,
        queries: list[tuple[str, str]],
        major: int,
        record: RecordedCall,
    ) -> Answer:
        host = self._host
        ingested = self._ingest(path, request)
        if ingested is not None:
            return ingested
        found, exists = match(major, request.method, path)
        if found is None:
            if exists:
                raise Problem(405, "validation_error", f"{path} does not take {request.method}.")
            raise UnknownOperationError(host.describe_unknown(request.method, path))
        route = found.route
        record.operation_id = route.operation_id
        record.params = {name: _unescape(name, value) for name, value in found.params.items()}
        fault = host.faults.take(route.operation_id)
        if fault is not None and fault.kind not in {"lose", "delay"}:
            return _faulty(fault, host)
        if major == 2:
            self._check_client(request.headers)
        caller = None
        if route.scope:
            caller = host.keys.authenticate(request.headers.get("Authorization"), major=major)
            host.limiter.check(route.operation_id, caller, host.clock.now(), major=major)
            caller.require(route.scope)
        self._check_gate(route, major)
        params = {
            name: self._parameter(name, value, caller, major)
            for name, value in found.params.items()
        }
        call = Call(
            host=host,
            route=route,
            major=major,
            params=params,
            query=dict(queries),
            queries=queries,
            headers=request.headers,
            body=self._body(request, route.operation_id),
            caller=caller,
        )
        answer = self._once(call)
        if fault is not None and fault.kind == "delay":
            return self._delayed(call, answer, fault.seconds)
        if fault is not None:
            answer.lost = True
        return answer

    def _delayed(self, call: Call, answer: Answer, seconds: float) -> Answer:
        """Give an answer after a while; its key is in flight until then."""
        host = self._host
        key = call.headers.get("Idempotency-Key")
        if key is not None and call.route.idempotent:
            host.idempotency.hold(*_place(call), key, host.clock.now() + seconds)
        house = host.clock.house
        what = f"the delayed answer of {call.route.operation_id}"
        later = Later(lambda: False, house, house.now() + seconds, lambda: answer, what)
        return Answer(answer.status, later=later)

    def _check_client(self, headers: Headers) -> None:
        floor = self._host.minimum_client
        hit = _CLIENT_VERSION.fullmatch(headers.get("OpenWOP-Client-Version", ""))
        if not floor or hit is None:
            return
        wanted = tuple(int(part) for part in floor.split(".")[:2])
        if (int(hit[1]), int(hit[2])) < wanted:
            raise Problem(
                426,
                "client_version_unsupported",
                f"Clients older than {floor} are not served.",
                details={"minClientVersion": floor},
            )

    def _check_gate(self, route: Route, major: int) -> None:
        if not route.gate or self._host.capabilities.has(route.gate):
            return
        if major == 1 and route.ungated == 501:
            raise Problem(
                501,
                "capability_not_provided",
                f"The host does not offer {route.gate}.",
                details={"capability": route.gate},
            )
        raise not_found("The operation")

    def _parameter(self, name: str, segment: str, caller: Credential | None, major: int) -> str:
        value = _unescape(name, segment)
        if name not in _TENANT_BOUND:
            return value
        if major == 1:
            return value
        tenant, bare = split_bound(value)
        if tenant is None:
            if 1 not in self._host.capabilities.majors or not BARE.fullmatch(value):
                raise invalid(f"{name} has the form <tenant>/<id>.", field=name)
        elif not BOUND.fullmatch(value):
            raise invalid(f"{name} has the form <tenant>/<id>.", field=name)
        elif caller is not None and tenant != caller.tenant:
            raise Problem(403, "id_tenant_mismatch", "The id belongs to another tenant.")
        return bare

    def _body(self, request: Incoming, operation: str) -> Any:
        if not request.body:
            return {}
        limit = int(self._host.capabilities.limits.get("maxRequestBodyBytes", 1 << 20))
        if operation == "putTestPackTarball":
            limit = 64 << 20
        if len(request.body) > limit:
            raise Problem(413, "payload_too_large", f"A body has at most {limit} bytes.")
        media = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if operation == "putTestPackTarball":
            if media not in TARBALL_TYPES:
                raise Problem(415, "unsupported_media_type", "The body is a gzipped tarball.")
            return request.body
        if media != "application/json":
            raise Problem(415, "unsupported_media_type", "Bodies are application/json.")
        try:
            return parse(request.body)
        except ValueError as error:
            raise invalid("The body is not JSON in UTF-8.") from error

    def _once(self, call: Call) -> Answer:
        handler = self._handlers[call.route.operation_id]
        key = call.headers.get("Idempotency-Key")
        if key is None or not call.route.idempotent:
            answer = self._handled(handler, call)
            if answer.status < 300 and call.route.method != "GET":
                self._audit(call)
            return answer
        check_key(key, major=call.major)
        host = self._host
        tenant, operation = _place(call)
        host.idempotency.check_free(tenant, operation, key, host.clock.now(), major=call.major)
        asked = digest([call.params, _without_secrets(call.body)])
        stored = host.idempotency.find(tenant, operation, key, asked, host.clock.now())
        if stored is not None:
            name = "openwop-Idempotent-Replay" if call.major == 1 else "OpenWOP-Idempotent-Replay"
            return Answer(stored.status, {**dict(stored.headers), name: "true"}, stored.body)
        answer = self._handled(handler, call)
        if answer.status < 300 and call.route.method != "GET":
            self._audit(call)
        if answer.stream is None and answer.later is None:
            kept = StoredAnswer(
                asked,
                answer.status,
                tuple(answer.headers.items()),
                answer.body,
                host.clock.now(),
            )
            host.idempotency.keep(tenant, operation, key, kept, answer.code)
        return answer

    def _audit(self, call: Call) -> None:
        """Note who did what; never the content of it."""
        who = call.caller.principal if call.caller is not None else "token"
        target = next(iter(call.params.values()), "")
        if "token" in call.params:
            target = "interrupt"
        self._host.audit.record(call.route.operation_id, who, target)

    def _handled(self, handler: Handler, call: Call) -> Answer:
        try:
            return handler(call)
        except Problem as problem:
            return _refusal(problem)

    def _finish(self, answer: Answer, trace: TraceContext, major: int) -> None:
        host = self._host
        if 2 in host.capabilities.majors:
            answer.headers["OpenWOP-Version"] = "1.11" if major == 1 else "2.0"
        answer.headers.update(trace.headers(host.mint.hex(16)))


def _place(call: Call) -> tuple[str, str]:
    """Return what a key is apart by: the tenant and the operation."""
    tenant = call.caller.tenant if call.caller is not None else ""
    return tenant, f"{call.major}:{call.route.operation_id}"


def _without_secrets(body: Any) -> Any:
    if is_object(body) and "runSecrets" in body:
        return {name: value for name, value in as_object(body).items() if name != "runSecrets"}
    return body


def _unescape(name: str, segment: str) -> str:
    return unproject(segment) if name in _TENANT_BOUND else unquote(segment)


def _lenient(body: bytes | None) -> Any:
    if not body:
        return None
    try:
        return parse(body)
    except ValueError:
        return None


def _refusal(problem: Problem) -> Answer:
    headers = dict(problem.headers)
    if problem.retry_after is not None:
        headers["Retry-After"] = str(problem.retry_after)
    answer = json_answer(problem.body(), problem.status, headers)
    answer.code = problem.code
    return answer


def _faulty(fault: Fault, host: FakeHost) -> Answer:
    if fault.kind == "refuse":
        return Answer(refused=True)
    if fault.kind == "hang":
        return Answer(later=host.never(f"{fault.operation_id} hangs by a scripted fault"))
    if fault.body is not None:
        return Answer(fault.status, dict(fault.headers), fault.body, scripted=True)
    envelope: dict[str, Any] = {"error": fault.code, "message": fault.message}
    if fault.details is not None:
        envelope["details"] = fault.details
    headers = {"Content-Type": "application/json"}
    if fault.retry_after is not None:
        headers["Retry-After"] = str(fault.retry_after)
    return Answer(fault.status, headers, compact(envelope).encode(), code=fault.code, scripted=True)
