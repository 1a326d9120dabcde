"""Which request follows a redirect, and what of it another origin may see."""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

import attrs

from openwop.wire import Headers, Request, is_secret_header

__all__ = ["MAX_REDIRECTS", "REDIRECTS", "following", "redacted", "same_origin"]

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
MAX_REDIRECTS: Final = 5

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def _public(headers: Headers) -> Headers:
    """Return *headers* without those that carry a secret."""
    return Headers([pair for pair in headers.items_raw() if not is_secret_header(pair[0])])


def redacted(request: Request) -> Request:
    """Return *request* as an error may carry it: no credentials, no body, no secret in its URL."""
    return Request(
        request.method,
        request.shown_url,
        _public(request.headers),
        None,
        request.timeouts,
        request.stream,
    )


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _DEFAULT_PORTS.get(parts.scheme)


def same_origin(one: str, other: str) -> bool:
    """Tell whether two URLs have one scheme, host and port."""
    return _origin(urlsplit(one)) == _origin(urlsplit(other))


def following(request: Request, status: int, location: str) -> Request | None:
    """Return the request that follows a redirect; None where it may not be followed.

    A GET follows anywhere but from https to http, and takes nothing secret to another origin.  A
    request with a body follows only where the status says "the same request", and stays within its
    origin.

    Args:
        request: The request that was redirected.
        status: The status of the answer.
        location: The `Location` of the answer.
    """
    try:
        target = urljoin(request.url, location)
        here, there = _origin(urlsplit(request.url)), _origin(urlsplit(target))
    except ValueError:  # what the service wrote is no URL
        return None
    if there[0] not in _DEFAULT_PORTS or not there[1] or (here[0], there[0]) == ("https", "http"):
        return None
    # A path with a secret in it may be echoed by the target, so the target is not shown either.
    hidden = request.shown_url != request.url
    host = urlsplit(target).netloc.rpartition("@")[2]
    shown = f"{there[0]}://{host}/[redacted]" if hidden else ""
    if request.method in {"GET", "HEAD"}:
        headers = request.headers if here == there else _public(request.headers)
        return attrs.evolve(request, url=target, headers=headers, shown_url=shown)
    if status in {307, 308} and here == there:
        return attrs.evolve(request, url=target, shown_url=shown)
    return None
