"""`openwop webhooks`: receive webhooks without a tunnel, and verify one that was kept."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from openwop.cli.exits import Exit
from openwop.cli.session import Session, command, new_app
from openwop.errors import (
    CapabilityNotSupportedError,
    ConfigurationError,
)
from openwop_webhooks.delivery import Challenge
from openwop_webhooks.errors import WebhookVerificationError
from openwop_webhooks.listening import Forwarded, Forwarding, Listener
from openwop_webhooks.signing import make_secret
from openwop_webhooks.verifier import Verifier

__all__ = ["app"]

app = new_app("Receive webhooks on this machine, and verify them.")

_SECRET = "OPENWOP_WEBHOOK_SECRET"  # noqa: S105  # the name of a variable
_ACTIVE = ("running", "pending", "paused", "waiting-approval", "waiting-input", "waiting-external")
_EVERY = 2.0
"""Seconds between two looks for new runs."""

_pause = threading.Event

SecretEnv = Annotated[
    str,
    typer.Option("--secret-env", metavar="VAR", help="The variable that holds the secret."),
]
SecretFile = Annotated[
    Path | None,
    typer.Option("--secret-file", metavar="FILE", help="The file that holds the secret."),
]


@command(app, "listen")
def listen(
    session: Session,
    forward_to: Annotated[
        str,
        typer.Option(
            "--forward-to", metavar="URL", help="The endpoint, on this machine, to post to."
        ),
    ],
    runs: Annotated[
        list[str] | None,
        typer.Option(
            "--run", metavar="RUN", help="A run; without it, all that are active (major 2)."
        ),
    ] = None,
    events: Annotated[
        list[str] | None,
        typer.Option("--event", metavar="TYPE", help="Which events; node.* is a pattern."),
    ] = None,
    host_events: Annotated[
        bool, typer.Option("--host-events", help="Forward the host's own events too (major 2).")
    ] = False,
    standard: Annotated[
        bool, typer.Option("--standard", help="Sign in the Standard Webhooks form too.")
    ] = False,
    secret_env: SecretEnv = _SECRET,
    secret_file: SecretFile = None,
) -> int:
    """Follow runs and post their events, signed as a host signs, to an endpoint on this machine.

    Needs no tunnel: the events come over the streams that the host has anyway.  Without a secret
    one is made and kept in a file that only you may read; your endpoint verifies with it.
    """
    secret = _secret_to_sign(session, secret_env, secret_file, standard=standard)
    counts = {True: 0, False: 0}

    def report(forwarded: Forwarded) -> None:
        counts[forwarded.succeeded] += 1
        if session.json:
            session.line(_document(forwarded))
        else:
            session.say(str(forwarded), style="green" if forwarded.succeeded else "red")

    how = Forwarding(events=tuple(events or ("*",)), standard=standard, report=report)
    session.note = "Stopped listening; the runs go on."
    with session.client() as client, Listener(client, forward_to, secret=secret, how=how) as to:
        session.tell(f"posting to {forward_to}; Ctrl-C stops it", style="dim")
        for run_id in runs or ():
            to.follow(run_id)
        if host_events:
            to.follow_host()
        if runs:
            to.wait()
        else:
            _follow_all(client, to)
    return Exit.FAILED if counts[False] else Exit.OK


def _follow_all(client: Any, listener: Listener) -> None:
    """Follow every run that is active, and those that are started from now on."""
    known: set[str] = set()
    pause, first = _pause(), True
    while True:
        try:
            found = client.runs.list(limit=100).first_page().runs
        except CapabilityNotSupportedError as error:
            msg = f"{error}. Without a list of runs, name them: --run RUN"
            raise CapabilityNotSupportedError(msg, capability=error.capability) from error
        for run in found:
            # A run that is over before the first look is history; one that is over at a later
            # look was quicker than we are, and is forwarded all the same.
            if run.run_id not in known and (not first or run.status in _ACTIVE):
                listener.follow(run.run_id)
            known.add(run.run_id)
        first = False
        listener.wait(timeout=0.01)
        pause.wait(_EVERY)


def _document(forwarded: Forwarded) -> dict[str, Any]:
    return {
        "type": forwarded.event_type,
        "run_id": forwarded.run_id,
        "sequence": forwarded.sequence,
        "status": forwarded.status,
        "attempts": forwarded.attempts,
        "ok": forwarded.succeeded,
        "problem": forwarded.problem,
    }


def _secret_to_sign(session: Session, variable: str, file: Path | None, *, standard: bool) -> str:
    """Return the secret to sign with: of the file, of the environment, or a new one in a file."""
    if file is None:
        found = os.environ.get(variable)
        if found:
            return found
        file = session.folder / ("webhook-secret-standard" if standard else "webhook-secret")
    if file.is_file():
        return _read_secret(file)
    secret = make_secret(standard=standard)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
        opened.write(secret + "\n")
    session.tell(f"a secret for your endpoint is in {file}")
    return secret


def _read_secret(file: Path) -> str:
    try:
        found = file.read_text("utf-8").strip()
    except OSError as error:
        msg = f"the secret in {file} cannot be read: {error.strerror}; check the path"
        raise ConfigurationError(msg) from None
    if not found:
        msg = f"{file} is empty; it should hold the secret"
        raise ConfigurationError(msg)
    return found


@command(app, "verify")
def verify(
    session: Session,
    headers: Annotated[
        Path,
        typer.Option(
            "--headers", metavar="FILE", help="The headers: lines of `Name: value`, or JSON."
        ),
    ],
    body: Annotated[
        str, typer.Option("--body", metavar="FILE", help="The body, byte for byte; - for stdin.")
    ] = "-",
    secret_env: SecretEnv = _SECRET,
    secret_file: SecretFile = None,
    at: Annotated[
        float | None,
        typer.Option("--at", metavar="SECONDS", help="Judge as of this Unix time, not of now."),
    ] = None,
) -> int:
    """Say whether a request that was kept is an authentic webhook; status 1 where it is not."""
    secret = _read_secret(secret_file) if secret_file else os.environ.get(secret_env)
    if not secret:
        msg = f"verify needs the secret of the subscription: set {secret_env}, or --secret-file"
        raise ConfigurationError(msg)
    fields, data = _headers(headers), _body(body)
    verifier = Verifier(secret, clock=(lambda: at) if at is not None else time.time)
    try:
        found = verifier.verify(fields, data)
        event = None if isinstance(found, Challenge) else found.event
    except WebhookVerificationError as error:
        if session.json:
            session.document({"authentic": False, "reason": error.reason})
        else:
            session.tell(f"not authentic: {error} ({error.reason})", style="red")
        return Exit.FAILED
    if isinstance(found, Challenge) or event is None:
        if session.json:
            session.document({"authentic": True, "kind": "challenge"})
        else:
            session.say("authentic: a challenge, to be echoed", style="green")
        return Exit.OK
    told: dict[str, Any] = {
        "authentic": True,
        "kind": "delivery",
        "type": event.type,
        "run_id": found.run_id,
        "sequence": event.sequence,
        "secret": found.fingerprint,
    }
    if session.json:
        session.document(told)
    else:
        session.say(f"authentic: {event.type} #{event.sequence} of {found.run_id}", style="green")
    return Exit.OK


def _headers(file: Path) -> dict[str, str]:
    try:
        given = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        msg = f"--headers {file} cannot be read as text; check the path"
        raise ConfigurationError(msg) from None
    if given.lstrip().startswith("{"):
        try:
            document = cast("dict[str, object]", json.loads(given))
        except ValueError as error:
            msg = f"--headers {file} holds no JSON: {error}"
            raise ConfigurationError(msg) from None
        return {name: str(value) for name, value in document.items()}
    pairs = [line.partition(":") for line in given.splitlines() if ":" in line]
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip()}


def _body(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as error:
        msg = f"--body {file} cannot be read: {error.strerror}; check the path"
        raise ConfigurationError(msg) from None
