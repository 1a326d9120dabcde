"""The trigger bridge: outside events that start runs (v1.md section 22, v2.md section 18)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from openwop_testing._json import JsonObject, as_object, clone, compact
from openwop_testing.clock import timestamp
from openwop_testing.engine.run import Options, Owner
from openwop_webhooks import fingerprint, make_secret

if TYPE_CHECKING:
    from openwop_testing.host import FakeHost

__all__ = ["Trigger", "Triggers"]

_DEDUP_SECONDS: Final = 24 * 3600.0


@attrs.define(eq=False)
class Trigger:
    """One subscription.

    Attributes:
        subscription_id: Its id, bare.
        source: What it listens to.
        workflow_id: What it starts.
        owner: Whose runs they are.
        state: `active`, `paused`, `failed` or `dead-lettered`.
        secret: What its callers sign with.
    """

    subscription_id: str
    source: str
    workflow_id: str
    owner: Owner
    dedup: bool
    retry: JsonObject
    verification: str
    mapping: JsonObject
    state: str = "active"
    secret: str = attrs.field(factory=make_secret, repr=False)
    seen: dict[str, tuple[float, str]] = attrs.field(factory=dict[str, tuple[float, str]])
    dead: list[JsonObject] = attrs.field(factory=list[JsonObject])

    def document(self) -> JsonObject:
        """Return the subscription as the protocol writes it, with its bare id."""
        document: JsonObject = {
            "subscriptionId": self.subscription_id,
            "source": self.source,
            "state": self.state,
            "dedupEnabled": self.dedup,
            "secretFingerprint": fingerprint(self.secret),
        }
        if self.retry:
            document["retryPolicy"] = clone(self.retry)
        return document


class Triggers:
    """The subscriptions of one host.

    Args:
        host: The host.
    """

    def __init__(self, host: FakeHost) -> None:
        self._host = host
        self._known: dict[str, Trigger] = {}

    def add(self, body: Mapping[str, Any], owner: Owner) -> Trigger:
        """Make a subscription from a registration."""
        trigger = Trigger(
            subscription_id=self._host.mint.new("trg"),
            source=body["source"],
            workflow_id=body["workflowId"],
            owner=owner,
            dedup=bool(body.get("dedupEnabled", True)),
            retry=as_object(body.get("retryPolicy")),
            verification=str(as_object(body.get("verification")).get("mode", "required")),
            mapping=as_object(body.get("inputMapping")),
        )
        self._known[trigger.subscription_id] = trigger
        return trigger

    def get(self, subscription_id: str) -> Trigger | None:
        """Return a subscription by its bare id."""
        return self._known.get(subscription_id.rpartition("/")[2])

    def sign(self, subscription_id: str, body: bytes) -> str:
        """Return the signature that an authentic caller sends with *body*."""
        secret = self._known[subscription_id.rpartition("/")[2]].secret
        return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()

    def deliver(
        self,
        subscription_id: str,
        payload: Any,
        *,
        signature: str | None = None,
        dedup_key: str | None = None,
        body: bytes | None = None,
    ) -> str | None:
        """Let an outside event happen.

        Args:
            subscription_id: The subscription, bare or bound.
            payload: What the event carries, as JSON.
            signature: What its caller signed it with; see `sign`.
            dedup_key: What tells it from other events; without one, its content does.
            body: The bytes that were signed, where they are not the compact JSON of the payload.

        Returns:
            The id of the run that it started, or had started before; None where it starts none.
        """
        with self._host.lock:
            trigger = self._known[subscription_id.rpartition("/")[2]]
            raw = body if body is not None else compact(payload).encode()
            run_id = self._take(trigger, payload, raw, signature, dedup_key)
            self._host.engine.settle()
            self._host.outbound.pump()
            self._host.waits.changed()
            return run_id

    def _take(
        self,
        trigger: Trigger,
        payload: Any,
        raw: bytes,
        signature: str | None,
        dedup_key: str | None,
    ) -> str | None:
        host = self._host
        genuine = signature is not None and hmac.compare_digest(
            signature, self.sign(trigger.subscription_id, raw)
        )
        if trigger.verification == "required" and not genuine:
            self._give_up(trigger, "verification_failed", 1)
            return None
        if trigger.state == "paused":
            return None
        key = dedup_key or hashlib.sha256(raw).hexdigest()
        known = trigger.seen.get(key)
        if trigger.dedup and known is not None and host.clock.now() - known[0] < _DEDUP_SECONDS:
            return known[1]
        workflow = host.workflows.get(trigger.workflow_id)
        if workflow is None:
            self._give_up(trigger, "retries_exhausted", int(trigger.retry.get("maxAttempts", 1)))
            return None
        delivery_id = host.mint.new("del")
        run = host.engine.create(
            workflow,
            trigger.owner,
            Options(inputs=_inputs(trigger, payload)),
            major=2 if 2 in host.capabilities.majors else 1,
            cause=delivery_id,
        )
        run.memo["trigger"] = {
            "subscriptionId": trigger.subscription_id,
            "dedupKey": key,
            "attempt": 1,
            "outcome": "delivered",
            "runId": run.run_id,
        }
        trigger.seen[key] = (host.clock.now(), run.run_id)
        return run.run_id

    def _give_up(self, trigger: Trigger, reason: str, attempts: int) -> None:
        now = self._host.clock.now()
        days = self._host.capabilities.get("triggerBridge.deadLetter.retentionDays") or 7
        trigger.dead.append(
            {
                "subscriptionId": trigger.subscription_id,
                "attemptEventId": self._host.mint.new("att"),
                "attempt": attempts,
                "reason": reason,
                "deadLetteredAt": timestamp(now),
                "expiresAt": timestamp(now + float(days) * 86_400),
            }
        )


def _inputs(trigger: Trigger, payload: Any) -> JsonObject:
    """Return the inputs of the run: what the mapping names, or the whole payload."""
    fields = as_object(payload)
    if not trigger.mapping:
        return fields
    inputs: JsonObject = {}
    for name, path in trigger.mapping.items():
        value: Any = fields
        for part in str(path).removeprefix("$.").split("."):
            value = as_object(value).get(part)
        if value is not None:
            inputs[name] = clone(value)
    return inputs
