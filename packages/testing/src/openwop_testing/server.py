"""`openwop-fake-host`: the host as a program, for tests in any language."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from openwop_testing.host import FakeHost
from openwop_testing.serving import serve_forever

__all__ = ["main"]


def _majors(text: str) -> frozenset[int]:
    try:
        majors = frozenset(int(part) for part in text.split(","))
    except ValueError:
        majors = frozenset[int]()
    if not majors or not majors <= {1, 2}:
        raise argparse.ArgumentTypeError("expected 1, 2 or 1,2")
    return majors


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="openwop-fake-host", description="Serve an OpenWOP host that lives in memory."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=3737, help="port; 0 picks a free one")
    parser.add_argument("--api-key", default="hk_test_openwop", help="the key that is let in")
    parser.add_argument(
        "--workflows",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="folder of workflow definitions (*.json); may be given several times",
    )
    parser.add_argument(
        "--majors", type=_majors, default=frozenset({1, 2}), help="protocol majors to serve"
    )
    parser.add_argument("--seed", type=int, default=0, help="what ids are drawn from")
    parser.add_argument(
        "--virtual-time", action="store_true", help="skip the delays of runs that are watched"
    )
    return parser


def load(folder: Path, host: FakeHost) -> int:
    """Add every definition of a folder to a host; return how many there were.

    Raises:
        ValueError: A file holds no definition; the message names it.
    """
    files = sorted(folder.glob("*.json"))
    for file in files:
        try:
            host.workflows.add(json.loads(file.read_text(encoding="utf-8")))
        except ValueError as error:
            raise ValueError(f"{file}: {error}") from error
    return len(files)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program.

    It prints one line once it answers, `openwop-fake-host ready url=<URL> key=<key>`, and ends
    with 0 when it is told to by SIGTERM or SIGINT.

    Args:
        argv: The arguments; without them, those of the process.

    Returns:
        The exit status.
    """
    options = _arguments().parse_args(argv)
    host = FakeHost(
        api_key=options.api_key, majors=options.majors, seed=options.seed, start=time.time()
    )
    try:
        for folder in options.workflows:
            if not folder.is_dir():
                raise ValueError(f"{folder} is not a folder")
            load(folder, host)
    except ValueError as error:
        print(f"openwop-fake-host: {error}", file=sys.stderr)  # noqa: T201  # a program's voice
        return 2

    def announce(url: str) -> None:
        line = f"openwop-fake-host ready url={url} key={options.api_key}"
        print(line, flush=True)  # noqa: T201  # the line that callers wait for

    try:
        serve_forever(
            host,
            options.port,
            host=options.host,
            virtual_time=options.virtual_time,
            announce=announce,
        )
    except OSError as error:
        print(f"openwop-fake-host: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
