"""The workflow that the bot drives, as its team has it on the real host."""

from __future__ import annotations

import pytest

from openwop_testing import FakeHost, NodeContext, Workflow


def ship(context: NodeContext) -> dict[str, str]:
    """Do what the last step of the real workflow does, without the deployment."""
    variables = context.variables
    return {"shipped": f"{variables['service']} {variables['version']}"}


RELEASE = (
    Workflow("release")
    .variable("service", required=True)
    .variable("version", required=True)
    .node("build", seconds=90)
    .approval("gate", title="Ship it?")
    .node("ship", run=ship)
)


@pytest.fixture
def host(openwop_host: FakeHost) -> FakeHost:
    """A host that can release."""
    openwop_host.workflows.add(RELEASE)
    return openwop_host
