"""What a registry's client does beyond one request, as plans: written once, driven in both colours.

Each request within a plan is a whole logical call of its own, so that retries, hooks and errors are
those of any call; a deadline is shared by all of them.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final, TypeAlias, TypeVar, cast

import attrs

from openwop._generated.models.packs import PackPublication
from openwop.errors import (
    APIResponseValidationError,
    CapabilityNotSupportedError,
    ConfigurationError,
    NotFoundError,
)
from openwop.registry import _operations as ops
from openwop.registry._archive import Archive, read_archive
from openwop.registry._dialect import Layout, RegistryState, Signatures
from openwop.registry._errors import PackSignatureError, PackVersionNotFoundError, RegistryError
from openwop.registry._keys import Keyring, keyring, load_public_key
from openwop.registry._making import check_signatures
from openwop.registry._models import (
    Keychain,
    PackIndex,
    PackSummary,
    RegistryDocument,
    RegistryKey,
    VersionManifest,
    summaries,
)
from openwop.registry._pack import (
    Pack,
    ResolvedVersion,
    check_manifest,
    check_name,
    check_publishable,
    check_served,
    check_version,
    choose,
    exact,
    warnings_of,
)
from openwop.registry._signatures import (
    VerifiedSignature,
    check_integrity,
    integrity_of,
    verify_signature,
)
from openwop.runtime import CallOptions, Core, MutationOptions, Operation, StructureError, _json
from openwop.runtime._effects import Plan, invoke

__all__ = ["Promises", "RegistryPlans", "Shared", "in_thread", "promises_of"]

T = TypeVar("T")

logger = logging.getLogger("openwop")

_TRUST_AGE: Final = 300.0
"""Seconds for which a discovery document counts: so long may a key that was withdrawn go on."""

_KEYS: Final = 16
"""The most keys that are fetched one by one for one pack."""


Promises: TypeAlias = "tuple[tuple[str, str], ...]"
"""Who promises which digest of a tarball."""


def promises_of(resolved: ResolvedVersion) -> Promises:
    """Return the digest that an index promises for a version, where it does."""
    digest = resolved.entry.tarball_sha256
    return () if digest is None else (("the index", digest),)


def in_thread(core: Core, function: Callable[[], T]) -> Plan[T]:
    """Call a function that takes long, off the event loop where there is one."""
    # An Invoke, so that what is found wrong with a pack comes back to the plan.
    if not core.is_async:
        return cast("T", (yield from invoke(function)))
    import anyio

    return cast("T", (yield from invoke(partial(anyio.to_thread.run_sync, function))))


class Shared:
    """Options of several calls that are one to the caller: the deadline is shared.

    Args:
        plans: The plans of the client whose settings hold where the caller said nothing.
        options: What the caller said.
    """

    def __init__(self, plans: RegistryPlans, options: Mapping[str, Any]) -> None:
        self._options = dict(options)
        self._now = plans.core.now
        whole = self._options.get("deadline", plans.deadline)
        self._end = None if whole is None else self._now() + whole

    def left(self) -> CallOptions:
        """Return the options of the next call."""
        if self._end is not None:
            self._options["deadline"] = self._end - self._now()
        return cast("CallOptions", self._options)


class RegistryPlans:
    """The plans of one client.

    Args:
        client: The client, in either colour.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self.core: Core = client._core  # noqa: SLF001  # the plans of this very client
        self.deadline: float | None = client._settings.deadline  # noqa: SLF001
        self.url = self.core.base_url
        self.state: RegistryState = self.core.state

    def call(
        self, operation: Operation[T], options: Shared, arguments: Mapping[str, Any]
    ) -> Plan[T]:
        """Plan one request."""
        perform = partial(self._client.perform, operation, arguments, options.left())
        return cast("T", (yield from invoke(perform)))

    def simple(
        self, operation: Operation[T], options: Mapping[str, Any], **arguments: Any
    ) -> Plan[T]:
        """Plan what is one request, its name and version checked."""
        if "name" in arguments:
            check_name(arguments["name"])
        if "version" in arguments:
            check_version(arguments["version"])
        return (yield from self.call(operation, Shared(self, options), arguments))

    # -- reading --------------------------------------------------------------------------------

    def discovery(self, options: Mapping[str, Any]) -> Plan[RegistryDocument]:
        """Plan the reading of the discovery document, under either of its names."""
        return (yield from self._discovery(Shared(self, options)))

    def _discovery(self, options: Shared) -> Plan[RegistryDocument]:
        try:
            document = yield from self.call(ops.DISCOVERY, options, {})
        except (NotFoundError, APIResponseValidationError) as first:
            try:
                document = yield from self.call(ops.DISCOVERY_JSON, options, {})
            except NotFoundError:
                raise first from None
        self.state.document, self.state.read_at = document, self.core.now()
        return document

    def index(self, name: str, options: Mapping[str, Any]) -> Plan[PackIndex]:
        """Plan the reading of the index of a pack, however the registry lays it out."""
        return (yield from self._index(check_name(name), Shared(self, options)))

    def _index(self, name: str, options: Shared) -> Plan[PackIndex]:
        layouts: tuple[Layout, ...] = ("dynamic", "static", "root")
        if self.state.layout is not None:
            layouts = (self.state.layout,)
        missing: Exception | None = None
        for layout in layouts:
            try:
                index = yield from self._index_as(layout, name, options)
            except (NotFoundError, APIResponseValidationError) as exc:
                missing = missing or exc
                if isinstance(exc, NotFoundError) and exc.code:
                    break  # a registry has spoken, not a web server: it has no such pack
                continue
            if index is None:
                continue
            self.state.layout = layout
            return index
        if missing is not None:
            raise missing
        msg = f"registry.index failed: {self.url} lists its packs, and {name} is not among them"
        raise NotFoundError(msg, status_code=404, code="not_found")

    def _index_as(self, layout: Layout, name: str, options: Shared) -> Plan[PackIndex | None]:
        if layout == "root":
            found = yield from self.call(ops.STATIC_ROOT, options, {})
            return _within(found, name)
        operation = ops.INDEX if layout == "dynamic" else ops.STATIC_INDEX
        index = yield from self.call(operation, options, {"name": name})
        if index.name != name:
            msg = f"registry.index: asked for {name}, got the index of {index.name}"
            raise APIResponseValidationError(msg, path="PackIndex.name")
        return index

    def keychain(self, name: str, options: Mapping[str, Any]) -> Plan[Keychain]:
        """Plan the reading of the keychain of a pack's namespace."""
        return (yield from self.simple(ops.KEYCHAIN, options, name=name))

    def listing(
        self, operation: Operation[Any], options: Mapping[str, Any], **arguments: Any
    ) -> Plan[list[PackSummary]]:
        """Plan a list of packs."""
        found = yield from self.call(operation, Shared(self, options), arguments)
        return summaries(found, operation.name)

    # -- resolving ------------------------------------------------------------------------------

    def resolve(
        self, name: str, wanted: str | None, options: Mapping[str, Any]
    ) -> Plan[ResolvedVersion]:
        """Plan the choice of a version."""
        return (yield from self.resolving(check_name(name), wanted, Shared(self, options)))

    def resolving(self, name: str, wanted: str | None, options: Shared) -> Plan[ResolvedVersion]:
        """Plan the choice of a version from the index."""
        index = yield from self._index(name, options)
        version = choose(index, wanted)
        if version is None:
            msg = (
                f"{self.url} has no version of {name} for {wanted or 'latest'}; it has "
                f"{', '.join(index.versions) or 'none'}"
            )
            raise PackVersionNotFoundError(msg, pack=name, version=wanted, registry=self.url)
        entry = index.versions[version]
        return ResolvedVersion(name, version, self.url, entry, warnings_of(name, version, entry))

    # -- fetching -------------------------------------------------------------------------------

    def fetch(
        self,
        name: str,
        wanted: str | None,
        integrity: str | None,
        signatures: Signatures | None,
        options: Mapping[str, Any],
    ) -> Plan[Pack]:
        """Plan the download of a pack with everything that is checked of it."""
        shared = Shared(self, options)
        check_name(name)
        version = exact(wanted)
        promises: Promises = ()
        if version is None:
            resolved = yield from self.resolving(name, wanted, shared)
            version, promises = resolved.version, promises_of(resolved)
        if integrity is not None:
            promises = ("integrity=", integrity), *promises
        manifest = yield from self.served(name, version, shared)
        return (yield from self.complete(manifest, promises, signatures, shared))

    def served(self, name: str, version: str, options: Shared) -> Plan[VersionManifest]:
        """Plan the reading of a version manifest."""
        at = {"name": name, "version": version}
        manifest = yield from self.call(ops.MANIFEST, options, at)
        check_served(manifest, name, version)
        return manifest

    def complete(
        self,
        manifest: VersionManifest,
        promises: Promises,
        signatures: Signatures | None,
        options: Shared,
    ) -> Plan[Pack]:
        """Plan the rest of a download: tarball, digest, contents, signature."""
        asked = self.state.policy.signatures if signatures is None else signatures
        try:
            pack = yield from self._verified(manifest, promises, check_signatures(asked), options)
        except RegistryError as exc:
            exc.pack, exc.version, exc.registry = manifest.name, manifest.version, self.url
            raise
        for warning in pack.warnings:
            logger.warning("%s (%s)", warning, self.url)
        return pack

    def _verified(
        self,
        manifest: VersionManifest,
        promises: Promises,
        asked: Signatures,
        options: Shared,
    ) -> Plan[Pack]:
        name, version = manifest.name, manifest.version
        at = {"name": name, "version": version}
        limits = self.state.policy.limits
        large = self._client._copied(  # noqa: SLF001
            mode="raw", max_response_bytes=limits.tarball
        )
        answer = yield from invoke(partial(large.perform, ops.TARBALL, at, options.left()))
        tarball = cast("bytes", answer.parsed)
        promises = *promises, ("the version manifest", manifest.integrity)
        etag = answer.headers.get("etag", "").removeprefix("W/").strip('"')
        if etag.startswith("sha256-"):
            promises = *promises, ("the ETag", etag)
        read = partial(_read, tarball, promises, name, version, limits)
        archive = yield from in_thread(self.core, read)
        warnings = list(warnings_of(name, version, manifest))
        signature: VerifiedSignature | None = None
        if asked != "ignored":
            signature = yield from self._signature(manifest, archive, asked, options)
            if signature is None:
                warnings.append(f"{name} {version} has no signature")
        return Pack(
            name, version, self.url, integrity_of(tarball), tarball, manifest, archive.manifest,
            signature, tuple(warnings), limits,
        )  # fmt: skip

    def _signature(
        self,
        manifest: VersionManifest,
        archive: Archive,
        asked: Signatures,
        options: Shared,
    ) -> Plan[VerifiedSignature | None]:
        """Plan the verification of a signature; None where there is none and none is required."""
        name = manifest.name
        at = {"name": name, "version": manifest.version}
        try:
            raw = yield from self.call(ops.SIGNATURE, options, at)
        except (NotFoundError, CapabilityNotSupportedError) as exc:
            if asked == "if-present":
                return None
            msg = (
                f"{name} {manifest.version} has no signature at {self.url}; pass "
                "signatures='if-present' to take unsigned packs"
            )
            raise PackSignatureError(msg) from exc
        keys = yield from self._keyring(name, options)
        work = partial(
            verify_signature,
            archive,
            raw,
            keys,
            pack=name,
            signing=manifest.signing,
            published_at=manifest.published_at,
            now=self.core.wall(),
        )
        return (yield from in_thread(self.core, work))

    def _keyring(self, name: str, options: Shared) -> Plan[Keyring]:
        """Plan the gathering of the keys whose signatures count for a pack."""
        state = self.state
        now = self.core.now()
        if state.read_at is None or now - state.read_at > _TRUST_AGE:
            try:
                yield from self._discovery(options)
            except NotFoundError:  # then only the keys that the caller trusts count
                state.document, state.read_at = None, now
        document = state.document
        if document is not None:
            document = yield from self._with_keys(document, options)
        keychain: Keychain | None = None
        with suppress(NotFoundError, CapabilityNotSupportedError):
            keychain = yield from self.call(ops.KEYCHAIN, options, {"name": name})
        return keyring(name, document, keychain, state.policy.trusted_keys)

    def _with_keys(self, document: RegistryDocument, options: Shared) -> Plan[RegistryDocument]:
        """Plan the fetching of keys that the discovery document names without showing them."""
        keys: list[RegistryKey] = []
        fetched = 0
        for key in document.signing_keys or []:
            if key.public_key is None and key.name and fetched < _KEYS:
                fetched += 1
                try:
                    raw = yield from self.call(ops.KEY, options, {"key_id": key.name})
                except NotFoundError:
                    continue
                key = attrs.evolve(key, public_key=_as_text(raw))
            keys.append(key)
        if not fetched:
            return document
        made = attrs.evolve(document, signing_keys=keys)
        self.state.document = made
        return made

    # -- publishing -----------------------------------------------------------------------------

    def publish(
        self,
        name: str,
        version: str,
        tarball: bytes,
        signing_method: str | None,
        options: MutationOptions,
        *,
        check: bool,
    ) -> Plan[PackPublication]:
        """Plan the publication of a version."""
        check_name(name)
        check_version(version)
        if check:
            work = partial(
                check_publishable, name, version, tarball, limits=self.state.policy.limits
            )
            yield from in_thread(self.core, work)
        integrity = integrity_of(tarball)
        body = yield from self.simple(
            ops.PUBLISH,
            options,
            name=name,
            version=version,
            tarball=tarball,
            integrity=integrity,
            signing_method=signing_method,
        )
        return _publication(body, name, version, integrity)


