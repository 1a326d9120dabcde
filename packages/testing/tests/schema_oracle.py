"""Holds what the host answers to the published schemas (major 1) and to the specification (both).

Loaded by the conftest of the repository, for every test that makes a host.  It knows nothing of the
host's own code: only operations, statuses and bytes.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema
import yaml
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

ROOT = Path(__file__).resolve().parents[3]
SPEC = ROOT / "spec" / "openwop"
PUBLISHED = ROOT.parent / "shared" / "protocol" / "v1" / "schemas"

PUBLISHED_FOR = {
    "getCapabilities": "capabilities",
    "getRun": "run-snapshot",
    "getWorkflow": "workflow-definition",
    "createAnnotation": "annotation",
    "diffRun": "run-diff-response",
    "getRunAncestry": "run-ancestry-response",
    "getEvalSummary": "eval-summary",
    "inspectInterruptByToken": "suspend-request",
    "verifyAuditLog": "audit-verify-result",
    "listAgents": "agent-inventory-response",
    "listAgentRoster": "agent-roster-response",
    "getAgentRosterEntry": "agent-roster-entry",
    "getAgentOrgChart": "agent-org-chart",
    "getAgentOrgChartDepartment": "org-chart-responsibility-view",
    "transitionAgentDeployment": "agent-deployment",
    "getTool": "tool-descriptor",
    "getPromptTemplate": "prompt-template",
    "updatePromptTemplate": "prompt-template",
    "getContentPage": "localized-content-page-response",
    "createContentPage": "localized-content-page",
    "putContentSection": "localized-content-section",
    "getContentSettings": "localized-content-language-settings",
    "putContentSettings": "localized-content-language-settings",
    "getWorkspaceFile": "workspace-file",
    "putWorkspaceFile": "workspace-file",
    "getA2ATaskState": "a2a-task-state",
    "getDebugBundle": "debug-bundle",
}


def _yaml(text: str) -> Any:
    # The C loader is ten times as fast, where PyYAML was built with it.
    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _retrieve(uri: str) -> Resource[Any]:
    path = Path(uri.removeprefix("file://"))
    text = path.read_text(encoding="utf-8")
    contents = json.loads(text) if path.suffix == ".json" else _yaml(text)
    return Resource.from_contents(contents, default_specification=DRAFT202012)


class Published:
    """The schemas that the protocol publishes for major 1."""

    def __init__(self) -> None:
        resources = []
        for path in PUBLISHED.glob("**/*.json"):
            contents = json.loads(path.read_text(encoding="utf-8"))
            resource = Resource.from_contents(contents, default_specification=DRAFT202012)
            resources.append((path.name, resource))
            resources.append((contents.get("$id", path.name), resource))
        self._registry: Registry[Any] = Registry().with_resources(resources)
        self._cache: dict[str, Any] = {}
        index = json.loads((PUBLISHED / "run-event-payloads.schema.json").read_text("utf-8"))
        self.payloads = index["$defs"]["_typeIndex"]["properties"]
        self._payload_base = index["$id"]

    def check(self, name: str, document: Any) -> None:
        """Check *document* against a published schema."""
        self._validator(f"{name}.schema.json").validate(document)

    def check_payload(self, event_type: str, payload: Any) -> None:
        """Check a payload against the schema of its type."""
        entry = self.payloads.get(event_type)
        if entry is not None:
            self._validator(self._payload_base + entry["$ref"]).validate(payload)

    def _validator(self, reference: str) -> Any:
        if reference not in self._cache:
            self._cache[reference] = jsonschema.Draft202012Validator(
                {"$ref": reference},
                registry=self._registry,
                format_checker=jsonschema.FormatChecker(),
            )
        return self._cache[reference]


class Specification:
    """The specification of one major: its OpenAPI document and its events."""

    def __init__(self, major: int) -> None:
        self.major = major
        self._base = (SPEC / f"v{major}" / "openapi.yaml").as_uri()
        self._registry: Registry[Any] = Registry(retrieve=_retrieve)
        self._cache: dict[str, Any] = {}

    @cached_property
    def operations(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Each operation by id, with the file that it stands in."""
        found: dict[str, tuple[str, dict[str, Any]]] = {}
        root = _yaml((SPEC / f"v{self.major}" / "openapi.yaml").read_text("utf-8"))
        for item in root["paths"].values():
            base = self._base
            if "$ref" in item:
                resolved = self._registry.resolver(self._base).lookup(item["$ref"])
                item, base = resolved.contents, resolved.resolver._base_uri
            for method, operation in item.items():
                if method in {"get", "post", "put", "patch", "delete"}:
                    found[operation["operationId"]] = (base, operation)
        return found

    def check(self, operation_id: str, status: int, document: Any) -> None:
        """Check the JSON answer of an operation."""
        if operation_id not in self.operations:
            return
        base, operation = self.operations[operation_id]
        responses = operation["responses"]
        response = responses.get(str(status), responses.get("default"))
        assert response is not None, f"{operation_id} documents no answer of {status}"
        resolver = self._registry.resolver(base)
        while "$ref" in response:
            resolved = resolver.lookup(response["$ref"])
            response, resolver = resolved.contents, resolved.resolver
        content = response.get("content", {})
        if "application/json" not in content:
            return
        key = f"{operation_id} {status}"
        if key not in self._cache:
            schema = {"$id": resolver._base_uri, **content["application/json"]["schema"]}
            self._cache[key] = jsonschema.Draft202012Validator(
                schema, registry=self._registry, format_checker=jsonschema.FormatChecker()
            )
        self._cache[key].validate(document)


