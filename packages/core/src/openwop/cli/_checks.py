"""The checks of `openwop doctor`, one by one."""

from __future__ import annotations

import contextlib
import os
import platform
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, entry_points, version
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies

import attrs

from openwop._client import Client
from openwop.cli.session import Session
from openwop.errors import (
    AuthenticationError,
    CapabilityNotSupportedError,
    NotFoundError,
    OpenWOPError,
    PermissionDeniedError,
)

__all__ = ["Check", "checks"]

State: TypeAlias = Literal["ok", "warn", "fail", "skip"]

_SIBLINGS: Final = ("openwop-webhooks", "openwop-testing", "openwop-otel", "openwop-codegen")
_PATIENCE: Final = 5.0
_SKEW_WARN: Final = 30.0
_SKEW_FAIL: Final = 300.0
"""The tolerance of webhook signatures (v1 section 18)."""

_PROBE: Final = "openwop-doctor-asks-for-no-run"


@attrs.frozen
class Check:
    """What one check found.

    Attributes:
        name: What was looked at.
        status: `ok`, `warn`, `fail`, or `skip` where there was no way to look.
        detail: What was found.
        remedy: What to do; empty where all is well.
    """

    name: str
    status: State
    detail: str
    remedy: str = ""


def checks(session: Session) -> Iterator[Check]:
    """Yield what each check finds, in the order in which one needs the other.

    Args:
        session: The command.
    """
    yield _python()
    yield from _packages()
    yield from _plugins()
    try:
        target = session.target
    except OpenWOPError as error:
        yield Check("host", "fail", "the settings are wrong", str(error))
        return
    if target.base_url is None:
        remedy = "pass --base-url URL, set OPENWOP_BASE_URL, or `openwop profile add`"
        yield Check("host", "fail", "nothing says where the host is", remedy)
        return
    try:
        client = session.client(timeout=_PATIENCE, deadline=4 * _PATIENCE)
    except OpenWOPError as error:
        yield Check("host", "fail", f"from {target.url_from}", str(error))
        return
    with client:
        yield Check("host", "ok", f"{target.base_url}, from {target.url_from}")
        if target.api_key is None:
            remedy = "set OPENWOP_API_KEY, or keep the key in a profile"
            yield Check("key", "warn", "there is none; most operations need one", remedy)
        else:
            yield Check("key", "ok", f"from {target.key_from}")
        if session.surroundings.transport is not None:
            yield Check("network", "skip", "a transport of its own carries this")
        else:
            found = list(_network(urlsplit(target.base_url)))
            yield from found
            if any(check.status == "fail" for check in found):
                return
        yield from _host(session, client, has_key=target.api_key is not None)


def _python() -> Check:
    detail = f"Python {platform.python_version()} on {platform.system()}"
    if sys.version_info < (3, 11):  # noqa: UP036  # a doctor does not believe pip
        return Check("python", "fail", detail, "openwop needs Python 3.11 or newer; install it")
    return Check("python", "ok", detail)


def _packages() -> Iterator[Check]:
    try:
        ours = version("openwop")
    except PackageNotFoundError:
        yield Check("openwop", "warn", "not installed, only on the path", "pip install openwop")
        return
    yield Check("openwop", "ok", f"openwop {ours}")
    for name in _SIBLINGS:
        try:
            theirs = version(name)
        except PackageNotFoundError:
            continue
        if theirs == ours:
            yield Check(name, "ok", f"{name} {theirs}")
        else:
            remedy = f"install both in one version: pip install {name}=={ours}"
            yield Check(name, "fail", f"{name} {theirs} is not of version {ours}", remedy)


def _plugins() -> Iterator[Check]:
    for entry in entry_points(group="openwop"):
        try:
            entry.load()
        except Exception as error:  # noqa: BLE001  # whatever a plugin does is told
            said = f"{entry.value} cannot be loaded: {type(error).__name__}: {error}"
            remedy = "mend or remove its package; until then clients need load_plugins=False"
            yield Check(f"plugin {entry.name}", "fail", said, remedy)
        else:
            yield Check(f"plugin {entry.name}", "ok", entry.value)


