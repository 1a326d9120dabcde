"""`openwop runs`: list, get, watch, cancel, pause, resume, fork and compare runs."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any, Literal

import typer
from rich.text import Text

from openwop._generated.models import RunSnapshot
from openwop.cli._following import follow, note_for
from openwop.cli.exits import Exit
from openwop.cli.output import as_json, mark_of, safe, style_of, table, text
from openwop.cli.session import Session, command, new_app
from openwop.runtime import Model

__all__ = ["app"]

app = new_app("Look at runs, and steer them.")

RunId = Annotated[str, typer.Argument(metavar="RUN", help="The id of the run.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Why, for the log of the run.")]


@command(app, "list")
def list_(
    session: Session,
    status: Annotated[
        str | None, typer.Option("--status", help="Only runs in this status, such as running.")
    ] = None,
    workflow: Annotated[
        str | None, typer.Option("--workflow", help="Only runs of this workflow.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="At most so many.")] = 20,
) -> None:
    """List runs, newest first; major 2 only."""
    with session.client() as client:
        found = [
            run
            for run in islice(
                client.runs.list(limit=limit, status=status, workflow_id=workflow), limit
            )
            # A host ignores filters that it does not have (v2 section 11.2).
            if (status is None or run.status == status)
            and (workflow is None or run.workflow_id == workflow)
        ]
    if session.json:
        session.document([run.to_dict() for run in found])
        return
    table(
        session.out,
        {"status": "status", "id": "run", "workflow": "workflow", "started": "started"},
        [
            {
                "status": run.status,
                "id": run.run_id,
                "workflow": run.workflow_id,
                "started": (run.started_at or "")[:19].replace("T", " "),
            }
            for run in found
        ],
        narrow=("status", "id"),
        empty="no runs",
    )


@command(app, "get")
def get(session: Session, run_id: RunId) -> None:
    """Show a run as it is now."""
    with session.client() as client:
        found = client.runs.get(run_id)
    if session.json:
        session.document(found.to_dict())
        return
    _show(session, found)


def _show(session: Session, run: RunSnapshot) -> None:
    out = session.out
    head = Text.assemble((f"{mark_of(run.status)} {safe(run.status)}  ", style_of(run.status)))
    session.put(head.append(safe(run.run_id), "bold"))
    rows: dict[str, Any] = {
        "workflow": run.workflow_id,
        "started": run.started_at,
        "ended": run.completed_at,
        "forked from": run.parent_run_id,
        "tags": ", ".join(run.tags or []),
    }
    if run.error is not None:
        rows["error"] = f"{run.error.code}: {run.error.message}"
    cost = run.metrics.openwop_cost if run.metrics is not None else None
    if cost is not None and cost.usd is not None:
        rows["cost"] = f"${cost.usd:.4f}"
    for name, value in rows.items():
        if value:
            session.put(Text.assemble((f"  {name:<12} ", "dim"), safe(value)))
    states: list[dict[str, Any]] = []
    for node, state in (run.node_states or {}).items():
        status = state.get("status") if isinstance(state, dict) else None
        states.append({"node": node, "status": status, "mark": mark_of(str(status))})
    if states:
        out.print()
        table(out, {"mark": "", "node": "node", "status": "status"}, states)
    for name, value in (run.variables or {}).items():
        session.put(Text.assemble((f"  {safe(name)} = ", "dim"), as_json(value)))


@command(app, "watch")
def watch(
    session: Session,
    run_id: RunId,
    mode: Annotated[
        Literal["updates", "debug", "messages", "values"] | None,
        typer.Option("--mode", help="The mode of the stream; without it, as much as there is."),
    ] = None,
    after: Annotated[
        int | None, typer.Option("--after", help="Begin behind this sequence.")
    ] = None,
    until: Annotated[
        Literal["terminal", "input"],
        typer.Option("--until", help="Stay to the end, or until somebody is needed."),
    ] = "terminal",
    decide: Annotated[bool, typer.Option("--decide", help="Ask here about what waits.")] = False,
) -> int:
    """Follow a run: live on a terminal, as lines elsewhere, as JSON lines with --json."""
    with session.client() as client:
        run = client.runs.attach(run_id)
        return follow(session, run, until=until, mode=mode, after=after, decide=decide)


def _report(session: Session, run_id: str, result: Model, status: str) -> None:
    if session.json:
        session.document({"runId": run_id, **result.to_dict()})
    else:
        session.say(f"run {run_id} is {status}")


@command(app, "cancel")
def cancel(session: Session, run_id: RunId, reason: Reason = None) -> None:
    """Cancel a run."""
    with session.client() as client:
        result = client.runs.cancel(run_id, reason=reason)
    _report(session, run_id, result, result.status)


@command(app, "pause")
def pause(
    session: Session,
    run_id: RunId,
    reason: Reason = None,
    immediate: Annotated[
        bool, typer.Option("--immediate", help="Do not let the node at work finish.")
    ] = False,
) -> None:
    """Pause a run."""
    with session.client() as client:
        result = client.runs.pause(
            run_id, reason=reason, drain_policy="immediate" if immediate else None
        )
    _report(session, run_id, result, result.status)


@command(app, "resume")
def resume(session: Session, run_id: RunId, reason: Reason = None) -> None:
    """Let a paused run go on; what waits for a person is answered with `openwop decide`."""
    with session.client() as client:
        result = client.runs.resume(run_id, reason=reason)
    _report(session, run_id, result, result.status)


@command(app, "fork")
def fork(
    session: Session,
    run_id: RunId,
    mode: Annotated[
        Literal["replay", "branch"],
        typer.Option(
            "--mode",
            help="replay: nothing outside happens again. branch: all behind the fork does.",
        ),
    ] = "replay",
    from_seq: Annotated[
        int | None, typer.Option("--from-seq", min=0, help="The sequence to fork at.")
    ] = None,
    following: Annotated[bool, typer.Option("--follow", "-f", help="Show the new run.")] = False,
) -> int:
    """Make a new run out of the log of another one, which stays as it is."""
    with session.client() as client:
        made = client.runs.attach(run_id).fork(mode, from_seq)
        session.note = note_for(session, made.id)
        if following:
            return follow(session, made)
    if session.json:
        session.document({"run_id": made.id, "from": run_id, "mode": mode})
    else:
        session.say(made.id)
    return Exit.OK


@command(app, "diff")
def diff(
    session: Session,
    run_id: RunId,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The run to compare with.")],
) -> int:
    """Compare two runs event by event; status 1 where they differ."""
    with session.client() as client:
        found = client.runs.attach(run_id).diff(other)
    differs = bool(found.event_diffs or found.state_diff)
    if session.json:
        session.document(found.to_dict())
        return Exit.FAILED if differs else Exit.OK
    if not differs:
        session.say("the logs are the same", style="green")
        return Exit.OK
    where = found.diverged_at_seq
    session.say("the logs are the same" if where is None else f"they part at sequence {where}")
    signs = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "magenta")}
    for item in found.event_diffs:
        sign, style = signs.get(item.op, ("?", ""))
        events = [event for event in (item.a_event, item.b_event) if event]
        kinds = " -> ".join(dict.fromkeys(safe(str(event.get("type"))) for event in events))
        session.put(text(f"{sign} {item.seq:>5}  {kinds}", style))
    for name, value in found.state_diff.items():
        session.put(Text.assemble((f"~ {safe(name)} ", "magenta"), as_json(value)))
    if found.truncated:
        session.tell("the comparison stops early: a run is not over, or the answer is too large")
    return Exit.FAILED