class Events:
    """The event catalogue of the specification, as one major reads it."""

    def __init__(self, major: int) -> None:
        self.major = major
        raw = _yaml((SPEC / "events.yaml").read_text("utf-8"))
        self._types = {
            entry[f"v{major}"]: entry for entry in raw["types"].values() if entry.get(f"v{major}")
        }
        self._defs = {
            group: {name: self._read(schema) for name, schema in raw[group].items()}
            for group in ("payloads", "schemas", "envelopes")
        }
        self._cache: dict[str, Any] = {}

    def check(self, event: dict[str, Any]) -> None:
        """Check an event document and its payload."""
        self._validator("#/envelopes/RunEventDocument").validate(event)
        self.check_payload(event["type"], event["payload"])

    def check_host_event(self, event_type: str, document: dict[str, Any]) -> None:
        """Check an event that belongs to no run, and its payload where its type is known."""
        if event_type == "heartbeat.evaluated":  # which is its own document
            self.check_payload(event_type, document)
            return
        self._validator("#/envelopes/HostEventDocument").validate(document)
        if event_type in self._types:
            self.check_payload(event_type, document["payload"])

    def check_payload(self, event_type: str, payload: Any) -> None:
        """Check a payload against the schema of its type."""
        entry = self._types.get(event_type)
        assert entry is not None, f"major {self.major} knows no event {event_type}"
        self._validator(entry["payload"]["$ref"]).validate(payload)

    def _validator(self, reference: str) -> Any:
        if reference not in self._cache:
            self._cache[reference] = jsonschema.Draft202012Validator(
                {"$ref": reference, **self._defs}, format_checker=jsonschema.FormatChecker()
            )
        return self._cache[reference]

    def _read(self, schema: Any) -> Any:
        """Return a schema as this major means it."""
        if isinstance(schema, list):
            return [self._read(item) for item in schema]
        if not isinstance(schema, dict):
            return schema
        mine = f"x-openwop-v{self.major}"
        read = {
            name: self._read(value)
            for name, value in schema.items()
            if not name.startswith("x-openwop") and name != "properties"
        }
        read.update(self._read(schema.get(mine, {})) if schema.get(mine) else {})
        if "properties" in schema:
            read["properties"] = {
                name: self._read(inner)
                for name, inner in schema["properties"].items()
                if self.major in inner.get("x-openwop-majors", [1, 2])
            }
        required = [*schema.get("required", []), *schema.get(f"{mine}-required", [])]
        if required:
            read["required"] = [name for name in required if name in read.get("properties", {name})]
        if schema.get(f"{mine}-closed"):
            read["additionalProperties"] = False
            if schema.get(f"{mine}-carries"):
                read["patternProperties"] = {r"^(openwop-|x-|vendor\.)": True}
        return read


