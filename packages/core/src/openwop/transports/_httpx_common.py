"""What the blocking and the asynchronous transport on httpx share."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import Any, Literal, TypeAlias

import attrs

from openwop.wire import ConnectError, Headers, Request, TransportError, TransportTimeout

__all__ = [
    "Library",
    "Settings",
    "extensions_of",
    "headers_of",
    "library_of",
    "load",
    "translate",
]

Library: TypeAlias = Literal["httpx", "httpx2"]


@attrs.frozen
class Settings:
    """How an own httpx client is made."""

    verify: Any = True
    proxy: Any = attrs.field(default=None, repr=False)
    trust_env: bool = True
    max_connections: int = 100
    max_keepalive: int = 20
    keepalive_expiry: float = 30.0


def load(library: str) -> ModuleType:
    """Import httpx, or its successor.

    Raises:
        ImportError: It is not installed; the message names the extra.
    """
    try:
        return import_module(library)
    except ImportError as exc:
        msg = f"{library} is not installed: pip install 'openwop[{library}]'"
        raise ImportError(msg) from exc


def library_of(client: object) -> ModuleType:
    """Return the library that a ready client comes from.

    Raises:
        TypeError: It is no client of httpx or httpx2.
    """
    for cls in type(client).__mro__:
        name = cls.__module__.partition(".")[0]
        if name in {"httpx", "httpx2"}:
            return load(name)
    msg = f"client must be an httpx or httpx2 client, not {type(client).__name__}"
    raise TypeError(msg)


def extensions_of(request: Request) -> dict[str, Any]:
    """Return httpx's request extensions for the bounds of *request*."""
    bounds = request.timeouts
    start = bounds.head if bounds.head is not None else bounds.total
    read = bounds.idle if bounds.idle is not None else None if request.stream else start
    return {"timeout": {"connect": start, "read": read, "write": start, "pool": start}}


def headers_of(response: Any) -> Headers:
    """Return the headers of an httpx response as ours."""
    return Headers([(k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers.raw])


@lru_cache(maxsize=512)
def url_of(library: ModuleType, url: str) -> Any:
    """Return the parsed URL; parsing one takes as long as half a request's other work."""
    return library.URL(url)


def translate(library: ModuleType, exc: Exception) -> TransportError:
    """Return what *exc* of httpx is in our three words."""
    text = str(exc) or type(exc).__name__
    if isinstance(exc, (library.ConnectTimeout, library.PoolTimeout)):
        what = (
            "connecting" if isinstance(exc, library.ConnectTimeout) else "waiting for a connection"
        )
        return TransportTimeout(f"timed out while {what}", sent=False)
    if isinstance(exc, library.TimeoutException):
        return TransportTimeout(f"timed out: {text}")
    if isinstance(exc, (library.ConnectError, library.ProxyError, library.UnsupportedProtocol)):
        return ConnectError(text)
    if isinstance(exc, library.InvalidURL):
        return TransportError(text, sent=False)
    return TransportError(text)


def errors_of(library: ModuleType) -> tuple[type[Exception], ...]:
    """Return what may come out of httpx when an exchange breaks."""
    return (library.HTTPError, library.StreamError, library.InvalidURL)


def client_arguments(library: ModuleType, settings: Settings) -> Mapping[str, Any]:
    """Return the arguments of an own client."""
    return {
        "verify": settings.verify,
        "proxy": settings.proxy,
        "trust_env": settings.trust_env,
        "timeout": None,
        "follow_redirects": False,
        "limits": library.Limits(
            max_connections=settings.max_connections,
            max_keepalive_connections=settings.max_keepalive,
            keepalive_expiry=settings.keepalive_expiry,
        ),
    }
