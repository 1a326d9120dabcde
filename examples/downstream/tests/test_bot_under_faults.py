"""The bot while things go wrong: nothing ships twice, and nothing is forgotten."""

from __future__ import annotations

import pytest
from release_bot import Rules, release

from openwop import Client, InternalServerError
from openwop_testing import FakeHost

TRUSTED = Rules(trusted=frozenset({"web"}))


def test_a_lost_answer_starts_no_second_release(
    host: FakeHost, openwop_sync_client: Client
) -> None:
    host.faults.lose("createRun")

    assert "shipped" == release(openwop_sync_client, TRUSTED, "web", "1.2").state
    first, second = host.calls.of("createRun")
    assert first.idempotency_key == second.idempotency_key


def test_a_lost_answer_to_the_decision_decides_once(
    host: FakeHost, openwop_sync_client: Client
) -> None:
    host.faults.lose("resolveInterruptByRun")

    outcome = release(openwop_sync_client, TRUSTED, "web", "1.2")

    assert "shipped" == outcome.state
    log = openwop_sync_client.runs.poll_events(outcome.run_id, wait=1).events
    assert 1 == sum(event.type == "interrupt.resolved" for event in log)


def test_a_host_that_stays_down_is_told_to_whoever_asked(
    host: FakeHost, openwop_sync_client: Client
) -> None:
    host.faults.fail("createRun", status=503, times=3)

    with pytest.raises(InternalServerError, match="503"):
        release(openwop_sync_client, TRUSTED, "web", "1.2")


@pytest.mark.parametrize("seed", range(5))
def test_a_bad_day_changes_nothing(host: FakeHost, openwop_sync_client: Client, seed: int) -> None:
    mischief = host.faults.at_random(0.4, seed=seed)

    outcomes = [release(openwop_sync_client, TRUSTED, "web", f"1.{n}") for n in range(4)]

    assert [f"web 1.{n}" for n in range(4)] == [outcome.note for outcome in outcomes]
    assert 4 == len({outcome.run_id for outcome in outcomes})
    assert [] != mischief.befallen
