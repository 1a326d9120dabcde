"""How a registry's client is made from its arguments and the environment, in both colours.

The settings are apart from those of a host's client: a host's key is no business of a registry.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast, get_args

from openwop._version import __version__
from openwop.errors import ConfigurationError
from openwop.registry._dialect import Policy, RegistryDialect, Signatures
from openwop.runtime import Auth, BaseAsyncClient, BaseClient, RetryPolicy
from openwop.runtime._core import DEFAULT_LIMIT, Core, Settings, check_base_url, check_seconds
from openwop.runtime._hooks import Hooks
from openwop.runtime._making import choose_provider, new_core
from openwop.runtime.errors import ConfigurationError as BaseConfigurationError

__all__ = ["DEFAULT_LIMIT", "DEFAULT_POLICY", "DEFAULT_RETRY", "check_signatures", "make"]

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
    # The key of the environment is for the registry of the environment, not for every fallback.
    own = base_url is None or base_url.rstrip("/") == os.environ.get(_URL, "").rstrip("/")
    try:
        url = check_base_url(base_url if base_url is not None else os.environ.get(_URL), env=_URL)
        settings = Settings(
            timeout=check_seconds("timeout", timeout),
            deadline=check_seconds("deadline", deadline),
            retry=retry,
            headers=dict(headers or {}),
            provider=choose_provider(api_key, auth, _KEY if own else ""),
            max_response_bytes=DEFAULT_LIMIT,
        )
        hooks = Hooks(plugins, load=load_plugins)
        check_signatures(policy.signatures)
        dialect = RegistryDialect(f"openwop-sdk/{__version__} python", policy)
        is_async = isinstance(client, BaseAsyncClient)
        core = new_core(url, dialect, settings, hooks, transport, is_async=is_async)
    except BaseConfigurationError as exc:
        if isinstance(exc, ConfigurationError):
            raise
        raise ConfigurationError(str(exc)) from exc.__cause__
    return core, settings
