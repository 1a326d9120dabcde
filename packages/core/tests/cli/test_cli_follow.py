"""Following a run: lines, JSON lines, the live view, and Ctrl-C."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, strategies as st
from rich.console import Console

from openwop.cli._folding import RunView
from openwop.cli._views import render
from openwop.cli.exits import Exit
from openwop.cli.output import safe
from openwop.cli.session import Session
from openwop.events import RunEvent
from openwop_testing import FakeHost


def test_following_prints_a_line_per_event_and_the_outputs(cli: Any) -> None:
    said = cli("run", "quick", "--follow")

    assert 0 == said.code
    assert "node.completed  only" in said.out
    assert '"answer": 42' in said.out
    assert "\x1b" not in said.out


def test_following_with_json_is_one_event_per_line_as_the_host_sent_it(cli: Any) -> None:
    said = cli("run", "quick", "--follow", "--json")

    events = said.lines
    assert "run.started" == events[0]["type"]
    assert ("run.completed", {"answer": 42}) == (
        events[-1]["type"],
        events[-1]["payload"]["outputs"],
    )
    assert [event["sequence"] for event in events] == list(range(len(events)))


def test_following_until_input_ends_with_3_where_somebody_is_needed(cli: Any) -> None:
    said = cli("run", "release", "-i", "notes=x", "-f", "--until", "input")

    assert Exit.NEEDS_INPUT == said.code
    assert "waits at review for approval: Ship it?" in said.err
    assert "openwop decide --run" in said.err


def test_following_a_run_that_fails_ends_with_1_and_says_why(cli: Any) -> None:
    said = cli("run", "broken", "-f")

    assert Exit.FAILED == said.code
    assert "failed: build_broken: The compiler gave up." in said.err


def test_watching_begins_behind_a_sequence(cli: Any) -> None:
    run_id = cli("run", "quick", "--json").json["run_id"]

    events = cli("runs", "watch", run_id, "--after", "2", "--json").lines

    assert 3 == events[0]["sequence"]


def test_a_host_without_debug_is_followed_in_updates(cli: Any, host: FakeHost) -> None:
    host.faults.fail("streamRunEvents", status=400, code="unsupported_stream_mode")

    said = cli("run", "quick", "-f", "--json")

    assert 0 == said.code
    assert "run.completed" == said.lines[-1]["type"]
    assert "streamMode" not in host.calls[-1].query  # updates is what a host gives unasked


def test_a_host_of_major_1_is_followed_all_the_same(
    cli: Any, make_host: Callable[..., FakeHost]
) -> None:
    said = cli("run", "quick", "-f", on=make_host(majors={1}))

    assert 0 == said.code
    assert "node.completed  only" in said.out


def test_a_mode_without_a_terminal_event_still_ends_as_the_run_did(cli: Any) -> None:
    run_id = cli("run", "broken", "-d", "--json").json["run_id"]

    assert Exit.FAILED == cli("runs", "watch", run_id, "--mode", "messages").code


def test_ctrl_c_says_that_the_run_goes_on_and_how_to_watch_it_again(
    cli: Any, host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = RunView.feed

    def interrupted(self: RunView, event: RunEvent, now: float) -> Any:
        if self.count == 2:
            raise KeyboardInterrupt
        return feed(self, event, now)

    monkeypatch.setattr(RunView, "feed", interrupted)

    said = cli("run", "release", "-i", "notes=x", "-f")

    run_id = f"acme/{next(iter(host.engine.runs))}"
    assert Exit.INTERRUPTED == said.code
    assert f"run {run_id} goes on" in said.err
    assert f"openwop runs watch {run_id}" in said.err
    assert "cancelRun" not in {call.operation_id for call in host.calls}


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Callable[..., io.StringIO]:
    """Give commands a terminal of a width."""

    def make(width: int) -> io.StringIO:
        out = io.StringIO()
        console = Console(file=out, force_terminal=True, width=width, height=30, highlight=False)
        monkeypatch.setattr(Session, "out", console)
        return out

    return make


@pytest.mark.parametrize("width", [44, 120])
def test_on_a_terminal_the_live_view_ends_with_the_whole_picture(
    cli: Any, screen: Callable[..., io.StringIO], width: int
) -> None:
    out = screen(width)

    said = cli("run", "quick", "-f")

    assert 0 == said.code
    assert "\x1b[?25h" in out.getvalue()  # the cursor is back
    assert "completed" in out.getvalue()
    assert "only" in out.getvalue()


def test_following_with_decide_asks_on_the_way(
    cli: Any, screen: Callable[..., io.StringIO]
) -> None:
    out = screen(100)

    said = cli("run", "release", "-i", "notes=x", "-f", "--decide", stdin="accept\n")

    assert 0 == said.code
    assert "the host took the decision" in said.err
    assert "completed" in out.getvalue()


def event(sequence: int, type_: str, node: str | None = None, **payload: Any) -> RunEvent:
    return RunEvent.from_dict(
        {
            "type": type_,
            "sequence": sequence,
            "eventId": f"e{sequence}",
            "runId": "run-1",
            "timestamp": f"2026-01-01T00:00:{sequence:02}.000Z",
            "nodeId": node,
            "payload": payload,
        }
    )


def picture(view: RunView, width: int, *, height: int = 40, now: float = 0.0) -> str:
    console = Console(width=width, height=height, file=io.StringIO(), record=True)
    console.print(render(view, now=now, width=width, height=height))
    return console.export_text()


def a_view() -> RunView:
    view = RunView("run-1")
    for item in (
        event(0, "run.started", workflowId="release"),
        event(1, "node.started", "draft"),
        event(2, "provider.usage", "draft", **{**USAGE, "costEstimateUsd": 0.25}),
        event(3, "node.completed", "draft", durationMs=2000),
        event(4, "node.started", "review"),
        event(5, "node.suspended", "review"),
        event(6, "interrupt.requested", "review", kind="approval", data={"title": "Ship?"}),
    ):
        view.feed(item, 100.0)
    return view


USAGE = {"provider": "acme", "model": "m1", "inputTokens": 900, "outputTokens": 100}


def test_the_view_adds_up_tokens_cost_and_time() -> None:
    view = a_view()

    assert (900, 100, 0.25) == (view.input_tokens, view.output_tokens, view.usd)
    assert 2.0 == view.node_seconds(view.nodes["draft"], 105.0)
    assert 11.0 == view.elapsed(105.0)  # six seconds by the host's clock, five since


def test_another_try_of_a_node_is_counted_once_whether_or_not_it_is_said_to_start() -> None:
    one, other = RunView("run-1"), RunView("run-1")
    started, retried = event(0, "node.started", "n"), event(1, "node.retried", "n")
    for item in (started, retried, event(2, "node.started", "n")):
        one.feed(item, 0.0)
    for item in (started, retried):
        other.feed(item, 0.0)

    assert (2, 2) == (one.nodes["n"].attempts, other.nodes["n"].attempts)


def test_the_picture_shows_nodes_cost_and_how_to_answer() -> None:
    shown = picture(a_view(), 120)

    for part in ("waiting", "release", "1,000", "$0.2500", "approval: Ship?", "decide --run run-1"):
        assert part in shown


def test_a_narrow_picture_fits_and_still_says_what_waits() -> None:
    shown = picture(a_view(), 40)

    assert max(len(line) for line in shown.splitlines()) <= 40
    assert "review" in shown


def test_an_answered_interrupt_no_longer_waits() -> None:
    view = a_view()

    view.feed(event(7, "interrupt.resolved", "review"), 100.0)

    assert ({}, "running") == (view.waiting, view.status)


def test_a_picture_of_many_nodes_fits_the_terminal_and_keeps_what_matters() -> None:
    view = RunView("run-1")
    view.feed(event(0, "run.started", workflowId="w"), 0.0)
    for number in range(50):
        view.feed(event(1, "node.started", f"n{number}"), 0.0)
        if number != 3:
            view.feed(event(2, "node.completed", f"n{number}"), 0.0)

    shown = picture(view, 100, height=24)

    assert len(shown.splitlines()) <= 24
    assert "n3 " in shown


@given(st.text())
def test_what_a_host_says_holds_no_control_characters_when_shown(words: str) -> None:
    assert all(char.isprintable() or char.isspace() for char in safe(words))
    assert not set(safe(words)) & {"\x1b", "\n", "\r", "\x9b"}


def test_a_hostile_title_moves_no_cursor(cli: Any, make_host: Callable[..., FakeHost]) -> None:
    from openwop_testing import Workflow

    host = make_host(workflows=[Workflow("evil").approval("gate", "a\x1b[2Jb[red]c[/]")])

    said = cli("run", "evil", "-f", "--until", "input", on=host)

    assert "\x1b" not in said.out + said.err
    assert "[red]c[/]" in said.out
