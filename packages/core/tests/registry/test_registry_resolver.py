"""Several registries in order, and packs without a network."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import openwop
from openwop.registry import (
    AsyncPackResolver,
    AsyncRegistryClient,
    PackIntegrityError,
    PackRegistryUnreachableError,
    PackResolver,
    PackSignatureError,
    PackStore,
    PackVersionNotFoundError,
    RegistryClient,
    sign,
)

NAME = "vendor.acme.tools"


def test_the_first_registry_that_has_a_pack_decides(face: Any, serve: Callable[[], Any]) -> None:
    primary, fallback = serve(), serve()
    primary.add("1.0.0")
    fallback.add("1.5.0")
    fallback.add("1.0.0", name="vendor.acme.extra")

    ours = face.resolver([primary, fallback], lambda r: r.fetch(NAME, "^1"))
    theirs = face.resolver([primary, fallback], lambda r: r.fetch("vendor.acme.extra"))
    found = face.resolver([primary, fallback], lambda r: r.resolve(NAME))

    assert (ours.version, ours.registry) == ("1.0.0", primary.url)
    assert (theirs.version, theirs.registry) == ("1.0.0", fallback.url)
    assert (found.version, found.registry) == ("1.0.0", primary.url)


def test_a_registry_that_knows_a_pack_is_not_passed_over_for_a_version(
    face: Any, serve: Callable[[], Any]
) -> None:
    primary, fallback = serve(), serve()
    primary.add("1.0.0")
    fallback.add("9.0.0")

    with pytest.raises(PackVersionNotFoundError):
        face.resolver([primary, fallback], lambda r: r.fetch(NAME, "^9"))

    assert fallback.seen == []


def test_each_registry_vouches_for_its_own_packs_alone(face: Any, serve: Callable[[], Any]) -> None:
    primary, fallback = serve(), serve()
    fallback.keys = []
    fallback.add("1.0.0")

    with pytest.raises(PackSignatureError) as caught:
        face.resolver([primary, fallback], lambda r: r.fetch(NAME, "1.0.0"))

    assert caught.value.registry == fallback.url


@pytest.mark.parametrize("problem", ["tampered", "refused"])
def test_a_pack_that_does_not_verify_is_not_looked_for_elsewhere(
    face: Any, serve: Callable[[], Any], problem: str
) -> None:
    primary, fallback = serve(), serve()
    primary.add("1.0.0")
    fallback.add("1.0.0")
    if problem == "tampered":
        primary.packs[NAME]["1.0.0"]["served"] = b"something else"
    else:
        primary.fixed["*"] = primary.no("unauthenticated", 401)

    with pytest.raises((PackIntegrityError, openwop.AuthenticationError)):
        face.resolver([primary, fallback], lambda r: r.fetch(NAME, "1.0.0"))

    assert fallback.seen == []


def test_a_registry_that_cannot_be_asked_is_passed_over_and_remembered(
    face: Any, serve: Callable[[], Any]
) -> None:
    gone, broken, last = serve(), serve(), serve()
    gone.stop()
    broken.fixed["*"] = broken.no("pack_load_failure", 500)
    last.add("1.0.0")

    pack = face.resolver([gone, broken, last], lambda r: r.fetch(NAME))
    with pytest.raises(PackRegistryUnreachableError) as caught:
        face.resolver([gone, broken, last], lambda r: r.fetch("vendor.acme.none"))
    with pytest.raises(PackVersionNotFoundError):
        face.resolver([last], lambda r: r.fetch("vendor.acme.none"))

    assert pack.registry == last.url
    assert set(caught.value.causes) == {gone.url, broken.url}
    assert caught.value.code == "pack_registry_unreachable"


def test_offline_takes_packs_from_the_store_and_sends_nothing(
    face: Any, registry: Any, tmp_path: Path
) -> None:
    registry.add("1.0.0")
    registry.add("1.1.0")
    store = PackStore(tmp_path / "packs")
    for version in ("1.0.0", "1.1.0"):
        face.resolver([registry], lambda r, v=version: r.fetch(NAME, v), store=store)
    before = len(registry.seen)

    pack = face.resolver([registry], lambda r: r.fetch(NAME, "^1"), store=store, offline=True)
    with pytest.raises(PackVersionNotFoundError):
        face.resolver([registry], lambda r: r.fetch(NAME, "^2"), store=store, offline=True)
    with pytest.raises(openwop.ConfigurationError):
        face.resolver([registry], lambda r: r.resolve(NAME), store=store, offline=True)

    assert (pack.version, pack.registry) == ("1.1.0", registry.url)
    assert pack.signature.key.key_id == "acme-1"
    assert store.versions(NAME) == ["1.0.0", "1.1.0"]
    assert len(registry.seen) == before


def test_a_stored_pack_whose_bytes_changed_is_refused(registry: Any, tmp_path: Path) -> None:
    registry.add("1.0.0")
    store = PackStore(tmp_path)
    with RegistryClient(registry.url, load_plugins=False) as client:
        home = store.save(client.fetch(NAME))
    (home / "pack.tgz").write_bytes(registry.tarball("1.0.0", **{"evil.js": b""}))

    with pytest.raises(PackIntegrityError, match="the record promises"):
        store.load(NAME)


def test_a_stored_version_never_changes_but_may_gain_its_signature(
    registry: Any, tmp_path: Path
) -> None:
    data = registry.add("1.0.0", key=None)
    store = PackStore(tmp_path)
    with RegistryClient(registry.url, signatures="if-present", load_plugins=False) as client:
        store.save(client.fetch(NAME))
        with pytest.raises(PackSignatureError):
            store.load(NAME)
        assert store.load(NAME, signatures="if-present").signature is None
        registry.signatures[NAME, "1.0.0"] = sign(registry.key, data)
        store.save(client.fetch(NAME))
        assert store.load(NAME).signature is not None
        other = registry.tarball("1.0.0", **{"other.js": b""})
        registry._keep(NAME, "1.0.0", other, {})
        registry.signatures[NAME, "1.0.0"] = sign(registry.key, other)
        with pytest.raises(PackIntegrityError, match="never change"):
            store.save(client.fetch(NAME))

    assert store.load(NAME).tarball == data


def test_stored_versions_that_were_yanked_are_found_by_their_number_only(
    registry: Any, tmp_path: Path
) -> None:
    registry.add("1.0.0", yanked=True, yankedReason="leaks")
    store = PackStore(tmp_path)
    with RegistryClient(registry.url, load_plugins=False) as client:
        store.save(client.fetch(NAME, "1.0.0"))

    with pytest.raises(PackVersionNotFoundError):
        store.load(NAME, "^1")
    assert store.load(NAME, "1.0.0").warnings == (f"{NAME} 1.0.0 is yanked: leaks",)


def test_a_resolver_needs_registries_of_one_colour_and_a_store_when_offline() -> None:
    with RegistryClient("http://127.0.0.1:9", load_plugins=False) as client:
        for clients, settings in (([], {}), ([client], {"offline": True})):
            with pytest.raises(openwop.ConfigurationError):
                PackResolver(clients, **settings)  # type: ignore[arg-type]
        mixed: Any = [client, AsyncRegistryClient("http://127.0.0.1:9", load_plugins=False)]
        with pytest.raises(openwop.ConfigurationError, match="all blocking or all"):
            PackResolver(mixed)


@pytest.mark.parametrize(
    "settings",
    [
        {"signatures": "sometimes"},
        {"api_key": "a", "auth": "b"},
        {"timeout": 0},
        {"base_url": ""},
        {"base_url": "ftp://example.com"},
        {"transport": object()},
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any]) -> None:
    for cls in (RegistryClient, AsyncRegistryClient):
        with pytest.raises(openwop.ConfigurationError):
            cls(**({"base_url": "http://127.0.0.1:9", "load_plugins": False} | settings))


def test_the_key_is_in_no_representation(registry: Any) -> None:
    with RegistryClient(registry.url, api_key="pk_test_secret", load_plugins=False) as client:
        assert repr(client) == f"<RegistryClient {registry.url}>"
        assert "pk_test_secret" not in repr(client._settings)


def test_the_twins_have_the_same_methods_and_arguments() -> None:
    import inspect

    for sync, other in ((RegistryClient, AsyncRegistryClient), (PackResolver, AsyncPackResolver)):
        names = [n for n in vars(sync) if not n.startswith("_")]
        assert names == [n for n in vars(other) if not n.startswith("_")]
        for name in names:
            ours, theirs = getattr(sync, name), getattr(other, name)
            assert inspect.iscoroutinefunction(theirs), name
            assert inspect.signature(ours) == inspect.signature(theirs), name
