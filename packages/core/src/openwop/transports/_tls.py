"""Certificates of authorities: read when the first handshake needs them, and once per process.

To read the authorities takes longer than all else that making a client does, and a client of an
`http://` URL never needs them.
"""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from typing import Any, Final, Self, cast

__all__ = ["LazyContext", "authorities", "context_of"]

_VARIABLES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")
_lock: Final = threading.Lock()


class LazyContext(ssl.SSLContext):
    """A client's SSL context that is made when the first connection is wrapped in it.

    It stands in for another that *make* returns, to which all that wraps a connection goes.  The
    libraries that get it ask a context for nothing else.

    Args:
        make: Returns the context; called at most once.
    """

    _make: Callable[[], ssl.SSLContext]
    _made: ssl.SSLContext | None
    _alpn: list[str] | None

    def __new__(cls, make: Callable[[], ssl.SSLContext]) -> Self:
        """Return a context that knows no authority and will not need one."""
        self = super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)
        self._make, self._made, self._alpn = make, None, None
        return self

    def _real(self) -> ssl.SSLContext:
        if self._made is None:
            with _lock:
                if self._made is None:
                    made = _read(self._make)
                    if self._alpn is not None:
                        made.set_alpn_protocols(self._alpn)
                    self._made = made
        return self._made

    def wrap_socket(self, *args: Any, **more: Any) -> ssl.SSLSocket:
        """Return a socket in TLS, as the real context does."""
        return self._real().wrap_socket(*args, **more)

    def wrap_bio(self, *args: Any, **more: Any) -> ssl.SSLObject:
        """Return a TLS object between two buffers, as the real context does."""
        return self._real().wrap_bio(*args, **more)

    def set_alpn_protocols(self, alpn_protocols: Any) -> None:
        """Note what to offer the host; a library says so before every handshake, alike."""
        protocols = list(alpn_protocols)
        if protocols != self._alpn:
            self._alpn = protocols
            if self._made is not None:
                self._made.set_alpn_protocols(protocols)


def _read(make: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """Return what *make* returns; what goes wrong is an error of the handshake to all libraries."""
    try:
        return make()
    except OSError as exc:
        msg = f"the certificates of the authorities cannot be read ({exc}); look at SSL_CERT_FILE"
        raise ssl.SSLError(ssl.SSL_ERROR_SSL, msg) from exc


def _environment(*, trust_env: bool) -> tuple[str | None, ...]:
    """Return all of the environment that the authorities depend on, files with their versions."""
    if not trust_env:
        return ()
    found: list[str | None] = []
    for name in _VARIABLES:
        value = os.environ.get(name)
        found.append(value)
        if value:
            try:
                state = os.stat(value)  # noqa: PTH116  # what is there may be anything
            except OSError:
                found.append(None)
            else:
                found.append(f"{state.st_mtime_ns} {state.st_size}")
    return tuple(found)


def context_of(library: str, *, trust_env: bool) -> ssl.SSLContext:
    """Return what an httpx library verifies certificates by, shared by all that ask alike.

    Args:
        library: `httpx` or `httpx2`.
        trust_env: Whether `SSL_CERT_FILE` and its kin count.
    """
    return _shared(library, trust_env, _environment(trust_env=trust_env))


def authorities(*, trust_env: bool) -> ssl.SSLContext:
    """Return what the other transports verify certificates by: what httpx does, without httpx.

    Args:
        trust_env: Whether `SSL_CERT_FILE` and its kin count.

    Raises:
        SSLError: A file that the environment names cannot be read.
    """
    return _loaded(trust_env, _environment(trust_env=trust_env))


@lru_cache(maxsize=8)
def _shared(library: str, trust_env: bool, _state: tuple[str | None, ...]) -> ssl.SSLContext:
    module = import_module(library)

    def make() -> ssl.SSLContext:
        return cast("ssl.SSLContext", module.create_ssl_context(trust_env=trust_env))

    return LazyContext(make)


@lru_cache(maxsize=8)
def _loaded(trust_env: bool, _state: tuple[str | None, ...]) -> ssl.SSLContext:
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    places: dict[str, Any] = {}
    if trust_env and file:
        places["cafile"] = file
    elif trust_env and folder:
        places["capath"] = folder
    else:
        import certifi

        places["cafile"] = certifi.where()
    return _read(lambda: ssl.create_default_context(**places))
