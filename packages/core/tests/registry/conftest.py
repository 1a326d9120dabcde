"""What the tests of registries share: a registry over a socket, and clients of every colour."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import aclosing, closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

import openwop
from openwop import AsyncHttpxTransport, HttpxTransport
from openwop.registry import (
    AsyncPackResolver,
    AsyncRegistryClient,
    PackResolver,
    RegistryClient,
    build_tarball,
    integrity_of,
    read_archive,
    sign,
)

NAME = "vendor.acme.tools"
# Not a secure connection in sight: loading certificates would take most of the time.
QUICK: dict[str, Any] = {"retry": openwop.RetryPolicy(attempts=1), "load_plugins": False}

Reply = tuple[int, dict[str, str], Any]


def _key(number: int) -> tuple[Any, bytes]:
    """Return a private key and the bytes of its public one."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
    return key, key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


class Registry:
    """A registry that keeps what is published, over a socket."""

    def __init__(self) -> None:
        self.key, self.public = _key(1)
        self.new_key, self.new_public = _key(2)
        self.packs: dict[str, dict[str, dict[str, Any]]] = {}
        self.signatures: dict[tuple[str, str], bytes] = {}
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.fixed: dict[str, Reply] = {}
        self.keys: list[dict[str, Any]] = [
            {
                "keyId": "acme-1",
                "algorithm": "ed25519",
                "publicKey": base64.b64encode(self.public).decode(),
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

    @staticmethod
    def tarball(version: str, name: str = NAME, **files: bytes) -> bytes:
        manifest = {
            "name": name,
            "version": version,
            "engines": {"openwop": ">=1.0 <3.0.0"},
            "runtime": {"language": "javascript", "entry": "./dist/index.js"},
            "nodes": [{"typeId": "vendor.acme.add", "version": "1", "category": "data"}],
        }
        return build_tarball(manifest, {"dist/index.js": b"export {}", **files})

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()

    def add(
        self,
        version: str,
        *,
        key: Any = "own",
        covers: str = "tarball",
        name: str = NAME,
        **more: Any,
    ) -> bytes:
        """Publish a version without asking; *more* goes into its entries."""
        data = self.tarball(version, name)
        self._keep(name, version, data, more)
        if key is not None:
            archive = read_archive(data)
            signed = data if covers == "tarball" else archive.manifest_bytes
            self.signatures[name, version] = sign(self.key if key == "own" else key, signed)
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
    """Start registries, each on a port of its own."""
    pytest.importorskip("cryptography")
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
        settings = QUICK | settings
        results: list[Any] = []
        if not self.colour.is_async:
            transport = HttpxTransport(verify=False)
            with (
                closing(transport),
                RegistryClient(url, transport=transport, **settings) as client,
            ):
                for call in calls:
                    results.append(call(client))
            return results

        async def run() -> None:
            transport = AsyncHttpxTransport(verify=False)
            async with (
                aclosing(transport),
                AsyncRegistryClient(url, transport=transport, **settings) as client,
            ):
                for call in calls:
                    results.append(await call(client))

        self.colour.run(run)
        return results

    def one(self, registry: Registry | str, call: Callable[[Any], Any], **settings: Any) -> Any:
        return self.each(registry, call, **settings)[0]

    def resolver(
        self, registries: list[Registry], call: Callable[[Any], Any], **settings: Any
    ) -> Any:
        """Make a call on a resolver over *registries*."""
        urls = [one.url for one in registries]
        if not self.colour.is_async:
            with closing(HttpxTransport(verify=False)) as transport:
                clients = [RegistryClient(url, transport=transport, **QUICK) for url in urls]
                return call(PackResolver(clients, **settings))

        async def run() -> Any:
            async with aclosing(AsyncHttpxTransport(verify=False)) as transport:
                clients = [AsyncRegistryClient(url, transport=transport, **QUICK) for url in urls]
                return await call(AsyncPackResolver(clients, **settings))

        return self.colour.run(run)


@pytest.fixture
def transport() -> Iterator[HttpxTransport]:
    with closing(HttpxTransport(verify=False)) as made:
        yield made


@pytest.fixture
def face(colour: Any) -> Face:
    return Face(colour)
