"""Draw docs/images/live-run.svg: what examples/approval_bot.py shows of a run on the fake host.

python tools/picture_run.py
"""

import re
import runpy
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

import openwop
from openwop.events import InterruptRequested
from openwop_testing import FakeHost
from openwop_testing.server import load

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "images" / "live-run.svg"
# The picture is looked at where there may be no network: any font of the machine will do.
FONT = "'JetBrains Mono', 'Cascadia Mono', 'DejaVu Sans Mono', Consolas, monospace"


def drawn() -> str:
    """Follow a run and return the picture of what was seen."""
    bot = runpy.run_path(str(ROOT / "examples" / "approval_bot.py"))
    host = FakeHost()
    load(ROOT / "examples" / "workflows", host)
    console = Console(record=True, width=72, force_terminal=True, file=sys.stderr)
    console.print(Text("$ python examples/approval_bot.py", "bold"))
    progress = bot["Progress"]("publish-notes")
    transport = host.transport()
    with openwop.Client(
        host.base_url, api_key=host.api_key, transport=transport, load_plugins=False
    ) as client:
        run = client.runs.start("publish-notes", inputs={"notes": "Faster, and in blue."})
        with run.events("debug") as events:
            for event in events:
                progress.take(event)
                if isinstance(event, InterruptRequested):
                    console.print(progress)
                    [interrupt] = run.pending_interrupts()
                    console.print(f"{interrupt.title} \\[y/n] y")
                    console.print("decided:", run.approve().outcome)
        console.print(progress)
        console.print("result:", run.result())
    picture = console.export_svg(title="a run, live", unique_id="live")
    picture = re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)
    picture = re.sub(r"font-family: [^;]*;", f"font-family: {FONT};", picture)
    return "\n".join(line.rstrip() for line in picture.splitlines()) + "\n"


if __name__ == "__main__":
    PICTURE.write_text(drawn(), "utf-8")
