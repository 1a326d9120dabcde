"""Where a host may post to: the guard against server-side request forgery.

It judges URLs at registration and addresses at delivery (v1 section 18, v2 section 17).  A name is
resolved once per delivery, every address is judged, and the connection goes to an address that was
judged: a name that answers differently the second time gains nothing.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias
from urllib.parse import SplitResult, urlsplit

import attrs

from openwop_webhooks.errors import WebhookUrlRejectedError

__all__ = ["EgressGuard", "Resolver", "Target", "resolve_host"]

Resolver: TypeAlias = Callable[[str, int], Sequence[str]]
"""Takes a host name and a port, gives the IP addresses to connect to."""

_Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_REFUSED_NAMES = frozenset({"localhost", "metadata", "metadata.google.internal"})
_REFUSED_SUFFIXES = (".localhost", ".internal", ".local")
# Forms that carry an IPv4 address, by their prefix and the place of the address from the right.
_EMBEDDED = (
    (ipaddress.IPv6Network("::/96"), 0),
    (ipaddress.IPv6Network("::ffff:0:0/96"), 0),
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),
    (ipaddress.IPv6Network("2002::/16"), 80),
)


def resolve_host(host: str, port: int) -> list[str]:
    """Resolve *host* with the operating system.

    Args:
        host: The name, or an address in writing.
        port: The port to connect to.

    Returns:
        The addresses, in the order to try them.

    Raises:
        OSError: The name has no address.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@attrs.frozen
class Target:
    """A URL, and the addresses that were judged for it.

    Attributes:
        url: The URL as registered.
        scheme: `https`, or `http` where the guard allows it.
        host: The host, in lower case, without brackets.
        port: The port.
        path: The path and the query, as sent on the request line.
        addresses: Where to connect; empty until the host was resolved.
    """

    url: str = attrs.field(repr=False)
    scheme: str
    host: str
    port: int
    path: str = attrs.field(repr=False)
    addresses: tuple[str, ...] = ()

    @property
    def authority(self) -> str:
        """The value of the `Host` header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = 443 if self.scheme == "https" else 80
        return host if self.port == default else f"{host}:{self.port}"


def _reject(why: str) -> WebhookUrlRejectedError:
    return WebhookUrlRejectedError(f"the webhook URL is rejected: {why}")


def _embedded(address: _Address) -> _Address:
    """Return the IPv4 address that an IPv6 address carries, or the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    for network, shift in _EMBEDDED:
        # :: and ::1 lie in the first network, and are no IPv4 addresses.
        if address in network and int(address) > 1:
            return ipaddress.IPv4Address(int(address) >> shift & 0xFFFFFFFF)
    return address


class EgressGuard:
    """Judges URLs and addresses; refuses all that is not on the public Internet.

    Args:
        allow_http: Whether `http` URLs pass.  For tests and closed networks.
        allow_private: Whether every address and name passes.  For tests and closed networks.
        allow_networks: Networks that pass although they are not public, in CIDR notation.
        deny_networks: Networks that are refused although they are public, in CIDR notation.
        resolver: Resolves names; the operating system's by default.
    """

    def __init__(
        self,
        *,
        allow_http: bool = False,
        allow_private: bool = False,
        allow_networks: Iterable[str] = (),
        deny_networks: Iterable[str] = (),
        resolver: Resolver = resolve_host,
    ) -> None:
        self._allow_http = allow_http
        self._allow_private = allow_private
        self._allowed: list[_Network] = [ipaddress.ip_network(each) for each in allow_networks]
        self._denied: list[_Network] = [ipaddress.ip_network(each) for each in deny_networks]
        self._resolver = resolver

    def check_url(self, url: str) -> Target:
        """Judge a URL without resolving its host.

        Args:
            url: The URL to register.

        Returns:
            Its parts.

        Raises:
            WebhookUrlRejectedError: It is not an https URL of a public place.
        """
        if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
            raise _reject("it holds characters that a URL has to escape")
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise _reject("it cannot be parsed") from None
        if parts.scheme != "https" and not (self._allow_http and parts.scheme == "http"):
            raise _reject("it is not https")
        if "@" in parts.netloc:
            raise _reject("it carries credentials")
        if port == 0:
            raise _reject("it names port 0")
        host = self._host(parts)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return Target(
            url, parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path
        )

    def resolve(self, url: str) -> Target:
        """Judge a URL and every address that its host has now.

        Args:
            url: The URL to post to.

        Returns:
            Its parts and the addresses, to which alone a connection may be made.

        Raises:
            WebhookUrlRejectedError: The URL or one of the addresses is refused, or there is none.
        """
        target = self.check_url(url)
        try:
            addresses = tuple(self._resolver(target.host, target.port))
        except (OSError, UnicodeError):
            raise _reject("its host has no address") from None
        if not addresses:
            raise _reject("its host has no address")
        for text in addresses:
            try:
                address = ipaddress.ip_address(text.partition("%")[0])
            except ValueError:
                raise _reject("its host resolves to something that is no address") from None
            if not self.allows(address):
                raise _reject("its host resolves to an address that is not public")
        return attrs.evolve(target, addresses=addresses)

    def allows(self, address: _Address) -> bool:
        """Tell whether a connection to *address* may be made."""
        judged = _embedded(address)
        if any(each in network for network in self._denied for each in {address, judged}):
            return False
        if self._allow_private or any(judged in network for network in self._allowed):
            return True
        return judged.is_global and not (
            judged.is_multicast or judged.is_reserved or judged.is_unspecified
        )

    def _host(self, parts: SplitResult) -> str:
        host = (parts.hostname or "").removesuffix(".")
        if not host:
            raise _reject("it names no host")
        if parts.netloc.startswith("["):
            try:
                address: _Address = ipaddress.IPv6Address(host)
            except ValueError:
                raise _reject("its host is no IPv6 address") from None
            self._judge(address)
            return host
        labels = host.split(".")
        if not all(_LABEL.fullmatch(label) for label in labels):
            raise _reject("its host is no name")
        # Resolvers read 2130706433, 0x7f.1 and 127.1 as 127.0.0.1.
        if labels[-1].isdigit() or labels[-1].startswith("0x"):
            try:
                address = ipaddress.IPv4Address(host)
            except ValueError:
                raise _reject("its host is an address in an unusual spelling") from None
            self._judge(address)
            return host
        if not self._allow_private and (host in _REFUSED_NAMES or host.endswith(_REFUSED_SUFFIXES)):
            raise _reject("its host is not on the public Internet")
        return host

    def _judge(self, address: _Address) -> None:
        if not self.allows(address):
            raise _reject("its address is not public")
