"""The error tree: every error survives a pickle, ends in its trace and tells no secret."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from openwop import errors as tree
from openwop.runtime import errors as base
from openwop.wire import Headers, Request, Response

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SECRET = "hk_live_s3cr3t"
REQUEST = Request("POST", "https://h/v1/runs", {"Accept": "application/json"})
RESPONSE = Response(503, {"Retry-After": "3"}, b'{"error":"rate_limited"}', "https://h/v1/runs")
STATUS: dict[str, Any] = {
    "status_code": 429,
    "code": "rate_limited",
    "category": "rate_limited",
    "detail": "slow down",
    "details": {"scope": "tenant"},
    "trace_id": TRACE,
    "retry_after": 3.0,
    "request": REQUEST,
    "response": RESPONSE,
    "attempts": 2,
    "body": {"error": "rate_limited"},
}
CONNECTION: dict[str, Any] = {"sent": False, "request": REQUEST, "attempts": 3}
FIELDS: dict[str, dict[str, Any]] = {
    "CapabilityNotSupportedError": {
        "capability": "replay",
        "code": "capability_not_provided",
        "status_code": 501,
        "details": {"capability": "replay"},
        "response": RESPONSE,
        "trace_id": TRACE,
    },
    "DeadlineExceededError": {"last_error": base.RateLimitError("slow", **STATUS), "attempts": 2},
    "APIConnectionError": CONNECTION,
    "APITimeoutError": CONNECTION,
    "APIResponseValidationError": {
        "path": "RunSnapshot.status",
        "status_code": 200,
        "request": REQUEST,
        "response": RESPONSE,
        "trace_id": TRACE,
    },
    "WaitTimeoutError": {"run_id": "r", "status": "running"},
    "ProtocolVersionError": {
        "supported": ("3.0",),
        "minimum_client": "3.0",
        "status_code": 426,
        "code": "client_version_unsupported",
    },
    "StreamError": {"last_event_id": "7"},
    "StreamStalledError": {"last_event_id": "7"},
    "StreamInterruptedError": {"last_event_id": "7"},
    "RunOutcomeError": {"run_id": "r", "code": "boom", "details": {"a": 1}},
    "RunFailedError": {"run_id": "r", "code": "boom", "details": {"a": 1}},
    "RunCancelledError": {"run_id": "r"},
    "RunNeedsInputError": {"run_id": "r", "node_ids": ("a", "b")},
}


def _errors() -> list[Any]:
    """Return one error of every exported class, all its fields set."""
    found: list[Any] = []
    for module, prefix in ((tree, "openwop"), (base, "runtime")):
        for name in module.__all__:
            cls = getattr(module, name)
            fields = FIELDS.get(name, {})
            if issubclass(cls, base.APIStatusError):
                fields = STATUS
            found.append(pytest.param(cls("it failed", **fields), fields, id=f"{prefix}.{name}"))
    return found


EVERY = _errors()


@pytest.mark.parametrize("duplicate", [lambda e: pickle.loads(pickle.dumps(e)), copy.deepcopy])
@pytest.mark.parametrize(("error", "fields"), EVERY)
def test_every_error_survives_a_pickle_and_a_copy(
    error: base.SDKError, fields: dict[str, Any], duplicate: Callable[[Any], Any]
) -> None:
    error.add_note("seen in a worker")

    again = duplicate(error)

    assert type(again) is type(error)
    assert again.args == error.args
    assert str(again) == str(error)
    assert again.__notes__[-1] == "seen in a worker"
    for name, value in fields.items():
        given = getattr(again, "message" if name == "detail" else name)
        if isinstance(value, Exception):
            assert (type(given), str(given)) == (type(value), str(value))
        else:
            assert given == value


@pytest.mark.parametrize(("error", "fields"), EVERY)
def test_an_error_with_a_trace_ends_in_it(error: base.SDKError, fields: dict[str, Any]) -> None:
    expected = f"it failed (trace={TRACE})" if error.trace_id else "it failed"

    assert str(error) == expected
    assert ("trace_id" in fields or "last_error" in fields) == (error.trace_id is not None)


@pytest.mark.parametrize("cls", [getattr(tree, name) for name in tree.__all__])
def test_every_error_can_be_made_without_arguments(cls: type[Exception]) -> None:
    assert str(cls()) == ""


@pytest.mark.parametrize("name", tree.__all__)
def test_every_error_of_openwop_is_an_openwop_error(name: str) -> None:
    assert issubclass(getattr(tree, name), tree.OpenWOPError)


@pytest.mark.parametrize("name", [n for n in base.__all__ if n != "SDKError"])
def test_openwop_has_its_own_class_of_each_error_of_the_runtime(name: str) -> None:
    ours, general = getattr(tree, name), getattr(base, name)

    assert issubclass(ours, general)
    assert ours is not general
    assert not issubclass(general, tree.OpenWOPError)


class OtherNotFoundError(base.NotFoundError):
    """Another service's 404."""


