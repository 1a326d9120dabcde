"""The protocol's own Python clients, unmodified, go through all that they have on the served host.

Like `test_published_clients.py` it wants `OPENWOP_INTEROP_V1` and `OPENWOP_INTEROP_V2` to name the
folders of 1.8.0 and 2.7.0, and is skipped without them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from openwop_testing import FakeHost, NodeContext, Workflow
from openwop_testing.stores import Plugin

JOURNEY = Path(__file__).with_name("journey.py")
KEY = "hk_test_interop"
# What the host answers is valid, as the schemas are; the models of both clients want other members.
NOT_UNDERSTOOD = {
    # The page of an answer has no `status`: what is delivered is published.
    "content_get_page": "KeyError: 'status'",
    # v2.md D11: they still read what drafts of major 1 called it.
    "webhooks_register": "KeyError: 'subscriptionId'",
}


def make(context: NodeContext) -> dict[str, str]:
    return {"made": context.store_artifact("acme.report", {"title": "Q3"})}


def seeded() -> FakeHost:
    """Return a host that has something of everything."""
    host = FakeHost(
        api_key=KEY,
        workflows=[
            Workflow("making").variable("who").node("make", run=make),
            Workflow("gated").approval("gate"),
            Workflow("slow").delay("wait", 60),
        ],
    )
    host.agents.add("acme.writer", persona="Writer", tools=("acme:search",))
    host.agents.deploy("acme.writer", "1.0.0", channels=("stable",))
    host.agents.deploy("acme.writer", "2.0.0", state="staged")
    host.agents.enlist("host:ada", "acme.writer", workflows=["gated"], enabled=True)
    host.agents.organise(
        {
            "departments": [
                {"departmentId": "d1", "name": "One", "roles": [{"roleId": "r", "name": "Lead"}]}
            ],
            "members": [
                {"rosterId": "host:ada", "departmentId": "d1", "roleId": "r", "reportsTo": None}
            ],
        }
    )
    host.tools.add("acme:search", title="Search")
    host.evals.add("acme.evals.basic", [{"taskId": "t", "score": 1}])
    host.connections.append({"id": "github", "source": "builtin"})
    host.plugins["acme.pack", "editor"] = Plugin(
        "<!doctype html><p>Hi", {"artifact.read": lambda params: {"version": 1}}
    )
    return host


@pytest.mark.parametrize("major", [1, 2])
def test_a_published_client_goes_through_its_whole_surface(major: int) -> None:
    folder = os.environ.get(f"OPENWOP_INTEROP_V{major}", "")
    if not Path(folder, "openwop_client").is_dir():
        pytest.skip(f"OPENWOP_INTEROP_V{major} names no folder with openwop-client")
    with seeded().serve() as url:
        done = subprocess.run(
            [sys.executable, str(JOURNEY), url, KEY, str(major)],
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "PYTHONPATH": folder, "NO_PROXY": "*"},
            check=False,
        )

    assert (0, "") == (done.returncode, done.stderr)
    told = json.loads(done.stdout)
    assert NOT_UNDERSTOOD == told["raised"]
    assert [] == told["missed"]
