"""Profiles: kept for their owner, used in a known order, and keys that stay with their host."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from openwop.cli._profiles import Profile, Profiles
from openwop.cli.exits import Exit
from openwop.cli.session import Session, Surroundings
from openwop.errors import ConfigurationError

SECRET = "hk_live_kept_in_a_profile"


def add(cli: Any, name: str, url: str, *options: str, stdin: str = f"{SECRET}\n") -> Any:
    given_key = options or ("--key-stdin",)
    return cli("profile", "add", name, "--base-url", url, *given_key, stdin=stdin, known=False)


def test_the_first_profile_is_used_and_its_key_is_never_printed(cli: Any) -> None:
    added = add(cli, "prod", "https://api.example.com")
    listed = cli("profile", "list", known=False)

    assert (0, 0) == (added.code, listed.code)
    assert "prod" in listed.out
    assert "*" in listed.out
    assert SECRET not in added.out + added.err + listed.out + listed.err


def test_the_file_is_for_its_owner_alone(cli: Any, home: Path) -> None:
    add(cli, "prod", "https://api.example.com")

    file = home / "profiles.toml"
    assert SECRET == tomllib.loads(file.read_text("utf-8"))["profiles"]["prod"]["api_key"]
    if os.name == "posix":
        assert 0o600 == stat.S_IMODE(file.stat().st_mode)


def test_use_and_remove_change_what_is_used(cli: Any) -> None:
    add(cli, "one", "https://one.example.com")
    add(cli, "two", "https://two.example.com")

    cli("profile", "use", "two", known=False)
    used = [row["name"] for row in cli("profile", "list", "--json", known=False).json
            if row["used"]]  # fmt: skip
    cli("profile", "remove", "two", known=False)
    left = cli("profile", "list", "--json", known=False).json

    assert ["two"] == used
    assert [("one", False)] == [(row["name"], row["used"]) for row in left]


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("add", "x", "--no-key"), "--base-url"),
        (("add", "x", "--base-url", "https://a.example", "--no-key", "--key-stdin"), "exclude"),
        (("add", "x", "--base-url", "https://a.example"), "nobody can be asked"),
        (("add", "x", "--base-url", "https://a.example", "--key-stdin"), "found nothing"),
        (("add", "x", "--base-url", "nonsense", "--no-key"), "is no URL"),
        (("add", "a/b", "--base-url", "https://a.example", "--no-key"), "is no name"),
        (("use", "nobody"), "openwop profile add nobody"),
        (("remove", "nobody"), "there is no profile"),
    ],
)
def test_what_is_no_profile_is_refused_with_what_to_do(
    cli: Any, argv: tuple[str, ...], told: str
) -> None:
    said = cli("profile", *argv, known=False)

    assert (Exit.USAGE, True) == (said.code, told in said.err), said.err


def test_a_person_is_asked_for_the_key(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def prompt(text: str, **options: Any) -> str:
        asked.append(options)
        return SECRET

    monkeypatch.setattr("typer.prompt", prompt)

    said = cli(
        "profile", "add", "x", "--base-url", "https://a.example", known=False, is_terminal=True
    )

    assert 0 == said.code
    assert asked[0]["hide_input"] is True


def test_a_key_of_a_variable_is_read_when_it_is_needed(
    cli: Any, host: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(cli, "prod", host.base_url, "--key-env", "MY_KEY")

    without = cli("runs", "list", known=False)
    monkeypatch.setenv("MY_KEY", host.api_key)
    with_it = cli("runs", "list", known=False)

    assert (Exit.USAGE, 0) == (without.code, with_it.code)
    assert "MY_KEY" in without.err


def target(**options: Any) -> Any:
    return Session(Surroundings(), **options).target


@pytest.fixture
def two(cli: Any) -> None:
    """Two profiles, of which the first is in use."""
    add(cli, "one", "https://one.example.com", stdin="key-one\n")
    add(cli, "two", "https://two.example.com", stdin="key-two\n")


@pytest.mark.usefixtures("two")
def test_options_come_before_the_environment_and_that_before_the_profile_in_use(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    used = target()
    monkeypatch.setenv("OPENWOP_BASE_URL", "https://env.example.com")
    monkeypatch.setenv("OPENWOP_API_KEY", "key-env")
    by_environment = target()
    monkeypatch.setenv("OPENWOP_PROFILE", "two")
    by_variable = target()
    by_url = target(base_url="https://option.example.com")
    by_option = target(profile="one")

    assert ("https://one.example.com", "key-one") == (used.base_url, used.api_key)
    assert ("https://env.example.com", "key-env") == (
        by_environment.base_url,
        by_environment.api_key,
    )
    assert ("https://two.example.com", "key-two") == (by_variable.base_url, by_variable.api_key)
    assert ("https://option.example.com", "key-env") == (by_url.base_url, by_url.api_key)
    assert ("https://one.example.com", "key-one") == (by_option.base_url, by_option.api_key)


@pytest.mark.usefixtures("two")
def test_the_key_of_a_profile_goes_to_no_other_host() -> None:
    elsewhere = target(base_url="https://evil.example.com")
    at_home = target(base_url="https://one.example.com/")

    assert elsewhere.api_key is None
    assert "key-one" == at_home.api_key
    with pytest.raises(ConfigurationError, match="must not be sent elsewhere"):
        target(profile="one", base_url="https://evil.example.com")


@pytest.mark.usefixtures("two")
def test_no_repr_shows_a_key() -> None:
    session = Session(Surroundings(), profile="one")

    shown = f"{session.target!r} {session.profiles.known!r} {session!r}"

    assert "key-one" not in shown


@pytest.mark.parametrize(
    "text",
    ["not toml [", '[profiles.x]\napi_key = "k"\n', "[profiles.x]\nbase_url = 7\n", "\0"],
)
def test_a_file_that_makes_no_sense_is_named_and_not_quoted(
    cli: Any, home: Path, text: str
) -> None:
    (home / "profiles.toml").write_text(text + "# sk_secret", "utf-8")

    said = cli("profile", "list", known=False)

    assert Exit.USAGE == said.code
    assert "profiles.toml" in said.err
    assert "sk_secret" not in said.err


NAMES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)


@given(name=NAMES, key=st.text(min_size=1).filter(lambda text: "\ud800" not in text))
def test_whatever_the_key_is_the_file_gives_it_back(
    tmp_path_factory: pytest.TempPathFactory, name: str, key: str
) -> None:
    try:
        key.encode()
    except UnicodeEncodeError:
        return
    file = tmp_path_factory.mktemp("profiles") / "config.toml"
    kept = Profile(name, "https://api.example.com", key, None, 2)

    Profiles(file).add(kept)

    again = Profiles(file)
    assert ({name: kept}, name) == (again.known, again.used)