def test_openwops_404_does_not_catch_another_services() -> None:
    assert not isinstance(OtherNotFoundError("gone"), tree.NotFoundError)
    assert isinstance(OtherNotFoundError("gone"), base.NotFoundError)
    assert isinstance(tree.NotFoundError("gone"), base.NotFoundError)


@pytest.mark.parametrize(
    ("cls", "also"),
    [
        (tree.ConfigurationError, ValueError),
        (tree.DeadlineExceededError, TimeoutError),
        (tree.APITimeoutError, TimeoutError),
        (tree.APITimeoutError, tree.APIConnectionError),
        (tree.WaitTimeoutError, TimeoutError),
        (tree.InterruptExpiredError, tree.APIStatusError),
        (tree.InterruptAlreadyResolvedError, tree.APIStatusError),
        (tree.StreamStalledError, tree.StreamError),
        (tree.RunFailedError, tree.RunOutcomeError),
        (tree.RateLimitError, tree.APIError),
    ],
)
def test_an_error_can_be_caught_as_what_it_also_is(cls: type, also: type) -> None:
    assert issubclass(cls, also)


def test_a_status_error_without_a_document_falls_back_to_what_it_knows() -> None:
    error = tree.NotFoundError("runs.get failed: 404", status_code=404, code="not_found")

    assert error.category == "not_found"
    assert error.message == "runs.get failed: 404"
    assert error.details == {}
    assert error.active_run_id is None


@pytest.mark.parametrize(("value", "expected"), [("run-7", "run-7"), (7, None), (None, None)])
def test_active_run_id_is_read_from_the_details(value: object, expected: str | None) -> None:
    error = tree.ConflictError("failed", details={"activeRunId": value})

    assert error.active_run_id == expected


def test_a_call_that_fails_tells_no_secret_anywhere(make_bench: Any, make_operation: Any) -> None:
    """Neither in the text, nor in the representation, nor in a pickle of the error."""
    bench = make_bench()
    secret_path = make_operation(
        "POST",
        "/tokens/{token}",
        name="tokens.use",
        parameters=(base_parameter("token", "path", secret=True), base_parameter("body", "body")),
        body="json",
    )

    done = bench.call(
        secret_path,
        Response(403, {"Set-Cookie": SECRET}, b'{"error":"forbidden"}', "https://h/other"),
        arguments={"token": SECRET, "body": SECRET},
        auth=SECRET,
        options={"extra_headers": {"X-Api-Key": SECRET, "X-Plain": "seen"}},
    )

    error = done.error
    assert isinstance(error, base.PermissionDeniedError)
    assert done.requests[0].headers["authorization"] == f"Bearer {SECRET}"
    assert error.request is not None
    assert error.request.headers["x-plain"] == "seen"
    assert error.request.shown_url == "https://api.example.com/tokens/[redacted]"
    assert SECRET not in str(error)
    assert SECRET not in repr((error, error.request, error.response, vars(error)))
    assert SECRET.encode() not in pickle.dumps(error.request)


def base_parameter(name: str, location: Any, *, secret: bool = False) -> Any:
    from openwop.runtime import Parameter

    return Parameter(name, name, location, required=True, secret=secret)


def test_a_traceback_chained_from_a_request_has_no_credential(bench: Any) -> None:
    headers = Headers({"Authorization": f"Bearer {SECRET}"})

    assert SECRET not in repr(Request("GET", "https://h/", headers))
