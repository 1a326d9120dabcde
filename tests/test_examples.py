"""The examples run as they stand, against a served host, and print what the README says."""

from __future__ import annotations

import io
import json
import os
import re
import runpy
import signal
import subprocess
import sys
import time
import tomllib
import types
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import pytest
from referencing import Registry, Resource
from starlette.testclient import TestClient

import openwop
from openwop_testing import FakeHost
from openwop_testing.server import load

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


KEY = "hk_test_examples"


@pytest.fixture(scope="module")
def host() -> Iterator[FakeHost]:
    """A host that knows the workflows of the examples."""
    host = FakeHost(api_key=KEY)
    load(ROOT / "examples" / "workflows", host)
    yield host
    host.close()


@pytest.fixture(scope="module")
def address(host: FakeHost) -> Iterator[str]:
    with host.serve(virtual_time=True) as url:
        yield url


@pytest.fixture
def example(
    address: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., str]:
    """Run an example as a person would who has set the two variables; return what it prints."""
    monkeypatch.setenv("OPENWOP_BASE_URL", address)
    monkeypatch.setenv("OPENWOP_API_KEY", KEY)
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    monkeypatch.chdir(tmp_path)

    def run(name: str, *arguments: str, typed: str = "", ends: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", [name, *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        status = 0
        try:
            runpy.run_path(str(ROOT / "examples" / name), run_name="__main__")
        except SystemExit as done:
            status = int(done.code or 0)
        assert ends == status
        return capsys.readouterr().out

    return run


@pytest.mark.parametrize(
    ("typed", "ends", "said"),
    [("y\n", 0, "Faster, and in blue."), ("n\n", 1, "it came to nothing")],
    ids=["yes", "no"],
)
def test_the_approval_bot_asks_and_does_as_it_is_told(
    example: Callable[..., str], typed: str, ends: int, said: str
) -> None:
    printed = example("approval_bot.py", typed=typed, ends=ends)

    assert "Publish these notes?" in printed
    assert "decided: won" in printed
    assert said in printed


def test_the_batch_starts_each_run_once_however_often_it_is_done(
    example: Callable[..., str], host: FakeHost
) -> None:
    before = len(host.engine.runs)

    first, again = example("batch.py", "25"), example("batch.py", "25")

    assert "25 runs, 0 failed" in first
    assert "25 runs, 0 failed" in again
    assert 25 == len(host.engine.runs) - before


@pytest.mark.slow
def test_the_batch_starts_a_thousand_runs(example: Callable[..., str]) -> None:
    """A thousand requests over a socket, of which each takes some milliseconds."""
    assert "1000 runs, 0 failed" in example("batch.py")


def test_the_fork_says_something_else_and_the_replay_the_same(example: Callable[..., str]) -> None:
    first, second, parted, *changes, replay = example("fork_and_compare.py").splitlines()

    assert "first:  An approval is a node that waits for a person." == first
    assert "second: A node that asks you." == second
    assert "they part at event 2" == parted
    assert ["  2: changed", "  3: changed", "  4: changed"] == changes
    assert "replay: An approval is a node that waits for a person." == replay


def test_the_chat_prints_an_answer_and_ends_at_an_empty_line(example: Callable[..., str]) -> None:
    printed = example("chat.py", typed="What is an approval?\n\n")

    assert "> An approval is a node that waits for a person.   [10 pieces]\n> " == printed


def test_the_audit_check_verifies_checkpoints_and_tells_a_forged_log(
    example: Callable[..., str], host: FakeHost
) -> None:
    assert "the audit log is sound (2 checkpoints verified)\n" == example("audit_check.py")

    genuine = host.audit.entries[3]
    host.audit.entries[3] = {**genuine, "actor": "somebody-else"}
    try:
        printed = example("audit_check.py", ends=1)
    finally:
        host.audit.entries[3] = genuine
    assert "sound" not in printed


def test_the_hook_plugins_sign_every_request_and_tell_of_slow_calls(
    example: Callable[..., str], host: FakeHost
) -> None:
    host.calls.clear()

    printed = example("hook_plugin.py")

    assert "slow: runs.create, repeated 0 times" in printed
    signatures = [call.headers.get("X-Gateway-Signature") for call in host.calls]
    assert signatures
    assert all(re.fullmatch("[0-9a-f]{64}", signature or "") for signature in signatures)


def test_the_collector_of_the_tracing_example_gets_the_run_below_its_release(
    example: Callable[..., str],
) -> None:
    lines = example("tracing.py").splitlines()

    assert "release" == lines[0]
    assert lines.index("  openwop runs.stream") < lines.index("    openwop.run")
    assert "        openwop.interrupt" in lines
    assert "  openwop interrupts.resolve [openwop.decision]" in lines


def test_the_webhook_receiver_registers_and_takes_what_the_host_sends(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    host = FakeHost(api_key=KEY, start=time.time())  # the receiver has the clock of this machine
    load(ROOT / "examples" / "workflows", host)
    monkeypatch.setenv("OPENWOP_API_KEY", KEY)
    monkeypatch.setenv("PUBLIC_URL", "https://receiver.example.com")
    monkeypatch.chdir(tmp_path)
    with host.serve() as url:
        monkeypatch.setenv("OPENWOP_BASE_URL", url)
        service = runpy.run_path(str(ROOT / "examples" / "webhook_receiver.py"))
        with TestClient(service["app"]) as receiver:
            with openwop.Client(load_plugins=False) as client:
                run = client.runs.start("tag-photo", inputs={"photo": "cat.jpg"})
                run.wait("terminal", timeout=30)
            [sent] = [each for each in host.deliveries if each.event["type"] == "run.completed"]
            headers, body = dict(sent.headers), sent.body
            once, again, forged = (
                receiver.post("/openwop", content=content, headers=headers).status_code
                for content in (body, body, body.replace(b"run.completed", b"run.failed"))
            )

            assert (200, 200, 400) == (once, again, forged)
            assert [f"run.completed {run.id}"] == receiver.get("/seen").json()


def test_the_transport_plugin_is_chosen_by_a_url_and_writes_a_line_for_each_request(
    address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENWOP_RECORD", str(tmp_path / "requests.jsonl"))
    folder = ROOT / "examples" / "recording_transport" / "src" / "openwop_recording"
    plugin = types.ModuleType("openwop_recording")
    exec(compile((folder / "__init__.py").read_text("utf-8"), "plugin", "exec"), vars(plugin))

    with openwop.Client(f"record+{address}", plugins=[plugin], load_plugins=False) as client:
        client.discovery.capabilities()

    lines = (tmp_path / "requests.jsonl").read_text("utf-8").splitlines()
    assert [("GET", 200)] == [(line["method"], line["outcome"]) for line in map(json.loads, lines)]


@pytest.mark.slow
def test_the_transport_plugin_keeps_the_contract_of_transports() -> None:
    """The contract waits for real time-outs on real sockets."""
    assert " passed" in suite_of_the_transport_plugin()


def suite_of_the_transport_plugin() -> str:
    """Run the tests that the plugin's package brings, in a process of their own."""
    folder = ROOT / "examples" / "recording_transport"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        check=False,
        text=True,
        timeout=300,
    )
    assert 0 == done.returncode, done.stdout + done.stderr
    return done.stdout


def test_the_transport_plugin_is_a_package_that_openwop_finds() -> None:
    folder = ROOT / "examples" / "recording_transport"
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    [module] = project["entry-points"]["openwop"].values()

    assert (folder / "src" / module / "__init__.py").is_file()
    assert (folder / "src" / module / "py.typed").is_file()


def test_every_example_is_listed() -> None:
    listed = (ROOT / "examples" / "README.md").read_text("utf-8")
    names = [path.name for path in (ROOT / "examples").iterdir() if path.name != "README.md"]

    assert [] == sorted(name for name in names if f"({name}" not in listed and name[0] not in "_.")
