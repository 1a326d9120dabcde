"""What the host says about itself, in the words of each major (v1.md section 6, v2.md section 3).

There is one description, kept in the shape of major 1; major 2's closed records are derived from
it.  A family that is taken away is neither advertised nor served.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

import attrs

from openwop_testing._json import (
    JsonObject,
    as_list,
    as_object,
    canonical,
    clone,
    compact,
    is_object,
)

__all__ = ["Capabilities", "Discovered"]

_METADATA: Final = frozenset(
    {
        "configurable",
        "conformance",
        "discovery",
        "engineVersion",
        "extensions",
        "fixtures",
        "implementation",
        "minClientVersion",
        "observability",
        "runtimeCapabilities",
        "testing",
    }
)
_ONLY_IN_2: Final = frozenset({"runList", "hostEvents", "connections", "uiPlugins", "interrupt"})
_ONLY_IN_1: Final = frozenset({"runs", "restTransport", "debugBundle", "supportedTransports"})
_DROPPED_FACETS: Final = frozenset({"supported", "tier", "experimentalUntil"})


def _default() -> JsonObject:
    return {
        "implementation": {"name": "openwop-fake-host", "vendor": "openwop"},
        "engineVersion": 2,
        "supportedTransports": ["rest"],
        "supportedEnvelopes": ["clarification.request"],
        "schemaVersions": {"clarification.request": 1},
        "envelopeStrictness": "strict",
        "limits": {
            "clarificationRounds": 3,
            "schemaRounds": 2,
            "envelopesPerTurn": 5,
            "maxNodeExecutions": 100,
            "maxRunDurationMs": 86_400_000,
            "maxLoopIterations": 25,
            "maxRequestBodyBytes": 1_048_576,
        },
        "testing": {
            "testKeyPrefix": "hk_test_",
            "forceEngineVersionRange": {"min": 1, "max": 3},
            "mockProviders": ["stream-text", "tool-calls", "error", "usage-only"],
        },
        "runs": {
            "pauseResume": {
                "supported": True,
                "drainPolicies": ["immediate", "drain-current-node"],
            }
        },
        "restTransport": {"conditionalRunGet": True},
        "eventLog": {},
        "interrupt": {"tokenAlgs": ["hs256"], "refKinds": []},
        "idempotency": {"crossRegion": "single-region", "layer1RetentionSeconds": 86_400},
        "auth": {
            "profiles": [],
            "lanes": [
                {
                    "lane": "api-key",
                    "issuers": ["urn:openwop:fake-host"],
                    "revocation": "next-request",
                    "minimumAssurance": "bearer",
                }
            ],
        },
        "aiProviders": {"supported": ["mock"], "byok": []},
        "modelCapabilities": {"supported": True, "advertised": []},
        "providerUsage": {"supported": True, "costEstimates": True, "currency": "USD"},
        "envelopes": {
            "reliability": {
                "supported": True,
                "events": [
                    "envelope.retry.attempted",
                    "envelope.retry.exhausted",
                    "envelope.refusal",
                    "envelope.truncated",
                    "envelope.nlToFormat.engaged",
                    "envelope.recovery.applied",
                ],
                "maxRetryAttempts": 3,
                "completion": {"distinguishesTruncation": True, "truncationBudgetMultiplier": 2},
            }
        },
        "agents": {
            "supported": True,
            "orchestrator": True,
            "dispatch": True,
            "dispatchMapping": True,
            "manifestRuntime": {"supported": True, "installScope": "tenant"},
            "roster": {"supported": True, "installScope": "tenant"},
            "orgChart": {
                "supported": True,
                "installScope": "tenant",
                "departmentNesting": True,
                "responsibilityView": True,
            },
            "deployment": {
                "supported": True,
                "channels": ["stable", "beta"],
                "canary": True,
                "rollback": True,
                "states": [
                    "draft",
                    "test",
                    "staged",
                    "active",
                    "paused",
                    "deprecated",
                    "rolled-back",
                ],
            },
            "proposals": {
                "artifactKinds": [
                    "agent-pack",
                    "workflow-chain-pack",
                    "prompt-template",
                    "automation",
                ],
                "duplicationDetection": True,
                "activation": "direct-rbac",
                "clientDrafts": True,
            },
            "evalSuite": {
                "supported": True,
                "modes": ["golden", "rubric", "adversarial", "regression", "live-shadow"],
            },
            "reasoning": {"verbosity": "summary", "streaming": True},
        },
        "multiAgent": {
            "executionModel": {
                "supported": True,
                "version": 4,
                "confidenceEscalationFloor": 0.5,
                "confidenceEscalationInterruptKind": "clarification",
                "crossHostCausation": {
                    "supported": True,
                    "hostId": "fake-host",
                    "ancestryEndpointSupported": True,
                },
                "replayDeterminism": {"supported": True, "refusalDivergenceEmission": True},
            }
        },
        "subWorkflow": {"inputMapping": True},
        "conversationPrimitive": True,
        "memory": {"supported": True, "ttlSupported": True},
        "secrets": {"supported": True, "scopes": ["tenant"], "resolution": "host-managed"},
        "prompts": {
            "supported": True,
            "templateKinds": ["system", "user", "few-shot", "schema-hint"],
            "variableSources": ["input", "variable", "secret", "context"],
            "maxTemplateBytes": 65_536,
            "observability": "hashed",
            "endpointsSupported": True,
            "mutableLibrary": True,
        },
        "replay": {
            "supported": True,
            "modes": ["replay", "branch"],
            "sideEffectSuppression": "recorded-outcome",
        },
        "feedback": {
            "supported": True,
            "targets": ["run", "event", "node"],
            "signals": ["rating", "correction", "label", "flag"],
        },
        "debugBundle": {"supported": True},
        "webhooks": {
            "supported": True,
            "signatureAlgorithms": ["v1", "standard-webhooks-1"],
            "retryPolicy": {"maxAttempts": 5, "backoff": "exponential"},
            "deadLetter": {"retentionDays": 7, "maxPageSize": 100},
            "secretRotation": {"overlapSeconds": 3600},
        },
        "triggerBridge": {
            "supported": True,
            "subscriptionStates": ["active", "paused", "failed", "dead-lettered"],
            "dedup": True,
            "sources": ["webhook", "email", "form"],
            "deadLetter": {"retentionDays": 7, "maxPageSize": 100},
            "ingestion": {
                "externalSources": ["webhook", "email", "form"],
                "maxBodyBytes": 1_048_576,
                "verification": ["webhook-signature"],
                "registrationEndpoint": True,
            },
        },
        "toolCatalog": {
            "supported": True,
            "sources": ["node-pack", "workflow", "mcp", "connector", "host-extension"],
            "compactView": True,
        },
        "i18n": {"supported": True, "defaultLocale": "en", "supportedLocales": ["en", "de", "fr"]},
        "content": {"supported": True, "baseLocale": "en", "supportedLocales": ["en", "de", "fr"]},
        "workspace": {"supported": True, "versioned": True, "maxFileBytes": 262_144},
        "a2a": {
            "supported": True,
            "agentCardUrl": "http://openwop.test/v1/a2a/agent.json",
            "durableTasks": True,
        },
        "packs": {"testMode": {"supported": True, "isolated": True}},
        "auditLogIntegrity": {},
        "hostEvents": {
            "types": [
                {"type": "host-test.durable-triggered", "delivery": "durable"},
                {"type": "host-test.ephemeral-triggered", "delivery": "ephemeral"},
                {"type": "channel.presence", "delivery": "ephemeral"},
            ]
        },
        "connections": {"packsSupported": False, "providerRead": True},
        "uiPlugins": {
            "isolation": "cross-origin-iframe",
            "surfaces": ["artifact"],
            "hostApi": ["artifact.read", "artifact.write", "host.toast"],
            "maxEntryBytes": 1_048_576,
            "served": True,
        },
        "runList": {"maxPageSize": 100, "filters": ["workflowId", "status"]},
    }


def _merge(base: JsonObject, overlay: Mapping[str, Any]) -> None:
    for name, value in overlay.items():
        if value is None or value is False:
            base.pop(name, None)
        elif value is True:
            base.setdefault(name, {"supported": True})
        elif isinstance(value, Mapping) and is_object(base.get(name)):
            _merge(as_object(base[name]), cast("Mapping[str, Any]", value))
        else:
            base[name] = clone(value)


@attrs.frozen
class Discovered:
    """A discovery document, ready to be sent.

    Attributes:
        body: Its bytes.
        etag: Its strong validator.
    """

    body: bytes
    etag: str


# Hosts that were made alike share their documents: a test run makes thousands of them.
_RENDERED: Final[dict[tuple[Any, ...], Discovered]] = {}
_MOST_RENDERED: Final = 128


class Capabilities:
    """The host's capabilities.

    Args:
        majors: The majors that the host speaks.
        overlay: Changes to what a full host has: a family to take away (`False` or `None`), or
            members to set in it.
        minimum_client: The lowest client version that major 2 lets in; empty for any.
    """

    def __init__(
        self,
        majors: Iterable[int],
        overlay: Mapping[str, Any] | None = None,
        *,
        minimum_client: str = "",
    ) -> None:
        self.majors = frozenset(majors)
        self._families = _default()
        self._minimum_client = minimum_client
        self._changes: tuple[str, ...] = ()
        self._change(overlay or {})

    def sign_with(self, public_key: str, interval: int) -> None:
        """Advertise the key that audit checkpoints verify under, where there is an audit log."""
        integrity = self._families.get("auditLogIntegrity")
        if is_object(integrity):
            signing = {
                "hashChain": True,
                "checkpointSignatureAlgorithm": "ed25519",
                "checkpointPublicKey": public_key,
                "checkpointIntervalEntries": interval,
            }
            self._changes = (*self._changes, canonical(signing))
            integrity.update(signing)

    def change(self, overlay: Mapping[str, Any]) -> None:
        """Change the capabilities of a host that is running."""
        self._change(overlay)

    def _change(self, overlay: Mapping[str, Any]) -> None:
        self._changes = (*self._changes, canonical(overlay))
        _merge(self._families, overlay)

    @property
    def limits(self) -> JsonObject:
        """The host's limits."""
        return as_object(self._families.get("limits"))

    def get(self, path: str) -> Any:
        """Return what is advertised at a dotted path, or None."""
        value: Any = self._families
        for name in path.split("."):
            value = as_object(value).get(name)
        return value

    def has(self, path: str) -> bool:
        """Tell whether a capability is there: a family or facet that is not marked unsupported."""
        value = self.get(path)
        if is_object(value):
            return as_object(value).get("supported") is not False
        return value is not None and value is not False

    @property
    def versions(self) -> list[str]:
        """The protocol versions served."""
        return [version for major, version in ((1, "1.11"), (2, "2.0")) if major in self.majors]

    @property
    def preferred(self) -> int:
        """The major of a discovery request that names none."""
        return 1 if 1 in self.majors else 2

    def discovered(self, major: int, fixtures: Iterable[str]) -> Discovered:
        """Return the discovery document of a major, ready to be sent."""
        names = tuple(sorted(fixtures))
        key = (major, self.majors, self._minimum_client, self._changes, names)
        known = _RENDERED.get(key)
        if known is None:
            if len(_RENDERED) >= _MOST_RENDERED:
                _RENDERED.clear()
            body = compact(self.document(major, names)).encode()
            mark = hashlib.sha256(body).hexdigest()[:32]
            known = _RENDERED[key] = Discovered(body, f'"{mark}"')
        return known

    def document(self, major: int, fixtures: Iterable[str]) -> JsonObject:
        """Return the discovery document of a major."""
        families: JsonObject = clone(self._families)
        listed = sorted(fixtures)
        if listed:
            families["fixtures"] = listed
        document = self._first(families) if major == 1 else self._second(families)
        if len(self.majors) > 1 or major == 2:
            document["protocolVersions"] = self.versions
            document["preferredVersion"] = self.versions[0]
        return document

    def _first(self, families: JsonObject) -> JsonObject:
        document: JsonObject = {"protocolVersion": "1.11", "eventLogSchemaVersion": 2}
        for name, value in families.items():
            if name not in _ONLY_IN_2:
                document[name] = value
        auth = as_object(document.get("auth"))
        auth.pop("lanes", None)
        integrity = document.pop("auditLogIntegrity", None)
        if integrity is not None:
            # Major 1 keeps it among the profiles of authentication.
            auth["profiles"] = [*as_list(auth.get("profiles")), "openwop-audit-log-integrity"]
            auth["auditLogIntegrity"] = integrity
        proposals = as_object(as_object(document.get("agents")).get("proposals"))
        proposals.pop("clientDrafts", None)
        as_object(document.get("toolCatalog")).pop("compactView", None)
        bridge = as_object(document.get("triggerBridge"))
        bridge.pop("deadLetter", None)
        return document

    def _second(self, families: JsonObject) -> JsonObject:
        document: JsonObject = {"eventLogSchemaVersion": 3}
        if self._minimum_client:
            document["minClientVersion"] = self._minimum_client
        for name, value in families.items():
            if name in _ONLY_IN_1:
                continue
            if name in _METADATA:
                document[name] = value
            else:
                document[name] = _record(name, value)
        if "testing" in document:
            as_object(document["testing"]).pop("testKeyPrefix", None)
        return document


