"""Where a service is and what it asks of a caller: servers, their variables, security schemes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal, cast
from urllib.parse import urljoin, urlsplit

import attrs

from openwop_codegen.config import Config
from openwop_codegen.diagnostics import Report
from openwop_codegen.loader import Place

__all__ = [
    "AccessReader",
    "ServerFacts",
    "base_url_of",
    "carrier_of",
    "schemes_of",
    "security_of",
    "servers_of",
]


@attrs.frozen
class ServerFacts:
    """One server: its URL, its name, and the values of each variable, the default first."""

    url: str
    name: str
    variables: Mapping[str, tuple[str, ...]]

    @property
    def filled(self) -> str:
        """The URL with the defaults of its variables."""
        url = self.url
        for name, values in self.variables.items():
            url = url.replace(f"{{{name}}}", values[0])
        return url.rstrip("/")


@attrs.frozen
class SchemeFacts:
    """One security scheme, as `openwop.runtime.service.Scheme` has it."""

    carrier: str
    token_url: str = ""
    scopes: tuple[str, ...] = ()
    url: str = ""


def servers_of(owner: Place) -> tuple[ServerFacts, ...]:
    """Return the servers that stand at *owner*: a document, a path or an operation."""
    found: list[ServerFacts] = []
    for server in owner.elements("servers"):
        variables: dict[str, tuple[str, ...]] = {}
        for name, variable in server.items("variables"):
            default = str(variable.get("default", ""))
            listed = dict.fromkeys([default, *variable.strings("enum")])
            variables[name] = tuple(listed)
        name = str(server.get("name") or server.get("description") or "")
        found.append(ServerFacts(str(server.get("url", "")), " ".join(name.split()), variables))
    return tuple(found)


def _is_whole(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and "{" not in url


def base_url_of(root: Place, origin: str = "") -> str:
    """Return the first server of a document where it is a whole URL, with its defaults.

    Args:
        root: The document.
        origin: Where the document was had, which relative servers stand against.
    """
    servers = servers_of(root)
    if not servers and not origin:
        return ""
    url = servers[0].filled if servers else ""
    if origin and not urlsplit(url).netloc:
        url = urljoin(origin, url or "/").rstrip("/")
    if not _is_whole(url):
        return ""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def schemes_of(root: Place) -> dict[str, SchemeFacts]:
    """Return the security schemes of a document by name."""
    components = root.find("components") or root
    return {
        name: _scheme(reference.follow()) for name, reference in components.items("securitySchemes")
    }


def _scheme(scheme: Place) -> SchemeFacts:
    kind, how = scheme.get("type"), str(scheme.get("scheme", "")).lower()
    if kind == "apiKey":
        place, name = str(scheme.get("in")), str(scheme.get("name"))
        if place == "header" and name.lower() == "cookie":
            return SchemeFacts("cookie:")
        return SchemeFacts(f"{place}:{name}" if place in {"header", "query", "cookie"} else "")
    if kind == "http":
        return SchemeFacts(how if how in {"bearer", "basic"} else "header:Authorization")
    if kind == "mutualTLS":
        return SchemeFacts("tls")
    if kind == "openIdConnect":
        return SchemeFacts("bearer", url=str(scheme.get("openIdConnectUrl", "")))
    if kind != "oauth2":
        return SchemeFacts("")
    token_url = url = ""
    scopes: dict[str, None] = {}
    for name, flow in scheme.items("flows"):
        scopes.update(dict.fromkeys(sorted(cast("dict[str, Any]", flow.get("scopes") or {}))))
        if name == "clientCredentials":
            token_url = str(flow.get("tokenUrl", ""))
        url = url or str(flow.get("authorizationUrl") or "")
    return SchemeFacts("bearer", token_url, tuple(scopes), url)


_ORDER = {"bearer": 0, "header": 1, "query": 1, "basic": 2, "cookie": 1}


def carrier_of(root: Place) -> str:
    """Return how a client's own key travels: as the most usual of the security schemes has it."""
    found: list[tuple[int, int, str]] = []
    for position, scheme in enumerate(schemes_of(root).values()):
        place = scheme.carrier.partition(":")[0]
        if place in _ORDER:
            rank = 3 if scheme.carrier == "cookie:" else _ORDER[place]
            found.append((rank, position, scheme.carrier))
    return min(found)[2] if found else "bearer"


def _kept(asked: Any, known: Collection[str]) -> tuple[tuple[str, ...], ...]:
    """Return the alternatives of *asked* whose schemes are all known."""
    listed = cast("list[dict[str, Any]]", asked if isinstance(asked, list) else [])
    kept = [tuple(sorted(one)) for one in listed if one and set(one) <= set(known)]
    return tuple(dict.fromkeys(kept))


def security_of(root: Place) -> tuple[tuple[str, ...], ...]:
    """Return what the credential may be where an operation of the document says nothing else."""
    known = [name for name, scheme in schemes_of(root).items() if scheme.carrier]
    return _kept(root.get("security"), known) if len(known) > 1 else ()


class AccessReader:
    """Reads where the operations of one document are sent, and with what.

    Args:
        config: The configuration.
        report: What takes the findings.
        root: The document.
    """

    def __init__(self, config: Config, report: Report, root: Place) -> None:
        self.config = config
        self.report = report
        self.root = root
        self.schemes = schemes_of(root)
        self._servers = servers_of(root)
        for name, scheme in self.schemes.items():
            if not scheme.carrier:
                where = (root.find("components") or root).at("securitySchemes", name).where
                report.warn(where, "dropped", "the security scheme is of no kind that is known")

    def _asked(self, place: Place) -> list[dict[str, Any]] | None:
        security = place.get("security", self.root.get("security"))
        return cast("list[dict[str, Any]]", security) if isinstance(security, list) else None

    def credential(self, place: Place) -> Literal["required", "optional", "none"]:
        """Return whether the operation at *place* carries a credential."""
        security = self._asked(place)
        if security is None and self.config.client is not None and self.config.client.credential:
            return self.config.client.credential
        if not security:
            return "none"
        for alternative in security:
            if all(name in self.schemes and self.schemes[name].carrier == "tls"
                   for name in alternative):  # fmt: skip
                return "optional"
        return "required"

    def security(self, place: Place) -> tuple[tuple[str, ...], ...]:
        """Return what the credential of the operation at *place* may be, if it may be several."""
        asked = self._asked(place) or []
        known = [name for name, scheme in self.schemes.items() if scheme.carrier]
        for alternative in asked:
            for name in alternative:
                if name not in self.schemes:
                    message = f"asks for the security scheme {name!r}, which is not described"
                    self.report.note(place.where, "security", message)
        if self.config.client is None or len(known) < 2:
            return ()
        kept = _kept(asked, known)
        return () if kept == _kept(self.root.get("security"), known) else kept

    def server(self, item: Place, place: Place) -> str:
        """Return the server of the operation at *place*; empty for the service's own."""
        for owner in (place, item):
            servers = servers_of(owner)
            if not servers:
                continue
            first, *others = servers
            if others:
                message = f"the first of {len(servers)} servers is used"
                self.report.note(owner.where, "server", message)
            url = first.filled
            if self._servers and url == self._servers[0].filled:
                return ""
            if _is_whole(url) or url.startswith("/"):
                return url
            self.report.warn(owner.where, "dropped", f"the server {url!r} is no address")
            return ""
        return ""
