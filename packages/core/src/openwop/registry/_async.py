"""The asynchronous client of a registry, and of several in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar, Unpack

from openwop._generated.models.packs import PackPublication
from openwop.registry import _operations as ops
from openwop.registry._archive import DEFAULT_LIMITS, ArchiveLimits
from openwop.registry._dialect import Policy, Signatures
from openwop.registry._keys import TrustedKey
from openwop.registry._making import DEFAULT_RETRY, make
from openwop.registry._models import (
    Keychain,
    KeychainKey,
    PackIndex,
    PackSummary,
    RegistryDocument,
    VersionManifest,
)
from openwop.registry._pack import Pack, ResolvedVersion
from openwop.registry._plans import RegistryPlans
from openwop.registry._resolving import ResolverPlans
from openwop.registry._store import PackStore
from openwop.runtime import Auth, BaseAsyncClient, CallOptions, MutationOptions, RetryPolicy
from openwop.runtime._drivers import drive_async
from openwop.runtime._effects import Plan
from openwop.wire import AsyncTransport

__all__ = ["AsyncPackResolver", "AsyncRegistryClient"]

T = TypeVar("T")


class AsyncRegistryClient(BaseAsyncClient):
    """A client of one node-pack registry, on asyncio and trio; use it inside `async with`.

    `fetch` is what most programs need: it downloads a pack and verifies its digest, its contents
    and its signature.  The other methods each make one request and verify nothing.

    Args:
        base_url: The registry's origin; by default `OPENWOP_REGISTRY_URL`.
        api_key: The API key; by default `OPENWOP_REGISTRY_API_KEY`, where *base_url* is from the
            environment too.  Most registries are read without one.
        auth: In place of a key: a function that returns one, or a provider.
        signatures: What `fetch` asks of signatures: `required`, `if-present` (an attacker can then
            drop them) or `ignored`.
        trusted_keys: Keys that count beside those that the registry lists.
        limits: How large packs may be.
        timeout: Seconds that one attempt may take, up to the last byte of its body; None for no
            bound.
        deadline: Seconds that a call may take with all its requests, retries and waits; None for
            no bound.
        retry: How often and how patiently a request is repeated.
        transport: What moves the bytes; by default httpx.  One that is passed in is left open.
        plugins: Plugins of this client.
        load_plugins: Whether the installed plugins take part.
        headers: Headers to send with every request.

    Raises:
        ConfigurationError: An argument, or what the environment gives, is wrong.

    Section: v1.md §21.
    """

    def __init__(
        self,
        base_url: str | None = None,
        *,
        api_key: str | None = None,
        auth: Auth | None = None,
        signatures: Signatures = "required",
        trusted_keys: Iterable[TrustedKey] = (),
        limits: ArchiveLimits = DEFAULT_LIMITS,
        timeout: float | None = 30.0,
        deadline: float | None = None,
        retry: RetryPolicy = DEFAULT_RETRY,
        transport: AsyncTransport | None = None,
        plugins: Iterable[object] = (),
        load_plugins: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._is_copy = False
        self._core, self._settings = make(
            self,
            base_url=base_url,
            api_key=api_key,
            auth=auth,
            timeout=timeout,
            deadline=deadline,
            retry=retry,
            transport=transport,
            plugins=plugins,
            load_plugins=load_plugins,
            headers=headers,
            policy=Policy(signatures, tuple(trusted_keys), limits),
        )

    @property
    def _plans(self) -> RegistryPlans:
        return RegistryPlans(self)

    async def _run(self, plan: Plan[T]) -> T:
        return await drive_async(plan, self._io)

    # -- verified -------------------------------------------------------------------------------

    async def fetch(
        self,
        name: str,
        wanted: str | None = None,
        *,
        integrity: str | None = None,
        signatures: Signatures | None = None,
        **options: Unpack[CallOptions],
    ) -> Pack:
        """Download a pack and verify it; what is returned can be unpacked.

        The digest is compared with the version manifest, the index, the ETag and *integrity*; the
        tarball is read with limits; its manifest must be of the pack that was asked for; and its
        signature must be by a key that counts for its name and was valid at its publication.

        Args:
            name: The name of the pack.
            wanted: A version, a tag, or a range such as `^1.2`; None for the latest.  A yanked
                version is found by its exact number only, and `Pack.warnings` says so.
            integrity: The digest that the tarball must have, `sha256-...`.
            signatures: What to ask of signatures, in place of the client's.
            **options: Options of the call; the deadline bounds all of its requests together.

        Raises:
            NotFoundError: There is no such pack or version.
            PackVersionNotFoundError: No version fits the range.
            PackIntegrityError: The bytes are not those that were promised.
            PackArchiveError: The tarball is unsafe or broken.
            PackSignatureError: No signature that counts covers it.
            ConfigurationError: An argument is wrong, or the extra `verify` is missing.

        Section: v1.md §21, D-19, D-54, D-55.
        """
        return await self._run(self._plans.fetch(name, wanted, integrity, signatures, options))

    async def resolve(
        self, name: str, wanted: str | None = None, **options: Unpack[CallOptions]
    ) -> ResolvedVersion:
        """Find the version that a range stands for, without downloading it.

        Args:
            name: The name of the pack.
            wanted: A version, a tag or a range; None for the latest.
            **options: Options of the call.

        Raises:
            NotFoundError: There is no such pack.
            PackVersionNotFoundError: No version fits.

        Section: v1.md §21.
        """
        return await self._run(self._plans.resolve(name, wanted, options))

    # -- reading --------------------------------------------------------------------------------

    async def discovery(self, **options: Unpack[CallOptions]) -> RegistryDocument:
        """Read the registry's discovery document.

        Args:
            **options: Options of the call.

        Raises:
            NotFoundError: The registry has none, under either of its names.

        Section: v1.md §21.
        """
        return await self._run(self._plans.discovery(options))

    async def pack_index(self, name: str, **options: Unpack[CallOptions]) -> PackIndex:
        """Read the index of a pack: all its versions, tags and marks.

        Args:
            name: The name of the pack.
            **options: Options of the call.

        Raises:
            NotFoundError: There is no such pack.

        Section: v1.md §21.
        """
        return await self._run(self._plans.index(name, options))

    async def version_manifest(
        self, name: str, version: str, **options: Unpack[CallOptions]
    ) -> VersionManifest:
        """Read the manifest of one version.

        Args:
            name: The name of the pack.
            version: The version.
            **options: Options of the call.

        Raises:
            NotFoundError: There is no such version.

        Section: v1.md §21.
        """
        return await self._run(
            self._plans.simple(ops.MANIFEST, options, name=name, version=version)
        )

    async def signature(self, name: str, version: str, **options: Unpack[CallOptions]) -> bytes:
        """Download the detached signature of a version, unverified.

        Args:
            name: The name of the pack.
            version: The version.
            **options: Options of the call.

        Raises:
            SignatureNotAvailableError: There is none: unsigned, yanked and missing look the same.

        Section: v1.md §21, D-19.
        """
        return await self._run(
            self._plans.simple(ops.SIGNATURE, options, name=name, version=version)
        )

    async def keychain(self, name: str, **options: Unpack[CallOptions]) -> Keychain:
        """Read the keys of a pack's namespace, past ones included; which of them count is open.

        Args:
            name: The name of the pack.
            **options: Options of the call.

        Raises:
            NotFoundError: There is no keychain.

        Section: v1.md §21.
        """
        return await self._run(self._plans.keychain(name, options))

    async def public_key(self, key_id: str, **options: Unpack[CallOptions]) -> bytes:
        """Download a public key; whether it counts is for `fetch` to say.

        Args:
            key_id: The id of the key.
            **options: Options of the call.

        Returns:
            The key as the registry serves it; `load_public_key` reads it.

        Raises:
            NotFoundError: There is no such key.

        Section: v1.md §21.
        """
        return await self._run(self._plans.simple(ops.KEY, options, key_id=key_id))

    async def search_packs(self, query: str, **options: Unpack[CallOptions]) -> list[PackSummary]:
        """Search for packs; what was just published may be missing.

        Args:
            query: What to look for.
            **options: Options of the call.

        Raises:
            CapabilityNotSupportedError: The registry has no search.

        Section: v1.md §21.
        """
        return await self._run(self._plans.listing(ops.SEARCH, options, query=query))

    async def packs_by_type(
        self, type_id: str, **options: Unpack[CallOptions]
    ) -> list[PackSummary]:
        """Find the packs that bring a node type; its id need not begin with the pack's name.

        Args:
            type_id: The id of the node type.
            **options: Options of the call.

        Raises:
            CapabilityNotSupportedError: The registry cannot look packs up in this way.

        Section: v1.md §21.
        """
        return await self._run(self._plans.listing(ops.BY_TYPE, options, type_id=type_id))

    async def list_packs(self, **options: Unpack[CallOptions]) -> list[PackSummary]:
        """List all packs.

        Args:
            **options: Options of the call.

        Raises:
            CapabilityNotSupportedError: The registry does not list its packs.

        Section: v1.md §21.
        """
        return await self._run(self._plans.listing(ops.PACKS, options))

    async def export_packs(self, **options: Unpack[CallOptions]) -> bytes:
        """Download the registry's export, as it comes.

        Args:
            **options: Options of the call.

        Raises:
            CapabilityNotSupportedError: The registry has no export.

        Section: v1.md §21.
        """
        return await self._run(self._plans.simple(ops.EXPORT, options))

    # -- publishing -----------------------------------------------------------------------------

    async def publish(
        self,
        name: str,
        version: str,
        tarball: bytes,
        *,
        signing_method: str | None = None,
        check: bool = True,
        **options: Unpack[MutationOptions],
    ) -> PackPublication:
        """Publish a version; the same bytes again change nothing.

        Args:
            name: The name of the pack.
            version: The version.
            tarball: The bytes of the tarball; `build_tarball` makes one.
            signing_method: How it is signed: `manual`, `sigstore` or `none`.
            check: Whether to check here first what the registry will check; False leaves it to
                the registry.
            **options: Options of the call.

        Raises:
            PackArchiveError: The tarball is none that a registry takes; nothing was sent.
            PackRejectedError: The registry refused it; `.stage` and `.code` say why.
            PermissionDeniedError: The namespace belongs to somebody else.
            VersionConflictError: The version exists, with other bytes.

        Section: v1.md §21, D-18, D-55.
        """
        return await self._run(
            self._plans.publish(name, version, tarball, signing_method, options, check=check)
        )

    async def unpublish(self, name: str, version: str, **options: Unpack[MutationOptions]) -> None:
        """Take a version back within 72 hours of its publication.

        Args:
            name: The name of the pack.
            version: The version.
            **options: Options of the call.

        Raises:
            UnpublishWindowExpiredError: It is too late: deprecate or yank it.
            PermissionDeniedError: The namespace belongs to somebody else.

        Section: v1.md §21.
        """
        return await self._run(
            self._plans.simple(ops.UNPUBLISH, options, name=name, version=version)
        )

    async def deprecate(
        self,
        name: str,
        version: str,
        *,
        reason: str,
        superseded_by: str | None = None,
        **options: Unpack[MutationOptions],
    ) -> None:
        """Advise against a version; it is found and served as before.

        Args:
            name: The name of the pack.
            version: The version.
            reason: Why.
            superseded_by: What to use instead: a version, or `name@version`.
            **options: Options of the call.

        Raises:
            NotFoundError: There is no such version.
            PermissionDeniedError: The namespace belongs to somebody else.

        Section: v1.md §21, D-54.
        """
        return await self._run(
            self._plans.simple(
                ops.DEPRECATE,
                options,
                name=name,
                version=version,
                reason=reason,
                superseded_by=superseded_by,
            )
        )

    async def undeprecate(
        self, name: str, version: str, **options: Unpack[MutationOptions]
    ) -> None:
        """Take a deprecation back.

        Args:
            name: The name of the pack.
            version: The version.
            **options: Options of the call.

        Raises:
            NotFoundError: There is no such version.
            PermissionDeniedError: The namespace belongs to somebody else.

        Section: v1.md §21.
        """
        return await self._run(
            self._plans.simple(ops.UNDEPRECATE, options, name=name, version=version)
        )

    async def yank(
        self,
        name: str,
        version: str,
        *,
        reason: str,
        advisory_url: str | None = None,
        **options: Unpack[MutationOptions],
    ) -> None:
        """Withdraw a version: no range finds it any more, exact pins still do.

        Args:
            name: The name of the pack.
            version: The version.
            reason: Why.
            advisory_url: Where more is said.
            **options: Options of the call.

        Raises:
            NotFoundError: There is no such version.
            PermissionDeniedError: The key lacks the scope `packs:yank`.

        Section: v1.md §21, D-54.
        """
        return await self._run(
            self._plans.simple(
                ops.YANK,
                options,
                name=name,
                version=version,
                reason=reason,
                advisory_url=advisory_url,
            )
        )

    async def unyank(self, name: str, version: str, **options: Unpack[MutationOptions]) -> None:
        """Take a withdrawal back.

        Args:
            name: The name of the pack.
            version: The version.
            **options: Options of the call.

        Raises:
            NotFoundError: There is no such version.
            PermissionDeniedError: The key lacks the scope `packs:yank-revert`.

        Section: v1.md §21.
        """
        return await self._run(self._plans.simple(ops.UNYANK, options, name=name, version=version))

    async def rotate_key(
        self,
        name: str,
        key: KeychainKey | Mapping[str, object],
        **options: Unpack[MutationOptions],
    ) -> None:
        """Add a key to the keychain of a pack's namespace.

        Args:
            name: The name of the pack.
            key: The key with the proof that the one before it gives; `rotated_key` makes it.
            **options: Options of the call.

        Raises:
            PermissionDeniedError: The namespace belongs to somebody else.
            BadRequestError: The registry does not accept the key or its proof.

        Section: v1.md §21.
        """
        return await self._run(self._plans.simple(ops.ROTATE, options, name=name, key=key))


class AsyncPackResolver:
    """Several registries in order, and a folder of packs for when there is no network.

    The first registry that has what was asked for decides; those after it are not asked.  Only
    "not found" and "not reachable" pass a question on: a refused credential or a pack that does
    not verify is an error, whatever another registry might have.  Each registry vouches for its
    own packs alone.  The clients are left open: close them yourself.

    Args:
        clients: The registries, the primary first.
        store: Where packs that were fetched are kept.
        offline: True to take packs from *store* alone; nothing is ever sent.

    Raises:
        ConfigurationError: There is no client, or *offline* without *store*.

    Section: v1.md §21.
    """

    def __init__(
        self,
        clients: Sequence[AsyncRegistryClient],
        *,
        store: PackStore | None = None,
        offline: bool = False,
    ) -> None:
        self._plans = ResolverPlans(clients, store, offline=offline)
        self._client = clients[0]

    async def _run(self, plan: Plan[T]) -> T:
        return await drive_async(plan, self._client._io)  # noqa: SLF001  # any of them moves the plan on

    async def fetch(
        self,
        name: str,
        wanted: str | None = None,
        *,
        integrity: str | None = None,
        signatures: Signatures | None = None,
        **options: Unpack[CallOptions],
    ) -> Pack:
        """Download a pack from the first registry that has it, and verify it.

        Args:
            name: The name of the pack.
            wanted: A version, a tag or a range; None for the latest.
            integrity: The digest that the tarball must have, `sha256-...`.
            signatures: What to ask of signatures, in place of what the registry's client asks.
            **options: Options of the call; the deadline bounds all of its requests together.

        Raises:
            PackVersionNotFoundError: No registry, or not the store, has what was asked for.
            PackRegistryUnreachableError: No registry has it, and one could not be asked.
            PackIntegrityError: The bytes are not those that were promised.
            PackArchiveError: The tarball is unsafe or broken.
            PackSignatureError: No signature that counts covers it.

        Section: v1.md §21.
        """
        return await self._run(self._plans.fetch(name, wanted, integrity, signatures, options))

    async def resolve(
        self, name: str, wanted: str | None = None, **options: Unpack[CallOptions]
    ) -> ResolvedVersion:
        """Find the version that a range stands for at the first registry that knows the pack.

        Args:
            name: The name of the pack.
            wanted: A version, a tag or a range; None for the latest.
            **options: Options of the call.

        Raises:
            PackVersionNotFoundError: No registry knows the pack, or the first that does has no
                version that fits.
            PackRegistryUnreachableError: No registry knows it, and one could not be asked.
            ConfigurationError: The resolver is offline.

        Section: v1.md §21.
        """
        return await self._run(self._plans.resolve(name, wanted, options))
