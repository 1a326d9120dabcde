"""The program: our commands, and those that siblings contribute."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Annotated, Any, Final

import attrs
import typer
from typer.core import TyperGroup

from openwop._version import __version__
from openwop.cli import _capabilities, _decide, _doctor, _migrate, _profile, _run, _runs
from openwop.cli.exits import Exit
from openwop.cli.session import Session, Surroundings

__all__ = ["app", "run"]

_GROUP: Final = "openwop.cli"


@attrs.frozen
class _Sibling:
    """A package that contributes a command.

    Attributes:
        summary: What the command does.
        requirement: What to install.
        folder: Where a checkout has it.
    """

    summary: str
    requirement: str
    folder: str


_SIBLINGS: Final = {
    "webhooks": _Sibling(
        "Receive webhooks on this machine, and verify them.",
        "openwop[webhooks]",
        "packages/webhooks",
    ),
    "host": _Sibling("Serve a host that lives in memory.", "openwop[testing]", "packages/testing"),
    "codegen": _Sibling(
        "Generate a client from an OpenAPI document.", "openwop-codegen", "packages/codegen"
    ),
}


class _Commands(TyperGroup):
    """The commands of core, and those of the entry points, loaded when they are needed."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands."""
        names = dict.fromkeys([*super().list_commands(ctx), *_SIBLINGS, *_contributed()])
        return list(names)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command by its name."""
        found = super().get_command(ctx, cmd_name)
        if found is not None:
            return found
        entry = _contributed().get(cmd_name)
        if entry is not None:
            return _loaded(entry)
        if cmd_name in _SIBLINGS:
            return _missing(cmd_name, _SIBLINGS[cmd_name])
        return None


def _contributed() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=_GROUP)}


def _loaded(entry: EntryPoint) -> Any:
    try:
        given = entry.load()
        made = typer.main.get_command(given)
    except Exception as error:  # noqa: BLE001  # a plugin's fault must not take the others along
        said = f"the command {entry.name} ({entry.value}) cannot be loaded: {error}"
        return _refusal(entry.name, "Cannot be loaded.", f"{said}. Mend or remove its package")
    made.name = entry.name
    return made


def _missing(name: str, sibling: _Sibling) -> Any:
    said = (
        f"`{name}` is part of another package, which is not installed. Install it: "
        f'pip install "{sibling.requirement}" (from a checkout: pip install ./{sibling.folder})'
    )
    return _refusal(name, f"{sibling.summary} (not installed)", said)


def _refusal(name: str, summary: str, said: str) -> Any:
    """Return a command that says why it is none."""
    standing_in = typer.Typer(add_completion=False)

    @standing_in.command(
        name,
        help=summary,
        add_help_option=False,
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )
    def refuse(ctx: typer.Context) -> None:
        session = Session(Surroundings(), json="--json" in ctx.args)
        session.complain(said, Exit.USAGE)
        raise typer.Exit(int(Exit.USAGE))

    return typer.main.get_command(standing_in)


app = typer.Typer(
    name="openwop",
    cls=_Commands,
    help="Start runs on an OpenWOP host, follow them, and answer what waits for a person.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # they would show the values of variables
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _version(asked: bool) -> None:  # as typer calls it
    if asked:
        typer.echo(f"openwop {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[  # its callback has done it all
        bool,
        typer.Option(
            "--version",
            callback=_version,
            is_eager=True,
            help="Print the version.",
        ),
    ] = False,
) -> None:
    """Start runs on an OpenWOP host, follow them, and answer what waits for a person."""


_doctor.add_to(app)
_capabilities.add_to(app)
_run.add_to(app)
_decide.add_to(app)
_migrate.add_to(app)
app.add_typer(_runs.app, name="runs")
app.add_typer(_profile.app, name="profile")


def run(argv: Sequence[str] | None = None, surroundings: Surroundings | None = None) -> int:
    """Run the program.

    Args:
        argv: The arguments; those of the process where not given.
        surroundings: What stands in for the world.

    Returns:
        The exit status.
    """
    try:
        app(
            args=None if argv is None else list(argv),
            prog_name="openwop",
            obj=surroundings or Surroundings(),
        )
    except SystemExit as exc:
        return exc.code if isinstance(exc.code, int) else int(Exit.FAILED)
    return int(Exit.OK)
