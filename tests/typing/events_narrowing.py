"""Never executed: what type checkers must understand of events."""

from __future__ import annotations

from typing import Any, assert_type

import openwop.events
from openwop.events import (
    AgentPromptResolvedPayload,
    EventError,
    HostEvent,
    NegotiationDecided,
    NodeFailed,
    OutputChunk,
    RunCompleted,
    RunCompletedPayload,
    RunEvent,
    UnknownEvent,
    decode_event,
    decode_host_event,
)
from openwop.runtime import UNSET, Unset


def a_class_narrows_the_payload(event: RunEvent) -> None:
    match event:
        case RunCompleted():
            assert_type(event.payload, RunCompletedPayload)
            assert_type(event.payload.duration_ms, int | None)
        case NodeFailed(payload=payload):
            assert_type(payload.error, EventError | None)
        case OutputChunk() as chunk:
            assert_type(chunk.payload.chunk, str | None)
        case UnknownEvent():
            assert_type(event.payload, Any)
        case _:
            assert_type(event.sequence, int | None)


def isinstance_narrows_as_well(event: RunEvent) -> None:
    if isinstance(event, (RunCompleted, NodeFailed)):
        assert_type(event, RunCompleted | NodeFailed)


def both_catalogues_give_their_own_base() -> None:
    assert_type(decode_event({}), RunEvent)
    assert_type(decode_host_event({}), HostEvent)


def an_event_of_both_is_both(event: NegotiationDecided) -> None:
    of_run: RunEvent = event
    of_host: HostEvent = event
    assert_type(
        of_run.payload.outcome if isinstance(of_run, NegotiationDecided) else None, str | None
    )
    assert_type(of_host.delivery, str | None)


def lazy_names_are_known(event: RunEvent) -> bool:
    return isinstance(event, openwop.events.RunFailed)


def null_differs_where_it_is_a_value(payload: AgentPromptResolvedPayload) -> None:
    assert_type(payload.resolved, str | Unset | None)
    if payload.resolved is not UNSET and payload.resolved is not None:
        print(payload.resolved)
