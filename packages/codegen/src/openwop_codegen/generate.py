"""From a configuration to files."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path

import attrs

from openwop_codegen.build import build
from openwop_codegen.catalogue import CatalogueConfig, generate_catalogue
from openwop_codegen.config import Config
from openwop_codegen.diagnostics import GeneratorError, Report
from openwop_codegen.emit_client import emit_client, lazy_package, plain_package
from openwop_codegen.emit_incoming import emit_incoming
from openwop_codegen.emit_models import emit_models, emit_params, settle_groups
from openwop_codegen.emit_operations import emit_operations
from openwop_codegen.emit_package import emit_errors, emit_face, emit_service
from openwop_codegen.emit_resources import emit_resources, emit_views
from openwop_codegen.events import CatalogueError
from openwop_codegen.formatting import formatted
from openwop_codegen.ir import Api
from openwop_codegen.loader import Loader
from openwop_codegen.rendering import Module

__all__ = ["Result", "differences", "generate", "write"]


@attrs.frozen
class Result:
    """What one generation made.

    Attributes:
        api: The service.
        files: The texts by their paths below the output.
        report: What was found in the documents.
    """

    api: Api
    files: dict[str, str]
    report: Report


def generate(config: Config, *, strict: bool = False, loader: Loader | None = None) -> Result:
    """Return the files of the client that *config* describes; writes nothing.

    Args:
        config: The configuration.
        strict: True to refuse documents of which something cannot be expressed.
        loader: What reads the documents.

    Raises:
        GeneratorError: A document is wrong, or, with *strict*, cannot be expressed wholly.
    """
    report = Report()
    loader = loader or config.loader()
    api = settle_groups(build(config, report, loader))
    stopping = report.of("error", "warning") if strict else report.of("error")
    if stopping:
        raise GeneratorError("\n".join(str(finding) for finding in stopping))
    models, params = emit_models(api, config), emit_params(api, config)
    packages: dict[str, list[Module]] = {
        "models": models,
        "params": params,
        "operations": emit_operations(api, config),
        "resources": emit_resources(api, config),
        "views": emit_views(api, config),
    }
    files: dict[str, str] = {}
    for name, modules in packages.items():
        for module in modules:
            files[f"{module.name.replace('.', '/')}.py"] = module.text(config)
        doc = f"The {name} of {config.service}."
        files[f"{name}/__init__.py"] = (
            lazy_package(config, name, doc, modules)
            if name in {"models", "params"}
            else plain_package(config, doc)
        )
    files["client.py"] = emit_client(api, config).text(config)
    if api.incoming:
        files["webhooks.py"] = emit_incoming(api, config).text(config)
    if config.client is not None:
        files["face.py"] = emit_face(config).text(config)
        files["errors.py"] = emit_errors(config)
        files["service.py"] = emit_service(
            config, loader.open(next(iter(config.documents.values())))
        )
    files["__init__.py"] = plain_package(
        config, f"The generated part of the client of {config.service}."
    )
    top = config.package.partition(".")[0]
    files = formatted(files, (top,))
    if config.catalogue is not None:
        files.update(_catalogue(config.catalogue))
    return Result(api, files, report)


def _catalogue(config: CatalogueConfig) -> dict[str, str]:
    try:
        made = generate_catalogue(config)
    except (CatalogueError, OSError) as exc:
        raise GeneratorError(str(exc)) from exc
    return {path.relative_to(config.root).as_posix(): text for path, text in made.items()}


def _owned(config: Config, name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in config.owned)


def stale(config: Config, files: Mapping[str, str]) -> list[Path]:
    """Return the files in the output that an earlier generation left behind."""
    if not config.output.is_dir():
        return []
    return [
        path
        for path in sorted(config.output.rglob("*.py"))
        if (name := path.relative_to(config.output).as_posix()) not in files
        and not _owned(config, name)
    ]


def write(config: Config, files: Mapping[str, str]) -> list[Path]:
    """Write *files* to the output, remove what is stale, and return what changed."""
    changed: list[Path] = []
    for name, text in files.items():
        target = config.output / name
        if target.is_file() and target.read_text(encoding="utf-8") == text:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        changed.append(target)
    for path in stale(config, files):
        path.unlink()
        changed.append(path)
    return changed


def differences(config: Config, files: Mapping[str, str]) -> list[str]:
    """Return how the output differs from *files*, as the lines of a unified diff."""
    lines: list[str] = []
    for name, text in sorted(files.items()):
        target = config.output / name
        old = target.read_text(encoding="utf-8") if target.is_file() else ""
        if old != text:
            lines += difflib.unified_diff(
                old.splitlines(),
                text.splitlines(),
                f"{name} (there)",
                f"{name} (generated)",
                lineterm="",
            )
    for path in stale(config, files):
        lines.append(f"{path.relative_to(config.output).as_posix()} is there and not generated")
    return lines
