"""The pytest plugin, run in test runs of its own."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys

import pytest

import openwop
from openwop_testing import FakeHost, Workflow, plugin

pytest_plugins = ["pytester"]

HEAD = """
import pytest
from openwop_testing import Workflow

FLOW = Workflow("flow").node("build").approval("gate").node("ship", outputs={"done": True})
"""


@pytest.fixture(scope="module", autouse=True)
def everything_is_imported():
    """
    Import what the inner runs import: pytester forgets modules that a run was the first to load,
    and a second copy of a class is another class.
    """
    import trio  # noqa: F401

    for protocol in (1, 2):
        host = FakeHost(workflows=[Workflow("flow").approval("gate")])
        arguments = {"api_key": host.api_key, "protocol": protocol, "load_plugins": False}
        with openwop.Client(host.base_url, transport=host.transport(), **arguments) as client:
            handle = client.runs.start("flow")
            handle.wait("input", timeout=5)
            handle.approve()
            handle.result(timeout=5)
            url = "https://hooks.example.com"
            client.webhooks.register(url=url, events=["run.started"])
        transport = host.async_transport()
        openwop.AsyncClient(host.base_url, transport=transport, **arguments)
    with host.serve() as url, openwop.Client(url, api_key=host.api_key) as client:
        client.discovery.capabilities()


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """Run a test module with the plugin, and return the result."""

    def go(body: str, *arguments: str) -> pytest.RunResult:
        pytester.makepyfile(test_it=HEAD + body)
        pytester.makeini("[pytest]\nfilterwarnings = error\n")
        # Nothing but ours: what else is installed would be imported anew for every run.
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        return pytester.runpytest_inprocess(*arguments, plugins=[plugin])

    return go


def test_pytest_finds_the_plugin_by_itself():
    [found] = importlib.metadata.entry_points(group="pytest11", name="openwop")

    assert ("openwop_testing.plugin", "openwop-testing") == (found.value, found.dist.name)


def test_a_run_that_does_not_use_the_plugin_loads_next_to_nothing_of_ours():
    program = """
import sys
import pytest
before = set(sys.modules)
import openwop_testing.plugin
heavy = ("openwop", "httpx", "attrs", "cattrs", "pluggy", "starlette", "uvicorn", "anyio", "json")
print(*sorted(name for name in set(sys.modules) - before if name.startswith(heavy)))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert [
        "openwop",
        "openwop.runtime",
        "openwop.runtime._lazy",
        "openwop.runtime.lazy",
        "openwop_testing",
        "openwop_testing.plugin",
    ] == done.stdout.split()


def test_a_sync_client_talks_to_the_host_of_the_test(run):
    result = run(
        """
def test_it(openwop_host, openwop_sync_client):
    openwop_host.workflows.add(FLOW)
    handle = openwop_sync_client.runs.start("flow")
    handle.wait("input", timeout=10)
    assert handle.approve().outcome == "won"
    assert handle.result(timeout=10) == {"done": True}
"""
    )

    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("library", ["asyncio", "trio"])
def test_an_async_client_runs_on_either_loop(run, library):
    start = "asyncio.run(main())" if library == "asyncio" else "trio.run(main)"
    result = run(
        f"""
import {library}

@pytest.mark.openwop(workflows=[FLOW])
def test_it(openwop_host, openwop_async_client):
    async def main():
        handle = await openwop_async_client.runs.start("flow")
        await handle.wait("input", timeout=10)
        await handle.approve()
        assert await handle.result(timeout=10) == {{"done": True}}
    {start}
"""
    )

    result.assert_outcomes(passed=1)


def test_the_marker_says_how_the_host_is_made(run):
    result = run(
        """
pytestmark = pytest.mark.openwop(workflows=[FLOW])

@pytest.mark.openwop(majors={1}, capabilities={"replay": False}, seed=3)
def test_it(openwop_host, openwop_sync_client):
    assert openwop_host.capabilities.versions == ["1.11"]
    assert not openwop_host.capabilities.has("replay")
    assert "flow" in openwop_host.workflows
    openwop_sync_client.runs.start("flow")
    assert openwop_host.calls[-1].path == "/v1/runs"
"""
    )

    result.assert_outcomes(passed=1)


def test_the_marker_can_fix_the_major_of_the_clients(run):
    result = run(
        """
@pytest.mark.openwop(workflows=[FLOW], protocol=1)
def test_it(openwop_host, openwop_sync_client):
    openwop_sync_client.runs.start("flow")
    assert openwop_host.calls[-1].path == "/v1/runs"
"""
    )

    result.assert_outcomes(passed=1)


@pytest.mark.parametrize("use", ["colour='blue'", "1"])
def test_a_marker_that_nobody_understands_is_an_error(run, use):
    result = run(
        f"""
@pytest.mark.openwop({use})
def test_it(openwop_host):
    pass
"""
    )

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*the marker openwop*"])


def test_a_fault_that_nobody_met_fails_the_test(run):
    result = run(
        """
def test_it(openwop_host):
    openwop_host.faults.fail("createRun", status=503)
"""
    )

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*Scripted faults that nobody met*", "*createRun: 503*"])


def test_an_answer_to_a_webhook_that_nobody_met_fails_the_test(run):
    result = run(
        """
def test_it(openwop_host, openwop_deliveries):
    openwop_deliveries.respond(503, times=1)
"""
    )

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        ["*Scripted faults that nobody met*", "*a webhook answered with 503*"]
    )


