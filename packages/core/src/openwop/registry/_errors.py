"""What can be wrong with a pack: found here before it is used, or refused by a registry.

RegistryError                       found here; `.code` is the protocol's word for it
  PackArchiveError                  the tarball is unsafe or broken
  PackIntegrityError                the bytes are not the ones that were promised
  PackSignatureError                nobody who may has signed them
    PackNamespaceError              the signer may not sign packs of this name
  PackVersionNotFoundError          no registry has a version that fits; also a LookupError
  PackRegistryUnreachableError      no registry has it, and one could not be asked

PackRejectedError                   a registry refused to publish; also an APIStatusError
  PackNameRejectedError             PackArchiveRejectedError
  PackManifestRejectedError         PackIntegrityRejectedError
VersionConflictError                UnpublishWindowExpiredError
SignatureNotAvailableError
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from openwop import errors as tree

__all__ = [
    "PackArchiveError",
    "PackArchiveRejectedError",
    "PackIntegrityError",
    "PackIntegrityRejectedError",
    "PackManifestRejectedError",
    "PackNameRejectedError",
    "PackNamespaceError",
    "PackRegistryUnreachableError",
    "PackRejectedError",
    "PackSignatureError",
    "PackVersionNotFoundError",
    "RegistryError",
    "SignatureNotAvailableError",
    "UnpublishWindowExpiredError",
    "VersionConflictError",
    "class_of",
]

Stage: TypeAlias = Literal["url", "body", "extraction", "manifest", "integrity"]


class RegistryError(tree.OpenWOPError):
    """A pack is not what it must be, or is not there; found on this side.

    Args:
        message: What is wrong and what to do about it.
        code: The protocol's code for it.
        pack: The name of the pack.
        version: The version, or the range that was asked for.
        registry: The registry that it came from.
    """

    default_code = "pack_load_failure"

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        pack: str | None = None,
        version: str | None = None,
        registry: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code or self.default_code
        self.pack = pack
        self.version = version
        self.registry = registry


class PackArchiveError(RegistryError):
    """The tarball cannot be unpacked safely; `.code` says why, in the words of publishing.

    Args:
        message: What is wrong.
        code: `tarball_path_traversal`, `unsafe_paths`, `tarball_too_large` and the like.
        entry: The entry of the tarball that is at fault, where it is one.
    """

    default_code = "tarball_tar_parse_failed"

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        entry: str | None = None,
        pack: str | None = None,
        version: str | None = None,
        registry: str | None = None,
    ) -> None:
        super().__init__(message, code=code, pack=pack, version=version, registry=registry)
        self.entry = entry


class PackIntegrityError(RegistryError):
    """The tarball is not the one whose digest was promised."""

    default_code = "pack_integrity_failure"


class PackSignatureError(RegistryError):
    """No signature by a key that counts covers the pack."""

    default_code = "pack_signature_invalid"


class PackNamespaceError(PackSignatureError):
    """The key that signed may not sign packs of this name."""

    default_code = "pack_namespace_unauthorized"


class PackVersionNotFoundError(RegistryError, LookupError):
    """No version fits what was asked for."""

    default_code = "pack_version_not_found"


class PackRegistryUnreachableError(RegistryError):
    """No registry has the pack, and at least one could not be asked.

    Args:
        message: Which registries could not be asked.
        causes: What each of them ended with, by its URL.
    """

    default_code = "pack_registry_unreachable"

    def __init__(
        self,
        message: str = "",
        *,
        code: str = "",
        causes: Mapping[str, Exception] | None = None,
        pack: str | None = None,
        version: str | None = None,
        registry: str | None = None,
    ) -> None:
        super().__init__(message, code=code, pack=pack, version=version, registry=registry)
        self.causes: Mapping[str, Exception] = causes or {}


class PackRejectedError(tree.APIStatusError):
    """The registry refused to publish a pack; chosen by code, whatever the status.

    Attributes:
        stage: The check that failed; registries run them in the order of the type.
    """

    stage: Stage = "body"


class PackNameRejectedError(PackRejectedError):
    """The registry takes no pack of this name or version."""

    stage = "url"


class PackArchiveRejectedError(PackRejectedError):
    """The registry cannot unpack the tarball, or finds it unsafe."""

    stage = "extraction"


class PackManifestRejectedError(PackRejectedError):
    """The manifest in the tarball is wrong, or says something else than the URL."""

    stage = "manifest"


class PackIntegrityRejectedError(PackRejectedError):
    """The tarball is not the one that its digest or signature speaks of."""

    stage = "integrity"


class VersionConflictError(tree.ConflictError):
    """This version exists already, with other bytes; versions never change."""


class UnpublishWindowExpiredError(tree.BadRequestError):
    """72 hours have passed since publication: deprecate or yank instead."""


class SignatureNotAvailableError(tree.NotFoundError):
    """The registry has no signature to give: unsigned, yanked and missing look the same."""


_CODES: Final[Mapping[type[tree.APIStatusError], str]] = {
    PackNameRejectedError: "invalid_pack_scope invalid_pack_name invalid_version",
    PackRejectedError: "invalid_body payload_too_large tarball_too_large",
    PackArchiveRejectedError: (
        "tarball_gunzip_failed tarball_manifest_missing tarball_manifest_too_large "
        "tarball_manifest_not_json tarball_entry_missing tarball_entry_too_large "
        "tarball_path_traversal tarball_tar_parse_failed missing_manifest unsafe_paths"
    ),
    PackManifestRejectedError: (
        "invalid_manifest manifest_mismatch manifest_name_mismatch manifest_version_mismatch "
        "manifest_path_mismatch invalid_engines_range schema_ref_missing unsupported_runtime "
        "pack_kind_invalid"
    ),
    PackIntegrityRejectedError: (
        "pack_integrity_failure pack_integrity_mismatch signature_invalid pack_signature_invalid"
    ),
    VersionConflictError: "conflict version_conflict",
    UnpublishWindowExpiredError: "unpublish_window_expired",
    SignatureNotAvailableError: "signature_not_available",
}
_BY_CODE: Final = {code: cls for cls, codes in _CODES.items() for code in codes.split()}


def class_of(code: str) -> type[tree.APIStatusError] | None:
    """Return the class of the errors that a registry answers with *code*; None for a plain one."""
    return _BY_CODE.get(code)
