"""A release from its start to its end, or to the point where a human has to decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openwop import (
    AsyncClient,
    AsyncRunHandle,
    Client,
    InterruptAlreadyResolvedError,
    RunHandle,
    RunNeedsInputError,
    RunOutcomeError,
)
from release_bot.rules import Rules

__all__ = ["Outcome", "release", "release_async"]

WORKFLOW = "release"
_FROZEN = "Releases are frozen."


@dataclass(frozen=True)
class Outcome:
    """What became of a release.

    Attributes:
        run_id: Its run.
        state: `shipped`, `rejected`, `failed` or `waiting`.
        note: What there is to say about it.
    """

    run_id: str
    state: str
    note: str = ""


def release(client: Client, rules: Rules, service: str, version: str) -> Outcome:
    """Release a version of a service, as far as the rules let the bot decide.

    A second call while a release of the service is under way goes on with that one.
    """
    run = client.runs.start(WORKFLOW, **_wanted(service, version))
    if run.wait("either").status.startswith("waiting"):
        _decide(run, rules.verdict(service))
    try:
        return Outcome(run.id, "shipped", str(run.result().get("shipped", "")))
    except RunOutcomeError as error:
        return _unshipped(run.id, error)


async def release_async(client: AsyncClient, rules: Rules, service: str, version: str) -> Outcome:
    """Do what `release` does, on asyncio or trio."""
    run = await client.runs.start(WORKFLOW, **_wanted(service, version))
    if (await run.wait("either")).status.startswith("waiting"):
        await _decide_async(run, rules.verdict(service))
    try:
        return Outcome(run.id, "shipped", str((await run.result()).get("shipped", "")))
    except RunOutcomeError as error:
        return _unshipped(run.id, error)


def _wanted(service: str, version: str) -> dict[str, Any]:
    return {
        "inputs": {"service": service, "version": version},
        "scope_id": f"release-{service}",
        "dedup": "attach",
    }


def _decide(run: RunHandle, verdict: str) -> None:
    try:
        if verdict == "accept":
            run.approve()
        elif verdict == "reject":
            run.reject(feedback=_FROZEN)
    except InterruptAlreadyResolvedError:
        pass  # somebody was faster, and the run goes on as they said


async def _decide_async(run: AsyncRunHandle, verdict: str) -> None:
    try:
        if verdict == "accept":
            await run.approve()
        elif verdict == "reject":
            await run.reject(feedback=_FROZEN)
    except InterruptAlreadyResolvedError:
        pass


def _unshipped(run_id: str, error: RunOutcomeError) -> Outcome:
    if isinstance(error, RunNeedsInputError):
        return Outcome(run_id, "waiting", f"A human has to decide: {', '.join(error.node_ids)}")
    if error.code == "approval_rejected":
        return Outcome(run_id, "rejected", _FROZEN)
    return Outcome(run_id, "failed", str(error))
