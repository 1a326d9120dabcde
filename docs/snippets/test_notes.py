import pytest
from notes import publish

import openwop
from openwop_testing import FakeHost, Workflow

WORKFLOW = (
    Workflow("publish-notes")
    .variable("notes", required=True)
    .approval("review", "Publish these notes?")
    .node(
        "announce",
        "core.identity",
        inputs={"payload": {"type": "variable", "variableName": "notes"}},
        primary=True,
    )
)


@pytest.mark.openwop(workflows=[WORKFLOW])
def test_what_was_agreed_to_is_published(openwop_sync_client: openwop.Client) -> None:
    assert publish(openwop_sync_client, "In blue.", lambda title: True) == "In blue."


@pytest.mark.openwop(workflows=[WORKFLOW])
def test_a_no_ends_the_run(openwop_sync_client: openwop.Client) -> None:
    with pytest.raises(openwop.RunFailedError):
        publish(openwop_sync_client, "In blue.", lambda title: False)


@pytest.mark.openwop(workflows=[WORKFLOW])
def test_a_host_that_is_busy_for_a_while_is_waited_for(
    openwop_host: FakeHost, openwop_sync_client: openwop.Client
) -> None:
    openwop_host.faults.fail("createRun", status=503, times=1, retry_after=30)

    assert publish(openwop_sync_client, "In blue.", lambda title: True) == "In blue."
    assert 30.0 in openwop_host.clock.slept
