"""How a registry's client is made from its arguments and the environment, in both colours.

The settings are apart from those of a host's client: a host's key is no business of a registry.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast, get_args
from urllib.parse import urlsplit

from openwop._version import __version__
from openwop.errors import ConfigurationError
from openwop.registry._dialect import Policy, RegistryDialect, Signatures
from openwop.runtime import Auth, AuthProvider, BaseAsyncClient, BaseClient, Options, RetryPolicy
from openwop.runtime._auth import to_provider
from openwop.runtime._core import Core, Settings, check_base_url, check_seconds
from openwop.runtime._drivers import AsyncIO, SyncIO
from openwop.runtime._hooks import Hooks
from openwop.runtime.errors import ConfigurationError as BaseConfigurationError

__all__ = ["DEFAULT_LIMIT", "DEFAULT_POLICY", "DEFAULT_RETRY", "check_signatures", "make"]

DEFAULT_LIMIT: Final = 8 * 1024 * 1024
DEFAULT_RETRY: Final = RetryPolicy()
DEFAULT_POLICY: Final = Policy()
_URL: Final = "OPENWOP_REGISTRY_URL"
_KEY: Final = "OPENWOP_REGISTRY_API_KEY"


def check_signatures(value: object) -> Signatures:
    """Return what a caller asks of signatures.

    Raises:
        ConfigurationError: It is nothing that can be asked.
    """
    if value not in get_args(Signatures):
        msg = f"signatures is {value!r}; it is 'required', 'if-present' or 'ignored'"
        raise ConfigurationError(msg)
    return cast("Signatures", value)


def _provider(base_url: str | None, api_key: str | None, auth: Auth | None) -> AuthProvider | None:
    if api_key is not None and auth is not None:
        msg = "pass api_key= or auth=, not both"
        raise ConfigurationError(msg)
    if auth is not None:
        return to_provider(auth, "auth")
    if api_key is not None:
        return to_provider(api_key, "api_key")
    # The key of the environment is for the registry of the environment, not for every fallback.
    own = base_url is None or base_url.rstrip("/") == os.environ.get(_URL, "").rstrip("/")
    found = os.environ.get(_KEY)
    return to_provider(found, _KEY) if found and own else None


def _transport(url: str, options: Options, hooks: Hooks, given: Any, *, is_async: bool) -> Any:
    """Return the transport: the one that was given, one that a plugin chose, or httpx."""
    chosen = given
    if chosen is None and hooks.transport is not None:
        chosen = hooks.transport(base_url=url, options=options, is_async=is_async)
    if chosen is None:
        if urlsplit(url).scheme not in {"http", "https"}:
            msg = f"base_url has the scheme {urlsplit(url).scheme!r}, which no transport here takes"
            raise ConfigurationError(msg)
        from openwop import transports

        return transports.AsyncHttpxTransport() if is_async else transports.HttpxTransport()
    send = getattr(chosen, "send", None)
    if not callable(send) or inspect.iscoroutinefunction(send) != is_async:
        colour = "an asynchronous" if is_async else "a blocking"
        msg = f"the client needs {colour} transport; {type(chosen).__name__} is none"
        raise ConfigurationError(msg)
    return chosen


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
    policy: Policy,
) -> tuple[Core, Settings]:
    """Return the core and the settings of a new client.

    Raises:
        ConfigurationError: An argument, or what the environment gives, is wrong.
    """
    is_async = isinstance(client, BaseAsyncClient)
    try:
        url = check_base_url(base_url if base_url is not None else os.environ.get(_URL), env=_URL)
        settings = Settings(
            timeout=check_seconds("timeout", timeout),
            deadline=check_seconds("deadline", deadline),
            retry=retry,
            headers=dict(headers or {}),
            provider=_provider(base_url, api_key, auth),
            max_response_bytes=DEFAULT_LIMIT,
        )
        hooks = Hooks(plugins, load=load_plugins)
    except BaseConfigurationError as exc:
        if isinstance(exc, ConfigurationError):
            raise
        raise ConfigurationError(str(exc)) from exc.__cause__
    check_signatures(policy.signatures)
    dialect = RegistryDialect(f"openwop-sdk/{__version__} python", policy)
    options = Options(
        dialect.service,
        settings.timeout,
        settings.deadline,
        retry,
        settings.headers,
        settings.max_response_bytes,
        settings.validation,
    )
    moved = _transport(url, options, hooks, transport, is_async=is_async)
    io = AsyncIO(moved) if is_async else SyncIO(moved)
    return Core(url, dialect, io, hooks, retry, owns_transport=transport is None), settings
