"""What every command has: where the host is, how to say things, and what errors become.

Siblings that contribute commands use `command` and `Session`.
"""

from __future__ import annotations

import inspect
import logging
import os
import sys
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar, get_type_hints

import attrs
import typer
from rich.console import Console
from rich.text import Text

from openwop._client import Client
from openwop.cli._profiles import Profile, Profiles
from openwop.cli.exits import Exit, exit_of
from openwop.cli.output import as_json, safe, text
from openwop.errors import (
    APIStatusError,
    ConfigurationError,
    OpenWOPError,
    RunNeedsInputError,
    RunOutcomeError,
)
from openwop.wire import Transport

__all__ = ["Session", "Surroundings", "Target", "command", "new_app"]

F = TypeVar("F", bound=Callable[..., Any])

_URL: Final = "OPENWOP_BASE_URL"
_KEY: Final = "OPENWOP_API_KEY"
_PROFILE: Final = "OPENWOP_PROFILE"
_CONFIG: Final = "OPENWOP_CONFIG"
_LONGEST: Final = 600


@attrs.frozen
class Surroundings:
    """What stands in for the world in a test; give it to the program as its `obj`.

    Attributes:
        transport: What moves the bytes, in place of sockets.
        now: Unix seconds.
        is_terminal: Whether standard output and input are a terminal; None to look.
    """

    transport: Transport | None = None
    now: Callable[[], float] | None = None
    is_terminal: bool | None = None


@attrs.frozen
class Target:
    """The host that a command talks to.

    Attributes:
        base_url: Its bare origin; None where nothing says.
        api_key: The key; None where there is none.
        url_from: What said where it is.
        key_from: What gave the key.
        protocol: The protocol major to speak; None to ask the host.
    """

    base_url: str | None
    api_key: str | None = attrs.field(repr=False)
    url_from: str
    key_from: str
    protocol: int | None = None


def _same_origin(one: str, other: str) -> bool:
    return one.strip().rstrip("/").casefold() == other.strip().rstrip("/").casefold()


