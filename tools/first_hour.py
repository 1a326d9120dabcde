"""Follow docs/first-hour.md word for word, in a fresh clone, and say how long each step takes.

    python tools/first_hour.py [FOLDER]

The commands are those of the page's `sh` blocks, in one shell, with an empty home, so that nothing
which is installed or cached already helps.  It needs the network.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "first-hour.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^## (\d.*)$", re.MULTILINE)
PASSED_ON = {"PATH", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "PIP_CERT"}


def steps() -> list[tuple[str, str]]:
    """Return the headings of the page, each with its commands."""
    text = PAGE.read_text("utf-8")
    parts = HEADING.split(text)[1:]
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return [(title, "".join(BLOCK.findall(body))) for title, body in pairs]


def main(folder: Path) -> int:
    """Follow the page in *folder*."""
    subprocess.run(["git", "clone", "-q", str(ROOT), str(folder / "openwop")], check=True)
    home = folder / "home"
    home.mkdir()
    proxies = {name for name in os.environ if name.lower().endswith("_proxy")}
    kept = PASSED_ON | proxies | {name for name in os.environ if name.startswith("PIP_")}
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"HOME": str(home), "PIP_NO_CACHE_DIR": "1"}
    script = "set -e\n"
    for title, commands in steps():
        script += f"echo '@@' '{title}'\n{commands}"
    script += "echo '@@' end\n"
    shell = ["bash", "-c", script]
    began = previous = time.monotonic()
    name = ""
    with subprocess.Popen(
        shell,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if not line.startswith("@@ "):
                print(f"  | {line}", end="", flush=True)
                continue
            now = time.monotonic()
            if name:
                print(f"{name}: {now - previous:.0f} s, {now - began:.0f} s from the start")
            name, previous = line.removeprefix("@@ ").strip(), now
    return running.returncode


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(main(Path(sys.argv[1]).resolve()))
    with tempfile.TemporaryDirectory() as temporary:
        sys.exit(main(Path(temporary)))
