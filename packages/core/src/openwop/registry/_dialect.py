"""A registry as a dialect of the runtime: OpenWOP's errors, and what a client remembers of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

import attrs

from openwop import errors as tree
from openwop._majors import OpenWOPDialect
from openwop.registry._archive import ArchiveLimits
from openwop.registry._errors import class_of
from openwop.registry._keys import TrustedKey
from openwop.registry._models import RegistryDocument
from openwop.registry._operations import TARBALL
from openwop.runtime import Core, Dialect, ErrorFacts, Operation, Route
from openwop.runtime.errors import SDKError
from openwop.wire import Response

__all__ = ["Layout", "Policy", "RegistryDialect", "RegistryState", "Signatures"]

Signatures: TypeAlias = Literal["required", "if-present", "ignored"]
Layout: TypeAlias = Literal["dynamic", "static", "root"]

_URL_HINT: Final = "Check the name and version, and that base_url is the registry's origin"
_REMEDIES: Final[Mapping[int, str]] = {
    401: "Check the registry's API key (api_key=, or OPENWOP_REGISTRY_API_KEY)",
    403: "Check the scopes of the registry's API key",
    404: _URL_HINT,
}


@attrs.frozen
class Policy:
    """What a client asks of packs before it hands them out.

    Attributes:
        signatures: Whether packs must be signed.
        trusted_keys: Keys that the caller trusts.
        limits: How large packs may be.
    """

    signatures: Signatures = "required"
    trusted_keys: tuple[TrustedKey, ...] = ()
    limits: ArchiveLimits = attrs.field(factory=ArchiveLimits)


@attrs.define
class RegistryState:
    """What a client and its copies know of their registry.

    Attributes:
        policy: What they ask of packs.
        layout: How the registry lays out its indexes; None before one was found.
        document: The discovery document; None before it was read, or where there is none.
        read_at: When it was asked for, on the client's clock.
    """

    policy: Policy
    layout: Layout | None = None
    document: RegistryDocument | None = None
    read_at: float | None = None


class RegistryDialect(Dialect):
    """How a registry is spoken to.

    Args:
        user_agent: The `User-Agent` of every request.
        policy: What the client asks of packs.
    """

    def __init__(self, user_agent: str, policy: Policy) -> None:
        self._envelope = OpenWOPDialect(user_agent)
        super().__init__(
            "openwop-registry",
            errors=self._envelope.errors,
            user_agent=user_agent,
            key_argument=(
                "api_key= or auth=, or set OPENWOP_REGISTRY_API_KEY beside OPENWOP_REGISTRY_URL"
            ),
        )
        self._policy = policy

    def new_state(self) -> RegistryState:
        """Return an empty memory of the registry."""
        return RegistryState(self._policy)

    def read_error(self, response: Response, variant: str) -> ErrorFacts:  # noqa: ARG002
        """Read OpenWOP's error envelope; registries speak as major 1 does."""
        facts = self._envelope.read_error(response, "1")
        remedy = _REMEDIES.get(response.status_code)
        return attrs.evolve(facts, remedy=remedy) if remedy is not None else facts

    def check_answer(
        self, operation: Operation[Any], route: Route, response: Response, variant: str
    ) -> str:
        """Return why *response* is not from a registry; empty where it is."""
        del operation, variant
        if "text/html" in response.headers.get("content-type", "") and route.answer != "none":
            return (
                f"a web page answered {route.method} {route.path}; check that base_url is the "
                "registry's origin"
            )
        return ""

    def size_limit(self, operation: Operation[Any]) -> tuple[str, str]:
        """Return the name of the bound on the size of an answer, and where it is raised."""
        if operation.id == TARBALL.id:
            return "ArchiveLimits.tarball", "limits= of the client, to ArchiveLimits(tarball=...)"
        return "max_response_bytes", "max_response_bytes= of with_options()"

    def error(
        self,
        core: Core,
        operation: Operation[Any],
        route: Route,
        facts: ErrorFacts,
        response: Response,
        fields: Mapping[str, Any],
    ) -> SDKError:
        """Return the error for an error answer, chosen by code first and by status then."""
        status = response.status_code
        lacks = facts.code == "not_implemented" or (route.optional and status in {404, 405, 501})
        if lacks and status in {404, 405, 501}:
            return tree.CapabilityNotSupportedError(
                f"{str(fields['message']).rstrip('.')}. {operation.name} is optional, and this "
                "registry seems to lack it",
                capability=operation.id,
                code=facts.code or None,
                status_code=status,
                details=facts.details,
                response=response,
                trace_id=fields["trace_id"],
            )
        cls = class_of(facts.code)
        if cls is None:
            return super().error(core, operation, route, facts, response, fields)
        rest = {name: value for name, value in fields.items() if name != "message"}
        return cls(
            str(fields["message"]),
            code=facts.code,
            category=facts.category,
            detail=facts.detail,
            details=facts.details,
            **rest,
        )