def _as_text(key: bytes) -> str:
    """Return a key as a document would have it; what is none is found out when it is loaded."""
    try:
        return base64.b64encode(load_public_key(key)).decode()
    except ConfigurationError:
        return key.decode("ascii", "replace")


def _read(tarball: bytes, promises: Promises, name: str, version: str, limits: Any) -> Archive:
    """Check the digest of a tarball before anything else is done with it, then read it."""
    for where, digest in promises:
        check_integrity(tarball, digest, where=where)
    archive = read_archive(tarball, limits=limits)
    check_manifest(archive, name, version)
    return archive


def _within(data: Any, name: str) -> PackIndex | None:
    """Return the index of a pack out of a static registry's one index; None where it is not in."""
    if not isinstance(data, Mapping):
        return None
    members = cast("Mapping[str, Any]", data)
    packs = cast("object", members.get("packs", members))
    entry: object = None
    if isinstance(packs, Mapping):
        entry = cast("Mapping[str, object]", packs).get(name)
    elif isinstance(packs, list):
        for item in cast("list[object]", packs):
            if isinstance(item, Mapping):
                members = cast("Mapping[str, Any]", item)
                entry = members if members.get("name") == name else entry
    if not isinstance(entry, Mapping):
        return None
    found = {"name": name, **cast("Mapping[str, object]", entry)}
    try:
        return PackIndex.from_dict(found)
    except StructureError as exc:
        msg = f"registry.index: {exc}"
        raise APIResponseValidationError(msg, path=exc.path) from exc


def _publication(body: bytes, name: str, version: str, integrity: str) -> PackPublication:
    """Return what a registry says of a publication; it has happened, whatever it says."""
    said: Mapping[str, object] = {}
    try:
        data = _json.loads(body) if body else None
        if isinstance(data, Mapping):
            said = cast("Mapping[str, object]", data)
        return PackPublication.from_dict(
            {"name": name, "version": version, "tarballSha256": integrity, **said}
        )
    except (ValueError, StructureError):
        return PackPublication(name=name, version=version, tarball_sha256=integrity)
