"""Packs fetched over a socket in every colour: what is verified, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import openwop
from openwop.registry import (
    ArchiveLimits,
    PackArchiveError,
    PackIntegrityError,
    PackNamespaceError,
    PackSignatureError,
    PackVersionNotFoundError,
    SignatureNotAvailableError,
    TrustedKey,
    integrity_of,
    rotated_key,
)

NAME = "vendor.acme.tools"


def test_a_pack_is_found_verified_and_unpacked(face: Any, registry: Any, tmp_path: Path) -> None:
    registry.add("1.0.0")
    data = registry.add("1.2.0")
    registry.add("2.0.0")

    pack = face.one(registry, lambda c: c.fetch(NAME, "^1.0"))

    assert (pack.name, pack.version, pack.registry) == (NAME, "1.2.0", registry.url)
    assert (pack.tarball, pack.integrity) == (data, integrity_of(data))
    assert (pack.signature.covers, pack.signature.key.key_id) == ("tarball", "acme-1")
    assert pack.warnings == ()
    pack.extract(tmp_path / "out")
    assert (tmp_path / "out/dist/index.js").read_bytes() == b"export {}"
    assert "export" not in repr(pack)


def test_an_exact_version_needs_no_index(face: Any, registry: Any) -> None:
    registry.add("1.0.0")

    face.one(registry, lambda c: c.fetch(NAME, "1.0.0"))

    assert f"GET /v1/packs/{NAME}" not in registry.asked()
    assert registry.asked()[0] == f"GET /v1/packs/{NAME}/-/1.0.0.json"


def test_other_bytes_than_the_manifest_promises_are_refused(face: Any, registry: Any) -> None:
    registry.add("1.0.0")
    registry.packs[NAME]["1.0.0"]["served"] = registry.tarball("1.0.0", **{"evil.js": b"!"})

    with pytest.raises(PackIntegrityError) as caught:
        face.one(registry, lambda c: c.fetch(NAME, "1.0.0"))

    assert (caught.value.pack, caught.value.version) == (NAME, "1.0.0")
    assert caught.value.registry == registry.url


@pytest.mark.parametrize("place", ["pin", "index", "etag"])
def test_every_promise_of_a_digest_is_held(face: Any, registry: Any, place: str) -> None:
    data = registry.add("1.0.0")
    wrong = integrity_of(b"something else")
    pin = {}
    if place == "pin":
        pin = {"integrity": wrong}
    elif place == "index":
        entry = registry._entry(NAME, "1.0.0") | {"tarballSha256": wrong}
        index = {"name": NAME, "versions": {"1.0.0": entry}}
        registry.fixed[f"GET /v1/packs/{NAME}"] = (200, {}, index)
    else:
        registry.fixed[f"GET /v1/packs/{NAME}/-/1.0.0.tgz"] = (200, {"ETag": f'W/"{wrong}"'}, data)

    with pytest.raises(PackIntegrityError, match="promises"):
        face.one(registry, lambda c: c.fetch(NAME, **pin))


def test_a_digest_that_was_pinned_is_found_again(face: Any, registry: Any) -> None:
    data = registry.add("1.0.0")

    pack = face.one(registry, lambda c: c.fetch(NAME, "1.0.0", integrity=integrity_of(data)))

    assert pack.integrity == integrity_of(data)


def test_the_manifest_of_another_pack_is_refused(face: Any, registry: Any) -> None:
    registry.add("1.0.0")
    other = {"name": "vendor.acme.other", "version": "1.0.0", "integrity": integrity_of(b"")}
    registry.fixed[f"GET /v1/packs/{NAME}/-/1.0.0.json"] = (200, {}, other)

    with pytest.raises(PackIntegrityError) as caught:
        face.one(registry, lambda c: c.fetch(NAME, "1.0.0"))

    assert caught.value.code == "manifest_mismatch"


def test_a_tarball_of_another_version_is_refused_although_it_is_signed(
    face: Any, registry: Any
) -> None:
    old = registry.add("1.0.0")
    registry.add("1.1.0")
    registry.packs[NAME]["1.1.0"]["tarball"] = old
    registry.signatures[NAME, "1.1.0"] = registry.signatures[NAME, "1.0.0"]
    served = {"name": NAME, "version": "1.1.0", "integrity": integrity_of(old)}
    registry.fixed[f"GET /v1/packs/{NAME}/-/1.1.0.json"] = (200, {}, served)

    with pytest.raises(PackArchiveError) as caught:
        face.one(registry, lambda c: c.fetch(NAME, "1.1.0"))

    assert caught.value.code == "manifest_version_mismatch"


def test_a_signature_over_the_manifest_alone_is_said_to_be_one(face: Any, registry: Any) -> None:
    registry.add("1.0.0", covers="manifest")

    pack = face.one(registry, lambda c: c.fetch(NAME))

    assert pack.signature.covers == "manifest"


def test_an_unsigned_pack_is_refused_unless_the_caller_takes_it(face: Any, registry: Any) -> None:
    registry.add("1.0.0", key=None)

    with pytest.raises(PackSignatureError, match="signatures='if-present'") as caught:
        face.one(registry, lambda c: c.fetch(NAME))
    assert isinstance(caught.value.__cause__, SignatureNotAvailableError)
    taken, ignored = face.each(
        registry,
        lambda c: c.fetch(NAME, signatures="if-present"),
        lambda c: c.fetch(NAME, signatures="ignored"),
    )

    assert (taken.signature, taken.warnings) == (None, (f"{NAME} 1.0.0 has no signature",))
    assert (ignored.signature, ignored.warnings) == (None, ())


def test_a_bad_signature_is_refused_although_none_is_required(face: Any, registry: Any) -> None:
    registry.add("1.0.0", key=registry.new_key)

    with pytest.raises(PackSignatureError):
        face.one(registry, lambda c: c.fetch(NAME), signatures="if-present")


def test_a_key_for_another_namespace_does_not_count(face: Any, registry: Any) -> None:
    registry.keys[0]["permittedNamespaces"] = ["vendor.other.*"]
    registry.add("1.0.0")

    with pytest.raises(PackNamespaceError):
        face.one(registry, lambda c: c.fetch(NAME))


def test_a_pack_signed_after_a_rotation_is_verified_by_the_keychain(
    face: Any, registry: Any
) -> None:
    new = rotated_key(
        registry.key,
        rotated_from="acme-1",
        kid="acme-2",
        public_key=registry.new_public,
        valid_from="2026-01-01T00:00:00Z",
    )
    registry.add("1.0.0", key=registry.new_key)

    with pytest.raises(PackSignatureError):
        face.one(registry, lambda c: c.fetch(NAME))
    _, pack = face.each(
        registry,
        lambda c: c.rotate_key(NAME, new),
        lambda c: c.fetch(NAME),
        api_key="pk_test",
    )
    chain = face.one(registry, lambda c: c.keychain(NAME))

    assert (pack.signature.key.key_id, pack.signature.key.origin) == ("acme-2", "rotation")
    assert chain.keys[0].rotation_proof == new.rotation_proof


def test_keys_that_discovery_only_names_are_fetched(face: Any, registry: Any) -> None:
    del registry.keys[0]["publicKey"]
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    pem = registry.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    registry.fixed["GET /keys/acme-1.pub"] = (200, {"Content-Type": "text/plain"}, pem)
    registry.add("1.0.0")

    pack, again, key = face.each(
        registry,
        lambda c: c.fetch(NAME),
        lambda c: c.fetch(NAME),
        lambda c: c.public_key("acme-1"),
    )

    assert pack.signature.key.public_key == again.signature.key.public_key == registry.public
    assert key == pem
    assert registry.asked().count("GET /keys/acme-1.pub") == 2
    assert registry.asked().count("GET /.well-known/openwop-registry") == 1


def test_a_trusted_key_serves_where_the_registry_has_no_discovery_document(
    face: Any, registry: Any
) -> None:
    registry.fixed["GET /.well-known/openwop-registry"] = registry.no("not_found")
    registry.add("1.0.0")
    trusted = TrustedKey("mine", registry.public, ["vendor.acme"])

    with pytest.raises(PackSignatureError, match="none of 0 keys"):
        face.one(registry, lambda c: c.fetch(NAME))
    pack = face.one(registry, lambda c: c.fetch(NAME), trusted_keys=[trusted])

    assert pack.signature.key == trusted


def test_a_signature_may_stand_elsewhere(face: Any, registry: Any) -> None:
    registry.add("1.0.0")
    signature = registry.signatures[NAME, "1.0.0"]
    moved = (302, {"Location": "/blobs/1"}, b"")
    registry.fixed[f"GET /v1/packs/{NAME}/-/1.0.0.sig"] = moved
    registry.fixed["GET /blobs/1"] = (200, {"Content-Type": "application/octet-stream"}, signature)

    pack, raw = face.each(registry, lambda c: c.fetch(NAME), lambda c: c.signature(NAME, "1.0.0"))

    assert pack.signature is not None
    assert raw == signature


def test_a_tarball_over_the_limit_is_not_read(face: Any, registry: Any) -> None:
    registry.add("1.0.0")

    with pytest.raises(
        openwop.OpenWOPError, match=r"larger than ArchiveLimits.tarball \(100 bytes"
    ):
        face.one(registry, lambda c: c.fetch(NAME), limits=ArchiveLimits(tarball=100))


def test_any_other_answer_over_the_limit_says_how_to_raise_it(face: Any, registry: Any) -> None:
    registry.add("1.0.0")

    with pytest.raises(
        openwop.OpenWOPError, match=r"raise max_response_bytes= of with_options\(\)"
    ):
        face.one(
            registry,
            lambda c: c.with_options(max_response_bytes=10).version_manifest(NAME, "1.0.0"),
        )


def test_withdrawn_versions_are_served_to_exact_pins_with_a_warning(
    face: Any, registry: Any, caplog: pytest.LogCaptureFixture
) -> None:
    registry.add("1.0.0", deprecated=True, deprecationReason="old", supersededBy="1.1.0")
    registry.add("1.1.0", yanked={"reason": "leaks", "advisoryUrl": "https://example.com/a"})

    ranged, pinned = face.each(
        registry, lambda c: c.fetch(NAME, "*"), lambda c: c.fetch(NAME, "1.1.0")
    )

    assert ranged.version == "1.0.0"
    assert ranged.warnings == (f"{NAME} 1.0.0 is deprecated: old; use 1.1.0",)
    assert pinned.warnings == (f"{NAME} 1.1.0 is yanked: leaks (see https://example.com/a)",)
    assert [r.levelname for r in caplog.records if "yanked" in r.getMessage()] == ["WARNING"]


def test_no_version_that_fits_is_an_error_that_lists_what_there_is(
    face: Any, registry: Any
) -> None:
    registry.add("1.0.0")

    with pytest.raises(PackVersionNotFoundError, match=r"it has 1\.0\.0") as caught:
        face.one(registry, lambda c: c.resolve(NAME, "^2"))

    assert isinstance(caught.value, LookupError)
    assert caught.value.code == "pack_version_not_found"


def test_the_deadline_bounds_all_requests_of_a_fetch(face: Any, registry: Any) -> None:
    registry.add("1.0.0")

    with pytest.raises(openwop.DeadlineExceededError):
        face.one(registry, lambda c: c.fetch(NAME, deadline=1e-9))

    assert registry.seen == []


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", "a b", "-", "a" * 257])
def test_what_is_no_name_of_a_pack_reaches_nobody(face: Any, registry: Any, name: str) -> None:
    for call in (
        lambda c: c.fetch(name),
        lambda c: c.pack_index(name),
        lambda c: c.version_manifest(name, "1.0.0"),
        lambda c: c.keychain(name),
    ):
        with pytest.raises(openwop.ConfigurationError):
            face.one(registry, call)
    with pytest.raises(openwop.ConfigurationError):
        face.one(registry, lambda c: c.version_manifest(NAME, "^1"))

    assert registry.seen == []
