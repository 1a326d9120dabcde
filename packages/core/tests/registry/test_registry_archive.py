"""Tarballs of packs: what is read, what is refused and why, and what unpacking leaves behind."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from openwop.registry import (
    ArchiveLimits,
    PackArchiveError,
    build_tarball,
    extract,
    read_archive,
)
from openwop.registry._archive import entry_path

MANIFEST = {"name": "vendor.acme.tools", "version": "1.2.0", "engines": {"openwop": ">=1.0"}}
Entry = tuple[str, bytes] | tarfile.TarInfo


def tarball(*entries: Entry, manifest: bytes | None = json.dumps(MANIFEST).encode()) -> bytes:
    """Return a tarball with entries as a hostile author would write them."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        named: Iterable[Entry] = entries
        if manifest is not None:
            named = [("pack.json", manifest), *entries]
        for entry in named:
            if isinstance(entry, tarfile.TarInfo):
                tar.addfile(entry)
                continue
            info = tarfile.TarInfo(entry[0])
            info.size = len(entry[1])
            tar.addfile(info, io.BytesIO(entry[1]))
    return gzip.compress(plain.getvalue())


def special(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def code_of(data: bytes, **limits: int) -> str:
    with pytest.raises(PackArchiveError) as caught:
        read_archive(data, limits=ArchiveLimits(**limits))
    return caught.value.code


def test_a_pack_is_unpacked_with_its_folders_and_modes(tmp_path: Path) -> None:
    script = tarfile.TarInfo("bin/run.sh")
    script.mode, script.size = 0o4755, 0
    data = tarball(("dist/index.js", b"export {}"), ("./dist/a/b.txt", b"b"), script)

    files = extract(data, tmp_path / "out")

    assert [p.relative_to(tmp_path / "out").as_posix() for p in files] == [
        "bin/run.sh",
        "dist/a/b.txt",
        "dist/index.js",
        "pack.json",
    ]
    assert (tmp_path / "out/dist/index.js").read_bytes() == b"export {}"
    assert json.loads((tmp_path / "out/pack.json").read_bytes()) == MANIFEST
    mode = (tmp_path / "out/bin/run.sh").stat().st_mode
    assert mode & 0o111 != 0
    assert mode & 0o7022 == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out"]


def test_what_is_built_is_read_and_the_same_contents_give_the_same_bytes() -> None:
    files = {"dist/index.js": b"1", "schemas/a.json": b"{}"}

    built = build_tarball(MANIFEST, files)
    archive = read_archive(built)

    assert archive.manifest == MANIFEST
    assert set(archive.files) == {"pack.json", "dist/index.js", "schemas/a.json"}
    assert built == build_tarball(MANIFEST, dict(reversed(files.items())))


def test_nothing_that_leads_out_is_built() -> None:
    with pytest.raises(PackArchiveError) as caught:
        build_tarball(MANIFEST, {"../evil": b""})

    assert caught.value.code == "tarball_path_traversal"


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "a/../../evil",
        "a/..",
        "..",
        "/etc/passwd",
        "//host/share",
        "..\\evil",
        "a\\b",
        "C:/evil",
        "c:evil",
    ],
)
def test_a_path_that_leads_out_is_refused(name: str, tmp_path: Path) -> None:
    data = tarball((name, b"x"))

    with pytest.raises(PackArchiveError) as caught:
        extract(data, tmp_path / "into" / "here")

    assert caught.value.code == "tarball_path_traversal"
    assert caught.value.entry is not None
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(special("link", tarfile.SYMTYPE, "/etc/passwd"), id="link out"),
        pytest.param(special("link", tarfile.SYMTYPE, "pack.json"), id="link within"),
        pytest.param(special("link", tarfile.LNKTYPE, "pack.json"), id="hard link"),
        pytest.param(special("fifo", tarfile.FIFOTYPE), id="fifo"),
        pytest.param(special("null", tarfile.CHRTYPE), id="character device"),
        pytest.param(special("disk", tarfile.BLKTYPE), id="block device"),
        pytest.param(special("tape", tarfile.CONTTYPE), id="contiguous file"),
        pytest.param(special("sparse", tarfile.GNUTYPE_SPARSE), id="sparse file"),
    ],
)
def test_what_is_neither_file_nor_folder_is_refused(entry: tarfile.TarInfo) -> None:
    assert code_of(tarball(entry)) in {"unsafe_paths", "tarball_tar_parse_failed"}


