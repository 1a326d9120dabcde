"""How every client is made from its arguments and the environment, whatever its service."""

from __future__ import annotations

import inspect
import logging
import os
import sys
from typing import Any, cast
from urllib.parse import urlsplit

from openwop.runtime._auth import Auth, AuthProvider, to_provider
from openwop.runtime._core import Core, Settings, Validation, logger
from openwop.runtime._dialect import Dialect
from openwop.runtime._drivers import AsyncIO, SyncIO
from openwop.runtime._hooks import Hooks, Options
from openwop.runtime.errors import ConfigurationError

__all__ = [
    "check_validation",
    "choose_provider",
    "choose_transport",
    "environment",
    "new_core",
    "turn_on_logging",
]


def environment(name: str) -> str | None:
    """Return what the environment says under *name*; None where that is nothing."""
    return (os.environ.get(name) or None) if name else None


def turn_on_logging(variable: str) -> None:
    """Turn logging on where the environment asks for it, for programs that do not configure any.

    Args:
        variable: The name of the environment variable; empty for none.

    Raises:
        ConfigurationError: What it holds is no level.
    """
    wanted = (environment(variable) or "").strip()
    if not wanted:
        return
    level = logging.getLevelNamesMapping().get(wanted.upper())
    if level is None:
        msg = f"{variable} is {wanted!r}; it is debug, info, warning or error"
        raise ConfigurationError(msg)
    logger.setLevel(level)
    if not logger.hasHandlers():
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
        logger.addHandler(handler)


def check_validation(value: object) -> Validation:
    """Return how strictly answers are read.

    Raises:
        ConfigurationError: It is no such word.
    """
    if value not in {"tolerant", "strict"}:
        msg = f"validation is {value!r}; it is 'tolerant' or 'strict'"
        raise ConfigurationError(msg)
    return cast("Validation", value)


def choose_provider(api_key: str | None, auth: Auth | None, variable: str) -> AuthProvider | None:
    """Return the source of credentials: an argument, else the key of the environment.

    Args:
        api_key: The key that was given.
        auth: What was given in place of a key.
        variable: The environment variable that may hold a key; empty for none.

    Raises:
        ConfigurationError: Both were given, or what was given cannot be used.
    """
    if api_key is not None and auth is not None:
        msg = "pass api_key= or auth=, not both"
        raise ConfigurationError(msg)
    if auth is not None:
        return to_provider(auth, "auth")
    if api_key is not None:
        return to_provider(api_key, "api_key")
    found = environment(variable)
    return to_provider(found, variable) if found else None


def choose_transport(
    url: str, options: Options, hooks: Hooks, given: Any, *, is_async: bool
) -> Any:
    """Return the transport: the one that was given, one that a plugin chose, or the one on httpx.

    Args:
        url: The base URL.
        options: The client's options, for plugins.
        hooks: The client's hooks.
        given: The transport that was passed in, or None.
        is_async: Whether the client is asynchronous.

    Raises:
        ConfigurationError: It has the other colour, or nothing takes the scheme of the URL.
    """
    chosen = given
    if chosen is None and hooks.transport is not None:
        chosen = hooks.transport(base_url=url, options=options, is_async=is_async)
    if chosen is None:
        scheme = urlsplit(url).scheme
        if scheme not in {"http", "https"}:
            msg = (
                f"base_url has the scheme {scheme!r}, which no installed transport plugin takes; "
                "http and https need none"
            )
            raise ConfigurationError(msg)
        from openwop import transports

        return transports.AsyncHttpxTransport() if is_async else transports.HttpxTransport()
    send = getattr(chosen, "send", None)
    if not callable(send):
        closing = "aclose()" if is_async else "close()"
        msg = f"transport must have send() and {closing}, and {type(chosen).__name__} has no send()"
        raise ConfigurationError(msg)
    if inspect.iscoroutinefunction(send) != is_async:
        wanted, kind = ("an asynchronous", "a blocking") if is_async else ("a blocking", "an async")
        msg = f"the client needs {wanted} transport; {type(chosen).__name__} is {kind} one"
        raise ConfigurationError(msg)
    return chosen


def new_core(
    url: str, dialect: Dialect, settings: Settings, hooks: Hooks, given: Any, *, is_async: bool
) -> Core:
    """Return what a new client and its copies share.

    Args:
        url: The base URL, checked.
        dialect: How the service is spoken to.
        settings: The client's settings.
        hooks: The client's hooks.
        given: The transport that was passed in, which the client leaves open; None for its own.
        is_async: Whether the client is asynchronous.

    Raises:
        ConfigurationError: There is no transport for it.
    """
    options = Options(
        dialect.service,
        settings.timeout,
        settings.deadline,
        settings.retry,
        settings.headers,
        settings.max_response_bytes,
        settings.validation,
    )
    transport = choose_transport(url, options, hooks, given, is_async=is_async)
    io = AsyncIO(transport) if is_async else SyncIO(transport)
    return Core(url, dialect, io, hooks, settings.retry, owns_transport=given is None)
