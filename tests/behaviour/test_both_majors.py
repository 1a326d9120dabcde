"""One program, written once per colour, against a host of each major and one of both."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

import openwop
from openwop_testing import FakeHost, Workflow

RELEASE = (
    Workflow("release")
    .node("build", outputs={"image": "app:1"})
    .approval("gate", title="Ship it?", actions=["accept", "reject"])
    .node("ship", outputs={"shipped": True})
)

# What the program brings, whichever major carries it.
EXPECTED = {
    "first": "run.started",
    "asked": "interrupt.requested",
    "last": "run.completed",
    "decision": "won",
    "result": {"shipped": True},
    "forked": {"shipped": True},
    "compared": True,
    "status": "completed",
    "missing": "not_found",
}


def program(url: str, api_key: str, **options: Any) -> dict[str, Any]:
    """Start, follow, decide, read the result, fork, compare, register a webhook; blocking."""
    seen: dict[str, Any] = {}
    with openwop.Client(url, api_key=api_key, **options) as client:
        hook = client.webhooks.register(
            url="https://hooks.example.com/openwop",
            events=["run.completed", "interrupt.requested"],
        )
        run = client.runs.start("release", inputs={})
        types = []
        with run.events() as events:
            for event in events:
                types.append(event.type)
                if event.type == "interrupt.requested":
                    seen["decision"] = run.approve().outcome
        seen["first"], seen["last"] = types[0], types[-1]
        seen["asked"] = next(name for name in types if name.startswith("interrupt."))
        seen["result"] = run.result(timeout=60)
        seen["status"] = run.snapshot().status
        fork = run.fork("replay")
        seen["forked"] = fork.result(timeout=60)
        seen["compared"] = run.diff(fork).a == run.id
        assert hook.webhook_id
        assert hook.secret
        client.webhooks.unregister(hook.webhook_id)
        try:
            client.webhooks.unregister(hook.webhook_id)
        except openwop.NotFoundError as error:
            seen["missing"] = error.code
    return seen


async def async_program(url: str, api_key: str, **options: Any) -> dict[str, Any]:
    """Do the same without blocking."""
    seen: dict[str, Any] = {}
    async with openwop.AsyncClient(url, api_key=api_key, **options) as client:
        hook = await client.webhooks.register(
            url="https://hooks.example.com/openwop",
            events=["run.completed", "interrupt.requested"],
        )
        run = await client.runs.start("release", inputs={})
        types = []
        async with run.events() as events:
            async for event in events:
                types.append(event.type)
                if event.type == "interrupt.requested":
                    seen["decision"] = (await run.approve()).outcome
        seen["first"], seen["last"] = types[0], types[-1]
        seen["asked"] = next(name for name in types if name.startswith("interrupt."))
        seen["result"] = await run.result(timeout=60)
        seen["status"] = (await run.snapshot()).status
        fork = await run.fork("replay")
        seen["forked"] = await fork.result(timeout=60)
        seen["compared"] = (await run.diff(fork)).a == run.id
        assert hook.webhook_id
        assert hook.secret
        await client.webhooks.unregister(hook.webhook_id)
        try:
            await client.webhooks.unregister(hook.webhook_id)
        except openwop.NotFoundError as error:
            seen["missing"] = error.code
    return seen


@pytest.fixture(params=[{1}, {2}, {1, 2}], ids=["v1", "v2", "both"])
def fake(request: pytest.FixtureRequest) -> FakeHost:
    return FakeHost(majors=request.param, workflows=[RELEASE])


def test_a_blocking_program_runs_unchanged_on_every_host(fake: FakeHost) -> None:
    assert EXPECTED == program(fake.base_url, fake.api_key, transport=fake.transport())


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_an_asynchronous_program_runs_unchanged_on_every_host(fake: FakeHost, backend: str) -> None:
    async def main() -> dict[str, Any]:
        transport = fake.async_transport()
        return await async_program(fake.base_url, fake.api_key, transport=transport)

    assert EXPECTED == anyio.run(main, backend=backend)


def test_the_program_runs_the_same_over_sockets(fake: FakeHost) -> None:
    with fake.serve() as url:
        assert EXPECTED == program(url, fake.api_key)


@pytest.mark.parametrize(("fake", "prefixed"), [({1}, True), ({2}, False)], indirect=["fake"])
def test_each_host_was_spoken_to_in_its_own_major(fake: FakeHost, prefixed: bool) -> None:
    program(fake.base_url, fake.api_key, transport=fake.transport())

    paths = [call.path for call in fake.calls if not call.path.startswith("/.well-known/")]
    assert {prefixed} == {path.startswith("/v1/") for path in paths}