def test_a_link_is_refused_before_anything_is_written_through_it(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    data = tarball(special("door", tarfile.SYMTYPE, str(outside)), ("door/evil", b"x"))

    with pytest.raises(PackArchiveError, match="is a link"):
        extract(data, tmp_path / "out")

    assert list(outside.iterdir()) == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["outside"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a.txt", "a.txt"),
        ("a.txt", "./a.txt"),
        ("a.txt", "A.TXT"),
        ("caf\u00e9", "cafe\u0301"),
        ("a", "a/b"),
        ("a/b", "a"),
        ("pack.json", "x"),
    ],
)
def test_no_two_entries_have_one_name(first: str, second: str) -> None:
    assert code_of(tarball((first, b"1"), (second, b"2"))) == "unsafe_paths"


def test_control_characters_in_names_are_refused() -> None:
    assert code_of(tarball(("a\nb", b""))) == "unsafe_paths"
    assert code_of(tarball(("\x1b[2J", b""))) == "unsafe_paths"


def test_names_and_paths_have_a_longest_length() -> None:
    assert code_of(tarball(("n" * 256, b""))) == "unsafe_paths"
    assert code_of(tarball(("/".join(["n" * 200] * 6), b""))) == "unsafe_paths"


@pytest.mark.parametrize("name", ["con", "a/NUL.txt", "COM1", "a.", "a ", "x/ab:c", "what?"])
def test_what_windows_reads_into_names_is_refused_there(name: str) -> None:
    assert entry_path(name, windows=False) == name
    with pytest.raises(PackArchiveError) as caught:
        entry_path(name, windows=True)

    assert caught.value.code in {"unsafe_paths", "tarball_path_traversal"}


def test_sizes_have_limits() -> None:
    data = tarball(("a", b"x" * 100), ("b", b"y" * 100))

    assert code_of(data, tarball=10) == "tarball_too_large"
    assert code_of(data, entry=99) == "tarball_entry_too_large"
    assert code_of(data, manifest=10) == "tarball_manifest_too_large"
    assert code_of(data, unpacked=1000) == "tarball_too_large"
    assert code_of(data, entries=2) == "tarball_too_large"
    assert set(read_archive(data).files) == {"a", "b", "pack.json"}


def test_the_protocols_limits_hold_by_default() -> None:
    limits = ArchiveLimits()

    assert (limits.tarball, limits.entry, limits.manifest) == (50 << 20, 5 << 20, 256 << 10)
    assert code_of(tarball(("a", bytes((5 << 20) + 1)))) == "tarball_entry_too_large"
    huge = json.dumps({**MANIFEST, "x": "y" * (256 << 10)}).encode()
    assert code_of(tarball(manifest=huge)) == "tarball_manifest_too_large"


def test_a_small_file_that_unpacks_to_a_large_one_is_stopped() -> None:
    bomb = gzip.compress(bytes(64 << 20))

    assert len(bomb) < 100_000
    assert code_of(bomb, unpacked=1 << 20) == "tarball_too_large"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "tarball_tar_parse_failed"),
        (b"no gzip", "tarball_gunzip_failed"),
        (tarball(("a", b"x" * 5000))[:-20], "tarball_gunzip_failed"),
        (gzip.compress(b"no tar" * 200), "tarball_tar_parse_failed"),
        (gzip.compress(gzip.decompress(tarball(("a", b"x" * 5000)))[:2000]), None),
        (tarball(manifest=None), None),
        (tarball(("dist/pack.json", b"{}"), manifest=None), "tarball_manifest_missing"),
        (tarball(manifest=b"{"), "tarball_manifest_not_json"),
        (tarball(manifest=b"[]"), "tarball_manifest_not_json"),
        (tarball(manifest=b"[" * 5000), "tarball_manifest_not_json"),
    ],
    ids=[
        "nothing",
        "no gzip",
        "gzip cut short",
        "no tar",
        "tar cut short",
        "no manifest",
        "manifest elsewhere",
        "half a manifest",
        "manifest of an array",
        "manifest too deep",
    ],
)
def test_what_is_broken_has_the_code_of_publishing(data: bytes, code: str | None) -> None:
    found = code_of(data)

    assert found == code or (
        code is None and found in {"tarball_tar_parse_failed", "tarball_manifest_missing"}
    )


