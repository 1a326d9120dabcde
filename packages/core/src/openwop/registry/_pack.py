"""A pack that was fetched and found good, and what is checked of one."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

import attrs

from openwop.errors import ConfigurationError
from openwop.registry._archive import Archive, ArchiveLimits, entry_path, extract, read_archive
from openwop.registry._errors import PackArchiveError, PackIntegrityError
from openwop.registry._models import PackIndex, PackVersion, VersionManifest
from openwop.registry._semver import Version, VersionRange
from openwop.registry._signatures import VerifiedSignature

__all__ = [
    "Pack",
    "ResolvedVersion",
    "check_manifest",
    "check_name",
    "check_publishable",
    "check_version",
    "choose",
    "exact",
]

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,255}", re.ASCII)
_SCOPED: Final = re.compile(
    r"(?:core|vendor|community|private)\.[a-z][a-z0-9_-]*(?:\.[a-z][a-zA-Z0-9_-]*)+", re.ASCII
)


@attrs.frozen(eq=False)
class Pack:
    """A pack whose bytes were verified.

    Attributes:
        name: Its name.
        version: Its version.
        registry: The URL of the registry that it is from.
        integrity: The digest of the tarball.
        tarball: The bytes of the tarball.
        manifest: The registry's manifest of the version.
        pack_json: The pack's own manifest, out of the tarball.
        signature: The signature that was verified; None where none was asked for.
        warnings: What a person should know: the version is deprecated, yanked or unsigned.
    """

    name: str
    version: str
    registry: str
    integrity: str
    tarball: bytes = attrs.field(repr=False)
    manifest: VersionManifest = attrs.field(repr=False)
    pack_json: Mapping[str, Any] = attrs.field(repr=False)
    signature: VerifiedSignature | None = None
    warnings: tuple[str, ...] = ()
    limits: ArchiveLimits = attrs.field(factory=ArchiveLimits, repr=False)

    def extract(self, into: str | os.PathLike[str]) -> tuple[Path, ...]:
        """Unpack the pack into a folder: all of it, or nothing.

        Args:
            into: The folder, which is made; it may exist where it is empty.

        Returns:
            The paths of the files, sorted.

        Raises:
            PackArchiveError: The tarball cannot be unpacked safely.
            FileExistsError: *into* is there and not an empty folder.

        Section: v1.md §21.
        """
        return extract(self.tarball, into, limits=self.limits)


@attrs.frozen
class ResolvedVersion:
    """The version that a range stands for.

    Attributes:
        name: The name of the pack.
        version: The version.
        registry: The URL of the registry that has it.
        entry: What the index says of it.
        warnings: What a person should know of it.
    """

    name: str
    version: str
    registry: str
    entry: PackVersion
    warnings: tuple[str, ...] = ()


def check_name(name: str) -> str:
    """Return *name* where it can be the name of a pack.

    Raises:
        ConfigurationError: It cannot.
    """
    if not _NAME.fullmatch(name):
        msg = f"{name!r} is no name of a pack, such as vendor.acme.tools"
        raise ConfigurationError(msg)
    return name


def check_version(version: str) -> str:
    """Return *version* where it is one whole version.

    Raises:
        ConfigurationError: It is a range, a tag or nothing of the kind.
    """
    if Version.parse(version) is None:
        msg = f"{version!r} is no version; a whole one is needed here, such as 1.2.0"
        raise ConfigurationError(msg)
    return version


def exact(wanted: str | None) -> str | None:
    """Return *wanted* where it pins one version; None for a range, a tag or nothing."""
    return wanted if wanted is not None and Version.parse(wanted) is not None else None


def choose(index: PackIndex, wanted: str | None) -> str | None:
    """Return the version of *index* that *wanted* stands for.

    Args:
        index: The pack.
        wanted: A version, a tag or a range; None for the latest.

    Returns:
        The version, or None where none fits.  Yanked versions are found only by their exact
        number.

    Raises:
        ConfigurationError: *wanted* is nothing of the kind.
    """
    if wanted is not None and Version.parse(wanted) is not None:
        return wanted if wanted in index.versions else None
    standing = [v for v, entry in index.versions.items() if entry.yank_mark is None]
    tags = dict(index.dist_tags or {})
    if index.latest is not None:
        tags.setdefault("latest", index.latest)
    tag = "latest" if wanted is None else wanted
    if tags.get(tag) in standing:
        return tags[tag]
    if wanted is not None and wanted in tags:
        return None  # a tag on a version that was yanked
    return VersionRange.parse("*" if tag == "latest" else tag).best(standing)


def warnings_of(name: str, version: str, marked: PackVersion | VersionManifest) -> tuple[str, ...]:
    """Return what a person should know of a version, by the marks on it."""
    marks = (marked.yank_mark, marked.deprecation_mark)
    return tuple(f"{name} {version} is {mark}" for mark in marks if mark is not None)


def check_manifest(archive: Archive, name: str, version: str) -> None:
    """Check that the manifest in a tarball is of the pack that was asked for.

    Raises:
        PackArchiveError: It is of another (`manifest_name_mismatch`, `manifest_version_mismatch`).
    """
    for member, wanted in (("name", name), ("version", version)):
        found = archive.manifest.get(member)
        if found != wanted:
            msg = f"pack.json has the {member} {found!r}, not {wanted!r}"
            raise PackArchiveError(
                msg, code=f"manifest_{member}_mismatch", entry="pack.json", pack=name,
                version=version,
            )  # fmt: skip


def check_served(manifest: VersionManifest, name: str, version: str) -> None:
    """Check that a registry's manifest is of the pack that was asked for.

    Raises:
        PackIntegrityError: It is of another.
    """
    if (manifest.name, manifest.version) != (name, version):
        msg = (
            f"the registry was asked for {name} {version} and answered with the manifest of "
            f"{manifest.name} {manifest.version}"
        )
        raise PackIntegrityError(msg, code="manifest_mismatch", pack=name, version=version)


def check_publishable(name: str, version: str, tarball: bytes, *, limits: ArchiveLimits) -> Archive:
    """Check what a registry checks before it publishes, in its order.

    Args:
        name: The name of the pack.
        version: The version.
        tarball: The bytes of the tarball.
        limits: How large it may be.

    Raises:
        ConfigurationError: The name or the version is none that can be published.
        PackArchiveError: The tarball or its manifest is not one that a registry takes.
    """
    if not _SCOPED.fullmatch(name):
        msg = (
            f"{name!r} cannot be published: core., vendor., community. or private., an owner and a "
            "name are needed, such as vendor.acme.tools"
        )
        raise ConfigurationError(msg)
    check_version(version)
    archive = read_archive(tarball, limits=limits)
    check_manifest(archive, name, version)
    wanted = _members(archive.manifest.get("engines")).get("openwop")
    if not isinstance(wanted, str):
        msg = "pack.json does not say which versions of openwop it works with (engines.openwop)"
        raise PackArchiveError(msg, code="invalid_manifest", entry="pack.json", pack=name)
    try:
        VersionRange.parse(wanted)
    except ConfigurationError as exc:
        msg = f"pack.json: engines.openwop: {exc}"
        raise PackArchiveError(msg, code="invalid_engines_range", entry="pack.json") from exc
    _check_entry(archive, name)
    return archive


def _members(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _check_entry(archive: Archive, name: str) -> None:
    """Check that what the runtime is to load is in the tarball."""
    members = _members(archive.manifest.get("runtime"))
    entry = members.get("entry")
    if not isinstance(entry, str) or members.get("language") == "remote":
        return
    if entry_path(entry) not in archive.files:
        msg = f"pack.json names the entry {entry!r}, which is not in the tarball"
        raise PackArchiveError(msg, code="tarball_entry_missing", entry=entry, pack=name)
