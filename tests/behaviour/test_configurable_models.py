"""`configurable` may be a model, a typed dictionary, or a mapping in either major's shape."""

from __future__ import annotations

from typing import Any

import pytest

import openwop
from openwop_testing import Workflow

FLAT = {"recursionLimit": 7}
NESTED = {"version": 1, "run": {"recursionLimit": 7}}


@pytest.mark.parametrize(
    "given",
    [FLAT, NESTED, openwop.models.Configurable.from_dict(NESTED)],
    ids=["flat", "nested", "model"],
)
def test_run_options_reach_the_host_in_the_shape_of_its_major(world: Any, given: Any) -> None:
    world.host.workflows.add(Workflow("plain").node("only"))

    async def scenario(client: Any) -> Any:
        await world.it(client.runs.start("plain", configurable=given))

    world.run(scenario)

    (call,) = world.host.calls.of("createRun")
    assert call.body["configurable"] == (NESTED if world.major == 2 else FLAT)
