"""`openwop doctor`: what is wrong with my URL, key and versions."""

from __future__ import annotations

import attrs
import typer
from rich.text import Text

from openwop.cli._checks import Check, checks
from openwop.cli.exits import Exit
from openwop.cli.output import mark_of, safe, style_of, text
from openwop.cli.session import Session, command

__all__ = ["add_to"]


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "doctor")(doctor)


def doctor(session: Session) -> int:
    """Find out what is wrong: installation, URL, network, protocol, clock and key.

    Ends with 1 where a check fails; every finding comes with what to do about it.
    """
    found: list[Check] = []
    for check in checks(session):
        found.append(check)
        if not session.json:
            _show(session, check)
    failed = sum(check.status == "fail" for check in found)
    warned = sum(check.status == "warn" for check in found)
    if session.json:
        session.document({"ok": not failed, "checks": [attrs.asdict(check) for check in found]})
    else:
        session.say()
        if failed:
            session.say(f"{failed} of {len(found)} checks failed", style="bold red")
        elif warned:
            session.say(f"well enough; {warned} things to look at", style="magenta")
        else:
            session.say("all is well", style="bold green")
    return Exit.FAILED if failed else Exit.OK


def _show(session: Session, check: Check) -> None:
    style = style_of(check.status)
    line = Text.assemble((f"{mark_of(check.status)} {safe(check.name):<16}", style), " ")
    session.put(line.append(safe(check.detail)))
    if check.remedy:
        session.put(text(f"  -> {check.remedy}", style))
