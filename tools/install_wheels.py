"""Install the wheels of a folder into the running environment, by path, after a look inside each.

    python tools/install_wheels.py DIST

Naming files keeps our own distribution names away from every package index.
"""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXTRAS = {"openwop": "aiohttp,cli,speed,urllib3,verify"}


def main(dist: Path) -> None:
    names = sorted(path.parent.name for path in ROOT.glob("packages/*/pyproject.toml"))
    wheels = {wheel.name.split("-")[0].replace("_", "-"): wheel for wheel in dist.glob("*.whl")}
    expected = {"openwop" if name == "core" else f"openwop-{name}" for name in names}
    if set(wheels) != expected:
        sys.exit(f"expected one wheel for each of {sorted(expected)}, found {sorted(wheels)}")
    if len(list(dist.glob("*.tar.gz"))) != len(expected):
        sys.exit(f"expected {len(expected)} source distributions in {dist}")

    for name, wheel in wheels.items():
        _check_contents(name, wheel)

    requirements = [
        f"{name}{f'[{EXTRAS[name]}]' if name in EXTRAS else ''} @ {wheel.resolve().as_uri()}"
        for name, wheel in sorted(wheels.items())
    ]
    again = [f"--reinstall-package={name}" for name in sorted(wheels)]
    command = ["uv", "pip", "install", "-q", "--python", sys.executable, *again, *requirements]
    subprocess.run(command, check=True)
    print("installed", ", ".join(wheel.name for _, wheel in sorted(wheels.items())))


def _check_contents(name: str, wheel: Path) -> None:
    """Refuse a wheel that ships more than its package and its metadata, or lacks a typed marker."""
    package = name.replace("-", "_")
    with zipfile.ZipFile(wheel) as archive:
        files = archive.namelist()
    strangers = [
        file
        for file in files
        if not file.startswith((f"{package}/", f"{package}-")) or "/tests/" in file
    ]
    if strangers:
        sys.exit(f"{wheel.name} holds files that are not of the package: {strangers}")
    if f"{package}/py.typed" not in files:
        sys.exit(f"{wheel.name} has no py.typed")
    if not any(file.endswith("licenses/LICENSE") for file in files):
        sys.exit(f"{wheel.name} has no licence")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
