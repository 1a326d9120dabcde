"""Profiles: named hosts with their keys, in a file that only its owner may read."""

from __future__ import annotations

import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any, Final, cast

import attrs

from openwop.errors import ConfigurationError
from openwop.runtime._core import check_base_url
from openwop.runtime.errors import ConfigurationError as BaseConfigurationError

__all__ = ["Profile", "Profiles"]

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@attrs.frozen
class Profile:
    """One host.

    Attributes:
        name: What it is called.
        base_url: The host's bare origin.
        api_key: The key, where the file holds it.
        key_env: The environment variable that holds the key, in place of the file.
        protocol: The protocol major to speak; None to ask the host.
    """

    name: str
    base_url: str
    api_key: str | None = attrs.field(default=None, repr=False)
    key_env: str | None = None
    protocol: int | None = None

    @property
    def key_from(self) -> str:
        """Where the key comes from, for people."""
        if self.key_env is not None:
            return f"variable {self.key_env}"
        return "this file" if self.api_key is not None else "none"

    def key(self) -> str | None:
        """Return the key, or None where the profile has none.

        Raises:
            ConfigurationError: The variable that should hold it is not set.
        """
        if self.key_env is None:
            return self.api_key
        found = os.environ.get(self.key_env)
        if not found:
            msg = (
                f"profile {self.name} takes its key from the variable {self.key_env}, which is "
                "not set; set it, or add the profile again"
            )
            raise ConfigurationError(msg)
        return found


class Profiles:
    """The file of profiles.

    Args:
        path: Where it is, or will be.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.known: dict[str, Profile] = {}
        self.used: str | None = None
        if path.is_file():
            self._read()

    def get(self, name: str) -> Profile:
        """Return the profile of this name.

        Raises:
            ConfigurationError: There is none.
        """
        found = self.known.get(name)
        if found is None:
            names = ", ".join(sorted(self.known)) or "none yet"
            msg = (
                f"there is no profile {name!r}; known: {names}. Make it with "
                f"`openwop profile add {name} --base-url URL`"
            )
            raise ConfigurationError(msg)
        return found

    def add(self, profile: Profile) -> None:
        """Add or replace a profile; the first one is used from then on.

        Raises:
            ConfigurationError: The name or the URL is none.
        """
        if not _NAME.fullmatch(profile.name):
            msg = f"{profile.name!r} is no name for a profile: letters, digits, '.', '_' and '-'"
            raise ConfigurationError(msg)
        try:
            check_base_url(profile.base_url, env="OPENWOP_BASE_URL")
        except BaseConfigurationError as exc:
            raise ConfigurationError(str(exc)) from None
        self.known[profile.name] = profile
        self.used = self.used or profile.name
        self._write()

    def use(self, name: str) -> None:
        """Make a profile the one that is used where nothing else is said."""
        self.used = self.get(name).name
        self._write()

    def remove(self, name: str) -> None:
        """Forget a profile."""
        del self.known[self.get(name).name]
        if self.used == name:
            self.used = None
        self._write()

    def _read(self) -> None:
        try:
            document = tomllib.loads(self.path.read_text("utf-8"))
        except (OSError, ValueError):
            # What is wrong with it is not quoted: the line may hold a key.
            msg = f"{self.path} cannot be read as TOML; mend it, or remove it and add the profiles"
            raise ConfigurationError(msg) from None
        used, found = document.get("use"), document.get("profiles")
        self.used = used if isinstance(used, str) else None
        if not isinstance(found, dict):
            return
        for name, value in cast("dict[str, Any]", found).items():
            self.known[name] = self._profile(name, value)

    def _profile(self, name: str, value: object) -> Profile:
        members = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
        url, key, env = (members.get(word) for word in ("base_url", "api_key", "key_env"))
        protocol = members.get("protocol")
        texts = all(item is None or isinstance(item, str) for item in (key, env))
        if not isinstance(url, str) or not texts or protocol not in {None, 1, 2}:
            msg = (
                f"profile {name!r} in {self.path} needs base_url, and may have api_key or key_env, "
                "and protocol 1 or 2; mend it, or add it again"
            )
            raise ConfigurationError(msg)
        return Profile(name, url, key, env, protocol)

    def _write(self) -> None:
        lines = ["# Written by `openwop profile`; it may hold keys, so keep it to yourself.\n"]
        if self.used is not None:
            lines.append(f"use = {_quoted(self.used)}\n")
        for name, profile in sorted(self.known.items()):
            lines.append(f"\n[profiles.{_quoted(name)}]\n")
            values = attrs.asdict(profile, filter=lambda field, _: field.name != "name")
            for word, value in values.items():
                if value is not None:
                    shown = _quoted(value) if isinstance(value, str) else str(value)
                    lines.append(f"{word} = {shown}\n")
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = self.path.with_name(f"{self.path.name}.new")
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(lines)
        beside.replace(self.path)


def _quoted(text: str) -> str:
    """Return *text* as a TOML string, which a JSON string is but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
