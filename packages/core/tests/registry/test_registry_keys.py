"""Digests, signatures, keys and keychains, without a registry."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from typing import Any

import pytest

from openwop import ConfigurationError
from openwop.registry import (
    Keychain,
    PackIntegrityError,
    PackNamespaceError,
    PackSignatureError,
    RegistryDocument,
    Signing,
    TrustedKey,
    build_tarball,
    check_integrity,
    integrity_of,
    keyring,
    load_public_key,
    read_archive,
    rotated_key,
    sign,
    verify_signature,
)

cryptography = pytest.importorskip("cryptography")
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: E402

NAME = "vendor.acme.tools"
TARBALL = build_tarball(
    {"version": "1.2.0", "name": NAME, "engines": {"openwop": ">=1"}}, {"a.js": b"1"}
)
ARCHIVE = read_archive(TARBALL)
NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC).timestamp()


def key(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def raw(number: int) -> bytes:
    return key(number).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def der(number: int) -> bytes:
    return key(number).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def listed(number: int, **more: Any) -> dict[str, Any]:
    return {
        "keyId": f"key-{number}",
        "algorithm": "ed25519",
        "publicKey": base64.b64encode(der(number)).decode(),
        "permittedNamespaces": ["vendor.acme.*"],
    } | more


def document(*keys: dict[str, Any]) -> RegistryDocument:
    return RegistryDocument.from_dict({"signingKeys": list(keys)})


def verify(signature: bytes, keys: Any, **more: Any) -> Any:
    return verify_signature(ARCHIVE, signature, keys, pack=NAME, **({"now": NOW} | more))


def test_a_digest_is_the_base64_of_the_raw_bytes() -> None:
    expected = "sha256-" + base64.b64encode(hashlib.sha256(b"x").digest()).decode()

    assert integrity_of(b"x") == expected
    assert check_integrity(b"x", expected) == expected


def test_another_digest_is_refused_and_the_message_names_where_it_came_from() -> None:
    with pytest.raises(PackIntegrityError, match="the index promises sha256-") as caught:
        check_integrity(b"x", integrity_of(b"y"), where="the index")

    assert caught.value.code == "pack_integrity_failure"


@pytest.mark.parametrize("text", ["", "sha256-", "sha256-!!", "sha512-" + "A" * 86 + "==", "x"])
def test_what_is_no_digest_matches_nothing(text: str) -> None:
    with pytest.raises(PackIntegrityError):
        check_integrity(b"x", text)


def test_the_base64_of_the_hexadecimal_text_is_recognised_and_refused() -> None:
    recipe = "sha256-" + base64.b64encode(hashlib.sha256(b"x").hexdigest().encode()).decode()

    with pytest.raises(PackIntegrityError, match="hexadecimal text"):
        check_integrity(b"x", recipe)


def test_a_key_is_read_in_every_form() -> None:
    public = key(1).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    forms: list[str | bytes] = [
        raw(1),
        der(1),
        pem,
        pem.decode(),
        base64.b64encode(raw(1)),
        base64.b64encode(der(1)).decode() + "\n",
    ]
    assert [load_public_key(form) for form in forms] == [raw(1)] * len(forms)


@pytest.mark.parametrize("form", ["", "AAAA", b"\xff" * 31, "-----BEGIN RSA-----\nAAAA\n"])
def test_what_is_no_key_is_refused_without_being_shown(form: str | bytes) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_public_key(form)

    assert "AAAA" not in str(caught.value)


def test_a_signature_over_the_tarball_is_preferred() -> None:
    found = verify(sign(key(1), TARBALL), keyring(NAME, document(listed(1))))

    assert (found.covers, found.key.key_id, found.key.origin) == ("tarball", "key-1", "registry")


@pytest.mark.parametrize("form", ["as it is", "canonical"])
def test_a_signature_over_the_manifest_is_taken_and_said_to_be_one(form: str) -> None:
    signed = ARCHIVE.manifest_bytes
    if form == "canonical":
        signed = json.dumps(ARCHIVE.manifest, sort_keys=True, separators=(",", ":")).encode()
        assert signed != ARCHIVE.manifest_bytes

    found = verify(sign(key(1), signed), keyring(NAME, document(listed(1))))

    assert found.covers == "manifest"


def test_a_signature_may_come_as_text() -> None:
    text = base64.encodebytes(sign(key(1), TARBALL))

    assert verify(text, keyring(NAME, document(listed(1)))).covers == "tarball"


@pytest.mark.parametrize("signature", [b"", b"x" * 63, b"x" * 64, b"A" * 88, b"\xff" * 65])
def test_what_is_no_signature_verifies_nothing(signature: bytes) -> None:
    with pytest.raises(PackSignatureError) as caught:
        verify(signature, keyring(NAME, document(listed(1))))

    assert caught.value.code == "pack_signature_invalid"


def test_a_key_that_nobody_lists_does_not_count() -> None:
    with pytest.raises(PackSignatureError, match="by none of 1 keys"):
        verify(sign(key(2), TARBALL), keyring(NAME, document(listed(1))))


@pytest.mark.parametrize(
    ("namespaces", "permitted"),
    [
        (["vendor.acme.*"], True),
        (["vendor.acme"], True),
        (["vendor.acme.tools"], True),
        (["*"], True),
        (["core.*", "vendor.acme.*"], True),
        (["vendor.acm"], False),
        (["vendor.acme.tool"], False),
        (["vendor.other.*"], False),
        ([".*"], False),
        ([""], False),
        ([], False),
        (None, False),
    ],
)
def test_a_key_counts_in_its_namespaces_only(namespaces: list[str] | None, permitted: bool) -> None:
    keys = keyring(NAME, document(listed(1, permittedNamespaces=namespaces)))
    signature = sign(key(1), TARBALL)
    if permitted:
        assert verify(signature, keys).key.permits(NAME)
        return

    with pytest.raises(PackNamespaceError) as caught:
        verify(signature, keys)

    assert caught.value.code == "pack_namespace_unauthorized"


def test_one_namespace_is_not_taken_for_its_letters() -> None:
    trusted = TrustedKey("mine", raw(1), "vendor.acme")  # type: ignore[arg-type]

    assert trusted.namespaces == ("vendor.acme",)


@pytest.mark.parametrize(
    ("published", "good"),
    [
        ("2025-01-01T00:00:00Z", True),
        ("2025-06-30T12:00:00+02:00", True),
        ("2024-12-31T23:59:59Z", False),
        ("2026-01-01T00:00:01Z", False),
        ("2031-01-01T00:00:00Z", False),
        (None, False),
        ("yesterday", False),
    ],
)
def test_a_key_past_its_time_verifies_what_was_published_in_it(
    published: str | None, good: bool
) -> None:
    keys = keyring(
        NAME,
        document(listed(1, validFrom="2025-01-01T00:00:00Z", validUntil="2026-01-01T00:00:00Z")),
    )
    signature = sign(key(1), TARBALL)
    if good:
        assert verify(signature, keys, published_at=published).key.key_id == "key-1"
        return

    with pytest.raises(PackSignatureError, match="not valid at"):
        verify(signature, keys, published_at=published)


def test_a_key_that_the_manifest_names_must_be_the_one_that_signed() -> None:
    keys = keyring(NAME, document(listed(1), listed(2)))
    signature = sign(key(2), TARBALL)

    named = Signing(method="ed25519", key_id="key-2")
    assert verify(signature, keys, signing=named).key.key_id == "key-2"
    with pytest.raises(PackSignatureError, match="by none of 1 keys"):
        verify(signature, keys, signing=Signing(method="ed25519", key_id="key-1"))
    with pytest.raises(PackSignatureError, match="nobody vouches"):
        verify(signature, keys, signing=Signing(method="ed25519", key_id="key-9"))


def test_a_reference_that_is_a_path_names_no_key() -> None:
    keys = keyring(NAME, document(listed(1)))
    signing = Signing(method="manual", public_key_ref="keys/signing.pem")

    assert verify(sign(key(1), TARBALL), keys, signing=signing).key.key_id == "key-1"


def test_another_method_is_not_taken_for_a_signature_of_ours() -> None:
    with pytest.raises(PackSignatureError, match="sigstore"):
        verify(
            sign(key(1), TARBALL),
            keyring(NAME, document(listed(1))),
            signing=Signing(method="sigstore", key_id="key-1"),
        )


def test_registries_may_call_the_id_of_a_key_otherwise() -> None:
    entry = listed(1)
    entry["id"] = entry.pop("keyId")

    assert keyring(NAME, document(entry)).keys[0].key_id == "key-1"


def test_keys_that_cannot_be_used_are_left_out_with_a_reason() -> None:
    found = keyring(
        NAME,
        document(
            listed(1, algorithm="rsa"), listed(2, publicKey="??"), listed(3, validFrom="soon")
        ),
    )

    assert found.keys == ()
    assert len(found.problems) == 3


def test_a_key_that_the_caller_trusts_counts_without_a_registry() -> None:
    keys = keyring(NAME, None, trusted=[TrustedKey("mine", raw(7), ["vendor.acme"])])

    assert verify(sign(key(7), TARBALL), keys).key.origin == "caller"


FIRST = {
    "kid": "key-1",
    "publicKey": base64.b64encode(der(1)).decode(),
    "validFrom": "2025-01-01T00:00:00Z",
    "validUntil": "2026-03-01T00:00:00Z",
    "rotatedTo": "key-2",
}


def rotation(old: int, new: int, valid_from: str, **more: Any) -> dict[str, Any]:
    made = rotated_key(
        key(old),
        rotated_from=f"key-{old}",
        kid=f"key-{new}",
        public_key=raw(new),
        valid_from=valid_from,
    )
    return {**made.to_dict(), **more}


def chain(*keys: dict[str, Any], namespace: str | None = "vendor.acme") -> Keychain:
    return Keychain.from_dict({"namespace": namespace, "keys": list(keys)})


def test_a_rotation_proof_is_over_the_id_the_key_and_the_start() -> None:
    entry = rotation(1, 2, "2026-02-01T00:00:00Z")

    signed = (entry["kid"] + entry["publicKey"] + entry["validFrom"]).encode()
    key(1).public_key().verify(base64.b64decode(entry["rotationProof"]), signed)


def test_a_chain_of_proofs_leads_to_the_newest_key_in_any_order() -> None:
    third = rotation(2, 3, "2026-04-01T00:00:00Z")
    second = rotation(1, 2, "2026-02-01T00:00:00Z")

    keys = keyring(NAME, document(listed(1)), chain(third, FIRST, second))

    assert keys.problems == ()
    found = verify(sign(key(3), TARBALL), keys, published_at="2026-05-01T00:00:00Z")
    assert (found.key.key_id, found.key.origin) == ("key-3", "rotation")


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(
            rotation(1, 2, "2026-02-01T00:00:00Z", rotationProof="AAAA"), id="broken proof"
        ),
        pytest.param(rotation(1, 2, "2026-02-01T00:00:00Z", rotationProof=None), id="no proof"),
        pytest.param(rotation(1, 2, "2026-02-01T00:00:00Z", kid="key-x"), id="another id"),
        pytest.param(
            rotation(1, 2, "2026-02-01T00:00:00Z", validFrom="2026-02-02T00:00:00Z"),
            id="another start",
        ),
        pytest.param(
            rotation(1, 2, "2026-02-01T00:00:00Z", publicKey=base64.b64encode(raw(4)).decode()),
            id="another key",
        ),
        pytest.param(rotation(9, 2, "2026-02-01T00:00:00Z"), id="proof by a stranger"),
        pytest.param(
            rotation(9, 2, "2026-02-01T00:00:00Z", rotatedFrom="key-1"), id="proof in a name"
        ),
        pytest.param(rotation(1, 2, "2026-03-02T00:00:00Z"), id="after the old key's time"),
        pytest.param(rotation(1, 2, "2024-03-02T00:00:00Z"), id="before the old key's time"),
    ],
)
def test_a_key_without_a_good_proof_does_not_count(second: dict[str, Any]) -> None:
    keys = keyring(NAME, document(listed(1)), chain(FIRST, second))

    assert [k.key_id for k in keys.keys] == ["key-1"]
    assert len(keys.problems) == 1
    for number in (2, 4, 9):
        with pytest.raises(PackSignatureError):
            verify(sign(key(number), TARBALL), keys, published_at="2026-05-01T00:00:00Z")


def test_a_keychain_that_begins_with_nobodys_key_does_not_count() -> None:
    keys = keyring(NAME, document(), chain(FIRST, rotation(1, 2, "2026-02-01T00:00:00Z")))

    assert keys.keys == ()


def test_a_keychain_bounds_the_keys_of_the_registry() -> None:
    keys = keyring(NAME, document(listed(1)), chain(FIRST))
    signature = sign(key(1), TARBALL)

    assert verify(signature, keys, published_at="2026-02-01T00:00:00Z").covers == "tarball"
    with pytest.raises(PackSignatureError, match="not valid at"):
        verify(signature, keys, published_at="2026-04-01T00:00:00Z")


def test_the_keychain_of_another_namespace_is_not_read() -> None:
    other = chain(FIRST, rotation(1, 2, "2026-02-01T00:00:00Z"), namespace="vendor.other")

    keys = keyring(NAME, document(listed(1)), other)

    assert [k.key_id for k in keys.keys] == ["key-1"]
    assert keys.problems == ("the keychain is of vendor.other",)


def test_a_key_may_have_two_names() -> None:
    keys = keyring(NAME, document(listed(1)), chain({**FIRST, "kid": "acme-2025"}))
    signing = Signing(method="ed25519", key_id="acme-2025")

    found = verify(
        sign(key(1), TARBALL), keys, signing=signing, published_at="2025-05-01T00:00:00Z"
    )

    assert found.key.key_id == "acme-2025"


def test_without_the_library_the_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import sys

    signature = sign(key(1), TARBALL)
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric.ed25519", None)

    with pytest.raises(ConfigurationError, match=r"openwop\[verify\]"):
        verify(signature, keyring(NAME, document(listed(1))))
