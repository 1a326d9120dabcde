"""`openwop run`: start a run, and stay with it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer
from rich.text import Text

from openwop._handles import RunHandle
from openwop.cli._following import follow, note_for
from openwop.cli._run_values import read_inputs
from openwop.cli.exits import Exit
from openwop.cli.output import as_json
from openwop.cli.session import Session, command
from openwop.errors import ConfigurationError

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "run")(run)


def run(
    session: Session,
    workflow: Annotated[str, typer.Argument(metavar="WORKFLOW", help="The workflow to run.")],
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            "-i",
            metavar="NAME=VALUE",
            help="An input; JSON where the value is some, else text. May be repeated.",
        ),
    ] = None,
    inputs_file: Annotated[
        str | None,
        typer.Option("--inputs-file", metavar="FILE", help="A JSON object of inputs; - for stdin."),
    ] = None,
    tags: Annotated[
        list[str] | None, typer.Option("--tag", help="A label of the run. May be repeated.")
    ] = None,
    following: Annotated[
        bool, typer.Option("--follow", "-f", help="Show nodes, events and cost as it runs.")
    ] = False,
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Print the id of the run, and leave it.")
    ] = False,
    until: Annotated[
        Literal["terminal", "input"] | None,
        typer.Option(
            "--until",
            help="With --follow: stay to the end (the default), or until somebody is needed.",
        ),
    ] = None,
    decide: Annotated[
        bool, typer.Option("--decide", help="With --follow: ask here about what waits.")
    ] = False,
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", min=0.001, help="Seconds to wait for the result."),
    ] = None,
    key: Annotated[
        str | None,
        typer.Option(
            "--idempotency-key",
            help="Start once, however often this is repeated with the same key.",
        ),
    ] = None,
) -> int:
    """Start a run, wait for its end and print its outputs.

    Without --follow it ends with status 3 as soon as the run waits for somebody.
    """
    if detach and (following or decide or timeout):
        msg = "--detach leaves the run at once; --follow, --decide and --timeout stay: choose"
        raise ConfigurationError(msg)
    if decide and not following:
        msg = "--decide needs --follow"
        raise ConfigurationError(msg)
    given = read_inputs(inputs or [], inputs_file)
    options: dict[str, Any] = {"tags": tags} if tags else {}
    if key is not None:
        options["idempotency_key"] = key
    with session.client() as client:
        started = client.runs.start(workflow, given, **options)
        session.note = note_for(session, started.id)
        if detach:
            return _detached(session, started)
        if following:
            return follow(session, started, until=until or "terminal", decide=decide)
        if not session.json:
            session.tell(f"started {started.id}", style="dim")
        outputs = started.result(timeout)
    if session.json:
        session.document({"run_id": started.id, "status": "completed", "outputs": outputs})
    else:
        session.put(Text(as_json(outputs, indent=2)))
    return Exit.OK


def _detached(session: Session, started: RunHandle) -> int:
    if session.json:
        session.document({"run_id": started.id})
    else:
        session.say(started.id)
    return Exit.OK
