"""Compressed bodies: cut anywhere, broken, too short, too large, and in several members."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given, strategies as st

from openwop.transports._inflating import Inflater
from openwop.wire import TransportError


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


ENCODERS = {"gzip": gzip.compress, "zlib": zlib.compress, "raw": raw_deflate}


def inflate(*chunks: bytes) -> bytes:
    inflater = Inflater()
    pieces: list[bytes] = []
    for chunk in chunks:
        pieces.append(inflater.feed(chunk))
        while inflater.waiting:
            pieces.append(inflater.feed(b""))
    inflater.end()
    return b"".join(pieces)


@pytest.mark.parametrize("encoding", ENCODERS)
@given(st.binary(max_size=300), st.integers(min_value=1, max_value=40))
def test_a_body_comes_out_however_it_is_cut(encoding: str, data: bytes, size: int) -> None:
    packed = ENCODERS[encoding](data)
    chunks = [packed[start : start + size] for start in range(0, len(packed), size)]

    assert inflate(*chunks) == data


def test_members_that_follow_each_other_are_one_body() -> None:
    packed = gzip.compress(b"one ") + gzip.compress(b"two")

    assert inflate(packed) == b"one two"
    assert inflate(*[bytes([byte]) for byte in packed]) == b"one two"


def test_a_bomb_is_taken_apart_in_pieces() -> None:
    packed = gzip.compress(bytes(50_000_000))
    inflater = Inflater()

    first = inflater.feed(packed)

    assert len(first) == 256 * 1024
    assert inflater.waiting


@pytest.mark.parametrize("cut", [3, -9, -1])
def test_a_body_that_ends_too_early_is_an_error(cut: int) -> None:
    with pytest.raises(TransportError, match="ended too early"):
        inflate(gzip.compress(b"some text")[:cut])


@pytest.mark.parametrize(
    "packed",
    [b"abc", gzip.compress(b"some text") + b"junk", gzip.compress(b"some text")[:-6] + b"\0" * 6],
    ids=["no gzip", "junk behind", "another checksum"],
)
def test_a_body_that_is_broken_is_an_error(packed: bytes) -> None:
    with pytest.raises(TransportError, match=r"broken|too early"):
        inflate(packed)


def test_no_body_at_all_is_no_error() -> None:
    assert inflate() == b""
    assert inflate(b"") == b""
