"""What `runs.start` takes beside the workflow and its inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from openwop._generated.models import Configurable, Residency, RunSecret
from openwop._generated.params import ConfigurableParam, ResidencyParam, RunSecretParam
from openwop.runtime import MutationOptions

__all__ = ["StartOptions"]


class StartOptions(MutationOptions, total=False):
    """What `runs.start` takes beside the workflow and its inputs; `runs.create` says more of each.

    Attributes:
        tenant_id: The tenant; normally left to the credential, which always wins.
        scope_id: What the run is about, for the refusal of duplicates.
        callback_url: Where the host posts a signed token when the run waits.
        residency: Where the run's data may be.
        configurable: Run options, in the shape of either major.
        tags: Labels to find the run by.
        metadata: Data of yours, kept with the run and never interpreted.
        run_secrets: Secrets of this run alone; major 2 only.
        mode: `eval` to run an evaluation suite.
        eval_suite_ref: The evaluation suite.
        agent_id: The agent to evaluate.
        eval_modes: Kinds of evaluation; major 2 only.
        baseline_run_id: The run to compare with; major 2 only.
        fixture_runs: A recorded run per task; major 2 only.
        force_engine_version: Act as on another engine version; test keys only.
    """

    tenant_id: str | None
    scope_id: str | None
    callback_url: str | None
    residency: Residency | ResidencyParam | Mapping[str, object] | None
    configurable: Configurable | ConfigurableParam | Mapping[str, object] | None
    tags: Sequence[str] | None
    metadata: Mapping[str, object] | None
    run_secrets: Sequence[RunSecret | RunSecretParam] | None
    mode: Literal["eval"] | None
    eval_suite_ref: str | None
    agent_id: str | None
    eval_modes: Sequence[str] | None
    baseline_run_id: str | None
    fixture_runs: Mapping[str, str] | None
    force_engine_version: int | None
