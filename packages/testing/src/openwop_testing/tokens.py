"""Signed interrupt tokens: the token is the credential (v1.md section 13.4, v2.md section 14)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import Final, Literal, TypeAlias

from openwop_testing._json import JsonObject, as_object, compact, is_number
from openwop_testing.engine.run import Interrupt, Run
from openwop_testing.problems import Problem

__all__ = ["DEFAULT_LIFETIME", "Intent", "Tokens"]

Intent: TypeAlias = Literal["resolve", "inspect"]
DEFAULT_LIFETIME: Final = 30 * 60.0
_KEY_ID: Final = "k1"


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Tokens:
    """Makes and reads the tokens of one host.

    Args:
        secret: What they are signed with.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def issue(
        self,
        run: Run,
        interrupt: Interrupt,
        *,
        major: int,
        intent: Intent = "resolve",
        lifetime: float = DEFAULT_LIFETIME,
    ) -> str:
        """Return a token for an interrupt.

        Args:
            run: The run that waits.
            interrupt: The interrupt.
            major: The major whose grammar the token has.
            intent: `resolve` answers and looks, `inspect` only looks.
            lifetime: Seconds until it expires; never longer than the interrupt itself stands.
        """
        if interrupt.ask.timeout_ms:
            left = interrupt.requested_at + interrupt.ask.timeout_ms / 1000 - run.clock.now()
            lifetime = min(lifetime, left)
        payload = compact(
            {
                "runId": run.run_id,
                "nodeId": interrupt.node_id,
                "interruptId": interrupt.interrupt_id,
                "expiresAt": round((run.clock.now() + lifetime) * 1000),
                "intent": intent,
            }
        ).encode()
        if major == 1:
            return f"{_encode(payload)}.{_encode(self._mac(payload))}"
        head = f"ow2.hs256.{_KEY_ID}.{_encode(payload)}"
        return f"{head}.{_encode(self._mac(head.encode()))}"

    def read(self, token: str, *, major: int) -> JsonObject:
        """Return what a token says, once its signature holds.

        Raises:
            Problem: It is none of this host's: 401 in major 2, 404 in major 1.
        """
        try:
            parts = token.split(".")
            if parts[0] == "ow2" and len(parts) == 5 and major == 2:
                signed = ".".join(parts[:4]).encode()
                known = parts[1] == "hs256" and parts[2] == _KEY_ID
                genuine = known and hmac.compare_digest(_decode(parts[4]), self._mac(signed))
                payload = _decode(parts[3])
            elif len(parts) == 2:
                payload = _decode(parts[0])
                genuine = hmac.compare_digest(_decode(parts[1]), self._mac(payload))
            else:
                raise _bad(major)
            if not genuine:
                raise _bad(major)
            claims = as_object(json.loads(payload))
        except (ValueError, binascii.Error) as error:
            raise _bad(major) from error
        if not is_number(claims.get("expiresAt")):
            raise _bad(major)
        return claims

    def _mac(self, signed: bytes) -> bytes:
        return hmac.new(self._secret, signed, hashlib.sha256).digest()


def _bad(major: int) -> Problem:
    if major == 1:
        return Problem(404, "interrupt_not_found", "The token is not one of this host.")
    return Problem(401, "interrupt_token_invalid", "The token is not one of this host.")
