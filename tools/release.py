"""Build what a release consists of, twice and from clean copies, and refuse bytes that differ.

    python tools/release.py OUT

OUT/dist gets the wheels and sdists of HEAD, OUT/sbom a bill of materials for each package
(CycloneDX), OUT/SHA256SUMS the digests.  docs/releasing.md says what comes before and after.
"""

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SIBLINGS = {
    "core": (),
    "codegen": ("core",),
    "otel": ("core",),
    "webhooks": ("core",),
    "testing": ("core", "webhooks"),
}


def git(*arguments: str) -> bytes:
    """Return what git says about the checkout."""
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, check=True).stdout


def built(commit: str, into: Path, environment: Mapping[str, str]) -> dict[str, bytes]:
    """Build *commit* from a copy that holds what git has and nothing else; return the files."""
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary) / "openwop"
        with tarfile.open(fileobj=io.BytesIO(git("archive", commit))) as archive:
            archive.extractall(copy, filter="data")
        command = ["uv", "build", "-q", "--all-packages", "--out-dir", str(into)]
        subprocess.run(command, cwd=copy, env=dict(environment), check=True)
    found = sorted(path for path in into.iterdir() if path.suffix in {".whl", ".gz"})
    return {path.name: path.read_bytes() for path in found}


def compared(first: Mapping[str, bytes], second: Mapping[str, bytes]) -> list[str]:
    """Return the names of the files that two builds do not have in common, byte for byte."""
    return [name for name in sorted({*first, *second}) if first.get(name) != second.get(name)]


def wheel_of(package: str, dist: Path) -> Path:
    """Return the wheel of a package."""
    project = tomllib.loads((ROOT / "packages" / package / "pyproject.toml").read_text("utf-8"))
    name = project["project"]["name"].replace("-", "_")
    [wheel] = dist.glob(f"{name}-*.whl")
    return wheel.resolve()


def list_materials(package: str, dist: Path, into: Path) -> None:
    """Install a package alone, by path, and write down what that brings."""
    with tempfile.TemporaryDirectory() as temporary:
        python = Path(temporary) / "env" / "bin" / "python"
        subprocess.run(["uv", "venv", "-q", str(python.parents[1])], check=True)
        wheels = [str(wheel_of(each, dist)) for each in (*SIBLINGS[package], package)]
        install = ["uv", "pip", "install", "-q", "--python", str(python), *wheels]
        subprocess.run(install, check=True)
        about = str(ROOT / "packages" / package / "pyproject.toml")
        command = ["cyclonedx-py", "environment", str(python), "--pyproject", about]
        command += ["--output-reproducible", "--output-format", "JSON", "-o", str(into)]
        subprocess.run(command, check=True)
    # Where the wheels were on this machine is nobody's business, and would make two lists differ.
    text = into.read_text("utf-8").replace(f"{dist.resolve().as_uri()}/", "")
    into.write_text(text, "utf-8")


def main(out: Path) -> int:
    """Build, compare, list and sum."""
    dist, sbom = out / "dist", out / "sbom"
    for folder in (dist, sbom):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    commit = git("rev-parse", "HEAD").decode().strip()  # which others may move meanwhile
    epoch = git("log", "-1", "--format=%ct", commit).decode().strip()
    environment = {**os.environ, "SOURCE_DATE_EPOCH": epoch}
    first = built(commit, dist, environment)
    with tempfile.TemporaryDirectory() as other:
        differing = compared(first, built(commit, Path(other), environment))
    if differing:
        print("two builds of one commit differ:", *differing, file=sys.stderr)
        return 1
    for package in SIBLINGS:
        list_materials(package, dist, sbom / f"{wheel_of(package, dist).stem}.cdx.json")
    files = sorted([*dist.iterdir(), *sbom.iterdir()])
    (dist / ".gitignore").unlink(missing_ok=True)
    sums = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(out)}\n"
        for path in files
        if path.name != ".gitignore"
    ]
    (out / "SHA256SUMS").write_text("".join(sums), "utf-8")
    print(f"{len(first)} files, built twice from {commit[:12]}: equal")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
