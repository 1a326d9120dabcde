"""Draw the terminal views of the command line as SVG, narrow and wide, on light and on dark.

    python tools/screenshots_cli.py [--check] [--png]

The commands run in this process against a host in memory whose ids are drawn from a seed, so the
pictures change only where the views do.  `--check` writes nothing and fails where they would;
`--png` also draws bitmaps with chromium, to look at.
"""

import argparse
import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from openwop.cli._folding import RunView
from openwop.cli._program import run
from openwop.cli._views import render
from openwop.cli.session import Session, Surroundings
from openwop_testing import FakeHost, Workflow

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
ANSI = [
    (0x1C, 0x1E, 0x21), (0xE0, 0x5A, 0x5A), (0x5F, 0xB3, 0x6A), (0xD7, 0xA6, 0x4A),
    (0x5A, 0x9B, 0xE0), (0xC6, 0x78, 0xD0), (0x48, 0xB5, 0xB5), (0xD8, 0xDA, 0xDE),
]  # fmt: skip
PAPER = [
    (0x20, 0x22, 0x26), (0xB4, 0x23, 0x23), (0x1D, 0x7A, 0x33), (0x8A, 0x5A, 0x00),
    (0x1A, 0x5F, 0xB4), (0x93, 0x2A, 0x9C), (0x0B, 0x73, 0x7A), (0x55, 0x58, 0x5E),
]  # fmt: skip
THEMES = {
    "dark": TerminalTheme((0x1C, 0x1E, 0x21), (0xD8, 0xDA, 0xDE), ANSI, ANSI),
    "light": TerminalTheme((0xFF, 0xFF, 0xFF), (0x20, 0x22, 0x26), PAPER, PAPER),
}
# Without the fonts that it would fetch from elsewhere.
FORMAT = re.sub(r"@font-face \{\{.*?\}\}\s*", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL).replace(
    "Fira Code, monospace", "'DejaVu Sans Mono', 'Fira Code', Menlo, Consolas, monospace"
)


def workflow() -> Workflow:
    """A run with models, a fan of nodes, a retry and a person in it."""
    small = {"provider": "acme", "model": "reader-1", "inputTokens": 1840, "outputTokens": 210}
    large = {"provider": "acme", "model": "writer-2", "inputTokens": 4112, "outputTokens": 960}
    return (
        Workflow("publish-notes")
        .variable("notes", required=True)
        .node("collect-changes", seconds=1.2)
        .node("summarise", seconds=3.4, usage={**small, "costEstimateUsd": 0.0031})
        .fail("check-links", "link_down", "A link did not answer.", times=1, retries=1)
        .node("write-draft", seconds=6.1, usage={**large, "costEstimateUsd": 0.0284})
        .approval("review", "Publish these notes?", description="They go to every user.")
        .node("publish", seconds=0.8, outputs={"url": "/notes/7"}, primary=True)
    )


def host() -> FakeHost:
    return FakeHost(
        seed=7,
        workflows=[
            workflow(),
            Workflow("nightly-eval").node("score", outputs={"score": 0.93}, primary=True),
            Workflow("broken-build").fail("build", "build_broken", "The compiler gave up."),
        ],
    )


class Stage:
    """A host, and commands whose terminal is recorded."""

    def __init__(self, width: int) -> None:
        self.host = host()
        self.width = width
        self.console = self.new_console()

    def new_console(self) -> Console:
        return Console(
            record=True, width=self.width, height=40, file=io.StringIO(), force_terminal=True,
            color_system="standard", highlight=False, legacy_windows=False,
        )  # fmt: skip

    def type(self, line: str) -> None:
        self.console.print(Text.assemble(("$ ", "bold green"), (f"openwop {line}", "bold")))

    def perform(self, *argv: str, shown: bool = True) -> None:
        console = self.console if shown else self.new_console()
        kept = (Session.__dict__["out"], Session.__dict__["err"])
        Session.out = Session.err = console  # type: ignore[method-assign, assignment]
        try:
            with contextlib.redirect_stdout(io.StringIO()) as printed:
                run(argv, Surroundings(transport=self.host.transport(), is_terminal=False))
            if shown and printed.getvalue():
                console.print(Text(printed.getvalue().rstrip()))
        finally:
            Session.out, Session.err = kept  # type: ignore[method-assign]

    @property
    def newest(self) -> str:
        return f"acme/{list(self.host.engine.runs)[-1]}"


