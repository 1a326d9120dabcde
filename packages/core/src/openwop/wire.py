"""What crosses the line between openwop and an HTTP library: plain requests, responses, errors.

A transport moves bytes and knows nothing of retries, hooks or the protocol.  It takes a `Request`,
returns the head of the answer with an open body, and raises only `ConnectError`,
`TransportTimeout` or `TransportError`.  Nothing in this module imports anything of ours, so a
transport plugin needs to know this one file.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeAlias, cast, runtime_checkable
from urllib.parse import urlsplit

import attrs

__all__ = [
    "AsyncBody",
    "AsyncClock",
    "AsyncOpenResponse",
    "AsyncTransport",
    "Body",
    "Clock",
    "ConnectError",
    "Headers",
    "OpenResponse",
    "Request",
    "Response",
    "Timeouts",
    "Transport",
    "TransportError",
    "TransportTimeout",
    "UnusableTransportError",
    "is_secret_header",
]

HeaderSource: TypeAlias = "Mapping[str, str] | Iterable[tuple[str, str]]"

_SECRET_WORDS = (
    "auth",
    "cookie",
    "credential",
    "key",
    "passw",
    "secret",
    "session",
    "signature",
    "token",
)


def is_secret_header(name: str) -> bool:
    """Tell whether a header of this name may carry a secret: it is hidden and never forwarded.

    Args:
        name: The header's name, in any case.
    """
    low = name.lower()
    return any(word in low for word in _SECRET_WORDS)


class Headers(Mapping[str, str]):
    """An immutable, case-insensitive mapping of header names to values.

    A name that came several times is one entry, its values joined by a comma and a space, as
    RFC 9110 section 5.3 allows; `items_raw` keeps them apart.  The representation hides the value
    of every header whose name suggests a secret.

    Args:
        source: A mapping, or pairs of name and value in the order they were sent.
    """

    __slots__ = ("_index", "_raw")

    def __init__(self, source: HeaderSource = ()) -> None:
        if isinstance(source, Mapping):
            source = cast("Mapping[str, str]", source).items()
        self._raw = tuple(source)
        index: dict[str, str] = {}
        for name, value in self._raw:
            key = name.lower()
            index[key] = f"{index[key]}, {value}" if key in index else value
        self._index = index

    def __getitem__(self, name: str) -> str:
        return self._index[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def __len__(self) -> int:
        return len(self._index)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._index

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Headers):
            return self._index == other._index
        if isinstance(other, Mapping):
            return self._index == Headers(other)._index  # pyright: ignore[reportUnknownArgumentType]
        return NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self._index.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return Headers, (self._raw,)

    def __repr__(self) -> str:
        shown = {
            name: "[redacted]" if is_secret_header(name) else value
            for name, value in self._index.items()
        }
        return f"Headers({shown!r})"

    def items_raw(self) -> tuple[tuple[str, str], ...]:
        """Return the pairs as they were given: names with their case, repeated names apart."""
        return self._raw

    def merged(self, extra: Mapping[str, str]) -> Headers:
        """Return a copy in which each header of *extra* replaces the one of the same name."""
        if not extra:
            return self
        gone = {name.lower() for name in extra}
        kept = [pair for pair in self._raw if pair[0].lower() not in gone]
        return Headers([*kept, *extra.items()])

    def without(self, *names: str) -> Headers:
        """Return a copy without the headers of these *names*."""
        gone = {name.lower() for name in names}
        return Headers([pair for pair in self._raw if pair[0].lower() not in gone])


def _as_headers(source: HeaderSource) -> Headers:
    return source if isinstance(source, Headers) else Headers(source)


@attrs.frozen
class Timeouts:
    """How long a transport may take, in seconds of its clock; None means no bound.

    Attributes:
        head: From the start of the request to the last byte of the response's head; of an error
            answer to a streamed request, which is read whole, to the last byte of its body.
        total: From the start of the request to the last byte of the response's body.
        idle: The longest silence between two reads of the body.
    """

    head: float | None = None
    total: float | None = None
    idle: float | None = None


_NO_BOUNDS = Timeouts()


def _show_body(body: bytes | None) -> str:
    return "None" if body is None else f"<{len(body)} bytes>"


@attrs.frozen
class Request:
    """One HTTP request, ready to be sent.

    Attributes:
        method: The HTTP method, in capitals.
        url: The absolute URL, already escaped.
        headers: Every header to send but those an HTTP library adds by itself.
        body: The body, or None.
        timeouts: The bounds that the transport enforces on this attempt.
        stream: True where the caller means to read the body piece by piece.
        shown_url: The URL with the secrets in its path blanked, where it has any.
    """

    method: str
    url: str = attrs.field(repr=False)
    headers: Headers = attrs.field(factory=Headers, converter=_as_headers)
    body: bytes | None = attrs.field(default=None, repr=_show_body)
    timeouts: Timeouts = _NO_BOUNDS
    stream: bool = False
    shown_url: str = attrs.field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not self.shown_url:
            object.__setattr__(self, "shown_url", _without_userinfo(self.url))


def _without_userinfo(url: str) -> str:
    if "@" not in url:
        return url
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=host).geturl()


@attrs.frozen
class Response:
    """An answer that has been read to its end: plain data that pickles.

    Attributes:
        status_code: The HTTP status.
        headers: The headers of the response.
        body: The whole body, decoded from any content encoding.
        url: The URL that answered, after redirects; empty where a transport does not say.
    """

    status_code: int
    headers: Headers = attrs.field(factory=Headers, converter=_as_headers)
    body: bytes = attrs.field(default=b"", repr=_show_body)
    url: str = attrs.field(default="", repr=False)


class Body(Protocol):
    """The open body of a response, read by one reader in chunks of the transport's choosing.

    An iterator, or any iterable that starts over where it stands, both serve.
    """

    def __iter__(self) -> Iterator[bytes]:
        """Return an iterator over the chunks, decoded from any content encoding."""
        ...

    def close(self) -> None:
        """Give the connection up; safe to call twice, and from another thread than the reader's."""
        ...


