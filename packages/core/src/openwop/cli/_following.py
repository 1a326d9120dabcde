"""Following a run: live on a terminal, line by line elsewhere, JSON lines for programs."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Literal, TypeAlias

from rich.live import Live
from rich.text import Text

from openwop._handles import RunHandle
from openwop.cli._deciding import ask_about
from openwop.cli._folding import RunView
from openwop.cli._views import event_line, render
from openwop.cli.exits import Exit
from openwop.cli.output import as_json, mark_of, safe, style_of
from openwop.cli.session import Session
from openwop.errors import BadRequestError

__all__ = ["Until", "finish", "follow", "note_for"]

Until: TypeAlias = Literal["terminal", "input"]


def note_for(session: Session, run_id: str) -> str:
    """Return what to say when somebody stops watching."""
    where = f" --profile {session.profile}" if session.profile else ""
    return (
        f"Stopped watching; run {run_id} goes on.\n"
        f"  watch it again: openwop runs watch {run_id}{where}\n"
        f"  end it:         openwop runs cancel {run_id}{where}"
    )


def follow(
    session: Session,
    run: RunHandle,
    *,
    until: Until = "terminal",
    mode: str | None = None,
    after: int | None = None,
    decide: bool = False,
) -> int:
    """Show a run until it has ended.

    Args:
        session: The command.
        run: The run.
        until: `input` to stop as soon as the run waits for somebody.
        mode: The mode of the stream; without it `debug`, or `updates` on a host that has no such.
        after: The sequence after which to begin.
        decide: Whether to ask, right here, about what waits.

    Returns:
        The exit status: how the run ended, or that it needs input.
    """
    session.note = note_for(session, run.id)
    view = RunView(run.id)
    try:
        return _watched(session, run, view, mode or "debug", until, after, decide=decide)
    except BadRequestError:
        if mode is not None or view.count:
            raise
    # `debug` is optional (v1 section 11.2).
    return _watched(session, run, view, "updates", until, after, decide=decide)


def _watched(
    session: Session,
    run: RunHandle,
    view: RunView,
    mode: str,
    until: Until,
    after: int | None,
    *,
    decide: bool,
) -> int:
    clock = time.monotonic
    with ExitStack() as stack:
        stream = stack.enter_context(run.events(mode=mode, after=after))
        live = _live(session, view, clock)
        if live is not None:
            stack.enter_context(live)
        for event in stream:
            line = view.feed(event, clock())
            if session.json:
                session.line(event.raw)
            elif live is None:
                session.put(event_line(line))
            if not view.waiting or event.type != "interrupt.requested":
                continue
            if decide:
                _answer(session, run, live)
            elif until == "input":
                break
    return finish(session, run, view)


def _live(session: Session, view: RunView, clock: Callable[[], float]) -> Live | None:
    if session.json or not session.out.is_terminal:
        return None
    console = session.out

    def picture() -> Any:
        return render(view, now=clock(), width=console.width, height=console.height)

    return Live(get_renderable=picture, console=console, refresh_per_second=8)


def _answer(session: Session, run: RunHandle, live: Live | None) -> None:
    """Ask about what waits, with the picture out of the way."""
    if live is not None:
        live.stop()
    try:
        for interrupt in run.pending_interrupts():
            ask_about(session, run, interrupt)
    finally:
        if live is not None:
            live.start(refresh=True)


def finish(session: Session, run: RunHandle, view: RunView) -> int:
    """Say how a run ended, and return the exit status for it.

    Args:
        session: The command.
        run: The run.
        view: What was seen of it.
    """
    if not view.is_over and not view.waiting:
        # The stream was of a mode without a terminal event.
        view.status = run.snapshot().status
    status = view.status
    if status == "completed":
        if not session.json and view.outputs:
            session.put(Text(as_json(view.outputs, indent=2)))
        return Exit.OK
    if status in {"failed", "cancelled"}:
        told = f"{mark_of(status)} run {run.id} {'was ' if status == 'cancelled' else ''}{status}"
        session.tell(f"{told}: {view.error}" if view.error else told, style=style_of(status))
        return Exit.FAILED
    if view.waiting or status.startswith("waiting"):
        for node_id, what in view.waiting.items():
            session.tell(f"run {run.id} waits at {safe(node_id)} for {what}")
        session.tell(f"Answer it: openwop decide --run {run.id}")
        return Exit.NEEDS_INPUT
    return Exit.OK
