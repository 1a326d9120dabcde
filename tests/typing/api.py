"""Never executed: what type checkers must understand of the public API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_type

import openwop
from openwop import (
    ApiResponse,
    ApprovalInterrupt,
    AsyncClient,
    AsyncEventStream,
    AsyncHostEventStream,
    AsyncRunHandle,
    ClarificationInterrupt,
    Client,
    Decision,
    EventRouter,
    EventStream,
    HostEventStream,
    Interrupt,
    OAuth2ClientCredentials,
    RunHandle,
    RunSpec,
    StartResult,
)
from openwop.events import HostEvent, NodeCompleted, RunCompleted, RunEvent, StateSnapshot
from openwop.models import (
    ApprovalData,
    CancelResult,
    ClarificationData,
    ResolveResult,
    RunDiff,
    RunSnapshot,
)
from openwop.wire import Request


def a_client_is_made_of_plain_arguments() -> Client:
    return Client(
        "https://api.example.com",
        auth=OAuth2ClientCredentials("https://login.example.com/token", "id", lambda: "secret"),
        timeout=10,
        deadline=None,
        retry=openwop.RetryPolicy(attempts=5),
        protocol=2,
        validation="strict",
    )


def a_handle_says_what_it_returns(client: Client) -> None:
    run = client.runs.start("my-wf", inputs={"foo": "bar"}, tags=["a"], dedup="attach")
    assert_type(run, RunHandle)
    assert_type(run.snapshot(), RunSnapshot)
    assert_type(run.wait("terminal", timeout=5), RunSnapshot)
    assert_type(run.result(), dict[str, Any])
    assert_type(run.cancel(), CancelResult)
    assert_type(run.fork("branch", 3), RunHandle)
    assert_type(run.diff(run), RunDiff)
    assert_type(run.pending_interrupts(), list[Interrupt])
    assert_type(run.approve(decided_by="user:ann"), Decision)
    assert_type(run.answer({"size": 3}, check=False), Decision)
    assert_type(client.runs.attach("run-1"), RunHandle)
    assert_type(client.runs.get("run-1"), RunSnapshot)
    assert_type(client.interrupts.resolve("run-1", "gate", resume_value={}), ResolveResult)
    with run.events("debug", after=3) as events:
        assert_type(events, EventStream)
        for event in events:
            assert_type(event, RunEvent)
    with client.host.events(after="he-1") as host_events:
        assert_type(host_events, HostEventStream)
        for host_event in host_events:
            assert_type(host_event, HostEvent)


async def the_twin_says_the_same(client: AsyncClient) -> None:
    run = await client.runs.start("my-wf", {"foo": "bar"})
    assert_type(run, AsyncRunHandle)
    assert_type(await run.snapshot(), RunSnapshot)
    assert_type(await run.result(timeout=5), dict[str, Any])
    assert_type(await run.pending_interrupts(), list[Interrupt])
    assert_type(await run.reject(feedback="no"), Decision)
    async with run.events() as events:
        assert_type(events, AsyncEventStream)
        async for event in events:
            assert_type(event, RunEvent)
    async with client.host.events() as host_events:
        assert_type(host_events, AsyncHostEventStream)
    async with client.runs.start_many([RunSpec("my-wf", key="1")]) as results:
        async for result in results:
            assert_type(result, StartResult[AsyncRunHandle])
            assert_type(result.run, AsyncRunHandle | None)

    async def decide(interrupt: Interrupt) -> bool:
        return interrupt.title == "Go?"

    assert_type(await client.runs.drive(run, {"approval": decide}), dict[str, Any])


def many_are_started_with_results_of_their_own(client: Client) -> None:
    specs = (RunSpec("my-wf", {"n": n}, key=str(n), scope_id="s", dedup=True) for n in range(3))
    with client.runs.start_many(specs, concurrency=2, timeout=5) as results:
        for result in results:
            assert_type(result, StartResult[RunHandle])
            assert_type(result.unwrap(), RunHandle)
            assert_type(result.error, Exception | None)


def what_waits_narrows_by_its_class(interrupt: Interrupt) -> None:
    match interrupt:
        case ApprovalInterrupt():
            assert_type(interrupt.request, ApprovalData)
        case ClarificationInterrupt(request=request):
            assert_type(request, ClarificationData)
        case _:
            assert_type(interrupt.data, Mapping[str, Any])


def a_frame_of_values_is_a_run(event: RunEvent) -> None:
    if isinstance(event, StateSnapshot):
        assert_type(event.payload, RunSnapshot)


def raw_answers_carry_what_the_method_returns(client: Client) -> None:
    answer = client.with_raw_response.runs.get("run-1")
    assert_type(answer, ApiResponse[RunSnapshot])
    status: str = answer.parsed.status
    print(status)


def copies_keep_their_class(client: Client, twin: AsyncClient) -> None:
    assert_type(client.with_options(timeout=None), Client)
    assert_type(twin.with_options(deadline=5.0), AsyncClient)


def a_router_gives_functions_back_as_they_are() -> None:
    router = EventRouter()

    @router.on("run.completed", NodeCompleted)
    def ended(event: RunEvent) -> int:
        return event.sequence or 0

    @router.on(RunCompleted)
    async def later(event: RunCompleted) -> None:
        print(event.payload.outputs)

    assert_type(ended(RunCompleted({})), int)
    print(later)


class Rotating:
    """A provider is any object with this method."""

    def credential(
        self, request: Request, refused: str | Mapping[str, str] | None
    ) -> str | Mapping[str, str] | None:
        return {"X-Signature": request.method} if refused is None else None


def providers_need_no_base_class() -> None:
    Client("https://api.example.com", auth=Rotating())
    Client("https://api.example.com", auth=lambda: "hk_test_key")
