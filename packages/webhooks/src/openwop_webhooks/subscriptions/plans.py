"""What registering, rotating and unregistering do, for both colours.

Everything that may go wrong between the host's answer and the store is written down before it is
sent: the secret where we choose it, and the idempotency key.  So a program that died in the middle
goes on where it was, and its verifier accepts whatever the host may be signing with by then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import attrs

from openwop.errors import (
    APIResponseValidationError,
    APIStatusError,
    BadRequestError,
    CapabilityNotSupportedError,
    ConfigurationError,
    GoneError,
    NotFoundError,
)
from openwop_webhooks._keys import fingerprint
from openwop_webhooks._steps import Step, Steps
from openwop_webhooks.guards import AnyReplayGuard
from openwop_webhooks.signing import make_secret
from openwop_webhooks.verifier import Verifier

from .record import Pending, Record, Wanted
from .stores import AnySecretStore, MemorySecretStore

if TYPE_CHECKING:
    from openwop import AsyncClient, Client
    from openwop.models import WebhookRegistered, WebhookSecretRotated

__all__ = ["SubscriptionPlans"]

_LONGEST_OVERLAP = 7 * 86400.0
"""The longest overlap that major 2 allows, in seconds (v2 section 17)."""

_ALGORITHMS = ("v1", "standard-webhooks-1")
_AMBIGUOUS = frozenset({408, 409, 425, 429})


class SubscriptionPlans:
    """One subscription: what is wanted, what is known of it, and the verifier that follows it."""

    def __init__(
        self,
        client: Client | AsyncClient,
        *,
        url: str,
        events: Sequence[str],
        store: AnySecretStore | None,
        name: str,
        tags: Sequence[str],
        workspace: str | None,
        standard: bool,
        verifier: Verifier | None,
        replay_guard: AnyReplayGuard | None,
        clock: Callable[[], float] | None,
    ) -> None:
        if isinstance(events, str) or not events:
            raise ConfigurationError("a subscription needs a list of event types, at least one")
        if isinstance(tags, str):
            raise ConfigurationError("tags is a list of tags, not one string")
        if verifier is not None and replay_guard is not None:
            raise ConfigurationError("give the replay guard to the verifier that you pass")
        self._webhooks = client.webhooks
        self._clock = clock or time.time
        self._store = MemorySecretStore() if store is None else store
        self._workspace = workspace
        self.name = name
        # Core has no public name for the origin of a client.
        host = client.base_url
        self.wanted = Wanted(host, url, tuple(events), tuple(tags), workspace, standard)
        self.record: Record | None = None
        self._kept = True  # whether the store has what `record` says
        # Known to nobody: until the host has given a secret, nothing is authentic.
        self._nobody = make_secret()
        self.verifier = verifier or Verifier(
            self._nobody, replay_guard=replay_guard, clock=self._clock
        )

    @property
    def registered(self) -> Record:
        """The record of a subscription that the host knows.

        Raises:
            ConfigurationError: It is not registered.
        """
        record = self.record
        if record is None or record.webhook_id is None or record.secret is None:
            raise ConfigurationError(f"the subscription {self.name!r} is not registered")
        return record

    def describe(self) -> str:
        """Return what a representation shows of it."""
        record = self.record
        if record is None or record.webhook_id is None or record.secret is None:
            return f"name={self.name!r}, not registered"
        shown = fingerprint(record.secret)
        return f"name={self.name!r}, webhook_id={record.webhook_id!r}, fingerprint={shown!r}"

    # -- the three things to do -----------------------------------------------------------------

    def register(self) -> Steps[str]:
        """Register, or go on with what the store keeps; the result is the subscription's id."""
        record = yield from self._load()
        if record is None or record.webhook_id is None or record.wanted != self.wanted:
            yield from self._register_anew()
        yield from self._retire()
        return self.registered.webhook_id or ""

    def rotate(self) -> Steps[None]:
        """Put another secret in the place of this one."""
        yield from self._load()
        record = self.registered
        yield from self._retire()  # an older one still signs with a secret that would be forgotten
        pending = yield from self._begin(f"rotate:{record.webhook_id}", make_secret(standard=True))
        try:
            rotated: WebhookSecretRotated = yield from self._call(
                self._webhooks.rotate_secret,
                record.webhook_id,
                secret=pending.secret,
                idempotency_key=pending.key,
            )
        except (CapabilityNotSupportedError, BadRequestError, NotFoundError, GoneError):
            # No rotation in this host, not for this subscription, or no such subscription any more.
            yield from self._save(attrs.evolve(self.registered, pending=None))
            yield from self._register_anew()
            yield from self._retire()
            return
        except APIStatusError as error:
            yield from self._refused(error)
            raise
        record = self.registered
        yield from self._save(
            attrs.evolve(
                record,
                secret=pending.secret,
                previous=record.secret,
                previous_until=self._overlap_end(rotated),
                pending=None,
            )
        )

    def unregister(self) -> Steps[None]:
        """Remove it, and what it replaced, from the host, and then from the store."""
        record = yield from self._load()
        if record is None:
            return
        ids = record.retired if record.webhook_id is None else (*record.retired, record.webhook_id)
        for webhook_id in ids:
            yield from self._unregister(webhook_id)
        yield Step(self._store.delete, (self.name,), blocks=True)
        self.record = None
        # What is on its way may still arrive; afterwards nothing is authentic any more.
        self.verifier.update_secrets(
            self._secrets(record), then=self._nobody, at=self._clock() + self.verifier.tolerance
        )

    # -- their parts ----------------------------------------------------------------------------

    def _load(self) -> Steps[Record | None]:
        """Read what the store keeps: another process may have changed it meanwhile."""
        if self.record is not None and not self._kept:
            yield from self._save(self.record)  # the store failed then, and this is newer
            return self.record
        text = yield Step(self._store.get, (self.name,), blocks=True)
        self.record = None if text is None else Record.loads(text, self.name)
        if self.record is not None:
            kept, ours = self.record.wanted.host, self.wanted.host
            if kept != ours:
                self.record = None
                raise ConfigurationError(
                    f"the subscription {self.name!r} is kept for {kept}, and this client speaks to "
                    f"{ours}: use another name="
                )
            self._follow(self.record)
        return self.record

    def _save(self, record: Record) -> Steps[None]:
        """Take *record* for what holds; the verifier follows first, so that nothing is refused."""
        self.record, self._kept = record, False
        self._follow(record)
        yield Step(self._store.put, (self.name, record.dumps()), blocks=True)
        self._kept = True

    def _secrets(self, record: Record, *, previous: bool = True) -> list[str]:
        pending = None if record.pending is None else record.pending.secret
        several = (record.secret, pending, record.previous if previous else None)
        return [secret for secret in several if secret is not None] or [self._nobody]

    def _follow(self, record: Record) -> None:
        if record.previous is None or record.previous_until is None:
            self.verifier.update_secrets(self._secrets(record))
        else:
            later = self._secrets(record, previous=False)
            self.verifier.update_secrets(
                self._secrets(record), then=later, at=record.previous_until
            )

    def _begin(self, purpose: str, secret: str | None) -> Steps[Pending]:
        """Write down what is about to be sent, or take up what was written down for it."""
        record = self.record or Record(self.wanted)
        pending = record.pending
        if pending is None or pending.purpose != purpose:
            pending = Pending(purpose, str(uuid4()), secret)
        yield from self._save(attrs.evolve(record, pending=pending))
        return pending

    def _refused(self, error: APIStatusError) -> Steps[None]:
        """Forget a change that the host has certainly not made."""
        if error.status_code < 500 and error.status_code not in _AMBIGUOUS and self.record:
            yield from self._save(attrs.evolve(self.record, pending=None))

    def _register_anew(self) -> Steps[None]:
        wanted = self.wanted
        pending = yield from self._begin(
            f"register:{wanted.digest}", make_secret(standard=True) if wanted.standard else None
        )
        chosen: dict[str, Any] = {}
        if pending.secret is not None:
            chosen = {"secret": pending.secret, "signature_algorithms": _ALGORITHMS}
        try:
            answer: WebhookRegistered = yield from self._call(
                self._webhooks.register,
                url=wanted.url,
                events=wanted.events,
                tags=wanted.tags or None,
                idempotency_key=pending.key,
                **chosen,
            )
        except APIStatusError as error:
            yield from self._refused(error)
            raise
        webhook_id = answer.webhook_id or answer.subscription_id
        secret = answer.secret or pending.secret
        if not webhook_id or not secret:
            yield from self._unusable(webhook_id)
        record = self.record or Record(wanted)
        yield from self._save(
            Record(
                wanted,
                webhook_id,
                secret,
                previous=record.secret,
                retired=(
                    record.retired
                    if record.webhook_id in {None, webhook_id}
                    else (*record.retired, record.webhook_id or "")
                ),
            )
        )

    def _unusable(self, webhook_id: str | None) -> Steps[None]:
        """Give up a registration that cannot be verified, and raise why."""
        if self.record is not None:
            yield from self._save(attrs.evolve(self.record, pending=None))
        if webhook_id:
            yield from self._unregister(webhook_id)
        missing = "secret" if webhook_id else "webhookId"
        raise APIResponseValidationError(
            f"WebhookRegistered.{missing}: the host registered the webhook without telling it, so "
            "that its deliveries could not be used",
            path=f"WebhookRegistered.{missing}",
        )

    def _retire(self) -> Steps[None]:
        """Unregister what was replaced, and forget a secret whose time is over."""
        while self.registered.retired:
            webhook_id, *rest = self.registered.retired
            yield from self._unregister(webhook_id)
            yield from self._save(attrs.evolve(self.registered, retired=tuple(rest)))
        record = self.registered
        now, tolerance = self._clock(), self.verifier.tolerance
        if record.previous is None:
            return
        if record.previous_until is None:
            # The host signs by its own clock, which may be ahead of ours.
            yield from self._save(attrs.evolve(record, previous_until=now + tolerance))
        elif record.previous_until + tolerance < now:
            yield from self._save(attrs.evolve(record, previous=None, previous_until=None))

    def _unregister(self, webhook_id: str) -> Steps[None]:
        try:
            yield from self._call(self._webhooks.unregister, webhook_id)
        except (NotFoundError, GoneError):
            return  # somebody removed it: that is what was wanted

    def _call(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Steps[Any]:
        """Call a method of the client, with the workspace where the host's major takes one."""
        if self._workspace is not None:
            try:
                answer = yield Step(function, arguments, {**named, "workspace": self._workspace})
            except CapabilityNotSupportedError as error:
                if error.response is not None or not _is_about_workspace(error):
                    raise
                self._workspace = None  # major 2 takes it from the credential alone
            else:
                return answer
        return (yield Step(function, arguments, named))

    def _overlap_end(self, rotated: WebhookSecretRotated) -> float:
        try:
            return datetime.fromisoformat(rotated.previous_secret_expires_at or "").timestamp()
        except ValueError:
            return self._clock() + _LONGEST_OVERLAP


def _is_about_workspace(error: CapabilityNotSupportedError) -> bool:
    return (error.capability or "").endswith(".workspace")
