"""`openwop profile`: hosts by name."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from openwop.cli._profiles import Profile
from openwop.cli.output import table
from openwop.cli.session import Session, command, new_app
from openwop.errors import ConfigurationError

__all__ = ["app"]

app = new_app("Keep hosts and their keys under names; keys are never printed.")
Name = Annotated[str, typer.Argument(metavar="NAME", help="The profile.")]


@command(app, "add")
def add(
    session: Session,
    name: Name,
    key_env: Annotated[
        str | None,
        typer.Option(
            "--key-env", metavar="VAR", help="Take the key from this variable when it is needed."
        ),
    ] = None,
    key_stdin: Annotated[
        bool, typer.Option("--key-stdin", help="Read the key from standard input.")
    ] = False,
    no_key: Annotated[bool, typer.Option("--no-key", help="This host needs no key.")] = False,
    protocol: Annotated[
        int | None,
        typer.Option("--protocol", min=1, max=2, help="Speak this major without asking."),
    ] = None,
) -> None:
    """Add or replace a profile; --base-url says where its host is.

    The key is asked for, unless an option says where it is. There is no option for the key itself:
    what is on a command line is in the shell's history, and every process can read it.
    """
    if session.base_url is None:
        msg = "profile add needs --base-url URL, the host's bare origin"
        raise ConfigurationError(msg)
    key: str | None = None
    if sum((key_env is not None, key_stdin, no_key)) > 1:
        msg = "--key-env, --key-stdin and --no-key exclude each other; give one"
        raise ConfigurationError(msg)
    if key_stdin:
        key = sys.stdin.readline().strip() or None
        if key is None:
            msg = "--key-stdin found nothing on standard input; pipe the key in"
            raise ConfigurationError(msg)
    elif key_env is None and not no_key:
        if not session.is_terminal:
            msg = "nobody can be asked for the key here; give --key-env, --key-stdin or --no-key"
            raise ConfigurationError(msg)
        key = str(typer.prompt("API key", hide_input=True, err=True))
    session.profiles.add(Profile(name, session.base_url, key, key_env, protocol))
    used = " and is in use" if session.profiles.used == name else ""
    session.say(f"profile {name} is kept in {session.profiles.path}{used}")
    if session.json:
        session.document(_shown(session, session.profiles.get(name)))


@command(app, "list")
def list_(session: Session) -> None:
    """List the profiles."""
    rows = [_shown(session, profile) for profile in session.profiles.known.values()]
    if session.json:
        session.document(rows)
        return
    for row in rows:
        row["used"] = "*" if row["used"] else ""
    table(
        session.out,
        {"used": "", "name": "name", "base_url": "url", "key": "key", "protocol": "major"},
        rows,
        narrow=("used", "name", "base_url"),
        empty="no profiles yet: openwop profile add NAME --base-url URL",
    )


@command(app, "use")
def use(session: Session, name: Name) -> None:
    """Use a profile wherever nothing else is said."""
    session.profiles.use(name)
    session.say(f"profile {name} is in use")
    if session.json:
        session.document(_shown(session, session.profiles.get(name)))


@command(app, "remove")
def remove(session: Session, name: Name) -> None:
    """Forget a profile and its key."""
    session.profiles.remove(name)
    session.say(f"profile {name} is forgotten")
    if session.json:
        session.document({"removed": name})


def _shown(session: Session, profile: Profile) -> dict[str, object]:
    """Return what may be seen of a profile: not its key, only where that is."""
    return {
        "name": profile.name,
        "base_url": profile.base_url,
        "key": profile.key_from,
        "protocol": profile.protocol,
        "used": session.profiles.used == profile.name,
    }