# A fixture of major 1 wants 422 for an external event that does not correlate.
ALSO_PUBLISHED = {(1, "validation_error", 422)}


class Codes:
    """The registered error codes, with the statuses of each major."""

    def __init__(self) -> None:
        self._known = _yaml((SPEC / "errors.yaml").read_text("utf-8"))["codes"]

    def check(self, major: int, code: str, status: int) -> None:
        """Check the status that a code came with; a code of the host's own may have any."""
        registered = self._known.get(code, {}).get("status", {}).get(f"v{major}")
        if (major, code, status) in ALSO_PUBLISHED:
            return
        assert not registered or status in registered, (
            f"{code} is registered with {registered}, and came with {status}"
        )


class Oracle:
    """Everything that an answer is held to.

    Attributes:
        exact: Whether answers are looked at again that differ only in their ids and numbers.
        checked: How many documents were looked at.
    """

    def __init__(self) -> None:
        self.exact = True
        self.published = Published() if PUBLISHED.is_dir() else None
        self.specification = {major: Specification(major) for major in (1, 2)}
        self.events = {major: Events(major) for major in (1, 2)}
        self.codes = Codes()
        self.checked = 0
        self._seen: set[int] = set()

    @contextlib.contextmanager
    def _once(self, *what: Any) -> Iterator[bool]:
        """Tell whether this is still to be checked; what is wrong is wrong every time."""
        *place, body = what
        known = hash((*place, body if self.exact else _DRAWN.sub(b"0", body)))
        if known in self._seen:
            yield False
            return
        yield True
        self._seen.add(known)

    def answer(self, major: int, operation_id: str, status: int, body: bytes) -> None:
        """Check the JSON answer of an operation."""
        with self._once(major, operation_id, status, body) as new:
            if body and new:
                self._answer(major, operation_id, status, json.loads(body))

    def _answer(self, major: int, operation_id: str, status: int, document: Any) -> None:
        self.checked += 1
        if status >= 400:
            self.codes.check(major, document["error"], status)
        if operation_id:
            self.specification[major].check(operation_id, status, document)
        if major == 1 and self.published is not None:
            if status >= 400:
                self.published.check("error-envelope", document)
            elif operation_id in PUBLISHED_FOR:
                self.published.check(PUBLISHED_FOR[operation_id], document)
        if status < 300 and operation_id == "pollRunEvents":
            for event in document["events"]:
                self.event(major, event)

    def event(self, major: int, event: dict[str, Any]) -> None:
        """Check an event document."""
        self.checked += 1
        self.events[major].check(event)
        if major == 1 and self.published is not None:
            self.published.check("run-event", event)
            self.published.check_payload(event["type"], event["payload"])

    def host_frame(self, frame: bytes) -> None:
        """Check one frame of the stream of host events, which only major 2 has."""
        fields = _fields(frame)
        data = fields.get("data", "")
        with self._once(2, "host", data.encode()) as new:
            if data and new:
                self.checked += 1
                self.events[2].check_host_event(fields["event"], json.loads(data))

    def frame(self, major: int, frame: bytes) -> None:
        """Check one frame of a stream."""
        fields = _fields(frame)
        data = fields.get("data", "").encode()
        with self._once(major, "", data) as new:
            if data and new:
                self._frame(major, fields["event"], data)

    def _frame(self, major: int, label: str, data: bytes) -> None:
        document = json.loads(data)
        if label == "state.snapshot":
            self.answer(major, "getRun", 200, data)
        elif label == "ai.message.chunk":
            self.events[major].check_payload("output.chunk", document)
        elif label == "run.annotated":
            self.answer(major, "createAnnotation", 201, data)
        elif label == "batch":
            for event in document:
                self.event(major, event)
        elif "sequence" in document:
            self.event(major, document)


# Ids, times and counts.
_DRAWN = re.compile(rb"[0-9a-f]{8,}|[0-9]+")


def _fields(frame: bytes) -> dict[str, str]:
    lines = frame.decode().splitlines()
    return dict(line.split(": ", 1) for line in lines if not line.startswith(":"))
