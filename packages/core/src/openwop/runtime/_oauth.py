"""OAuth 2 client credentials (RFC 6749, section 4.4) as a provider for `auth=`."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, cast
from urllib.parse import quote_plus, urlencode, urlsplit
from weakref import WeakKeyDictionary

import attrs

from openwop.runtime import _json
from openwop.runtime._aio import running_trio
from openwop.runtime._auth import Credential, PlannedProvider, TimeLeft
from openwop.runtime._effects import (
    BodyTooLargeError,
    OutOfTimeError,
    Plan,
    Send,
    acquire,
    ask,
)
from openwop.runtime.errors import ConfigurationError
from openwop.wire import (
    ConnectError,
    Headers,
    Request,
    Response,
    Timeouts,
    TransportError,
    TransportTimeout,
)

__all__ = ["OAuth2ClientCredentials"]

_LIMIT: Final = 1024 * 1024


@attrs.frozen
class _Token:
    value: str
    expires_at: float | None


class OAuth2ClientCredentials(PlannedProvider):
    """Gets access tokens for a client id and secret, and new ones before and when they end.

    One token is asked for at a time, however many calls need it; a call whose deadline passes
    meanwhile ends, and the others go on.  The request to the token endpoint goes over the transport
    of the client whose call needs it, so proxies, certificates and mTLS are those of that client;
    one provider may serve several clients.

        client = openwop.Client(url, auth=OAuth2ClientCredentials(token_url, "my-id", secret))

    Args:
        token_url: The token endpoint.
        client_id: The client id.
        client_secret: The client secret, or a function that returns it, asked at every request for
            a token.
        scope: The scopes to ask for, separated by spaces.
        audience: The audience to ask for, on servers that know such a parameter.
        extra: Further parameters of the request.
        authentication: `basic` sends id and secret in a header, as servers must support; `post`
            sends them in the form.
        timeout: Seconds that a request for a token may take; a deadline of the call bounds it too.
        leeway: Seconds before its end at which a token is replaced.
        clock: Tells the time in seconds.

    Raises:
        ConfigurationError: An argument is wrong; or, at a call, the server refuses the client.
    """

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str | Callable[[], str],
        *,
        scope: str | None = None,
        audience: str | None = None,
        extra: Mapping[str, str] | None = None,
        authentication: Literal["basic", "post"] = "basic",
        timeout: float = 30.0,
        leeway: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        parts = urlsplit(token_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            msg = "token_url must be an absolute http or https URL without a user name in it"
            raise ConfigurationError(msg)
        if not client_id:
            msg = "client_id is empty"
            raise ConfigurationError(msg)
        if authentication not in {"basic", "post"}:
            msg = f"authentication is {authentication!r}; it is 'basic' or 'post'"
            raise ConfigurationError(msg)
        self._url = token_url
        self._id = client_id
        self._secret = client_secret
        self._form = {"grant_type": "client_credentials", **(extra or {})}
        if scope is not None:
            self._form["scope"] = scope
        if audience is not None:
            self._form["audience"] = audience
        self._basic = authentication == "basic"
        self._timeout = timeout
        self._leeway = leeway
        self._clock = clock
        self._token: _Token | None = None
        self._threads = threading.Lock()
        self._guard = threading.Lock()
        self._loops: WeakKeyDictionary[object, Any] = WeakKeyDictionary()

    def __repr__(self) -> str:
        host = urlsplit(self._url).hostname
        return (
            f"OAuth2ClientCredentials({host!r}, client_id={self._id!r}, client_secret=[redacted])"
        )

    def credential_plan(
        self, refused: Credential, *, is_async: bool, left: TimeLeft
    ) -> Plan[Credential]:
        """Plan what brings the token of a request: nothing, or one request to the endpoint.

        Args:
            refused: The token that was refused, after a 401.
            is_async: Whether the client that needs it is asynchronous.
            left: Tells the seconds that are left for it.

        Raises:
            OutOfTimeError: No time is left.
            ConfigurationError: The server refuses the client.
            TransportError: The server cannot be reached, or has no token for now.
        """
        token = self._current(refused)
        if token is not None:
            return token
        lock = self._lock(is_async=is_async)
        yield from acquire(lock, left(), is_async=is_async)
        try:
            token = self._current(refused)  # somebody else may have brought one meanwhile
            if token is None:
                token = yield from self._fetch(left)
        finally:
            lock.release()
        return token

    def _current(self, refused: Credential) -> str | None:
        token = self._token
        if token is None or token.value == refused:
            return None
        if token.expires_at is not None and self._clock() >= token.expires_at - self._leeway:
            return None
        return token.value

    def _lock(self, *, is_async: bool) -> Any:
        """Return the lock of the client's colour: of all threads, or of one event loop."""
        if not is_async:
            return self._threads
        loop: object
        trio = running_trio()
        if trio is not None:
            loop = trio.lowlevel.current_trio_token()
        else:
            import asyncio

            loop = asyncio.get_running_loop()
        import anyio

        with self._guard:
            return self._loops.setdefault(loop, anyio.Lock())

    def _fetch(self, left: TimeLeft) -> Plan[str]:
        given = self._secret
        secret = given if isinstance(given, str) else (yield from ask(given, left()))
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        form = dict(self._form)
        if self._basic:
            # Both parts are form-encoded first (RFC 6749, section 2.3.1).
            pair = f"{quote_plus(self._id)}:{quote_plus(secret)}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        else:
            form |= {"client_id": self._id, "client_secret": secret}
        until_deadline = left()
        hurried = until_deadline is not None and until_deadline <= self._timeout
        bound = cast("float", until_deadline) if hurried else self._timeout
        if bound <= 0:
            raise OutOfTimeError
        request = Request(
            "POST",
            self._url,
            Headers(headers),
            urlencode(form).encode(),
            Timeouts(head=bound, total=bound),
        )
        began = self._clock()
        try:
            answer = cast("Response", (yield Send(request, _LIMIT)))
        except BodyTooLargeError:
            msg = f"the token endpoint answered with more than {_LIMIT} bytes"
            raise ConfigurationError(msg) from None
        except TransportError as exc:
            if hurried and isinstance(exc, TransportTimeout):
                raise OutOfTimeError from exc
            # Nothing of the call itself has been sent: it may be tried again, whatever it does.
            msg = f"no token could be had from {urlsplit(self._url).netloc} ({exc})"
            raise ConnectError(msg) from exc
        return self._take(answer, began)

    def _take(self, answer: Response, began: float) -> str:
        document = _object(answer)
        host = urlsplit(self._url).netloc
        if answer.status_code >= 500 or answer.status_code == 429:
            msg = f"the token endpoint at {host} answered {answer.status_code}"
            raise ConnectError(msg)
        if not 200 <= answer.status_code < 300:
            said = document.get("error")
            why = f": {said}" if isinstance(said, str) and said.isprintable() else ""
            msg = (
                f"the token endpoint at {host} refused the client ({answer.status_code}{why}); "
                "check client_id, client_secret and scope"
            )
            raise ConfigurationError(msg)
        value, lifetime = document.get("access_token"), document.get("expires_in")
        kind = document.get("token_type", "Bearer")
        if not isinstance(value, str) or not value or str(kind).lower() != "bearer":
            msg = f"the token endpoint at {host} answered without a bearer token"
            raise ConfigurationError(msg)
        known = isinstance(lifetime, int | float) and not isinstance(lifetime, bool)
        self._token = _Token(value, began + float(cast("float", lifetime)) if known else None)
        return value


def _object(answer: Response) -> dict[str, Any]:
    try:
        document = _json.loads(answer.body)
    except ValueError:
        return {}
    return cast("dict[str, Any]", document) if isinstance(document, dict) else {}
