"""`openwop codegen`: the generator as a command of the `openwop` program."""

from __future__ import annotations

import typer

from openwop_codegen.cli import main

__all__ = ["app"]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)


@app.command(
    "codegen",
    help="Generate a client from an OpenAPI document.",
    add_help_option=False,  # the generator's own parser explains itself
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def codegen(ctx: typer.Context) -> None:
    """Hand the arguments on to `openwop-codegen`."""
    raise typer.Exit(main(ctx.args or ["--help"]))
