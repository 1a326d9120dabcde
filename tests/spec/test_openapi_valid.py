"""Both majors' documents are OpenAPI 3.1 by the judgement of a validator that is not ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

SPEC = Path(__file__).resolve().parents[2] / "spec" / "openwop"
ROOTS = {major: SPEC / major / "openapi.yaml" for major in ("v1", "v2")}


def read(path: Path) -> dict[str, Any]:
    return cast("dict[str, Any]", yaml.safe_load(path.read_text(encoding="utf-8")))


class References:
    """Follows every `$ref` that a root reaches, and remembers what it met."""

    def __init__(self, root: Path) -> None:
        self.documents: dict[Path, Any] = {}
        self.met: set[tuple[Path, str]] = set()
        self.dangling: list[str] = []
        self._walk(self._document(root), root)

    def _document(self, path: Path) -> Any:
        if path not in self.documents:
            self.documents[path] = read(path)
        return self.documents[path]

    def _walk(self, node: Any, path: Path) -> None:
        if isinstance(node, dict):
            members = cast("dict[str, Any]", node)
            reference = members.get("$ref")
            if isinstance(reference, str):
                self._follow(reference, path)
            for member in members.values():
                self._walk(member, path)
        elif isinstance(node, list):
            for entry in cast("Any", node):
                self._walk(entry, path)

    def _follow(self, reference: str, path: Path) -> None:
        file, _, fragment = reference.partition("#")
        target = (path.parent / file).resolve() if file else path
        pointer = unquote(fragment)
        if (target, pointer) in self.met:
            return
        self.met.add((target, pointer))
        if not target.is_file():
            self.dangling.append(f"{path.name}: {reference}")
            return
        node = self._document(target)
        for part in pointer.split("/")[1:]:
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, dict) or name not in node:
                self.dangling.append(f"{path.name}: {reference}")
                return
            node = cast("dict[str, Any]", node)[name]
        self._walk(node, target)


@pytest.mark.parametrize("major", ROOTS)
def test_an_ordinary_validator_accepts_the_document(major: str) -> None:
    root = ROOTS[major]

    problems = OpenAPIV31SpecValidator(
        cast("Any", read(root)), base_uri=root.as_uri()
    ).iter_errors()

    assert [f"{list(p.absolute_path)}: {p.message}" for p in problems] == []


def test_the_validator_looks_behind_the_references(tmp_path: Path) -> None:
    """
    The check above would be worth nothing if the validator stopped at the root.
    """
    (tmp_path / "paths.yaml").write_text(
        "/a/{id}:\n  get:\n    responses:\n      default: { description: d }\n", encoding="utf-8"
    )
    root = tmp_path / "openapi.yaml"
    root.write_text(
        'openapi: 3.1.0\ninfo: { title: t, version: "1" }\n'
        'paths:\n  /a/{id}:\n    $ref: "paths.yaml#/~1a~1%7Bid%7D"\n',
        encoding="utf-8",
    )

    problems = OpenAPIV31SpecValidator(
        cast("Any", read(root)), base_uri=root.as_uri()
    ).iter_errors()

    assert [type(p).__name__ for p in problems] == ["UnresolvableParameterError"]


@pytest.mark.parametrize("major", ROOTS)
def test_every_reference_leads_somewhere(major: str) -> None:
    assert References(ROOTS[major]).dangling == []


def test_everything_in_the_group_files_is_reached_from_a_root() -> None:
    met = {pair for root in ROOTS.values() for pair in References(root).met}
    written = {
        (path, f"/{name.replace('~', '~0').replace('/', '~1')}")
        for folder in ("common", "v1", "v2")
        for path in sorted((SPEC / folder).rglob("*.yaml"))
        if path not in ROOTS.values()
        for name in read(path)
    }

    unreached = [f"{path.relative_to(SPEC)}: {name}" for path, name in written - met]

    assert sorted(unreached) == []
