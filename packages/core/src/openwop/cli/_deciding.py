"""Asking a person about one interrupt, and sending what they say."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import typer
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from openwop._decisions import Decision, Interrupt
from openwop._handles import RunHandle
from openwop.cli._run_values import parse_value
from openwop.cli.output import safe, text
from openwop.cli.session import Session
from openwop.errors import (
    ConfigurationError,
    InterruptAlreadyResolvedError,
    InterruptExpiredError,
)

__all__ = ["Stop", "ask_about", "picture", "told"]

_DEFAULT_ACTIONS: Final = ("accept", "reject")
_SHOWN: Final = frozenset({"title", "description", "questions", "actions"})


class Stop(Exception):  # noqa: N818  # no error: somebody has had enough
    """The person wants to stop."""


def picture(interrupt: Interrupt) -> RenderableType:
    """Return what an interrupt asks, for a terminal.

    Args:
        interrupt: The interrupt.
    """
    parts: list[RenderableType] = [text(interrupt.title or interrupt.kind, "bold")]
    description = interrupt.data.get("description")
    if isinstance(description, str):
        parts.append(text(description))
    for name, value in interrupt.data.items():
        if name not in _SHOWN and value not in (None, "", [], {}):
            line = Text(f"{safe(name)}: ", style="dim")
            parts.append(line.append(safe(value), style=""))
    if interrupt.timeout_ms:
        parts.append(text(f"times out after {interrupt.timeout_ms / 1000:g} s", "dim"))
    title = f"{safe(interrupt.kind)} at {safe(interrupt.node_id)}"
    return Panel(
        Group(*parts),
        title=Text(title, style="bold magenta"),
        title_align="left",
        subtitle=text(f"run {interrupt.run_id}", "dim"),
        subtitle_align="left",
        border_style="magenta",
    )


def ask_about(session: Session, run: RunHandle, interrupt: Interrupt) -> Decision | None:
    """Show an interrupt, ask what to do, and do it.

    Args:
        session: The command.
        run: The run.
        interrupt: What waits.

    Returns:
        What came of it; None where it was skipped, or somebody else was first.

    Raises:
        Stop: The person wants to stop.
    """
    session.err.print(picture(interrupt))
    while True:
        try:
            decision = _ask(run, interrupt)
        except (InterruptAlreadyResolvedError, InterruptExpiredError) as error:
            session.tell(str(error), style="magenta")
            return None
        except ConfigurationError as error:  # it does not fit what is offered: ask again
            session.tell(str(error), style="red")
            continue
        if decision is not None:
            session.tell(told(decision), style="green")
        return decision


def told(decision: Decision) -> str:
    """Return what came of a decision, in words."""
    if decision.outcome != "won":
        return (
            f"node {decision.node_id}: the answer got lost on the way, and somebody has decided "
            "since; look at the run to see what holds"
        )
    progress = decision.progress
    more = f" ({progress.granted} of {progress.required} agree)" if progress else ""
    return f"node {decision.node_id}: the host took the decision{more}"


def _ask(run: RunHandle, interrupt: Interrupt) -> Decision | None:
    node = interrupt.node_id
    if interrupt.kind == "approval":
        return _approval(run, interrupt)
    if interrupt.kind == "clarification" and interrupt.questions:
        answers: dict[str, Any] = {}
        for name, question in interrupt.questions:
            given = _said(f"{safe(question)} (empty skips, quit stops)")
            if not given:
                return None
            answers[name] = parse_value(given)
        return run.answer(answers, node)
    given = _said("the answer, as JSON or text (empty skips, quit stops)")
    return run.resolve(parse_value(given), node) if given else None


def _approval(run: RunHandle, interrupt: Interrupt) -> Decision | None:
    offered = interrupt.actions or _DEFAULT_ACTIONS
    choices = [*offered, "skip", "quit"]
    given = _said("/".join(safe(choice) for choice in choices)).lower()
    matching = [choice for choice in choices if given and choice.startswith(given)]
    if given in choices:
        matching = [given]
    if len(matching) != 1:
        msg = f"{given!r} is none of {', '.join(choices)}; their beginnings will do"
        raise ConfigurationError(msg)
    action = matching[0]
    if action == "skip":
        return None
    node = interrupt.node_id
    verbs: Mapping[str, Callable[[], Decision]] = {
        "accept": lambda: run.approve(node),
        "reject": lambda: run.reject(node, feedback=_said("why (may be empty)") or None),
        "refine": lambda: run.request_changes(_said("what should change"), node),
        "ask": lambda: run.escalate(node, feedback=_said("what is the question") or None),
        "edit-accept": lambda: run.accept_edited(
            read_json(_said("file with the edited artifact, as JSON")), node
        ),
    }
    return verbs[action]() if action in verbs else run.resolve({"action": action}, node)


def read_json(path: str) -> Any:
    """Return the JSON of a file.

    Args:
        path: The file.

    Raises:
        ConfigurationError: It cannot be read, or holds none.
    """
    try:
        return json.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        msg = f"{path or 'the file'} cannot be read: {error.strerror}; check the path"
        raise ConfigurationError(msg) from None
    except ValueError as error:
        msg = f"{path} holds no JSON: {error}"
        raise ConfigurationError(msg) from None


def _said(question: str) -> str:
    given = str(typer.prompt(question, default="", show_default=False, err=True)).strip()
    if given == "quit":
        raise Stop
    return given
