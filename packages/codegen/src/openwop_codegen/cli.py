"""The command line: `openwop-codegen generate --config codegen.toml [--check] [--strict]`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from openwop_codegen.config import Config, load_config
from openwop_codegen.diagnostics import GeneratorError, Report
from openwop_codegen.generate import Result, differences, generate, write

__all__ = ["main"]


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _warn(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="openwop-codegen",
        description="Generate a typed Python client on the openwop runtime from OpenAPI documents.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser(
        "generate",
        help="write the client that a configuration describes",
        description="Write the client that a configuration describes, or check the one there.",
    )
    command.add_argument(
        "--config", type=Path, required=True, metavar="FILE", help="the configuration, a TOML file"
    )
    command.add_argument(
        "--output", type=Path, metavar="DIR", help="write here instead of where the file says"
    )
    command.add_argument(
        "--check", action="store_true", help="write nothing; fail if anything would change"
    )
    command.add_argument(
        "--strict",
        action="store_true",
        help="fail if something of a document cannot be expressed",
    )
    command.add_argument(
        "--verbose", action="store_true", help="print every note, not only their number"
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: The arguments; those of the process where not given.

    Returns:
        0 when all is well, 1 when a check found a difference, 2 when a document or the
        configuration is wrong.
    """
    arguments = _parser().parse_args(argv)
    try:
        config = load_config(arguments.config)
        if arguments.output is not None:
            config = config.with_output(arguments.output.resolve())
        result = generate(config, strict=arguments.strict)
    except GeneratorError as exc:
        _warn(f"openwop-codegen: {exc}")
        return 2
    _tell(result.report, verbose=arguments.verbose)
    return _check(config, result) if arguments.check else _write(config, result)


def _write(config: Config, result: Result) -> int:
    changed = write(config, result.files)
    methods = sum(len(resource.methods) for resource in result.api.resources.values())
    _say(
        f"{methods} operations in {len(result.api.resources)} resources, "
        f"{len(result.api.declarations)} types: {len(result.files)} files, {len(changed)} changed"
    )
    return 0


def _check(config: Config, result: Result) -> int:
    lines = differences(config, result.files)
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


if __name__ == "__main__":
    raise SystemExit(main())
