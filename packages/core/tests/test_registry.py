"""Registry clients over a socket, in every colour: packs found, verified, published."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import openwop
from openwop.registry import (
    AsyncPackResolver,
    AsyncRegistryClient,
    PackArchiveError,
    PackArchiveRejectedError,
    PackIntegrityError,
    PackIntegrityRejectedError,
    PackManifestRejectedError,
    PackNameRejectedError,
    PackNamespaceError,
    PackRegistryUnreachableError,
    PackRejectedError,
    PackResolver,
    PackSignatureError,
    PackStore,
    PackVersionNotFoundError,
    RegistryClient,
    SignatureNotAvailableError,
    TrustedKey,
    UnpublishWindowExpiredError,
    VersionConflictError,
    build_tarball,
    integrity_of,
    read_archive,
    rotated_key,
    sign,
)

pytest.importorskip("cryptography")
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NAME = "vendor.acme.tools"
KEY = Ed25519PrivateKey.from_private_bytes(b"\1" * 32)
NEW_KEY = Ed25519PrivateKey.from_private_bytes(b"\2" * 32)
PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
NEW_PUBLIC = NEW_KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
ONCE = openwop.RetryPolicy(attempts=1)

Reply = tuple[int, dict[str, str], Any]


def tarball(version: str, name: str = NAME, **files: bytes) -> bytes:
    manifest = {
        "name": name,
        "version": version,
        "engines": {"openwop": ">=1.0 <3.0.0"},
        "runtime": {"language": "javascript", "entry": "./dist/index.js"},
        "nodes": [{"typeId": "vendor.acme.add", "version": "1", "category": "data"}],
    }
    return build_tarball(manifest, {"dist/index.js": b"export {}", **files})


class Registry:
    """A registry that keeps what is published, over a socket."""

    def __init__(self) -> None:
        self.packs: dict[str, dict[str, dict[str, Any]]] = {}
        self.signatures: dict[tuple[str, str], bytes] = {}
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.fixed: dict[str, Reply] = {}
        self.keys: list[dict[str, Any]] = [
            {
                "keyId": "acme-1",
                "algorithm": "ed25519",
                "publicKey": base64.b64encode(PUBLIC).decode(),
                "validFrom": "2025-01-01T00:00:00Z",
                "permittedNamespaces": ["vendor.acme.*"],
            }
        ]
        self.chain: list[dict[str, Any]] = []
        registry = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: object) -> None:
                return

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                registry.seen.append((self.command, self.path, headers))
                status, extra, content = registry.answer(self.command, self.path, headers, body)
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **extra}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.01,))
        self._thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()

    def add(
        self,
        version: str,
        *,
        key: Any = KEY,
        covers: str = "tarball",
        name: str = NAME,
        **more: Any,
    ) -> bytes:
        """Publish a version without asking; *more* goes into its entries."""
        data = tarball(version, name)
        self._keep(name, version, data, more)
        if key is not None:
            archive = read_archive(data)
            signed = data if covers == "tarball" else archive.manifest_bytes
            self.signatures[name, version] = sign(key, signed)
        return data

    def _keep(self, name: str, version: str, data: bytes, marks: dict[str, Any]) -> None:
        self.packs.setdefault(name, {})[version] = {
            "tarball": data,
            "publishedAt": "2026-02-01T00:00:00Z",
            "marks": dict(marks),
        }

    def asked(self) -> list[str]:
        return [f"{method} {path}" for method, path, _ in self.seen]

    # -- answers ----------------------------------------------------------------------------

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
        fixed = self.fixed.get(f"{method} {target}") or self.fixed.get("*")
        if fixed is not None:
            return fixed
        path, _, query = target.partition("?")
        if path == "/.well-known/openwop-registry":
            return 200, {}, {"signingKeys": self.keys}
        if path == "/v1/packs/-/search":
            needle = query.removeprefix("q=")
            return 200, {}, {"results": [{"name": n} for n in self.packs if needle in n]}
        if path == "/v1/packs/-/by-type/vendor.acme.add":
            return 200, {}, [{"name": n, "version": max(v)} for n, v in self.packs.items()]
        parts = path.split("/")  # "", v1, packs, name, -, rest...
        if parts[:3] != ["", "v1", "packs"] or len(parts) < 4:
            return self.no("not_found")
        name, rest = parts[3], parts[5:]
        if not rest:
            return self._index(name)
        if rest[0] == "keychain":
            if method == "POST" and rest[1:] == ["rotate"]:
                self.chain.append(json.loads(body))
                return 200, {}, {}
            return (
                (200, {}, {"namespace": "vendor.acme", "keys": self.chain})
                if self.chain
                else self.no("not_found")
            )
        if method == "GET":
            return self._read(name, rest[0])
        if headers.get("authorization") != "Bearer pk_test":
            return self.no("forbidden", 403)
        if method == "PUT":
            return self._publish(name, rest[0].removesuffix(".tgz"), headers, body)
        return self._mark(method, name, rest, body)

    def no(self, code: str, status: int = 404) -> Reply:
        return status, {}, {"error": code, "message": f"refused: {code}"}

    def _entry(self, name: str, version: str) -> dict[str, Any]:
        kept = self.packs[name][version]
        return {
            "tarballUrl": f"/v1/packs/{name}/-/{version}.tgz",
            "tarballSha256": integrity_of(kept["tarball"]),
            "publishedAt": kept["publishedAt"],
            "signed": (name, version) in self.signatures,
            **kept["marks"],
        }

    def _index(self, name: str) -> Reply:
        if name not in self.packs:
            return self.no("not_found")
        versions = {version: self._entry(name, version) for version in self.packs[name]}
        return 200, {}, {"name": name, "versions": versions, "dist-tags": {}}

    def _read(self, name: str, file: str) -> Reply:
        version, _, kind = file.rpartition(".")
        kept = self.packs.get(name, {}).get(version)
        if kind == "sig":
            found = self.signatures.get((name, version))
            return self.no("signature_not_available") if found is None else (200, {}, found)
        if kept is None:
            return self.no("pack_version_not_found")
        digest = integrity_of(kept["tarball"])
        if kind == "tgz":
            extra = {"ETag": f'"{digest}"', "Content-Type": "application/tar+gzip"}
            return 200, extra, kept.get("served", kept["tarball"])
        manifest = dict(read_archive(kept["tarball"]).manifest)
        manifest |= {"integrity": digest, "publishedAt": kept["publishedAt"], **kept["marks"]}
        return 200, {}, manifest

    def _publish(self, name: str, version: str, headers: dict[str, str], body: bytes) -> Reply:
        if headers.get("x-pack-sha256") != integrity_of(body):
            return self.no("pack_integrity_failure", 400)
        kept = self.packs.get(name, {}).get(version)
        if kept is not None and kept["tarball"] != body:
            return self.no("version_conflict", 409)
        self._keep(name, version, body, {"signingMethod": headers.get("x-pack-signing-method")})
        answer = {"name": name, "version": version, "tarballSha256": integrity_of(body)}
        return (200 if kept else 201), {}, answer

    def _mark(self, method: str, name: str, rest: list[str], body: bytes) -> Reply:
        version, mark = rest[0], rest[1] if len(rest) > 1 else "unpublish"
        if version not in self.packs.get(name, {}):
            return self.no("not_found")
        marks = self.packs[name][version]["marks"]
        member = {"deprecate": "deprecation", "yank": "yanked"}.get(mark)
        if member is None:
            del self.packs[name][version]
        elif method == "POST":
            marks[member] = json.loads(body)
        else:
            marks.pop(member, None)
        return 200, {}, {}


@pytest.fixture
def serve() -> Iterator[Callable[[], Registry]]:
    made: list[Registry] = []

    def start() -> Registry:
        made.append(Registry())
        return made[-1]

    yield start
    for registry in made:
        registry.stop()


@pytest.fixture
def registry(serve: Callable[[], Registry]) -> Registry:
    return serve()


class Face:
    """A client of one colour, whose calls are written once."""

    def __init__(self, colour: Any) -> None:
        self.colour = colour

    def each(self, registry: Registry | str, *calls: Callable[[Any], Any], **settings: Any) -> Any:
        """Make *calls* on one client, one after the other, and return what they returned."""
        url = registry if isinstance(registry, str) else registry.url
        settings = {"retry": ONCE, "load_plugins": False} | settings
        results: list[Any] = []
        if not self.colour.is_async:
            with RegistryClient(url, **settings) as client:
                for call in calls:
                    results.append(call(client))
            return results

        async def run() -> None:
            async with AsyncRegistryClient(url, **settings) as client:
                for call in calls:
                    results.append(await call(client))

        self.colour.run(run)
        return results

    def one(self, registry: Registry | str, call: Callable[[Any], Any], **settings: Any) -> Any:
        return self.each(registry, call, **settings)[0]

    def resolver(self, registries: list[Any], call: Callable[[Any], Any], **settings: Any) -> Any:
        """Make a call on a resolver over *registries*."""
        urls = [getattr(one, "url", one) for one in registries]
        given = {"retry": ONCE, "load_plugins": False}
        if not self.colour.is_async:
            clients = [RegistryClient(url, **given) for url in urls]  # type: ignore[arg-type]
            try:
                return call(PackResolver(clients, **settings))
            finally:
                for client in clients:
                    client.close()

        async def run() -> Any:
            clients = [AsyncRegistryClient(url, **given) for url in urls]  # type: ignore[arg-type]
            try:
                return await call(AsyncPackResolver(clients, **settings))
            finally:
                for client in clients:
                    await client.aclose()

        return self.colour.run(run)


@pytest.fixture
def face(colour: Any) -> Face:
    return Face(colour)


# -- fetching -----------------------------------------------------------------------------------


def test_a_pack_is_found_verified_and_unpacked(
    face: Face, registry: Registry, tmp_path: Path
) -> None:
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


def test_an_exact_version_needs_no_index(face: Face, registry: Registry) -> None:
    registry.add("1.0.0")

    face.one(registry, lambda c: c.fetch(NAME, "1.0.0"))

    assert f"GET /v1/packs/{NAME}" not in registry.asked()
    assert registry.asked()[0] == f"GET /v1/packs/{NAME}/-/1.0.0.json"


def test_other_bytes_than_the_manifest_promises_are_refused(face: Face, registry: Registry) -> None:
    registry.add("1.0.0")
    registry.packs[NAME]["1.0.0"]["served"] = tarball("1.0.0", **{"evil.js": b"!"})

    with pytest.raises(PackIntegrityError) as caught:
        face.one(registry, lambda c: c.fetch(NAME, "1.0.0"))

    assert (caught.value.pack, caught.value.version) == (NAME, "1.0.0")
    assert caught.value.registry == registry.url


@pytest.mark.parametrize("place", ["pin", "index", "etag"])
def test_every_promise_of_a_digest_is_held(face: Face, registry: Registry, place: str) -> None:
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


def test_a_digest_that_was_pinned_is_found_again(face: Face, registry: Registry) -> None:
    data = registry.add("1.0.0")

    pack = face.one(registry, lambda c: c.fetch(NAME, "1.0.0", integrity=integrity_of(data)))

    assert pack.integrity == integrity_of(data)


def test_the_manifest_of_another_pack_is_refused(face: Face, registry: Registry) -> None:
    registry.add("1.0.0")
    other = {"name": "vendor.acme.other", "version": "1.0.0", "integrity": integrity_of(b"")}
    registry.fixed[f"GET /v1/packs/{NAME}/-/1.0.0.json"] = (200, {}, other)

    with pytest.raises(PackIntegrityError) as caught:
        face.one(registry, lambda c: c.fetch(NAME, "1.0.0"))

    assert caught.value.code == "manifest_mismatch"


def test_a_tarball_of_another_version_is_refused_although_it_is_signed(
    face: Face, registry: Registry
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


def test_a_signature_over_the_manifest_alone_is_said_to_be_one(
    face: Face, registry: Registry
) -> None:
    registry.add("1.0.0", covers="manifest")

    pack = face.one(registry, lambda c: c.fetch(NAME))

    assert pack.signature.covers == "manifest"


def test_an_unsigned_pack_is_refused_unless_the_caller_takes_it(
    face: Face, registry: Registry
) -> None:
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


def test_a_bad_signature_is_refused_although_none_is_required(
    face: Face, registry: Registry
) -> None:
    registry.add("1.0.0", key=NEW_KEY)

    with pytest.raises(PackSignatureError):
        face.one(registry, lambda c: c.fetch(NAME), signatures="if-present")


def test_a_key_for_another_namespace_does_not_count(face: Face, registry: Registry) -> None:
    registry.keys[0]["permittedNamespaces"] = ["vendor.other.*"]
    registry.add("1.0.0")

    with pytest.raises(PackNamespaceError):
        face.one(registry, lambda c: c.fetch(NAME))


def test_a_pack_signed_after_a_rotation_is_verified_by_the_keychain(
    face: Face, registry: Registry
) -> None:
    new = rotated_key(
        KEY,
        rotated_from="acme-1",
        kid="acme-2",
        public_key=NEW_PUBLIC,
        valid_from="2026-01-01T00:00:00Z",
    )
    registry.add("1.0.0", key=NEW_KEY)

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


def test_keys_that_discovery_only_names_are_fetched(face: Face, registry: Registry) -> None:
    del registry.keys[0]["publicKey"]
    pem = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    registry.fixed["GET /keys/acme-1.pub"] = (200, {"Content-Type": "text/plain"}, pem)
    registry.add("1.0.0")

    pack, again, key = face.each(
        registry,
        lambda c: c.fetch(NAME),
        lambda c: c.fetch(NAME),
        lambda c: c.public_key("acme-1"),
    )

    assert pack.signature.key.public_key == again.signature.key.public_key == PUBLIC
    assert key == pem
    assert registry.asked().count("GET /keys/acme-1.pub") == 2
    assert registry.asked().count("GET /.well-known/openwop-registry") == 1


def test_a_trusted_key_serves_where_the_registry_has_no_discovery_document(
    face: Face, registry: Registry
) -> None:
    registry.fixed["GET /.well-known/openwop-registry"] = registry.no("not_found")
    registry.add("1.0.0")
    trusted = TrustedKey("mine", PUBLIC, ["vendor.acme"])

    with pytest.raises(PackSignatureError, match="none of 0 keys"):
        face.one(registry, lambda c: c.fetch(NAME))
    pack = face.one(registry, lambda c: c.fetch(NAME), trusted_keys=[trusted])

    assert pack.signature.key == trusted


def test_a_signature_may_stand_elsewhere(face: Face, registry: Registry) -> None:
    registry.add("1.0.0")
    signature = registry.signatures[NAME, "1.0.0"]
    moved = (302, {"Location": "/blobs/1"}, b"")
    registry.fixed[f"GET /v1/packs/{NAME}/-/1.0.0.sig"] = moved
    registry.fixed["GET /blobs/1"] = (200, {"Content-Type": "application/octet-stream"}, signature)

    pack, raw = face.each(registry, lambda c: c.fetch(NAME), lambda c: c.signature(NAME, "1.0.0"))

    assert pack.signature is not None
    assert raw == signature


def test_a_tarball_over_the_limit_is_not_read(face: Face, registry: Registry) -> None:
    from openwop.registry import ArchiveLimits

    registry.add("1.0.0")

    with pytest.raises(openwop.OpenWOPError, match="larger than"):
        face.one(registry, lambda c: c.fetch(NAME), limits=ArchiveLimits(tarball=100))


def test_withdrawn_versions_are_served_to_exact_pins_with_a_warning(
    face: Face, registry: Registry, caplog: pytest.LogCaptureFixture
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
    face: Face, registry: Registry
) -> None:
    registry.add("1.0.0")

    with pytest.raises(PackVersionNotFoundError, match=r"it has 1\.0\.0") as caught:
        face.one(registry, lambda c: c.resolve(NAME, "^2"))

    assert isinstance(caught.value, LookupError)
    assert caught.value.code == "pack_version_not_found"


def test_the_deadline_bounds_all_requests_of_a_fetch(face: Face, registry: Registry) -> None:
    registry.add("1.0.0")

    with pytest.raises(openwop.DeadlineExceededError):
        face.one(registry, lambda c: c.fetch(NAME, deadline=1e-9))

    assert registry.seen == []


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", "a b", "-", "a" * 257])
def test_what_is_no_name_of_a_pack_reaches_nobody(
    face: Face, registry: Registry, name: str
) -> None:
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


# -- reading ------------------------------------------------------------------------------------


def test_the_discovery_document_is_found_under_its_other_name(
    face: Face, registry: Registry
) -> None:
    registry.fixed["GET /.well-known/openwop-registry"] = registry.no("not_found")
    registry.fixed["GET /.well-known/openwop-registry.json"] = (
        200, {}, {"signingKeys": registry.keys, "endpoints": {"pack": "/v1/packs/{name}"}},
    )  # fmt: skip

    document = face.one(registry, lambda c: c.discovery())

    assert document.signing_keys[0].name == "acme-1"
    assert document.endpoints == {"pack": "/v1/packs/{name}"}


@pytest.mark.parametrize("layout", ["static", "root", "listed"])
def test_a_static_registry_is_read_and_its_layout_remembered(
    face: Face, registry: Registry, layout: str
) -> None:
    registry.add("1.0.0")
    index = registry._index(NAME)[2]
    page = (404, {"Content-Type": "text/html"}, b"<h1>nothing here</h1>")
    registry.fixed[f"GET /v1/packs/{NAME}"] = page
    registry.fixed[f"GET /v1/packs/{NAME}/index.json"] = page
    registry.fixed["GET /v1/packs/vendor.acme.none/index.json"] = page
    whole = {"static": index, "root": {"packs": {NAME: index}}, "listed": {"packs": [index]}}
    place = f"/v1/packs/{NAME}/index.json" if layout == "static" else "/index.json"
    registry.fixed[f"GET {place}"] = (200, {}, whole[layout])

    first, again = face.each(registry, lambda c: c.pack_index(NAME), lambda c: c.pack_index(NAME))

    assert list(first.versions) == list(again.versions) == ["1.0.0"]
    assert registry.asked().count(f"GET /v1/packs/{NAME}") == 1
    assert registry.asked()[-1] == f"GET {place}"


def test_a_registry_that_says_no_is_not_asked_in_other_ways(face: Face, registry: Registry) -> None:
    with pytest.raises(openwop.NotFoundError) as caught:
        face.one(registry, lambda c: c.pack_index(NAME))

    assert caught.value.code == "not_found"
    assert registry.asked() == [f"GET /v1/packs/{NAME}"]


def test_packs_are_searched_and_listed(face: Face, registry: Registry) -> None:
    registry.add("1.0.0")
    registry.fixed["GET /v1/packs"] = (200, {}, {"packs": [NAME, {"name": "core.x", "y": 1}]})
    registry.fixed["GET /v1/packs/export"] = (200, {}, b"\0bytes")

    found, typed, every, export = face.each(
        registry,
        lambda c: c.search_packs("acme"),
        lambda c: c.packs_by_type("vendor.acme.add"),
        lambda c: c.list_packs(),
        lambda c: c.export_packs(),
    )

    assert [p.name for p in found] == [NAME]
    assert [(p.name, p.version) for p in typed] == [(NAME, "1.0.0")]
    assert [(p.name, dict(p.extra)) for p in every] == [(NAME, {}), ("core.x", {"y": 1})]
    assert export == b"\0bytes"


@pytest.mark.parametrize("body", [{"total": 0}, [{"version": "1.0.0"}], 7])
def test_a_list_of_something_else_is_refused(face: Face, registry: Registry, body: Any) -> None:
    registry.fixed["GET /v1/packs"] = (200, {}, body)

    with pytest.raises(openwop.APIResponseValidationError, match=r"registry\.packs"):
        face.one(registry, lambda c: c.list_packs())


@pytest.mark.parametrize(
    "reply",
    [
        (404, {}, {"error": "not_found"}),
        (404, {}, {"error": "not_implemented"}),
        (501, {}, {"error": "not_implemented"}),
        (405, {}, b""),
    ],
)
def test_what_is_optional_may_be_missing(face: Face, registry: Registry, reply: Reply) -> None:
    registry.fixed["GET /v1/packs/export"] = reply

    with pytest.raises(openwop.CapabilityNotSupportedError) as caught:
        face.one(registry, lambda c: c.export_packs())

    assert caught.value.capability == "exportPacks"


def test_a_web_page_is_no_registry(face: Face, registry: Registry) -> None:
    registry.fixed["*"] = (200, {"Content-Type": "text/html"}, b"<html>")

    with pytest.raises(openwop.APIResponseValidationError, match="web page"):
        face.one(registry, lambda c: c.discovery())


# -- publishing ---------------------------------------------------------------------------------


def test_a_pack_is_published_with_its_digest_and_fetched_again(
    face: Face, registry: Registry
) -> None:
    data = tarball("1.0.0")
    registry.signatures[NAME, "1.0.0"] = sign(KEY, data)

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


def test_a_publication_has_happened_whatever_the_answer_says(
    face: Face, registry: Registry
) -> None:
    data = tarball("1.0.0")
    registry.fixed[f"PUT /v1/packs/{NAME}/-/1.0.0.tgz"] = (201, {}, b"")

    made = face.one(registry, lambda c: c.publish(NAME, "1.0.0", data), api_key="pk_test")

    assert (made.name, made.version) == (NAME, "1.0.0")
    assert made.tarball_sha256 == integrity_of(data)


def test_a_version_never_changes(face: Face, registry: Registry) -> None:
    registry.add("1.0.0")

    with pytest.raises(VersionConflictError) as caught:
        face.one(
            registry,
            lambda c: c.publish(NAME, "1.0.0", tarball("1.0.0", **{"b.js": b""})),
            api_key="pk_test",
        )

    assert isinstance(caught.value, openwop.ConflictError)


@pytest.mark.parametrize(
    ("name", "version", "data", "code"),
    [
        (NAME, "1.0.0", tarball("1.0.1"), "manifest_version_mismatch"),
        ("vendor.acme.other", "1.0.0", tarball("1.0.0"), "manifest_name_mismatch"),
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
    face: Face, registry: Registry, name: str, version: str, data: bytes, code: str
) -> None:
    with pytest.raises(PackArchiveError) as caught:
        face.one(registry, lambda c: c.publish(name, version, data), api_key="pk_test")

    assert caught.value.code == code
    assert registry.seen == []


@pytest.mark.parametrize("name", ["local.acme.tools", "acme.tools", "vendor.acme", "Vendor.a.b"])
def test_a_name_that_no_registry_takes_is_not_sent(
    face: Face, registry: Registry, name: str
) -> None:
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
    registry: Registry, cls: type[PackRejectedError], stage: str, code: str
) -> None:
    status = 413 if code == "payload_too_large" else 400
    registry.fixed["*"] = registry.no(code, status)

    with (
        RegistryClient(registry.url, api_key="pk_test", load_plugins=False) as client,
        pytest.raises(PackRejectedError) as caught,
    ):
        client.publish(NAME, "1.0.0", tarball("1.0.0"))

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
    registry: Registry, status: int, code: str, cls: type[openwop.errors.APIStatusError]
) -> None:
    registry.fixed["*"] = registry.no(code, status)

    with (
        RegistryClient(registry.url, api_key="pk_test", load_plugins=False) as client,
        pytest.raises(openwop.errors.APIStatusError) as caught,
    ):
        client.unpublish(NAME, "1.0.0")

    assert type(caught.value) is cls
    assert len(registry.seen) == 1


def test_an_unreachable_upstream_is_asked_again(registry: Registry) -> None:
    registry.fixed["*"] = registry.no("pack_registry_unreachable", 503)
    patient = openwop.RetryPolicy(attempts=3, initial=0, maximum=0)

    with (
        RegistryClient(registry.url, retry=patient, load_plugins=False) as client,
        pytest.raises(openwop.InternalServerError),
    ):
        client.pack_index(NAME)

    assert len(registry.seen) == 3


def test_marks_are_set_and_taken_back(face: Face, registry: Registry) -> None:
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
    face: Face, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENWOP_REGISTRY_API_KEY", raising=False)

    with pytest.raises(openwop.ConfigurationError, match="OPENWOP_REGISTRY_API_KEY"):
        face.one(registry, lambda c: c.unpublish(NAME, "1.0.0"))

    assert registry.seen == []


def test_keys_of_the_environment_go_to_the_registry_of_the_environment_only(
    face: Face, serve: Callable[[], Registry], monkeypatch: pytest.MonkeyPatch
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


# -- several registries -------------------------------------------------------------------------


def test_the_first_registry_that_has_a_pack_decides(
    face: Face, serve: Callable[[], Registry]
) -> None:
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
    face: Face, serve: Callable[[], Registry]
) -> None:
    primary, fallback = serve(), serve()
    primary.add("1.0.0")
    fallback.add("9.0.0")

    with pytest.raises(PackVersionNotFoundError):
        face.resolver([primary, fallback], lambda r: r.fetch(NAME, "^9"))

    assert fallback.seen == []


def test_each_registry_vouches_for_its_own_packs_alone(
    face: Face, serve: Callable[[], Registry]
) -> None:
    primary, fallback = serve(), serve()
    fallback.keys = []
    fallback.add("1.0.0")

    with pytest.raises(PackSignatureError) as caught:
        face.resolver([primary, fallback], lambda r: r.fetch(NAME, "1.0.0"))

    assert caught.value.registry == fallback.url


@pytest.mark.parametrize("problem", ["tampered", "refused"])
def test_a_pack_that_does_not_verify_is_not_looked_for_elsewhere(
    face: Face, serve: Callable[[], Registry], problem: str
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
    face: Face, serve: Callable[[], Registry]
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
    face: Face, registry: Registry, tmp_path: Path
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


def test_a_stored_pack_whose_bytes_changed_is_refused(registry: Registry, tmp_path: Path) -> None:
    registry.add("1.0.0")
    store = PackStore(tmp_path)
    with RegistryClient(registry.url, load_plugins=False) as client:
        home = store.save(client.fetch(NAME))
    (home / "pack.tgz").write_bytes(tarball("1.0.0", **{"evil.js": b""}))

    with pytest.raises(PackIntegrityError, match="the record promises"):
        store.load(NAME)


def test_a_stored_version_never_changes_but_may_gain_its_signature(
    registry: Registry, tmp_path: Path
) -> None:
    data = registry.add("1.0.0", key=None)
    store = PackStore(tmp_path)
    with RegistryClient(registry.url, signatures="if-present", load_plugins=False) as client:
        store.save(client.fetch(NAME))
        with pytest.raises(PackSignatureError):
            store.load(NAME)
        assert store.load(NAME, signatures="if-present").signature is None
        registry.signatures[NAME, "1.0.0"] = sign(KEY, data)
        store.save(client.fetch(NAME))
        assert store.load(NAME).signature is not None
        other = tarball("1.0.0", **{"other.js": b""})
        registry._keep(NAME, "1.0.0", other, {})
        registry.signatures[NAME, "1.0.0"] = sign(KEY, other)
        with pytest.raises(PackIntegrityError, match="never change"):
            store.save(client.fetch(NAME))

    assert store.load(NAME).tarball == data


def test_stored_versions_that_were_yanked_are_found_by_their_number_only(
    registry: Registry, tmp_path: Path
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


def test_the_key_is_in_no_representation(registry: Registry) -> None:
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
