"""`openwop decide`: the inbox, the conversation, and decisions by options."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from openwop.cli.exits import Exit
from openwop_testing import FakeHost


def status(cli: Any, run_id: str) -> str:
    found: str = cli("runs", "get", run_id, "--json").json["status"]
    return found


def resume_value(host: FakeHost) -> Any:
    """What the last decision that the host was sent resumes with."""
    bodies = [call.body for call in host.calls if "/interrupts/" in call.path and call.body]
    return bodies[-1]["resumeValue"]


def test_approving_by_option_lets_the_run_go_on(cli: Any, waiting: str) -> None:
    said = cli("decide", "--run", waiting, "--approve", "--json")

    assert (0, "won", "review") == (said.code, said.json["outcome"], said.json["node_id"])
    assert "completed" == status(cli, waiting)


def test_rejecting_by_option_takes_feedback(cli: Any, waiting: str, host: FakeHost) -> None:
    said = cli("decide", "--run", waiting, "--node", "review", "--reject", "--feedback", "too soon")

    assert 0 == said.code
    assert "too soon" == resume_value(host)["feedback"]
    assert "waiting-approval" != status(cli, waiting)


def test_questions_are_answered_by_id(cli: Any, host: FakeHost) -> None:
    run_id = cli("run", "survey", "-d", "--json").json["run_id"]

    said = cli("decide", "--run", run_id, "--answer", "name=Ada", "--answer", "age=36")

    assert 0 == said.code
    assert {"answers": {"name": "Ada", "age": 36}} == resume_value(host)
    assert "completed" == status(cli, run_id)


def test_one_answer_to_several_questions_is_refused_and_names_them(cli: Any) -> None:
    run_id = cli("run", "survey", "-d", "--json").json["run_id"]

    said = cli("decide", "--run", run_id, "--answer", "Ada")

    assert Exit.USAGE == said.code
    assert "name" in said.err
    assert "age" in said.err


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("--approve", "--reject", "--run", "r"), "exclude each other"),
        (("--approve",), "needs --run"),
    ],
)
def test_what_cannot_be_meant_is_refused(cli: Any, argv: tuple[str, ...], told: str) -> None:
    said = cli("decide", *argv)

    assert (Exit.USAGE, True) == (said.code, told in said.err)


def test_the_inbox_lists_what_waits_and_ends_with_3(cli: Any, waiting: str) -> None:
    listed = cli("decide", "--list")
    document = cli("decide", "--json")

    assert (3, 3) == (listed.code, document.code)
    assert "Ship it?" in listed.out
    assert [(waiting, "approval", "Ship it?")] == [
        (item["run_id"], item["kind"], item["title"]) for item in document.json
    ]


def test_an_empty_inbox_says_so_and_ends_with_0(cli: Any) -> None:
    said = cli("decide")

    assert (0, "nothing waits for you") == (said.code, said.out.strip())


def test_on_a_terminal_each_interrupt_is_asked_about(cli: Any, waiting: str) -> None:
    said = cli("decide", is_terminal=True, stdin="acc\n")

    assert 0 == said.code
    assert "1 decided, 0 left" in said.err
    assert "completed" == status(cli, waiting)


def test_an_answer_that_is_none_is_asked_for_again(cli: Any, waiting: str) -> None:
    said = cli("decide", is_terminal=True, stdin="maybe\naccept\n")

    assert 0 == said.code
    assert "'maybe' is none of accept, reject, refine, ask, skip, quit" in said.err


def test_what_is_skipped_is_left_and_the_exit_says_so(cli: Any, waiting: str) -> None:
    said = cli("decide", is_terminal=True, stdin="skip\n")

    assert (Exit.NEEDS_INPUT, "waiting-approval") == (said.code, status(cli, waiting))


def test_quitting_leaves_the_rest(cli: Any, waiting: str) -> None:
    said = cli("decide", is_terminal=True, stdin="quit\n")

    assert Exit.NEEDS_INPUT == said.code
    assert "0 decided, 1 left" in said.err


def test_questions_are_asked_one_by_one(cli: Any) -> None:
    run_id = cli("run", "survey", "-d", "--json").json["run_id"]

    said = cli("decide", "--run", run_id, is_terminal=True, stdin="Ada\n36\n")

    assert 0 == said.code
    assert "Your name?" in said.err
    assert "completed" == status(cli, run_id)


def test_what_somebody_else_decided_meanwhile_is_told_and_passed_over(
    cli: Any, waiting: str, host: FakeHost
) -> None:
    host.faults.fail("resolveInterruptByRun", status=409, code="interrupt_already_resolved")

    said = cli("decide", is_terminal=True, stdin="accept\n")

    assert Exit.NEEDS_INPUT == said.code
    assert "0 decided, 1 left" in said.err


def test_without_a_list_of_runs_the_inbox_asks_for_the_run(
    cli: Any, make_host: Callable[..., FakeHost]
) -> None:
    host = make_host(majors={1})
    run_id = cli("run", "release", "-i", "notes=x", "-d", "--json", on=host).json["run_id"]
    cli("runs", "watch", run_id, "--until", "input", on=host)

    without = cli("decide", on=host)
    with_it = cli("decide", "--run", run_id, "--approve", on=host)

    assert Exit.UNSUPPORTED == without.code
    assert "openwop decide --run RUN" in without.err
    assert 0 == with_it.code


def test_end_of_input_stops_cleanly(cli: Any, waiting: str) -> None:
    said = cli("decide", is_terminal=True, stdin="")

    assert Exit.INTERRUPTED == said.code
    assert "Traceback" not in said.err
