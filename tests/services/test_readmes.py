"""The READMEs of the generated clients: every example in them runs against a real server."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from openwop.runtime import APIStatusError

EXAMPLES = Path(__file__).parents[2] / "examples"


def blocks(name: str) -> list[str]:
    text = (EXAMPLES / name / "README.md").read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize(
    ("name", "module", "server", "base", "sure"),
    [
        ("oxp_client", "oxp", "OxpServer", "/base", {"health", "tools"}),
        ("ethos_client", "ethos", "EthosServer", "", {"health", "sessions"}),
    ],
)
def test_every_example_of_a_readme_runs(
    name: str,
    module: str,
    server: str,
    base: str,
    sure: set[str],
    request: pytest.FixtureRequest,
    serve: Callable[[Any], str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    home = request.getfixturevalue(module)
    made = getattr(home, server)()
    url = serve(made.app)
    first, *others = blocks(name)
    names: dict[str, Any] = {}
    first = first.replace("https://api.example.com", f"{url}{base}").replace("...", home.KEY)
    exec(first, names)  # our own README

    answered: set[str] = set()
    with names["client"]:
        for block in others:
            if ".stream(" in block:
                continue  # it has no end of its own
            # An id that is only an example may be refused, but by the server, not by the client.
            with suppress(APIStatusError):
                exec(block, names)
                answered.add(block.partition("client.")[2].partition(".")[0])

    assert sure <= answered
    assert capsys.readouterr().out
