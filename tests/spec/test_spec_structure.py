"""What every operation and schema of the specification carries; the generator relies on it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

import attrs
import pytest
import yaml

SPEC = Path(__file__).resolve().parents[2] / "spec" / "openwop"
METHODS = ("get", "put", "post", "delete", "patch")

RESOURCES = {
    *("discovery", "workflows", "runs", "annotations", "interrupts", "artifacts", "webhooks"),
    *("triggers", "audit", "agents", "tools", "prompts", "content", "workspace", "packs"),
    *("host", "proposals", "connections"),
}

OPERATION_KEYS = {
    *("x-openwop-section", "x-openwop-scope", "x-openwop-gate", "x-openwop-optional"),
    *("x-openwop-paging", "x-openwop-stream", "x-openwop-codes"),
    "x-openwop-fallback-path",
}
SCHEMA_KEYS = {
    *("x-openwop-kind", "x-openwop-secret", "x-openwop-lenient", "x-openwop-open-enum"),
    *("x-openwop-nullable-meaning", "x-openwop-reshaped", "x-openwop-discriminator"),
    *("x-openwop-type", "x-openwop-unwrap"),
}
KINDS = {"run-id", "subscription-id", "event-types", "configurable", "seconds", "file-path"}

V1_ONLY = {
    *("getDebugBundle", "getA2ATaskState"),
    *("listWorkspaceFiles", "getWorkspaceFile", "putWorkspaceFile", "deleteWorkspaceFile"),
    *("putTestPackTarball", "getTestPackTarball", "deleteTestPackVersion", "getTestPackSignature"),
}
V2_ONLY = {
    *("listRuns", "getRunCompensation", "getRunEffects", "listWebhookDeadLetters"),
    *("getEffectSeamManifest", "streamHostEvents", "emitTestHostEvent"),
    *("getUiPluginFrame", "dispatchUiPluginRequest"),
    *("listConnectionProviders", "resolveConnectionProvider"),
    *("listProposals", "submitProposal", "getProposal", "reviseProposal"),
    *("archiveProposal", "applyProposal", "rejectProposal"),
}


# The protocol names no scope for these: a plugin's request is checked per method, and the text on
# proposals is not published yet.
SCOPE_UNSTATED = {"dispatchUiPluginRequest"} | {name for name in V2_ONLY if "Proposal" in name}

# A code that the reference gives in passing, outside its tables of codes.
UNREGISTERED: set[str] = set()


@attrs.frozen
class Found:
    """One operation, with its place."""

    major: str
    path: str
    method: str
    body: dict[str, Any]
    item: dict[str, Any]
    file: Path

    @property
    def name(self) -> str:
        return f"{self.major} {self.method.upper()} {self.path}"


_files: dict[Path, Any] = {}


def document(path: Path) -> Any:
    if path not in _files:
        _files[path] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return _files[path]


def follow(reference: str, base: Path) -> tuple[Any, Path]:
    file, _, fragment = reference.partition("#")
    path = (base.parent / file).resolve() if file else base
    node = document(path)
    for part in unquote(fragment).split("/")[1:]:
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return node, path


def resolved(node: dict[str, Any], base: Path) -> tuple[dict[str, Any], Path]:
    while isinstance(node.get("$ref"), str):
        node, base = follow(node["$ref"], base)
    return node, base


def operations() -> Iterator[Found]:
    for major in ("v1", "v2"):
        root = SPEC / major / "openapi.yaml"
        for path, entry in document(root)["paths"].items():
            item, file = follow(entry["$ref"], root)
            for method in METHODS:
                if method in item:
                    yield Found(major, path, method, item[method], item, file)


OPERATIONS = list(operations())
EACH = pytest.mark.parametrize("found", OPERATIONS, ids=lambda f: cast("Found", f).name)


def objects(node: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        members = cast("dict[str, Any]", node)
        yield where, members
        for key, member in members.items():
            yield from objects(member, f"{where}/{key}")
    elif isinstance(node, list):
        for number, entry in enumerate(cast("Any", node)):
            yield from objects(entry, f"{where}/{number}")


def group_files() -> list[Path]:
    return sorted(
        path for folder in ("common", "v1", "v2") for path in (SPEC / folder).rglob("*.yaml")
    )


EACH_FILE = pytest.mark.parametrize(
    "path", group_files(), ids=lambda p: str(cast("Path", p).relative_to(SPEC))
)


@EACH
def test_an_operation_says_what_it_is(found: Found) -> None:
    body = found.body

    assert re.fullmatch(r"[a-z][A-Za-z0-9]+", body["operationId"])
    assert body["summary"].endswith(".")
    assert "\n" not in body["summary"]
    assert len(body["summary"]) <= 100
    assert body["description"].endswith((".", "`"))
    assert re.fullmatch(r"§\d+(\.\d+)?", body["x-openwop-section"])
    assert len(body["tags"]) == 1
    assert set(body["tags"]) <= RESOURCES


@EACH
def test_a_path_carries_the_prefix_of_its_major(found: Found) -> None:
    unversioned = found.path == "/.well-known/openwop"

    assert (found.path.startswith("/v1/")) == (found.major == "v1" and not unversioned)


@EACH
def test_an_operation_documents_its_answers_and_codes(found: Found) -> None:
    responses = found.body["responses"]
    codes = found.body["x-openwop-codes"]
    errors = {status for status in responses if status[0] in "45"}

    assert any(status[0] == "2" for status in responses)
    assert responses["default"] == {"$ref": "../../common/responses.yaml#/Error"}
    assert errors == set(codes)
    assert "429" in errors
    assert all(re.fullmatch(r"[a-zA-Z_]+", code) for listed in codes.values() for code in listed)
    for status in errors:
        response, _ = resolved(responses[status], found.file)
        assert list(response["content"]) == ["application/json"]


@EACH
def test_a_documented_code_is_registered_with_that_status(found: Found) -> None:
    registry = document(SPEC / "errors.yaml")["codes"]

    strange = [
        f"{status} {code}"
        for status, listed in found.body["x-openwop-codes"].items()
        for code in listed
        if code not in UNREGISTERED
        and (
            code not in registry
            or int(status) not in (registry[code]["status"].get(found.major) or [int(status)])
            or int(found.major[1:]) not in registry[code]["majors"]
        )
    ]

    assert strange == []


@EACH
def test_an_operation_without_a_credential_says_so_and_needs_no_scope(found: Found) -> None:
    public = found.body.get("security") == []
    scoped = "x-openwop-scope" in found.body

    assert not (public and scoped)
    assert public or scoped or found.body["operationId"] in SCOPE_UNSTATED
    assert "security" not in found.body or public
    assert public or "401" in found.body["responses"]


@EACH
def test_each_parameter_is_described_and_each_path_variable_declared(found: Found) -> None:
    parameters = [
        resolved(p, found.file)[0]
        for p in (*found.item.get("parameters", ()), *found.body.get("parameters", ()))
    ]
    variables = set(re.findall(r"{([^}]+)}", found.path))

    assert variables == {p["name"] for p in parameters if p["in"] == "path"}
    for parameter in parameters:
        assert parameter["description"].endswith((".", "`"))
        assert "schema" in parameter
        assert parameter.get("required", False) or parameter["in"] != "path"
        assert parameter["name"] not in {"Authorization", "traceparent", "User-Agent"}
        assert parameter["name"] not in {"OpenWOP-Version", "OpenWOP-Client-Version"}


@EACH
def test_an_idempotency_key_is_the_shared_one_and_its_codes_are_documented(found: Found) -> None:
    shared = {"$ref": "../parameters.yaml#/IdempotencyKey"} in found.body.get("parameters", ())
    by_name = "Idempotency-Key" in str(found.body.get("parameters", ""))
    conflict = found.body["x-openwop-codes"].get("409", ())

    assert not by_name
    assert shared <= {"idempotency_key_mismatch", "idempotency_in_flight"}.issubset(conflict)
    assert not (shared and found.method == "get")


@EACH
def test_a_gate_is_a_member_of_the_discovery_document(found: Found) -> None:
    gate, _, _ = found.body.get("x-openwop-gate", "").partition("=")
    path = SPEC / found.major / "schemas" / "capabilities.yaml"
    node = document(path)["Capabilities"]

    for part in filter(None, gate.split(".")):
        node, path = resolved(node, path)
        assert part in node["properties"], f"{gate}: no {part}"
        node = node["properties"][part]


@EACH
def test_a_paged_list_names_members_that_exist(found: Found) -> None:
    paging = found.body.get("x-openwop-paging")
    if paging is None:
        assert "nextCursor" not in str(found.body["responses"])
        return
    schema = found.body["responses"]["200"]["content"]["application/json"]["schema"]
    page, _ = resolved(schema, found.file)
    names = {resolved(p, found.file)[0]["name"] for p in found.body["parameters"]}

    assert {paging["items"], paging["next"]} <= set(page["properties"])
    assert {paging["argument"], paging["size"]} <= names


@EACH
def test_only_known_extensions_stand_on_an_operation(found: Found) -> None:
    own = {key for key in found.body if key.startswith("x-")}

    assert own <= OPERATION_KEYS


@pytest.mark.parametrize(
    "path", group_files(), ids=lambda p: str(cast("Path", p).relative_to(SPEC))
)
def test_only_known_extensions_are_used(path: Path) -> None:
    used = {key for _, node in objects(document(path)) for key in node if key.startswith("x-")}

    assert used <= OPERATION_KEYS | SCHEMA_KEYS


@pytest.mark.parametrize("major", ["v1", "v2"])
def test_an_operation_id_is_used_once(major: str) -> None:
    ids = [found.body["operationId"] for found in OPERATIONS if found.major == major]

    assert sorted(set(ids)) == sorted(ids)


def test_both_majors_share_the_operations_that_both_have() -> None:
    first, second = (
        {found.body["operationId"]: found for found in OPERATIONS if found.major == major}
        for major in ("v1", "v2")
    )

    assert set(first) - set(second) == V1_ONLY
    assert set(second) - set(first) == V2_ONLY
    for name in set(first) & set(second):
        assert first[name].method == second[name].method
        assert first[name].body["tags"] == second[name].body["tags"]


def test_a_schema_name_means_one_thing() -> None:
    """
    The generator merges the majors by name: a name stands in both or in `common`, and once in each.
    """
    homes: dict[str, list[str]] = {}
    for path in group_files():
        if path.parent.name == "schemas" or path.parent.name == "common":
            folder = path.relative_to(SPEC).parts[0]
            if path.name not in {"responses.yaml", "headers.yaml"}:
                for name in document(path):
                    homes.setdefault(name, []).append(folder)

    repeated = {
        name: found
        for name, found in homes.items()
        if len(found) > 1 and sorted(found) != ["v1", "v2"]
    }

    assert repeated == {}
    assert all(re.fullmatch(r"[A-Z][A-Za-z0-9]*", name) for name in homes)


@EACH_FILE
def test_an_object_says_whether_it_is_closed(path: Path) -> None:
    silent = [
        where
        for where, node in objects(document(path))
        if node.get("type") == "object" and "additionalProperties" not in node
    ]

    assert silent == []


@EACH_FILE
def test_a_required_member_is_declared(path: Path) -> None:
    undeclared = [
        f"{where}: {name}"
        for where, node in objects(document(path))
        if isinstance(node.get("required"), list) and isinstance(node.get("properties"), dict)
        for name in node["required"]
        if name not in node["properties"]
    ]

    assert undeclared == []


def test_only_known_kinds_of_translation_are_used() -> None:
    """
    A kind that no adapter knows would silently send the value as it is.
    """
    used = {
        node["x-openwop-kind"]
        for path in group_files()
        for _, node in objects(document(path))
        if isinstance(node.get("x-openwop-kind"), str)
    }

    assert used == KINDS
