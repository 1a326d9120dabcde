"""Signing deliveries and challenges: for hosts, and for tests of receivers."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets as random
import time
from collections.abc import Collection, Mapping
from typing import Any, Literal, TypeAlias

from openwop.errors import ConfigurationError

from ._keys import SigningKey, fingerprint

__all__ = [
    "Family",
    "encode_delivery",
    "fingerprint",
    "make_secret",
    "message_id",
    "sign",
    "sign_challenge",
]

Family: TypeAlias = Literal["v1", "v2"]

_PREFIX: dict[str, str] = {"v2": "OpenWOP-", "v1": "X-openwop-"}


def make_secret(*, standard: bool = False) -> str:
    """Return a fresh secret.

    Args:
        standard: Whether to give the `whsec_` form, which can sign the Standard Webhooks form too;
            otherwise 64 hex characters.
    """
    if standard:
        return "whsec_" + base64.b64encode(random.token_bytes(32)).decode()
    return random.token_hex(32)


def message_id(subscription_id: str, run_id: str, sequence: int | str) -> str:
    """Return the `webhook-id` of a delivery: the same on every attempt, also after a restart.

    Args:
        subscription_id: The subscription.
        run_id: The run; empty for a host event.
        sequence: The position of the event in its run's log, or the id of a host event.

    Returns:
        An id that no other delivery has (v2 section 17.2).
    """
    name = json.dumps([subscription_id, run_id, sequence]).encode()
    return "msg_" + base64.urlsafe_b64encode(hashlib.sha256(name).digest()[:24]).decode()


def encode_delivery(
    event: Mapping[str, Any] | bytes, *, run_id: str | None, workspace: str | None = None
) -> bytes:
    """Return the body of a delivery (v1 section 18, v2 section 17.1).

    Args:
        event: The event, as a mapping or as the very JSON bytes of the run's stream.
        run_id: The run, in the form of the subscriber's major; None for a host event.
        workspace: The workspace of the run, where it has one.
    """
    document = event if isinstance(event, bytes) else _json(event)
    if run_id is None:
        return b'{"hostEvent":' + document + b"}"
    head = b'{"runId":' + _json(run_id)
    if workspace is not None:
        head += b',"workspaceId":' + _json(workspace)
    return head + b',"event":' + document + b"}"


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def sign(
    body: bytes,
    secret: str | bytes,
    *,
    webhook_id: str,
    event_type: str,
    timestamp: int | None = None,
    families: Collection[Family] = ("v1", "v2"),
    standard_id: str | None = None,
    previous_secret: str | bytes | None = None,
) -> dict[str, str]:
    """Return every header of a signed delivery but those that HTTP itself needs.

    Args:
        body: The bytes to send.
        secret: The subscription's secret.
        webhook_id: The subscription's id.
        event_type: The type of the event.
        timestamp: Unix seconds; None for now.
        families: `v1` for `X-openwop-*`, `v2` for `OpenWOP-*`.
        standard_id: The `webhook-id` of the delivery, for a subscription that chose the Standard
            Webhooks form; None for one that did not.
        previous_secret: The secret before a rotation while its overlap lasts: it keeps signing
            `OpenWOP-Signature`, and adds an entry of its own to `webhook-signature`.

    Returns:
        The headers, by name.

    Raises:
        ConfigurationError: No family, or a Standard Webhooks id with a secret of another form.
    """
    if not families:
        raise ConfigurationError("a delivery is signed in at least one header family")
    at = str(int(time.time()) if timestamp is None else timestamp)
    keys = [SigningKey(secret)]
    if previous_secret is not None:
        keys.append(SigningKey(previous_secret))
    values = {
        "Webhook-Id": webhook_id,
        "Event-Type": event_type,
        "Timestamp": at,
        "Signature": keys[-1].openwop(at, body),
        "Signature-Algorithm": "v1",
    }
    headers = {
        prefix + name: value
        for family, prefix in _PREFIX.items()
        if family in families
        for name, value in values.items()
    }
    if standard_id is not None:
        headers |= _standard(body, keys, standard_id, at)
    return headers


def sign_challenge(
    challenge: str, secret: str | bytes, *, standard_id: str, timestamp: int | None = None
) -> tuple[bytes, dict[str, str]]:
    """Return the body and the headers of an endpoint verification request (v2 section 17.2).

    Args:
        challenge: What the endpoint has to echo.
        secret: The `whsec_` secret of the registration.
        standard_id: The `webhook-id` of the request.
        timestamp: Unix seconds; None for now.

    Raises:
        ConfigurationError: The secret is not of the `whsec_` form.
    """
    at = str(int(time.time()) if timestamp is None else timestamp)
    body = _json({"type": "openwop.webhook.verification", "challenge": challenge})
    return body, _standard(body, [SigningKey(secret)], standard_id, at)


def _standard(body: bytes, keys: list[SigningKey], standard_id: str, at: str) -> dict[str, str]:
    if not all(key.is_standard for key in keys):
        raise ConfigurationError("only a whsec_ secret signs the Standard Webhooks form")
    return {
        "webhook-id": standard_id,
        "webhook-timestamp": at,
        "webhook-signature": " ".join(key.standard(standard_id, at, body) for key in keys),
    }
