"""`openwop decide`: what waits for a person, and answering it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from openwop._client import Client
from openwop._decisions import Decision, Interrupt
from openwop._handles import RunHandle
from openwop.cli._deciding import Stop, ask_about, picture, read_json, told
from openwop.cli._run_values import parse_value
from openwop.cli.exits import Exit
from openwop.cli.session import Session, command
from openwop.errors import CapabilityNotSupportedError, ConfigurationError

__all__ = ["add_to"]

_WAITING = ("waiting-approval", "waiting-input", "waiting-external")


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    command(app, "decide")(decide)


def decide(
    session: Session,
    runs: Annotated[
        list[str] | None,
        typer.Option("--run", metavar="RUN", help="A run; without it, all that wait (major 2)."),
    ] = None,
    node: Annotated[
        str | None, typer.Option("--node", help="The node; needed where several wait.")
    ] = None,
    approve: Annotated[bool, typer.Option("--approve", help="Accept.")] = False,
    reject: Annotated[bool, typer.Option("--reject", help="Reject.")] = False,
    changes: Annotated[
        str | None, typer.Option("--request-changes", metavar="TEXT", help="Send it back.")
    ] = None,
    edited: Annotated[
        str | None,
        typer.Option("--accept-edited", metavar="FILE", help="Accept with the JSON of this file."),
    ] = None,
    escalate: Annotated[
        str | None, typer.Option("--escalate", metavar="TEXT", help="Pass it on with a question.")
    ] = None,
    answers: Annotated[
        list[str] | None,
        typer.Option(
            "--answer",
            metavar="[ID=]VALUE",
            help="Answer a question; JSON where the value is some. May be repeated.",
        ),
    ] = None,
    value: Annotated[
        str | None,
        typer.Option("--value", metavar="JSON", help="Resume with this value, whatever the kind."),
    ] = None,
    feedback: Annotated[
        str | None, typer.Option("--feedback", help="A word to the workflow with the decision.")
    ] = None,
    listing: Annotated[bool, typer.Option("--list", help="Only show what waits.")] = False,
) -> int:
    """Answer what waits for a person: one by one in a conversation, or at once by options."""
    given = {
        "--approve": approve,
        "--reject": reject,
        "--request-changes": changes is not None,
        "--accept-edited": edited is not None,
        "--escalate": escalate is not None,
        "--answer": bool(answers),
        "--value": value is not None,
    }
    chosen = [name for name, is_given in given.items() if is_given]
    if len(chosen) > 1:
        msg = f"{' and '.join(chosen)} exclude each other; decide one thing"
        raise ConfigurationError(msg)
    if chosen and (not runs or len(runs) != 1):
        msg = f"{chosen[0]} needs --run RUN, the one run that it is for"
        raise ConfigurationError(msg)
    with session.client() as client:
        if not chosen:
            return _inbox(session, client, runs, node, listing=listing)
        run = client.runs.attach((runs or [""])[0])
        decision = _decided(
            run,
            node,
            chosen[0],
            feedback=feedback,
            words=changes or escalate,
            edited=edited,
            answers=answers or (),
            value=value,
        )
    return _report(session, run, decision)


def _decided(
    run: RunHandle,
    node: str | None,
    chosen: str,
    *,
    feedback: str | None,
    words: str | None,
    edited: str | None,
    answers: Sequence[str],
    value: str | None,
) -> Decision:
    if chosen == "--approve":
        return run.approve(node, feedback=feedback)
    if chosen == "--reject":
        return run.reject(node, feedback=feedback)
    if chosen == "--request-changes":
        return run.request_changes(words, node)
    if chosen == "--escalate":
        return run.escalate(node, feedback=words)
    if chosen == "--accept-edited":
        return run.accept_edited(read_json(edited or ""), node, feedback=feedback)
    if chosen == "--answer":
        return run.answer(_answers(run, node, answers), node)
    return run.resolve(parse_value(value or ""), node)


def _answers(run: RunHandle, node: str | None, given: Sequence[str]) -> Any:
    """Return what `answer` takes: the answer to the one question, or answers by question."""
    asked: set[str] = set()
    for interrupt in run.pending_interrupts():
        if node in {None, interrupt.node_id}:
            asked |= {name for name, _ in interrupt.questions}
    pairs = [(name, rest) for name, equals, rest in (item.partition("=") for item in given)
             if equals and name in asked]  # fmt: skip
    if len(pairs) == len(given):
        return {name: parse_value(rest) for name, rest in pairs}
    if len(given) == 1:
        return parse_value(given[0])
    msg = f"--answer: write ID=VALUE for each; the questions are {', '.join(sorted(asked))}"
    raise ConfigurationError(msg)


def _report(session: Session, run: RunHandle, decision: Decision) -> int:
    if session.json:
        progress = decision.progress
        session.document(
            {
                "run_id": run.id,
                "node_id": decision.node_id,
                "outcome": decision.outcome,
                "status": decision.status,
                "progress": None
                if progress is None
                else {"granted": progress.granted, "required": progress.required},
            }
        )
    else:
        session.say(told(decision))
    return Exit.OK if decision.outcome == "won" else Exit.API


def _inbox(
    session: Session,
    client: Client,
    runs: list[str] | None,
    node: str | None,
    *,
    listing: bool,
) -> int:
    """Show what waits, and ask about each where somebody sits there."""
    found = [
        (run, interrupt)
        for run in _waiting_runs(client, runs)
        for interrupt in run.pending_interrupts()
        if node in {None, interrupt.node_id}
    ]
    if session.json:
        session.document([_document(interrupt) for _, interrupt in found])
        return Exit.NEEDS_INPUT if found else Exit.OK
    if not found:
        session.say("nothing waits for you", style="dim")
        return Exit.OK
    if listing or not session.is_terminal:
        for _, interrupt in found:
            session.out.print(picture(interrupt))
        session.tell(
            "decide in a terminal, or with --run RUN --node NODE and --approve, --reject, --answer"
        )
        return Exit.NEEDS_INPUT
    left = len(found)
    try:
        for place, (run, interrupt) in enumerate(found, 1):
            session.tell(f"{place} of {len(found)}", style="dim")
            left -= ask_about(session, run, interrupt) is not None
    except Stop:
        pass
    session.tell(f"{len(found) - left} decided, {left} left", style="dim")
    return Exit.NEEDS_INPUT if left else Exit.OK


def _waiting_runs(client: Client, runs: list[str] | None) -> Iterator[RunHandle]:
    if runs:
        yield from (client.runs.attach(run_id) for run_id in runs)
        return
    seen: set[str] = set()
    try:
        for status in _WAITING:
            for run in client.runs.list(status=status):
                # A host may ignore the filter (v2 section 11.2).
                if run.status.startswith("waiting") and run.run_id not in seen:
                    seen.add(run.run_id)
                    yield client.runs.attach(run.run_id)
    except CapabilityNotSupportedError as error:
        msg = f"{error}. Without a list of runs, name the run: openwop decide --run RUN"
        raise CapabilityNotSupportedError(msg, capability=error.capability) from error


def _document(interrupt: Interrupt) -> dict[str, Any]:
    return {
        "run_id": interrupt.run_id,
        "node_id": interrupt.node_id,
        "kind": interrupt.kind,
        "title": interrupt.title,
        "actions": list(interrupt.actions),
        "questions": dict(interrupt.questions),
        "data": dict(interrupt.data),
        "timeout_ms": interrupt.timeout_ms,
    }
