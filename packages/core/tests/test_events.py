"""Events are decoded tolerantly by default, strictly when asked, and lose nothing."""

from __future__ import annotations

import copy
import importlib
import json
import pickle
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

import openwop.events as public
from openwop._generated.events import (
    CATALOGUE,
    HOST_CATALOGUE,
    MODES,
    SPELLINGS,
    TERMINAL_TYPES,
    HostEvent,
    RunEvent,
    UnknownEvent,
    decode_event,
    decode_host_event,
)
from openwop.errors import APIResponseValidationError
from openwop.runtime import StructureError

VECTORS = Path(__file__).resolve().parents[3] / "spec" / "vectors" / "events"
ENVELOPE = (
    "causation_id",
    "engine_version",
    "event_id",
    "node_id",
    "raw_type",
    "run_id",
    "schema_version",
    "sequence",
    "timestamp",
    "type",
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)


def vectors(name: str) -> list[Any]:
    found: list[dict[str, Any]] = json.loads((VECTORS / name).read_text("utf-8"))["vectors"]
    return [pytest.param(vector, id=vector["id"]) for vector in found]


@pytest.mark.parametrize("vector", vectors("read.json"))
def test_a_document_becomes_the_event_that_the_vector_gives(vector: dict[str, Any]) -> None:
    raw = copy.deepcopy(vector["raw"])

    event = decode_event(raw, sequence_hint=vector.get("hint"))
    payload = event.payload

    assert {name: getattr(event, name) for name in ENVELOPE} == vector["event"]
    assert isinstance(event, UnknownEvent) is not vector.get("known", True)
    assert (payload if isinstance(event, UnknownEvent) else payload.to_dict()) == vector["payload"]
    assert raw == vector["raw"]
    assert event.to_dict() == vector["raw"]


@pytest.mark.parametrize("vector", vectors("wrong.json"))
def test_a_wrong_type_is_refused_with_its_path(vector: dict[str, Any]) -> None:
    if vector["where"] == "envelope":
        with pytest.raises(StructureError) as refused:
            decode_event(vector["raw"])
        assert refused.value.path == f"RunEventDocument.{vector['path']}"
        return
    event = decode_event(vector["raw"])
    with pytest.raises(APIResponseValidationError) as unread:
        _ = event.payload

    model = event.payload_class().__name__
    assert unread.value.path == ".".join([model, vector["path"]]).rstrip(".")
    assert str(unread.value).startswith(f"{unread.value.path}: expected ")


@pytest.mark.parametrize("vector", vectors("strict.json"))
def test_strict_reading_stops_at_the_first_deviation(vector: dict[str, Any]) -> None:
    major = str(vector["major"])
    if vector["path"] is None:
        event = decode_event(vector["raw"], strict=True, major=major)
        assert event.raw == vector["raw"]
        return
    with pytest.raises(StructureError) as refused:
        decode_event(vector["raw"], strict=True, major=major)

    where, _, path = vector["path"].partition(":")
    model = "RunEventDocument"
    if where == "payload":
        model = CATALOGUE.class_for(vector["raw"]["type"]).payload_class().__name__
    assert refused.value.path == f"{model}.{path}"


@pytest.mark.parametrize("vector", vectors("strict.json"))
def test_what_strict_reading_refuses_tolerant_reading_takes(vector: dict[str, Any]) -> None:
    event = decode_event(vector["raw"])

    # A number where major 1 asks for text, and text where major 2 asks for a number, are both read.
    assert event.payload is not None


def test_a_wrong_type_is_named_by_kinds_and_never_by_value() -> None:
    event = decode_event({"type": "run.completed", "payload": {"outputs": "hk_secret"}})

    with pytest.raises(APIResponseValidationError) as refused:
        _ = event.payload

    assert "RunCompletedPayload.outputs: expected object, got str" in str(refused.value)
    assert "hk_secret" not in str(refused.value)


def test_a_wrong_payload_is_refused_each_time_it_is_read() -> None:
    event = decode_event({"type": "run.completed", "payload": []})

    for _ in range(2):
        with pytest.raises(APIResponseValidationError):
            _ = event.payload


def test_a_payload_is_structured_once() -> None:
    event = decode_event({"type": "run.completed", "payload": {"outputs": {"a": 1}}})

    assert event.payload is event.payload


def test_strict_reading_structures_the_payload_at_once() -> None:
    document = vectors("strict.json")[0].values[0]["raw"]
    broken = {**document, "payload": {"outputs": 1}}

    with pytest.raises(StructureError, match=r"RunCompletedPayload\.outputs"):
        decode_event(broken, strict=True, major="2")


