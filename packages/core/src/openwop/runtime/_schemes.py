"""How credentials travel and where a service is, as its description says: schemes and servers."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast
from urllib.parse import quote, urlsplit

import attrs

from openwop.runtime._auth import (
    AuthProvider,
    Credential,
    PlannedProvider,
    StaticKey,
    TimeLeft,
    credential_plan,
    to_provider,
)
from openwop.runtime._effects import Plan
from openwop.runtime.errors import ConfigurationError
from openwop.wire import Request

__all__ = [
    "MARK",
    "CombinedProvider",
    "Scheme",
    "Server",
    "carried",
    "provider_for",
    "providers",
    "server_url",
]

MARK: Final = "openwop-scheme-"
"""Begins the names under which a combined credential keeps what its schemes carry."""


@attrs.frozen
class Scheme:
    """One security scheme.

    Attributes:
        carrier: How its credential travels: `bearer`, `basic`, `tls` for a certificate of the
            transport, or `header:`, `query:` or `cookie:` with the name.
        token_url: The token endpoint of the client-credentials flow; empty where there is none.
        scopes: The scopes that the description lists.
        url: Where more is said: the discovery document of OpenID Connect, or the page to authorize.
    """

    carrier: str = "bearer"
    token_url: str = ""
    scopes: tuple[str, ...] = ()
    url: str = ""


@attrs.frozen
class Server:
    """One server of a service.

    Attributes:
        url: Its URL, with variables in braces.
        name: What it is called; empty where it has no name.
        variables: The values that each variable may have, the default first; with only one, any
            other may be given.
    """

    url: str
    name: str = ""
    variables: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict[str, tuple[str, ...]])


def server_url(
    servers: Sequence[Server], chosen: str | int | None, variables: Mapping[str, str] | None
) -> str:
    """Return the URL of one of *servers*.

    Args:
        servers: The servers of the description.
        chosen: The name, the URL or the index of one; None for the first.
        variables: Values for its variables; the others have their defaults.

    Raises:
        ConfigurationError: There is no such server, no such variable or no such value.
    """
    server = _chosen(servers, 0 if chosen is None else chosen)
    given = dict(variables or {})
    unknown = sorted(set(given) - set(server.variables))
    if unknown:
        known = ", ".join(sorted(server.variables)) or "none"
        msg = f"server_variables: {', '.join(unknown)} is no variable of the server; it has {known}"
        raise ConfigurationError(msg)
    url = server.url
    for name, values in server.variables.items():
        value = given.get(name, values[0])
        if len(values) > 1 and value not in values:
            msg = f"server_variables: {name} is {value!r}; it is one of {', '.join(values)}"
            raise ConfigurationError(msg)
        url = url.replace(f"{{{name}}}", value)
    if not urlsplit(url).netloc:
        msg = f"the server {server.url!r} is relative to the description; pass base_url="
        raise ConfigurationError(msg)
    return url


def _chosen(servers: Sequence[Server], chosen: str | int) -> Server:
    if isinstance(chosen, int) and -len(servers) <= chosen < len(servers):
        return servers[chosen]
    for server in servers:
        if chosen in {server.name, server.url} - {""}:
            return server
    listed = ", ".join(repr(server.name or server.url) for server in servers) or "none"
    msg = f"server is {chosen!r}; the description has {listed}"
    raise ConfigurationError(msg)


def carried(url: str, carrier: str, value: str) -> tuple[str, dict[str, str]]:
    """Return the URL and the headers that carry *value*.

    Args:
        url: The URL of the request.
        carrier: How it travels, as in `Scheme`.
        value: The credential.
    """
    place, _, name = carrier.partition(":")
    if place == "header":
        return url, {name: value}
    if place == "cookie":
        return url, {"Cookie": f"{name}={value}" if name else value}
    if place == "query":
        mark = "&" if "?" in url else "?"
        return f"{url}{mark}{quote(name)}={quote(value, safe='')}", {}
    if place == "basic":
        return url, {"Authorization": f"Basic {base64.b64encode(value.encode()).decode()}"}
    return url, {"Authorization": f"Bearer {value}"}


class CombinedProvider(PlannedProvider):
    """The credentials of several schemes, or of one that is not the client's usual one.

    Args:
        parts: The position of each scheme, and the source of its credential.
        request: The request that wants them.
    """

    def __init__(
        self, parts: Sequence[tuple[int, AuthProvider]], request: Request | None = None
    ) -> None:
        self._parts = tuple(parts)
        self._request = request

    def __repr__(self) -> str:
        return f"CombinedProvider({len(self._parts)} schemes)"

    def for_request(self, request: Request) -> PlannedProvider:
        """Return the same provider, for *request*."""
        return CombinedProvider(self._parts, request)

    def credential_plan(
        self, refused: Credential, *, is_async: bool, left: TimeLeft
    ) -> Plan[Credential]:
        """Plan what brings all of them.

        Args:
            refused: The credentials that were refused, after a 401.
            is_async: Whether the client that needs them is asynchronous.
            left: Tells the seconds that are left for it.
        """
        assert self._request is not None
        found: dict[str, str] = {}
        before: Mapping[str, str] = refused if isinstance(refused, Mapping) else {}
        for position, provider in self._parts:
            mark = f"{MARK}{position}"
            old = before.get(mark) if before else None
            given = yield from credential_plan(
                provider, self._request, old, is_async=is_async, left=left
            )
            if isinstance(given, str):
                found[mark] = given
            else:
                found.update(given or {})
        return found or None


def providers(
    schemes: Mapping[str, Scheme], credentials: Mapping[str, Any]
) -> dict[str, AuthProvider]:
    """Return the sources of *credentials*, which a caller gave by the names of schemes.

    Args:
        schemes: The schemes of the service.
        credentials: A key, a function, a provider, or a pair: of user and password, or of client
            id and client secret.

    Raises:
        ConfigurationError: There is no such scheme, or it takes no such credential.
    """
    return {name: _provider(schemes, name, given) for name, given in credentials.items()}


def _provider(schemes: Mapping[str, Scheme], name: str, given: Any) -> AuthProvider:
    scheme = schemes.get(name)
    if scheme is None:
        known = ", ".join(schemes) or "none"
        msg = f"credentials: the service has no scheme {name!r}; it has {known}"
        raise ConfigurationError(msg)
    where = f"credentials[{name!r}]"
    if not isinstance(given, tuple):
        return to_provider(given, where)
    pair = cast("tuple[object, ...]", given)
    if len(pair) == 2 and scheme.carrier == "basic":
        return StaticKey(f"{pair[0]}:{pair[1]}", where)
    if len(pair) == 2 and scheme.token_url:
        from openwop.runtime._oauth import OAuth2ClientCredentials

        return OAuth2ClientCredentials(scheme.token_url, cast("str", pair[0]), cast("Any", pair[1]))
    msg = (
        f"{where} is a pair, which fits user and password of HTTP basic, or client id and secret "
        "where the description gives a token endpoint; pass a key or a provider"
    )
    raise ConfigurationError(msg)


def provider_for(
    asked: Sequence[Sequence[str]],
    schemes: Mapping[str, Scheme],
    usual: str,
    primary: AuthProvider | None,
    credentials: Mapping[str, AuthProvider],
) -> AuthProvider | None:
    """Return what gives the credentials of a call.

    The first alternative for which all is there is taken; where there is none, the
    client's own credential, if it has one, is sent and the service decides.

    Args:
        asked: The alternatives, each the names of the schemes that it takes together.
        schemes: The schemes of the service.
        usual: How the client's own credential travels.
        primary: The client's own credential.
        credentials: Those of single schemes.
    """
    for alternative in asked:
        parts = list(_parts(alternative, schemes, usual, primary, credentials))
        if not parts or None in parts:
            continue
        found = cast("list[tuple[int, AuthProvider]]", parts)
        if len(found) == 1 and found[0][1] is primary:
            return primary
        return CombinedProvider(found)
    return primary


def _parts(
    alternative: Sequence[str],
    schemes: Mapping[str, Scheme],
    usual: str,
    primary: AuthProvider | None,
    credentials: Mapping[str, AuthProvider],
) -> Iterator[tuple[int, AuthProvider] | None]:
    """Iterate over the credentials of one alternative; None for one that is not there."""
    positions = {name: position for position, name in enumerate(schemes)}
    for name in alternative:
        scheme = schemes.get(name)
        if name in credentials:
            yield positions[name], credentials[name]
        elif scheme is None or (scheme.carrier == usual and primary is None):
            yield None
        elif scheme.carrier == usual and primary is not None:
            yield positions[name], primary
        elif scheme.carrier != "tls":
            yield None
