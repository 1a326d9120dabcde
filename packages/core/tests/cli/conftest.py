"""The command line against a host in memory: what is printed, and how it ends."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

pytest.importorskip("typer", minversion="0.24", reason="the extra `cli` is not installed")
pytest.importorskip("rich", reason="the extra `cli` is not installed")
pytest.importorskip("openwop_testing", reason="the fake host is not installed")

from openwop.cli._program import run
from openwop.cli.session import Surroundings
from openwop_testing import FakeHost, Workflow

KEY = "hk_test_canary_7f3a91c2d4e8"
USAGE = {"provider": "acme", "model": "m1", "inputTokens": 10, "outputTokens": 5}


def workflows() -> tuple[Workflow, ...]:
    """The workflows of the host: one that asks, one that asks questions, two that end."""
    return (
        Workflow("release")
        .variable("notes", required=True)
        .node("draft", seconds=2, usage={**USAGE, "costEstimateUsd": 0.01})
        .approval("review", "Ship it?", actions=("accept", "reject", "refine", "ask"))
        .node("ship", outputs={"version": 7}, primary=True),
        Workflow("survey").clarification("ask", {"name": "Your name?", "age": "How old?"}),
        Workflow("quick").node("only", outputs={"answer": 42}, primary=True),
        Workflow("broken").fail("build", "build_broken", "The compiler gave up."),
        Workflow("slow").delay("nap", 30),
    )


@attrs.frozen
class Said:
    """What a command printed, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def error(self) -> Any:
        return json.loads(self.err.splitlines()[-1])["error"]


Cli = Callable[..., Said]


@pytest.fixture
def make_host() -> Iterator[Callable[..., FakeHost]]:
    """Make hosts that know the workflows."""
    made: list[FakeHost] = []

    def make(**options: Any) -> FakeHost:
        made.append(FakeHost(**{"api_key": KEY, "workflows": workflows(), **options}))
        return made[-1]

    yield make
    for host in made:
        host.close()


@pytest.fixture
def host(make_host: Callable[..., FakeHost]) -> FakeHost:
    """A host of both majors."""
    return make_host()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, and no settings from outside."""
    import os

    for name in [name for name in os.environ if name.startswith("OPENWOP_")]:
        monkeypatch.delenv(name)
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    monkeypatch.setenv("OPENWOP_CONFIG", str(tmp_path / "profiles.toml"))
    return tmp_path


@pytest.fixture
def cli(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Cli:
    """Run a command against the host of the test, in process."""

    def call(
        *argv: str,
        stdin: str = "",
        on: FakeHost | None = None,
        is_terminal: bool = False,
        known: bool = True,
    ) -> Said:
        host = on or request.getfixturevalue("host")
        if known:
            monkeypatch.setenv("OPENWOP_BASE_URL", host.base_url)
            monkeypatch.setenv("OPENWOP_API_KEY", KEY)
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        capsys.readouterr()
        around = Surroundings(transport=host.transport(), is_terminal=is_terminal)
        code = run(argv, around)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call


@pytest.fixture
def waiting(cli: Cli) -> str:
    """The id of a run that waits for an approval."""
    said = cli("run", "release", "-i", "notes=x", "--detach", "--json")
    run_id: str = said.json["run_id"]
    assert cli("runs", "watch", run_id, "--until", "input").code == 3
    return run_id
