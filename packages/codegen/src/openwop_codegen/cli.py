"""The command line: `openwop-codegen generate | check | fetch | diff | init`."""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import attrs

from openwop_codegen.build import build
from openwop_codegen.compare import compare
from openwop_codegen.config import ClientConfig, Config, load_config
from openwop_codegen.diagnostics import GeneratorError, Report
from openwop_codegen.generate import Result, differences, generate, write
from openwop_codegen.loader import Loader
from openwop_codegen.project import stale_readme, write_project
from openwop_codegen.sources import fetch, is_url, saved

__all__ = ["main", "plain_config"]

_TEMPLATE = """\
# How the client is generated; every setting has a default.
service = "{service}"

[client]
env = "{env}" # {env}_BASE_URL, {env}_API_KEY and {env}_LOG

# The Python names of operations, by their ids:
# [names]
# list-tools = "tools.list"

# How a list continues:
# [paging.listThings]
# items = "items"
# next = "nextCursor"
# argument = "cursor"

# What a stream does:
# [streams.watchThing]
# endless = true
"""


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _warn(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _credentials(command: argparse.ArgumentParser) -> None:
    command.add_argument("--bearer", default="", metavar="TOKEN", help="a token for the document")
    command.add_argument("--cookie", default="", metavar="COOKIE", help="a cookie for the document")
    command.add_argument("--origin", default="", metavar="URL", help="the Origin to ask with")


def _remote(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--allow-remote",
        action="store_true",
        help="fetch what a document refers to at other addresses",
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="openwop-codegen",
        description="Generate a typed Python client on the openwop runtime from OpenAPI documents.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (
        ("generate", "write the client of a document, or the one that a configuration describes"),
        ("check", "write nothing; fail if `generate` would change anything"),
    ):
        command = commands.add_parser(name, help=what, description=f"{what.capitalize()}.")
        command.add_argument(
            "source", nargs="?", default="", metavar="SOURCE", help="the document: a file or a URL"
        )
        command.add_argument("--package", default="", metavar="NAME", help="what users import")
        command.add_argument(
            "-o", "--output", type=Path, metavar="DIR", help="the folder to write to"
        )
        command.add_argument("--config", type=Path, metavar="FILE", help="settings, a TOML file")
        command.add_argument(
            "--overlay",
            type=Path,
            action="append",
            default=[],
            metavar="FILE",
            help="an OpenAPI Overlay to lay over the document; may be repeated",
        )
        command.add_argument(
            "--check", action="store_true", help="write nothing; fail if anything would change"
        )
        command.add_argument(
            "--strict",
            action="store_true",
            help="fail if something of a document cannot be expressed",
        )
        _remote(command)
        command.add_argument(
            "--verbose", action="store_true", help="print every note, not only their number"
        )
        _credentials(command)
    command = commands.add_parser("fetch", help="download a document from a running service")
    command.add_argument("url", metavar="URL")
    command.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to write it")
    _credentials(command)
    command = commands.add_parser("diff", help="say what changed for users between two documents")
    command.add_argument("old", type=Path, metavar="OLD")
    command.add_argument("new", type=Path, metavar="NEW")
    command.add_argument("--config", type=Path, metavar="FILE", help="settings, a TOML file")
    _remote(command)
    command = commands.add_parser("init", help="write a configuration to begin with")
    command.add_argument("--package", required=True, metavar="NAME", help="what users import")
    command.add_argument("-o", "--output", type=Path, default=Path("codegen.toml"), metavar="FILE")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: The arguments; those of the process where not given.

    Returns:
        0 when all is well, 1 when a check found a difference or a comparison something that
        breaks, 2 when a document or the configuration is wrong.
    """
    arguments = _parser().parse_args(argv)
    run = {"fetch": _fetch, "diff": _diff, "init": _init}.get(arguments.command, _generate)
    try:
        return run(arguments)
    except GeneratorError as exc:
        _warn(f"openwop-codegen: {exc}")
        return 2


# Generating -------------------------------------------------------------------------------------


def plain_config(source: Path, package: str, project: Path, config: Path | None = None) -> Config:
    """Return the configuration of a package around the document at *source*.

    Args:
        source: The document.
        package: The name of the package that users import.
        project: The folder that takes its pyproject.toml.
        config: A file with settings.

    Raises:
        GeneratorError: The name is none, or the file cannot be read.
    """
    if not all(part.isidentifier() for part in package.split(".")):
        raise GeneratorError(f"{package!r} is no name of a Python package", "--package")
    made = f"{package}._generated"
    output = (project / "src" / made.replace(".", "/")).resolve()
    root = source.resolve().parent
    fixed = {"package": made, "automatic": True, "detect_paging": True, "open_unions": True}
    if config is not None:
        loaded = load_config(config, source=source, **fixed)
        return attrs.evolve(
            loaded, root=root, output=output, client=loaded.client or ClientConfig()
        )
    client = ClientConfig(env=re.sub(r"\W", "_", package.removesuffix("_client")).upper())
    return Config(
        root=root, documents={"": source}, output=output, client=client, service=_title(source),
        **fixed,  # type: ignore[arg-type]
    )  # fmt: skip


def _title(source: Path) -> str:
    root = Loader(source.resolve().parent).open(source)
    info = root.find("info")
    return " ".join(str(info.get("title") if info is not None else "").split()) or "the service"


def _generate(arguments: argparse.Namespace) -> int:
    if not arguments.source:
        return _configured(arguments)
    if not arguments.package or arguments.output is None:
        raise GeneratorError("a SOURCE needs --package NAME and -o DIR")
    with tempfile.TemporaryDirectory(prefix="openwop-codegen-") as folder:
        source = Path(arguments.source)
        if is_url(arguments.source):
            _say(f"fetching {arguments.source}")
            source = saved(Path(folder), _download(arguments, arguments.source))
        project = arguments.output.resolve()
        config = plain_config(source, arguments.package, project, arguments.config)
        overlays = (*config.overlays, *arguments.overlay)
        origin = arguments.source if is_url(arguments.source) else config.origin
        config = attrs.evolve(
            config,
            overlays=overlays,
            origin=origin,
            allow_remote=config.allow_remote or arguments.allow_remote,
        )
        _say(f"reading {source.name}")
        result = generate(config, strict=arguments.strict)
    _tell(result.report, verbose=arguments.verbose)
    if arguments.check or arguments.command == "check":
        lines = stale_readme(config, result.api, project)
        return _check(config, result, lines)
    around = write_project(config, result.api, project)
    return _write(config, result, len(around))


def _configured(arguments: argparse.Namespace) -> int:
    if arguments.config is None:
        raise GeneratorError("give a SOURCE, or --config FILE")
    config = load_config(arguments.config)
    config = attrs.evolve(
        config,
        overlays=(*config.overlays, *arguments.overlay),
        allow_remote=config.allow_remote or arguments.allow_remote,
    )
    if arguments.output is not None:
        config = config.with_output(arguments.output.resolve())
    result = generate(config, strict=arguments.strict)
    _tell(result.report, verbose=arguments.verbose)
    is_project = config.client is not None
    if arguments.check or arguments.command == "check":
        lines = stale_readme(config, result.api, config.project) if is_project else []
        return _check(config, result, lines)
    around = write_project(config, result.api, config.project) if is_project else []
    return _write(config, result, len(around))


def _write(config: Config, result: Result, around: int) -> int:
    changed = write(config, result.files)
    methods = sum(len(resource.methods) for resource in result.api.resources.values())
    _say(
        f"{methods} operations in {len(result.api.resources)} resources, "
        f"{len(result.api.declarations)} types: {len(result.files)} files, "
        f"{len(changed) + around} changed"
    )
    return 0


def _check(config: Config, result: Result, around: list[str]) -> int:
    lines = [*around, *differences(config, result.files)]
    if not lines:
        _say(f"{len(result.files)} files are what the documents say")
        return 0
    _warn("\n".join(lines[:200]))
    _warn(
        "openwop-codegen: the generated files differ from what the documents say; run the same "
        "command without --check"
    )
    return 1


def _tell(report: Report, *, verbose: bool) -> None:
    for finding in report.of("warning"):
        _warn(f"openwop-codegen: {finding}")
    notes = report.of("note")
    if verbose:
        for finding in notes:
            _warn(f"openwop-codegen: {finding}")
    elif notes:
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(report.counts().items()))
        _say(f"notes: {counts} (--verbose shows them)")


# The other commands -----------------------------------------------------------------------------


def _download(arguments: argparse.Namespace, url: str) -> str:
    return fetch(url, bearer=arguments.bearer, cookie=arguments.cookie, origin=arguments.origin)


def _fetch(arguments: argparse.Namespace) -> int:
    if not is_url(arguments.url):
        raise GeneratorError("is no http or https URL", arguments.url)
    text = _download(arguments, arguments.url)
    with tempfile.TemporaryDirectory(prefix="openwop-codegen-") as folder:
        made = saved(Path(folder), text)
        document = Loader(Path(folder)).open(made)
        if "openapi" not in document.map:
            raise GeneratorError("answers with something that is no OpenAPI 3 document",
                                 arguments.url)  # fmt: skip
        target: Path = arguments.output or Path(made.name)
        paths = document.find("paths")
    target.write_text(text, encoding="utf-8")
    count = len(paths.map) if paths is not None else 0
    _say(f"{target.name}: OpenAPI {document.get('openapi')}, {count} paths, {len(text)} characters")
    return 0


def _diff(arguments: argparse.Namespace) -> int:
    old, new = (
        build(
            attrs.evolve(
                plain_config(path, "compared", path.resolve().parent, arguments.config),
                allow_remote=arguments.allow_remote,
            ),
            Report(),
        )
        for path in (arguments.old, arguments.new)
    )
    changes = compare(old, new)
    for change in changes:
        _say(str(change))
    broken = sum(change.breaking for change in changes)
    _say(f"{len(changes)} changes, {broken} of them breaking")
    return 1 if broken else 0


def _init(arguments: argparse.Namespace) -> int:
    target: Path = arguments.output
    if target.exists():
        raise GeneratorError("is there already", target.name)
    name = arguments.package.removesuffix("_client")
    env = re.sub(r"\W", "_", name).upper()
    target.write_text(_TEMPLATE.format(service=name, env=env), encoding="utf-8")
    _say(f"{target.name} is written; pass it with --config")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
