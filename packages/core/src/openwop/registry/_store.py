"""A folder of packs that were verified: what there is when there is no network."""

from __future__ import annotations

import base64
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

from openwop.errors import ConfigurationError
from openwop.registry._archive import DEFAULT_LIMITS, ArchiveLimits, read_archive
from openwop.registry._dialect import Signatures
from openwop.registry._errors import (
    PackIntegrityError,
    PackSignatureError,
    PackVersionNotFoundError,
)
from openwop.registry._keys import TrustedKey
from openwop.registry._making import check_signatures
from openwop.registry._models import PackIndex, VersionManifest
from openwop.registry._pack import Pack, check_manifest, check_name, choose, warnings_of
from openwop.registry._signatures import VerifiedSignature, check_integrity
from openwop.runtime import StructureError, _json

__all__ = ["PackStore"]

_RECORD: Final = "record.json"
_TARBALL: Final = "pack.tgz"


class PackStore:
    """A folder of verified packs, one folder per name and version.

    Signatures are verified before a pack is saved, and what was found is recorded; digests are
    verified again whenever a pack is loaded.  Whoever can write to the folder is trusted.

    Args:
        folder: The folder, which is made when a pack is saved.
        limits: How large packs may be.
    """

    def __init__(
        self, folder: str | os.PathLike[str], *, limits: ArchiveLimits = DEFAULT_LIMITS
    ) -> None:
        self._folder = Path(folder)
        self._limits = limits

    def __repr__(self) -> str:
        return f"PackStore({str(self._folder)!r})"

    def versions(self, name: str) -> list[str]:
        """Return the versions of a pack that are there, sorted as texts.

        Args:
            name: The name of the pack.
        """
        home = self._folder / check_name(name)
        return sorted(found.parent.name for found in home.glob(f"*/{_RECORD}"))

    def save(self, pack: Pack) -> Path:
        """Save a pack; where it is there already, nothing changes.

        Args:
            pack: The pack.

        Returns:
            The folder of the version.

        Raises:
            PackIntegrityError: The same version is there with other bytes.
        """
        home = self._folder / check_name(pack.name) / pack.version
        if home.exists():
            known = self._record(home).get("integrity")
            if known != pack.integrity:
                msg = (
                    f"{pack.name} {pack.version} is stored with the digest {known}, and came with "
                    f"{pack.integrity}; versions never change"
                )
                raise PackIntegrityError(msg, pack=pack.name, version=pack.version)
            if pack.signature is None or self._record(home).get("signature") is not None:
                return home
            shutil.rmtree(home)  # stored unsigned, and verified now
        home.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".openwop-", dir=self._folder))
        try:
            made = work / "version"
            made.mkdir()
            (made / _TARBALL).write_bytes(pack.tarball)
            (made / _RECORD).write_bytes(_json.dumps(_recorded(pack)))
            try:
                made.rename(home)
            except OSError:
                if not home.is_dir():  # another process saved the same version meanwhile
                    raise
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return home

    def load(
        self,
        name: str,
        wanted: str | None = None,
        *,
        integrity: str | None = None,
        signatures: Signatures = "required",
    ) -> Pack:
        """Return a pack that is there.

        Args:
            name: The name of the pack.
            wanted: A version or a range; None for the highest.
            integrity: The digest that it must have.
            signatures: `required` for packs whose signature was verified when they were saved.

        Raises:
            PackVersionNotFoundError: None that fits is there.
            PackIntegrityError: The bytes are not those that were saved, or not those that were
                asked for.
            PackSignatureError: It was saved without a signature.
        """
        check_signatures(signatures)
        records = {v: self._record(self._folder / name / v) for v in self.versions(name)}
        version = choose(_index(name, records), wanted)
        if version is None:
            msg = f"{self._folder} has no version of {name} for {wanted or 'latest'}"
            raise PackVersionNotFoundError(msg, pack=name, version=wanted)
        record = records[version]
        tarball = (self._folder / name / version / _TARBALL).read_bytes()
        found = check_integrity(tarball, str(record.get("integrity")), where="the record")
        if integrity is not None:
            check_integrity(tarball, integrity, where="integrity=")
        archive = read_archive(tarball, limits=self._limits)
        check_manifest(archive, name, version)
        signature = _signature(record, name)
        if signature is None and signatures == "required":
            msg = f"{name} {version} was stored without a verified signature"
            raise PackSignatureError(msg, pack=name, version=version)
        manifest = _manifest(record)
        warnings = warnings_of(name, version, manifest)
        if signature is None:
            warnings = *warnings, f"{name} {version} has no signature"
        registry = str(record.get("registry", ""))
        return Pack(
            name, version, registry, found, tarball, manifest, archive.manifest, signature,
            warnings, self._limits,
        )  # fmt: skip

    def _record(self, home: Path) -> Mapping[str, Any]:
        try:
            data = _json.loads((home / _RECORD).read_bytes())
        except ValueError as exc:
            msg = f"{home / _RECORD} is broken: {exc}; remove {home} and fetch the pack again"
            raise PackIntegrityError(msg) from exc
        return cast("Mapping[str, Any]", data) if isinstance(data, Mapping) else {}


def _recorded(pack: Pack) -> dict[str, Any]:
    record: dict[str, Any] = {
        "integrity": pack.integrity,
        "manifest": pack.manifest.to_dict(),
        "registry": pack.registry,
    }
    if pack.signature is not None:
        key = pack.signature.key
        record["signature"] = {
            "covers": pack.signature.covers,
            "keyId": key.key_id,
            "origin": key.origin,
            "publicKey": base64.b64encode(key.public_key).decode(),
        }
    return record


def _manifest(record: Mapping[str, Any]) -> VersionManifest:
    try:
        return VersionManifest.from_dict(record.get("manifest", {}))
    except StructureError as exc:
        msg = f"the record of a stored pack is broken: {exc}"
        raise PackIntegrityError(msg) from exc


def _index(name: str, records: Mapping[str, Mapping[str, Any]]) -> PackIndex:
    """Return what is there as an index, so that versions are chosen as from a registry's."""
    versions: dict[str, object] = {}
    for version, record in records.items():
        manifest = _manifest(record)
        versions[version] = {"yanked": manifest.yank_mark is not None}
    return PackIndex.from_dict({"name": name, "versions": versions})


def _signature(record: Mapping[str, Any], name: str) -> VerifiedSignature | None:
    found = record.get("signature")
    if not isinstance(found, Mapping):
        return None
    members = cast("Mapping[str, Any]", found)
    try:
        key = TrustedKey(
            str(members.get("keyId")),
            str(members.get("publicKey")),
            (name,),
            origin=members.get("origin", "registry"),
        )
    except ConfigurationError as exc:
        msg = f"the record of a stored pack is broken: {exc}"
        raise PackIntegrityError(msg) from exc
    return VerifiedSignature(key, members.get("covers", "manifest"))
