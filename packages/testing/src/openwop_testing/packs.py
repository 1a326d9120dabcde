"""The test catalogue of packs: tarballs, checked and stored (v1.md sections 7.12 and 21)."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import re
import tarfile
import zlib
from pathlib import PurePosixPath
from typing import Final

import attrs

from openwop_testing._json import JsonObject, as_object
from openwop_testing.problems import Problem, not_found

__all__ = ["PackCatalog", "StoredPack"]

_LARGEST: Final = 50 * 1024 * 1024
_LARGEST_ENTRY: Final = 5 * 1024 * 1024
_LARGEST_MANIFEST: Final = 256 * 1024
_WINDOW: Final = 72 * 3600.0
_SCOPES: Final = ("core.", "vendor.", "community.", "private.", "local.")
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(?:[._-][a-z0-9]+)+")
_VERSION: Final = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:[-+][0-9A-Za-z.+-]+)?")


@attrs.frozen
class StoredPack:
    """One published version."""

    tarball: bytes = attrs.field(repr=False)
    at: float
    published_at: str
    method: str

    @property
    def integrity(self) -> str:
        """The digest of the tarball, in the form of a subresource integrity."""
        return integrity(self.tarball)


def integrity(tarball: bytes) -> str:
    """Return `sha256-` and the base64 of the digest's bytes."""
    return "sha256-" + base64.b64encode(hashlib.sha256(tarball).digest()).decode()


def _refused(code: str, message: str, status: int = 400) -> Problem:
    return Problem(status, code, message)


class PackCatalog:
    """What has been published for tests."""

    def __init__(self) -> None:
        self._packs: dict[tuple[str, str], StoredPack] = {}

    def publish(
        self, name: str, version: str, tarball: bytes, *, sha: str, method: str, at: float, on: str
    ) -> tuple[StoredPack, bool]:
        """Store a version; return it and whether it is new.

        Raises:
            Problem: It is no pack, or another one of this version is published.
        """
        _check_name(name, version)
        if not tarball:
            raise _refused("invalid_body", "The body is a tarball.")
        if len(tarball) > _LARGEST:
            raise _refused("tarball_too_large", "A tarball has at most 50 MB.")
        manifest = _manifest(tarball)
        if manifest.get("name") != name or manifest.get("version") != version:
            raise _refused("manifest_mismatch", "The manifest names another pack.")
        if sha and sha != integrity(tarball):
            raise _refused("pack_integrity_failure", "The digest is that of another tarball.")
        known = self._packs.get((name, version))
        if known is not None:
            if known.tarball != tarball:
                raise _refused("version_conflict", "This version is published differently.", 409)
            return known, False
        stored = StoredPack(tarball, at, on, method)
        self._packs[(name, version)] = stored
        return stored, True

    def get(self, name: str, version: str) -> StoredPack:
        """Return a version.

        Raises:
            Problem: 404: there is none.
        """
        _check_name(name, version)
        stored = self._packs.get((name, version))
        if stored is None:
            raise not_found("The pack version")
        return stored

    def delete(self, name: str, version: str, now: float) -> None:
        """Take a version back, while that is still allowed.

        Raises:
            Problem: 404: there is none; 400: it is too old.
        """
        if now - self.get(name, version).at > _WINDOW:
            raise _refused("unpublish_window_expired", "It was published over 72 hours ago.")
        del self._packs[(name, version)]


def _check_name(name: str, version: str) -> None:
    if not name.startswith(_SCOPES):
        raise _refused("invalid_pack_scope", "A pack's name begins with its scope.")
    if not _NAME.fullmatch(name) or not 3 <= len(name) <= 214:
        raise _refused("invalid_pack_name", "The name is none of a pack.")
    if not _VERSION.fullmatch(version):
        raise _refused("invalid_version", "The version is not one of semantic versioning.")


def _manifest(tarball: bytes) -> JsonObject:
    try:
        with gzip.open(io.BytesIO(tarball)) as unpacked:
            raw = unpacked.read(_LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise _refused("tarball_gunzip_failed", "The tarball is not gzipped.") from error
    if len(raw) > _LARGEST:
        raise _refused("tarball_too_large", "An unpacked tarball has at most 50 MB.")
    try:
        with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
            members = archive.getmembers()
            for member in members:
                _check_member(member)
            found = [member for member in members if PurePosixPath(member.name).name == "pack.json"]
            if not found:
                raise _refused("tarball_manifest_missing", "The tarball has no pack.json.")
            if found[0].size > _LARGEST_MANIFEST:
                raise _refused("tarball_manifest_too_large", "pack.json has at most 256 KB.")
            file = archive.extractfile(found[0])
            text = file.read() if file is not None else b""
    except tarfile.TarError as error:
        raise _refused("tarball_tar_parse_failed", "The tarball is not one.") from error
    try:
        manifest = json.loads(text)
    except ValueError as error:
        raise _refused("tarball_manifest_not_json", "pack.json is not JSON.") from error
    if not isinstance(manifest, dict):
        raise _refused("invalid_manifest", "pack.json is an object.")
    return as_object(manifest)  # pyright: ignore[reportUnknownArgumentType]


def _check_member(member: tarfile.TarInfo) -> None:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or not (member.isfile() or member.isdir()):
        raise _refused("tarball_path_traversal", "An entry leads out of the pack.")
    if member.size > _LARGEST_ENTRY:
        raise _refused("tarball_entry_too_large", "An entry has at most 5 MB.")
