"""Several registries in order, and a folder for when there is no network, as plans."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar, cast

from openwop.errors import (
    APIConnectionError,
    ConfigurationError,
    InternalServerError,
    NotFoundError,
    RateLimitError,
)
from openwop.registry._dialect import Signatures
from openwop.registry._errors import PackRegistryUnreachableError, PackVersionNotFoundError
from openwop.registry._making import check_signatures
from openwop.registry._pack import Pack, ResolvedVersion, check_name, exact
from openwop.registry._plans import Promises, RegistryPlans, Shared, in_thread, promises_of
from openwop.registry._store import PackStore
from openwop.runtime._effects import Plan

__all__ = ["ResolverPlans"]

T = TypeVar("T")

_UNREACHABLE = (APIConnectionError, InternalServerError, RateLimitError)


class ResolverPlans:
    """The plans of one resolver.

    Args:
        clients: The registries, the primary first.
        store: Where packs are kept.
        offline: Whether only the store is asked.

    Raises:
        ConfigurationError: There is nothing to ask, or the clients have different colours.
    """

    def __init__(self, clients: Sequence[Any], store: PackStore | None, *, offline: bool) -> None:
        if not clients:
            msg = "a resolver needs a registry; with packs in a folder alone, use PackStore.load"
            raise ConfigurationError(msg)
        if offline and store is None:
            msg = "offline=True needs store=, the folder with the packs"
            raise ConfigurationError(msg)
        self._plans = [RegistryPlans(client) for client in clients]
        if len({plans.core.is_async for plans in self._plans}) > 1:
            msg = "a resolver's clients must be all blocking or all asynchronous"
            raise ConfigurationError(msg)
        self._store = store
        self._offline = offline

    def resolve(
        self, name: str, wanted: str | None, options: Mapping[str, Any]
    ) -> Plan[ResolvedVersion]:
        """Plan the choice of a version by the first registry that knows the pack."""
        check_name(name)
        if self._offline:
            msg = "resolve asks registries; fetch takes what the store has"
            raise ConfigurationError(msg)
        shared = Shared(self._plans[0], options)
        _, resolved = yield from self._first(
            name, wanted, lambda plans: plans.resolving(name, wanted, shared)
        )
        return resolved

    def fetch(
        self,
        name: str,
        wanted: str | None,
        integrity: str | None,
        signatures: Signatures | None,
        options: Mapping[str, Any],
    ) -> Plan[Pack]:
        """Plan the download of a pack from the first registry that has it, or from the store."""
        check_name(name)
        first = self._plans[0]
        if self._offline:
            asked = check_signatures(signatures or first.state.policy.signatures)
            load = partial(
                cast("PackStore", self._store).load,
                name,
                wanted,
                integrity=integrity,
                signatures=asked,
            )
            return (yield from in_thread(first.core, load))
        shared = Shared(first, options)
        version = exact(wanted)
        promises: Promises = ()
        if version is not None:
            pinned = version
            plans, manifest = yield from self._first(
                name, wanted, lambda plans: plans.served(name, pinned, shared)
            )
        else:
            plans, resolved = yield from self._first(
                name, wanted, lambda plans: plans.resolving(name, wanted, shared)
            )
            promises = promises_of(resolved)
            manifest = yield from plans.served(name, resolved.version, shared)
        if integrity is not None:
            promises = ("integrity=", integrity), *promises
        pack = yield from plans.complete(manifest, promises, signatures, shared)
        if self._store is not None:
            yield from in_thread(first.core, partial(self._store.save, pack))
        return pack

    def _first(
        self, name: str, wanted: str | None, ask: Callable[[RegistryPlans], Plan[T]]
    ) -> Plan[tuple[RegistryPlans, T]]:
        """Plan asking one registry after the other; the first that answers decides.

        Only "not found" and "not reachable" pass a question on.  A registry that refuses a
        credential, or answers with nonsense, ends it: the next one may not stand in for it.
        """
        causes: dict[str, Exception] = {}
        for plans in self._plans:
            try:
                return plans, (yield from ask(plans))
            except NotFoundError:
                continue
            except _UNREACHABLE as exc:
                causes[plans.url] = exc
        asked = ", ".join(plans.url for plans in self._plans)
        shown = f"{name} {wanted}" if wanted else name
        if not causes:
            msg = f"no registry has {shown}; asked: {asked}"
            raise PackVersionNotFoundError(msg, pack=name, version=wanted)
        msg = f"{shown} was not found, and {', '.join(causes)} could not be asked"
        last = list(causes.values())[-1]
        raise PackRegistryUnreachableError(msg, causes=causes, pack=name, version=wanted) from last
