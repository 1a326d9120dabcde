"""The documentation's programs run, and its picture is drawn from a real trace."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

PACKAGE = Path(__file__).resolve().parents[1]
PAGES = [PACKAGE / "README.md", PACKAGE.parents[1] / "docs" / "tracing.md"]
PROGRAMS = [
    pytest.param(source, id=f"{page.name}-{number}")
    for page in PAGES
    if page.exists()
    for number, source in enumerate(
        re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL), 1
    )
]


@pytest.mark.parametrize("source", PROGRAMS)
def test_a_program_of_the_documentation_runs(source: str, host: Any, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(source)

    with host.serve() as url:
        found = subprocess.run(
            [sys.executable, "-W", "error", str(program)],
            env={"OPENWOP_BASE_URL": url, "OPENWOP_API_KEY": host.api_key, "PATH": ""},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert (0, "") == (found.returncode, found.stderr)


def test_the_waterfall_shows_every_span_that_was_exported(tmp_path: Path) -> None:
    picture = tmp_path / "waterfall.svg"
    program = Path(__file__).with_name("programs") / "waterfall.py"

    subprocess.run([sys.executable, str(program), str(picture)], check=True, timeout=60)

    root = ET.fromstring(picture.read_text())
    texts = {"".join(item.itertext()) for item in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {
        "release 7.2",
        "openwop runs.create",
        "openwop runs.stream",
        "openwop interrupts.resolve",
        "openwop.run",
        "openwop.interrupt (gate)",
    } <= texts
    marks = [item.text for item in root.iter("{http://www.w3.org/2000/svg}title")]
    assert ["openwop.retry: 503", "openwop.stream.reconnect: broken"] == marks


@pytest.mark.skipif(not PAGES[-1].exists(), reason="docs is not here")
def test_every_picture_of_the_page_is_there_and_small() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", PAGES[-1].read_text())

    sizes = {name: (PAGES[-1].parent / name).stat().st_size for name in pictures}

    assert {"images/tracing-viewer.png", "images/tracing-waterfall.svg"} <= set(sizes)
    assert max(sizes.values()) < 300_000
