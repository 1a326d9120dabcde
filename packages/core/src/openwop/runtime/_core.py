"""What a client and its copies share, and the settings in which they differ."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import urlsplit

import attrs

from openwop.runtime._auth import AuthProvider
from openwop.runtime._dialect import Dialect
from openwop.runtime._drivers import AsyncIO, SyncIO
from openwop.runtime._hooks import Hooks
from openwop.runtime._retry import RetryPolicy, Tokens
from openwop.runtime.errors import ConfigurationError

__all__ = [
    "DEFAULT_LIMIT",
    "Core",
    "Mode",
    "Settings",
    "Validation",
    "check_base_url",
    "check_seconds",
    "logger",
]

Mode: TypeAlias = Literal["parsed", "raw", "streamed"]
Validation: TypeAlias = Literal["tolerant", "strict"]

logger = logging.getLogger("openwop")
DEFAULT_LIMIT: Final = 8 * 1024 * 1024


@attrs.frozen
class Settings:
    """In what a client and its copies may differ."""

    timeout: float | None = 30.0
    deadline: float | None = None
    retry: RetryPolicy = attrs.field(factory=RetryPolicy)
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=False)
    provider: AuthProvider | None = attrs.field(default=None, repr=False)
    validation: Validation = "tolerant"
    protocol: int | None = None
    max_response_bytes: int | None = DEFAULT_LIMIT
    mode: Mode = "parsed"


class Core:
    """What a client and its copies share: connections, hooks, budget, what is known of the host.

    Args:
        base_url: The origin, checked.
        dialect: How the service is spoken to.
        io: The shell that moves the bytes.
        hooks: The client's hooks.
        retry: The policy whose budget the calls share.
        owns_transport: Whether closing the client closes the transport.
    """

    def __init__(
        self,
        base_url: str,
        dialect: Dialect,
        io: SyncIO | AsyncIO,
        hooks: Hooks,
        retry: RetryPolicy,
        *,
        owns_transport: bool,
    ) -> None:
        self.base_url = base_url
        self.dialect = dialect
        self.io = io
        self.is_async = isinstance(io, AsyncIO)
        io.configuration_error = dialect.errors.configuration
        self.hooks = hooks
        self.owns_transport = owns_transport
        self.closed = False
        self.state: Any = dialect.new_state()
        self.now = io.now
        self.wall: Callable[[], float] = getattr(io.transport, "wall", time.time)
        self.uniform: Callable[[], float] = random.random
        self.new_key = dialect.key_maker()
        self._tokens = {retry.budget: Tokens(retry.budget)}

    def new_lock(self) -> Any:
        """Return a lock in the client's colour, with `acquire` and `release`."""
        if not self.is_async:
            return threading.Lock()
        import anyio

        return anyio.Lock()

    def tokens(self, policy: RetryPolicy) -> Tokens:
        """Return the budget that calls under *policy* share."""
        found = self._tokens.get(policy.budget)
        if found is None:
            found = self._tokens.setdefault(policy.budget, Tokens(policy.budget))
        return found


def check_seconds(name: str, value: object) -> float | None:
    """Return a bound in seconds.

    Args:
        name: The argument's name, for the message.
        value: What was given.

    Raises:
        ConfigurationError: It is no number above 0.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        msg = f"{name} is {value!r}; it is a number of seconds above 0, or None for no bound"
        raise ConfigurationError(msg)
    return float(value)


def check_base_url(url: str | None, *, env: str) -> str:
    """Return *url* without a trailing slash.

    Args:
        url: The base URL that was given.
        env: The environment variable that may give it, for the message.

    Raises:
        ConfigurationError: It is missing, or no base URL.
    """
    if url is None or not url.strip():
        msg = (
            f"base_url is {'missing' if url is None else 'empty'}: pass the host's origin, such as "
            f"https://api.example.com, or set {env}"
        )
        raise ConfigurationError(msg)
    url = url.strip()
    # Nothing of what was given is shown where it may hold a credential.
    shown = "base_url" if set("@?#") & set(url) else f"base_url {url!r}"
    if not url.isprintable() or " " in url:
        msg = "base_url has a space or a line break in it"
        raise ConfigurationError(msg)
    try:
        parts = urlsplit(url)
        complete = bool(parts.scheme and parts.hostname) and parts.port != 0
    except ValueError:
        parts, complete = urlsplit(""), False
    if not complete:
        msg = f"{shown} is no URL: it needs a scheme and a host, as in https://api.example.com"
        raise ConfigurationError(msg)
    if parts.username is not None or parts.password is not None:
        msg = "base_url carries a user name or password; pass the credential as api_key= or auth="
        raise ConfigurationError(msg)
    if parts.query or parts.fragment:
        msg = "base_url has a query or a fragment; leave them out"
        raise ConfigurationError(msg)
    return url.rstrip("/")