def _network(url: SplitResult) -> Iterator[Check]:
    """Look at name, connection and TLS, one after the other until one is not there."""
    host, is_tls = url.hostname or "", url.scheme == "https"
    port = url.port or (443 if is_tls else 80)
    proxy = _proxy(url.scheme, host)
    if proxy:
        remedy = f"unset {url.scheme.upper()}_PROXY or name the host in NO_PROXY to go directly"
        yield Check("network", "skip", f"a proxy of the environment reaches {host}", remedy)
        return
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        remedy = "check the spelling of the URL, and your name server or VPN"
        yield Check("dns", "fail", f"{host} is not found: {error.strerror or error}", remedy)
        return
    addresses = ", ".join(dict.fromkeys(str(item[4][0]) for item in found))
    yield Check("dns", "ok", f"{host} is {addresses}")
    began = time.monotonic()
    try:
        connection = socket.create_connection((host, port), _PATIENCE)
    except OSError as error:
        remedy = "check that the host runs, the port of the URL, and firewalls in between"
        said = f"{host}:{port} does not accept: {error.strerror or error}"
        yield Check("tcp", "fail", said, remedy)
        return
    took = (time.monotonic() - began) * 1000
    with connection:
        yield Check("tcp", "ok", f"{host}:{port} answers in {took:.0f} ms")
        if is_tls:
            yield _tls(connection, host)


def _proxy(scheme: str, host: str) -> bool:
    from urllib.request import proxy_bypass

    proxies = getproxies()
    return bool(proxies.get(scheme) or proxies.get("all")) and not proxy_bypass(host)


def _tls(connection: socket.socket, host: str) -> Check:
    file = os.environ.get("SSL_CERT_FILE")
    remedy = (
        "check that the name in the URL is the one in the certificate; for an authority of your "
        "own, set SSL_CERT_FILE to its certificate"
    )
    try:
        context = ssl.create_default_context(cafile=file or None)
        with context.wrap_socket(connection, server_hostname=host) as wrapped:
            certificate: Any = wrapped.getpeercert() or {}
            protocol = wrapped.version()
    except ssl.SSLCertVerificationError as error:
        return Check("tls", "fail", f"the certificate is refused: {error.verify_message}", remedy)
    except OSError as error:
        said = f"no TLS with {host}: {getattr(error, 'reason', None) or error}"
        return Check("tls", "fail", said, "check that the port speaks https, not http")
    days = (ssl.cert_time_to_seconds(certificate["notAfter"]) - time.time()) / 86400
    if days < 14:
        said = f"{protocol}, but the certificate ends in {days:.0f} days"
        return Check("tls", "warn", said, "have the host's certificate renewed")
    return Check("tls", "ok", f"{protocol}, certificate good for {days:.0f} days")


def _host(session: Session, client: Client, *, has_key: bool) -> Iterator[Check]:
    """Look at what the host says: discovery, majors, the clock, the key."""
    try:
        answer = client.with_raw_response.discovery.capabilities()
    except OpenWOPError as error:
        yield Check("discovery", "fail", "no OpenWOP host answers there", str(error))
        return
    found = answer.parsed
    who = found.implementation
    name = " ".join(str(item) for item in (who.name, who.version) if item) if who else "a host"
    yield Check("discovery", "ok", name)
    versions = found.protocol_versions or [found.protocol_version or "1.0"]
    majors = {str(item).partition(".")[0] for item in versions}
    told = ", ".join(str(item) for item in versions)
    if "2" in majors:
        yield Check("protocol", "ok", f"{told}; spoken: {2 if session.target.protocol != 1 else 1}")
    else:
        remedy = "ask whoever runs the host about major 2"
        yield Check("protocol", "warn", f"{told}; support of major 1 ended in 2026", remedy)
    yield _clock(answer.headers.get("date"), session.surroundings.now or time.time)
    if has_key:
        yield _key(client)


def _clock(date: str | None, now: Callable[[], float]) -> Check:
    if date is None:
        return Check("clock", "skip", "the host does not say what time it is")
    skew = 0.0
    with contextlib.suppress(ValueError):
        skew = now() - parsedate_to_datetime(date).timestamp()
    said = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the host"
    remedy = "set this machine's clock (NTP); signed webhooks are refused over 300 s"
    if abs(skew) > _SKEW_FAIL:
        return Check("clock", "fail", said, remedy)
    if abs(skew) > _SKEW_WARN:
        return Check("clock", "warn", said, remedy)
    return Check("clock", "ok", "the same as the host's, give or take seconds")


def _key(client: Client) -> Check:
    """Ask for a run that is not there: a host tells that only to somebody it knows."""
    try:
        client.runs.get(_PROBE)
    except AuthenticationError as error:
        remedy = "check the key for typing errors, and that it belongs to this host"
        return Check("auth", "fail", f"the host refuses the key ({error.code})", remedy)
    except PermissionDeniedError:
        remedy = "ask for the scope runs:read"
        return Check("auth", "warn", "the key is known, and may not read runs", remedy)
    except (NotFoundError, CapabilityNotSupportedError):
        return Check("auth", "ok", "the host knows the key")
    except OpenWOPError as error:
        return Check("auth", "warn", "the host does not say whether it knows the key", str(error))
    return Check("auth", "ok", "the host knows the key")
