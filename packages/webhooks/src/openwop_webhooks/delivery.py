"""What a verified request turns out to be: a delivery to handle, or a challenge to answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from ._fields import refuse

if TYPE_CHECKING:
    from openwop.events import HostEvent, RunEvent

    from .guards import Lease

__all__ = ["Challenge", "Delivery"]

_CHALLENGE_TYPE = "openwop.webhook.verification"


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def parse_body(body: bytes) -> dict[str, Any]:
    """Parse an authenticated body.

    Args:
        body: The bytes as received.

    Returns:
        The JSON object.

    Raises:
        WebhookVerificationError: The body is not a JSON object in UTF-8.
    """
    try:
        data = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        # The parser's own message quotes the body, so it is not chained.
        raise refuse("malformed_body", "the body is signed but is not JSON") from None
    if not isinstance(data, dict):
        raise refuse("malformed_body", "the body is signed but is not a JSON object")
    return cast("dict[str, Any]", data)


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


class Challenge:
    """A request by which a host asks whether this endpoint agreed to be one (v2 section 17.2).

    Answer it with status 200, content type `application/json` and the body of `answer()`.

    Args:
        value: The challenge as sent.
    """

    __slots__ = ("value",)

    def __init__(self, value: str) -> None:
        self.value = value

    def answer(self) -> bytes:
        """Return the JSON body that echoes the challenge."""
        return json.dumps({"challenge": self.value}, separators=(",", ":")).encode()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Challenge) and other.value == self.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return "Challenge([redacted])"


def challenge_in(body: bytes, *, certain: bool) -> Challenge | None:
    """Return the challenge that an authenticated body holds, if it holds one.

    Args:
        body: The bytes as received.
        certain: True where the headers are those of no delivery, so that the body must parse.
    """
    # A host may send more around its challenge, but no event is as short as this and mentions it.
    if not certain and (len(body) > 1024 or b'"challenge"' not in body):
        return None
    data = parse_body(body)
    value = data.get("challenge")
    if not isinstance(value, str) or not value:
        return None
    if data.get("type") == _CHALLENGE_TYPE or not data.keys() & {"event", "hostEvent", "runId"}:
        return Challenge(value)
    return None


class Delivery:
    """One authentic delivery, parsed when it is first looked into (v1 section 18, v2 section 17.1).

    Every property but `subscription_id` comes from the signed body.  Reading one raises
    `WebhookVerificationError` (`malformed_body`) where what the host signed is no delivery.

    Attributes:
        body: The bytes as received.
        subscription_id: The subscription, from the headers.  It is authenticated only where the
            verifier was given its secrets by subscription; None where the host did not say.
        timestamp: When the host signed, in Unix seconds.
        fingerprint: Which secret signed, by its fingerprint.
    """

    _data: dict[str, Any] | None = None
    _event: RunEvent | HostEvent | None = None
    _lease: Lease | None = None

    def __init__(
        self,
        body: bytes,
        subscription_id: str | None,
        timestamp: int,
        fingerprint: str,
        scope: tuple[str, str] = ("", ""),
    ) -> None:
        self.body = body
        self.subscription_id = subscription_id
        self.timestamp = timestamp
        self.fingerprint = fingerprint
        self._scope = scope

    @property
    def data(self) -> Mapping[str, Any]:
        """The whole body: `runId`, `workspaceId` and `event`, or `hostEvent`."""
        if self._data is None:
            data = parse_body(self.body)
            if not isinstance(data.get("event", data.get("hostEvent")), dict):
                raise refuse("malformed_body", "the body is signed but holds no event")
            self._data = data
        return self._data

    @property
    def raw_event(self) -> Mapping[str, Any]:
        """The event as the host wrote it."""
        data = self.data
        return cast("Mapping[str, Any]", data["event"] if "event" in data else data["hostEvent"])

    @property
    def event(self) -> RunEvent | HostEvent:
        """The event in the class of its type, for `match` and for an `openwop.EventRouter`.

        Its `type` is the newest spelling, its `raw_type` the host's; its payload is checked when it
        is first read.
        """
        if self._event is None:
            from openwop.events import HostEvent, RunEvent

            kind = HostEvent if self.is_host_event else RunEvent
            try:
                self._event = kind.from_dict(self.raw_event)
            except ValueError as error:
                raise refuse("malformed_body", f"the body is signed but {error}") from error
        return self._event

    @property
    def is_host_event(self) -> bool:
        """Whether the event is the host's own and belongs to no run (v2 section 12.8)."""
        return "event" not in self.data

    @property
    def event_type(self) -> str:
        """The type of the event, in the host's spelling."""
        return _text_or_none(self.raw_event.get("type")) or ""

    @property
    def event_id(self) -> str | None:
        """The id of the event; forks mint new ones, so it is not the key to de-duplicate on."""
        return _text_or_none(self.raw_event.get("eventId"))

    @property
    def run_id(self) -> str | None:
        """The run that the event belongs to; None for a host event."""
        return _text_or_none(self.data.get("runId")) or _text_or_none(self.raw_event.get("runId"))

    @property
    def workspace(self) -> str | None:
        """The workspace that the event belongs to, where the host says."""
        return _text_or_none(self.data.get("workspaceId")) or _text_or_none(
            self.raw_event.get("workspaceId")
        )

    @property
    def sequence(self) -> int | None:
        """The position of the event in its run's log; None for a host event."""
        event = self.raw_event
        for name in ("sequence", "seq"):  # published hosts write either
            value = event.get(name)
            if isinstance(value, int) and not isinstance(value, bool):
                return value
        return None

    @property
    def dedup_key(self) -> str:
        """The key under which this delivery is handled once, made of authenticated content alone.

        The protocol names (subscription id, run id, sequence), and (subscription id, event id) for
        host events (v1 section 18 with D-47, v2 section 17.1).  The id travels in a header that is
        not signed, so whoever replays a delivery could change it; what stands for it here is the
        verifier's namespace and the entry of its secrets that the signature was made with.
        """
        parts: list[str | int]
        run_id, sequence, event_id = self.run_id, self.sequence, self.event_id
        if run_id is not None and sequence is not None:
            parts = ["run", run_id, sequence]
        elif event_id is not None:
            parts = ["event", run_id or "", event_id]
        else:
            parts = ["body", hashlib.sha256(self.body).hexdigest()]
        return hashlib.sha256(json.dumps([*self._scope, *parts]).encode()).hexdigest()

    @property
    def lease(self) -> Lease | None:
        """The claim that `Verifier.verify` took on this delivery; None without a replay guard."""
        return self._lease

    def attach(self, lease: Lease) -> None:
        """Attach the claim under which this delivery is being handled."""
        self._lease = lease

    def complete(self) -> bool:
        """Say that the delivery is handled, so that it is never handled again.

        Returns:
            False where the claim had lapsed and somebody else took it.
        """
        return self._lease is None or self._lease.complete()

    def release(self) -> bool:
        """Give the claim back, so that the delivery is handled when it is sent again.

        Returns:
            False where the claim had lapsed.
        """
        return self._lease is None or self._lease.release()

    async def complete_async(self) -> bool:
        """Do what `complete` does, for the replay guards of either kind."""
        return self._lease is None or await self._lease.complete_async()

    async def release_async(self) -> bool:
        """Do what `release` does, for the replay guards of either kind."""
        return self._lease is None or await self._lease.release_async()

    def __repr__(self) -> str:
        return (
            f"Delivery(subscription_id={self.subscription_id!r}, timestamp={self.timestamp}, "
            f"body=<{len(self.body)} bytes>)"
        )
