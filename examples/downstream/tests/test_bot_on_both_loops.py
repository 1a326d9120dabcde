"""The async bot, on asyncio and on trio; anyio brings the marker."""

from __future__ import annotations

import pytest
from release_bot import Rules, release_async

from openwop import AsyncClient
from openwop_testing import FakeHost

pytestmark = pytest.mark.anyio


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Each loop in turn."""
    if request.param == "trio":
        pytest.importorskip("trio")
    return str(request.param)


@pytest.mark.parametrize(
    ("rules", "state"),
    [
        (Rules(trusted=frozenset({"web"})), "shipped"),
        (Rules(), "waiting"),
        (Rules(frozen=True), "rejected"),
    ],
    ids=["trusted", "unknown", "frozen"],
)
async def test_a_release_ends_as_the_rules_say(
    host: FakeHost, openwop_async_client: AsyncClient, rules: Rules, state: str
) -> None:
    async with openwop_async_client as client:
        outcome = await release_async(client, rules, "web", "1.2")

    assert state == outcome.state


async def test_a_refused_start_is_repeated_under_its_key(
    host: FakeHost, openwop_async_client: AsyncClient
) -> None:
    host.faults.fail("createRun", status=503, retry_after=30)

    async with openwop_async_client as client:
        await release_async(client, Rules(frozen=True), "web", "1.2")

    first, second = host.calls.of("createRun")
    assert first.idempotency_key == second.idempotency_key
    assert 30.0 in host.clock.slept
