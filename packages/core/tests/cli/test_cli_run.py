"""`openwop run` and `openwop runs`: what they print, and how they end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openwop.cli._run_values import parse_value
from openwop.cli.exits import Exit
from openwop_testing import FakeHost


def test_run_prints_the_outputs_and_nothing_else_on_standard_output(cli: Any) -> None:
    said = cli("run", "quick")

    assert (0, {"answer": 42}) == (said.code, said.json)
    assert "started" in said.err


def test_run_with_json_is_one_document(cli: Any) -> None:
    said = cli("run", "quick", "--json")

    assert {"answer": 42} == said.json["outputs"]
    assert "completed" == said.json["status"]
    assert "" == said.err


def test_a_run_that_fails_ends_with_1_and_says_why(cli: Any) -> None:
    said = cli("run", "broken")

    assert Exit.FAILED == said.code
    assert "build_broken: The compiler gave up." in said.err


def test_a_run_that_needs_somebody_ends_with_3_and_says_how_to_answer(cli: Any) -> None:
    said = cli("run", "release", "--input", "notes=x")

    assert Exit.NEEDS_INPUT == said.code
    assert "openwop decide --run acme/run-" in said.err


def test_a_run_that_takes_longer_than_the_timeout_ends_with_7_and_goes_on(
    cli: Any, host: FakeHost
) -> None:
    said = cli("run", "slow", "--timeout", "1", "--json")

    assert (Exit.TIMEOUT, "WaitTimeoutError") == (said.code, said.error["type"])
    assert ["running"] == [run.projection.status for run in host.engine.runs.values()]


def test_inputs_come_from_options_and_files_and_options_win(cli: Any, home: Path) -> None:
    file = home / "inputs.json"
    file.write_text(json.dumps({"notes": "of the file", "more": [1]}), "utf-8")

    said = cli(
        "run", "release", "-d", "--json", "--inputs-file", str(file), "-i", "notes=of the option"
    )
    run = cli("runs", "get", said.json["run_id"], "--json").json

    assert {"notes": "of the option", "more": [1]} == run["inputs"]


def test_inputs_come_from_standard_input(cli: Any) -> None:
    said = cli("run", "release", "-d", "--json", "--inputs-file", "-", stdin='{"notes": "piped"}')

    assert {"notes": "piped"} == cli("runs", "get", said.json["run_id"], "--json").json["inputs"]


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("7", 7),
        ("true", True),
        ('"7"', "7"),
        ("plain", "plain"),
        ("[1]", [1]),
        ("", ""),
        ("{", "{"),
    ],
)
def test_a_value_is_json_where_it_is_some_and_text_where_not(given: str, value: object) -> None:
    assert value == parse_value(given)


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("run", "quick", "-i", "nothing"), "name=value"),
        (("run", "quick", "--inputs-file", "absent.json"), "check the path"),
        (("run", "quick", "-d", "-f"), "choose"),
        (("run", "quick", "--decide"), "needs --follow"),
    ],
)
def test_what_cannot_be_meant_ends_with_2_and_nothing_is_sent(
    cli: Any, host: FakeHost, argv: tuple[str, ...], told: str
) -> None:
    said = cli(*argv)

    assert Exit.USAGE == said.code
    assert told in said.err
    assert 0 == len([call for call in host.calls if call.method == "POST"])


def test_a_file_that_is_no_json_object_is_refused(cli: Any, home: Path) -> None:
    (home / "list.json").write_text("[1]", "utf-8")
    (home / "text.json").write_text("notes", "utf-8")

    for name, told in (("list.json", "no JSON object"), ("text.json", "holds no JSON")):
        said = cli("run", "quick", "--inputs-file", str(home / name))
        assert (Exit.USAGE, True) == (said.code, told in said.err)


def test_one_idempotency_key_starts_one_run(cli: Any, host: FakeHost) -> None:
    key = "a-key-that-is-long-enough-for-a-host"

    first, second = (
        cli("run", "quick", "-d", "--json", "--idempotency-key", key) for _ in range(2)
    )

    assert first.json == second.json
    assert 1 == len(host.engine.runs)


def test_list_shows_runs_newest_first_and_filters(cli: Any, waiting: str) -> None:
    cli("run", "quick")

    everything = cli("runs", "list", "--json").json
    waits = cli("runs", "list", "--status", "waiting-approval").out

    assert ["quick", "release"] == [run["workflowId"] for run in everything]
    assert waiting in waits
    assert "quick" not in waits


def test_list_stops_at_the_limit(cli: Any) -> None:
    for _ in range(3):
        cli("run", "quick")

    assert 2 == len(cli("runs", "list", "--limit", "2", "--json").json)


def test_list_on_a_host_of_major_1_says_that_it_is_major_2_only(
    cli: Any, make_host: Callable[..., FakeHost]
) -> None:
    said = cli("runs", "list", on=make_host(majors={1}))

    assert Exit.UNSUPPORTED == said.code
    assert "exists in protocol major 2 only" in said.err


def test_get_shows_status_nodes_cost_and_variables(cli: Any, waiting: str) -> None:
    said = cli("runs", "get", waiting)

    for part in ("waiting-approval", waiting, "release", "$0.0100", "draft", 'notes = "x"'):
        assert part in said.out


def test_pause_resume_and_cancel_steer_a_run(cli: Any) -> None:
    run_id = cli("run", "slow", "-d", "--json").json["run_id"]

    paused = cli("runs", "pause", run_id, "--immediate", "--json").json
    resumed = cli("runs", "resume", run_id).out
    cancelled = cli("runs", "cancel", run_id, "--reason", "enough")

    assert "paused" == paused["status"]
    assert "running" in resumed
    assert (0, True) == (cancelled.code, "cancel" in cancelled.out)
    assert Exit.FAILED == cli("runs", "watch", run_id).code


def test_a_fork_is_a_new_run_and_the_same_as_its_source(cli: Any) -> None:
    source = json.loads(cli("run", "quick", "--json").out)["run_id"]

    fork = cli("runs", "fork", source, "--from-seq", "0", "--json").json
    cli("runs", "watch", fork["run_id"])
    same = cli("runs", "diff", source, fork["run_id"])

    assert source != fork["run_id"]
    assert (0, "the logs are the same") == (same.code, same.out.strip())


def test_diff_of_different_runs_ends_with_1_and_shows_where_they_part(cli: Any) -> None:
    one = cli("run", "quick", "--json").json["run_id"]
    cli("run", "broken", "--json")
    other = cli("runs", "list", "--workflow", "broken", "--json").json[0]["runId"]

    said = cli("runs", "diff", one, other)

    assert Exit.FAILED == said.code
    assert "they part at sequence" in said.out
    assert any(line.startswith(("+", "-", "~")) for line in said.out.splitlines())


def test_an_error_of_the_host_ends_with_4_and_has_its_code_in_json(cli: Any) -> None:
    said = cli("runs", "get", "acme/nobody", "--json")

    assert (Exit.API, "") == (said.code, said.out)
    assert ("not_found", 404) == (said.error["code"], said.error["status"])


def test_details_of_an_error_are_shown_since_the_message_points_to_them(cli: Any) -> None:
    said = cli("run", "release")

    assert Exit.API == said.code
    assert "inputs.notes" in said.err
