"""The verifier: from headers and bytes to an authentic delivery, or to a reason why not."""

from __future__ import annotations

import contextlib
import math
import re
import time
from binascii import a2b_hex, b2a_base64, b2a_hex
from collections.abc import Callable, Iterable, Mapping, Sequence
from hmac import compare_digest
from typing import Any, NamedTuple, TypeAlias, cast

from openwop.errors import ConfigurationError

from ._fields import Fields, read_fields, refuse
from ._keys import SigningKey
from ._layouts import Reader, names_of, nothing, reader_of
from .delivery import Challenge, Delivery, challenge_in
from .errors import WebhookVerificationError
from .guards import AnyReplayGuard, claim, claim_async

__all__ = ["DEFAULT_MAX_BODY", "Secrets", "Verifier"]

DEFAULT_MAX_BODY = 1024 * 1024
"""The largest body that is looked at, in bytes."""

Secret: TypeAlias = str | bytes
Secrets: TypeAlias = Secret | Sequence[Secret] | Mapping[str, Secret | Sequence[Secret]]

_SIGNATURE = re.compile(r"sha256=[0-9a-f]{64}")
_TIMESTAMP = re.compile(r"[0-9]{1,15}")
_MESSAGE_ID = re.compile(r"[!-\-/-~]{1,256}")  # printable ASCII but the dot, which separates
_IN_MESSAGE_ID = bytes(code for code in range(0x21, 0x7F) if code != ord("."))
_MAX_READERS = 64
_MAX_ENTRIES = 16


def _keys(secrets: Secret | Iterable[Secret]) -> tuple[SigningKey, ...]:
    several = (secrets,) if isinstance(secrets, (str, bytes)) else secrets
    keys = tuple(SigningKey(secret) for secret in several)
    if not keys:
        raise ConfigurationError("a verifier needs at least one webhook secret")
    return keys


class _State(NamedTuple):
    """The secrets in use: replaced whole and never changed, so that every call sees one state."""

    groups: Mapping[str, tuple[SigningKey, ...]]
    single: tuple[SigningKey, ...] | None  # the only group, where secrets are not by subscription
    standard: bool  # whether any secret can judge the Standard Webhooks form
    until: float = math.inf  # the last timestamp that these secrets are good for
    then: _State | None = None  # what is used for later ones


def _state(secrets: Secrets) -> _State:
    if isinstance(secrets, Mapping):
        groups = {name: _keys(several) for name, several in secrets.items()}
        if not groups:
            raise ConfigurationError("a verifier needs at least one webhook secret")
        every = [key for keys in groups.values() for key in keys]
        return _State(groups, None, any(key.is_standard for key in every))
    keys = _keys(secrets)
    return _State({"": keys}, keys, any(key.is_standard for key in keys))


