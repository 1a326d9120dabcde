"""What registries answer.

Registries differ in what they leave out and in how they mark what was withdrawn, so nearly
everything is optional here, and both shapes of marks are read as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self, cast

import attrs

from openwop.errors import APIResponseValidationError
from openwop.runtime import StructureError
from openwop.runtime.model import Model, on_wire

__all__ = [
    "Deprecation",
    "Keychain",
    "KeychainKey",
    "PackIndex",
    "PackSummary",
    "PackVersion",
    "RegistryDocument",
    "RegistryKey",
    "Signing",
    "VersionManifest",
    "Yank",
    "summaries",
]


@attrs.frozen(kw_only=True, repr=False)
class Deprecation(Model):
    """The advice not to use a version any more.

    Attributes:
        reason: Why.
        superseded_by: What to use instead: a version, or `name@version`.
        deprecated_at: Since when.
    """

    reason: str | None = None
    superseded_by: str | None = attrs.field(default=None, metadata=on_wire("supersededBy"))
    deprecated_at: str | None = attrs.field(default=None, metadata=on_wire("deprecatedAt"))

    def __str__(self) -> str:
        text = f"deprecated: {self.reason}" if self.reason else "deprecated"
        return f"{text}; use {self.superseded_by}" if self.superseded_by else text


@attrs.frozen(kw_only=True, repr=False)
class Yank(Model):
    """The withdrawal of a version: no range finds it, exact pins still do.

    Attributes:
        reason: Why.
        advisory_url: Where more is said.
        yanked_at: Since when.
        yanked_by: By whom.
    """

    reason: str | None = None
    advisory_url: str | None = attrs.field(default=None, metadata=on_wire("advisoryUrl"))
    yanked_at: str | None = attrs.field(default=None, metadata=on_wire("yankedAt"))
    yanked_by: str | None = attrs.field(default=None, metadata=on_wire("yankedBy"))

    def __str__(self) -> str:
        text = f"yanked: {self.reason}" if self.reason else "yanked"
        return f"{text} (see {self.advisory_url})" if self.advisory_url else text


@attrs.frozen(kw_only=True, repr=False)
class _Marked(Model):
    """What may have become of a version, in the shapes of both sources (v1.md D-54)."""

    deprecation: Deprecation | None = None
    deprecated: bool | Deprecation | None = None
    deprecation_reason: str | None = attrs.field(
        default=None, metadata=on_wire("deprecationReason")
    )
    superseded_by: str | None = attrs.field(default=None, metadata=on_wire("supersededBy"))
    yanked: bool | Yank | None = None
    yanked_reason: str | None = attrs.field(default=None, metadata=on_wire("yankedReason"))
    advisory_url: str | None = attrs.field(default=None, metadata=on_wire("advisoryUrl"))

    @property
    def deprecation_mark(self) -> Deprecation | None:
        """The deprecation, in whichever shape it came; None where the version is current."""
        if self.deprecation is not None:
            return self.deprecation
        if isinstance(self.deprecated, Deprecation):
            return self.deprecated
        if not self.deprecated:
            return None
        return Deprecation(reason=self.deprecation_reason, superseded_by=self.superseded_by)

    @property
    def yank_mark(self) -> Yank | None:
        """The withdrawal, in whichever shape it came; None where the version stands."""
        if isinstance(self.yanked, Yank):
            return self.yanked
        if not self.yanked:
            return None
        return Yank(reason=self.yanked_reason, advisory_url=self.advisory_url)


@attrs.frozen(kw_only=True, repr=False)
class PackVersion(_Marked):
    """One version in the index of a pack.

    Attributes:
        tarball_url: Where the tarball is.
        tarball_sha256: Its digest, `sha256-` and base64.
        manifest_url: Where the version manifest is.
        published_at: When it was published.
        signed: Whether there is a signature.
        signing_method: How it was signed.
        published_type_ids: The node types in it, where the registry lists them.
        published_agent_ids: The agents in it, where the registry lists them.
    """

    tarball_url: str | None = attrs.field(default=None, metadata=on_wire("tarballUrl"))
    tarball_sha256: str | None = attrs.field(default=None, metadata=on_wire("tarballSha256"))
    manifest_url: str | None = attrs.field(default=None, metadata=on_wire("manifestUrl"))
    published_at: str | None = attrs.field(default=None, metadata=on_wire("publishedAt"))
    signed: bool | None = None
    signing_method: str | None = attrs.field(default=None, metadata=on_wire("signingMethod"))
    published_type_ids: list[str] | None = attrs.field(
        default=None, metadata=on_wire("publishedTypeIds")
    )
    published_agent_ids: list[str] | None = attrs.field(
        default=None, metadata=on_wire("publishedAgentIds")
    )


@attrs.frozen(kw_only=True, repr=False)
class PackIndex(Model):
    """A pack with all its versions.

    Attributes:
        name: The name of the pack.
        description: What it is.
        versions: The versions.
        dist_tags: Versions by tag, `latest` among them.
        latest: The version that `latest` stands for, where the registry says it here.
    """

    name: str
    description: str | None = None
    versions: dict[str, PackVersion] = attrs.field(factory=dict[str, PackVersion])
    dist_tags: dict[str, str] | None = attrs.field(default=None, metadata=on_wire("dist-tags"))
    latest: str | None = None


@attrs.frozen(kw_only=True, repr=False)
class Signing(Model):
    """How a version was signed.

    Attributes:
        method: `ed25519` and `manual` are the same; `sigstore` is another matter.
        key_id: The key, as the registry lists it.
        public_key_ref: An older name of *key_id*; in a pack's own manifest, a path.
    """

    method: str | None = None
    key_id: str | None = attrs.field(default=None, metadata=on_wire("keyId"))
    public_key_ref: str | None = attrs.field(default=None, metadata=on_wire("publicKeyRef"))


@attrs.frozen(kw_only=True, repr=False)
class VersionManifest(_Marked):
    """The manifest of a pack with what its registry adds; kinds of contents stay in `extra`.

    Attributes:
        name: The name of the pack.
        version: The version.
        engines: The engines it works with, `openwop` among them, as ranges.
        integrity: The digest of the tarball, `sha256-` and base64.
        kind: The kind of pack; `node` where it is absent.
        description: What the pack is.
        license: Its licence, as an SPDX identifier.
        runtime: What runs it.
        dependencies: Packs that it needs, as ranges.
        peer_dependencies: Capabilities that it needs of its host.
        signing: How it was signed.
        published_at: When it was published.
        tarball_url: Where the tarball is.
        signature_url: Where the signature is.
    """

    name: str
    version: str
    integrity: str
    engines: dict[str, Any] = attrs.field(factory=dict[str, Any])
    kind: str | None = None
    description: str | None = None
    license: str | None = None
    runtime: dict[str, Any] | None = None
    dependencies: dict[str, str] | None = None
    peer_dependencies: dict[str, str] | None = attrs.field(
        default=None, metadata=on_wire("peerDependencies")
    )
    signing: Signing | None = None
    published_at: str | None = attrs.field(default=None, metadata=on_wire("publishedAt"))
    tarball_url: str | None = attrs.field(default=None, metadata=on_wire("tarballUrl"))
    signature_url: str | None = attrs.field(default=None, metadata=on_wire("signatureUrl"))


@attrs.frozen(kw_only=True, repr=False)
class RegistryKey(Model):
    """A key that a registry vouches for.

    Attributes:
        key_id: The id of the key; some registries call it `id` or `kid`, see *name*.
        algorithm: `ed25519`.
        public_key: The key: PEM, or base64 of its DER form or of its 32 bytes.
        valid_from: Since when it signs.
        valid_until: Until when it signs.
        permitted_namespaces: The names it may sign: `vendor.acme`, `vendor.acme.*` or `*`.
    """

    key_id: str | None = attrs.field(default=None, metadata=on_wire("keyId"))
    algorithm: str | None = None
    public_key: str | None = attrs.field(default=None, metadata=on_wire("publicKey"))
    valid_from: str | None = attrs.field(default=None, metadata=on_wire("validFrom"))
    valid_until: str | None = attrs.field(default=None, metadata=on_wire("validUntil"))
    permitted_namespaces: list[str] | None = attrs.field(
        default=None, metadata=on_wire("permittedNamespaces")
    )

    @property
    def name(self) -> str:
        """The id of the key, under whichever name it came; empty where there is none."""
        found = self.key_id or self.extra.get("id") or self.extra.get("kid")
        return found if isinstance(found, str) else ""


@attrs.frozen(kw_only=True, repr=False)
class RegistryDocument(Model):
    """A registry's discovery document.

    Attributes:
        signing_keys: The keys that it vouches for.
        endpoints: Templates of its URLs, where it names them.
    """

    signing_keys: list[RegistryKey] | None = attrs.field(
        default=None, metadata=on_wire("signingKeys")
    )
    endpoints: dict[str, Any] | None = None


@attrs.frozen(kw_only=True, repr=False)
class KeychainKey(Model):
    """One key of a namespace.

    Attributes:
        kid: The id of the key.
        algorithm: `ed25519`.
        public_key: The key, as in `RegistryKey`.
        valid_from: Since when it signs.
        valid_until: Until when it signs; what it signed before stays good.
        rotated_from: The key before it.
        rotated_to: The key after it.
        rotation_proof: Base64 of the signature of the key before it, over the id, the key and
            *valid_from* of this one.
    """

    kid: str
    algorithm: str | None = None
    public_key: str | None = attrs.field(default=None, metadata=on_wire("publicKey"))
    valid_from: str | None = attrs.field(default=None, metadata=on_wire("validFrom"))
    valid_until: str | None = attrs.field(default=None, metadata=on_wire("validUntil"))
    rotated_from: str | None = attrs.field(default=None, metadata=on_wire("rotatedFrom"))
    rotated_to: str | None = attrs.field(default=None, metadata=on_wire("rotatedTo"))
    rotation_proof: str | None = attrs.field(default=None, metadata=on_wire("rotationProof"))


@attrs.frozen(kw_only=True, repr=False)
class Keychain(Model):
    """The keys of a namespace, past ones included.

    Attributes:
        namespace: The namespace, `vendor.acme`.
        keys: The keys.
    """

    namespace: str | None = None
    keys: list[KeychainKey] = attrs.field(factory=list[KeychainKey])


@attrs.frozen(kw_only=True, repr=False)
class PackSummary(Model):
    """A pack in a list or among the results of a search; the rest is in `extra`.

    Attributes:
        name: The name of the pack.
        version: The version that fits.
        description: What it is.
        latest: Its latest version.
    """

    name: str
    version: str | None = None
    description: str | None = None
    latest: str | None = None

    @classmethod
    def read(cls, value: object) -> Self:
        """Return the summary that *value* is; a bare string is a name."""
        if isinstance(value, str):
            return cls(name=value)
        return cls.from_dict(cast("Mapping[str, object]", value))


_LISTS: Final = ("packs", "results", "items", "objects")


def summaries(data: Any, operation: str) -> list[PackSummary]:
    """Return the packs in *data*, an array, or an object that holds one under a usual name.

    Args:
        data: The decoded answer.
        operation: The method, for the message.

    Raises:
        APIResponseValidationError: It is neither.
    """
    if isinstance(data, Mapping):
        members = cast("Mapping[str, Any]", data)
        data = next((members[name] for name in _LISTS if name in members), None)
        if isinstance(data, Mapping):  # by name, as a static index may have them
            data = list(cast("Mapping[str, Any]", data))
    if not isinstance(data, list):
        msg = f"{operation}: expected an array of packs"
        raise APIResponseValidationError(msg)
    try:
        return [PackSummary.read(item) for item in cast("list[object]", data)]
    except StructureError as exc:
        msg = f"{operation}: {exc}"
        raise APIResponseValidationError(msg, path=exc.path) from exc