def test_entries_behind_a_broken_header_are_not_overlooked() -> None:
    plain = bytearray(gzip.decompress(tarball(("a", b"1"), ("b", b"2"))))
    second = 1024  # after the manifest's header and its one block
    plain[second + 148 : second + 156] = b"00000000"  # its checksum

    assert code_of(gzip.compress(bytes(plain))) == "tarball_tar_parse_failed"


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine").write_text("kept")

    with pytest.raises(FileExistsError):
        extract(tarball(), tmp_path / "out")

    assert (tmp_path / "out/mine").read_text() == "kept"


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()

    extract(tarball(), tmp_path / "out")

    assert (tmp_path / "out/pack.json").exists()


def test_a_link_in_place_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "real")

    with pytest.raises(FileExistsError):
        extract(tarball(), tmp_path / "out")

    assert list((tmp_path / "real").iterdir()) == []


parts = st.sampled_from(["..", ".", "", "a", "b", "C:", "\\", "..\\", "~", "x\0", "con", "é"])


@given(st.lists(parts, min_size=1, max_size=6), st.booleans())
def test_whatever_a_path_is_made_of_it_stays_within(names: list[str], windows: bool) -> None:
    raw = "/".join(names)

    try:
        path = entry_path(raw, windows=windows)
    except PackArchiveError:
        return

    root = os.path.realpath("/srv/packs/one")
    reached = os.path.normpath(f"{root}/{path}")
    assert reached == root or reached.startswith(root + os.sep)
    assert not path.startswith("/")
    assert "\\" not in path


@given(st.text(max_size=40))
def test_any_text_is_a_path_within_or_is_refused(name: str) -> None:
    try:
        path = entry_path(name)
    except PackArchiveError:
        return

    assert all(part not in {"", ".", ".."} for part in path.split("/")) or path == ""
    assert entry_path(path) == path


@given(data=st.binary(max_size=600))
def test_any_bytes_are_refused_with_a_code(data: bytes) -> None:
    for attempt in (data, gzip.compress(data)):
        with pytest.raises(PackArchiveError) as caught:
            read_archive(attempt)
        assert caught.value.code.startswith("tarball_")


WHOLE = gzip.decompress(tarball(("dist/a.js", b"a" * 700), special("dir", tarfile.DIRTYPE)))


@given(
    changes=st.dictionaries(
        st.integers(0, 2600), st.sampled_from([0, 0x2E, 0x2F, 0x31, 0x35, 0x80, 0xFF]), max_size=4
    )
)
def test_flipped_bytes_never_do_more_than_raise(
    changes: dict[int, int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    plain = bytearray(WHOLE)
    for at, value in changes.items():
        plain[at] = value
    for start in (0, 1024, 2560):  # make the headers count again
        header = plain[start : start + 512]
        header[148:156] = b" " * 8
        plain[start + 148 : start + 156] = f"{sum(header):06o}\0 ".encode()
    home = tmp_path_factory.mktemp("flipped")

    files: tuple[Path, ...] = ()
    try:
        files = extract(gzip.compress(bytes(plain), 1), home / "out")
    except PackArchiveError:
        assert list(home.iterdir()) == []
        return

    assert all(p.is_relative_to(home / "out") and not p.is_symlink() for p in files)
    assert [p.name for p in home.iterdir()] == ["out"]


def test_errors_of_archives_survive_pickling() -> None:
    import pickle

    with pytest.raises(PackArchiveError) as caught:
        read_archive(tarball(("../evil", b"")))
    copy: Any = pickle.loads(pickle.dumps(caught.value))

    assert (copy.code, copy.entry) == ("tarball_path_traversal", "../evil")
    assert str(copy) == str(caught.value)