def live(stage: Stage) -> None:
    """The live view of a run that waits, as `openwop run --follow` draws it."""
    from openwop import Client

    stage.type('run publish-notes -i notes="Faster, and in blue." --follow')
    fake = stage.host
    with Client(
        fake.base_url, api_key=fake.api_key, transport=fake.transport(), load_plugins=False
    ) as client:
        started = client.runs.start("publish-notes", {"notes": "Faster, and in blue."})
        view = RunView(started.id)
        with started.events(mode="debug") as events:
            for event in events:
                view.feed(event, 0.0)
                if event.type == "interrupt.requested":
                    break
    stage.console.print(render(view, now=2.5, width=stage.width, height=34))


def finished(stage: Stage) -> None:
    """A run that ended, looked at afterwards, and a run that failed."""
    stage.perform("run", "nightly-eval", "--json", shown=False)
    stage.type("run broken-build --follow")
    stage.perform("run", "broken-build", "--follow")
    stage.type("runs list")
    stage.perform("runs", "list")
    stage.type(f"runs get {stage.newest}")
    stage.perform("runs", "get", stage.newest)


def inbox(stage: Stage) -> None:
    """What waits for a person, and the decision."""
    stage.perform("run", "publish-notes", "-i", "notes=Faster", shown=False)
    stage.type("decide --list")
    stage.perform("decide", "--list")
    stage.type(f"decide --run {stage.newest} --approve")
    stage.perform("decide", "--run", stage.newest, "--approve")


def doctor(stage: Stage) -> None:
    """A key that the host does not know."""
    os.environ["OPENWOP_API_KEY"] = "hk_test_wrong"
    stage.type("doctor")
    stage.perform("doctor")
    os.environ["OPENWOP_API_KEY"] = stage.host.api_key


PICTURES: dict[str, tuple[Callable[[Stage], None], int, str]] = {
    "cli-live-dark": (live, 100, "dark"),
    "cli-live-light": (live, 100, "light"),
    "cli-live-narrow-dark": (live, 48, "dark"),
    "cli-runs-light": (finished, 90, "light"),
    "cli-runs-narrow-dark": (finished, 48, "dark"),
    "cli-decide-dark": (inbox, 84, "dark"),
    "cli-decide-narrow-light": (inbox, 48, "light"),
    "cli-doctor-light": (doctor, 84, "light"),
    "cli-doctor-dark": (doctor, 84, "dark"),
}


def drawn() -> Iterator[tuple[str, str]]:
    """Yield the name and the SVG of each picture."""
    for name, (scene, width, theme) in PICTURES.items():
        stage = Stage(width)
        os.environ.update(OPENWOP_BASE_URL=stage.host.base_url, OPENWOP_API_KEY=stage.host.api_key)
        scene(stage)
        yield (
            name,
            stage.console.export_svg(
                title="openwop", theme=THEMES[theme], code_format=FORMAT, unique_id=name
            ),
        )


def bitmap(svg: Path, target: Path) -> None:
    """Draw *svg* with chromium."""
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg.read_text("utf-8"))
    assert box is not None
    width, height = (round(float(number)) for number in box.groups())
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--hide-scrollbars", f"--user-data-dir={profile}",
                f"--window-size={width},{height}", f"--screenshot={target}", svg.as_uri(),
            ],
            check=True,
            capture_output=True,
        )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    parser.add_argument("--png", type=Path, metavar="DIR", help="draw bitmaps into this folder")
    options = parser.parse_args()
    for name in [name for name in os.environ if name.startswith("OPENWOP_")]:
        del os.environ[name]
    changed: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["OPENWOP_CONFIG"] = str(Path(folder) / "none.toml")
        for name, picture in drawn():
            target = IMAGES / f"{name}.svg"
            text = "\n".join(line.rstrip() for line in picture.splitlines()) + "\n"
            if not target.is_file() or target.read_text("utf-8") != text:
                changed.append(name)
                if not options.check:
                    target.write_text(text, "utf-8")
            if options.png:
                options.png.mkdir(parents=True, exist_ok=True)
                bitmap(target, options.png / f"{name}.png")
    print(f"{len(PICTURES)} pictures, {len(changed)} changed: {', '.join(changed) or 'none'}")
    return 1 if options.check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
