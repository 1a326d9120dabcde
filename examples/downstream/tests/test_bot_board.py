"""The board, fed with the webhooks that the host really signs."""

from __future__ import annotations

import pytest
from release_bot import Board, Rules, release

from openwop import Client
from openwop_testing import FakeHost
from openwop_testing.outbound import Deliveries
from openwop_webhooks import Verifier, WebhookVerificationError

HOOK = "https://bot.example.com/hooks"


@pytest.fixture
def board(host: FakeHost, openwop_sync_client: Client) -> Board:
    """A board that the host knows the address of."""
    made = openwop_sync_client.webhooks.register(url=HOOK, events=list(Board.EVENTS))
    assert made.secret is not None
    return Board(Verifier(made.secret, clock=host.clock.now))


def test_the_board_follows_a_release(
    board: Board, openwop_sync_client: Client, openwop_deliveries: Deliveries
) -> None:
    outcome = release(openwop_sync_client, Rules(trusted=frozenset({"web"})), "web", "1.2")

    for made in openwop_deliveries:
        board.take(made.headers, made.body)

    assert ["started", "needs a human", "shipped"] == board.history
    assert {outcome.run_id: "shipped"} == board.states


def test_the_board_takes_deliveries_as_they_are_made(
    host: FakeHost, board: Board, openwop_sync_client: Client, openwop_deliveries: Deliveries
) -> None:
    openwop_deliveries.route(HOOK, lambda made: (200, board.take(made.headers, made.body)))

    release(openwop_sync_client, Rules(frozen=True), "web", "1.2")

    assert ["started", "needs a human", "not shipped"] == board.history


def test_a_delivery_that_somebody_changed_is_refused(
    board: Board, openwop_sync_client: Client, openwop_deliveries: Deliveries
) -> None:
    release(openwop_sync_client, Rules(frozen=True), "web", "1.2")
    made = openwop_deliveries[-1]

    with pytest.raises(WebhookVerificationError):
        board.take(made.headers, made.body.replace(b"run.failed", b"run.passed"))
    assert [] == board.history
