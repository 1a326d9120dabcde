"""Tarballs of packs: read with limits, unpacked without surprises, and built.

A tarball is somebody else's program for writing files.  Nothing in it may lead out of the folder it
is unpacked to, and nothing in it may grow without bound.  Links are refused altogether: a pack
needs none, and filters that judge where a link leads have been wrong more than once.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import shutil
import tarfile
import tempfile
import unicodedata
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

import attrs

from openwop.registry._errors import PackArchiveError
from openwop.runtime import _json

__all__ = ["Archive", "ArchiveLimits", "build_tarball", "entry_path", "extract", "read_archive"]

MANIFEST: Final = "pack.json"
_MIB: Final = 1024 * 1024
_DRIVE: Final = re.compile(r"[A-Za-z]:")
_WINDOWS_NAMES: Final = re.compile(
    r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\..*)?", re.IGNORECASE
)
_WINDOWS_CHARACTERS: Final = frozenset('<>:"|?*')
_LONGEST_PART: Final = 255
_LONGEST_PATH: Final = 1024


@attrs.frozen
class ArchiveLimits:
    """How large a tarball and what is in it may be.

    The first three are the protocol's; the others keep a small tarball from becoming a large one.

    Attributes:
        tarball: Bytes of the tarball.
        entry: Bytes of one entry.
        manifest: Bytes of `pack.json`.
        unpacked: Bytes of everything, unpacked.
        entries: How many entries.
    """

    tarball: int = 50 * _MIB
    entry: int = 5 * _MIB
    manifest: int = 256 * 1024
    unpacked: int = 256 * _MIB
    entries: int = 20_000


DEFAULT_LIMITS: Final = ArchiveLimits()


@attrs.frozen(eq=False)
class Archive:
    """A tarball that was read and found safe to unpack.

    Attributes:
        tarball: Its bytes.
        manifest_bytes: `pack.json` as it is in there.
        manifest: The same, decoded.
        files: The sizes of the files in bytes, by their paths.
    """

    tarball: bytes = attrs.field(repr=False)
    manifest_bytes: bytes = attrs.field(repr=False)
    manifest: Mapping[str, Any] = attrs.field(repr=False)
    files: Mapping[str, int]


def _refusal(code: str, message: str, entry: str | None = None) -> PackArchiveError:
    return PackArchiveError(message, code=code, entry=entry)


def entry_path(name: str, *, windows: bool = os.name == "nt") -> str:
    """Return the path of an entry, relative and with slashes; empty for the root folder.

    Args:
        name: The name in the tarball.
        windows: Whether what Windows reads into names is refused too.

    Raises:
        PackArchiveError: The name leads out of the folder (`tarball_path_traversal`), or no file
            can safely have it (`unsafe_paths`).
    """
    shown = ascii(name)
    if "\\" in name or name.startswith("/") or _DRIVE.match(name):
        msg = f"the entry {shown} is absolute or has a backslash"
        raise _refusal("tarball_path_traversal", msg, name)
    parts = [part for part in name.split("/") if part not in {"", "."}]
    if ".." in parts:
        msg = f"the entry {shown} leads out of the folder"
        raise _refusal("tarball_path_traversal", msg, name)
    for part in parts:
        why = _unfit(part, windows=windows)
        if why:
            msg = f"the entry {shown} has a name that {why}"
            raise _refusal("unsafe_paths", msg, name)
    path = "/".join(parts)
    if len(path) > _LONGEST_PATH:
        msg = f"an entry has a path of {len(path)} characters"
        raise _refusal("unsafe_paths", msg, name)
    return path


def _unfit(part: str, *, windows: bool) -> str:
    try:
        size = len(part.encode())
    except UnicodeEncodeError:
        return "is no text"
    if size > _LONGEST_PART:
        return "is too long"
    if any(unicodedata.category(character) == "Cc" for character in part):
        return "has a control character"
    if windows and (
        part[-1] in ". " or _WINDOWS_NAMES.fullmatch(part) or _WINDOWS_CHARACTERS & set(part)
    ):
        return "Windows does not take for a file's"
    return ""


def _unpacked(tarball: bytes, limits: ArchiveLimits) -> bytes:
    if len(tarball) > limits.tarball:
        msg = f"the tarball has {len(tarball)} bytes; {limits.tarball} is the most"
        raise _refusal("tarball_too_large", msg)
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(tarball)) as stream:
            data = stream.read(limits.unpacked + 1)
    except (OSError, EOFError, zlib.error) as exc:
        msg = f"the tarball is no gzip file: {exc}"
        raise _refusal("tarball_gunzip_failed", msg) from exc
    if len(data) > limits.unpacked:
        msg = f"the tarball unpacks to more than {limits.unpacked} bytes"
        raise _refusal("tarball_too_large", msg)
    return data


def _members(data: bytes, limits: ArchiveLimits) -> Iterator[tuple[str, tarfile.TarInfo, bytes]]:
    """Yield the path, the header and the contents of each entry that may be unpacked."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
            for number, member in enumerate(tar):
                if number >= limits.entries:
                    msg = f"the tarball has more than {limits.entries} entries"
                    raise _refusal("tarball_too_large", msg)
                yield _checked(member, limits), member, _contents(tar, member)
            # tarfile takes a broken header for the end; what follows would go unseen.
            if data[tar.offset :].strip(b"\0"):
                msg = f"the tarball has a broken header at byte {tar.offset}"
                raise _refusal("tarball_tar_parse_failed", msg)
    except (tarfile.TarError, ValueError, OverflowError, EOFError) as exc:
        msg = f"the tarball cannot be read: {exc}"
        raise _refusal("tarball_tar_parse_failed", msg) from exc


