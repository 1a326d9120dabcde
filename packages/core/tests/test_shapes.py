"""Answers of major 1 read in the shape of major 2."""

from __future__ import annotations

from typing import Any

import pytest

from openwop._majors._shapes import reshape
from openwop.models import Capabilities, PollResponse, RunSnapshot


@pytest.mark.parametrize(
    ("data", "ended", "last", "status"),
    [
        ({"events": [], "isComplete": True}, True, None, None),
        ({"events": [], "isComplete": False, "isTerminal": True}, True, None, None),
        ({"events": [], "runStatus": "failed", "lastEventSeq": 7}, True, 7, "failed"),
        ({"events": [], "runStatus": "running"}, False, None, "running"),
        ({"events": [{"type": "x", "sequence": 3}, {"type": "y", "seq": 4}]}, False, 4, None),
        ({"events": "none"}, False, None, None),
    ],
)
def test_a_poll_tells_its_end_its_status_and_its_last_sequence(
    data: dict[str, Any], ended: bool, last: int | None, status: str | None
) -> None:
    shaped = reshape("pollRunEvents", data)

    assert shaped["isTerminal"] is ended
    assert shaped.get("lastSequence") == last
    assert shaped.get("status") == status
    if isinstance(data["events"], list):
        assert PollResponse.from_dict(shaped).is_terminal is ended


@pytest.mark.parametrize(("given", "read"), [("7", 7), ("1.0", "1.0"), (7, 7), (None, None)])
def test_an_engine_version_is_a_number_where_it_is_one(given: Any, read: Any) -> None:
    data = {"runId": "r", "workflowId": "w", "status": "running", "engineVersion": given}

    assert RunSnapshot.from_dict(reshape("getRun", data)).engine_version == read


def test_one_view_of_the_capabilities_of_an_older_host() -> None:
    document = {
        "protocolVersion": "1.11",
        "supportedEnvelopes": ["clarification.request"],
        "schemaVersions": {"clarification.request": 1},
        "envelopeStrictness": "warn",
        "conversationPrimitive": True,
        "limits": {"clarificationRounds": 3},
        "replay": {"supported": False, "modes": []},
        "capabilities": {"feedback": {"supported": True}, "replay": {"supported": True}},
    }

    view = Capabilities.from_dict(reshape("getCapabilities", document)).to_dict()

    assert view["protocolVersions"] == ["1.11"]
    assert view["supportedEnvelopes"] == {"kinds": ["clarification.request"]}
    assert view["schemaVersions"] == {"kinds": {"clarification.request": 1}}
    assert view["envelopeStrictness"] == {"mode": "warn"}
    assert view["conversationPrimitive"] == {}
    assert view["feedback"] == {"supported": True}
    assert "replay" not in view


def test_a_primitive_that_is_not_offered_is_not_there() -> None:
    assert reshape("getCapabilities", {"conversationPrimitive": False}) == {}


@pytest.mark.parametrize(
    ("operation", "data"),
    [("getWorkflow", {"engineVersion": "7"}), ("getRun", [1]), ("getRun", {"status": "x"})],
)
def test_what_is_alike_in_both_majors_is_left_alone(operation: str, data: Any) -> None:
    assert reshape(operation, data) is data