@attrs.define(slots=False)
class Session:
    """One command as it runs.

    Attributes:
        surroundings: The world.
        profile: The profile that was asked for.
        base_url: The URL that was asked for.
        json: Whether to print JSON.
        verbose: 0 for no log, 1 for waits and reconnects, 2 for every attempt.
        note: What to say after Ctrl-C.
    """

    surroundings: Surroundings
    profile: str | None = None
    base_url: str | None = None
    json: bool = False
    verbose: int = 0
    note: str = ""

    @cached_property
    def out(self) -> Console:
        """Standard output."""
        return Console(highlight=False, soft_wrap=False)

    @cached_property
    def err(self) -> Console:
        """Standard error."""
        return Console(stderr=True, highlight=False)

    @property
    def is_terminal(self) -> bool:
        """Whether a person sits there."""
        if self.surroundings.is_terminal is not None:
            return self.surroundings.is_terminal
        return sys.stdin.isatty() and self.out.is_terminal

    # -- where -----------------------------------------------------------------------------------

    @cached_property
    def profiles(self) -> Profiles:
        """The profiles that are kept.

        Raises:
            ConfigurationError: The file cannot be read.
        """
        given = os.environ.get(_CONFIG)
        return Profiles(Path(given) if given else self.folder / "config.toml")

    @property
    def folder(self) -> Path:
        """The folder of the platform for settings of this program."""
        return Path(typer.get_app_dir("openwop"))

    @cached_property
    def target(self) -> Target:
        """The host to talk to: options before the environment, and that before the profile in use.

        The key of a profile is sent to the URL of that profile and to no other.
        """
        if self.profile is not None:
            return self._of_profile(self.profiles.get(self.profile), "--profile")
        if self.base_url is not None:
            return self._of_url(self.base_url, "--base-url")
        given = os.environ.get(_PROFILE)
        if given:
            return self._of_profile(self.profiles.get(given), _PROFILE)
        url = os.environ.get(_URL)
        if url:
            return self._of_url(url, _URL)
        if self.profiles.used is not None:
            return self._of_profile(self.profiles.get(self.profiles.used), "in use")
        return Target(None, os.environ.get(_KEY), "nothing", _KEY)

    def _of_profile(self, profile: Profile, why: str) -> Target:
        url, url_from = profile.base_url, f"profile {profile.name} ({why})"
        if self.base_url is not None and not _same_origin(self.base_url, url):
            msg = (
                f"--base-url is not the URL of profile {profile.name}, whose key must not be sent "
                "elsewhere; leave one of the two out"
            )
            raise ConfigurationError(msg)
        key = profile.key()
        if key is not None:
            source = profile.key_env or f"profile {profile.name}"
            return Target(url, key, url_from, source, profile.protocol)
        key = os.environ.get(_KEY) or None
        return Target(url, key, url_from, _KEY if key else "nothing", profile.protocol)

    def _of_url(self, url: str, source: str) -> Target:
        key = os.environ.get(_KEY)
        if key:
            return Target(url, key, source, _KEY)
        for profile in self.profiles.known.values():
            if _same_origin(profile.base_url, url) and profile.key() is not None:
                return Target(url, profile.key(), source, f"profile {profile.name}")
        return Target(url, None, source, "nothing")

    def client(self, **options: Any) -> Client:
        """Return a client of the host; use it inside `with`.

        Args:
            **options: Further arguments of `Client`.

        Raises:
            ConfigurationError: Nothing says where the host is, or what says it is wrong.
        """
        target = self.target
        if target.base_url is None:
            msg = (
                "no host is given, so there is nobody to ask: pass --base-url URL, set "
                f"{_URL} (and {_KEY}), or keep both with `openwop profile add NAME --base-url URL`"
            )
            raise ConfigurationError(msg)
        given: dict[str, Any] = {"protocol": target.protocol, **options}
        if self.surroundings.transport is not None:
            given.update(transport=self.surroundings.transport, load_plugins=False)
        return Client(target.base_url, api_key=target.api_key, **given)

    # -- saying ----------------------------------------------------------------------------------

    def put(self, *parts: Any, console: Console | None = None) -> None:
        """Print renderables: broken between words on a terminal, never in a pipe.

        Args:
            *parts: What to print.
            console: Where to; by default standard output.
        """
        to = console or self.out
        to.print(*parts, soft_wrap=not to.is_terminal)

    def say(self, *parts: object, style: str = "") -> None:
        """Print one line for people; nothing with `--json`."""
        if not self.json:
            self.put(text(" ".join(safe(part) for part in parts), style))

    def tell(self, *parts: object, style: str = "") -> None:
        """Print one line beside the output, on standard error."""
        self.put(text(" ".join(safe(part) for part in parts), style), console=self.err)

    def document(self, value: object) -> None:
        """Print one JSON document."""
        sys.stdout.write(as_json(value, indent=2) + "\n")

    def line(self, value: object) -> None:
        """Print one line of JSON, at once: somebody follows."""
        sys.stdout.write(as_json(value) + "\n")
        sys.stdout.flush()

    def complain(self, error: OpenWOPError | str, code: int) -> None:
        """Print an error on standard error, as JSON with `--json`.

        Args:
            error: What went wrong.
            code: The exit status that it leads to.
        """
        details: Mapping[str, Any] = {}
        found: dict[str, Any] = {
            "type": "UsageError" if isinstance(error, str) else type(error).__name__,
            "message": str(error),
        }
        if isinstance(error, RunOutcomeError):
            found.update(code=error.code, run_id=error.run_id)
        if isinstance(error, APIStatusError):
            details = error.details
            found.update(code=error.code, status=error.status_code, trace_id=error.trace_id)
            found["details"] = details
        if self.json:
            sys.stderr.write(
                self._redacted(as_json({"error": {**found, "exit_code": int(code)}})) + "\n"
            )
            return
        said = Text.assemble(("openwop: ", "bold red"), safe(self._redacted(str(error))))
        self.put(said, console=self.err)
        if details:
            shown = self._redacted(as_json(dict(details)))
            cut = shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."
            self.put(text(f"  details: {cut}", "dim"), console=self.err)
        if isinstance(error, RunNeedsInputError):
            self.tell(f"  here: openwop decide --run {error.run_id}", style="magenta")

    def _redacted(self, shown: str) -> str:
        """Return *shown* without the key, which a host may have put into its answer."""
        key = self.__dict__["target"].api_key if "target" in self.__dict__ else None
        return shown.replace(key, "[redacted]") if key else shown


