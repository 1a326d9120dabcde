"""Which proxy an origin is reached by, for libraries that leave it to their caller."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, Final, cast
from urllib import request as urllib_request
from urllib.parse import unquote, urlsplit

__all__ = ["Proxies", "authorization_of"]

_KINDS: Final = ("http", "https", "all")


class Proxies:
    """The proxies that were given, or that the environment names (`HTTP_PROXY` and its kin).

    Args:
        proxy: A proxy URL for all.
        trust_env: Whether the environment counts where none is given.

    Raises:
        ValueError: A proxy is no URL that can be used.
    """

    def __init__(self, proxy: str | None, *, trust_env: bool) -> None:
        found = {"all": proxy} if proxy else urllib_request.getproxies() if trust_env else {}
        self._exempt = {"no": found["no"]} if "no" in found else {}
        self._by_scheme = {kind: _checked(found[kind]) for kind in _KINDS if found.get(kind)}

    def proxy_of(self, scheme: str, host: str) -> str:
        """Return the proxy's URL; empty where the host is reached directly.

        Args:
            scheme: `http` or `https`.
            host: The host, with its port if it has one.
        """
        proxy = self._by_scheme.get(scheme) or self._by_scheme.get("all") or ""
        # The standard library has this function untyped.
        if proxy and cast("Any", urllib_request).proxy_bypass_environment(host, self._exempt):
            return ""
        return proxy


def _checked(proxy: str) -> str:
    url = proxy if "://" in proxy else f"http://{proxy}"
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        # A proxy's URL may hold a password.
        msg = "the proxy is no URL that can be used; look at proxy= and at HTTP_PROXY and its kin"
        raise ValueError(msg)
    return url


def authorization_of(proxy: str) -> tuple[str, str]:
    """Return a proxy's URL without its user, and the `Proxy-Authorization` of the user, if any."""
    parts = urlsplit(proxy)
    if parts.username is None:
        return proxy, ""
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    bare = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    return bare, f"Basic {b64encode(pair.encode()).decode('ascii')}"
