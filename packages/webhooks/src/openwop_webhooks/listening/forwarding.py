"""From an event of a stream to a delivery that was answered, for both colours."""

from __future__ import annotations

import ipaddress
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

import attrs

from openwop import EventRouter
from openwop.errors import ConfigurationError
from openwop.events import HostEvent, RunEvent
from openwop_webhooks._steps import Step, Steps
from openwop_webhooks.delivery import Delivery
from openwop_webhooks.dispatch import EgressGuard, PinnedSender, Post, Target
from openwop_webhooks.dispatch.egress import resolve_host
from openwop_webhooks.errors import WebhookUrlRejectedError, WebhookVerificationError
from openwop_webhooks.receiver import Handler, Receiver
from openwop_webhooks.signing import encode_delivery, make_secret, message_id, sign
from openwop_webhooks.verifier import Verifier

__all__ = ["Forwarded", "Forwarder", "Forwarding"]

_log = logging.getLogger("openwop.webhooks")
_AGAIN = frozenset({408, 425, 429})
_WITHIN = 5.0
"""Seconds that a host gives an endpoint (v1 section 18)."""


@attrs.frozen
class Forwarded:
    """What came of forwarding one event; its text is a line for a terminal.

    Attributes:
        event_type: The type of the event, as the host spells it.
        run_id: The run; None for a host event.
        sequence: The position in the run's log; None for a host event.
        status: The status of the last answer; None where none came.
        attempts: How often it was tried.
        problem: Why no answer came, or what its status suggests; empty for a success.
    """

    event_type: str
    run_id: str | None
    sequence: int | None
    status: int | None
    attempts: int
    problem: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether the handler took it."""
        return self.status is not None and 200 <= self.status < 300

    def __str__(self) -> str:
        where = "host event" if self.run_id is None else f"{self.run_id} #{self.sequence}"
        tried = f" after {self.attempts} attempts" if self.attempts > 1 else ""
        answer = "no answer" if self.status is None else str(self.status)
        told = f": {self.problem}" if self.problem else ""
        return f"{self.event_type}  {where} -> {answer}{tried}{told}"


@attrs.frozen(kw_only=True)
class Forwarding:
    """How events are forwarded.

    Attributes:
        events: Which types, in either major's spelling; `node.*` and `*` are patterns.
        workspace: The `workspaceId` of the deliveries.
        webhook_id: The subscription id of the deliveries.
        standard: Whether to sign in the Standard Webhooks form too, which a `whsec_` secret can.
        mode: The mode of the streams; `debug` carries every event of the log.
        attempts: How often a delivery is tried; a handler that is being restarted gets it then.
        pause: Seconds before the second attempt, doubled before each further one.
        report: Called with what came of each event, `print` for instance; by default it is logged.
        clock: Unix seconds, for the signatures.
    """

    events: tuple[str, ...] = attrs.field(default=("*",), converter=tuple[str, ...])
    workspace: str | None = None
    webhook_id: str = "listen"
    standard: bool = False
    mode: str = "debug"
    attempts: int = 6
    pause: float = 0.5
    report: Callable[[Forwarded], object] | None = None
    clock: Callable[[], float] = time.time

    def __attrs_post_init__(self) -> None:
        if self.attempts < 1 or self.pause < 0:
            raise ConfigurationError("attempts must be positive, and pause not negative")


class Forwarder:
    """Signs events and posts them to one place on this machine.

    Args:
        target: A handler, a `Receiver`, or the URL of an endpoint on this machine.
        secret: What the deliveries are signed with.
        how: How events are forwarded.
        sleep: Waits for so many seconds; a coroutine function under the asynchronous driver.
        sender: What posts to a URL.

    Raises:
        ConfigurationError: The target is not on this machine, the secret is missing, or a receiver
            does not know it.
    """

    def __init__(
        self,
        target: str | Receiver | Handler,
        secret: str | None,
        how: Forwarding,
        sleep: Callable[[float], Any],
        sender: PinnedSender | None = None,
    ) -> None:
        self._how = how
        self._sleep = sleep
        self._sender = sender or PinnedSender()
        self._url: str | None = None
        self._receiver: Receiver | None = None
        self._router = EventRouter()
        self._router.on(*how.events)(len)  # asked which types it has, never called
        if isinstance(target, str):
            self._url = target
            _judge(target)
            if secret is None:
                raise ConfigurationError(
                    "an endpoint needs secret=, the secret that its verifier knows; "
                    "openwop_webhooks.make_secret() makes one"
                )
        elif isinstance(target, Receiver):
            self._receiver = target
            if secret is None:
                raise ConfigurationError("a Receiver needs secret=, one that its verifier knows")
        else:
            secret = secret or make_secret(standard=how.standard)
            self._receiver = Receiver(Verifier(secret, clock=how.clock), target)
            self._own = self._receiver
        self._secret = secret
        if self._receiver is not None:
            self._probe(self._receiver)

    _own: Receiver | None = None

    def close(self) -> None:
        """Wait for handlers that overran."""
        if self._own is not None:
            self._own.close()

    def deliver(
        self, event: RunEvent | HostEvent, run_id: str | None, *, is_async: bool
    ) -> Steps[Forwarded | None]:
        """Deliver one event; the result is None for an event that no webhook would carry.

        Args:
            event: The event.
            run_id: The run whose stream it came in; None for the host's own stream.
            is_async: Whether the asynchronous driver runs this.
        """
        document = _document(event, run_id)
        if document is None or not self._router.handlers(cast("RunEvent", event)):
            return None
        how, sequence, event_type = self._how, event.sequence, str(document["type"])
        if run_id is None:
            body, place = encode_delivery(document, run_id=None), event.event_id or ""
        else:
            run_id = event.run_id or run_id
            body = encode_delivery(document, run_id=run_id, workspace=how.workspace)
            place = str(sequence)
        identity = message_id(how.webhook_id, run_id or "", place)
        status, problem, attempt = None, "", 0
        while attempt < self._how.attempts:
            if attempt:
                yield Step(self._sleep, (self._how.pause * 2 ** (attempt - 1),))
            attempt += 1
            headers = self._headers(body, event_type, identity)
            try:
                status = yield self._post(headers, body, is_async=is_async)
                problem = _suggestion(status)
            except Exception as error:  # noqa: BLE001  # whatever it is, no answer came
                status, problem = None, f"{type(error).__name__}: {error}"
            if status is not None and status < 500 and status not in _AGAIN:
                break
        forwarded = Forwarded(event_type, run_id, sequence, status, attempt, problem)
        self._tell(forwarded)
        return forwarded

    def _tell(self, forwarded: Forwarded) -> None:
        if self._how.report is not None:
            self._how.report(forwarded)
            return
        level = logging.INFO if forwarded.succeeded else logging.WARNING
        _log.log(level, "forwarded %s", forwarded)

    def _headers(self, body: bytes, event_type: str, identity: str) -> dict[str, str]:
        signed = sign(
            body,
            self._secret,
            webhook_id=self._how.webhook_id,
            event_type=event_type,
            timestamp=int(self._how.clock()),
            standard_id=identity if self._how.standard else None,
        )
        return {"Content-Type": "application/json", "User-Agent": "openwop-listen", **signed}

    def _post(self, headers: Mapping[str, str], body: bytes, *, is_async: bool) -> Step:
        receiver = self._receiver
        if receiver is None:
            return Step(self._send, (headers, body), blocks=True)
        return Step(_receive_async if is_async else _receive, (receiver, headers, body))

    def _send(self, headers: Mapping[str, str], body: bytes) -> int:
        # Judged again each time: a name may have come to mean another machine.
        target = _judge(self._url or "")
        return self._sender.send(Post(target, headers, body, _WITHIN)).status

    def _probe(self, receiver: Receiver) -> None:
        """Find out now, and not with the first event, that the secrets do not fit."""
        body = encode_delivery({"type": "listen.probe", "sequence": 0}, run_id="probe")
        headers = self._headers(body, "listen.probe", "msg_probe")
        try:
            found = receiver.verifier.authenticate(headers, body)
        except WebhookVerificationError as error:
            raise ConfigurationError(
                f"the receiver refuses what is signed with this secret ({error.reason}): pass "
                "secret= one that its verifier knows"
            ) from error
        assert isinstance(found, Delivery)


def _receive(receiver: Receiver, headers: Mapping[str, str], body: bytes) -> int:
    return receiver.receive(headers, body).status


async def _receive_async(receiver: Receiver, headers: Mapping[str, str], body: bytes) -> int:
    return (await receiver.receive_async(headers, body)).status


def _document(event: RunEvent | HostEvent, run_id: str | None) -> Mapping[str, Any] | None:
    raw = event.raw
    if run_id is None:
        # A host keeps ephemeral events from webhooks (v2 section 12.8).
        return None if raw.get("delivery") == "ephemeral" else raw
    if isinstance(raw.get("type"), str):
        return raw
    if event.sequence is None:
        return None  # made for the stream, and not in the log
    return {
        "type": event.type,
        "runId": event.run_id or run_id,
        "sequence": event.sequence,
        "payload": event.raw_payload,
    }


def _judge(url: str) -> Target:
    """Return the target that *url* names, with the addresses of this machine.

    Raises:
        ConfigurationError: It is no URL of this machine: events stay here.
    """
    try:
        target = EgressGuard(allow_http=True, allow_private=True).check_url(url)
    except WebhookUrlRejectedError as error:
        raise ConfigurationError(f"listen() cannot forward to this address: {error}") from None
    try:
        addresses = resolve_host(target.host, target.port)
    except (OSError, UnicodeError):
        raise ConfigurationError(f"listen() cannot find {target.host}") from None
    if not _are_local(addresses):
        raise ConfigurationError(
            f"listen() forwards to this machine alone, and {target.host} is another one: use "
            "http://127.0.0.1:<port>/<path>, or register a webhook at the host"
        )
    return attrs.evolve(target, addresses=tuple(addresses))


def _are_local(addresses: Iterable[str]) -> bool:
    several = [ipaddress.ip_address(text.partition("%")[0]) for text in addresses]
    return bool(several) and all(address.is_loopback for address in several)


def _suggestion(status: int) -> str:
    if status < 300:
        return ""
    if status == 400:
        return "refused; does its verifier know this secret?"
    if status in {301, 302, 303, 307, 308}:
        return "redirects are not followed; give the final path"
    if status in {404, 405}:
        return "nothing takes a POST at this path"
    if status == 503:
        return "the handler failed, is not done, or its replay guard is down"
    return "not handled"
