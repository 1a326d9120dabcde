"""The shapes of runs, interrupts, webhooks, audit and discovery are those that are published.

Compared are the members, types, enumerations, required marks, bounds, patterns and closedness of
major 1; wording is not.  Each difference that is meant is listed with its reason, and a reason
that explains nothing any more fails too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SPEC = ROOT / "spec" / "openwop"
PUBLISHED = ROOT.parent / "shared" / "protocol" / "v1" / "schemas"

needs_published = pytest.mark.skipif(
    not PUBLISHED.is_dir(), reason="the published schemas are not beside this checkout"
)

# The published file, with a pointer where it holds several shapes, and ours.
PAIRS = {
    "agent-ref": "common/identity.yaml#/AgentRef",
    "annotation": "common/run-analysis.yaml#/Annotation",
    "annotation-create": "common/run-analysis.yaml#/AnnotationCreate",
    "audit-verify-result": "v1/schemas/audit.yaml#/AuditVerification",
    "budget-policy": "common/runs.yaml#/BudgetPolicy",
    "capabilities": "v1/schemas/capabilities.yaml#/Capabilities",
    "debug-bundle": "v1/schemas/debug-bundle.yaml#/DebugBundle",
    "error-envelope": "common/errors.yaml#/ErrorEnvelope",
    "eval-summary": "common/run-analysis.yaml#/EvalSummary",
    "run-ancestry-response": "common/run-analysis.yaml#/RunAncestry",
    "run-diff-response": "common/run-analysis.yaml#/RunDiff",
    "run-event": "v1/schemas/runs.yaml#/RunEventDocument",
    "run-options": "v1/schemas/runs.yaml#/RunOptions",
    "run-snapshot": "v1/schemas/runs.yaml#/RunSnapshot",
    "suspend-request": "v1/schemas/interrupts.yaml#/InterruptPayload",
    "trigger-subscription": "v1/schemas/triggers.yaml#/TriggerSubscription",
    "trigger-subscription-registration": "v1/schemas/triggers.yaml#/TriggerSubscriptionCreate",
    "workflow-definition": "common/workflows.yaml#/WorkflowDefinition",
}

LATER = "members that later minors of major 1 added after the published copy"
OPEN = "later minors add members, and a reader of discovery must tolerate them"
NAMED = "a free string here; the reading is by prefix, and new names are normal"
VALUES = "values that later minors added; the enumeration is open"
ROUTING = "an older copy of the schema; v1.md adds what newer hosts send"

# By published file: patterns of the difference's place and kind, and why it is meant.
EXPLAINED: dict[str, dict[str, str]] = {
    "capabilities": {
        "*: closed": OPEN,
        "*: extra *": LATER,
        "/triggerBridge/*: enum": VALUES,
        "/aiProviders/authModes/*: enum": VALUES,
        "/idempotency/crossRegion: enum": VALUES,
        "/multiAgent/executionModel/confidenceEscalationInterruptKind: options": NAMED,
        "/multiAgent/executionModel/replayDeterminism/llmCacheKeyRecipe: options": NAMED,
        "/idempotency/multiRegion/partitionRecoveryStrategy: options": NAMED,
        "/sandbox/isolationModel: options": NAMED,
        "/configurable: *": "each key's own description is typed as v1.md gives it",
    },
    "run-event": {
        "/type: *": "event types are open; their names and payloads stand in events.yaml",
        "/payload: type*": "every JSON type is the same as any value",
    },
    "run-options": {
        "/configurable: extra *": "reserved keys that v1.md §10 adds to the published ones",
    },
    "run-snapshot": {
        "/owner: *": ROUTING,
        ": extra compensationStatus": LATER,
        ": extra interrupt": "what published hosts send beside the specified members",
    },
    "suspend-request": {
        "/kind: enum": "the kind `credential` is newer",
        "/data: options": "the data of the newer kind, and of kinds that are not known",
        ": extra requestedAt": "sent by some hosts when a token is inspected",
        ": extra expiresAt": "sent by some hosts when a token is inspected",
        ": closed": "some hosts add members when a token is inspected",
    },
    "workflow-definition": {
        "/channels/{}/access: options": "two constants and an object; here an enumeration and it",
    },
    "trigger-subscription": {"/source: enum": VALUES},
    "trigger-subscription-registration": {"/source: enum": VALUES},
}

# Compared elsewhere, with the resources that they belong to.
ELSEWHERE = {
    *("agent-deployment", "agent-deployment-transition", "agent-inventory-response"),
    *("agent-org-chart", "agent-roster-entry", "agent-roster-response"),
    *("org-chart-responsibility-view", "tool-descriptor", "prompt-kind", "prompt-ref"),
    *("prompt-template", "localized-content-language-settings", "localized-content-page"),
    *("localized-content-page-response", "localized-content-section", "workspace-file"),
    *("workspace-file-create", "a2a-task-state", "heartbeat-evaluated"),
    *("heartbeat-state-changed", "proposal"),
    *("run-event-payloads", "channel-written-payload", "conversation-event"),
    *("conversation-turn", "orchestrator-decision", "run-orchestrator-decided-event"),
}
# No operation of a client reads or writes these: manifests, configuration, and host-side shapes.
NOT_A_CLIENTS = {
    *("agent-eval-suite", "agent-manifest", "ai-envelope", "artifact-type-pack-manifest"),
    *("chat-card-pack-manifest", "conformance-certification-bundle", "connection-pack-manifest"),
    *("core-conformance-mock-agent-config", "credential-provenance", "credential-reference"),
    *("dispatch-config", "export-bundle", "goal", "memory-entry", "memory-list-options"),
    *("node-pack-manifest", "pack-lockfile", "prompt-pack-manifest"),
    *("registry-version-manifest", "security-advisory", "trigger-event"),
    *("workflow-chain-pack-manifest",),
}

NUMBERS = ("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems")


@cache
def load(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)


def follow(reference: str, base: Path) -> tuple[dict[str, Any], Path]:
    file, _, fragment = reference.partition("#")
    path = (base.parent / file).resolve() if file else base
    node = load(path)
    for part in unquote(fragment).split("/")[1:]:
        node = node[part.replace("~1", "/").replace("~0", "~")]
    return cast("dict[str, Any]", node), path


class Shape:
    """One schema with its references followed and its spellings made equal."""

    def __init__(self, node: dict[str, Any], base: Path) -> None:
        nullable = False
        options: list[tuple[dict[str, Any], Path]] = []
        while True:
            while "$ref" in node:
                node, base = follow(node["$ref"], base)
            choice: list[dict[str, Any]] = [*node.get("oneOf", ()), *node.get("anyOf", ())]
            options = [(option, base) for option in choice if option != {"type": "null"}]
            nullable = nullable or len(options) < len(choice)
            if len(choice) == 0 or len(options) != 1:
                break
            node, base = options[0]
        self.node, self.base = node, base
        self.options = [Shape(*option) for option in options]
        types = node.get("type", [])
        self.types = {types} if isinstance(types, str) else set(cast("list[str]", types))
        if nullable:
            self.types |= {"null"}
        if "const" in node:
            self.enum: set[Any] | None = {node["const"]}
            kinds: dict[Any, str] = {str: "string", bool: "boolean", int: "integer"}
            self.types |= {kinds[type(node["const"])]}
        else:
            self.enum = set(node["enum"]) if "enum" in node else None
            if self.enum and not self.types:
                self.types = {"string"}
        self.required = set(node.get("required", ()))

    def inner(self, node: Any) -> Shape:
        return Shape(cast("dict[str, Any]", node), self.base)

    @property
    def properties(self) -> dict[str, Shape]:
        return {name: self.inner(part) for name, part in self.node.get("properties", {}).items()}

    @property
    def closed(self) -> bool:
        return self.node.get("additionalProperties") is False

    def part(self, key: str) -> Shape | None:
        found = self.node.get(key)
        return self.inner(found) if isinstance(found, dict) and found else None


def differences(theirs: Shape, ours: Shape, place: str = "") -> Iterator[str]:
    """Name every difference as `/place/of/it: kind`."""
    if theirs.types != ours.types:
        yield f"{place}: type {sorted(theirs.types)} is {sorted(ours.types)}"
    if theirs.enum != ours.enum:
        yield f"{place}: enum"
    if theirs.required != ours.required:
        yield f"{place}: required {sorted(theirs.required ^ ours.required)}"
    for key in (*NUMBERS, "pattern", "format"):
        if theirs.node.get(key) != ours.node.get(key):
            yield f"{place}: {key}"
    if theirs.closed != ours.closed:
        yield f"{place}: closed"
    if len(theirs.options) != len(ours.options):
        yield f"{place}: options"
    else:
        for number, pair in enumerate(zip(theirs.options, ours.options, strict=True)):
            yield from differences(*pair, f"{place}/<{number}>")
    for name in sorted({*theirs.properties, *ours.properties}):
        if name not in ours.properties:
            yield f"{place}: missing {name}"
        elif name not in theirs.properties:
            yield f"{place}: extra {name}"
        else:
            yield from differences(
                theirs.properties[name], ours.properties[name], f"{place}/{name}"
            )
    for key, label in (("items", "[]"), ("additionalProperties", "{}")):
        first, second = theirs.part(key), ours.part(key)
        if first is not None and second is not None:
            yield from differences(first, second, f"{place}/{label}")
        elif (first is None) != (second is None):
            yield f"{place}: {label}"


def found_in(name: str) -> list[str]:
    published = PUBLISHED / f"{name}.schema.json"
    ours = SPEC / "index"
    return list(differences(Shape(load(published), published), Shape(*follow(PAIRS[name], ours))))


@needs_published
@pytest.mark.parametrize("name", PAIRS)
def test_a_shape_is_the_published_one(name: str) -> None:
    patterns = EXPLAINED.get(name, {})

    unexplained = [
        found
        for found in found_in(name)
        if not any(fnmatchcase(found, pattern.replace("[", "[[]")) for pattern in patterns)
    ]

    assert unexplained == []


@needs_published
@pytest.mark.parametrize("name", EXPLAINED)
def test_an_explanation_explains_something(name: str) -> None:
    found = found_in(name)

    idle = [
        pattern
        for pattern in EXPLAINED[name]
        if not any(fnmatchcase(each, pattern.replace("[", "[[]")) for each in found)
    ]

    assert idle == []


@needs_published
def test_every_published_schema_is_compared_or_set_aside() -> None:
    published = {path.name.removesuffix(".schema.json") for path in PUBLISHED.glob("*.json")}

    assert published == {*PAIRS, *ELSEWHERE, *NOT_A_CLIENTS}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"properties": {}}, ": missing a"),
        ({"required": []}, ": required ['a']"),
        ({"additionalProperties": True}, ": closed"),
        ({"properties": {"a": {"type": "integer"}}}, "/a: type ['string'] is ['integer']"),
        ({"properties": {"a": {"type": "string", "minLength": 1}}}, "/a: minLength"),
        ({"properties": {"a": {"type": "string", "enum": ["x"]}}}, "/a: enum"),
    ],
)
def test_a_seeded_error_is_found(change: dict[str, Any], kind: str) -> None:
    base = {
        "type": "object",
        "required": ["a"],
        "properties": {"a": {"type": "string"}},
        "additionalProperties": False,
    }

    assert kind in list(differences(Shape(base, SPEC), Shape(base | change, SPEC)))
    assert list(differences(Shape(base, SPEC), Shape(dict(base), SPEC))) == []
