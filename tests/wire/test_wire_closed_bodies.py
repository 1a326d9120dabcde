"""What a major does not know is never sent to it: its bodies are closed."""

from __future__ import annotations

from typing import Any

import pytest
from openwop_wire.case import Case
from openwop_wire.check import Trial

import openwop

HOOK = {"url": "https://a.example/h", "events": ["run.completed"]}
RUN = {"workflow_id": "w"}
# The major, the operation, the call, what is common, and the one argument of the other major.
FOREIGN = [
    (1, "createRun", "runs.create", RUN, "run_secrets", [{"ref": "run:a", "value": "x" * 16}]),
    (1, "createRun", "runs.create", RUN, "eval_modes", ["golden"]),
    (1, "createRun", "runs.create", RUN, "baseline_run_id", "acme/r-1111111111111111"),
    (1, "createRun", "runs.create", RUN, "fixture_runs", {"t": "acme/r-1111111111111111"}),
    (1, "registerWebhook", "webhooks.register", HOOK, "secret", "whsec_MDEyMzQ1Njc4OWFi"),
    (1, "registerWebhook", "webhooks.register", HOOK, "signature_algorithms", ["v1"]),
    (2, "registerWebhook", "webhooks.register", HOOK, "workspace", "team"),
    (2, "unregisterWebhook", "webhooks.unregister", {"webhook_id": "a/w"}, "workspace", "team"),
    (2, "listPromptTemplates", "prompts.list", {}, "workspace_id", "w1"),
    (2, "listTools", "tools.list", {}, "source", "mcp"),
]


@pytest.mark.parametrize("colour", ["sync", "asyncio"])
@pytest.mark.parametrize(
    ("major", "operation", "call", "common", "name", "value"),
    FOREIGN,
    ids=[f"v{row[0]}-{row[2]}-{row[4]}" for row in FOREIGN],
)
def test_an_argument_of_the_other_major_is_refused_before_anything_is_sent(
    recording_host: Any,
    colour: str,
    major: int,
    operation: str,
    call: str,
    common: dict[str, Any],
    name: str,
    value: Any,
) -> None:
    case = Case(operation, call, {**common, name: value})

    error, sent = Trial(recording_host, case, major, colour).elsewhere()

    assert isinstance(error, openwop.CapabilityNotSupportedError), error
    assert name in str(error)
    assert [] == sent
