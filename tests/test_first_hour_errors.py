"""Each error of the first hour says what happened, why, and what to do.

Each is provoked for real, through the library and through the command line, and read for its three
parts.
"""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

import openwop
from openwop_testing import FakeHost, Workflow

ROOT = Path(__file__).resolve().parents[1]
ONCE = openwop.RetryPolicy(attempts=1)
KEY = "hk_test_first_hour"


@attrs.frozen
class Reading:
    """What an error has to say.

    Attributes:
        error: Its class.
        what: What happened.
        why: Why.
        remedy: What to do.
        code: The exit status on the command line.
    """

    error: type[Exception]
    what: str
    why: str
    remedy: str
    code: int

    def assert_in(self, text: str) -> None:
        assert self.what in text
        assert self.why in text
        assert self.remedy in text
        assert text.index(self.what) <= text.index(self.remedy)
        assert KEY not in text


READINGS = {
    "no URL": Reading(
        openwop.ConfigurationError,
        "base_url is missing",
        "pass the host's origin",
        "or set OPENWOP_BASE_URL",
        2,
    ),
    "a URL without a scheme": Reading(
        openwop.ConfigurationError,
        "base_url 'api.example.com' is no URL",
        "it needs a scheme and a host",
        "as in https://api.example.com",
        2,
    ),
    "a URL with the version in it": Reading(
        openwop.ConfigurationError,
        "ends in /v1",
        "the client adds the version where it belongs",
        "give the host's bare origin",
        2,
    ),
    "a web page in place of a host": Reading(
        openwop.APIResponseValidationError,
        "no OpenWOP host at http://openwop.test",
        "no discovery document",
        "Check that base_url is the host's bare origin",
        4,
    ),
    "no key": Reading(
        openwop.ConfigurationError,
        "runs.create needs a credential",
        "needs a credential",
        "set OPENWOP_API_KEY",
        2,
    ),
    "a wrong key": Reading(
        openwop.AuthenticationError,
        "runs.create failed: 401",
        "The key is not known",
        "Check the API key",
        4,
    ),
    "a host that is down": Reading(
        openwop.APIConnectionError,
        "cannot reach http://127.0.0.1",
        "(",  # the operating system's word for it, in brackets
        "check base_url and that the host is running",
        5,
    ),
    "an unknown workflow": Reading(
        openwop.BadRequestError,
        "runs.create failed: 400",
        "There is no workflow 'nobody-knows-this'",
        "Correct",
        4,
    ),
    "a missing input": Reading(
        openwop.BadRequestError,
        "runs.create failed: 400",
        "inputs.notes: The workflow needs this input",
        "Correct",
        4,
    ),
    "major 2 forced on a host of major 1": Reading(
        openwop.BadRequestError,
        "runs.create failed: 400",
        "does not answer in the major that protocol= forces",
        "leave protocol= out",
        4,
    ),
    "major 1 forced on a host of major 2": Reading(
        openwop.NotFoundError,
        "runs.create failed: 404",
        "does not answer in the major that protocol= forces",
        "leave protocol= out",
        4,
    ),
    "an operation of major 2 on a host of major 1": Reading(
        openwop.CapabilityNotSupportedError,
        "runs.list exists in protocol major 2 only",
        "is spoken to in major 1",
        "Ask for a host that serves major 2",
        6,
    ),
    "an approval whose time ran out": Reading(
        openwop.ConfigurationError,
        "does not wait for an answer",
        "its time ran out",
        "look at it with",
        2,
    ),
    "an approval whose time ran out meanwhile": Reading(
        openwop.InterruptAlreadyResolvedError,
        "interrupts.resolve failed: 409",
        "takes no answer any more",
        "Read the run again",
        4,
    ),
    "a run that nobody knows": Reading(
        openwop.NotFoundError, "runs.get failed: 404", "was not found", "Check the id", 4
    ),
    "a run that waits for somebody": Reading(
        openwop.RunNeedsInputError, "is waiting-approval", "at gate", "answer it with", 3
    ),
}


