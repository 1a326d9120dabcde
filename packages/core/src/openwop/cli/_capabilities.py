"""`openwop capabilities`: what the host is and offers."""

from __future__ import annotations

from typing import Any, Final, cast

import typer

from openwop.cli.output import safe, table
from openwop.cli.session import Session, command

__all__ = ["add_to"]

_HEAD: Final = frozenset(
    {
        "protocolVersions",
        "protocolVersion",
        "preferredVersion",
        "minClientVersion",
        "implementation",
        "engineVersion",
        "eventLogSchemaVersion",
        "fixtures",
        "signingKeys",
        "extensions",
    }
)
_QUIET: Final = frozenset({"status", "since", "supported", "enabled", "witness"})
_LONGEST: Final = 24


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "capabilities")(capabilities)


def capabilities(session: Session) -> None:
    """Show what the host is, which protocol majors it speaks, and what it offers."""
    with session.client() as client:
        found: dict[str, Any] = client.discovery.capabilities().to_dict()
    if session.json:
        session.document(found)
        return
    who = found.get("implementation")
    if isinstance(who, dict):
        named = cast("dict[str, object]", who)
        session.say("host     ", *(named[word] for word in ("name", "version") if word in named))
    versions = found.get("protocolVersions") or [found.get("protocolVersion")]
    session.say("protocol ", ", ".join(str(item) for item in versions))
    fixtures = cast("list[object] | None", found.get("fixtures"))
    if fixtures:
        session.say("fixtures ", ", ".join(str(item) for item in fixtures))
    session.say()
    table(
        session.out,
        {"name": "offers", "facets": "as"},
        [{"name": name, "facets": _facets(found[name])} for name in sorted(set(found) - _HEAD)],
    )


def _facets(record: object) -> str:
    """Return what a family says about itself, in one line."""
    if not isinstance(record, dict):
        return safe(record)
    told: list[str] = []
    for name, value in cast("dict[str, object]", record).items():
        if name in _QUIET or not value:
            continue
        if value is True or isinstance(value, dict):
            told.append(name)
        else:
            told.append(f"{name}={_short(value)}")
    return safe(" ".join(told))


def _short(value: object) -> str:
    """Return a value in a few characters."""
    if isinstance(value, list):
        return ",".join(_short(item) for item in cast("list[object]", value))
    if isinstance(value, dict):
        return next((_short(item) for item in cast("dict[str, object]", value).values()), "")
    shown = str(value)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."