class AsyncBody(Protocol):
    """The asynchronous twin of `Body`."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Return an iterator over the chunks, decoded from any content encoding."""
        ...

    async def aclose(self) -> None:
        """Give the connection up; safe to call twice."""
        ...


@attrs.frozen
class OpenResponse:
    """The head of an answer and its open body, which the caller must close.

    Attributes:
        status_code: The HTTP status.
        headers: The headers of the response.
        body: The open body.
        url: The URL that answered; empty where the transport does not say.
    """

    status_code: int
    headers: Headers = attrs.field(converter=_as_headers)
    body: Body = attrs.field(repr=False)
    url: str = attrs.field(default="", repr=False)

    def close(self) -> None:
        """Close the body."""
        self.body.close()


@attrs.frozen
class AsyncOpenResponse:
    """The asynchronous twin of `OpenResponse`.

    Attributes:
        status_code: The HTTP status.
        headers: The headers of the response.
        body: The open body.
        url: The URL that answered; empty where the transport does not say.
    """

    status_code: int
    headers: Headers = attrs.field(converter=_as_headers)
    body: AsyncBody = attrs.field(repr=False)
    url: str = attrs.field(default="", repr=False)

    async def aclose(self) -> None:
        """Close the body."""
        await self.body.aclose()


@runtime_checkable
class Transport(Protocol):
    """Moves one request and one answer, blocking.  Thread-safe.

    A transport never retries, never follows a redirect, and honours `Request.timeouts`.  A
    transport that is a `Clock` as well is what its client tells the time and waits by.
    """

    def send(self, request: Request) -> OpenResponse:
        """Send *request* and return the head of the answer with its body still open.

        Raises:
            ConnectError: No connection could be made.
            TransportTimeout: A bound of `Request.timeouts` was reached.
            TransportError: The exchange broke in any other way.
        """
        ...

    def close(self) -> None:
        """Close every connection; the transport is of no use afterwards."""
        ...


@runtime_checkable
class AsyncTransport(Protocol):
    """The asynchronous twin of `Transport`, for asyncio and trio."""

    async def send(self, request: Request) -> AsyncOpenResponse:
        """Send *request* and return the head of the answer with its body still open.

        Raises:
            ConnectError: No connection could be made.
            TransportTimeout: A bound of `Request.timeouts` was reached.
            TransportError: The exchange broke in any other way.
        """
        ...

    async def aclose(self) -> None:
        """Close every connection; the transport is of no use afterwards."""
        ...


@runtime_checkable
class Clock(Protocol):
    """Tells the time and waits: what a sync driver and a sync stream wait by."""

    def now(self) -> float:
        """Return the seconds since some fixed instant; never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return when *seconds* have passed on this clock."""
        ...


@runtime_checkable
class AsyncClock(Protocol):
    """The asynchronous twin of `Clock`."""

    def now(self) -> float:
        """Return the seconds since some fixed instant; never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return when *seconds* have passed on this clock."""
        ...


class TransportError(Exception):
    """The exchange broke.  The base of the only three errors that a transport may raise.

    Args:
        message: What happened, without secrets.
        sent: False only where it is certain that not a byte of the request left this machine.
    """

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent

    def __reduce__(self) -> tuple[Any, ...]:
        return _revive, (type(self), self.args, self.sent)


def _revive(cls: type[TransportError], args: tuple[str], sent: bool) -> TransportError:
    return cls(*args, sent=sent)


class ConnectError(TransportError):
    """No connection could be made, so nothing was sent.

    Args:
        message: What happened, without secrets.
        sent: Whether anything may have left this machine.
    """

    def __init__(self, message: str, *, sent: bool = False) -> None:
        super().__init__(message, sent=sent)


class TransportTimeout(TransportError):  # noqa: N818  # the name of the design
    """A bound of `Timeouts` was reached.

    Args:
        message: What happened, without secrets.
        sent: Whether anything may have left this machine.
    """


class UnusableTransportError(TransportError):
    """The transport cannot work where it is used; a client raises it as its `ConfigurationError`.

    Args:
        message: What is in the way, and the remedy.
        sent: Whether anything may have left this machine.
    """

    def __init__(self, message: str, *, sent: bool = False) -> None:
        super().__init__(message, sent=sent)
