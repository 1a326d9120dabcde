"""One router for streams and for webhook deliveries, with plain and coroutine functions."""

from __future__ import annotations

from typing import Any

import anyio
import attrs
import pytest

import openwop
from openwop import EventRouter
from openwop.events import NodeCompleted, RunCompleted, UnknownEvent, decode_event


def event(kind: str, sequence: int = 0) -> Any:
    return decode_event({"type": kind, "sequence": sequence, "payload": {}})


def recording(*types: Any) -> tuple[EventRouter, list[str]]:
    router, seen = EventRouter(), []

    @router.on(*types)
    def note(item: Any) -> None:
        seen.append(item.type)

    return router, seen


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (("run.completed",), ["run.completed"]),
        ((RunCompleted, NodeCompleted), ["node.completed", "run.completed"]),
        (("node.*",), ["node.started", "node.completed"]),
        (("*",), ["node.started", "acme.custom", "node.completed", "run.completed"]),
        (("acme.custom",), ["acme.custom"]),
        (("node.*", "node.started", "*"), ["node.started", "acme.custom"]),
    ],
)
def test_a_function_gets_the_events_of_its_types_once_each(types: Any, expected: list[str]) -> None:
    router, seen = recording(*types)

    for kind in ("node.started", "acme.custom", "node.completed", "run.completed"):
        router.dispatch(event(kind))

    assert expected == seen[: len(expected)]
    assert len(seen) == len(expected) or "*" in types


def test_either_spelling_of_a_type_matches() -> None:
    router, seen = recording("core.workflowChain.started", "core.workflow-chain.started")
    old = decode_event({"type": "core.workflowChain.started", "sequence": 1, "payload": {}})

    router.dispatch(old)

    assert 1 == len(seen)


def test_functions_are_called_in_the_order_of_their_registration() -> None:
    router, order = EventRouter(), []
    router.on("*")(lambda item: order.append("all"))
    router.on("run.completed")(lambda item: order.append("one"))
    router.on("run.*")(lambda item: order.append("some"))

    assert 3 == router.dispatch(event("run.completed"))
    assert ["all", "one", "some"] == order


def test_what_nobody_asked_for_goes_to_the_rest() -> None:
    router, seen = recording("run.completed")
    rest: list[Any] = []
    router.otherwise(rest.append)

    router.dispatch(event("acme.custom"))
    router.dispatch(event("run.completed"))

    assert ["run.completed"] == seen
    assert [UnknownEvent] == [type(item) for item in rest]


@attrs.frozen
class Delivery:
    event: Any


def test_a_delivery_is_routed_by_its_event() -> None:
    router, seen = recording("run.completed")

    assert router(Delivery(event("run.completed"))) is None
    assert ["run.completed"] == seen


def test_a_coroutine_function_needs_the_asynchronous_methods() -> None:
    router = EventRouter()

    @router.on("*")
    async def later(item: Any) -> None: ...

    with pytest.raises(openwop.ConfigurationError, match="dispatch_async"):
        router.dispatch(event("run.completed"))


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_plain_and_coroutine_functions_are_called_in_order(backend: str) -> None:
    router, order = EventRouter(), []
    router.on("*")(lambda item: order.append("plain"))

    @router.on("*")
    async def later(item: Any) -> None:
        await anyio.lowlevel.checkpoint()
        order.append("later")

    router.on("*")(lambda item: order.append("last"))

    async def main() -> int:
        answer = router(Delivery(event("run.completed")))
        assert answer is not None
        await answer
        return await router.dispatch_async(event("run.completed"))

    assert 3 == anyio.run(main, backend=backend)
    assert ["plain", "later", "last"] * 2 == order


def test_a_stream_can_be_followed_by_a_router(world: Any) -> None:
    router, seen = recording("node.completed", RunCompleted)

    async def scenario(client: Any) -> Any:
        run = await world.start(client)
        async with world.opened(run.events()) as events:
            if world.colour == "sync":
                return router.follow(events)
            return await router.follow_async(events)

    count = world.run(scenario)

    assert count > len(seen)
    assert ["node.completed"] * 4 + ["run.completed"] == seen


@pytest.mark.parametrize("types", [(), ("",), ("a*b",), (UnknownEvent,)])
def test_types_that_stand_for_nothing_are_refused(types: Any) -> None:
    with pytest.raises(openwop.ConfigurationError):
        EventRouter().on(*types)