def _contents(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    if member.isdir():
        return b""
    stream = tar.extractfile(member)
    contents = b"" if stream is None else stream.read()
    if len(contents) != member.size:
        msg = f"the entry {member.name!a} ends early"
        raise _refusal("tarball_tar_parse_failed", msg, member.name)
    return contents


def _checked(member: tarfile.TarInfo, limits: ArchiveLimits) -> str:
    path = entry_path(member.name)
    shown = ascii(member.name)
    if member.type not in {tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE} or member.issparse():
        kind = "a link" if member.issym() or member.islnk() else "neither a file nor a folder"
        msg = f"the entry {shown} is {kind}"
        raise _refusal("unsafe_paths", msg, member.name)
    if not path and not member.isdir():
        msg = f"the entry {shown} is a file without a name"
        raise _refusal("unsafe_paths", msg, member.name)
    if path == MANIFEST and member.size > limits.manifest:
        msg = f"{MANIFEST} has {member.size} bytes; {limits.manifest} is the most"
        raise _refusal("tarball_manifest_too_large", msg, member.name)
    if member.size > limits.entry:
        msg = f"the entry {shown} has {member.size} bytes; {limits.entry} is the most"
        raise _refusal("tarball_entry_too_large", msg, member.name)
    return path


class _Names:
    """The names of a tarball as a file system that ignores case and composition sees them."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: set[str] = set()

    def take(self, path: str, *, is_folder: bool) -> None:
        """Note a name, and refuse one that another entry has."""
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
        parts = folded.split("/")
        above = {"/".join(parts[:count]) for count in range(1, len(parts))}
        clash = above & self._files or folded in self._files
        if not is_folder:
            clash = clash or folded in self._folders
        if clash:
            msg = f"the entry {path!a} has the name of another one"
            raise _refusal("unsafe_paths", msg, path)
        self._folders |= above
        (self._folders if is_folder else self._files).add(folded)


def _entries(tarball: bytes, limits: ArchiveLimits) -> Iterator[tuple[str, tarfile.TarInfo, bytes]]:
    names = _Names()
    for path, member, contents in _members(_unpacked(tarball, limits), limits):
        if path:
            names.take(path, is_folder=member.isdir())
            yield path, member, contents


def read_archive(tarball: bytes, *, limits: ArchiveLimits = DEFAULT_LIMITS) -> Archive:
    """Read a tarball and check that it can be unpacked safely, without unpacking it.

    Args:
        tarball: Its bytes.
        limits: How large it may be.

    Raises:
        PackArchiveError: It is unsafe, broken, too large, or has no manifest; `.code` says which.

    Section: v1.md §21.
    """
    files: dict[str, int] = {}
    manifest: bytes | None = None
    for path, member, contents in _entries(tarball, limits):
        if not member.isdir():
            files[path] = member.size
            if path == MANIFEST:
                manifest = contents
    if manifest is None:
        msg = f"the tarball has no {MANIFEST} at its root"
        raise _refusal("tarball_manifest_missing", msg)
    return Archive(tarball, manifest, _decoded(manifest), files)


def _decoded(manifest: bytes) -> Mapping[str, Any]:
    try:
        data = _json.loads(manifest)
    except (ValueError, RecursionError) as exc:
        msg = f"{MANIFEST} is no JSON: {exc}"
        raise _refusal("tarball_manifest_not_json", msg, MANIFEST) from exc
    if not isinstance(data, dict):
        msg = f"{MANIFEST} is no JSON object"
        raise _refusal("tarball_manifest_not_json", msg, MANIFEST)
    return cast("dict[str, Any]", data)


def extract(
    tarball: bytes, into: str | os.PathLike[str], *, limits: ArchiveLimits = DEFAULT_LIMITS
) -> tuple[Path, ...]:
    """Unpack a tarball into a folder: all of it, or nothing.

    It is unpacked beside the folder and moved into place at the end.  Owners, times and special
    bits are not taken over; whether a file can be executed is.

    Args:
        tarball: Its bytes; verify them first, see `RegistryClient.fetch`.
        into: The folder, which is made; it may exist where it is empty.
        limits: How large the tarball may be.

    Returns:
        The paths of the files, sorted.

    Raises:
        PackArchiveError: It is unsafe, broken, too large, or has no manifest; `.code` says which.
        FileExistsError: *into* is there and not an empty folder.

    Section: v1.md §21.
    """
    target = Path(into).absolute()
    if target.is_symlink() or (target.exists() and (not target.is_dir() or any(target.iterdir()))):
        msg = f"{target} is there already and is no empty folder"
        raise FileExistsError(msg)
    archive = read_archive(tarball, limits=limits)
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".openwop-", dir=target.parent))
    try:
        root = work / "pack"
        root.mkdir()
        for path, member, contents in _entries(tarball, limits):
            _write(root, path, member, contents)
        if target.exists():
            target.rmdir()  # empty, as was seen; a file that came meanwhile makes this fail
        root.rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return tuple(sorted(target / path for path in archive.files))


def _write(root: Path, path: str, member: tarfile.TarInfo, contents: bytes) -> None:
    """Write one entry below *root*, which only we write to."""
    # The standard filter judges too: what it refuses, we must not have let through.
    standard = getattr(tarfile, "data_filter", None)
    if standard is not None:
        try:
            standard(member, str(root))
        except tarfile.TarError as exc:
            raise _refusal("tarball_path_traversal", str(exc), member.name) from exc
    place = root.joinpath(*path.split("/"))
    if member.isdir():
        place.mkdir(parents=True, exist_ok=True)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.open("xb") as file:
        file.write(contents)
    if member.mode & 0o100:
        place.chmod(place.stat().st_mode | 0o111)


def build_tarball(manifest: Mapping[str, Any], files: Mapping[str, bytes] | None = None) -> bytes:
    """Build the tarball of a pack; the same contents give the same bytes.

    Args:
        manifest: What `pack.json` says.
        files: The other files, by their paths.

    Raises:
        PackArchiveError: A path, or a size, is not one that a registry takes.

    Section: v1.md §21.
    """
    contents = {MANIFEST: _json.dumps(dict(manifest)), **(files or {})}
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(contents):
            entry = tarfile.TarInfo(entry_path(path))
            entry.size = len(contents[path])
            entry.mode = 0o644
            tar.addfile(entry, io.BytesIO(contents[path]))
    packed = gzip.compress(plain.getvalue(), mtime=0)
    read_archive(packed)
    return packed
