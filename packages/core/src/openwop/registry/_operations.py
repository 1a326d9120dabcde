"""The routes of a registry as data (v1.md section 21)."""

from __future__ import annotations

from typing import Any, Final, Literal, TypeVar, cast

from openwop.registry._models import Keychain, PackIndex, RegistryDocument, VersionManifest
from openwop.runtime import Operation, Parameter, Route

__all__ = [
    "BY_TYPE",
    "DEPRECATE",
    "DISCOVERY",
    "DISCOVERY_JSON",
    "EXPORT",
    "INDEX",
    "KEY",
    "KEYCHAIN",
    "MANIFEST",
    "PACKS",
    "PUBLISH",
    "ROTATE",
    "SEARCH",
    "SIGNATURE",
    "STATIC_INDEX",
    "STATIC_ROOT",
    "TARBALL",
    "UNDEPRECATE",
    "UNPUBLISH",
    "UNYANK",
    "YANK",
]

T = TypeVar("T")

_NAME: Final = Parameter("name", "name", "path", required=True)
_VERSION: Final = Parameter("version", "version", "path", required=True)
_PACK: Final = "/v1/packs/{name}"
_AT: Final = "/v1/packs/{name}/-/{version}"
_TGZ: Final = "application/tar+gzip"
_SECTION: Final = "§21"
_DATA: Final = cast("type[Any]", Any)


def _operation(
    identifier: str,
    name: str,
    path: str,
    *parameters: Parameter,
    method: str = "GET",
    returns: type[T] | None = None,
    answer: Literal["none", "json", "text", "bytes"] = "json",
    **route: Any,
) -> Operation[T]:
    reads = method == "GET"
    route.setdefault("credential", "optional" if reads else "required")
    made = Route(method, path, parameters, answer=answer, section=_SECTION, **route)
    return Operation(identifier, name, {"": made}, returns=returns)


def _mark(identifier: str, name: str, path: str, companion: str, wire: str) -> Operation[None]:
    return _operation(
        identifier,
        name,
        path,
        _NAME,
        _VERSION,
        Parameter("reason", "reason", "body", required=True),
        Parameter(companion, wire, "body"),
        method="POST",
        body="json",
        answer="none",
        idempotency=True,  # marking twice is marking once
    )


DISCOVERY = _operation(
    "registryDiscovery",
    "registry.discovery",
    "/.well-known/openwop-registry",
    returns=RegistryDocument,
)
DISCOVERY_JSON = _operation(
    "registryDiscovery",
    "registry.discovery",
    "/.well-known/openwop-registry.json",
    returns=RegistryDocument,
)
INDEX = _operation("getPack", "registry.index", _PACK, _NAME, returns=PackIndex)
STATIC_INDEX = _operation(
    "getPack", "registry.index", f"{_PACK}/index.json", _NAME, returns=PackIndex
)
STATIC_ROOT: Operation[Any] = _operation("getPack", "registry.index", "/index.json", returns=_DATA)
MANIFEST = _operation(
    "getPackVersion", "registry.manifest", f"{_AT}.json", _NAME, _VERSION, returns=VersionManifest
)
TARBALL = _operation(
    "getPackTarball", "registry.tarball", f"{_AT}.tgz", _NAME, _VERSION,
    answer="bytes", accept=_TGZ, returns=bytes,
)  # fmt: skip
SIGNATURE = _operation(
    "getPackSignature", "registry.signature", f"{_AT}.sig", _NAME, _VERSION,
    answer="bytes", accept="application/octet-stream", returns=bytes,
)  # fmt: skip
PUBLISH = _operation(
    "publishPack",
    "registry.publish",
    f"{_AT}.tgz",
    _NAME,
    _VERSION,
    Parameter("tarball", "content", "payload", required=True),
    Parameter("integrity", "X-Pack-Sha256", "header"),
    Parameter("signing_method", "X-Pack-Signing-Method", "header"),
    method="PUT",
    body="bytes",
    content_type=_TGZ,
    answer="bytes",
    accept="application/json",
    returns=bytes,
)
UNPUBLISH: Operation[None] = _operation(
    "unpublishPack", "registry.unpublish", _AT, _NAME, _VERSION, method="DELETE", answer="none"
)
DEPRECATE = _mark(
    "deprecatePack", "registry.deprecate", f"{_AT}/deprecate", "superseded_by", "supersededBy"
)
UNDEPRECATE: Operation[None] = _operation(
    "undeprecatePack", "registry.undeprecate", f"{_AT}/deprecate", _NAME, _VERSION,
    method="DELETE", answer="none",
)  # fmt: skip
YANK = _mark("yankPack", "registry.yank", f"{_AT}/yank", "advisory_url", "advisoryUrl")
UNYANK: Operation[None] = _operation(
    "unyankPack", "registry.unyank", f"{_AT}/yank", _NAME, _VERSION,
    method="DELETE", answer="none",
)  # fmt: skip
KEYCHAIN = _operation(
    "getKeychain", "registry.keychain", f"{_PACK}/-/keychain", _NAME,
    returns=Keychain,
)  # fmt: skip
ROTATE: Operation[None] = _operation(
    "rotateKey",
    "registry.rotate_key",
    f"{_PACK}/-/keychain/rotate",
    _NAME,
    Parameter("key", "key", "payload", required=True),
    method="POST",
    body="json",
    answer="none",
)
KEY = _operation(
    "getPublicKey", "registry.public_key", "/keys/{keyId}.pub",
    Parameter("key_id", "keyId", "path", required=True),
    answer="bytes", returns=bytes,
)  # fmt: skip
SEARCH: Operation[Any] = _operation(
    "searchPacks", "registry.search", "/v1/packs/-/search",
    Parameter("query", "q", "query", "form", required=True),
    optional=True, returns=_DATA,
)  # fmt: skip
BY_TYPE: Operation[Any] = _operation(
    "packsByType", "registry.by_type", "/v1/packs/-/by-type/{typeId}",
    Parameter("type_id", "typeId", "path", required=True),
    optional=True, returns=_DATA,
)  # fmt: skip
PACKS: Operation[Any] = _operation(
    "listPacks", "registry.packs", "/v1/packs", optional=True, returns=_DATA
)
EXPORT = _operation(
    "exportPacks", "registry.export", "/v1/packs/export",
    optional=True, answer="bytes", returns=bytes,
)  # fmt: skip
