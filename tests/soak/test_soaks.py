"""The short forms of the soaks; `python tests/soak/<name>.py` is the long one."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

Soak = Callable[[str], ModuleType]


@pytest.mark.parametrize("major", [1, 2])
@pytest.mark.parametrize("colour", ["asyncio", "trio", "sync"])
def test_runs_survive_a_bad_network_in_process(soak: Soak, colour: str, major: int) -> None:
    tally, mischief = soak("runs_under_fire").in_process(colour, major, 25, seed=major)

    assert [] == tally.problems
    assert 25 == len(tally.runs) == tally.decisions.total()
    assert sum(mischief.met.values()) > 25


@pytest.mark.slow
@pytest.mark.parametrize("colour", ["asyncio", "trio", "sync"])
def test_runs_survive_a_bad_network_over_sockets(soak: Soak, colour: str) -> None:
    fire = soak("runs_under_fire")
    before = fire.left_open()

    tally, mischief = fire.over_sockets(colour, 2, 8, seed=7)

    assert [] == tally.problems
    assert 8 == len(tally.runs)
    assert sum(mischief.met.values()) > 8
    after = fire.left_open()
    assert before[0] == after[0]
    assert after[1] <= before[1] + 1  # an event loop's own, made once


def test_the_checks_of_the_soak_can_fail(soak: Soak) -> None:
    fire = soak("runs_under_fire")
    tally, _ = fire.in_process("asyncio", 2, 2, seed=3)
    (run_id, (mode, events)), *_ = tally.runs.items()

    another = fire.FakeHost(majors={2})
    tally.runs.clear()
    tally.check(another, 2, 1)

    assert ["1 runs were asked for: 0 in the host, 0 seen"] == tally.problems
    assert mode in fire.MODES
    assert events
    assert run_id.startswith("acme/")


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_stream_lasts_for_hours_without_a_gap_or_a_leak(soak: Soak, backend: str) -> None:
    problems, facts = soak("day_of_streaming").go(3, backend)

    assert [] == problems
    assert facts["keys"] >= 3
    assert facts["connections"] >= 3 * 60 - 5


def test_many_streams_on_one_client_weigh_little_and_leave_nothing(soak: Soak) -> None:
    total, left, events = soak("many_streams").go(100, sockets=False)

    assert events >= 100 * 6
    assert total / 100 < 64 * 1024
    assert left < total / 4
