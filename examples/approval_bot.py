"""A bot in the terminal: start a run, watch its nodes live, and decide when it asks.

    OPENWOP_BASE_URL=http://127.0.0.1:3737 OPENWOP_API_KEY=hk_test_1 python approval_bot.py

Needs rich, which comes with `openwop[cli]`.
"""

from __future__ import annotations

import sys

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

import openwop
from openwop.events import InterruptRequested, NodeCompleted, NodeFailed, NodeStarted, RunEvent

DONE, FAILED, ASKS = Text("done", "green"), Text("failed", "red"), Text("asks you", "yellow")


class Progress:
    """What is known of the nodes of a run, and how it looks."""

    def __init__(self, workflow: str) -> None:
        self.workflow = workflow
        self.nodes: dict[str, Text | Spinner] = {}
        self.count = 0

    def take(self, event: RunEvent) -> None:
        """Note what an event says about a node."""
        self.count += 1
        node = event.node_id
        match event:
            case NodeStarted() if node:
                self.nodes[node] = Spinner("dots", "running")
            case NodeCompleted() if node:
                self.nodes[node] = DONE
            case NodeFailed() if node:
                self.nodes[node] = FAILED
            case InterruptRequested() if node:
                self.nodes[node] = ASKS
            case _:
                pass

    def __rich__(self) -> Group:
        table = Table(box=None, pad_edge=False, show_header=False)
        for node, state in self.nodes.items():
            table.add_row(f"  {node}", state)
        return Group(Text(f"{self.workflow}, {self.count} events", "bold"), table)


def decide(console: Console, run: openwop.RunHandle, node: str | None) -> None:
    """Put what waits to the person at the terminal."""
    [interrupt] = [each for each in run.pending_interrupts() if each.node_id == node]
    answer = console.input(f"{interrupt.title} \\[y/n] ")
    decision = run.approve(node) if answer.strip().lower() == "y" else run.reject(node)
    console.print("decided:", decision.outcome)


def main() -> int:
    console = Console()
    notes = sys.argv[1] if len(sys.argv) > 1 else "Faster, and in blue."
    progress = Progress("publish-notes")
    with openwop.Client() as client:
        run = client.runs.start("publish-notes", inputs={"notes": notes})
        with run.events("debug") as events, Live(progress, console=console) as live:
            for event in events:
                progress.take(event)
                if isinstance(event, InterruptRequested):
                    live.stop()
                    decide(console, run, event.node_id)
                    live.start()
        try:
            console.print("result:", run.result())
        except openwop.RunFailedError as error:
            console.print("it came to nothing:", error.code)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
