"""API keys: who they stand for and what they may do (v1.md section 4)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

import attrs

from openwop_testing.engine.run import Owner
from openwop_testing.problems import Problem

__all__ = ["SCOPES", "Credential", "Keys"]

SCOPES: Final = frozenset(
    [
        "manifest:read",
        "runs:create",
        "runs:read",
        "runs:cancel",
        "runs:annotate",
        "artifacts:read",
        "webhooks:manage",
        "approvals:respond",
        "audit:read",
        "workspace:read",
        "workspace:write",
        "prompts:read",
        "prompts:write",
        "content:read",
        "content:write",
        "packs:read",
        "packs:publish",
        "packs:yank",
        "packs:yank-revert",
        "deploy:promote",
        "deploy:rollback",
        "deploy:pause",
    ]
)


@attrs.frozen
class Credential:
    """What a key stands for.

    Attributes:
        tenant: The tenant, which isolates.
        workspace: The workspace of the tenant.
        principal: Who acts, as an opaque id.
        scopes: What it may do; no scope implies another.
        test: Whether it is a test key, which unlocks what is for tests only.
        state: `active`, `revoked` or `expired`.
    """

    tenant: str
    workspace: str
    principal: str
    scopes: frozenset[str]
    test: bool
    state: str = "active"

    @property
    def owner(self) -> Owner:
        """The owner of the runs that it creates."""
        return Owner(self.tenant, self.workspace, self.principal, self.test)

    def require(self, scope: str) -> None:
        """Refuse what the key may not do.

        Raises:
            Problem: 403 `forbidden`, naming the scope.
        """
        # deploy:* stands for whichever of its actions is asked for; the handler checks which.
        if scope in self.scopes or (
            scope == "deploy:*" and any(known.startswith("deploy:") for known in self.scopes)
        ):
            return
        raise Problem(
            403,
            "forbidden",
            f"The credential lacks the scope {scope}.",
            details={"scopeRequired": scope},
        )


class Keys:
    """The keys of one host, kept as hashes."""

    def __init__(self) -> None:
        self._known: dict[bytes, Credential] = {}

    def add(
        self,
        key: str,
        *,
        tenant: str = "acme",
        workspace: str = "main",
        principal: str = "",
        scopes: Iterable[str] | None = None,
        state: str = "active",
    ) -> Credential:
        """Let a key in.

        Args:
            key: The key; one that begins with `hk_test_` is a test key.
            tenant: Its tenant.
            workspace: Its workspace.
            principal: Whom it stands for; without one, a name made from the tenant.
            scopes: What it may do; without any, everything.
            state: `active`, `revoked` or `expired`.

        Returns:
            What the key stands for.
        """
        credential = Credential(
            tenant=tenant,
            workspace=workspace,
            principal=principal or f"user:{tenant}",
            scopes=SCOPES if scopes is None else frozenset(scopes),
            test=key.startswith("hk_test_"),
            state=state,
        )
        self._known[_hash(key)] = credential
        return credential

    def revoke(self, key: str, *, state: str = "revoked") -> None:
        """Withdraw a key: from the next request on it is refused."""
        known = self._known[_hash(key)]
        self._known[_hash(key)] = attrs.evolve(known, state=state)

    def authenticate(self, authorization: str | None, *, major: int) -> Credential:
        """Return what the `Authorization` header stands for.

        Raises:
            Problem: 401: it is missing, malformed, unknown, revoked or expired.
        """
        scheme, _, key = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise Problem(401, "unauthenticated", "Send a key: Authorization: Bearer <key>.")
        wanted = _hash(key.strip())
        found: Credential | None = None
        for known, credential in self._known.items():
            if hmac.compare_digest(known, wanted):
                found = credential
        if found is None:
            raise Problem(401, "unauthenticated", "The key is not known.")
        if found.state == "revoked":
            code = "key_revoked" if major == 1 else "credential_revoked"
            raise Problem(401, code, "The key has been revoked.")
        if found.state != "active":
            code = "key_expired" if major == 1 else "unauthenticated"
            raise Problem(401, code, "The key has expired.")
        return found


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
