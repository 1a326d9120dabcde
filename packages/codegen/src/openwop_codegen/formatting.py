"""Formatting by ruff, with settings of our own, so that the output does not depend on the place."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from openwop_codegen.diagnostics import GeneratorError

__all__ = ["formatted"]

_SETTINGS = """\
line-length = 100
target-version = "py311"
[lint]
select = ["F401", "I", "RUF022"]
[lint.isort]
combine-as-imports = true
known-first-party = [{first_party}]
"""


def formatted(files: Mapping[str, str], first_party: tuple[str, ...]) -> dict[str, str]:
    """Return *files* with their Python formatted, imports sorted and unused ones removed.

    Args:
        files: Texts by their paths below the output.
        first_party: The top-level packages that stand apart from the libraries.

    Raises:
        GeneratorError: The source is not valid Python, which is a mistake of the generator.
    """
    with tempfile.TemporaryDirectory(prefix="openwop-codegen-") as folder:
        root = Path(folder)
        settings = root / "ruff.toml"
        listed = ", ".join(f'"{name}"' for name in sorted({*first_party, "openwop"}))
        settings.write_text(_SETTINGS.format(first_party=listed), encoding="utf-8")
        base = root / "out"
        for name, text in files.items():
            target = base / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        common = ["--no-cache", "--config", str(settings), str(base)]
        check = ["check", "--output-format", "concise", "--fix"]
        for command in ([*check, "--exit-zero"], ["format"], check):
            done = subprocess.run(  # noqa: S603  # our own interpreter, on our own files
                [sys.executable, "-m", "ruff", *command, *common],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode != 0:
                said = (done.stdout + done.stderr).replace(str(base), "").strip()
                raise GeneratorError(f"the generated source is refused by ruff: {said[:2000]}")
        return {
            name: (base / name).read_text(encoding="utf-8") if name.endswith(".py") else text
            for name, text in files.items()
        }
