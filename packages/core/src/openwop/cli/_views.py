"""What a watched run looks like on a terminal, narrow or wide, on light or dark."""

from __future__ import annotations

from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from openwop.cli._folding import Line, NodeView, RunView
from openwop.cli.output import mark_of, safe, style_of, text

__all__ = ["event_line", "render"]

_SPINNER: Final = "\u280b\u2819\u2839\u2838\u283c\u2834\u2826\u2827\u2807\u280f"
NARROW: Final = 72


def render(
    view: RunView, *, now: float, width: int, height: int, command: str = "openwop"
) -> RenderableType:
    """Return a run as it is now.

    Args:
        view: The run.
        now: The time of the clock that the view was fed by.
        width: Columns of the terminal.
        height: Lines of the terminal; the picture never needs more.
        command: How the program is called, for the hint at a run that waits.
    """
    with view.lock:
        parts: list[RenderableType] = [_head(view, now, width), Text()]
        nodes = _fitting(list(view.nodes.values()), max(3, height // 2 - 3))
        parts.append(_nodes(view, nodes, now, narrow=width < NARROW))
        used = len(nodes) + 3 + 2 + 2 * len(view.waiting)
        tail = list(view.lines)[-max(0, min(8, height - used - 3)) :]
        if tail:
            parts += [Text(), *(event_line(line, width) for line in tail)]
        parts += [Text(), _foot(view, width)]
        for node_id in view.waiting:
            hint = Text.assemble(("  answer it: ", "dim"))
            hint.append(f"{command} decide --run {safe(view.run_id)} --node {safe(node_id)}")
            parts.append(hint)
    return Group(*parts)


def _fitting(nodes: list[NodeView], room: int) -> list[NodeView]:
    """Return the nodes to show: all, or the last ones and those that wait or failed."""
    if len(nodes) <= room:
        return nodes
    matter = [node for node in nodes if node.status in {"waiting", "failed", "running"}]
    rest = [node for node in nodes if node not in matter]
    kept = matter[-room:]
    kept += rest[len(rest) - (room - len(kept)) :]
    return [node for node in nodes if node in kept]


def _head(view: RunView, now: float, width: int) -> Text:
    head = Text(no_wrap=True, overflow="ellipsis")
    if view.is_over or view.status in {"waiting", "paused"}:
        mark = mark_of(view.status)
    else:
        mark = _SPINNER[int(now * 10) % len(_SPINNER)]
    head.append(f"{mark} {view.status}", style=f"{style_of(view.status)} bold")
    head.append(f"  {_duration(view.elapsed(now))}")
    if width >= NARROW:
        head.append(f"  {safe(view.workflow_id)}", style="bold")
    head.append(f"  {safe(view.run_id)}", style="dim")
    return head


def _nodes(view: RunView, nodes: list[NodeView], now: float, *, narrow: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("")
    table.add_column("node", overflow="ellipsis", no_wrap=True, ratio=None)
    if not narrow:
        table.add_column("status", no_wrap=True)
    table.add_column("time", justify="right", no_wrap=True)
    if not narrow:
        table.add_column("tokens", justify="right", no_wrap=True)
        table.add_column("cost", justify="right", no_wrap=True)
        table.add_column("", overflow="ellipsis", no_wrap=True)
    for node in nodes:
        seconds = view.node_seconds(node, now)
        style = style_of(node.status)
        cells = [text(mark_of(node.status), style), text(node.node_id)]
        if not narrow:
            status = node.status if node.attempts < 2 else f"{node.status}, try {node.attempts}"
            cells.append(text(status, style))
        cells.append(Text("" if seconds is None else _duration(seconds)))
        if not narrow:
            cells.append(Text(f"{node.tokens:,}" if node.tokens else ""))
            cells.append(Text(f"${node.usd:.4f}" if node.usd else ""))
            cells.append(text(node.note, "red" if node.status == "failed" else "dim"))
        table.add_row(*cells)
    return table


def event_line(line: Line, width: int = 200) -> Text:
    """Return an event as one line.

    Args:
        line: The event.
        width: Columns of the terminal; a narrow one has no room for details.
    """
    shown = Text(no_wrap=True, overflow="ellipsis")
    sequence = "" if line.sequence is None else str(line.sequence)
    shown.append(f"{sequence:>5}  ", style="dim")
    last = line.type.rpartition(".")[2]
    shown.append(safe(line.type), style=style_of({"requested": "waiting"}.get(last, last)))
    if line.node_id:
        shown.append(f"  {line.node_id}", style="cyan")
    if line.detail and width >= NARROW:
        shown.append(f"  {line.detail}", style="dim")
    return shown


def _foot(view: RunView, width: int) -> Text:
    foot = Text(style="dim", no_wrap=True, overflow="ellipsis")
    foot.append(f"{view.count} events")
    if view.input_tokens or view.output_tokens:
        told = f"   {view.input_tokens:,} tokens in, {view.output_tokens:,} out"
        foot.append(told if width >= NARROW else f"   {view.input_tokens + view.output_tokens:,} t")
    if view.usd is not None:
        foot.append(f"   ${view.usd:.4f}")
    if not view.is_over and width >= NARROW:
        foot.append("   Ctrl-C stops watching; the run goes on")
    return foot


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest:02}s" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02}m"
