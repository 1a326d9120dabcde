"""Hooks of the documentation site: pages of the repository in it, and links that stay in it.

Pages outside docs/ (the READMEs, the changelog) are part of the site.  A link that leads to a file
which is not becomes its text, because the site is read where there may be no checkout.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
FOLDER = "from-the-repository"
PAGES = {
    "CHANGELOG.md": f"{FOLDER}/changelog.md",
    "CONTRIBUTING.md": f"{FOLDER}/contributing.md",
    "PARITY.md": f"{FOLDER}/parity.md",
    "README.md": "index.md",
    "SECURITY.md": f"{FOLDER}/security.md",
    "VERSIONING.md": f"{FOLDER}/versioning.md",
    "examples/README.md": f"{FOLDER}/examples.md",
    "spec/README.md": f"{FOLDER}/spec.md",
    **{
        f"packages/{name}/README.md": f"{FOLDER}/package-{name}.md"
        for name in ("codegen", "core", "otel", "testing", "webhooks")
    },
}
SOURCES = {uri: source for source, uri in PAGES.items()}
# Written by others, and left out of the navigation where they are not there.
OPTIONAL = {"benchmarks.md", "cli.md", "codegen.md"}
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
CODE = re.compile(r"(^ *(?:```|~~~).*?^ *(?:```|~~~) *$|`[^`\n]+`)", re.MULTILINE | re.DOTALL)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Fill the patterns of the navigation with the files that there are."""
    config.nav = _expanded(config.nav)
    return config


def _expanded(nav: Any) -> Any:
    if isinstance(nav, dict):
        return {title: _expanded(part) for title, part in nav.items()}
    if not isinstance(nav, list):
        return nav
    entries: list[Any] = []
    for entry in nav:
        if isinstance(entry, str) and "*" in entry:
            found = (path.relative_to(ROOT / "docs") for path in (ROOT / "docs").glob(entry))
            entries += sorted(path.as_posix() for path in found)
        elif not (isinstance(entry, str) and _is_missing(entry)):
            entries.append(_expanded(entry))
    return entries


def _is_missing(entry: str) -> bool:
    return entry in OPTIONAL and not (ROOT / "docs" / entry).is_file()


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are outside docs/."""
    for source, uri in PAGES.items():
        text = (ROOT / source).read_text("utf-8")
        files.append(File.generated(config, uri, content=text))
    files.append(File.generated(config, "llms.txt", content=(ROOT / "llms.txt").read_text("utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links between files of the repository into links between pages."""
    return relinked(markdown, page.file.src_uri)


def relinked(markdown: str, uri: str) -> str:
    """Return *markdown* with links that lead to pages, or that are none any more.

    Args:
        markdown: The text of a page.
        uri: Where the page is in the site.
    """
    source = SOURCES.get(uri, f"docs/{uri}")

    def link(match: re.Match[str]) -> str:
        picture, text, target = match.groups()
        if re.match(r"[a-z][a-z0-9+.-]*:|#", target):
            return match.group()
        path, _, anchor = target.partition("#")
        file = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        if file.endswith(".md") is False and f"{file}/README.md" in PAGES:
            file = f"{file}/README.md"
        place = PAGES.get(file)
        if place is None and file.startswith("docs/"):
            place = file.removeprefix("docs/")
        if place is None or place.startswith("snippets/"):
            return text
        address = posixpath.relpath(place, posixpath.dirname(uri) or ".")
        return f"{picture}[{text}]({address}{'#' if anchor else ''}{anchor})"

    parts = CODE.split(markdown)
    if len(parts) == 1:
        return LINK.sub(link, markdown)
    # A link's text may be code: what is code stands in for itself while links are looked for.
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match.group())
        return f"\x00{len(kept) - 1}\x00"

    replaced = LINK.sub(link, CODE.sub(keep, markdown))
    return re.sub(r"\x00(\d+)\x00", lambda match: kept[int(match.group(1))], replaced)