def test_a_major_that_does_not_know_a_type_sends_nothing_of_it_strictly() -> None:
    document = vectors("strict.json")[0].values[0]["raw"]
    odd = {**document, "type": "negotiation.decided", "payload": {}}

    with pytest.raises(StructureError, match="NegotiationDecidedPayload"):
        decode_event(odd, strict=True, major="1")


def test_without_a_major_the_rules_of_the_newest_count() -> None:
    document = {**vectors("strict.json")[0].values[0]["raw"], "payload": {}}

    with pytest.raises(StructureError, match="outputs"):
        decode_event(document, strict=True)


def test_a_type_is_matched_by_class_and_its_payload_by_member() -> None:
    event = decode_event({"type": "node.failed", "payload": {"error": {"code": "c"}}})

    match event:
        case public.NodeFailed(payload=public.NodeFailedPayload(error=public.EventError(code=c))):
            found = c
        case _:
            found = None

    assert found == "c"


def test_every_class_stands_for_its_type_and_loads_its_payload() -> None:
    for catalogue in (CATALOGUE, HOST_CATALOGUE):
        for name in catalogue.types:
            cls = catalogue.class_for(name)
            assert name == cls.TYPE
            assert cls.payload_class().from_dict({}).to_dict() == {}
            assert getattr(public, cls.__name__) is cls


def test_both_spellings_name_one_class() -> None:
    assert {
        CATALOGUE.class_for(old) is CATALOGUE.class_for(new) for old, new in SPELLINGS.items()
    } == {True}
    assert CATALOGUE.newest("agent.toolCalled") == "agent.tool-called"
    assert CATALOGUE.newest("acme.thing-done") == "acme.thing-done"


def test_unknown_types_do_not_make_the_catalogue_grow() -> None:
    decode_event({"type": "run.started"})
    before = len(CATALOGUE.loaded)

    for number in range(1000):
        decode_event({"type": f"acme.made-up-{number}"})

    assert len(CATALOGUE.loaded) == before


def test_a_host_event_says_how_it_is_delivered() -> None:
    event = decode_host_event(
        {
            "eventId": "hev-0123456789abcdef",
            "type": "channel.presence",
            "timestamp": "2026-01-02T03:04:05Z",
            "delivery": "ephemeral",
            "workspaceId": "w1",
            "payload": {"conversationId": "c1", "present": ["user:ada"]},
        },
        strict=True,
        major="2",
    )

    assert isinstance(event, HostEvent)
    assert (event.delivery, event.workspace_id, event.sequence) == ("ephemeral", "w1", None)
    assert event.payload.present == ["user:ada"]


def test_a_type_of_hosts_in_the_log_of_a_run_is_an_unknown_one() -> None:
    event = decode_event({"type": "heartbeat.evaluated", "sequence": 1})

    assert isinstance(event, UnknownEvent)
    assert isinstance(event, RunEvent)


def test_a_bare_chunk_is_the_event_that_the_log_holds() -> None:
    chunk = {"nodeId": "n1", "runId": "r1", "chunk": "Hel", "isLast": False}

    event = CATALOGUE.bare("output.chunk", chunk, raw_type="ai.message.chunk", sequence=4)

    assert isinstance(event, public.OutputChunk)
    assert (event.type, event.raw_type) == ("output.chunk", "ai.message.chunk")
    assert (event.run_id, event.node_id, event.sequence) == ("r1", "n1", 4)
    assert (event.payload.chunk, event.payload.is_last) == ("Hel", False)
    assert event.raw is chunk


def test_a_bare_frame_takes_the_run_of_its_stream_and_is_checked_strictly() -> None:
    event = CATALOGUE.bare("output.chunk", {"chunk": "x"}, run_id="r9")

    assert (event.run_id, event.raw_type) == ("r9", "output.chunk")
    with pytest.raises(StructureError, match=r"OutputChunkPayload\.nodeId"):
        CATALOGUE.bare("output.chunk", {"chunk": "x"}, strict=True, major="2")
    with pytest.raises(StructureError, match="expected object, got array"):
        CATALOGUE.bare("output.chunk", [])  # type: ignore[arg-type]


def test_an_event_can_be_made_by_hand() -> None:
    event = public.RunCompleted(
        {"custom": True}, sequence=3, run_id="r1", body={"outputs": {"a": 1}}
    )

    assert (event.type, event.raw_type, event.sequence) == ("run.completed", "run.completed", 3)
    assert event.payload.outputs == {"a": 1}
    assert event.to_dict() == {"custom": True}


