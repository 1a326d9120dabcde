"""Every operation, in every major, on both twins, over a real socket."""

from __future__ import annotations

from typing import Any

import pytest
from openwop_wire.case import Case, Wire
from openwop_wire.check import Trial
from openwop_wire.table import CASES

import openwop

V1_OPERATIONS = 60
V2_OPERATIONS = 68
ROWS = [
    (case, major, wire)
    for case in CASES
    for major, wire in ((1, case.v1), (2, case.v2))
    if wire is not None
]
GATED = [found for found in ROWS if found[2].gate or found[2].optional]
MUTATIONS = [found for found in ROWS if found[2].method != "GET"]
ABSENT = [(case, major) for case in CASES for major in (1, 2) if case.wire(major) is None]
SAMPLE = [
    found
    for found in ROWS
    if found[0].operation
    in {
        "createRun",
        "streamRunEvents",
        "listPromptTemplates",
        "registerWebhook",
        "unregisterWebhook",
        "resolveInterruptByToken",
        "putTestPackTarball",
        "getUiPluginFrame",
        "diffRun",
    }
]


def name(value: object) -> str | None:
    if isinstance(value, Wire):
        return value.method
    return value.operation if isinstance(value, Case) else None


@pytest.fixture(params=["sync", "asyncio"])
def colour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_table_has_every_operation_of_both_majors() -> None:
    first = {case.operation for case in CASES if case.v1 is not None}
    second = {case.operation for case in CASES if case.v2 is not None}

    assert (V1_OPERATIONS, V2_OPERATIONS) == (len(first), len(second))


@pytest.mark.parametrize(("case", "major", "wire"), ROWS, ids=name)
def test_an_operation_is_sent_read_and_refused_as_the_references_say(
    recording_host: Any, case: Case, major: int, wire: Wire, colour: str
) -> None:
    assert [] == Trial(recording_host, case, major, colour).problems()


@pytest.mark.parametrize(("case", "major", "wire"), SAMPLE, ids=name)
def test_a_sample_of_the_operations_is_the_same_on_trio(
    recording_host: Any, case: Case, major: int, wire: Wire
) -> None:
    assert [] == Trial(recording_host, case, major, "trio").problems()


@pytest.mark.parametrize(("case", "major", "wire"), GATED, ids=name)
@pytest.mark.parametrize("status", [404, 501])
def test_a_host_that_does_not_advertise_an_operation_lacks_a_capability(
    recording_host: Any, case: Case, major: int, wire: Wire, status: int
) -> None:
    if not wire.gate and status == 501:
        status = 405

    error = Trial(recording_host, case, major).unadvertised(status)

    assert isinstance(error, openwop.CapabilityNotSupportedError), error
    by_id = wire.optional and status != 501
    assert (case.operation if by_id else wire.gate) == error.capability
    assert status == error.status_code


@pytest.mark.parametrize(("case", "major", "wire"), ROWS, ids=name)
def test_what_the_references_require_cannot_be_left_out_and_nothing_else_is_required(
    recording_host: Any, case: Case, major: int, wire: Wire
) -> None:
    assert [] == Trial(recording_host, case, major).marks()


@pytest.mark.parametrize(("case", "major", "wire"), MUTATIONS, ids=name)
def test_a_post_is_repeated_exactly_where_the_host_honours_its_key(
    recording_host: Any, case: Case, major: int, wire: Wire
) -> None:
    idempotent = wire.method in {"PUT", "DELETE"}

    assert (wire.key or idempotent) == Trial(recording_host, case, major).repeats()


@pytest.mark.parametrize(("case", "major"), ABSENT, ids=name)
def test_an_operation_of_the_other_major_is_refused_before_anything_is_sent(
    recording_host: Any, case: Case, major: int, colour: str
) -> None:
    arguments = {**case.given(3 - major)}
    trial = Trial(recording_host, Case(case.operation, case.call, arguments), major, colour)

    error, sent = trial.elsewhere()

    assert isinstance(error, openwop.CapabilityNotSupportedError), error
    assert error.response is None
    assert [] == sent
