"""The examples run as they stand, against a served host, and print what the README says."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from referencing import Registry, Resource

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((ROOT / "examples" / "workflows").glob("*.json"))


@pytest.fixture(scope="module", params=["sync", "async"])
def output(request: pytest.FixtureRequest) -> str:
    """What the newcomer's command prints for one of the two twins."""
    # A session of its own, so that a run that hangs is ended together with the host it started.
    with subprocess.Popen(
        [sys.executable, str(ROOT / "tools" / "quickstart.py"), request.param],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as quickstart:
        try:
            printed, _ = quickstart.communicate(timeout=90)
        except subprocess.TimeoutExpired:
            os.killpg(quickstart.pid, signal.SIGKILL)
            printed, _ = quickstart.communicate()
            pytest.fail(f"the quickstart hung after:\n{printed}")
    assert 0 == quickstart.returncode, printed
    return printed


def test_the_quickstart_shows_events_in_order_and_once_each(output: str) -> None:
    sequences = [int(number) for number in re.findall(r"^ +(\d+)  [a-z.-]+$", output, re.MULTILINE)]

    assert len(sequences) >= 5
    assert sorted(set(sequences)) == sequences


def test_the_quickstart_answers_the_approval_before_the_run_goes_on(output: str) -> None:
    asked, approved, completed = (
        output.index(text) for text in ("  interrupt.requested", "approved: won", "  run.completed")
    )

    assert asked < approved < completed


def test_the_quickstart_prints_the_result(output: str) -> None:
    assert re.search(r"^result: .*Faster, and in blue\.", output, re.MULTILINE)


def test_the_quickstart_shows_a_failed_run_with_the_error_of_its_node(output: str) -> None:
    section = output[output.index("a run that fails:") : output.index("a wrong key:")]

    assert "build_broken" in section
    assert "The compiler gave up in line 7." in section


def test_the_quickstart_shows_a_wrong_key_without_showing_the_key(output: str) -> None:
    section = output[output.index("a wrong key:") : output.index("a workflow that nobody knows:")]

    assert "401" in section
    assert "hk_test_wrong" not in output


def test_the_quickstart_shows_an_unknown_workflow(output: str) -> None:
    section = output[output.index("a workflow that nobody knows:") :]

    assert "no-such-workflow" in section


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_of_the_examples_is_what_the_protocol_calls_one(path: Path) -> None:
    schemas = ROOT.parent / "shared" / "protocol" / "v1" / "schemas"
    if not schemas.is_dir():
        pytest.skip("the published schemas are not beside the checkout")
    schema = json.loads((schemas / "workflow-definition.schema.json").read_text("utf-8"))
    resource = Resource.from_contents
    others = [json.loads(file.read_text("utf-8")) for file in schemas.glob("*.json")]
    registry = Registry().with_resources(
        [(other["$id"], resource(other)) for other in others if "$id" in other]
    )
    validator = jsonschema.Draft202012Validator(schema, registry=registry)
    definition = json.loads(path.read_text("utf-8"))

    assert path.stem == definition["id"]
    assert [] == [error.message for error in validator.iter_errors(definition)]


def test_the_twins_of_the_quickstart_do_the_same() -> None:
    """Without its `async` and `await`, the asynchronous quickstart is the other one."""
    sync, asynchronous = (
        _plain((ROOT / "examples" / name).read_text("utf-8"))
        for name in ("quickstart.py", "quickstart_async.py")
    )

    assert sync == asynchronous


def _plain(source: str) -> list[str]:
    body = source[source.index("import openwop") :]
    body = re.sub(r"\b(?:async|await) ", "", body).replace("AsyncClient", "Client")
    body = re.sub(r"\basyncio\.run\((\w+\(\))\)", r"\1", body)
    body = re.sub(r"  #.*", "", body)
    return body.splitlines()