def _complete_profile(incomplete: str) -> Iterable[str]:
    try:
        known = Session(Surroundings()).profiles.known
    except OpenWOPError:
        return []
    return [name for name in known if name.startswith(incomplete)]


_SHARED: Final[dict[str, tuple[Any, Any]]] = {
    "profile": (
        Annotated[
            str | None,
            typer.Option(
                "--profile",
                help="The host: a profile of `openwop profile`.",
                autocompletion=_complete_profile,
                rich_help_panel="Common options",
            ),
        ],
        None,
    ),
    "base_url": (
        Annotated[
            str | None,
            typer.Option(
                "--base-url",
                metavar="URL",
                help=f"The host: its bare origin; by default {_URL}.",
                rich_help_panel="Common options",
            ),
        ],
        None,
    ),
    "as_json": (
        Annotated[
            bool,
            typer.Option("--json", help="Print JSON.", rich_help_panel="Common options"),
        ],
        False,
    ),
    "verbose": (
        Annotated[
            int,
            typer.Option(
                "--verbose",
                "-v",
                count=True,
                help="Log waits and reconnects; twice, every attempt.",
                rich_help_panel="Common options",
            ),
        ],
        0,
    ),
}


def new_app(summary: str) -> typer.Typer:
    """Return an application for a group of commands.

    Args:
        summary: What the group is about.
    """
    return typer.Typer(
        help=summary,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,  # they would show the values of variables
        rich_markup_mode=None,
    )


def command(app: typer.Typer, name: str) -> Callable[[F], F]:
    """Make a function a command of *app*, with the options that all commands share.

    The function is given the `Session` first, and returns an exit status or None.

    Args:
        app: The application.
        name: What the command is called.
    """

    def register(function: F) -> F:
        hints = get_type_hints(function, include_extras=True)
        own = list(inspect.signature(function).parameters.values())[1:]
        taken = [
            inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context),
            *(
                parameter.replace(kind=parameter.KEYWORD_ONLY, annotation=hints[parameter.name])
                for parameter in own
            ),
            *(
                inspect.Parameter(
                    word, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=default
                )
                for word, (kind, default) in _SHARED.items()
            ),
        ]

        def called(ctx: typer.Context, **given: Any) -> None:
            shared = {word: given.pop(word) for word in _SHARED}
            session = Session(
                ctx.obj if isinstance(ctx.obj, Surroundings) else Surroundings(),
                profile=shared["profile"],
                base_url=shared["base_url"],
                json=shared["as_json"],
                verbose=shared["verbose"],
            )
            raise typer.Exit(_perform(session, lambda: function(session, **given)))

        called.__name__ = function.__name__
        called.__annotations__ = {item.name: item.annotation for item in taken}
        called.__signature__ = inspect.Signature(taken)  # type: ignore[attr-defined]
        told = inspect.cleandoc(function.__doc__ or "").partition("\n\nArgs:")[0]
        app.command(name, help=told)(called)
        return function

    return register


@contextmanager
def _logging(verbose: int) -> Generator[None]:
    """Show the log of the client on standard error for the time of a command."""
    logger, level = logging.getLogger("openwop"), logging.getLogger("openwop").level
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    if verbose:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO if verbose == 1 else logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def _perform(session: Session, function: Callable[[], int | None]) -> int:
    """Run a command; what it raises becomes words and an exit status."""
    try:
        with _logging(session.verbose):
            return int(function() or Exit.OK)
    except OpenWOPError as error:
        code = exit_of(error)
        session.complain(error, code)
        return int(code)
    except (KeyboardInterrupt, typer.Abort):
        for line in (session.note or "Stopped.").splitlines():
            session.tell(line)
        return int(Exit.INTERRUPTED)
