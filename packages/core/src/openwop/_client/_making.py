"""How a client is made from its arguments and the environment; the same in both colours."""

from __future__ import annotations

import inspect
import logging
import os
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final, cast
from urllib.parse import urlsplit

from openwop._majors import OpenWOPDialect
from openwop.errors import ConfigurationError
from openwop.runtime import (
    Auth,
    AuthProvider,
    BaseAsyncClient,
    BaseClient,
    Options,
    RetryPolicy,
)
from openwop.runtime._auth import to_provider
from openwop.runtime._core import Core, Settings, check_base_url, logger
from openwop.runtime._drivers import AsyncIO, SyncIO
from openwop.runtime._hooks import Hooks
from openwop.runtime.errors import ConfigurationError as BaseConfigurationError

__all__ = ["DEFAULT_LIMIT", "DEFAULT_RETRY", "make"]

DEFAULT_LIMIT: Final = 8 * 1024 * 1024
DEFAULT_RETRY: Final = RetryPolicy()
_URL: Final = "OPENWOP_BASE_URL"
_KEY: Final = "OPENWOP_API_KEY"
_LOG: Final = "OPENWOP_LOG"


def _package_version() -> str:
    try:
        return version("openwop")
    except PackageNotFoundError:  # a checkout on the path, not installed
        return "0"


def _base_url(given: str | None) -> str:
    url = check_base_url(given if given is not None else os.environ.get(_URL), env=_URL)
    path = urlsplit(url).path
    if path.rsplit("/", 1)[-1] in {"v1", "v2"}:
        msg = (
            f"base_url {url!r} ends in /{path.rsplit('/', 1)[-1]}; give the host's bare origin, "
            f"{url.rsplit('/', 1)[0]}: the client adds the version where it belongs"
        )
        raise ConfigurationError(msg)
    return url


def _provider(api_key: str | None, auth: Auth | None) -> AuthProvider | None:
    if api_key is not None and auth is not None:
        msg = "pass api_key= or auth=, not both"
        raise ConfigurationError(msg)
    if auth is not None:
        return to_provider(auth, "auth")
    if api_key is not None:
        return to_provider(api_key, "api_key")
    found = os.environ.get(_KEY)
    return to_provider(found, _KEY) if found else None


def _logging() -> None:
    """Turn logging on where `OPENWOP_LOG` asks for it, for programs that do not configure any."""
    wanted = os.environ.get(_LOG, "").strip().upper()
    if not wanted:
        return
    level = logging.getLevelNamesMapping().get(wanted)
    if level is None:
        msg = f"{_LOG} is {wanted.lower()!r}; it is debug, info, warning or error"
        raise ConfigurationError(msg)
    logger.setLevel(level)
    if not logger.hasHandlers():
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
        logger.addHandler(handler)


def _seconds(name: str, value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        msg = f"{name} is {value!r}; it is a number of seconds above 0, or None for no bound"
        raise ConfigurationError(msg)
    return float(value)


def _check_transport(transport: Any, *, is_async: bool) -> Any:
    """Check that a transport that was passed in has the client's colour."""
    send = getattr(transport, "send", None)
    if not callable(send):
        msg = (
            f"transport must have send() and close(), and {type(transport).__name__} has no send()"
        )
        raise ConfigurationError(msg)
    if inspect.iscoroutinefunction(send) != is_async:
        client, kind = ("AsyncClient", "a blocking") if is_async else ("Client", "an asynchronous")
        msg = f"{client} was given {kind} transport, {type(transport).__name__}"
        raise ConfigurationError(msg)
    return transport


def _transport(base_url: str, options: Options, hooks: Hooks, *, is_async: bool) -> Any:
    """Return the transport that a plugin chose, else the one on httpx."""
    if hooks.transport is not None:
        chosen = hooks.transport(base_url=base_url, options=options, is_async=is_async)
        if chosen is not None:
            return _check_transport(chosen, is_async=is_async)
    scheme = urlsplit(base_url).scheme
    if scheme not in {"http", "https"}:
        msg = (
            f"base_url has the scheme {scheme!r}, which no installed transport plugin takes; "
            "http and https need none"
        )
        raise ConfigurationError(msg)
    from openwop import transports

    return transports.AsyncHttpxTransport() if is_async else transports.HttpxTransport()


def make(
    client: BaseClient | BaseAsyncClient,
    *,
    base_url: str | None,
    api_key: str | None,
    auth: Auth | None,
    timeout: float | None,
    deadline: float | None,
    retry: RetryPolicy,
    transport: Any,
    plugins: Iterable[object],
    load_plugins: bool,
    headers: Mapping[str, str] | None,
    protocol: int | None,
    validation: str,
    max_response_bytes: int | None,
) -> tuple[Core, Settings]:
    """Return the core and the settings of a new client.

    Raises:
        ConfigurationError: An argument, or what the environment gives, is wrong.
    """
    is_async = isinstance(client, BaseAsyncClient)
    try:
        url = _base_url(base_url)
        provider = _provider(api_key, auth)
        hooks = Hooks(plugins, load=load_plugins)
    except BaseConfigurationError as exc:
        if isinstance(exc, ConfigurationError):
            raise
        raise ConfigurationError(str(exc)) from exc.__cause__
    if protocol not in {None, 1, 2}:
        msg = f"protocol is {protocol!r}; it is 1, 2, or None to ask the host"
        raise ConfigurationError(msg)
    if validation not in {"tolerant", "strict"}:
        msg = f"validation is {validation!r}; it is 'tolerant' or 'strict'"
        raise ConfigurationError(msg)
    _logging()
    settings = Settings(
        timeout=_seconds("timeout", timeout),
        deadline=_seconds("deadline", deadline),
        retry=retry,
        headers=dict(headers or {}),
        provider=provider,
        validation=cast("Any", validation),
        protocol=protocol,
        max_response_bytes=max_response_bytes,
    )
    options = Options(
        "openwop",
        settings.timeout,
        settings.deadline,
        retry,
        settings.headers,
        max_response_bytes,
        validation,
    )
    owns = transport is None
    if owns:
        transport = _transport(url, options, hooks, is_async=is_async)
    else:
        _check_transport(transport, is_async=is_async)
    io = AsyncIO(transport) if is_async else SyncIO(transport)
    dialect = OpenWOPDialect(f"openwop-sdk/{_package_version()} python")
    return Core(url, dialect, io, hooks, retry, owns_transport=owns), settings
