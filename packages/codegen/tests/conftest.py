"""Fixtures of the generator's tests: documents in, source out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openwop_codegen.config import Config, load_config
from openwop_codegen.generate import Result, generate

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def spec() -> Path:
    """Return the folder of the descriptions, where the tests run in a checkout."""
    folder = REPOSITORY / "spec" / "openwop"
    if not (folder / "codegen.toml").is_file():
        pytest.skip("the descriptions of OpenWOP are not beside these tests")
    return folder


def document(
    paths: dict[str, Any] | None = None, schemas: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    """Return an OpenAPI document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1"},
        "paths": paths or {},
        "components": {"schemas": schemas or {}},
        **more,
    }


def operation(op: str = "getThing", answer: Any = None, **more: Any) -> dict[str, Any]:
    """Return an operation that answers *answer*, a schema."""
    content = {"application/json": {"schema": answer if answer is not None else {}}}
    return {
        "operationId": op,
        "tags": ["things"],
        "summary": "Do it.",
        "responses": {"200": {"description": "Done.", "content": content}},
        **more,
    }


class Workshop:
    """Writes documents and a configuration, and generates from them."""

    document = staticmethod(document)
    operation = staticmethod(operation)

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def config(self, *documents: Any, extra: str = "", **files: Any) -> Config:
        """Return the configuration of a client of *documents*, one per variant."""
        variants = [""] if len(documents) == 1 else [str(n + 1) for n in range(len(documents))]
        lines = ['package = "made"', 'output = "made"', extra, "[documents]"]
        for variant, content in zip(variants, documents, strict=True):
            name = f"openapi{variant}.json"
            (self.folder / name).write_text(json.dumps(content), encoding="utf-8")
            lines.append(f'"{variant}" = "{name}"')
        for name, content in files.items():
            target = self.folder / f"{name}.yaml"
            target.write_text(json.dumps(content), encoding="utf-8")
        path = self.folder / "codegen.toml"
        path.write_text("\n".join(lines), encoding="utf-8")
        return load_config(path)

    def generate(
        self, *documents: Any, extra: str = "", strict: bool = False, **files: Any
    ) -> Result:
        """Generate a client of *documents*."""
        return generate(self.config(*documents, extra=extra, **files), strict=strict)

    def models(self, schemas: dict[str, Any], *, extra: str = "") -> str:
        """Return the models of *schemas*, as source."""
        files = self.generate(document(schemas=schemas), extra=extra).files
        return "".join(
            text
            for name, text in sorted(files.items())
            if name.startswith("models/") and name != "models/__init__.py"
        )


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """Return a workshop in a folder of its own."""
    return Workshop(tmp_path)


@pytest.fixture
def member(workshop: Workshop) -> Callable[..., str]:
    """Return what tells how a schema is written as a member `value` of a model."""

    def written(schema: Any, *, required: bool = True, **others: Any) -> str:
        thing = {
            "type": "object",
            "properties": {"value": schema},
            "required": ["value"] if required else [],
        }
        source = workshop.models({"Thing": thing, **others})
        at = source.index("\n    value: ") + 5
        lines = source[at:].split("\n")
        end = next(
            n
            for n, line in enumerate(lines)
            if n and not line.startswith(("        ", "    )", "    ]"))
        )
        return " ".join(line.strip() for line in lines[:end]).strip()

    return written
