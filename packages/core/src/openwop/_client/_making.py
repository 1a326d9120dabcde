"""How a client is made from its arguments and the environment; the same in both colours."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from openwop._majors import OpenWOPDialect
from openwop._version import __version__
from openwop.errors import ConfigurationError
from openwop.runtime import Auth, BaseAsyncClient, BaseClient, RetryPolicy
from openwop.runtime._core import DEFAULT_LIMIT, Core, Settings, check_base_url, check_seconds
from openwop.runtime._hooks import Hooks
from openwop.runtime._making import (
    check_validation,
    choose_provider,
    new_core,
    turn_on_logging,
)
from openwop.runtime.errors import ConfigurationError as BaseConfigurationError

__all__ = ["DEFAULT_LIMIT", "DEFAULT_RETRY", "make"]

DEFAULT_RETRY: Final = RetryPolicy()
_URL: Final = "OPENWOP_BASE_URL"
_KEY: Final = "OPENWOP_API_KEY"
_LOG: Final = "OPENWOP_LOG"


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
    try:
        url = _base_url(base_url)
        if protocol not in {None, 1, 2}:
            msg = f"protocol is {protocol!r}; it is 1, 2, or None to ask the host"
            raise ConfigurationError(msg)
        settings = Settings(
            timeout=check_seconds("timeout", timeout),
            deadline=check_seconds("deadline", deadline),
            retry=retry,
            headers=dict(headers or {}),
            provider=choose_provider(api_key, auth, _KEY),
            validation=check_validation(validation),
            protocol=protocol,
            max_response_bytes=max_response_bytes,
        )
        hooks = Hooks(plugins, load=load_plugins)
        turn_on_logging(_LOG)
        dialect = OpenWOPDialect(f"openwop-sdk/{__version__} python")
        is_async = isinstance(client, BaseAsyncClient)
        core = new_core(url, dialect, settings, hooks, transport, is_async=is_async)
    except BaseConfigurationError as exc:
        if isinstance(exc, ConfigurationError):
            raise
        raise ConfigurationError(str(exc)) from exc.__cause__
    return core, settings
