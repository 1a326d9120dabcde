"""`openwop host`: the fake host as a command of the `openwop` program."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from openwop.cli.exits import Exit
from openwop.cli.session import Session, command, new_app
from openwop.errors import ConfigurationError
from openwop_testing.builder import Workflow
from openwop_testing.engine.context import NodeContext
from openwop_testing.host import FakeHost
from openwop_testing.server import load
from openwop_testing.serving import serve_forever

__all__ = ["app", "demo_workflows"]

app = new_app("Serve a host that lives in memory.")
_KEY = "hk_test_openwop"


def _greet(node: NodeContext) -> dict[str, str]:
    return {"greeting": f"hello, {node.variables['name']}"}


def demo_workflows() -> Iterable[Workflow]:
    """Return workflows to try things with: one that ends, one that asks, one that fails."""
    usage = {"provider": "acme", "model": "writer-1", "inputTokens": 812, "outputTokens": 96}
    return (
        Workflow("hello", description="Ends after a moment.")
        .variable("name", default="world")
        .delay("think", 0.5)
        .node("greet", run=_greet, primary=True),
        Workflow("publish-notes", description="Asks a person before it goes on.")
        .variable("notes", required=True)
        .node("draft", seconds=1.0, usage={**usage, "costEstimateUsd": 0.0042})
        .approval("review", "Publish these notes?", description="They go to every user.")
        .node("publish", seconds=0.5, outputs={"published": True}, primary=True),
        Workflow("broken-build", description="Fails on purpose.")
        .delay("fetch", 0.3)
        .fail("build", "build_broken", "The compiler gave up in line 7."),
    )


def _majors(text: str) -> frozenset[int]:
    known = {"1": {1}, "2": {2}, "1,2": {1, 2}, "2,1": {1, 2}}
    if text.replace(" ", "") not in known:
        msg = f"--majors is {text!r}; it is 1, 2 or 1,2"
        raise ConfigurationError(msg)
    return frozenset(known[text.replace(" ", "")])


@command(app, "host")
def host(
    session: Session,
    port: Annotated[int, typer.Option("--port", help="The port; 0 picks a free one.")] = 3737,
    address: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    workflows: Annotated[
        list[Path] | None,
        typer.Option(
            "--workflows",
            metavar="DIR",
            help="A folder of definitions (*.json); without one, three to try things with.",
        ),
    ] = None,
    majors: Annotated[str, typer.Option("--majors", help="Protocol majors to serve.")] = "1,2",
    key_env: Annotated[
        str | None,
        typer.Option("--key-env", metavar="VAR", help=f"Let in this key; by default {_KEY}."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="What ids are drawn from.")] = 0,
    virtual_time: Annotated[
        bool, typer.Option("--virtual-time", help="Skip the delays of runs that are watched.")
    ] = False,
) -> int:
    """Serve a host that lives in memory, until Ctrl-C."""
    key = _key(key_env)
    fake = FakeHost(api_key=key, majors=_majors(majors), seed=seed, start=time.time())
    try:
        for folder in workflows or ():
            if not folder.is_dir():
                msg = f"--workflows {folder} is no folder; give the one with the definitions"
                raise ConfigurationError(msg)
            load(folder, fake)
    except ValueError as error:
        if isinstance(error, ConfigurationError):
            raise
        raise ConfigurationError(str(error)) from error
    for workflow in () if workflows else demo_workflows():
        fake.workflows.add(workflow)

    def announce(url: str) -> None:
        names = sorted(fake.workflows.ids())
        if session.json:
            session.line({"url": url, "workflows": names})
            return
        shown = key if key_env is None else f"${key_env}"
        session.say(f"serving {url}")
        session.say(f"  workflows  {', '.join(names)}", style="dim")
        session.say("In another terminal:")
        session.say(f"  export OPENWOP_BASE_URL={url} OPENWOP_API_KEY={shown}", style="cyan")
        session.say(f"  openwop run {names[0] if workflows else 'hello'} --follow", style="cyan")

    try:
        serve_forever(fake, port, host=address, virtual_time=virtual_time, announce=announce)
    except OSError as error:
        msg = f"port {port} of {address} cannot be served: {error.strerror}; --port 0 picks another"
        raise ConfigurationError(msg) from error
    return Exit.OK


def _key(variable: str | None) -> str:
    if variable is None:
        return _KEY
    found = os.environ.get(variable)
    if not found:
        msg = f"--key-env {variable}: the variable is not set; set it to the key to let in"
        raise ConfigurationError(msg)
    return found
