"""Take the pictures of the site that docs/images keeps, with a Chromium of this machine.

    tox run -e docs && python tools/screenshots_site.py .tox/docs/tmp/site

The pages are opened from the folder, as a reader without a network would.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--virtual-time-budget=8000",
)
DARK = ("--blink-settings=preferredColorScheme=0", "--force-dark-mode")
# What the picture is called; the page; width and height; whether the reader prefers the dark.
PICTURES = (
    ("site-desktop.png", "how-to/decisions.html", (1100, 720), False),
    ("site-dark.png", "architecture.html", (1100, 720), True),
    ("site-phone.png", "tutorial.html", (412, 760), False),
    ("site-search.png", "index.html?q=deadline", (1100, 620), True),
)


def main(site: Path) -> int:
    """Take every picture."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print("there is no Chromium here", file=sys.stderr)
        return 1
    for name, page, (width, height), dark in PICTURES:
        with tempfile.TemporaryDirectory() as profile:
            command = [browser, *FLAGS, *(DARK if dark else ()), f"--user-data-dir={profile}"]
            command += [f"--window-size={width},{height}", f"--screenshot={IMAGES / name}"]
            url = f"{site.resolve().as_uri()}/{page}"
            subprocess.run([*command, url], check=True, capture_output=True, timeout=120)
        print(name)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