@pytest.fixture
def host() -> FakeHost:
    """A host with a workflow that asks for an input and for an approval."""
    return made()


def made(**options: Any) -> FakeHost:
    release = Workflow("release").variable("notes", required=True).approval("gate", timeout=60)
    return FakeHost(**{"api_key": KEY, "workflows": [release], **options})


def client(host: FakeHost, **options: Any) -> openwop.Client:
    given = {"api_key": KEY, "transport": host.transport(), "load_plugins": False, "retry": ONCE}
    return openwop.Client(options.pop("base_url", host.base_url), **{**given, **options})


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def late(host: FakeHost, **options: Any) -> None:
    """Approve a minute too late."""
    with client(host) as caller:
        run = caller.runs.start("release", {"notes": "x"})
        run.wait("input")
        host.clock.advance(100)
        run.approve(**options)


def as_page(host: FakeHost) -> None:
    host.faults.answer(
        "getCapabilities", b"<html></html>", headers={"Content-Type": "text/html"}, times=9
    )
    client(host).runs.start("release")


# Where the program has better advice than the library, since it has profiles.
ON_THE_COMMAND_LINE = {
    "no URL": Reading(
        openwop.ConfigurationError,
        "no host is given",
        "so there is nobody to ask",
        "keep both with `openwop profile add NAME --base-url URL`",
        2,
    ),
}
PROVOKED: dict[str, Callable[[FakeHost], object]] = {
    "no URL": lambda host: openwop.Client(),
    "a URL without a scheme": lambda host: openwop.Client("api.example.com"),
    "a URL with the version in it": lambda host: openwop.Client("https://api.example.com/v1"),
    "a web page in place of a host": as_page,
    "no key": lambda host: client(host, api_key=None).runs.start("release"),
    "a wrong key": lambda host: client(host, api_key="hk_test_typo").runs.start("release"),
    "a host that is down": lambda host: openwop.Client(
        f"http://127.0.0.1:{closed_port()}", api_key=KEY, retry=ONCE, load_plugins=False
    ).runs.start("release"),
    "an unknown workflow": lambda host: client(host).runs.start("nobody-knows-this"),
    "a missing input": lambda host: client(host).runs.start("release"),
    "major 2 forced on a host of major 1": lambda host: client(
        made(majors={1}), protocol=2
    ).runs.start("release"),
    "major 1 forced on a host of major 2": lambda host: client(
        made(majors={2}), protocol=1
    ).runs.start("release"),
    "an operation of major 2 on a host of major 1": lambda host: (
        client(made(majors={1})).runs.list().first_page()
    ),
    "an approval whose time ran out": late,
    "an approval whose time ran out meanwhile": lambda host: late(
        host, node_id="gate", check=False
    ),
    "a run that nobody knows": lambda host: client(host).runs.get("acme/nobody"),
    "a run that waits for somebody": lambda host: (
        client(host).runs.start("release", {"notes": "x"}).result()
    ),
}


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings from outside."""
    for name in [name for name in os.environ if name.startswith("OPENWOP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("OPENWOP_CONFIG", str(tmp_path / "profiles.toml"))
    monkeypatch.setenv("COLUMNS", "300")


@pytest.mark.parametrize("name", READINGS)
def test_the_library_says_what_happened_why_and_what_to_do(name: str, host: FakeHost) -> None:
    reading = READINGS[name]

    with pytest.raises(reading.error) as caught:
        PROVOKED[name](host)

    reading.assert_in(str(caught.value))


def on_the_command_line(name: str, host: FakeHost) -> tuple[list[str], FakeHost]:
    """Return the command that provokes an error, and the host that it is for."""
    start = ["run", "release"]
    if name.startswith("a URL"):
        url = "api.example.com" if "scheme" in name else "https://api.example.com/v1"
        return [*start, "--base-url", url], host
    if name == "a web page in place of a host":
        headers = {"Content-Type": "text/html"}
        host.faults.answer("getCapabilities", b"<html></html>", headers=headers, times=9)
    if name == "an unknown workflow":
        return ["run", "nobody-knows-this"], host
    if name == "an operation of major 2 on a host of major 1":
        return ["runs", "list"], made(majors={1})
    if name == "a run that nobody knows":
        return ["runs", "get", "acme/nobody"], host
    if name == "a run that waits for somebody":
        return ["run", "release", "-i", "notes=x"], host
    if name == "a wrong key":
        return start, made(api_key="hk_test_another")
    if name.startswith("an approval"):
        with client(host) as caller:
            run = caller.runs.start("release", {"notes": "x"})
            run.wait("input")
            host.clock.advance(100)
        return ["decide", "--run", run.id, "--approve"], host
    return start, host


@pytest.mark.parametrize(
    "name", [name for name in READINGS if "forced" not in name and "meanwhile" not in name]
)
def test_the_command_line_says_it_too_and_ends_as_documented(
    name: str, host: FakeHost, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("typer", minversion="0.24", reason="the extra `cli` is not installed")
    pytest.importorskip("rich", reason="the extra `cli` is not installed")
    from openwop.cli._program import run
    from openwop.cli.session import Surroundings

    argv, asked = on_the_command_line(name, host)
    around = Surroundings(transport=asked.transport())
    if name == "a host that is down":
        around = Surroundings()
        monkeypatch.setenv("OPENWOP_BASE_URL", f"http://127.0.0.1:{closed_port()}")
    elif name != "no URL":
        monkeypatch.setenv("OPENWOP_BASE_URL", asked.base_url)
    if name != "no key":
        monkeypatch.setenv("OPENWOP_API_KEY", KEY)
    monkeypatch.setattr("sys.stdin", io.StringIO())

    code = run(argv, around)

    said = capsys.readouterr().err
    assert READINGS[name].code == code
    ON_THE_COMMAND_LINE.get(name, READINGS[name]).assert_in(said)


@pytest.mark.parametrize("majors", [1, 2])
def test_a_token_that_expired_says_how_to_decide_without_it(host: FakeHost, majors: int) -> None:
    with client(host, protocol=majors) as caller:
        run = caller.runs.start("release", {"notes": "x"})
        run.wait("input")
        token = host.token(run.id, "gate", major=majors, lifetime=1)
        host.clock.advance(5)
        with pytest.raises(openwop.InterruptExpiredError) as caught:
            caller.interrupts.resolve_by_token(token, resume_value={"action": "accept"})

    assert "The token has expired" in str(caught.value)
    assert "Resolve by run and node, or ask for a new token" in str(caught.value)
    assert token not in str(caught.value)


DOCTOR = "from openwop.cli import main; raise SystemExit(main(['doctor']))"


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_an_old_python_is_told_which_one_is_needed_and_how_to_get_there() -> None:
    done = python("import sys; sys.version_info = (3, 10, 4, 'final', 0); import openwop")

    told = done.stderr.strip().splitlines()[-1]
    assert 1 == done.returncode
    assert "ImportError: openwop needs Python 3.11 or newer, and this is 3.10" in told
    assert "python3.11 -m venv" in told


@pytest.mark.parametrize(
    ("library", "code", "extra"),
    [
        (
            "cryptography",
            "from openwop.audit._checks import _ed25519; _ed25519(bytes(32))",
            "openwop[verify]",
        ),
        ("rich", DOCTOR, "openwop[cli]"),
        ("typer", DOCTOR, "openwop[cli]"),
        (
            "httpx2",
            "from openwop.transports import HttpxTransport; HttpxTransport(library='httpx2')",
            "openwop[httpx2]",
        ),
    ],
)
def test_a_missing_extra_is_named_with_what_to_install(library: str, code: str, extra: str) -> None:
    done = python(f"import sys; sys.modules[{library!r}] = None\n{code}")

    assert done.returncode != 0
    assert library in done.stderr
    assert "not installed" in done.stderr
    assert extra in done.stderr
