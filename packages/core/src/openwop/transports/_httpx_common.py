"""What the blocking and the asynchronous transport on httpx share."""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import Any, Final, Literal, TypeAlias

import attrs

from openwop.transports._bounds import bounds_of, is_whole
from openwop.transports._inflating import ENCODINGS, Inflater
from openwop.transports._tls import context_of
from openwop.wire import ConnectError, Headers, Request, TransportError, TransportTimeout

__all__ = [
    "SHARE",
    "Library",
    "Settings",
    "bounds_of",
    "errors_of",
    "extensions_of",
    "headers_of",
    "inflater_of",
    "is_foreign",
    "is_whole",
    "library_of",
    "load",
    "make_client",
    "reading",
    "refuse_settings",
    "request_of",
    "shares_of",
    "translate",
    "url_of",
]

Library: TypeAlias = Literal["httpx", "httpx2"]


@attrs.frozen
class Settings:
    """How an own httpx client is made."""

    library: str = "httpx"
    verify: Any = True
    proxy: str | None = attrs.field(default=None, repr=False)
    trust_env: bool = True
    max_connections: int = 10_000
    # With httpx's own 20, 50 calls at a time would open most of their connections anew.
    max_keepalive: int = 100
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


def refuse_settings(settings: Settings) -> None:
    """Refuse settings beside a ready client, which has its own.

    Raises:
        TypeError: One was given.
    """
    given = [
        field.name
        for field in attrs.fields(Settings)
        if getattr(settings, field.name) != field.default
    ]
    if given:
        msg = f"a ready client has its own settings, so {', '.join(given)} cannot be given with it"
        raise TypeError(msg)


SHARE: Final = 8
"""How many requests at a time one of several clients sends before another is made."""

_MOST_SHARES: Final = 16


def shares_of(settings: Settings) -> int:
    """Return how many clients may share the connections that *settings* allow."""
    return max(1, min(_MOST_SHARES, settings.max_connections // SHARE))


def make_client(
    kind: str, settings: Settings, *, share: int | None = None
) -> tuple[ModuleType, Any]:
    """Return the library and a client of our own.

    Args:
        kind: `Client` or `AsyncClient`.
        settings: How it is made.
        share: Which of the clients that share the connections it is; None where it is alone.

    Raises:
        ImportError: The library is not installed.
        ValueError: A proxy, given or of the environment, is no URL that it can use.
    """
    library = load(settings.library)
    most, kept = settings.max_connections, settings.max_keepalive
    if share is not None:
        shares = shares_of(settings)
        most = most // shares + (share < most % shares)
        kept = max(SHARE, kept // shares)
    limits = library.Limits(
        max_connections=most,
        max_keepalive_connections=kept,
        keepalive_expiry=settings.keepalive_expiry,
    )
    verify = settings.verify
    if verify is True:
        verify = context_of(settings.library, trust_env=settings.trust_env)
    try:
        client = getattr(library, kind)(
            verify=verify,
            proxy=settings.proxy,
            trust_env=settings.trust_env,
            timeout=None,
            follow_redirects=False,
            limits=limits,
        )
    except (library.InvalidURL, ValueError) as exc:
        # A proxy's URL may hold a password, and the library's message holds the URL.
        msg = "the proxy is no URL that can be used; look at proxy= and at HTTP_PROXY and its kin"
        raise ValueError(msg) from exc
    return library, client


def extensions_of(request: Request) -> dict[str, Any]:
    """Return httpx's request extensions for the bounds of *request*, up to its head."""
    head, _ = bounds_of(request)
    return {"timeout": {"connect": head, "read": head, "write": head, "pool": head}}


def reading(extensions: dict[str, Any], request: Request, *, whole: bool) -> None:
    """Change httpx's bound on each read to that of the body.

    httpcore looks at the dictionary anew when the body is begun; a silence that is too long for a
    head may be what a stream is made of.

    Args:
        extensions: What `extensions_of` returned.
        request: The request.
        whole: Whether the answer is read whole within the bounds of the head.
    """
    if not whole:
        extensions["timeout"]["read"] = request.timeouts.idle


def headers_of(response: Any) -> Headers:
    """Return the headers of an httpx response as ours."""
    return Headers([(k.decode("latin-1"), v.decode("latin-1")) for k, v in response.headers.raw])


@lru_cache(maxsize=512)
def url_of(library: ModuleType, url: str) -> Any:
    """Return the parsed URL; parsing one takes as long as half a request's other work."""
    return library.URL(url)


def _text_of(exc: BaseException) -> str:
    """Return what *exc* says, or what the first error behind it says that says anything."""
    behind: BaseException | None = exc
    while behind is not None:
        text = str(behind)
        if text:
            return text
        behind = behind.__cause__ or behind.__context__
    return type(exc).__name__


def translate(library: ModuleType, exc: Exception) -> TransportError:
    """Return what *exc* of httpx is in our three words."""
    text = _text_of(exc)
    if isinstance(exc, library.ConnectTimeout):
        return TransportTimeout("timed out while connecting", sent=False)
    if isinstance(exc, library.PoolTimeout):
        return TransportTimeout("timed out while waiting for a connection", sent=False)
    if isinstance(exc, library.TimeoutException):
        return TransportTimeout(f"timed out: {text}")
    if isinstance(exc, (library.ConnectError, library.ProxyError, library.UnsupportedProtocol)):
        return ConnectError(text)
    if isinstance(exc, (library.InvalidURL, library.LocalProtocolError)):
        # Their messages quote what was to be sent, and that may be a secret.
        return TransportError("the request is not valid HTTP", sent=False)
    return TransportError(text)


def errors_of(library: ModuleType) -> tuple[type[Exception], ...]:
    """Return what may come out of httpx when an exchange breaks."""
    return (library.HTTPError, library.StreamError, library.InvalidURL)


def inflater_of(response: Any) -> Inflater | None:
    """Return what takes the body of an httpx response apart; None where nothing has to."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    return Inflater() if encoding in {"gzip", "x-gzip", "deflate"} else None


def is_foreign(response: Any) -> bool:
    """Tell whether a body has an encoding that only httpx can undo; a ready client may ask so."""
    encoding = response.headers.get("content-encoding", "").strip().lower()
    return encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}


def request_of(
    library: ModuleType, client: Any, request: Request, extensions: Any, *, owned: bool
) -> Any:
    """Return *request* as one of httpx's.

    Args:
        library: The library of the client.
        client: The client.
        request: The request.
        extensions: The request's extensions.
        owned: Whether the client is our own.  The headers and cookies of a ready one belong into
            the request.
    """
    headers = list(request.headers.items_raw())
    if not owned:
        return client.build_request(
            request.method,
            request.url,
            headers=headers,
            content=request.body,
            extensions=extensions,
        )
    if "accept-encoding" not in request.headers:
        headers.append(("Accept-Encoding", ENCODINGS))
    return library.Request(
        request.method,
        url_of(library, request.url),
        headers=headers,
        content=request.body,
        extensions=extensions,
    )
