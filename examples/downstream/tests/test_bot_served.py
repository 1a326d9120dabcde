"""The bot as a program, against a host on a port: the one of the test, or a live one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from release_bot import Rules, release

from openwop import Client
from openwop_testing import FakeHost, Workflow

SOURCES = Path(__file__).resolve().parents[1] / "src"
QUICK = (
    Workflow("release")
    .variable("service")
    .variable("version")
    .approval("gate")
    .node("ship", outputs={"shipped": "web 1.2"})
)


@pytest.mark.openwop(workflows=[QUICK])
def test_the_program_ships(openwop_host: FakeHost, openwop_live_url: str) -> None:
    environment = {
        **os.environ,
        "OPENWOP_BASE_URL": openwop_live_url,
        "OPENWOP_API_KEY": openwop_host.api_key,
        "PYTHONPATH": str(SOURCES),
        "NO_PROXY": "*",
    }
    done = subprocess.run(
        [sys.executable, "-m", "release_bot", "web", "1.2"],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
        check=False,
    )

    assert (0, "shipped: web 1.2\n", "") == (done.returncode, done.stdout, done.stderr)


@pytest.mark.openwop(workflows=[QUICK])
def test_a_release_is_the_same_on_a_real_host(openwop_sync_client: Client) -> None:
    outcome = release(openwop_sync_client, Rules(trusted=frozenset({"web"})), "web", "1.2")

    assert ("shipped", "web 1.2") == (outcome.state, outcome.note)
