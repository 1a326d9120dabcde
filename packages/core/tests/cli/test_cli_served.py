"""The program as a process of its own, against a host on a port."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from openwop_testing import FakeHost


@pytest.fixture
def environment(host: FakeHost) -> Iterator[dict[str, str]]:
    """What a process needs to find the host."""
    with host.serve() as url:
        yield {
            **os.environ,
            "OPENWOP_BASE_URL": url,
            "OPENWOP_API_KEY": host.api_key,
            "PYTHONUNBUFFERED": "1",
        }


COMMAND = (sys.executable, "-m", "openwop.cli")


def openwop(environment: dict[str, str], *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *argv], env=environment, capture_output=True, text=True, check=False
    )


def test_a_process_runs_a_workflow_and_prints_only_its_outputs(
    environment: dict[str, str],
) -> None:
    done = openwop(environment, "run", "quick")

    assert (0, {"answer": 42}) == (done.returncode, json.loads(done.stdout))


def test_output_into_a_pipe_that_closes_ends_quietly(environment: dict[str, str]) -> None:
    with subprocess.Popen(
        [*COMMAND, "capabilities"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read()

    assert b"Traceback" not in told


@pytest.fixture
def interruptible() -> Iterator[None]:
    """A program takes over that its parent ignores Ctrl-C, as one in the background does."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(os.name != "posix", reason="signals of a terminal are POSIX's")
@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_leaves_cleanly_while_the_run_goes_on(
    environment: dict[str, str], host: FakeHost
) -> None:
    with subprocess.Popen(
        [*COMMAND, "run", "release", "-i", "notes=x", "--follow"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        next(line for line in process.stdout if "node.started" in line)
        process.send_signal(signal.SIGINT)
        told = process.stderr.read()

    run_id = next(iter(host.engine.runs))
    assert 130 == process.returncode
    assert f"run acme/{run_id} goes on" in told
    assert "Traceback" not in told


@pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals are POSIX's")
def test_on_a_real_terminal_the_live_view_is_drawn(environment: dict[str, str]) -> None:
    import pty

    controller, terminal = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "run", "quick", "--follow"],
        env={**environment, "TERM": "xterm-256color", "COLUMNS": "90", "LINES": "30"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    ) as process:
        os.close(terminal)
        drawn = b""
        while True:
            try:
                piece = os.read(controller, 4096)
            except OSError:  # the terminal is gone, as its process is
                break
            if not piece:
                break
            drawn += piece
    os.close(controller)

    assert 0 == process.returncode
    assert b"\x1b[?25l" in drawn
    assert b"\x1b[?25h" in drawn
    assert b"completed" in drawn
