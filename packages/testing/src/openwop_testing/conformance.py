"""What the protocol's published fixtures expect a host to hold: workflows, prompts, a secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from openwop_testing.host import FakeHost

__all__ = ["PROGRAMS", "seed"]

_VALID: Final = '{"valid": true}'
_CUT: Final[dict[str, Any]] = {"text": '{"val', "stopReason": "max_tokens"}
_REFUSAL: Final[dict[str, Any]] = {"text": "", "stopReason": "safety", "refusalText": "No."}

# What the mock model answers to the calls of each fixture, in order.
PROGRAMS: Final[dict[str, list[Any]]] = {
    "conformance-envelope-retry-attempted": ['{"valid": "no"}', _VALID],
    "conformance-envelope-retry-exhausted": ['{"valid": "no"}'],
    "conformance-envelope-truncated": [_CUT, _VALID],
    "conformance-envelope-truncation-cap-exhaustion": [_CUT],
    "conformance-envelope-refusal": [_REFUSAL],
    "conformance-envelope-recovery-applied": ['```json\n{"result": "fenced"}\n```'],
    "conformance-envelope-nl-to-format-engaged": ["Well,", "you", "see.", '{"result": "told"}'],
    "conformance-phase4-replay-divergence": [_VALID, _REFUSAL],
    "conformance-phase4-nondet-tool": [_VALID],
}

_PROMPTS: Final = {
    "writer-system": ("system", "You are a careful writer."),
    "writer-user": ("user", "Write about {{prompt}}."),
    "schema-hint": ("schema-hint", "Answer with one JSON object."),
    "few-shot": ("few-shot", "Q: a? A: b."),
    "few-shot-2": ("few-shot", "Q: c? A: d."),
}


def seed(host: FakeHost, folder: Path | None = None) -> None:
    """Give a host what the published fixtures need; doing so twice changes nothing.

    Args:
        host: The host.
        folder: The folder of the fixtures' definitions; without one, only what goes with them.
    """
    for name, (kind, text) in _PROMPTS.items():
        template_id = f"conformance.prompt.{name}"
        known = {(entry.template_id, entry.version) for entry in host.prompts.visible("")}
        if (template_id, "1.0.0") in known:
            continue
        template: dict[str, Any] = {
            "templateId": template_id,
            "version": "1.0.0",
            "kind": kind,
            "text": text,
        }
        if kind == "user":
            template["variables"] = [{"name": "prompt", "type": "string", "required": False}]
        host.prompts.add(template)
    secrets = host.services.secrets
    secrets.setdefault("openwop-conformance-canary-secret", host.mint.hex(32))
    if not host.agents.deployments("core.conformance.channel-agent"):
        host.agents.deploy("core.conformance.channel-agent", "1.0.0", channels=("stable",))
    if folder is not None:
        for file in sorted(folder.glob("*.json")):
            host.workflows.add(json.loads(file.read_text(encoding="utf-8")))
