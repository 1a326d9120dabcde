"""Publishing, marking and unpublishing; refusals and their classes; the settings of clients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import openwop
from openwop import HttpxTransport
from openwop.registry import (
    PackArchiveError,
    PackArchiveRejectedError,
    PackIntegrityRejectedError,
    PackManifestRejectedError,
    PackNameRejectedError,
    PackRejectedError,
    RegistryClient,
    UnpublishWindowExpiredError,
    VersionConflictError,
    build_tarball,
    integrity_of,
    sign,
)

NAME = "vendor.acme.tools"


def pack(version: str) -> bytes:
    manifest = {"name": NAME, "version": version, "engines": {"openwop": ">=1.0"}}
    return build_tarball(manifest)


def test_a_pack_is_published_with_its_digest_and_fetched_again(face: Any, registry: Any) -> None:
    data = registry.tarball("1.0.0")
    registry.signatures[NAME, "1.0.0"] = sign(registry.key, data)

    first, again, pack = face.each(
        registry,
        lambda c: c.publish(NAME, "1.0.0", data, signing_method="manual"),
        lambda c: c.publish(NAME, "1.0.0", data, signing_method="manual"),
        lambda c: c.fetch(NAME, "1.0.0"),
        api_key="pk_test",
    )

    assert first == again
    assert first.tarball_sha256 == integrity_of(data)
    assert pack.tarball == data
    method, _, headers = registry.seen[0]
    assert (method, headers["content-type"]) == ("PUT", "application/tar+gzip")
    assert headers["x-pack-sha256"] == integrity_of(data)
    assert headers["x-pack-signing-method"] == "manual"


def test_a_publication_has_happened_whatever_the_answer_says(face: Any, registry: Any) -> None:
    data = registry.tarball("1.0.0")
    registry.fixed[f"PUT /v1/packs/{NAME}/-/1.0.0.tgz"] = (201, {}, b"")

    made = face.one(registry, lambda c: c.publish(NAME, "1.0.0", data), api_key="pk_test")

    assert (made.name, made.version) == (NAME, "1.0.0")
    assert made.tarball_sha256 == integrity_of(data)


def test_a_version_never_changes(face: Any, registry: Any) -> None:
    registry.add("1.0.0")

    with pytest.raises(VersionConflictError) as caught:
        face.one(
            registry,
            lambda c: c.publish(NAME, "1.0.0", registry.tarball("1.0.0", **{"b.js": b""})),
            api_key="pk_test",
        )

    assert isinstance(caught.value, openwop.ConflictError)


@pytest.mark.parametrize(
    ("name", "version", "data", "code"),
    [
        (NAME, "1.0.0", pack("1.0.1"), "manifest_version_mismatch"),
        ("vendor.acme.other", "1.0.0", pack("1.0.0"), "manifest_name_mismatch"),
        (NAME, "1.0.0", b"", "tarball_tar_parse_failed"),
        (NAME, "1.0.0", build_tarball({"name": NAME, "version": "1.0.0"}), "invalid_manifest"),
        (
            NAME,
            "1.0.0",
            build_tarball({"name": NAME, "version": "1.0.0", "engines": {"openwop": "new"}}),
            "invalid_engines_range",
        ),
        (
            NAME,
            "1.0.0",
            build_tarball(
                {
                    "name": NAME,
                    "version": "1.0.0",
                    "engines": {"openwop": "*"},
                    "runtime": {"language": "wasm", "entry": "a.wasm"},
                }
            ),
            "tarball_entry_missing",
        ),
    ],
)
def test_what_a_registry_would_refuse_is_not_sent(
    face: Any, registry: Any, name: str, version: str, data: bytes, code: str
) -> None:
    with pytest.raises(PackArchiveError) as caught:
        face.one(registry, lambda c: c.publish(name, version, data), api_key="pk_test")

    assert caught.value.code == code
    assert registry.seen == []


@pytest.mark.parametrize("name", ["local.acme.tools", "acme.tools", "vendor.acme", "Vendor.a.b"])
def test_a_name_that_no_registry_takes_is_not_sent(face: Any, registry: Any, name: str) -> None:
    with pytest.raises(openwop.ConfigurationError, match="cannot be published"):
        face.one(registry, lambda c: c.publish(name, "1.0.0", b""), api_key="pk_test")

    assert registry.seen == []


STAGES: list[tuple[type[PackRejectedError], str, str]] = [
    (PackNameRejectedError, "url", "invalid_pack_scope invalid_pack_name invalid_version"),
    (PackRejectedError, "body", "invalid_body payload_too_large tarball_too_large"),
    (
        PackArchiveRejectedError,
        "extraction",
        (
            "tarball_gunzip_failed tarball_manifest_missing tarball_manifest_too_large "
            "tarball_manifest_not_json tarball_entry_missing tarball_entry_too_large "
            "tarball_path_traversal tarball_tar_parse_failed missing_manifest unsafe_paths"
        ),
    ),
    (
        PackManifestRejectedError,
        "manifest",
        (
            "invalid_manifest manifest_mismatch manifest_name_mismatch manifest_version_mismatch "
            "manifest_path_mismatch invalid_engines_range schema_ref_missing unsupported_runtime"
        ),
    ),
    (PackIntegrityRejectedError, "integrity", "pack_integrity_failure signature_invalid"),
]


@pytest.mark.parametrize(
    ("cls", "stage", "code"),
    [(cls, stage, code) for cls, stage, codes in STAGES for code in codes.split()],
)
def test_a_refusal_to_publish_has_a_class_by_its_code(
    transport: HttpxTransport,
    registry: Any,
    cls: type[PackRejectedError],
    stage: str,
    code: str,
) -> None:
    status = 413 if code == "payload_too_large" else 400
    registry.fixed["*"] = registry.no(code, status)

    with (
        RegistryClient(registry.url, api_key="pk_test", transport=transport) as client,
        pytest.raises(PackRejectedError) as caught,
    ):
        client.publish(NAME, "1.0.0", registry.tarball("1.0.0"))

    assert type(caught.value) is cls
    assert (caught.value.stage, caught.value.code, caught.value.status_code) == (
        stage, code, status,
    )  # fmt: skip
    assert len(registry.seen) == 1  # never repeated
    assert "pk_test" not in repr(caught.value.request)


@pytest.mark.parametrize(
    ("status", "code", "cls"),
    [
        (403, "forbidden", openwop.PermissionDeniedError),
        (403, "pack_namespace_unauthorized", openwop.PermissionDeniedError),
        (409, "conflict", VersionConflictError),
        (409, "version_conflict", VersionConflictError),
        (400, "unpublish_window_expired", UnpublishWindowExpiredError),
        (404, "pack_version_not_found", openwop.NotFoundError),
        (500, "pack_load_failure", openwop.InternalServerError),
        (401, "unauthenticated", openwop.AuthenticationError),
        (400, "brand_new_code", openwop.BadRequestError),
    ],
)
def test_other_refusals_have_the_classes_of_openwop(
    transport: HttpxTransport,
    registry: Any,
    status: int,
    code: str,
    cls: type[openwop.errors.APIStatusError],
) -> None:
    registry.fixed["*"] = registry.no(code, status)

    with (
        RegistryClient(registry.url, api_key="pk_test", transport=transport) as client,
        pytest.raises(openwop.errors.APIStatusError) as caught,
    ):
        client.unpublish(NAME, "1.0.0")

    assert type(caught.value) is cls
    assert len(registry.seen) == 1


def test_an_unreachable_upstream_is_asked_again(registry: Any) -> None:
    registry.fixed["*"] = registry.no("pack_registry_unreachable", 503)
    patient = openwop.RetryPolicy(attempts=3, initial=0, maximum=0)

    with (
        RegistryClient(registry.url, retry=patient, load_plugins=False) as client,
        pytest.raises(openwop.InternalServerError),
    ):
        client.pack_index(NAME)

    assert len(registry.seen) == 3


def test_marks_are_set_and_taken_back(face: Any, registry: Any) -> None:
    registry.add("1.0.0")
    results = face.each(
        registry,
        lambda c: c.deprecate(NAME, "1.0.0", reason="old", superseded_by="2.0.0"),
        lambda c: c.yank(NAME, "1.0.0", reason="leaks", advisory_url="https://example.com/a"),
        lambda c: c.version_manifest(NAME, "1.0.0"),
        lambda c: c.undeprecate(NAME, "1.0.0"),
        lambda c: c.unyank(NAME, "1.0.0"),
        lambda c: c.version_manifest(NAME, "1.0.0"),
        lambda c: c.unpublish(NAME, "1.0.0"),
        api_key="pk_test",
    )

    marked, plain = results[2], results[5]
    assert str(marked.deprecation_mark) == "deprecated: old; use 2.0.0"
    assert str(marked.yank_mark) == "yanked: leaks (see https://example.com/a)"
    assert (plain.deprecation_mark, plain.yank_mark) == (None, None)
    assert registry.packs[NAME] == {}


def test_publishing_needs_a_key_and_reading_needs_none(
    face: Any, registry: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENWOP_REGISTRY_API_KEY", raising=False)

    with pytest.raises(openwop.ConfigurationError, match="OPENWOP_REGISTRY_API_KEY"):
        face.one(registry, lambda c: c.unpublish(NAME, "1.0.0"))

    assert registry.seen == []


def test_keys_of_the_environment_go_to_the_registry_of_the_environment_only(
    face: Any, serve: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    own, other = serve(), serve()
    monkeypatch.setenv("OPENWOP_API_KEY", "hk_host")
    monkeypatch.setenv("OPENWOP_REGISTRY_URL", own.url + "/")
    monkeypatch.setenv("OPENWOP_REGISTRY_API_KEY", "pk_test")
    for registry in (own, other):
        face.one(registry, lambda c: c.discovery())
    with RegistryClient(load_plugins=False) as client:
        client.discovery()

    assert [h.get("authorization") for _, _, h in own.seen] == ["Bearer pk_test"] * 2
    assert [h.get("authorization") for _, _, h in other.seen] == [None]
