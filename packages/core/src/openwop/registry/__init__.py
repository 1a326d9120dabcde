"""Node packs: found, verified, unpacked and published (v1.md section 21).

    from openwop.registry import RegistryClient

    with RegistryClient("https://packs.example.com") as registry:
        pack = registry.fetch("vendor.acme.tools", "^1.2")
        pack.extract("packs/acme-tools")

Signatures need the extra `verify` (the `cryptography` library).
"""

from __future__ import annotations

from openwop.registry._archive import (
    Archive,
    ArchiveLimits,
    build_tarball,
    extract,
    read_archive,
)
from openwop.registry._async import AsyncPackResolver, AsyncRegistryClient
from openwop.registry._dialect import Signatures
from openwop.registry._errors import (
    PackArchiveError,
    PackArchiveRejectedError,
    PackIntegrityError,
    PackIntegrityRejectedError,
    PackManifestRejectedError,
    PackNameRejectedError,
    PackNamespaceError,
    PackRegistryUnreachableError,
    PackRejectedError,
    PackSignatureError,
    PackVersionNotFoundError,
    RegistryError,
    SignatureNotAvailableError,
    UnpublishWindowExpiredError,
    VersionConflictError,
)
from openwop.registry._keys import Keyring, TrustedKey, keyring, load_public_key
from openwop.registry._models import (
    Deprecation,
    Keychain,
    KeychainKey,
    PackIndex,
    PackSummary,
    PackVersion,
    RegistryDocument,
    RegistryKey,
    Signing,
    VersionManifest,
    Yank,
)
from openwop.registry._pack import Pack, ResolvedVersion
from openwop.registry._semver import Version, VersionRange
from openwop.registry._signatures import (
    VerifiedSignature,
    check_integrity,
    integrity_of,
    rotated_key,
    rotation_proof,
    sign,
    verify_signature,
)
from openwop.registry._store import PackStore
from openwop.registry._sync import PackResolver, RegistryClient

__all__ = [
    "Archive",
    "ArchiveLimits",
    "AsyncPackResolver",
    "AsyncRegistryClient",
    "Deprecation",
    "Keychain",
    "KeychainKey",
    "Keyring",
    "Pack",
    "PackArchiveError",
    "PackArchiveRejectedError",
    "PackIndex",
    "PackIntegrityError",
    "PackIntegrityRejectedError",
    "PackManifestRejectedError",
    "PackNameRejectedError",
    "PackNamespaceError",
    "PackRegistryUnreachableError",
    "PackRejectedError",
    "PackResolver",
    "PackSignatureError",
    "PackStore",
    "PackSummary",
    "PackVersion",
    "PackVersionNotFoundError",
    "RegistryClient",
    "RegistryDocument",
    "RegistryError",
    "RegistryKey",
    "ResolvedVersion",
    "SignatureNotAvailableError",
    "Signatures",
    "Signing",
    "TrustedKey",
    "UnpublishWindowExpiredError",
    "VerifiedSignature",
    "Version",
    "VersionConflictError",
    "VersionManifest",
    "VersionRange",
    "Yank",
    "build_tarball",
    "check_integrity",
    "extract",
    "integrity_of",
    "keyring",
    "load_public_key",
    "read_archive",
    "rotated_key",
    "rotation_proof",
    "sign",
    "verify_signature",
]
