"""Reviewable learning: proposals that wait for somebody to apply them (v2.md section 23)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from openwop_testing._json import JsonObject, clone, digest
from openwop_testing.engine.run import Options, Owner, Run
from openwop_testing.problems import Problem, not_found

if TYPE_CHECKING:
    from openwop_testing.host import FakeHost

__all__ = ["Proposals"]

_OPEN = frozenset({"draft", "revised"})


class Proposals:
    """The proposals of one host.

    Args:
        host: The host.
    """

    def __init__(self, host: FakeHost) -> None:
        self._host = host
        self._known: dict[str, JsonObject] = {}
        self._owners: dict[str, Owner] = {}
        self.installed: dict[str, JsonObject] = {}

    def submit(
        self,
        kind: str,
        artifact: Mapping[str, Any],
        owner: Owner,
        *,
        source_runs: tuple[str, ...] = (),
        **members: Any,
    ) -> JsonObject:
        """Make a proposal, as a draft.

        Args:
            kind: What it proposes: `agent-pack`, `workflow-chain-pack`, `prompt-template` or
                `automation`.
            artifact: The thing itself.
            owner: Whose it is.
            source_runs: The runs that it was learned from.
            **members: `title` and `rationale`.
        """
        name = self._host.mint.new("prp")
        content: JsonObject = clone(dict(artifact))
        mark = _digest(content)
        same = [
            known["id"]
            for known in self._known.values()
            if known["artifactDigest"] == mark and self._owners[known["id"]] == owner
        ]
        proposal: JsonObject = {
            "id": name,
            "kind": kind,
            "state": "draft",
            "artifact": content,
            "provenance": {"sourceRunIds": [f"{owner.tenant}/{run}" for run in source_runs]},
            "owner": {"tenant": owner.tenant, "workspace": owner.workspace},
            "createdAt": self._host.clock.timestamp(),
            "artifactDigest": mark,
            **members,
        }
        if same:
            proposal["duplicateOf"] = same[0]
        self._known[name] = proposal
        self._owners[name] = owner
        return proposal

    def visible(self, owner: Owner) -> list[JsonObject]:
        """Return the proposals of a workspace, newest first."""
        return [
            proposal
            for name, proposal in reversed(self._known.items())
            if _same_place(self._owners[name], owner)
        ]

    def get(self, name: str, owner: Owner) -> JsonObject:
        """Return a proposal.

        Raises:
            Problem: 404: there is none that the caller may see.
        """
        proposal = self._known.get(name)
        if proposal is None or not _same_place(self._owners[name], owner):
            raise not_found("The proposal")
        return proposal

    def revise(self, proposal: JsonObject, changes: Mapping[str, Any]) -> None:
        """Change an open proposal; it is never activated by that.

        Raises:
            Problem: 409: it is closed.
        """
        self._require_open(proposal)
        proposal.update(clone(dict(changes)))
        proposal["artifactDigest"] = _digest(proposal["artifact"])
        self._move(proposal, "revised")

    def close(self, proposal: JsonObject, state: str) -> None:
        """Reject or archive an open proposal; nothing is uninstalled.

        Raises:
            Problem: 409: it is closed.
        """
        self._require_open(proposal)
        self._move(proposal, state)

    def apply(self, proposal: JsonObject, given: str | None, owner: Owner) -> Run | None:
        """Install what a proposal holds, or start the run that asks for leave.

        Returns:
            The run that waits for an approval; None where it was installed at once.

        Raises:
            Problem: 409: it is closed, has changed, or collides with what is installed.
        """
        self._require_open(proposal)
        if given is not None and given != proposal["artifactDigest"]:
            raise Problem(409, "proposal_stale", "The proposal has changed since it was read.")
        self._check_free(proposal)
        if self._host.capabilities.get("agents.proposals.activation") != "approval-gate":
            self._install(proposal)
            return None
        return self._ask(proposal, owner)

    def _ask(self, proposal: JsonObject, owner: Owner) -> Run:
        workflow: JsonObject = {
            "id": "openwop-proposal",
            "name": "Apply a proposal",
            "version": "1.0",
            "nodes": [
                {
                    "id": "approve",
                    "typeId": "core.approvalGate",
                    "name": "Approve",
                    "position": {"x": 0, "y": 0},
                    "config": {
                        "title": str(proposal.get("title", "Apply the proposal?")),
                        "artifactId": proposal["id"],
                        "artifactType": proposal["kind"],
                        "artifactData": clone(proposal["artifact"]),
                        "actions": ["accept", "reject"],
                    },
                    "inputs": {},
                }
            ],
            "edges": [],
            "triggers": [],
            "variables": [],
            "metadata": {},
            "settings": {},
        }
        run = self._host.engine.create(workflow, owner, Options(), major=2)
        run.listeners.append(self._on_end(run, proposal))
        return run

    def _on_end(self, run: Run, proposal: JsonObject) -> Callable[[Any], None]:
        def listen(event: Any) -> None:
            if event.type == "run.completed" and proposal["state"] in _OPEN:
                self._install(proposal, run.interrupts["approve"].interrupt_id)

        return listen

    def _check_free(self, proposal: JsonObject) -> None:
        installed = self.installed.get(_place(proposal))
        if installed is not None and installed["artifactDigest"] != proposal["artifactDigest"]:
            raise Problem(
                409, "proposal_install_conflict", "Something else is installed in that place."
            )

    def _install(self, proposal: JsonObject, approval: str | None = None) -> None:
        place = _place(proposal)
        self.installed[place] = proposal
        activation: JsonObject = {"installedArtifactRef": place}
        if approval is not None:
            activation["approvalId"] = approval
        proposal["activation"] = activation
        self._move(proposal, "applied")

    def _move(self, proposal: JsonObject, state: str) -> None:
        proposal["state"] = state
        proposal["updatedAt"] = self._host.clock.timestamp()

    @staticmethod
    def _require_open(proposal: JsonObject) -> None:
        if proposal["state"] not in _OPEN:
            raise Problem(409, "proposal_state_conflict", f"The proposal is {proposal['state']}.")


def _same_place(one: Owner, two: Owner) -> bool:
    return (one.tenant, one.workspace) == (two.tenant, two.workspace)


def _place(proposal: JsonObject) -> str:
    artifact = proposal["artifact"]
    name = artifact.get("id") or artifact.get("templateId") or artifact.get("name")
    return f"{proposal['kind']}:{name or proposal['id']}"


def _digest(artifact: JsonObject) -> str:
    return f"sha256:{digest(artifact)}"
