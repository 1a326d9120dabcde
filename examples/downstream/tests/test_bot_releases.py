"""What the bot decides, and what it leaves to humans: blocking, in process, in virtual time."""

from __future__ import annotations

import pytest
from release_bot import Rules, release

from openwop import Client
from openwop_testing import FakeHost, Workflow

TRUSTED = Rules(trusted=frozenset({"web"}))


def test_a_trusted_service_ships_without_a_human(
    host: FakeHost, openwop_sync_client: Client
) -> None:
    outcome = release(openwop_sync_client, TRUSTED, "web", "1.2")

    assert ("shipped", "web 1.2") == (outcome.state, outcome.note)
    assert 1 == len(host.calls.of("resolveInterruptByRun"))


def test_the_ninety_seconds_of_the_build_take_no_time(
    host: FakeHost, openwop_sync_client: Client
) -> None:
    before = host.clock.now()

    release(openwop_sync_client, TRUSTED, "web", "1.2")

    assert 90.0 == host.clock.now() - before


def test_an_unknown_service_waits_for_a_human(host: FakeHost, openwop_sync_client: Client) -> None:
    outcome = release(openwop_sync_client, TRUSTED, "billing", "3.0")

    assert "waiting" == outcome.state
    assert "gate" in outcome.note
    assert [] == host.calls.of("resolveInterruptByRun")


def test_a_human_can_ship_what_the_bot_left_alone(
    host: FakeHost, openwop_sync_client: Client
) -> None:
    outcome = release(openwop_sync_client, TRUSTED, "billing", "3.0")

    openwop_sync_client.runs.attach(outcome.run_id).approve()

    snapshot = openwop_sync_client.runs.get(outcome.run_id)
    assert "completed" == snapshot.status


def test_nothing_ships_while_releases_are_frozen(
    host: FakeHost, openwop_sync_client: Client
) -> None:
    outcome = release(openwop_sync_client, Rules(frozen=True), "web", "1.2")

    assert "rejected" == outcome.state
    [decision] = host.calls.of("resolveInterruptByRun")
    assert "reject" == decision.body["resumeValue"]["action"]


def test_a_second_release_of_a_service_joins_the_first(
    host: FakeHost, openwop_sync_client: Client
) -> None:
    first = release(openwop_sync_client, Rules(), "web", "1.2")

    second = release(openwop_sync_client, TRUSTED, "web", "1.3")

    assert first.run_id == second.run_id
    assert ("shipped", "web 1.2") == (second.state, second.note)


def test_a_broken_build_is_told_as_it_is(
    openwop_host: FakeHost, openwop_sync_client: Client
) -> None:
    openwop_host.workflows.add(Workflow("release").fail("build", "build_broken", "Line 7."))

    outcome = release(openwop_sync_client, TRUSTED, "web", "1.2")

    assert "failed" == outcome.state
    assert "build_broken: Line 7." in outcome.note


@pytest.mark.openwop(majors={1})
def test_a_host_of_major_1_releases_too(host: FakeHost, openwop_sync_client: Client) -> None:
    assert "shipped" == release(openwop_sync_client, TRUSTED, "web", "1.2").state
    assert "/v1/runs" == host.calls.of("createRun")[0].path
