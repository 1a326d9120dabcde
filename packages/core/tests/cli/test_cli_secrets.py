"""No command prints a key: not when all is well, not when it fails, not in the log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from openwop_testing import FakeHost

KEY = "hk_test_canary_7f3a91c2d4e8"

COMMANDS = [
    ("doctor",),
    ("capabilities",),
    ("run", "quick"),
    ("run", "broken", "--follow"),
    ("run", "release", "-i", "notes=x"),
    ("run", "nobody-knows-this"),
    ("runs", "list"),
    ("runs", "get", "acme/nobody"),
    ("runs", "watch", "acme/nobody"),
    ("runs", "cancel", "acme/nobody"),
    ("runs", "pause", "acme/nobody"),
    ("runs", "resume", "acme/nobody"),
    ("runs", "fork", "acme/nobody"),
    ("runs", "diff", "acme/nobody", "acme/noone"),
    ("decide",),
    ("decide", "--run", "acme/nobody", "--approve"),
    ("profile", "list"),
    ("webhooks", "listen", "--forward-to", "http://127.0.0.1:9/x", "--run", "acme/nobody"),
]


def plain(argv: tuple[str, ...]) -> str:
    return " ".join(argv)


@pytest.mark.parametrize("more", [(), ("--json",), ("-vv",)], ids=["plain", "json", "log"])
@pytest.mark.parametrize("argv", COMMANDS, ids=plain)
def test_no_command_prints_the_key(cli: Any, argv: tuple[str, ...], more: tuple[str, ...]) -> None:
    said = cli(*argv, *more)

    assert KEY not in said.out + said.err
    assert said.out + said.err


@pytest.mark.parametrize("argv", COMMANDS, ids=plain)
def test_no_command_prints_a_key_that_the_host_refuses(
    cli: Any, make_host: Callable[..., FakeHost], argv: tuple[str, ...]
) -> None:
    said = cli(*argv, "-vv", on=make_host(api_key="hk_test_another"))

    assert KEY not in said.out + said.err


@pytest.mark.parametrize("more", [(), ("--json",)], ids=["plain", "json"])
def test_a_host_that_sends_the_key_back_is_not_quoted(
    cli: Any, host: FakeHost, more: tuple[str, ...]
) -> None:
    host.faults.fail(
        "getRun", status=400, message=f"bad key {KEY}", details={"authorization": f"Bearer {KEY}"}
    )

    said = cli("runs", "get", "acme/run", *more)

    assert KEY not in said.out + said.err
    assert "[redacted]" in said.err


def test_no_option_takes_a_key_on_the_command_line(cli: Any) -> None:
    for command in ("run", "doctor", "profile add", "decide"):
        assert "--api-key" not in cli(*command.split(), "--help").out