_SINCE_2: Final = frozenset({"runList", "hostEvents", "connections", "uiPlugins"})


def _record(name: str, value: Any) -> JsonObject:
    """Return a family as major 2 writes it: a record whose presence is the claim."""
    record: JsonObject = {
        "status": "stable",
        "since": "2.0" if name in _SINCE_2 else "1.0",
        "witness": "witnessable-unaided",
    }
    if name == "supportedEnvelopes":
        record["kinds"] = as_list(value)
    elif name == "schemaVersions":
        record["kinds"] = as_object(value)
    elif name == "envelopeStrictness":
        record["mode"] = value
    elif name == "auth":
        record.update({key: item for key, item in as_object(value).items() if key == "lanes"})
    elif name == "idempotency":
        record.update({k: v for k, v in as_object(value).items() if k == "multiRegion"})
    elif name == "aiProviders":
        providers = as_object(value)
        record["providers"] = providers.pop("supported", [])
        record.update(_facets(providers))
    else:
        record.update(_facets(as_object(value)))
    return record


def _facets(value: JsonObject) -> JsonObject:
    """Return the facets of a family: sub-blocks lose `supported`, unsupported ones go."""
    facets: JsonObject = {}
    for name, item in value.items():
        if name in _DROPPED_FACETS:
            continue
        if is_object(item):
            block = as_object(item)
            if block.get("supported") is False:
                continue
            facets[name] = _facets(block)
        else:
            facets[name] = item
    return facets