@pytest.mark.parametrize(
    ("timestamp", "time"),
    [
        ("2026-01-02T03:04:05.678Z", datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)),
        ("2026-01-02T03:04:05+00:00", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_the_time_is_aware_or_absent(timestamp: str | None, time: datetime | None) -> None:
    event = decode_event({"type": "run.started", "timestamp": timestamp})

    assert event.time == time
    assert event.timestamp == timestamp


def test_a_representation_shows_no_payload() -> None:
    event = decode_event(
        {"type": "run.started", "sequence": 0, "runId": "r1", "payload": {"inputs": {"k": "hk_x"}}}
    )

    assert repr(event) == "RunStarted(sequence=0, run_id='r1')"
    assert repr(decode_event({"type": "acme.done-it"})) == "UnknownEvent(type='acme.done-it')"


@pytest.mark.parametrize("read_first", [False, True])
def test_an_event_survives_pickling_and_copying(read_first: bool) -> None:
    event = decode_event(
        {"type": "run.failed", "sequence": 2, "runId": "r1", "payload": {"error": {"code": "x"}}}
    )
    if read_first:
        _ = event.payload

    for other in (pickle.loads(pickle.dumps(event)), copy.copy(event), copy.deepcopy(event)):
        assert other == event
        assert hash(other) == hash(event)
        assert other.payload == event.payload


def test_events_are_equal_when_they_came_the_same_way() -> None:
    one = decode_event({"type": "run.resumed", "sequence": 2})

    assert one == decode_event({"type": "run.resumed", "sequence": 2})
    assert one != decode_event({"type": "run.resumed", "sequence": 3})
    assert one != decode_event({"type": "run.paused", "sequence": 2})
    assert one != "run.resumed"


def test_only_types_of_the_catalogue_are_in_the_mode_table() -> None:
    admitted = {name for modes in MODES.values() for names in modes.values() for name in names}

    assert admitted <= set(CATALOGUE.types)
    assert set(MODES["messages"]["1"]) == {"output.chunk"}
    assert "node.cancelled" in MODES["updates"]["2"] - MODES["updates"]["1"]
    assert MODES["updates"]["1"] >= TERMINAL_TYPES


def test_a_document_of_any_mapping_can_be_read_through_the_base_class() -> None:
    event = RunEvent.from_dict(MappingProxyType({"type": "run.paused", "sequence": 1}))

    assert isinstance(event, public.RunPaused)
    assert isinstance(HostEvent.from_dict({"type": "heartbeat.evaluated"}), HostEvent)
    with pytest.raises(StructureError, match="expected object, got array"):
        RunEvent.from_dict([])  # type: ignore[arg-type]


def test_what_is_no_document_is_refused() -> None:
    for raw in ([], "x", None, 4):
        with pytest.raises(StructureError, match="RunEventDocument: expected object"):
            decode_event(raw)  # type: ignore[arg-type]


@settings(max_examples=300)
@given(
    raw=st.dictionaries(
        st.sampled_from(
            ["type", "payload", "data", "sequence", "seq", "eventId", "runId", "engineVersion"]
        ),
        json_values,
    ),
    name=st.sampled_from(sorted(CATALOGUE.types)) | st.text(max_size=8),
    strict=st.booleans(),
)
def test_whatever_comes_is_an_event_or_a_structure_error(
    raw: dict[str, Any], name: str, strict: bool
) -> None:
    raw["type"] = name
    before = copy.deepcopy(raw)

    try:
        event = decode_event(raw, strict=strict)
        _ = event.payload
    except (StructureError, APIResponseValidationError):
        pass

    assert raw == before


def test_importing_the_events_defines_no_event_and_no_payload() -> None:
    code = """
import sys, openwop.events
loaded = [m for m in sys.modules if m.startswith("openwop._generated.")]
assert sorted(loaded) == [
    "openwop._generated.events", "openwop._generated.events._base", "openwop._generated.payloads"
], loaded
event = openwop.events.decode_event({"type": "run.completed", "payload": {"outputs": {}}})
assert "openwop._generated.events.runs" in sys.modules
assert "openwop._generated.payloads.runs" not in sys.modules
event.payload
assert "openwop._generated.payloads.runs" in sys.modules
assert "openwop._generated.payloads.nodes" not in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.stderr == ""
    assert done.returncode == 0


def test_every_public_name_is_there_and_no_other() -> None:
    assert [name for name in public.__all__ if not hasattr(public, name)] == []
    assert set(public.__all__) <= set(dir(public))
    with pytest.raises(AttributeError, match="RunTeleported"):
        importlib.import_module("openwop.events").RunTeleported  # noqa: B018