class Verifier:
    """Tells authentic deliveries from everything else (v1 section 18, v2 section 17).

    It accepts the `OpenWOP-*` and `X-openwop-*` families and the Standard Webhooks form, refuses
    every algorithm but `v1`, families that disagree and timestamps out of tolerance, compares in
    constant time, and looks at the bytes as received.  Thread-safe; make one and keep it.

    Args:
        secrets: One secret; several of one sender, as during a rotation; or a mapping of
            subscription ids to the secrets of each.  Give a mapping where one endpoint serves
            several subscriptions: the id in the headers is not signed, so only then is it
            authentic, and only then do two subscriptions to one run not count as duplicates.
        tolerance: How far the timestamp may be from the clock, in seconds, both ways.
        clock: Unix seconds.
        max_body: The largest body to look at, in bytes.
        replay_guard: Where handled deliveries are remembered; None to verify signatures alone.
        namespace: Keeps receivers apart that share a replay guard and handle the same deliveries.

    Raises:
        ConfigurationError: No secret, an empty or malformed one, a tolerance or limit that is not
            positive, or a replay guard that forgets while a delivery can still be replayed.
    """

    def __init__(
        self,
        secrets: Secrets,
        *,
        tolerance: float = 300,
        clock: Callable[[], float] = time.time,
        max_body: int = DEFAULT_MAX_BODY,
        replay_guard: AnyReplayGuard | None = None,
        namespace: str = "",
    ) -> None:
        if tolerance <= 0 or max_body <= 0:
            raise ConfigurationError("tolerance and max_body must be positive")
        if replay_guard is not None and replay_guard.retention < 2 * tolerance:
            # A timestamp may lie `tolerance` ahead, and is good until `tolerance` after it.
            raise ConfigurationError(
                "the replay guard forgets too early: its retention must be at least twice the "
                "tolerance"
            )
        self._tolerance = tolerance
        self._clock = clock
        self._max_body = max_body
        self._guard = replay_guard
        self._namespace = namespace
        self._scope = (namespace, "")
        self._readers: dict[tuple[type, object] | None, Reader] = {}
        self._last: tuple[type | None, Reader] = (None, nothing)
        self.update_secrets(secrets)

    @property
    def max_body(self) -> int:
        """The largest body that is looked at, in bytes."""
        return self._max_body

    @property
    def tolerance(self) -> float:
        """How far a timestamp may be from the clock, in seconds."""
        return self._tolerance

    @property
    def replay_guard(self) -> AnyReplayGuard | None:
        """The replay guard, if there is one."""
        return self._guard

    def update_secrets(
        self, secrets: Secrets, *, then: Secrets | None = None, at: float | None = None
    ) -> None:
        """Use other secrets from now on, as after a rotation.

        With *then* and *at* the old secret of a rotation goes by itself when its overlap is over:
        `update_secrets([new, old], then=new, at=expiry)`.  What counts is the signed timestamp, so
        the host's clock decides, as it does for the host.

        Args:
            secrets: What the constructor takes.
            then: What is used for deliveries that are signed after *at*.
            at: The last moment, in Unix seconds, at which *secrets* may sign.

        Raises:
            ConfigurationError: No secret, an empty or malformed one, or one of *then* and *at*
                without the other.
        """
        if (then is None) != (at is None):
            raise ConfigurationError("update_secrets() takes then= and at= together, or neither")
        state = _state(secrets)
        if then is not None and at is not None:
            state = state._replace(until=at, then=_state(then))
        self._state = state

    def verify(self, headers: object, body: bytes) -> Delivery | Challenge:
        """Verify a request and, with a replay guard, claim its delivery.

        A claimed delivery must be given back with `complete()` or `release()`.

        Args:
            headers: The headers: a mapping, anything with `items()`, or pairs of text or bytes.
            body: The body as received, undecoded.

        Returns:
            The delivery to handle, or the challenge to answer.

        Raises:
            WebhookVerificationError: Anything is wrong; nothing else is ever raised.
        """
        found: Delivery | Challenge | None
        try:
            found = self._quick(headers, body)
        except Exception:  # noqa: BLE001  # the thorough look finds what is wrong, and says it
            found = None
        if found is None:
            found = self._carefully(headers, body)
        guard = self._guard
        if guard is not None and isinstance(found, Delivery):
            found.attach(claim(guard, found.dedup_key))
        return found

    async def verify_async(self, headers: object, body: bytes) -> Delivery | Challenge:
        """Do what `verify` does with a replay guard of either kind, never blocking the event loop.

        Args:
            headers: The headers: a mapping, anything with `items()`, or pairs of text or bytes.
            body: The body as received, undecoded.

        Returns:
            The delivery to handle, or the challenge to answer.

        Raises:
            WebhookVerificationError: Anything is wrong; nothing else is ever raised.
        """
        found = self.authenticate(headers, body)
        guard = self._guard
        if guard is not None and isinstance(found, Delivery):
            found.attach(await claim_async(guard, found.dedup_key))
        return found

    def authenticate(self, headers: object, body: bytes) -> Delivery | Challenge:
        """Verify a request without claiming anything, whatever replay guard there is.

        Args:
            headers: The headers: a mapping, anything with `items()`, or pairs of text or bytes.
            body: The body as received, undecoded.

        Returns:
            The delivery or the challenge.

        Raises:
            WebhookVerificationError: Anything is wrong; nothing else is ever raised.
        """
        found: Delivery | Challenge | None
        try:
            found = self._quick(headers, body)
        except Exception:  # noqa: BLE001  # the thorough look finds what is wrong, and says it
            found = None
        return self._carefully(headers, body) if found is None else found

    def _carefully(self, headers: object, body: bytes) -> Delivery | Challenge:
        try:
            found = self._thorough(headers, body)
        except WebhookVerificationError:
            raise
        except Exception as error:  # hostile input fails in ways nobody can list
            raise refuse("malformed_headers", "the request cannot be read") from error
        if len(self._readers) < _MAX_READERS:
            with contextlib.suppress(Exception):  # what is authentic stays so
                self._learn(headers)
        return found

    def _quick(self, headers: object, body: object) -> Delivery | None:
        """Accept the usual delivery at little more than its HMAC costs; None for a second look.

        It takes nothing that `_thorough` would refuse: complete families, under names that an
        authentic delivery came with before, and nothing in doubt.
        """
        kind, read = self._last  # hosts send alike, so the last reader is most often the one
        fields = read(headers) if type(headers) is kind else None
        if fields is None:
            known = names_of(headers)
            if known not in self._readers:
                return None
            read = self._readers[known]
            self._last = (type(headers), read)
            fields = read(headers)
        if fields is None or type(body) is not bytes:
            return None
        message_id: Any
        entries: Any = None
        if len(fields) == 4:
            signature, told, algorithm, webhook_id = fields
            message_id = None
        else:
            signature, told, algorithm, webhook_id, message_id, same, entries = fields
            if same != told:
                return None
        if type(told) is bytes:
            if algorithm != b"v1":
                return None
            webhook_id = webhook_id.decode("latin-1")
        elif algorithm == "v1" and type(webhook_id) is str:
            told, signature = told.encode(), signature.encode()
            if message_id is not None:
                message_id, entries = message_id.encode(), entries.encode()
        else:
            return None
        if len(told) > 15 or not told.isdigit():
            return None
        signed_at = int(told)
        if not abs(self._clock() - signed_at) <= self._tolerance:
            return None
        size = len(body)
        if size > self._max_body or (size <= 1024 and b'"challenge"' in body):
            return None
        state = self._state
        if signed_at > state[3] and state.then is not None:
            state = state.then
        groups, keys, standard, _, _ = state
        scope = self._scope
        if keys is None:
            keys, scope = groups[webhook_id], (self._namespace, webhook_id)
        # `key.openwop` and `key.standard` are written out: calls would cost a tenth of the whole.
        head = told + b"."
        if message_id is None or not standard:
            for key in keys:
                start, finish = key.states
                inner = start()
                inner.update(head)
                inner.update(body)
                outer = finish()
                outer.update(inner.digest())
                if compare_digest(signature, b"sha256=" + b2a_hex(outer.digest())):
                    return Delivery(body, webhook_id, signed_at, key.fingerprint, scope)
            return None
        # What decides is the Standard Webhooks signature, but both have to be well formed.
        if len(signature) != 71 or signature[:7] != b"sha256=" or not signature.islower():
            return None
        a2b_hex(signature[7:])  # raises where it is not hexadecimal
        if not 0 < len(message_id) <= 256 or message_id.strip(_IN_MESSAGE_ID):
            return None
        sent = entries.split(b" ", _MAX_ENTRIES)
        if len(sent) > _MAX_ENTRIES or not entries.isascii():
            return None
        head = message_id + b"." + head
        for key in keys:
            if key.standard_states is None:
                continue
            start, finish = key.standard_states
            inner = start()
            inner.update(head)
            inner.update(body)
            outer = finish()
            outer.update(inner.digest())
            expected = b"v1," + b2a_base64(outer.digest(), newline=False)
            for entry in sent:
                if compare_digest(entry, expected):
                    return Delivery(body, webhook_id, signed_at, key.fingerprint, scope)
        return None

    def _learn(self, headers: object) -> None:
        """Make a reader for headers like these, which an authentic delivery came with."""
        known = names_of(headers)
        if known is not None and known not in self._readers:
            reader = reader_of(headers)
            if reader is not None:
                self._readers[known] = reader

    def _thorough(self, headers: object, body: object) -> Delivery | Challenge:
        content = self._bytes(body)
        fields = read_fields(headers)
        timestamp = self._timestamp(fields)
        standard = fields.standard_signature is not None
        if fields.signature is not None:
            if fields.algorithm not in (None, "v1"):
                raise refuse("unknown_algorithm", "the signature algorithm is not v1")
            if not _SIGNATURE.fullmatch(fields.signature):
                raise refuse("malformed_signature", "the signature is not sha256=<64 hex digits>")
        state = self._state_at(int(timestamp))
        groups = self._candidates(fields, state)
        # Both signatures cover the same body.  The Standard Webhooks one also covers its id and, in
        # a rotation, carries every current secret while `OpenWOP-Signature` keeps to the previous
        # one; so it decides wherever a secret can judge it.
        if standard and (
            fields.signature is None
            or any(key.is_standard for keys in groups.values() for key in keys)
        ):
            sent = (fields.standard_id, timestamp, cast("str", fields.standard_signature))
            name, key = self._match_standard(sent, timestamp, content, groups)
        else:
            name, key = self._match_openwop(fields, timestamp, content, groups)
        challenge = challenge_in(
            content, certain=fields.signature is None or fields.event_type is None
        )
        if challenge is not None:
            return challenge
        subscription = name if state.single is None else fields.webhook_id
        return Delivery(
            content, subscription, int(timestamp), key.fingerprint, (self._namespace, name)
        )

    def _bytes(self, body: object) -> bytes:
        if not isinstance(body, (bytes, bytearray, memoryview)):
            raise refuse(
                "body_not_bytes",
                f"the body is {type(body).__name__}, not the bytes as received; a body that was "
                "parsed and written again has another signature",
            )
        view = memoryview(cast("bytes", body))
        if view.nbytes > self._max_body:
            raise refuse("body_too_large", f"the body is over {self._max_body} bytes")
        return body if isinstance(body, bytes) else view.tobytes()

    def _timestamp(self, fields: Fields) -> str:
        if fields.signature is None and fields.standard_signature is None:
            raise refuse("missing_signature", "no signature header came with it")
        timestamp, other = fields.timestamp, fields.standard_timestamp
        if fields.signature is None:
            timestamp = other
        elif fields.standard_signature is not None and other != timestamp:
            raise refuse("header_conflict", "webhook-timestamp and OpenWOP-Timestamp disagree")
        if timestamp is None:
            raise refuse("missing_timestamp", "no timestamp header came with the signature")
        if not _TIMESTAMP.fullmatch(timestamp):
            raise refuse("malformed_timestamp", "the timestamp is not Unix seconds in decimal")
        age = self._clock() - int(timestamp)
        if age > self._tolerance:
            raise refuse("timestamp_too_old", f"it was signed over {self._tolerance:g} s ago")
        if age < -self._tolerance:
            raise refuse("timestamp_too_new", f"it was signed {self._tolerance:g} s ahead of time")
        return timestamp

    def _state_at(self, signed_at: float) -> _State:
        state = self._state
        return state.then if signed_at > state.until and state.then is not None else state

    def _candidates(self, fields: Fields, state: _State) -> Mapping[str, tuple[SigningKey, ...]]:
        groups = state.groups
        if state.single is not None or fields.webhook_id is None:
            return groups  # a challenge comes before its subscription has an id
        if fields.webhook_id not in groups:
            raise refuse("unknown_subscription", "no secret is known for its subscription")
        return {fields.webhook_id: groups[fields.webhook_id]}

    def _match_openwop(
        self,
        fields: Fields,
        timestamp: str,
        body: bytes,
        groups: Mapping[str, tuple[SigningKey, ...]],
    ) -> tuple[str, SigningKey]:
        signature = cast("str", fields.signature)
        for name, keys in groups.items():
            for key in keys:
                if compare_digest(signature, key.openwop(timestamp, body)):
                    return name, key
        raise self._mismatch()

    def _match_standard(
        self,
        sent: tuple[str | None, str, str],
        timestamp: str,
        body: bytes,
        groups: Mapping[str, tuple[SigningKey, ...]],
    ) -> tuple[str, SigningKey]:
        message_id, _, value = sent
        if message_id is None or not _MESSAGE_ID.fullmatch(message_id):
            raise refuse("malformed_headers", "webhook-id is missing or not an id")
        entries = value.split(" ")
        if not value.isascii() or len(entries) > _MAX_ENTRIES:
            raise refuse("malformed_signature", "webhook-signature is not a list of signatures")
        signatures = [entry for entry in entries if entry.startswith("v1,")]
        if not signatures:
            raise refuse("unknown_algorithm", "webhook-signature has no v1 entry")
        for name, keys in groups.items():
            for key in keys:
                expected = key.standard(message_id, timestamp, body)
                for entry in signatures:
                    if expected and compare_digest(entry, expected):
                        return name, key
        raise self._mismatch()

    def _mismatch(self) -> WebhookVerificationError:
        return refuse(
            "signature_mismatch",
            "no secret gives this signature for these bytes; besides a forgery that can be another "
            "subscription's secret, or a body that was parsed and written again on its way",
        )

    def __repr__(self) -> str:
        state = self._state_at(self._clock())
        shown = {name: [key.fingerprint for key in keys] for name, keys in state.groups.items()}
        return f"Verifier(fingerprints={shown if state.single is None else shown['']!r})"
