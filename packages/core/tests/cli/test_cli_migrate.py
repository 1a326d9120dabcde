"""`openwop migrate`: code for the older client becomes code for this one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("libcst", reason="the extra `cli` is not installed")

from openwop.cli._migrating import migrate

BEFORE = """\
# A comment that stays.
import os
from openwop_client import CreateRunRequest, OpenwopClient

client = OpenwopClient(os.environ["URL"], os.environ["KEY"])


def start(client: OpenwopClient, name: str):
    return client.runs_create(
        CreateRunRequest(workflowId=name, inputs={"a": 1}, scopeId="s"), dedup=True
    )


for event in client.runs_events("run-1", stream_mode=["updates", "debug"], last_event_id="3"):
    print(event)
"""
AFTER = """\
# A comment that stays.
import os
import openwop

client = openwop.Client(os.environ["URL"], api_key=os.environ["KEY"])


def start(client: openwop.Client, name: str):
    return client.runs.create(
        workflow_id=name, inputs={"a": 1}, scope_id="s", dedup=True
    )


for event in client.runs.stream("run-1", mode="updates,debug", after=3):
    print(event)
"""


def call(source: str, imports: str = "OpenwopClient") -> str:
    """Return what one call becomes."""
    moved = migrate(f"from openwop_client import {imports}\n{source}\n")
    return moved.text.splitlines()[-1]


def test_a_module_is_moved_and_its_form_is_kept() -> None:
    moved = migrate(BEFORE)

    assert AFTER == moved.text
    assert 3 == moved.calls


def test_moving_twice_changes_nothing_more() -> None:
    assert AFTER == migrate(AFTER).text


@pytest.mark.parametrize(
    "source", ["print(1)\n", "x.runs_create(1)\n", "# openwop_client\nx.runs_get('r')\n", ""]
)
def test_a_module_without_the_older_client_is_left_alone(source: str) -> None:
    moved = migrate(source)

    assert (source, 0, ()) == (moved.text, moved.calls, moved.notes)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("c.runs_get('r')", "c.runs.get('r')"),
        ("c.audit_verify(0, 9)", "c.audit.verify(from_seq=0, to_seq=9)"),
        ("c.tools_list_compact()", 'c.tools.list(view="compact")'),
        ("c.runs_events('r', last_event_id=seen)", "c.runs.stream('r', after=int(seen))"),
        ("c.runs_poll_events('r', last_sequence=3)", "c.runs.poll_events('r', after=3)"),
        ("self.client.runs_cancel('r', R(reason='x'))", "self.client.runs.cancel('r', reason='x')"),
        ("c.interrupts_resolve_by_token(t, R(resumeValue=v))",
         "c.interrupts.resolve_by_token(t, resume_value=v)"),
    ],
)  # fmt: skip
def test_a_call_is_moved(before: str, after: str) -> None:
    assert after == call(before, "OpenwopClient, R")


def test_the_module_itself_may_be_imported() -> None:
    moved = migrate(
        "import openwop_client as oc\n"
        "c = oc.OpenwopClient(base_url=u, api_key=k)\n"
        "c.runs_cancel('r', oc.CancelRunRequest(reason='x'))\n"
    )

    assert (
        "import openwop\n"
        "c = openwop.Client(base_url=u, api_key=k)\n"
        "c.runs.cancel('r', reason='x')\n"
    ) == moved.text


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("c.runs_create(request)", "takes no request object"),
        ("c.runs_create(*arguments)", "is passed on as it is"),
        ("c.runs_get('r', unheard_of=1)", "has no argument unheard_of"),
        ("x = CreateRunRequest(workflowId='w')", "CreateRunRequest is still used"),
    ],
)
def test_what_cannot_be_told_from_the_text_is_noted(source: str, told: str) -> None:
    moved = migrate(f"from openwop_client import OpenwopClient, CreateRunRequest\n{source}\n")

    assert any(told in note.text for note in moved.notes), moved.notes


def test_what_is_still_needed_of_the_older_client_stays_imported() -> None:
    moved = migrate("from openwop_client import A, CreateRunRequest\nx = CreateRunRequest(a=1)\n")

    assert "from openwop_client import CreateRunRequest\n" in moved.text


def test_without_write_it_shows_a_diff_and_changes_nothing(cli: Any, tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text(BEFORE, "utf-8")

    said = cli("migrate", str(tmp_path), known=False)

    assert 1 == said.code  # that answers are models is left to look at
    assert "+client = openwop.Client(" in said.out
    assert "answers are typed models" in said.err
    assert BEFORE == file.read_text("utf-8")


def test_with_write_the_files_are_changed(cli: Any, tmp_path: Path) -> None:
    file = tmp_path / "pkg" / "app.py"
    file.parent.mkdir()
    file.write_bytes(BEFORE.replace("\n", "\r\n").encode())
    (tmp_path / "broken.py").write_text("import openwop_client\ndef (", "utf-8")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "x.py").write_text(BEFORE, "utf-8")

    said = cli("migrate", str(tmp_path), "--write", "--json", known=False)

    files = {Path(entry["file"]).name: entry for entry in json.loads(said.out)["files"]}
    assert {"app.py", "broken.py"} == set(files)
    assert "cannot be read" in files["broken.py"]["notes"][0]["text"]
    assert AFTER.replace("\n", "\r\n").encode() == file.read_bytes()


def test_a_path_that_is_not_there_ends_with_2(cli: Any) -> None:
    said = cli("migrate", "no-such-folder", known=False)

    assert (2, True) == (said.code, "check the path" in said.err)
