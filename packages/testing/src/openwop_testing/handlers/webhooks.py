"""Webhook subscriptions (v1.md sections 7.6 and 18, v2.md section 17)."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Final

from openwop_testing._json import JsonObject, as_list, as_object
from openwop_testing.answers import Answer, json_answer
from openwop_testing.clock import timestamp
from openwop_testing.ids import bind
from openwop_testing.pipeline import Call, Handler
from openwop_testing.problems import Problem, invalid, not_found
from openwop_testing.shapes import array, check, object_of, string
from openwop_webhooks import fingerprint, make_secret, message_id, sign_challenge
from openwop_webhooks.dispatch import DeliveryQueue, Subscription
from openwop_webhooks.errors import WebhookUrlRejectedError

__all__ = ["HANDLERS"]

_STANDARD: Final = "standard-webhooks-1"
_EVENT: Final = r"^[a-z][a-zA-Z0-9_-]*(\.[a-zA-Z0-9_-]+)+$"
_BODY = {
    1: object_of(
        {
            "url": string(minimum=1),
            "events": array(string(pattern=_EVENT), minimum=1),
            "tenantId": string(minimum=1),
            # Its only mention has no effect here: the host makes the secret (v1.md D-06).
            "secret": string(minimum=1),
            "tags": array(string()),
        },
        required=("url", "events"),
    ),
    2: object_of(
        {
            "url": string(minimum=1),
            "events": array(string(pattern=_EVENT), minimum=1),
            "secret": string(minimum=1),
            "tags": array(string()),
            "signatureAlgorithms": array(string(minimum=1), minimum=1),
        },
        required=("url", "events"),
    ),
}
_ROTATE = object_of(
    {"secret": string(pattern=r"^whsec_[A-Za-z0-9+/]+={0,2}$")}, required=("secret",)
)


def _check_workspace(call: Call, given: str | None) -> None:
    own = {call.credential.workspace, call.credential.tenant}
    if given is not None and given not in own:
        raise Problem(403, "forbidden", "The credential is no member of that workspace.")


def _register(call: Call) -> Answer:
    check(_BODY[call.major], call.body)
    body = as_object(call.body)
    host = call.host
    if call.major == 1:
        _check_workspace(call, body.get("tenantId"))
    _check_url(call, body["url"])
    host.events.check_subscribable(body["events"])
    algorithms = [str(name) for name in as_list(body.get("signatureAlgorithms", ["v1"]))]
    offered = as_list(host.capabilities.get("webhooks.signatureAlgorithms"))
    if "v1" not in algorithms or not set(algorithms) <= set(offered):
        raise invalid("The host does not sign in that way.", field="signatureAlgorithms")
    standard = _STANDARD in algorithms
    given = body.get("secret") if call.major == 2 else None
    if standard and (given is None or not _is_standard(given)):
        raise invalid(f"{_STANDARD} needs a whsec_ secret of 24 to 64 bytes.", field="secret")
    bare = host.mint.new("sub")
    name = bare if call.major == 1 else bind(call.credential.tenant, bare)
    secret = given or make_secret()
    if standard:
        _verify_endpoint(call, body["url"], secret, name)
    families = tuple(("v1", "v2")[major - 1] for major in sorted(host.capabilities.majors))
    host.outbound.subscribe(
        Subscription(
            id=name,
            url=body["url"],
            secret=secret,
            events=body["events"],
            workspace=call.credential.workspace,
            tenant=call.credential.tenant,
            tags=as_list(body.get("tags")),
            standard=standard,
            families=families,  # type: ignore[arg-type]  # the two literals, in order
        ),
        major=call.major,
    )
    answer: JsonObject = {"webhookId": name}
    if given is None:
        answer["secret"] = secret
    if call.major == 1:
        answer["secretFingerprint"] = fingerprint(secret)
    elif "signatureAlgorithms" in body:
        answer["signatureAlgorithms"] = algorithms
    return json_answer(answer, 201)


def _check_url(call: Call, url: str) -> None:
    try:
        call.host.outbound.check_url(url)
    except WebhookUrlRejectedError as error:
        raise Problem(400, "webhook_url_rejected", str(error), details={"field": "url"}) from error


def _is_standard(secret: str) -> bool:
    try:
        raw = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return False
    return secret.startswith("whsec_") and 24 <= len(raw) <= 64


def _verify_endpoint(call: Call, url: str, secret: str, name: str) -> None:
    host = call.host
    challenge = host.mint.hex(32)
    body, headers = sign_challenge(
        challenge,
        secret,
        standard_id=message_id(name, "", "challenge"),
        timestamp=int(host.clock.now()),
    )
    given = {"Content-Type": "application/json", **headers}
    outcome = host.outbound.challenge(url, body, given)
    echoed: object = None
    if outcome is not None and 200 <= outcome.status < 300:
        try:
            echoed = as_object(json.loads(outcome.body)).get("challenge")
        except ValueError:
            echoed = None
    if echoed != challenge:
        raise Problem(
            400, "webhook_endpoint_unverified", "The endpoint did not echo its challenge."
        )


def _find(call: Call) -> tuple[DeliveryQueue, Subscription]:
    found = call.host.outbound.find(call.params["webhookId"])
    if found is None or found[1].tenant != call.credential.tenant:
        raise not_found("The webhook")
    if call.major == 1:
        _check_workspace(call, call.query.get("tenantId"))
    return found


def _unregister(call: Call) -> Answer:
    queue, subscription = _find(call)
    queue.remove(subscription.id)
    return Answer(204)


def _rotate(call: Call) -> Answer:
    queue, subscription = _find(call)
    check(_ROTATE, call.body)
    secret = as_object(call.body)["secret"]
    if not subscription.standard:
        raise invalid("Only a subscription of the Standard Webhooks form is rotated.")
    if not _is_standard(secret):
        raise invalid("The secret has 24 to 64 bytes.", field="secret")
    now = call.host.clock.now()
    overlap = float(call.host.capabilities.get("webhooks.secretRotation.overlapSeconds") or 0)
    queue.rotate(subscription.id, secret, now=now, overlap=overlap)
    return json_answer(
        {"rotatedAt": timestamp(now), "previousSecretExpiresAt": timestamp(now + overlap)}
    )


def _dead_letters(call: Call) -> Answer:
    _, subscription = _find(call)
    bare = subscription.id.rpartition("/")[2]
    tenant = call.credential.tenant
    most = int(call.host.capabilities.get("webhooks.deadLetter.maxPageSize") or 100)
    limit = min(call.integer("limit", 1) or most, most)
    letters = call.host.outbound.dead_letters(bare)
    start = call.host.cursors.read(f"dead:{bare}", call.query.get("cursor"))
    page: list[JsonObject] = []
    for letter in letters[start : start + limit]:
        record: JsonObject = {
            "deliveryId": bind(tenant, letter.delivery_id),
            "webhookId": bind(tenant, bare),
            "runId": bind(tenant, letter.run_id) if letter.run_id else "",
            "eventId": letter.event_id,
            "eventType": letter.event_type,
            "attempts": letter.attempts,
            "deadLetteredAt": timestamp(letter.dead_lettered_at),
            "expiresAt": timestamp(letter.expires_at),
            "reason": letter.reason,
        }
        if letter.last_status is not None:
            record["lastStatus"] = letter.last_status
        page.append(record)
    document: JsonObject = {"deliveries": page}
    if start + limit < len(letters):
        document["nextCursor"] = call.host.cursors.write(f"dead:{bare}", start + limit)
    return json_answer(document)


HANDLERS: dict[str, Handler] = {
    "registerWebhook": _register,
    "unregisterWebhook": _unregister,
    "rotateWebhookSecret": _rotate,
    "listWebhookDeadLetters": _dead_letters,
}