def test_a_retry_is_waited_out_in_virtual_time(run):
    result = run(
        """
@pytest.mark.openwop(workflows=[FLOW])
def test_it(openwop_host, openwop_sync_client):
    openwop_host.faults.fail("createRun", status=503, times=1, retry_after=30)
    openwop_sync_client.runs.start("flow")
    first, second = openwop_host.calls.of("createRun")
    assert first.idempotency_key == second.idempotency_key
    assert [30.0] == openwop_host.clock.slept
"""
    )

    result.assert_outcomes(passed=1)


def test_a_host_on_a_port_is_there_for_other_clients(run):
    result = run(
        """
import httpx

def test_it(openwop_live_url, openwop_host):
    with httpx.Client(trust_env=False) as client:
        assert client.get(openwop_live_url + "/.well-known/openwop").status_code == 200
    openwop_host.calls.assert_operations("getCapabilities")
"""
    )

    result.assert_outcomes(passed=1)


def test_deliveries_are_signed_and_kept(run):
    result = run(
        """
from openwop_webhooks import Verifier

@pytest.mark.openwop(workflows=[FLOW])
def test_it(openwop_host, openwop_sync_client, openwop_deliveries):
    made = openwop_sync_client.webhooks.register(
        url="https://hooks.example.com/in", events=["run.started"]
    )
    openwop_sync_client.runs.start("flow")
    [delivery] = openwop_deliveries
    verifier = Verifier(made.secret, clock=openwop_host.clock.now)
    assert verifier.verify(delivery.headers, delivery.body).event_type == "run.started"
"""
    )

    result.assert_outcomes(passed=1)


def test_the_same_tests_run_against_a_real_host(run):
    host = FakeHost(workflows=[Workflow("flow").node("ship", outputs={"done": True})])
    body = """
def test_client(openwop_sync_client):
    assert openwop_sync_client.runs.start("flow").result(timeout=10) == {"done": True}

def test_url(openwop_live_url):
    assert openwop_live_url.startswith("http://127.0.0.1:")

def test_script(openwop_host):
    pass
"""
    with host.serve() as url:
        result = run(body, "--openwop-live", url, "--openwop-live-key", host.api_key)

    result.assert_outcomes(passed=2, skipped=1)
    result.stdout.fnmatch_lines([f"openwop: live host {url}"])
    assert "createRun" in host.calls.operations


@pytest.mark.parametrize(
    ("marker", "arguments"),
    [("@pytest.mark.openwop(network=False)", ()), ("", ("--openwop-block-network",))],
)
def test_the_network_can_be_kept_away(run, marker, arguments):
    result = run(
        f"""
import socket

{marker}
def test_it():
    with socket.socket() as sock, pytest.raises(AssertionError, match="this machine only"):
        sock.connect(("192.0.2.1", 80))

{marker}
def test_here(openwop_host):
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()):
            pass
""",
        *arguments,
    )

    result.assert_outcomes(passed=2)


def test_a_seed_makes_every_run_the_same(run):
    body = """
def test_it(openwop_host):
    print("id", openwop_host.mint.new("x"))
"""
    lines = [
        [line for line in run(body, "-s", "--openwop-seed", seed).outlines if "id x-" in line]
        for seed in ("5", "5", "6")
    ]

    assert lines[0] == lines[1] != lines[2]


def test_a_seed_that_is_drawn_is_printed(run):
    result = run("def test_it(openwop_host): pass", "--openwop-seed", "random")

    result.assert_outcomes(passed=1)
    assert any(line.startswith("openwop: seed ") for line in result.outlines)


def test_a_seed_that_is_none_is_refused(run):
    result = run("def test_it(): pass", "--openwop-seed", "green")

    assert pytest.ExitCode.USAGE_ERROR == result.ret
    result.stderr.fnmatch_lines(["*takes a whole number, or `random`*"])


def test_a_failure_below_random_faults_says_how_to_repeat_it(run):
    body = """
@pytest.mark.openwop(workflows=[FLOW])
def test_it(openwop_host, openwop_sync_client):
    openwop_host.faults.at_random(1, kinds=["fail"], operations=["createRun"])
    openwop_sync_client.runs.start("flow")
    assert openwop_host.faults.mischief.befallen == []
"""
    result = run(body, "--openwop-seed", "11")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "openwop: seed 11",
            "*openwop faults*",
            "seed 11: createRun #1: *, createRun #2: *",
            "Repeat it with --openwop-seed 11",
        ]
    )


def test_workers_draw_from_one_seed(run, pytester, monkeypatch):
    pytest.importorskip("xdist")
    body = """
import pathlib

@pytest.mark.parametrize("n", range(4))
def test_it(openwop_host, n):
    with pathlib.Path("ids").open("a") as ids:
        ids.write(openwop_host.mint.new("x") + "\\n")
"""
    pytester.makepyfile(test_it=HEAD + body)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    plugins = ["-p", "xdist.plugin", "-p", "openwop_testing.plugin"]
    result = pytester.runpytest_subprocess(*plugins, "-n", "2", "--openwop-seed", "random")

    result.assert_outcomes(passed=4)
    assert 1 == len(set(pytester.path.joinpath("ids").read_text().split()))
