"""Where the credential of a request comes from.

`auth=` takes a key, a function that returns one (blocking or a coroutine function), or a provider:
an object with `credential(request, refused)`.  A provider is asked before each attempt and once
more after a 401, with the credential that was refused; only where it then gives another one is the
request repeated.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeAlias, cast, runtime_checkable

from openwop.runtime._build import check_headers
from openwop.runtime._effects import Plan, ask
from openwop.runtime.errors import ConfigurationError
from openwop.wire import Request

__all__ = [
    "Auth",
    "AuthProvider",
    "Credential",
    "PlannedProvider",
    "TimeLeft",
    "credential_plan",
    "to_provider",
]

Credential: TypeAlias = "str | Mapping[str, str] | None"
TimeLeft: TypeAlias = Callable[[], "float | None"]
"""Gives the seconds until the deadline of a call; None without one."""


@runtime_checkable
class AuthProvider(Protocol):
    """Gives the credential of each request."""

    def credential(
        self, request: Request, refused: Credential
    ) -> Credential | Awaitable[Credential]:
        """Return the credential of *request*: a bearer token, or headers to send.

        Args:
            request: The request without its credential, so that it can be signed.
            refused: None before an attempt; after a 401, the credential that was refused.

        Returns:
            A token, headers, or None for no credential.  An asynchronous client awaits an
            awaitable.
        """
        ...


Auth: TypeAlias = "str | Callable[[], str | Awaitable[str]] | AuthProvider"


class PlannedProvider(ABC):
    """A provider that needs the client's transport: what it does is a plan."""

    def credential(self, request: Request, refused: Credential) -> Credential:  # noqa: ARG002
        """Refuse: a credential is had from `credential_plan`, which takes a client.

        Args:
            request: The request that needs it.
            refused: The credential that was refused.
        """
        msg = f"{type(self).__name__} is for auth= of a client; it gives nothing by itself"
        raise ConfigurationError(msg)

    def for_request(self, request: Request) -> PlannedProvider:  # noqa: ARG002
        """Return the provider of the credential of *request*, for those that look at it."""
        return self

    @abstractmethod
    def credential_plan(
        self, refused: Credential, *, is_async: bool, left: TimeLeft
    ) -> Plan[Credential]:
        """Plan what brings the credential of a request.

        Args:
            refused: The credential that was refused, after a 401.
            is_async: Whether the client that needs it is asynchronous.
            left: Tells the seconds that are left for it.

        Raises:
            OutOfTimeError: No time is left.
        """


class StaticKey:
    """One key, sent as a bearer token.

    Args:
        key: The key.
        where: The argument it came from, for messages.
    """

    __slots__ = ("_key",)

    def __init__(self, key: str, where: str = "api_key") -> None:
        self._key = check_key(key, where)

    def credential(self, request: Request, refused: Credential) -> Credential:  # noqa: ARG002
        """Return the key; after a refusal it is the same one, so nothing is repeated."""
        return self._key

    def __repr__(self) -> str:
        return "StaticKey('[redacted]')"


class KeyFunction:
    """A function that returns the key, asked before each attempt.

    Args:
        function: Blocking, or a coroutine function for asynchronous clients.
    """

    __slots__ = ("_function",)

    def __init__(self, function: Callable[[], Any]) -> None:
        self._function = function

    def credential(self, request: Request, refused: Credential) -> Any:  # noqa: ARG002
        """Ask the function."""
        return self._function()

    def __repr__(self) -> str:
        return f"KeyFunction({getattr(self._function, '__name__', '...')})"


def check_key(key: object, where: str) -> str:
    """Return *key* where it can be sent as a header.

    Raises:
        ConfigurationError: It is empty, or has characters that no header may carry.
    """
    if not isinstance(key, str):
        msg = f"{where} must be a str, not {type(key).__name__}"
        raise ConfigurationError(msg)
    if not key:
        msg = f"{where} is empty; pass a key, or leave it out for a client without one"
        raise ConfigurationError(msg)
    if key != key.strip() or not key.isprintable() or not key.isascii():
        msg = (
            f"{where} has a character that no HTTP header may carry (a line break, a space at an "
            "end or a non-ASCII letter); a key read from a file often ends in a newline: strip it"
        )
        raise ConfigurationError(msg)
    return key


def to_provider(auth: object, where: str = "auth") -> AuthProvider:
    """Return the provider that *auth* stands for.

    Raises:
        ConfigurationError: It is none of the kinds that `auth=` takes.
    """
    if isinstance(auth, str):
        return StaticKey(auth, where)
    if isinstance(auth, AuthProvider):
        return auth
    if callable(auth):
        return KeyFunction(cast("Callable[[], Any]", auth))
    msg = (
        f"{where} must be a key, a function that returns one, or an object with "
        f"credential(request, refused); got {type(auth).__name__}"
    )
    raise ConfigurationError(msg)


def credential_plan(
    provider: AuthProvider,
    request: Request,
    refused: Credential,
    *,
    is_async: bool = False,
    left: TimeLeft = lambda: None,
) -> Plan[Credential]:
    """Ask *provider* for the credential of *request*, on behalf of a client of either colour.

    Args:
        provider: The provider.
        request: The request without its credential.
        refused: The credential that was refused, after a 401.
        is_async: Whether the client is asynchronous.
        left: Tells the seconds until the deadline of the call.

    Raises:
        ConfigurationError: What it gave cannot be sent.
        OutOfTimeError: The deadline comes first.
    """
    if type(provider) is StaticKey:
        return provider.credential(request, refused)
    given: object
    if isinstance(provider, PlannedProvider):
        planned = provider.for_request(request)
        given = yield from planned.credential_plan(refused, is_async=is_async, left=left)
    else:
        given = yield from ask(lambda: provider.credential(request, refused), left())
    if given is None:
        return None
    if isinstance(given, Mapping):
        headers: Mapping[str, Any] = given
        check_headers("the credential that auth= gave", headers.items())
        return headers
    return check_key(given, "the credential that auth= gave")


def credential_headers(credential: Credential) -> Mapping[str, str]:
    """Return the headers that carry *credential*."""
    if credential is None:
        return {}
    if isinstance(credential, str):
        return {"Authorization": f"Bearer {credential}"}
    return credential
