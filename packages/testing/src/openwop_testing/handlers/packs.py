"""The test catalogue of packs (v1.md section 7.12)."""

from __future__ import annotations

from typing import Final

from openwop_testing._json import JsonObject
from openwop_testing.answers import Answer, json_answer
from openwop_testing.pipeline import Call, Handler
from openwop_testing.problems import Problem

__all__ = ["HANDLERS"]

_METHODS: Final = frozenset({"", "sigstore", "manual", "none"})


def _put(call: Call) -> Answer:
    name, version = call.params["name"], call.params["version"]
    method = call.headers.get("X-Pack-Signing-Method", "")
    if method not in _METHODS:
        raise Problem(400, "invalid_body", "The signing method is none of the known ones.")
    body: bytes = call.body if isinstance(call.body, bytes) else b""
    pack, new = call.host.packs.publish(
        name,
        version,
        body,
        sha=call.headers.get("X-Pack-Sha256", ""),
        method=method,
        at=call.host.clock.now(),
        on=call.host.clock.timestamp(),
    )
    document: JsonObject = {
        "name": name,
        "version": version,
        "tarballSha256": pack.integrity,
        "publishedAt": pack.published_at,
        "signed": pack.method not in {"", "none"},
    }
    if pack.method:
        document["signingMethod"] = pack.method
    return json_answer(document, 201 if new else 200)


def _get(call: Call) -> Answer:
    pack = call.host.packs.get(call.params["name"], call.params["version"])
    headers = {"Content-Type": "application/tar+gzip", "ETag": f'"{pack.integrity}"'}
    return Answer(200, headers, pack.tarball)


def _delete(call: Call) -> Answer:
    call.host.packs.delete(call.params["name"], call.params["version"], call.host.clock.now())
    return Answer(204)


def _signature(call: Call) -> Answer:
    call.host.packs.get(call.params["name"], call.params["version"])
    raise Problem(404, "signature_not_available", "The version has no signature.")


HANDLERS: dict[str, Handler] = {
    "putTestPackTarball": _put,
    "getTestPackTarball": _get,
    "deleteTestPackVersion": _delete,
    "getTestPackSignature": _signature,
}
